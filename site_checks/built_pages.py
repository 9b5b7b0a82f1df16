"""Checks of the built pages on the disk, for the tests and `make publish-check`."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup

EMBED = "embed.html"  # the frame for one widget, for pages of others
STATE = re.compile(r"(\w+)=")  # how a fragment begins that carries a widget's state, such as #lab=epochs:3
LINKED_AS = {"lab": "training_lab"}  # the others carry the widget's own name
MADE_BY_SPHINX = ("genindex.html", "search.html")  # they come with every Sphinx site


def pages_of(root):
    """Return the pages that the table of contents of a book names, in reading order."""
    return _pages_below(yaml.safe_load(Path(root, "_toc.yml").read_text("utf-8")))


def _pages_below(entry):
    names = [f"{entry[key]}.html" for key in ("root", "file") if key in entry]
    for key in ("parts", "chapters", "sections"):
        for below in entry.get(key, []):
            names += _pages_below(below)
    return names


def built_pages(html):
    """Return the names of all pages in a folder, except those that the theme keeps among its styles."""
    names = (path.relative_to(html).as_posix() for path in Path(html).rglob("*.html"))
    return {name for name in names if not name.startswith("_static/")}


@cache
def parsed(path):
    """Return a page as parsed HTML."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@cache
def ids_of(path):
    """Count how often each id occurs on a page."""
    return Counter(element["id"] for element in parsed(path).find_all(id=True))


def is_foreign(address):
    """Say whether an address is outside the book."""
    return urlsplit(address).scheme not in ("", "data") or bool(urlsplit(address).netloc)


def addresses(path):
    """Return every address that a page links to or loads."""
    for element in parsed(path).find_all(["a", "link", "script", "img", "iframe", "source"]):
        yield element.get("href") or element.get("src") or ""


def broken_links(html, name, base=""):
    """Return what is wrong with the links of a page, one per line.

    base: for a page that is shown at any depth, the path under which the book is served; its links begin with it.
    """
    broken = set()
    for address in addresses(html / name):
        if is_foreign(address) or address in ("", "#") or address.startswith("data:"):
            continue
        parts = urlsplit(address)
        if parts.path and not parts.path.startswith(base):
            broken.add(f"{address}: does not begin with {base}")
            continue
        path = unquote(parts.path).removeprefix(base)
        target = (html / name).parent / path if path else html / name
        if not target.is_file():
            broken.add(f"{address}: no such file")
        elif state := STATE.match(parts.fragment):
            widget = LINKED_AS.get(state[1], state[1])
            if not parsed(target.resolve()).select_one(f"[data-book-widget={widget}]"):
                broken.add(f"{address}: no {widget} on the page")
        elif parts.fragment and unquote(parts.fragment) not in ids_of(target.resolve()):
            broken.add(f"{address}: no such place on the page")
    return sorted(broken)


def banner(path):
    """Return the words of the banner on a page, "" where there is none."""
    found = parsed(path).select_one(".bd-header-announcement")
    return found.get_text(" ", strip=True) if found else ""
