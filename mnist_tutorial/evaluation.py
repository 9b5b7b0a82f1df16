"""Losses, mistakes and nearest neighbours of predictions, as plain arrays."""

import numbers
import reprlib

import numpy as np

from mnist_tutorial.arrays import as_array, as_labels, as_one_hot, as_probabilities


def cross_entropy(probabilities, one_hot):
    """Return the loss of each prediction: minus the natural logarithm of the probability of the right class.

    probabilities: (n, classes), 0 to 1. one_hot: of the same shape, rows that add up to 1. Returns (n,) float64.
    Probabilities are kept at least 1e-7 away from 0, as Keras does, so that a right class with probability 0 costs
    about 16 and not infinity. Raises ValueError for other shapes or numbers, such as labels that are not one-hot.
    """
    probabilities = as_probabilities("cross_entropy", probabilities)
    one_hot = as_one_hot("cross_entropy", one_hot, probabilities.shape)
    return -(np.log(np.clip(probabilities.astype("float64"), 1e-7, 1.0)) * one_hot).sum(axis=1)


def mistakes(probabilities, labels):
    """Return the positions of the wrong predictions, the most confident one first.

    probabilities: (n, classes), 0 to 1. labels: (n,) whole numbers, 0 to classes - 1. Returns (m,) positions.
    Raises ValueError for other shapes or numbers, such as one-hot labels.
    """
    probabilities = as_probabilities("mistakes", probabilities)
    labels = as_labels("mistakes", labels, *probabilities.shape)
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")]


def nearest(features, training_features, count=3):
    """Return the positions of the training samples nearest to each sample, the nearest first.

    features: (n, d) numbers, for example what a hidden layer returns. training_features: (m, d) of the same kind.
    count: how many to find, 1 to m. Nearness is the Euclidean distance. Returns (n, count) positions in the
    training samples. Raises ValueError for other shapes, for what is not a finite number, and for other counts.
    """
    features = as_array("nearest", "features", features)
    training_features = as_array("nearest", "features", training_features)
    if features.ndim != 2 or training_features.ndim != 2 or features.shape[1:] != training_features.shape[1:]:
        raise ValueError(
            f"nearest() was given features of shapes {features.shape} and {training_features.shape}; "
            "it expects one row per sample, and rows of the same length in both: (n, d) and (m, d)."
        )
    for array in (features, training_features):
        if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
            raise ValueError(
                f"nearest() was given features of type {array.dtype}, not all of them finite numbers; "
                "it expects numbers. Leave out what is NaN or text."
            )
    if isinstance(count, bool) or not isinstance(count, numbers.Integral) or not 1 <= count <= len(training_features):
        raise ValueError(
            f"nearest() was asked for {reprlib.repr(count)} neighbours; "
            f"it expects 1 to {len(training_features):,}, as many as there are training samples."
        )
    if not len(features):
        return np.empty((0, count), dtype=int)
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(training_features)
    return found.kneighbors(features, return_distance=False)
