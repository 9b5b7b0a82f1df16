"""Step 3: from loaded arrays to what the network takes."""

import numpy as np
import pytest

from mnist_tutorial.processing import process_images, process_labels


def test_images_get_a_channel_and_go_from_0_to_1():
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    images[0, 0, :2] = 0, 255
    before = images.copy()
    processed = process_images(images)
    assert processed.shape == (5, 28, 28, 1)
    assert processed.dtype == np.float32
    assert (processed.min(), processed.max()) == (0, 1)
    assert np.array_equal(np.rint(processed[..., 0] * 255), images)
    assert np.array_equal(images, before)


def test_labels_become_what_keras_makes_of_them():
    import keras

    labels = np.array([5, 0, 9, 9, 1], dtype=np.uint8)
    one_hot = process_labels(labels)
    assert one_hot.shape == (5, 10)
    assert one_hot.dtype == np.float32
    assert np.array_equal(one_hot, keras.utils.to_categorical(labels, 10))
    assert np.array_equal(one_hot.argmax(axis=1), labels)


def test_nothing_gives_nothing():
    assert process_images(np.zeros((0, 28, 28), np.uint8)).shape == (0, 28, 28, 1)
    assert process_labels(np.zeros(0, np.uint8)).shape == (0, 10)


@pytest.mark.parametrize(
    ("images", "named"),
    [
        (np.zeros((28, 28), np.uint8), r"shape \(28, 28\)"),
        (np.zeros((2, 28, 28, 1), np.uint8), r"shape \(2, 28, 28, 1\)"),
        (np.zeros((2, 8, 8), np.uint8), r"shape \(2, 8, 8\)"),
        (np.zeros((2, 28, 28), np.float32), "type float32"),
        (np.zeros((2, 28, 28), np.int64), "type int64"),
    ],
    ids=["a single one", "with a channel", "too small", "scaled already", "wide integers"],
)
def test_other_images_are_refused(images, named):
    with pytest.raises(ValueError, match=rf"{named}.*shape \(n, 28, 28\), type uint8.*before any processing"):
        process_images(images)


def test_processed_images_are_refused():
    with pytest.raises(ValueError, match="before any processing"):
        process_images(process_images(np.zeros((2, 28, 28), np.uint8)))


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        (np.zeros((3, 10), np.uint8), r"shape \(3, 10\)"),
        (np.zeros(3), "type float64"),
        (np.array(["1"]), "type <U1"),
        (np.uint8(3), r"shape \(\)"),
        (np.array([0, 10]), "from 0 to 10; it expects 0 to 9"),
        (np.array([-1, 3]), "from -1 to 3; it expects 0 to 9"),
    ],
    ids=["one-hot already", "decimals", "texts", "a single one", "ten", "below zero"],
)
def test_other_labels_are_refused(labels, named):
    with pytest.raises(ValueError, match=rf"process_labels\(\) was given .*{named}"):
        process_labels(labels)
