"""The stand-in digits, for computers without MNIST."""

import numpy as np
from digit_files import keras_home, stand_in

from mnist_tutorial import data

__all__ = ["keras_home", "stand_in"]  # fixtures


def test_stand_in_has_mnists_layout(stand_in):
    for (images, labels), count in zip(stand_in, (1437, 360), strict=True):
        assert (images.shape, images.dtype) == ((count, 28, 28), np.uint8)
        assert (labels.shape, labels.dtype) == ((count,), np.uint8)
        assert images.min() == 0
        assert (images.reshape(count, -1).max(axis=1) == 255).all()
        assert np.bincount(labels, minlength=10).min() >= 0.09 * count
    assert data.identify(*stand_in) == "stand-in"


def test_stand_in_is_the_same_every_time(stand_in):
    again = data.stand_in_digits()
    for first, second in zip((*stand_in[0], *stand_in[1]), (*again[0], *again[1]), strict=True):
        assert np.array_equal(first, second)


def test_stand_in_is_centred_as_mnist_is(stand_in):
    # MNIST's own centres of mass lie within half a pixel of (14, 14), counted from 0.
    images = np.concatenate([images for images, labels in stand_in]).astype(float)
    mass = images.sum(axis=(1, 2))
    assert np.abs((images.sum(axis=2) @ np.arange(28)) / mass - 14).max() < 0.51
    assert np.abs((images.sum(axis=1) @ np.arange(28)) / mass - 14).max() < 0.51
    # in a box of 20 x 20, and not rolled over the edge
    inked = images > 0
    for lines in (inked.any(axis=1), inked.any(axis=2)):
        first, last = lines.argmax(axis=1), 27 - lines[:, ::-1].argmax(axis=1)
        assert (last - first).max() < 20


def test_stand_in_keeps_train_and_test_apart(stand_in):
    (x_train, _), (x_test, _) = stand_in
    assert len(np.unique(np.concatenate([x_train, x_test]).reshape(1797, -1), axis=0)) == 1797


def test_stand_in_labels_belong_to_their_images(stand_in):
    # The nearest average digit is right about nine times out of ten; with labels shuffled, one time out of ten.
    (x_train, y_train), (x_test, y_test) = stand_in
    averages = np.stack([x_train[y_train == digit].mean(axis=0).ravel() for digit in range(10)])
    distances = np.linalg.norm(x_test.reshape(360, 1, -1) - averages, axis=2)
    assert (distances.argmin(axis=1) == y_test).mean() > 0.85
