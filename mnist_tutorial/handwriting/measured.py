"""How many made-up photos of each kind the reference network reads, as scripts/measure_photos.py recorded it."""

import json
from pathlib import Path

from mnist_tutorial.data_files import COPY_AGAIN, DataError
from mnist_tutorial.handwriting.photo_sets import ALL_KINDS
from mnist_tutorial.reference import FOLDER

RECORD = FOLDER / "photos.json"
COUNTS = ("photos", "right", "unsure", "surely_wrong")


def load_measured_photos(path=RECORD):
    """Return how the reference network answered made-up photos, a dict from each kind of ALL_KINDS to its counts.

    The counts are a dict: the number of `photos`, the answers that were `right`, those that were `unsure` (no ink, a
    doubt told by prepare() or split(), or no digit with a probability of 75%), and those that were `surely_wrong`:
    wrong and not unsure. Raises DataError when the record is missing or damaged.
    """
    path = Path(path)
    try:
        runs = json.loads(path.read_text("utf-8"))["runs"]
        if tuple(runs) != ALL_KINDS:
            raise ValueError("its kinds are not ALL_KINDS")
        if not all(
            type(run[name]) is int and run[name] >= 0 for some in runs.values() for run in some for name in COUNTS
        ):
            raise ValueError("a count is none")
        counts = {kind: {name: sum(run[name] for run in some) for name in COUNTS} for kind, some in runs.items()}
        for one in counts.values():
            if (
                not one["photos"]
                or max(one.values()) > one["photos"]
                or one["right"] + one["surely_wrong"] > one["photos"]
            ):
                raise ValueError(f"counts do not add up: {one}")
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: expected the record of a measurement, found {error!r}. {COPY_AGAIN}") from error
    return counts
