"""Every page, served under the strict Content-Security-Policy of the README to a browser that has nothing in its cache.

One visit to a page looks at all of it; visits.py says how.
"""

import pytest
from table_of_contents import PAGES, listed
from visits import (
    DESKTOP,
    NOTE_VIOLATIONS,
    PHONE,
    WIDGETS_OF,
    check_console_is_empty,
    check_fallbacks_stand_for_widgets_on_paper,
    check_figures_and_tables_can_be_read,
    check_no_other_host_is_asked,
    check_nothing_is_cut_off_on_paper,
    check_page_is_as_wide_as_the_window,
    check_solutions_open_and_close,
    check_widgets_are_alive,
)

from site_checks.book_in_browser import MAX_PAGE_BYTES, new_page, wait_until_ready, weigh


@pytest.fixture(scope="module", params=PAGES)
def page(request, chromium, strict_host):
    """Open one page for all the tests below."""
    page = new_page(chromium, strict_host)
    page.name = request.param
    page.add_init_script(NOTE_VIOLATIONS)
    page.weights = weigh(page, f"{strict_host}/{page.name}")
    wait_until_ready(page)
    yield page
    page.context.close()


def test_page_is_light(page):
    heaviest = sorted(page.weights.items(), key=lambda pair: -pair[1])[:5]
    assert sum(page.weights.values()) <= MAX_PAGE_BYTES, listed(heaviest)


@pytest.mark.only_on(WIDGETS_OF)
def test_widgets_come_alive(page):
    check_widgets_are_alive(page)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_page_is_as_wide_as_the_window(page, width):
    check_page_is_as_wide_as_the_window(page, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_and_tables_can_be_read(page, scheme):
    check_figures_and_tables_can_be_read(page, scheme)


def test_nothing_is_cut_off_on_paper(page):
    check_nothing_is_cut_off_on_paper(page)


@pytest.mark.only_on(WIDGETS_OF)
def test_fallbacks_stand_for_widgets_on_paper(page):
    check_fallbacks_stand_for_widgets_on_paper(page)


def test_solutions_are_closed_and_open_by_mouse_and_by_keyboard(page):
    check_solutions_open_and_close(page)


# The last tests on each page also hear what the ones above set off.


def test_the_policy_forbids_nothing_that_the_page_does(page):
    forbidden = page.evaluate("window.violations")
    assert not forbidden, listed(forbidden)


def test_console_is_empty(page):
    check_console_is_empty(page)


def test_no_other_host_is_asked(page):
    check_no_other_host_is_asked(page)
