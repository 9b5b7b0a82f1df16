"""PredictionInspector and a network of the reader's own: it answers to the digits held, and the book's comes back."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix
from small_network import network, widget_files
from test_own_network import ask, choose, line, of_keras, own, press, use
from test_prediction_inspector import cell, facts, listed, title

from mnist_tutorial.widgets.prediction_inspector import PredictionInspector

__all__ = ["network", "own", "widget_files"]  # fixtures


@pytest.fixture(scope="module")
def inspector(digits, network):
    """Return an inspector of the book's network that holds 60 of its errors, and a few of its right answers."""
    return PredictionInspector(*digits, of_keras(network, digits[0]), max_errors=60, per_digit=4)


@pytest.fixture(scope="module")
def held(inspector, digits, own):
    """Return the digits held, their labels, and what the own network answers to them in the 16 greys of the page."""
    images, labels = (array[inspector.positions] for array in digits)
    return images, labels, of_keras(own[0], np.rint(images / 17).astype(np.uint8) * 17)


@pytest.fixture
def page(open_page, inspector):
    return open_page(inspector)


def whose(page):
    """Return what is said of whose answers are shown, once they are there."""
    page.locator(".pi-whose", has_text="Your network reads ").filter(has_not_text="…").wait_for()
    return page.locator(".pi-whose").inner_text()


def counts(page):
    return [int(text) for text in page.get_by_role("gridcell").all_inner_texts()]


def state(page):
    return [title(page), facts(page), counts(page), listed(page), page.locator(".pi-held").inner_text()]


def test_it_shows_what_the_own_network_answers_and_goes_back(page, inspector, own, held):
    _, labels, probabilities = held
    answers = probabilities.argmax(axis=1)
    # A digit that both misread, so that it stays in the list.
    both = [place for place, (right, one, two) in enumerate(zip(labels, answers, inspector.answers, strict=True))
            if right not in (one, two)]  # fmt: skip
    place = both[3]
    page.locator(f"[aria-label^='number {inspector.positions[place]}:']").click()
    before = state(page)

    use(page, own)
    right, of_book = answers == labels, inspector.answers == labels
    assert whose(page) == (
        f"Your network reads {right.sum()} of the {len(labels)} digits stored here right: {(right & ~of_book).sum()} "
        f"of the 60 that the book’s network misread, and {(right & of_book).sum()} of the {of_book.sum()} that it read."
    )
    assert counts(page) == confusion_matrix(labels, answers, labels=range(10)).ravel().tolist()
    names = page.get_by_role("gridcell").evaluate_all("all => all.map((one) => one.ariaLabel.split(': ')[1])")
    assert [int(name) for name in names] == counts(page)
    assert title(page) == f"All {(~right).sum()} errors here"
    ten = probabilities[place]
    assert facts(page).startswith(
        f"Number {inspector.positions[place]} of the test set. Label {labels[place]}, read as {answers[place]}. "
        f"Confidence {ten.max():.1%}."
    )
    assert f"The book’s network: {inspector.answers[place]} with" in facts(page)
    wrong = np.flatnonzero(~right)
    surest = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]
    assert listed(page) == [inspector.positions[one] for one in surest]
    shown = page.locator(".pi-thumbnail").all_inner_texts()
    assert [text.strip() for text in shown] == [f"{labels[one]} → {answers[one]}" for one in surest]
    note = page.locator(".pi-held").inner_text()
    assert "errors of the book’s network" in note
    assert "say nothing about how good yours is" in note

    choose(page, "the book’s")
    assert not page.locator(".pi-whose").is_visible()
    assert state(page) == before
    choose(page, "yours")
    whose(page)
    press(page, "Forget yours")
    page.locator(".pi-whose").wait_for(state="hidden")
    assert state(page) == before


def test_the_digit_looked_at_stays_when_the_own_network_reads_it(page, inspector, own, held):
    _, labels, probabilities = held
    answers = probabilities.argmax(axis=1)
    place = next(i for i in range(len(labels)) if answers[i] == labels[i] != inspector.answers[i])
    page.locator(f"[aria-label^='number {inspector.positions[place]}:']").click()
    use(page, own)
    whose(page)
    number, digit = inspector.positions[place], labels[place]
    assert facts(page).startswith(f"Number {number} of the test set. Label {digit}, read as {digit}.")
    assert title(page).startswith(f"Label {labels[place]}, read as {labels[place]}:")
    cell(page, int(labels[place]), int(labels[place])).click()
    count = ((labels == labels[place]) & (answers == labels[place])).sum()
    assert f": {count} right answer" in title(page)


def test_a_judgement_and_the_chosen_order_outlast_the_change(page, own):
    page.get_by_role("button", name="Nobody can tell").click()
    page.get_by_label("Order").select_option("as in the test set")
    use(page, own)
    whose(page)
    assert listed(page) == sorted(listed(page))
    assert "You have judged 1 digit" in page.locator(".pi-tally").inner_text()


def test_a_kept_network_is_there_at_the_next_visit(page, own, held):
    use(page, own)
    ask(page, "keepNetwork")
    page.reload()
    right = (held[2].argmax(axis=1) == held[1]).sum()
    assert f"reads {right} of the" in whose(page)
    assert line(page).get_by_role("radio", name="yours").is_checked()


def test_a_network_that_cannot_be_read_leaves_the_books_answers(page, own):
    before = state(page)
    use(page, own)
    ask(page, "keepNetwork")
    page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('mnist-tutorial').onsuccess = done; })")
    page.reload()
    page.locator(".bw-network-problem", has_text="so this is the book's").wait_for()
    page.locator(".pi-whose").wait_for(state="hidden")
    assert state(page) == before


def test_in_jupyter_nothing_is_asked(open_live, inspector):
    page = open_live(inspector)
    page.evaluate("fake.model.set('weights', {})")
    assert not page.locator(".pi-whose").is_visible()
    assert title(page).startswith("The most confident 60 of")
