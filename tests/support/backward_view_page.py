"""BackwardView opened in a page, for its tests: what it shows, and how it is operated."""

import re

import pytest

from mnist_tutorial.reference.backward_pass import gradients_of
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.backward_view import NUMBERS, BackwardView

PATH = [3, 17, 11, 12, 5, 2, 3]  # digit, unit, row, column, map, weight row, weight column
SHOWN = 6e-3  # of a number that is shown with three digits


@pytest.fixture(scope="module")
def make(digits, images, network):
    def make(**traits):
        return BackwardView(network, images, digits[1][:4], **traits)

    return make


@pytest.fixture
def page(open_page, make):
    """Open a page with one widget whose network is there."""
    page = open_page(make(), has_touch=True)
    page.locator(".bv-shown:not(.bv-unseen)").wait_for()
    return page


@pytest.fixture
def live(open_live, make):
    def open_(**traits):
        page = open_live(make(**traits))
        page.locator(".bv-shown:not(.bv-unseen)").wait_for()
        return page

    return open_


@pytest.fixture(scope="module")
def expected(network, images):
    """Return expected(index, label): the gradients of NumPy, which test_backward_pass.py compares with TensorFlow."""
    return lambda index, label: gradients_of(page_weights(network), images[index], label)


def number(text):
    """Return the number that a text ends with; 1.2 × 10⁻⁵ is one."""
    plain = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    text = re.sub(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda power: "e" + power[1].translate(plain), text.replace("−", "-"))
    return float(re.findall(r"[+-]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", text)[-1].replace(",", ""))


def steps(page):
    """Return what the chain says: {number: gradient}."""
    return {
        name: number(text)
        for name, text in zip(NUMBERS, page.locator(".bv-step .bv-gradient").all_inner_texts(), strict=True)
    }


def opened(page):
    """Return which number is pressed in the chain; a bias has its weight's place."""
    place = [one == "true" for one in page.locator(".bv-step").evaluate_all(PRESSED)].index(True)
    name = page.locator(".bv-step b").nth(place).inner_text()
    return NUMBERS[place].replace("weight", "bias") if name.startswith("Bias") else NUMBERS[place]


PRESSED = "(buttons) => buttons.map((one) => one.getAttribute('aria-pressed'))"


def gradients_on(path, found):
    """Return the gradients of the numbers on a path, and of its biases."""
    digit, unit, row, column, map_, i, j = path
    place = (row // 2 * 12 + column // 2) * 30 + map_
    weights = found["weights"]
    return {
        "score": found["logits"][digit],
        "output weight": weights["output"][0][unit, digit],
        "unit": found["hidden"][unit],
        "hidden weight": weights["hidden"][0][place, unit],
        "pooling": found["pooling"].ravel()[place],
        "convolution": found["convolution"][row, column, map_],
        "filter weight": weights["convolution"][0][i, j, 0, map_],
        "output bias": weights["output"][1][digit],
        "hidden bias": weights["hidden"][1][unit],
        "filter bias": weights["convolution"][1][map_],
    }


def state(page):
    """Return the traits that say what is open, once all that was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("({ path: fake.state.path, number: fake.state.number, changes: fake.state.changes })")


def settle(page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def readings(page):
    """Return the weight that is turned, the loss and the slope."""
    settle(page)
    return [number(text) for text in page.locator(".bv-reading b").all_inner_texts()]


def button(page, name):
    return page.locator(".bv-buttons").get_by_role("button", name=name)


def result(page):
    return page.locator(".bv-result").inner_text()


def cell(page, name, which=1):
    """Return the image of a column: its gradients, or with 0 its values."""
    return page.locator(f".bv-{name} .bw-framed").nth(which)


def click_at(locator, row, column, rows, columns):
    box = locator.bounding_box()
    locator.click(
        position={"x": box["width"] * (column + 0.5) / columns, "y": box["height"] * (row + 0.5) / rows}, force=True
    )
