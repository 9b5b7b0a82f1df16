"""Your own handwriting: from a photo or a scan to a 28 x 28 image like MNIST's.

MNIST's digits were scaled, keeping their proportions, into a box of 20 x 20 pixels, became grey where the edge of
the ink crosses a pixel, and were moved so that their centre of mass lies in the middle of 28 x 28 (Y. LeCun,
L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition, Proceedings of the IEEE,
1998, section III.A). What a photo needs before that, paper and light taken away, is ours.

widgets/frontend/photo.js and handwriting.js do the same in the page. All numbers up to the crop are whole, so that both
languages find the same; the last picture agrees to within one grey level of 255.
"""

import dataclasses

import numpy as np

from mnist_tutorial.handwriting.read_image import LONGEST, HandwritingError, named, read_grey

STEPS = ("grey", "background", "invert", "crop", "scale", "centre")
SIDE, BOX = 28, 20
MIDDLE = 14.5  # of pixel 14, counted from 0: there MNIST's digits have their centre of mass
INK = 32  # pixels with less than this count as empty when the box around the ink is looked for
MOST_PIECES = 1000  # of ink on a photo of several digits: each is compared with each
ROUNDS = 3  # in which paper is told from ink
FAINT = 20  # grey levels between paper and ink: with less, nothing is drawn


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Prepared:
    """A digit made ready for the network.

    image: (28, 28) uint8, light ink on 0, as MNIST. steps: the name of each step that was taken to the picture it
    made, (height, width) uint8, in order.
    """

    image: np.ndarray
    steps: dict

    def __repr__(self):
        return f"Prepared(image: 28 x 28, steps: {', '.join(self.steps) or 'none'})"


def prepare(source, *, skip=()):
    """Make a photo or a scan of one digit into an image like MNIST's.

    source: the path of a picture file, a PIL image, or an array, (h, w) or (h, w, 3 or 4), of uint8, uint16, bool or
    floats from 0 to 1. Of an animation, the first frame counts; what is transparent is white paper; a photo taken
    upright stands upright. skip: names of steps to leave out, to see what they are good for:

    "grey": the lightness of each pixel. Without it, the red light alone: red ink vanishes.
    "background": paper becomes even and white (or black), ink strong. Without it, light and shade stay.
    "invert": light ink on black, if the paper is light. Without it, the network sees white paper as ink.
    "crop": cut out the ink. Without it, the whole picture is scaled and centred.
    "scale": the longer side takes 20 pixels. Without it, the digit is as small as it is on the whole picture.
    "centre": the ink's centre of mass goes to the middle. Without it, the digit stays where it was on the paper.

    Returns a Prepared. Raises FileNotFoundError for a path that is not there, and HandwritingError for a file that
    is no picture, is damaged, empty or larger than 50 megapixels, for an array of another form, a picture smaller
    than 8 x 8, one on which nothing is drawn, and an unknown step.
    """
    skip = check_skip(skip)
    grey = read_grey(source, red_only="grey" in skip)
    return prepare_grey(grey, skip) or _complain_of_nothing(source)


def _complain_of_nothing(source):
    raise HandwritingError(
        f"Nothing is drawn on {named(source)}: no ink stands out from the paper by {FAINT} of 255 grey levels. "
        "Use a darker pen, more light, or come closer."
    )


def prepare_grey(grey, skip=()):
    """Make a picture in grey levels, (h, w) uint8, as read_grey gives it, into a Prepared; None without ink."""
    light = paper_is_light(grey)
    even = remove_background(grey, light)
    if even is None:
        return None
    steps = {} if "grey" in skip else {"grey": grey}
    picture = grey
    if "background" not in skip:
        steps["background"] = picture = even
    if "invert" not in skip:
        steps["invert"] = picture = 255 - picture if light else picture
    image, fitted = fit(picture, skip)
    return Prepared(image, steps | fitted)


