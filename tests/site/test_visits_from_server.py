"""Every page in Chromium, from the disk and from a server, as a reader meets it."""

import re

import pytest
from table_of_contents import CHAPTERS, PAGES, listed

from site_checks.book_in_browser import serve

WIDTHS = {"a desktop": 1280, "a telephone": 390}
OPEN_ALL = "open => document.querySelectorAll('details.hide').forEach(one => one.open = open)"
STICKS_OUT = """() => [...document.querySelectorAll("article *")].filter(element => {
    if (element.getBoundingClientRect().right <= innerWidth + 1) return false
    for (let box = element.parentElement; box.tagName != "ARTICLE"; box = box.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false
    return true
}).map(element => element.outerHTML.slice(0, 150))"""
PAPER = 700  # pixels of a sheet of A4 between margins of 12 mm
CUT_OFF_ON_PAPER = """(width) => [...document.querySelectorAll("article *:not(svg *, math *)")].filter((one) => {
    if (!one.checkVisibility() || one.closest(".visually-hidden, .bw-live, .headerlink")) return false
    const {overflowX} = getComputedStyle(one)
    const hides = overflowX != "visible" && one.scrollWidth > one.clientWidth + 1
    return hides || one.getBoundingClientRect().right > width + 1
}).map((one) => `${one.getBoundingClientRect().right.toFixed()} ${one.outerHTML.slice(0, 150)}`)"""
# WCAG 2's contrast, (lighter + 0.05) / (darker + 0.05), of what a cell shows and the ground it stands on.
CONTRASTS = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true})
    const pixel = colour => {
        canvas.clearRect(0, 0, 1, 1)
        canvas.fillStyle = colour
        canvas.fillRect(0, 0, 1, 1)
        return canvas.getImageData(0, 0, 1, 1).data
    }
    const luminance = colour => {
        const [r, g, b] = [...pixel(colour)].map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const ground = element => {
        const {backgroundColor} = getComputedStyle(element)
        return pixel(backgroundColor)[3] ? backgroundColor : ground(element.parentElement)
    }
    const onImage = text => {  // a number in a cell of a figure has the cell's colour behind it
        if (text.tagName != "text") return false
        const box = text.getBoundingClientRect()
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
        return [...text.closest("svg").querySelectorAll("image")].map(image => image.getBoundingClientRect())
            .some(image => image.left < x && x < image.right && image.top < y && y < image.bottom)
    }
    const figure = "svg[role=img]:not([aria-hidden])"  // the theme's icons are hidden ones
    const texts = [...document.querySelectorAll(`${figure}, ${figure} text, .cell_output :is(td, th, p)`)]
    return {
        page: luminance(ground(document.body)),
        // A figure for print, whose place a widget has taken, has no box.
        texts: texts.filter(text => text.getClientRects().length && !onImage(text)).map(text => {
            const {color, fill} = getComputedStyle(text)
            const pair = [text.tagName == "text" ? fill : color, ground(text)].map(luminance)
            const [dark, light] = pair.sort((a, b) => a - b)
            const words = (text.ariaLabel || text.textContent).slice(0, 50)
            return {words, contrast: (light + 0.05) / (dark + 0.05)}
        }),
    }
}"""


@pytest.fixture(scope="module")
def origins(book):
    """Return the two addresses of the book: on the disk, and at a server on this computer."""
    with serve(book) as address:
        yield {"file": book.as_uri(), "http": address}


def open_page(browser, origin, name, **options):
    """Open a page; note what it says on the console and what it asks of others."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.name, page.said, page.asked_others = name, [], []

    def note(request):
        if not request.url.startswith((f"{origin}/", "data:", "blob:")):
            page.asked_others.append(request.url)

    page.on("console", lambda message: page.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.said.append(f"error: {error}"))
    page.on("request", note)
    page.goto(f"{origin}/{name}")
    page.wait_for_timeout(200)  # for scripts that wait until the page is loaded
    return page


