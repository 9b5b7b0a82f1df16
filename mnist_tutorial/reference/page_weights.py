"""A network's weights in the form that forward_pass.js reads: text, which JSON and a script can carry."""

import base64

import numpy as np

LAYERS = ("convolution", "hidden", "output")
EXPECTED = "Conv2D, MaxPooling2D, Flatten, Dense, Dense"


def page_weights(model):
    """Return the weights of a network such as build_model() makes, in the form that forward_pass.js reads.

    A dict with an entry each for "convolution", "hidden" and "output": its `shape` is that of Keras's kernel;
    `kernel` and `bias` are base64 of little-endian float32, so that nothing is lost. Any number of filters
    and units and any size of the window will do. Raises ValueError for other layers or settings.
    """
    form = {}
    for name, layer in zip(LAYERS, _layers_with_weights(model), strict=True):
        kernel, bias = layer.get_weights()
        form[name] = {"shape": list(kernel.shape), "kernel": as_base64(kernel), "bias": as_base64(bias)}
    return form


def as_base64(numbers):
    """Return an array's numbers as base64 of little-endian float32."""
    return base64.b64encode(np.asarray(numbers).astype("<f4").tobytes()).decode("ascii")


def _layers_with_weights(model):
    """Return the three layers that have weights; raise ValueError if any is not as the page computes it."""
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
