"""What the readers of files with digits share: errors that say what to do, bounds, and a last check of the arrays.

Anyone may have made such a file. Nothing in it is trusted, nothing is unpickled, and sizes are checked before memory is
taken.
"""

import gzip
import os
from contextlib import contextmanager
from pathlib import Path

import numpy as np

VARIABLE = "MNIST_TUTORIAL_DATA"  # holds a path, or the word "stand-in"
MAX_IMAGES = 1_000_000  # a header may state any size: one beyond this is refused before memory is used
MAX_EXPANSION = 100  # bytes from one byte of a compressed file; MNIST gives 5, white paper a thousand
ARRAYS = {"x_train": (28, 28), "y_train": (), "x_test": (28, 28), "y_test": ()}  # and the shape of one entry
COPY_AGAIN = "Download the file again, or copy it again from where it is whole."
SAVE_AGAIN = "Save it with numpy.savez(path, x_train=..., y_train=..., x_test=..., y_test=...), all four uint8."
SCALE_UP = "Multiply the images by 255 before you save them as uint8."


class DataError(ValueError):
    """Data that cannot be used; the message says what was expected, what was found and what to do."""


def open_file(path):
    """Open a file for reading; FileNotFoundError or DataError says why it is not there or cannot be read."""
    path = absolute_path(path)
    try:
        if path.is_file():
            return path.open("rb")
        there, is_folder = path.exists(), path.is_dir()
    except (OSError, ValueError) as error:  # no right to read it, a name that is too long or holds a zero byte
        found = f"a file that cannot be read ({getattr(error, 'strerror', None) or error})"
        raise data_error(
            path, "an mnist.npz", found, "Correct the path, or ask for the right to read the file."
        ) from error
    if is_folder:
        raise data_error(path, "an mnist.npz", "a folder", "Add the name of the file to the path.")
    if there:
        raise data_error(path, "an mnist.npz", "a pipe or a device", "Save the data to a file first.")
    cure = "Correct the path, or give none, and Keras downloads MNIST."
    raise data_error(path, "an mnist.npz", "no such file", cure, FileNotFoundError)


@contextmanager
def unpacked(path):
    """Open a file that may be compressed with gzip.

    Yields what can be read from it, and how many bytes may be: all of a plain file, and MAX_EXPANSION times the size
    of a compressed one. Raises as open_file() does; what is read later may raise what gzip raises for broken bytes.
    """
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not compressed:
            yield file, size
            return
        with gzip.open(file) as inside:
            yield inside, MAX_EXPANSION * max(size, 10**6)


def check_digits(path, arrays):
    """Return the arrays of a file as load_mnist does, if they fit together.

    arrays: a dict of the four ARRAYS, uint8 and of the right shapes. Raises DataError for labels that are not one from
    0 to 9 for each image, and for images without a pixel above 1: they were from 0 to 1 before they became whole.
    """
    for part in ("train", "test"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if len(images) != len(labels):
            found = f"{len(images):,} images in x_{part} and {len(labels):,} labels in y_{part}"
            raise data_error(path, "one label for each image", found, SAVE_AGAIN)
        if labels.max() > 9:
            found = f"{labels.max()} at y_{part}[{labels.argmax()}]"
            raise data_error(path, "labels from 0 to 9", found, "Correct the label, or leave it and its image out.")
        if images.max() <= 1:
            raise data_error(path, f"pixels from 0 to 255 in x_{part}", "none above 1", SCALE_UP)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def absolute_path(path):
    """Return a path, which may begin with ~, from the root on."""
    return Path(os.fsdecode(os.path.expanduser(path))).absolute()  # Path's own fails for a user that is not there


def quoted(message):
    """Return text from an untrusted file for a message: on one line, at most 300 characters."""
    text = str(message)
    printable = "".join(one if one.isprintable() else "?" for one in text[:300])
    return printable + ("..." if len(text) > 300 else "")


def data_error(path, expected, found, cure, kind=DataError):
    """Return an error that says what was expected of a file, what was found, and what to do."""
    variable = os.environ.get(VARIABLE)
    if variable and path == absolute_path(variable):  # set long ago, it is soon forgotten
        cure += f" The path is the one in the environment variable {VARIABLE}."
    return kind(f"{path}: expected {expected}, found {quoted(found)}. {cure}")


def as_uint8(values):
    """Return numbers as uint8 if all of them are whole and from 0 to 255, else None."""
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.uint8)
    return whole if np.array_equal(whole, values) else None
