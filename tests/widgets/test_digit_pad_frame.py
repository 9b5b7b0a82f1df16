"""The reader moves and resizes the frame on a photo in DigitPad, and takes another thing for the digit."""

import re

import numpy as np
import pytest
from digit_pad_page import image_shown, settle, shares, words
from digit_pad_photos import (
    ask,
    assert_holds,
    choose,
    doubts,
    drag,
    on_screen,
    saved,
    seven,
    seven_and_nought,
    shown_frame,
)

from mnist_tutorial.handwriting import crop_to_frame, prepare
from mnist_tutorial.widgets.digit_pad import DigitPad

# Waits until the page has not been scrolled for as many frames.
STAYS = """async () => {
    for (let same = 0, before; same < 20; await new Promise(requestAnimationFrame)) {
        same = scrollY == before ? same + 1 : 0
        before = scrollY
    }
}"""


@pytest.fixture
def live(open_live):
    """Open a pad as Jupyter shows it, whose traits can be read."""
    page = open_live(DigitPad(photo=seven_and_nought()), has_touch=True)
    ask(page)
    return page


def traits_frame(page):
    return page.evaluate("() => fake.state.frame")


def assert_answers(page, frame, photo=None):
    """Compare with what Python makes of the same frame, in both ways that it has."""
    photo = seven_and_nought() if photo is None else photo
    pad = DigitPad(photo=photo, frame=frame)
    np.testing.assert_array_equal(pad.image, prepare(crop_to_frame(photo, frame)).image)
    assert np.abs(image_shown(page) - pad.image.astype(int)).max() <= 1
    np.testing.assert_allclose(shares(page), pad.probabilities, atol=0.002)


# The reader's frame.


@pytest.mark.parametrize("use", ["click", "tap", "press"])
def test_another_thing_is_taken_and_the_book_chooses_again(live, use):
    def operate(control):
        control.press("Enter") if use == "press" else getattr(control, use)()
        settle(live)

    first = int(np.argmax(shares(live)))
    before = image_shown(live)
    operate(live.get_by_role("button", name="take this one instead"))
    frame = traits_frame(live)
    assert_holds(frame, 7 - first)
    assert_answers(live, frame)
    assert f"It looks like a {7 - first}" in words(live)
    assert doubts(live) == []
    np.testing.assert_allclose(shown_frame(live), frame, atol=0.6)
    assert_holds(shown_frame(live, ".dp-choice"), first)  # the way back
    if use == "press":  # the pressed one is gone
        assert live.evaluate("() => document.activeElement.className") == "dp-frame"
    operate(live.get_by_role("button", name="Whole photo"))
    assert traits_frame(live) == [0, 0, 280, 160]
    assert live.locator(".dp-choice").count() == 2
    assert words(live).startswith("Unsure")
    operate(live.get_by_role("button", name="Let the book choose"))
    assert traits_frame(live) is None
    np.testing.assert_array_equal(image_shown(live), before)


def test_the_mouse_moves_resizes_places_and_draws_the_frame(live):
    live.evaluate("() => fake.model.set('frame', [160, 10, 100, 140])")
    settle(live)
    drag(live, on_screen(live, 210, 80), on_screen(live, 190, 90))  # its middle: it is moved
    np.testing.assert_allclose(traits_frame(live), [140, 20, 100, 140], atol=1)
    assert_answers(live, traits_frame(live))
    for (x, y), (to_x, to_y), expected in [
        ((140, 20), (170, 25), [170, 25, 70, 135]),
        ((240, 160), (250, 140), [170, 25, 80, 115]),
        ((250, 25), (260, 30), [170, 30, 90, 110]),
        ((170, 140), (160, 150), [160, 30, 100, 120]),
    ]:  # each corner, while the opposite one stays
        drag(live, on_screen(live, x, y), on_screen(live, to_x, to_y))
        np.testing.assert_allclose(traits_frame(live), expected, atol=2)
        assert_answers(live, traits_frame(live))
    drag(live, on_screen(live, 210, 90), on_screen(live, 900, -400))  # not beyond the photo
    np.testing.assert_allclose(traits_frame(live), [180, 0, 100, 120], atol=2)
    live.mouse.click(*on_screen(live, 210, 80))  # nobody has to drag
    settle(live)
    np.testing.assert_allclose(traits_frame(live), [160, 20, 100, 120], atol=2)
    drag(live, on_screen(live, 20, 150), on_screen(live, 130, 15))  # beside it: a new one
    np.testing.assert_allclose(traits_frame(live), [20, 15, 110, 135], atol=2)
    assert_answers(live, traits_frame(live))
    assert np.argmax(shares(live)) == 7
    live.get_by_role("button", name="smaller frame").click()
    settle(live)
    smaller = traits_frame(live)
    np.testing.assert_allclose(smaller, [26, 21, 98, 123], atol=2)
    live.get_by_role("button", name="larger frame").click()
    settle(live)
    assert traits_frame(live)[2] == smaller[2] + 12


