"""LayerExplorer opened in a page, for its tests: what it shows, and how it is pointed at."""

import re

import numpy as np
import pytest
from canvas import greys

from mnist_tutorial.widgets.layer_explorer import LayerExplorer


@pytest.fixture(scope="module")
def make(digits, images, network):
    def make(**traits):
        return LayerExplorer(images, digits[1][:4], network, **traits)

    return make


@pytest.fixture
def open_layer(open_page, make):
    """Open a page with one widget at a layer, once its network is there."""

    def open_(layer, options=None, **traits):
        page = open_page(make(layer=layer, **traits), has_touch=True, **(options or {}))
        page.locator("[role=tabpanel]:visible .le-sum").wait_for()
        return page

    return open_


def total(page):
    return page.locator("[role=tabpanel]:visible .le-sum").inner_text()


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
    return greys(image_named(page, name).locator("canvas"))


def grey(values, all_values):
    """Return the grey levels that values should be drawn with: one scale for all filters."""
    return np.clip(np.floor(values * (255 / (0.7 * all_values.max())) + 0.5), 0, 255)


def cells_of(page, rows):
    """Return each row's name and the texts of its cells, of a table in the layer that is shown."""
    return page.locator(f"[role=tabpanel]:visible {rows}").evaluate_all(
        "(rows) => rows.map((row) => [row.querySelector('th').textContent,"
        " [...row.querySelectorAll('td')].map((cell) => cell.textContent)])"
    )
