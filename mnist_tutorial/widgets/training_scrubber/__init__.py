"""TrainingScrubber: move through a recorded training, and see loss, answers and filters change together."""

import reprlib

import numpy as np
import traitlets

from mnist_tutorial.widgets.validation import WholeNumber, digits_as_loaded, is_whole_number, whole_number
from mnist_tutorial.widgets.widget import BookWidget

CURVES = ("val_loss", "val_accuracy")
ARRAYS = (*CURVES, "filters", "probabilities", "answers")
EXPECTED = "a record as load_checkpoints() gives it"


class TrainingScrubber(BookWidget):
    """Show what one training changed: the loss on a logarithmic axis, the answers to a few digits, and the filters.

    record: a dict with `steps` (n whole numbers, the first 0, each larger than the one before: of how many steps of the
    optimizer), `epoch_steps` (steps in an epoch), `val_loss` and `val_accuracy` (n numbers each), `filters` ((n, m,
    rows, columns) float), `positions` (of k digits in the test set), `labels` (k whole numbers, 0 to 9),
    `probabilities` ((n, k, 10), 0 to 1) and `answers` ((n, k), 0 to 9). images: these digits, (k, 28, 28) uint8, or
    None if there are none; then their labels are shown instead. Raises ValueError for another record or other images.

    Traits to read, set and observe: `step` (one of the steps), `pinned` (another of them, which is shown beside that
    one, or None) and `index` (the digit looked at, 0 to k - 1).
    """

    step = WholeNumber(0).tag(sync=True)
    pinned = WholeNumber(None, allow_none=True).tag(sync=True)
    index = WholeNumber(0).tag(sync=True)
    steps = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)
    epoch_steps = traitlets.Int(read_only=True).tag(sync=True)
    loss = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    accuracy = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    # In 127ths of `largest_weight`, the largest of these filters at all steps: (n, m, rows, columns) int8.
    filters = traitlets.Bytes(read_only=True).tag(sync=True)
    largest_weight = traitlets.Float(read_only=True).tag(sync=True)
    shape = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)  # of the filters: [m, rows, columns]
    labels = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)
    positions = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)
    probabilities = traitlets.Bytes(read_only=True).tag(sync=True)  # in 255ths: (n, k, 10) uint8
    answers = traitlets.Bytes(read_only=True).tag(sync=True)  # (n, k) uint8
    images = traitlets.Bytes(read_only=True).tag(sync=True)  # (k, 28, 28) uint8, or empty

    def __init__(self, record, images=None, step=0, pinned=None, index=0, **traits):
        arrays, steps, labels, positions, epoch_steps = _checked(record)
        if images is not None:
            images, _ = digits_as_loaded("TrainingScrubber", images, labels)
        filters = arrays["filters"]
        largest = float(np.abs(filters).max()) or 1.0
        recorded = {
            "steps": steps,
            "epoch_steps": epoch_steps,
            "loss": arrays["val_loss"].tolist(),
            "accuracy": arrays["val_accuracy"].tolist(),
            "filters": np.round(filters / largest * 127).astype(np.int8).tobytes(),
            "largest_weight": largest,
            "shape": list(filters.shape[1:]),
            "labels": labels.tolist(),
            "positions": positions.tolist(),
            "probabilities": np.round(arrays["probabilities"] * 255).astype(np.uint8).tobytes(),
            "answers": arrays["answers"].astype(np.uint8).tobytes(),
            "images": b"" if images is None else images.tobytes(),
        }
        super().__init__(**traits)
        with self.hold_sync():
            for name, value in recorded.items():
                self.set_trait(name, value)
            self.step = step
            self.pinned = pinned
            self.index = index

    @traitlets.validate("step", "pinned")
    def _check_step(self, proposal):
        name, value = proposal.trait.name, proposal.value
        if value not in self.steps:
            or_none = ", or None" if name == "pinned" else ""
            raise traitlets.TraitError(
                f"{name} was given {reprlib.repr(value)}; it expects a step that is recorded{or_none}: "
                f"{', '.join(map(str, self.steps))}."
            )
        return value

    @traitlets.validate("index")
    def _check_index(self, proposal):
        return whole_number("index", proposal.value, 0, len(self.labels) - 1)

    def fallback(self):
        """Return a figure of the loss, of when each digit was right, and of the filters at three steps, and a table."""
        from mnist_tutorial.widgets.training_scrubber import fallback

        count, digits = len(self.steps), len(self.labels)
        shares = np.frombuffer(self.filters, dtype=np.int8).reshape(count, *self.shape) / 127
        answers = np.frombuffer(self.answers, dtype=np.uint8).reshape(count, digits)
        probabilities = np.frombuffer(self.probabilities, dtype=np.uint8).reshape(count, digits, 10) / 255
        return fallback.figure(
            self.steps, self.loss, self.accuracy, answers == self.labels, self.labels, shares
        ) + fallback.table(self.steps, self.labels, answers, probabilities)


def _checked(record):
    """Return a record's arrays, steps, labels, positions and the steps of an epoch; raise ValueError for any other."""
    names = ("steps", "epoch_steps", "positions", "labels", *ARRAYS)
    if missing := [name for name in names if not isinstance(record, dict) or name not in record]:
        raise ValueError(f"TrainingScrubber was given a record without {', '.join(missing)}; it expects {EXPECTED}.")
    steps = list(record["steps"])
    if not steps or not all(map(is_whole_number, steps)) or steps != sorted({0, *steps}):
        raise ValueError(
            f"TrainingScrubber was given the steps {reprlib.repr(steps)}; it expects whole numbers, rising from 0."
        )
    epoch_steps = whole_number("epoch_steps", record["epoch_steps"], 1, error=ValueError)
    labels, positions = np.asarray(record["labels"]), np.asarray(record["positions"])
    arrays = {name: np.asarray(record[name], dtype="float64") for name in ARRAYS}
    if arrays["filters"].ndim != 4 or not arrays["filters"].size:
        raise ValueError(
            f"TrainingScrubber was given filters of shape {arrays['filters'].shape}; it expects {len(steps)} x how "
            "many x rows x columns."
        )
    shapes = {
        **dict.fromkeys(CURVES, (len(steps),)),
        "filters": (len(steps), *arrays["filters"].shape[1:]),
        "probabilities": (len(steps), len(labels), 10),
        "answers": (len(steps), len(labels)),
    }
    for name, values in arrays.items():
        if values.shape != shapes[name] or not np.isfinite(values).all():
            raise ValueError(
                f"TrainingScrubber was given {name} of shape {values.shape}; for {len(steps)} steps and "
                f"{len(labels)} digits it expects {shapes[name]} finite numbers."
            )
    if positions.shape != labels.shape or not len(labels) or not np.isin(labels, range(10)).all():
        raise ValueError(
            f"TrainingScrubber was given {len(labels)} labels and {len(positions)} positions; it expects as many of "
            "each, at least one, and labels from 0 to 9."
        )
    for name, highest, are_whole in (("probabilities", 1, False), ("answers", 9, True)):
        values = arrays[name]
        if values.min() < 0 or values.max() > highest or (are_whole and (values % 1).any()):
            raise ValueError(
                f"TrainingScrubber was given {name} from {values.min():g} to {values.max():g}; it expects "
                f"{'whole ' if are_whole else ''}numbers from 0 to {highest}."
            )
    return arrays, [int(step) for step in steps], labels, positions, epoch_steps
