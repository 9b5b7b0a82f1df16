"""The search of the book, which fetches its index when it is first used."""

import pytest


@pytest.mark.parametrize("place", ["file", "http"])
def test_search_finds_from_any_page_and_its_index_weighs_on_none(open_page, place):
    page = open_page(place, "chapters/05_build_model.html")
    assert not page.locator("script[src*=searchindex]").count()
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("dropout")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=dropout*")
    found = page.locator("#search-results li a")
    found.first.wait_for()
    assert "05_build_model" in " ".join(link.get_attribute("href") for link in found.all())
