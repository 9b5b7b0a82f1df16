"""Where the ink is on a photo, and which of it is the digit: what lies on the desk, in the shade, at the edge is not.

Paper, light and shade are wide, ink is thin. So the paper's light at each place is what is left when all that is
thinner than a window is filled up (a morphological closing; J. Serra: Image Analysis and Mathematical Morphology,
1982). Edges of light and of the sheet stay where they are, however sharp, as they are wide on both sides.

widgets/frontend/ink.js does the same in the page. All numbers are whole, or quotients of whole numbers made in the
same order, so that both find the same.
"""

import dataclasses

import numpy as np

INK = 32  # pixels with less than this count as empty when the box around the ink is looked for
PIECE = 80  # pixels with this much ink and more make up pieces
FAINT = 20  # grey levels between paper and ink: with less, nothing is drawn
GAIN = 1.4  # by so much must a wider window find more: shadows of fingers are found by the wide ones only
WINDOWS = (64, 48, 32, 24, 16)  # half a window is this part of height and width together
COLOURLESS = 40  # levels between a pixel's red, green and blue: with less in all, a photo is grey
ROUNDS = 4  # in which what touches the edge is taken away
SEVERAL = "There may be more than one digit; the one near the middle with the most ink was taken."


@dataclasses.dataclass(frozen=True, eq=False)
class Ink:
    """What is drawn on a photo.

    light: whether the paper is lighter than the ink. ink: (h, w) uint8, 0 for none to 255. inside: (h, w) bool, True
    at and around ink that does not touch the edge (at all ink, if all does). kept: the same of the digit's ink.
    doubts: sentences, if something else could be meant. contrast: grey levels from paper to ink. sharpness: how much
    the photo changes along the edges of the ink, less what does not change there though it should. thinness: the
    same, larger for thin lines. alone: whether there is ink that does not touch the edge. whole: whether nearly all
    edges of the ink are edges in the photo.
    """

    light: bool
    ink: np.ndarray
    inside: np.ndarray
    kept: np.ndarray
    doubts: tuple
    contrast: int
    sharpness: int
    thinness: float
    alone: bool
    whole: bool


