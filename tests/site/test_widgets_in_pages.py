"""The widgets where the reader meets them: in the pages of the built book, with every other host out of reach."""

import re

import pytest
from table_of_contents import CHAPTERS, PAGES, listed
from test_browser import open_page, origins

from mnist_tutorial.widgets import bundle
from site_checks.book_in_browser import HEAVIEST, weigh
from site_checks.operating import without_effect

__all__ = ["origins"]  # a fixture of both files

HOLDERS = {  # of the chapters, beside the quiz that each of them has
    "chapters/01_the_problem.html": {"rule_builder"},
    "chapters/03_import_data.html": {"sample_inspector"},
    "chapters/04_process_data.html": {"processing_steps"},
    "chapters/05_build_model.html": {"layer_explorer"},
    "chapters/06_compile_fit_evaluate.html": {"training_monitor", "digit_pad"},
    "chapters/07_look_at_its_predictions.html": {"prediction_inspector"},
    "chapters/08_look_inside.html": {"network_view", "training_scrubber"},
    "chapters/09_your_own_handwriting.html": {"digit_pad"},
    "chapters/12_take_it_with_you.html": {"digit_pad"},
}
HOLDERS = {name: HOLDERS.get(name, set()) | {"quiz"} for name in CHAPTERS if name.startswith("chapters/")}
HOLDERS["index.html"] = {"digit_pad"}
WIDGETS = sorted(set.union(*HOLDERS.values()))
# Gives each control that can be seen the focus; returns how many controls there are, how many of them can be seen, and
# which of these do not show it.
FOCUS = """async (widget) => {
    const controls = [...widget.querySelectorAll("button:enabled, input:enabled, select, summary, [tabindex='0']")]
    const unmarked = []
    let seen = 0
    for (const control of controls) {
        const {width, height} = control.getBoundingClientRect()
        if (!width || !height || !control.checkVisibility({visibilityProperty: true})) continue
        control.focus()
        await new Promise(requestAnimationFrame)
        const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(control)
        if (document.activeElement != control) unmarked.push(`takes no focus: ${control.outerHTML.slice(0, 100)}`)
        else if (!(outlineStyle != "none" && parseFloat(outlineWidth) >= 2) && boxShadow == "none") {
            unmarked.push(control.outerHTML.slice(0, 100))
        }
        seen++
    }
    return [controls.length, seen, unmarked]
}"""
DEAD = """for (const type of ["click", "keydown", "keyup", "input", "change"]) addEventListener(type, (event) => {
    if (event.target.closest("[data-control^='NAME']")) event.stopImmediatePropagation()
}, true)"""
LOADING = re.compile("loading.* …", re.I)
# What a reader does for a widget to ask for its network: come near it, press a button, open a picture, draw.
ASKING = [
    ("layer_explorer", lambda widget: widget.scroll_into_view_if_needed()),
    ("network_view", lambda widget: widget.get_by_role("button", name="Start").click()),
    ("network_view", lambda widget: widget.get_by_role("application").first.press("ArrowRight")),
    ("digit_pad", lambda widget: widget.get_by_role("application").click()),
]
# The first control behind a widget.
FOLLOWING = """(widget) => [...document.querySelectorAll("a, button:enabled, summary, [tabindex='0']")].find((one) =>
    widget.compareDocumentPosition(one) == Node.DOCUMENT_POSITION_FOLLOWING
    && one.checkVisibility({visibilityProperty: true}))"""
DRAW = "pixels => mnistTutorial.predict(pixels)"


def test_every_widget_has_its_page():
    folders = {path.parent.name for path in bundle.FOLDER.glob("*/__init__.py")}
    assert set(WIDGETS) == folders


@pytest.mark.parametrize("name", CHAPTERS)
def test_only_pages_with_widgets_load_their_scripts(book, name):
    loaded = set(re.findall(r'src="[^"]*_static/widgets/(\w+)\.js', (book / name).read_text("utf-8")))
    widgets = HOLDERS.get(name, set())
    assert loaded == (widgets | {"host"} if widgets else set())
    assert "widget-state+json" not in (book / name).read_text("utf-8")


@pytest.mark.parametrize("place", ["file", "http"])
@pytest.mark.parametrize("name", HOLDERS)
def test_widgets_come_alive(chromium, origins, place, name):
    page = open_page(chromium, origins[place], name)
    for widget in HOLDERS[name]:
        page.locator(f'[data-book-widget="{widget}"] .bw').first.wait_for()
    fallback = page.locator("[data-book-widget] .bw-fallback")
    assert [one.is_visible() for one in fallback.all()] == [False] * fallback.count()
    page.emulate_media(media="print")  # on paper nothing can be operated: the figure takes the widget's place
    assert [one.is_visible() for one in fallback.all()] == [True] * fallback.count()
    assert not page.locator("[data-book-widget] .bw").first.is_visible()
    page.context.close()
    assert page.said == page.asked_others == []


