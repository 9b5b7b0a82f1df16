"""Read .npz archives that anyone may have made: nothing in the file is trusted, and nothing is unpickled."""

import math
import os
import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

VARIABLE = "MNIST_TUTORIAL_DATA"  # holds a path, or the word "stand-in"
MAX_IMAGES = 1_000_000  # a header may claim any size: one beyond this is refused before memory is taken
MOST_UNPACKED = 100  # bytes from one byte of the archive; MNIST gives 5, white paper a thousand
ARRAYS = {"x_train": (28, 28), "y_train": (), "x_test": (28, 28), "y_test": ()}  # and the shape of one entry
COPY_AGAIN = "Download the file again, or copy it again from where it is whole."
SAVE_AGAIN = "Save it with numpy.savez(path, x_train=..., y_train=..., x_test=..., y_test=...), all four uint8."


class DataError(ValueError):
    """Data that cannot be used; the message says what was expected, what was found and what to do."""


def read_archive(path):
    """Read an archive laid out like Keras's mnist.npz.

    Returns what load_mnist does. Raises FileNotFoundError when there is no such file and DataError when it is
    no such archive or cannot be read. Never unpickles: a pickle can run any code.
    """
    path = absolute_path(path)
    with open_file(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                arrays = {name: _read_expected(path, archive, name) for name in ARRAYS}
        except DataError:
            raise
        except Exception as error:  # broken bytes raise a dozen types of error, and all mean the same
            file.seek(0)
            start = file.read(16)
            found = "a damaged one" if start[:2] == b"PK" else f"a file that starts with {start}"
            raise data_error(path, "a whole .npz archive", f"{found} ({error})", COPY_AGAIN) from error
    for part in ("train", "test"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if len(images) != len(labels):
            found = f"{len(images):,} images in x_{part} and {len(labels):,} labels in y_{part}"
            raise data_error(path, "one label for each image", found, SAVE_AGAIN)
        if labels.max() > 9:
            found = f"{labels.max()} at y_{part}[{labels.argmax()}]"
            raise data_error(path, "labels from 0 to 9", found, "Put the label right, or leave it and its image out.")
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _read_expected(path, archive, name):
    """Read one array if its header declares the right dtype and shape: a lie there could fill the memory."""
    if f"{name}.npy" not in archive.namelist():
        names = ", ".join(archive.namelist()[:8])
        raise data_error(
            path, f"the arrays {', '.join(ARRAYS)}", f"no {name} among {names or 'no files at all'}", SAVE_AGAIN
        )
    shape, dtype = declared(archive, name)
    if dtype != np.uint8:
        found = "Python objects, which need pickle, and a pickle can run any code" if dtype.hasobject else dtype
        raise data_error(path, f"{name} of dtype uint8", found, SAVE_AGAIN)
    if shape[1:] != ARRAYS[name] or not shape or not 1 <= shape[0] <= MAX_IMAGES:
        expected = f"{name} of shape {('n', *ARRAYS[name])} with n from 1 to {MAX_IMAGES:,}".replace("'", "")
        raise data_error(path, expected, shape, SAVE_AGAIN)
    return read_array(archive, name)


def declared(archive, name):
    """Return the shape and the dtype that an array of an open .npz archive declares; takes no memory for it.

    archive: a zipfile.ZipFile. Raises KeyError for a name that is not there and ValueError, or what zipfile raises
    for broken bytes, for an array that NumPy has not written.
    """
    return _header(archive, name)[:2]


def read_array(archive, name):
    """Return an array of an open .npz archive; never unpickles.

    Ask declared() first whether shape and dtype are welcome. Raises as declared() does, also for an array that is
    larger or smaller than it declares, and for one that grows more than MOST_UNPACKED times.
    """
    shape, dtype, size = _header(archive, name)
    if size != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name}.npy holds {size:,} bytes, not those of the shape {shape}")
    whole = os.fstat(archive.fp.fileno()).st_size
    if size > MOST_UNPACKED * max(whole, 10**6):
        raise ValueError(f"{name}.npy would grow to {size:,} bytes, from a file of {whole:,}")
    with archive.open(f"{name}.npy") as file:
        return np.asarray(npy.read_array(file, allow_pickle=False), order="C")


def _header(archive, name):
    """Return an array's shape and dtype, and how many bytes follow them."""
    entry = archive.getinfo(f"{name}.npy")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others unpack without a bound
        raise ValueError(f"{name}.npy is compressed in a way that NumPy does not use")
    with archive.open(entry) as file:
        if npy.read_magic(file) != (1, 0):  # what NumPy writes; later versions allow gigabytes of header
            raise ValueError(f"{name}.npy is not of version 1.0")
        shape, _, dtype = npy.read_array_header_1_0(file)
        return shape, dtype, entry.file_size - file.tell()


def open_file(path):
    """Open a file for reading; FileNotFoundError or DataError tells what is no file or cannot be read."""
    path = absolute_path(path)
    try:
        if path.is_file():
            return path.open("rb")
        there = path.exists()
    except OSError as error:  # no right to read it, or a name that is too long
        found = f"a file that cannot be read ({error.strerror})"
        raise data_error(
            path, "an mnist.npz", found, "Correct the path, or ask for the right to read the file."
        ) from error
    if there:
        raise data_error(path, "an mnist.npz", "a folder", "Add the name of the file to the path.")
    cure = "Correct the path, or give none, and Keras downloads MNIST."
    raise data_error(path, "an mnist.npz", "no such file", cure, FileNotFoundError)


def absolute_path(path):
    """Return a path, which may begin with ~, from the root on."""
    return Path(os.path.expanduser(path)).absolute()  # Path's own fails for a user that is not there


def quoted(said):
    """Return what a stranger's file says, as a message may repeat it: on one line, at most 300 letters."""
    text = str(said)
    printable = "".join(one if one.isprintable() else "?" for one in text[:300])
    return printable + ("..." if len(text) > 300 else "")


def data_error(path, expected, found, cure, kind=DataError):
    """Return an error that says what a file should be, what it is, and what to do."""
    variable = os.environ.get(VARIABLE)
    if variable and path == absolute_path(variable):  # set long ago, it is soon forgotten
        cure += f" The path is the one in the environment variable {VARIABLE}."
    return kind(f"{path}: expected {expected}, found {quoted(found)}. {cure}")
