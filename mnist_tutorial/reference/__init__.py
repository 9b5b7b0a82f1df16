"""The reference network, trained on MNIST: its weights, and the record of its training.

`make reference` writes the four files beside this one:
runs.json            five training runs, epoch by epoch, and the checksums of everything else
network.weights.h5   the weights of the median run, for Keras
weights.js           the same weights, compact, for the widgets in a page
epochs.json          the median run from epoch to epoch: its filters, and its predictions for twelve test digits

`scripts/train_repeats.py` writes one more:
repeats.json         the median run again, each time with one thing changed: threads, instructions, versions

`scripts/train_overfitting.py` writes one:
overfitting.json     the network on few images, for long: how it overfits, and what four cures bring

`scripts/train_mistakes.py` writes one:
mistakes.json        a small network with each of the mistakes of "Break it on purpose", and without

`make ladder` writes another:
ladder.json          networks of many sizes, what each got wrong, and what each change brought
"""

import hashlib
import json
import reprlib
from pathlib import Path

FOLDER = Path(__file__).parent
RECORD = "runs.json"
WEIGHTS = "network.weights.h5"
PAGE_WEIGHTS = "weights.js"
EPOCHS_FILE = "epochs.json"
REPEATS_FILE = "repeats.json"
OVERFITTING_FILE = "overfitting.json"
MISTAKES_FILE = "mistakes.json"
ENGINE_FILE = "engine_runs.json"
LADDER = "ladder.json"
MAKE_AGAIN = "Copy the folder again from an undamaged copy, or remake it with `make reference`."


class ReferenceNetworkError(ValueError):
    """A reference network that cannot be trusted; the message says what is wrong and what to do."""


def load_record(folder=FOLDER):
    """Read the record of the reference network.

    Returns the content of runs.json, a dict. `runs` has one dict per seed, whose `history` has one list per
    curve, with one number per epoch; `median_seed` names the run whose weights are kept.
    Raises ReferenceNetworkError when the file is missing or damaged.
    """
    return _read_json(Path(folder, RECORD))


def load_epochs(folder=FOLDER):
    """Read the record of the median run, from before its first epoch (position 0) to after its last (position 10).

    Returns a dict: `epochs` 10; `val_loss`, `val_accuracy` 11 numbers each; `filters` (11, 5, 5, 30) float32;
    `positions` and `labels` of twelve digits of the test set; `probabilities` (11, 12, 10) float32, rounded.
    Raises ReferenceNetworkError when the file is missing or is not the one that the record names.
    """
    import numpy as np

    path = Path(folder, EPOCHS_FILE)
    _check_sha256(path, load_record(folder))
    content = _read_json(path)
    try:
        return content | {name: np.array(content[name], dtype="float32") for name in ("filters", "probabilities")}
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ReferenceNetworkError(f"{path}: expected numbers of a training, {error!r}. {MAKE_AGAIN}") from error


def load_repeats(folder=FOLDER):
    """Read what became of the median run when it was repeated with one thing changed.

    Returns a list of dicts: `changed`, `environment` and `versions` say what was different; `val_loss` has one
    number per epoch; `test_loss` and `test_errors` are those of the end, and `other_answers` maps the positions of
    test digits to the answers that were not the reference network's.
    Raises ReferenceNetworkError when the file is missing or damaged.
    """
    repeats = _entry(_read_json(Path(folder, REPEATS_FILE)), "repeats")
    if not isinstance(repeats, list) or not all(isinstance(one, dict) for one in repeats):
        raise ReferenceNetworkError(f"{REPEATS_FILE}: expected a list of repeats, found none. {MAKE_AGAIN}")
    return repeats


def load_overfitting(folder=FOLDER):
    """Read what became of the book's network when it learned from few images for long, and what cures did.

    Returns a dict: `images`, `validation` and `batch_size` are counts, `settings` says what differs by the name of the
    cure, and `runs` has by that name one dict per seed, with `seed`, and `loss`, `accuracy`, `val_loss` and
    `val_accuracy`, one number per epoch. Raises ReferenceNetworkError when the file is missing or damaged.
    """
    content = _read_json(Path(folder, OVERFITTING_FILE))
    runs = content.get("runs") if isinstance(content, dict) else None
    curves = ("loss", "accuracy", "val_loss", "val_accuracy")
    is_whole = isinstance(runs, dict) and "no cure" in runs
    if not is_whole or not all(set(curves) <= set(run) for of_seeds in runs.values() for run in of_seeds):
        raise ReferenceNetworkError(f"{OVERFITTING_FILE}: expected runs by cure, found none. {MAKE_AGAIN}")
    return content


