"""Quiz in a page without a kernel: by mouse, touch and keyboard."""

import json
import re

import pytest
import traitlets
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from mnist_tutorial.exercises import bank as book
from mnist_tutorial.exercises import results
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.quiz import Quiz

COLOUR = {
    "id": "colour",
    "ask": "Which colour is `255`?",
    "where": "The grey",
    "choices": [
        {"text": "black", "says": "Black is `0`."},
        {"text": "white", "right": True, "says": "It is the largest value."},
        {"text": "<b>red</b>", "says": "There is no <i>red</i> in grey."},
    ],
}
COUNT = {
    "id": "count",
    "ask": "How many parameters have 30 filters of 5 by 5?",
    "where": 'Elsewhere "99%"',
    "right": 780,
    "hint": "Count one filter.",
    "because": "30 × 26 = 780.",
    "wrong": [{"number": 750, "says": "You forgot the biases."}, {"number": 1234, "says": "That is too many."}],
}
SHARE = COUNT | {"id": "share", "ask": "Which share?", "right": 0.5, "tolerance": 0.01, "percent": True, "wrong": []}
TYPED = [
    *("780", "1,234", "1234", "0.5", ".5", "50%", " 50 % ", "−3", "+3", "-.5", "5.", "1,234,567.5", "007", "780.0"),
    *("0,5", "0,693", "−0,693", ",5", "1,23", "12,34", "1,2345", "1.234,5", "1.234.567,5", "12,5%", "780,0", "1,498"),
]
NO_NUMBERS = [
    *("", ".", ",", "%", "5,", "0,693,1", "1,2,3", "12,345,6", "1.2,3", "1e3", "abc", "1 234", "0x10", "٣", "5%%"),
    *("--5", "NaN", "1.2.3"),
]


@pytest.fixture
def widget():
    return Quiz([COLOUR, COUNT, SHARE])


@pytest.fixture
def page(open_page, widget):
    return open_page(widget, has_touch=True)


def form(page, name):
    return page.locator(f"form[data-question={name}]")


def reply(page, name):
    """Return what is said to an answer; below it stands where the book gives the answer."""
    return form(page, name).locator(".qz-reply").inner_text().partition("\n")[0]


def places(page, name="colour"):
    """Return the choices as they are shown, by their positions in the question."""
    return [int(radio.get_attribute("value")) for radio in form(page, name).get_by_role("radio").all()]


def type_and_check(page, name, text):
    form(page, name).get_by_role("textbox").fill(text)
    form(page, name).get_by_role("button", name="Check").click()
    return reply(page, name)


def score(page):
    return page.locator(".qz-score").inner_text()


class TestChoices:
    def test_each_choice_is_explained_by_mouse(self, page):
        for choice, message in (("black", "✗ No. Black is 0."), ("red", "✗ No. There is no <i>red</i> in grey.")):
            form(page, "colour").get_by_label(choice).click()
            assert reply(page, "colour") == ""  # what was said was said to another choice
            form(page, "colour").get_by_role("button", name="Check").click()
            assert reply(page, "colour") == message
            assert form(page, "colour").get_by_text("Look again at ‘The grey’.").is_visible()
        form(page, "colour").get_by_label("white").click()
        form(page, "colour").get_by_role("button", name="Check").click()
        assert reply(page, "colour") == "✓ Right. It is the largest value."
        assert form(page, "colour").get_by_text("See ‘The grey’.").is_visible()
        assert score(page) == "1 of 3 answered, 1 right, 0 of them at the first try."

    def test_by_touch(self, page):
        form(page, "colour").get_by_text("white").tap()
        form(page, "colour").get_by_role("button", name="Check").tap()
        assert reply(page, "colour").startswith("✓ Right.")

    def test_by_keyboard(self, page):
        shown = places(page)
        form(page, "colour").get_by_role("radio").first.focus()
        page.keyboard.press("Space")
        for _ in range(shown.index(1)):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert reply(page, "colour").startswith("✓ Right.")
        for _ in range((shown.index(0) - shown.index(1)) % 3):  # from the last to the first
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Check"
        page.keyboard.press("Space")
        assert reply(page, "colour").startswith("✗ No. Black is 0.")

    def test_code_is_an_element_and_markup_is_text(self, page):
        assert form(page, "colour").locator("legend").inner_text() == "1. Which colour is 255?"
        assert form(page, "colour").locator("legend code").inner_text() == "255"
        assert form(page, "colour").get_by_text("<b>red</b>").is_visible()
        assert page.locator(".qz b, .qz i").count() == 0

    def test_nothing_chosen_is_no_try(self, page):
        form(page, "colour").get_by_role("button", name="Check").click()
        assert reply(page, "colour") == "Choose an answer first."
        assert score(page) == "0 of 3 answered, 0 right."


