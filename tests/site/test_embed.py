"""embed.html: one widget alone, named by the address, for a frame in a page of another."""

import pytest
from playwright.sync_api import expect
from visits import NOTE_VIOLATIONS, WIDGETS

from site_checks.book_in_browser import MAX_PAGE_BYTES, new_page, violations, wait_until_ready, weigh


@pytest.fixture
def open_embed(chromium, origins, strict_host):
    """Open the page with a fragment, from the disk ("file") or from the strict host; no page may say anything."""
    pages = []

    def open_(fragment, place="strict", **options):
        origin = strict_host if place == "strict" else origins[place]
        page = new_page(chromium, origin, **options)
        pages.append(page)
        page.add_init_script(NOTE_VIOLATIONS)
        page.goto(f"{origin}/embed.html{fragment}")
        wait_until_ready(page)
        return page

    yield open_
    trouble = [
        one
        for page in pages
        for one in (*page.messages, *page.foreign_requests, *page.evaluate("window.violations ?? []"))
    ]
    for page in pages:
        page.context.close()
    assert trouble == []


@pytest.mark.parametrize("place", ["file", "strict"])
def test_a_digit_is_drawn_and_named(open_embed, place):
    page = open_embed("#digit_pad", place)
    page.get_by_role("button", name="example: 4").click()
    expect(page.locator(".dp-words")).to_contain_text("4")
    expect(page.get_by_role("heading", level=1)).to_have_text("digit pad")
    link = page.get_by_role("link", name="in the book")
    assert link.get_attribute("href") == "index.html"
    assert link.get_attribute("target") == "_blank"  # a frame is too small for the book


def test_every_widget_of_the_book_is_there_and_light(chromium, strict_host, open_embed):
    page = open_embed("")
    assert page.locator("#place li").all_inner_texts() == WIDGETS
    for name in WIDGETS:
        page = new_page(chromium, strict_host)
        loaded = weigh(page, f"{strict_host}/embed.html#{name}")
        # The network comes with its first use, which here is at once for a widget that shows it.
        weight = sum(size for address, size in loaded.items() if not address.endswith("/weights.js"))
        assert weight < MAX_PAGE_BYTES, name
        expect(page.locator(f"[data-book-widget={name}] > div > .bw").first).to_be_visible()
        assert page.messages == []
        page.context.close()


@pytest.mark.parametrize(
    "fragment", ["#nothing", "#<img src=x onerror=alert(1)>", "#%", "#../widgets/host", "#constructor"]
)
def test_another_name_is_answered_with_the_list(open_embed, fragment):
    page = open_embed(fragment)
    expect(page.locator("#place")).to_contain_text("There is no widget “")
    assert page.locator("#place img").count() == 0
    page.get_by_role("link", name="digit_pad", exact=True).click()
    expect(page.locator(".dp")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "#digit_pad"])
def test_nothing_keeps_people_out(open_embed, fragment, scheme):
    page = open_embed(fragment, color_scheme=scheme, viewport={"width": 390, "height": 664}, reduced_motion="reduce")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_works_in_a_frame(chromium, origins):
    page = new_page(chromium, origins["http"])
    page.set_content(f'<iframe src="{origins["http"]}/embed.html#digit_pad" width="600" height="640"></iframe>')
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="example: 7").click()
    expect(frame.locator(".dp-words")).to_contain_text("7")
    page.context.close()
