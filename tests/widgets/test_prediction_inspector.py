"""PredictionInspector: what it holds, and its page by mouse, touch and keyboard."""

import gzip
import re
from pathlib import Path

import numpy as np
import pydata_sphinx_theme
import pytest
import traitlets
from axe_playwright_python.sync_playwright import Axe
from canvas import greys
from sklearn.metrics import confusion_matrix
from wording import a_digit

from mnist_tutorial import label_votes
from mnist_tutorial.evaluation import mistakes, nearest
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.prediction_inspector import PredictionInspector

WIDGET_FOLDER = bundle.FOLDER / "prediction_inspector"


@pytest.fixture(scope="module")
def probabilities(digits):
    """Return what a network might predict that is right on about four digits in five: (400, 10) float32."""
    logits = np.random.default_rng(3).normal(size=(len(digits[1]), 10)) * 2 + 5 * np.eye(10)[digits[1]]
    return (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def answers(probabilities):
    return probabilities.argmax(axis=1)


@pytest.fixture(scope="module")
def wrong(probabilities, digits):
    return mistakes(probabilities, digits[1])


@pytest.fixture(scope="module")
def close(digits, wrong):
    """Return the positions of three neighbours of each error, among the digits themselves."""
    flat = digits[0].reshape(len(digits[0]), -1) / 255
    return nearest(flat[wrong], flat)


@pytest.fixture
def make(digits, probabilities):
    return lambda *rest, **traits: PredictionInspector(*digits, probabilities, *rest, **traits)


@pytest.fixture
def votes(wrong, digits, answers):
    """Return made-up votes on the most confident error: (label, answer, 1, 3, 1)."""
    return {int(wrong[0]): (int(digits[1][wrong[0]]), int(answers[wrong[0]]), 1, 3, 1)}


@pytest.fixture
def page(open_page, make, wrong, close, digits, votes):
    widget = make(dict(zip(wrong, close, strict=True)), digits, votes)
    return open_page(widget, has_touch=True)


def cell(page, label, answer):
    return page.get_by_role("gridcell", name=f"label {label}, answer {answer}:")


def title(page):
    return page.locator(".pi-digits .pi-title").inner_text()


def facts(page):
    return " ".join(page.locator(".pi-facts").inner_text().split())


def listed(page):
    """Return the positions of the digits in the strip."""
    names = page.locator(".pi-thumbnail").evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")
    return [int(re.match(r"number (\d+):", name)[1]) for name in names]


def in_cell(digits, answers, label, answer):
    return np.flatnonzero((digits[1] == label) & (answers == answer)).tolist()


def largest_error(digits, answers):
    """Return the label and the answer of the most frequent error."""
    matrix = confusion_matrix(digits[1], answers, labels=range(10)) * (1 - np.eye(10, dtype=int))
    return divmod(int(matrix.argmax()), 10)


class TestWhatItHolds:
    def test_the_matrix_counts_all_digits_as_scikit_learn_does(self, make, digits, answers):
        expected = confusion_matrix(digits[1], answers, labels=range(10))
        np.testing.assert_array_equal(make().confusion, expected)

    def test_all_errors_are_held_with_their_pixels_and_probabilities(self, make, digits, probabilities, answers):
        widget = make()
        errors = np.flatnonzero(answers != digits[1])
        assert len(errors) > 40
        packed = np.frombuffer(widget.images, np.uint8).reshape(-1, 28, 14)
        held = np.stack([packed >> 4, packed & 15], axis=-1).reshape(-1, 28, 28)
        numbers = np.frombuffer(widget.probabilities, "<f4").reshape(-1, 10)
        for position in errors:
            place = widget.positions.index(position)
            np.testing.assert_array_equal(held[place], np.rint(digits[0][position] / 17))
            np.testing.assert_array_equal(numbers[place], probabilities[position])
            assert widget.labels[place] == digits[1][position]

    def test_of_the_right_answers_it_holds_the_least_and_the_most_confident(self, make, digits, probabilities, answers):
        widget = make(per_digit=6)
        for digit in range(10):
            right = in_cell(digits, answers, digit, digit)
            by_sureness = sorted(right, key=lambda position: probabilities[position, digit])
            held = {place for place in widget.positions if digits[1][place] == answers[place] == digit}
            assert held == {*by_sureness[:3], *by_sureness[-3:]}
        sureness = probabilities[widget.positions].max(axis=1)
        assert (np.diff(sureness) <= 0).all()

    def test_of_very_many_errors_it_holds_the_most_confident_and_says_so(self, make, wrong, open_page):
        widget = make(max_errors=7)
        errors = [place for place in widget.positions if place in wrong]
        assert errors == wrong[:7].tolist()
        page = open_page(widget)
        assert title(page) == f"The most confident 7 of {len(wrong)} errors"
        assert f"the most confident 7 of {len(wrong)} errors" in page.locator(".pi-held").inner_text()

    def test_a_network_without_errors_and_one_with_few_digits(self, digits, open_page):
        images, labels = digits[0][:5], digits[1][:5]
        page = open_page(
            PredictionInspector(images, labels, np.eye(10)[labels], cell=[int(labels[0])] * 2),
            PredictionInspector(images, labels, np.eye(10)[labels], only_errors=True),
        )
        assert page.locator(".pi-facts").first.inner_text().startswith("Number")
        assert page.locator(".pi-digits .pi-title").all_inner_texts()[1] == "No errors"
        assert "no errors" in page.locator(".pi-held").nth(1).inner_text()

    def test_published_votes_are_for_the_original_digits_alone(self, make, digits, monkeypatch):
        widget = make()
        assert (widget.votes, widget.source) == ({}, "")
        hashes = {name: label_votes.hashlib.sha256(array.tobytes()).hexdigest()
                  for name, array in zip(("x_test", "y_test"), digits, strict=True)}  # fmt: skip
        monkeypatch.setattr(label_votes, "MNIST_SHA256", hashes)  # as if these were MNIST
        widget = make(per_digit=400)
        assert widget.source == label_votes.SOURCE
        expected = {str(place): list(votes) for place, votes in label_votes.VOTES.items() if place < len(digits[1])}
        assert widget.votes == expected


class TestMatrix:
    def test_every_cell_shows_its_count(self, page, digits, answers):
        shown = [int(text) for text in page.get_by_role("gridcell").all_inner_texts()]
        assert shown == confusion_matrix(digits[1], answers, labels=range(10)).ravel().tolist()

    @pytest.mark.parametrize("hand", ["click", "tap"])
    def test_choosing_a_cell_lists_its_digits(self, page, digits, answers, probabilities, hand):
        label, answer = largest_error(digits, answers)
        getattr(cell(page, label, answer), hand)()
        expected = in_cell(digits, answers, label, answer)
        assert title(page) == f"Label {label}, read as {answer}: {len(expected)} digits"
        assert listed(page) == sorted(expected, key=lambda place: -probabilities[place].max())
        assert f"Number {listed(page)[0]} of the test set. Label {label}, read as {answer}." in facts(page)
        assert cell(page, label, answer).get_attribute("aria-selected") == "true"

    def test_arrow_keys_choose_and_pass_over_the_diagonal_that_is_off(self, page):
        first = cell(page, 0, 1)
        first.focus()
        page.keyboard.press("ArrowLeft")  # only the diagonal is there
        assert page.locator(":focus").get_attribute("aria-label").startswith("label 0, answer 1")
        page.keyboard.press("ArrowDown")
        assert title(page).startswith("Label 2, read as 1")
        page.keyboard.press("ArrowRight")
        assert title(page).startswith("Label 2, read as 3")
        page.get_by_label("only errors").uncheck()
        cell(page, 2, 3).press("ArrowLeft")
        assert title(page).startswith("Label 2, read as 2")
        for _ in range(12):
            page.keyboard.press("ArrowUp")
        assert page.locator(":focus").get_attribute("aria-label").startswith("label 0, answer 2")
        assert page.locator("td[tabindex='0']").count() == 1

    def test_an_empty_cell_has_nothing_to_show(self, page, digits, answers):
        matrix = confusion_matrix(digits[1], answers, labels=range(10))
        label, answer = divmod(int(np.flatnonzero(matrix.ravel() == 0)[0]), 10)
        cell(page, label, answer).click()
        assert title(page) == f"Label {label}, read as {answer}: 0 digits"
        assert facts(page).startswith("No digit to show")
        assert page.locator(".pi-thumbnail").count() == 0
        assert not page.get_by_text("Is the label right?").is_visible()

    def test_only_errors_and_all_errors(self, page, digits, wrong, answers):
        assert listed(page) == wrong.tolist()
        switch = page.get_by_label("only errors")
        assert cell(page, 3, 3).get_attribute("aria-disabled") == "true"
        cell(page, 3, 3).click(force=True)  # greyed out
        assert title(page) == f"All {len(wrong)} errors"
        switch.press(" ")
        assert cell(page, 3, 3).get_attribute("aria-disabled") is None
        assert set(wrong) < set(listed(page))
        cell(page, 3, 3).click()
        right = in_cell(digits, answers, 3, 3)
        assert title(page) == f"Label 3, read as 3: {len(right)} right answers, 12 of them here"
        assert set(listed(page)) < set(right)
        switch.tap()
        assert listed(page) == wrong.tolist()
        cell(page, *largest_error(digits, answers)).click()
        page.get_by_role("button", name="All errors").press("Enter")
        assert listed(page) == wrong.tolist()


class TestDigits:
    def test_the_order_follows_the_choice(self, page, wrong):
        order = page.get_by_label("Order")
        order.select_option("least confident first")
        assert listed(page) == wrong[::-1].tolist()
        order.select_option("as in the test set")
        assert listed(page) == sorted(wrong)

    def test_a_digit_is_shown_with_its_numbers(self, page, digits, wrong, probabilities, answers):
        page.locator(".pi-thumbnail").nth(4).click()
        place = wrong[4]
        ten = probabilities[place]
        second = np.argsort(ten)[-2]
        assert facts(page) == (
            f"Number {place} of the test set. Label {digits[1][place]}, read as {answers[place]}. "
            f"Confidence {ten.max():.1%}. Runner-up: {second} with {ten[second]:.1%}."
        )
        assert page.locator(".bw-bars .bw-best .bw-digit").inner_text() == str(answers[place])
        shown = greys(page.locator(".pi-image"))
        assert np.abs(shown - digits[0][place].astype(int)).max() <= 9  # 16 greys of 256

    def test_the_nearest_training_digits_stand_beside_it(self, page, digits, wrong, close):
        page.locator(".pi-thumbnail").nth(2).tap()
        names = [" ".join(text.split()) for text in page.locator(".pi-near figcaption").all_inner_texts()]
        assert names == [f"label {digits[1][one]} number {one}" for one in close[2]]
        for canvas, one in zip(page.locator(".pi-near canvas").all(), close[2], strict=True):
            shown = greys(canvas)
            assert np.abs(shown - digits[0][one].astype(int)).max() <= 9

    def test_where_no_neighbours_are_held_the_widget_says_so(self, page):
        page.get_by_label("only errors").uncheck()
        cell(page, 3, 3).click()
        assert "are not stored here" in page.locator(".pi-near").inner_text()

    def test_arrow_keys_go_from_digit_to_digit(self, page, wrong):
        strip = page.get_by_role("listbox")
        strip.get_by_role("option", selected=True).focus()
        columns = strip.evaluate("(e) => getComputedStyle(e).gridTemplateColumns.split(' ').length")
        last = len(wrong) - 1
        moves = {"ArrowRight": 1, "ArrowDown": 1 + columns, "ArrowLeft": columns, "ArrowUp": 0, "End": last, "Home": 0}
        for key, place in moves.items():
            page.keyboard.press(key)
            assert facts(page).startswith(f"Number {wrong[place]} "), key
            assert page.locator(":focus").get_attribute("aria-selected") == "true"


class TestJudging:
    def test_votes_are_shown_only_after_the_reader_has_judged(self, page, votes):
        (label, answer, *_), verdict = next(iter(votes.values())), page.locator(".pi-verdict")
        assert verdict.inner_text().startswith("Judge first")
        assert "chose" not in page.locator(".pi").inner_text()
        page.get_by_role("button", name=f"I read {a_digit(answer)}").click()
        assert verdict.inner_text() == (
            f"You read {a_digit(answer)}, not {a_digit(label)}. 5 people were asked: 1 chose the label {label}, 3 the "
            f"{answer} that a program had suggested, 1 neither of the two. Most did not confirm the label."
        )
        page.locator(".pi-thumbnail").nth(1).click()
        assert verdict.inner_text().startswith("Judge first")
        page.get_by_role("button", name="is right").tap()
        assert verdict.inner_text().endswith("is right. There are no published votes on this digit.")
        assert page.locator(".pi-tally").inner_text() == "You have judged 2 digits and found the label right on 1."

    def test_a_judgement_by_keyboard_is_taken_back_by_a_second_press(self, page):
        button = page.get_by_role("button", name="Nobody can tell")
        button.press("Enter")
        assert page.locator(".pi-verdict").inner_text().startswith("You say: nobody can tell.")
        assert button.get_attribute("aria-pressed") == "true"
        button.press(" ")
        assert button.get_attribute("aria-pressed") == "false"
        assert page.locator(".pi-tally").inner_text() == ""

    def test_without_votes_nothing_is_said_of_votes(self, open_page, make):
        page = open_page(make())
        page.get_by_role("button", name="Nobody can tell").click()
        assert page.locator(".pi-verdict").inner_text() == "You say: nobody can tell."
        assert "votes" not in page.locator(".pi").inner_text()

    def test_people_who_had_no_other_digit_to_choose(self, open_page, make, wrong, digits):
        label = int(digits[1][wrong[0]])
        page = open_page(make(votes={int(wrong[0]): (label, label, 4, 4, 1)}, judgements={int(wrong[0]): label}))
        assert page.locator(".pi-verdict").inner_text() == (
            f"You say: the label {label} is right. 5 people were asked: 4 chose the label {label}, 1 did not. "
            "Most confirmed the label."
        )


def test_traits_set_from_python_are_followed_and_nothing_leaks(open_live, make, digits, wrong, answers):
    page = open_live(make())
    set_ = lambda name, value: page.evaluate("([name, value]) => fake.model.set(name, value)", [name, value])  # noqa: E731
    get = lambda name: page.evaluate("(name) => fake.model.get(name)", name)  # noqa: E731
    label, answer = largest_error(digits, answers)
    set_("cell", [label, answer])
    assert get("index") == listed(page)[0]
    set_("order", "test set")
    assert listed(page) == in_cell(digits, answers, label, answer)
    outside = next(int(one) for one in wrong if one not in listed(page))
    set_("index", outside)
    assert facts(page).startswith(f"Number {outside} ")
    assert get("cell") == [digits[1][outside], answers[outside]]
    set_("cell", [3, 3])
    assert get("only_errors") is False
    assert title(page).startswith("Label 3, read as 3")
    set_("only_errors", True)
    assert get("cell") == []
    set_("index", int(wrong[0]))
    set_("judgements", {str(wrong[0]): -1})
    assert page.get_by_role("button", name="Nobody can tell").get_attribute("aria-pressed") == "true"
    listening = page.evaluate("fake.listening()")
    again = """async () => {
      fake.hide();
      const before = fake.outside(); // the test's own browser driver also listens
      await fake.show();
      const there = fake.listening();
      fake.hide();
      return [there, fake.listening(), fake.outside() - before];
    }"""
    assert page.evaluate(again) == [listening, 0, 0]
    assert listening > 0


def test_two_on_a_page_do_not_disturb_each_other(open_page, make, wrong):
    page = open_page(make(), make(index=wrong[3]))
    page.locator(".pi-thumbnail").nth(1).click()
    page.get_by_role("button", name="Nobody can tell").first.click()
    shown = page.locator(".pi-facts").all_inner_texts()
    assert [int(re.search(r"Number (\d+)", text)[1]) for text in shown] == [wrong[1], wrong[3]]
    assert page.locator(".pi-tally").all_inner_texts()[1] == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_narrow_page_all_is_in_reach_and_axe_is_content(open_page, make, votes, scheme):
    options = {"viewport": {"width": 320, "height": 800}, "color_scheme": scheme, "has_touch": True}
    page = open_page(make(votes=votes), **options)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for target in (cell(page, 0, 1), cell(page, 9, 9), page.get_by_role("button", name="I read a 0")):
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    cut_off = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML)"
    assert page.locator(".pi-matrix td").evaluate_all(cut_off) == []
    assert Axe().run(page, options={"preload": False}).response["violations"] == []


