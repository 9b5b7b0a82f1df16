"""Your own handwriting: from a photo or a scan to a 28 x 28 image like MNIST's.

MNIST's digits were scaled, keeping their proportions, into a box of 20 x 20 pixels, became grey where the edge of
the ink crosses a pixel, and were moved so that their centre of mass lies in the middle of 28 x 28 (Y. LeCun,
L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition, Proceedings of the IEEE,
1998, section III.A). What a photo needs before that, paper and light taken away, is ours.

ink.py finds the ink. widgets/frontend/photo.js, ink.js and handwriting.js do the same in the page. All numbers up to
the crop are whole, so that both languages find the same; the last image agrees to within one grey level of 255.
"""

import dataclasses
import functools
import reprlib

import numpy as np

from mnist_tutorial.handwriting.components import STRONG
from mnist_tutorial.handwriting.cuts import cut_apart
from mnist_tutorial.handwriting.doubts import (
    CUT_APART,
    INK,
    TALL,
    TOUCHING,
    UPSTROKE,
    doubts_of,
    has_upstroke,
    touching,
)
from mnist_tutorial.handwriting.frame import part_of
from mnist_tutorial.handwriting.ink import find_ink
from mnist_tutorial.handwriting.paper import FAINT, filtered
from mnist_tutorial.handwriting.read_image import LONGEST, HandwritingError, named, read_grey

STEPS = ("grey", "background", "invert", "isolate", "crop", "thicken", "scale", "centre")
SIDE, BOX = 28, 20
MIDDLE = 14.5  # of pixel 14, counted from 0: there MNIST's digits have their centre of mass
THINNEST = 1.6  # pixels of the 28 x 28: strokes are made at least so wide, as most of MNIST's are
MAX_CUT = 100  # digits on a photo: of more, none is cut apart, as that takes a tenth of a second for each
MAX_PIECES = 1000  # of ink on a photo of several digits: each is compared with each


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Prepared:
    """A digit made ready for the network.

    image: (28, 28) uint8, light ink on 0, as MNIST. steps: the name of each step that was taken to the image it
    made, (height, width) uint8, in order. doubts: sentences on what else could be meant, none if the digit is clear.
    """

    image: np.ndarray
    steps: dict
    doubts: tuple = ()

    def __repr__(self):
        return f"Prepared(image: 28 x 28, steps: {', '.join(self.steps) or 'none'})"


def prepare(source, *, frame=None, skip=()):
    """Make a photo or a scan of one digit into an image like MNIST's.

    source: the path of an image file, a PIL image, or an array, (h, w) or (h, w, 3 or 4), of uint8, uint16, bool or
    floats from 0 to 1. Of an animation, the first frame counts; what is transparent is white paper, or black, if
    little else is there and that is light; a photo taken upright stands upright. frame: (x, y, width, height), whole
    numbers, to look for the digit in this part of the photo alone, as with DigitPad's frame: in pixels of the photo as
    read_grey() gives it, at most 280 on the longer side; x and y are the frame's left and top. skip: names of steps to
    leave out, to see what they are good for:

    "grey": the lightness of each pixel, or its red, green or blue light alone, if ink and paper differ much more in
        that. Without it, always the red light: red ink vanishes.
    "background": paper becomes even and white (or black), ink strong. Without it, light and shade stay.
    "invert": light ink on black, if the paper is light. Without it, the network sees white paper as ink.
    "isolate": keep the digit only. What touches the edge (a finger, the desk, another digit) goes if there is ink
        inside, and so do a line under the digit, a ring or a box around it, and a pen beside it. Without it, all stay.
    "crop": cut out the ink. Without it, the whole image is scaled and centred.
    "thicken": strokes thinner than most of MNIST's are widened. Without it, those of a thin pen are pale.
    "scale": the longer side takes 20 pixels. Without it, the digit is as small as it is on the whole image.
    "centre": the ink's centre of mass goes to the middle. Without it, the digit stays where it was on the paper.

    Returns a Prepared. Raises FileNotFoundError for a path that is not there, and HandwritingError for a file that
    is not an image, is damaged, empty or larger than 50 megapixels, for an array of another form, an image smaller
    than 8 x 8, one on which nothing is drawn, a frame that does not lie on the photo, is smaller than 8 x 8 or has no
    ink in it, and an unknown step.
    """
    skip = check_skip(skip)
    grey = read_grey(source, red_only="grey" in skip)
    part = grey if frame is None else part_of(grey, frame)
    return prepare_grey(part, skip, framed=frame is not None) or _complain_of_nothing(source, frame)


