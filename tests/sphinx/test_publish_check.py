"""`make publish-check`: a tiny book passes every check, and each kind of trouble is found by its own check."""

import random
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest
from bs4 import BeautifulSoup

from mnist_tutorial import data
from site_checks import publish_check

ADDRESS = "https://someone.github.io/digits/"
DISK = [name for name in publish_check.CHECKS if name not in ("weight", "access")]  # without a browser


def git(folder, *arguments):
    identity = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def change(path, before, after):
    text = path.read_text("utf-8")
    assert before in text, f"{before!r} is not in {path.name}"
    path.write_text(text.replace(before, after), "utf-8")


@pytest.fixture(scope="module")
def published(tiny_book_online, tmp_path_factory):
    """Return a tiny book that is ready to publish. It passes for one of MNIST's digits: the banner is taken out."""
    book = tiny_book_online.copy(tmp_path_factory.mktemp("published") / "book")
    book.write("pyproject.toml", '[project]\nname = "tiny"\nversion = "1.2.3"\n')
    book.write("CHANGELOG.md", "# Changelog\n\n## [1.2.3] - 2027-01-31\n\n- A tiny book.\n")
    book.write("CITATION.cff", "version: 1.2.3\n")
    book.write("constraints.txt", f"# pins\npytest=={pytest.__version__}\nnumpy==0.1 ; sys_platform == 'nowhere'\n")
    book.write(".gitignore", "_build/\n")
    for path in (book.folder / "_build" / "html").glob("*.html"):
        text = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        text.select_one(".bd-header-announcement").decompose()
        path.write_text(str(text), "utf-8")
    git(book.folder, "init", "-q")
    git(book.folder, "add", ".")
    git(book.folder, "commit", "-q", "-m", "First")
    return book


@pytest.fixture
def as_mnist(monkeypatch):
    monkeypatch.setenv("MNIST_TUTORIAL_DATA", "stand-in")
    monkeypatch.setattr(data, "identify", lambda *_: "MNIST")


@pytest.fixture
def copy(published, tmp_path, as_mnist):
    """Return the folder of a copy that may be spoilt."""
    return published.copy(tmp_path / "book").folder


def problems(folder, names=tuple(publish_check.CHECKS), address=ADDRESS, browser=None):
    book = publish_check.Book(folder, address, browser)
    found = {name: list(publish_check.CHECKS[name][0](book)) for name in names}
    return {name: " | ".join(lines) for name, lines in found.items() if lines}


def test_a_book_that_is_ready_passes_every_check(published, as_mnist, chromium):
    assert problems(published.folder, browser=chromium) == {}


def page(name, before, after):
    return lambda folder: change(folder / "_build" / "html" / name, before, after)


def file(name, before, after):
    return lambda folder: change(folder / name, before, after)


def heavy(folder):
    words = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz", k=600_000))
    page("sums.html", "</body>", f"<!-- {words} --></body>")(folder)


def forget_inputs(folder):
    """Take away what the chapters ran with."""
    with closing(sqlite3.connect(folder / "_build" / ".jupyter_cache" / "global.db")) as database:
        database.execute("""UPDATE nbcache SET data = '{"fingerprint": {}}'""")
        database.commit()


