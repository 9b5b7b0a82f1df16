"""A network's weights as the widgets carry them: taken from a Keras model, and worked with in NumPy."""

import base64
import json
import reprlib

import numpy as np

from mnist_tutorial import reference

EXPECTED = (
    "a Keras model such as build_model() makes: from (28, 28, 1) through Conv2D, MaxPooling2D, Dropout, "
    "Flatten, Dense and Dense to ten probabilities"
)
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def weights_of(widget, model):
    """Return a network's weights for the front end, as page_weights() makes them.

    widget: its name, for the message. Raises ValueError for a network that the front end cannot run.
    """
    from mnist_tutorial.reference.page_weights import page_weights

    if not getattr(model, "built", False) or not hasattr(model, "layers"):
        raise ValueError(f"{widget} was given {reprlib.repr(model)}; it expects {EXPECTED}.")
    shapes = model.input_shape, model.output_shape
    if shapes != ((None, 28, 28, 1), (None, 10)):
        raise ValueError(f"{widget} was given a model from {shapes[0]} to {shapes[1]}; it expects {EXPECTED}.")
    try:
        return page_weights(model)
    except ValueError as error:
        raise ValueError(f"{widget} expects {EXPECTED}. {error}") from error


def reference_weights(folder=None):
    """Return the reference network's weights as the page has them; that takes no TensorFlow.

    folder: where they are, by default the package's own. Raises ReferenceNetworkError when the file is missing or
    damaged.
    """
    path = (folder or reference.FOLDER) / reference.PAGE_WEIGHTS
    try:
        script = path.read_text("ascii")
        return json.loads(script[script.index('{"') : script.rindex("}") + 1])
    except (OSError, ValueError, RecursionError) as error:
        message = f"{path}: expected the network's weights, {error}. {reference.MAKE_AGAIN}"
        raise reference.ReferenceNetworkError(message) from error


def layers_of(weights, image):
    """Return what a network of the book's form makes of a picture, layer by layer, as forward() does in the page.

    weights: as page_weights() returns them, or compact as in weights.js. image: (28, 28) uint8. Returns a dict of
    arrays: convolution (24, 24, 30) and pooling (12, 12, 30) for the book's network, hidden (128,), each after its
    ReLU, logits and probabilities (10,); other numbers of filters and units give other shapes.
    """
    (kernel, bias), (hidden_kernel, hidden_bias), (output_kernel, output_bias) = (
        _layer(weights[name]) for name in ("convolution", "hidden", "output")
    )
    windows = np.lib.stride_tricks.sliding_window_view(image / np.float32(255), kernel.shape[:2])
    convolution = np.maximum(np.tensordot(windows, kernel[:, :, 0], 2) + bias, 0)
    rows, columns, filters = np.array(convolution.shape) // (2, 2, 1)
    blocks = convolution[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, filters)
    pooling = blocks.max(axis=(1, 3))
    hidden = np.maximum(pooling.ravel() @ hidden_kernel + hidden_bias, 0)
    logits = hidden @ output_kernel + output_bias
    powers = np.exp(logits - logits.max())
    return {
        "convolution": convolution,
        "pooling": pooling,
        "hidden": hidden,
        "logits": logits,
        "probabilities": powers / powers.sum(),
    }


def _layer(layer):
    kernel, bias = layer["kernel"], _floats(layer["bias"])
    if "scale" in layer:  # compact: one character a weight, -31 to 31
        steps = np.zeros(128, dtype="float32")
        steps[list(ALPHABET)] = np.arange(-31, 33)
        shape = layer["shape"]
        return steps[list(kernel.encode("ascii"))].reshape(shape) * _floats(layer["scale"]), bias
    return _floats(kernel).reshape(layer["shape"]), bias


def _floats(text):
    return np.frombuffer(base64.b64decode(text), dtype="<f4")
