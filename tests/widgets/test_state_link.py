"""A widget's state in the address: copied, opened again, and refused in words where it is none."""

import numpy as np
import pytest
from digit_pad_page import DIGITS, draw, image_shown, open_more
from digit_pad_photos import seven
from state_link_page import at, copied, open_at, said

from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.sample_inspector import SampleInspector

__all__ = ["open_at"]  # a fixture

FORBIDDEN = (
    "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async () => { throw new Error('no') } } })"
)


def test_a_copied_link_opens_the_same_state(open_at, digits):
    page = open_at(SampleInspector(*digits))
    assert copied(page) == "#sample_inspector="
    page.get_by_label("Show", exact=True).select_option("3")
    page.locator(".si button", has_text="next").click()
    before = page.locator(".si-caption").inner_text()
    link = copied(page)
    at(page, "")
    assert page.locator(".si-caption").inner_text() != before
    at(page, link)
    assert page.locator(".si-caption").inner_text() == before
    assert said(page) == ""
    page.evaluate("location.hash = 'sample_inspector=index:0'")  # followed without loading the page again
    page.locator(".si-caption").filter(has_text="Sample 1 of").wait_for()


def test_a_drawing_goes_with_the_link(open_at):
    page = open_at(DigitPad())
    draw(page, DIGITS[7][0])
    page.locator(".dp-words").filter(has_text="looks like a 7").wait_for()
    open_more(page)
    before = image_shown(page)
    link = copied(page)
    assert len(link) < 500
    at(page, link)
    page.locator(".dp-words").filter(has_text="looks like a 7").wait_for()
    open_more(page)
    assert abs(image_shown(page).astype(int) - before).mean() < 3  # points on a grid of 256
    assert page.evaluate("localStorage.length") == 1  # a link's drawing is not the reader's own, the first one is


def test_only_the_first_of_a_kind_has_a_link(open_at, digits):
    page = open_at(SampleInspector(*digits), SampleInspector(*digits), fragment="#sample_inspector=index:4")
    assert page.get_by_role("button", name="Copy link").count() == 1
    captions = page.locator(".si-caption").all_inner_texts()
    assert [text.startswith("Sample 5 of") for text in captions] == [True, False]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("index:99999999", "index takes a whole number from 0 to"),
        ("index:-1", "index takes a whole number from 0 to"),
        ("index:1e1", "index takes a whole number"),
        ("index", "index takes a whole number"),
        ("digit:10", "digit takes a whole number from -1 to 9"),
        ("other:-2", "other takes a whole number from -1 to"),
        ("other:toString", "other takes a whole number from -1 to"),
        ("images:AAAA", "a link carries index, digit"),
        ("__proto__:1", "a link carries index, digit"),
        ("<img src=x onerror=alert(1)>", "a link carries index, digit"),
    ],
)
def test_what_is_no_state_is_refused_in_words(open_at, digits, state, reason):
    page = open_at(SampleInspector(*digits), fragment=f"#sample_inspector={state},row:3")
    assert reason in said(page)
    assert "Row 3," in page.locator(".si-reading").inner_text()  # the rest holds
    assert page.locator(".bw-link img").count() == 0


@pytest.mark.parametrize("strokes", ["zz", "0", "00000", "0000--1111", "-", "0000-", "ff" * 20_000])
def test_a_drawing_that_is_none_is_refused(open_at, strokes):
    page = open_at(DigitPad(), fragment=f"#digit_pad=strokes:{strokes}")
    if len(strokes) < 100:
        assert "strokes takes a drawing" in said(page)
        assert page.locator(".dp-words").inner_text() == "Nothing is drawn yet."
    page.get_by_role("button", name="example: 4").click()
    page.locator(".dp-words").filter(has_text="4").wait_for()


def test_a_drawing_takes_the_place_of_the_pads_photo(open_at):
    page = open_at(DigitPad(photo=np.asarray(seven())), fragment="#digit_pad=strokes:8020808080e0")
    page.locator(".dp-words").filter(has_text="1").wait_for()
    assert page.locator(".dp-pen").evaluate("(pen) => pen.hidden") is False  # which a photo does not need


@pytest.mark.parametrize("fragment", ["#digit_pad", "#sample_inspector", "#=", "#constructor=1", "#lab=epochs:3", "#%"])
def test_other_fragments_are_left_alone(open_at, digits, fragment):
    page = open_at(SampleInspector(*digits), fragment=fragment)
    assert said(page) == ""
    assert page.locator(".si-caption").inner_text().startswith("Sample 1 of")


def test_where_the_browser_forbids_copying_the_link_is_shown(open_at, digits):
    page = open_at(SampleInspector(*digits), clipboard=FORBIDDEN)
    page.get_by_role("button", name="Copy link").click()
    page.locator(".bw-link p").filter(has_text="#sample_inspector=").wait_for()