class TestNumbers:
    def test_foreseen_and_other_numbers_are_answered_without_the_solution(self, page):
        assert type_and_check(page, "count", "750").startswith("✗ 750 is not it. You forgot the biases.")
        assert type_and_check(page, "count", "1,234").startswith("✗ 1,234 is not it. That is too many.")
        assert type_and_check(page, "count", "3").startswith("✗ 3 is not it. Count one filter.")
        assert "780" not in page.locator(".qz").inner_text()
        assert type_and_check(page, "count", "780") == "✓ Right. 30 × 26 = 780."

    def test_text_is_no_number_and_no_try(self, page):
        for text in ("abc", "50%", "1e3"):
            assert type_and_check(page, "count", text).startswith(f"“{text}” is no number that can be read here.")
        assert type_and_check(page, "count", "") == "Type a number first."
        assert score(page) == "0 of 3 answered, 0 right."
        assert not form(page, "count").get_by_role("button", name="Show").is_visible()

    def test_a_decimal_comma_is_read_or_asked_about(self, page):
        assert type_and_check(page, "share", "0,5") == "✓ Right. 30 × 26 = 780."
        assert type_and_check(page, "share", "0,693").startswith("✗ 0,693 is not it.")
        expected = "“1,498” can mean two numbers. Write it with a point or no comma: 1.498 or 1498."
        assert type_and_check(page, "share", "1,498") == expected  # and that is no try
        assert not form(page, "share").get_by_role("button", name="Show").is_visible()

    def test_by_keyboard_alone(self, page):
        form(page, "count").get_by_label("Your number").focus()
        page.keyboard.type("780")
        page.keyboard.press("Enter")
        assert reply(page, "count").startswith("✓ Right.")
        page.keyboard.type("0")
        assert reply(page, "count") == ""

    def test_by_touch(self, page):
        form(page, "share").get_by_role("textbox").tap()
        page.keyboard.type("50%")
        form(page, "share").get_by_role("button", name="Check").tap()
        assert reply(page, "share").startswith("✓ Right.")

    @pytest.mark.parametrize(("text", "right"), [("0.5", True), (".51", True), ("49%", True), ("50", False)])
    def test_a_share_may_be_written_in_several_ways(self, page, text, right):
        assert type_and_check(page, "share", text).startswith("✓" if right else "✗")

    def test_phones_show_digits(self, page):
        assert form(page, "count").get_by_role("textbox").get_attribute("inputmode") == "decimal"
        assert form(page, "share").get_by_role("textbox").get_attribute("inputmode") == "text"  # for the percent sign