def test_the_columns_of_the_matrix_are_equal_within_the_themes_styles(page):
    page.evaluate("""() => {
        document.querySelector("main").className = "bd-content";
        document.querySelector("[data-book-widget]").classList.add("output");
    }""")
    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "styles"
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.add_style_tag(path=theme / "pydata-sphinx-theme.css")
        widths = "(row) => [...row.querySelectorAll('td')].map((cell) => cell.getBoundingClientRect().width)"
        found = page.locator(".pi-matrix tbody tr").first.evaluate(widths)
        assert np.ptp(found) < 0.1


def test_without_javascript_tables_and_an_image_are_shown(open_page, make, wrong, digits, answers):
    page = open_page(make(), java_script_enabled=False)
    assert page.get_by_role("img").get_attribute("alt").startswith(f"All {len(wrong)} errors")
    label, answer = largest_error(digits, answers)
    assert f"confusions: {label} read as {answer} (" in page.locator("p").first.inner_text()
    shown = [int(text) for text in page.locator("tbody td").all_inner_texts()]
    assert shown == confusion_matrix(digits[1], answers, labels=range(10)).ravel().tolist()


def test_traits_say_what_they_expect(make, wrong, digits, answers):
    widget = make()
    right = next(place for place in range(400) if place not in widget.positions)
    for name, value in (("cell", [1]), ("cell", [1, 10]), ("index", right), ("order", "random"),
                        ("judgements", {int(wrong[0]): 10}), ("judgements", {right: 3})):  # fmt: skip
        with pytest.raises(traitlets.TraitError, match=f"{name} was given .*expects"):
            setattr(widget, name, value)
    widget.cell = (4, np.int64(9))
    widget.index = wrong[1]  # NumPy's numbers will do
    widget.judgements = {wrong[1]: np.int64(4), str(wrong[2]): -1}
    assert (widget.cell, widget.index) == ([4, 9], wrong[1])
    assert widget.judgements == {wrong[1]: 4, wrong[2]: -1}
    assert widget.page_state()["judgements"] == {str(wrong[1]): 4, str(wrong[2]): -1}
    label, answer = largest_error(digits, answers)
    assert make(cell=[label, answer]).index in in_cell(digits, answers, label, answer)
    assert make(index=next(place for place in widget.positions if place not in wrong)).only_errors is False


