"""Say whether the book in _build/html is ready to publish: one line per check, and exit code 1 when any is not passed.

    make publish-check

builds the book first. `python site_checks/publish_check.py links versions` makes these checks alone.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from contextlib import nullcontext
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import nbformat
import yaml
from packaging.requirements import Requirement

from book_sphinx import execution
from book_sphinx.page_metadata import NOT_FOUND, book_address
from mnist_tutorial import data
from site_checks.book_in_browser import MAX_PAGE_BYTES, RULES_OF_A_THEME, chromium, serve, violations, wait_until, weigh
from site_checks.built_pages import (
    EMBED,
    MADE_BY_SPHINX,
    addresses,
    banner,
    broken_links,
    built_pages,
    is_foreign,
    pages_of,
    parsed,
)

ROOT = Path(__file__).resolve().parents[1]
MAX_SHOWN = 5  # findings of one check that are written out


class Book:
    """The project in a folder and the book built from it.

    address: where it will be, "" for the disk, by default that in BOOK_ADDRESS. browser: one of Playwright's, by
    default one of its own.
    """

    def __init__(self, root, address=None, browser=None):
        self.root = Path(root)
        self.browser = nullcontext(browser) if browser else chromium()
        self.html = self.root / "_build" / "html"
        self.address = book_address(address)
        self.chapters = pages_of(self.root)
        self.pages = [name for name in [*self.chapters, *MADE_BY_SPHINX] if (self.html / name).is_file()]
        self.version = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    @cached_property
    def opened(self):
        """Open every page in a browser: its name, what it weighs with all it loads, what axe finds on it."""
        found = []
        with serve(self.html) as address, self.browser as browser:
            for name in self.pages:
                # Without motion: axe would see colours on their way to others.
                context = browser.new_context(
                    viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce"
                )
                page = context.new_page()
                weight = sum(weigh(page, f"{address}/{name}").values())
                by_scheme = {"light": violations(page)}
                page.emulate_media(color_scheme="dark")
                wait_until(page, "document.documentElement.dataset.theme == 'dark'")
                by_scheme["dark"] = violations(page, RULES_OF_A_THEME)
                context.close()
                found.append((name, weight, by_scheme))
        return found

    def source_of(self, name):
        """Return the notebook or the text that a page is made of."""
        stem = self.root / name.removesuffix(".html")
        return next(path for path in (stem.with_suffix(".ipynb"), stem.with_suffix(".md")) if path.is_file())

    def read(self, name):
        """Return a text of the project, "" where it is missing."""
        path = self.root / name
        return path.read_text("utf-8") if path.is_file() else ""


CHECKS = {}


def check(passed, remedy):
    """Register a function that yields problems as a check. passed: printed if there are none; remedy: what to do."""

    def keep(function):
        CHECKS[function.__name__] = function, passed, remedy
        return function

    return keep


@check("every page is there, built from its present source", "Build it from the start: make clean book.")
def pages(book):
    wanted = {*book.chapters, *MADE_BY_SPHINX, EMBED, *([f"{NOT_FOUND}.html"] if book.address else [])}
    built = built_pages(book.html)
    yield from (f"{name} is missing" for name in sorted(wanted - built))
    yield from (f"{name} is no page of the book" for name in sorted(built - wanted))
    for name in book.chapters:
        source = book.source_of(name)
        copy = book.html / "_sources" / source.relative_to(book.root)
        if name in built and not (copy.is_file() and copy.read_text("utf-8") == source.read_text("utf-8")):
            yield f"{name} was built from another {source.name}"


@check("MNIST's, and no banner", "Name a copy of MNIST in MNIST_TUTORIAL_DATA, and build again: make book.")
def digits(book):
    for name in book.pages:
        if words := banner(book.html / name):
            yield f"{name} says: {words[:60]}"
    try:
        found = data.identify(*data.load_mnist(quiet=True))
    except (data.DataError, OSError) as error:
        yield str(error)
    else:
        if found != "MNIST":
            yield f"the digits are {found} ones, not MNIST's"


@check("with the package, the data and the libraries of now", "Build it with what is here now: make book.")
def runs(book):
    results = execution.Results(book.root / "_build", data.data_source())
    for name in book.chapters:
        source = book.source_of(name)
        if source.suffix == ".ipynb":
            changes = results.changes(nbformat.read(source, as_version=4))
            yield from (f"{source.stem} ran with another state of {one}" for one in changes or ())
            if changes is None:
                yield f"{source.stem} was not run as it is now"


@check("lead to pages and places that are there", "Fix the link where the page is written.")
def links(book):
    for name in book.pages:
        yield from (f"{name}: {trouble}" for trouble in broken_links(book.html, name))
        for address in addresses(book.html / name):
            parts = urlsplit(address)
            if (
                is_foreign(address)
                and parts.scheme != "mailto"
                and (parts.scheme != "https" or "." not in parts.netloc)
            ):
                yield f"{name}: {address} is no https address"
    if book.address and (book.html / f"{NOT_FOUND}.html").is_file():
        for trouble in broken_links(book.html, f"{NOT_FOUND}.html", urlsplit(book.address).path):
            yield f"{NOT_FOUND}.html: {trouble}"


@check(
    f"no page above {MAX_PAGE_BYTES / 1000:.0f} kB",
    "Take off what a reader can do without: figures first, then what a widget carries in the page.",
)
def weight(book):
    for name, weight, _ in book.opened:
        if weight > MAX_PAGE_BYTES:
            yield f"{name} weighs {weight / 1000:.0f} kB, more than {MAX_PAGE_BYTES / 1000:.0f}"


@check(
    "axe finds nothing, in light and in dark",
    "Look the rule up by its name in the documentation of axe, and fix what it names.",
)
def access(book):
    for name, _, by_scheme in book.opened:
        for scheme, found in by_scheme.items():
            yield from (f"{name}, {scheme}: {trouble}" for trouble in found)


@check(
    "each page is described in its own words",
    "Give the page a first paragraph or a `description:`, set BOOK_ADDRESS as for the build, and build: make book.",
)
def metadata(book):
    described = Counter()
    for name in filter(book.pages.__contains__, book.chapters):
        place = f"{book.address}{'' if name == book.chapters[0] else name}" if book.address else None
        head = parsed(book.html / name).head
        tags = {tag.get("name") or tag.get("property"): tag.get("content", "").strip() for tag in head.select("meta")}
        described[tags.get("description")] += 1
        for tag in ("description", "og:title", "og:description"):
            if not tags.get(tag):
                yield f"{name} has no {tag}"
        canonical = head.select_one("link[rel=canonical]")
        if (canonical and canonical["href"]) != place or tags.get("og:url") != place:
            yield f"{name} does not say that its address is {place or 'unknown'}"
        image = tags.get("og:image", "")
        if book.address and not (book.html / image.removeprefix(book.address)).is_file():
            yield f"{name} has no image for previews at {image or 'og:image'}"
    yield from (f"{count} pages are described alike: {words}" for words, count in described.items() if count > 1)
    yield from sitemap(book)


def sitemap(book):
    path = book.html / "sitemap.xml"
    listed = {place.text for place in ElementTree.parse(path).iterfind("{*}url/{*}loc")} if path.is_file() else set()
    names = ["", *book.chapters[1:]] if book.address else []
    if listed != {f"{book.address}{name}" for name in names}:
        yield "sitemap.xml does not list the pages of the book" if names else "sitemap.xml is there without an address"


@check("those of constraints.txt", "Install what is pinned: remove .venv, then make book.")
def versions(book):
    for line in book.read("constraints.txt").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pin = Requirement(line)
        try:
            installed = version(pin.name)
        except PackageNotFoundError:
            continue  # not needed on this computer, or the book would not have been built
        if (pin.marker is None or pin.marker.evaluate()) and installed not in pin.specifier:
            yield f"{pin.name} {installed} is installed, {pin.specifier} is pinned"


@check("without outputs", "Take the outputs out: make strip.")
def notebooks(book):
    for name in book.chapters:
        source = book.source_of(name)
        cells = json.loads(source.read_text("utf-8"))["cells"] if source.suffix == ".ipynb" else []
        if any(cell.get("outputs") or cell.get("execution_count") for cell in cells):
            yield f"{source.relative_to(book.root)} holds outputs"


@check(
    "version, changelog and citation agree",
    "Write down in all three files what the version is: pyproject.toml, CHANGELOG.md, CITATION.cff.",
)
def release(book):
    if not re.search(rf"^## \[{re.escape(book.version)}\]", book.read("CHANGELOG.md"), re.MULTILINE):
        yield f"CHANGELOG.md has no section [{book.version}]"
    cited = str((yaml.safe_load(book.read("CITATION.cff")) or {}).get("version"))
    if cited != book.version:
        yield f"CITATION.cff names version {cited}, pyproject.toml {book.version}"


@check("everything is committed", "Commit what belongs to the book, and remove the rest.")
def checkout(book):
    command = ["git", "status", "--porcelain"]
    try:
        result = subprocess.run(command, cwd=book.root, capture_output=True, text=True, check=False)
    except OSError as error:
        yield f"git does not run: {error}"
        return
    if result.returncode:
        yield result.stderr.strip()
    yield from (f"{line[3:]} is not committed" for line in result.stdout.splitlines())


def say(name, found):
    """Return the line that a check with these findings prints."""
    _, passed, remedy = CHECKS[name]
    if not found:
        return f"ok     {name:10} {passed}"
    more = f"; and {len(found) - MAX_SHOWN} more" if len(found) > MAX_SHOWN else ""
    return f"WRONG  {name:10} {'; '.join(found[:MAX_SHOWN])}{more}. {remedy}"


def main(names, root=ROOT):
    if unknown := set(names) - set(CHECKS):
        raise SystemExit(f"There is no check {', '.join(sorted(unknown))}. The checks are: {', '.join(CHECKS)}.")
    if not (root / "_build" / "html" / "index.html").is_file():
        raise SystemExit("There is no book yet: make book")
    try:
        book = Book(root)
    except ValueError as error:
        raise SystemExit(str(error)) from error
    print(f"Of the book for {book.address or 'the disk, with no BOOK_ADDRESS'}:", flush=True)
    wrong = 0
    for name in names or CHECKS:
        found = list(CHECKS[name][0](book))
        wrong += bool(found)
        print(say(name, found), flush=True)
    if wrong:
        raise SystemExit(f"Not ready to publish: {wrong} of {len(names or CHECKS)} checks.")
    print("Ready to publish.")


if __name__ == "__main__":
    main(sys.argv[1:])
