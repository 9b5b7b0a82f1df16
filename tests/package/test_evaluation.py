"""Losses and mistakes, compared with Keras and with a second way to find them."""

import numpy as np
import pytest

from mnist_tutorial.evaluation import cross_entropy, mistakes, nearest


@pytest.fixture
def predictions():
    """Return 50 rows of ten probabilities, and the right digits."""
    rng = np.random.default_rng(0)
    return rng.dirichlet(np.full(10, 0.3), 50).astype(np.float32), rng.integers(0, 10, 50)


def test_cross_entropy_is_keras_loss(predictions):
    import keras

    probabilities, labels = predictions
    one_hot = np.eye(10, dtype=np.float32)[labels]
    keras_loss = keras.losses.CategoricalCrossentropy(reduction=None)(one_hot, probabilities)
    losses = cross_entropy(probabilities, one_hot)
    assert losses.shape == (50,)
    assert losses.dtype == np.float64
    assert losses == pytest.approx(np.asarray(keras_loss), rel=1e-4, abs=1e-5)


def test_cross_entropy_of_simple_rows():
    rows = [[0.5, 0.5, 0], [0.1, 0.9, 0], [0, 0, 1], [1, 0, 0]]
    losses = cross_entropy(rows, np.eye(3)[[0, 0, 2, 2]])
    assert losses == pytest.approx([0.6931, 2.3026, 0, 16.118], abs=1e-4)  # the last one: not infinite


def test_mistakes_are_the_wrong_ones_and_the_surest_comes_first(predictions):
    probabilities, labels = predictions
    found = mistakes(probabilities, labels)
    expected = [i for i in range(50) if max(range(10), key=lambda digit: probabilities[i][digit]) != labels[i]]
    assert sorted(found) == expected
    assert len(found) > 10
    sureness = probabilities[found].max(axis=1)
    assert (np.diff(sureness) <= 0).all()


def test_mistakes_equally_sure_keep_their_order():
    assert list(mistakes(np.array([[0.8, 0.2], [0.1, 0.9], [0.8, 0.2]]), np.array([1, 0, 1]))) == [1, 0, 2]


def test_no_mistakes():
    assert mistakes(np.eye(10), np.arange(10)).shape == (0,)


def test_nearest_agrees_with_all_distances_worked_out():
    rng = np.random.default_rng(1)
    features, training = rng.normal(size=(20, 6)), rng.normal(size=(300, 6))
    distances = np.sqrt(((features[:, None] - training[None]) ** 2).sum(axis=-1))
    found = nearest(features, training, count=4)
    np.testing.assert_array_equal(found, np.argsort(distances, axis=1)[:, :4])
    assert nearest(training[:5], training, count=1).ravel().tolist() == [0, 1, 2, 3, 4]
    assert nearest(features[:0], training).shape == (0, 3)


def test_nearest_says_what_it_expects():
    for features, training in ((np.zeros((2, 3)), np.zeros((5, 4))), (np.zeros(3), np.zeros((5, 3)))):
        with pytest.raises(ValueError, match=r"rows of the same length in both"):
            nearest(features, training)
    for count in (0, 6):
        with pytest.raises(ValueError, match=f"asked for {count} neighbours; it expects 1 to 5"):
            nearest(np.zeros((2, 3)), np.zeros((5, 3)), count)
