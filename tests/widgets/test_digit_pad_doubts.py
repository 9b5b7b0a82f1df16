"""What DigitPad takes for the digit on a photo, with a frame and in words, and what leaves doubt about it."""

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
    hand_over,
    on_screen,
    saved,
    seven,
    seven_and_nought,
    shown_frame,
)
from PIL import Image, ImageDraw

from mnist_tutorial.widgets.digit_pad import DigitPad

SEVERAL = "There are two things in this photo that could be the digit. Press a thin frame to take the other one."
QUIET = "The frame shows what was taken."


@pytest.fixture
def page(open_page):
    return open_page(DigitPad(photo=seven_and_nought()), has_touch=True)


@pytest.fixture
def live(open_live):
    """Open a pad as Jupyter shows it, whose traits can be read."""
    page = open_live(DigitPad(photo=seven_and_nought()), has_touch=True)
    ask(page)
    return page


@pytest.mark.parametrize("way", ["button", "drop", "paste", "Python"])
def test_what_was_taken_is_framed_and_a_doubtful_answer_is_not_a_sure_one(way, open_page):
    page = open_page(DigitPad(photo=seven_and_nought()) if way == "Python" else DigitPad())
    if way == "button":
        choose(page, saved(seven_and_nought()))
    elif way != "Python":
        hand_over(page, way, saved(seven_and_nought()))
    ask(page)
    taken = int(np.argmax(shares(page)))
    assert max(shares(page)) > 0.9
    assert re.fullmatch(rf"Unsure: what was taken for the digit looks like a {taken} \(.*%\)\.", words(page))
    assert doubts(page) == [SEVERAL]
    assert page.locator(".dp-taken").inner_text() == QUIET
    assert_holds(shown_frame(page), taken)
    assert page.locator(".dp-choice").count() == 1
    assert_holds(shown_frame(page, ".dp-choice"), 7 - taken)
    heard = re.compile(rf"Unsure, because the photo leaves doubt: {taken}, .* percent\. {SEVERAL}")
    page.locator(".bw-live").filter(has_text=heard).wait_for(state="attached")
    assert page.get_by_role("button", name="Let the book choose", pressed=True).count() == 1


def test_an_upright_line_beside_the_digit_may_be_a_1(open_page):
    image = seven(size=(260, 200))
    ImageDraw.Draw(image).line([(190, 45), (190, 150)], fill=40, width=9)
    page = open_page(DigitPad())
    choose(page, saved(image))
    ask(page)
    assert words(page).startswith("Unsure: ")
    assert doubts(page) == [SEVERAL]
    assert page.locator(".dp-choice").count() == 1


def test_under_a_frame_the_pad_takes_no_keys_and_what_is_wrong_stands_above_the_answer(page):
    ask(page)
    answer = words(page)
    page.locator(".dp-pad").evaluate("(pad) => pad.focus()")
    for key in ("Space", "ArrowDown", "Delete"):
        page.keyboard.press(key)
    settle(page)
    assert words(page) == answer
    blank = Image.new("L", (200, 200), 225)
    choose(page, saved(blank))
    trouble = page.locator(".dp-trouble")
    assert "No ink was found" in trouble.inner_text()
    assert words(page) == answer
    assert trouble.bounding_box()["y"] < page.locator(".dp-words").bounding_box()["y"]


