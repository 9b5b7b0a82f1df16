"""TrainingScrubber: move through a recorded training, and see curves, filters and answers change together."""

import numpy as np
import traitlets

from mnist_tutorial.widgets.validation import WholeNumber, digits_as_loaded, whole_number
from mnist_tutorial.widgets.widget import BookWidget

CURVES = ("val_loss", "val_accuracy")
EXPECTED = "a record as load_epochs() gives it"


class TrainingScrubber(BookWidget):
    """Show what one training changed, epoch by epoch: the curves, the filters, and the answers to a few digits.

    record: a dict with `epochs` (n), `val_loss` and `val_accuracy` (n + 1 numbers each, the first from before the
    training), `filters` ((n + 1, rows, columns, m) float), `positions` (of k digits in the test set), `labels` (k
    whole numbers, 0 to 9) and `probabilities` ((n + 1, k, 10), 0 to 1). images: these digits, (k, 28, 28) uint8, or
    None if there are none; then their labels are shown instead. epoch: where to begin, None for before the
    training. Raises ValueError for another record or other images.

    Traits to read, set and observe: `epoch` (0 to n), `beside` (another epoch, which is shown beside that one, or None)
    and `index` (the digit looked at, 0 to k - 1).
    """

    epoch = WholeNumber(0).tag(sync=True)
    beside = traitlets.Any(None).tag(sync=True)
    index = WholeNumber(0).tag(sync=True)
    loss = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    accuracy = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    # In 127ths of `largest_weight`, the largest of all filters at all epochs: (n + 1, m, rows, columns) int8.
    filters = traitlets.Bytes(read_only=True).tag(sync=True)
    largest_weight = traitlets.Float(read_only=True).tag(sync=True)
    shape = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)  # of the filters: [m, rows, columns]
    changes = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)  # mean distance from epoch 0
    labels = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)
    positions = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)
    probabilities = traitlets.Bytes(read_only=True).tag(sync=True)  # (n + 1, k, 10) float32
    images = traitlets.Bytes(read_only=True).tag(sync=True)  # (k, 28, 28) uint8, or empty

    def __init__(self, record, images=None, epoch=None, index=0, beside=None, **traits):
        curves, filters, probabilities, labels, positions = _checked(record)
        if images is not None:
            images, _ = digits_as_loaded("TrainingScrubber", images, labels)
        largest = float(np.abs(filters).max()) or 1.0
        recorded = {
            "loss": curves[0].tolist(),
            "accuracy": curves[1].tolist(),
            "filters": np.round(filters / largest * 127).astype(np.int8).tobytes(),
            "largest_weight": largest,
            "shape": list(filters.shape[1:]),
            "changes": np.abs(filters - filters[0]).mean(axis=(1, 2, 3)).tolist(),
            "labels": labels.tolist(),
            "positions": positions.tolist(),
            "probabilities": probabilities.astype("<f4").tobytes(),
            "images": b"" if images is None else images.tobytes(),
        }
        super().__init__(**traits)
        with self.hold_sync():
            for name, value in recorded.items():
                self.set_trait(name, value)
            self.epoch = 0 if epoch is None else epoch
            self.index = index
            self.beside = beside

    @traitlets.validate("epoch", "index")
    def _check_number(self, proposal):
        name = proposal.trait.name
        return whole_number(name, proposal.value, 0, len(self.loss if name == "epoch" else self.labels) - 1)

    @traitlets.validate("beside")
    def _check_beside(self, proposal):
        value = proposal.value
        return None if value is None else whole_number("beside", value, 0, len(self.loss) - 1)

    def fallback(self):
        """Return a figure of the accuracy and of the filters before, after one epoch and at the end, and a table."""
        from mnist_tutorial.widgets.training_scrubber import fallback

        shares = np.frombuffer(self.filters, dtype=np.int8).reshape(len(self.loss), *self.shape) / 127
        filters = shares * self.largest_weight
        probabilities = np.frombuffer(self.probabilities, dtype="<f4").reshape(len(self.loss), -1, 10)
        return fallback.figure(self.accuracy, self.loss, filters, self.largest_weight) + fallback.table(
            self.labels, probabilities
        )


def _checked(record):
    """Return a record's curves, filters (n + 1, m, rows, columns), probabilities, labels and positions as arrays."""
    names = ("epochs", *CURVES, "filters", "positions", "labels", "probabilities")
    if missing := [name for name in names if not isinstance(record, dict) or name not in record]:
        raise ValueError(f"TrainingScrubber was given a record without {', '.join(missing)}; it expects {EXPECTED}.")
    moments = int(record["epochs"]) + 1
    labels, positions = np.asarray(record["labels"]), np.asarray(record["positions"])
    arrays = {name: np.asarray(record[name], dtype="float64") for name in (*CURVES, "filters", "probabilities")}
    if arrays["filters"].ndim != 4 or not arrays["filters"].size:
        raise ValueError(
            f"TrainingScrubber was given filters of shape {arrays['filters'].shape}; it expects {moments} x rows x "
            f"columns x how many."
        )
    shapes = {
        **dict.fromkeys(CURVES, (moments,)),
        "filters": (moments, *arrays["filters"].shape[1:]),
        "probabilities": (moments, len(labels), 10),
    }
    for name, values in arrays.items():
        if values.shape != shapes[name] or not np.isfinite(values).all():
            raise ValueError(
                f"TrainingScrubber was given {name} of shape {values.shape}; for {moments - 1} epochs and "
                f"{len(labels)} digits it expects {shapes[name]} finite numbers."
            )
    if positions.shape != labels.shape or not len(labels) or not np.isin(labels, range(10)).all():
        raise ValueError(
            f"TrainingScrubber was given {len(labels)} labels and {len(positions)} positions; it expects as many of "
            "each, at least one, and labels from 0 to 9."
        )
    curves = [arrays[name] for name in CURVES]
    return curves, np.moveaxis(arrays["filters"], 3, 1), arrays["probabilities"], labels, positions
