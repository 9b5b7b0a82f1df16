"""The text format of a network's weights in a page: from a Keras model, rounded, written and read back.

It is a dict that JSON can hold, with an entry for each of "convolution", "hidden" and "output". `shape` is the shape of
Keras's kernel; `kernel` and `bias` are base64 of little-endian float32, without loss. A compact layer has one character
of base64's alphabet per weight, A to + for -31 to 31, and `scale`, one factor per unit. frontend/weights_format.js
reads it in the page.
"""

import base64
import json

import numpy as np

LAYERS = ("convolution", "hidden", "output")
EXPECTED = "Conv2D, MaxPooling2D, Flatten, Dense, Dense"
LEVELS = 31  # on each side of zero: 63 values with zero, and one character of base64 has 64
ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", dtype="uint8")
SCRIPT_START = "(window.mnistTutorial ??= {}).weights = "


def page_weights(model):
    """Return the weights of a network such as build_model() makes, in the format above, without loss.

    Any number of filters and units and any window size are allowed. Raises ValueError for other layers or settings.
    """
    form = {}
    for name, layer in zip(LAYERS, layers_with_weights(model), strict=True):
        kernel, bias = layer.get_weights()
        form[name] = {"shape": list(kernel.shape), "kernel": as_base64(kernel), "bias": as_base64(bias)}
    return form


def as_base64(numbers):
    """Return an array's numbers as base64 of little-endian float32."""
    return base64.b64encode(np.asarray(numbers).astype("<f4").tobytes()).decode("ascii")


def layers_with_weights(model):
    """Return the three layers that have weights; raise ValueError if the page cannot compute one of them."""
    layers = [layer for layer in model.layers if type(layer).__name__ not in ("InputLayer", "Dropout")]
    found = ", ".join(type(layer).__name__ for layer in layers)
    if found != EXPECTED:
        raise ValueError(f"The page can run a network of {EXPECTED} (and Dropout), and was given one of {found}.")
    convolution, pooling, _, hidden, output = layers
    for layer, settings in (
        (convolution, {"padding": "valid", "strides": (1, 1), "dilation_rate": (1, 1), "groups": 1}),
        (pooling, {"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"}),
        (convolution, {"activation": "relu", "use_bias": True, "data_format": "channels_last"}),
        (hidden, {"activation": "relu", "use_bias": True}),
        (output, {"activation": "softmax", "use_bias": True}),
    ):
        config = layer.get_config()
        for name, wanted in settings.items():
            given = tuple(config[name]) if isinstance(wanted, tuple) else config[name]
            if given != wanted:
                raise ValueError(
                    f"The page can run {type(layer).__name__} layers with {name}={wanted!r}; "
                    f"the layer {layer.name!r} has {name}={given!r}."
                )
    return convolution, hidden, output


def quantise(kernel, inputs):
    """Round each unit's weights to 63 evenly spaced levels, so that its sums change as little as possible.

    The inputs of a layer are correlated: neighbours are mostly dark or bright together. So the weights that are
    rounded later can correct the error that rounding one weight adds to the sums. This is GPTQ (Frantar et al.,
    "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers", 2022, arXiv 2210.17323).
    Here the sums are five times as exact as when each weight is rounded by itself.

    kernel: (inputs, units) float32. inputs: (n, inputs) float32, the layer's inputs for n images. Returns
    steps, (inputs, units) int8, -31 to 31, and scale, (units,) float32: a weight is now its step times its
    scale.
    """
    largest = np.abs(kernel).max(axis=0)
    scale = (np.where(largest > 0, largest, 1) / LEVELS).astype("float32")
    correlations = (inputs.T @ inputs).astype("float64")
    # Inputs that are always 0 would otherwise lead to a division by 0.
    correlations += max(0.01 * np.mean(np.diag(correlations)), 1e-6) * np.eye(len(correlations))
    influence = np.linalg.cholesky(np.linalg.inv(correlations)).T
    remaining = kernel.astype("float64")
    steps = np.zeros(kernel.shape, dtype="int8")
    for i in range(len(kernel)):
        steps[i] = np.clip(np.rint(remaining[i] / scale), -LEVELS, LEVELS)
        remaining[i + 1 :] -= np.outer(influence[i, i + 1 :], (remaining[i] - steps[i] * scale) / influence[i, i])
    return steps, scale


def compact_weights(model, images):
    """Return the weights as page_weights does, but with one character per weight of the hidden layer.

    That layer has 99.6% of the book's weights. Returns the dict, and a model with the rounded weights.
    images: (n, 28, 28, 1) float32, 0 to 1, whose sums the rounding preserves.
    """
    import keras

    flatten, hidden = model.layers[-3:-1]
    inputs = keras.Model(model.inputs, flatten.output).predict(images, verbose=0)
    steps, scale = quantise(hidden.get_weights()[0], inputs)
    form = page_weights(model)
    form["hidden"]["kernel"] = ALPHABET[steps + LEVELS].tobytes().decode("ascii")
    form["hidden"]["scale"] = as_base64(scale)
    rounded = keras.models.clone_model(model)
    rounded.set_weights(model.get_weights())
    rounded.layers[-2].set_weights([steps * scale, hidden.get_weights()[1]])
    return form, rounded


def as_script(form):
    """Return weights in the format above as a classic script, which a page can also load from file://."""
    return f"{SCRIPT_START}{json.dumps(form, separators=(',', ':'))};\n"


def from_script(script):
    """Return the weights that as_script() made a script of. Raises ValueError for other text."""
    return json.loads(script[script.index('{"') : script.rindex("}") + 1])


def decode(layer):
    """Return a layer's kernel and bias, float32 arrays in Keras's shapes, from the format above, compact or not."""
    bias = _floats(layer["bias"])
    if "scale" not in layer:
        return _floats(layer["kernel"]).reshape(layer["shape"]), bias
    steps = np.zeros(128, dtype="float32")
    steps[ALPHABET] = np.arange(-LEVELS, len(ALPHABET) - LEVELS)
    whole = steps[list(layer["kernel"].encode("ascii"))].reshape(layer["shape"])
    return whole * _floats(layer["scale"]), bias


def _floats(text):
    return np.frombuffer(base64.b64decode(text), dtype="<f4")
