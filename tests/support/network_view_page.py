"""NetworkView opened in a page, for its tests: what it shows, and how it is pointed at."""

import re

import numpy as np
import pytest
from canvas import pixels

from mnist_tutorial.widgets.network_view import NetworkView

CLOSE = {"atol": 6e-4}  # three decimals are shown

COPY = """(canvas) => {
  document.querySelector(".copy")?.remove();
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  copy.className = "copy";
  copy.getContext("2d", { willReadFrequently: true }).drawImage(canvas, 0, 0);
  document.body.append(copy);
}"""


@pytest.fixture(scope="module")
def make(digits, images, network):
    def make(**traits):
        return NetworkView(network, images, digits[1][:4], **traits)

    return make


@pytest.fixture
def page(open_page, make):
    """Open a page with one widget whose network runs, two canvas pixels for each pixel, and nothing that moves."""
    page = open_page(make(), has_touch=True, device_scale_factor=2, reduced_motion="reduce")
    page.locator(".nv-hint").click()
    runs(page)
    return page


def runs(page):
    """Wait until a network is there, and what it says is shown."""
    page.locator(".nv-scene[data-network=ready] .nv-answer", has_text="The network says").first.wait_for()


def image_of(page, layer):
    """Return the part of the scene that shows a layer."""
    return page.locator(f".nv-part.nv-{layer}")


def cell(page, image, row, column, rows, columns):
    """Return where in a part of rows x columns places the middle of one lies."""
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    return {"x": box["width"] * (column + 0.5) / columns, "y": box["height"] * (row + 0.5) / rows}


def on_canvas(page, layer):
    """Return what the scene's canvas shows, (rows, columns, 4), and where on it a part is.

    The canvas has two pixels for each of the page's; left, top, width and height of the part are in the page's pixels.
    """
    canvas = page.locator(".nv-canvas")
    canvas.evaluate(COPY)  # the browser warns of reading the canvas itself again and again
    shown, from_, box = pixels(page.locator(".copy")), canvas.bounding_box(), image_of(page, layer).bounding_box()
    return shown, (box["x"] - from_["x"], box["y"] - from_["y"], box["width"], box["height"])


def tiles_shown(page, layer, side, gap):
    """Return the 30 maps as the scene shows them, (30, side, side) grey levels: the middle of each number's square.

    gap: between two tiles of a row, in pixels of the page.
    """
    shown, (left, top, width, height) = on_canvas(page, layer)
    tile = width / 3 - gap
    places = (np.arange(side) + 0.5) * tile / side
    tiles = []
    for row, column in np.ndindex(10, 3):
        starts = top + row * height / 10, left + column * width / 3
        tiles.append(shown[np.ix_(*(np.floor(2 * (start + places)).astype(int) for start in starts))][..., 0])
    return np.array(tiles)


def lit(page, layer):
    """Return the numbers of the maps whose outline says that they are among the strongest."""
    shown, (left, top, width, height) = on_canvas(page, layer)
    found = set()
    for number in range(30):
        row, column = divmod(number, 3)
        x, y = left + column * width / 3, top + row * height / 10 + width / 12
        red, _, blue, _ = shown[int(2 * y), round(2 * (x - 0.5)) - 1 : round(2 * (x - 0.5)) + 1].mean(axis=0)
        if abs(red - blue) > 40:
            found.add(number)
    return found


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