def find_ink(grey):
    """Return the Ink of a photo in grey levels, (h, w) uint8, or None if nothing is drawn.

    Both are tried, dark ink and light ink, in windows from narrow to wide. The one along whose edges the photo
    changes more is taken: paper between two lines has fewer edges than the lines have, and is wider.
    """
    edges = _edges(grey)
    best = _filling(grey, edges)
    if best:
        return best
    for share in WINDOWS:
        half = max(1, sum(grey.shape) // share)
        both = [_find(*_darkness(grey, light, half), light, edges) for light in (True, False)]
        found = max((one for one in both if one), key=lambda one: (one.alone, one.thinness), default=None)
        if found and (best is None or _is_better(found, best)):
            best, narrow = found, half
    return best and _filled(grey, best, narrow, edges)


def _filling(grey, edges):
    """Return the Ink of a digit that fills a photo, or None if none does.

    Its strokes may be wider than all windows and may touch the edge, so one level of paper is taken for the whole.
    Paper goes all around such a digit and into the corners; what lies beyond a sheet takes corners for itself.
    """
    for light in (True, False):
        depth, darkness = _darkness(grey, light, max(grey.shape), usual=4)
        levels = _levels_of(darkness)
        if levels is None:
            continue
        ink = _stretched(darkness, *levels)
        pieces, numbers = _pieces(ink, depth, edges)
        if _fill(pieces, ink >= PIECE):
            return _ink_of(pieces, numbers, np.zeros(grey.shape, bool), darkness, levels, light, 0.0, True)
    return None


def _fill(pieces, strong):
    """Tell whether most ink is one bent piece over three quarters of the photo, with paper around it.

    It may take one corner, as a 7 does, and a third of the border (a quarter with a corner).
    """
    rows, columns = strong.shape
    border = sum(int(side.sum()) for side in (strong[0], strong[-1], strong[1:-1, 0], strong[1:-1, -1]))
    corners = int(strong[[0, 0, -1, -1], [0, -1, 0, -1]].sum())
    if corners > 1 or (3 + corners) * border > 2 * (rows + columns):
        return False
    total = sum(one.full for one in pieces)
    return any(
        2 * one.full >= total
        and (4 * one.height >= 3 * rows or 4 * one.width >= 3 * columns)
        and (10 * one.area <= 7 * one.height * one.width or one.extent >= 2 * min(one.height, one.width))  # no sheet
        and not one.straight
        and 2 * one.sharpness >= one.depth
        for one in pieces
    )


def _filled(grey, found, half, edges):
    """Return what is found once more, with ink as dark as the found one where a stroke is wider than the window."""
    wide = max(1, sum(grey.shape) // WINDOWS[-1])
    if half == wide:
        return found
    picture = grey if found.light else 255 - grey
    depth, darkness = _darkness(grey, found.light, half)
    full = found.kept & (found.ink >= 128)
    if not full.any():
        return found
    level, paper = _median(picture[full]), _median((picture + depth)[full])
    dark = picture <= level + (paper - level) // 4
    wide_depth, wide_darkness = _darkness(grey, found.light, wide)
    both = np.where(dark, wide_depth, depth), np.where(dark, wide_darkness, darkness)
    return _find(*both, found.light, edges) or found


def _median(levels, part=2):
    """Return the level, 0 to 255, that half of the levels (or another part: one of so many) do not exceed."""
    counts = np.bincount(levels.ravel(), minlength=256).cumsum()
    return int(np.argmax(part * counts >= counts[-1]))


def to_grey(colours):
    """Return the grey levels, (h, w) uint8, in which ink and paper of a photo, (h, w, 3) uint8, differ.

    That is the lightness (ITU-R BT.601), unless the red, the green or the blue light alone shows more than twice the
    contrast: a yellow pen on white paper is as light as the paper, but has no blue.
    """
    red, green, blue = colours.astype(np.uint32).transpose(2, 0, 1)
    lightness = ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16).astype(np.uint8)
    if int((colours.max(axis=2) - colours.min(axis=2)).max()) < COLOURLESS:
        return lightness
    size = -(-max(lightness.shape) // 280)
    most, chosen = 2 * _contrast(lightness[::size, ::size]), lightness
    for channel in range(3):
        contrast = _contrast(colours[::size, ::size, channel])
        if contrast > most:
            most, chosen = contrast, np.ascontiguousarray(colours[..., channel])
    return chosen


def _contrast(grey):
    """Return the grey levels from paper to ink, 0 if nothing is drawn."""
    edges = _edges(grey)
    half = max(1, sum(grey.shape) // WINDOWS[2])
    found = [_find(*_darkness(grey, light, half), light, edges) for light in (True, False)]
    return max((one.contrast for one in found if one and one.alone), default=0)


def _edges(grey):
    """Return how much the levels change around each pixel, (h, w) int64."""
    return filtered(grey, 2, np.maximum).astype(np.int64) - filtered(grey, 2, np.minimum)


def _is_better(found, best):
    """Tell whether what a wider window has found is better: much more, or a little more if the narrow one cut it up."""
    if found.alone != best.alone:
        return found.alone
    return found.sharpness > (GAIN if best.whole else 1.05) * best.sharpness


def _find(depth, darkness, light, edges):
    outside = np.zeros(depth.shape, bool)
    longest, pieces, thinness = max(depth.shape), None, None
    for _ in range(ROUNDS):
        levels = _levels_of(darkness[~outside])
        if levels is None:
            break
        found, numbers = _pieces(_stretched(np.where(outside, 0, darkness), *levels), depth, edges)
        inside = [piece for piece in found if not piece.at_edge and not piece.cut_off]
        alone = 12 * max((piece.extent for piece in inside), default=0) >= longest
        if thinness is None and found:
            score = sum(max(0 if one.at_edge else -one.depth, 2 * one.sharpness - one.depth) for one in found)
            thinness = float(score) * abs(score) * sum(one.outline for one in found) / sum(one.area for one in found)
        if not alone and pieces:
            break
        pieces, of_pieces, (low, high), is_alone = inside if alone else found, numbers, levels, alone
        if not alone or len(inside) == len(found):
            break
        outside |= _near(_mask(numbers, [piece for piece in found if piece.at_edge or piece.cut_off]), 2)
    if not pieces:
        return None
    return _ink_of(pieces, of_pieces, outside, darkness, (low, high), light, thinness, is_alone)


def _ink_of(pieces, numbers, outside, darkness, levels, light, thinness, alone):
    low, high = levels
    sharp, deep = sum(piece.sharpness for piece in pieces), sum(piece.depth for piece in pieces)
    digit, doubts = _digit_of(pieces, darkness.shape)
    kept, within = (_around(numbers, some) for some in (digit, pieces))
    ink = np.where(outside | within, _stretched(darkness, low, high), 0).astype(np.uint8)
    return Ink(light, ink, within, kept, doubts, high - low, 2 * sharp - deep, thinness, alone, 20 * sharp >= 19 * deep)


def _stretched(darkness, low, high):
    """Return ink, (h, w) uint8: 0 where the darkness is at most `low`, 255 from `high` on."""
    return np.clip((2 * 255 * (darkness - low) + high - low) // (2 * (high - low)), 0, 255).astype(np.uint8)


def _mask(numbers, pieces):
    return np.isin(numbers, [piece.number for piece in pieces])


def _around(numbers, pieces):
    """Return where pieces are, with the paler ink along their edges but without what belongs to others."""
    mask = _mask(numbers, pieces)
    return mask | (_near(mask, 1) & (numbers == 0))


def filtered(values, half, choose):
    """Return for each pixel the largest (np.maximum) or smallest value at most `half` rows and columns away."""
    from scipy import ndimage  # here, as it takes long to load

    of = ndimage.maximum_filter1d if choose is np.maximum else ndimage.minimum_filter1d
    for axis in (0, 1):
        values = of(values, 2 * half + 1, axis, mode="nearest")
    return values


def _near(mask, half):
    return filtered(mask.astype(np.uint8), half, np.maximum) > 0


def _darkness(grey, light, half, usual=2):
    """Return how much darker each pixel is than its paper (lighter, if the paper is dark): (h, w) int64, 0 to 255.

    usual: at least one of so many pixels is paper.
    """
    picture = grey if light else 255 - grey
    paper = filtered(filtered(picture, half, np.maximum), half, np.minimum).astype(np.int64)
    depth = darkness = paper - picture
    if light:  # light on paper multiplies; where there is hardly any, grain would
        most = np.maximum(np.maximum(paper, int(paper.max()) // 4), 1)
        darkness = (2 * 255 * darkness + most) // (2 * most)
    return depth, np.maximum(darkness - _median(darkness, usual), 0)


def _levels_of(darkness):
    """Return which darkness, 0 to 255, becomes empty and which full, or None if paper and ink hardly differ."""
    counts = np.bincount(darkness.ravel(), minlength=256)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    above, rest = below[-1] - below, sums[-1] - sums
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums / below - rest / above
        between = np.where((below > 0) & (above > 0), (below * above) * (gap * gap), 0)
    threshold = int(between.argmax())
    if not between[threshold]:
        return None
    grain = int(np.argmax(4 * below >= 3 * below[threshold]))  # three quarters of the paper are not darker
    full = int(np.argmax(2 * (below - below[threshold]) >= above[threshold]))  # half of the ink is not darker
    low = max(threshold // 4, min(threshold // 2, 4 * grain))  # a quarter: what JPEG leaves around strokes
    return (low, full) if full - grain >= FAINT else None


@dataclasses.dataclass(frozen=True)
class _Piece:
    """Ink that hangs together: its box, how many pixels are full, whether it touches the edge, how straight it is."""

    number: int
    top: int
    bottom: int
    left: int
    right: int
    full: int
    at_edge: bool
    straight: bool
    sharpness: int
    depth: int
    outline: int
    area: int

    @property
    def cut_off(self):
        return 3 * self.sharpness < 2 * self.depth

    @property
    def height(self):
        return self.bottom - self.top

    @property
    def width(self):
        return self.right - self.left

    @property
    def extent(self):
        return max(self.height, self.width)


def _pieces(ink, depth, edges):
    """Return the pieces of ink and the number of each pixel's; specks are none of them.

    Specks have less than a fiftieth of the largest piece's full ink.
    """
    from scipy import ndimage

    numbers, count = ndimage.label(ink >= PIECE, structure=np.ones((3, 3)))
    if not count:
        return [], numbers
    rows, columns = (n.ravel() for n in np.indices(ink.shape))
    flat = numbers.ravel()
    outline = (numbers > 0) & (filtered((numbers > 0).astype(np.uint8), 1, np.minimum) == 0)
    sums = lambda values: np.bincount(flat, weights=values, minlength=count + 1)  # noqa: E731
    full = sums((ink >= 128).ravel())
    full[0] = 0
    long = sums(outline.ravel())
    deep, sharp = sums((depth * outline).ravel()), sums((np.minimum(depth, edges) * outline).ravel())
    area, x, y = sums(np.ones(flat.size)), sums(columns), sums(rows)
    xx, yy, xy = sums(columns * columns), sums(rows * rows), sums(columns * rows)
    pieces = []
    for number, (vertical, horizontal) in enumerate(ndimage.find_objects(numbers), 1):
        if not full[number] or 50 * full[number] < full.max():
            continue
        n = area[number]
        a = xx[number] / n - (x[number] / n) * (x[number] / n) + 1 / 12
        b = yy[number] / n - (y[number] / n) * (y[number] / n) + 1 / 12
        c = xy[number] / n - (x[number] / n) * (y[number] / n)
        box = vertical.start, vertical.stop, horizontal.start, horizontal.stop
        edge = box[0] == 0 or box[1] == ink.shape[0] or box[2] == 0 or box[3] == ink.shape[1]
        straight = (a + b) * (a + b) >= 30 * (a * b - c * c)
        pieces.append(
            _Piece(
                number,
                *box,
                int(full[number]),
                bool(edge),
                bool(straight),
                int(sharp[number]),
                int(deep[number]),
                int(long[number]),
                int(n),
            )
        )
    return pieces, numbers


def _digit_of(pieces, shape):
    """Return the pieces that make up the digit, and doubts."""
    left = [one for one in pieces if not any(_is_around(one, other) for other in pieces)]
    left = [one for one in left if not any(_is_below(one, other) for other in left)]
    bent = [one for one in left if not one.straight]
    tallest = max(one.extent for one in left)
    if bent and 3 * max(one.extent for one in bent) >= tallest:
        left = [one for one in left if not one.straight or 3 * one.extent < tallest or _within(one, bent)]

    def weight(one):
        away = max(abs(one.top + one.bottom - shape[0]) / shape[0], abs(one.left + one.right - shape[1]) / shape[1])
        return one.full * (1.5 - away)

    if not bent and len(left) > 1:  # several straight lines: a 1, and a pen or its like beside it
        weigh = lambda one: weight(one) / one.full  # noqa: E731
    else:
        weigh = weight
    main = max(left, key=lambda one: (weigh(one), -one.top, -one.left))
    digit, rest = [main], [one for one in left if one is not main]
    while True:
        top, bottom = min(one.top for one in digit), max(one.bottom for one in digit)
        start, end = min(one.left for one in digit), max(one.right for one in digit)
        size = max(bottom - top, end - start)
        more = [
            one
            for one in rest
            if 4 * max(one.top - bottom, top - one.bottom, one.left - end, start - one.right) <= size
            and not (
                10 * one.height >= (4 if one.straight and all(x.straight for x in digit) else 7) * (bottom - top)
                and 10 * max(one.left - end, start - one.right) >= one.height
            )
        ]
        if not more:
            break
        digit += more
        rest = [one for one in rest if one not in more]
    doubts = tuple(SEVERAL for one in rest if 2 * one.height >= bottom - top)[:1]
    return digit, doubts


def _within(one, others):
    """Tell whether a piece lies close to others, as the strokes of one digit do."""
    return any(
        max(other.top - one.bottom, one.top - other.bottom, other.left - one.right, one.left - other.right) <= 0
        for other in others
    )


def _is_around(ring, other):
    """Tell whether a piece goes round another one that is at least a third as high: a ring or a box."""
    return (
        ring.top < other.top
        and ring.bottom > other.bottom
        and ring.left < other.left
        and ring.right > other.right
        and 3 * other.height >= ring.height
    )


def _is_below(line, other):
    """Tell whether a piece is a line under another one."""
    flat = line.width >= 3 * line.height and line.height * 3 <= other.height
    beside = min(line.right, other.right) - max(line.left, other.left)
    return flat and 2 * beside >= other.width and 4 * line.top >= 3 * other.bottom + other.top and line is not other
