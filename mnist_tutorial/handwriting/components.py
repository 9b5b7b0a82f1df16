"""Connected components of ink, and which of them are the digit. widgets/frontend/components.js does the same."""

import dataclasses

import numpy as np

from mnist_tutorial.handwriting.paper import filtered

STRONG = 80  # pixels with this much ink and more make up components
MAX_COMPARED = 200  # each with each: of more, such as grains of noise, the largest count
SEVERAL = "There may be more than one digit; the one near the middle with the most ink was taken."


@dataclasses.dataclass(frozen=True)
class Component:
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
        """Tell whether a third of the outline's contrast is missing in the photo: something else was cut here."""
        return 3 * self.sharpness < 2 * self.depth

    @property
    def height(self):
        """Return the height in pixels."""
        return self.bottom - self.top

    @property
    def width(self):
        """Return the width in pixels."""
        return self.right - self.left

    @property
    def extent(self):
        """Return the longer side in pixels."""
        return max(self.height, self.width)


def components_of(ink, depth, edges):
    """Return the components of ink and the number of each pixel's; specks are none of them.

    Specks have less than a fiftieth of the largest component's full ink.
    """
    from scipy import ndimage

    numbers, count = ndimage.label(ink >= STRONG, structure=np.ones((3, 3)))
    if not count:
        return [], numbers
    taken = np.flatnonzero(numbers)  # few of all pixels
    rows, columns = np.divmod(taken, ink.shape[1])
    flat = numbers.ravel()[taken]
    outline = (numbers > 0) & (filtered((numbers > 0).astype(np.uint8), 1, np.minimum) == 0)
    sums = lambda values: np.bincount(flat, weights=values, minlength=count + 1)  # noqa: E731
    of_taken = lambda values: values.ravel()[taken]  # noqa: E731
    outline, depth, edges = of_taken(outline), of_taken(depth), of_taken(edges)
    full, long = sums(of_taken(ink) >= 128), sums(outline)
    deep, sharp = sums(depth * outline), sums(np.minimum(depth, edges) * outline)
    area, x, y = sums(np.ones(flat.size)), sums(columns), sums(rows)
    xx, yy, xy = sums(columns * columns), sums(rows * rows), sums(columns * rows)
    components = []
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
        components.append(
            Component(
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
    return components, numbers


def digit_of(components, shape):
    """Return the components that make up the digit, and doubts."""
    if len(components) > MAX_COMPARED:
        largest = sorted(components, key=lambda one: (-one.full, one.number))[:MAX_COMPARED]
        components = sorted(largest, key=lambda one: one.number)
    left = [one for one in components if not any(_is_around(one, other) for other in components)]
    left = [one for one in left if not any(_is_below(one, other) for other in left)]
    bent = [one for one in left if not one.straight]
    tallest = max(one.extent for one in left)
    before = left
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
    lines = [one for one in before if one not in left and _may_be_a_one(one, bottom - top)]
    doubts = tuple(SEVERAL for one in rest + lines if 2 * one.height >= bottom - top)[:1]
    return digit, doubts


def _may_be_a_one(line, height):
    """Tell whether a straight line beside a digit of some height is as upright and as high as a 1 would be."""
    return not line.at_edge and line.height >= 2 * line.width and 2 * height <= 3 * line.height <= 4 * height


def _within(one, others):
    """Tell whether a component lies close to others, as the strokes of one digit do."""
    return any(
        max(other.top - one.bottom, one.top - other.bottom, other.left - one.right, one.left - other.right) <= 0
        for other in others
    )


def _is_around(ring, other):
    """Tell whether a component goes round another one that is at least a third as high: a ring or a box."""
    return (
        ring.top < other.top
        and ring.bottom > other.bottom
        and ring.left < other.left
        and ring.right > other.right
        and 3 * other.height >= ring.height
    )


def _is_below(line, other):
    """Tell whether a component is a line under another one."""
    flat = line.width >= 3 * line.height and line.height * 3 <= other.height
    beside = min(line.right, other.right) - max(line.left, other.left)
    return flat and 2 * beside >= other.width and 4 * line.top >= 3 * other.bottom + other.top and line is not other


def mask_of(numbers, components):
    """Return where some components are, (h, w) bool."""
    return np.isin(numbers, [component.number for component in components])


def around(numbers, components):
    """Return where components are, with the paler ink along their edges but without what belongs to others."""
    mask = mask_of(numbers, components)
    return mask | (near(mask, 1) & (numbers == 0))


def near(mask, half):
    """Return what is at most `half` rows and columns away from a mask, (h, w) bool."""
    return filtered(mask.astype(np.uint8), half, np.maximum) > 0
