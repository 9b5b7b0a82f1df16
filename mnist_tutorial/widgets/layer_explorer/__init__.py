"""LayerExplorer: take the network of the book apart, layer by layer, on a real digit."""

import itertools
import secrets

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

LAYERS = ("convolution", "filters", "pooling", "dropout", "flatten", "hidden", "output", "shapes")
SHARED = ("index", "filter", "other", "row", "column", "unit", "output")  # by all pieces of one network
MAX_IMAGES = 20
_numbers = itertools.count(1)


class LayerExplorer(BookWidget):
    """Show what a layer of a network does with a digit, with all its numbers.

    images: (n, 28, 28) uint8, 1 to 20 of them. labels: (n,) whole numbers, 0 to 9, or None. model: a network such
    as build_model() makes; None for the book's trained one. weights: what page_weights() has made of a model,
    instead of one. Raises ValueError for other images, labels or models.

    `layer` says what is shown, one of LAYERS: "convolution" is one filter at work, "filters" are two of them side by
    side, and "shapes" the shapes and parameters of all layers. piece() makes another one that shows another layer of
    the same network on the same digit.

    Traits to read, set and observe: `index` (which image), `layer`, `filter`, `other` (the filter beside it), `row` and
    `column` (a pixel of what the convolution returns; the later layers show where it goes), `filling` (whether a map is
    filled only up to that place), `unit` and `output` (of the dense layers; `output` begins with the first label),
    `seed` and `training` (of dropout, which drops the share `dropout`), `filters`, `kernel_size` and `units` (the
    network whose shapes are worked out), `weights` (set it to what page_weights() returns to show another model). In a
    built page the network is the book's, or the one that the reader has trained there.
    """

    images = traitlets.Bytes().tag(sync=True)  # (n, 28, 28) uint8
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True, page=False)
    group = traitlets.Unicode().tag(sync=True)  # the same for all pieces of one network
    index = WholeNumber(0).tag(sync=True)
    layer = Choice(LAYERS, LAYERS[0]).tag(sync=True)
    filter = WholeNumber(0).tag(sync=True)
    other = WholeNumber(1).tag(sync=True)
    row = WholeNumber(8).tag(sync=True)
    column = WholeNumber(10).tag(sync=True)
    filling = traitlets.Bool(False).tag(sync=True)
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
        # Two notebooks in one window of JupyterLab each have a first explorer.
        traits.setdefault("group", f"{next(_numbers)} {secrets.token_hex(4)}")
        self._has_own_images = True
        super().__init__(weights=weights, images=images.tobytes(), labels=labels.tolist(), **traits)

    @traitlets.validate("weights")
    def _check_weights(self, proposal):
        return checked_weights(proposal)

    @traitlets.observe("weights")
    def _keep_within(self, change):
        for name in ("filter", "other", "row", "column", "unit"):
            setattr(self, name, min(getattr(self, name), self._largest(name)))

    @traitlets.validate("dropout")
    def _check_dropout(self, proposal):
        if not 0 <= proposal.value < 1:
            raise traitlets.TraitError(f"dropout was given {proposal.value}; it expects at least 0 and less than 1.")
        return proposal.value

    @traitlets.validate("index", "filter", "other", "row", "column", "unit")
    def _check_number(self, proposal):
        name = proposal.trait.name
        return whole_number(name, proposal.value, 0, self._largest(name))

    def _largest(self, name):
        """Return the largest number that a trait can have with these images and this network."""
        if name == "index":
            return len(self.images) // SIDE**2 - 1
        rows, columns, _, filters = self.weights["convolution"]["shape"]
        units, _ = self.weights["output"]["shape"]
        counts = {"row": SIDE - rows + 1, "column": SIDE - columns + 1, "unit": units}
        return counts.get(name, filters) - 1

    def piece(self, layer, **traits):
        """Return another LayerExplorer, which shows another layer of the same network on the same digit.

        What is chosen in one of them, digit, filter, place or unit, all the others on the page take over. In a built
        page the images are in the first one alone, which stands before the others. layer: one of LAYERS. traits: others
        than those that are common to all.
        """
        common = sorted({"group", *SHARED} & set(traits))
        if common:
            raise ValueError(
                f"piece() was given {', '.join(common)}, which all pieces have in common; set it on the first one."
            )
        images = np.frombuffer(self.images, dtype=np.uint8).reshape(-1, SIDE, SIDE)
        common = {name: getattr(self, name) for name in ("group", *SHARED)}
        labels = self.labels or None
        piece = LayerExplorer(images, labels, weights=self.weights, layer=layer, **common, **traits)
        piece._has_own_images = False
        return piece

    def page_state(self):
        """Return the traits that the page needs, as JSON can hold them."""
        state = super().page_state()
        state["group"] = self.group.split()[0]  # a page is the same each time it is built
        if not self._has_own_images:
            state["images"] = {"base64": ""}
        return state

    def image(self):
        """Return the image shown, (28, 28) uint8."""
        return np.frombuffer(self.images, dtype=np.uint8).reshape(-1, SIDE, SIDE)[self.index]

    def fallback(self):
        """Return a figure or a table of what the layer does with the chosen digit."""
        from mnist_tutorial.widgets.layer_explorer import fallback

        if self.layer == "shapes":
            return fallback.table(self.filters, self.kernel_size, self.units)
        return getattr(fallback, self.layer)(self)