def test_without_doubt_the_frame_is_quiet_until_it_is_wanted(open_page):
    page = open_page(DigitPad())
    assert not page.locator(".dp-photo").is_visible()
    choose(page, saved(seven()))
    assert "It looks like a 7" in words(page)
    assert doubts(page) == []
    x, y, width, height = shown_frame(page, side=200, photo=(200, 160))
    assert x < 45 < 121 < x + width
    assert y < 44 < 155 < y + height
    assert not page.locator(".dp-frame").is_visible()
    move = page.get_by_role("button", name="Move the frame")
    assert page.locator(".dp-photo button:visible").count() == 1
    described = "(pad) => document.getElementById(pad.getAttribute('aria-describedby')).textContent"
    assert "Space puts the pen down" in page.locator(".dp-pad").evaluate(described)
    move.click()
    assert page.locator(".dp-frame").is_visible()
    assert page.locator(".dp-frame").evaluate("(one) => one === document.activeElement")
    assert page.locator(".dp-handle:visible").count() == 4
    assert "To draw, clear the photo." in page.locator(".dp-hint").inner_text()
    page.locator(".dp-frame").press("ArrowRight")
    settle(page)
    assert page.locator(".dp-taken").inner_text().startswith("Your frame: x ")
    assert move.count() == 0
    choose(page, saved(seven()))  # each photo anew
    page.locator(".dp-pad").click(position={"x": 100, "y": 100})  # the pad is there to draw on
    settle(page)
    assert not page.locator(".dp-photo").is_visible()
    assert page.locator(".dp-frames").is_hidden()


def test_while_the_frame_can_be_moved_no_stroke_takes_the_photos_place(page):
    ask(page)
    drag(page, on_screen(page, 5, 150), on_screen(page, 200, 20))
    assert page.get_by_role("application", name="pad with a photo").count() == 1
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert words(page) == "Nothing is drawn yet."
    assert page.get_by_role("application", name="pad to draw a digit on").get_attribute("tabindex") == "0"


def faint():
    image = Image.new("L", (160, 200), 220)
    ImageDraw.Draw(image).line([(50, 50), (115, 50), (75, 150)], fill=190, width=12, joint="curve")
    return image


def cut_by_the_edge():
    image = Image.new("L", (280, 280), 220)
    ImageDraw.Draw(image).line([(80, -30), (80, 130)], fill=40, width=16)
    return image


def solid():
    image = Image.new("L", (200, 200), 250)
    ImageDraw.Draw(image).rectangle([50, 50, 130, 150], fill=10)
    return image


@pytest.mark.parametrize(
    ("photo", "doubt"),
    [
        (faint(), "The ink hardly differs from the paper"),
        (cut_by_the_edge(), "A part of the digit may be missing: its ink reaches the edge of the photo."),
        (solid(), "it may not be a digit."),
    ],
)
def test_other_doubts_are_told(open_page, photo, doubt):
    page = open_page(DigitPad(photo=photo))
    ask(page)
    assert any(doubt in one for one in doubts(page))
    assert words(page).startswith("Unsure")
    assert page.locator(".dp-frame").is_visible()


def test_a_light_frame_around_a_blackboard_makes_no_chalk_faint(open_page):
    image = Image.new("L", (200, 200), 230)
    pen = ImageDraw.Draw(image)
    pen.rectangle([40, 40, 160, 160], fill=60)
    pen.line([(80, 70), (125, 70), (100, 135)], fill=215, width=9, joint="curve")
    page = open_page(DigitPad(photo=image))
    ask(page)
    assert doubts(page) == []
    assert "It looks like a 7" in words(page)


def test_a_frame_that_cuts_the_digit_or_holds_no_ink_says_so(live):
    live.evaluate("() => fake.model.set('frame', [20, 20, 60, 120])")
    live.locator(".dp-doubts", has_text="The frame may cut through the digit").wait_for()
    settle(live)
    assert words(live).startswith("Unsure")
    live.evaluate("() => fake.model.set('frame', [0, 130, 40, 30])")
    live.locator(".dp-doubts", has_text="No ink was found in the frame.").wait_for()
    settle(live)
    assert words(live) == "There is nothing to read in the frame."
    assert shares(live) is None
    assert not image_shown(live).any()
    assert DigitPad(photo=seven_and_nought(), frame=(0, 130, 40, 30)).probabilities == []
    live.locator(".bw-live").filter(has_text="No ink was found in the frame.").wait_for(state="attached")
