"""What search engines, link previews and mistyped addresses get, of a book with an address and of one without."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from docutils.core import publish_doctree

from book_sphinx import page_metadata
from site_checks.book_in_browser import Handler, serve

ADDRESS = "https://someone.github.io/digits/"
NAMES = ("index", "digits", "sums")
DESCRIPTIONS = {
    "index": "Front matter & 'quotes'.",
    "digits": "Digits are loaded, and “counted”.",
    "sums": "Add two numbers; see what comes out.",
}


def parsed(book, name):
    return BeautifulSoup(book.page(name), "html.parser")


def tags_of(page):
    return {tag.get("name") or tag.get("property"): tag.get("content") for tag in page.head.select("meta")}


@pytest.mark.parametrize("name", NAMES)
def test_each_page_is_described_in_its_own_words(tiny_book_online, name):
    tags = tags_of(parsed(tiny_book_online, name))
    assert tags["description"] == tags["og:description"] == DESCRIPTIONS[name]
    assert tags["og:title"] == {"index": "A tiny book", "digits": "Digits", "sums": "Adding up"}[name]
    assert tags["og:site_name"] == "How a computer reads handwritten digits"
    assert tags["og:type"] == ("website" if name == "index" else "article")
    assert tags["twitter:card"] == "summary_large_image"
    assert "robots" not in tags


@pytest.mark.parametrize("name", NAMES)
def test_each_page_names_its_address_and_an_image(tiny_book_online, name):
    page = parsed(tiny_book_online, name)
    tags = tags_of(page)
    place = ADDRESS if name == "index" else f"{ADDRESS}{name}.html"
    assert page.head.select_one("link[rel=canonical]")["href"] == tags["og:url"] == place
    assert tags["og:image"] == f"{ADDRESS}_static/social.png"
    assert len(tags["og:image:alt"]) > 20
    assert (tiny_book_online.folder / "_build" / "html" / "_static" / "social.png").is_file()
    assert not page.body.find(src=re.compile("social"))  # it weighs on no page


@pytest.mark.parametrize("name", ["search", "genindex", "404"])
def test_pages_that_nobody_looks_for_stay_out_of_search_engines(tiny_book_online, name):
    page = parsed(tiny_book_online, name)
    assert tags_of(page)["robots"] == "noindex"
    assert not page.head.select("link[rel=canonical]")


def sitemap_places(folder):
    root = ElementTree.parse(folder / "sitemap.xml").getroot()
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert root.tag == f"{space}urlset"
    return {url.find(f"{space}loc").text for url in root}


def test_the_sitemap_lists_the_pages_of_the_book(tiny_book_online):
    assert sitemap_places(tiny_book_online.folder / "_build" / "html") == {
        ADDRESS,
        f"{ADDRESS}digits.html",
        f"{ADDRESS}sums.html",
    }


def test_the_sitemap_lists_all_pages_whichever_were_written_anew_and_only_if_the_build_succeeds(tmp_path):
    config = SimpleNamespace(root_doc="index", html_baseurl=ADDRESS)
    env = SimpleNamespace(found_docs={"index", "digits & sums"})

    def app(kind):
        builder = SimpleNamespace(format=kind, embedded=False, get_target_uri=lambda name: f"{name}.html")
        return SimpleNamespace(builder=builder, env=env, config=config, outdir=tmp_path)

    page_metadata.write_sitemap(app("latex"), None)
    page_metadata.write_sitemap(app("html"), ValueError("no"))
    assert not list(tmp_path.iterdir())
    page_metadata.write_sitemap(app("html"), None)
    assert sitemap_places(tmp_path) == {ADDRESS, f"{ADDRESS}digits & sums.html"}


def test_without_an_address_nothing_names_one(tiny_book):
    html = tiny_book[0].folder / "_build" / "html"
    assert not (html / "sitemap.xml").exists()
    assert not (html / "404.html").exists()
    for name in NAMES:
        page = parsed(tiny_book[0], name)
        assert not page.head.select("link[rel=canonical]")
        assert not {"og:url", "og:image", "og:image:alt"} & set(tags_of(page))
        assert tags_of(page)["og:title"]


def test_a_book_that_is_built_again_without_its_address_forgets_it(tiny_book_online, tmp_path):
    book = tiny_book_online.copy(tmp_path / "book")
    code, printed = book.build(BOOK_ADDRESS="")
    assert code == 0, printed
    test_without_an_address_nothing_names_one((book, printed))


def test_an_address_that_is_none_stops_the_build(tiny_book, tmp_path):
    code, printed = tiny_book[0].copy(tmp_path / "book").build(BOOK_ADDRESS="someone.github.io")
    assert code != 0
    assert "BOOK_ADDRESS is 'someone.github.io'. Expected the address of the published book" in printed


@pytest.mark.parametrize("given", ["https://someone.github.io/digits", " https://someone.github.io/digits/ "])
def test_an_address_ends_with_one_slash(given):
    assert page_metadata.book_address(given) == ADDRESS


@pytest.mark.parametrize(
    "given",
    [
        *("ftp://example.org", "https://", "/digits/", "https://example.org/?a", "https://a.b/#c", "someone.github.io"),
        *("https://a b/", "https://a.b/c d/", "https://me:secret@a.b/", "https://[1", "https://a:b/", "https://a.b/'"),
    ],
)
def test_anything_else_is_no_address(given):
    with pytest.raises(ValueError, match=f"BOOK_ADDRESS is {re.escape(repr(given))}. Expected"):
        page_metadata.book_address(given)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title\n=====\n\nFirst,\nand *on*.\n\nSecond.", "First, and on."),
        ("Title\n=====\n\n**You will**\n\n- see it,\n- go on.\n\nText.", "See it; go on."),
        ("Title\n=====\n\nWhy?\n\n**You will**\n\n- see it,\n- go on.\n\nText.", "Why? See it; go on."),
        ("Title\n=====\n\nText.\n\nMore.\n\n- An entry.", "Text."),
        ("Title\n=====\n", ""),
        ("Title\n=====\n\n" + "Many words. " * 40, "Many words. " * 16 + "Many …"),
    ],
)
def test_a_page_describes_itself_by_its_first_words(text, expected):
    found = page_metadata.description(publish_doctree(text))
    assert found == expected
    assert len(found) <= page_metadata.MAX_LENGTH


# --- the page for addresses that lead nowhere


class Pages(Handler):
    """Serve a book below /digits/, and 404.html for everything that is not there, as GitHub Pages does."""

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/digits"))

    def send_error(self, code, *args):
        with open(super().translate_path("/404.html"), "rb") as file:
            body = file.read()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


APPEARANCE = """() => {
    const {fontFamily, color} = getComputedStyle(document.querySelector("article h1"))
    return {
        styles: [...document.styleSheets].map(sheet => [sheet.href, sheet.cssRules.length]),
        letters: [fontFamily, color],
        sidebar: [...document.querySelectorAll(".bd-sidebar-primary a")].map(a => [a.innerText, a.href.split("#")[0]]),
    }
}"""


@pytest.mark.parametrize("where", ["missing.html", "deep/er/missing"])
def test_a_mistyped_address_leads_back_into_the_book(tiny_book_online, chromium, where):
    html = tiny_book_online.folder / "_build" / "html"
    messages, responses = [], []
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    with serve(html, Pages) as origin:
        page.goto(f"{origin}/digits/index.html")
        book = page.evaluate(APPEARANCE)
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("response", lambda response: responses.append((response.url, response.status)))
        page.goto(f"{origin}/digits/{where}")
        assert page.locator("article h1").inner_text() == "There is no such page"
        appearance = page.evaluate(APPEARANCE)
        assert [url for url, status in responses if status >= 400] == [f"{origin}/digits/{where}"]
        assert len(messages) == 1  # Chromium's own remark on that one
        assert "404" in messages[0]
        assert appearance == book
        page.get_by_role("link", name="search the book").click()
        assert page.url == f"{origin}/digits/search.html"
        page.goto(f"{origin}/digits/{where}")
        page.keyboard.press("ControlOrMeta+k")
        page.keyboard.type("welcome")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{origin}/digits/search.html?q=welcome*")
        page.locator("#search-results li a").first.wait_for()
        page.goto(f"{origin}/digits/{where}")
        page.get_by_role("link", name="the first page").click()
        assert page.locator("article h1").inner_text() == "A tiny book"
        context.close()


def test_the_page_for_mistyped_addresses_is_no_page_of_the_book(tiny_book_online):
    html = tiny_book_online.folder / "_build" / "html"
    assert "404" not in (html / "searchindex.js").read_text("utf-8")
    assert "404" not in (html / "sitemap.xml").read_text("utf-8")
    for name in NAMES:
        assert not parsed(tiny_book_online, name).select("a[href*='404']")