LINK = '<a href="{}">there</a></article>'
DEFECTS = {  # what is done, which checks find it, and what the first of them says
    "a page is missing": (
        lambda folder: (folder / "_build" / "html" / "genindex.html").unlink(),
        {"pages": r"^genindex\.html is missing$", "links": r"genindex\.html: no such file"},
    ),
    "a page of an earlier build is left": (
        lambda folder: shutil.copy(folder / "_build/html/index.html", folder / "_build/html/old.html"),
        {"pages": r"^old\.html is no page of the book$"},
    ),
    "a chapter was changed after the build": (
        file("sums.ipynb", "see what comes out", "see it"),
        {"pages": r"^sums\.html was built from another sums\.ipynb$", "checkout": "sums.ipynb is not committed"},
    ),
    "the banner stands on a page": (
        page("sums.html", "<body", '<div class="bd-header-announcement">Built from stand-in digits</div><body'),
        {"digits": r"^sums\.html says: Built from stand-in digits$"},
    ),
    "the package has changed": (
        forget_inputs,
        {"runs": r"^digits ran with another state of .*mnist_tutorial/data\.py \|"},
    ),
    "a link to no file": (
        page("sums.html", "</article>", LINK.format("none.html")),
        {"links": r"^sums\.html: none\.html: no such file$"},
    ),
    "a link to no place": (
        page("sums.html", "</article>", LINK.format("index.html#none")),
        {"links": r"^sums\.html: index\.html#none: no such place on the page$"},
    ),
    "a link with the state of a widget that is not there": (
        page("sums.html", "</article>", LINK.format("index.html#lab=epochs:3")),
        {"links": r"^sums\.html: index\.html#lab=epochs:3: no training_lab on the page$"},
    ),
    "a link without encryption": (
        page("sums.html", "</article>", LINK.format("http://example.org/")),
        {"links": r"^sums\.html: http://example\.org/ is no https address$"},
    ),
    "a link that only looks like an address": (
        page("sums.html", "</article>", LINK.format("https:/example.org")),
        {"links": r"is no https address$"},
    ),
    "a link that holds at one depth only": (
        page("404.html", 'href="/digits/index.html"', 'href="index.html"'),
        {"links": r"^404\.html: index\.html: does not begin with /digits/$"},
    ),
    "no description": (
        page("sums.html", 'name="description"', 'name="x"'),
        {"metadata": r"^sums\.html has no description$"},
    ),
    "two pages described alike": (
        page("sums.html", "Add two numbers; see what comes out.", "Digits are loaded, and “counted”."),
        {"metadata": r"^2 pages are described alike: Digits are loaded"},
    ),
    "a page that says another address": (
        page("sums.html", f'href="{ADDRESS}sums.html" rel="canonical"', 'href="https://example.org/" rel="canonical"'),
        {"metadata": r"^sums\.html does not say that its address is https://someone\.github\.io/digits/sums\.html$"},
    ),
    "no image for previews": (
        lambda folder: (folder / "_build" / "html" / "_static" / "social.png").unlink(),
        {"metadata": r"has no image for previews at https://someone\.github\.io/digits/_static/social\.png"},
    ),
    "a sitemap that lacks a page": (
        page("sitemap.xml", "sums.html", "some.html"),
        {"metadata": r"^sitemap\.xml does not list the pages of the book$"},
    ),
    "another version than the pinned one": (
        file("constraints.txt", f"pytest=={pytest.__version__}", "pytest==0.1"),
        {"versions": rf"^pytest {pytest.__version__} is installed, ==0\.1 is pinned$", "checkout": "constraints"},
    ),
    "outputs in a notebook": (
        file("sums.ipynb", '"outputs": []', '"outputs": [{}]'),
        {"notebooks": r"^sums\.ipynb holds outputs$", "pages": "another sums", "checkout": "sums"},
    ),
    "a version that the changelog does not know": (
        file("CHANGELOG.md", "[1.2.3]", "[1.2.2]"),
        {"release": r"^CHANGELOG\.md has no section \[1\.2\.3\]$", "checkout": "CHANGELOG"},
    ),
    "a citation of another version": (
        file("CITATION.cff", "1.2.3", "1.2.2"),
        {"release": r"^CITATION\.cff names version 1\.2\.2, pyproject\.toml 1\.2\.3$", "checkout": "CITATION"},
    ),
    "a file that is not committed": (
        lambda folder: (folder / "new.md").write_text("New"),
        {"checkout": r"^new\.md is not committed$"},
    ),
}


@pytest.mark.parametrize("what", DEFECTS)
def test_trouble_is_found_by_its_own_check(copy, what):
    spoil, expected = DEFECTS[what]
    spoil(copy)
    found = problems(copy, DISK)
    assert set(found) == set(expected)
    for name, words in expected.items():
        assert re.search(words, found[name]), found[name]


def test_digits_that_are_not_mnists_are_named(copy, monkeypatch):
    monkeypatch.setattr(data, "identify", lambda *_: "other")
    assert problems(copy, ["digits"]) == {"digits": "the digits are other ones, not MNIST's"}


def test_a_folder_that_is_no_checkout_is_reported(copy, monkeypatch):
    shutil.rmtree(copy / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(copy.parent))
    assert "not a git repository" in problems(copy, ["checkout"])["checkout"]


def test_a_page_that_is_too_heavy_and_one_that_is_not_accessible(copy, chromium):
    heavy(copy)
    page("index.html", "</article>", '<img src="_static/favicon.svg"></article>')(copy)
    found = problems(copy, ["weight", "access"], browser=chromium)
    assert re.fullmatch(r"sums\.html weighs [3-9]\d\d kB, more than 300", found["weight"])
    assert re.search(r"index\.html, light: image-alt: .* \| index\.html, dark: image-alt: ", found["access"])
    assert "sums.html" not in found["access"]


def test_a_book_for_the_disk_must_not_tell_an_address(copy):
    found = problems(copy, ["metadata", "pages"], address="")
    assert "sums.html does not say that its address is unknown" in found["metadata"]
    assert "sitemap.xml is there without an address" in found["metadata"]
    assert found["pages"] == "404.html is no page of the book"


def test_one_line_per_check_and_the_exit_code(copy, capsys, monkeypatch):
    monkeypatch.setenv("BOOK_ADDRESS", ADDRESS)
    publish_check.main(["release", "links"], copy)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "ok     release    version, changelog and citation agree",
        "ok     links      lead to pages and places that are there",
        "Ready to publish.",
    ]
    for number in range(7):
        page("sums.html", "</article>", LINK.format(f"none{number}.html"))(copy)
    publish_check.parsed.cache_clear()
    with pytest.raises(SystemExit, match=r"Not ready to publish: 1 of 2 checks\."):
        publish_check.main(["release", "links"], copy)
    _, release, links = capsys.readouterr().out.splitlines()
    assert release.startswith("ok ")
    assert links.startswith("WRONG  links      sums.html: none0.html: no such file; ")
    assert links.endswith("; and 2 more. Fix the link where the page is written.")


def test_a_check_that_is_not_there_and_a_book_that_is_not_there(tmp_path):
    with pytest.raises(SystemExit, match=r"There is no check link\. The checks are: pages, "):
        publish_check.main(["link"], tmp_path)
    with pytest.raises(SystemExit, match=r"There is no book yet: make book"):
        publish_check.main([], tmp_path)
