"""Measurements of digits drawn by hand in text: # is ink."""

import numpy as np
import pytest

from mnist_tutorial.measurements import INK_THRESHOLD, measure

STROKE = """
##
##
##
##
##
##
##
##"""
RING = """
######
######
##..##
##..##
##..##
######
######"""
EIGHT = """
######
##..##
##..##
######
##...#
##...#
##...#
######"""
NINE = """
######
##..##
##..##
######
....##
....##
....##
....##"""
OPEN = """
##..##
##..##
##..##
######
######"""


def image_of(drawing, row=6, column=9, ink=255):
    lines = drawing.split()
    image = np.zeros((28, 28), np.uint8)
    for offset, line in enumerate(lines):
        image[row + offset, column : column + len(line)] = [ink if dot == "#" else 0 for dot in line]
    return image


@pytest.mark.parametrize(
    ("drawing", "holes"),
    [(STROKE, 0), (OPEN, 0), (RING, 1), (NINE, 1), (EIGHT, 2)],
    ids=["stroke", "open", "ring", "nine", "eight"],
)
def test_holes_are_counted(drawing, holes):
    assert measure(image_of(drawing)).holes == holes


def test_ink_touching_all_borders_is_one_ring():
    image = np.zeros((28, 28), np.uint8)
    image[[0, -1]] = image[:, [0, -1]] = 255
    measured = measure(image)
    assert measured.holes == 1
    assert measured.hole_position == pytest.approx(0.5)
    assert measured.width == 1


def test_a_tiny_gap_in_the_ink_is_no_hole():
    image = image_of("######\n######\n##.###\n######")
    assert measure(image).holes == 0
    assert measure(image).hole_position == 0.5


def test_position_is_that_of_the_largest_hole():
    assert measure(image_of(RING)).hole_position == pytest.approx(0.5)
    assert measure(image_of(NINE)).hole_position == pytest.approx(2 / 8)
    assert measure(image_of(EIGHT)).hole_position == pytest.approx(5.5 / 8)


def test_shares_are_counted_within_the_digit():
    stroke = measure(image_of(STROKE))
    assert (stroke.ink, stroke.width, stroke.top, stroke.left) == (16 / 784, 2 / 8, 0.5, 0.5)
    heavy = measure(image_of("####\n####\n#...\n#..."))
    assert (heavy.ink, heavy.width, heavy.top, heavy.left) == (10 / 784, 1, 0.8, 0.6)


def test_moving_the_digit_changes_nothing():
    assert measure(image_of(NINE, row=0, column=0)) == measure(image_of(NINE, row=20, column=22))


def test_numbers_print_as_plain_numbers():
    assert "np." not in repr(measure(image_of(NINE)))


@pytest.mark.parametrize("ink", [0, INK_THRESHOLD])
def test_empty_paper_is_refused(ink):
    with pytest.raises(ValueError, match=r"without ink \(no pixel above 100\).*light ink on black"):
        measure(image_of(STROKE, ink=ink))
