"""Pages for editions that run no script, the EPUB and the PDF made of it: well-formed XHTML, answers set apart.

What a page folds away is open here, except solutions and the answers of a quiz: they go to a page at the end of the
book, with links there and back. A widget shows the figure or table that it has for readers without a script.
"""

import posixpath
import re
from html import escape
from typing import NamedTuple
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

ANSWERS = "solutions.xhtml"
ANSWERS_TITLE = "Solutions and answers"
ROOM = "# Your code goes here."  # a cell that is there to be written in
NAMESPACES = {"svg": "http://www.w3.org/2000/svg", "math": "http://www.w3.org/1998/Math/MathML"}
# HTML's names know no capitals, XML's do: html.parser writes these small.
CAPITALS = {
    name.lower(): name
    for name in (
        "clipPath linearGradient radialGradient textPath foreignObject viewBox preserveAspectRatio clipPathUnits "
        "gradientUnits gradientTransform patternUnits patternTransform markerWidth markerHeight markerUnits refX refY "
        "pathLength textLength lengthAdjust startOffset maskUnits maskContentUnits spreadMethod"
    ).split()
}
THEME_COLOUR = re.compile(r"color: var\(--pst-color-text-base[^;]*\)(?=;|$)")
OLD_ATTRIBUTES = ("border", "align", "valign")  # as pandas writes them into its tables; the style sheet has its own
EXERCISE = re.compile(r"Exercise \d+[^.]*")


class Answer(NamedTuple):
    """A solution or the answers of a quiz: where it is on the page of answers, its heading, and its element."""

    anchor: str
    heading: str
    element: Tag


class Page:
    """A page of the book without scripts.

    name: its file, such as "chapters/05_build_model.xhtml". markup: as Sphinx has written it. `answers` holds what
    belongs at the end of the book; `title` is its first heading.
    """

    def __init__(self, name, markup):
        self.name, self.answers = name, []
        self.soup = BeautifulSoup(markup, "html.parser")
        heading = self.soup.find("h1")
        self.title = heading.get_text(" ", strip=True) if heading else name
        for element in self.soup.select("button, noscript, template, .headerlink, .book-figure .narrow"):
            element.decompose()
        for cell in self.soup.select(".cell.tag_hide-cell"):
            exercise = cell.find_previous("strong", string=EXERCISE)
            heading = EXERCISE.match(exercise.string)[0] if exercise else "A solution"
            cell["class"].remove("tag_hide-cell")
            self._set_apart(cell, heading, "A solution is at the end of the book")
        for widget in self.soup.select("[data-book-widget]"):
            self._show_without_script(widget)
        for script in self.soup.find_all("script"):
            script.decompose()
        for fold in self.soup.find_all("details"):
            self._open(fold)
        for code in self.soup.select(".cell_input"):
            if code.get_text(strip=True) == ROOM:
                code.decompose()
        for element in self.soup.select("[style]"):
            element["style"] = THEME_COLOUR.sub("color: inherit", element["style"])
        for element in self.soup.find_all(True):
            for name in OLD_ATTRIBUTES:
                if element.name in ("table", "tr", "td", "th"):
                    del element[name]

    def _show_without_script(self, widget):
        kind = widget["data-book-widget"]
        for name in [name for name in widget.attrs if name.startswith("data-")]:
            del widget[name]
        if kind == "quiz":
            answers = widget.find_all("p", string="Answers")[-1]
            choices = answers.find_next_sibling("ol")
            answers.decompose()
            self._set_apart(choices, "Answers to the questions", "The answers are at the end of the book")
        else:
            note = self.soup.new_tag("p", attrs={"class": "edition-note"})
            note.string = "On the book’s web page, this is interactive."
            widget.append(note)

    def _set_apart(self, element, heading, link):
        """Move an element to the answers, and leave a link to it."""
        stem = posixpath.splitext(posixpath.basename(self.name))[0]
        anchor = f"answer-{stem}-{len(self.answers) + 1}"
        left = BeautifulSoup(
            f'<p class="edition-answer" id="to-{anchor}"><a href="{self.relative(ANSWERS)}#{anchor}">{link}</a></p>',
            "html.parser",
        )
        element.replace_with(left)
        for fold in element.find_all("details"):
            self._open(fold)
        for inner in element.find_all(id=True):
            if not inner.find_parent("svg"):
                del inner["id"]
        for link in element.find_all("a", href=True):
            link["href"] = self._from_answers(link["href"])
        for image in element.find_all("img", src=True):
            image["src"] = self._from_answers(image["src"])
        self.answers.append(Answer(anchor, heading, element))

    def _open(self, fold):
        """Make a block of a fold; a summary that only says what a press does goes."""
        summary = fold.find("summary")
        if summary is not None:
            if "hide" in fold.get("class", []):
                summary.decompose()
            else:
                summary.name = "p"
                summary.attrs = {"class": "edition-summary"}
        fold.name = "div"
        fold.attrs = {"class": "edition-opened"}

    def relative(self, name):
        """Return the address of another file of the book, from this page."""
        return posixpath.relpath(name, posixpath.dirname(self.name) or ".")

    def _from_answers(self, address):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return address
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.name), parts.path)) if parts.path else self.name
        return parts._replace(path=path).geturl()

    def xhtml(self):
        """Return the page as XHTML."""
        return as_xhtml(self.soup)

    def properties(self):
        """Return what an EPUB's list of files has to say about the page."""
        return " ".join(name for name in ("mathml", "svg") if self.soup.find({"mathml": "math"}.get(name, name)))


def as_xhtml(soup):
    """Return a parsed page as well-formed XHTML; svg and math get their namespaces, and svg its capitals."""
    for name, namespace in NAMESPACES.items():
        for root in soup.find_all(name):
            root["xmlns"] = namespace
            if name == "svg":
                for element in (root, *root.find_all(True)):
                    element.name = CAPITALS.get(element.name, element.name)
                    element.attrs = {CAPITALS.get(key, key): value for key, value in element.attrs.items()}
                    if any(key.startswith("xlink:") for key in element.attrs):
                        root["xmlns:xlink"] = "http://www.w3.org/1999/xlink"
    return soup.decode(formatter="minimal")


def answers_page(pages, frame):
    """Return the page of all answers, as a Page.

    pages: in reading order. frame: a whole page of the book with an empty body, for its head.
    """
    sections = []
    for page in pages:
        if page.answers:
            stem = posixpath.splitext(posixpath.basename(page.name))[0]
            parts = "".join(
                f'<section id="{one.anchor}"><h3><a href="{page.name}#to-{one.anchor}">{escape(one.heading)}</a></h3>'
                f"{one.element.decode(formatter='minimal')}</section>"
                for one in page.answers
            )
            sections.append(f'<section id="answers-{stem}"><h2>{escape(page.title)}</h2>{parts}</section>')
    body = f'<section id="solutions"><h1>{ANSWERS_TITLE}</h1>{"".join(sections)}</section>'
    return Page(ANSWERS, frame.replace("</body>", f"{body}</body>"))
