"""Read MNIST in its original form: four IDX files, plain or compressed with gzip.

The format is described at the end of the page of Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten
digits": two zero bytes, one for the type, one for the number of dimensions, their sizes (big-endian), and the values.
"""

import math
import os
import re
import struct

import numpy as np

from mnist_tutorial.data_files import (
    ARRAYS,
    COPY_AGAIN,
    MAX_IMAGES,
    DataError,
    absolute_path,
    check_digits,
    data_error,
    unpacked,
)
from mnist_tutorial.file_formats import START, format_of

# train-images-idx3-ubyte.gz, train-images.idx3-ubyte, and emnist-digits-test-labels-idx1-ubyte as well
NAME = re.compile(
    r"(?P<set>.*?)(?P<part>train|t10k|test)-(?P<kind>images|labels)[-.]idx[13]-ubyte(?P<gz>\.gz)?", re.IGNORECASE
)
USUAL_NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
MAGIC = {0: b"\0\0\x08\x01", 2: b"\0\0\x08\x03"}  # uint8 in one dimension, and in three
EXPECTED = "the four IDX files of MNIST, plain or .gz"


def find_idx(path):
    """Return the paths of the four IDX files as a dict with the names of ARRAYS; None where there is none.

    path: of the folder that holds them, or of one of the four. Raises DataError if some are missing, or if a folder
    holds several sets, as EMNIST's does.
    """
    path = absolute_path(path)
    is_folder = os.path.isdir(path)  # pathlib's raises an error for a name that is too long
    chosen = None if is_folder else NAME.fullmatch(path.name)
    if not is_folder and (chosen is None or not os.path.isfile(path)):
        return None
    folder = path if chosen is None else path.parent
    try:
        names = sorted(one.name for one in os.scandir(folder) if one.is_file())
    except OSError as error:
        raise data_error(path, EXPECTED, f"a folder that cannot be read ({error.strerror})", COPY_AGAIN) from error
    sets = {}
    for name in names:  # sorted, so that a plain file comes before the compressed one and is kept
        if match := NAME.fullmatch(name):
            part = "train" if match["part"].lower() == "train" else "test"
            array = f"{'x' if match['kind'].lower() == 'images' else 'y'}_{part}"
            sets.setdefault(match["set"], {}).setdefault(array, folder / name)
    if not sets:
        return None
    if chosen is None and len(sets) > 1:
        found = f"{len(sets)} sets of files: {', '.join(sorted(sets))}"
        raise data_error(path, EXPECTED, found, "Give the path of one of the files, and its set is read.")
    paths = sets[chosen["set"] if chosen else next(iter(sets))]
    if missing := [USUAL_NAMES[array] for array in ARRAYS if array not in paths]:
        found = f"no {' and no '.join(missing)} in the folder"
        raise data_error(path, EXPECTED, found, "Put all four files into one folder, under their usual names.")
    return {array: paths[array] for array in ARRAYS}


def read_idx(paths):
    """Read the four files that find_idx() found; return what load_mnist does.

    Raises FileNotFoundError when a file is gone and DataError for files that are no such digits or are damaged.
    """
    arrays = {array: _read_one(absolute_path(paths[array]), shape) for array, shape in ARRAYS.items()}
    return check_digits(absolute_path(paths["x_train"]), arrays)


def _read_one(path, shape):
    """Read one file whose entries have this shape."""
    try:
        with unpacked(path) as (file, limit):
            start = file.read(4)
            if start != MAGIC[len(shape)]:
                raise _no_idx(path, start + file.read(START - 4), shape)
            count, *entry = struct.unpack(f">{1 + len(shape)}I", file.read(4 * (1 + len(shape))))
            if tuple(entry) != shape or not 1 <= count <= MAX_IMAGES:
                expected = f"n entries of shape {shape} with n from 1 to {MAX_IMAGES:,}"
                found = f"{count:,} of shape {tuple(entry)}"
                raise data_error(path, expected, found, "Digits of 28 x 28 pixels can be read here, and no others.")
            size = count * math.prod(shape)
            if size > limit:
                raise EOFError(f"its header says {size:,} bytes, and it cannot hold them")
            content = file.read(size + 1)
            if len(content) != size:
                held = "more" if len(content) > size else len(content)
                raise EOFError(f"its header says {size:,} bytes, and it holds {held}")
    except (DataError, FileNotFoundError):
        raise
    except Exception as error:  # broken bytes raise several types of error, and all mean the same
        raise data_error(path, "a whole IDX file", f"a damaged one ({error})", COPY_AGAIN) from error
    return np.frombuffer(bytearray(content), np.uint8).reshape(count, *shape)


def _no_idx(path, start, shape):
    """Return the error for a file that does not begin as an IDX file with entries of this shape does."""
    kind, other = ("images", "labels") if shape else ("labels", "images")
    if start[:4] in MAGIC.values():
        return data_error(path, f"an IDX file of {kind}", f"one of {other}", "Correct the names of the files.")
    known = format_of(start)
    found = known.called if known else f"a file that starts with {start[:16]}"
    return data_error(path, f"an IDX file of {kind}", found, COPY_AGAIN)
