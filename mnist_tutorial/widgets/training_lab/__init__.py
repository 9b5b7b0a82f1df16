"""TrainingLab: set up a training, run it in the browser, watch it, and compare runs."""

import math
import re

import numpy as np
import traitlets

from mnist_tutorial.network_file import build_network, shapes_of
from mnist_tutorial.training_settings import SETTINGS as ENGINE_SETTINGS
from mnist_tutorial.training_settings import fits, in_words
from mnist_tutorial.widgets.training_lab import fallback
from mnist_tutorial.widgets.training_source import TrainingSource
from mnist_tutorial.widgets.widget import BookWidget

# What each setting is where nothing is said, and what it may be: the engine's, with Python's names, and the lab's own.
SETTINGS = {
    "images": (6000, [500, 1000, 2000, 6000, 54_000]),
    **{re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", name): rule for name, rule in ENGINE_SETTINGS.items()},
    "workers": (None, range(1, 9)),  # None leaves it to the browser
}
# With few images, a reader sees it learn in a quarter of a minute, if the batches are small.
SETTINGS |= {name: (value, SETTINGS[name][1]) for name, value in (("epochs", 5), ("batch_size", 40))}


class TrainingLab(TrainingSource, BookWidget):
    """Train the book's network in the browser: `TrainingLab()`, or `TrainingLab(learning_rate=0.01, epochs=3)`.

    Any setting can be given by its name; those are what the lab begins with:

    images: 500, 1,000, 2,000, 6,000 or 54,000 training images; validation images are others.
    epochs: 1 to 1,000. batch_size: 1 to 1,024. learning_rate: 0.000001 to 100.
    schedule: "cosine" (the rate falls to zero) or "constant". optimizer: "adam" or "sgd". seed: a whole number.
    filters: 1 to 64. kernel_size: 1 to 9. hidden_units: 0 (no hidden layer) to 512. dropout: 0 to 0.95.
    shift: by how many pixels an image is moved at random, at most, 0 to 8.
    softmax: "once", "none" or "twice"; loss: "cross-entropy" or "squared error"; scaling: True or False.
    workers: in how many parts of the browser it trains at once, 1 to 8; None leaves it to the browser.
    hidden: names of settings that are not shown. presets: what the reader can choose from by name, for example
    {"Ten times the rate": {"learning_rate": 0.01}}: settings that differ from those that the lab begins with.

    Traits to read, once a training has ended or paused: `history` (lists of loss, accuracy, val_loss and
    val_accuracy, one number per epoch), `trained` (the settings) and `weights` (float32, Keras's order, as bytes).
    `model()` makes a Keras model of them. Raises TraitError for a setting that cannot be.
    """

    settings = traitlets.Dict().tag(sync=True)
    hidden = traitlets.List(traitlets.Enum(sorted(SETTINGS))).tag(sync=True)
    presets = traitlets.Dict().tag(sync=True)
    history = traitlets.Dict().tag(sync=True, page=False)
    trained = traitlets.Dict().tag(sync=True, page=False)
    weights = traitlets.Bytes(b"").tag(sync=True, page=False, from_json=lambda value, widget: bytes(value))

    def __init__(self, hidden=(), **given):
        traits = {name: given.pop(name) for name in list(given) if name in self.trait_names()}
        unknown = sorted(set(given) - set(SETTINGS))
        if unknown:
            raise traitlets.TraitError(
                f"TrainingLab was given {unknown[0]!r}; its settings are {', '.join(SETTINGS)}. See help(TrainingLab)."
            )
        super().__init__(settings={**traits.pop("settings", {}), **given}, hidden=list(hidden), **traits)

    @traitlets.validate("settings")
    def _check_settings(self, proposal):
        given = proposal.value
        complete = {name: rule[0] for name, rule in SETTINGS.items() if rule[0] is not None} | given
        return {name: checked_setting(name, value) for name, value in complete.items() if value is not None}

    @traitlets.validate("presets")
    def _check_presets(self, proposal):
        return {
            str(title): {name: checked_setting(name, value) for name, value in settings.items()}
            for title, settings in proposal.value.items()
        }

    def model(self):
        """Return the network that was trained last as a Keras model. Raises ValueError when there is none yet."""
        if not self.weights:
            raise ValueError(
                "TrainingLab has no trained network yet. Press Train in it, wait for the end, and ask again."
            )
        settings = {_in_the_engine(name): value for name, value in self.trained.items()}
        row, end, weights = np.frombuffer(self.weights, "<f4"), 0, []
        for shape in shapes_of(settings).values():
            weights.append(row[end : end + math.prod(shape)].reshape(shape))
            end += math.prod(shape)
        return build_network(settings, weights)

    def fallback(self):
        """Return the curves of a recorded training, and what they show."""
        return fallback.figure()


def checked_setting(name, value):
    """Return a setting's value, as JSON can hold it. Raises TraitError with what is expected for any other."""
    if name not in SETTINGS:
        raise traitlets.TraitError(f"There is no setting {name!r}; the settings are {', '.join(SETTINGS)}.")
    _, allowed = SETTINGS[name]
    if not fits(value, allowed):
        raise traitlets.TraitError(f"{name} was given {value!r}; it expects {in_words(allowed)}.")
    return value.item() if isinstance(value, np.generic) else value


def _in_the_engine(name):
    """Return a setting's name as the engine has it: batch_size is its batchSize."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
