"""What axe is spared on a page, and that it finds all the same what is wrong there."""

import pytest

from site_checks.book_in_browser import REPEATED, new_page, violations

CODE = """<!doctype html><html lang="en"><head><title>Code</title>
<style>.k { color: #000 } .faint { color: #ddd } .now .k { color: #ddd }</style></head>
<body><main><h1>Code</h1><pre><span class="k">if</span> <span class="k">else</span> <span class="k">for</span>
<span class="k" style="color: #eee">faint by itself</span> <span class="faint">faint</span></pre>
<section aria-label="part"><h2>A part</h2><p class="k">Words</p></section></main></body></html>"""


@pytest.fixture
def page(chromium):
    page = new_page(chromium, "")
    page.set_content(CODE)
    yield page
    page.context.close()


def faint_words(page, **options):
    return [line.split(">")[1].split("<")[0] for line in violations(page, **options) if "color-contrast" in line]


def test_words_of_code_that_look_like_others_are_left_out_and_no_faint_one_is(page):
    assert faint_words(page) == ["faint by itself", "faint"]
    assert page.locator(f"[{REPEATED}]").all_inner_texts() == ["else", "for"]


def test_other_colours_are_looked_at_anew(page):
    assert faint_words(page) == ["faint by itself", "faint"]
    page.evaluate("document.querySelector('pre').className = 'now'")
    assert faint_words(page) == ["if", "faint by itself"]  # the other faint word now looks like the first


def test_a_part_is_looked_at_alone(page):
    page.evaluate("document.querySelector('section').className = 'now'")
    assert faint_words(page, part="section") == ["Words"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_back_to_top_can_be_read(chromium, strict_host, scheme):
    page = new_page(chromium, strict_host)
    page.set_viewport_size({"width": 390, "height": 800})  # wide pages have no such button
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{strict_host}/glossary.html")
    for place in (3000, 2500):  # the theme shows the button to readers on their way up
        page.evaluate("place => new Promise((done) => { addEventListener('scroll', done); scrollTo(0, place) })", place)
    page.locator("#pst-back-to-top").wait_for()
    assert violations(page, part="#pst-back-to-top") == []
    page.context.close()
