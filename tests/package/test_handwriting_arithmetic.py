"""The arithmetic that photos go through, each beside a second way to the same numbers."""

import numpy as np
import pytest
from scipy import ndimage

from mnist_tutorial.handwriting import cuts, paper


@pytest.mark.parametrize("half", [0, 1, 2, 3, 7, 8, 40])
@pytest.mark.parametrize("shape", [(1, 9), (2, 3), (16, 17), (31, 30)])
def test_the_largest_and_smallest_nearby_are_those_of_scipy(shape, half):
    values = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    for choose, of in ((np.maximum, ndimage.maximum_filter), (np.minimum, ndimage.minimum_filter)):
        expected = of(values, size=2 * half + 1, mode="nearest")
        np.testing.assert_array_equal(paper.filtered(values, half, choose), expected)


def test_darkness_is_the_whole_number_that_integers_give():
    behind, image = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    image = np.minimum(image, behind)  # paper is nowhere darker than what lies on it
    depth, darkness = paper.darkness_on(behind, image, True)
    most = np.maximum(np.maximum(behind, 255 // 4), 1)
    expected = (2 * 255 * (behind - image) + most) // (2 * most)
    np.testing.assert_array_equal(depth, behind - image)
    np.testing.assert_array_equal(darkness, np.maximum(expected - paper.median(expected, 2), 0))


@pytest.mark.parametrize("seed", range(5))
def test_no_path_is_cheaper_and_each_keeps_to_its_columns(seed):
    """By going through all paths, from row to row at most one column aside."""
    cost = np.random.default_rng(seed).integers(1, 9, (5, 8))
    starts, ends = np.array([0, 2, 5]), np.array([4, 6, 11])  # the last reaches beyond the cost
    for path, start, end in zip(cuts._cheapest_paths(cost, starts, ends), starts, ends, strict=True):
        own = cost[:, start:end]
        paths = [(column,) for column in range(own.shape[1])]
        for _ in own[1:]:
            paths = [
                (*one, one[-1] + step) for one in paths for step in (-1, 0, 1) if 0 <= one[-1] + step < own.shape[1]
            ]
        totals = [own[np.arange(5), one].sum() for one in paths]
        assert tuple(path) in paths
        assert own[np.arange(5), path].sum() == min(totals)
