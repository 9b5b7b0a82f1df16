"""TrainingScrubber in a page without a kernel, and with a model: by mouse, touch and keyboard."""

import gzip
import re

import numpy as np
import pytest
import traitlets
from canvas import all_pixels, check_signed
from matplotlib.colors import to_rgba
from wording import a_digit

from mnist_tutorial.plots import BLUE, RED
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.training_scrubber import TrainingScrubber

STEPS = [0, 1, 2, 5, 10, 30, 100, 270, 540, 1000, 2700]
DIGITS, FILTERS, EPOCH = 10, 6, 270
PAUSE = 450  # milliseconds for which Play shows a step
GAP = 0.45  # powers of ten between step 0 and step 1 on the axis


@pytest.fixture(scope="module")
def record():
    """Return a record of a training that never was: seeded, and like no real one, so that a mix-up shows."""
    rng = np.random.default_rng(3)
    powers = np.exp(rng.normal(0, 3, (len(STEPS), DIGITS, 10)))
    probabilities = powers / powers.sum(axis=2, keepdims=True)
    return {
        "steps": STEPS,
        "epoch_steps": EPOCH,
        "val_loss": (2.3 * rng.random(len(STEPS)) + 0.02).tolist(),
        "val_accuracy": rng.random(len(STEPS)).tolist(),
        "filters": rng.normal(0, 0.1, (len(STEPS), FILTERS, 5, 5)).astype("float32"),
        "positions": rng.integers(0, 10_000, DIGITS).tolist(),
        "labels": [0, 1, 2, 3, 4, 5, 6, 7, 8, 3],
        "probabilities": probabilities,
        "answers": probabilities.argmax(axis=2),
    }


@pytest.fixture(scope="module")
def images(digits, record):
    found = [digits[0][digits[1] == label][position] for position, label in enumerate(record["labels"])]
    return np.array(found)


@pytest.fixture
def page(open_page, record, images):
    return open_page(TrainingScrubber(record, images), has_touch=True)


def slider(page):
    return page.get_by_role("slider", name="Step")


def reads(page, text):
    page.locator(".ts-reading", has_text=text).wait_for()


def stop_clock(page):
    """Let time go by in the page only by page.clock.run_for: a machine that is busy is not too late for a step."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def percent(share):
    share = round(255 * share) / 255
    return "<1%" if share < 0.005 else ">99%" if share > 0.995 else f"{100 * share:.0f}%"


def moment(at):
    return f"Step {STEPS[at]:,}, in epoch {-(-STEPS[at] // EPOCH)}" if at else "Step 0, before the training"


def reading(record, at):
    right = (record["answers"][at] == record["labels"]).sum()
    return (
        f"{moment(at)}: loss {record['val_loss'][at]:.4f}, accuracy {100 * record['val_accuracy'][at]:.2f}%; "
        f"{right} of these {DIGITS} digits right."
    )


def sign(record, at, digit):
    answer = record["answers"][at, digit]
    return f"{'✓' if answer == record['labels'][digit] else '✗'} {answer}"


# All that the widget shows, but for its filters.
SHOWN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const texts = (selector) => all(selector).filter((one) => one.checkVisibility()).map((one) => one.innerText);
  const places = (selector, name) => all(selector).map((one) => Number(one.getAttribute(name)));
  return {
    reading: texts(".ts-reading"), pinned: texts(".ts-pinned-reading"),
    answers: texts(".ts-answer"), others: texts(".ts-other").filter(Boolean), bars: texts(".bw-bars .bw-share"),
    names: all(".ts-card input").map((radio) => radio.ariaLabel),
    widths: all(".ts-card .bw-fill").map((fill) => parseFloat(fill.style.width)),
    dot: places(".ts-dot", "cx"), lines: places(".ts-at", "x1"), points: places(".ts-point", "cx"),
    chosen: all(".ts-row").findIndex((row) => row.matches(".ts-row-chosen") && row.textContent.startsWith("▸")),
  };
}"""


