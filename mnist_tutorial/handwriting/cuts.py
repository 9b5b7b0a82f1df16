"""Cutting digits apart that touch: of many cuts, the one after which both sides look most like digits.

This is over-segmentation, as LeCun, Bottou, Bengio and Haffner (1998) describe it for whole numbers. A cut goes from
edge to edge of the ink and through as little of it as it can; the network judges what lies on both sides, by its
largest logit: its probability may be 100% for two digits at once, but then its logits are low. The page does not split
photos.
"""

import functools

import numpy as np

from mnist_tutorial.handwriting.components import STRONG

FAR = 1 << 40  # no path costs as much
INK_COSTS = 100  # a path goes through a pixel of ink only to save so many pixels of paper
PLACES = 10  # of paths that are tried, from one side to the other
REACH = {True: (5, 12), False: (3,)}  # so far may they go to both sides: one of so many parts of their length
# In logits, chosen on photos of seeds 1, 5, 31, 32 and 41.
BESIDE = {"length": 10, "touching": -6, "else": -2, "doubtful": -4}
BELOW = {"length": 20, "cut": 3}


def cut_apart(ink, fitted, *, touches, usual):
    """Return two digits that ink is cut into, or none, and whether it may be two nevertheless.

    ink: (h, w) uint8 of what was taken for one digit, without paper around it. fitted: from such ink to a (28, 28)
    image for the network. touches: whether touching() says that it is two. usual: the height of the other digits.
    Returns (first, second), both (h, w) uint8, or (), and a bool. A cut is taken if the mean of the network's largest
    logits on both sides, less a penalty for the ink that is cut, is not much lower than for the whole; for digits below
    one another it has to be higher.
    """
    height, width = ink.shape
    (whole,) = _largest_logits([fitted(ink)])
    best, margin, is_doubtful = (), -np.inf, False
    if 5 * width >= 2 * height:
        score, parts = _best(ink, True, fitted)
        is_doubtful = score > whole + BESIDE["doubtful"]
        if score > whole + BESIDE["touching" if touches else "else"]:
            best, margin = parts, score
    if 5 * height >= 7 * usual or 2 * height >= 3 * width:
        score, parts = _best(ink, False, fitted)
        if score > max(whole + BELOW["cut"], margin):
            best = parts
    return best, is_doubtful


def _best(ink, upright, fitted):
    """Return the score of the best cut and what it makes, or minus infinity and () if no cut makes two digits."""
    cuts = [
        (parts, length)
        for parts, length in _cuts(ink, upright)
        if all(_may_be_a_digit(part, upright) for part in parts)
    ]
    if not cuts:
        return -np.inf, ()
    logits = _largest_logits([fitted(part) for parts, _ in cuts for part in parts]).reshape(-1, 2)
    lengths = np.array([length for _, length in cuts])
    penalty = (BESIDE if upright else BELOW)["length"]
    scores = logits.sum(axis=1) / 2 - penalty * lengths / ink.shape[0 if upright else 1]
    best = int(scores.argmax())
    return float(scores[best]), cuts[best][0]


def _may_be_a_digit(part, upright):
    """Tell whether nearly all ink of a part hangs together, and has the height and the proportions of a digit.

    Digits beside one another are nearly as high as both, and those below one another about half as high.
    """
    from scipy import ndimage

    strong = part >= STRONG
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    if not len(rows):
        return False
    height, width, whole = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1, len(part)
    fits = 4 * height >= 3 * whole if upright else 7 * whole <= 20 * height <= 13 * whole
    if not fits or (5 * width > 8 * height if upright else 5 * width > 7 * height):
        return False
    numbers, _ = ndimage.label(strong, structure=np.ones((3, 3)))
    areas = np.bincount(numbers.ravel())[1:]
    return 20 * int(areas.max()) >= 17 * int(areas.sum())


def _cuts(ink, upright):
    """Yield ways to cut ink in two: ((first, second), length), both (h, w) uint8, and how many pixels of ink are cut.

    upright: whether a cut goes from top to bottom, so that the first is on the left; else it goes from left to right.
    """
    turned = ink if upright else ink.T
    cost = np.where(turned >= STRONG, INK_COSTS, 1)
    height, width = turned.shape
    places, seen = np.linspace(0.12 * width, 0.88 * width, PLACES).astype(int), set()
    for reach in [max(1, height // part) for part in REACH[upright]]:
        starts = np.maximum(0, places - reach)
        for path in starts[:, None] + _cheapest_paths(cost, starts, places + reach + 1):
            if path.tobytes() in seen:
                continue
            seen.add(path.tobytes())
            before = np.arange(width) < path[:, None]
            first, second = np.where(before, turned, 0), np.where(before, 0, turned)
            length = int((turned[np.arange(height), path] >= STRONG).sum())
            yield ((first, second) if upright else (first.T, second.T)), length


def _cheapest_paths(cost, starts, ends):
    """Return the cheapest paths from the first row to the last, each in columns of its own: (paths, rows) from 0.

    A path goes one column aside at most from row to row, and straight on, if all cost the same. starts, ends: of the
    columns, (paths,); columns from `ends` on, and those beyond the cost, are not open to a path.
    """
    rows, width = cost.shape
    columns = starts[:, None] + np.arange(int((ends - starts).max()))
    closed = columns >= np.minimum(ends, width)[:, None]
    costs = np.where(closed, FAR, cost[:, np.minimum(columns, width - 1)])  # (rows, paths, columns)
    wide = np.full((len(starts), columns.shape[1] + 2), FAR)
    total, left, right = wide[:, 1:-1], wide[:, :-2], wide[:, 2:]
    total[:] = costs[0]
    came_from = np.zeros(costs.shape, np.int8)
    for row in range(1, rows):
        best = np.minimum(left, right)
        came_from[row] = np.where(total <= best, 0, np.where(left <= right, -1, 1))
        total[:] = np.minimum(np.minimum(total, best) + costs[row], FAR)
    which = np.arange(len(starts))
    paths = np.empty((len(starts), rows), np.int64)
    paths[:, -1] = total.argmin(axis=1)
    for row in range(rows - 1, 0, -1):
        paths[:, row - 1] = paths[:, row] + came_from[row, which, paths[:, row]]
    return paths


def _largest_logits(images):
    """Return the largest of the reference network's logits for each of some (28, 28) uint8 images: (n,)."""
    from mnist_tutorial.reference.forward_pass import forward

    return forward(_layers(), np.stack(images))["logits"].max(axis=-1)


@functools.cache
def _layers():
    from mnist_tutorial.reference import load_page_weights
    from mnist_tutorial.reference.weights_format import LAYERS, decode

    weights = load_page_weights()
    return [decode(weights[name]) for name in LAYERS]