def split(source):
    """Make a photo of several digits into a list of Prepared, in reading order.

    source: as for prepare(). Pieces of ink that hang together are a digit. Pieces less than a fifth as high and wide
    as the usual digit are specks and dropped. Two pieces are parts of one digit, such as the two strokes of a 5, if
    one lies over most of the other's width and little or no paper is between them. Digits whose heights overlap by
    half stand in one line; lines are read from top to bottom, each from left to right.

    Limits: digits that touch are taken as one. A digit in two pieces side by side is taken as two, and a line close
    below another as parts of its digits. The lines of ruled paper are ink. Lines that slope by more than half the
    height of a digit are not read in order. Raises as prepare() does, and HandwritingError for more than 1,000 pieces.
    """
    from scipy import ndimage

    grey = read_grey(source, longest=4 * LONGEST)
    light = paper_is_light(grey)
    even = remove_background(grey, light)
    names = 0
    if even is not None:
        ink = 255 - even if light else even
        pieces, names = ndimage.label(ink >= INK, structure=np.ones((3, 3)))
    if not names:
        _complain_of_nothing(source)
    boxes = [(rows.start, rows.stop, columns.start, columns.stop) for rows, columns in ndimage.find_objects(pieces)]
    found = []
    for box, members in _reading_order(_digits(boxes, source)):
        around = _with_margin(box, grey.shape)
        digit = np.where(np.isin(pieces[around], members), ink[around], 0).astype(np.uint8)
        image, fitted = fit(digit)
        parts = {"grey": grey[around], "background": even[around], "invert": digit}
        found.append(Prepared(image, parts | fitted))
    return found


def _digits(boxes, source):
    """Return what belongs together: a list of ((top, bottom, left, right), numbers of the pieces from 1)."""
    from scipy.sparse import csgraph

    boxes = np.array(boxes)
    sizes = np.maximum(boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2])
    usual = np.median(sizes[sizes >= sizes.max() / 3])
    numbers = np.flatnonzero(sizes >= usual / 5) + 1
    if len(numbers) > MOST_PIECES:
        raise HandwritingError(
            f"{named(source)} has {len(numbers):,} pieces of ink; expected at most {MOST_PIECES:,}. "
            "Take a photo of fewer digits, on paper without a pattern."
        )
    boxes, digit_of = boxes[numbers - 1], np.arange(len(numbers))
    while True:
        top, bottom, left, right = boxes.T
        common = np.minimum.outer(right, right) - np.maximum.outer(left, left)
        gap = np.maximum.outer(top, top) - np.minimum.outer(bottom, bottom)
        together = (2 * common >= np.minimum.outer(right - left, right - left)) & (gap <= 0.25 * usual)
        count, groups = csgraph.connected_components(together)
        digit_of = groups[digit_of]
        lows, highs = ([of(boxes[groups == group], axis=0) for group in range(count)] for of in (np.min, np.max))
        merged = np.where([True, False, True, False], lows, highs)
        if len(merged) == len(boxes):
            break
        boxes = merged
    tall = np.maximum(merged[:, 1] - merged[:, 0], merged[:, 3] - merged[:, 2]) >= usual / 3
    return [(tuple(merged[i].tolist()), numbers[digit_of == i]) for i in np.flatnonzero(tall)]


def _reading_order(digits):
    lines = []
    for box, numbers in sorted(digits, key=lambda digit: digit[0][0] + digit[0][1]):
        line = lines[-1] if lines else None
        if line is not None:
            top, bottom = np.mean([other[0] for other, _ in line]), np.mean([other[1] for other, _ in line])
            common = min(bottom, box[1]) - max(top, box[0])
        if line is not None and common >= 0.5 * min(bottom - top, box[1] - box[0]):
            line.append((box, numbers))
        else:
            lines.append([(box, numbers)])
    return [digit for line in lines for digit in sorted(line, key=lambda digit: digit[0][2])]


