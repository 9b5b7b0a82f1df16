"""Where the ink is on a photo, and which of it is the digit: what lies on the desk, in the shade, at the edge is not.

Paper, light and shade are wide, ink is thin. So the paper's light at each place is what is left when all that is
thinner than a window is filled up (a morphological closing; J. Serra: Image Analysis and Mathematical Morphology,
1982). Edges of light and of the sheet stay where they are, however sharp, as they are wide on both sides.

widgets/frontend/ink.js does the same in the page. All numbers are whole, or quotients of whole numbers made in the
same order, so that both find the same.
"""

import dataclasses

import numpy as np

from mnist_tutorial.handwriting.components import STRONG, around, components_of, digit_of, mask_of, near
from mnist_tutorial.handwriting.paper import (
    darkness_of,
    darkness_on,
    edges_of,
    filtered,
    levels_of,
    median,
    paper_behind,
    stretched,
    threshold_of,
)

GAIN = 1.4  # by so much must a wider window find more: shadows of fingers are found by the wide ones only
WINDOWS = (64, 48, 32, 24, 16)  # half a window is this part of height and width together
COLOURLESS = 40  # levels between a pixel's red, green and blue: with less in all, a photo is grey
SOLID = "What was taken for ink is wider than the strokes of a pen; it may not be a digit."
SHADOW = (18, 19)  # of 25: how dark a shadow may be against ink, at the first threshold and at the second
HARD = 106  # percent of its depth: lines along which a photo changes by as much are drawn, unless they are very pale
OVEREXPOSED = 250  # grey levels of paper in glare, if the usual paper has less than 235
FADED = (4, 20)  # grey levels between such paper and ink: none, and full ink
ROUNDS = 4  # in which what touches the edge is taken away


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
    edges = edges_of(grey)
    whole = _filling(grey, edges)
    found = whole or _in_windows(grey, edges)
    left = _without_shadow(grey, edges, whole)
    if left and (found is None or found.light or 5 * left.sharpness > 2 * found.sharpness):
        return left
    return (found and found.light and _with_ink_in_glare(grey, edges, found)) or found


