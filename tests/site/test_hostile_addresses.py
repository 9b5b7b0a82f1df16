"""Links to the book that mean harm: what stands behind the ? or the # of an address stays text, or is ignored."""

from urllib.parse import quote

import pytest

HOSTILE = [
    "<img src=x onerror='window.ran = 1'>",
    "</script><script>window.ran = 1</script>",
    '"><svg onload="window.ran = 1">',
    "javascript:window.ran = 1",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "address", ["search.html?q={}", "index.html?highlight={}&q={}", "chapters/05_build_model.html#{}"]
)
def test_an_address_runs_nothing(open_page, address, text):
    page = open_page("http", address.format(*[quote(text, safe="")] * 2))
    page.wait_for_load_state("networkidle")
    came_alive = page.locator("img[src=x], [onerror], [onload], a[href^='javascript']").count()
    ran, shown = page.evaluate("window.ran"), page.locator("form.bd-search input").last.input_value()
    assert (ran, came_alive, page.messages) == (None, 0, [])
    if "search" in address:
        assert shown in (text, "")
