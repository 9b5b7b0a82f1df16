"""Who wrote MNIST's digits, and what came of teaching the network a hand.

Source: the extended labels of QMNIST (Yadav and Bottou, "Cold Case: the Lost MNIST Digits", NeurIPS 2019,
arXiv:1905.10498; facebookresearch/qmnist, BSD licence, which stands beside the file).
"""

import json
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_tutorial.archive import declared, read_array
from mnist_tutorial.data_files import COPY_AGAIN, DataError, data_error

FILE = Path(__file__).parent / "reference" / "mnist_writers.npz"
TAUGHT = Path(__file__).parent / "reference" / "taught_writers.json"
TAUGHT_UPSTROKES = Path(__file__).parent / "reference" / "taught_upstrokes.json"
SERIES = {0: "employees of the Census Bureau", 4: "high-school students"}  # NIST Special Database 19: hsf_0 and hsf_4


class Writers(NamedTuple):
    """For each image of the original MNIST, in its order, NIST's number of the writer, and the series of the form.

    train_writer (60000,) uint16, train_series (60000,) uint8, test_writer (10000,) uint16, test_series (10000,) uint8.
    A series is a key of SERIES. No writer occurs in both sets.
    """

    train_writer: np.ndarray
    train_series: np.ndarray
    test_writer: np.ndarray
    test_series: np.ndarray


_EXPECTED = {
    "train_writer": ((60_000,), np.dtype("uint16")),
    "train_series": ((60_000,), np.dtype("uint8")),
    "test_writer": ((10_000,), np.dtype("uint16")),
    "test_series": ((10_000,), np.dtype("uint8")),
}


def load_writers(path=FILE):
    """Return who wrote each image, as Writers says.

    It is of use only with the original digits in their order: data.identify() says whether load_mnist() gave these.
    Raises DataError when the file is missing, damaged or another one.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            found = {name: declared(archive, name) for name in _EXPECTED}
            writers = Writers(*(read_array(archive, name) for name in _EXPECTED)) if found == _EXPECTED else None
    except Exception as error:  # broken bytes raise a dozen types of error, and all mean the same
        found = "a damaged one" if path.exists() else "no such file"
        raise data_error(path, "the file of MNIST's writers", f"{found} ({error})", COPY_AGAIN) from error
    if found != _EXPECTED:
        raise data_error(path, f"arrays of {_in_words(_EXPECTED)}", f"those of {_in_words(found)}", COPY_AGAIN)
    series = set(np.unique(writers.train_series)) | set(np.unique(writers.test_series))
    if series != set(SERIES) or np.intersect1d(writers.train_writer, writers.test_writer).size:
        raise data_error(path, "writers of the series 0 and 4, each in one set", "others", COPY_AGAIN)
    return writers


def load_taught_writers(path=TAUGHT):
    """Return what came of teaching the reference network the hand of each writer of the test set.

    The content of taught_writers.json, which `scripts/teach_writers.py` makes: a dict whose `writers` has one dict for
    each writer who wrote enough, with the number of digits that were `taught` and `tested`, how many of those tested
    were wrong `before`, and, with (`practised`) and without old digits in the lesson (`alone`), how many were `wrong`
    after it and how many of the other writers' digits (`others`). Raises DataError when it is missing or damaged.
    """

    def counts(record):
        if not record["writers"]:
            raise ValueError("it has no writers")
        for one in record["writers"]:
            yield from (one["taught"], one["tested"], one["before"], one["others_before"], record["others"])
            yield from (one[how][what] for how in ("practised", "alone") for what in ("wrong", "others"))

    return _record(path, counts)


def load_taught_upstrokes(path=TAUGHT_UPSTROKES):
    """Return what came of teaching the reference network drawn 1s with an upstroke, which it reads as 7s.

    The content of taught_upstrokes.json, which `scripts/teach_upstrokes.py` makes: a dict. `before` and each of `runs`
    count the drawn digits that were `right`, out of settings["drawn"] of each kind (a dict: 1s with the upstroke
    "none", "short" and "long", and "sevens"), the test images that were `mnist_wrong`, out of `mnist_tested`, and
    those of its `sevens_tested` 7s that were read as 1s, `sevens_as_ones`. A run also has its `lesson` ("every digit"
    or "1s alone"), the `upstroke` of the 1s in it, how many of a digit there were (`each`), and its `seed`. Raises
    DataError when the record is missing or damaged.
    """

    def counts(record):
        if not record["runs"]:
            raise ValueError("it has no runs")
        lessons, upstrokes = (record["settings"][name] for name in ("lessons", "upstrokes"))
        if not all(one["lesson"] in lessons and one["upstroke"] in upstrokes for one in record["runs"]):
            raise ValueError("a run is of no lesson in its settings")
        yield from (record["mnist_tested"], record["sevens_tested"], record["settings"]["drawn"])
        yield from (one[what] for one in record["runs"] for what in ("each", "seed"))
        for one in (record["before"], *record["runs"]):
            yield from (one["right"][kind] for kind in ("none", "short", "long", "sevens"))
            yield from (one["mnist_wrong"], one["sevens_as_ones"])

    return _record(path, counts)


def _record(path, counts):
    """Return a record, a dict, if all that `counts` finds in it are counts; else raise DataError."""
    path = Path(path)
    try:
        record = json.loads(path.read_text("utf-8"))
        for number in counts(record):
            if type(number) is not int or number < 0:
                raise ValueError(f"a count is none: {number!r}")
    except (OSError, ValueError, RecursionError, LookupError, TypeError) as error:
        raise DataError(f"{path}: expected the record of a measurement, found {error!r}. {COPY_AGAIN}") from error
    return record


def _in_words(arrays):
    return ", ".join(f"{name} {shape} {dtype}" for name, (shape, dtype) in arrays.items())
