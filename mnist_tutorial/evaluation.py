"""Losses, mistakes and nearest neighbours of predictions, as plain arrays."""

import numpy as np


def cross_entropy(probabilities, one_hot):
    """Return the loss of each prediction: minus the natural logarithm of the probability of the right class.

    probabilities, one_hot: (n, classes). Returns (n,) float64. Probabilities are kept at least 1e-7 away from 0,
    as Keras does, so that a right class with probability 0 costs about 16 and not infinity.
    """
    probabilities = np.clip(np.asarray(probabilities, dtype="float64"), 1e-7, 1.0)
    return -np.log((probabilities * np.asarray(one_hot)).sum(axis=1))


def mistakes(probabilities, labels):
    """Return the positions of the wrong predictions, the most confident one first.

    probabilities: (n, 10). labels: (n,) whole numbers. Returns (m,) positions.
    """
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")]


def nearest(features, training_features, count=3):
    """Return the positions of the training samples nearest to each sample, the nearest first.

    features: (n, d) numbers, for example what a hidden layer returns. training_features: (m, d) of the same kind.
    count: how many to find, 1 to m. Nearness is the Euclidean distance. Returns (n, count) positions in the
    training samples. Raises ValueError for other shapes or counts.
    """
    from sklearn.neighbors import NearestNeighbors

    features, training_features = np.asarray(features), np.asarray(training_features)
    if features.ndim != 2 or training_features.ndim != 2 or features.shape[1:] != training_features.shape[1:]:
        raise ValueError(
            f"nearest() was given features of shapes {features.shape} and {training_features.shape}; "
            "it expects one row per sample, and rows of the same length in both: (n, d) and (m, d)."
        )
    if not 1 <= count <= len(training_features):
        raise ValueError(
            f"nearest() was asked for {count} neighbours; "
            f"it expects 1 to {len(training_features):,}, as many as there are training samples."
        )
    if not len(features):
        return np.empty((0, count), dtype=int)
    found = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(training_features)
    return found.kneighbors(features, return_distance=False)
