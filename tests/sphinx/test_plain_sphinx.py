"""The book built by Sphinx alone, with the conf.py that Jupyter Book writes."""

import re

import pytest
from bs4 import BeautifulSoup
from tiny_book import outcome

VERSION = re.compile(r"(?<=\.css\?)(?:v|digest)=\w+")  # of styles, which the widget on another page makes more
LINK = "[An experiment](sums.ipynb#lab=loss:squared+error&hide=seed)"
WIDGET = f"Welcome.\n{LINK}\n\n:::{{book-widget}} digit_pad\n:::\n"


@pytest.fixture(scope="module")
def plain(tiny_book, tmp_path_factory):
    """Build a copy of the tiny book, whose results are there, with a widget; return it and what Sphinx printed."""
    book = tiny_book[0].copy(tmp_path_factory.mktemp("plain") / "book")
    book.edit("index.md", "Welcome.", WIDGET)
    code, printed = outcome(book.start("jupyter-book", "config", "sphinx", "."))
    assert code == 0, printed
    code, printed = outcome(book.start("sphinx-build", ".", "_build/plain", "-b", "html", "-n", "-W", "--keep-going"))
    assert code == 0, printed
    return book, printed


def page(book, name):
    return (book.folder / "_build" / "plain" / f"{name}.html").read_text("utf-8")


def test_nothing_is_warned_of(plain):
    assert "WARNING:" not in plain[1]


def test_results_are_taken_from_the_cache(plain):
    assert "Chapters to run" not in plain[1]
    assert plain[1].count("Using cached notebook") == 2


@pytest.mark.parametrize("name", ["digits", "sums", "search", "genindex"])
def test_pages_are_those_of_jupyter_book(plain, tiny_book, name):
    mine, theirs = page(plain[0], name), tiny_book[0].page(name)
    assert VERSION.sub("", mine) == VERSION.sub("", theirs)


def test_widget_is_there_with_what_it_loads(plain):
    soup = BeautifulSoup(page(plain[0], "index"), "html.parser")
    assert soup.select_one('[data-book-widget="digit_pad"]')
    loaded = [tag.get("src") or tag.get("href") for tag in soup.select("script[src], link[rel=stylesheet]")]
    for name in ("host.js", "host.css", "digit_pad.js", "digit_pad.css"):
        (address,) = [one for one in loaded if one.startswith(f"_static/widgets/{name}")]
        assert (plain[0].folder / "_build" / "plain" / address.partition("?")[0]).stat().st_size > 0


def test_a_link_carries_a_widgets_state(plain):
    (link,) = BeautifulSoup(page(plain[0], "index"), "html.parser").find_all("a", string="An experiment")
    assert link["href"] == "sums.html#lab=loss:squared+error&hide=seed"
