"""How far the reader is: kept by the browser, shown beside chapters and on the first page, forgotten at a press."""

import csv
import json
import re

import pytest
from playwright.sync_api import expect
from table_of_contents import PAGES
from visits import TWO_FRAMES

from mnist_tutorial.__main__ import main
from mnist_tutorial.exercises import bank
from site_checks.book_in_browser import new_page, wait_until_ready

KEY = "mnist-tutorial progress"
CHAPTERS = [name for name in PAGES if name.startswith("chapters/")]
CHAPTER = "chapters/04_process_data.html"
READ_ONE = {"last": {"page": CHAPTER, "id": "", "words": "Step 3"}, "read": [CHAPTER]}


@pytest.fixture
def page(chromium, strict_host):
    """Return a page, on no address as yet, of a browser that has kept nothing."""
    page = new_page(chromium, strict_host)
    yield page
    page.context.close()


def open_(page, host, name):
    page.goto(f"{host}/{name}")
    wait_until_ready(page)


def kept(page):
    return json.loads(page.evaluate(f"localStorage.getItem({KEY!r})"))


def ticks(page):
    return page.locator(".bd-docs-nav .chapter-read")


def offer(page):
    return page.locator(".book-continue")


def test_who_has_read_nothing_is_offered_nothing(page, strict_host):
    open_(page, strict_host, "index.html")
    expect(page.locator(".chapter-cards .sd-card")).to_have_count(len(CHAPTERS))
    expect(offer(page)).to_have_count(0)
    expect(page.locator(".chapter-read")).to_have_count(0)


def test_the_section_is_kept_and_the_first_page_leads_back_to_it(page, strict_host):
    open_(page, strict_host, CHAPTER)
    title = page.locator(".bd-article h1").inner_text().strip("#\n ")
    assert kept(page)["last"] == {"page": CHAPTER, "id": "", "words": title}
    heading = page.locator(".bd-article section h2").nth(2)
    heading.evaluate("heading => heading.scrollIntoView()")
    section = heading.evaluate("heading => heading.closest('section').id")
    page.wait_for_function(f"id => JSON.parse(localStorage.getItem({KEY!r})).last.id === id", arg=section)
    assert kept(page)["read"] == []
    open_(page, strict_host, "index.html")
    expect(offer(page)).to_contain_text(f"0 of {len(CHAPTERS)} chapters read")
    offer(page).get_by_role("link").click()
    assert page.url == f"{strict_host}/{CHAPTER}#{section}"


def test_a_chapter_is_read_once_half_of_its_headings_and_its_end_were_on_the_screen(page, strict_host):
    open_(page, strict_host, CHAPTER)
    end, headings = page.locator(".prev-next-footer"), page.locator(".bd-article section h2")
    end.scroll_into_view_if_needed()  # one leap
    page.evaluate(TWO_FRAMES)
    expect(ticks(page)).to_have_count(0)
    for place in range(0, headings.count(), 2):
        headings.nth(place).scroll_into_view_if_needed()
        page.evaluate(TWO_FRAMES)
    expect(ticks(page)).to_have_count(1)
    assert kept(page)["read"] == [CHAPTER]
    open_(page, strict_host, "index.html")
    assert ticks(page).evaluate("mark => mark.closest('a').href") == f"{strict_host}/{CHAPTER}"
    expect(page.locator(".chapter-cards .sd-card", has=page.locator(".chapter-read"))).to_contain_text(
        "Process the data", ignore_case=True
    )
    expect(ticks(page)).to_have_text(re.compile("read"))  # not by a sign alone


def test_one_button_forgets_all_that_the_book_keeps(page, strict_host):
    open_(page, strict_host, "index.html")
    page.evaluate(
        """([key, value]) => {
            localStorage.setItem(key, value);
            localStorage.setItem("mnist-tutorial hand", "[]");
            sessionStorage.setItem("mnist-tutorial runs", "[]");
            localStorage.setItem("mode", "dark");
        }""",
        [KEY, json.dumps(READ_ONE)],
    )
    open_(page, strict_host, "index.html")
    forget = offer(page).get_by_role("button", name="Forget all this")
    forget.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "No, keep them"  # nothing is lost by a second Enter
    page.keyboard.press("Enter")
    expect(forget).to_be_focused()
    assert kept(page)["read"]
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(offer(page)).to_have_text("Forgotten. This browser keeps nothing of the book now.")
    expect(page.locator(".chapter-read")).to_have_count(0)
    left = page.evaluate("[localStorage, sessionStorage].flatMap(Object.keys)")
    assert not [key for key in left if key.startswith("mnist")]
    assert page.evaluate("localStorage.getItem('mode')") == "dark"  # the theme's own, no trace of reading
    assert page.evaluate("document.activeElement.textContent").startswith("Forgotten")


RESULTS = "mnist-tutorial quiz results"


