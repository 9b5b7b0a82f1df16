"""Sets of photos as people really take them, made up from a seed: a page on a desk, a shadow, a finger, a ring.

Half of the digits are MNIST's, enlarged; half are drawn with strokes. Both are drawn anew for each photo: size, slant,
pen, place, paper, light and grain are random. The same kind, seed and digits give the same photos.
"""

import numpy as np

from mnist_tutorial.handwriting.drawn import drawn_strokes

PLAIN = ("plain, white paper", "plain, grey paper", "plain, chalk on a board", "plain, small", "plain, ruled faintly")
KINDS = (
    *PLAIN,
    "page on a dark desk",
    "page on a light wooden desk",
    "paper's edge on one side",
    "fingertip",
    "neighbouring digit cut by the edge",
    "blackboard in its frame",
    "white on black on a white page",
    "dark-mode window",
    "pen beside the digit",
    "hand's shadow",
    "sun's edge",
    "whiteboard glare",
    "fold",
    "yellow highlighter on white",
    "orange on grey",
    "red on blue",
    "white ink on transparent ground",
    "underlined",
    "circled",
    "printed boxes",
    "thin pen, 1.2%",
    "thin pen, 2%",
    "tight crop",
)
LINES = "two lines close together"  # photos of several digits, for split(): these three
TIGHT = "two lines almost touching"
TOUCHING = "digits that touch"
SEVERAL = (LINES, TIGHT, TOUCHING)
APART = {LINES: 1.25, TIGHT: 1.04}  # so many heights from one line to the next
UPSTROKES = {"1 with a short upstroke": 0.3, "1 with a long upstroke": 0.6}  # as wide as so many parts of its height
CUT = "digit cut by the edge"
ALL_KINDS = (*KINDS, *SEVERAL, CUT, *UPSTROKES)  # their order is a part of the seed: new ones come last


def photo_set(kind, which, seed, images, labels):
    """Yield photos of one kind with their digits: ((h, w), (h, w, 3) or (h, w, 4) uint8, digit).

    kind: one of ALL_KINDS; those of SEVERAL yield a list of digits in reading order. which: how many photos, or the
    numbers of those to be made, such as range(1, 20, 2); a photo of one number is always the same. seed: of all that is
    random. images, labels: (n, 28, 28) uint8 and (n,), light ink on 0: photos of even numbers take their digits from
    them, but a 1 with an upstroke is always drawn.
    """
    if kind not in ALL_KINDS:
        raise ValueError(f"photo_set() was given {kind!r}; it expects a name from ALL_KINDS.")
    order = ALL_KINDS.index(kind)
    for i in range(which) if isinstance(which, int) else which:
        rng = np.random.default_rng([seed, order, i])
        writer = _Writer(rng, images, labels, i % 2 == 0 and kind not in UPSTROKES, UPSTROKES.get(kind, 0))
        if kind in SEVERAL:
            yield _two_lines(rng, writer, APART[kind]) if kind in APART else _touching(rng, writer)
        else:
            digit = 1 if kind in UPSTROKES else i // 2 % 10
            yield _photo(kind, rng, writer, digit), digit


class _Writer:
    def __init__(self, rng, images, labels, real, upstroke=0):
        self.rng, self.images, self.labels, self.real, self.upstroke = rng, images, labels, real, upstroke

    def digit(self, digit, height, pen=None):
        """Return the ink of one digit, cut out: (height, w) float, 0 to 1. pen: width in pixels, else random."""
        if not self.real:
            return _drawn(self.rng, digit, height, pen or height * self.rng.uniform(0.07, 0.12), self.upstroke)
        image = self.images[self.rng.choice(np.flatnonzero(self.labels == digit))]
        ink = _enlarged(image, height)
        return ink if pen is None else _with_width(ink, pen)


def _enlarged(image, height):
    from PIL import Image
    from scipy import ndimage

    rows, columns = (np.flatnonzero(image.max(axis=axis) >= 32) for axis in (1, 0))
    cut = np.pad(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 2)
    scale = height / (len(cut) - 4)
    size = [max(4, round(n * scale)) for n in cut.shape[::-1]]
    large = np.asarray(Image.fromarray(cut).resize(size, Image.Resampling.BICUBIC)) / 255
    return _cut(np.clip((ndimage.gaussian_filter(large, scale / 3) - 0.4) * scale / 2 + 0.5, 0, 1))


