"""Diagrams of what the network computes: drawn for a wide page, and stacked for a phone.

Each function takes a digit, lets the book's own network read it and draws the numbers that come out. It returns a
Diagram, which Jupyter shows as the result of a cell. Text and lines have the page's text colour, and cells of a table
with signs have the page's background where a number is zero: so one drawing is right on a light and on a dark page.
"""

import base64
import html
import io
import reprlib

import matplotlib as mpl
import numpy as np

from mnist_tutorial.plots import BLUE, ORANGE, RED, draw_image
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.forward_pass import layers_of
from mnist_tutorial.reference.weights_format import decode
from mnist_tutorial.svg import TEXT_COLOR

GREY = "#808080"  # lines that are seen on white and on near black
TEXT, SMALL, SMALLEST = 13, 12, 11  # pixels
TITLE = 20  # pixels that the line above a part takes
STRONGEST = 0.6  # opacity of the largest number: text on it is still read on both pages


def _signed_colours(opacity):
    """Return a colour map: blue below zero, red above it, and at zero nothing, so that the page shows through."""
    low, high = (mpl.colors.to_rgb(colour) for colour in (BLUE, RED))
    ends = [(0, (*low, opacity)), (0.5, (*low, 0)), (0.5, (*high, 0)), (1, (*high, opacity))]
    return mpl.colors.LinearSegmentedColormap.from_list(f"signed {opacity}", ends, N=255)  # odd: zero has its own


SIGNED = _signed_colours(1)  # for images with values below and above zero


class Diagram:
    """A drawing in two forms, each an SVG element, and the same in words for readers who cannot see it."""

    def __init__(self, wide, narrow, description):
        self.wide, self.narrow, self.description = wide, narrow, description

    def _repr_mimebundle_(self, include=None, exclude=None):
        """Return what Jupyter shows; only the book's pages show the narrow form."""
        forms = "".join(
            drawing.as_svg(name, shown, self.description)
            for name, shown, drawing in (("wide", "block", self.wide), ("narrow", "none", self.narrow))
        )
        figure = f'<figure class="book-figure" style="margin: 0.5em 0">{forms}</figure>'
        return {"text/html": figure, "text/plain": self.description}


class Drawing:
    """Elements of an SVG, and how large they are together. width, height: pixels."""

    def __init__(self, width, height):
        self.width, self.height, self.elements = width, height, []

    def add(self, *elements, x=0, y=0):
        """Put elements at a place. x, y: pixels from the left and from the top."""
        inside = "".join(elements)
        self.elements.append(f'<g transform="translate({x:g} {y:g})">{inside}</g>' if x or y else inside)

    def as_svg(self, form, display, description):
        """Return the SVG element. form: its class, "wide" or "narrow". display: its CSS property."""
        return (
            f'<svg class="{form}" role="img" aria-label="{html.escape(description, quote=True)}" fill="currentColor" '
            f'style="display: {display}; color: {TEXT_COLOR}; max-width: 100%; height: auto" font-size="{TEXT}" '
            f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}" '
            'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"{''.join(self.elements)}</svg>"
        )


