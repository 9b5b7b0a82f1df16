"""A photo or a scan becomes an image like MNIST's, or it is said why not."""

import functools
import io
import os
import struct
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw, features
from scipy import ndimage
from sklearn.datasets import load_digits

from mnist_tutorial import handwriting
from mnist_tutorial.handwriting import STEPS, HandwritingError, photo_sets, preparation, prepare, split
from mnist_tutorial.handwriting.doubts import CUT_APART, TALL, TOUCHING, touching
from mnist_tutorial.handwriting.drawn import drawn_digits
from mnist_tutorial.handwriting.photo_sets import KINDS, LINES, photo_set
from mnist_tutorial.handwriting.synthetic import photo, typeset
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.forward_pass import forward
from mnist_tutorial.reference.weights_format import LAYERS, decode
from mnist_tutorial.stand_in import stand_in_digits

SEVEN = [(80, 60), (150, 60), (100, 190)]
FIVE = [[(140, 60), (90, 60), (85, 110), (120, 105), (140, 130), (120, 165), (80, 165)]]


def drawn(*lines, size=(220, 250), width=14, paper=235, ink=30):
    """Return a drawing of dark ink on light paper as a PIL image in grey levels."""
    image = Image.new("L", size, paper)
    for line in lines or [SEVEN]:
        ImageDraw.Draw(image).line(line, fill=ink, width=width, joint="curve")
    return image


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def assert_close(found, expected, most=40, mean=3):
    difference = np.abs(found.astype(int) - expected)
    assert difference.max() <= most
    assert difference.mean() <= mean


@pytest.fixture
def expected():
    return prepare(drawn()).image


