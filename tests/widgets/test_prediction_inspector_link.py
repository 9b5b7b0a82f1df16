"""What PredictionInspector shows goes with a copied link, and a link cannot bring it anything else."""

import re

import numpy as np
import pytest
from state_link_page import at, copied, open_at, said

from mnist_tutorial.widgets.prediction_inspector import PredictionInspector

__all__ = ["open_at"]  # a fixture

# All that is seen, without what the reader has judged.
SEEN = """() => [...[...document.querySelectorAll(".pi > :not(.bw-live)")].map((one) => one.innerText),
    ...[...document.querySelectorAll(".pi input, .pi select")].map((one) => `${one.checked} ${one.value}`),
    ...[...document.querySelectorAll(".pi [aria-selected=true]")].map((one) => one.ariaLabel),
    ...[...document.querySelectorAll(".pi-thumbnail")].map((one) => one.ariaLabel),
    document.querySelector(".pi-image").toDataURL()].join("\\n")"""


@pytest.fixture(scope="module")
def widget(digits):
    """Return the widget with what a network might predict that is right on about four digits in five."""
    logits = np.random.default_rng(3).normal(size=(len(digits[1]), 10)) * 2 + 5 * np.eye(10)[digits[1]]
    return PredictionInspector(*digits, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


@pytest.fixture
def open_inspector(open_at, widget):
    return lambda fragment="", **options: open_at(widget, fragment=fragment, **options)


def choose_cell(page, widget, rank, right=False):
    """Choose the cell with the most digits but `rank`, of wrong or of right answers."""
    matrix = widget.confusion * (np.eye(10, dtype=int) if right else 1 - np.eye(10, dtype=int))
    label, answer = divmod(int(np.argsort(-matrix.ravel(), kind="stable")[rank]), 10)
    page.get_by_role("gridcell", name=f"label {label}, answer {answer}:").click()
    return f"{label}-{answer}"


def check(page, link):
    """Check that a link shows the same: in a page that it opens, and in one whose reader is elsewhere by then."""
    seen = page.evaluate(SEEN)
    at(page, link)
    assert page.evaluate(SEEN) == seen
    at(page, "")
    first = page.evaluate(SEEN)
    page.get_by_label("only errors").uncheck()
    page.locator(".pi-thumbnail").nth(3).click()
    page.evaluate("link => { location.hash = link }", link)
    page.wait_for_function("([shown, seen]) => eval(shown)() === seen", arg=[SEEN, seen])
    page.evaluate("location.hash = 'prediction_inspector='")
    page.wait_for_function("([shown, seen]) => eval(shown)() === seen", arg=[SEEN, first])
    assert said(page) == ""


def test_a_digit_of_a_cell_in_an_order(open_inspector, widget):
    page = open_inspector()
    assert copied(page) == "#prediction_inspector="
    page.get_by_label("Order").select_option("least confident")
    cell = choose_cell(page, widget, 0)
    page.locator(".pi-thumbnail").nth(1).click()
    link = copied(page)
    assert f",cell:{cell},order:least-confident" in link
    check(page, link)


def test_a_right_answer_among_all_digits_and_in_its_cell(open_inspector, widget):
    page = open_inspector()
    page.get_by_label("only errors").uncheck()
    page.locator(".pi-thumbnail", has_text=re.compile(r"(\d) → \1")).first.click()
    link = copied(page)
    assert link.startswith("#prediction_inspector=only_errors:no,index:")
    check(page, link)
    at(page, "")
    page.get_by_label("only errors").uncheck()
    cell = choose_cell(page, widget, 2, right=True)
    page.locator(".pi-thumbnail").nth(2).click()
    link = copied(page)
    assert link.startswith("#prediction_inspector=only_errors:no,index:")
    assert link.endswith(f",cell:{cell}")
    check(page, link)


def test_an_empty_cell_stays_empty(open_inspector, widget):
    page = open_inspector()
    label, answer = np.argwhere(widget.confusion == 0)[0]
    page.get_by_role("gridcell", name=f"label {label}, answer {answer}: 0").click()
    page.get_by_text("No digit to show here.").wait_for()
    check(page, copied(page))


def test_judgements_stay_the_readers_own(open_inspector, widget):
    page = open_inspector()
    page.locator(".pi-thumbnail").nth(2).click()
    page.get_by_role("button", name="Nobody can tell").click()
    link = copied(page)
    assert "judge" not in link
    at(page, link)
    assert page.locator(".pi-judge [aria-pressed=true]").count() == 0


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("cell:4", "cell takes 2 whole numbers with - between them, from 0 to 9, 9; or all"),
        ("cell:4-10", "cell takes 2 whole numbers"),
        ("cell:4-9-1", "cell takes 2 whole numbers"),
        ("cell:-4--9", "cell takes 2 whole numbers"),
        ("index:99999", "index takes the number of a digit that is stored here"),
        ("index:0x10", "index takes the number of a digit"),
        ("order:toString", "order takes one of most-confident, least-confident, test-set"),
        ("order:most confident", "order takes one of most-confident"),
        ("only_errors:true", "only_errors takes yes or no"),
        ("only_errors:constructor", "only_errors takes yes or no"),
        ("judgements:1", "a link carries only_errors, index, cell, order"),
    ],
)
def test_what_is_no_state_is_refused_in_words_and_the_rest_holds(open_inspector, widget, state, reason):
    place = next(
        i for i, (label, answer) in enumerate(zip(widget.labels, widget.answers, strict=True)) if label != answer
    )
    page = open_inspector(f"#prediction_inspector={state},index:{widget.positions[place]}")
    assert reason in said(page)
    assert page.locator(".pi-facts").inner_text().startswith(f"Number {widget.positions[place]} of the test set.")
