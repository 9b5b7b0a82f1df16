"""LayerExplorer: take the network of the book apart, layer by layer, on a real digit."""

import base64

import numpy as np
import traitlets

from mnist_tutorial.reference import load_reference_model
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.validation import (
    SIDE,
    Choice,
    WholeNumber,
    checked_weights,
    digits_as_loaded,
    weights_of,
    whole_number,
)
from mnist_tutorial.widgets.widget import BookWidget

LAYERS = ("convolution", "pooling", "dropout", "flatten", "hidden", "output", "shapes")
MAX_IMAGES = 20


class LayerExplorer(BookWidget):
    """Show what each layer of a network does with a digit, with all its numbers.

    images: (n, 28, 28) uint8, 1 to 20 of them. labels: (n,) whole numbers, 0 to 9, or None. model: a network such
    as build_model() makes; None for the book's trained one. weights: what page_weights() has made of a model,
    instead of one. Raises ValueError for other images, labels or models.

    Traits to read, set and observe: `index` (which image), `layer` (one of LAYERS), `filter`, `row` and `column`
    (a pixel of what the convolution returns; the later layers show where it goes), `unit` and `output` (of the
    dense layers; `output` begins with the first label), `seed` and `training` (of dropout, which drops the share
    `dropout`), `filters`, `kernel_size` and `units` (the network whose shapes are worked out), `weights` (set it
    to what page_weights() returns to show another model). In a built page the network is the book's, or the
    one that the reader has trained there.
    """

    images = traitlets.Bytes().tag(sync=True)  # (n, 28, 28) uint8
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True, page=False)
    index = WholeNumber(0).tag(sync=True)
    layer = Choice(LAYERS, LAYERS[0]).tag(sync=True)
    filter = WholeNumber(0).tag(sync=True)
    row = WholeNumber(8).tag(sync=True)
    column = WholeNumber(10).tag(sync=True)
    unit = WholeNumber(0).tag(sync=True)
    output = WholeNumber(0, min=0, max=9).tag(sync=True)
    seed = WholeNumber(1, min=0, max=2**31 - 1).tag(sync=True)
    training = traitlets.Bool(True).tag(sync=True)
    dropout = traitlets.Float(0.2).tag(sync=True)
    filters = WholeNumber(30, min=1, max=64).tag(sync=True)
    kernel_size = WholeNumber(5, min=1, max=27).tag(sync=True)
    units = WholeNumber(128, min=1, max=512).tag(sync=True)

    def __init__(self, images, labels=None, model=None, weights=None, **traits):
        images, labels = digits_as_loaded("LayerExplorer", images, labels, MAX_IMAGES, labels_needed=False)
        if weights is None:
            weights = page_weights(load_reference_model()) if model is None else weights_of("LayerExplorer", model)
        if labels.size:
            traits.setdefault("output", int(labels[0]))
        super().__init__(weights=weights, images=images.tobytes(), labels=labels.tolist(), **traits)

    @traitlets.validate("weights")
    def _check_weights(self, proposal):
        return checked_weights(proposal)

    @traitlets.observe("weights")
    def _keep_within(self, change):
        for name in ("filter", "row", "column", "unit"):
            setattr(self, name, min(getattr(self, name), self._largest(name)))

    @traitlets.validate("dropout")
    def _check_dropout(self, proposal):
        if not 0 <= proposal.value < 1:
            raise traitlets.TraitError(f"dropout was given {proposal.value}; it expects 0 up to but not 1.")
        return proposal.value

    @traitlets.validate("index", "filter", "row", "column", "unit")
    def _check_number(self, proposal):
        name = proposal.trait.name
        return whole_number(name, proposal.value, 0, self._largest(name))

    def _largest(self, name):
        """Return the largest number that a trait can have with these images and this network."""
        if name == "index":
            return len(self.images) // SIDE**2 - 1
        rows, columns, _, filters = self.weights["convolution"]["shape"]
        units, _ = self.weights["output"]["shape"]
        return {"row": SIDE - rows + 1, "column": SIDE - columns + 1, "filter": filters, "unit": units}[name] - 1

    def image(self):
        """Return the image shown, (28, 28) uint8."""
        return np.frombuffer(self.images, dtype=np.uint8).reshape(-1, SIDE, SIDE)[self.index]

    def fallback(self):
        """Return a figure of the chosen filter at work on the chosen image, and the table of all layers."""
        from mnist_tutorial.widgets.layer_explorer import fallback

        layer = self.weights["convolution"]
        kernel, bias = (np.frombuffer(base64.b64decode(layer[name]), dtype="<f4") for name in ("kernel", "bias"))
        weights = kernel.reshape(layer["shape"])[:, :, 0, self.filter]
        figure = fallback.figure(self.image() / 255, weights, bias[self.filter], self.filter, self.row, self.column)
        return figure + fallback.table(self.filters, self.kernel_size, self.units)
