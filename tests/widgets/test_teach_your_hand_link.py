"""A hand goes with a copied link as far as it fits, and a link never takes the place of the reader's own drawings."""

import pytest
from state_link_page import at, copied, open_at, said
from teach_your_hand_page import STROKES, button, counts, draw, hand, says, wait_for_counts
from training_pages import stand_in, widget_files

from mnist_tutorial.widgets.teach_your_hand import TeachYourHand

__all__ = ["hand", "open_at", "stand_in", "widget_files"]  # fixtures

SEEN = """() => [...[...document.querySelectorAll(".th-rows, .th-lesson, .th-prompt")].map((one) => one.innerText),
    ...[...document.querySelectorAll(".th :is(select, [type=checkbox])")].map((one) => `${one.checked} ${one.value}`),
    ...[...document.querySelectorAll(".th-thumb")].map((one) => `${one.className} ${one.ariaLabel}`),
    ...[...document.querySelectorAll(".th-thumb canvas")].map((one) => one.toDataURL())].join("\\n")"""


@pytest.fixture
def open_hand(open_at):
    return lambda fragment="", **traits: open_at(TeachYourHand(**({"each": 2} | traits)), fragment=fragment)


def drawn(page, count):
    """Draw digits that differ, and wait until all are there and read by the network."""
    for n in range(count):
        draw(page, [[(0.3, 0.2), (0.4 + 0.05 * n, 0.8)]])
        wait_for_counts(page, n + 1)
    page.wait_for_function(
        "[...document.querySelectorAll('.th-thumb')].every((one) => one.ariaLabel.includes('read as'))"
    )


def test_settings_and_drawings_go_with_the_link(open_hand):
    page = open_hand()
    assert copied(page) == "#teach_your_hand="
    page.get_by_label("Of each digit").select_option("4")
    page.get_by_label("also practise old digits").uncheck()
    drawn(page, 3)
    seen = page.evaluate(SEEN)
    link = copied(page)
    assert link.startswith("#teach_your_hand=each:4,practise:no,drawings:")
    assert len(link) < 2500
    at(page, link)
    page.wait_for_function("([shown, seen]) => eval(shown)() === seen", arg=[SEEN, seen])
    assert page.evaluate("localStorage.length") == 0  # nothing is kept that was not asked for
    at(page, "")
    assert counts(page) == [0] * 10
    page.evaluate("link => { location.hash = link }", link)  # followed without loading the page again
    page.wait_for_function("([shown, seen]) => eval(shown)() === seen", arg=[SEEN, seen])
    assert says(page, "of the link") == "3 drawings of the link are added. Undo takes them back."
    page.get_by_role("button", name="Undo: those of the link were added").click()
    wait_for_counts(page, 0)
    assert said(page) == ""


def test_a_whole_hand_stays_behind_in_words(open_hand):
    page = open_hand(each=8)
    page.get_by_label("also practise old digits").uncheck()
    button(page, "Fill with examples").click()
    wait_for_counts(page, 80)
    said = "The link is copied, without your 80 drawings, which are too many for an address: “Save a file” takes them"
    assert copied(page, said) == "#teach_your_hand=practise:no"


def test_a_link_only_offers_its_drawings_to_a_reader_who_has_some(open_hand, hand):
    images, labels = hand
    page = open_hand(images=images[:4], labels=labels[:4])
    page.locator(".th-files > summary").click()
    button(page, "Remove all").click()
    wait_for_counts(page, 0)
    drawn(page, 2)
    link = copied(page)
    at(page, "")  # here are Python's four
    before = page.evaluate(SEEN)
    page.evaluate("link => { location.hash = link }", link)
    says(page, "2 drawings came with the link; yours stay as they are.", ".th-offer")
    assert page.evaluate(SEEN) == before
    button(page, "Add them").click()
    wait_for_counts(page, 6)
    assert page.locator(".th-offer").is_hidden()
    page.get_by_role("button", name="Undo: those of the link were added").click()
    wait_for_counts(page, 4)
    assert page.evaluate(SEEN) == before


def test_drawings_that_are_kept_stay_kept(open_hand):
    page = open_hand()
    drawn(page, 3)
    link = copied(page)
    page.locator(".th-files > summary").click()
    button(page, "Remove all").click()
    draw(page, STROKES)
    button(page, "Keep in this browser").click()
    says(page, "Your drawings are kept", ".th-file-says")
    kept = page.evaluate("JSON.stringify({ ...localStorage })")
    at(page, link)
    says(page, "Your drawing is back, from this browser.")
    says(page, "3 drawings came with the link", ".th-offer")
    assert sum(counts(page)) == 1
    assert page.evaluate("JSON.stringify({ ...localStorage })") == kept
    page.evaluate("location.hash = 'teach_your_hand=each:8'")  # a link without drawings takes none away
    page.locator(".th-offer").wait_for(state="hidden")
    assert sum(counts(page)) == 1
    assert page.evaluate("JSON.stringify({ ...localStorage })") == kept


def test_a_drawing_of_one_pixel_is_a_drawing(open_hand):
    page = open_hand("#teach_your_hand=drawings:CQH_AP8A_wD_ABE")  # of a 9; the same of a 10 is none
    assert counts(page) == [0] * 9 + [1]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("each:3", "each takes 2, 4, 6 or 8"),
        ("each:toString", "each takes 2, 4, 6 or 8"),
        ("practise:1", "practise takes yes or no"),
        ("seed:-1", "seed takes a whole number from 0 to 999999999"),
        ("drawings:", "drawings takes drawings as a copied link has them"),
        ("drawings:!", "drawings takes drawings"),
        ("drawings:AAAA", "drawings takes drawings"),
        ("drawings:" + "A" * 5000, "drawings takes drawings"),
        ("drawings:CgH_AP8A_wD_ABE", "drawings takes drawings"),  # one of a 10, with a pixel of ink
        ("drawings:AAEA_wD_AP8AEw", "drawings takes drawings"),  # one of a 0 without ink
        ("start:1", "a link carries each, practise, seed, drawings"),
    ],
)
def test_what_is_no_state_is_refused_in_words_and_the_rest_holds(open_hand, state, reason):
    page = open_hand(f"#teach_your_hand={state},practise:no")
    assert reason in said(page)
    assert not page.get_by_label("also practise old digits").is_checked()
    assert counts(page) == [0] * 10
    draw(page)
    wait_for_counts(page, 1)