def check(page, record, at, index=0, pinned=None):
    """Compare everything that is shown with the record."""
    shares, answers, labels = record["probabilities"][at], record["answers"][at], np.array(record["labels"])
    shown = page.evaluate(SHOWN)
    assert shown["reading"] == [reading(record, at)]
    hint = "◆ Pin a moment to compare it with any other."
    assert shown["pinned"] == [hint if pinned is None else f"◆ Pinned: {reading(record, pinned)}"]
    assert page.get_by_role("button", name="Unpin").first.is_disabled() is (pinned is None)
    assert slider(page).get_attribute("aria-valuetext") == f"step {STEPS[at]} of 2700"
    assert shown["answers"] == [sign(record, at, digit) for digit in range(DIGITS)]
    others = [] if pinned is None else [f"◆ {sign(record, pinned, digit)}" for digit in range(DIGITS)]
    assert shown["others"] == others
    for digit, name in enumerate(shown["names"]):
        verdict = "right" if answers[digit] == labels[digit] else "wrong"
        share = percent(shares[digit, labels[digit]])
        assert name.startswith(
            f"{a_digit(labels[digit])}: the network says {answers[digit]}, which is {verdict}; {share} for"
        )
        assert (". Pinned, step " in name) is (pinned is not None)
    assert shown["widths"] == pytest.approx(100 * shares[range(DIGITS), labels], abs=0.2)
    assert [text.removesuffix(" ◀") for text in shown["bars"]] == [percent(share) for share in shares[index]]
    assert shown["bars"][answers[index]].endswith("◀")
    assert shown["chosen"] == index
    check_filters(page.locator(".ts-filters").first, record, at)
    assert shown["dot"] == [pytest.approx(shown["points"][at])]
    assert shown["lines"] == [pytest.approx(shown["points"][at])] * 2


def check_filters(gallery, record, at):
    """Compare the filters that are drawn with those of a step."""
    drawn = np.array(all_pixels(gallery.locator("canvas"))).reshape(FILTERS, 25, 4)
    most = np.abs(record["filters"]).max()
    in_bytes = np.round(record["filters"][at].reshape(FILTERS, 25) / most * 127)
    check_signed(drawn, in_bytes, most=127)


def centre_of(page, at, drawing=0):
    """Return where a step is on the screen, in the middle of a drawing."""
    page.locator(".ts-drawing").nth(drawing).scroll_into_view_if_needed()
    box = page.locator(".ts-drawing").nth(drawing).bounding_box()
    left = float(page.locator(".ts-point").nth(at).get_attribute("cx")) / 360
    return box["x"] + left * box["width"], box["y"] + box["height"] / 2


def test_it_begins_before_the_training_and_follows_the_slider(page, record):
    check(page, record, 0)
    assert page.get_by_role("button", name="one checkpoint back").is_disabled()
    for key, at in (("ArrowRight", 1), ("ArrowUp", 2), ("PageUp", 7), ("ArrowLeft", 6), ("PageDown", 1), ("End", 10)):
        slider(page).press(key)
        check(page, record, at)
    assert page.get_by_role("button", name="one checkpoint on").is_disabled()
    box = slider(page).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    check(page, record, 5)  # the middle of the axis lies between 10 and 100
    page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    check(page, record, 0)
    page.get_by_role("button", name="one checkpoint on").click()
    check(page, record, 1)
    page.get_by_role("button", name="one checkpoint back").tap()
    check(page, record, 0)


def test_the_slider_stands_below_the_line_of_its_step(page):
    """At its ends as in the middle, up to two pixels: thumbs differ between browsers."""
    for key in ("Home", "End"):
        slider(page).press(key)
        line, box = page.locator(".ts-loss .ts-at").bounding_box(), slider(page).bounding_box()
        middle = box["x"] + 8 if key == "Home" else box["x"] + box["width"] - 8
        assert abs(line["x"] + line["width"] / 2 - middle) < 2.5


@pytest.mark.parametrize("drawing", [0, 1])
def test_a_drawing_is_pressed_and_dragged_along(page, record, drawing):
    page.mouse.click(*centre_of(page, 7, drawing))
    check(page, record, 7)
    page.mouse.move(*centre_of(page, 3, drawing))
    page.mouse.down()
    check(page, record, 3)
    page.mouse.move(*centre_of(page, 6, drawing))
    check(page, record, 6)
    page.mouse.move(5, 5)  # the drag goes on beyond the drawing
    check(page, record, 0)
    page.mouse.up()
    page.mouse.move(*centre_of(page, 6, drawing))
    check(page, record, 0)
    page.touchscreen.tap(*centre_of(page, 10, drawing))
    check(page, record, 10)


