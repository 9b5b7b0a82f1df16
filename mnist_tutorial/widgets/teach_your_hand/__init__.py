"""TeachYourHand: write some digits, teach a network your hand in the browser, and see what it learns and forgets."""

import math

import numpy as np
import traitlets

from mnist_tutorial.network_file import build_network, shapes_of
from mnist_tutorial.widgets.teach_your_hand import fallback
from mnist_tutorial.widgets.teach_your_hand.hand_file import MAX_DRAWINGS, load_hand
from mnist_tutorial.widgets.training_source import TrainingSource
from mnist_tutorial.widgets.validation import WholeNumber, checked_weights, digits_as_loaded, weights_of
from mnist_tutorial.widgets.widget import BookWidget

EACH = [2, 4, 6, 8]  # drawings of a digit that are asked for


class TeachYourHand(BookWidget, TrainingSource):
    """Teach a network your hand: `TeachYourHand()`, or `TeachYourHand(model)`.

    model: a network such as build_model() makes, of which a copy is taught; without one, the reference network. Raises
    ValueError for a network of another form. images, labels: drawings to begin with, (n, 28, 28) uint8, light ink on 0,
    as handwriting.prepare() makes them, and (n,) digits; at most 5,000.

    Traits to set: `each`, how many of each digit are asked for: 2, 4, 6 or 8, of which 1, 2, 2 or 3 are held out;
    `practise`, whether old digits are learned as well; `seed`. To read after a lesson: `result`, with the counts of
    "taught" and "kept" drawings and of "mnist" test images: how many, and how many were right `before` and `after`;
    `weights` (float32, Keras's order, as bytes). `images` and `labels` are the drawings as arrays; `put()` replaces
    them, `open_file()` adds those of a file, and `model()` makes a Keras model of the network that was taught.
    """

    late = True  # it is heavy, and far down its page
    drawings = traitlets.Bytes(b"").tag(sync=True, from_json=lambda value, widget: bytes(value))  # as in hand.js
    each = traitlets.Enum(EACH, 8).tag(sync=True)
    practise = traitlets.Bool(True).tag(sync=True)
    seed = WholeNumber(1, min=0, max=2**53 - 1).tag(sync=True)
    start = traitlets.Dict().tag(sync=True, page=False)
    result = traitlets.Dict().tag(sync=True, page=False)
    weights = traitlets.Bytes(b"").tag(sync=True, page=False, from_json=lambda value, widget: bytes(value))

    def __init__(self, model=None, images=None, labels=None, **traits):
        from mnist_tutorial.reference import load_page_weights

        start = load_page_weights() if model is None else weights_of("TeachYourHand", model)
        super().__init__(start=start, **traits)
        if images is not None or labels is not None:
            self.put(images, labels)

    @traitlets.validate("drawings")
    def _check_drawings(self, proposal):
        value = bytes(proposal.value)
        if len(value) % 785 or len(value) > 785 * MAX_DRAWINGS or (value[::785] and max(value[::785]) > 9):
            raise traitlets.TraitError(
                f"drawings was given {len(value):,} bytes; it expects 785 for each drawing, a digit from 0 to 9 and "
                f"its 784 pixels, and at most {MAX_DRAWINGS:,} drawings. put() makes them of images and labels."
            )
        return value

    @traitlets.validate("start")
    def _check_start(self, proposal):
        return checked_weights(proposal)

    @property
    def images(self):
        """Return the drawings, (n, 28, 28) uint8, light ink on 0."""
        return self._rows()[:, 1:].reshape(-1, 28, 28).copy()

    @property
    def labels(self):
        """Return the digit that each drawing was made for, (n,) uint8."""
        return self._rows()[:, 0].copy()

    def _rows(self):
        return np.frombuffer(self.drawings, np.uint8).reshape(-1, 785)

    def put(self, images, labels):
        """Take these drawings instead of those that are there.

        images: (n, 28, 28) uint8, light ink on 0. labels: (n,) digits. Raises ValueError for others, and for more than
        5,000.
        """
        images, labels = digits_as_loaded("TeachYourHand", images, labels, MAX_DRAWINGS)
        rows = np.column_stack([labels.astype(np.uint8), images.reshape(len(images), -1)])
        self.drawings = np.ascontiguousarray(rows).tobytes()

    def open_file(self, path):
        """Add the drawings of a file that the widget has saved. Raises what load_hand() raises."""
        images, labels = load_hand(path)
        self.put(np.concatenate([self.images, images]), np.concatenate([self.labels, labels]))

    def model(self):
        """Return the network that was taught last as a Keras model. Raises ValueError when there is none yet."""
        if not self.weights:
            raise ValueError(
                "TeachYourHand has taught no network yet. Press “Teach it” in it, wait for the end, and ask again."
            )
        rows, _, _, filters = self.start["convolution"]["shape"]
        settings = {"filters": filters, "kernelSize": rows, "hiddenUnits": self.start["hidden"]["shape"][1]}
        row, end, weights = np.frombuffer(self.weights, "<f4"), 0, []
        for shape in shapes_of(settings).values():
            weights.append(row[end : end + math.prod(shape)].reshape(shape))
            end += math.prod(shape)
        return build_network(settings, weights)

    def fallback(self):
        """Return what the measurement with MNIST's writers found, as a figure and in words."""
        return fallback.figure()
