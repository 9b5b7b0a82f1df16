"""Check what a widget is given."""

import reprlib

import numpy as np

from mnist_tutorial.reference.weights_format import page_weights

EXPECTED_MODEL = (
    "a Keras model such as build_model() makes: from (28, 28, 1) through Conv2D, MaxPooling2D, Dropout, "
    "Flatten, Dense and Dense to ten probabilities"
)


def digits_as_loaded(widget, images, labels):
    """Return images and labels as arrays, if they are as load_mnist() gives them.

    widget: its name, for the message. images: (n, 28, 28) uint8, at least one. labels: (n,) whole numbers, 0 to 9.
    Raises ValueError for anything else.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if images.ndim != 3 or images.shape[1:] != (28, 28) or images.dtype != np.uint8 or not len(images):
        raise ValueError(
            f"{widget} was given images of shape {images.shape} and type {images.dtype}; "
            "it expects them as load_mnist() gives them, before any processing: (n, 28, 28) uint8, at least one."
        )
    if labels.shape != (len(images),) or labels.min() < 0 or labels.max() > 9:
        raise ValueError(
            f"{widget} was given labels of shape {labels.shape}; "
            f"it expects one whole number from 0 to 9 for each of the {len(images):,} images."
        )
    return images, labels


def weights_of(widget, model):
    """Return a network's weights for the front end, as page_weights() makes them.

    widget: its name, for the message. Raises ValueError for a network that the front end cannot run.
    """
    if not getattr(model, "built", False) or not hasattr(model, "layers"):
        raise ValueError(f"{widget} was given {reprlib.repr(model)}; it expects {EXPECTED_MODEL}.")
    shapes = model.input_shape, model.output_shape
    if shapes != ((None, 28, 28, 1), (None, 10)):
        raise ValueError(f"{widget} was given a model from {shapes[0]} to {shapes[1]}; it expects {EXPECTED_MODEL}.")
    try:
        return page_weights(model)
    except ValueError as error:
        raise ValueError(f"{widget} expects {EXPECTED_MODEL}. {error}") from error
