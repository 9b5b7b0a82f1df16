"""What on a photo leaves doubt about its digit, in sentences. widgets/digit_pad/found.js says the same in the page."""

import math

import numpy as np

from mnist_tutorial.handwriting.frame import SHORTEST

INK = 32  # pixels with less than this count as empty when the box around the ink is looked for
DISTINCT = 40  # grey levels between ink and paper: with less, it may be a stain or a shadow
CUT = "A part of the digit may be missing: its ink reaches the edge of the photo."
CUT_BY_FRAME = "The frame may cut through the digit: its ink reaches the frame."
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
    return tuple(doubts)


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