def load_mistakes(folder=FOLDER):
    """Read what became of a small network when it was trained with a mistake, and when it was trained without.

    Returns a dict: `images`, `check`, `exam`, `epochs` and `batch_size` are counts, `check_of_each_digit` ten of them;
    `settings` says what differs by the name of the mistake, and `runs` has by that name, and by "healthy", one dict per
    seed, with `seed`, `before`, `loss`, `accuracy`, `val_loss`, `val_accuracy`, and of the images of the check
    `answers` and `right`, ten counts each, `living`, `largest` and `confidence`. A loss that is NaN is None.
    Raises ReferenceNetworkError when the file is missing or damaged.
    """
    content = _read_json(Path(folder, MISTAKES_FILE))
    runs = content.get("runs")
    entries = {"seed", "before", "loss", "val_loss", "answers", "right", "living", "largest", "confidence"}
    is_whole = isinstance(runs, dict) and "healthy" in runs
    if not is_whole or not all(entries <= set(run) for of_seeds in runs.values() for run in of_seeds):
        raise ReferenceNetworkError(
            f"{MISTAKES_FILE}: expected runs by mistake, found none. Copy the folder again from an undamaged copy, or "
            "remake it with scripts/train_mistakes.py."
        )
    return content


def load_engine_runs(folder=FOLDER):
    """Read what came of the same training by the engine that trains in the page.

    Returns a list of dicts, one per seed: `seed`, `seconds` and `history`, whose lists are those of load_record().
    Raises ReferenceNetworkError when the file is missing or damaged.
    """
    return _entry(_read_json(Path(folder, ENGINE_FILE)), "runs")


def load_ladder(folder=FOLDER):
    """Read the record of the networks of many sizes that `make ladder` trains.

    Returns the content of ladder.json, a dict: `trainings` holds one dict a network and training, whose `runs` has
    one dict a seed; `steps` names the trainings that lead from the tutorial's network to the best, one change each;
    `missing` lists the runs that are planned and were not made.
    Raises ReferenceNetworkError when the file is missing or damaged.
    """
    return _read_json(Path(folder, LADDER))


def load_page_weights(folder=None):
    """Return the reference network's weights as the page has them; that takes no TensorFlow.

    Raises ReferenceNetworkError when the file is missing or is not the one that the record names.
    """
    from mnist_tutorial.reference.weights_format import from_script

    folder = folder or FOLDER
    path = Path(folder, PAGE_WEIGHTS)
    _check_sha256(path, load_record(folder))
    try:
        return from_script(path.read_text("ascii"))
    except (OSError, ValueError, RecursionError) as error:
        message = f"{path}: expected the network's weights, {error}. {MAKE_AGAIN}"
        raise ReferenceNetworkError(message) from error


def load_reference_model(folder=FOLDER):
    """Load the network that we trained on MNIST: a compiled `keras.Sequential`, as build_model() makes it.

    Raises ReferenceNetworkError when the record does not say that it was trained on the original MNIST, and
    when the weights are not the ones that the record names.
    """
    from mnist_tutorial.data import MNIST_SHA256
    from mnist_tutorial.model import build_model
    from mnist_tutorial.training import compile_model

    record = load_record(folder)
    trained_on = _entry(record, "data", "sha256")
    if trained_on != MNIST_SHA256:
        raise ReferenceNetworkError(
            f"{Path(folder, RECORD)}: expected a network trained on the original MNIST, found the checksums "
            f"{trained_on}. Train it on MNIST with `make reference`."
        )
    path = Path(folder, WEIGHTS)
    _check_sha256(path, record)
    model, images = build_model(), _entry(record, "training", "images")
    try:
        model.load_weights(path)
        compile_model(model, images)
    except Exception as error:  # who can change the weights can also change the record
        raise ReferenceNetworkError(f"{path}: expected the network's weights, {error}. {MAKE_AGAIN}") from error
    return model


def sha256_of(path):
    """Return the SHA-256 of a file's bytes, as a hexadecimal string."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_json(path):
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ReferenceNetworkError(f"{path}: expected the record of a training, {error}. {MAKE_AGAIN}") from error
    if not isinstance(content, dict):
        found = reprlib.repr(content)
        raise ReferenceNetworkError(f"{path}: expected the record of a training, found {found}. {MAKE_AGAIN}")
    return content


def _check_sha256(path, record):
    """Raise ReferenceNetworkError unless a file beside the record is the one that the record names."""
    expected = _entry(record, "files", path.name)
    found = f"SHA-256 {sha256_of(path)}" if path.is_file() else "no such file"
    if found != f"SHA-256 {expected}":
        raise ReferenceNetworkError(f"{path}: expected SHA-256 {expected}, found {found}. {MAKE_AGAIN}")


def _entry(record, *names):
    """Return an entry of an entry; a record without it is as good as damaged."""
    entry = record
    for name in names:
        if not isinstance(entry, dict) or name not in entry:
            raise ReferenceNetworkError(f"{RECORD}: expected an entry {'/'.join(names)}, found none. {MAKE_AGAIN}")
        entry = entry[name]
    return entry