def test_bad_input_is_refused(make, digits, probabilities, wrong):
    for bad in (probabilities[:-1], np.log(probabilities), probabilities * np.nan, probabilities.argmax(axis=1)):
        with pytest.raises(ValueError, match=r"was given probabilities of .* expects what model.predict"):
            PredictionInspector(*digits, bad)
    with pytest.raises(ValueError, match="uint8"):
        PredictionInspector(digits[0] / 255, digits[1], probabilities)
    first = int(wrong[0])
    for arguments, message in (
        ({"neighbours": {first: [1, 2]}}, "training as NoneType"),
        ({"neighbours": [[1]], "training": digits}, "neighbours was given as list"),
        ({"neighbours": {first: [400]}, "training": digits}, "positions in the training set, 0 to 399"),
        ({"votes": {first: (1, 2, 3)}}, "votes was given"),
        ({"votes": {400: (1, 2, 3, 1, 1)}}, "votes was given 400"),
        ({"per_digit": 0}, "per_digit was given 0"),
        ({"max_errors": 1.5}, "max_errors was given 1.5"),
    ):
        with pytest.raises(ValueError, match=message):
            make(**arguments)


def test_it_is_light(digits, make, wrong, close):
    assert len(gzip.compress(make(dict(zip(wrong, close, strict=True)), digits).page_html().encode())) < 90_000
    for path in WIDGET_FOLDER.glob("*.js"):
        assert path.stat().st_size < 15_000, path.name
