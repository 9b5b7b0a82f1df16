"""The search of the book, which fetches its index when it is first used."""

import pytest
from visits import PHONE

from site_checks.book_in_browser import wait_until

EXCERPTS = """() => document.querySelector("#search-results .search-summary").innerText.includes("found")
    && document.querySelectorAll("#search-results li:not(:has(p.context))").length == 0"""


@pytest.mark.parametrize("place", ["file", "http"])
def test_search_finds_from_any_page_fits_a_phone_and_its_index_weighs_on_none(open_page, place):
    page = open_page(place, "chapters/05_build_model.html")
    assert not page.locator("script[src*=searchindex]").count()
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("dropout")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=dropout*")
    found = page.locator("#search-results li a")
    found.first.wait_for()
    links = [link.get_attribute("href").partition("?")[0] for link in found.all()]
    assert links[0] == "glossary.html#dropout"  # what the word means; the page that has it comes last
    assert "glossary.html" not in links[: links.index("chapters/05_build_model.html")]
    if place == "http":  # from the disk, a browser does not read other pages, and shows no excerpts of them
        wait_until(page, EXCERPTS)
    page.set_viewport_size({"width": PHONE, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
