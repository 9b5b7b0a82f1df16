"""Pages with a widget's state in their address, for tests of the links that contain it."""

import pytest

CLIPBOARD = (
    "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text } } })"
)


@pytest.fixture
def open_at(open_page):
    """Open widgets, then the same page with another fragment, whose clipboard the test can read."""

    def open_(*widgets, fragment="", clipboard=CLIPBOARD, **options):
        page = open_page(*widgets, **options)
        page.add_init_script(clipboard)
        return at(page, fragment)

    return open_


def at(page, fragment):
    address = page.url.partition("#")[0]
    page.goto("about:blank")
    page.goto(address + fragment)
    page.locator(".bw-link").first.wait_for()
    return page


def copied(page, said="The link is copied"):
    page.evaluate("window.copied = ''")
    page.get_by_role("button", name="Copy link").first.click()
    page.wait_for_function("window.copied")
    page.locator(".bw-link p").filter(has_text=said).wait_for()
    return "#" + page.evaluate("window.copied").partition("#")[2]


def said(page):
    return page.locator(".bw-link p").first.inner_text()
