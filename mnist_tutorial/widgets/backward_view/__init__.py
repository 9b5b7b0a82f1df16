"""BackwardView: how the loss reaches every weight of a network, number by number, and what turning a weight does."""

import reprlib

import numpy as np
import traitlets

from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.handwriting.rasterize import DRAWN_THREE
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.backward_pass import gradients_of
from mnist_tutorial.reference.weights_format import LAYERS
from mnist_tutorial.widgets.validation import (
    Choice,
    checked_strokes,
    checked_weights,
    digits_as_loaded,
    is_finite_number,
    is_whole_number,
    weights_of,
    whole_number,
)
from mnist_tutorial.widgets.widget import BookWidget

NUMBERS = ("score", "output weight", "unit", "hidden weight", "pooling", "convolution", "filter weight")  # on a path
BIASES = ("output bias", "hidden bias", "filter bias")
MAX_IMAGES = 20
OWN = -1  # the index of the reader's own drawing
PEN = 0.08  # the width of the pen as a share of the pad
_PATH = "[digit, unit, row, column, map, weight row, weight column]"
_STEPS = ("descent", "adam")
_CHANGE = (
    "{'kind': 'set', 'number': a weight or bias, such as 'filter weight', 'index': a whole number, 'value': a number}, "
    "or {'kind': 'descent' or 'adam', 'label': 0 to 9, 'image': an index or strokes}"
)


class BackwardView(BookWidget):
    """Show a network from image to loss, with each number's value and its gradient, and take steps of training.

    model: a network such as build_model() makes, whose weights are taken as they are now; None for the reference
    network. images: (n, 28, 28) uint8, 1 to 20 of them, and labels: (n,) whole numbers, 0 to 9; without both, a drawn
    3. A page without a kernel asks the reference network, or the one that the reader has trained in the page. Raises
    ValueError for a network, images or labels of another form.

    Traits to read, set and observe: `index` (which digit; -1 for the reader's own drawing), `label` (the right answer,
    0 to 9: that of the digit, until another one is set), `strokes` (of the drawing: lists of points [x, y], 0 to 1),
    `number` (what is open: one of NUMBERS or BIASES), `path` (where: [digit, unit, row, column, map, weight row, weight
    column], or [] for where most comes back), `changes` (what has been done to the weights: see training.js) and
    `undone` (what redo does again). `weights` can be set to what page_weights() returns, to show another network; what
    has been done to the one before is forgotten. To read and observe: `gradient`, that of the open number, once it is
    on show.
    """

    images = traitlets.Bytes(read_only=True).tag(sync=True)  # (n, 28, 28) uint8
    labels = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True, page=False)
    index = traitlets.Any(0).tag(sync=True)
    label = traitlets.Any(0).tag(sync=True)
    strokes = traitlets.List().tag(sync=True)
    number = Choice(NUMBERS + BIASES, "filter weight").tag(sync=True)
    path = traitlets.List().tag(sync=True)
    changes = traitlets.List().tag(sync=True)
    undone = traitlets.List().tag(sync=True)
    gradient = traitlets.Float(0.0, read_only=True).tag(sync=True)

    def __init__(self, model=None, images=None, labels=None, index=0, label=None, **traits):
        if images is None and labels is None:
            images, labels = rasterize.prepared(DRAWN_THREE, PEN).image[None], [3]
        images, labels = digits_as_loaded("BackwardView", images, labels, MAX_IMAGES)
        weights = load_page_weights() if model is None else weights_of("BackwardView", model)
        super().__init__()
        with self.hold_sync():
            self.set_trait("images", images.tobytes())
            self.set_trait("labels", labels.tolist())
            self.weights = weights
            self.index = index
            self.label = self.labels[max(self.index, 0)] if label is None else label
            for name, value in traits.items():
                setattr(self, name, value)

    @traitlets.validate("weights")
    def _check_weights(self, proposal):
        return checked_weights(proposal)

    @traitlets.validate("index")
    def _check_index(self, proposal):
        return whole_number("index", proposal.value, OWN, max(0, len(self.images) // 784 - 1))

    @traitlets.validate("label")
    def _check_label(self, proposal):
        return whole_number("label", proposal.value, 0, 9)

    @traitlets.validate("strokes")
    def _check_strokes(self, proposal):
        return checked_strokes("strokes", proposal.value)

    @traitlets.validate("path")
    def _check_path(self, proposal):
        path = proposal.value
        shapes = self._shapes()
        fits = len(path) == len(shapes) and all(
            is_whole_number(at) and 0 <= at < n for at, n in zip(path, shapes, strict=True)
        )
        if path and not fits:
            raise traitlets.TraitError(
                f"path was given {reprlib.repr(path)}; it expects [] or {_PATH}, whole numbers from 0 to "
                f"{', '.join(str(n - 1) for n in shapes)}."
            )
        return [int(at) for at in path]

    @traitlets.validate("changes", "undone")
    def _check_changes(self, proposal):
        for change in proposal.value:
            if not self._is_change(change):
                raise traitlets.TraitError(
                    f"{proposal.trait.name} was given {reprlib.repr(change)}; it expects {_CHANGE}."
                )
        return proposal.value

    def _is_change(self, change):
        if not isinstance(change, dict):
            return False
        if change.get("kind") == "set":
            layer, _, kind = str(change.get("number")).partition(" ")
            layer = {"filter": "convolution"}.get(layer, layer)
            index = change.get("index")
            if layer not in LAYERS or kind not in ("weight", "bias") or not is_whole_number(index):
                return False
            shape = self.weights[layer]["shape"]
            count = shape[-1] if kind == "bias" else np.prod(shape)
            return 0 <= index < count and is_finite_number(change.get("value"))
        label, image = change.get("label"), change.get("image")
        if change.get("kind") not in _STEPS or not is_whole_number(label) or not 0 <= label <= 9:
            return False
        if isinstance(image, list):
            return bool(checked_strokes("image", image)) or not image
        return is_whole_number(image) and 0 <= image < len(self.images) // 784

    @traitlets.observe("index")
    def _follow_digit(self, _):
        if self.index != OWN and self.labels:
            self.label = self.labels[self.index]

    @traitlets.observe("weights")
    def _begin_anew(self, change):
        if not change.old:
            return
        self.changes = []
        self.undone = []
        if self.path and any(at >= n for at, n in zip(self.path, self._shapes(), strict=True)):
            self.path = []

    def _shapes(self):
        """Return how many of each number of a path there are."""
        rows, columns, _, filters = self.weights["convolution"]["shape"]
        return 10, self.weights["hidden"]["shape"][1], 29 - rows, 29 - columns, filters, rows, columns

    @property
    def image(self):
        """Return the digit that is shown, (28, 28) uint8."""
        if self.index == OWN:
            return rasterize.prepared(self.strokes, PEN).image
        return np.frombuffer(self.images, dtype=np.uint8).reshape(-1, 28, 28)[self.index].copy()

    def fallback(self):
        """Return a figure of the values from image to loss with their gradients below, and a table of one chain."""
        from mnist_tutorial.widgets.backward_view import fallback

        return fallback.figure(self.image, self.label, self.weights, gradients_of(self.weights, self.image, self.label))
