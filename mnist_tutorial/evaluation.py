"""What came out: predictions, mistakes and losses, as plain arrays."""

import numpy as np


def cross_entropy(probabilities, one_hot):
    """Return the loss of each prediction: minus the natural logarithm of the probability of the right class.

    probabilities, one_hot: (n, classes). Returns (n,) float64. Probabilities are kept at least 1e-7 away from 0,
    as Keras does, so that a class ruled out with certainty costs about 16 and not infinity.
    """
    probabilities = np.clip(np.asarray(probabilities, dtype="float64"), 1e-7, 1.0)
    return -np.log((probabilities * np.asarray(one_hot)).sum(axis=1))


def mistakes(probabilities, labels):
    """Return the positions of the wrong predictions, the surest mistake first.

    probabilities: (n, 10). labels: (n,) whole numbers. Returns (m,) positions.
    """
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")]
