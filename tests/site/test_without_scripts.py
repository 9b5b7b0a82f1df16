"""The chapters in a browser that runs no script: text, figures and solutions are there."""

import pytest
from table_of_contents import CHAPTERS


@pytest.mark.parametrize("name", CHAPTERS)
def test_text_and_figures_are_there_without_javascript(open_page, name):
    page = open_page("file", name, java_script_enabled=False)
    article = page.locator("article")
    assert article.locator("h1").is_visible()
    assert article.locator("p:visible").count() >= 5
    for figure in article.locator("svg[role=img]:not(.narrow)").all():  # a wide page shows the wide one of two forms
        if figure.locator("xpath=ancestor::details").count() == 0:
            assert figure.is_visible()
            assert figure.bounding_box()["width"] > 40
    for solution in article.locator("details").all():
        solution.locator("summary").click()
        assert solution.locator("pre").first.is_visible()
