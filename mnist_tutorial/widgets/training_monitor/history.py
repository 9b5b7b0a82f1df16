"""What TrainingMonitor says of a run: its numbers in words, and how far training is."""

import math

# Where a number was measured, by the beginning of its name; Keras says val_.
KINDS = {"val_": "validation ", "test_": "test "}


def length(history):
    """Return how many epochs a history holds."""
    return max(map(len, history.values()), default=0)


def heading(name):
    """Return a name of a history in words: "val_loss" is the "validation loss"."""
    for beginning, word in KINDS.items():
        if name.startswith(beginning):
            return word + heading(name.removeprefix(beginning))
    return name.replace("_", " ")


def sort_key(name):
    """Return a key to sort names by: the loss and where it was measured, then the others, the seconds last."""
    beginning = next((beginning for beginning in KINDS if name.startswith(beginning)), "")
    metric = name.removeprefix(beginning)
    return metric == "seconds", metric != "loss", metric, ["", *KINDS].index(beginning)


def number(name, value):
    """Return a value of a history in words, whatever it is: "0.0412", "98.75%", "5.3", "not a number"."""
    if value is None:
        return "not measured"
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite" if value > 0 else "minus infinity"
    if name == "seconds":
        return f"{value:.1f}"
    if "accuracy" in name:
        return f"{value:.2%}"
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 10_000 else f"{value:.2e}"


def duration(seconds):
    """Return a time as a reader would say it."""
    if seconds < 0.5:
        return "less than 1 s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def sentence(history, epoch, epochs):
    """Return the numbers of one epoch on one line."""
    numbers = [f"{heading(name)} {number(name, values[epoch - 1])}" for name, values in history.items()]
    return f"epoch {epoch} of {epochs}: {', '.join(numbers)}"


def running(monitor, pace=None):
    """Return how far training is, and how long it will take.

    pace: seconds that a batch takes, as measured in this epoch; without it, only whole epochs are looked at.
    """
    done, epochs = length(monitor.history), monitor.epochs
    share_of_epoch = monitor.step / monitor.steps if monitor.steps else 0
    share = min(1, (done + share_of_epoch) / max(1, epochs))
    text = f"epoch {min(done + 1, epochs)} of {epochs}, {int(100 * share)}% done"
    if done == epochs:
        return text
    if done:
        measured = monitor.history["seconds"][1:] or monitor.history["seconds"]  # the first one takes longer
        per_epoch = sum(measured) / len(measured)
    elif pace and monitor.steps:
        per_epoch = pace * monitor.steps
    else:
        return text
    left = duration(per_epoch * (epochs - done - share_of_epoch))
    return f"{text}, {'' if left.startswith('less') else 'about '}{left} left"


def finished(history, epochs, seconds=None):
    """Return how a run ended. seconds: how long it took; without it, the sum of its epochs where it is known."""
    done = length(history)
    if seconds is None and "seconds" in history:
        seconds = sum(value for value in history["seconds"] if value is not None)
    time = "" if seconds is None else f" in {duration(seconds)}"
    if done < epochs:
        return f"Stopped after epoch {done} of {epochs}{time}." if done else f"Stopped in epoch 1 of {epochs}."
    return f"{done} {'epoch' if done == 1 else 'epochs'}{time}."
