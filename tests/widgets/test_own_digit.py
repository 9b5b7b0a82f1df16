"""The reader's own digit: DigitPad keeps it in the browser, and other widgets read it from there."""

import base64
import json

import numpy as np
import pytest
from canvas import greys
from digit_pad_page import DIGITS, draw, image_shown, open_more, settle, words

from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.layer_explorer import LayerExplorer
from mnist_tutorial.widgets.network_view import NetworkView
from mnist_tutorial.widgets.processing_steps import ProcessingSteps
from mnist_tutorial.widgets.sample_inspector import SampleInspector

KEY = "mnist-tutorial own digit"
MODULE = bundle.FOLDER / "frontend" / "own_digit.js"
# Asks the module what is kept, as the widgets of a page do.
ASK = """async (source) => {
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })))
  const found = module.ownDigit()
  const images = new DataView(new Uint8Array(2 * 784).fill(7).buffer)
  const { images: all, own } = module.withOwnDigit({ get: () => images })
  const plain = found && { ...found, pixels: [...found.pixels] }
  return { found: plain, own, last: [...all.subarray(-784)], count: all.length }
}"""
NO_STORAGE = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
)


def rest(page):
    """Have what was drawn kept now, as when the page is left, and not after the pen's pause."""
    page.evaluate("() => window.dispatchEvent(new PageTransitionEvent('pagehide'))")


def kept(page):
    rest(page)
    return json.loads(page.evaluate("(key) => localStorage.getItem(key)", KEY) or "null")


def ask(page):
    rest(page)
    return page.evaluate(ASK, bundle.front_end(MODULE))


def test_the_last_drawn_digit_is_kept_with_the_answer(open_page):
    page = open_page(DigitPad())
    assert kept(page) is None
    assert ask(page)["own"] == -1
    draw(page, DIGITS[7][0])
    page.locator(".dp-words").filter(has_text="looks like a 7").wait_for()
    open_more(page)
    shown = image_shown(page)
    answer = ask(page)
    np.testing.assert_array_equal(np.reshape(answer["found"]["pixels"], (28, 28)), shown)
    assert answer["found"]["answer"] == 7
    assert (answer["own"], answer["count"]) == (2, 3 * 784)
    np.testing.assert_array_equal(np.reshape(answer["last"], (28, 28)), shown)
    page.get_by_role("button", name="Clear").click()
    settle(page)
    page.reload()
    assert ask(page) == answer  # an empty pad takes nothing away


def test_a_digit_that_is_drawn_on_the_scene_is_kept_as_well(open_page):
    page = open_page(NetworkView())
    area = page.get_by_role("application")
    area.click()  # a dot, and a use: the network comes
    page.wait_for_function("(key) => localStorage.getItem(key)", arg=KEY)
    np.testing.assert_array_equal(np.reshape(ask(page)["found"]["pixels"], (28, 28)), greys(page.locator(".nv-image")))
    said = page.locator(".nv-answer").inner_text()
    assert str(ask(page)["found"]["answer"]) in said


def test_an_example_is_not_the_readers_own_until_something_is_drawn_on_it(open_page):
    page = open_page(DigitPad(strokes=DIGITS[1]))
    page.get_by_role("button", name="example: 3").click()
    settle(page)
    assert "3" in words(page)
    assert kept(page) is None
    draw(page, [(0.1, 0.1), (0.2, 0.2)])
    assert kept(page)["pixels"]


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "[]",
        "{",
        '"text"',
        json.dumps({"pixels": "A" * 1048, "answer": 3}),  # no ink
        json.dumps({"pixels": "*" * 1048, "answer": 3}),
        json.dumps({"pixels": base64.b64encode(bytes([9] * 783)).decode(), "answer": 3}),
        json.dumps({"pixels": "/w" * 500_000, "answer": 3}),
        json.dumps({"pixels": [1] * 784, "answer": 3}),
    ],
)
def test_what_is_no_image_counts_as_none(open_page, text):
    page = open_page(DigitPad())
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])
    answer = ask(page)
    assert (answer["found"], answer["own"], answer["count"]) == (None, -1, 2 * 784)


@pytest.mark.parametrize("wrong", [10, -1, 1.5, "3", None, {"valueOf": 3}])
def test_an_answer_that_is_no_digit_is_left_out(open_page, wrong):
    page = open_page(DigitPad())
    text = json.dumps({"pixels": base64.b64encode(bytes([9] * 784)).decode(), "answer": wrong})
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])
    found = ask(page)["found"]
    assert found == {"pixels": [9] * 784, "answer": None}


def test_where_the_browser_keeps_nothing_the_pad_works_without_a_word(open_page):
    page = open_page(DigitPad())
    page.add_init_script(NO_STORAGE)
    page.reload()
    draw(page, DIGITS[7][0])
    page.locator(".dp-words").filter(has_text="looks like a 7").wait_for()
    assert ask(page)["found"] is None


OWN = np.zeros((28, 28), dtype=np.uint8)
OWN[4:24, 13:16] = 200
STORED = {"pixels": base64.b64encode(OWN.tobytes()).decode(), "answer": 1}


@pytest.fixture
def open_with_own(open_page):
    """Open a widget of a page in a browser that has kept a digit."""

    def open_(widget):
        page = open_page(widget)
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, json.dumps(STORED)])
        page.reload()
        page.locator(".bw").first.wait_for()
        return page

    return open_


def test_sample_inspector_offers_it_first_beside_the_average_of_its_answer(open_with_own, digits):
    page = open_with_own(SampleInspector(*digits))
    assert page.locator(".si-caption").inner_text().startswith("Sample 2 of")
    page.get_by_role("button", name="previous").click()
    assert page.locator(".si-caption").inner_text().endswith("your digit, which the network took for a 1.")
    np.testing.assert_array_equal(greys(page.locator(".si-image canvas")), OWN)
    assert page.locator(".si-title").nth(1).inner_text() == "The average 1"
    page.get_by_label("Show", exact=True).select_option("7")
    assert "label 7" in page.locator(".si-caption").inner_text()


def test_processing_steps_offers_it_first(open_with_own, digits):
    page = open_with_own(ProcessingSteps(digits[0][:3], digits[1][:3]))
    choice = page.get_by_label("Image", exact=True)
    assert choice.locator("option").first.inner_text() == "your digit"
    choice.select_option("your digit")
    assert page.locator(".ps-stage code").first.inner_text() == "image = your_digit"
    np.testing.assert_array_equal(greys(page.locator(".ps-image canvas")), OWN)
    assert page.locator(".ps-digits input").nth(1).is_checked()


@pytest.mark.parametrize("name", ["layer_explorer", "network_view"])
def test_widgets_that_take_the_network_apart_offer_it_first(open_with_own, digits, name):
    widget = {"layer_explorer": LayerExplorer, "network_view": NetworkView}[name]
    page = open_with_own(widget(images=digits[0][:4], labels=digits[1][:4]))
    radios = page.get_by_role("radiogroup", name="digits").get_by_role("radio")
    names = radios.evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert names[0] == "your digit"
    assert len(names) == 5
    assert radios.nth(1).is_checked()  # offered, not chosen
    radios.first.check()
    np.testing.assert_array_equal(greys(page.locator(".bw-images canvas").first), OWN)
    assert radios.first.is_checked()
    assert not radios.nth(1).is_checked()


def test_in_jupyter_nothing_is_kept(open_live):
    page = open_live(DigitPad())
    draw(page, DIGITS[7][0])
    assert kept(page) is None
    assert ask(page)["found"] is None