class TestAnswers:
    def test_two_wrong_tries_offer_the_answer(self, page):
        button = form(page, "count").get_by_role("button", name="the answer")
        type_and_check(page, "count", "750")
        type_and_check(page, "count", "750")  # the same answer is no other try
        assert not button.is_visible()
        type_and_check(page, "count", "751")
        assert button.inner_text() == "Show the answer"
        button.press("Enter")
        said = form(page, "count").locator(".qz-answer").inner_text()
        assert said.split("\n\n") == ["Answer: 780. 30 × 26 = 780.", 'See ‘Elsewhere "99%"’.']
        assert button.get_attribute("aria-expanded") == "true"
        assert button.inner_text() == "Hide the answer"
        button.tap()
        assert form(page, "count").locator(".qz-answer").inner_text() == ""

    def test_the_score_counts_what_was_right_at_the_first_try(self, page):
        type_and_check(page, "count", "750")
        type_and_check(page, "count", "780")
        assert score(page) == "1 of 3 answered, 1 right, 0 of them at the first try."
        type_and_check(page, "share", "50%")
        assert score(page) == "2 of 3 answered, 2 right, 1 of them at the first try."

    def test_start_again_empties_everything(self, page):
        for text in ("1", "2"):
            type_and_check(page, "count", text)
        form(page, "count").get_by_role("button", name="Show").click()
        form(page, "colour").get_by_label("white").check()
        page.get_by_role("button", name="Start again").click()
        assert form(page, "count").get_by_role("textbox").input_value() == ""
        assert page.locator(".qz-answer").all_inner_texts() == ["", "", ""]
        assert page.locator(".qz-reply").all_inner_texts() == ["", "", ""]
        assert page.get_by_role("radio", checked=True).count() == 0
        assert not form(page, "count").get_by_role("button", name="the answer").is_visible()

    def test_what_is_said_is_announced_and_not_only_coloured(self, page):
        type_and_check(page, "count", "750")
        for part in (".qz-reply", ".qz-answer"):
            places = page.locator(part)
            assert [place.get_attribute("role") for place in places.all()] == ["status"] * 3
        assert page.locator(".qz-score").get_attribute("role") == "status"
        for target in page.locator(".qz button:visible, .qz label.qz-choice").all():
            assert target.bounding_box()["height"] >= 24

    def test_a_heading_of_the_page_becomes_a_link(self, page):
        page.evaluate(
            """document.querySelector("main").insertAdjacentHTML("afterbegin", `<section id="the-place">
            <h2>Else<em>where</em> “99%”<a class="headerlink" href="#the-place">#</a></h2></section>`)"""
        )
        type_and_check(page, "count", "1")
        link = form(page, "count").get_by_role("link", name="Elsewhere")
        assert link.get_attribute("href") == "#the-place"
        type_and_check(page, "count", "780")
        assert form(page, "count").get_by_role("link", name="Elsewhere").get_attribute("href") == "#the-place"


ORDER = "mnist-tutorial order of choices"


class TestOrder:
    """The choices are shown in an order of the reader's own; an answer is judged by what it is, not by its place."""

    def test_it_stays_over_reloads_and_differs_between_readers(self, open_page, widget):
        page = open_page(widget)
        seeds = {tuple(book.order_of("colour", 3, seed)): seed for seed in range(1, 60)}
        assert len(seeds) == 6  # all the orders that there are
        for seed in seeds.values():
            page.evaluate("([key, seed]) => localStorage.setItem(key, seed)", [ORDER, str(seed)])
            for _ in range(2):
                page.reload()
                assert places(page) == book.order_of("colour", 3, seed)
            assert form(page, "colour").get_by_label("white").get_attribute("value") == "1"
            form(page, "colour").get_by_label("white").check()
            form(page, "colour").get_by_role("button", name="Check").click()
            assert reply(page, "colour").startswith("✓ Right.")
            form(page, "colour").get_by_label("black").check()
            form(page, "colour").get_by_role("button", name="Check").click()
            assert reply(page, "colour") == "✗ No. Black is 0."
            page.get_by_role("button", name="Start again").click()

    def test_the_first_visit_draws_a_seed_that_is_kept(self, open_page, widget):
        page = open_page(widget)
        seed = page.evaluate("(key) => localStorage.getItem(key)", ORDER)
        assert places(page) == book.order_of("colour", 3, int(seed))
        page.reload()
        assert page.evaluate("(key) => localStorage.getItem(key)", ORDER) == seed

    @pytest.mark.parametrize("kept", ["", "text", "-1", "1.5", "0", "4294967296", "Infinity"])
    def test_a_kept_text_that_is_no_seed_is_replaced(self, open_page, widget, kept):
        page = open_page(widget)
        page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [ORDER, kept])
        page.reload()
        seed = int(page.evaluate("(key) => localStorage.getItem(key)", ORDER))
        assert 0 < seed < 2**32
        assert places(page) == book.order_of("colour", 3, seed)

    def test_a_screen_reader_reads_the_choices_in_the_order_shown(self, page):
        texts = ["black", "white", "<b>red</b>"]
        expected = "\n".join(f"  - radio {json.dumps(texts[position])}" for position in places(page))
        expect(form(page, "colour")).to_match_aria_snapshot(f'- group "1. Which colour is 255?":\n{expected}')


