"""DigitPad in a page without a kernel: drawing by mouse, touch, pen and keyboard, and what it answers."""

import re

import numpy as np
import pytest
from canvas import greys
from digit_pad_page import (
    DIGITS,
    PEN,
    dispatch,
    draw,
    expected_image,
    image_shown,
    nearest_points,
    open_more,
    path_on,
    press,
    settle,
    shares,
    words,
)

from mnist_tutorial import reference
from mnist_tutorial.processing import process_images
from mnist_tutorial.widgets.digit_pad import DigitPad
from site_checks.book_in_browser import violations


@pytest.fixture(scope="module")
def keras_model():
    return reference.load_reference_model()


@pytest.fixture
def page(open_page):
    return open_page(DigitPad(), has_touch=True)


def answer_in_python(strokes):
    """Return the probabilities that Python finds for strokes."""
    return DigitPad(strokes=strokes).probabilities


def test_drawing_by_mouse_shows_the_image_and_the_answer(page, keras_model):
    assert shares(page) is None
    assert words(page) == "Nothing is drawn yet."
    assert page.get_by_text("Draw here").is_visible()
    draw(page, DIGITS[7][0])
    seen = image_shown(page)
    assert np.abs(seen - expected_image(DIGITS[7])).max() <= 6  # the mouse stands on whole pixels of the screen
    expected = keras_model.predict(process_images(np.uint8(seen)[None]), verbose=0)[0]
    np.testing.assert_allclose(shares(page), expected, atol=0.012)
    assert re.fullmatch(r"It looks like a 7: the network gives it (more than )?[\d.]+%\.", words(page))
    assert page.locator(".bw-bars .bw-best").inner_text().startswith("7")
    assert page.locator(".dp-digit").inner_text() == "7"
    ranked = np.argsort(-expected)[:3]
    assert [text.split()[0] for text in page.locator(".dp-best li").all_inner_texts()] == [str(one) for one in ranked]
    assert not page.get_by_text("Draw here").is_visible()
    assert page.locator(".dp-cursor").is_hidden()  # it is the keyboard's
    live = page.locator(".bw-live[role=status]")
    live.filter(has_text=re.compile(r"^The network says 7, (more than )?[\d.]+ percent\.$")).wait_for(state="attached")
    ink = greys(page.locator(".dp-pad canvas")) / 255
    width = page.locator(".dp-pad canvas").bounding_box()["width"]
    assert ink.shape == (round(width), round(width))  # one of its pixels for each of the screen
    assert np.abs(ink - nearest_points(DIGITS[7], PEN, len(ink))).mean() < 0.01


@pytest.mark.parametrize("digit", DIGITS)
def test_ones_zeros_and_sevens_are_known(page, digit):
    draw(page, DIGITS[digit][0])
    found = shares(page)
    assert np.argmax(found) == digit
    assert found[digit] > 0.8
    np.testing.assert_allclose(found, answer_in_python(DIGITS[digit]), atol=0.05)


def test_the_bars_follow_every_point(page):
    screen = path_on(page, DIGITS[7][0])
    page.mouse.move(*screen[0])
    page.mouse.down()
    seen = []
    for point in screen[1:]:
        page.mouse.move(*point)
        settle(page)
        seen.append((image_shown(page).tobytes(), tuple(shares(page))))
    assert len(set(seen)) == len(screen) - 1
    page.mouse.up()


def test_a_finger_draws_and_a_second_one_does_nothing(page):
    devtools = page.context.new_cdp_session(page)

    def touch(kind, *points):
        touched = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})

    screen = path_on(page, DIGITS[7][0])
    (other,) = path_on(page, [(0.1, 0.9)])
    touch("touchStart", screen[0])
    for point in screen[1:-1]:
        touch("touchMove", point)
    touch("touchStart", screen[-2], other)
    touch("touchMove", screen[-1], (other[0] + 40, other[1] - 60))
    touch("touchEnd", screen[-1])
    touch("touchEnd")
    settle(page)
    assert np.abs(image_shown(page) - expected_image(DIGITS[7])).max() <= 6
    assert np.argmax(shares(page)) == 7
    assert page.evaluate("() => scrollX + scrollY") == 0


