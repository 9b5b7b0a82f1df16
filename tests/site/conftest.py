"""The built book at its addresses, for every file of tests."""

import pytest

from site_checks.book_in_browser import new_page, serve, wait_until_ready
from site_checks.operating import mount_anew

pytest.register_assert_rewrite("visits")  # before anything imports it


def pytest_configure(config):
    config.addinivalue_line("markers", "only_on(names): of the visited pages, make the test on these alone")


def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if concerns_its_page(item)]


def concerns_its_page(item):
    """Tell whether a test of a visited page has something to look at there."""
    marker = item.get_closest_marker("only_on")
    return marker is None or item.callspec.params["page"] in marker.args[0]


@pytest.fixture(scope="session")
def origins(book):
    """Return the two addresses of the book: on the disk, and at a server on this computer."""
    with serve(book) as address:
        yield {"file": book.as_uri(), "http": address}


@pytest.fixture(scope="session")
def strict_host(book):
    """Return the address of the book at a server with the Content-Security-Policy that the README gives."""
    from visits import StrictHandler

    with serve(book, StrictHandler) as address:
        yield address


@pytest.fixture
def open_page(chromium, origins):
    """Open pages of the book: open_page("file" or "http", name, **options of Playwright's new_context).

    prepare: a function that is given the page before it loads anything. At the end of the test no page may have said
    anything on the console or asked another host.
    """
    pages = []

    def open_(place, name, prepare=None, **options):
        page = new_page(chromium, origins[place], **options)
        pages.append(page)
        if prepare:
            prepare(page)
        page.goto(f"{origins[place]}/{name}")
        if options.get("java_script_enabled", True):
            wait_until_ready(page)
        return page

    yield open_
    trouble = [one for page in pages for one in (*page.messages, *page.foreign_requests)]
    for page in pages:
        page.context.close()
    assert trouble == []


@pytest.fixture(scope="module")
def at_widget(chromium, origins):
    """Return a function that gives a page at a widget as it is on the first visit, and keeps the page for the next."""
    from visits import PAGE_WITH, widget_on

    kept = {}

    def at(place, name, touch):
        if kept.get("key") == (place, name, touch):
            kept["page"].evaluate("localStorage.clear()")  # what was answered is not kept for this visit
            mount_anew(kept["page"], widget_on(kept["page"], name))
        else:
            close()
            page = new_page(chromium, origins[place], has_touch=touch)
            page.goto(f"{origins[place]}/{PAGE_WITH[name]}")
            wait_until_ready(page)
            kept.update(key=(place, name, touch), page=page)
        return kept["page"]

    def close():
        if page := kept.pop("page", None):
            page.context.close()

    yield at
    close()
