"""LayerExplorer: take the network of the book apart, layer by layer, on a real digit."""

import base64

import numpy as np
import traitlets

from mnist_tutorial.reference import load_reference_model
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.widget import BookWidget

SIDE = 28  # rows and columns of a digit
LAYERS = ("convolution", "pooling", "dropout", "flatten", "hidden", "output", "shapes")
RANGES = {"seed": (0, 2**31 - 1), "filters": (1, 64), "kernel_size": (1, 27), "units": (1, 512)}


class LayerExplorer(BookWidget):
    """Show what each layer of a network does with a digit, with all its numbers.

    images: (n, 28, 28) uint8, 1 to 20 of them. labels: (n,) whole numbers, 0 to 9, or None. model: a network such
    as build_model() makes; None for the book's trained one. weights: what page_weights() has made of a model,
    instead of one. Raises ValueError for other images, labels or models.

    Traits to read, set and observe: `index` (which image), `layer` (one of LAYERS), `filter`, `row` and `column`
    (a pixel of what the convolution returns; the later layers show where it goes), `unit` and `output` (of the
    dense layers; `output` begins with the first label), `seed` and `training` (of dropout, which drops the share
    `dropout`), `filters`, `kernel_size` and `units` (the network whose shapes are worked out), `weights` (set it
    to what page_weights() returns to show another model). In a built page the network is always the book's.
    """

    images = traitlets.Bytes().tag(sync=True)  # (n, 28, 28) uint8
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True, page=False)
    index = traitlets.Int(0).tag(sync=True)
    layer = traitlets.Unicode("convolution").tag(sync=True)
    filter = traitlets.Int(0).tag(sync=True)
    row = traitlets.Int(8).tag(sync=True)
    column = traitlets.Int(10).tag(sync=True)
    unit = traitlets.Int(0).tag(sync=True)
    output = traitlets.Int(0).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    training = traitlets.Bool(True).tag(sync=True)
    dropout = traitlets.Float(0.2).tag(sync=True)
    filters = traitlets.Int(30).tag(sync=True)
    kernel_size = traitlets.Int(5).tag(sync=True)
    units = traitlets.Int(128).tag(sync=True)

    def __init__(self, images, labels=None, model=None, weights=None, **traits):
        images = np.asarray(images)
        if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8 or not 1 <= len(images) <= 20:
            raise ValueError(
                f"LayerExplorer was given images of shape {images.shape} and type {images.dtype}; "
                "it expects 1 to 20 of them as load_mnist() gives them, (n, 28, 28) uint8, "
                "for example X_train[:10] before any processing."
            )
        labels = np.empty(0, dtype=int) if labels is None else np.asarray(labels)
        wanted = labels.size == 0 or labels.shape == (len(images),)
        if not wanted or not np.issubdtype(labels.dtype, np.integer) or not np.isin(labels, range(10)).all():
            raise ValueError(
                f"LayerExplorer was given labels of shape {labels.shape} and type {labels.dtype}; "
                f"it expects one whole number from 0 to 9 for each of the {len(images)} images."
            )
        if weights is None:
            weights = page_weights(load_reference_model() if model is None else model)
        if labels.size:
            traits.setdefault("output", int(labels[0]))
        super().__init__(weights=weights, images=images.tobytes(), labels=labels.tolist(), **traits)

    @traitlets.validate("weights")
    def _check_weights(self, proposal):
        try:
            shapes = [tuple(proposal.value[name]["shape"]) for name in ("convolution", "hidden", "output")]
            (rows, columns, channels, filters), (inputs, units), (hidden, classes) = shapes
        except (KeyError, TypeError, ValueError) as error:
            raise traitlets.TraitError(f"weights expects what page_weights(model) returns: {error!r}.") from error
        flat = (SIDE - rows + 1) // 2 * ((SIDE - columns + 1) // 2) * filters
        if (channels, inputs, hidden, classes) != (1, flat, units, 10):
            raise traitlets.TraitError(
                f"weights was given layers of shapes {shapes}, which do not make a network from 28 x 28 pixels to "
                "10 probabilities; it expects what page_weights(model) returns."
            )
        return proposal.value

    @traitlets.observe("weights")
    def _keep_within(self, change):
        for name in ("filter", "row", "column", "unit"):
            setattr(self, name, min(getattr(self, name), self._largest(name)))

    @traitlets.validate("layer")
    def _check_layer(self, proposal):
        if proposal.value not in LAYERS:
            raise traitlets.TraitError(f"layer was given {proposal.value!r}; it expects one of {', '.join(LAYERS)}.")
        return proposal.value

    @traitlets.validate("dropout")
    def _check_dropout(self, proposal):
        if not 0 <= proposal.value < 1:
            raise traitlets.TraitError(f"dropout was given {proposal.value}; it expects 0 up to but not 1.")
        return proposal.value

    @traitlets.validate("index", "filter", "row", "column", "unit", "output", *RANGES)
    def _check_number(self, proposal):
        name, value = proposal.trait.name, proposal.value
        lowest, highest = RANGES.get(name) or (0, self._largest(name))
        if not lowest <= value <= highest:
            raise traitlets.TraitError(
                f"{name} was given {value}; it expects a whole number from {lowest} to {highest}."
            )
        return value

    def _largest(self, name):
        """Return the largest number that a trait can have with these images and this network."""
        if name == "index":
            return len(self.images) // SIDE**2 - 1
        rows, columns, _, filters = self.weights["convolution"]["shape"]
        units, classes = self.weights["output"]["shape"]
        counts = {"row": SIDE - rows + 1, "column": SIDE - columns + 1, "filter": filters, "unit": units}
        return counts.get(name, classes) - 1

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
