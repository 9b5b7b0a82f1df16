"""Draw the image that link previews show, _static/social.png: four digits in coarse pixels, and the book's title.

None of the digits is MNIST's. They are strokes, drawn as those of a DigitPad and made as coarse as MNIST's images.
"""

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_tutorial.handwriting.synthetic import SIDE, draw
from mnist_tutorial.reference.records import write_atomically

DEFAULT_PATH = Path(__file__).resolve().parents[1] / "_static" / "social.png"
SIZE = (1200, 630)  # the size that services which show previews ask for
TITLE = ("How a computer reads", "handwritten digits")
LINE = "A book for beginners, made of notebooks that run"
PIXELS, ZOOM = 28, 9
DIGITS = (  # strokes of points (x, y) from 0 to 1
    [[(0.3, 0.26), (0.42, 0.18), (0.6, 0.19), (0.69, 0.3), (0.64, 0.46), (0.45, 0.64), (0.27, 0.81), (0.74, 0.79)]],
    [[(0.63, 0.17), (0.47, 0.35), (0.36, 0.57), (0.4, 0.76), (0.54, 0.82), (0.66, 0.72), (0.62, 0.58), (0.4, 0.62)]],
    [[(0.38, 0.19), (0.31, 0.56), (0.7, 0.53)], [(0.63, 0.22), (0.56, 0.83)]],
    [[(0.27, 0.22), (0.72, 0.19), (0.58, 0.47), (0.44, 0.82)], [(0.36, 0.5), (0.68, 0.48)]],
)


def coarse(strokes):
    """Return a drawn digit as an image of 28 x 28 pixels, each shown as a square."""
    ink = Image.fromarray(np.uint8(255 * draw(strokes, width=0.09))).resize((PIXELS, PIXELS), Image.Resampling.BOX)
    return ink.resize((PIXELS * ZOOM, PIXELS * ZOOM), Image.Resampling.NEAREST)


def social_image():
    """Return the image, 1200 x 630 grey levels."""
    assert SIDE % PIXELS == 0  # or the coarse pixels would not be whole
    image = Image.new("L", SIZE, 20)
    margin = (SIZE[0] - 4 * PIXELS * ZOOM) // 5
    for position, strokes in enumerate(DIGITS):
        image.paste(coarse(strokes), (margin + position * (PIXELS * ZOOM + margin), 60))
    pen = ImageDraw.Draw(image)
    fonts = Path(mpl.get_data_path(), "fonts", "ttf")
    large, small = (
        ImageFont.truetype(fonts / name, size) for name, size in (("DejaVuSans-Bold.ttf", 66), ("DejaVuSans.ttf", 32))
    )
    for position, words in enumerate(TITLE):
        pen.text((margin, 352 + 82 * position), words, fill=255, font=large)
    pen.text((margin, 540), LINE, fill=190, font=small)
    return image


def main(path=DEFAULT_PATH):
    image = social_image().quantize(16, dither=Image.Dither.NONE)
    write_atomically(path, lambda temporary: image.save(temporary, "png", optimize=True))
    print(f"{path}: {Path(path).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=DEFAULT_PATH, help="what to write (default: %(default)s)")
    main(parser.parse_args().path)
