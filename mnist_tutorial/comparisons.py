"""What small trainings have shown when one thing was changed, as scripts recorded it.

writer_splits.json   validation images drawn at random, and by writer: scripts/train_splits.py
dense.json           a convolution, and dense layers alone with as many parameters: scripts/train_dense.py
"""

import json
from pathlib import Path

from mnist_tutorial.data_files import COPY_AGAIN, DataError
from mnist_tutorial.reference import FOLDER

SPLITS = FOLDER / "writer_splits.json"
DENSE = FOLDER / "dense.json"


def load_splits(path=SPLITS):
    """Return what the validation images said about the test images, in each of two ways to choose them.

    A dict: `test` is the number of test images, and `runs` has, for "at random" and "by writer", one dict per seed:
    the numbers of images `trained` on, held out (`validation`), `known` among these (by a writer who was trained on)
    and by `strangers` (writers of training images who are in neither), and how many the network misread:
    `validation_wrong`, `strangers_wrong`, `test_wrong`. Raises DataError when the record is missing or damaged.
    """
    names = ("seed", "trained", "validation", "known", "strangers")
    names += ("validation_wrong", "strangers_wrong", "test_wrong")
    return _load(path, ("at random", "by writer"), lambda run: [run[name] for name in names])


def load_dense(path=DENSE):
    """Return how a network with a convolution and one of dense layers alone, with as many parameters, read.

    A dict: `settings` has the number of training `images`, `test` is the number of test images, and `runs` has, for
    "convolution" and "dense layers alone", one dict per seed: its `parameters`, and how many of the test images it
    misread when they were moved to the right (`wrong`, by the pixels as text, from "0" on). Raises DataError when the
    record is missing or damaged.
    """
    return _load(
        path,
        ("convolution", "dense layers alone"),
        lambda run: [run["seed"], run["parameters"], *run["wrong"].values(), run["wrong"]["0"]],
    )


def _load(path, names, counts_of):
    try:
        record = json.loads(Path(path).read_text("utf-8"))
        if tuple(record["runs"]) != names or not record["runs"][names[0]]:
            raise ValueError(f"it has no runs of {names}")
        counts = [record["test"]]
        counts += [count for runs in record["runs"].values() for run in runs for count in counts_of(run)]
        if not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError("a count is none")
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: expected the record of a comparison, found {error!r}. {COPY_AGAIN}") from error
    return record
