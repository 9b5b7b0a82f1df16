"""A frame on a photo: the part of it to look for the digit in, where the reader knows better."""

import reprlib

import numpy as np

from mnist_tutorial.handwriting.read_image import SHORTEST, HandwritingError, read_grey


def crop_to_frame(source, frame):
    """Return the grey levels inside a frame on a photo, (height, width) uint8, as prepare() takes them.

    source: as for prepare(). frame: (x, y, width, height) in pixels of the photo as read_grey() gives it, at most 280
    on the longer side; x and y are the frame's left and top. DigitPad's trait `frame` counts in the same way, so that
    prepare("photo.jpg", frame=pad.frame) is what the pad makes of that photo. Raises HandwritingError for a
    frame that does not lie on the photo or is smaller than 8 x 8, and all that prepare() raises for the source.
    """
    return part_of(read_grey(source), frame)


def part_of(grey, frame):
    """Return the part of a photo in grey levels, (h, w) uint8, inside a frame; raises as check_frame() does."""
    x, y, width, height = check_frame(frame, grey.shape)
    return np.ascontiguousarray(grey[y : y + height, x : x + width])


def check_frame(frame, shape):
    """Return a frame as four whole numbers of Python's, if it lies on a photo of this shape, (h, w).

    Raises HandwritingError for anything else.
    """
    rows, columns = shape
    shortest = min(SHORTEST, *shape)  # a long photo that was made smaller may be as narrow as one pixel
    try:
        numbers = [float(one) for one in frame]
        x, y, width, height = (int(one) for one in numbers)
        fits = (
            numbers == [x, y, width, height]
            and min(x, y) >= 0
            and min(width, height) >= shortest
            and x + width <= columns
            and y + height <= rows
        )
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise HandwritingError(
            f"frame was given {reprlib.repr(frame)}; it expects x, y, width and height, four whole numbers, of a part "
            f"of the photo's {columns} x {rows} pixels, at least {shortest} x {shortest}. (0, 0, {columns}, {rows}) is "
            "the whole photo."
        )
    return x, y, width, height
