"""The caption below a figure becomes part of it, with what is marked up in it."""

import pytest
from bs4 import BeautifulSoup
from docutils.core import publish_doctree, publish_from_doctree
from docutils.nodes import Text, container, emphasis, paragraph, raw, section, strong

from book_sphinx.captions import join_captions

FIGURE = '<figure class="book-figure"><svg class="wide"></svg><svg class="narrow"></svg></figure>'


def caption(number="Figure 3."):
    return paragraph("", "", Text(""), strong("", number), Text(" What to "), emphasis("", "see"), Text("."))


def page(*outputs, after):
    """Return a page with a cell that shows outputs, each as HTML, and what follows it, after captions were joined."""
    shown = [container("", raw("", one, format="html"), classes=["output"]) for one in outputs]
    doctree = publish_doctree("")
    doctree += section("", container("", *shown, nb_element="cell_code"), after, paragraph("", "The text goes on."))
    join_captions(None, doctree)
    settings = {"xml_declaration": False, "output_encoding": "unicode"}
    return BeautifulSoup(publish_from_doctree(doctree, writer_name="html5", settings_overrides=settings), "html.parser")


def test_caption_is_inside_its_figure():
    soup = page(FIGURE, after=caption())
    (figure,) = soup.select("figure.book-figure")
    assert [one.name for one in figure.find_all(recursive=False)] == ["svg", "svg", "figcaption"]
    assert figure.figcaption.get_text() == "Figure 3. What to see."
    assert figure.figcaption.strong.get_text() == "Figure 3."
    assert figure.figcaption.em.get_text() == "see"
    assert soup.main.get_text().split() == "Figure 3. What to see. The text goes on.".split()


def test_words_beside_the_figure_stay_where_they_are():
    soup = page("<p>Before.</p>", FIGURE, "<p>After.</p>", after=caption())
    assert soup.main.get_text().split() == "Before. Figure 3. What to see. After. The text goes on.".split()
    assert soup.select_one("figure > figcaption")


def test_caption_of_a_figure_that_is_not_drawn_goes():
    soup = page("<p>No such images here.</p>", after=caption())
    assert "Figure" not in soup.main.get_text()
    assert "The text goes on." in soup.main.get_text()


@pytest.mark.parametrize("after", [caption("Figures."), paragraph("", "Figure 3. Not in bold."), section("")])
def test_other_text_stays_below_the_figure(after):
    words = after.astext()
    soup = page(FIGURE, after=after)
    assert not soup.find("figcaption")
    assert words in soup.main.get_text()
