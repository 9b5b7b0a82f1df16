"""How dark a photo is against its paper. widgets/frontend/paper.js and filters.js do the same in the page."""

import numpy as np

FAINT = 20  # grey levels between paper and ink: with less, nothing is drawn


def filtered(values, half, choose):
    """Return for each pixel the largest (np.maximum) or smallest value at most `half` rows and columns away."""
    return _along_rows(_along_rows(values, half, choose).T, half, choose).T


def _along_rows(values, half, choose):
    """Do the same along the first axis alone: windows of twice as many rows are made of two that overlap by half."""
    count = len(values)
    half = min(half, count - 1)
    reach, length = 1, 2 * half + 1
    of = np.concatenate([np.repeat(values[:1], half, axis=0), values, np.repeat(values[-1:], half, axis=0)])
    while 2 * reach <= length:
        of = choose(of[:-reach], of[reach:])
        reach *= 2
    return choose(of[:count], of[length - reach : length - reach + count])


def median(levels, part=2):
    """Return the level, 0 to 255, that half of the levels (or another part: one of so many) do not exceed."""
    counts = np.bincount(levels.ravel(), minlength=256).cumsum()
    return int(np.argmax(part * counts >= counts[-1]))


def edges_of(grey):
    """Return how much the levels change around each pixel, (h, w) int64."""
    return filtered(grey, 2, np.maximum).astype(np.int64) - filtered(grey, 2, np.minimum)


def darkness_of(grey, light, half, usual=2):
    """Return how much darker each pixel is than its paper (lighter, if the paper is dark): (h, w) int64, 0 to 255.

    usual: at least one of so many pixels is paper.
    """
    image = grey if light else 255 - grey
    paper = filtered(filtered(image, half, np.maximum), half, np.minimum)
    return darkness_on(paper, image, light, usual)


def darkness_on(paper, image, light, usual=2):
    """Return how much darker each pixel of an image is than the paper behind it, which is known: as darkness_of()."""
    depth = darkness = np.subtract(paper, image, dtype=np.int64)
    if light:  # light on paper multiplies; where there is hardly any, grain would
        most = np.maximum(paper, max(int(paper.max()) // 4, 1)).astype(np.float32)
        # Whole numbers below 2 ** 24 are exact, and so are their quotients without what is behind the point.
        darkness = ((2 * 255 * depth.astype(np.float32) + most) / (2 * most)).astype(np.int64)
    return depth, np.maximum(darkness - median(darkness, usual), 0)


def paper_behind(grey, ink):
    """Return the paper of a photo in grey levels, (h, w) int64: where there is ink, as the nearest paper around it.

    ink: (h, w) bool. Shadows stay, as they lie on the paper.
    """
    known = np.where(ink, 0, grey).astype(np.uint8)
    paper, half = known, 2
    while half <= sum(grey.shape) // 4 and not paper.all():
        paper = np.where(paper == 0, filtered(filtered(known, half, np.maximum), half, np.minimum), paper)
        half *= 2
    return np.maximum(paper, grey).astype(np.int64)


def _separation(darkness):
    """Return how well each threshold, 0 to 255, separates two classes (Otsu, 1979), and how many do not exceed it."""
    counts = np.bincount(darkness.ravel(), minlength=256)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    above, rest = below[-1] - below, sums[-1] - sums
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums / below - rest / above
        between = np.where((below > 0) & (above > 0), (below * above) * (gap * gap), 0)
    return between, below


def threshold_of(darkness):
    """Return Otsu's threshold of whole numbers from 0 to 255, or None if all are equal."""
    between, _ = _separation(darkness)
    return int(between.argmax()) if between.any() else None


def levels_of(darkness):
    """Return which darkness, 0 to 255, becomes empty and which full, or None if paper and ink hardly differ."""
    between, below = _separation(darkness)
    threshold = int(between.argmax())
    if not between[threshold]:
        return None
    grain = int(np.argmax(4 * below >= 3 * below[threshold]))  # three quarters of the paper are not darker
    above = below - below[threshold]
    full = int(np.argmax(2 * above >= above[-1]))  # half of the ink is not darker
    low = max(threshold // 4, min(threshold // 2, 4 * grain))  # a quarter: what JPEG leaves around strokes
    return (low, full) if full - grain >= FAINT else None


def stretched(darkness, low, high):
    """Return ink, (h, w) uint8: 0 where the darkness is at most `low`, 255 from `high` on."""
    levels = (2 * 255 * (np.arange(256) - low) + high - low) // (2 * (high - low))
    return np.clip(levels, 0, 255).astype(np.uint8)[darkness]