def _with_width(ink, pen):
    """Return ink with the same middle lines, `pen` pixels wide."""
    from scipy import ndimage

    distance = ndimage.distance_transform_edt(~np.pad(_thinned(ink > 0.5), 3 + int(pen)))
    return _cut(np.clip(pen / 2 + 0.5 - distance, 0, 1) * min(1, pen))


def _thinned(mask):
    """Return the middle lines of a mask (Zhang and Suen, 1984)."""
    place = _place_of(mask)
    thinned = np.zeros(mask.shape, bool)
    if place:
        thinned[place] = _middle_lines(mask[place])
    return thinned


def _place_of(mask, margin=0, step=1):
    """Return where a mask is True, as slices that begin and end at a multiple of `step`; None if it is nowhere."""
    ends = [np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0)]
    if not len(ends[0]):
        return None
    return tuple(
        slice(max(0, (int(end[0]) - margin) // step * step), min(n, -(-(int(end[-1]) + 1 + margin) // step) * step))
        for end, n in zip(ends, mask.shape, strict=True)
    )


def _middle_lines(mask):
    mask = np.pad(mask, 1).astype(np.uint8)
    while True:
        before = int(mask.sum())
        for turn in (0, 1):
            around = [np.roll(mask, shift, (0, 1)) for shift in ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))]  # fmt: skip # noqa: E501
            north, _, east, _, south, _, west, _ = around
            many = sum(around)
            changes = sum((a == 0) & (b == 1) for a, b in zip(around, around[1:] + around[:1], strict=True))
            first, second = (north, west) if turn else (south, east)
            ends = (east & west & first) | (north & south & second)
            mask = mask & ~((mask == 1) & (many >= 2) & (many <= 6) & (changes == 1) & (ends == 0)).astype(np.uint8)
        if int(mask.sum()) == before:
            return mask[1:-1, 1:-1].astype(bool)


