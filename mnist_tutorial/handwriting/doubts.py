"""What on a photo leaves doubt about its digit, in sentences. widgets/digit_pad/found.js says the same in the page.

Of several digits, which the page does not read, some may touch: split() says so with touching() and `TALL`.
"""

import math

import numpy as np

from mnist_tutorial.handwriting.components import STRONG
from mnist_tutorial.handwriting.frame import SHORTEST

INK = 32  # pixels with less than this count as empty when the box around the ink is looked for
DISTINCT = 40  # grey levels between ink and paper: with less, it may be a stain or a shadow
CUT = "A part of the digit may be missing: its ink reaches the edge of the photo."
CUT_BY_FRAME = "The frame may cut through the digit: its ink reaches the frame."
TOUCHING = "It may be two digits that touch."
CUT_APART = "It touched another digit and was cut apart from it; the cut may be wrong."
TALL = "It is much taller than the other digits: it may be two digits, one above the other."
UPSTROKE = "It may be a 1 with an upstroke, which the network mostly takes for a 7."
FAINT_INK = "The ink hardly differs from the paper: it may be a stain or a shadow."


def doubts_of(grey, found, *, framed=False):
    """Return the sentences of what is found on a photo, and of how its digit lies and stands out, as a tuple.

    grey: (h, w) uint8. found: its Ink, as find_ink() returns it. framed: whether it is what lies in a reader's frame.
    """
    rows, columns = (np.flatnonzero((found.kept & (found.ink >= INK)).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return found.doubts
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    doubts = list(found.doubts)
    reaches = left == 0 or top == 0 or right == grey.shape[1] or bottom == grey.shape[0]
    fills = 4 * max(right - left, bottom - top) >= 3 * max(grey.shape)
    if reaches and framed:
        doubts.append(CUT_BY_FRAME)
    elif reaches and not fills:
        doubts.append(CUT)
    if _contrast(grey, found, _around((top, bottom, left, right), grey.shape)) < DISTINCT:
        doubts.append(FAINT_INK)
    if has_upstroke((found.kept & (found.ink >= STRONG))[top:bottom, left:right]):
        doubts.append(UPSTROKE)
    return tuple(doubts)


def has_upstroke(ink):
    """Tell whether ink, (h, w) bool, is a straight stem to whose top a straight, steep stroke rises from the left.

    So are a 1 with an upstroke and a few of MNIST's own digits, most of them 7s. All lengths are compared as whole
    numbers, so that the page finds the same.
    """
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return False
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = ink.shape
    left, right = ink.argmax(axis=1), width - ink[:, ::-1].argmax(axis=1)
    strokes = (ink & ~np.pad(ink, ((0, 0), (1, 0)))[:, :-1]).sum(axis=1)
    upper = -(-3 * height // 4)
    tip, corner = int(left[:upper].min()), int(left[0])
    at_tip = np.flatnonzero(left[:upper] <= tip + height // 20)
    rise, start = int(at_tip[0]), int(at_tip[-1]) + height // 12  # the stem alone goes on from row `start`
    if start >= height or 25 * rise < 2 * height or 5 * rise < corner - tip or 10 * (corner - tip) < height:
        return False
    stem_left, stem_right = left[start:], right[start:]
    is_stem = (
        33 * int((strokes[start:] != 1).sum()) <= height
        and 4 * int((stem_right - stem_left).max()) <= height
        and 50 * (int(stem_left[: max(1, height // 10)].min()) - tip) >= height
        and 100 * int(np.abs(_off_the_chord(stem_left + stem_right)).max()) <= 6 * height * max(1, len(stem_left) - 1)
    )
    if not is_stem:
        return False
    top = ink.argmax(axis=0)[tip : corner + 1]
    part = ink[:start]
    pieces = (part & ~np.pad(part, ((1, 0), (0, 0)))[:-1]).sum(axis=0)[tip : min(corner, int(stem_left.max()))]
    along = top[height // 20 :]
    return bool(
        (strokes[: height // 16 + 1] == 1).all()
        and 33 * int((strokes[:start] >= 3).sum()) <= height
        and 20 * int((top - np.minimum.accumulate(top)).max()) <= height
        and 25 * (int(right[:upper].max()) - int(right[: max(1, height // 8)].max())) <= 3 * height
        and 20 * int((pieces != 1).sum()) <= height
        and 25 * -int(_off_the_chord(along).min(initial=0)) <= height * max(1, len(along) - 1)
    )


def _off_the_chord(values):
    """Return how far values lie above the straight line from the first to the last, times the steps between both."""
    steps = len(values) - 1
    if steps < 1:
        return np.zeros(1, np.int64)
    values, at = values.astype(np.int64), np.arange(steps + 1)
    return values * steps - values[0] * (steps - at) - values[-1] * at


def _around(box, shape):
    """Return a box with some paper around the ink, as slices: a quarter of the digit, and at least SHORTEST in all."""
    top, bottom, left, right = box
    margin = max(2, math.ceil(max(right - left, bottom - top) / 4))
    slices = []
    for start, end, length in ((top, bottom, shape[0]), (left, right, shape[1])):
        missing = max(0, SHORTEST - (end - start) - 2 * margin)
        first = max(0, min(start - margin - missing, length - SHORTEST))
        slices.append(slice(first, min(length, max(end + margin, first + SHORTEST))))
    return tuple(slices)


def _contrast(grey, found, place):
    """Return the grey levels between the digit's ink and the paper in a place, or 255 where one of both is missing."""
    levels, ink = grey[place].astype(np.int64), found.ink[place]
    inks, papers = levels[found.kept[place] & (ink >= 128)], levels[ink == 0]
    if not inks.size or not papers.size:
        return 255
    return abs(int(inks.sum()) / inks.size - int(papers.sum()) / papers.size)


def touching(ink):
    """Tell whether ink, (h, w) bool, looks like two digits that touch: three strokes stand beside one another.

    A row of a digit alone seldom crosses more than two strokes; three on 15% of the rows are taken for two digits.
    """
    strokes = (ink & ~np.pad(ink, ((0, 0), (1, 0)))[:, :-1]).sum(axis=1)
    return 20 * int((strokes >= 3).sum()) >= 3 * max(1, int((strokes > 0).sum()))
