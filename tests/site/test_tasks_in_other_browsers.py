"""The same task with each widget in Firefox and in WebKit, from the disk on a wide light page and, under the strict
policy, from a server on a dark phone; and every page."""

import os
import re

import pytest
from driven_browsers import DRIVEN, FIND, PageEndedError
from keyboard_tasks import BEGIN, PAGE_OF, TASKS
from visits import WIDGETS, WIDGETS_OF

from site_checks.book_in_browser import COME_NEAR, WIDGETS_ARE_MOUNTED

# Firefox fetches what a page calls the next one beforehand; where nothing but the page's own is allowed, it does not.
PREFETCH = re.compile(r"\(default-src\) at \S+\.html because")
FORGET = """() => {
    if (location.protocol == "about:") return
    localStorage.clear()
    sessionStorage.clear()
}"""
PLACES = {"disk": ((1280, 800), "light"), "server": ((390, 664), "dark")}


@pytest.fixture(scope="module", params=[(name, place) for name in DRIVEN for place in PLACES], ids=" from the ".join)
def driven(request, origins, strict_host, tmp_path_factory):
    """Return a browser's page, with the address of the book in `book`."""
    name, place = request.param
    if not FIND[name]():
        leave = pytest.fail if os.environ.get("CI") else pytest.skip
        leave(f"No browser: {name} is not installed, so nobody has looked at it there: scripts/install_browser.py")
    size, scheme = PLACES[place]
    with DRIVEN[name](tmp_path_factory.mktemp(name), scheme) as page:
        page.resize(*size)
        page.size, page.scheme = size, scheme
        page.book = {"disk": origins["file"], "server": strict_host}[place]
        yield page


def visit(page, name):
    try:
        page.evaluate(FORGET)  # a digit drawn in the test before would be offered in this one
    except PageEndedError:  # for which the test before has failed
        page.goto(f"{page.book}/{name}")
        page.evaluate(FORGET)
    page.messages.clear()
    page.goto(f"{page.book}/{name}")
    page.evaluate(COME_NEAR)
    page.wait_for_function(WIDGETS_ARE_MOUNTED)


def said(page):
    """Return what a page has said on the console, but not that the next chapter is not fetched before it is wanted."""
    return [message for message in page.messages if not PREFETCH.search(message)]


@pytest.mark.parametrize("name", WIDGETS)
def test_a_task_with_each_widget(driven, name):
    visit(driven, PAGE_OF[name])
    widget = driven.locator(f'[data-book-widget="{name}"] .bw').first
    widget.evaluate(BEGIN)
    TASKS[name](driven, widget)
    assert said(driven) == []


@pytest.mark.parametrize("name", WIDGETS_OF)
def test_each_page(driven, name):
    visit(driven, name)
    seen = driven.evaluate("() => [innerWidth, document.documentElement.dataset.theme]")
    assert seen == [driven.size[0], driven.scheme]
    assert driven.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert said(driven) == []


@pytest.mark.parametrize("pointer", ["mouse", "touch"])
def test_a_digit_is_drawn(driven, pointer):
    visit(driven, "index.html")
    pad = driven.locator('[data-book-widget="digit_pad"] .bw').first
    pad.get_by_role("application").draw([(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)], pointer)
    pad.locator(".dp-words").filter("It looks like a 1").wait_for()
    pad.get_by_role("button", name="Undo").click()
    pad.locator(".dp-words").filter("Nothing is drawn yet").wait_for()
    pad.get_by_role("button", name="Redo").click()
    pad.locator(".dp-words").filter("It looks like a 1").wait_for()