# The tests of each widget compare what it shows with Python's own results. Here all its controls are used once more,
# in the book as it is built.
@pytest.mark.parametrize("way", ["mouse", "touch", "keyboard"])
@pytest.mark.parametrize("place", ["file", "http"])
@pytest.mark.parametrize("name", WIDGETS)
def test_every_control_does_something_in_the_book(chromium, origins, place, name, way):
    where = next(page for page, widgets in HOLDERS.items() if name in widgets)
    page = open_page(chromium, origins[place], where, has_touch=way == "touch")
    widget = page.locator(f'[data-book-widget="{name}"] .bw').first
    widget.wait_for()
    idle, total = without_effect(page, widget, way)
    shown = widget.inner_text()
    page.context.close()
    assert total > 1
    assert not idle, listed(idle)
    assert not re.search("NaN|Infinity|undefined|null", shown)
    assert page.said == page.asked_others == []


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
@pytest.mark.parametrize(
    ("name", "dead"),
    [("digit_pad", "button Clear"), ("sample_inspector", "button next"), ("training_scrubber", "range Epoch")],
)
def test_a_control_that_does_nothing_is_found(chromium, origins, name, dead, way):
    """Even where the network comes late, and its answer with it: that must not count for the control."""
    page = open_page(chromium, origins["file"], next(page for page, widgets in HOLDERS.items() if name in widgets))
    page.add_init_script(DEAD.replace("NAME", dead))
    page.route(re.compile("weights.js"), lambda route: page.wait_for_timeout(1000) or route.continue_())
    page.reload()
    widget = page.locator(f'[data-book-widget="{name}"] .bw').first
    widget.wait_for()
    idle, _ = without_effect(page, widget, way)
    page.context.close()
    assert [one.startswith(dead) for one in idle] == [True]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("name", "ask"), ASKING)
def test_what_the_reader_is_at_keeps_its_place_when_the_network_comes(chromium, origins, name, ask, width):
    page = open_page(chromium, origins["file"], next(page for page, widgets in HOLDERS.items() if name in widgets))
    page.set_viewport_size({"width": width, "height": 800})
    held = []
    page.route(re.compile("weights.js"), lambda route: held.append(route))
    page.reload()
    widget = page.locator(f'[data-book-widget="{name}"] .bw').first
    ask(widget)
    widget.get_by_text(LOADING).first.wait_for()
    page.wait_for_timeout(300)  # for what the reader's own act has set off
    following = widget.evaluate_handle(FOLLOWING).as_element()
    following.evaluate("(one) => one.focus() ?? one.scrollIntoView({block: 'end'})")
    before = following.bounding_box()
    [route] = held
    route.continue_()
    widget.get_by_text(LOADING).first.wait_for(state="detached")
    page.wait_for_timeout(300)
    after = following.bounding_box()
    kept = following.evaluate("(one) => one == document.activeElement")
    page.context.close()
    assert kept
    assert 0 < before["y"] < 800
    assert after["y"] == pytest.approx(before["y"], abs=24)  # a sum may take a line of text more or less


@pytest.mark.parametrize("name", HOLDERS)
def test_focus_can_be_seen_on_every_control(chromium, origins, name):
    page = open_page(chromium, origins["file"], name)
    for widget in HOLDERS[name]:
        place = page.locator(f'[data-book-widget="{widget}"] .bw').first
        place.wait_for()
        page.keyboard.press("Shift")  # the reader is at the keyboard: the browser then shows the focus
        count, seen, unmarked = place.evaluate(FOCUS)
        assert count > 2
        assert seen > 1
        assert not unmarked, listed(unmarked)
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_light(chromium, origins, name):
    context = chromium.new_context()  # with an empty cache
    weights = weigh(context.new_page(), f"{origins['http']}/{name}")
    context.close()
    heaviest = sorted(weights.items(), key=lambda pair: -pair[1])[:5]
    assert sum(weights.values()) <= HEAVIEST, listed(heaviest)


class TestPredict:
    @pytest.fixture(params=["file", "http"])
    def page(self, chromium, origins, request):
        page = open_page(chromium, origins[request.param], "index.html")
        yield page
        page.context.close()

    def test_it_gives_ten_probabilities_of_the_reference_network(self, page):
        import numpy as np

        from mnist_tutorial import load_reference_model
        from mnist_tutorial.processing import process_images
        from mnist_tutorial.stand_in import stand_in_digits

        images = process_images(stand_in_digits()[1][0][:3])
        expected = load_reference_model().predict(images, verbose=0)
        found = [page.evaluate(DRAW, image.ravel().tolist()) for image in images]
        np.testing.assert_allclose(found, expected, atol=0.02)  # the page's weights are rounded ones

    @pytest.mark.parametrize(
        ("pixels", "message"), [([0.5] * 783, "783 values"), ([0] * 783 + [2], "from 0 to 1"), ("digit", "string")]
    )
    def test_it_refuses_anything_else(self, page, pixels, message):
        told = page.evaluate("pixels => mnistTutorial.predict(pixels).catch(error => error.message)", pixels)
        assert "Expected 784 numbers" in told
        assert message in told