def _complain_of_nothing(source, frame=None):
    if frame is None:
        what, advice = f"on {named(source)}", "Use a darker pen, more light, or come closer."
    else:
        numbers = ", ".join(str(int(one)) for one in frame)
        what, advice = f"in the frame ({numbers}) on {named(source)}", "Move the frame, or make it larger."
    raise HandwritingError(
        f"Nothing is drawn {what}: no ink stands out from the paper by {FAINT} of 255 grey levels. {advice}"
    )


def prepare_grey(grey, skip=(), *, framed=False):
    """Make an image in grey levels, (h, w) uint8, as read_grey gives it, into a Prepared; None without ink.

    framed: whether it is what lies in a frame that a reader has drawn, which may cut the digit.
    """
    return _prepared(grey, find_ink(grey), skip, framed)


def prepare_again(grey, skip=(), *, framed=False):
    """Do the same as prepare_grey(), but find the ink of the last image once: switches are thrown one after the other.

    The arrays among the steps may be shared: they are not to be written to.
    """
    return _prepared(grey, _ink_of(grey), skip, framed)


def _ink_of(grey):
    return _ink_in(grey.tobytes(), grey.shape)


@functools.lru_cache(maxsize=1)
def _ink_in(content, shape):
    return find_ink(np.frombuffer(content, np.uint8).reshape(shape))


def _prepared(grey, found, skip, framed):
    if found is None:
        return None
    steps = {} if "grey" in skip else {"grey": grey}
    pixels, empty = grey, 255 if found.light else 0
    if "background" not in skip:
        steps["background"] = pixels = 255 - found.ink if found.light else found.ink
    if "invert" not in skip:
        steps["invert"] = pixels = 255 - pixels if found.light else pixels
        empty = 0
    if "isolate" not in skip:
        steps["isolate"] = pixels = np.where(found.kept | (found.ink == 0), pixels, empty).astype(np.uint8)
    image, fitted = fit(pixels, skip, thinnest=THINNEST)
    return Prepared(image, steps | fitted, doubts_of(grey, found, framed=framed))


def split(source):
    """Make a photo of several digits into a list of Prepared, in reading order.

    source: as for prepare(). Pieces of ink that hang together are a digit. Pieces less than a fifth as high and wide
    as the usual digit are specks and dropped. Two pieces are parts of one digit, such as the two strokes of a 5, if
    one lies over most of the other's width and little or no paper is between them. Digits whose heights overlap by
    half stand in one line; lines are read from top to bottom, each from left to right.

    Two digits that touch, side by side or one below the other, are cut apart where both halves then look most like
    digits to the book's network; they are given with a doubt.

    Limits: some digits that touch are cut in the wrong place or taken as one, most of these with a doubt; three in a
    row are not cut apart, and on a photo of more than 100 digits none are. A digit in two pieces side by side is taken
    as two; what is much taller than the other digits is given with a doubt. The lines of ruled paper are ink. Lines
    that slope by more than half the height of a digit are not read in order. Raises as prepare() does, and
    HandwritingError for more than 1,000 pieces.
    """
    from scipy import ndimage

    grey = read_grey(source, longest=4 * LONGEST)
    ink_found = find_ink(grey)
    if ink_found is None:
        _complain_of_nothing(source)
    ink = np.where(ink_found.inside, ink_found.ink, 0).astype(np.uint8)
    even = 255 - ink if ink_found.light else ink
    pieces, _ = ndimage.label(ink >= INK, structure=np.ones((3, 3)))
    boxes = [(rows.start, rows.stop, columns.start, columns.stop) for rows, columns in ndimage.find_objects(pieces)]
    found, digits = [], _reading_order(_cut_apart(_digits(boxes, source), pieces, ink))
    heights = [bottom - top for (top, bottom, _, _), _ in digits]
    for box, (own, doubts) in digits:
        around = _with_margin(box, grey.shape)
        digit = np.zeros(even[around].shape, np.uint8)
        digit[tuple(slice(box[2 * i] - at.start, box[2 * i + 1] - at.start) for i, at in enumerate(around))] = own
        image, fitted = fit(digit, thinnest=THINNEST)
        parts = {"grey": grey[around], "background": even[around], "invert": 255 - even[around], "isolate": digit}
        if has_upstroke(digit >= STRONG):
            doubts += (UPSTROKE,)
        if len(heights) > 2 and 5 * (box[1] - box[0]) >= 7 * np.median(heights):
            doubts += (TALL,)
        found.append(Prepared(image, parts | fitted, doubts))
    return found


