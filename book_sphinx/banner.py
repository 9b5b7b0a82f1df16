"""A banner in the making: black as MNIST's images are, so that it looks the same on a light page and on a dark one."""

import base64
import io

import numpy as np

WIDTH, HEIGHT = 720, 180
BLUE, ORANGE, GREY, WHITE = "#5b9dee", "#ee9a3c", "#8a8f98", "#ffffff"  # the book's blue and orange, seen on black
COLOURS = 16  # of an image in a banner: small files, and no difference to the eye


class Banner:
    """Elements of an SVG of WIDTH by HEIGHT pixels."""

    def __init__(self):
        self.elements = []

    def image(self, values, x, y, width, height, *, sharp=False):
        """Put an image into a rectangle. values: (rows, columns) or (rows, columns, 3), 0 to 255; sharp: as pixels."""
        pixelated = ' style="image-rendering: pixelated"' if sharp else ""
        self.elements.append(
            f'<image x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" preserveAspectRatio="none"{pixelated} '
            f'href="data:image/png;base64,{_png(np.asarray(values))}"/>'
        )

    def tiles(self, images, columns, side, x=0, y=0, *, sharp=False):
        """Put images of one size side by side, in rows. side: of a tile, in pixels."""
        rows = -(-len(images) // columns)
        blank = np.zeros((rows * columns - len(images), *np.shape(images)[1:]))
        whole = np.concatenate([images, blank])
        down, across, *colours = whole.shape[1:]
        sheet = whole.reshape(rows, columns, down, across, *colours).swapaxes(1, 2)
        sheet = sheet.reshape(rows * down, columns * across, *colours)
        self.image(sheet, x, y, columns * side, rows * side, sharp=sharp)

    def path(self, d, colour, width=2.0, *, opacity=1.0, fill="none"):
        """Draw a path. width: of its line, in pixels."""
        line = f' stroke="{colour}" stroke-width="{width:g}"' if width else ""
        faint = f' opacity="{opacity:.2g}"' if opacity < 1 else ""
        self.elements.append(f'<path d="{d}" fill="{fill}"{line}{faint}/>')

    def curve(self, xs, ys, colour, width=2.0, *, opacity=1.0):
        """Draw a line through points in pixels."""
        points = " ".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
        self.path(f"M{points}", colour, width, opacity=opacity)

    def dots(self, places, radius, colour, *, opacity=1.0, ring=False):
        """Draw circles round places (x, y) in pixels, filled or as rings: points of a line with round ends."""
        d = "".join(f"M{x:.4g} {y:.4g}h0" for x, y in places)
        if d:
            self.path(d, colour, 2 * radius, opacity=opacity)
            if ring:
                self.path(d, "#000000", 2 * radius - 3)

    def bars(self, probabilities, x, y, length, pitch):
        """Draw ten bars, one below the other; the longest is orange. length, pitch: of 1, from bar to bar."""
        best = int(np.argmax(probabilities))
        for digit, share in enumerate(probabilities):
            down = y + digit * pitch
            self.path(f"M{x} {down:g}h{length}", GREY, pitch * 0.55, opacity=0.35)
            if share * length >= 1:
                self.path(f"M{x} {down:g}h{share * length:.1f}", ORANGE if digit == best else BLUE, pitch * 0.55)

    def as_svg(self):
        """Return the SVG as text."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            f'stroke-linecap="round" stroke-linejoin="round"><path d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
            f"{''.join(self.elements)}</svg>\n"
        )


def signed(values):
    """Return colours for numbers with a sign: blue below zero, orange above, black at zero. (..., 3), 0 to 255."""
    values = np.asarray(values, float)
    share = np.sqrt(np.abs(values) / (np.abs(values).max() or 1))  # the root, so that small ones are seen
    ends = [np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) for colour in (BLUE, ORANGE)]
    return share[..., None] * np.where(values[..., None] < 0, *ends)


def _png(values):
    """Return an image as a PNG in base64, with few greys or colours. values: 0 to 255."""
    from PIL import Image

    steps = 255 / (COLOURS - 1)
    if values.ndim == 2:
        values = np.round(values / steps) * steps
    image = Image.fromarray(values.round().astype(np.uint8)).quantize(COLOURS, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    image.save(packed, "png", optimize=True)
    return base64.b64encode(packed.getvalue()).decode()