class TestMemory:
    def test_a_reload_keeps_the_answers_in_this_browser(self, page):
        type_and_check(page, "count", "1")
        type_and_check(page, "count", "2")
        form(page, "count").get_by_role("button", name="Show").click()
        form(page, "colour").get_by_label("white").check()
        form(page, "colour").get_by_role("button", name="Check").click()
        before = page.locator(".qz").inner_text()
        assert "Your answers stay in this browser, and nowhere else." in before
        page.reload()
        assert page.locator(".qz").inner_text() == before
        assert form(page, "count").get_by_role("textbox").input_value() == "2"
        assert form(page, "colour").get_by_label("white").is_checked()
        page.get_by_role("button", name="Start again").click()
        page.reload()
        assert score(page) == "0 of 3 answered, 0 right."

    def test_changed_questions_begin_afresh(self, page):
        type_and_check(page, "count", "1")
        key = page.evaluate("Object.keys(localStorage).find((key) => localStorage.getItem(key).includes('version'))")
        kept = json.loads(page.evaluate("(key) => localStorage.getItem(key)", key))
        for other in (json.dumps(kept | {"version": kept["version"] + 1}), "{", "null"):
            page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, other])
            page.reload()
            assert score(page) == "0 of 3 answered, 0 right."
            assert type_and_check(page, "count", "780").startswith("✓")

    def test_a_browser_that_keeps_nothing_is_told_nothing(self, open_page, widget):
        page = open_page(widget)
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
        page.reload()
        assert places(page) == book.order_of("colour", 3)  # as in print
        assert type_and_check(page, "count", "780").startswith("✓")
        assert not page.get_by_text("stay in this browser").is_visible()


def saved(page, press):
    """Return the file that a press saves, read by Python and as JSON."""
    with page.expect_download() as download:
        press()
    path = download.value.path()
    assert json.loads(path.read_text("utf-8"))["answered"] == len(results.read(path))
    return download.value.suggested_filename, json.loads(path.read_text("utf-8"))