def test_a_finger_scrubs_sideways_and_scrolls_up_and_down(open_page, record):
    page = open_page(TrainingScrubber(record), has_touch=True, is_mobile=True, viewport={"width": 390, "height": 500})
    devtools = page.context.new_cdp_session(page)

    def swipe(*points):
        for kind, point in zip(("touchStart", *["touchMove"] * (len(points) - 1)), points, strict=True):
            touched = [{"x": point[0], "y": point[1]}]
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    x, y = centre_of(page, 2)
    end = centre_of(page, 8)[0]
    swipe((x, y), (x + 20, y), (x + 60, y + 4), (end, y))
    reads(page, "Step 540,")
    assert page.evaluate("scrollY") == 0
    swipe((x, y), (x, y - 20), (x, y - 40), (x, y - 60))
    page.wait_for_function("scrollY > 0")
    reads(page, "Step 540,")


@pytest.mark.parametrize("lowest", [0.01, 0])
def test_the_loss_is_drawn_to_scale(open_page, record, images, lowest):
    """Over the logarithm of the step, and on a logarithmic axis itself where it has a logarithm."""
    record = record | {"val_loss": [2.3, *record["val_loss"][2:], lowest]}
    page = open_page(TrainingScrubber(record, images))
    losses = np.log(record["val_loss"]) if lowest else record["val_loss"]
    logarithms = [np.log10(step) if step else -GAP for step in STEPS]
    for name, values, direction in (("cy", losses, -1), ("cx", logarithms, 1)):
        drawn = page.locator(".ts-point").evaluate_all(f"(all) => all.map((one) => Number(one.getAttribute('{name}')))")
        slope, start = np.polyfit(values, drawn, 1)
        assert slope * direction > 0
        np.testing.assert_allclose(np.polyval([slope, start], values), drawn, atol=0.01)
    ticks = page.locator(".ts-loss .ts-left").all_text_contents()
    named = np.array([float(text) for text in ticks if re.fullmatch(r"[\d.]+", text)])
    assert named[0] <= lowest
    assert named[-1] >= 2.3
    if lowest:
        assert named.tolist() == [0.01, 0.03, 0.1, 0.3, 1, 3]
    else:
        assert np.ptp(np.diff(named)) < 1e-9
    steps = page.locator(".ts-loss .ts-tick:not(.ts-left)").all_text_contents()
    assert steps == ["0", "1", "3", "10", "30", "100", "300", "2,700"]  # 1,000 would touch the last
    assert {"1 epoch", "10 epochs", "step"} <= set(ticks)


def test_a_bar_is_drawn_where_a_digit_is_right(page, record):
    bars = page.locator(".ts-right").evaluate_all(
        "(paths) => paths.map((path) => [...path.getAttribute('d').matchAll(/M([\\d.]+) [\\d.]+H([\\d.]+)/g)]"
        ".map(([, left, right]) => [Number(left), Number(right)]))"
    )
    points = page.evaluate(SHOWN)["points"]
    for digit, found in enumerate(bars):
        covered = [any(left - 0.1 <= x <= right + 0.1 for left, right in found) for x in points]
        assert covered == (record["answers"][:, digit] == record["labels"][digit]).tolist()
    assert page.get_by_role("img", name=re.compile("^Where each digit is right: 0 ")).count() == 1


def test_digits_are_chosen_by_mouse_touch_and_arrow_keys(page, record):
    slider(page).press("ArrowRight")
    page.locator(".ts-card").nth(4).click()
    check(page, record, 1, index=4)
    page.locator(".ts-card").nth(9).tap()
    check(page, record, 1, index=9)
    page.keyboard.press("ArrowLeft")
    check(page, record, 1, index=8)
    assert page.locator(".ts-chosen").inner_text().startswith("This 8 is ")
    assert page.get_by_text(f"The chosen digit is X_test[{record['positions'][8]}].").is_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # from the last to the first
    check(page, record, 1, index=0)


def test_it_says_from_which_step_on_a_digit_stays_right(open_page, record):
    answers = record["answers"].copy()
    answers[:, 2] = [2, 9, 2, 2, 9, 9, 2, 2, 2, 2, 2]
    answers[:, 5] = [5] * 10 + [6]
    page = open_page(TrainingScrubber(record | {"answers": answers}, index=2))
    assert page.locator(".ts-chosen").inner_text() == "This 2 is read correctly from step 100 on."
    page.locator(".ts-card").nth(5).click()
    assert page.locator(".ts-chosen").inner_text() == "This 5 is misread at the end."


