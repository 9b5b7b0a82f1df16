"""Write files whole or not at all, such as the records of this folder: JSON that a person can read."""

import json
import os
import re
import tempfile
from pathlib import Path

from mnist_tutorial.data import DataError, identify, load_mnist


def require_mnist(purpose):
    """Return MNIST as load_mnist() does; raise SystemExit when there is no MNIST, or other digits instead of it.

    purpose: how the message begins, such as "The reference network is trained".
    """
    try:
        train, test = load_mnist(stand_in=False)
    except (DataError, FileNotFoundError) as error:
        raise SystemExit(f"{purpose} on MNIST and on nothing else. {error}") from error
    if (kind := identify(train, test)) != "MNIST":
        raise SystemExit(
            f"{purpose} on MNIST and on nothing else. Expected its original 70,000 digits, found {kind} digits. "
            "Remove the environment variable MNIST_TUTORIAL_DATA, or set it to the path of mnist.npz."
        )
    return train, test


def write_atomically(path, save):
    """Write a file whole or not at all.

    save: a function that is given a temporary path with the same file name and writes there; then the file replaces
    the old one. An interruption leaves the old file as it was.
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix=f"{path.name}.unfinished-", dir=path.parent) as folder:
        temporary = Path(folder, path.name)
        save(temporary)
        os.replace(temporary, path)


def write_text(path, text):
    """Write text as UTF-8 with Unix line ends, whole or not at all."""
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))


def write_json(path, record):
    """Write a record as as_json() formats it, whole or not at all."""
    write_text(path, as_json(record))


def continued(path, fresh):
    """Return the record at a path if all but its runs is as in a fresh one, else the fresh one.

    fresh: a dict; its `runs` has a list for each name of what is trained.
    """
    try:
        old = json.loads(Path(path).read_text("utf-8"))
        is_same = list(old["runs"]) == list(fresh["runs"]) and old | {"runs": 0} == fresh | {"runs": 0}
    except (OSError, ValueError, LookupError, TypeError):
        return fresh
    return old if is_same else fresh


def make_missing_runs(path, record, seeds, train):
    """Make the runs that a record lacks, one seed of all names and then the next, and write it after each.

    record: as continued() returns it. train: from a name and a seed to a run, a dict that holds its `seed`.
    """
    for seed in seeds:
        for name, runs in record["runs"].items():
            if any(run["seed"] == seed for run in runs):
                continue
            runs.append(train(name, seed))
            runs.sort(key=lambda run: run["seed"])
            write_json(path, record)
            print(f"{name}, seed {seed}: recorded", flush=True)


def as_json(record):
    """Return a record as JSON in which a list of numbers takes one line."""
    text = json.dumps(record, indent=2)
    return re.sub(r"\[[^\[\]{}]*\]", lambda match: f"[{' '.join(match[0][1:-1].split())}]", text) + "\n"