def test_the_answer_follows_while_the_frame_is_dragged_and_a_photo_may_go_meanwhile(live):
    live.evaluate("() => fake.model.set('frame', [0, 10, 120, 140])")
    settle(live)
    assert np.argmax(shares(live)) == 7
    live.mouse.move(*on_screen(live, 60, 80))
    live.mouse.down()
    live.mouse.move(*on_screen(live, 210, 80))
    live.wait_for_function("() => fake.state.frame[0] === 150")  # the button is still down
    settle(live)
    assert np.argmax(shares(live)) == 0
    live.evaluate("() => fake.change({ photo: new DataView(new ArrayBuffer(0)), frame: null })")
    settle(live)
    live.mouse.move(*on_screen(live, 100, 80))
    live.mouse.up()
    settle(live)
    assert traits_frame(live) is None
    assert words(live) == "Nothing is drawn yet."


def test_a_frame_stays_on_the_photo_and_is_never_too_small(live):
    live.evaluate("() => fake.model.set('frame', [100, 50, 60, 60])")
    settle(live)
    drag(live, on_screen(live, 160, 110), on_screen(live, 60, 20))  # a corner is drawn across the opposite one
    x, y, width, height = traits_frame(live)
    np.testing.assert_allclose([x, y, x + width, y + height], [60, 20, 100, 50], atol=2)
    box = live.locator("[data-corner='00']").bounding_box()  # of so small a frame it lies outside
    drag(live, (box["x"] + 5, box["y"] + 5), (box["x"] + 45, box["y"] + 35))
    assert traits_frame(live)[2:] == [8, 8]
    live.locator(".dp-frame").focus()
    for key in ["Shift+ArrowLeft", *["ArrowLeft"] * 40, *["ArrowUp"] * 40]:
        live.keyboard.press(key)
    settle(live)
    assert traits_frame(live) == [0, 0, 8, 8]


def test_a_finger_moves_and_resizes_the_frame_and_beside_it_scrolls_the_page(open_live):
    page = open_live(
        DigitPad(photo=seven_and_nought()),
        has_touch=True,
        is_mobile=True,
        viewport={"width": 390, "height": 664},
    )
    ask(page)
    page.evaluate(
        "() => { document.body.style.paddingBottom = '100vh'; fake.model.set('frame', [160, 10, 100, 140]); }"
    )
    settle(page)
    devtools = page.context.new_cdp_session(page)

    def swipe(start, end):
        send = lambda kind, *points: devtools.send(  # noqa: E731
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )
        send("touchStart", start)
        for share in np.linspace(0.1, 1, 10):
            send("touchMove", tuple(np.add(start, np.subtract(end, start) * share)))
        send("touchEnd")
        settle(page)
        page.evaluate(STAYS)

    page.evaluate("scrollTo(0, 0)")
    page.evaluate(STAYS)
    before = page.evaluate("scrollY")
    swipe(on_screen(page, 210, 80), on_screen(page, 190, 100))
    np.testing.assert_allclose(traits_frame(page), [140, 20, 100, 140], atol=1)
    swipe(on_screen(page, 140, 20), on_screen(page, 170, 30))
    frame = traits_frame(page)
    np.testing.assert_allclose(frame, [170, 30, 70, 130], atol=2)
    assert_answers(page, frame)
    assert page.evaluate("scrollY") == before
    swipe(on_screen(page, 20, 152), on_screen(page, 130, 152))  # no new one, as the mouse would draw it
    assert traits_frame(page) == frame
    swipe(on_screen(page, 60, 150), on_screen(page, 60, 20))
    assert page.evaluate("scrollY") > before + 50
    assert traits_frame(page) == frame
    page.touchscreen.tap(*on_screen(page, 145, 90))  # while a tap there brings the frame
    settle(page)
    np.testing.assert_allclose(traits_frame(page), [110, 25, 70, 130], atol=2)