def test_right_answers_are_counted_for_the_chapter_and_the_book(page, strict_host):
    name = CHAPTER.removeprefix("chapters/").removesuffix(".html")
    asked = {one: len(bank.of_chapter(one)) for one in (path.stem for path in bank.FOLDER.glob("*.toml"))}
    other = next(one for one in asked if one != name)
    open_(page, strict_host, CHAPTER)
    total, marks = page.locator(".qz-total"), page.locator(".bd-docs-nav .chapter-quiz")
    expect(total).to_have_text("")  # nothing before the first answer
    expect(marks).to_have_count(0)
    page.evaluate(
        "([key, value]) => localStorage.setItem(key, value)",
        [RESULTS, json.dumps({other: [2, asked[other]], "x": [9, 1], "<b>": [1, 1], "y": "z"})],
    )
    open_(page, strict_host, CHAPTER)
    expect(total).to_have_text(f"0 of {asked[name]} right here, 2 of {sum(asked.values())} in the book.")
    question = next(one for one in bank.of_chapter(name) if "choices" in one)
    form = page.locator(f"form[data-question={question['id']}]")
    for position in sorted(range(len(question["choices"])), key=lambda at: question["choices"][at]["right"]):
        form.locator(f"input[value='{position}']").check()
        form.get_by_role("button", name="Check").click()
    expect(total).to_have_text(f"1 of {asked[name]} right here, 3 of {sum(asked.values())} in the book.")
    expect(marks.filter(has_text=f"1/{asked[name]}")).to_have_count(1)
    expect(marks.filter(has_text=f"2/{asked[other]}")).to_have_count(1)
    assert "1 of" in marks.filter(has_text=f"1/{asked[name]}").inner_text()  # in words as well
    assert json.loads(page.evaluate(f"localStorage.getItem({RESULTS!r})"))[name] == [1, asked[name]]
    page.get_by_role("button", name="Start again").click()
    expect(marks).to_have_count(1)
    open_(page, strict_host, "index.html")
    expect(page.locator(".bd-docs-nav .chapter-quiz")).to_have_count(1)
    offer(page).get_by_role("button", name="Forget all this").click()
    offer(page).get_by_role("button", name="Yes, forget all").click()
    expect(page.locator(".chapter-quiz")).to_have_count(0)
    assert page.evaluate(f"localStorage.getItem({RESULTS!r})") is None


def test_results_of_three_chapters_are_saved_collected_and_forgotten(page, strict_host, tmp_path, capsys):
    names = ["01_the_problem", "04_process_data", "07_compile_fit_evaluate"]
    for name in names:
        open_(page, strict_host, f"chapters/{name}.html")
        question = next(one for one in bank.of_chapter(name) if "choices" in one)
        form = page.locator(f"form[data-question={question['id']}]")
        right = next(at for at, choice in enumerate(question["choices"]) if choice["right"])
        for position in {names[0]: [right], names[1]: [1 - right % 2, right]}.get(name, [1 - right % 2]):
            form.locator(f"input[value='{position}']").check()
            form.get_by_role("button", name="Check").click()
    answers = "mnist-tutorial quiz answers"
    strange = {"<b>": [], "y": 7, "16_where_mnist_stops": [{"question": 1}, None, 7]}
    page.evaluate(
        """([key, strange]) => localStorage.setItem(key,
            JSON.stringify({...JSON.parse(localStorage.getItem(key)), ...strange}))""",
        [answers, strange],
    )  # what something else wrote there is left out
    open_(page, strict_host, "chapters/04_process_data.html")
    page.get_by_text("Save my results").click()
    page.get_by_label("Your name, if you like").fill("Ada")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".qz-saved")).to_contain_text("Saved: 3 answers from 3 chapters.")
    download.value.save_as(tmp_path / download.value.suggested_filename)
    assert main(["results", str(tmp_path)]) == 0
    assert "1 file with 3 answers." in capsys.readouterr().out
    with open(tmp_path / "quiz-results.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["name"], row["chapter"], row["right"], row["wrong tries"], row["note"]) for row in rows] == [
        ("Ada", names[0], "yes", "0", ""),
        ("Ada", names[1], "yes", "1", ""),
        ("Ada", names[2], "no", "1", ""),
    ]
    page.get_by_role("button", name="Start again").click()  # the other chapters' answers can still be saved
    expect(page.get_by_text("Save my results")).to_be_visible()
    assert "04_process_data" not in json.loads(page.evaluate(f"localStorage.getItem({answers!r})"))
    open_(page, strict_host, "index.html")
    offer(page).get_by_role("button", name="Forget all this").click()
    offer(page).get_by_role("button", name="Yes, forget all").click()
    expect(offer(page)).to_contain_text("Forgotten")
    open_(page, strict_host, "chapters/04_process_data.html")
    expect(page.get_by_text("Save my results")).to_have_count(1)
    expect(page.get_by_text("Save my results")).to_be_hidden()


@pytest.mark.parametrize(
    "value",
    [
        "{",
        "null",
        "[1]",
        '{"last": 7, "read": 7}',
        json.dumps(
            {"last": {"page": "https://elsewhere.example/", "id": "", "words": "Step 3"}, "read": ["javascript:"]}
        ),
        json.dumps({"last": {"page": CHAPTER, "id": '"><img src=x>', "words": "Step 3"}, "read": [7, None]}),
    ],
)
def test_what_something_else_wrote_there_is_left_alone(page, strict_host, value):
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    open_(page, strict_host, "index.html")
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [KEY, value])
    open_(page, strict_host, "index.html")
    expect(offer(page)).to_have_count(0)
    expect(page.locator(".chapter-read")).to_have_count(0)
    assert errors == []


def test_the_book_is_read_as_before_where_the_browser_keeps_nothing(page, strict_host):
    errors = []
    page.on("pageerror", lambda error: errors.append(error.stack))
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } })")
    open_(page, strict_host, CHAPTER)
    page.locator(".prev-next-footer").scroll_into_view_if_needed()
    open_(page, strict_host, "index.html")
    expect(offer(page)).to_have_count(0)
    for mode in ("dark", "light", "auto"):
        page.locator(".theme-switch-button:visible").first.click()
        expect(page.locator("html")).to_have_attribute("data-mode", mode)
    assert errors == []
