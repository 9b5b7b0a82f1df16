"""The book as a host with a strict Content-Security-Policy serves it: the one that the README gives."""

import re

import pytest
from table_of_contents import PAGES, listed
from visits import NOTE_VIOLATIONS, POLICY

from site_checks.book_in_browser import new_page, wait_until

SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)


@pytest.fixture
def open_strictly(chromium, strict_host):
    """Open pages of the strict host; at the end, none may have said anything nor met the policy."""
    pages = []

    def open_(name, **options):
        page = new_page(chromium, strict_host, **options)
        pages.append(page)
        page.add_init_script(NOTE_VIOLATIONS)
        page.goto(f"{strict_host}/{name}")
        return page

    yield open_
    trouble = [one for page in pages for one in (*page.messages, *page.evaluate("window.violations ?? []"))]
    for page in pages:
        page.context.close()
    assert not trouble, listed(trouble)


def test_policy_is_strict():
    directives = dict(one.strip().split(" ", 1) for one in POLICY.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["style-src"] == "'self'"
    assert directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    loose = {name: value for name, value in directives.items() if set(value.split()) - {"'self'", "'none'"}}
    assert loose == {
        "script-src": "'self' 'wasm-unsafe-eval'",  # WebAssembly, but no text as a script
        "style-src-attr": "'unsafe-inline'",
        "img-src": "'self' data:",
    }


@pytest.mark.parametrize("name", PAGES)
def test_page_holds_no_script_and_no_style(book, name):
    text = (book / name).read_text("utf-8")
    inline = [body for attributes, body in SCRIPT.findall(text) if "src=" not in attributes]
    data = [body for attributes, body in SCRIPT.findall(text) if 'type="application/json"' in attributes]
    assert [one[:80] for one in inline] == [one[:80] for one in data]
    without = SCRIPT.sub("", text)
    assert not re.findall(r"<style\b|<[^>]*\son[a-z]+=|javascript:|<base\b|<iframe\b|<object\b", without)


def test_policy_is_in_force(open_strictly):
    page = open_strictly("index.html")
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'window.ran = true'}))")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b onclick=\"window.ran = true\"></b>')")
    page.evaluate("document.body.lastElementChild.click()")
    wait_until(page, "violations.length >= 2")
    assert page.evaluate("[window.ran, [...new Set(violations)].sort()]") == [
        None,
        ["script-src-attr", "script-src-elem"],
    ]
    page.evaluate("window.violations = []")
    assert [one for one in page.messages if "Content Security Policy" in one]
    page.messages.clear()


def test_a_digit_is_drawn_and_read(open_strictly):
    page = open_strictly("index.html")
    pad = page.locator('[data-book-widget="digit_pad"] .bw').first
    canvas = pad.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for number, height in enumerate((0.15, 0.5, 0.85)):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * height)
        if not number:
            page.mouse.down()
    page.mouse.up()
    pad.get_by_text("%").first.wait_for()
    assert page.evaluate("pixels => mnistTutorial.predict(pixels)", [0.5] * 784)


def test_search_finds(open_strictly):
    page = open_strictly("chapters/05_build_model.html")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("dropout")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=dropout*")
    page.locator("#search-results li p").first.wait_for()  # a piece of the page, which the search fetches
    page.locator("#search-results li a").first.click()
    page.locator("span.highlighted:visible").first.wait_for()
    page.get_by_role("link", name="Hide Search Matches").click()
    wait_until(page, "!document.querySelector('span.highlighted')")


def test_light_and_dark_are_chosen_and_kept(open_strictly):
    page = open_strictly("index.html", color_scheme="light")
    shown = "document.documentElement.dataset.theme"
    seen = {page.evaluate(shown)}
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        seen.add(page.evaluate(shown))
        if page.evaluate("localStorage.getItem('mode')") == "dark":
            break
    assert seen >= {"light", "dark"}
    page.reload()
    assert page.evaluate(shown) == "dark"
    page.evaluate("['mode', 'theme'].forEach(name => localStorage.setItem(name, '\"><img src=x onerror=alert(1)>'))")
    page.reload()
    assert page.evaluate(shown) == "light"


def test_buttons_print_and_fill_the_screen(open_strictly):
    page = open_strictly("chapters/05_build_model.html")
    page.evaluate("window.print = () => { window.printed = true }")
    page.locator(".btn-fullscreen-button").first.click()
    wait_until(page, "document.fullscreenElement !== null")
    page.evaluate("document.exitFullscreen()")
    page.locator(".btn-download-pdf-button").first.evaluate("button => button.click()")
    assert page.evaluate("window.printed")


def test_without_scripts_no_button_waits_for_one(open_strictly):
    page = open_strictly("index.html", java_script_enabled=False)
    buttons = page.locator(".pst-js-only")
    assert buttons.count()
    assert not any(button.is_visible() for button in buttons.all())