@pytest.mark.parametrize(("options", "target"), [({}, 24), ({"is_mobile": True, "has_touch": True}, 44)])
def test_each_target_is_large_enough_and_can_be_hit(open_live, options, target):
    page = open_live(DigitPad(photo=seven_and_nought()), viewport={"width": 390, "height": 800}, **options)
    for frame in ([130, 60, 8, 8], [136, 76, 8, 40], [0, 0, 280, 160], [40, 30, 70, 100], None):
        page.evaluate("(frame) => fake.model.set('frame', frame)", frame)
        settle(page)
        found = page.locator(".dp-frame, .dp-handle, .dp-choice, .dp-photo button:visible").evaluate_all(
            """all => all.map((one) => {
              const { left, top, width, height } = one.getBoundingClientRect();
              const shares = [...Array(11).keys()].map((i) => (i + 0.5) / 11);
              const isHit = (x, y) => one.contains(document.elementFromPoint(left + x * width, top + y * height));
              const hits = shares.flatMap((x) => shares.filter((y) => isHit(x, y)));
              return [one.className || one.textContent, width, height, hits.length / 121, isHit(0.5, 0.5)];
            })"""
        )
        assert len(found) >= 9
        for name, width, height, free, middle in found:
            assert min(width, height) >= target - 0.1, (frame, name, width, height)
            assert free > 0.2, (frame, name)  # the rest is under what is smaller
            assert middle or name in ("dp-frame", "dp-choice"), (frame, name)
    sizes = page.locator(".dp-handle").evaluate_all("all => all.map((one) => one.dataset.corner)")
    assert sizes == ["00", "10", "01", "11"]


def test_the_keyboard_moves_and_resizes_the_frame_and_is_told_once(live):
    live.evaluate("() => fake.model.set('frame', [160, 10, 100, 120])")
    settle(live)
    live.evaluate(
        """() => {
          window.heard = [];
          new MutationObserver(() => heard.push(document.querySelector(".bw-live").textContent))
            .observe(document.querySelector(".bw-live"), { childList: true, characterData: true, subtree: true });
        }"""
    )
    frame = live.get_by_role("application", name="frame around the digit; arrow keys move it")
    hint = frame.evaluate("(one) => document.getElementById(one.getAttribute('aria-describedby')).textContent")
    assert "with Shift they change its size" in hint
    live.get_by_role("button", name="Clear").focus()
    live.keyboard.press("Shift+Tab")
    assert frame.evaluate("(one) => one === document.activeElement")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        live.keyboard.press(key)
    settle(live)
    assert traits_frame(live) == [160, 16, 106, 126]  # in steps of a fiftieth of 280
    assert_answers(live, traits_frame(live))
    live.locator(".bw-live").filter(has_text=re.compile("Frame at 76 percent across, .*: 0,|says 0,")).wait_for(
        state="attached"
    )
    assert sum("Frame at" in one for one in live.evaluate("heard")) == 1
    for key in ("Shift+ArrowLeft", "Shift+ArrowUp"):
        live.keyboard.press(key)
    settle(live)
    assert traits_frame(live) == [160, 16, 100, 120]
    live.keyboard.press("Control+ArrowLeft")  # belongs to the browser
    settle(live)
    assert traits_frame(live) == [160, 16, 100, 120]


def test_the_frame_follows_its_trait_and_goes_with_its_photo(live):
    live.evaluate("() => fake.model.set('frame', [160, 10, 100, 140])")
    settle(live)
    np.testing.assert_allclose(shown_frame(live), [160, 10, 100, 140], atol=0.6)
    assert_answers(live, [160, 10, 100, 140])
    choose(live, saved(seven()))
    assert traits_frame(live) is None
    assert "It looks like a 7" in words(live)
    live.get_by_role("button", name="Move the frame").click()
    live.get_by_role("button", name="Whole photo").click()
    live.get_by_role("button", name="Clear").click()
    settle(live)
    assert traits_frame(live) is None


def test_page_and_python_agree_on_every_frame(live):
    rng = np.random.default_rng(4)
    pad = DigitPad(photo=seven_and_nought())
    answered = 0
    for _ in range(20):
        width, height = (int(one) for one in rng.integers(8, (200, 160)))
        frame = [int(rng.integers(281 - width)), int(rng.integers(161 - height)), width, height]
        live.evaluate("(frame) => fake.model.set('frame', frame)", frame)
        settle(live)
        pad.frame = frame
        assert np.abs(image_shown(live) - pad.image.astype(int)).max() <= 1, frame
        assert (shares(live) is None) == (pad.probabilities == [])
        answered += bool(pad.probabilities)
    assert 8 < answered < 20