@pytest.fixture
def put(tmp_path):
    """Write bytes to a file; return its path."""

    def write(content, name="digit.png"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


# The image.


def test_the_image_is_like_mnists():
    prepared = prepare(drawn())
    image = prepared.image
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.max() == 255
    assert not image[0].any()
    assert ndimage.center_of_mass(image) == pytest.approx((14, 14), abs=0.1)
    rows, columns = (np.ptp(np.flatnonzero(image.any(axis=axis))) + 1 for axis in (1, 0))
    assert 20 <= rows <= 21
    assert columns < rows
    assert list(prepared.steps) == list(STEPS)
    assert prepared.steps["centre"] is image
    assert prepared.steps["scale"].shape[0] == 20
    assert np.median(prepared.steps["background"]) == 255
    assert np.median(prepared.steps["invert"]) == 0
    assert repr(prepared) == f"Prepared(image: 28 x 28, steps: {', '.join(STEPS)})"


def test_digits_as_the_network_knows_them_stay_almost_as_they_are():
    from mnist_tutorial.stand_in import stand_in_digits

    images = stand_in_digits()[0][0][:50]
    for image in images:
        fill = np.pad(image, 14)  # room around it, as on paper
        found = prepare(fill).image.astype(float)
        assert np.corrcoef(found.ravel(), image.ravel())[0, 1] > 0.85


@pytest.mark.parametrize("paper", ["white", "grey", "uneven", "dark"])
def test_paper_and_light_make_no_difference(paper, expected):
    ink = (235 - np.asarray(drawn(), dtype=float)) / 205
    y, x = np.mgrid[:250, :220] / 250
    grain = np.random.default_rng(1).normal(0, 2, ink.shape)
    image = {
        "white": 255 - 255 * ink,
        "grey": 150 - 80 * ink + grain,
        "uneven": (90 + 110 * x + 40 * y) * (1 - 0.6 * ink) + grain,
        "dark": 30 + 20 * x + 150 * ink + grain,
    }[paper]
    prepared = prepare(np.uint8(np.clip(image, 0, 255)))
    assert_close(prepared.image, expected, 60)
    assert np.mean(prepared.steps["invert"] == 0) > 0.85  # paper is exactly 0
    if paper == "dark":
        assert_close(prepared.steps["invert"], prepared.steps["background"], 0)  # it was light on dark already


def test_a_large_photo_is_made_smaller_by_whole_blocks():
    rng = np.random.default_rng(2)
    colours = rng.integers(0, 256, (300, 601, 3), dtype=np.uint8)
    grey = handwriting.read_grey(colours)
    assert grey.shape == (100, 201)
    light = colours @ [0.299, 0.587, 0.114]
    expected = [[light[i : i + 3, j : j + 3].mean() for j in range(0, 601, 3)] for i in range(0, 300, 3)]
    np.testing.assert_allclose(grey, expected, atol=1)
    large = drawn(size=(220, 250)).resize((1760, 2000), Image.Resampling.NEAREST)
    assert_close(prepare(large).image, prepare(drawn()).image)


def test_specks_do_not_count(expected):
    image = drawn()
    ImageDraw.Draw(image).ellipse((10, 230, 14, 234), fill=30)
    assert_close(prepare(image).image, expected)


def test_each_step_left_out_shows_what_it_is_good_for(expected):
    y, x = np.mgrid[:250, :220] / 250
    shaded = np.uint8(np.asarray(drawn()) * (0.5 + 0.25 * x + 0.25 * y))
    without = {name: prepare(shaded, skip=[name]) for name in STEPS}
    for name, prepared in without.items():
        assert list(prepared.steps) == [step for step in STEPS if step != name]
    assert np.median(without["background"].image[4:-4, 8:-8]) > 20  # a haze of paper
    assert np.median(without["invert"].image[14, 12:16]) > 200  # white paper counts as ink
    assert without["crop"].image.any(axis=1).sum() < 14  # small
    assert without["scale"].image.any(axis=1).sum() < 20
    assert ndimage.center_of_mass(without["scale"].image) == pytest.approx((14, 14), abs=0.1)
    moved = ndimage.center_of_mass(without["centre"].image)
    assert moved != pytest.approx((14, 14), abs=0.4)
    assert_close(without["grey"].image, expected, 60)  # grey in all three colours
    red_ink = np.where(np.asarray(drawn())[..., None] < 128, [235, 30, 30], [235, 235, 235]).astype(np.uint8)
    assert_close(prepare(red_ink).image, expected, 60)
    with pytest.raises(HandwritingError, match="Nothing is drawn"):
        prepare(red_ink, skip="grey")


def test_without_any_step_the_image_is_only_made_smaller():
    square = np.asarray(drawn(size=(280, 280)))
    blocks = square.reshape(28, 10, 28, 10).mean(axis=(1, 3))
    np.testing.assert_allclose(prepare(square, skip=STEPS).image, blocks, atol=1)
    wide = prepare(np.asarray(drawn(size=(280, 240))), skip=STEPS).image
    assert not wide[[0, 1, 26, 27]].any()
    assert wide[2:26].all()


@pytest.mark.parametrize("skip", [["center"], ["crop", 3], "inverted"])
def test_an_unknown_step_is_refused(skip):
    with pytest.raises(
        HandwritingError, match="expects names among grey, background, invert, isolate, crop, thicken, scale, centre"
    ):
        prepare(drawn(), skip=skip)


# What lies around the digit.


def four():
    """Return a photo of a printed 4, (280, 280) uint8, as the issue of photographs has it."""
    return photo(typeset("4", size=170))


@pytest.fixture(scope="module")
def read():
    """Return what the reference network reads from an image, (28, 28) uint8."""
    weights = load_page_weights()
    layers = [decode(weights[name]) for name in LAYERS]  # which takes longer than a forward pass
    return lambda image: int(np.argmax(forward(layers, image)["logits"]))


def test_what_touches_the_edge_is_not_the_digit():
    strip = four()
    strip[:, -2:] = 60
    np.testing.assert_array_equal(prepare(strip).image, prepare(four()).image)
    # With what lies around, a photo is made smaller than without: more paper around it is the fair comparison.
    for paper, width, beyond in ((four(), 40, 150), (255 - four(), 4, 255)):
        around, more_paper = (np.pad(paper, width, constant_values=level) for level in (beyond, paper[0, 0]))
        np.testing.assert_array_equal(prepare(around).image, prepare(more_paper).image)
    alone = strip[:, 200:]  # nothing else is drawn: what there is counts
    assert prepare(alone).image.any()


@pytest.mark.parametrize("turned", [False, True])
def test_a_solid_patch_is_ink(turned):
    patch = np.full((200, 200), 255, np.uint8)
    patch[50:150, 70:130] = 0
    prepared = prepare(255 - patch if turned else patch)
    assert prepared.steps["scale"].shape == (20, 12)
    assert "may not be a digit" in prepared.doubts[0]


def test_an_upright_line_beside_a_digit_may_be_a_1():
    seven = [(60, 60), (130, 60), (90, 200)]
    assert "more than one digit" in prepare(drawn(seven, [(190, 70), (190, 195)], size=(250, 250))).doubts[0]
    pen = prepare(drawn(seven, [(150, 10), (240, 240)], size=(250, 250)))  # aslant, and longer
    assert pen.doubts == prepare(drawn(seven, size=(250, 250))).doubts == ()


def test_small_scans_are_read_when_they_are_enlarged(read):
    scans, labels = load_digits(return_X_y=True)
    enlarged = [np.uint8(255 - np.kron(scan.reshape(8, 8), np.ones((10, 10))) * 255 / 16) for scan in scans[:60]]
    right = sum(read(prepare(one).image) == label for one, label in zip(enlarged, labels, strict=False))
    assert right >= 50


@pytest.mark.parametrize("k", [0.8, 0.7, 0.6, 0.5])
def test_an_edge_of_light_is_no_ink(k):
    lit = four()
    shaded = np.where(np.mgrid[:280, :280][1] >= 140, lit * k, lit).astype("uint8")
    assert_close(prepare(shaded).image, prepare(lit).image)


@pytest.mark.parametrize("width", [12, 16, 22])
@pytest.mark.parametrize("left", [60, 110])
def test_a_hands_soft_shadow_that_touches_the_digit_is_no_ink(left, width):
    hand = np.zeros((280, 280))
    for finger in range(4):
        start = left + finger * (width + 12)
        hand[130:, start : start + width] = 1
    hand[230:, left : left + 4 * (width + 12)] = 1
    shaded = np.uint8(four() * (1 - 0.5 * ndimage.gaussian_filter(hand, 1.5)))
    assert_close(prepare(shaded).image, prepare(four()).image, 110, 6)  # with the shadow: 255 and 22


@pytest.mark.parametrize("place", [(190, 170), (90, 160), (160, 140)])
def test_ink_that_glare_has_made_pale_is_seen(place):
    rows, columns = np.mgrid[:280, :280]
    page = 190 - 130 * typeset("4", size=170)
    shine = 150 / (1 + (((rows - place[0]) ** 2 + (columns - place[1]) ** 2) / 30**2) ** 2)
    glaring = np.uint8(np.minimum(255, page + shine))
    # Where nothing is done about it, the difference is 255 levels, and 24 on average.
    assert_close(prepare(glaring).image, prepare(np.uint8(page)).image, 150, 10)


def coloured(paper, ink):
    """Return a photo of a printed 4, (280, 280, 3) uint8."""
    cover = typeset("4", size=170)[..., None]
    return np.uint8(np.array(paper) * (1 - cover) + np.array(ink) * cover)


@pytest.mark.parametrize(
    ("paper", "ink"),
    [((250, 250, 250), (250, 235, 40)), ((158, 158, 158), (245, 140, 30)), ((38, 64, 178), (215, 30, 30))],
)
def test_ink_as_light_as_the_paper_is_seen_by_its_colour(paper, ink):
    assert_close(prepare(coloured(paper, ink)).image, prepare(four()).image)


def test_white_ink_on_a_transparent_ground_is_seen():
    white = np.dstack([np.full((280, 280, 3), 255, np.uint8), np.uint8(255 * typeset("4", size=170))])
    assert_close(prepare(white).image, prepare(four()).image)
    assert_close(prepare(Image.fromarray(white)).image, prepare(white).image, 0)


def test_the_writers_own_lines_are_left_out():
    ink = typeset("4", size=110)
    around = [(140 + 110 * np.cos(t), 140 + 110 * np.sin(t)) for t in np.linspace(0, 6.28, 60)]
    under = [(80, 210), (200, 212)]
    for line in (around, under, [(70, 70), (210, 70), (210, 210), (70, 210), (70, 70)]):
        page = Image.fromarray(photo(ink))
        ImageDraw.Draw(page).line(line, fill=20, width=6)
        prepared = prepare(page)
        assert_close(prepared.image, prepare(photo(ink)).image)
        assert prepared.steps["invert"].sum() > 1.2 * prepared.steps["isolate"].sum()
        with_line = prepare(page, skip="isolate").image
        assert np.abs(with_line.astype(int) - prepared.image).max() > 100


def test_thin_strokes_are_widened():
    thin, usual = drawn(width=2), drawn(width=14)
    widened, left = prepare(thin).image, prepare(thin, skip="thicken").image
    assert widened.sum() > 2 * left.sum()
    np.testing.assert_array_equal(prepare(usual).image, prepare(usual, skip="thicken").image)


@pytest.mark.parametrize("kind", KINDS)
def test_photos_of_every_kind_are_read(kind, read):
    images, labels = stand_in_digits()[1]
    found = [(read(prepare(shot).image), digit) for shot, digit in photo_set(kind, range(1, 20, 2), 5, images, labels)]
    assert sum(one == digit for one, digit in found) >= 8  # of ten drawn digits


def test_lines_close_together_are_told_apart():
    images, labels = stand_in_digits()[1]
    found = [len(split(shot)) for shot, _ in photo_set(LINES, range(1, 6, 2), 5, images, labels)]
    assert found == [4, 4, 4]


@functools.cache
def split_photos(kind, count):
    """Return what split() finds in photos of drawn digits, one list per photo."""
    images, labels = stand_in_digits()[1]
    return [split(shot) for shot, _ in photo_set(kind, range(1, 2 * count, 2), 5, images, labels)]


def test_digits_that_touch_are_mostly_told_and_digits_alone_are_not():
    found = split_photos(photo_sets.TOUCHING, 12)
    assert sum(any({TOUCHING, CUT_APART} & set(one.doubts) for one in digits) for digits in found) >= 7  # of twelve
    assert all(not one.doubts for digits in split_photos("plain, grey paper", 10) for one in digits)


def test_three_strokes_side_by_side_are_two_digits_that_touch():
    eight = np.zeros((20, 20), bool)
    eight[:, 2:4] = eight[:, 8:10] = eight[[0, 10, 19], 2:10] = True
    assert not touching(eight)
    beside = eight.copy()
    beside[1:3, 13:15] = True  # on two of twenty rows, and then on three
    assert not touching(beside)
    beside[3, 13:15] = True
    assert touching(beside)
    assert not touching(np.zeros((9, 9), bool))


def test_digits_that_touch_are_mostly_cut_apart_beside_and_below_one_another():
    for kind, wanted, least in ((photo_sets.TOUCHING, 2, 5), (photo_sets.TIGHT, 4, 9)):
        found = split_photos(kind, 12)
        assert sum(len(digits) == wanted for digits in found) >= least  # of twelve
        assert any(one.doubts == (CUT_APART,) for digits in found for one in digits)
        for digits in found:
            assert sum(CUT_APART in one.doubts for one in digits) % 2 == 0
            for one in digits:  # its own ink alone
                assert one.steps["isolate"].shape == one.steps["grey"].shape
                assert one.image.max() > 200


def test_on_a_page_of_many_digits_none_is_cut_apart(monkeypatch):
    images, labels = stand_in_digits()[1]
    shots = [shot for shot, _ in photo_set(photo_sets.TOUCHING, range(1, 8, 2), 5, images, labels)]
    monkeypatch.setattr(preparation, "MAX_CUT", 0)
    assert [len(split(shot)) for shot in shots] == [1] * 4


def test_one_digit_that_is_much_taller_than_the_others_is_doubtful():
    page = np.full((300, 300), 230, np.uint8)
    for x, bottom in ((40, 90), (110, 90), (180, 90), (250, 170)):
        page[30:bottom, x : x + 8] = 40
    assert [one.doubts for one in split(page)] == [(), (), (), (TALL,)]


def test_photo_sets_follow_their_seed():
    images, labels = stand_in_digits()[1]
    first, same, other = (next(photo_set("fold", 1, seed, images, labels))[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    *_, last = photo_set("fold", 3, 1, images, labels)
    (alone,) = photo_set("fold", [2], 1, images, labels)
    np.testing.assert_array_equal(alone[0], last[0])
    assert alone[1] == last[1]
    assert first.shape != other.shape or (first != other).any()
    outside = photo_sets._lines([np.array([(300.0, 20.0), (320.0, 30.0)])], (100, 200), 8)  # no mark in any corner
    assert outside.shape == (100, 200)
    assert not outside.any()
    with pytest.raises(ValueError, match="expects a name from ALL_KINDS"):
        next(photo_set("folded", 1, 1, images, labels))


def test_drawn_1s_differ_in_their_upstroke_alone():
    plain, few, long = drawn_digits(1, 4, seed=6), drawn_digits(1, 2, seed=6), drawn_digits(1, 4, seed=6, upstroke=0.6)
    np.testing.assert_array_equal(few, plain[:2])
    assert len({image.tobytes() for image in plain}) == 4
    assert plain.shape == long.shape == (4, 28, 28)
    widths = [[np.ptp(np.flatnonzero(image.max(axis=0) >= 128)) for image in images] for images in (plain, long)]
    assert all(more > one for one, more in zip(*widths, strict=True))


# What it takes.


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
def test_files_of_many_formats(kind, put, expected):
    path = put(saved(drawn(), kind))
    assert_close(prepare(path).image, expected)
    assert_close(prepare(str(path)).image, expected)


def test_arrays_of_every_kind(expected):
    grey = np.asarray(drawn())
    colours = np.stack([grey] * 3, axis=-1)
    clear = np.dstack([np.zeros_like(colours), 255 - grey])  # black ink, paper that is not there
    for array in (grey, colours, clear, grey / 255, np.float32(grey / 255), grey.astype(np.uint16) * 257, grey > 128):
        assert_close(prepare(array).image, expected)


def test_odd_images_are_read_right(put, expected):
    grey = drawn()
    values = np.asarray(grey)
    black = Image.new("RGB", grey.size, "black")
    clear = black.copy()
    clear.putalpha(Image.fromarray(255 - values))
    other = Image.new("L", grey.size, 10)
    turned = Image.Exif()
    turned[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    lying = grey.transpose(Image.Transpose.ROTATE_90)
    palette = grey.convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    odd = {
        "animated GIF": saved(grey, "GIF", save_all=True, append_images=[other]),
        "animated PNG": saved(grey, "PNG", save_all=True, append_images=[other]),
        "CMYK": saved(grey.convert("CMYK"), "JPEG"),
        "16 bit": saved(Image.fromarray(values.astype(np.uint16) * 257)),
        "palette": saved(palette),
        "transparent": saved(clear),
        "transparent palette": saved(Image.fromarray(np.uint8(values < 128)).convert("P"), transparency=0),
        "black and white": saved(grey.convert("1")),
        "turned": saved(lying, "JPEG", exif=turned),
    }
    for name, content in odd.items():
        found = prepare(put(content)).image
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.97, name
    assert_close(prepare(clear).image, expected)
    assert_close(prepare(Image.fromarray(values / np.float32(255))).image, expected)
    assert_close(prepare(Image.fromarray(values.astype(np.int32) * 257)).image, expected)


# What it refuses.


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        prepare(tmp_path / "none.png")


def header_of(width, height):
    """Return a PNG of a few bytes that claims to be of some size."""
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))  # noqa: E731
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"three plain words", "is not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not an image"),  # would start another program
        (b"\x80\x04\x95\x0e\0\0\0\0\0\0\0\x8c\x06string\x94.", "is not an image"),  # a pickle is not looked into
        (saved(drawn())[:300], "cannot be read"),
        (saved(drawn(), "JPEG")[:700], "cannot be read"),
        (saved(drawn(), "GIF")[:200], "cannot be read"),
        (header_of(10_000, 5_001), "10000 x 5001 pixels; expected at most 50 million"),
        (header_of(100_000, 100_000), "expected at most 50 million"),
        (header_of(7, 200), "7 x 200 pixels; expected"),
        (saved(Image.new("RGB", (100, 100), "blue")), "Nothing is drawn"),
    ],
)
def test_bad_files_are_told(content, message, put):
    path = put(content)
    with pytest.raises(HandwritingError, match=message) as caught:
        prepare(path)
    assert str(path) in str(caught.value)
    with pytest.raises(HandwritingError):
        split(path)


