"""NetworkView's pad: what is drawn by mouse, touch and keyboard is what the network sees, once for each frame."""

import math

import numpy as np
import pytest
from canvas import greys
from digit_pad_page import NEXT_FRAME
from network_view_page import image_of, make, numbers, page, runs, sums, title
from small_network import images, layers, network, widget_files

from mnist_tutorial.handwriting.rasterize import prepared
from mnist_tutorial.reference.forward_pass import layers_of
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.network_view import NetworkView

__all__ = ["images", "layers", "make", "network", "page", "widget_files"]  # fixtures

SEVEN = [[0.3, 0.22], [0.68, 0.2], [0.6, 0.4], [0.48, 0.82]]
# Counts forward passes (each puts 784 numbers into the engine's memory) and drawings (each begins with setTransform).
COUNT = """() => {
  window.counts = { passes: 0, drawings: 0 };
  const arrays = Object.getPrototypeOf(Float32Array.prototype);
  const { set } = arrays;
  arrays.set = function (from, at) {
    if (from.length === 784 && this instanceof Float32Array) counts.passes += 1;
    return set.call(this, from, at);
  };
  const { setTransform } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.setTransform = function (...values) {
    if (this.canvas.className === "nv-canvas") counts.drawings += 1;
    return setTransform.apply(this, values);
  };
}"""
# Sends pointer events to the pad, `each` of them before each frame; returns how many frames there were.
STROKE = """async ([points, each]) => {
  const pad = document.querySelector(".dp-pad");
  const box = pad.querySelector("canvas").getBoundingClientRect();
  const send = (type, [x, y]) => pad.dispatchEvent(new PointerEvent(type, {
    bubbles: true, pointerId: 7, pointerType: "touch",
    clientX: box.left + x * box.width, clientY: box.top + y * box.height,
  }));
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  let frames = 0;
  for (let i = 0; i < points.length; i += each) {
    points.slice(i, i + each).forEach((point, j) => send(i + j ? "pointermove" : "pointerdown", point));
    await frame();
    frames += 1;
  }
  send("pointerup", points[points.length - 1]);
  await frame();
  return frames;
}"""


def by_mouse(page):
    box = page.locator(".dp-pad canvas").bounding_box()
    screen = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in SEVEN]
    page.mouse.move(*screen[0])
    page.mouse.down()
    for point in screen[1:]:
        page.mouse.move(*point)
    page.mouse.up()


def by_touch(page):
    page.evaluate(STROKE, [SEVEN, 1])


def by_keyboard(page):
    page.locator(".dp-pad").focus()
    for key in (
        "Shift+ArrowUp",
        "Shift+ArrowLeft",
        "Space",
        *["Shift+ArrowRight"] * 3,
        "ArrowDown",
        *["Shift+ArrowDown"] * 3,
    ):
        page.keyboard.press(key)
    page.keyboard.press("Space")


def check_image_and_answer(page, strokes, network):
    expected = prepared(strokes, 0.08).image
    assert np.abs(greys(page.locator(".nv-image")) - expected).max() <= 1
    values = layers_of(page_weights(network), expected)
    shares = values["probabilities"]
    answer = page.locator(".nv-answer").inner_text()
    assert f"says {shares.argmax()}, with a probability of {100 * shares.max():.1f}%" in answer
    assert "It is a" not in answer  # nobody knows
    shown = [numbers(text)[1] for text in page.locator(".nv-output label").all_inner_texts()]
    np.testing.assert_allclose(shown, 100 * shares, atol=0.15)
    return values


@pytest.mark.parametrize("draw", [by_mouse, by_touch, by_keyboard])
def test_what_is_drawn_is_what_the_network_sees(open_live, make, network, draw):
    page = open_live(make(), has_touch=True)
    runs(page)
    draw(page)
    page.evaluate(NEXT_FRAME)
    strokes = page.evaluate("fake.state.strokes")
    assert len(strokes) == 1
    assert len(strokes[0]) >= 4
    values = check_image_and_answer(page, strokes, network)
    pen = "Pen up, 70 percent across" if draw is by_keyboard else ""
    said = page.locator(".bw-live", has_text=f"The network says {values['probabilities'].argmax()}")
    said.filter(has_text=pen).wait_for(state="attached")
    assert page.locator(".bw-images :checked").count() == 0
    saved = page.evaluate("fake.saved")
    assert saved > 0
    image_of(page, "hidden").press("Enter")  # where it is strongest
    assert title(page) == f"Hidden unit {values['hidden'].argmax()}"
    assert sums(page)[0][-1] == pytest.approx(values["hidden"].max(), abs=2e-3)


