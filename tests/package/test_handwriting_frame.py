"""A frame on a photo: the part of it to look for the digit in, and what leaves doubt about the digit."""

import numpy as np
import pytest
from digit_pad_photos import seven_and_nought
from PIL import Image, ImageDraw

from mnist_tutorial.handwriting import STEPS, HandwritingError, crop_to_frame, prepare, read_grey
from mnist_tutorial.handwriting.doubts import UPSTROKE, has_upstroke


def test_only_what_is_inside_counts():
    photo = np.asarray(seven_and_nought())
    seven, nought = photo.copy(), photo.copy()
    seven[:, 140:] = nought[:, :140] = 215  # the other one is painted over
    for frame, alone in (((0, 0, 140, 160), seven), ((140, 0, 140, 160), nought)):
        x, y, width, height = frame
        np.testing.assert_array_equal(crop_to_frame(photo, frame), photo[y : y + height, x : x + width])
        found, expected = prepare(photo, frame=frame), prepare(alone)
        np.testing.assert_array_equal(found.image, prepare(crop_to_frame(photo, frame)).image)
        assert found.doubts == expected.doubts == ()
        assert np.corrcoef(found.image.ravel(), expected.image.ravel())[0, 1] > 0.99
    assert prepare(photo).doubts


def test_it_counts_in_pixels_of_the_photo_made_smaller(tmp_path):
    large = seven_and_nought().resize((1120, 640))
    path = tmp_path / "large.png"
    large.save(path)
    assert read_grey(path).shape == (160, 280)
    np.testing.assert_array_equal(crop_to_frame(path, (150, 10, 100, 140)), read_grey(path)[10:150, 150:250])
    whole = crop_to_frame(path, (0, 0, 280, 160))
    np.testing.assert_array_equal(prepare(whole).image, prepare(path).image)
    right = prepare(path, frame=(140, 0, 140, 160), skip="thicken")
    np.testing.assert_array_equal(right.image, prepare(read_grey(path)[:, 140:], skip="thicken").image)


def test_numbers_of_any_kind_are_taken():
    photo = seven_and_nought()
    expected = crop_to_frame(photo, (10, 20, 30, 40))
    for frame in ([10, 20, 30, 40], np.array([10, 20, 30, 40]), (10.0, 20.0, 30.0, 40.0)):
        np.testing.assert_array_equal(crop_to_frame(photo, frame), expected)


@pytest.mark.parametrize(
    "frame",
    [
        (0, 0, 281, 160),
        (0, 1, 280, 160),
        (-1, 0, 50, 50),
        (0, 0, 7, 8),
        (0, 0, 8, 7),
        (0.5, 0, 50, 50),
        (0, 0, float("nan"), 50),
        (0, 0, float("inf"), 50),
        (0, 0, 50),
        (0, 0, 50, 50, 50),
        "here",
        None,
        5,
        (None, 0, 50, 50),
        np.zeros((2, 2)),
    ],
)
def test_frames_that_do_not_lie_on_the_photo_are_refused(frame):
    with pytest.raises(
        HandwritingError, match=r"frame was given .*; it expects x, y, width and height, four whole"
    ) as error:
        crop_to_frame(seven_and_nought(), frame)
    if frame is not None:
        with pytest.raises(HandwritingError) as same:
            prepare(seven_and_nought(), frame=frame)
        assert str(same.value) == str(error.value)
    assert "280 x 160 pixels, at least 8 x 8. (0, 0, 280, 160) is the whole photo." in str(error.value)


def test_what_is_no_photo_is_refused_as_ever():
    with pytest.raises(HandwritingError, match="expected an array"):
        crop_to_frame(7, (0, 0, 8, 8))


def test_a_frame_without_ink_is_named():
    with pytest.raises(HandwritingError, match=r"in the frame \(0, 130, 40, 30\) on .*Move the frame"):
        prepare(seven_and_nought(), frame=(0, 130, 40, 30))


def test_a_photo_narrower_than_a_frame_may_be_keeps_its_whole_width():
    strip = np.full((2000, 56), 240, np.uint8)
    strip[400:900, 16:40] = 10
    assert read_grey(strip).shape == (250, 7)
    np.testing.assert_array_equal(prepare(strip, frame=(0, 0, 7, 250)).image, prepare(strip).image)


CUT = "A part of the digit may be missing: its ink reaches the edge of the photo."
FAINT = "The ink hardly differs from the paper: it may be a stain or a shadow."


def stroke(*points, ink=40, size=(280, 280)):
    image = Image.new("L", size, 220)
    ImageDraw.Draw(image).line(points, fill=ink, width=16, joint="curve")
    return image


def test_doubts_are_told_where_the_page_tells_them():
    cut, whole = stroke((80, -30), (80, 130)), stroke((80, 30), (80, 190))
    assert prepare(cut).doubts == (CUT,)
    assert prepare(whole).doubts == ()
    assert prepare(stroke((80, 30), (80, 190), ink=190)).doubts == (FAINT,)
    assert prepare(stroke((80, 30), (80, 190), ink=170)).doubts == ()
    assert prepare(whole, frame=(50, 60, 60, 200)).doubts == (
        "The frame may cut through the digit: its ink reaches the frame.",
    )
    assert prepare(stroke((140, -30), (140, 300))).doubts == ()  # cut out along the ink


def test_a_1_with_an_upstroke_is_doubtful_and_a_plain_1_and_a_7_are_not():
    stem = (150, 50), (145, 230)
    assert prepare(stroke((100, 90), *stem)).doubts == prepare(stroke((50, 130), *stem)).doubts == (UPSTROKE,)
    assert prepare(stroke(*stem)).doubts == ()
    assert prepare(stroke((60, 55), (150, 50), (100, 230))).doubts == ()
    assert prepare(stroke((100, 50), (60, 150), (190, 150))).doubts == ()  # an L, as a 4 begins
    assert not has_upstroke(np.zeros((9, 9), bool))


def test_paper_between_the_strokes_of_a_cut_digit_is_no_ink():
    image = Image.new("L", (220, 280), 220)
    pen = ImageDraw.Draw(image)
    for top in (-50, 40):  # an 8 whose head is cut by the upper edge
        pen.ellipse([70, top, 140, top + 100], outline=40, width=10)
    found = prepare(image)
    assert found.doubts == (CUT,)
    assert found.steps["isolate"][90, 105] == 0
    assert found.steps["isolate"][90, 75] == 255


def test_a_sheet_that_is_taken_for_a_digit_is_doubtful():
    image = Image.new("L", (180, 200), 40)
    pen = ImageDraw.Draw(image)
    pen.polygon([(8, 30), (130, 8), (170, 165), (45, 190)], fill=210)
    pen.arc([60, 60, 120, 110], 180, 450, fill=60, width=16)  # a 3
    pen.arc([60, 100, 120, 150], 270, 540, fill=60, width=16)
    assert "wider than the strokes of a pen" in prepare(image).doubts[0]


def test_a_doubt_does_not_need_the_steps():
    for skip in STEPS:
        assert prepare(stroke((80, -30), (80, 130)), skip=skip).doubts == (CUT,)
