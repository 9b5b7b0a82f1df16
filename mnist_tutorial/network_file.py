"""Networks in files: what a page saves of a network that it has trained, and Keras reads, and the other way round.

The format is safetensors (https://huggingface.co/docs/safetensors): eight bytes with the length of a JSON header, that
header, and then the numbers. Nothing in such a file can run. The tensors are float32 in Keras's shapes and order:
convolution.kernel, convolution.bias, hidden.kernel, hidden.bias (unless there is no hidden layer), output.kernel and
output.bias. The entry `settings` of the header's metadata holds as JSON how the network was made, with the names of
widgets/engine/settings.js. In the page, widgets/frontend/safetensors.js reads and writes the same files.
"""

import json
import math
import os
import reprlib
import struct

from mnist_tutorial.file_formats import START, format_of
from mnist_tutorial.training_settings import SETTINGS, fits, in_words

MAX_BYTES = 64 * 2**20  # of a file; the largest network that a page can train has 26 MB
MAX_HEADER = 2**16
MAKE_ONE = "A page saves one after a training, and save_network() writes one."
# The settings that a model follows from.
OF_A_MODEL = "filters kernelSize hiddenUnits dropout softmax loss scaling optimizer learningRate".split()


class NetworkFileError(ValueError):
    """A file that holds no network that can be used; the message says what was expected, what was found."""


def load_network(path):
    """Load a network that a page has trained and saved, or save_network() has: a compiled `keras.Sequential`.

    It takes images as process_images() returns them, (n, 28, 28, 1) float32, 0 to 1, and predicts what it predicted in
    the page. Training goes on with the same loss and optimizer, but at a constant learning rate. Raises
    FileNotFoundError when there is no such file, and NetworkFileError for one that is damaged or something else.
    """
    path = os.fspath(path)
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{path[:300]!r}: expected the file of a network, found no such file. {MAKE_ONE}"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NetworkFileError(
            f"{path[:300]!r}: expected the file of a network, found one that cannot be read ({reason}). "
            "Correct the path, or ask for the right to read the file."
        ) from error
    try:
        return build_network(*from_safetensors(content))
    except NetworkFileError as error:
        raise NetworkFileError(f"{path[:300]!r}: {error}") from error


def save_network(model, path):
    """Save a network such as build_model() makes, of at most the sizes that a page can train, for load_network().

    A page opens the file as well. Raises ValueError for a network of other layers, and OSError.
    """
    from mnist_tutorial.reference.records import write_atomically

    content = to_safetensors(*describe_network(model))
    write_atomically(path, lambda temporary: temporary.write_bytes(content))


def describe_network(model):
    """Return the settings and the weights of a network such as build_model() makes; ValueError for another one."""
    from mnist_tutorial.reference.weights_format import layers_with_weights

    layers = layers_with_weights(model)
    rows, columns, _, filters = layers[0].kernel.shape
    if rows != columns:
        raise ValueError(f"The page can train a square window; the network has one of {rows} x {columns}.")
    rates = [layer.rate for layer in model.layers if type(layer).__name__ == "Dropout"]
    units = layers[1].kernel.shape[1]
    settings = {"filters": filters, "kernelSize": rows, "hiddenUnits": units, "dropout": rates[0] if rates else 0}
    weights = [weight for layer in layers for weight in layer.get_weights()]
    return _checked_settings(settings, ValueError), weights


def build_network(settings, weights):
    """Return the compiled `keras.Sequential` of some settings, with these weights.

    settings: a dict with the names of OF_A_MODEL; what is missing is as in the book, other names are ignored. weights:
    arrays in Keras's order. Raises NetworkFileError for settings that no page allows.
    """
    settings = _checked_settings(settings)
    import keras
    from keras import layers

    before = [] if settings["scaling"] else [layers.Rescaling(255.0)]  # it has learned from pixels of 0 to 255
    hidden = [layers.Dense(settings["hiddenUnits"], activation="relu")] if settings["hiddenUnits"] else []
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            *before,
            layers.Conv2D(settings["filters"], settings["kernelSize"], activation="relu"),
            layers.MaxPooling2D(pool_size=2),
            layers.Dropout(settings["dropout"]),
            layers.Flatten(),
            *hidden,
            layers.Dense(10, activation=None if settings["softmax"] == "none" else "softmax"),
            *([layers.Softmax()] if settings["softmax"] == "twice" else []),
        ]
    )
    model.set_weights(weights)
    optimizer = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[settings["optimizer"]]
    loss = {"cross-entropy": "categorical_crossentropy", "squared error": "mean_squared_error"}[settings["loss"]]
    model.compile(loss=loss, optimizer=optimizer(settings["learningRate"]), metrics=["accuracy"])
    return model


