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


def as_json(record):
    """Return a record as JSON in which a list of numbers takes one line."""
    text = json.dumps(record, indent=2)
    return re.sub(r"\[[^\[\]{}]*\]", lambda match: f"[{' '.join(match[0][1:-1].split())}]", text) + "\n"