def _cut_apart(digits, pieces, ink):
    """Return digits with their ink, cut apart where they touch: a list of (box, (ink in the box, doubts))."""
    usual, apart = np.median([bottom - top for (top, bottom, _, _), _ in digits]), []
    for (top, bottom, left, right), members in digits:
        place = slice(top, bottom), slice(left, right)
        own = np.where(np.isin(pieces[place], members), ink[place], 0).astype(np.uint8)
        touches, both = touching(own >= STRONG), ()
        if len(digits) <= MAX_CUT:
            fitted = lambda part: fit(part, thinnest=THINNEST)[0]  # noqa: E731
            both, may_touch = cut_apart(own, fitted, touches=touches, usual=usual)
            touches = touches or may_touch
        for part in both or (own,):
            rows, columns = (_ink_ends(part.max(axis=axis)) for axis in (1, 0))
            box = top + rows[0], top + rows[1], left + columns[0], left + columns[1]
            doubts = (CUT_APART,) if both else (TOUCHING,) if touches else ()
            apart.append((box, (part[slice(*rows), slice(*columns)], doubts)))
    return apart


def _digits(boxes, source):
    """Return what belongs together: a list of ((top, bottom, left, right), numbers of the pieces from 1)."""
    from scipy.sparse import csgraph

    boxes = np.array(boxes)
    sizes = np.maximum(boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2])
    usual = np.median(sizes[sizes >= sizes.max() / 3])
    numbers = np.flatnonzero(sizes >= usual / 5) + 1
    if len(numbers) > MAX_PIECES:
        raise HandwritingError(
            f"{named(source)} has {len(numbers):,} pieces of ink; expected at most {MAX_PIECES:,}. "
            "Take a photo of fewer digits, on paper without a pattern."
        )
    boxes, digit_of = boxes[numbers - 1], np.arange(len(numbers))
    while True:
        top, bottom, left, right = boxes.T
        height = np.maximum.outer(bottom, bottom) - np.minimum.outer(top, top)
        common = np.minimum.outer(right, right) - np.maximum.outer(left, left)
        gap = np.maximum.outer(top, top) - np.minimum.outer(bottom, bottom)
        together = (
            (2 * common >= np.minimum.outer(right - left, right - left))
            & (gap <= 0.25 * usual)
            & (height <= 1.75 * usual)
        )
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


