"""LayerExplorer opened in a page, for its tests: what it shows, and how it is pointed at."""

import re

import numpy as np
import pytest
from canvas import greys

from mnist_tutorial.widgets.layer_explorer import LayerExplorer


@pytest.fixture(scope="module")
def make(digits, images, network):
    def make(**traits):
        return LayerExplorer(images, digits[1][:4], network, **({"group": "test"} | traits))

    return make


@pytest.fixture
def open_pieces(open_page, make):
    """Open a page with a piece for each of the layers, which belong together, once they have their network."""

    def open_(*layers, options=None, **traits):
        first = make(layer=layers[0], **traits)
        pieces = [first.piece(layer) for layer in layers[1:]]
        page = open_page(first, *pieces, has_touch=True, **(options or {}))
        for number in range(len(layers)):
            piece(page, number)
        return page

    return open_


def piece(page, number):
    """Return one of a page's pieces, with its network and in sight."""
    found = page.locator(".le").nth(number)
    found.scroll_into_view_if_needed()
    found.locator(".le-frame > :not(.le-unseen) .le-sum").first.wait_for()
    settle(page)
    return found


@pytest.fixture
def open_layer(open_page, make):
    """Open a page with one widget at a layer, once its network is there."""

    def open_(layer, options=None, **traits):
        page = open_page(make(layer=layer, **traits), has_touch=True, **(options or {}))
        page.locator(".le-frame > :not(.le-unseen) .le-sum").first.wait_for()
        return page

    return open_


def settle(page):
    """Wait until what has been chosen is drawn: a widget draws at most once for each frame of the screen."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def total(page):
    """Return the sum that a layer shows, in words."""
    settle(page)
    return page.locator(".le-frame .le-sum").inner_text()


def numbers(text):
    """Return the numbers of a text, in their order."""
    return [float(n.replace(",", "")) for n in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text.replace("−", "-"))]


def image_named(page, name):
    return page.get_by_role("application", name=name)


def point(page, name, row, column, side):
    """Move the mouse onto the middle of a pixel of an image of side x side pixels."""
    box = image_named(page, name).bounding_box()
    page.mouse.move(box["x"] + box["width"] * (column + 0.5) / side, box["y"] + box["height"] * (row + 0.5) / side)


def levels(page, name):
    """Return an image's grey levels, (rows, columns)."""
    settle(page)
    return greys(image_named(page, name).locator("canvas"))


def grey(values, all_values):
    """Return the grey levels that values should be drawn with: one scale for all filters."""
    return np.clip(np.floor(values * (255 / (0.7 * all_values.max())) + 0.5), 0, 255)


def cells_of(page, rows):
    """Return each row's name and the texts of its cells, of a table in the layer that is shown."""
    settle(page)
    return page.locator(f".le-frame {rows}").evaluate_all(
        "(rows) => rows.map((row) => [row.querySelector('th').textContent,"
        " [...row.querySelectorAll('td')].map((cell) => cell.textContent)])"
    )
