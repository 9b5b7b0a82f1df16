"""TrainingMonitor: watch a network learn, then read the finished run epoch by epoch."""

import math
import sys
import time

import numpy as np
import traitlets

from mnist_tutorial.training import complete_history
from mnist_tutorial.widgets.training_monitor import fallback
from mnist_tutorial.widgets.training_monitor import history as words
from mnist_tutorial.widgets.validation import WholeNumber, whole_number
from mnist_tutorial.widgets.widget import BookWidget

UPDATE_EVERY = 0.3  # seconds: often enough to see it move, too seldom to slow the training


class _UntilFitEnds:
    """A trait that notices, when it is read, that the fit that the monitor follows was interrupted.

    Keras says nothing to its callbacks when fit is interrupted or fails.
    """

    def get(self, obj, cls=None):
        obj._end_if_fit_has_ended()
        return super().get(obj, cls)


class _Bool(_UntilFitEnds, traitlets.Bool):
    """A Bool that is read as above."""


class _WholeNumber(_UntilFitEnds, WholeNumber):
    """A whole number that is read as above."""


class _Unicode(_UntilFitEnds, traitlets.Unicode):
    """A Unicode that is read as above."""


class TrainingMonitor(BookWidget):
    """Show how training goes: `model.fit(..., verbose=0, callbacks=[TrainingMonitor()])`.

    It is a Keras callback as well as a widget. In a notebook it appears below the cell when training begins; in
    other Python programs it prints one line per epoch. Training that is interrupted leaves the whole epochs.

    history: a finished run to show: a dict that holds for each name, such as "loss" and "val_loss", a list with one
    number per epoch, or what `fit` returns. NaN and infinities are allowed; None says that nothing was measured.
    A metric "acc" is shown as "accuracy", and a validation that was not made after each epoch is placed as
    training.complete_history describes. What another callback wrote into `logs` and is no number is left out.

    Traits to read, set and observe: `history`, `epoch` (the one that is read, from 1; 0 when there is none yet),
    `epochs` (of the whole training). Those that tell how far training is: `training`, `step` of `steps` in this
    epoch, `status` in words.
    """

    history = traitlets.Dict().tag(sync=True, to_json=lambda history, _: _without_nan(history))
    epoch = traitlets.Int(0).tag(sync=True)
    epochs = WholeNumber(0, min=0).tag(sync=True)
    training = _Bool(False).tag(sync=True)
    step = _WholeNumber(0, min=0).tag(sync=True)
    steps = WholeNumber(0, min=0).tag(sync=True)  # 0: not known
    status = _Unicode("Training has not begun.").tag(sync=True)

    _fit = None  # identifies the call of fit, while it runs

    def __init__(self, history=None, **traits):
        epoch = traits.pop("epoch", None)
        super().__init__(**traits)
        self._output = None  # where it is displayed, while training
        if history is not None:
            self.history = complete_history(history) if hasattr(history, "history") else history
            self.status = words.finished(self.history, self.epochs)
        if epoch is not None:
            self.epoch = epoch

    @traitlets.validate("history")
    def _check_history(self, proposal):
        try:
            given = complete_history(proposal.value)
            history = {
                name: [None if value is None else float(value) for value in given[name]]
                for name in sorted(given, key=words.sort_key)
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
            expected = f"a whole number from 1 to {done}" if done else "0, because no epoch is finished"
            raise traitlets.TraitError(f"epoch was given {proposal.value}; it expects {expected}.")
        return proposal.value

    @traitlets.validate("epochs")
    def _check_epochs(self, proposal):
        return whole_number("epochs", proposal.value, words.length(self.history))

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
        self._begun = self._shown = self._latest = time.monotonic()
        self._fit = _frame_of_fit()
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
        now = self._latest = time.monotonic()
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
        self._latest = time.monotonic()
        logged = {name: [float(value)] for name, value in (logs or {}).items() if _is_number(value)}
        numbers = {name: value for name, (value,) in complete_history(logged).items()}
        numbers["seconds"] = round(self._latest - self._epoch_begun, 2)
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
        self._end(time.monotonic())

    def _end(self, now):
        self._fit = None
        with self.hold_sync():
            self.training, self.step = False, 0
            self.status = words.finished(self.history, self.epochs, now - self._begun)
        if self._output:
            _notebook().events.unregister("post_run_cell", self._cell_ended)
            output, self._output = self._output, None
            output.update(self)

    def _cell_ended(self, result=None):
        self._end(time.monotonic())

    def _end_if_fit_has_ended(self):
        """End the run if its fit was interrupted or failed: it is no longer on the stack of any thread."""
        if self._fit is not None and not _is_running(self._fit):
            self._end(self._latest)

    def _nothing(self, *args, **kwargs):
        """Do nothing: Keras calls it, and there is nothing to show."""

    set_model = on_batch_begin = on_batch_end = on_train_batch_begin = _nothing
    on_test_begin = on_test_batch_begin = on_test_batch_end = on_test_end = _nothing
    on_predict_begin = on_predict_batch_begin = on_predict_batch_end = on_predict_end = _nothing

    def fallback(self):
        """Return the curves of loss and accuracy, and the table of all epochs."""
        return fallback.figure(self.history) + fallback.table(self.history, self.status)


def _frame_of_fit():
    """Return what identifies the call of fit that this is called from, or None; it does not keep its data alive."""
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_name != "fit":
        frame = frame.f_back
    return None if frame is None else (id(frame), frame.f_code)


def _is_running(call):
    """Return whether a call, as _frame_of_fit() gives it, is on the stack of any thread."""
    for frame in sys._current_frames().values():
        while frame is not None:
            if (id(frame), frame.f_code) == call:
                return True
            frame = frame.f_back
    return False


def _is_number(value):
    """Return whether a value of `logs` is one number; other callbacks may write anything there."""
    try:
        return not isinstance(value, str | bytes) and np.ndim(value) == 0 and isinstance(float(value), float)
    except (TypeError, ValueError):
        return False


def _notebook():
    """Return IPython's shell when it has a notebook's kernel, where widgets can be shown; otherwise None."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell if getattr(shell, "kernel", None) is not None else None


def _without_nan(history):
    """Return the history as JSON can hold it; JavaScript's Number() reads these words as Python's float() does."""
    return {name: [_word_or_number(value) for value in values] for name, values in history.items()}


def _word_or_number(value):
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
