"""What the front end computes, once more in NumPy: from strokes to a picture, from a picture to probabilities.

shared/handwriting.js says in words how the picture is made; the two agree to within one grey level.
"""

import numpy as np

from mnist_tutorial.widgets.weights import layers_of

SIDE, BOX, MIDDLE, INK = 28, 20, 14.5, 0.125
RASTER = 112  # rows and columns on which a drawing is laid out before it is made small
DOT = 3  # drawings smaller than so many widths of the pen are not enlarged to fill the box


def picture_of(strokes, pen, centred=True):
    """Return the picture that the network sees of a drawing: (28, 28) uint8, 0 to 255."""
    raster = rasterise(strokes, pen)
    return centre_like_mnist(raster, DOT * pen * RASTER) if centred else shrink(raster)


def rasterise(strokes, pen, size=RASTER):
    """Return the share of each pixel that ink covers: (size, size) float32, 0 to 1.

    strokes: lists of points (x, y), 0 to 1. pen: its width as a share of the side.
    """
    raster = np.zeros((size, size))
    reach = pen * size / 2 + 0.5
    for stroke in strokes:
        points = np.asarray(stroke, dtype=float) * size
        for start, end in zip(np.vstack([points[:1], points[:-1]]), points, strict=True):
            low = np.maximum(np.floor(np.minimum(start, end) - reach), 0).astype(int)
            high = np.minimum(np.floor(np.maximum(start, end) + reach) + 1, size).astype(int)
            y, x = np.mgrid[low[1] : high[1], low[0] : high[0]] + 0.5
            right, down = end - start
            squared = max(right**2 + down**2, 1e-30)  # of a dot, all points are as near as the first
            along = np.clip(((x - start[0]) * right + (y - start[1]) * down) / squared, 0, 1)
            gap = np.hypot(x - start[0] - along * right, y - start[1] - along * down)
            near = raster[low[1] : high[1], low[0] : high[0]]
            np.maximum(near, reach - gap, out=near)
    return np.minimum(raster, 1).astype("float32")


def centre_like_mnist(raster, least=0):
    """Return a raster's ink scaled into a box of 20 x 20, its centre of mass in the middle: (28, 28) uint8."""
    rows, columns = (np.flatnonzero((raster >= INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros((SIDE, SIDE), dtype=np.uint8)
    scale = BOX / max(np.ptp(rows) + 1, np.ptp(columns) + 1, least)
    shifts = []
    for found, axis in ((rows, 1), (columns, 0)):
        ink = raster.sum(axis=axis, dtype=float)
        mass = ink @ (np.arange(len(ink)) + 0.5) / ink.sum()
        furthest = SIDE - (found[-1] + 1) * scale
        shifts.append(max(-found[0] * scale, min(furthest, MIDDLE - mass * scale)))
    return _average(raster, scale, *shifts)


def shrink(raster):
    """Return the whole raster made smaller: (28, 28) uint8."""
    return _average(raster, SIDE / len(raster), 0, 0)


def _average(raster, scale, down, right):
    image = _overlaps(len(raster), scale, down) @ raster @ _overlaps(len(raster), scale, right).T
    return np.floor(255 * np.minimum(image, 1) + 0.5).astype(np.uint8)


def _overlaps(size, scale, shift):
    """Return how much of each of the picture's pixels each raster pixel covers: (28, size)."""
    edges = (np.arange(SIDE + 1)[:, None] - shift) / scale
    at = np.arange(size)
    return np.clip(np.minimum(edges[1:], at + 1) - np.maximum(edges[:-1], at), 0, None) * scale


def probabilities_of(weights, image):
    """Return a network's ten probabilities for a picture, or an empty list if its weights give no numbers.

    weights: as page_weights() returns them, or compact as in weights.js. image: (28, 28) uint8.
    """
    probabilities = layers_of(weights, image)["probabilities"]
    return probabilities.tolist() if np.isfinite(probabilities).all() else []
