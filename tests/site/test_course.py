"""The links of the course open each experiment in the state that they name."""

import re
from collections import defaultdict
from urllib.parse import unquote, urlsplit

from playwright.sync_api import expect

from site_checks.book_in_browser import new_page, wait_until_ready
from site_checks.built_pages import LINKED_AS, STATE, parsed

CLIPBOARD = "navigator.clipboard.writeText = async (text) => { window.copied = text }"
SHOWN = """(element) => [element.innerText,
    ...[...element.querySelectorAll("input, select")].map((one) => one.checked + one.value),
    ...[...element.querySelectorAll("canvas")].map((one) => one.toDataURL()),
    ...[...element.querySelectorAll("[aria-label], [aria-pressed], [aria-selected], [aria-checked]")].map((one) =>
        [one.ariaLabel, one.ariaPressed, one.ariaSelected, one.ariaChecked].join()),
].join("|")"""


def links_of(book):
    """Return {page: [fragments]} of the links with a widget's state, in their order."""
    found = defaultdict(list)
    for link in parsed(book / "course.html").select("article a[href]"):
        parts = urlsplit(link["href"])
        if STATE.match(parts.fragment) and parts.fragment not in found[parts.path]:
            found[parts.path].append(parts.fragment)
    return {page: fragments for page, fragments in found.items() if fragments}


def test_every_link_of_the_course_opens_the_widget_in_its_state(chromium, strict_host, book):
    links = links_of(book)
    assert sum(map(len, links.values())) >= 25
    assert {STATE.match(one)[1] for fragments in links.values() for one in fragments} >= {
        "lab", "digit_pad", "sample_inspector", "processing_steps", "layer_explorer", "network_view",
        "rule_builder", "prediction_inspector"
    }  # fmt: skip
    for name, fragments in links.items():
        page = new_page(chromium, strict_host)
        page.add_init_script(CLIPBOARD)
        address = f"{strict_host}/{name}"
        page.goto(f"{address}#{fragments[0]}")  # as a student opens it; the others are followed in the open page
        wait_until_ready(page)
        for fragment in fragments:
            check_link(page, address, fragment)
        assert page.messages == page.foreign_requests == [], name
        page.context.close()


def check_link(page, address, fragment):
    """Check that a page, opened with the fragment or led there, has the widget in view and in that state."""
    widget = STATE.match(fragment)[1]
    element = page.locator(f"[data-book-widget={LINKED_AS.get(widget, widget)}]").first
    page.evaluate("fragment => { if (location.hash.slice(1) !== fragment) location.hash = fragment }", fragment)
    element.locator(".bw").first.wait_for()
    expect(element).to_be_in_viewport()
    assert "not used" not in element.inner_text(), fragment
    assert "settings are loaded, except" not in element.inner_text(), fragment
    if widget == "lab":
        element.locator(".tl-settings").evaluate("drawer => { drawer.open = true }")
    page.evaluate("window.copied = ''")
    element.get_by_role("button", name=re.compile("^Copy (a )?link")).click()
    page.wait_for_function("window.copied")
    assert unquote(page.evaluate("copied")) == unquote(f"{address}#{fragment}")
    if fragment.endswith("="):
        return
    shown = element.evaluate(SHOWN)  # and the widget as it begins shows something else
    page.evaluate("fragment => { location.hash = fragment }", f"{widget}=")
    there = [element.element_handle(), shown]
    page.wait_for_function(f"([element, shown]) => ({SHOWN})(element) !== shown", arg=there)
