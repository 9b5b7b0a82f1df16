"""What axe is spared on a page, and that it finds all the same what is wrong there."""

from collections import Counter

import pytest

from site_checks.book_in_browser import EVERY_RULE, REPEATED, RULES_OF_A_THEME, new_page, violations

CODE = """<!doctype html><html lang="en"><head><title>Code</title>
<style>.k { color: #000 } .faint { color: #ddd } .now .k { color: #ddd }</style></head>
<body><main><h1>Code</h1><pre><span class="k">if</span> <span class="k">else</span> <span class="k">for</span>
<span class="k" style="color: #eee">faint by itself</span> <span class="faint">faint</span></pre>
<section aria-label="part"><h2>A part</h2><p class="k">Words</p></section></main></body></html>"""

# A fault of each kind that axe knows; those of the second list are there only where the theme is dark.
FAULTY = """<!doctype html><html><head><title></title>
<meta name="viewport" content="width=device-width, user-scalable=no">
<style>.dark-only { display: none } p, p a { color: #222 }
@media (prefers-color-scheme: dark) { .dark-only { display: inline } .dark-faint { color: #ddd }
  p a { color: #444; text-decoration: none } }
.close button { width: 9px; height: 9px; padding: 0; border: 0 }</style></head>
<body><p>Words in no landmark, and <a href="#here">a link that stands out in the light</a> in other words.</p>
<aside aria-label="A part"><h3>No first heading</h3><h5>No fourth</h5>
<p class="dark-faint">Words that are faint in the dark</p>
<a class="dark-only" href="#here"></a><img class="dark-only" src="data:,"><button class="dark-only"></button>
<p style="color: #ddd">Faint words</p><img src="data:,"><button></button><a href="#here"></a><input>
<div role="checkbox">No state</div><div role="nothing">No role</div><p aria-label="x" aria-colour="red">No such name</p>
<ul><p>No item</p></ul><dl><p>No term</p></dl><table><tr><th></th></tr></table><iframe></iframe>
<div aria-hidden="true"><button>Hidden</button></div><span id="here" tabindex="3">First</span>
<p lang="xx-nothing">Words</p>
<div style="height: 20px; overflow: scroll"><p style="height: 200px">Beyond the keyboard</p></div>
<div class="close"><button>a</button><button>b</button></div>
<svg role="img"><text y="9">A figure without a name</text></svg>
<svg role="img" aria-label="A figure"><g role="button" tabindex="0"><rect width="9" height="9"/></g></svg>
</aside></body></html>"""
FAULTS = """aria-hidden-focus aria-required-attr aria-roles aria-valid-attr button-name color-contrast definition-list
document-title empty-table-header frame-title heading-order html-has-lang image-alt label landmark-one-main link-name
list meta-viewport nested-interactive page-has-heading-one region scrollable-region-focusable svg-img-alt tabindex
target-size valid-lang""".split()


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


def rules_broken(page, options):
    """Return how many elements break each rule."""
    return Counter(line.partition(":")[0] for line in violations(page, options))


def test_a_fault_of_each_kind_is_found_and_in_another_theme_each_that_is_new(page):
    page.set_content(FAULTY)
    page.emulate_media(color_scheme="light")
    light = rules_broken(page, EVERY_RULE)
    assert set(FAULTS) <= set(light)
    page.emulate_media(color_scheme="dark")
    dark = rules_broken(page, EVERY_RULE)
    new = dark - light
    assert set(new) == set(RULES_OF_A_THEME["runOnly"])
    assert rules_broken(page, RULES_OF_A_THEME) == {name: dark[name] for name in new}


def test_what_a_figure_is_drawn_with_is_left_out_but_nothing_that_can_be_reached_in_it(page):
    figure = """<!doctype html><html lang="en"><head><title>A figure</title></head><body><main><h1>A figure</h1>
    <svg role="img" aria-label="A figure"><text y="9" style="fill: #eee; color: #eee">faint</text>INSIDE</svg></main>"""
    page.set_content(figure.replace("INSIDE", ""))
    assert violations(page) == []
    page.set_content(figure.replace("INSIDE", '<a href="#"><rect width="9" height="9"/></a>'))
    assert set(rules_broken(page, EVERY_RULE)) >= {"nested-interactive", "link-name"}


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
