"""TrainingMonitor: watch a network learn, then read the finished run epoch by epoch."""

import math
import time

import numpy as np
import traitlets

from mnist_tutorial.widgets.training_monitor import fallback as words
from mnist_tutorial.widgets.widget import BookWidget

UPDATE_EVERY = 0.3  # seconds: often enough to see it move, too seldom to slow the training


class TrainingMonitor(BookWidget):
    """Show how training goes: `model.fit(..., verbose=0, callbacks=[TrainingMonitor()])`.

    It is a Keras callback as well as a widget. In a notebook it appears below the cell when training begins; in
    other Python programs it prints one line per epoch. Training that is interrupted leaves the whole epochs.

    history: a finished run to show: a dict that holds for each name, such as "loss" and "val_loss", a list with one
    number per epoch, or what `fit` returns. NaN and infinities are allowed; None says that nothing was measured.

    Traits to read, set and observe: `history`, `epoch` (the one that is read, from 1; 0 when there is none yet),
    `epochs` (of the whole training). Those that tell how far training is: `training`, `step` of `steps` in this
    epoch, `status` in words.
    """

    history = traitlets.Dict().tag(sync=True, to_json=lambda history, _: _without_nan(history))
    epoch = traitlets.Int(0).tag(sync=True)
    epochs = traitlets.Int(0).tag(sync=True)
    training = traitlets.Bool(False).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)  # 0: not known
    status = traitlets.Unicode("Training has not begun.").tag(sync=True)

    def __init__(self, history=None, **traits):
        epoch = traits.pop("epoch", None)
        super().__init__(**traits)
        self._output = None  # where it is displayed, while training
        if history is not None:
            self.history = getattr(history, "history", history)
            self.status = words.finished(self.history, self.epochs)
        if epoch is not None:
            self.epoch = epoch

    @traitlets.validate("history")
    def _check_history(self, proposal):
        try:
            history = {
                name: [None if value is None else float(value) for value in proposal.value[name]]
                for name in sorted(proposal.value, key=words.place)
            }
        except (TypeError, ValueError, AttributeError) as error:
            raise traitlets.TraitError(
                f"history was given something that is not a number ({error}); "
                "it expects a list of numbers for each name, one number per epoch."
            ) from error
        if len({len(values) for values in history.values()}) > 1:
            raise traitlets.TraitError(
                "history was given lists of different lengths ("
                + ", ".join(f"{name}: {len(values)}" for name, values in history.items())
                + "); it expects one number per epoch in each."
            )
        return history

    @traitlets.observe("history")
    def _read_newest(self, change):
        done = words.length(change.new)
        self.epochs = max(self.epochs, done)
        self.epoch = done

    @traitlets.validate("epoch")
    def _check_epoch(self, proposal):
        done = words.length(self.history)
        if not min(1, done) <= proposal.value <= done:
            expected = f"a whole number from 1 to {done}" if done else "0, as no epoch is finished"
            raise traitlets.TraitError(f"epoch was given {proposal.value}; it expects {expected}.")
        return proposal.value

    @traitlets.validate("epochs", "step", "steps")
    def _check_count(self, proposal):
        least = words.length(self.history) if proposal.trait.name == "epochs" else 0
        if proposal.value < least:
            raise traitlets.TraitError(
                f"{proposal.trait.name} was given {proposal.value}; it expects a whole number, at least {least}."
            )
        return proposal.value

    # What Keras calls. It asks for these methods by name and for no class of its own (tested), so that the widget
    # can be the callback, and importing it does not import Keras.

    def set_params(self, params):
        """Take over how many epochs and steps there will be."""
        self._params = params

    def on_train_begin(self, logs=None):
        """Forget an earlier run, and appear."""
        if self._output:  # an earlier fit of the same cell was interrupted
            self.on_train_end()
        with self.hold_sync():
            self.history, self.training = {}, True
            self.epochs, self.step, self.steps = self._params["epochs"], 0, self._params["steps"] or 0
            self.status = words.running(self)
        self._begun = self._shown = time.monotonic()
        if shell := _notebook():
            from IPython.display import display

            self._output = display(self, display_id=True)
            # An interrupted or failing fit says nothing to its callbacks, but its cell ends.
            shell.events.register("post_run_cell", self._cell_ended)

    def on_epoch_begin(self, epoch, logs=None):
        """Look at the clock."""
        if not self.history:
            self.epochs = self._params["epochs"] - epoch  # fit(initial_epoch=...) leaves some out
        self._epoch_begun, self._first_batch = time.monotonic(), None

    def on_train_batch_end(self, batch, logs=None):
        """Show the progress, unless that was only just done."""
        now = time.monotonic()
        if self._first_batch is None:  # Keras builds its graph in the very first one, which takes a while
            self._first_batch = (now, batch + 1)
        elif now - self._shown > UPDATE_EVERY and self._output:
            self._shown = now
            begun, before = self._first_batch
            pace = (now - begun) / (batch + 1 - before)
            with self.hold_sync():
                self.step = batch + 1
                self.status = words.running(self, pace)

    def on_epoch_end(self, epoch, logs=None):
        """Add the epoch to the history."""
        numbers = {name: float(value) for name, value in (logs or {}).items() if np.ndim(value) == 0}
        numbers["seconds"] = round(time.monotonic() - self._epoch_begun, 2)
        done = words.length(self.history)
        names = list(dict.fromkeys([*self.history, *numbers]))
        with self.hold_sync():
            self.step = 0
            self.history = {n: [*self.history.get(n, [None] * done), numbers.get(n)] for n in names}
            self.status = words.running(self)
        if not _notebook():
            print(words.sentence(self.history, done + 1, self.epochs))

    def on_train_end(self, logs=None):
        """Say how it went, and put the finished run into the notebook's output."""
        with self.hold_sync():
            self.training, self.step = False, 0
            self.status = words.finished(self.history, self.epochs, time.monotonic() - self._begun)
        if self._output:
            _notebook().events.unregister("post_run_cell", self._cell_ended)
            output, self._output = self._output, None
            output.update(self)

    def _cell_ended(self, result=None):
        self.on_train_end()

    def _nothing(self, *args, **kwargs):
        """Do nothing: Keras calls it, and there is nothing to show."""

    set_model = on_batch_begin = on_batch_end = on_train_batch_begin = _nothing
    on_test_begin = on_test_batch_begin = on_test_batch_end = on_test_end = _nothing
    on_predict_begin = on_predict_batch_begin = on_predict_batch_end = on_predict_end = _nothing

    def fallback(self):
        """Return the curves of loss and accuracy, and the table of all epochs."""
        return words.figure(self.history) + words.table(self.history, self.status)


def _notebook():
    """Return IPython's shell when it has a notebook's kernel, where widgets can be shown; otherwise None."""
    import sys

    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell if getattr(shell, "kernel", None) is not None else None


def _without_nan(history):
    """Return the history as JSON can hold it; JavaScript's Number() reads these words as Python's float() does."""
    return {name: [_word_or_number(value) for value in values] for name, values in history.items()}


def _word_or_number(value):
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
