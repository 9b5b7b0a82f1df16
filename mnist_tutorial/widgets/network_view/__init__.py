"""NetworkView: draw a digit, see the whole network light up, and open any part to see how it is worked out."""

import numpy as np
import traitlets

from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.handwriting.rasterize import DRAWN_THREE
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.forward_pass import layers_of
from mnist_tutorial.reference.weights_format import as_base64
from mnist_tutorial.widgets.validation import (
    Choice,
    WholeNumber,
    checked_strokes,
    checked_weights,
    digits_as_loaded,
    weights_of,
    whole_number,
)
from mnist_tutorial.widgets.widget import BookWidget

LAYERS = ("convolution", "pooling", "hidden", "output")
MAX_IMAGES = 20
PEN = 0.08  # the width of the pen as a share of the pad, as in network_view.js


class NetworkView(BookWidget):
    """Show what every layer of a network makes of a drawing or a digit, down to the arithmetic of one number.

    model: a network such as build_model() makes, whose weights are taken as they are now; None for the reference
    network. images: (n, 28, 28) uint8, 1 to 20 of them; without any, a drawn 3. labels: (n,) whole numbers, 0 to 9,
    or None. A page without a kernel asks the reference network, or the one that the reader has trained in the page.
    Raises ValueError for a network, images or labels of another form.

    Traits to read, set and observe: `strokes` (of the reader's drawing: lists of points [x, y], 0 to 1 from left to
    right and from top to bottom; none where a digit is shown), `index` (which digit), `layer` (whose unit is open: one
    of LAYERS, or "" for none) and `unit` (its place: [row, column, map] in convolution and pooling, [number] in hidden
    and output, [] in none), `group` (a name: widgets of one group, DigitPads and NetworkViews, show the same drawing;
    it counts when a widget is shown). When `layer` is set to another one, `unit` becomes that layer's strongest;
    look_at() sets both.
    `weights` can be set to what page_weights() returns, to show another network.
    """

    images = traitlets.Bytes(read_only=True).tag(sync=True)  # (n, 28, 28) uint8
    labels = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True, page=False)
    strokes = traitlets.List().tag(sync=True)
    index = WholeNumber(0).tag(sync=True)
    layer = Choice((*LAYERS, ""), "").tag(sync=True)
    unit = traitlets.List(traitlets.Int()).tag(sync=True)
    group = traitlets.Unicode().tag(sync=True)

    def __init__(self, model=None, images=None, labels=None, index=0, layer="", unit=None, **traits):
        if images is None:
            images, labels = rasterize.prepared(DRAWN_THREE, PEN).image[None], [3]
        images, labels = digits_as_loaded("NetworkView", images, labels, MAX_IMAGES, labels_needed=False)
        weights = load_page_weights() if model is None else weights_of("NetworkView", model)
        super().__init__(**traits)
        with self.hold_sync():
            self.set_trait("images", images.tobytes())
            self.set_trait("labels", labels.tolist())
            self.weights = weights
            self.index = index
            self.look_at(layer, *(unit or []))

    def look_at(self, layer, *unit):
        """Open a unit: look_at("convolution", row, column, map), look_at("hidden", number), look_at("") for none.

        Without a place, the layer's strongest unit is opened. Raises TraitError when there is no such unit.
        """
        unit = list(unit) or (self._strongest(layer) if layer in LAYERS else [])
        with self.hold_trait_notifications():
            self.layer = layer
            self.unit = unit

    @traitlets.validate("weights")
    def _check_weights(self, proposal):
        return checked_weights(proposal)

    @traitlets.validate("strokes")
    def _check_strokes(self, proposal):
        return checked_strokes("strokes", proposal.value)

    @traitlets.validate("index")
    def _check_index(self, proposal):
        return whole_number("index", proposal.value, 0, len(self.images) // 784 - 1)

    @traitlets.validate("unit")
    def _check_unit(self, proposal):
        shape = self._shape(self.layer)
        if not _fits(proposal.value, shape):
            each = [f"a number from 0 to {length - 1}" for length in shape]
            raise traitlets.TraitError(
                f"unit was given {proposal.value}; for the layer {self.layer!r} it expects [{', '.join(each)}]."
            )
        return proposal.value

    @traitlets.observe("layer", "weights")
    def _keep_within(self, _):
        if not _fits(self.unit, self._shape(self.layer)):
            self.unit = self._strongest(self.layer) if self.layer else []

    def _shape(self, layer):
        """Return the shape of what a layer returns; that of none is empty."""
        return layers_of(self.weights, self.image())[_value(layer)].shape if layer else ()

    def _strongest(self, layer):
        values = layers_of(self.weights, self.image())[_value(layer)]
        return [int(at) for at in np.unravel_index(np.nan_to_num(values).argmax(), values.shape)]

    def image(self):
        """Return the image that the network sees, of the drawing or of the digit: (28, 28) uint8, light ink on 0."""
        if self.strokes:
            return rasterize.prepared(self.strokes, PEN).image
        return np.frombuffer(self.images, dtype=np.uint8).reshape(-1, 28, 28)[self.index]

    def page_state(self):
        """Return the traits, and what the page shows before it has loaded the network.

        That is, under "recorded", the first layer's weights and what the other layers make of the digit.
        """
        values = layers_of(self.weights, self.image())
        recorded = {name: as_base64(values[name]) for name in ("hidden", "logits")}
        recorded |= {"convolution": self.weights["convolution"], "index": -1 if self.strokes else self.index}
        return super().page_state() | {"recorded": recorded}

    def fallback(self):
        """Return a figure of the digit on its way: some maps, the hidden units and the probabilities."""
        from mnist_tutorial.widgets.network_view import fallback

        label = self.labels[self.index] if self.labels and not self.strokes else None
        return fallback.figure(self.image(), label, layers_of(self.weights, self.image()))


def _value(layer):
    return "probabilities" if layer == "output" else layer


def _fits(unit, shape):
    return len(unit) == len(shape) and all(0 <= at < length for at, length in zip(unit, shape, strict=True))
