"""NetworkView opened in a page, for its tests: what it shows, and how it is pointed at."""

import re

import numpy as np
import pytest
from canvas import pixels

from mnist_tutorial.widgets.network_view import NetworkView

CLOSE = {"atol": 6e-4}  # three decimals are shown


@pytest.fixture(scope="module")
def make(digits, images, network):
    def make(**traits):
        return NetworkView(network, images, digits[1][:4], **traits)

    return make


@pytest.fixture
def page(open_page, make):
    """Open a page with one widget whose network runs."""
    page = open_page(make(), has_touch=True)
    page.get_by_role("button", name="Start").click()
    runs(page)
    return page


def runs(page):
    page.locator(".nv-answer", has_text="The network says").first.wait_for()


def image_of(page, layer):
    """Return the image of a whole layer."""
    return page.locator(f".nv-{layer} > .nv-drawing .bw-framed")


def cell(page, image, row, column, rows, columns):
    """Return where in an image of rows x columns parts the middle of one lies."""
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    return {"x": box["width"] * (column + 0.5) / columns, "y": box["height"] * (row + 0.5) / rows}


def detail(page):
    return page.locator(".nv-detail:visible")


def title(page):
    return detail(page).locator(".nv-head").inner_text()


def numbers(text):
    """Return the numbers of a text, in their order; 1.2 × 10⁻⁵ is one of them."""
    plain = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    text = re.sub(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda power: "e" + power[1].translate(plain), text)
    return [float(n.replace(",", "")) for n in re.findall(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", text.replace("−", "-"))]


def sums(page):
    return [numbers(text) for text in detail(page).locator(".nv-sum").all_inner_texts()]


def bright(values):
    return np.clip(values * 255 / (0.7 * values.max()), 0, 255)


def levels(canvas):
    return pixels(canvas).reshape(-1, 4)