def test_a_folder_is_no_image(tmp_path):
    with pytest.raises(HandwritingError, match=r"is a folder; expected an image file\. Name one of the files in it"):
        prepare(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_pipe_or_a_device_is_no_image_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/null"):
        with pytest.raises(HandwritingError, match="is a pipe or a device; expected an image file"):
            prepare(path)


def test_a_pattern_is_told_from_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*gone\.png\. Check its name and its folder"):
        prepare(tmp_path / "gone.png")
    with pytest.raises(FileNotFoundError, match="It looks like a pattern for several files, and no file fits it"):
        prepare(tmp_path / "*.png")


def test_a_tilde_is_the_readers_folder(put, tmp_path, monkeypatch):
    expected = prepare(put(saved(drawn()))).image
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # the same on Windows
    (tmp_path / "seven.png").write_bytes(saved(drawn()))
    assert np.array_equal(prepare("~/seven.png").image, expected)
    assert np.array_equal(prepare(Path("~/seven.png")).image, expected)


def test_an_open_file_is_read_and_named(put):
    expected = prepare(put(saved(drawn()))).image
    assert np.array_equal(prepare(io.BytesIO(saved(drawn()))).image, expected)
    with put(b"three plain words").open("rb") as file, pytest.raises(HandwritingError) as caught:
        prepare(file)
    assert str(caught.value).startswith(f"{file.name} is not an image")


@pytest.mark.parametrize(
    ("content", "called", "cure"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "an HEIC photo", "pip install pillow-heif"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF image", "PNG or JPEG"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document", "Save its page as PNG or JPEG"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing", "Export it as PNG"),
        (b'\n<svg width="9"/>', "an SVG drawing", "Export it as PNG"),
        (b"<!DOCTYPE html><p>Sign in", "a saved web page", "save the image itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a pointer of Git LFS", "git lfs pull"),
        (b"PK\x03\x04" + bytes(26), "a zip archive", "Unpack it"),
        (b"8BPS\0\1", "a Photoshop file", "Export it as PNG"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "a camera's raw file", "Export it as JPEG"),
    ],
)
def test_other_formats_are_named_with_what_to_do(content, called, cure, put, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # as if it were not installed
    with pytest.raises(HandwritingError, match=f"{called}.*; expected a PNG, JPEG.*{cure}") as caught:
        prepare(put(content))
    assert "cannot be read" not in str(caught.value)


def test_avif_is_read_where_pillow_can(put):
    if not features.check("avif"):  # then the test above says what is told
        return
    read = prepare(put(saved(drawn().convert("RGB"), "AVIF", quality=95))).image
    assert_close(read, prepare(drawn()).image, most=12)


def test_heic_is_read_where_pillow_heif_is_installed(put, monkeypatch):
    def register():
        """Register what stands in for the plugin: it takes such a file for our drawing."""
        Image.register_open("HEIF", lambda file, name: drawn(), lambda start: start[4:12] == b"ftypheic")

    for registry in ("OPEN", "ID"):
        monkeypatch.setattr(Image, registry, getattr(Image, registry).copy())
    monkeypatch.setitem(sys.modules, "pillow_heif", SimpleNamespace(register_heif_opener=register))
    found = prepare(put(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")).image
    assert np.array_equal(found, prepare(drawn()).image)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.full((50, 50), np.nan), "values from nan"),
        (np.linspace(0, 2, 2500).reshape(50, 50), "values from 0.0 to 2.0"),
        (np.full((50, 50), -np.inf), "values from -inf"),
        (np.zeros((50, 50), dtype=int), "of type int64"),
        (np.zeros((50, 50), dtype=complex), "of type complex128"),
        (np.array([[None, "a"]], dtype=object), "of type object"),
        (np.zeros(784, dtype=np.uint8), r"shape \(784,\)"),
        (np.zeros((50, 50, 2), dtype=np.uint8), r"shape \(50, 50, 2\)"),
        (np.zeros((1, 28, 28, 1), dtype=np.uint8), r"shape \(1, 28, 28, 1\)"),
        (np.zeros((0, 0), dtype=np.uint8), "0 x 0 pixels"),
        (np.zeros((7, 50), dtype=bool), "50 x 7 pixels"),
        (np.broadcast_to(np.uint8(0), (10_000, 10_000)), "expected at most 50 million"),
        (np.full((50, 50), 200, dtype=np.uint8), "Nothing is drawn"),
        (np.zeros((50, 50)), "Nothing is drawn"),
        ([[1, 2], [3]], "no array"),
        (None, "of type object"),
        (Image.new("L", (7, 7)), "7 x 7 pixels"),
    ],
)
def test_bad_arrays_are_told(source, message):
    with pytest.raises(HandwritingError, match=message):
        prepare(source)


def test_light_and_grain_alone_are_no_ink():
    y, x = np.mgrid[:200, :280] / 280
    grain = np.random.default_rng(3).normal(0, 3, x.shape)
    with pytest.raises(HandwritingError, match="Use a darker pen, more light, or come closer"):
        prepare(np.uint8(120 + 80 * x + 30 * y + grain))


# Several digits in one photo.


def moved(line, right, down):
    return [(x + right, y + down) for x, y in line]


def test_several_digits_are_read_in_order():
    one = [(100, 60), (100, 180)]
    five = [((140, 60), (92, 60)), ((88, 84), *FIVE[0][2:])]  # its upper stroke apart
    places = [(SEVEN, 0, 0), (one, 150, 12), (SEVEN, 300, -10), (one, 20, 205), (SEVEN, 130, 190)]
    lines = [moved(line, right, down) for line, right, down in places]
    lines += [moved(line, 320, 205) for line in five]
    image = drawn(*lines, size=(560, 460))
    ImageDraw.Draw(image).ellipse((20, 20, 25, 25), fill=30)
    y, x = np.mgrid[:460, :560] / 560
    shaded = np.uint8(np.asarray(image) * (0.55 + 0.3 * x + 0.15 * y))
    found = split(shaded)
    whole = drawn(*(moved(line, 0, 0) for line in five))
    expected = [SEVEN, one, SEVEN, one, SEVEN]
    assert len(found) == 6
    for prepared, line in zip(found, expected, strict=False):
        assert_close(prepared.image, prepare(drawn(line)).image, 90, 5)
        assert list(prepared.steps) == list(STEPS)
    assert_close(found[5].image, prepare(whole).image, 90, 5)


def test_one_digit_alone_is_the_same_as_prepared():
    (found,) = split(drawn())
    np.testing.assert_array_equal(found.image, prepare(drawn()).image)
    light_on_dark = split(255 - np.asarray(drawn()))
    assert_close(light_on_dark[0].image, found.image)