def test_the_digits_are_those_given(page, images):
    drawn = np.array(all_pixels(page.locator(".ts-card canvas")))
    np.testing.assert_array_equal(drawn[..., 0], images)


def test_play_steps_to_the_end_and_begins_anew(open_page, record):
    page = open_page(TrainingScrubber(record, step=1000), reduced_motion="reduce")
    stop_clock(page)
    page.clock.run_for(3 * PAUSE)
    reads(page, "Step 1,000,")  # nothing moves unasked
    page.get_by_role("button", name="Play").press("Enter")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.clock.run_for(PAUSE)
    check(page, record, 10)
    page.get_by_role("button", name="Play").click()  # it has stopped by itself
    assert "before the training" in page.locator(".ts-reading").inner_text()
    page.clock.run_for(PAUSE)
    check(page, record, 1)
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(3 * PAUSE)
    check(page, record, 1)
    page.get_by_role("button", name="Play").click()
    slider(page).press("End")  # who moves it takes it over
    assert page.get_by_role("button", name="Play").is_visible()
    page.clock.run_for(3 * PAUSE)
    check(page, record, 10)


def test_a_pinned_moment_stands_beside_the_one_that_is_shown(page, record):
    assert page.locator(".ts-filters:visible").count() == 1
    slider(page).press("ArrowRight")
    page.get_by_role("button", name="Pin this moment").click()
    slider(page).press("End")
    check(page, record, 10, pinned=1)
    first, second = page.locator(".ts-filters:visible").all()
    check_filters(second, record, 1)
    assert first.bounding_box()["x"] == second.bounding_box()["x"]
    points = page.evaluate(SHOWN)["points"]
    for line in page.locator(".ts-pinned-at").all():
        assert float(line.get_attribute("x1")) == pytest.approx(points[1])
        assert line.get_attribute("visibility") == "visible"
    name = page.get_by_role("img", name=re.compile("^Loss on validation data")).get_attribute("aria-label")
    assert f"Pinned: {moment(1)}, {record['val_loss'][1]:.4f}." in name
    page.get_by_role("button", name="Pin this moment").tap()
    check(page, record, 10, pinned=10)
    page.get_by_role("button", name="Unpin").press("Enter")
    check(page, record, 10)
    assert page.locator(".ts-filters:visible").count() == 1
    assert page.evaluate("document.activeElement.ariaLabel") == "Pin this moment"


def test_a_link_leads_to_the_step_the_pinned_one_and_the_digit(open_page, record, images):
    page = open_page(TrainingScrubber(record, images))
    page.evaluate("location.hash = 'training_scrubber=step:100,pinned:2,index:3'")
    reads(page, "Step 100,")
    check(page, record, 6, index=3, pinned=2)
    page.evaluate("location.hash = 'training_scrubber=step:99,index:10'")
    said = page.locator(".bw-link p", has_text="“step:99” is not used: step takes one of the steps 0, 1, 2, 5,")
    said.filter(has_text="index takes a whole number from 0 to 9").wait_for()
    check(page, record, 0)


def test_play_by_touch(page):
    stop_clock(page)
    page.get_by_role("button", name="Play").tap()
    page.clock.run_for(PAUSE)
    reads(page, "Step 1,")
    page.get_by_role("button", name="Pause").tap()
    assert page.get_by_role("button", name="Play").is_visible()


def test_changes_are_announced_once_they_rest(page):
    status = page.locator(".bw-live")
    assert status.inner_text() == ""
    for _ in range(3):
        slider(page).press("ArrowRight")
    page.wait_for_function("document.querySelector('.bw-live').textContent.startsWith('Step 5, in epoch 1:')")
    page.locator(".ts-card").nth(2).click()
    page.wait_for_function("document.querySelector('.bw-live').textContent.startsWith('This 2 is ')")


def test_without_images_labels_stand_for_the_digits(open_page, record):
    page = open_page(TrainingScrubber(record, step=5))
    assert page.locator(".ts-card canvas").count() == 0
    assert page.locator(".ts-image").all_inner_texts() == [str(label) for label in record["labels"]]
    assert page.get_by_text("built without MNIST's images").is_visible()
    check(page, record, 3)


