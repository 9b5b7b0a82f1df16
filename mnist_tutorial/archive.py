"""Read .npz archives of unknown origin: nothing in the file is trusted, and nothing is unpickled."""

import math
import os
import zipfile

import numpy as np
from numpy.lib import format as npy

from mnist_tutorial.data_files import (
    ARRAYS,
    COPY_AGAIN,
    MAX_EXPANSION,
    MAX_IMAGES,
    SAVE_AGAIN,
    SCALE_UP,
    DataError,
    absolute_path,
    check_digits,
    data_error,
    open_file,
)


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
    return check_digits(path, arrays)


def _read_expected(path, archive, name):
    """Read one array if its header declares the right dtype and shape: a lie there could fill the memory."""
    if f"{name}.npy" not in archive.namelist():
        names = ", ".join(archive.namelist()[:8]) or "no files at all"
        cure = SAVE_AGAIN
        if packed := [one for one in archive.namelist() if one.lower().endswith((".npz", ".csv", ".gz", "-ubyte"))]:
            cure = f"Unpack it, and give the path of what is in it, such as {packed[0][:99]!r}."
        raise data_error(path, f"the arrays {', '.join(ARRAYS)}", f"no {name} among {names}", cure)
    shape, dtype = declared(archive, name)
    if dtype != np.uint8:
        found = "Python objects, which need pickle, and a pickle can run any code" if dtype.hasobject else dtype
        cure = f"If the pixels go from 0 to 1: {SCALE_UP} {SAVE_AGAIN}" if dtype.kind == "f" else SAVE_AGAIN
        raise data_error(path, f"{name} of dtype uint8", found, cure)
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
    larger or smaller than it declares, and for one that grows more than MAX_EXPANSION times.
    """
    shape, dtype, size = _header(archive, name)
    if size != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name}.npy holds {size:,} bytes, not those of the shape {shape}")
    whole = os.fstat(archive.fp.fileno()).st_size
    if size > MAX_EXPANSION * max(whole, 10**6):
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
