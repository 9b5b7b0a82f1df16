"""Images that are not MNIST's, to try a network on: typeset characters, drawings, and photos of both.

Ink is an image of its own, (280, 280) float, 0 for none to 1 for full; `photo` puts it on paper.
"""

from pathlib import Path

import numpy as np

SIDE = 280
FONTS = ("DejaVuSans", "DejaVuSerif", "DejaVuSansMono", "DejaVuSans-Oblique", "STIXGeneral")  # matplotlib ships them

# A cat's head: strokes, lists of points (x, y) from 0 to 1, as DigitPad has them.
CAT = (
    [(0.28, 0.42), (0.26, 0.18), (0.42, 0.3), (0.58, 0.3), (0.74, 0.18), (0.72, 0.42)],
    [(0.72, 0.42), (0.76, 0.6), (0.66, 0.76), (0.5, 0.82), (0.34, 0.76), (0.24, 0.6), (0.28, 0.42)],
    [(0.4, 0.5), (0.4, 0.52)],
    [(0.6, 0.5), (0.6, 0.52)],
    [(0.46, 0.62), (0.5, 0.66), (0.54, 0.62)],
    [(0.1, 0.58), (0.36, 0.63)],
    [(0.1, 0.72), (0.36, 0.68)],
    [(0.9, 0.58), (0.64, 0.63)],
    [(0.9, 0.72), (0.64, 0.68)],
)


def typeset(text, font="DejaVuSans", size=150, tilt=0.0, place=(140, 140)):
    """Return the ink of a printed text. size: of the font, in pixels. tilt: degrees, anticlockwise. place: x, y."""
    import matplotlib as mpl
    from PIL import Image, ImageDraw, ImageFont

    file = Path(mpl.get_data_path(), "fonts", "ttf", f"{font}.ttf")
    ink = Image.new("L", (SIDE, SIDE))
    letters = ImageFont.truetype(file, size)
    ImageDraw.Draw(ink).text(place, text, fill=255, font=letters, anchor="mm")
    return np.asarray(ink.rotate(tilt, Image.Resampling.BICUBIC, center=place)) / 255


def draw(strokes, width=0.07):
    """Return the ink of strokes, lists of points (x, y) from 0 to 1. width: of the pen, as a share of the image."""
    from PIL import Image, ImageDraw

    fine = 4 * SIDE  # drawn large and made small, so that edges are grey
    ink = Image.new("L", (fine, fine))
    pen, radius = ImageDraw.Draw(ink), width * fine / 2
    for stroke in strokes:
        points = [(x * fine, y * fine) for x, y in stroke]
        pen.line(points, fill=255, width=round(2 * radius))
        for x, y in points:  # round ends and corners
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(ink.resize((SIDE, SIDE), Image.Resampling.BOX)) / 255


def scribble(seed, turns=14):
    """Return a scribble: one stroke that wanders about, as a list of its own for draw()."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0.15, 0.85, (turns, 2))
    return [corners.round(3).tolist()]


def photo(ink, seed=None, grain=0.015):
    """Return ink on paper as a camera sees it: (280, 280) uint8.

    Without a seed, the paper is white and evenly lit. With one, it is grey, the light falls off to one side, a soft
    shadow lies across it, the pen is pale, and the image is grainy; another seed, another light. grain: the
    standard deviation of the pixels, as a share of full light.
    """
    if seed is None:
        return np.uint8(255 * (1 - 0.95 * ink))
    rng = np.random.default_rng(seed)
    down, right = np.mgrid[: len(ink), : len(ink)] / len(ink)
    angle, (x, y) = rng.uniform(0, 2 * np.pi), rng.random(2)
    slope = (right - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle)
    across = (right - x) * np.cos(angle + 1) + (down - y) * np.sin(angle + 1)
    light = (0.6 + 0.4 * slope) * (1 - 0.3 / (1 + np.exp(-15 * across)))
    seen = light * (1 - rng.uniform(0.4, 0.75) * ink) + rng.normal(0, grain, ink.shape)
    return np.uint8(255 * np.clip(seen, 0, 1))