def test_an_answer_is_not_lost_by_rounding(open_page, record):
    """Two probabilities that are the same in 8 bits: the larger one is still the answer, and has the sign."""
    probabilities, answers = record["probabilities"].copy(), record["answers"].copy()
    probabilities[0, 0], answers[0, 0] = [0.499, 0.501, *[0] * 8], 1
    page = open_page(TrainingScrubber(record | {"probabilities": probabilities, "answers": answers}))
    check(page, record | {"probabilities": probabilities, "answers": answers}, 0)
    assert page.evaluate(SHOWN)["bars"][:2] == ["50%", "50% ◀"]


def test_two_on_a_page_do_not_disturb_each_other(open_page, record):
    page = open_page(TrainingScrubber(record), TrainingScrubber(record, step=10, index=2))
    slider(page).first.press("ArrowRight")
    page.locator(".ts-card").nth(5).click()
    assert page.locator(".ts-reading").all_inner_texts() == [reading(record, 1), reading(record, 4)]
    assert [text[:6] for text in page.locator(".ts-chosen").all_inner_texts()] == ["This 5", "This 2"]
    assert page.locator(".ts-card :checked").count() == 2


@pytest.mark.parametrize("width", [390, 1280])
def test_it_keeps_its_height_whatever_is_shown(open_page, record, images, width):
    page = open_page(TrainingScrubber(record, images), viewport={"width": width, "height": 800})
    height = "document.querySelector('.ts').getBoundingClientRect().height"
    heights = {page.evaluate(height)}
    for _ in STEPS:
        slider(page).press("ArrowRight")
        heights.add(page.evaluate(height))
    page.get_by_role("button", name="Pin this moment").click()
    for digit in range(DIGITS):
        slider(page).press("ArrowLeft")
        page.locator(".ts-card").nth(digit).click()
        heights.add(page.evaluate(height))
    page.get_by_role("button", name="Unpin").click()
    heights.add(page.evaluate(height))
    assert max(heights) - min(heights) < 1, heights


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_narrow_page_nothing_is_cut_off_and_targets_are_large(open_page, record, images, width):
    page = open_page(TrainingScrubber(record, images, pinned=5), viewport={"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for element in page.locator(".ts button, .ts input").all():
        box = element.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    inside = "(one) => one.scrollWidth <= one.clientWidth + 1"
    assert all(card.evaluate(inside) for card in page.locator(".ts-card").all())


def test_without_javascript_a_figure_and_a_table_are_shown(open_page, record):
    page = open_page(TrainingScrubber(record), java_script_enabled=False)
    text = page.get_by_role("img").first.get_attribute("aria-label")
    some = (0, 4, 5, 6, 8, 10)  # of 300, which is not recorded, the next one
    for at in some:
        loss, accuracy = record["val_loss"][at], record["val_accuracy"][at]
        right = (record["answers"][at] == record["labels"]).sum()
        said = f"step {STEPS[at]:,}: loss {loss:.4f}, accuracy {100 * accuracy:.2f}%, {right} of these 10 digits right"
        assert said in text
    assert page.locator("thead th").all_inner_texts() == ["digit", *(f"step {STEPS[at]:,}" for at in some)]
    cells = page.locator("tbody tr").nth(9).locator("td").all_inner_texts()
    assert cells == [f"{sign(record, at, 9)}, {percent(record['probabilities'][at, 9, 3])}" for at in some]


def test_zero_is_the_page_itself_light_or_dark(open_page, record):
    filters = np.zeros((len(STEPS), 1, 5, 5))
    filters[:, 0, 0, 1:3] = [1, -1]
    page = open_page(TrainingScrubber(record | {"filters": filters}))
    canvas = page.locator(".ts-filters canvas").first
    (drawn,) = all_pixels(canvas)
    assert drawn[0, 0, 3] == 0
    assert canvas.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgba(0, 0, 0, 0)"
    for place, colour in ((1, RED), (2, BLUE)):  # as in the figures of the book
        assert drawn[0, place].tolist() == [round(255 * level) for level in to_rgba(colour)]


class TestLive:
    def test_traits_that_python_sets_are_shown(self, open_live, record, images):
        page = open_live(TrainingScrubber(record, images))
        page.evaluate("fake.model.set('step', 100)")
        check(page, record, 6)
        page.evaluate("fake.model.set('index', 7)")
        check(page, record, 6, index=7)
        page.evaluate("fake.model.set('pinned', 0)")
        check(page, record, 6, index=7, pinned=0)

    def test_what_the_reader_does_is_sent_to_python(self, open_live, record):
        page = open_live(TrainingScrubber(record))
        slider(page).press("End")
        slider(page).press("End")  # there already
        page.get_by_role("button", name="Pin this moment").click()
        page.locator(".ts-card").nth(9).click()
        sent = "[...['step', 'pinned', 'index'].map((name) => fake.model.get(name)), fake.saved]"
        assert page.evaluate(sent) == [2700, 2700, 9, 3]

    def test_clean_up_leaves_no_listener_and_stops_playing(self, open_live, record):
        page = open_live(TrainingScrubber(record))
        first = page.evaluate("fake.listening()")
        stop_clock(page)
        page.get_by_role("button", name="Play").click()
        page.evaluate("fake.hide()")
        page.clock.run_for(3 * PAUSE)
        assert page.evaluate("[fake.listening(), fake.outside(), fake.model.get('step')]") == [0, 0, 0]
        page.evaluate("fake.show()")
        assert page.evaluate("fake.listening()") == first > 0


def test_traits_refuse_what_is_not_recorded(record):
    widget = TrainingScrubber(record, step=np.int64(2), pinned=100, index=1)
    assert (widget.step, type(widget.step)) == (2, int)
    for name, value in (("step", 3), ("step", -1), ("step", True), ("step", None), ("pinned", 1.5), ("pinned", 4)):
        kind = "step that is recorded" if type(value) is int else "whole number"
        with pytest.raises(traitlets.TraitError, match=rf"{name} was given {value!r}; it expects a {kind}"):
            setattr(widget, name, value)
    for value in (DIGITS, -1):
        with pytest.raises(traitlets.TraitError, match=f"index was given {value}; it expects a whole number from 0 to"):
            widget.index = value
    assert (widget.step, widget.pinned, widget.index) == (2, 100, 1)
    widget.pinned = None
    with pytest.raises(traitlets.TraitError, match="step was given 11"):
        TrainingScrubber(record, step=11)
    with pytest.raises(traitlets.TraitError, match="read-only"):
        widget.loss = []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"val_loss": [1.0]}, r"val_loss of shape \(1,\).*expects \(11,\)"),
        ({"val_accuracy": [float("nan")] * 11}, "val_accuracy of shape .* finite numbers"),
        ({"filters": np.zeros((11, 5, 5))}, r"filters of shape \(11, 5, 5\)"),
        ({"filters": np.zeros((3, 6, 5, 5))}, r"filters of shape \(3, 6, 5, 5\)"),
        ({"probabilities": np.zeros((11, 3, 10))}, r"probabilities of shape \(11, 3, 10\)"),
        (
            {"probabilities": np.full((11, 10, 10), 1.5)},
            r"probabilities from 1.5 to 1.5; it expects numbers from 0 to 1",
        ),
        ({"answers": np.zeros((11, 3))}, r"answers of shape \(11, 3\)"),
        ({"answers": np.full((11, 10), 0.5)}, "answers from 0.5 to 0.5; it expects whole numbers from 0 to 9"),
        ({"labels": [10] * 10}, "labels from 0 to 9"),
        ({"positions": [1]}, "10 labels and 1 positions"),
        ({"steps": [1, 2]}, r"the steps \[1, 2\]; it expects whole numbers, rising from 0"),
        ({"steps": [0, 5, 2]}, r"the steps \[0, 5, 2\]"),
        ({"epoch_steps": 0}, "epoch_steps was given 0"),
    ],
)
def test_a_record_of_another_form_is_refused(record, changed, message):
    with pytest.raises(ValueError, match=message):
        TrainingScrubber(record | changed)


def test_a_record_with_gaps_and_other_images_are_refused(record, images):
    with pytest.raises(ValueError, match="without positions, filters"):
        TrainingScrubber({key: record[key] for key in record if key not in ("filters", "positions")})
    with pytest.raises(ValueError, match="without steps"):
        TrainingScrubber([])
    with pytest.raises(ValueError, match="for each of the 3 images"):
        TrainingScrubber(record, images[:3])
    with pytest.raises(ValueError, match="uint8"):
        TrainingScrubber(record, images / 255)


def test_it_is_light(record, images):
    assert len(gzip.compress(TrainingScrubber(record, images).page_html().encode())) < 60_000
    for path in (bundle.FOLDER / "training_scrubber").glob("*.js"):
        assert path.stat().st_size < 15_000