@pytest.fixture(
    scope="module",
    params=[(origin, name) for origin in ("file", "http") for name in PAGES],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def page(request, chromium, origins):
    """Open one page for all the tests below, with which pytest goes from page to page."""
    origin, name = request.param
    page = open_page(chromium, origins[origin], name)
    page.open_at_first = page.locator("details.hide[open]").count()
    yield page
    page.context.close()


@pytest.mark.parametrize("device", WIDTHS)
def test_page_is_as_wide_as_the_window(page, device):
    page.set_viewport_size({"width": WIDTHS[device], "height": 900})
    page.evaluate(OPEN_ALL, True)
    width, sticks_out = page.evaluate("document.documentElement.scrollWidth"), page.evaluate(STICKS_OUT)
    page.evaluate(OPEN_ALL, False)
    assert width <= WIDTHS[device] + 1
    # and nothing is cut off: what is wider scrolls in a box of its own
    assert not sticks_out, listed(sticks_out)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_and_tables_can_be_read_in_light_and_dark(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"document.documentElement.dataset.theme == '{scheme}'")
    page.evaluate(OPEN_ALL, True)
    found = page.evaluate(CONTRASTS)
    page.evaluate(OPEN_ALL, False)
    assert (found["page"] > 0.5) is (scheme == "light")
    faint = [one for one in found["texts"] if one["contrast"] < 4.5]
    assert not faint, listed(faint)


def test_solutions_are_closed_and_open_by_mouse_and_by_keyboard(page):
    assert page.open_at_first == 0
    solutions = page.locator(".tag_hide-cell > details")
    if page.name.startswith("chapters/"):
        assert solutions.count() >= 2
    for position in range(solutions.count()):
        solution = solutions.nth(position)
        code, summary = solution.locator("pre").first, solution.locator("summary")
        assert not code.is_visible()
        summary.click()
        assert code.is_visible()
        summary.focus()
        page.keyboard.press("Enter")
        assert not code.is_visible()
        page.keyboard.press("Enter")
        assert code.is_visible()


# The last tests on each page, so that they also hear what the ones above set off.


def test_console_is_empty(page):
    assert not page.said, listed(page.said)


def test_no_other_host_is_asked(page):
    assert not page.asked_others, listed(page.asked_others)


@pytest.mark.parametrize("place", ["file", "http"])
def test_search_finds_from_any_page_and_its_index_weighs_on_none(chromium, origins, place):
    page = open_page(chromium, origins[place], "chapters/05_build_model.html")
    assert not page.locator("script[src*=searchindex]").count()
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("dropout")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=dropout*")
    found = page.locator("#search-results li a")
    found.first.wait_for()
    assert "05_build_model" in " ".join(link.get_attribute("href") for link in found.all())
    page.context.close()
    assert page.said == page.asked_others == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_on_paper(chromium, origins, name):
    page = open_page(chromium, origins["file"], name)
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('article details').forEach((one) => one.open = true)")
    cut = page.evaluate(CUT_OFF_ON_PAPER, PAPER)
    page.context.close()
    assert not cut, listed(cut)


def test_cheat_sheet_fits_on_one_sheet_of_paper(chromium, origins):
    page = open_page(chromium, origins["file"], "cheat_sheet.html")
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "1cm")
    printed = page.pdf(format="A4", margin=margin)
    page.context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


# Once more, without scripts.


@pytest.mark.parametrize("name", CHAPTERS)
def test_text_and_figures_are_there_without_javascript(chromium, origins, name):
    page = open_page(chromium, origins["file"], name, java_script_enabled=False)
    article = page.locator("article")
    assert article.locator("h1").is_visible()
    assert article.locator("p:visible").count() >= 5
    for figure in article.locator("svg[role=img]").all():
        if figure.locator("xpath=ancestor::details").count() == 0:
            assert figure.is_visible()
            assert figure.bounding_box()["width"] > 40
    for solution in article.locator("details").all():
        solution.locator("summary").click()
        assert solution.locator("pre").first.is_visible()
    page.context.close()