def _with_margin(box, shape):
    top, bottom, left, right = box
    margin = max(2, max(bottom - top, right - left) // 8)
    return (
        slice(max(0, top - margin), min(shape[0], bottom + margin)),
        slice(max(0, left - margin), min(shape[1], right + margin)),
    )


# The steps.


def box_sums(values, half):
    """Return for each pixel the sum of the values at most `half` rows and columns away: (h, w) int64."""
    sums = np.pad(values.astype(np.int64), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    for axis, length in enumerate(values.shape):
        at = np.arange(length)
        sums = sums.take(np.minimum(at + half + 1, length), axis) - sums.take(np.maximum(at - half, 0), axis)
    return sums


def paper_is_light(grey):
    """Tell whether ink is darker than paper, by two signs.

    Ink covers less than paper does and so lies further from the mean of its surroundings: the signed squares of these
    distances, as a share of all squares, add up to less than zero if it is dark. Along the edge of the picture is
    more paper than inside: it is lighter than the inside if ink is dark (in standard deviations; counts half).
    """
    half = sum(grey.shape) // 8
    distance = grey - box_sums(grey, half) / box_sums(np.ones_like(grey), half)
    squares = (distance * np.abs(distance)).ravel().cumsum()[-1]  # added up one by one, as in JavaScript
    all_squares = max((distance * distance).ravel().cumsum()[-1], 1e-9)
    edge = min(grey.shape) // 8
    levels = grey.astype(np.int64)
    whole, rim = int(levels.sum()), 0
    if edge:  # a strip of fewer than 8 pixels is all edge
        inside = levels[edge:-edge, edge:-edge]
        rim = (whole - int(inside.sum())) / (grey.size - inside.size) - int(inside.sum()) / inside.size
    spread = np.sqrt(grey.size * int((levels * levels).sum()) - whole * whole) / grey.size
    return bool(0.5 * rim / max(spread, 1) - squares / all_squares >= 0)


def remove_background(grey, light):
    """Return the picture with even paper, 255 if `light` and else 0, and strong ink; None if there is no ink.

    1. What is darker than the mean of its surroundings by 15 percent is taken for ink (Bradley and Roth: Adaptive
       thresholding using the integral image, 2007); the paper's light at each place is the mean of the rest around.
       What is darker than that by 15 percent is ink, too; so twice more.
    2. Light on paper multiplies: each pixel is divided by its paper's light. On dark paper it is subtracted.
    3. Otsu's threshold (1979) parts ink from paper; levels are stretched so that the middle one of the ink is full,
       and paper with its grain is empty.
    4. Specks, pieces with less than a fiftieth of the full ink of the largest piece, become paper.
    """
    picture = (grey if light else 255 - grey).astype(np.int64)
    half = sum(grey.shape) // 8
    ones = np.ones_like(grey)
    count, total = box_sums(ones, half), box_sums(picture, half)
    for _ in range(ROUNDS):
        paper = 20 * picture * count >= 17 * total
        count, total = int(paper.sum()), int((picture * paper).sum())
        for near in (half, half // 2):  # the nearest surroundings of which at least a quarter is paper
            papers = box_sums(paper, near)
            enough = 4 * papers >= box_sums(ones, near)
            count = np.where(enough, papers, count)
            total = np.where(enough, box_sums(picture * paper, near), total)
    total = np.maximum(total, 1)
    even = 255 * picture * count / total if light else 255 + picture - total / count
    darkness = 255 - np.clip(np.floor(even + 0.5), 0, 255).astype(np.int64)
    range_ = _levels_of(darkness)
    if range_ is None:
        return None
    low, high = range_
    ink = np.clip(np.floor((darkness - low) * 255 / (high - low) + 0.5), 0, 255).astype(np.uint8)
    ink = _without_specks(ink)
    return 255 - ink if light else ink


def _without_specks(ink):
    from scipy import ndimage  # here, as it takes long to load

    pieces, _ = ndimage.label(ink >= INK, structure=np.ones((3, 3)))
    full = np.bincount(pieces.ravel(), weights=(ink >= 128).ravel())
    full[0] = 0
    return np.where((full > 0) & (50 * full >= full.max()), 1, 0).astype(np.uint8)[pieces] * ink


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
    low = min(threshold // 2, 4 * grain)
    return (low, full) if full - grain >= FAINT else None


def fit(picture, skip=(), least=0):
    """Crop, scale and centre light ink on 0, as MNIST's digits were; return the image and the steps' pictures.

    picture: (h, w) uint8. least: a box around the ink smaller than this many pixels is scaled as if it had that
    size, so that a dot stays a dot. Returns (28, 28) uint8, each pixel the average of the picture over the area that
    it covers, and a dict, step to (height, width) uint8. The box always stays inside the image.
    """
    steps = {}
    ends = [(0, picture.shape[0]), (0, picture.shape[1])]
    if "crop" not in skip:
        ends = [_ink_ends(picture.max(axis=1 - axis)) for axis in (0, 1)]
        if None in ends:
            return np.zeros((SIDE, SIDE), dtype=np.uint8), steps
        steps["crop"] = picture[slice(*ends[0]), slice(*ends[1])]
    cut = picture[slice(*ends[0]), slice(*ends[1])]
    whole = SIDE / max(picture.shape)
    scale = whole if "scale" in skip else BOX / max(*cut.shape, least)
    if "scale" not in skip:
        steps["scale"] = _average(cut, scale, (0, 0), [max(1, int(np.floor(n * scale + 0.5))) for n in cut.shape])
    total = int(cut.sum(dtype=np.int64))
    shifts = []
    for axis, (start, end) in enumerate(ends):
        if "centre" in skip or not total:  # where it was on the whole picture
            shift = SIDE / 2 + ((start + end) / 2 - picture.shape[axis] / 2) * whole - (end - start) * scale / 2
        else:
            ink = cut.sum(axis=1 - axis, dtype=np.int64)
            shift = MIDDLE - int(ink @ (2 * np.arange(len(ink)) + 1)) / (2 * total) * scale
        shifts.append(max(0, min(SIDE - (end - start) * scale, shift)))
    image = _average(cut, scale, shifts, (SIDE, SIDE))
    if "centre" not in skip:
        steps["centre"] = image
    return image, steps


def _ink_ends(most):
    at = np.flatnonzero(most >= INK)
    return (int(at[0]), int(at[-1]) + 1) if len(at) else None


def _average(picture, scale, shifts, shape):
    """Return the picture scaled and then moved down and right, averaged over each pixel; outside it is empty."""
    rows, columns = (_overlaps(n, scale, shift, m) for n, shift, m in zip(picture.shape, shifts, shape, strict=True))
    return np.minimum(np.floor(rows @ picture.astype(float) @ columns.T + 0.5), 255).astype(np.uint8)


def _overlaps(length, scale, shift, pixels):
    """Return how much of each new pixel each old one covers: (pixels, length)."""
    edges = (np.arange(pixels + 1)[:, None] - shift) / scale
    at = np.arange(length)
    return np.clip(np.minimum(edges[1:], at + 1) - np.maximum(edges[:-1], at), 0, None) * scale


def check_skip(skip):
    """Return the names of steps to leave out as a tuple; raises HandwritingError for an unknown one."""
    skip = (skip,) if isinstance(skip, str) else tuple(skip)
    unknown = [name for name in skip if name not in STEPS]
    if unknown:
        raise HandwritingError(f"skip was given {unknown[0]!r}; it expects names among {', '.join(STEPS)}.")
    return skip


def read_ink(source):
    """Return a picture as read_grey() does, if there is ink on it; raises HandwritingError if there is none."""
    grey = read_grey(source)
    return grey if prepare_grey(grey) else _complain_of_nothing(source)
