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


def test_mistakes_are_the_wrong_ones_and_the_most_confident_comes_first(predictions):
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


def test_cross_entropy_of_shared_rows_is_keras_loss(predictions):
    import keras

    probabilities, labels = predictions
    smoothed = 0.9 * np.eye(10)[labels] + 0.01
    keras_loss = keras.losses.CategoricalCrossentropy(reduction=None)(smoothed, probabilities)
    assert cross_entropy(probabilities, smoothed) == pytest.approx(np.asarray(keras_loss), rel=1e-4, abs=1e-5)


P, LABELS = np.full((3, 10), 0.1), np.array([1, 2, 3])
BAD_PROBABILITIES = [
    (P[0], r"shape \(10,\)", r"probabilities\[None\]"),
    (P[None], r"shape \(1, 3, 10\)", r"model\.predict\(\)"),
    (P.astype(str), "type <U", r"model\.predict\(\)"),
    (P * np.nan, "from nan to nan", "smaller learning rate"),
    (P * 70 - 5, "from 2.0", "softmax"),
    ([[1], [1, 2]], "no array", "same length"),
    (None, r"shape \(\)", r"model\.predict\(\)"),
]


@pytest.mark.parametrize(("probabilities", "named", "cure"), BAD_PROBABILITIES)
def test_other_probabilities_are_refused(probabilities, named, cure):
    for function, right in ((cross_entropy, np.eye(10)[LABELS]), (mistakes, LABELS)):
        with pytest.raises(ValueError, match=rf"{function.__name__}\(\) was given .*{named}.*; it expects .*{cure}"):
            function(probabilities, right)


@pytest.mark.parametrize(
    ("one_hot", "named", "cure"),
    [
        (LABELS, r"shape \(3,\)", r"process_labels\(labels\)"),
        (LABELS[:, None], r"shape \(3, 1\)", r"process_labels\(labels\)"),
        (np.eye(10)[:2], r"shape \(2, 10\)", "same samples"),
        (np.eye(5)[LABELS], r"shape \(3, 5\)", "same samples"),
        (np.eye(10)[LABELS].astype(str), "type <U", r"process_labels\(\) returns"),
        (np.eye(10)[LABELS] * np.nan, "from nan", r"process_labels\(\) returns"),
        (np.eye(10)[LABELS] * 7.5, "to 7.5", r"process_labels\(\) returns"),
        (np.ones((3, 10)), "from 1.0 to 1.0", r"process_labels\(\) returns"),
    ],
    ids=["labels", "a column", "fewer", "five classes", "texts", "NaN", "7.5", "several classes"],
)
def test_cross_entropy_refuses_what_is_not_one_hot(one_hot, named, cure):
    with pytest.raises(ValueError, match=rf"cross_entropy\(\) was given .*{named}.*; it expects .*{cure}"):
        cross_entropy(P, one_hot)


@pytest.mark.parametrize(
    ("labels", "named", "cure"),
    [
        (np.eye(10)[LABELS], r"shape \(3, 10\)", "one-hot already"),
        (LABELS[:, None], r"shape \(3, 1\)", r"labels\[:, 0\]"),
        (LABELS * 1.0, "type float64", r"labels\.astype\(int\)"),
        (LABELS.astype(str), "type <U", r"labels\.astype\(int\)"),
        (LABELS[:2], "2 labels for 3 samples", "same samples"),
        (LABELS + 9, "from 10 to 12", "Correct the labels"),
    ],
    ids=["one-hot", "a column", "floats", "texts", "fewer", "too large"],
)
def test_mistakes_refuses_what_is_no_label(labels, named, cure):
    with pytest.raises(ValueError, match=rf"mistakes\(\) was given .*{named}.*; it expects .*{cure}"):
        mistakes(P, labels)


def test_lists_are_as_good_as_arrays():
    assert cross_entropy(P.tolist(), np.eye(10)[LABELS].tolist()) == pytest.approx(np.full(3, np.log(10)))
    assert mistakes(P.tolist(), LABELS.tolist()).tolist() == [0, 1, 2]
    assert nearest([[0.0, 0]], [[3.0, 3], [1, 1]], count=1).tolist() == [[1]]


@pytest.mark.parametrize("bad", [np.full((2, 3), np.nan), np.full((2, 3), "a"), np.full((2, 3), None)])
def test_nearest_takes_finite_numbers_alone(bad):
    for features, training in ((bad, np.zeros((5, 3))), (np.zeros((2, 3)), bad)):
        with pytest.raises(ValueError, match=r"nearest\(\) was given features .* it expects numbers"):
            nearest(features, training, 1)
    for count in (1.5, "2", None, True):
        with pytest.raises(ValueError, match=f"asked for {count!r} neighbours; it expects 1 to 5"):
            nearest(np.zeros((2, 3)), np.zeros((5, 3)), count)
