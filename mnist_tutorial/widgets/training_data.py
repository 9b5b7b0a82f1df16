"""The digits that a page trains on: scripts that it loads on first use, and the same digits for a widget in Jupyter.

A build writes them from what load_mnist() gives, into digits/: a part (training, validation or test) in pieces of
PIECE images, so that a page shows how far it is, and can stop. They are scripts, not data, so that file:// works; each
hands its digits to the element that loaded it. What is validation here is what the book's `fit` takes for it, the last
tenth of the training images. The first piece of the test set has images from all of it, as the second half of MNIST's
is harder to read than the first.

In a script, an image is a row of numbers: 1 to 255 for a pixel that is not empty, 255 + n for n empty ones in a row.
Each number is one character, and those of bright pixels and short runs are the ones that UTF-8 writes in one byte.
A server compresses this as well as if it were packed, and the page needs no unpacker: frontend/training_data.js reads
it.
"""

import hashlib
import json
import shutil
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_tutorial import data
from mnist_tutorial.training import VALIDATION_SHARE

FOLDER = "digits"
CONTENTS = "contents.json"  # which files a build wrote, and what of; written last
PIECE = {"training": 2000, "validation": 1000, "test": 2000}  # images
CHOICES = {  # the parts, and how many of their pieces: None for all
    "first": {"training": 3, "validation": 1},
    "all": {"training": None, "validation": None},
    "test": {"test": 1},
    "all test": {"test": None},
}
_ONE_BYTE = 193, 287  # the numbers whose characters are those from the blank to the tilde


class Digits(NamedTuple):
    """Images (n, 28, 28) uint8, 0 to 255, and labels (n,) uint8; those of validation are None with a test set.

    source: "MNIST", "stand-in" or "other", as data.identify() names it.
    """

    images: np.ndarray
    labels: np.ndarray
    validation_images: np.ndarray | None
    validation_labels: np.ndarray | None
    source: str


def load_digits(which="first"):
    """Return the digits that loadDigits() gives a page, the same ones in the same order.

    which: "first" (6,000 training and 1,000 validation images, or all if there are fewer), "all" of both, "test" (2,000
    of the test images) or "all test". Raises ValueError for another name, and what load_mnist() raises.
    """
    if which not in CHOICES:
        raise ValueError(f"load_digits() was given {which!r}; expected one of {', '.join(map(repr, CHOICES))}.")
    train, test = data.load_mnist(quiet=True)
    parts = _parts(train, test)
    chosen = []
    for part, count in CHOICES[which].items():
        images, labels = parts[part]
        if count is not None:
            numbers = np.concatenate(_pieces(part, len(labels))[:count])
            images, labels = images[numbers], labels[numbers]
        chosen += [images, labels]
    return Digits(*chosen, *[None] * (4 - len(chosen)), data.identify(train, test))


def _parts(train, test):
    """Return images and labels of each part."""
    images, labels = train
    split = int(len(images) * (1 - VALIDATION_SHARE))  # as Keras's validation_split has it
    return {"training": (images[:split], labels[:split]), "validation": (images[split:], labels[split:]), "test": test}


def _pieces(part, count):
    """Return the numbers of the images in each piece of a part; in a piece they are evenly spaced."""
    size, numbers = PIECE[part], np.arange(count)
    pieces = -(-count // size)
    if part == "test":
        return [numbers[first::pieces] for first in range(pieces)]
    return [numbers[first * size : (first + 1) * size] for first in range(pieces)]


def write_scripts(folder):
    """Write the scripts into `folder`/digits, unless they are there already, from the same digits.

    Raises what load_mnist() raises, and OSError.
    """
    folder, source = Path(folder) / FOLDER, data.data_source()
    code = Path(__file__).read_text("utf-8")
    fingerprint = hashlib.sha256(f"{source} {code}".encode()).hexdigest()
    if _is_written(folder, fingerprint):
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    train, test = data.load_mnist(data.STAND_IN if source == data.STAND_IN else None, quiet=True)
    parts = _parts(train, test)
    about = {
        "digits": hashlib.sha256(source.encode()).hexdigest()[:12],
        "source": data.identify(train, test),
        "totals": {part: len(labels) for part, (_, labels) in parts.items()},
        "sizes": PIECE,
    }
    files = {}
    for part, (images, labels) in parts.items():
        pieces = _pieces(part, len(labels))
        for piece, numbers in enumerate(pieces):
            path = folder / f"{part}-{piece}.js"
            place = {"part": part, "piece": piece, "pieces": len(pieces), "first": int(numbers[0])}
            place["step"] = len(pieces) if part == "test" else 1
            path.write_text(_script({**about, **place}, images[numbers], labels[numbers]), "utf-8", newline="\n")
            files[path.name] = path.stat().st_size
    (folder / CONTENTS).write_text(json.dumps({"fingerprint": fingerprint, "files": files}, indent=1), "utf-8")


def _is_written(folder, fingerprint):
    try:
        contents = json.loads((folder / CONTENTS).read_text("utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in contents["files"]}
    except (OSError, ValueError, TypeError, KeyError):  # none, or one that was cut off
        return False
    return contents == {"fingerprint": fingerprint, "files": sizes}


def _script(about, images, labels):
    """Return the script of one piece; its checksum shows whether it came over whole."""
    piece = {
        **about,
        "checksum": zlib.adler32(labels.tobytes(), zlib.adler32(images.tobytes())),
        "labels": "".join(map(str, labels)),
        "images": encode(images),
    }
    return f"document.currentScript.digits = {json.dumps(piece, ensure_ascii=False, separators=(',', ':'))};\n"


def encode(images):
    """Return images, (n, 28, 28) uint8, as the text that this module's docstring describes."""
    pixels = images.reshape(len(images), -1)
    empty = np.pad(pixels == 0, ((0, 0), (1, 1)))  # no run goes on in the next image
    starts = np.flatnonzero(empty[:, 1:-1] & ~empty[:, :-2])
    ends = np.flatnonzero(empty[:, 1:-1] & ~empty[:, 2:])
    numbers = pixels.ravel().astype("<u2")
    numbers[starts] = 255 + ends - starts + 1
    numbers = numbers[numbers > 0]
    first, last = _ONE_BYTE
    short = (numbers >= first) & (numbers <= last)
    return np.where(short, numbers - (first - 32), numbers + 160).astype("<u2").tobytes().decode("utf-16-le")