def test_a_drawing_can_be_taken_back_cleared_and_replaced_by_a_digit(page, layers, network):
    undo, redo, clear = (page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo", "Clear"))
    assert not any(one.is_enabled() for one in (undo, redo, clear))
    digit = page.locator(".nv-answer").inner_text()
    by_mouse(page)
    page.evaluate(NEXT_FRAME)
    drawn = page.locator(".nv-answer").inner_text()
    assert "It is a" not in drawn
    clear.click()
    page.evaluate(NEXT_FRAME)
    assert page.locator(".nv-answer").inner_text() == digit
    assert page.get_by_role("radio", name="digit 1,").is_checked()
    undo.click()
    page.evaluate(NEXT_FRAME)
    assert page.locator(".nv-answer").inner_text() == drawn
    page.get_by_role("radio", name="digit 1,").click()
    page.evaluate(NEXT_FRAME)
    assert page.locator(".nv-answer").inner_text() == digit
    page.keyboard.press("Control+z")
    page.evaluate(NEXT_FRAME)
    assert page.locator(".nv-answer").inner_text() == drawn
    page.keyboard.press("Control+Shift+z")
    page.evaluate(NEXT_FRAME)
    assert page.locator(".nv-answer").inner_text() == digit


def test_each_frame_of_a_stroke_has_one_forward_pass_and_one_drawing_and_rest_has_none(page):
    page.evaluate(COUNT)
    points = [[0.5 + 0.2 * math.sin(t / 10), 0.5 - 0.3 * math.cos(t / 10)] for t in range(63)]
    frames = page.evaluate(STROKE, [points, 3])
    assert frames == 21
    assert page.evaluate("counts") == {"passes": 21, "drawings": 21}
    page.evaluate("async () => { for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame) }")
    assert page.evaluate("counts") == {"passes": 21, "drawings": 21}
    page.get_by_role("radio", name="4:").hover()  # other connections, the same numbers
    page.evaluate(NEXT_FRAME)
    assert page.evaluate("counts.passes") == 21
    assert page.evaluate("counts.drawings") > 21


def test_off_the_screen_it_follows_a_drawing_some_times_a_second_and_at_once_in_sight(open_live, make, network):
    page = open_live(make())
    runs(page)
    page.evaluate(COUNT)
    page.evaluate("() => { document.body.style.paddingTop = '300vh' }")
    page.evaluate(NEXT_FRAME)  # the browser tells in it what is in sight
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    for last in range(1, 5):
        page.evaluate("(points) => fake.model.set('strokes', [points])", SEVEN[:last])
        page.clock.run_for(50)
    assert page.evaluate("counts") == {"passes": 0, "drawings": 0}
    page.clock.run_for(60)
    assert page.evaluate("counts") == {"passes": 1, "drawings": 1}
    check_image_and_answer(page, [SEVEN], network)
    page.evaluate("(points) => fake.model.set('strokes', [points])", SEVEN[1:])
    page.locator(".nv-image").scroll_into_view_if_needed()
    page.wait_for_function("counts.passes === 2")  # while the clock stands still
    check_image_and_answer(page, [SEVEN[1:]], network)


def test_another_digit_runs_through_the_network_unless_the_reader_wants_no_motion(open_page, make):
    for motion, least, most in (("no-preference", 3, 1000), ("reduce", 1, 2)):
        page = open_page(make(), reduced_motion=motion)
        page.locator(".nv-hint").click()
        runs(page)
        page.evaluate(COUNT)
        page.get_by_role("radio", name="digit 2,").click()
        page.evaluate("async () => { for (let i = 0; i < 60; i++) await new Promise(requestAnimationFrame) }")
        assert least <= page.evaluate("counts.drawings") <= most
        assert page.evaluate("counts.passes") == 1


def test_a_finger_scrolls_the_page_except_on_the_pad(page):
    for selector, action in ((".dp-pad", "none"), (".nv-part", "pan-y"), (".nv-output label", "pan-y")):
        found = page.locator(selector).first.evaluate("(one) => getComputedStyle(one).touchAction")
        assert action in found


def test_it_opens_with_the_drawing_that_python_gives(open_page, make, network):
    page = open_page(make(strokes=[SEVEN]))
    page.locator(".nv-hint").click()
    runs(page)
    check_image_and_answer(page, [SEVEN], network)
    widget = make(strokes=[SEVEN])
    assert (widget.image() == prepared([SEVEN], 0.08).image).all()
    widget.strokes = []
    assert (widget.image() == np.frombuffer(widget.images[:784], np.uint8).reshape(28, 28)).all()
    with pytest.raises(Exception, match="strokes was given"):
        NetworkView(strokes=[[[2, 0]]])
