"""How far a number that was counted on some images can be trusted: intervals, and the comparison of two networks."""

import numbers
import reprlib
from typing import NamedTuple

import numpy as np

from mnist_tutorial.arrays import as_array, as_labels


def accuracy_interval(right, count, confidence=0.95):
    """Return the interval in which the accuracy on fresh images of the same kind is to be expected: (low, high).

    right: how many answers were right, 0 to count. count: how many there were, at least 1. confidence: between 0 and 1;
    of many such intervals, so many hold the true share. Returns two floats, 0 to 1, by Wilson's rule ("Probable
    Inference", 1927), which also holds for few images and for shares near 0 and 1. Raises ValueError for other numbers.
    """
    for value in (right, count):
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise ValueError(
                f"accuracy_interval() was given {reprlib.repr(value)}; it expects two whole numbers: how many answers "
                "were right, and how many there were. Pass it int((answers == labels).sum()) and len(labels)."
            )
    if not 0 <= right <= count or count < 1:
        raise ValueError(
            f"accuracy_interval() was given {right} right of {count}; it expects at least one answer, "
            "and from 0 to all of them right. Pass it the number of right answers first."
        )
    if isinstance(confidence, bool) or not isinstance(confidence, numbers.Real) or not 0 < confidence < 1:
        raise ValueError(
            f"accuracy_interval() was given a confidence of {reprlib.repr(confidence)}; "
            "it expects a number between 0 and 1. 95% is 0.95."
        )
    from scipy.stats import binomtest

    low, high = binomtest(int(right), int(count)).proportion_ci(float(confidence), method="wilson")
    return float(low), float(high)


def with_interval(right, count, digits=2):
    """Return an accuracy with its 95% interval as the book writes it, such as "98.93% (98.71 to 99.11%)".

    right, count: as for accuracy_interval(). digits: after the point, 0 to 6.
    """
    if isinstance(digits, bool) or not isinstance(digits, numbers.Integral) or not 0 <= digits <= 6:
        raise ValueError(
            f"with_interval() was asked for {reprlib.repr(digits)} digits after the point; it expects 0 to 6. "
            "Leave it out for two."
        )
    low, high = accuracy_interval(right, count)
    return f"{100 * right / count:.{digits}f}% ({100 * low:.{digits}f} to {100 * high:.{digits}f}%)"


class Comparison(NamedTuple):
    """How two networks answered the same images, counted; what `compare_answers` returns."""

    both_right: int
    only_first_right: int
    only_second_right: int
    both_wrong: int
    p_value: float  # how often a fair coin would divide the images that only one reads at least as unevenly


def compare_answers(first, second, labels):
    """Compare the answers of two networks to the same images by McNemar's exact test.

    first, second, labels: (n,) whole numbers, 0 to 9, for the same n images, n at least 1. Returns a Comparison. Only
    the images that one network reads and the other does not can tell which is better: were both equally good, each of
    them would be like the toss of a coin. Raises ValueError for other shapes or numbers.
    """
    first = as_labels("compare_answers", first)
    second = as_labels("compare_answers", second, len(first))
    labels = as_labels("compare_answers", labels, len(first))
    if not len(labels):
        raise ValueError("compare_answers() was given no answers; it expects at least one. Pass it whole arrays.")
    from scipy.stats import binomtest

    first_right, second_right = first == labels, second == labels
    only_first, only_second = int((first_right & ~second_right).sum()), int((~first_right & second_right).sum())
    discordant = only_first + only_second
    return Comparison(
        int((first_right & second_right).sum()),
        only_first,
        only_second,
        int((~first_right & ~second_right).sum()),
        float(binomtest(only_first, discordant).pvalue) if discordant else 1.0,
    )


class Spread(NamedTuple):
    """A mean, the standard deviation of what it was taken of, and the 95% interval of the mean."""

    mean: float
    deviation: float
    low: float
    high: float


def spread(values):
    """Return the Spread of numbers, such as the gain of each of many writers; the interval is Student's.

    values: (n,) finite numbers, n at least 2. Raises ValueError for others.
    """
    values = as_array("spread", "numbers", values)
    is_numeric = values.dtype.kind in "fiub" and values.ndim == 1
    if not is_numeric or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(
            f"spread() was given an array of shape {values.shape} and type {values.dtype}; it expects two finite "
            "numbers or more: shape (n,). Leave out what is NaN or text."
        )
    from scipy.stats import ttest_1samp

    values = values.astype("float64")
    mean, deviation = float(values.mean()), float(values.std(ddof=1))
    if deviation == 0:
        return Spread(mean, 0.0, mean, mean)
    low, high = ttest_1samp(values, 0).confidence_interval(0.95)
    return Spread(mean, deviation, float(low), float(high))
