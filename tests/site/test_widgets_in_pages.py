"""The widgets where the reader meets them: in the pages of the built book, with every other host out of reach."""

import re

import numpy as np
import pytest
from digit_pad_photos import hand_over, saved, seven
from table_of_contents import CHAPTERS
from visits import PAGE_WITH, WIDGETS, WIDGETS_OF, widget_on

from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.forward_pass import probabilities_of
from mnist_tutorial.stand_in import stand_in_digits
from mnist_tutorial.widgets import bundle
from site_checks.book_in_browser import new_page

LATE = {  # what a page loads when the reader comes near
    "index.html": {"network_view"},
    "chapters/09_your_own_handwriting.html": {"teach_your_hand"},
}
LOADING = re.compile("loading.* …", re.I)
# What a reader does for a widget to ask for its network: come near it, open a map, draw.
ASKING = [
    ("layer_explorer", lambda widget: widget.scroll_into_view_if_needed()),
    ("network_view", lambda widget: widget.get_by_role("application").click()),
    ("network_view", lambda widget: widget.get_by_role("button", name="Convolution").press("ArrowRight")),
    ("digit_pad", lambda widget: widget.get_by_role("application").click()),
]
# The first control behind a widget.
IN_VIEW = """(one) => {
    const {top, bottom} = one.getBoundingClientRect()
    return top < innerHeight && bottom > 0
}"""
FOLLOWING = """(widget) => [...document.querySelectorAll("a, button:enabled, summary, [tabindex='0']")].find((one) =>
    widget.compareDocumentPosition(one) == Node.DOCUMENT_POSITION_FOLLOWING
    && one.checkVisibility({visibilityProperty: true}))"""
# Waits until an element has stayed where it is for as many frames.
STAYS = """async (one) => {
    for (let same = 0, before; same < 20; await new Promise(requestAnimationFrame)) {
        const { top } = one.getBoundingClientRect()
        same = top == before ? same + 1 : 0
        before = top
    }
}"""
PREDICT = "pixels => mnistTutorial.predict(pixels)"


def test_every_widget_has_its_page():
    folders = {path.parent.name for path in bundle.FOLDER.glob("*/__init__.py")}
    assert set(WIDGETS) == folders


@pytest.mark.parametrize("name", CHAPTERS)
def test_only_pages_with_widgets_load_their_scripts(book, name):
    loaded = set(re.findall(r'src="[^"]*_static/widgets/(\w+)\.js', (book / name).read_text("utf-8")))
    widgets = WIDGETS_OF.get(name, set()) - LATE.get(name, set())
    assert loaded == (widgets | {"host"} if widgets else set())
    assert "widget-state+json" not in (book / name).read_text("utf-8")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("name", "ask"), ASKING)
def test_what_the_reader_is_at_keeps_its_place_when_the_network_comes(open_page, name, ask, width):
    held = []
    page = open_page(
        "file",
        PAGE_WITH[name],
        lambda page: page.route(re.compile("weights.js"), lambda route: held.append(route)),
        viewport={"width": width, "height": 800},
    )
    widget = widget_on(page, name)
    ask(widget)
    widget.get_by_text(LOADING).first.wait_for()
    following = widget.evaluate_handle(FOLLOWING).as_element()
    following.evaluate("(one) => one.focus() ?? one.scrollIntoView({block: 'end'})")
    following.evaluate(STAYS)  # what the reader's own act has set off is over
    following.evaluate("(one) => one.scrollIntoView({block: 'end'})")
    before = following.bounding_box()
    [route] = held
    route.continue_()
    widget.get_by_text(LOADING).first.wait_for(state="detached")
    following.evaluate(STAYS)
    after = following.bounding_box()
    assert following.evaluate("(one) => one == document.activeElement")
    assert 0 < before["y"] < 800
    assert after["y"] == pytest.approx(before["y"], abs=24)  # a sum may take a line of text more or less


def test_a_link_pasted_into_a_page_that_is_open_leads_to_the_widget(open_page):
    page = open_page("file", PAGE_WITH["network_view"])
    widget = widget_on(page, "network_view")
    assert not widget.evaluate(IN_VIEW)
    page.evaluate("location.hash = 'network_view=index:3'")
    page.wait_for_function("(one) => (" + IN_VIEW + ")(one)", arg=widget.element_handle())
    assert (
        widget.locator(".bw-images [aria-checked=true], .bw-images [aria-pressed=true], .bw-images :checked").count()
        == 1
    )


def test_what_is_drawn_on_one_pad_of_the_first_page_is_drawn_on_the_other(open_page):
    """With the same answer, also for a scene that comes late; a photo on the pad gives way to a drawing."""
    page = open_page("file", "index.html")
    pad = widget_on(page, "digit_pad")
    pad.locator(".dp-examples button").nth(7).click()
    scene = widget_on(page, "network_view")
    scene.scroll_into_view_if_needed()
    for widget, of, said in ((pad, ".dp-words", "a 7"), (scene, ".nv-answer", "The network says 7")):
        arg = [widget.locator(of).element_handle(), said]
        page.wait_for_function("([one, text]) => one.textContent.includes(text)", arg=arg)
    words = pad.locator(".dp-words").element_handle()  # off the screen, they follow a moment later
    scene.get_by_role("button", name="Clear").click()
    page.wait_for_function("(words) => words.textContent === 'Nothing is drawn yet.'", arg=words)
    hand_over(page, "drop", saved(seven()))
    pen = pad.locator(".dp-pen").element_handle()  # which a photo does not need
    page.wait_for_function("(pen) => pen.hidden", arg=pen)
    area = scene.get_by_role("application")
    box = area.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 20, steps=5)
    page.mouse.up()
    page.wait_for_function("(pen) => !pen.hidden", arg=pen)
    page.wait_for_function(
        """([answer, words]) => RegExp(`(like an?|Unsure:) ${/says (\\d)/.exec(answer.textContent)[1]}`)
            .test(words.textContent)""",
        arg=[scene.locator(".nv-answer").element_handle(), words],
    )


@pytest.fixture(scope="module", params=["file", "http"])
def first_page(chromium, origins, request):
    page = new_page(chromium, origins[request.param])
    page.goto(f"{origins[request.param]}/index.html")
    yield page
    page.context.close()


class TestPredict:
    def test_it_gives_ten_probabilities_of_the_reference_network(self, first_page):
        """As NumPy computes them; tests/widgets/test_forward_pass.py compares the page's arithmetic with Keras."""
        images = stand_in_digits()[1][0][:3]
        expected = [probabilities_of(load_page_weights(), image) for image in images]
        found = [first_page.evaluate(PREDICT, (image.ravel() / 255).tolist()) for image in images]
        np.testing.assert_allclose(found, expected, atol=1e-4)

    @pytest.mark.parametrize(
        ("pixels", "message"), [([0.5] * 783, "783 values"), ([0] * 783 + [2], "from 0 to 1"), ("digit", "string")]
    )
    def test_it_refuses_anything_else(self, first_page, pixels, message):
        error = first_page.evaluate("pixels => mnistTutorial.predict(pixels).catch(error => error.message)", pixels)
        assert "Expected 784 numbers" in error
        assert message in error
