"""What the front end computes, once more in NumPy: from strokes to a picture, from a picture to probabilities.

shared/handwriting.js says in words how the picture is made; the two agree to within one grey level.
"""

import numpy as np

from mnist_tutorial import handwriting
from mnist_tutorial.widgets.weights import layers_of

RASTER = 112  # rows and columns on which a drawing is laid out before it is made small
DOT = 3  # drawings smaller than so many widths of the pen are not enlarged to fill the box


def prepared(strokes, pen, photo=None, skip=()):
    """Return what the steps make of a photo, (h, w) uint8, or else of a drawing, which is light ink on 0 already."""
    if photo is not None:
        blank = np.zeros((handwriting.SIDE, handwriting.SIDE), dtype=np.uint8)
        return handwriting.prepare_grey(photo, skip) or handwriting.Prepared(blank, {})
    return handwriting.Prepared(*handwriting.fit(rasterise(strokes, pen), skip, DOT * pen * RASTER))


def rasterise(strokes, pen, size=RASTER):
    """Return the share of each pixel that ink covers, as a grey level: (size, size) uint8, 0 to 255.

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
            x, y = x - start[0], y - start[1]
            right, down = end - start
            squared = max(right * right + down * down, 1e-30)  # of a dot, all points are as near as the first
            along = np.clip((x * right + y * down) / squared, 0, 1)
            gap_x, gap_y = x - along * right, y - along * down
            near = raster[low[1] : high[1], low[0] : high[0]]
            np.maximum(near, reach - np.sqrt(gap_x * gap_x + gap_y * gap_y), out=near)
    return np.floor(255 * np.minimum(raster, 1) + 0.5).astype(np.uint8)


def probabilities_of(weights, image):
    """Return a network's ten probabilities for a picture, or an empty list if its weights give no numbers.

    weights: as page_weights() returns them, or compact as in weights.js. image: (28, 28) uint8.
    """
    probabilities = layers_of(weights, image)["probabilities"]
    return probabilities.tolist() if np.isfinite(probabilities).all() else []
