"""The chapter "How it learns": its way back is TensorFlow's, and what it says of its networks is so."""

import itertools

import numpy as np
import pytest
from chapter_runs import chapter_run


@pytest.fixture(scope="module")
def chapter():
    """Return what the chapter's run on the digits at hand said, and what its probe found."""
    return chapter_run("06")


def test_it_warns_of_nothing(chapter):
    assert "Warning" not in chapter.stderr


def test_the_way_there_and_back_has_at_most_forty_lines(chapter):
    assert chapter.lines <= 40


def test_every_slope_is_that_of_tensorflow(chapter):
    assert chapter.differences.shape == (6, 6)  # three networks with two batches each; six arrays of parameters
    assert chapter.differences.max() < 1e-10


def test_the_package_works_the_same_slopes_out(chapter):
    assert chapter.from_package < 1e-5


def test_of_equally_large_numbers_the_first_gets_the_blame_as_in_tensorflow(chapter):
    ours, theirs = chapter.ties
    assert np.array_equal(ours, theirs)
    assert np.count_nonzero(ours) == np.size(ours) / 4  # one in each square


def test_every_slope_is_what_nudging_gives(chapter):
    nudged, worked_out = chapter.nudged.T
    assert len(worked_out) == 6
    assert np.all(np.abs(worked_out) > 1e-4)
    assert nudged == pytest.approx(worked_out, rel=1e-2)


def test_gradient_descent_with_these_lines_reads_digits(chapter):
    before, after = chapter.learned
    assert before < 0.3
    assert after > 0.8


def test_the_optimizers_come_down_and_a_large_rate_does_not(chapter):
    nudged, worked_out = chapter.map_slopes
    assert nudged == pytest.approx(worked_out, rel=1e-3)
    for name, heights in chapter.heights.items():
        assert heights[-1] < heights[0], name
    small, right, large = chapter.rates.values()
    assert right < small < chapter.heights["Adam"][0] < large


def test_ten_times_as_many_images_are_three_times_as_sure(chapter):
    spread = list(chapter.polls.values())
    for one, other in itertools.pairwise(spread):
        assert 2.5 < one / other < 4


def test_sizes_of_batches_are_told_with_their_steps(chapter):
    found = chapter.batches
    assert list(found) == ["20", "200", "2000"]
    assert found["20"]["steps"] > found["200"]["steps"] > found["2000"]["steps"]
    assert found["20"]["accuracy"] > found["200"]["accuracy"] > found["2000"]["accuracy"]


def test_equal_starts_stay_equal(chapter):
    assert list(chapter.moved_from_zero) == [False] * 5 + [True]
    assert chapter.units_differ < 0.01


def test_spreads_grow_die_away_or_keep_their_size(chapter):
    large, small, glorot = chapter.starts
    assert large[-1] > 1000 * large[0]
    assert small[-1] < small[0] / 1e6
    assert glorot[0] / 100 < glorot[-1] < glorot[0]


def test_layers_without_a_bend_are_one(chapter):
    assert chapter.collapsed < 1e-3
    assert chapter.rights["two layers, ReLU"] >= chapter.rights["two layers, straight"]


def test_sigmoids_let_less_blame_through(chapter):
    through = {name: found[-1] / found[0] for name, found in chapter.arrives.items()}
    assert through["ReLU"] > 1000 * through["sigmoid"]


def test_dead_units_are_those_that_keras_finds_and_have_died_early(chapter):
    assert np.array_equal(chapter.dead, chapter.dead_by_keras)
    assert chapter.beginning_is_recorded < 1e-4
    assert chapter.silent_at_first < 6
    assert chapter.deaths[-1] > chapter.silent_at_first