def sliding_window(image, filter_number, row, column):
    """Draw how one number of a feature map is made: pixels times weights, added up, and through ReLU.

    image: (28, 28), 0 to 255. filter_number: which of the network's 30 filters, from 0. row, column: the upper left
    corner of its window, 0 to 23 each. Raises ValueError for anything else.
    """
    image, weights = _checked_image(image), load_page_weights()
    kernel, biases = decode(weights["convolution"])
    maps = layers_of(weights, image)["convolution"]
    _check_place("filter_number", filter_number, maps.shape[2])
    _check_place("row", row, maps.shape[0])
    _check_place("column", column, maps.shape[1])
    size = len(kernel)
    own, bias, result = kernel[:, :, 0, filter_number], biases[filter_number], maps[:, :, filter_number]
    pixels = image[row : row + size, column : column + size] / 255
    products = pixels * own
    total = products.sum()
    lines = [
        f"sum of the {products.size} products",
        _number(total, 4),
        f"plus the bias, {_number(bias, 5)}",
        f"after ReLU: {_number(max(total + bias, 0), 4)}",
    ]

    def parts(side):
        cell = side / size
        return [
            _titled("the digit", _image(image, 255, side, (row, column, size, size))),
            _titled("pixels in the window", _numbers(pixels, cell, _grey)),
            _titled(f"× weights of filter {filter_number}", _numbers(own, cell, _signed(own))),
            _titled("= products", _numbers(products, cell, _signed(own))),
            _titled("added up", _lines(lines, side)),
            _titled("one value of the map", _image(result, result.max(), side, (row, column, 1, 1))),
        ]

    def arranged(columns, side, apart):
        across, down = side + apart, side + TITLE + 16
        drawing = Drawing(columns * across - apart, 6 // columns * down - 12)
        for position, part in enumerate(parts(side)):
            drawing.add(part, x=position % columns * across, y=position // columns * down)
        drawing.add(_lead((row, column, size), len(image), side, across))
        x, y = 4 % columns * across + side, 4 // columns * down + TITLE + side / 2
        drawing.add(_arrow(x - 14, x + apart - 3, y))  # from the sum, part 4, to its place in the map
        return drawing

    words = (
        f"A digit of {image.shape[0]} by {image.shape[1]} pixels with a frame around {size} by {size} of them. Beside "
        f"it these pixels as numbers, the {own.size} weights of filter {filter_number}, and their products. The "
        f"products add up to {_number(total, 4)}; with the bias, {_number(bias, 5)}, and after ReLU that is "
        f"{_number(max(total + bias, 0), 4)}, one pixel of the map of {result.shape[0]} by {result.shape[1]}, which is "
        f"marked in row {row} and column {column}."
    )
    return Diagram(arranged(3, 180, 36), arranged(2, 154, 12), words)


def largest_of_four(image, filter_number, row, column):
    """Draw how max pooling makes 2 by 2 numbers of 4 by 4 of a feature map.

    image: (28, 28), 0 to 255. filter_number: which of the network's 30 filters, from 0. row, column: the upper left
    corner of the 16 numbers in the map of 24 by 24, even and 0 to 20 each. Raises ValueError for anything else.
    """
    image = _checked_image(image)
    layers = layers_of(load_page_weights(), image)
    _check_place("filter_number", filter_number, layers["convolution"].shape[2])
    before, after = (layers[name][:, :, filter_number] for name in ("convolution", "pooling"))
    for name, place in (("row", row), ("column", column)):
        _check_place(name, place, len(before) - 3)
        if place % 2:
            raise ValueError(
                f"{name} is {place}; it must be even, because pooling cuts the map into squares of 2 by 2."
            )
    four_by_four = before[row : row + 4, column : column + 4]
    two_by_two = after[row // 2 : row // 2 + 2, column // 2 : column // 2 + 2]
    bright = max(before.max(), 1e-6)

    def grey(value):
        return _grey(value / bright)

    def arranged(cell, places, size):
        drawing = Drawing(*size)
        side = 4 * cell
        parts = [
            _titled(f"the map of filter {filter_number}", _image(before, bright, side, (row, column, 4, 4))),
            _titled("4 × 4 of its numbers", _numbers(four_by_four, cell, grey) + _winners(four_by_four, cell)),
            _titled("the largest of each", _numbers(two_by_two, cell, grey) + _frames(cell)),
            _titled("after pooling", _image(after, bright, 0.8 * side, (row // 2, column // 2, 2, 2))),
        ]
        for part, (x, y) in zip(parts, places, strict=True):
            drawing.add(part, x=x, y=y)
        drawing.add(_lead((row, column, 4), len(before), side, places[1][0]))
        return drawing

    cell, apart = 40, 34
    wide = arranged(
        cell,
        [(0, 0), (4 * cell + apart, 0), (8 * cell + 2 * apart + 10, cell), (10 * cell + 3 * apart + 40, 16)],
        (10 * cell + 3 * apart + 40 + 3.2 * cell, 4 * cell + TITLE + 4),
    )
    middle = TITLE + 2 * cell
    wide.add(_arrow(8 * cell + apart + 6, 8 * cell + 2 * apart + 4, middle))
    wide.add(_arrow(10 * cell + 2 * apart + 16, 10 * cell + 3 * apart + 34, middle))
    cell = 36
    narrow = arranged(cell, [(0, 0), (176, 0), (36, 200), (176, 184)], (320, 184 + TITLE + 0.8 * 4 * cell + 4))
    narrow.add(_arrow(114, 168, 200 + TITLE + cell))
    rows = [
        "; ".join(", ".join(f"{value:.2f}" for value in line) for line in part) for part in (four_by_four, two_by_two)
    ]
    words = (
        f"The map of filter {filter_number}, {len(before)} by {len(before)} pixels, with a frame around 4 by 4. "
        f"Their numbers, row by row: {rows[0]}. The largest of each square of 2 by 2 is ringed, and these four are "
        f"what is left: {rows[1]}. They are 2 by 2 pixels of the pooled map of {len(after)} by {len(after)}."
    )
    return Diagram(wide, narrow, words)


def scores_to_probabilities(image, label=None):
    """Draw softmax at work on the network's ten scores for a digit: each as a power of e, divided by their sum.

    image: (28, 28), 0 to 255. label: the digit that it is, to be named below it. Raises ValueError for other images.
    """
    image = _checked_image(image)
    layers = layers_of(load_page_weights(), image)
    scores, shares = layers["logits"], layers["probabilities"]
    powers = np.exp(scores.astype("float64"))
    best, most = int(shares.argmax()), float(np.abs(scores).max())
    named = "the image" if label is None else f"the image, a {label}"

    def table(top, scores_at, powers_at, bars_at, bar, right):
        """Return the ten rows. Places in pixels: scores_at is the end of the numbers, bars_at where a bar begins."""
        heads = [("", 0, "start"), ("score", scores_at, "end"), ("e to the score", powers_at, "end")]
        heads += [("divided by the sum", right, "end")]
        found = [_text(head, x, top + 14, anchor) for head, x, anchor in heads]
        for digit in range(10):
            y = top + 22 + 22 * digit
            weight = ' font-weight="700"' if digit == best else ""
            length = scores[digit] / most * 40 if bar > 60 else 0  # the numbers alone where there is no room
            found += [
                f"<g{weight}>",
                _text(digit, 2, y + 15),
                _text(_number(scores[digit], 2), scores_at, y + 15, "end"),
                _text(_power(powers[digit]), powers_at, y + 15, "end"),
                _text(f"{shares[digit]:.3f}", right, y + 15, "end"),
                "</g>",
                _box(scores_at + 55 + min(length, 0), y + 4, abs(length), 14, GREY),
                _box(bars_at, y + 4, shares[digit] * bar, 14, BLUE),
            ]
        if bar > 60:
            found.append(_line(scores_at + 55, top + 22, scores_at + 55, top + 242))
        y = top + 246
        found += [
            _line(0, y, right, y),
            _text("sum", 2, y + 17),
            _text(_power(powers.sum()), powers_at, y + 17, "end"),
            _text(f"{shares.sum():.3f}", right, y + 17, "end"),
        ]
        return "".join(found)

    wide = Drawing(660, 272)
    wide.add(_image(image, 255, 120), _text(named, 0, 138), y=30)
    wide.add(table(0, 62, 250, 280, 165, 500), x=156)
    narrow = Drawing(320, 372)
    narrow.add(_image(image, 255, 84), _text(named, 98, 46))
    narrow.add(table(98, 74, 172, 184, 60, 320))
    words = (
        f"A table of ten rows beside {named}. The scores of the digits 0 to 9: "
        f"{', '.join(_number(score, 2) for score in scores)}. e to the power of each: "
        f"{', '.join(map(_power, powers))}, in total {_power(powers.sum())}. Divided by that: "
        f"{', '.join(f'{share:.3f}' for share in shares)}, in total {shares.sum():.3f}. "
        f"The largest is that of the {best}."
    )
    return Diagram(wide, narrow, words)


def draw_signed_numbers(values, axes, largest, decimals=0):
    """Draw numbers below and above zero in a grid of cells that is right on a light and on a dark page.

    values: (rows, columns). axes: the matplotlib Axes to draw on. largest: the size of a number in the full colour.
    decimals: 0 to 9. Returns the axes. Raises ValueError for anything else.
    """
    values = _array(values)
    if values.ndim != 2 or not values.size or values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise ValueError(f"The values have the shape {values.shape}; expected finite numbers in rows and columns.")
    if not isinstance(axes, mpl.axes.Axes):
        raise ValueError(f"The axes are {reprlib.repr(axes)}; expected the Axes of matplotlib to draw on.")
    if not isinstance(largest, int | float | np.number) or not 0 < largest < 1e30:
        raise ValueError(f"largest is {reprlib.repr(largest)}; expected a number above 0.")
    _check_place("decimals", decimals, 10)
    draw_image(values, axes, limits=(-largest, largest), colours=_signed_colours(STRONGEST))
    rows, columns = values.shape
    axes.hlines(np.arange(rows + 1) - 0.5, -0.5, columns - 0.5, color=GREY, linewidth=0.6, alpha=0.6)
    axes.vlines(np.arange(columns + 1) - 0.5, -0.5, rows - 0.5, color=GREY, linewidth=0.6, alpha=0.6)
    cell = axes.get_window_extent().width / columns * 72 / axes.figure.dpi  # points
    for (row, column), value in np.ndenumerate(values):
        text = _number(value, decimals)
        axes.text(column, row, text, ha="center", va="center", fontsize=min(cell * 0.37, 12), color="black")
    return axes


def _checked_image(image):
    image = _array(image)
    if image.shape != (28, 28) or image.dtype != "uint8":
        raise ValueError(
            f"The image has the shape {image.shape} and the type {image.dtype}; expected (28, 28) and uint8, "
            "from 0 to 255: an image as load_mnist() returns it, such as X_train[0]."
        )
    return image


def _array(values):
    try:
        return np.asarray(values)
    except ValueError:  # lists of different lengths
        return np.asarray(None)


def _check_place(name, place, count):
    if isinstance(place, bool) or not isinstance(place, int | np.integer) or not 0 <= place < count:
        raise ValueError(f"{name} is {reprlib.repr(place)}; expected a whole number from 0 to {count - 1}.")


# --- parts of a drawing


def _number(value, decimals):
    """Return a number with a real minus sign; what rounds to zero has none."""
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}".replace("-", "−")


def _power(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _text(words, x, y, anchor="start", size=None, more=""):
    size = f' font-size="{size}"' if size else ""
    anchor = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:g}" y="{y:g}"{anchor}{size}{more}>{html.escape(str(words))}</text>'


def _box(x, y, width, height, fill):
    return f'<rect x="{x:.1f}" y="{y:g}" width="{max(width, 0):.1f}" height="{height:g}" fill="{fill}"/>'


def _line(x, y, to_x, to_y):
    return f'<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}" stroke="{GREY}" fill="none"/>'


def _arrow(x, to_x, y):
    return (
        f'<path d="M{x:g} {y:g}H{to_x - 6:g}" stroke="currentColor" stroke-width="2" fill="none"/>'
        f'<path d="M{to_x:g} {y:g}l-9 -5v10z"/>'
    )


def _ring(x, y, width, height, thick=3):
    """Return a frame in the colour that asks for attention, with a dark edge that is seen on white pixels."""
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="none"'
    lines = (("#101010", thick + 2), (ORANGE, thick))
    return "".join(f'<rect {place} stroke="{colour}" stroke-width="{wide}"/>' for colour, wide in lines)


def _titled(title, part):
    return f'{_text(title, 0, 13)}<g transform="translate(0 {TITLE})">{part}</g>'


def _lines(lines, width):
    """Return lines of text, one below another; the second one, a number, is large."""
    y, found = 24, []
    for position, line in enumerate(lines):
        found.append(_text(line, 0, y, size=26 if position == 1 else SMALL))
        y += 34 if position == 0 else 26
    return "".join(found)


def _image(values, bright, side, frame=None):
    """Return an image as pixels. bright: the value that is white. frame: row, column, rows and columns of a frame."""
    from PIL import Image

    file = io.BytesIO()
    levels = np.clip(values / max(float(bright), 1e-6), 0, 1) * 255
    Image.fromarray(levels.round().astype("uint8")).save(file, "png", optimize=True)
    address = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    found = (
        f'<image xlink:href="{address}" width="{side:g}" height="{side:g}" style="image-rendering: pixelated"/>'
        f'<rect width="{side:g}" height="{side:g}" fill="none" stroke="{GREY}"/>'
    )
    if frame:
        row, column, rows, columns = (one * side / len(values) for one in frame)
        found += _ring(column, row, columns, rows)
    return found


def _grey(value):
    """Return the colours of a cell and of the number in it. value: 0, black, to 1, white."""
    level = round(255 * min(max(float(value), 0), 1))
    return f'fill="#{level:02x}{level:02x}{level:02x}"', "#101010" if level > 110 else "#f5f5f5"


def _signed(values):
    """Return a function that colours a cell: red above zero, blue below, and the page's background at zero."""
    most = float(np.abs(values).max()) or 1.0

    def colours(value):
        share = min(abs(float(value)) / most, 1) * STRONGEST
        return f'fill="{RED if value > 0 else BLUE}" fill-opacity="{share:.2f}"', "currentColor"

    return colours


def _numbers(values, cell, colours):
    """Return a table of numbers with two decimals, each in a cell of its colour."""
    found = []
    for (row, column), value in np.ndenumerate(values):
        fill, ink = colours(value)
        found.append(
            f'<rect x="{column * cell:g}" y="{row * cell:g}" width="{cell:g}" height="{cell:g}" {fill} '
            f'stroke="{GREY}" stroke-width="0.5"/>'
        )
        place, size = ((column + 0.5) * cell, (row + 0.5) * cell + 4), SMALL if cell > 32 else SMALLEST
        found.append(_text(_number(value, 2), *place, "middle", size, f' fill="{ink}"' * (ink != "currentColor")))
    return "".join(found)


def _winners(values, cell):
    """Return a ring around the largest number of each square of 2 by 2, the first one if there are several."""
    found = []
    for top in range(0, len(values), 2):
        for left in range(0, len(values), 2):
            row, column = np.unravel_index(values[top : top + 2, left : left + 2].argmax(), (2, 2))
            found.append(_ring((left + column) * cell + 4, (top + row) * cell + 4, cell - 8, cell - 8, 2))
    half, whole = 2 * cell, len(values) * cell
    cross = (
        f'<path d="M{half:g} -3V{whole + 3:g}M-3 {half:g}H{whole + 3:g}" stroke="{BLUE}" stroke-width="4" fill="none"/>'
    )
    return cross + "".join(found)


def _frames(cell):
    return "".join(_ring(x + 4, y + 4, cell - 8, cell - 8, 2) for x in (0, cell) for y in (0, cell))


def _lead(window, count, side, to_x):
    """Return two lines from a framed window of an image to the table of its numbers, on the right of it."""
    row, column, size = (one * side / count for one in window)
    return "".join(_line(column + size, TITLE + y, to_x, TITLE + to_y) for y, to_y in ((row, 0), (row + size, side)))
