"""Images that are not MNIST's: what they hold, and that a network can read the digits among them."""

import numpy as np
import pytest

from mnist_tutorial.handwriting.synthetic import CAT, FONTS, SIDE, draw, photo, scribble, typeset


@pytest.mark.parametrize("font", FONTS)
def test_every_typeface_is_there_and_differs_from_the_others(font):
    ink = typeset("4", font)
    assert ink.shape == (SIDE, SIDE)
    assert ink.min() == 0
    assert ink.max() == 1
    for other in set(FONTS) - {font}:
        assert np.abs(ink - typeset("4", other)).sum() > 100


def test_size_place_and_tilt_are_kept():
    rows, columns = np.nonzero(typeset("1", size=60, place=(60, 200)) > 0.5)
    assert (rows.mean(), columns.mean()) == pytest.approx((200, 60), abs=6)
    heights = [np.ptp(np.nonzero(typeset("1", size=size) > 0.5)[0]) for size in (60, 120)]
    assert heights[1] == pytest.approx(2 * heights[0], abs=4)
    upright, tilted = (np.ptp(np.nonzero(typeset("1", size=150, tilt=tilt) > 0.5)[1]) for tilt in (0, 40))
    assert tilted > upright + 10


def test_strokes_are_as_wide_as_the_pen():
    ink = draw([[(0.2, 0.5), (0.8, 0.5)]], width=0.1)
    assert ink[:, SIDE // 2].sum() == pytest.approx(0.1 * SIDE, abs=1)
    assert ink[SIDE // 2].sum() == pytest.approx(0.7 * SIDE, abs=2)  # with its round ends
    assert 0.02 < draw(CAT, width=0.04).mean() < 0.3


def test_scribbles_differ_by_their_seed_alone():
    assert scribble(1) == scribble(1) != scribble(2)


def test_paper_is_white_without_a_seed_and_unevenly_lit_with_one():
    ink = typeset("7")
    white = photo(ink)
    assert white.dtype == np.uint8
    assert (white[ink == 0] == 255).all()
    assert white[ink == 1].max() < 20
    grey, other = photo(ink, seed=1), photo(ink, seed=2)
    assert np.array_equal(grey, photo(ink, seed=1))
    assert not np.array_equal(grey, other)
    paper = grey[ink == 0].astype(int)
    assert np.ptp(paper) > 50


def test_the_network_reads_printed_digits_in_bad_light():
    from mnist_tutorial import load_reference_model
    from mnist_tutorial.handwriting import prepare
    from mnist_tutorial.processing import process_images

    digits = np.arange(10)
    images = [photo(typeset(str(digit), "DejaVuSansMono"), seed=100 + int(digit)) for digit in digits]
    images = process_images(np.array([prepare(image).image for image in images]))
    assert (load_reference_model().predict(images, verbose=0).argmax(axis=1) == digits).sum() >= 9