class TestSaving:
    def test_nothing_is_offered_before_the_first_answer(self, page):
        assert not page.get_by_text("Save my results").is_visible()
        type_and_check(page, "count", "abc")  # no answer
        assert not page.get_by_text("Save my results").is_visible()
        type_and_check(page, "count", "750")
        assert page.get_by_text("Save my results").is_visible()
        page.get_by_role("button", name="Start again").click()
        assert not page.get_by_text("Save my results").is_visible()

    def test_by_keyboard_with_a_name(self, page):
        form(page, "colour").get_by_label("<b>red</b>").check()
        form(page, "colour").get_by_role("button", name="Check").click()
        form(page, "colour").get_by_label("white").check()
        form(page, "colour").get_by_role("button", name="Check").click()
        for text in (" 750 ", "1"):
            type_and_check(page, "count", text)
        form(page, "count").get_by_role("button", name="Show the answer").click()
        page.locator(".qz-saving summary").press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("Zoë 七/../<b>")
        assert page.get_by_text("It will be called quiz-results-Zoë-七-b.json.").is_visible()
        name, content = saved(page, lambda: page.keyboard.press("Enter"))
        assert name == "quiz-results-Zoë-七-b.json"
        today = page.evaluate("new Date().toLocaleDateString('sv')")  # Swedes write 2026-11-28
        assert content == {
            "format": results.FORMAT,
            "name": "Zoë 七/../<b>",
            "saved": today,
            "answered": 2,
            "right": 1,
            "answers": [
                {
                    "chapter": "",
                    "question": "colour",
                    "asked": COLOUR["ask"],
                    "answer": "white",
                    "right": True,
                    "wrong tries": 1,
                    "answer shown": False,
                },
                {
                    "chapter": "",
                    "question": "count",
                    "asked": COUNT["ask"],
                    "answer": "1",
                    "right": False,
                    "wrong tries": 2,
                    "answer shown": True,
                },
            ],
        }
        said = page.get_by_role("status").filter(has_text="Saved: 2 answers from 1 chapter.")
        assert said.is_visible()
        type_and_check(page, "count", "2")  # what was said was said of other answers
        assert not said.is_visible()

    def test_by_touch_without_a_name_and_where_the_browser_keeps_nothing(self, page):
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
        page.reload()
        type_and_check(page, "share", "50%")
        page.get_by_text("Save my results").tap()
        name, content = saved(page, lambda: page.get_by_role("button", name="Save", exact=True).tap())
        assert (name, content["name"], content["right"]) == ("quiz-results.json", "", 1)

    def test_all_of_it_fits_on_a_phones_screen(self, open_page, widget):
        page = open_page(widget, viewport={"width": 320, "height": 664}, is_mobile=True, has_touch=True)
        type_and_check(page, "share", "50%")
        page.get_by_text("Save my results").tap()
        page.get_by_role("button", name="Save", exact=True).tap()
        assert page.get_by_text("Saved: 1 answer from 1 chapter.").is_visible()
        assert page.locator(".qz-saving").bounding_box()["height"] < 608
        for control in page.locator(".qz-saving :is(summary, button, input)").all():
            assert control.bounding_box()["height"] >= 44
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

    def test_in_jupyter(self, open_live, widget):
        page = open_live(widget)
        type_and_check(page, "count", "780")
        page.get_by_text("Save my results").click()
        _, content = saved(page, lambda: page.get_by_role("button", name="Save", exact=True).click())
        assert [one["answer"] for one in content["answers"]] == ["780"]


def test_two_on_a_page_do_not_disturb_each_other(open_page, widget):
    page = open_page(widget, Quiz([COLOUR, COUNT]))
    for quiz, text in ((0, "780"), (1, "750")):
        page.locator(".qz").nth(quiz).get_by_role("textbox").first.fill(text)
        page.locator(".qz").nth(quiz).get_by_role("button", name="Check").nth(1).click()
        page.locator(".qz").nth(quiz).get_by_role("radio").nth(quiz).check()
    assert page.get_by_role("radio", checked=True).count() == 2
    expected = ["1 of 3 answered, 1 right.", "1 of 2 answered, 0 right."]
    assert page.locator(".qz-score").all_inner_texts() == expected
    page.reload()
    assert page.locator(".qz-score").all_inner_texts() == expected
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_the_page_follows_the_traits_and_tells_them(open_live, widget):
    page = open_live(widget)
    page.evaluate("fake.model.set('answers', { count: '750', colour: 1 })")
    assert form(page, "count").get_by_role("textbox").input_value() == "750"
    assert reply(page, "count").startswith("✗ 750 is not it. You forgot the biases.")
    assert form(page, "colour").get_by_label("white").is_checked()
    page.evaluate("fake.model.set('tries', { share: 2 })")
    assert form(page, "share").get_by_role("button", name="Show the answer").is_visible()
    page.evaluate("fake.model.set('shown', ['share'])")
    assert form(page, "share").locator(".qz-answer").inner_text().startswith("Answer: 50%. 30 × 26 = 780.\n")
    form(page, "colour").get_by_label("black").check()
    type_and_check(page, "count", "3")  # the choice that is not checked yet stays as it is
    assert form(page, "colour").get_by_label("black").is_checked()
    state = page.evaluate("({ answers: fake.state.answers, tries: fake.state.tries, saved: fake.saved })")
    assert state == {"answers": {"count": "3", "colour": 1}, "tries": {"share": 2, "count": 1}, "saved": 1}
    widget.answers, widget.tries = state["answers"], state["tries"]  # Python takes what the page gives


