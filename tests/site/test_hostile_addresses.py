"""Links to the book that mean harm: what stands behind the ? or the # of an address stays text, or is ignored."""

from urllib.parse import quote

import pytest
from test_browser import open_page, origins

__all__ = ["origins"]  # a fixture of both files

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
def test_an_address_runs_nothing(chromium, origins, address, text):
    page = open_page(chromium, origins["http"], address.format(*[quote(text, safe="")] * 2))
    page.wait_for_load_state("networkidle")
    came_alive = page.locator("img[src=x], [onerror], [onload], a[href^='javascript']").count()
    ran, shown = page.evaluate("window.ran"), page.locator("form.bd-search input").last.input_value()
    page.context.close()
    assert (ran, came_alive, page.said) == (None, 0, [])
    if "search" in address:
        assert shown in (text, "")
