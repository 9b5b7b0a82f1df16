"""The frame on a photo in DigitPad where the page is narrow, dark or without a script, and whether all of it works."""

import pytest
from digit_pad_page import settle
from digit_pad_photos import ask, seven, seven_and_nought

from mnist_tutorial.widgets.digit_pad import DigitPad
from site_checks.book_in_browser import violations
from site_checks.operating import mount_anew, without_effect


@pytest.mark.parametrize(("width", "height", "room"), [(390, 664, 608), (1280, 800, 744)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_photo_answer_doubts_and_buttons_are_on_one_screen(open_page, width, height, room, scheme):
    size = {"width": width, "height": height}
    page = open_page(DigitPad(photo=seven_and_nought()), viewport=size, color_scheme=scheme, is_mobile=width < 600)
    ask(page)
    top, bottom = page.locator(".dp-place").bounding_box(), page.locator(".dp-photo").bounding_box()
    assert bottom["y"] + bottom["height"] - top["y"] <= room
    assert top["y"] - 1 <= page.locator(".dp-words").bounding_box()["y"] < bottom["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, part="[data-book-widget]") == []


def test_on_a_narrow_page_nothing_sticks_out(open_page):
    page = open_page(DigitPad(photo=seven_and_nought()), viewport={"width": 320, "height": 700})
    page.get_by_role("button", name="Whole photo").click()
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_frames_are_seen_where_the_system_sets_the_colours(open_page):
    page = open_page(DigitPad(photo=seven_and_nought()), forced_colors="active")
    for selector in (".dp-outline", ".dp-choice"):
        shadow = page.locator(selector).evaluate("(one) => getComputedStyle(one).boxShadow")
        assert "rgb" in shadow, selector


@pytest.mark.parametrize("method", ["mouse", "keyboard", "touch"])
@pytest.mark.parametrize("photo", [seven, seven_and_nought])
def test_every_control_does_something(open_page, photo, method):
    page = open_page(DigitPad(photo=photo()), has_touch=method == "touch")
    idle, total = without_effect(page, page.locator("[data-book-widget] .bw"), method, mount_anew)
    assert idle == []
    assert total > (10 if photo is seven else 14)


def test_without_javascript_doubts_are_told(open_page):
    page = open_page(DigitPad(photo=seven_and_nought()), java_script_enabled=False)
    text = page.locator("main").inner_text()
    assert "There may be more than one digit" in text
    assert "So the answer is unsure." in text
    page = open_page(DigitPad(photo=seven_and_nought(), frame=(160, 10, 100, 140)), java_script_enabled=False)
    assert "unsure" not in page.locator("main").inner_text()
    assert "step by step (in the frame, even paper" in page.get_by_role("img").first.get_attribute("aria-label")
