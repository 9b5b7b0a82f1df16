"""The EPUB, its pages without scripts, and the PDF made of it."""

import re
import zipfile

import nbformat
import print_pdf
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell
from pypdf import PdfReader
from tiny_book import ROOT, TinyBook, outcome

from book_sphinx.edition_pages import ANSWERS, Page, answers_page, as_xhtml
from site_checks.epub_check import main, problems

TEXT = r"""# A tiny book

Welcome: a half is $\sqrt{\frac{1}{2}}$, and [a chapter](lesson.ipynb#exercises) follows.
It has [a state](lesson.ipynb#lab=epochs:3&hide=seed).

:::{book-widget} digit_pad
:::
"""
QUIZ = 'from mnist_tutorial.widgets.quiz import Quiz\n\nQuiz("01_the_problem")'
CELLS = [
    new_markdown_cell("# Adding & up\n\n## Exercises\n\n**Exercise 1 (work).**\nWhat is 40 + 2?", id="one"),
    new_code_cell("# Your code goes here.", id="two"),
    new_code_cell("print(40 + 2)", id="three", metadata={"tags": ["hide-cell"]}),
    new_code_cell("answer = 'shown by the folded code'\nanswer", id="four", metadata={"tags": ["hide-input"]}),
    new_code_cell(QUIZ, id="five"),
]
FRAME = "<!DOCTYPE html><html><head><title>x</title></head><body></body></html>"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Build the EPUB of a book with formulas, a figure, a widget, a fold, a solution and a quiz."""
    book = TinyBook.make(tmp_path_factory.mktemp("edition") / "book", {"lesson": ("", "")})
    book.write("index.md", TEXT)
    notebook = book.notebook("lesson")
    notebook.cells = CELLS
    book.write("lesson.ipynb", nbformat.writes(notebook))
    code, printed = outcome(
        book.start("jupyter-book", "build", ".", "--builder", "custom", "--custom-builder", "epub", "-n", "-W")
    )
    assert code == 0, printed
    return book


@pytest.fixture(scope="module")
def epub(book):
    (path,) = (book.folder / "_build").glob("*.epub")
    return path


@pytest.fixture
def page_of(epub):
    """Return a page of the EPUB, parsed, by its name."""
    with zipfile.ZipFile(epub) as archive:
        yield lambda name: BeautifulSoup(archive.read(name).decode(), "html.parser")


class TestEpub:
    def test_nothing_is_wrong_with_it(self, epub):
        assert problems(epub) == []

    def test_pages_are_in_reading_order_and_answers_at_the_end(self, epub):
        with zipfile.ZipFile(epub) as archive:
            links = re.findall(r'<a href="([^"]*)">([^<]*)<', archive.read("nav.xhtml").decode())
        expected = [
            ("index.xhtml", "A tiny book"),
            ("lesson.xhtml", "Adding &amp; up"),
            (ANSWERS, "Solutions and answers"),
        ]
        assert links == expected

    def test_it_says_that_it_was_built_from_stand_in_digits(self, page_of):
        assert page_of("index.xhtml").select_one(".admonition strong").get_text().startswith("Built from stand-in")
        assert not page_of("lesson.xhtml").select(".admonition")

    def test_a_widget_shows_its_figure(self, page_of):
        widget = page_of("index.xhtml").select_one(".book-widget")
        assert widget.select_one("svg[aria-label]")
        assert "interactive" in widget.select_one(".edition-note").get_text()
        assert widget.attrs == {"class": ["book-widget"]}

    def test_a_link_with_a_widgets_state_leads_to_its_page(self, page_of):
        (link,) = page_of("index.xhtml").find_all("a", string="a state")
        assert link["href"] == "lesson.xhtml"

    def test_formulas_are_mathml(self, page_of):
        assert page_of("index.xhtml").select_one("math msqrt mfrac")

    def test_folded_code_is_open_and_an_empty_cell_is_left_out(self, page_of):
        text = page_of("lesson.xhtml").get_text()
        assert "'shown by the folded code'" in text
        assert "Your code goes here" not in text
        assert "Show code" not in text

    def test_solutions_and_answers_are_at_the_end_with_links_there_and_back(self, page_of):
        lesson, answers = page_of("lesson.xhtml"), page_of(ANSWERS)
        assert "print(40" not in lesson.get_text()
        there = [link["href"] for link in lesson.select(".edition-answer a")]
        assert there == [f"{ANSWERS}#answer-lesson-1", f"{ANSWERS}#answer-lesson-2"]
        parts = {part["id"]: part for part in answers.select("section section section")}
        assert list(parts) == ["answer-lesson-1", "answer-lesson-2"]
        assert [part.h3.a["href"] for part in parts.values()] == [f"lesson.xhtml#to-{name}" for name in parts]
        first, second = parts.values()
        assert first.h3.get_text() == "Exercise 1 (work)"
        assert "print(40 + 2)" in first.get_text()
        assert first.select_one(".cell_output").get_text(strip=True) == "42"
        assert len(second.select("ol > li")) == len(lesson.select(".book-widget > ol > li")) > 3

    def test_a_second_build_makes_it_anew(self, book, epub):
        """As pages of a chapter that is gone would stay in it."""
        before = sorted(zipfile.ZipFile(epub).namelist())
        (book.folder / "_build" / "epub" / "left.xhtml").write_text("from an earlier book")
        command = ("jupyter-book", "build", ".", "--builder", "custom", "--custom-builder", "epub", "-q")
        code, printed = outcome(book.start(*command))
        assert code == 0, printed
        assert "Chapters to run" not in printed
        assert sorted(zipfile.ZipFile(epub).namelist()) == before


@pytest.fixture(scope="module")
def pdf(epub, tmp_path_factory, chromium):
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    print_pdf.make_pdf(epub, path, "1.2.3", chromium)
    return PdfReader(path)


class TestPdf:
    def test_title_and_version_are_on_the_cover(self, pdf):
        words = pdf.pages[0].extract_text()
        assert "How a computer reads" in words
        assert "Version 1.2.3" in words
        assert pdf.metadata.title == "How a computer reads handwritten digits"

    def test_the_contents_say_on_which_page_a_chapter_begins(self, pdf):
        words = [page.extract_text() for page in pdf.pages]
        number = next(n for n, text in enumerate(words, 1) if n > 2 and "Exercise 1 (work)." in text)
        assert re.search(rf"Adding & up\s+{number}\b", words[1]), words[1]
        assert re.search(rf"(^|\n)\s*{number}\s*($|\n)", words[number - 1]), "its number is not on the page"
        (answer,) = (n for n, text in enumerate(words, 1) if "print(40 + 2)" in text)
        assert f"A solution is at the end of the book, page {answer}" in words[number - 1].replace("\n", " ")
        assert answer == len(words)

    def test_links_lead_to_places_in_it(self, pdf):
        links = [
            annotation.get_object()
            for page in pdf.pages
            for annotation in page.get("/Annots", ())
            if annotation.get_object()["/Subtype"] == "/Link"
        ]
        inner = [link for link in links if "/Dest" in link]
        assert len(inner) > 10
        assert {str(link["/Dest"]).removeprefix("/") for link in inner} <= {
            name.removeprefix("/") for name in pdf.named_destinations
        }

    def test_images_of_chapters_keep_what_they_show(self):
        text = '<body><img src="../_images/a.svg"/><img src="data:image/png;base64,iVBO//8/Rw0K"/></body>'
        joined = print_pdf.join("T", "R", "1", {"chapters/one.xhtml": BeautifulSoup(text, "html.parser")})
        shown = [image["src"] for image in BeautifulSoup(joined, "html.parser")("img")]
        assert shown == ["_images/a.svg", "data:image/png;base64,iVBO//8/Rw0K"]

    def test_an_image_that_cannot_be_shown_stops_it(self, tmp_path, chromium):
        page = tmp_path / "whole.html"
        page.write_text('<img alt="All errors" src="gone.png">')
        with pytest.raises(ValueError, match=r"whole\.html has 1 images that cannot be shown: All errors"):
            print_pdf.print_pages(chromium, page, tmp_path / "book.pdf")

    def test_without_an_epub_it_says_what_to_do(self, tmp_path):
        with pytest.raises(SystemExit, match="make epub"):
            print_pdf.make_pdf(tmp_path / "book.epub", tmp_path / "book.pdf", "1", None)


class TestPage:
    def test_answers_of_pages_in_a_folder_keep_their_links(self):
        page = Page(
            "chapters/one.xhtml",
            '<h1>One</h1><div class="cell tag_hide-cell"><a href="#here">a</a><a href="two.xhtml#x">b</a>'
            '<a href="https://example.org/">c</a><img src="../_images/d.svg"/></div>',
        )
        made = answers_page([page], FRAME).soup.select_one("#answer-one-1 .cell")
        assert [link["href"] for link in made("a")] == [
            "chapters/one.xhtml#here",
            "chapters/two.xhtml#x",
            "https://example.org/",
        ]
        assert made.img["src"] == "_images/d.svg"
        assert page.soup.select_one("#to-answer-one-1 a")["href"] == f"../{ANSWERS}#answer-one-1"

    def test_a_figure_has_its_wide_form_alone(self):
        page = Page("a.xhtml", '<figure class="book-figure"><svg class="wide"/><svg class="narrow"/></figure>')
        assert [svg["class"] for svg in page.soup("svg")] == [["wide"]]

    def test_names_of_svg_get_their_capitals_and_namespaces(self):
        soup = BeautifulSoup(
            '<p>a<br>b &amp; c</p><svg viewBox="0 0 1 1"><clipPath id="a"><use xlink:href="#b"/></clipPath></svg>',
            "html.parser",
        )
        made = as_xhtml(soup)
        assert "<p>a<br/>b &amp; c</p>" in made
        assert '<clipPath id="a">' in made
        assert 'viewBox="0 0 1 1"' in made
        assert 'xmlns="http://www.w3.org/2000/svg"' in made
        assert 'xmlns:xlink="http://www.w3.org/1999/xlink"' in made


class TestCheck:
    """problems() finds what is wrong: each case breaks one thing in a good EPUB."""

    @pytest.mark.parametrize(
        ("name", "before", "after", "message"),
        [
            ("lesson.xhtml", "</h1>", "</h2>", "lesson.xhtml is not well-formed"),
            ("lesson.xhtml", f"{ANSWERS}#answer-lesson-1", f"{ANSWERS}#nowhere", "leads to solutions.xhtml#nowhere"),
            ("lesson.xhtml", "</body>", "<script></script></body>", "holds <script>"),
            ("lesson.xhtml", "<body>", '<body onload="x()">', "has the attribute onload"),
            ("lesson.xhtml", "</body>", '<p id="exercises"></p></body>', "has the id 'exercises' twice"),
            (
                "lesson.xhtml",
                "</body>",
                '<img src="https://example.org/a.png"/></body>',
                "leads to https://example.org",
            ),
            ("content.opf", 'href="lesson.xhtml"', 'href="other.xhtml"', "does not list lesson.xhtml"),
            (
                "content.opf",
                'properties="mathml svg"',
                "",
                "says that index.xhtml holds []; it holds ['mathml', 'svg']",
            ),
            ("nav.xhtml", 'epub:type="toc"', "", "There is no list of contents"),
            ("mimetype", "application/epub+zip", "application/zip", "mimetype holds"),
        ],
    )
    def test_a_broken_one_is_refused(self, epub, tmp_path, name, before, after, message, monkeypatch):
        broken = tmp_path / "broken.epub"
        with zipfile.ZipFile(epub) as good, zipfile.ZipFile(broken, "w") as bad:
            for entry in good.infolist():
                content = good.read(entry)
                if entry.filename == name:
                    assert before.encode() in content
                    content = content.replace(before.encode(), after.encode(), 1)
                bad.writestr(entry, content)
        assert any(message in one for one in problems(broken)), problems(broken)
        monkeypatch.setattr("sys.argv", ["epub_check", str(broken)])
        with pytest.raises(SystemExit, match=re.escape(message)):
            main()

    def test_another_order_of_the_archive_is_refused(self, epub, tmp_path):
        broken = tmp_path / "broken.epub"
        with zipfile.ZipFile(epub) as good, zipfile.ZipFile(broken, "w") as bad:
            for entry in reversed(good.infolist()):
                bad.writestr(entry, good.read(entry))
        assert "expected mimetype" in problems(broken)[0]


def test_font_of_formulas_and_its_licence_are_there():
    licence = (ROOT / "book_sphinx" / "edition" / "OFL.txt").read_text("utf-8")
    assert "STIX Fonts Project Authors" in licence
