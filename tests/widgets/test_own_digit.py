"""The reader's own digit: DigitPad keeps it in the browser, and other widgets read it from there."""

import base64
import json

import numpy as np
import pytest
from digit_pad_page import DIGITS, draw, image_shown, open_more, settle, words

from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import DigitPad

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


def kept(page):
    return json.loads(page.evaluate("(key) => localStorage.getItem(key)", KEY) or "null")


def ask(page):
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


def test_in_jupyter_nothing_is_kept(open_live):
    page = open_live(DigitPad())
    draw(page, DIGITS[7][0])
    assert kept(page) is None
    assert ask(page)["found"] is None
