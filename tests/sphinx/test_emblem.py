"""The drawing at the head of each chapter: every chapter has a part, and the part is lit in it."""

import gzip
import json
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from table_of_contents import CHAPTERS

from book_sphinx.emblem import DRAWN, LIVE, PART_OF, PARTS, add_emblem, drawing
from book_sphinx.theme import TEMPLATES

ROOT = TEMPLATES.parents[1]
NAMES = [name.removesuffix(".html") for name in CHAPTERS if name.startswith("chapters/")]


class Builder(SimpleNamespace):
    format, embedded = "html", False

    def get_relative_uri(self, source, target):
        return f"{target.rpartition('/')[2]}.html"


def head_of(name, **builder):
    context = {"body": "<h1>A chapter</h1><p>Text</p><h1>Another</h1>"}
    add_emblem(SimpleNamespace(builder=Builder(**builder)), name, "page.html", context, None)
    return context["body"]


def test_each_chapter_has_a_part_and_each_part_a_chapter():
    assert [f"chapters/{name}" for name in PART_OF] == NAMES
    assert set(PART_OF.values()) == set(PARTS)


@pytest.mark.parametrize("name", NAMES)
def test_a_chapter_begins_with_the_drawing_and_its_words(name):
    body = head_of(name)
    part = PART_OF[name.removeprefix("chapters/")]
    assert body.startswith('<h1>A chapter</h1>\n<a class="book-emblem"')
    assert body.count("<svg") == 1
    assert f"Where we are: {PARTS[part]}</span>" in body
    page, section = LIVE
    assert f'href="{"" if page == name else "10_look_inside.html"}#{section}"' in body


@pytest.mark.parametrize("part", PARTS)
def test_the_part_is_lit_and_no_other(part):
    classes = [one.get("class").split() for one in ElementTree.fromstring(drawing(part))]
    lit = {name.removeprefix("emblem-") for name, *more in classes if more} - {"frame"}
    expected = {"network": set(DRAWN), "maps": {"maps", "pooled"}}.get(part, {part})
    assert lit == expected


def test_it_is_small():
    for name in NAMES:
        emblem = re.search("<a class.*</a>", head_of(name), re.DOTALL)[0]
        assert len(gzip.compress(emblem.encode())) < 1500


def test_only_chapters_have_it():
    for body in (head_of("index"), head_of("glossary"), head_of(NAMES[0], format="latex")):
        assert "<svg" not in body


@pytest.mark.parametrize("name", NAMES)
def test_in_the_epub_and_the_pdf_it_is_no_link(name):
    body = head_of(name, embedded=True)
    part = PART_OF[name.removeprefix("chapters/")]
    drawn = f"{drawing(part)}<span>Where we are: {PARTS[part]}</span>"
    assert body.startswith(f'<h1>A chapter</h1>\n<p class="book-emblem">{drawn}</p>')
    assert "<a " not in body


def test_the_live_network_is_where_it_leads():
    page, section = LIVE
    cells = json.loads((ROOT / f"{page}.ipynb").read_text("utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    place = next(i for i, text in enumerate(texts) if f"## {section.replace('-', ' ').capitalize()}" in text)
    assert "NetworkView(" in texts[place + 1]