def fit(pixels, skip=(), least=0, thinnest=0):
    """Crop, scale and centre light ink on 0, as MNIST's digits were; return the image and what each step made.

    pixels: (h, w) uint8. least: a box around the ink smaller than this many pixels is scaled as if it had that
    size, so that a dot stays a dot. thinnest: strokes thinner than this many pixels of the 28 are made as wide.
    Returns (28, 28) uint8, each pixel the average of the pixels over the area that it covers, and a dict, step to
    (height, width) uint8. The box always stays inside the image.
    """
    steps = {}
    ends = [(0, pixels.shape[0]), (0, pixels.shape[1])]
    if "crop" not in skip:
        ends = [_ink_ends(pixels.max(axis=1 - axis)) for axis in (0, 1)]
        if None in ends:
            return np.zeros((SIDE, SIDE), dtype=np.uint8), steps
        steps["crop"] = pixels[slice(*ends[0]), slice(*ends[1])]
    cut = pixels[slice(*ends[0]), slice(*ends[1])]
    whole = SIDE / max(pixels.shape)
    if thinnest and "thicken" not in skip:
        reach = _missing_width(cut, thinnest * (1 / whole if "scale" in skip else max(*cut.shape, least) / BOX)) / 2
        steps["thicken"] = cut = _thickened(cut, reach)
        ends = [(start - int(reach), end + int(reach)) for start, end in ends]
    scale = whole if "scale" in skip else BOX / max(*cut.shape, least)
    if "scale" not in skip:
        steps["scale"] = _average(cut, scale, (0, 0), [max(1, int(np.floor(n * scale + 0.5))) for n in cut.shape])
    total = int(cut.sum(dtype=np.int64))
    shifts = []
    for axis, (start, end) in enumerate(ends):
        if "centre" in skip or not total:  # where it was on the whole image
            shift = SIDE / 2 + ((start + end) / 2 - pixels.shape[axis] / 2) * whole - (end - start) * scale / 2
        else:
            ink = cut.sum(axis=1 - axis, dtype=np.int64)
            shift = MIDDLE - int(ink @ (2 * np.arange(len(ink)) + 1)) / (2 * total) * scale
        shifts.append(max(0, min(SIDE - (end - start) * scale, shift)))
    image = _average(cut, scale, shifts, (SIDE, SIDE))
    if "centre" not in skip:
        steps["centre"] = image
    return image, steps


def _missing_width(pixels, wanted):
    """Return by how many pixels the usual stroke is thinner than wanted, or 0.

    The width is the area over half of the outline; pixels make lines at a slant a quarter too long on average.
    Holes of two pixels and less do not count: black and white dots may stand for grey.
    """
    full = filtered(filtered(np.pad(pixels >= 128, 1).astype(np.uint8), 1, np.maximum), 1, np.minimum)
    outline = int((full[1:] != full[:-1]).sum()) + int((full[:, 1:] != full[:, :-1]).sum())
    return max(0, wanted - 2.5 * int(full.sum()) / max(outline, 1))


def _thickened(pixels, reach):
    """Return pixels, larger by `reach` on each side, each pixel as bright as the brightest so near to it."""
    from scipy import ndimage  # here, as it takes long to load

    margin = int(reach)
    if not margin:
        return pixels
    disk = np.add.outer(*2 * [np.arange(-margin, margin + 1) ** 2]) <= reach * reach
    return ndimage.grey_dilation(np.pad(pixels, margin), footprint=disk, mode="constant")


def _ink_ends(most):
    at = np.flatnonzero(most >= INK)
    return (int(at[0]), int(at[-1]) + 1) if len(at) else None


def _average(pixels, scale, shifts, shape):
    """Return pixels scaled and then moved down and right, averaged over each pixel; outside it is empty."""
    rows, columns = (_overlaps(n, scale, shift, m) for n, shift, m in zip(pixels.shape, shifts, shape, strict=True))
    return np.minimum(np.floor(rows @ pixels.astype(float) @ columns.T + 0.5), 255).astype(np.uint8)


def _overlaps(length, scale, shift, pixels):
    """Return how much of each new pixel each old one covers: (pixels, length)."""
    edges = (np.arange(pixels + 1)[:, None] - shift) / scale
    at = np.arange(length)
    return np.clip(np.minimum(edges[1:], at + 1) - np.maximum(edges[:-1], at), 0, None) * scale


def check_skip(skip):
    """Return the names of steps to leave out as a tuple; raises HandwritingError for an unknown one."""
    try:
        skip = (skip,) if isinstance(skip, str) else tuple(skip)
    except TypeError:
        skip = (skip,)
    unknown = [name for name in skip if not (isinstance(name, str) and name in STEPS)]
    if unknown:
        found = reprlib.repr(unknown[0])
        raise HandwritingError(f"skip was given {found}; it expects names among {', '.join(STEPS)}.")
    return skip


def read_ink(source):
    """Return an image as read_grey() does, if there is ink on it; raises HandwritingError if there is none."""
    grey = read_grey(source)
    return grey if _ink_of(grey) else _complain_of_nothing(source)
