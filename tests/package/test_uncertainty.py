"""Intervals and comparisons, against the formulas written out and against simulated networks."""

from math import comb

import numpy as np
import pytest
from scipy import stats

from mnist_tutorial.uncertainty import accuracy_interval, compare_answers, spread, with_interval


@pytest.mark.parametrize(("right", "count"), [(9893, 10_000), (0, 7), (7, 7), (1, 1), (54, 100)])
def test_an_interval_is_wilsons_formula(right, count):
    z, share = 1.959963984540054, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    assert accuracy_interval(right, count) == pytest.approx((middle - half, middle + half), abs=1e-12)


def test_the_interval_holds_the_true_share_as_often_as_it_says():
    rng = np.random.default_rng(0)
    for share, count in ((0.989, 10_000), (0.9, 100), (0.5, 30)):
        intervals = [accuracy_interval(int(right), count) for right in rng.binomial(count, share, 600)]
        assert 0.92 < np.mean([low <= share <= high for low, high in intervals]) < 0.98


def test_an_accuracy_is_written_with_its_interval():
    assert with_interval(9893, 10_000) == "98.93% (98.71 to 99.11%)"
    assert with_interval(92, 100, digits=0) == "92% (85 to 96%)"


def test_two_networks_are_compared_on_the_images_that_one_of_them_reads():
    labels = np.zeros(20, int)
    first, second = labels.copy(), labels.copy()
    first[:9] = 1  # wrong on nine
    second[8:10] = 1  # wrong on two, one of them in common
    result = compare_answers(first, second, labels)
    assert result[:4] == (10, 1, 8, 1)
    # Of nine tosses, one or fewer on the one side or on the other.
    assert result.p_value == pytest.approx(2 * (comb(9, 0) + comb(9, 1)) / 2**9)


def test_networks_that_answer_alike_do_not_differ():
    answers = np.array([3, 1, 4])
    assert compare_answers(answers, answers, np.array([3, 1, 5])) == (2, 0, 0, 1, 1.0)


def test_equally_good_networks_are_seldom_told_apart():
    rng = np.random.default_rng(1)
    labels = np.zeros(1000, int)
    p_values = [compare_answers(*(rng.random((2, 1000)) < 0.05).astype(int), labels).p_value for _ in range(300)]
    assert np.mean(np.array(p_values) < 0.05) < 0.06


def test_the_interval_of_a_mean_is_students():
    values = np.random.default_rng(1).normal(size=41)
    found = spread(values)
    half = stats.t.ppf(0.975, 40) * np.std(values, ddof=1) / np.sqrt(41)
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half))
    assert found.deviation == pytest.approx(np.std(values, ddof=1))
    assert spread([3, 3]) == (3, 0, 3, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accuracy_interval(5, 4), "5 right of 4"),
        (lambda: accuracy_interval(0.98, 100), "was given 0.98; it expects two whole numbers"),
        (lambda: accuracy_interval(1, 2, confidence=95), "a confidence of 95"),
        (lambda: with_interval(1, 2, digits=-1), "asked for -1 digits"),
        (lambda: compare_answers([], [], []), "given no answers"),
        (lambda: compare_answers([1, 2], [1], [1, 2]), "1 labels for 2 samples"),
        (lambda: spread([0.9]), "two finite numbers or more"),
        (lambda: spread([0.9, np.nan]), "two finite numbers or more"),
        (lambda: spread(["1", "2"]), "type <U1"),
    ],
)
def test_wrong_arguments_are_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()
