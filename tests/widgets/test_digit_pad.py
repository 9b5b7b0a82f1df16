"""DigitPad in a page without a kernel, and as Jupyter runs it: by mouse, touch, pen and keyboard."""

import base64
import gzip
import itertools
import re

import numpy as np
import pytest
import traitlets
from canvas import greys
from scipy import spatial
from seeded_drawings import drawings

from mnist_tutorial import model as networks
from mnist_tutorial import reference
from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import DigitPad

PEN = 0.08
ALL = ["crop", "scale", "centre"]
RASTER = 112
ARC = np.linspace(0, 2 * np.pi, 30)
DIGITS = {
    1: [[[0.52, 0.2], [0.5, 0.8]]],
    0: [np.stack([0.5 + 0.18 * np.sin(ARC), 0.5 - 0.3 * np.cos(ARC)], axis=1).round(4).tolist()],
    7: [[[0.3, 0.22], [0.68, 0.2], [0.6, 0.4], [0.48, 0.82]]],
}
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def keras_model():
    return reference.load_reference_model()


@pytest.fixture
def page(open_page):
    return open_page(DigitPad(), has_touch=True)


@pytest.fixture(scope="module")
def handwriting(chromium):
    """Open a page with the functions of handwriting.js in `module`; numbers travel as they are."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    source = bundle.front_end(bundle.FOLDER / "frontend" / "handwriting.js")
    page.evaluate(
        "async (source) => { window.module = await import(URL.createObjectURL("
        "new Blob([source], { type: 'text/javascript' }))); }",
        source,
    )
    yield page
    context.close()


# A second way to the same picture: the nearest of many points on a line, and areas from a table of sums.


def nearest_points(strokes, pen, size=RASTER):
    points = []
    for stroke in strokes:
        points += [size * np.array(stroke[:1], dtype=float)]
        for start, end in itertools.pairwise(size * np.array(stroke, dtype=float)):
            points += [np.linspace(start, end, int(5 * np.abs(end - start).max()) + 2)]
    middles = np.stack(np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5), axis=-1)
    gaps, _ = spatial.KDTree(np.concatenate(points)).query(middles)
    return np.clip(pen * size / 2 + 0.5 - gaps, 0, 1)


def average(raster, scale, shift):
    sums = np.pad(raster.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    for axis in (0, 1):  # between two entries the sum grows evenly
        edges = np.clip((np.arange(29) - shift[axis]) / scale, 0, len(raster))
        below = np.minimum(edges.astype(int), len(raster) - 1)
        part = np.expand_dims(edges - below, 1 - axis)
        sums = sums.take(below, axis) * (1 - part) + sums.take(below + 1, axis) * part
    return 255 * scale**2 * np.diff(np.diff(sums, axis=0), axis=1)


def centred(raster, least=0):
    raster = np.array(raster, dtype=float)
    ink = np.argwhere(raster >= 1 / 8)
    low, high = ink.min(axis=0), ink.max(axis=0) + 1
    raster[: low[0]] = raster[high[0] :] = raster[:, : low[1]] = raster[:, high[1] :] = 0
    scale = 20 / max(*(high - low), least)
    mass = np.array([np.average(np.arange(len(raster)) + 0.5, weights=raster.sum(axis=axis)) for axis in (1, 0)])
    return average(raster, scale, np.clip(14.5 - mass * scale, -low * scale, 28 - high * scale))


def expected_picture(strokes, pen=PEN):
    return centred(nearest_points(strokes, pen), 3 * pen * RASTER)


# The picture.


def test_strokes_become_a_raster(handwriting):
    for strokes, pen in [*drawings(8), (DIGITS[7], 0.05)]:
        found = handwriting.evaluate(
            f"([strokes, pen]) => [...module.rasterise(strokes, pen, {RASTER}).values]", [strokes, pen]
        )
        found = np.reshape(found, (RASTER, RASTER))
        assert np.abs(found - 255 * nearest_points(strokes, pen)).max() < 5
        np.testing.assert_array_equal(found, rasterize.rasterise(strokes, pen))


def test_the_picture_is_what_a_second_way_finds():
    for strokes, pen in drawings(60):
        raster = rasterize.rasterise(strokes, pen)
        expected = centred(raster / 255, 3 * pen * RASTER)
        assert np.abs(rasterize.prepared(strokes, pen).image - expected).max() <= 1
        raw = rasterize.prepared(strokes, pen, skip=["crop", "scale", "centre"]).image
        assert np.abs(raw - raster.reshape(28, 4, 28, 4).mean(axis=(1, 3))).max() <= 1


def test_a_digit_fills_a_box_of_20_and_has_its_mass_in_the_middle(handwriting):
    for digit, strokes in DIGITS.items():
        for shift in (-0.15, 0, 0.15):
            moved = (np.array(strokes[0]) + shift).tolist()
            script = f"(strokes) => {{ const r = module.rasterise(strokes, {PEN}, {RASTER});" \
                " return [module.boundingBox(r), [...module.fit(r).image]]; }"  # fmt: skip
            box, picture = handwriting.evaluate(script, [moved])
            picture = np.reshape(picture, (28, 28)) / 255
            mass = [(picture.sum(axis=axis) @ np.arange(28)) / picture.sum() for axis in (1, 0)]
            assert mass == pytest.approx([14, 14], abs=0.05), digit
            assert 20 <= np.ptp(np.flatnonzero(picture.any(axis=1))) + 1 <= 22  # with a touch of grey on either side
            ys = np.array(moved)[:, 1] * RASTER
            assert box["top"] == pytest.approx(ys.min() - PEN / 2 * RASTER, abs=1)
            assert box["bottom"] == pytest.approx(min(RASTER, ys.max() + PEN / 2 * RASTER), abs=1)


def test_nothing_everything_and_a_dot_give_pictures(handwriting):
    def picture(strokes, pen=PEN, least=3 * PEN * RASTER):
        script = "([strokes, pen, least]) => [...module.fit(module.rasterise(strokes, pen, 112), [], least).image]"
        return np.reshape(handwriting.evaluate(script, [strokes, pen, least]), (28, 28))

    assert not picture([]).any()
    assert (
        handwriting.evaluate("() => module.boundingBox({ values: new Uint8Array(100), rows: 10, columns: 10 })") is None
    )
    everything = picture([[[0, y], [1, y]] for y in np.linspace(0, 1, 40).tolist()])
    assert everything.sum() == pytest.approx(400 * 255, rel=0.001)
    for place in ([0.5, 0.5], [0, 0], [1, 1], [0, 0.3]):
        dot = picture([[place]])
        rows, columns = np.flatnonzero(dot.any(axis=1)), np.flatnonzero(dot.any(axis=0))
        assert dot.max() == 255
        assert max(np.ptp(rows), np.ptp(columns)) < 10  # a dot, not a disc of 20 x 20
        assert abs(rows.mean() - 14) <= 1
    # Nine tenths of the ink at one end: the box would stick out of the picture, and is kept inside.
    heavy = picture([[[0.2, 0.05], [0.2, 0.9]], *[[[0.1, y], [0.3, y]] for y in (0.7, 0.75, 0.8, 0.85, 0.9)] * 3])
    assert heavy.any(axis=1)[:3].any()
    np.testing.assert_allclose(heavy[0].sum(), 0, atol=255)


# In Python.


def test_strokes_set_in_python_are_drawn_and_answered_at_once(keras_model):
    pad = DigitPad()
    assert pad.probabilities == []
    assert not pad.image.any()
    for digit, strokes in DIGITS.items():
        pad.strokes = strokes
        assert pad.image.shape == (28, 28)
        assert pad.image.dtype == np.uint8
        assert np.abs(pad.image - expected_picture(strokes)).max() <= 4  # the second way is a little coarse
        expected = keras_model.predict(process_images(pad.image[None]), verbose=0)[0]
        np.testing.assert_allclose(pad.probabilities, expected, atol=0.01)  # its weights are rounded for the page
        assert np.argmax(pad.probabilities) == digit
    pad.strokes = []
    assert pad.probabilities == []
    assert not pad.image.any()


def test_the_readers_own_network_answers_with_all_its_digits():
    import keras

    keras.utils.set_random_seed(2)
    own = networks.build_model(filters=3, kernel_size=(4, 3), units=9)
    pad = DigitPad(own, strokes=DIGITS[7], pen=0.1)
    expected = own.predict(process_images(pad.image[None]), verbose=0)[0]
    np.testing.assert_allclose(pad.probabilities, expected, atol=1e-5)
    pad.skip = ALL
    blocks = 255 * nearest_points(DIGITS[7], 0.1).reshape(28, 4, 28, 4).mean(axis=(1, 3))
    assert np.abs(pad.image - blocks).max() <= 4


def test_what_the_front_end_sends_is_handed_on():
    pad = DigitPad()
    heard = []
    pad.observe(lambda change: heard.append(change.name), ["pixels", "probabilities", "strokes"])
    picture = np.arange(784, dtype=np.uint8).reshape(28, 28)  # not what Python would make of the stroke
    answer = [0.1] * 10
    pad.set_state({"strokes": [[[0, 1]]], "pixels": memoryview(picture.tobytes()), "probabilities": answer})
    assert sorted(heard) == ["pixels", "probabilities", "strokes"]
    np.testing.assert_array_equal(pad.image, picture)
    assert pad.probabilities == answer
    pad.image[:] = 0  # a copy
    assert pad.image.any()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pen", 0.01), ("pen", 0.3), ("pen", float("nan")),
        ("strokes", [[0.5, 0.5]]), ("strokes", [[]]), ("strokes", [[[0.5, 1.1]]]), ("strokes", [[[0.5]]]),
        ("skip", ["grey"]), ("skip", ["center"]), ("skip", [3]),
        ("strokes", [[[float("nan"), 0]]]), ("strokes", ["draw"]), ("strokes", [None]), ("strokes", [[[-0.1, 0]]]),
    ],
)  # fmt: skip
def test_traits_refuse_what_does_not_fit(name, value):
    pad = DigitPad()
    with pytest.raises(traitlets.TraitError, match=f"{name} was given .*; it expects"):
        setattr(pad, name, value)


def test_the_outcome_cannot_be_set():
    pad = DigitPad()
    for name, value in (("pixels", bytes(784)), ("probabilities", [0.1] * 10)):
        with pytest.raises(traitlets.TraitError, match="read-only"):
            setattr(pad, name, value)


def test_strokes_may_be_arrays():
    pad = DigitPad(strokes=[np.array(DIGITS[7][0])])
    assert pad.strokes == DIGITS[7]


def test_networks_of_another_form_are_refused():
    import keras
    from keras import layers

    wrong = [
        "a model", 3, keras.Sequential(), keras.Sequential([layers.Dense(10)]),
        keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)]),
        keras.Sequential([keras.Input((30, 30, 1)), *networks.build_model(filters=2, units=4).layers[:4],
                          layers.Dense(4, activation="relu"), layers.Dense(10, activation="softmax")]),
    ]  # fmt: skip
    for model in wrong:
        with pytest.raises(ValueError, match="expects a Keras model such as build_model"):
            DigitPad(model)


def test_a_book_without_weights_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    with pytest.raises(reference.ReferenceNetworkError, match="make reference"):
        DigitPad()


def test_the_page_carries_no_weights_and_is_small():
    pad = DigitPad(strokes=DIGITS[0])
    assert "weights" not in pad.page_state()
    assert len(gzip.compress(pad.page_html().encode())) < 20_000
    script = bundle.FOLDER / "digit_pad" / "digit_pad.js"
    assert script.stat().st_size < 15_000


# In the page.


def path_on(page, points, index=0):
    """Return where points of the pad, 0 to 1, are on the screen."""
    box = page.locator(".dp-pad canvas").nth(index).bounding_box()
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def draw(page, points, index=0):
    screen = path_on(page, points, index)
    page.mouse.move(*screen[0])
    page.mouse.down()
    for point in screen[1:]:
        page.mouse.move(*point)
    page.mouse.up()
    settle(page)


def settle(page):
    page.wait_for_function("() => !document.querySelector('.dp-words').textContent.startsWith('Loading')")
    page.evaluate(NEXT_FRAME)


def picture(page, index=0):
    return greys(page.locator(".dp-seen canvas").nth(index))


def words(page):
    return page.locator(".dp-words").inner_text()


def shares(page, index=0):
    """Return the ten probabilities as the bars tell them, or None for dashes."""
    texts = page.locator(".bw-bars").nth(index).locator(".bw-share").all_inner_texts()
    assert len(texts) == 10
    if all(text == "–" for text in texts):
        return None
    return [float(re.sub(r"[^\d.]", "", text)) / 100 for text in texts]


def answer_in_python(strokes):
    """Return the probabilities that Python finds for strokes."""
    return DigitPad(strokes=strokes).probabilities


def test_drawing_by_mouse_shows_the_picture_and_the_answer(page, keras_model):
    assert shares(page) is None
    assert words(page) == "Nothing is drawn yet."
    assert page.get_by_text("Draw here").is_visible()
    assert page.evaluate("() => mnistTutorial.weights === undefined")  # they come with the first use
    draw(page, DIGITS[7][0])
    seen = picture(page)
    assert np.abs(seen - expected_picture(DIGITS[7])).max() <= 6  # the mouse stands on whole pixels of the screen
    expected = keras_model.predict(process_images(np.uint8(seen)[None]), verbose=0)[0]
    np.testing.assert_allclose(shares(page), expected, atol=0.012)
    assert re.fullmatch(r"It looks like a 7: the network gives it (more than )?[\d.]+%\.", words(page))
    assert page.locator(".bw-best").inner_text().startswith("7")
    assert not page.get_by_text("Draw here").is_visible()
    assert page.locator(".dp-cursor").is_hidden()  # it is the keyboard's
    live = page.locator(".bw-live")
    live.filter(has_text=re.compile(r"^The network says 7, (more than )?[\d.]+ percent\.$")).wait_for(state="attached")
    ink = greys(page.locator(".dp-pad canvas")) / 255
    assert np.abs(ink.reshape(40, 16, 40, 16).mean(axis=(1, 3)) - shrunk(DIGITS[7])).mean() < 0.01


def shrunk(strokes):
    raster = nearest_points(strokes, PEN, 160)
    return raster.reshape(40, 4, 40, 4).mean(axis=(1, 3))


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
        seen.append((picture(page).tobytes(), tuple(shares(page))))
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
    assert np.abs(picture(page) - expected_picture(DIGITS[7])).max() <= 6
    assert np.argmax(shares(page)) == 7
    assert page.evaluate("() => scrollX + scrollY") == 0


def dispatch(page, *events, index=0):
    """Send pointer events to the pad: (type, x, y, properties)."""
    page.evaluate(
        """([events, index]) => {
          const pad = document.querySelectorAll(".dp-pad")[index];
          const box = pad.querySelector("canvas").getBoundingClientRect();
          for (const [type, x, y, more] of events) {
            pad.dispatchEvent(new PointerEvent(type, {
              bubbles: true, pointerId: 7, pointerType: "pen", clientX: box.left + x * box.width,
              clientY: box.top + y * box.height, ...more }));
          }
        }""",
        [[[*event, {}][:4] for event in events], index],
    )
    settle(page)


def test_a_pen_draws_and_a_cancelled_pointer_leaves_what_was_drawn(page):
    dispatch(page, ("pointerdown", 0.5, 0.2), ("pointermove", 0.5, 0.8), ("pointercancel", 0.5, 0.8))
    after = picture(page)
    assert np.abs(after - expected_picture([[[0.5, 0.2], [0.5, 0.8]]])).max() <= 4
    dispatch(page, ("pointermove", 0.9, 0.9), ("pointerup", 0.9, 0.9))
    np.testing.assert_array_equal(picture(page), after)
    dispatch(page, ("pointerdown", 0.9, 0.9, {"button": 2}), ("pointermove", 0.1, 0.9))  # a right button draws nothing
    np.testing.assert_array_equal(picture(page), after)


def test_outside_the_pad_the_line_goes_along_the_edge(page):
    draw(page, [(0.5, 0.5), (1.4, 0.5), (1.4, -0.4), (0.5, -0.4)])
    expected = expected_picture([[[0.5, 0.5], [1, 0.5], [1, 0], [0.5, 0]]])
    assert np.abs(picture(page) - expected).max() <= 8
    assert sum(shares(page)) == pytest.approx(1, abs=0.01)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    settle(page)


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
    assert np.abs(picture(page) - expected_picture([stroke])).max() <= 4
    assert "looks like a 1" in words(page)
    live = page.locator(".bw-live")
    live.filter(has_text="Pen up, 55 percent across, 80 percent down. The network says 1,").wait_for(state="attached")
    press(page, "Enter")  # a dot beside it
    assert page.locator(".dp-down").count() == 1
    press(page, "Enter")
    assert page.locator(".dp-down").count() == 0
    assert np.abs(picture(page) - expected_picture([stroke, [[0.55, 0.8]]])).max() <= 4
    for key in ("Delete", "Backspace"):
        press(page, key)
        assert not picture(page).any()
        assert shares(page) is None
        press(page, "Space", "Space")
        assert picture(page).any()


def test_a_held_key_draws_while_it_is_held_and_two_arrows_go_diagonally(page):
    page.locator(".dp-pad").focus()
    page.keyboard.down("Space")
    page.keyboard.down("ArrowDown")
    page.keyboard.down("ArrowRight")  # with ArrowDown still held
    page.keyboard.up("ArrowRight")
    page.keyboard.up("ArrowDown")
    page.keyboard.up("Space")
    press(page, *["Shift+ArrowRight"] * 4)
    assert np.abs(picture(page) - expected_picture([[[0.5, 0.5], [0.5, 0.525], [0.525, 0.55]]])).max() <= 4


def test_the_keyboards_pen_stops_at_the_edge_and_is_lifted_on_leaving(page):
    page.locator(".dp-pad").focus()
    press(page, "Space", *["Shift+ArrowUp"] * 8)
    expected = expected_picture([[[0.5, 0.5 - 0.1 * i] for i in range(6)]])
    assert np.abs(picture(page) - expected).max() <= 4
    press(page, "Tab")
    assert page.get_by_role("button", name="Clear").evaluate("(button) => button === document.activeElement")
    assert page.locator(".dp-down").count() == 0


@pytest.mark.parametrize("use", ["click", "tap", "press"])
def test_undo_clear_and_the_switch(page, use):
    def operate(control, key="Enter"):
        control.press(key) if use == "press" else getattr(control, use)()
        settle(page)

    undo = page.get_by_role("button", name="Undo last stroke")
    switches = [page.get_by_label(label) for label in ("Crop to the ink", "Scale to 20 × 20", "Centre by weight")]
    first, second = [[0.3, 0.2], [0.3, 0.5]], [[0.2, 0.7], [0.8, 0.8]]
    draw(page, first)
    draw(page, second)
    assert np.abs(picture(page) - expected_picture([first, second])).max() <= 6
    operate(undo)
    one = picture(page)
    assert np.abs(one - expected_picture([first])).max() <= 6
    for switch in switches:
        operate(switch, "Space")
    raw = 255 * nearest_points([first], PEN).reshape(28, 4, 28, 4).mean(axis=(1, 3))
    assert np.abs(picture(page) - raw).max() <= 12
    assert not any(switch.is_checked() for switch in switches)
    for switch in switches:
        operate(switch, "Space")
    np.testing.assert_array_equal(picture(page), one)
    operate(page.get_by_role("button", name="Clear"))
    operate(undo)  # of nothing
    assert not picture(page).any()
    assert shares(page) is None


def test_the_pens_width_is_set_by_keyboard_mouse_and_touch(page):
    slider = page.get_by_role("slider", name="Pen width")
    draw(page, DIGITS[1][0])
    for _ in range(4):
        slider.press("ArrowRight")
    settle(page)
    assert slider.get_attribute("aria-valuetext") == "12 percent of the pad"
    assert np.abs(picture(page) - expected_picture(DIGITS[1], 0.12)).max() <= 6
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
    settle(page)
    assert np.abs(picture(page) - expected_picture(DIGITS[1], 0.2)).max() <= 6
    slider.tap(position={"x": 2, "y": box["height"] / 2})
    settle(page)
    assert np.abs(picture(page) - expected_picture(DIGITS[1], 0.02)).max() <= 12


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
        page.get_by_role("button", name="Clear").click()
        dispatch(page, *events)
        assert picture(page).any(), name
        assert np.isfinite(shares(page)).all(), name
        assert sum(shares(page)) == pytest.approx(1, abs=0.02), name
        assert re.match(r"It looks like|Unsure: \d", words(page)), name
        assert "NaN" not in page.locator("main").inner_text()
    assert picture(page).sum() == pytest.approx(255 * 400, rel=0.01)


def test_loading_is_shown_and_announced(page):
    held = []
    page.route("**/weights.js", lambda route: held.append(route))
    page.reload()
    screen = path_on(page, [(0.5, 0.2), (0.5, 0.8)])
    page.mouse.move(*screen[0])
    page.mouse.down()
    page.mouse.move(*screen[1])
    page.mouse.up()
    page.locator(".dp-words").filter(has_text="Loading the network …").wait_for()
    page.locator(".bw-live").filter(has_text="Loading the network").wait_for(state="attached")
    assert shares(page) is None
    assert picture(page).any()  # the picture does not wait
    held[0].continue_()
    page.locator(".dp-words").filter(has_text="looks like a 1").wait_for()
    assert len(held) == 1


def test_a_network_that_cannot_be_loaded_is_told_and_tried_again(page):
    page.route("**/weights.js", lambda route: route.abort())
    page.reload()
    draw(page, DIGITS[1][0])
    page.locator(".dp-words").filter(has_text="There is no answer, only the image.").wait_for()
    assert "could not be loaded" in words(page)
    assert shares(page) is None
    assert picture(page).any()
    assert all("Failed to load resource" in text for text in page.trouble)
    page.trouble.clear()
    page.unroute("**/weights.js")
    draw(page, [(0.5, 0.3), (0.5, 0.7)])
    page.locator(".dp-words").filter(has_text="looks like a 1").wait_for()


def test_a_drawing_made_in_python_stands_in_the_page_before_the_network_does(open_page):
    pad = DigitPad(strokes=DIGITS[0], pen=0.1)
    page = open_page(pad)
    np.testing.assert_array_equal(picture(page), pad.image)
    np.testing.assert_allclose(shares(page), pad.probabilities, atol=0.0011)
    assert page.evaluate("() => mnistTutorial.weights === undefined")
    page.locator(".dp-pad").focus()
    page.wait_for_function("() => mnistTutorial.weights !== undefined")
    settle(page)
    np.testing.assert_allclose(shares(page), pad.probabilities, atol=0.0011)


def test_two_on_a_page_do_not_disturb_each_other(open_page):
    page = open_page(DigitPad(), DigitPad(), viewport={"width": 1280, "height": 1600})
    draw(page, DIGITS[1][0])
    assert shares(page, 1) is None
    assert not picture(page, 1).any()
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


# As Jupyter runs it.


def test_in_jupyter_the_readers_own_network_answers(open_live):
    import keras

    keras.utils.set_random_seed(3)
    own = networks.build_model(filters=4, kernel_size=3, units=8)
    page = open_live(DigitPad(own))
    draw(page, DIGITS[7][0])
    strokes, text, found = page.evaluate(
        "() => [fake.state.strokes, btoa(String.fromCharCode(...new Uint8Array(fake.state.pixels.buffer))),"
        " fake.state.probabilities]"
    )
    image = np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(image, picture(page))
    expected = own.predict(process_images(image[None]), verbose=0)[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    same = DigitPad(own, strokes=strokes)  # what Python makes of the same strokes
    assert np.abs(same.image - image.astype(int)).max() <= 1
    np.testing.assert_allclose(same.probabilities, found, atol=1e-3)


def test_the_front_end_follows_every_trait(open_live):
    pad = DigitPad()
    page = open_live(pad)

    def set_(name, value):
        page.evaluate("([name, value]) => fake.model.set(name, value)", [name, value])
        settle(page)

    set_("strokes", DIGITS[7])
    page.locator(".dp-words").filter(has_text="looks like a 7").wait_for()
    pad.strokes = DIGITS[7]
    np.testing.assert_array_equal(picture(page), pad.image)
    set_("pen", 0.15)
    pad.pen = 0.15
    assert np.abs(picture(page) - pad.image.astype(int)).max() <= 1
    assert page.get_by_role("slider").input_value() == "0.15"
    set_("skip", ALL)
    pad.skip = ALL
    assert np.abs(picture(page) - pad.image.astype(int)).max() <= 1
    assert not any(box.is_checked() for box in page.get_by_role("checkbox").all())
    other = page_weights(networks.build_model(filters=2, units=4))
    set_("weights", other)
    pad.weights = other
    page.wait_for_function(
        "(expected) => expected.every((share, i) => Math.abs(fake.model.get('probabilities')[i] - share) < 1e-3)",
        arg=pad.probabilities,
    )
    for probabilities, sentence in (
        ([0.05] * 8 + [0.4, 0.2], "Unsure: 8 (40.0%) or 9 (20.0%)."),
        ([0.7, 0.04] + [0.0325] * 8, "Unsure: 0 (70.0%) or 1 (4.0%)."),
        ([0.3, 0.0, 0.0, 0.3, 0.0, 0.25, 0.15, 0.0, 0.0, 0.0], "Unsure: 0 (30.0%) or 3 (30.0%) or 5 (25.0%)."),
        ([0.0] * 8 + [0.76, 0.24], "It looks like an 8: the network gives it 76.0%."),
        ([0.0] * 5 + [0.9999, 0.0001, 0.0, 0.0, 0.0], "It looks like a 5: the network gives it more than 99.9%."),
    ):
        set_("probabilities", probabilities)
        assert words(page) == sentence
    set_("strokes", [])
    assert shares(page) is None


def test_a_drawing_cleared_from_outside_goes_on_with_a_new_stroke(open_live):
    page = open_live(DigitPad())
    screen = path_on(page, [(0.2, 0.2), (0.5, 0.5), (0.5, 0.8)])
    page.mouse.move(*screen[0])
    page.mouse.down()
    page.mouse.move(*screen[1])
    page.evaluate("() => fake.model.set('strokes', [])")
    page.mouse.move(*screen[2])
    page.mouse.up()
    settle(page)
    (stroke,) = page.evaluate("() => fake.model.get('strokes')")
    np.testing.assert_allclose(stroke, [[0.5, 0.5], [0.5, 0.8]], atol=0.005)


def test_a_network_whose_weights_are_no_numbers_is_told(open_live):
    own = networks.build_model(filters=2, units=4)
    own.layers[-1].bias.assign(np.full(10, np.nan))
    pad = DigitPad(own, strokes=DIGITS[1])
    assert pad.probabilities == []
    page = open_live(pad)
    page.locator(".dp-pad").focus()
    page.locator(".dp-words").filter(has_text="its weights are broken").wait_for()
    assert shares(page) is None


def test_showing_hiding_and_showing_again_leaves_nothing_behind(open_live):
    page = open_live(DigitPad())
    before = page.evaluate("[fake.listening(), fake.outside()]")
    assert before[0] > 0
    for _ in range(3):
        page.evaluate("() => { fake.hide(); return fake.show(); }")
    assert page.evaluate("[fake.listening(), fake.outside()]") == before
    draw(page, DIGITS[1][0])
    assert "looks like a 1" in words(page)
    page.evaluate("() => { fake.hide(); fake.saved = 0; fake.model.set('strokes', []); }")
    page.evaluate(NEXT_FRAME)
    assert page.evaluate("[fake.listening(), fake.saved]") == [0, 0]


def test_one_pad_shown_twice_stays_one(open_live):
    page = open_live(DigitPad())
    page.evaluate("() => { fake.show(); }")
    draw(page, DIGITS[0][0])
    page.locator(".dp-words").nth(1).filter(has_text="looks like a 0").wait_for()
    np.testing.assert_array_equal(picture(page, 0), picture(page, 1))
