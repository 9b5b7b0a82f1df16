"""Digits that a program draws with strokes, each a little different, as a hand would."""

import numpy as np

from mnist_tutorial.handwriting.rasterize import prepared

HEIGHT = 0.6  # of a digit, as a share of the pad

# Points (x, y) of strokes, joined by smooth curves; "/" in front of a list joins them by straight lines.
STROKES = {
    0: [[(0.5, 0), (0.12, 0.2), (0.05, 0.55), (0.22, 0.92), (0.55, 1), (0.85, 0.8), (0.93, 0.4), (0.78, 0.08),
         (0.5, 0)]],
    1: [["/", (0.5, 0), (0.48, 0.5), (0.46, 1)]],
    2: [[(0.08, 0.22), (0.3, 0.02), (0.68, 0.04), (0.82, 0.28), (0.6, 0.58), (0.3, 0.82), (0.06, 0.98)],
        ["/", (0.06, 0.98), (0.92, 0.95)]],
    3: [[(0.1, 0.12), (0.4, 0), (0.75, 0.08), (0.78, 0.3), (0.58, 0.44), (0.38, 0.48)],
        [(0.38, 0.48), (0.72, 0.54), (0.86, 0.72), (0.7, 0.94), (0.38, 1), (0.05, 0.88)]],
    4: [["/", (0.3, 0), (0.06, 0.56), (0.92, 0.53)], ["/", (0.7, 0.12), (0.62, 1)]],
    5: [["/", (0.86, 0.02), (0.25, 0.04), (0.2, 0.42)],
        [(0.2, 0.42), (0.5, 0.36), (0.82, 0.52), (0.84, 0.78), (0.58, 0.98), (0.08, 0.92)]],
    6: [[(0.68, 0), (0.34, 0.22), (0.1, 0.6), (0.22, 0.94), (0.55, 1), (0.8, 0.82), (0.7, 0.58), (0.4, 0.56),
         (0.16, 0.76)]],
    7: [["/", (0.06, 0.06), (0.88, 0.02), (0.4, 1)]],
    8: [[(0.5, 0.46), (0.18, 0.3), (0.24, 0.06), (0.55, 0), (0.8, 0.14), (0.7, 0.36), (0.42, 0.52), (0.14, 0.74),
         (0.3, 0.97), (0.62, 1), (0.85, 0.8), (0.74, 0.6), (0.5, 0.46)]],
    9: [[(0.82, 0.2), (0.55, 0), (0.2, 0.12), (0.16, 0.4), (0.45, 0.5), (0.74, 0.36), (0.82, 0.2)],
        [(0.82, 0.2), (0.78, 0.6), (0.62, 1)]],
}  # fmt: skip


def drawn_digits(digit, count, seed, upstroke=0):
    """Return drawings of one digit as the network sees them: (count, 28, 28) uint8, light ink on 0.

    digit: 0 to 9. upstroke: of a 1; how wide it is, as a share of the 1's height, 0 for none. The n-th drawing is
    always the same for a seed, and has the same slant, width and turn whatever its upstroke.
    """
    images = np.zeros((count, 28, 28), np.uint8)
    for i in range(count):
        rng = np.random.default_rng([seed, digit, i])
        strokes = [0.5 + HEIGHT * curve for curve in drawn_strokes(rng, digit, upstroke)]
        images[i] = prepared(strokes, pen=HEIGHT * rng.uniform(0.07, 0.12)).image
    return images


def drawn_strokes(rng, digit, upstroke=0):
    """Return the strokes of a digit with a random slant, width and turn: arrays (n, 2) of points x, y.

    A digit is about 1 high and lies around (0, 0), y downwards. upstroke: as for drawn_digits().
    """
    aspect, slant, turn = rng.uniform(0.5, 0.75), rng.normal(0.08, 0.1), rng.normal(0, 0.06)
    curves, strokes = [], STROKES[digit]
    if upstroke:  # to the left of where the 1 begins, and lower
        start = (0.5 - upstroke / aspect * rng.uniform(0.8, 1.2), upstroke * rng.uniform(0.5, 0.9))
        strokes = [["/", start, *strokes[0][1:]]]
    for points in strokes:
        curve = _curve(points, np.random.default_rng(rng.integers(1 << 30)), 0.018) - 0.5
        curve = curve @ np.array([[aspect, 0], [-slant, 1]])
        curves.append(curve @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]))
    return curves


def _curve(points, rng, wobble):
    straight = points[0] == "/"
    points = np.array(points[1:] if straight else points, dtype=float)
    points = points + rng.normal(0, wobble, points.shape)
    if straight:
        return points
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, 12)[:, None]
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):  # Catmull and Rom, 1974
        parts.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.vstack(parts)