def test_a_pen_draws_and_a_cancelled_pointer_leaves_what_was_drawn(page):
    dispatch(page, ("pointerdown", 0.5, 0.2), ("pointermove", 0.5, 0.8), ("pointercancel", 0.5, 0.8))
    after = image_shown(page)
    assert np.abs(after - expected_image([[[0.5, 0.2], [0.5, 0.8]]])).max() <= 4
    dispatch(page, ("pointermove", 0.9, 0.9), ("pointerup", 0.9, 0.9))
    np.testing.assert_array_equal(image_shown(page), after)
    dispatch(page, ("pointerdown", 0.9, 0.9, {"button": 2}), ("pointermove", 0.1, 0.9))  # a right button draws nothing
    np.testing.assert_array_equal(image_shown(page), after)


def test_outside_the_pad_the_line_goes_along_the_edge(page):
    draw(page, [(0.5, 0.5), (1.4, 0.5), (1.4, -0.4), (0.5, -0.4)])
    expected = expected_image([[[0.5, 0.5], [1, 0.5], [1, 0], [0.5, 0]]])
    assert np.abs(image_shown(page) - expected).max() <= 8
    assert sum(shares(page)) == pytest.approx(1, abs=0.01)


def test_a_digit_is_drawn_with_the_keyboard(page):
    page.keyboard.press("Tab")
    pad = page.get_by_role("application", name="pad to draw a digit on")
    assert pad.evaluate("(pad) => pad === document.activeElement")
    hint = page.evaluate(
        "() => document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    )
    assert "Space puts the pen down" in hint
    assert page.locator(".dp-cursor").evaluate("(cursor) => getComputedStyle(cursor).visibility") == "visible"
    press(page, *["Shift+ArrowUp"] * 3, "ArrowLeft")
    assert words(page) == "Nothing is drawn yet."  # the pen is up
    press(page, "Space", *["Shift+ArrowDown"] * 6, "ArrowRight", "Escape", "ArrowRight", "ArrowRight")
    stroke = [[0.475, 0.2 + 0.1 * i] for i in range(7)] + [[0.5, 0.8]]
    assert np.abs(image_shown(page) - expected_image([stroke])).max() <= 4
    assert "looks like a 1" in words(page)
    live = page.locator(".bw-live[role=status]")
    live.filter(has_text="Pen up, 55 percent across, 80 percent down. The network says 1,").wait_for(state="attached")
    press(page, "Enter")  # a dot beside it
    assert page.locator(".dp-down").count() == 1
    press(page, "Enter")
    assert page.locator(".dp-down").count() == 0
    assert np.abs(image_shown(page) - expected_image([stroke, [[0.55, 0.8]]])).max() <= 4
    for key in ("Delete", "Backspace"):
        press(page, key)
        assert not image_shown(page).any()
        assert shares(page) is None
        press(page, "Space", "Space")
        assert image_shown(page).any()


def test_a_held_key_draws_while_it_is_held_and_two_arrows_go_diagonally(page):
    page.locator(".dp-pad").focus()
    page.keyboard.down("Space")
    page.keyboard.down("ArrowDown")
    page.keyboard.down("ArrowRight")  # with ArrowDown still held
    page.keyboard.up("ArrowRight")
    page.keyboard.up("ArrowDown")
    page.keyboard.up("Space")
    press(page, *["Shift+ArrowRight"] * 4)
    assert np.abs(image_shown(page) - expected_image([[[0.5, 0.5], [0.5, 0.525], [0.525, 0.55]]])).max() <= 4


def test_the_keyboards_pen_stops_at_the_edge_and_is_lifted_on_leaving(page):
    page.locator(".dp-pad").focus()
    press(page, "Space", *["Shift+ArrowUp"] * 8)
    expected = expected_image([[[0.5, 0.5 - 0.1 * i] for i in range(6)]])
    assert np.abs(image_shown(page) - expected).max() <= 4
    press(page, "Tab")
    assert page.get_by_role("button", name="Clear").evaluate("(button) => button === document.activeElement")
    assert page.locator(".dp-down").count() == 0


@pytest.mark.parametrize("use", ["click", "tap", "press"])
def test_undo_redo_clear_and_the_switch(page, use):
    def operate(control, key="Enter"):
        control.press(key) if use == "press" else getattr(control, use)()
        settle(page)

    undo, redo, clear = (page.get_by_role("button", name=name) for name in ("Undo", "Redo", "Clear"))
    assert undo.is_disabled()
    assert clear.is_disabled()
    assert redo.is_disabled()
    open_more(page)
    switches = [page.get_by_label(label) for label in ("Crop to the ink", "Scale to 20 × 20", "Centre by weight")]
    first, second = [[0.3, 0.2], [0.3, 0.5]], [[0.2, 0.7], [0.8, 0.8]]
    draw(page, first)
    draw(page, second)
    both = image_shown(page)
    assert np.abs(both - expected_image([first, second])).max() <= 6
    operate(undo)
    one = image_shown(page)
    assert np.abs(one - expected_image([first])).max() <= 6
    for switch in switches:
        operate(switch, "Space")
    raw = 255 * nearest_points([first], PEN).reshape(28, 4, 28, 4).mean(axis=(1, 3))
    assert np.abs(image_shown(page) - raw).max() <= 12
    assert not any(switch.is_checked() for switch in switches)
    for switch in switches:
        operate(switch, "Space")
    np.testing.assert_array_equal(image_shown(page), one)
    operate(redo)
    np.testing.assert_array_equal(image_shown(page), both)
    assert redo.is_disabled()
    operate(clear)
    assert not image_shown(page).any()
    assert clear.is_disabled()
    assert shares(page) is None
    operate(undo)  # of Clear
    np.testing.assert_array_equal(image_shown(page), both)
    assert shares(page) is not None
    operate(undo)
    operate(undo)
    assert not image_shown(page).any()
    assert shares(page) is None
    assert undo.is_disabled()
    if use == "press":
        assert page.locator(".dp-pad").evaluate("(pad) => pad === document.activeElement")
    operate(redo)
    draw(page, second)  # another way on
    assert redo.is_disabled()


def test_undo_and_redo_by_their_keys(page):
    draw(page, DIGITS[7][0])
    drawn = image_shown(page)
    press(page, "Delete")
    press(page, "Control+z")
    np.testing.assert_array_equal(image_shown(page), drawn)
    press(page, "Control+z")
    assert not image_shown(page).any()
    press(page, "Control+Shift+z")
    np.testing.assert_array_equal(image_shown(page), drawn)
    press(page, "Control+y")
    assert not image_shown(page).any()


@pytest.mark.parametrize("use", ["click", "tap", "press"])
def test_each_example_is_a_digit_that_is_read(page, use):
    for digit in range(10):
        button = page.get_by_role("button", name=f"example: {digit}")
        button.press("Enter") if use == "press" else getattr(button, use)()
        settle(page)
        assert words(page).startswith(f"It looks like a{'n' if digit == 8 else ''} {digit}: ")
        assert page.locator(".dp-digit").inner_text() == str(digit)
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert "looks like an 8" in words(page)


def test_dots_crosses_and_letters_are_not_surely_digits(page):
    drawings = {
        "a dot": [[(0.5, 0.5), (0.51, 0.5)]],
        "a cross": [[(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]],
        "a plus": [[(0.5, 0.2), (0.5, 0.8)], [(0.2, 0.5), (0.8, 0.5)]],
        "an H": [[(0.25, 0.2), (0.25, 0.8)], [(0.75, 0.2), (0.75, 0.8)], [(0.25, 0.5), (0.75, 0.5)]],
    }
    for name, strokes in drawings.items():
        page.locator(".dp-pad").press("Delete")
        for stroke in strokes:
            draw(page, stroke)
        assert re.fullmatch(r"Not sure that this is a digit\. If it is one: an? \d \(.*%\)\.", words(page)), name
        assert page.locator(".dp-digit").inner_text().endswith("?")
    heard = re.compile(r"^The network is not sure that this is a digit\. If it is one: \d, .* percent\.$")
    page.locator(".bw-live").filter(has_text=heard).wait_for(state="attached")


def test_the_network_comes_when_the_browser_is_idle_and_says_nothing(page):
    page.wait_for_function("() => mnistTutorial.weights !== undefined")
    settle(page)
    assert words(page) == "Nothing is drawn yet."
    assert page.locator(".bw-live[role=status]").inner_text() == ""


def test_it_does_not_come_unasked_where_the_reader_saves_data(page):
    page.clock.install()
    page.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    page.reload()
    page.clock.run_for(20_000)
    assert page.evaluate("() => mnistTutorial.weights === undefined")
    draw(page, DIGITS[1][0])
    page.clock.run_for(100)
    page.locator(".dp-words").filter(has_text="looks like a 1").wait_for()


def test_a_ghost_digit_writes_itself_and_stops_at_a_touch(open_page):
    page = open_page(DigitPad())
    page.locator(".dp-writing .dp-ghost").wait_for()
    opacity = "(one) => getComputedStyle(one).opacity"
    assert page.locator(".dp-words").evaluate(opacity) == "0"  # it says that nothing is drawn
    assert not image_shown(page).any()
    assert not greys(page.locator(".dp-pad canvas")).any()
    assert shares(page) is None
    assert page.locator(".bw-live[role=status]").inner_text() == ""
    (place,) = path_on(page, [(0.5, 0.5)])
    page.mouse.move(*place)
    page.mouse.down()
    assert not page.locator(".dp-ghost").is_visible()
    assert page.locator(".dp-words").evaluate(opacity) == "1"
    page.mouse.up()
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert not page.locator(".dp-ghost").is_visible()  # once


# Each animation stands still from its start on, until a test lets it go on.
HOLD = "addEventListener('animationstart', ({target}) => target.getAnimations().forEach((one) => one.pause()), true)"


def test_the_network_reads_the_ghost_along_as_an_example(open_page):
    page = open_page(DigitPad())
    page.add_init_script(HOLD)
    page.reload()
    page.locator(".dp-example:visible", has_text="An example: the network reads along.").wait_for()
    page.locator(".dp-ghost path").evaluate("(path) => path.getAnimations()[0].finish()")
    page.locator(".dp-digit", has_text="3").wait_for()
    glance = page.locator(".dp-glance")
    assert glance.locator(".bw-best").inner_text().startswith("3")
    assert glance.get_attribute("aria-hidden") == "true"
    assert page.locator(".bw-live[role=status]").inner_text() == ""
    assert shares(page) is None  # the bars of all ten digits show the pad's own state
    page.locator(".dp-pad").focus()
    assert page.locator(".dp-writing").count() == 0
    assert not page.locator(".dp-example").is_visible()
    assert glance.get_attribute("aria-hidden") is None
    assert page.locator(".dp-digit").inner_text().strip() == ""
    assert glance.locator(".bw-share").all_inner_texts() == ["–"] * 3


def test_the_ghost_ends_by_itself(open_page):
    page = open_page(DigitPad())
    page.locator(".dp-writing .dp-ghost").wait_for()
    page.evaluate("() => document.getAnimations().forEach((one) => one.finish())")
    page.locator(".dp-writing").wait_for(state="detached")


def test_no_ghost_where_less_motion_is_wanted_nor_on_a_drawing(open_page):
    page = open_page(DigitPad(), reduced_motion="reduce")
    settle(page)
    assert not page.locator(".dp-ghost").is_visible()
    assert page.evaluate("() => document.getAnimations().length") == 0
    page = open_page(DigitPad(strokes=DIGITS[7]))
    settle(page)
    assert page.locator(".dp-writing").count() == 0


@pytest.mark.parametrize(("width", "height"), [(390, 600), (1280, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sentence_pad_and_answer_are_on_one_screen(open_page, width, height, scheme):
    size = {"width": width, "height": height}
    page = open_page(DigitPad(), viewport=size, color_scheme=scheme, is_mobile=width < 600, has_touch=width < 600)
    page.get_by_role("button", name="example: 8").click()
    settle(page)
    box = page.locator(".bw").bounding_box()
    assert box["height"] <= (600 if width == 390 else 480)
    pad, answer = (page.locator(one).bounding_box() for one in (".dp-pad", ".dp-glance"))
    assert pad["width"] >= 200
    if width == 1280:
        assert answer["x"] >= pad["x"] + pad["width"]
        assert pad["y"] <= answer["y"] <= pad["y"] + pad["height"] - answer["height"]
    assert violations(page, part="[data-book-widget]") == []
    open_more(page)
    assert violations(page, part="[data-book-widget]") == []


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_moves_by_the_length_of_an_answer(open_page, width):
    page = open_page(DigitPad(), viewport={"width": width, "height": 800})
    heights = set()
    for stroke in (None, DIGITS[7][0], [(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]):
        if stroke:
            draw(page, stroke)
        heights.add(round(page.locator(".bw").bounding_box()["height"]))
    assert len(heights) == 1


@pytest.mark.parametrize("method", ["mouse", "keyboard", "touch"])
def test_more_is_opened_and_closed(page, method):
    more = page.get_by_role("button", name="More: photo, pen, steps, all digits")
    part = page.locator(f"#{more.get_attribute('aria-controls')}")
    for expanded in ("true", "false"):
        {"mouse": more.click, "touch": more.tap, "keyboard": lambda: more.press("Enter")}[method]()
        assert more.get_attribute("aria-expanded") == expanded
        assert part.is_visible() == (expanded == "true")
    assert not page.get_by_role("slider").is_visible()


def test_the_pens_width_is_set_by_keyboard_mouse_and_touch(page):
    open_more(page)
    slider = page.get_by_role("slider", name="Pen width")
    draw(page, DIGITS[1][0])
    for _ in range(4):
        slider.press("ArrowRight")
    settle(page)
    assert slider.get_attribute("aria-valuetext") == "12 percent of the pad"
    assert np.abs(image_shown(page) - expected_image(DIGITS[1], 0.12)).max() <= 6
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
    settle(page)
    assert np.abs(image_shown(page) - expected_image(DIGITS[1], 0.2)).max() <= 6
    slider.tap(position={"x": 2, "y": box["height"] / 2})
    settle(page)
    assert np.abs(image_shown(page) - expected_image(DIGITS[1], 0.02)).max() <= 12


def test_odd_drawings_are_answered_without_nan(page):
    whole = [("pointerdown", 0, 0)]
    for i in range(1, 80):
        whole += [("pointermove", i % 2, i / 80), ("pointermove", i % 2, (i + 1) / 80)]
    odd = {
        "a dot": [("pointerdown", 0.5, 0.5), ("pointerup", 0.5, 0.5)],
        "a dot in the corner": [("pointerdown", 0, 0), ("pointerup", 0, 0)],
        "far outside": [("pointerdown", 30, -20), ("pointermove", -1e6, 1e6), ("pointerup", 0, 0)],
        "in two points": [("pointerdown", 0.1, 0.9), ("pointermove", 0.9, 0.1), ("pointerup", 0.9, 0.1)],
        "everything": [*whole, ("pointerup", 1, 1)],
    }
    for name, events in odd.items():
        page.locator(".dp-pad").press("Delete")
        dispatch(page, *events)
        assert image_shown(page).any(), name
        assert np.isfinite(shares(page)).all(), name
        assert sum(shares(page)) == pytest.approx(1, abs=0.02), name
        assert re.match(r"It looks like|Unsure: \d|Not sure that this is a digit", words(page)), name
        assert "NaN" not in page.locator("main").inner_text()
    assert image_shown(page).sum() == pytest.approx(255 * 400, rel=0.01)


def test_loading_is_shown_and_announced_and_a_copy_answers_until_the_network_is_there(page):
    held = {}
    page.route(re.compile("weights.js"), lambda route: held.update({route.request.url.rpartition("/")[2]: route}))
    page.reload()
    screen = path_on(page, [(0.5, 0.2), (0.5, 0.8)])
    page.mouse.move(*screen[0])
    page.mouse.down()
    page.mouse.move(*screen[1])
    page.mouse.up()
    page.locator(".dp-words").filter(has_text="Loading the network …").wait_for()
    page.locator(".bw-live").filter(has_text="Loading the network").wait_for(state="attached")
    assert shares(page) is None
    assert image_shown(page).any()  # the image does not wait
    assert list(held) == ["first_weights.js"]  # the whole network does not take its place on the line
    held["first_weights.js"].continue_()
    page.locator(".dp-words").filter(has_text="First answer: 1 (").wait_for()
    page.locator(".bw-live").filter(has_text="First answer, while the whole").wait_for(state="attached")
    assert shares(page)[1] > 0.75
    held["weights.js"].continue_()
    page.locator(".dp-words").filter(has_text="looks like a 1").wait_for()
    assert sorted(held) == ["first_weights.js", "weights.js"]


def test_a_pad_further_down_a_page_fetches_nothing_before_it_is_used(open_file):
    asked = []
    pad = DigitPad().page_html()
    page = open_file(
        '<script defer src="host.js"></script><script defer src="digit_pad.js"></script>',
        f'<div style="height: 3000px"></div>{pad}',
    )
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.reload()
    page.locator(".dp").wait_for()
    page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    assert not [name for name in asked if "weights" in name]
    page.get_by_role("button", name="example: 1").click()
    page.locator(".dp-words").filter(has_text="looks like a 1").wait_for()
    assert [name for name in asked if "weights" in name] == ["weights.js"]


def test_a_network_that_cannot_be_loaded_is_told_and_tried_again(page):
    page.route("**/weights.js", lambda route: route.abort())
    page.reload()
    draw(page, DIGITS[1][0])
    page.locator(".dp-words").filter(has_text="There is no answer, only the image.").wait_for()
    assert "could not be loaded" in words(page)
    assert shares(page) is None
    assert image_shown(page).any()
    assert all("Failed to load resource" in text for text in page.trouble)
    page.trouble.clear()
    page.unroute("**/weights.js")
    draw(page, [(0.5, 0.3), (0.5, 0.7)])
    page.locator(".dp-words").filter(has_text="looks like a 1").wait_for()


def test_a_drawing_made_in_python_stands_in_the_page_before_the_network_does(open_page):
    pad = DigitPad(strokes=DIGITS[0], pen=0.1)
    page = open_page(pad)
    np.testing.assert_array_equal(image_shown(page), pad.image)
    np.testing.assert_allclose(shares(page), pad.probabilities, atol=0.0011)
    page.locator(".dp-pad").focus()
    page.wait_for_function("() => mnistTutorial.weights !== undefined")
    settle(page)
    np.testing.assert_allclose(shares(page), pad.probabilities, atol=0.0011)


def test_two_on_a_page_do_not_disturb_each_other(open_page):
    page = open_page(DigitPad(), DigitPad(), viewport={"width": 1280, "height": 1600})
    draw(page, DIGITS[1][0])
    assert shares(page, 1) is None
    assert not image_shown(page, 1).any()
    draw(page, DIGITS[0][0], index=1)
    assert np.argmax(shares(page)) == 1
    assert np.argmax(shares(page, 1)) == 0


def test_without_javascript_a_figure_stands_there(open_page):
    page = open_page(DigitPad(), java_script_enabled=False)
    label = page.get_by_role("img").get_attribute("aria-label")
    assert "a digit drawn with a pen" in label
    found = dict(re.findall(r"(\d): ([\d.]+)%", label))
    assert max(found, key=lambda digit: float(found[digit])) == "3"
    assert sum(map(float, found.values())) == pytest.approx(100, abs=0.5)


def test_it_fits_a_narrow_screen(open_page):
    page = open_page(DigitPad(), viewport={"width": 320, "height": 700})
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320