def test_it_leaves_nothing_behind(open_live, widget):
    page = open_live(widget)
    count = page.evaluate("fake.listening()")
    page.evaluate("fake.hide()")
    assert count > 0
    assert page.evaluate("fake.listening()") == 0
    page.evaluate("fake.show()")
    assert page.evaluate("fake.listening()") == count
    assert page.evaluate("fake.outside()") == 0


def test_page_and_python_say_the_same(open_live, widget):
    page = open_live(widget)
    source = re.sub("^export ", "", (bundle.FOLDER / "quiz" / "judging.js").read_text("utf-8"), flags=re.MULTILINE)
    names = "{ numberIn, orderOf, replyTo, solution }"
    page.evaluate(f"() => {{ window.judging = (() => {{ {source} return {names}; }})(); }}")
    own = [one for name in book.FOLDER.glob("*.toml") for one in book.of_chapter(name.stem)]
    cases = []
    for one in [*widget.questions, *own]:
        typed = [*TYPED, *NO_NUMBERS, *(f"{wrong['number']}" for wrong in one.get("wrong", [])), f"{one.get('right')}"]
        cases += [[one, given] for given in (range(len(one["choices"])) if "choices" in one else typed)]
    replies = page.evaluate("(cases) => cases.map(([one, given]) => judging.replyTo(one, given))", cases)
    assert replies == [book.reply_to(one, given)._asdict() for one, given in cases]
    for percent in (False, True):
        numbers = page.evaluate(
            "([all, percent]) => all.map((one) => judging.numberIn(one, percent))", [[*TYPED, *NO_NUMBERS], percent]
        )
        assert numbers == [book.number_in(text, percent) for text in [*TYPED, *NO_NUMBERS]]
    orders = [[one["id"], count, seed] for one in own for count in (1, 3, 5) for seed in (0, 7, 2**32 - 1)]
    orders += [["naïve 😀", 4, 1]]
    found = page.evaluate("(all) => all.map((one) => judging.orderOf(...one))", orders)
    assert found == [book.order_of(*one) for one in orders]
    solutions = page.evaluate("(all) => all.map(judging.solution)", [one for one, _ in cases])
    assert solutions == [book.solution(one) for one, _ in cases]


def test_numbers_are_read_as_people_write_them():
    read = {text: book.number_in(text, percent=True) for text in [*TYPED, *NO_NUMBERS]}
    assert [read[text] for text in ("1,234", "1234", "0.5", ".5", "50%", "−3")] == [1234, 1234, 0.5, 0.5, 0.5, -3]
    commas = ("0,5", "0,693", "−0,693", ",5", "1,2345", "1.234,5", "1.234.567,5", "12,5%")
    assert [read[text] for text in commas] == [0.5, 0.693, -0.693, 0.5, 1.2345, 1234.5, 1234567.5, 0.125]
    assert [text for text, number in read.items() if number is None] == NO_NUMBERS


def test_the_page_knows_how_many_questions_the_book_has():
    source = (bundle.FOLDER / "quiz" / "totals.js").read_text("utf-8")
    asked = sum(len(book.of_chapter(path.stem)) for path in book.FOLDER.glob("*.toml"))
    assert f"export const IN_BOOK = {asked};" in source, f"quiz/totals.js is to say IN_BOOK = {asked}"


def test_no_total_is_shown_outside_of_a_chapter(page):
    type_and_check(page, "count", "780")
    assert page.locator(".qz-total").inner_text() == ""
    assert page.evaluate("localStorage.getItem('mnist-tutorial quiz results')") is None


def test_its_scripts_are_light():
    for path in (bundle.FOLDER / "quiz").glob("*.js"):
        assert path.stat().st_size < 15_000, path.name


