"""What tests of DigitPad share: digits to draw, a second way to the image, the pad's reader, and what a page shows."""

import itertools
import re

import numpy as np
from canvas import greys
from scipy import spatial

PEN = 0.08
ALL = ["crop", "scale", "centre"]
RASTER = 112
ARC = np.linspace(0, 2 * np.pi, 30)
DIGITS = {
    1: [[[0.52, 0.2], [0.5, 0.8]]],
    0: [np.stack([0.5 + 0.18 * np.sin(ARC), 0.5 - 0.3 * np.cos(ARC)], axis=1).round(4).tolist()],
    7: [[[0.3, 0.22], [0.68, 0.2], [0.6, 0.4], [0.48, 0.82]]],
}
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


# A second way to the same image: the nearest of many points on a line, and areas from a table of sums.


def nearest_points(strokes, pen, size=RASTER):
    points = []
    for stroke in strokes:
        points += [size * np.array(stroke[:1], dtype=float)]
        for start, end in itertools.pairwise(size * np.array(stroke, dtype=float)):
            points += [np.linspace(start, end, int(5 * np.abs(end - start).max()) + 2)]
    middles = np.stack(np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5), axis=-1)
    gaps, _ = spatial.KDTree(np.concatenate(points)).query(middles)
    return np.clip(pen * size / 2 + 0.5 - gaps, 0, 1)


def average(raster, scale, shift):
    sums = np.pad(raster.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    for axis in (0, 1):  # between two entries the sum grows evenly
        edges = np.clip((np.arange(29) - shift[axis]) / scale, 0, len(raster))
        below = np.minimum(edges.astype(int), len(raster) - 1)
        part = np.expand_dims(edges - below, 1 - axis)
        sums = sums.take(below, axis) * (1 - part) + sums.take(below + 1, axis) * part
    return 255 * scale**2 * np.diff(np.diff(sums, axis=0), axis=1)


def centred(raster, least=0):
    raster = np.array(raster, dtype=float)
    ink = np.argwhere(raster >= 1 / 8)
    low, high = ink.min(axis=0), ink.max(axis=0) + 1
    raster[: low[0]] = raster[high[0] :] = raster[:, : low[1]] = raster[:, high[1] :] = 0
    scale = 20 / max(*(high - low), least)
    mass = np.array([np.average(np.arange(len(raster)) + 0.5, weights=raster.sum(axis=axis)) for axis in (1, 0)])
    return average(raster, scale, np.clip(14.5 - mass * scale, -low * scale, 28 - high * scale))


def expected_image(strokes, pen=PEN):
    return centred(nearest_points(strokes, pen), 3 * pen * RASTER)


# In the page.


def path_on(page, points, index=0):
    """Return where points of the pad, 0 to 1, are on the screen."""
    box = page.locator(".dp-pad canvas").nth(index).bounding_box()
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def draw(page, points, index=0):
    screen = path_on(page, points, index)
    page.mouse.move(*screen[0])
    page.mouse.down()
    for point in screen[1:]:
        page.mouse.move(*point)
    page.mouse.up()
    settle(page)


def open_more(page):
    """Open what stands behind "More", if it is closed, of each pad on the page."""
    for button in page.locator(".bw-more[aria-expanded=false]").all():
        button.click()


def settle(page):
    page.wait_for_function("() => !/^(Loading|First answer)/.test(document.querySelector('.dp-words').textContent)")
    page.evaluate(NEXT_FRAME)


def image_shown(page, index=0):
    return greys(page.locator(".dp-seen canvas").nth(index))


def words(page):
    return page.locator(".dp-words").inner_text()


def shares(page, index=0):
    """Return the ten probabilities as the bars tell them, or None for dashes."""
    texts = page.locator(".bw-bars").nth(index).locator(".bw-share").all_inner_texts()
    assert len(texts) == 10
    if all(text == "–" for text in texts):
        return None
    return [float(re.sub(r"[^\d.]", "", text)) / 100 for text in texts]


def dispatch(page, *events, index=0):
    """Send pointer events to the pad: (type, x, y, properties)."""
    page.evaluate(
        """([events, index]) => {
          const pad = document.querySelectorAll(".dp-pad")[index];
          const box = pad.querySelector("canvas").getBoundingClientRect();
          for (const [type, x, y, more] of events) {
            pad.dispatchEvent(new PointerEvent(type, {
              bubbles: true, pointerId: 7, pointerType: "pen", clientX: box.left + x * box.width,
              clientY: box.top + y * box.height, ...more }));
          }
        }""",
        [[[*event, {}][:4] for event in events], index],
    )
    settle(page)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    settle(page)
