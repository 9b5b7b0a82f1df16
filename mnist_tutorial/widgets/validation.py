"""Check the arguments of widgets: each check is written once for all of them.

Each message says what was given, and what is expected.
"""

import math
import reprlib

import numpy as np
import traitlets

from mnist_tutorial.reference.forward_pass import layers_of
from mnist_tutorial.reference.weights_format import page_weights

SIDE = 28  # rows and columns of an image
EXPECTED_MODEL = (
    "a Keras model such as build_model() makes: from (28, 28, 1) through Conv2D, MaxPooling2D, Dropout, "
    "Flatten, Dense and Dense to ten probabilities"
)


def is_whole_number(value):
    """Return whether a value is a whole number, Python's or NumPy's; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_finite_number(value):
    """Return whether a value is a number, Python's or NumPy's, but not NaN, an infinity, True or False."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def whole_number(name, value, lowest=None, highest=None, error=traitlets.TraitError):
    """Return a whole number as Python's own, if it is within the bounds that are given.

    name: of the trait or argument, for the message. Raises the error of the class given for anything else.
    """
    low = lowest is not None and is_whole_number(value) and value < lowest
    high = highest is not None and is_whole_number(value) and value > highest
    if low or high or not is_whole_number(value):
        bounds = "" if lowest is None else f", at least {lowest}" if highest is None else f" from {lowest} to {highest}"
        raise error(f"{name} was given {value!r}; it expects a whole number{bounds}.")
    return int(value)


class WholeNumber(traitlets.Int):
    """A trait for a whole number, Python's or NumPy's, from `min` to `max` where these are given."""

    def validate(self, obj, value):
        """Return the number, or raise TraitError."""
        return whole_number(self.name, value, self.min, self.max)


class Number(traitlets.Float):
    """A trait for a number from `min` to `max`."""

    def validate(self, obj, value):
        """Return the number, or raise TraitError."""
        if not is_finite_number(value) or not self.min <= value <= self.max:
            raise traitlets.TraitError(
                f"{self.name} was given {value!r}; it expects a number from {self.min} to {self.max}."
            )
        return float(value)


class Choice(traitlets.Enum):
    """A trait for one of a few words."""

    def validate(self, obj, value):
        """Return the word, or raise TraitError."""
        if value not in self.values:
            expected = ", ".join(word or '"" for none' for word in self.values)
            raise traitlets.TraitError(f"{self.name} was given {value!r}; it expects one of {expected}.")
        return value


def digits_as_loaded(widget, images, labels, max_images=None, labels_needed=True):
    """Return images and labels as arrays, if they are as load_mnist() gives them.

    widget: its name, for the message. images: (n, 28, 28) uint8, at least one. labels: (n,) whole numbers, 0 to 9; or
    None where they are not needed, which gives (0,). max_images: how many are allowed. Raises ValueError for anything
    else.
    """
    images = np.asarray(images)
    form = f"images of shape {images.shape} and type {images.dtype}"
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8 or not len(images):
        some = f"1 to {max_images} of them" if max_images else "at least one of them"
        raise ValueError(
            f"{widget} was given {form}; it expects {some} as load_mnist() gives them, before any processing: "
            "(n, 28, 28) uint8, for example X_train[:10]."
        )
    if max_images and len(images) > max_images:
        raise ValueError(
            f"{widget} was given {len(images):,} images; it expects 1 to {max_images}, for example X_train[:10]."
        )
    if labels is None and not labels_needed:
        return images, np.empty(0, dtype=int)
    labels = np.asarray(labels)
    whole = np.issubdtype(labels.dtype, np.integer)
    if labels.shape != (len(images),) or not whole or labels.min() < 0 or labels.max() > 9:
        raise ValueError(
            f"{widget} was given labels of shape {labels.shape} and type {labels.dtype}; "
            f"it expects one whole number from 0 to 9 for each of the {len(images):,} images."
        )
    return images, labels


def checked_strokes(name, value):
    """Return the strokes of a drawing as lists of Python's own numbers; raise TraitError for anything else.

    name: of the trait or argument, for the message. value: lists of points [x, y], 0 to 1.
    """
    try:
        strokes = [[[float(x), float(y)] for x, y in stroke] for stroke in value]
    except (TypeError, ValueError):
        strokes = [[]]
    if not all(strokes) or not all(0 <= at <= 1 for stroke in strokes for point in stroke for at in point):
        raise traitlets.TraitError(
            f"{name} was given {reprlib.repr(value)}; it expects a list of strokes, each a list of one or more points "
            "[x, y] from 0 to 1."
        )
    return strokes


def checked_weights(proposal):
    """Return the weights that a trait is to take, if they make a network from 28 x 28 pixels to ten probabilities.

    Raises TraitError for anything but what page_weights() returns.
    """
    weights = proposal.value
    try:
        shapes = [tuple(weights[name]["shape"]) for name in ("convolution", "hidden", "output")]
        (rows, columns, channels, filters), (inputs, units), (hidden, classes) = shapes
        flat = (SIDE - rows + 1) // 2 * ((SIDE - columns + 1) // 2) * filters
        if (channels, inputs, hidden, classes) != (1, flat, units, 10):
            raise ValueError(f"layers of shapes {shapes} do not make a network from 28 x 28 pixels to 10 probabilities")
        layers_of(weights, np.zeros((SIDE, SIDE)))
    except (KeyError, TypeError, ValueError) as error:
        raise traitlets.TraitError(f"weights expects what page_weights(model) returns: {error!r}.") from error
    return weights


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
