"""A small seeded network in place of the reference network, and what Keras makes of a few digits with it."""

import json

import numpy as np
import pytest

from book_sphinx import widgets as widget_pages
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import FOLDER, PAGE_WEIGHTS
from mnist_tutorial.reference.weights_format import page_weights


@pytest.fixture(scope="module")
def network():
    """Return a small seeded network as the book's, with biases that are not all zero."""
    import keras

    keras.utils.set_random_seed(7)
    model = build_model()
    random = np.random.default_rng(7)
    model.set_weights([w + random.normal(0, 0.2, w.shape) if w.ndim == 1 else w for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def widget_files(tmp_path_factory, network):
    """Serve this network in place of the reference network."""
    folder = tmp_path_factory.mktemp("small_network")
    widget_pages.write_files(folder)
    before, _, _ = (FOLDER / PAGE_WEIGHTS).read_text("utf-8").partition('{"convolution"')
    (folder / "weights.js").write_text(f"{before}{json.dumps(page_weights(network))};\n", "utf-8")
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
