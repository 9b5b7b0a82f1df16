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
    ("images", "named", "cure"),
    [
        (np.zeros((28, 28), np.uint8), r"shape \(28, 28\)", r"images\[None\]"),
        (np.zeros((2, 28, 28, 1), np.uint8), r"shape \(2, 28, 28, 1\)", "before any processing"),
        (np.zeros((2, 8, 8), np.uint8), r"shape \(2, 8, 8\)", "before any processing"),
        (np.zeros((2, 28, 28), np.float32), "type float32", "before any processing"),
        (np.zeros((2, 28, 28), np.int64), "type int64", 'dtype="uint8"'),
        (np.full((2, 28, 28), 256), "type int64", "before any processing"),
        (np.zeros((2, 28, 28), int).tolist(), "type int64", 'dtype="uint8"'),
        ([[1], [1, 2]], "that are no array", "same length"),
        ("seven", "type <U5", "before any processing"),
        (None, "type object", "before any processing"),
    ],
    ids=["a single one", "with a channel", "too small", "scaled already", "wide integers", "too large", "lists",
         "ragged", "text", "nothing"],
)  # fmt: skip
def test_other_images_are_refused(images, named, cure):
    with pytest.raises(ValueError, match=rf"process_images\(\) was given .*{named}.*; it expects .*{cure}"):
        process_images(images)


def test_processed_images_are_refused():
    with pytest.raises(ValueError, match="before any processing"):
        process_images(process_images(np.zeros((2, 28, 28), np.uint8)))


@pytest.mark.parametrize(
    ("labels", "named", "cure"),
    [
        (np.eye(10, dtype=np.uint8)[:3], r"shape \(3, 10\)", r"one-hot already; labels\.argmax\(axis=1\)"),
        (np.array([[3], [1]]), r"shape \(2, 1\)", r"labels\[:, 0\]"),
        (np.zeros((3, 4, 10)), r"shape \(3, 4, 10\)", "before any processing"),
        (np.zeros(3), "type float64", r"labels\.astype\(int\)"),
        (np.array([1, 7.5]), "type float64", "7.5 is no label"),
        (np.array([1, np.nan]), "type float64", "nan is no label"),
        (np.array(["1"]), "type <U1", r"texts: labels\.astype\(int\)"),
        (np.array([None]), "type object", "whole numbers"),
        (np.array([True]), "type bool", "whole numbers"),
        (np.uint8(3), r"shape \(\)", "before any processing"),
        (np.array([0, 10]), "from 0 to 10", "Correct the labels"),
        (np.array([-1, 3]), "from -1 to 3", "Correct the labels"),
        ([[1], [1, 2]], "that are no array", "same length"),
    ],
    ids=["one-hot already", "a column", "three axes", "decimals", "7.5", "NaN", "texts", "objects", "booleans",
         "a single one", "ten", "below zero", "ragged"],
)  # fmt: skip
def test_other_labels_are_refused(labels, named, cure):
    with pytest.raises(ValueError, match=rf"process_labels\(\) was given .*{named}.*; it expects .*{cure}"):
        process_labels(labels)


def test_lists_of_labels_are_taken():
    assert np.array_equal(process_labels([5, 0]), process_labels(np.array([5, 0])))
    assert process_labels([]).shape == (0, 10)
