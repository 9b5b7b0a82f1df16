"""What the canvases of a page show; pixels travel as base64, since a list of so many numbers takes long."""

import base64

import numpy as np
from matplotlib.colors import to_rgb

from mnist_tutorial.plots import BLUE, RED

SCRIPT = """(canvases) => canvases.map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const parts = [];
  for (let at = 0; at < data.length; at += 8192) parts.push(String.fromCharCode(...data.subarray(at, at + 8192)));
  return [canvas.height, canvas.width, btoa(parts.join(""))];
})"""


def all_pixels(locator):
    """Return red, green, blue and opacity, 0 to 255, of each canvas: a list of (rows, columns, 4) whole numbers."""
    found = locator.evaluate_all(SCRIPT)
    return [
        np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(rows, columns, 4).astype(int)
        for rows, columns, text in found
    ]


def pixels(locator):
    """Return the pixels of one canvas, (rows, columns, 4)."""
    (only,) = all_pixels(locator)
    return only


def check_signed(drawn, values, most=None):
    """Check pixels, (..., 4), of values, (...): red above zero, blue below it, in the two colours of the figures.

    They are the stronger the farther a value is from zero, up to `most`; at zero, the page shows through.
    """
    share = np.clip(values / (most or np.abs(values).max()), -1, 1)
    assert np.abs(drawn[..., 3] - 255 * np.abs(share)).max() <= 1
    blue, red = (255 * np.array(to_rgb(colour)) for colour in (BLUE, RED))
    colours = np.where(share[..., None] < 0, blue, red)
    assert (np.abs(drawn[..., :3] - colours) * drawn[..., 3:] / 255).max() <= 1.5  # a pale pixel keeps few of its bits


def greys(locator):
    """Return the grey levels of one canvas, (rows, columns), of which red is as good as any other colour."""
    return pixels(locator)[..., 0]
