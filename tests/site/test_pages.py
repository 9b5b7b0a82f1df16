"""The built pages as they lie on the disk, read with a parser of HTML."""

import re

import pytest
from bs4 import BeautifulSoup
from table_of_contents import CHAPTERS, PAGES, listed

from site_checks.built_pages import EMBED, banner, broken_links, built_pages, ids_of, is_foreign, parsed

HEADINGS = [f"h{level}" for level in range(1, 7)]
RAW_MARKUP = {
    "a fence": r":::|```",
    "emphasis": r"\*\*|\*\w|\w\*",
    "a link": r"\]\(",
    "a directive or a role": r"\{[a-z][\w-]*\}",
    "code": r"`",
    "a formula": r"\$[^$\n]+\$|\\[A-Za-z]{2,}",
    "a heading": r"(?<![^\n])#{1,6} ",
    "a table": r"\| ?:?[-–—]",  # typography makes one long dash of three
    "a tag": r"</?[a-z]+[ >/]",
    "an entity": r"&(amp|lt|gt|nbsp|#\d+);",
}
LOG_LINES = r"WARNING: All log|[IWEF]\d{4} |oneDNN|(?i:cuda)|absl|tensorflow/(core|compiler)|Warning:"


def text_without(page, *selectors):
    """Return the text of a page without the elements that some CSS selectors find."""
    copy = BeautifulSoup(str(page), "html.parser")
    for element in copy.select(", ".join(("script", "style", "noscript", *selectors))):
        element.decompose()
    return copy.body.get_text()


def addresses_in_css(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found = re.findall(r"""url\(\s*(["']?)(.*?)\1\s*\)|@import\s+(["'])(.*?)\3""", text)
    return [in_url or imported for _, in_url, _, imported in found]


def loaded_by(page):
    """Return every address that a browser fetches on its own to show a page."""
    for element in page.find_all(["script", "img", "iframe", "source", "video", "audio", "embed", "track"]):
        yield from filter(None, (element.get("src"), element.get("poster")))
        yield from (part.split()[0] for part in element.get("srcset", "").split(",") if part.strip())
    for element in page.find_all("link", href=True):
        if not {"next", "prev", "index", "search", "canonical", "author", "license"} & set(element["rel"]):
            yield element["href"]
    for element in page.find_all(["object", "image", "use"]):
        yield from filter(None, (element.get("data"), element.get("href"), element.get("xlink:href")))
    for element in page.find_all(style=True):
        yield from addresses_in_css(element["style"])
    for element in page.find_all("style"):
        yield from addresses_in_css(element.get_text())


def test_no_page_is_missing_and_none_is_too_many(book):
    assert built_pages(book) == {*PAGES, EMBED}


def test_no_note_is_called_note_that_begins_with_a_title_of_its_own(book):
    boxes = [(name, box) for name in CHAPTERS for box in parsed(book / name).select(".admonition.note")]
    twice = [
        (name, box.get_text())
        for name, box in boxes
        if box.select_one(".admonition-title").get_text() == "Note"
        and box.select_one("p:not(.admonition-title)").get_text().startswith(("Python:", "Before you"))
    ]
    assert twice == []
    assert sum(box.get_text().strip().startswith("Python: ") for _, box in boxes) > 10


def test_the_cell_for_colab_is_on_no_page(book):
    assert [name for name in CHAPTERS if "google.colab" in parsed(book / name).get_text()] == []


@pytest.mark.parametrize("name", PAGES)
def test_links_within_the_book_lead_somewhere(book, name):
    broken = broken_links(book, name)
    assert not broken, listed(broken)


@pytest.mark.parametrize("name", PAGES)
def test_every_image_has_a_description(book, name):
    page = parsed(book / name)
    for image in page.find_all("img"):
        words = image.get("alt", "").strip()
        if image.get("alt") == "":  # an ornament beside words, which alone are read aloud
            places = image.find_parents(class_=["navbar-brand", "sd-card"])
            assert any(place.get_text(strip=True) for place in places), f"an ornament of nothing: {image}"
            continue
        assert words, f"no alt: {image}"
        assert not re.search(r"\.(png|svg|jpe?g|gif|webp)$", words), f"a file name says nothing: {words}"
    for drawing in page.select("svg[role=img], .cell_output svg"):
        assert drawing.get("role") == "img", f"not announced as an image: {str(drawing)[:200]}"
        label = drawing.get("aria-label", "").strip()
        assert len(label) >= 20, f"says too little: {label!r}"
        assert not re.search(r"\d\.\d{7}", label), f"no one listens to so many decimals: {label!r}"


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique(book, name):
    repeated = [one for one, count in ids_of(book / name).items() if count > 1]
    assert not repeated, listed(repeated)


@pytest.mark.parametrize("name", PAGES)
def test_no_raw_markup_shows(book, name):
    text = text_without(parsed(book / name), "pre", "code", "math")
    shows = [
        f"{what}: {match[0]}"
        for what, how in RAW_MARKUP.items()
        for match in re.finditer(f".*(?:{how}).*", text, re.MULTILINE)
    ]
    assert not shows, listed(shows)


@pytest.mark.parametrize("name", PAGES)
def test_formulas_are_set(book, name):
    for formula in parsed(book / name).find_all("math"):
        assert not re.search(r"&|\\|\$|begin|aligned|frac", formula.get_text()), formula.get_text()
        assert not formula.find(["merror", "mtext"], string=re.compile(r"\\")), formula.get_text()


@pytest.mark.parametrize("name", PAGES)
def test_language_and_headings(book, name):
    page = parsed(book / name)
    assert page.html.get("lang") == "en"
    assert page.title.get_text().strip()
    # The theme repeats the title for print, where it hides the other; nobody sees or hears both.
    levels = [int(one.name[1]) for one in page.find_all(HEADINGS) if not one.find_parent(class_="onlyprint")]
    assert levels.count(1) == 1
    for before, after in zip([0, *levels], levels, strict=False):
        assert after <= before + 1, f"h{before} is followed by h{after}: {levels}"


@pytest.mark.parametrize("name", PAGES)
def test_page_loads_nothing_from_another_host(book, name):
    foreign = [address for address in loaded_by(parsed(book / name)) if is_foreign(address)]
    assert not foreign, listed(foreign)


def test_styles_load_nothing_from_another_host(book):
    styles = list(book.rglob("*.css"))
    assert styles
    for path in styles:
        foreign = [one for one in addresses_in_css(path.read_text("utf-8")) if is_foreign(one)]
        assert not foreign, listed([path.name, *foreign])


@pytest.mark.parametrize("name", CHAPTERS)
def test_outputs_hold_no_errors_and_no_log_lines(book, name):
    page = parsed(book / name)
    errors = page.select(".output.stderr, .output.traceback, .output.error")
    assert not errors, listed(errors)
    for cell in page.select(".cell_output"):
        assert not re.search(LOG_LINES, cell.get_text()), cell.get_text()


def test_every_chapter_with_code_shows_outputs(book):
    for name in CHAPTERS:
        page = parsed(book / name)
        if page.select(".cell_input"):
            assert page.select(".cell_output"), name


def test_banner_says_when_the_digits_are_not_mnist(book, digits_of_book):
    for name in PAGES:
        words = banner(book / name)
        expected = {"MNIST": "", "stand-in": "stand-in digits", "other": "other images"}[digits_of_book]
        assert (expected in words) if expected else not words, f"{name}: {words}"
