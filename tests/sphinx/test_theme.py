"""What the book changes in the theme: its templates, its files, and what would be a script or a style in the page."""

import re
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

from book_sphinx import content_security, theme

NAMES = ("index", "digits", "search", "genindex")


@pytest.fixture(scope="module", params=NAMES)
def page(request, tiny_book):
    return BeautifulSoup(tiny_book[0].page(request.param), "html.parser")


@pytest.fixture(scope="module")
def static(tiny_book):
    return tiny_book[0].folder / "_build" / "html" / "_static"


def test_landmarks_and_dialogs_have_names(page):
    sidebar = page.find(id="pst-primary-sidebar")
    assert (sidebar["role"], sidebar["aria-label"]) == ("navigation", "Book")
    dialogs = page.find_all("dialog")
    assert {"pst-search-dialog", "pst-primary-sidebar-modal"} <= {one["id"] for one in dialogs}
    assert all(one["aria-label"] for one in dialogs)


def test_buttons_say_what_they_show(page):
    assert page.select_one("button.primary-toggle")["title"] == "Contents of the book"
    for button in page.select("button.secondary-toggle"):
        assert button["title"] == "Contents of this page"


def test_page_has_one_bar_across_the_top(page):
    header = page.find(id="pst-header")
    assert header.has_attr("hidden")
    assert not header.get_text(strip=True)


def test_page_holds_no_script_and_no_style(page):
    for script in page.find_all("script"):
        assert script.get("src") or script.get("type") == "application/json", script
    assert not page.find_all("style")
    assert not [tag for tag in page.find_all(True) for name in tag.attrs if re.fullmatch("on[a-z]+", name)]


def test_light_or_dark_is_decided_before_any_style(page):
    first, *_ = [tag for tag in page.head.find_all(["script", "link"]) if tag.name == "script" or "rel" in tag.attrs]
    assert first["src"] == "_static/page.js"
    assert page.head.noscript.link["href"] == "_static/no_script.css"


def test_what_the_page_loads_is_there_and_no_icon_script(page, static):
    loaded = [tag.get("src") or tag.get("href") for tag in page.select("script[src], link[rel=stylesheet], link[as]")]
    assert "_static/scripts/bootstrap.js" in {one.partition("?")[0] for one in loaded}
    for address in loaded:
        assert (static.parent / address.partition("?")[0]).is_file(), address
    assert not [one for one in loaded if "fontawesome" in one]


@pytest.mark.parametrize("name", NAMES)
def test_the_index_for_searches_is_on_the_search_page_alone(tiny_book, name):
    page = BeautifulSoup(tiny_book[0].page(name), "html.parser")
    scripts = {script["src"].rpartition("/")[2] for script in page.find_all("script", src=True)}
    wanted = {"searchtools.js", "language_data.js", "searchindex.js"}
    assert scripts & wanted == (wanted if name == "search" else set())


def test_fonts_hold_icons_in_use_alone(static):
    fonts = static / "vendor" / "fontawesome" / "webfonts"
    assert sum(path.stat().st_size for path in fonts.iterdir()) < 10_000
    assert not list((static / "scripts").glob("fontawesome*"))


def test_the_icons_of_boxes_in_use_are_kept(static):
    """The theme writes an icon of a box as a character, not as a number."""
    styles = "".join(path.read_text("utf-8") for path in (static / "styles").glob("*.css"))
    without = theme.icons_shown(["<p>"], styles)
    for classes, icons in {
        "admonition note": {0xF05A},  # an i in a circle
        "dropdown admonition": {0xF0F3},  # a bell: the box has a title of its own
        "admonition hide above-input": set(),  # a folded cell
    }.items():
        assert theme.icons_shown([f'<div class="{classes}">'], styles) - without == icons, classes


def test_theme_stays_off_the_console(static):
    assert not [path for path in (static / "scripts").glob("*.js") if "console.log" in path.read_text("utf-8")]


def test_a_button_pressed_by_a_key_keeps_the_focus(static):
    """The theme's script is minified: where it no longer looks as expected, theme.BLUR has to follow."""
    script = (static / "scripts" / "sphinx-book-theme.js").read_text("utf-8")
    assert re.search(r"event\.detail&&\w+\.blur\(\)", script)


def test_no_single_key_leads_away(static):
    assert "ENABLE_SEARCH_SHORTCUTS: false" in (static / "documentation_options.js").read_text("utf-8")


def test_a_folded_cell_is_named_by_its_own_words():
    node = {"classes": ["above-input"], "prompt_show": "Show <it>", "prompt_hide": "Hide it"}
    writer = SimpleNamespace(body=[])
    theme.visit_hidden_cell(writer, node)
    summary = BeautifulSoup("".join(writer.body), "html.parser").details.summary
    assert not summary.attrs
    assert [p.get_text() for p in summary.find_all("p")] == ["Show <it>", "Hide it"]
    assert summary.select("p.collapsed")[0].get_text() == "Show <it>"


TABLE = """<div>
<style scoped>
    .dataframe thead th { text-align: right; }
</style>
<table border="1" class="dataframe"><tr><td>&lt;style scoped&gt;</td></tr></table>
</div>"""


def cleaned(*texts):
    document = nodes.container("", *(nodes.raw("", text, format="html") for text in texts))
    content_security.clean_content(None, document, "page")
    return [node.astext() for node in document.findall(nodes.raw)]


def test_tables_of_pandas_lose_their_style_alone():
    before, after = TABLE.split("<style scoped>", 1)[0], TABLE.split("</style>\n", 1)[1]
    assert cleaned(TABLE) == [before + after]


@pytest.mark.parametrize("text", ["<p>Text.</p>", "<div data-book-widget='quiz'><script type='application/json'>{}"])
def test_other_content_stays(text):
    assert cleaned(text, "<script>kernelName = 'python3'</script>", text) == [text, text]