def _in_windows(grey, edges):
    """Return the Ink in the best of all windows, or a patch wider than all of them, or None."""
    best = None
    for share in WINDOWS:
        half = max(1, sum(grey.shape) // share)
        dark, pale = (_find(*darkness_of(grey, light, half), light, edges) for light in (True, False))
        both = [dark] if dark and pale and _encloses(dark, pale, grey) else [dark, pale]
        found = max((one for one in both if one), key=lambda one: (one.alone, one.thinness), default=None)
        if found and (best is None or _is_better(found, best)):
            best, narrow = found, half
    return _filled(grey, best, narrow, edges) if best else _solid(grey, edges)


def _encloses(dark, pale, grey):
    """Tell whether what looks like pale ink is the paper between the strokes of a digit that the photo's edge cuts.

    The strokes have sharper edges and take little of the photo, and beyond them the paper is as light as between them.
    """
    if dark.alone or not pale.alone or not dark.whole:
        return False
    if 2 * dark.sharpness < 3 * pale.sharpness or 2 * dark.thinness < 3 * pale.thinness:
        return False
    strokes, between = (one.kept & (one.ink >= 128) for one in (dark, pale))
    if 10 * int(strokes.sum()) > grey.size or not strokes.any() or not between.any():
        return False
    beyond = median(grey[dark.ink == 0])
    return 4 * abs(beyond - median(grey[between])) <= beyond - median(grey[strokes])


def _without_shadow(grey, edges, whole):
    """Return the Ink that is left when paler, soft shadows count as paper, or None if there are none.

    The fingers of a hand cast shadows as narrow as strokes, and they may touch the digit. A second threshold tells
    them from it; then the paper behind the digit is what lies around it, with the shadow. whole: what fills the photo.
    """
    window = (max(grey.shape), 4) if whole and whole.light else (max(1, sum(grey.shape) // WINDOWS[-1]), 2)
    depth, darkness = darkness_of(grey, True, *window)
    levels = levels_of(darkness)
    if levels is None:
        return None
    strong = stretched(darkness, *levels) >= STRONG
    rest = strong
    for second in (False, True):
        threshold = threshold_of(darkness[rest])
        if threshold is None:
            return None
        rest = strong & (darkness > threshold)
        components, numbers = components_of(np.where(rest, 255, 0).astype(np.uint8), depth, edges)
        dark = mask_of(numbers, [one for one in components if not one.at_edge])
        if 12 * max((one.extent for one in components if not one.at_edge), default=0) < max(grey.shape):
            return None
        taken = mask_of(numbers, components)
        paler = strong & ~near(taken, 2)
        if (2 if second else 8) * int(paler.sum()) >= int(strong.sum()):  # else perhaps a shadow almost as dark as ink
            if not _is_shadow(grey, depth, darkness, strong, dark, paler & ~near(taken, 5), paler, SHADOW[second]):
                return None
            left = _find(*darkness_on(paper_behind(grey, near(dark, 2)), grey, True), True, edges)
            return left if left and left.alone and left.whole else None
    return None


def _is_shadow(grey, depth, darkness, strong, dark, far, paler, most):
    """Tell whether what is paler than the ink lies on the same paper, is pale enough, and has soft edges."""
    paper = grey + depth
    behind, beside = median(paper[dark]), median(paper[paler])
    if 8 * (beside - behind) > behind or 4 * beside < 3 * behind:  # glare, which makes ink pale; another ground
        return False
    ink, shade = median(darkness[dark]), median(darkness[paler])
    if 25 * shade > most * ink:
        return False
    rim = far & (filtered(strong.astype(np.uint8), 1, np.minimum) == 0)
    change = filtered(grey, 1, np.maximum).astype(np.int64) - filtered(grey, 1, np.minimum)
    return 2 * shade < ink or 100 * int(change[rim].sum()) < HARD * int(depth[rim].sum())


def _with_ink_in_glare(grey, edges, found):
    """Return the Ink with what glare has made pale, or None if no glare touches it.

    The camera's levels end at 255: where light is added to paper and ink, the little that is between them is ink.
    """
    depth, darkness = darkness_of(grey, True, max(1, sum(grey.shape) // WINDOWS[-1]))
    narrow, _ = darkness_of(grey, True, max(1, sum(grey.shape) // WINDOWS[2]))
    glare = grey + narrow >= OVEREXPOSED
    levels = levels_of(darkness)
    if levels is None or median(grey + depth) >= 235 or 4 * int(glare.sum()) > glare.size:  # else it is the light
        return None
    if not (glare & near(found.kept, 2)).any():
        return None
    none, full = FADED
    faded = np.clip((narrow - none) * levels[1] // (full - none), 0, levels[1])
    left = _find(depth, np.where(glare, np.maximum(darkness, faded), darkness), True, edges)
    return left if left and left.alone else None


def _solid(grey, edges):
    """Return the Ink of a patch wider than all windows, with sharp edges and paper around it, or None."""
    for light in (True, False):
        found = _find(*darkness_of(grey, light, max(grey.shape), usual=4), light, edges)
        if found and found.alone and found.whole:
            return _with_doubt(found, SOLID)
    return None


def _with_doubt(found, doubt):
    return dataclasses.replace(found, doubts=(*found.doubts, doubt))


def _may_be_a_sheet(components):
    """Tell whether the largest component takes half of the box around it: a page on a dark desk does."""
    largest = max(components, key=lambda one: one.full)
    return 2 * largest.area >= largest.height * largest.width


def _filling(grey, edges):
    """Return the Ink of a digit that fills a photo, or None if none does.

    Its strokes may be wider than all windows and may touch the edge, so one level of paper is taken for the whole.
    Paper goes all around such a digit and into the corners; what lies beyond a sheet takes corners for itself.
    """
    for light in (True, False):
        depth, darkness = darkness_of(grey, light, max(grey.shape), usual=4)
        levels = levels_of(darkness)
        if levels is None:
            continue
        ink = stretched(darkness, *levels)
        components, numbers = components_of(ink, depth, edges)
        if _is_filled_by(components, ink >= STRONG):
            found = _ink_of(components, numbers, np.zeros(grey.shape, bool), darkness, levels, light, 0.0, True)
            return found if light or not _may_be_a_sheet(components) else _with_doubt(found, SOLID)
    return None


def _is_filled_by(components, strong):
    """Tell whether most ink is one bent component over three quarters of the photo, with paper around it.

    It may take one corner, as a 7 does, and a third of the border (a quarter with a corner).
    """
    rows, columns = strong.shape
    border = sum(int(side.sum()) for side in (strong[0], strong[-1], strong[1:-1, 0], strong[1:-1, -1]))
    corners = int(strong[[0, 0, -1, -1], [0, -1, 0, -1]].sum())
    if corners > 1 or (3 + corners) * border > 2 * (rows + columns):
        return False
    total = sum(one.full for one in components)
    return any(
        2 * one.full >= total
        and (4 * one.height >= 3 * rows or 4 * one.width >= 3 * columns)
        and (10 * one.area <= 7 * one.height * one.width or one.extent >= 2 * min(one.height, one.width))  # no sheet
        and not one.straight
        and 2 * one.sharpness >= one.depth
        for one in components
    )


def _filled(grey, found, half, edges):
    """Return what is found once more, with ink as dark as the found one where a stroke is wider than the window."""
    wide = max(1, sum(grey.shape) // WINDOWS[-1])
    if half == wide:
        return found
    image = grey if found.light else 255 - grey
    depth, darkness = darkness_of(grey, found.light, half)
    full = found.kept & (found.ink >= 128)
    if not full.any():
        return found
    level, paper = median(image[full]), median((image + depth)[full])
    dark = image <= level + (paper - level) // 4
    wide_depth, wide_darkness = darkness_of(grey, found.light, wide)
    both = np.where(dark, wide_depth, depth), np.where(dark, wide_darkness, darkness)
    return _find(*both, found.light, edges) or found


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
    edges = edges_of(grey)
    half = max(1, sum(grey.shape) // WINDOWS[2])
    found = [_find(*darkness_of(grey, light, half), light, edges) for light in (True, False)]
    return max((one.contrast for one in found if one and one.alone), default=0)


def _is_better(found, best):
    """Tell whether what a wider window has found is better: much more, or a little more if the narrow one cut it up."""
    if found.alone != best.alone:
        return found.alone
    return found.sharpness > (GAIN if best.whole else 1.05) * best.sharpness


def _find(depth, darkness, light, edges):
    outside = np.zeros(depth.shape, bool)
    longest, components, thinness = max(depth.shape), None, None
    for _ in range(ROUNDS):
        levels = levels_of(darkness[~outside])
        if levels is None:
            break
        found, numbers = components_of(stretched(np.where(outside, 0, darkness), *levels), depth, edges)
        inside = [one for one in found if not one.at_edge and not one.cut_off]
        alone = 12 * max((component.extent for component in inside), default=0) >= longest
        if thinness is None and found:
            score = sum(max(0 if one.at_edge else -one.depth, 2 * one.sharpness - one.depth) for one in found)
            thinness = float(score) * abs(score) * sum(one.outline for one in found) / sum(one.area for one in found)
        if not alone and components:
            break
        components, of_components, (low, high), is_alone = inside if alone else found, numbers, levels, alone
        if not alone or len(inside) == len(found):
            break
        outside |= near(mask_of(numbers, [one for one in found if one.at_edge or one.cut_off]), 2)
    if not components:
        return None
    return _ink_of(components, of_components, outside, darkness, (low, high), light, thinness, is_alone)


def _ink_of(components, numbers, outside, darkness, levels, light, thinness, alone):
    low, high = levels
    sharp, deep = sum(component.sharpness for component in components), sum(component.depth for component in components)
    digit, doubts = digit_of(components, darkness.shape)
    kept, within = (around(numbers, some) for some in (digit, components))
    ink = np.where(outside | within, stretched(darkness, low, high), 0).astype(np.uint8)
    return Ink(light, ink, within, kept, doubts, high - low, 2 * sharp - deep, thinness, alone, 20 * sharp >= 19 * deep)