def test_without_javascript_questions_and_answers_are_shown(open_page, widget):
    page = open_page(widget, java_script_enabled=False)
    text = page.locator("main").inner_text()
    assert text.index("Which share?") < text.index("Answers") < text.index("30 × 26 = 780.")
    # In an order that is fixed and not the one in which the question was written.
    assert page.locator("ol ul li").all_inner_texts() == ["white", "black", "<b>red</b>"]
    assert page.locator("ol").last.locator("li").first.inner_text() == "white. It is the largest value. See ‘The grey’."
    assert page.locator("ol > li code").first.inner_text() == "255"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, widget, scheme):
    page = open_page(widget, color_scheme=scheme)
    type_and_check(page, "count", "1")
    type_and_check(page, "count", "2")
    form(page, "count").get_by_role("button", name="Show").click()
    type_and_check(page, "share", "50%")
    found = Axe().run(page, ".qz", {"preload": False}).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []


def test_every_chapter_has_a_quiz_that_fits_a_phone(open_page):
    for path in sorted(book.FOLDER.glob("*.toml")):
        page = open_page(Quiz(path.stem), viewport={"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path.stem
        assert page.locator("form").count() == len(book.of_chapter(path.stem))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (COLOUR | {"choices": [one | {"right": False} for one in COLOUR["choices"]]}, "'colour' has 0 right choices"),
        (COLOUR | {"choices": [one | {"right": True} for one in COLOUR["choices"]]}, "'colour' has 3 right choices"),
        (COLOUR | {"choices": [{"text": "a", "right": True, "says": "b"}, {"text": "c"}]}, "'colour', choice 2 has no"),
        (COLOUR | {"choices": COLOUR["choices"][:2] + COLOUR["choices"][:1]}, "no two alike"),
        (COLOUR | {"hint": "x"}, "'colour' has the unknown field hint"),
        (COLOUR | {"ask": "What is `this?"}, "'colour': ask was given"),
        (COLOUR | {"kind": "hard"}, "'colour': kind was given 'hard'; expected one of recall, compute, judgement"),
        (COLOUR | {"ask": " "}, "'colour': ask was given"),
        ({name: COUNT[name] for name in COUNT if name != "because"}, "'count' has no because"),
        (COUNT | {"right": "780"}, "'count': right was given '780'"),
        (COUNT | {"right": float("nan")}, "'count': right was given nan"),
        (COUNT | {"right": [2, 3], "wrong": []}, "'count' asks for a shape"),
        (COUNT | {"tolerance": -1}, "tolerance -1"),
        (COUNT | {"tolerance": 40}, "'count': 750 is told to be wrong"),
        (COUNT | {"wrong": [{"number": 1}]}, "'count', wrong number has no says"),
    ],
)
def test_bad_questions_are_named(bad, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Quiz([SHARE, bad])


def test_what_is_no_quiz_is_refused():
    with pytest.raises(ValueError, match=r"'count'.*given to two questions"):
        Quiz([COUNT, COUNT])
    with pytest.raises(ValueError, match="no questions for '99_nothing'; expected one of 00_before_you_start"):
        Quiz("99_nothing")
    for bad in ([], [1], 5):
        with pytest.raises(ValueError, match="questions"):
            Quiz(bad)


def test_traits_refuse_what_does_not_fit(widget):
    for name, value, message in (
        ("answers", {"nothing": 1}, "'nothing'"),
        ("answers", {"colour": 3}, "0 to 2"),
        ("answers", {"colour": True}, "0 to 2"),
        ("answers", {"count": [1]}, "expects a number"),
        ("tries", {"count": -1}, "whole number"),
        ("shown", ["nothing"], "'nothing'"),
    ):
        with pytest.raises(traitlets.TraitError, match=message):
            setattr(widget, name, value)


def test_python_reads_and_sets_the_answers(widget):
    seen = []
    widget.observe(lambda change: seen.append(change.new), "answers")
    widget.answers = {"count": 780, "colour": 0, "share": "x"}
    assert seen == [{"count": "780", "colour": 0, "share": "x"}]
    assert widget.results() == {"count": True, "colour": False}
