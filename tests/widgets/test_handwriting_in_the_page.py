"""JavaScript and Python make the same of a drawing and of a photo, with every step and with steps left out."""

import base64

import numpy as np
import pytest
from seeded_drawings import drawings

from mnist_tutorial import handwriting
from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.handwriting.doubts import CUT, UPSTROKE
from mnist_tutorial.handwriting.photo_sets import ALL_KINDS, KINDS, photo_set
from mnist_tutorial.stand_in import stand_in_digits
from mnist_tutorial.widgets import bundle

DRAWING_STEPS = ("crop", "scale", "centre")
SKIPS = [*([name] for name in handwriting.STEPS[1:]), [*DRAWING_STEPS], [*handwriting.STEPS[1:]]]


@pytest.fixture(scope="module")
def module(chromium):
    """Open a page with the functions of photo.js and handwriting.js in `module`, and `text` for what they return."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    source = bundle.front_end(bundle.FOLDER / "frontend" / "photo.js").replace(
        "export const LONGEST", "export { fit, rasterise, boundingBox } from 'handwriting'; export const LONGEST"
    )
    found = bundle.front_end(bundle.FOLDER / "digit_pad" / "found.js")
    own = bundle.front_end(bundle.FOLDER / "frontend" / "handwriting.js")
    page.evaluate(
        """async ([own, source, found]) => {
          const url = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
          window.module = {
            ...await import(url(source.replace("'handwriting'", JSON.stringify(url(own))))),
            ...await import(url(found)),
          };
          window.text = (values) => btoa(Array.from(values, (value) => String.fromCharCode(value)).join(""));
          window.bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
          window.told = ({ image, steps }) => [text(image), Object.entries(steps).map(([name, make]) => {
            const { values, rows, columns } = make();
            return [name, rows, columns, text(values)];
          })];
        }""",
        [own, source, found],
    )
    yield page
    context.close()


def photos(n=49):
    """Yield seeded photos, (h, w, 3) uint8: a drawing on white, grey or dark paper, under even or uneven light."""
    rng = np.random.default_rng(6)
    for i, (strokes, pen) in enumerate(drawings(n)):
        height, width = rng.integers(8, 320, 2)
        cover = rasterize.rasterise(strokes, pen, int(max(height, width)))[:height, :width] / 255
        y, x = np.mgrid[:height, :width] / max(height, width)
        light = np.clip(1 - rng.uniform(0, 0.6) * (x if i % 2 else y), 0, 1) if i % 3 else 1
        paper, ink = ((1, 0.1), (0.7, 0.3), (0.15, 0.9))[i % 3]
        levels = light * (paper + (ink - paper) * cover) + rng.normal(0, 0.02 * (i % 4), cover.shape)
        colours = np.clip(levels[..., None] * rng.uniform(0.8, 1, 3), 0, 1)
        yield np.uint8(255 * colours)


def assert_same(found, expected):
    image, steps = found
    read = lambda text: np.frombuffer(base64.b64decode(text), dtype=np.uint8).astype(int)  # noqa: E731
    assert np.abs(read(image).reshape(28, 28) - expected.image).max() <= 1
    assert [name for name, *_ in steps] == list(expected.steps)
    for name, rows, columns, values in steps:
        image = expected.steps[name]
        assert (rows, columns) == image.shape, name
        assert np.abs(read(values).reshape(rows, columns) - image).max() <= (name in ("scale", "centre")), name


def test_drawings(module):
    given = list(drawings(210))
    own = [["crop"], ["scale"], ["centre"], [*DRAWING_STEPS]]
    skips = [[[], own[i % len(own)]] for i in range(len(given))]
    found = module.evaluate(
        """([given, skips, size, dot]) => given.map(([strokes, pen], i) => {
          const raster = module.rasterise(strokes, pen, size);
          return skips[i].map((skip) => told(module.fit(raster, skip, dot * pen * size)));
        })""",
        [given, skips, rasterize.RASTER, rasterize.DOT],
    )
    for (strokes, pen), each, tried in zip(given, found, skips, strict=True):
        for skip, one in zip(tried, each, strict=True):
            assert_same(one, rasterize.prepared(strokes, pen, skip=skip))


def extremes():
    """Yield photos so thin that, made smaller, they have no inside, upright as well; a solid patch, and noise."""
    for length in (300, 2000):
        strip = np.full((8, length, 3), 240, np.uint8)
        strip[2:6, 20 : 20 + length // 10] = 10
        yield from (strip, 255 - strip, np.ascontiguousarray(strip.swapaxes(0, 1)))
    patch = np.full((200, 200, 3), 250, np.uint8)
    patch[50:150, 70:130] = 10
    yield from (patch, 255 - patch)
    noise = np.random.default_rng(1).choice([0, 255], (250, 250), p=[0.03, 0.97]).astype(np.uint8)
    yield np.dstack([noise] * 3)


def test_photos_as_pixels(module):
    given = [np.dstack([photo, np.full(photo.shape[:2], 255, np.uint8)]) for photo in [*photos(), *extremes()]]
    skips = [[[], SKIPS[i % len(SKIPS)]] for i in range(len(given))]
    found = in_the_page(module, given, skips)
    answered = compare(given, found, skips)
    assert answered > len(given)  # of some, only a corner without ink was cut out


def in_the_page(module, given, skips):
    """Return what the page makes of photos, (h, w, 4) uint8, with each list of skipped steps."""
    sent = [[base64.b64encode(photo.tobytes()).decode(), *photo.shape[:2]] for photo in given]
    return module.evaluate(
        """([sent, skips]) => sent.map(([pixels, height, width], i) => {
          const grey = module.shrunkGrey(bytes(pixels), width, height, module.blockSize(width, height));
          return skips[i].map((skip) => { const made = module.preparePhoto(grey, skip); return made && told(made); });
        })""",
        [sent, skips],
    )


def compare(given, found, skips):
    """Compare what the page has made with what Python makes; return how many photos have ink, counted by skips."""
    answered = 0
    for photo, each, tried in zip(given, found, skips, strict=True):
        grey = handwriting.read_grey(photo)
        for skip, one in zip(tried, each, strict=True):
            expected = handwriting.prepare_grey(grey, skip)
            assert (one is None) == (expected is None)
            if expected is not None:
                answered += 1
                assert_same(one, expected)
    return answered


def test_frames_and_doubts(module):
    """Compare frames on made-up photos, some of which cut the digit or hold no ink: images and doubts."""
    rng, (images, labels) = np.random.default_rng(4), stand_in_digits()[1]
    cases = []
    for kind in ALL_KINDS:
        for photo, _ in photo_set(kind, 2, 9, images, labels):
            grey = handwriting.read_grey(photo)
            sides = [max(8, int(n * rng.uniform(0.3, 1))) for n in grey.shape[::-1]]
            places = [int(rng.integers(n - side + 1)) for n, side in zip(grey.shape[::-1], sides, strict=True)]
            cases += [[grey, None], [grey, [*places, *sides]]]
    found = module.evaluate(
        """(cases) => cases.map(([pixels, rows, columns, frame]) => {
          const made = module.prepareInside({ values: bytes(pixels), rows, columns }, [], frame);
          return made && [text(made.image), made.doubts];
        })""",
        [[base64.b64encode(grey.tobytes()).decode(), *grey.shape, frame] for grey, frame in cases],
    )
    told = []
    for (grey, frame), one in zip(cases, found, strict=True):
        if one is None:
            with pytest.raises(handwriting.HandwritingError, match="Move the frame"):
                handwriting.prepare(grey, frame=frame)
            continue
        expected = handwriting.prepare(grey, frame=frame)
        image = np.frombuffer(base64.b64decode(one[0]), dtype=np.uint8).reshape(28, 28).astype(int)
        assert np.abs(image - expected.image).max() <= 1
        assert one[1] == list(expected.doubts), frame
        told += one[1]
    assert found.count(None) < len(found) / 4
    assert len(set(told)) >= 4
    assert {CUT, UPSTROKE} <= set(told)


def page_form(photo):
    """Return a photo as four bytes for each pixel, (h, w, 4) uint8."""
    if photo.ndim == 2:
        photo = np.dstack([photo] * 3)
    return photo if photo.shape[2] == 4 else np.dstack([photo, np.full(photo.shape[:2], 255, np.uint8)])


@pytest.mark.parametrize("part", range(4))
def test_photos_as_people_have_them(part, module):
    """Compare 200 photos, fifty in each part: eight and nine of each kind."""
    images, labels = stand_in_digits()[1]
    kinds = KINDS[part::4]
    each = [list(photo_set(kind, -(-50 // len(kinds)), 3, images, labels)) for kind in kinds]
    given = [page_form(photo) for one in zip(*each, strict=True) for photo, _ in one][:50]
    skips = [[[], SKIPS[i % len(SKIPS)]] if i % 10 == 0 else [[]] for i in range(len(given))]
    assert compare(given, in_the_page(module, given, skips), skips) >= 50
