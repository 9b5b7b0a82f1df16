"""The book's style sheets, without the rules that nothing uses, style each element as the packages' whole ones do."""

import re
from pathlib import Path

import myst_nb
import pydata_sphinx_theme
import pytest
import sphinx_book_theme
import sphinx_design

from site_checks.book_in_browser import new_page, wait_until_ready

WHOLE = {
    path.name: path
    for package in (myst_nb, pydata_sphinx_theme, sphinx_book_theme, sphinx_design)
    for path in Path(package.__file__).parent.rglob("*.css")
}
NAME = re.compile(r"/(\w[\w-]*(?:\.min)?)(?:\.[0-9a-f]{64})?\.css")
COMPUTED = """() => {
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
    return [...document.querySelectorAll("body, body *")].map((element) => [
        element.localName,
        ...["", "::before", "::after"].map((part) => getComputedStyle(element, part).cssText),
    ].join(" | "));
}"""


def styled(browser, address, width, whole):
    """Return how each element of a page is styled, and which style sheets were replaced by whole ones if `whole`."""
    page, replaced = new_page(browser, address), set()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(reduced_motion="reduce")

    def answer(route):
        path = WHOLE.get(f"{NAME.search(route.request.url)[1]}.css")
        if path is None:
            return route.continue_()
        replaced.add(path.name)
        return route.fulfill(path=path, content_type="text/css")

    if whole:
        page.route(NAME, answer)
    page.goto(address)
    wait_until_ready(page)
    found = page.evaluate(COMPUTED)
    page.context.close()
    return found, replaced


@pytest.mark.parametrize("name", ["index.html", "search.html", "chapters/09_your_own_handwriting.html"])
@pytest.mark.parametrize("width", [390, 1280])
def test_whole_style_sheets_would_change_nothing(chromium, strict_host, name, width):
    trimmed, _ = styled(chromium, f"{strict_host}/{name}", width, whole=False)
    expected, replaced = styled(chromium, f"{strict_host}/{name}", width, whole=True)
    assert replaced >= {"mystnb.css", "pydata-sphinx-theme.css", "sphinx-book-theme.css", "sphinx-design.min.css"}
    assert len(trimmed) == len(expected)
    assert not [pair for pair in zip(trimmed, expected, strict=True) if pair[0] != pair[1]][:3]