def to_safetensors(settings, weights):
    """Return a network as the bytes of a safetensors file. weights: arrays in Keras's order, as `settings` says."""
    import numpy as np

    header, end = {"__metadata__": {"settings": json.dumps(settings)}}, 0
    for (name, shape), array in zip(shapes_of(settings).items(), weights, strict=True):
        if tuple(array.shape) != shape:
            raise ValueError(f"{name} is of shape {tuple(array.shape)}; the settings say {shape}.")
        size = 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers begin at a multiple of 8
    return b"".join([struct.pack("<Q", len(text)), text, *(np.asarray(one, "<f4").tobytes() for one in weights)])


def from_safetensors(content):
    """Return the settings and the weights that the bytes of a safetensors file hold.

    settings: a dict. weights: float32 arrays in Keras's order. Raises NetworkFileError for a file that is damaged, of
    another network, or no such file at all; nothing is taken on trust.
    """
    import numpy as np

    header, data = _split(content)
    metadata = header.pop("__metadata__", None)
    text = metadata.get("settings") if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise NetworkFileError(f"expected a network of this book, found one without its settings. {MAKE_ONE}")
    settings = _parsed(text)
    shapes = shapes_of(settings)
    if set(header) != set(shapes):
        found = reprlib.repr(sorted(header))
        raise NetworkFileError(f"expected the tensors {', '.join(shapes)}, found {found}. {MAKE_ONE}")
    weights, places = [], []
    for name, shape in shapes.items():
        entry = header[name] if isinstance(header[name], dict) else {}
        kind, found, place = (entry.get(one) for one in ("dtype", "shape", "data_offsets"))
        if kind != "F32" or found != list(shape) or not _is_place(place, 4 * math.prod(shape), len(data)):
            raise NetworkFileError(
                f"expected {name} of F32 and shape {list(shape)}, found {reprlib.repr(header[name])}. {MAKE_ONE}"
            )
        places.append(place)
        weights.append(np.frombuffer(data[slice(*place)], "<f4").reshape(shape).astype("float32"))
        if not np.isfinite(weights[-1]).all():
            raise NetworkFileError(f"expected finite numbers, found others in {name}: the training had diverged.")
    places.sort()
    if [start for start, _ in places] + [len(data)] != [0] + [end for _, end in places]:
        raise NetworkFileError("expected the tensors side by side, found gaps between them. Save the network again.")
    return settings, weights


def _split(content):
    """Return the header, a dict, and the bytes behind it."""
    if len(content) > MAX_BYTES:
        raise NetworkFileError(f"expected at most {MAX_BYTES:,} bytes, found more. {MAKE_ONE}")
    length = int.from_bytes(content[:8], "little")
    if len(content) < 10 or content[8:9] != b"{" or length > MAX_HEADER:
        known = format_of(content[:START])
        found = known.called if known else f"a file that starts with {content[:16]!r}" if content else "an empty file"
        raise NetworkFileError(f"expected a safetensors file, found {found}. {MAKE_ONE}")
    if 8 + length > len(content):
        raise NetworkFileError("expected a whole safetensors file, found the start of one. Copy it again, or save it.")
    return _parsed(content[8 : 8 + length]), content[8 + length :]


def _parsed(text):
    """Return the JSON object that a text is."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NetworkFileError(
            "expected a header that can be read, found a damaged one. Save the network again."
        ) from (error)
    if not isinstance(found, dict):
        raise NetworkFileError(f"expected a header of names, found {reprlib.repr(found)}. Save the network again.")
    return found


def _is_place(place, size, end):
    return (
        isinstance(place, list)
        and [type(one) for one in place] == [int, int]
        and 0 <= place[0] <= place[1] <= end
        and place[1] - place[0] == size
    )


def _checked_settings(given, error=NetworkFileError):
    """Return the settings that a model follows from."""
    settings = {}
    for name in OF_A_MODEL:
        usual, allowed = SETTINGS[name]
        value = settings[name] = given.get(name, usual)
        if not fits(value, allowed):
            raise error(f"expected {in_words(allowed)} for the setting {name}, found {reprlib.repr(value)}.")
    return settings


def shapes_of(settings):
    """Return the tensors' shapes by their names, in Keras's order. Raises NetworkFileError for unfit settings."""
    settings = _checked_settings(settings)
    filters, size, units = (settings[name] for name in ("filters", "kernelSize", "hiddenUnits"))
    inputs = ((28 - size + 1) // 2) ** 2 * filters
    layers = {"convolution": (size, size, 1, filters)}
    if units:
        layers["hidden"] = (inputs, units)
    layers["output"] = (units or inputs, 10)
    shapes = {}
    for name, shape in layers.items():
        shapes |= {f"{name}.kernel": shape, f"{name}.bias": shape[-1:]}
    return shapes
