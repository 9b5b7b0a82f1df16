"""What the front end computes, once more in NumPy: from strokes to an image.

frontend/handwriting.js says in words how the image is made; the two agree to within one grey level.
"""

import numpy as np

from mnist_tutorial.handwriting.preparation import SIDE, Prepared, fit, prepare_again

RASTER = 112  # rows and columns on which a drawing is laid out before it is made small
DOT = 3  # drawings smaller than so many widths of the pen are not enlarged to fill the box


def _arc(x, y, radius, start, end):
    angles = np.linspace(start, end, 16)
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1).round(3).tolist()


DRAWN_THREE = [_arc(0.47, 0.33, 0.16, -3.4, 1.3) + _arc(0.47, 0.66, 0.18, -1.3, 3.0)]  # one stroke, its ends curled in


def prepared(strokes, pen, photo=None, skip=(), *, framed=False):
    """Return what the steps make of a photo, (h, w) uint8, or else of a drawing, which is light ink on 0 already.

    framed: whether the photo is what lies in a reader's frame.
    """
    if photo is not None:
        blank = np.zeros((SIDE, SIDE), dtype=np.uint8)
        return prepare_again(photo, skip, framed=framed) or Prepared(blank, {})
    return Prepared(*fit(rasterise(strokes, pen), skip, DOT * pen * RASTER))


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