def _lines(curves, shape, pen):
    """Return the ink of curves in pixels: (h, w) float."""
    from PIL import Image, ImageDraw
    from scipy import ndimage

    fine = 4
    ink = Image.new("L", (shape[1] * fine, shape[0] * fine))
    for curve in curves:
        ImageDraw.Draw(ink).line([tuple(point * fine) for point in curve], fill=255, width=1)
    ink, whole = np.asarray(ink) > 0, np.zeros(shape)
    place = _place_of(ink, int(pen * fine / 2) + 2, fine)  # beyond, there is none: it is not worth the time
    if place:
        near = np.clip(pen * fine / 2 + 0.5 - ndimage.distance_transform_edt(~ink[place]), 0, 1)
        rows, columns = (n // fine for n in near.shape)
        inside = tuple(slice(one.start // fine, one.stop // fine) for one in place)
        whole[inside] = near.reshape(rows, fine, columns, fine).mean(axis=(1, 3))
    return whole


def _drawn(rng, digit, height, pen, upstroke=0):
    curves = [curve * (height - pen) + height for curve in drawn_strokes(rng, digit, upstroke)]
    return _cut(_lines(curves, (2 * int(height), 2 * int(height)), pen))


def _cut(ink):
    rows, columns = (np.flatnonzero(ink.max(axis=axis) > 0.02) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _placed(ink, shape, y, x):
    """Return ink in an image of some shape, its middle at y, x; what lies outside is cut off."""
    whole = np.zeros(shape)
    top, left = round(y - len(ink) / 2), round(x - ink.shape[1] / 2)
    rows = slice(max(0, top), min(shape[0], top + len(ink)))
    columns = slice(max(0, left), min(shape[1], left + ink.shape[1]))
    whole[rows, columns] = ink[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    return whole


def _soft(mask, width):
    from scipy import ndimage

    return ndimage.gaussian_filter(np.asarray(mask, dtype=float), width)


def _half_plane(shape, rng, distance):
    """Return signed distances from a line at some distance from the middle, in a random direction."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    angle = rng.uniform(0, 2 * np.pi)
    return (x - shape[1] / 2) * np.cos(angle) + (y - shape[0] / 2) * np.sin(angle) - distance


def _page(shape, rng, around):
    """Return where a page lies on a desk: a quadrangle that shows the desk on `around` of its sides."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    turn, inside = rng.normal(0, 0.09), np.ones(shape, bool)
    for side in rng.permutation(4)[:around]:
        angle = side * np.pi / 2 + turn + rng.normal(0, 0.03)
        reach = shape[1 - side % 2] * rng.uniform(0.36, 0.46)
        inside &= (x - shape[1] / 2) * np.cos(angle) + (y - shape[0] / 2) * np.sin(angle) < reach
    return inside


def _light(shape, rng):
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[: shape[0], : shape[1]] / max(shape)
    return 1 + rng.uniform(0, 0.3) * ((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle))


def _wood(shape, rng, colour, depth):
    y, x = np.mgrid[: shape[0], : shape[1]]
    along, across = (x, y) if rng.random() < 0.5 else (y, x)
    period = rng.uniform(7, 25)
    waves = np.sin(across / period * 2 * np.pi + 2 * np.sin(along / rng.uniform(60, 150)) + rng.uniform(0, 6))
    lines = np.sin(across / period * 7 + 1.5 * np.sin(along / 90)) ** 8
    return np.array(colour) * (1 - depth * (0.5 + 0.5 * waves) - depth * lines)[..., None]


def _photo(kind, rng, writer, digit):
    longer, ratio = int(rng.integers(260, 420)), rng.uniform(0.75, 1)
    shape = (longer, int(longer * ratio)) if rng.random() < 0.5 else (int(longer * ratio), longer)
    least = min(shape)
    height = least * (rng.uniform(0.16, 0.24) if kind == "plain, small" else rng.uniform(0.36, 0.55))
    pen = {"thin pen, 1.2%": 0.012, "thin pen, 2%": 0.02}.get(kind)
    own = writer.digit(digit, height, pen and pen * height)
    if own.shape[1] > 0.6 * shape[1]:
        own = own[:, : int(0.6 * shape[1])]
    y, x = (n * (0.5 + rng.uniform(-0.05, 0.05)) for n in shape)
    if kind == "tight crop":  # cut out along the ink, or a little inside or outside of it
        own = writer.digit(digit, height, rng.uniform(0.08, 0.22) * height)
        shape = tuple(max(40, n + int(height * rng.uniform(-0.02, 0.12))) for n in own.shape)
        least = min(shape)
        y, x = (n / 2 for n in shape)
    if kind == "plain, small":
        y, x = (n * rng.uniform(0.3, 0.7) for n in shape)
    if kind == CUT:  # an eighth to a third of it is missing
        side, missing = int(rng.integers(4)), rng.uniform(0.125, 0.33)
        beyond = (0.5 - missing) * own.shape[side // 2]
        place = beyond if side % 2 else shape[side // 2] - beyond
        y, x = (place, x) if side < 2 else (y, place)
    ink = _placed(own, shape, y, x)
    usual = pen * height if pen else min(0.1 * height, float(ink.sum() / max(1, _thinned(ink > 0.5).sum())))

    if kind == "white ink on transparent ground":
        white = np.full((*shape, 4), 255, np.uint8)
        white[..., 3] = np.uint8(255 * ink)
        return white

    grain = rng.uniform(0.004, 0.014)
    paper, dark = rng.uniform(0.75, 0.95), rng.uniform(0.12, 0.4)
    tint = np.array([1, rng.uniform(0.97, 1), rng.uniform(0.92, 1)])
    colour = rng.uniform(0.4, 1.6, 3) if rng.random() < 0.4 else np.ones(3)  # of the pen: black, blue, red, brown
    pen_colour = np.clip(dark * colour / colour.mean(), 0, 0.5)
    ground = np.ones((*shape, 3)) * paper * tint
    shine = 0.0  # added light, above which nothing is seen

    if kind in ("yellow highlighter on white", "orange on grey", "red on blue"):
        ground[:], pen_colour = {
            "yellow highlighter on white": ((0.96, 0.96, 0.95), rng.uniform((0.93, 0.86, 0.1), (0.98, 0.95, 0.4))),
            "orange on grey": ((0.62, 0.62, 0.62), rng.uniform((0.9, 0.5, 0.05), (1, 0.6, 0.2))),
            "red on blue": ((0.15, 0.25, 0.7), rng.uniform((0.7, 0.05, 0.05), (0.95, 0.2, 0.2))),
        }[kind]
    elif kind in ("plain, chalk on a board", "blackboard in its frame"):
        ground[:] = rng.uniform((0.05, 0.12, 0.08), (0.15, 0.25, 0.2))
        pen_colour = rng.uniform(0.7, 0.95) * np.ones(3)
    elif kind in ("white on black on a white page", "dark-mode window"):
        pen_colour = rng.uniform(0.85, 1) * np.ones(3)
    elif kind == "whiteboard glare":
        ground[:] = rng.uniform(0.7, 0.8)
    elif kind == "plain, white paper":
        ground[:], pen_colour = 1, np.full(3, 0.05)
    elif kind == "plain, ruled faintly":
        step, (rows, columns) = least / rng.integers(9, 16), np.mgrid[: shape[0], : shape[1]]
        lines = ((rows % step) < 1) | ((columns % step) < 1)
        ground *= (1 - rng.uniform(0.08, 0.2) * lines)[..., None]

    extra = np.zeros(shape)  # ink that is not the digit's
    if kind == "underlined":
        bottom, width = y + own.shape[0] / 2, own.shape[1] * rng.uniform(0.5, 0.8) + 0.1 * height
        down = bottom + usual / 2 + height * rng.uniform(0.05, 0.16)
        points = [(x - width, down + rng.normal(0, 0.02 * height)), (x, down + rng.normal(0, 0.015 * height)),
                  (x + width, down + rng.normal(0, 0.02 * height))]  # fmt: skip
        extra = _lines([np.array(points)], shape, usual * rng.uniform(0.6, 1))
    elif kind == "circled":
        turns = np.linspace(0, 2 * np.pi * rng.uniform(0.97, 1.08), 60) + rng.uniform(0, 6)
        a, b = (n / 2 * rng.uniform(1.3, 1.5) + usual for n in (max(own.shape[1], 0.6 * height), own.shape[0]))
        wobble = 1 + 0.03 * np.sin(2 * turns + rng.uniform(0, 6)) + np.linspace(0, rng.uniform(0, 0.06), 60)
        ring = np.stack([x + a * wobble * np.cos(turns), y + b * wobble * np.sin(turns)], axis=1)
        extra = _lines([ring], shape, usual * rng.uniform(0.6, 1))
    elif kind == "printed boxes":
        half_height = own.shape[0] / 2 * rng.uniform(1.15, 1.4) + 2
        half_width = max(own.shape[1], 0.6 * height) / 2 * rng.uniform(1.2, 1.5) + 2
        boxes = []
        for side in ((0,), (0, 1), (-1, 0, 1))[rng.integers(3)]:
            left, right = x + (2 * side - 1) * half_width, x + (2 * side + 1) * half_width
            top, bottom = y - half_height, y + half_height
            boxes.append(np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]))
        extra = _lines(boxes, shape, rng.uniform(1.2, 3)) * rng.uniform(0.5, 1)
    elif kind == "neighbouring digit cut by the edge":
        other = writer.digit(int(rng.integers(10)), height)
        side = rng.choice([-1, 1])
        place = (0 if side < 0 else shape[1]) - side * rng.uniform(0, 0.25) * other.shape[1]
        extra = _placed(other, shape, y + rng.normal(0, 0.05 * height), place)
        apart = abs(place - x) - (other.shape[1] + own.shape[1]) / 2
        if apart < 0.06 * height:
            extra = _placed(other, shape, y, place + side * (0.06 * height - apart))

    cover = np.maximum(ink, extra)[..., None]
    scene = ground * (1 - cover) + np.minimum(pen_colour, 1) * cover * (1 if kind in _OWN_COLOURS else ground)
    scene = scene * _light(shape, rng)[..., None]

    if kind in ("page on a dark desk", "page on a light wooden desk"):
        page = _page(shape, rng, int(rng.integers(2, 5)))
        if kind == "page on a dark desk":
            desk = _wood(shape, rng, rng.uniform((0.06, 0.05, 0.04), (0.28, 0.22, 0.18)), rng.uniform(0, 0.3))
        else:
            desk = _wood(shape, rng, rng.uniform((0.65, 0.5, 0.32), (0.85, 0.72, 0.55)), rng.uniform(0.05, 0.2))
        shade = 1 - 0.3 * _soft(page, 5)[..., None]
        soft = _soft(page, 0.8)[..., None]
        scene = scene * soft + desk * shade * (1 - soft)
    elif kind == "paper's edge on one side":
        beyond = _page(shape, rng, 1)
        soft = _soft(beyond, 0.8)[..., None]
        scene = scene * soft + rng.uniform(0.08, 0.6) * rng.uniform(0.8, 1, 3) * (1 - soft)
    elif kind == "fingertip":
        side = int(rng.integers(4))
        rows, columns = np.mgrid[: shape[0], : shape[1]]
        depth, along = (columns, rows) if side % 2 else (rows, columns)
        depth = depth if side < 2 else depth.max() - depth
        reach, width = least * rng.uniform(0.08, 0.19), least * rng.uniform(0.07, 0.11)
        middle = along.max() * rng.uniform(0.15, 0.85)
        body = np.maximum(np.hypot(np.maximum(depth - reach + width, 0), along - middle) / width, 0)
        finger = _soft(body < 1, 0.8)[..., None]
        skin = rng.uniform((0.5, 0.33, 0.25), (0.85, 0.65, 0.55)) * (1 - 0.35 * np.clip(body, 0, 1) ** 4)[..., None]
        shade = 1 - 0.35 * _soft(body < 1.1, 4)[..., None]
        scene = scene * shade * (1 - finger) + skin * finger
    elif kind == "blackboard in its frame":
        rows, columns = np.mgrid[: shape[0], : shape[1]]
        wide = rng.uniform(0.04, 0.09, 4) * least
        wide[rng.permutation(4)[: rng.integers(0, 3)]] = -9
        board = (rows > wide[0]) & (rows < shape[0] - wide[1]) & (columns > wide[2]) & (columns < shape[1] - wide[3])
        soft = _soft(board, 0.8)[..., None]
        scene = scene * soft + _wood(shape, rng, rng.uniform((0.5, 0.35, 0.2), (0.85, 0.7, 0.5)), 0.1) * (1 - soft)
    elif kind == "white on black on a white page":
        rows, columns = np.mgrid[: shape[0], : shape[1]]
        wide = rng.uniform(0.02, 0.16, 4) * least
        black = (rows > wide[0]) & (rows < shape[0] - wide[1]) & (columns > wide[2]) & (columns < shape[1] - wide[3])
        level = rng.uniform(0, 0.15)
        field = level * (1 - ink) + pen_colour[0] * ink
        scene = np.where(black, field, paper)[..., None] * np.ones(3)
    elif kind == "dark-mode window":
        level, bar = rng.uniform(0.08, 0.16), int(least * rng.uniform(0.06, 0.1))
        field = level * (1 - ink) + pen_colour[0] * ink
        scene = field[..., None] * np.ones(3)
        edge = [int(n) for n in rng.uniform(0, 0.08, 4) * least]
        scene[edge[0] : edge[0] + bar] = rng.uniform(0.2, 0.35)
        for place, button in enumerate(((1, 0.37, 0.34), (1, 0.74, 0.18), (0.15, 0.79, 0.25))):
            rows, columns = np.mgrid[: shape[0], : shape[1]]
            dot = np.hypot(rows - edge[0] - bar / 2, columns - edge[1] - bar * (0.8 + place)) < bar / 4
            scene[dot] = button
        back = rng.uniform(0.5, 1) * np.ones(3)
        scene[: edge[0]] = scene[shape[0] - edge[2] :] = scene[:, : edge[1]] = scene[:, shape[1] - edge[3] :] = back
        grain = 0
    elif kind == "pen beside the digit":
        side, angle = rng.choice([-1, 1]), rng.normal(np.pi / 2, 0.25)
        length, thick = height * rng.uniform(0.8, 2.2), height * rng.uniform(0.07, 0.13)
        lean = abs(np.cos(angle)) * height * 0.6
        middle = np.array([x + side * (own.shape[1] / 2 + thick + lean + height * rng.uniform(0.08, 0.25)), y])
        if length > 1.2 * height:  # it lies half out of the image
            middle[1] += (length - height) / 2 * rng.choice([-1, 1])
        along = np.array([np.cos(angle), np.sin(angle)]) * length / 2
        tip = middle + along * 1.12
        body = _lines([np.array([middle - along, middle + along])], shape, thick)
        point = _lines([np.array([middle + along, tip])], shape, thick * 0.4)
        hue = rng.uniform(0.03, 0.6, 3)
        shade = 1 - 0.3 * _soft(np.roll(body, 3, (0, 1)), 3)[..., None]
        for part, shine_ in ((point, 0.5), (body, 1)):
            scene = scene * (shade if part is point else 1) * (1 - part[..., None]) + hue * shine_ * part[..., None]
    elif kind == "hand's shadow":
        hand = np.zeros(shape)
        angle = rng.uniform(0, 2 * np.pi)
        out = np.array([np.cos(angle), np.sin(angle)])
        side = np.array([-out[1], out[0]])
        middle = np.array(shape[::-1]) / 2
        palm = middle + out * least * rng.uniform(0.5, 0.62)
        curves, thick = [np.array([palm, palm + out * least])], least * rng.uniform(0.3, 0.45)
        hand = _lines(curves, shape, thick)
        for finger in (-0.36, -0.12, 0.12, 0.36):
            root = palm + side * finger * thick
            end = root - out * least * rng.uniform(0.25, 0.5) + side * finger * thick * 0.5
            hand = np.maximum(hand, _lines([np.array([root, end])], shape, thick * rng.uniform(0.2, 0.26)))
        scene = scene * (1 - rng.uniform(0.25, 0.5) * _soft(hand, rng.uniform(2, 6)))[..., None]
    elif kind == "sun's edge":
        beyond = _half_plane(shape, rng, rng.uniform(-0.25, 0.25) * least) > 0
        scene = scene * (1 - rng.uniform(0.25, 0.55) * _soft(beyond, rng.uniform(0.7, 2.5)))[..., None]
    elif kind == "whiteboard glare":
        rows, columns = np.mgrid[: shape[0], : shape[1]]
        for _ in range(rng.integers(1, 3)):
            place = [n * rng.uniform(0.15, 0.85) for n in shape]
            size = least * rng.uniform(0.06, 0.16, 2)
            far = ((rows - place[0]) / size[0]) ** 2 + ((columns - place[1]) / size[1]) ** 2
            shine = shine + rng.uniform(0.3, 0.6) / (1 + far**2)
        shine = np.clip(shine, 0, 0.6)[..., None]
    elif kind == "fold":
        away = _half_plane(shape, rng, rng.uniform(-0.2, 0.2) * least)
        depth = rng.uniform(0.08, 0.25)
        shade = 1 - depth * (away > 0) * np.exp(-np.maximum(away, 0) / (least * rng.uniform(0.1, 0.6)))
        crease = np.exp(-((away / rng.uniform(0.8, 2)) ** 2))
        scene = scene * (shade - rng.uniform(0.05, 0.3) * crease)[..., None]

    scene = scene + shine
    scene = np.stack([_soft(scene[..., i], rng.uniform(0.3, 0.5)) for i in range(3)], axis=-1)
    scene = scene + rng.normal(0, grain, shape)[..., None] + rng.normal(0, grain / 2, scene.shape)
    return np.uint8(255 * np.clip(scene, 0, 1) + 0.5)


_OWN_COLOURS = (
    "yellow highlighter on white", "orange on grey", "red on blue", "plain, chalk on a board",
    "blackboard in its frame", "white on black on a white page", "dark-mode window",
)  # fmt: skip


def _two_lines(rng, writer, apart):
    """Return a photo of two lines of two digits, whose middles are `apart` heights from one another."""
    height, digits = 70, [int(n) for n in rng.integers(0, 10, 4)]
    shape = (260, 260)
    ink = np.zeros(shape)
    for i, digit in enumerate(digits):
        own = writer.digit(digit, height)
        top = 130 - height * apart / 2 if i < 2 else 130 + height * apart / 2
        ink = np.maximum(ink, _placed(own, shape, top, 85 + 90 * (i % 2)))
    return _on_paper(rng, ink), digits


def _touching(rng, writer):
    """Return a photo of two digits beside one another, moved together until their ink meets."""
    height, digits = 90, [int(n) for n in rng.integers(0, 10, 2)]
    shape = (220, 280)
    left, right = (writer.digit(digit, height) for digit in digits)
    place = 140 - left.shape[1] / 2 + 4
    first = _placed(left, shape, 110, place)
    x = place + (left.shape[1] + right.shape[1]) / 2 + 2
    while not ((first > 0.5) & (_placed(right, shape, 110, x) > 0.5)).any():
        x -= 1
    return _on_paper(rng, np.maximum(first, _placed(right, shape, 110, x - 1))), digits


def _on_paper(rng, ink):
    shape = ink.shape
    light = _light(shape, rng) * rng.uniform(0.75, 0.95)
    scene = light * (1 - rng.uniform(0.6, 0.85) * ink) + rng.normal(0, 0.01, shape)
    return np.uint8(255 * np.clip(scene, 0, 1) + 0.5)
