"""The archive of the book, unpacked in a folder with an awkward name and opened from the disk without a network."""

import zipfile
from pathlib import Path

import pack_zip
import pytest

from site_checks.book_in_browser import wait_until_ready

ROOT = Path(__file__).resolve().parents[2]
STROKE = ((0.5, 0.15), (0.5, 0.4), (0.5, 0.6), (0.5, 0.85))  # a one


@pytest.fixture(scope="module")
def stick(book, tmp_path_factory):
    """Return the folder that the archive holds, unpacked."""
    folder = tmp_path_factory.mktemp("stick") / "Bücher zum Lesen"
    archive = pack_zip.pack(ROOT)
    with zipfile.ZipFile(archive) as pages:
        pages.extractall(folder)
    return folder / archive.stem


@pytest.fixture
def page(chromium):
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.messages, page.requests = [], []
    page.on("console", lambda message: page.messages.append(message.text))
    page.on("pageerror", lambda error: page.messages.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    yield page
    context.close()
    assert page.messages == []
    assert [url for url in page.requests if not url.startswith(("file://", "data:", "blob:"))] == []


def test_the_start_file_opens_the_book_where_a_drawing_is_read_and_words_are_found(stick, page):
    assert [path.name for path in stick.iterdir() if path.suffix == ".html"] == ["START-HERE.html"]
    page.goto((stick / "START-HERE.html").as_uri())
    page.wait_for_url("**/book/index.html")
    pad = page.locator(".dp-pad canvas").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in STROKE]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()
    page.wait_for_function("() => /\\b1\\b/.test(document.querySelector('.dp-words').innerText)")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("dropout")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=dropout*")
    page.locator("#search-results li a").first.click()
    page.wait_for_load_state()
    assert page.locator("article h1").is_visible()


def test_the_start_file_alone_says_that_the_rest_is_missing(stick, page, tmp_path):
    """As when it is opened within the archive, which some systems unpack no further."""
    alone = tmp_path / "START-HERE.html"
    alone.write_bytes((stick / "START-HERE.html").read_bytes())
    with page.expect_console_message(lambda message: "ERR_FILE_NOT_FOUND" in message.text):
        page.goto(alone.as_uri())
    wait_until_ready(page)
    assert page.url == alone.as_uri()
    assert "unpack the whole archive first" in page.locator("body").inner_text()
    assert "ERR_FILE_NOT_FOUND" in page.messages.pop()
