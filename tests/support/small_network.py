"""A small seeded network instead of the reference network, and what Keras makes of a few digits with it."""

import functools

import numpy as np
import pytest

from book_sphinx import widgets as widget_pages
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference.weights_format import ALPHABET, LEVELS, as_base64, as_script, page_weights


@functools.cache
def seeded_network():
    """Return a network as the book's, with biases that are not all zero, and the form in which a page loads it.

    The weights of its hidden layer are on 63 levels, so that the form is small: every page of these tests loads it.
    """
    import keras

    keras.utils.set_random_seed(7)
    model = build_model()
    random = np.random.default_rng(7)
    model.set_weights([w + random.normal(0, 0.2, w.shape) if w.ndim == 1 else w for w in model.get_weights()])
    kernel, bias = model.layers[-2].get_weights()
    scale = np.abs(kernel).max(axis=0) / np.float32(LEVELS)
    steps = np.rint(kernel / scale).astype(np.int8)
    model.layers[-2].set_weights([steps * scale, bias])
    form = page_weights(model)
    form["hidden"] |= {"kernel": ALPHABET[steps + LEVELS].tobytes().decode("ascii"), "scale": as_base64(scale)}
    return model, form


@pytest.fixture(scope="module")
def network():
    """Return the network, which no test may change."""
    return seeded_network()[0]


@pytest.fixture(scope="module")
def widget_files(tmp_path_factory):
    """Serve this network instead of the reference network."""
    folder = tmp_path_factory.mktemp("small_network")
    widget_pages.write_files(folder)
    (folder / "weights.js").write_text(as_script(seeded_network()[1]), "utf-8")
    return folder


@pytest.fixture(scope="module")
def images(digits):
    return digits[0][:4]


@pytest.fixture(scope="module")
def layers(network, images):
    """Return what Keras gives after each layer, for each image, and the scores."""
    import keras

    names = ["convolution", "pooling", "dropout", "flatten", "hidden", "probabilities"]
    outputs = keras.Model(network.inputs, [layer.output for layer in network.layers])([process_images(images)])
    values = {name: output.numpy() for name, output in zip(names, outputs, strict=True)}
    kernel, bias = network.layers[-1].get_weights()
    return values | {"logits": values["hidden"] @ kernel + bias}
