"""Step 2, import data: MNIST from a file, from Keras, or a stand-in that is called one.

Whatever the source, the digits have the layout of keras.datasets.mnist.load_data():
(X_train, Y_train), (X_test, Y_test), images (n, 28, 28) uint8, 0 to 255, labels (n,) uint8, 0 to 9.
"""

import errno
import hashlib
import os
import reprlib
import socket
import ssl
import tempfile
import threading
import urllib.error
import urllib.request
import uuid
import warnings
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np

from mnist_tutorial.archive import read_archive
from mnist_tutorial.data_files import (
    ARRAYS,
    COPY_AGAIN,
    SAVE_AGAIN,
    VARIABLE,
    DataError,
    absolute_path,
    data_error,
    open_file,
    unpacked,
)
from mnist_tutorial.digit_table import TEST_SHARE, find_test_table, looks_like_table, read_table
from mnist_tutorial.file_formats import START, FileFormat, format_of
from mnist_tutorial.idx import find_idx, read_idx
from mnist_tutorial.orientation import look_transposed
from mnist_tutorial.stand_in import stand_in_digits

STAND_IN = "stand-in"
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"  # where Keras gets it
TIMEOUT = 5  # seconds until a network without an answer counts as no network
STALL = 30  # seconds without a byte until a download counts as broken off
MNIST_SHA256 = {  # of each array's bytes: the same in every copy of MNIST, however the file was packed
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
GET_MNIST = f"Connect to the network, and Keras downloads it, or set {VARIABLE} to the path of an mnist.npz."
EXPECTED = "an mnist.npz, MNIST's four IDX files or Kaggle's train.csv"
UNPACK = "Unpack it, and give the path of what is in it."
SAVE_ALL_FOUR = (
    f"{SAVE_AGAIN} Images of shape (n, 28, 28), labels of shape (n,); pixels from 0 to 1 are multiplied by 255 first."
)
CURES = {  # for each form in which people have MNIST, by its name in file_formats
    "npy": f"It holds one array, and four are needed. Read each with numpy.load. {SAVE_ALL_FOUR}",
    "hdf5": f"Read its arrays with the package h5py, as h5py.File(path). {SAVE_ALL_FOUR}",
    "mat": f"Read its arrays with scipy.io.loadmat(path). {SAVE_ALL_FOUR}",
    "parquet": f"Read it with pandas.read_parquet(path), and decode the images. {SAVE_ALL_FOUR}",
    "arrow": f"Read it with the package that wrote it, such as datasets. {SAVE_ALL_FOUR}",
    "pickle": "It can run any code, so it is not opened here. If you trust its source, open it yourself as its page "
    f"tells you, and save the arrays. {SAVE_ALL_FOUR}",
    "git-lfs": "Type  git lfs pull  in the folder of the repository, and the file itself comes.",
    "web page": "Open the page in a browser, sign in if it asks you to, and download the file itself.",
    "image": "To read the digit on it, use prepare() of mnist_tutorial.handwriting.",
    **dict.fromkeys(("gzip", "bzip2", "xz", "7z", "rar", "tar"), UNPACK),
}
loaded = ""  # which digits load_mnist gave last, and from where, in words
WEB_PAGE = "a web page came instead: does this network want you to sign in?"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class _NoMNISTError(Exception):
    """No MNIST to be had; the message gives the reason in a few words."""


def load_mnist(path=None, *, stand_in=True, quiet=False):
    """Load the digits, and print one line that says which ones and where they came from.

    Looked for in this order: `path`, else the environment variable MNIST_TUTORIAL_DATA; Keras's cache, else
    Keras's download; without a network, `stand_in_digits`. Instead of a path, the word "stand-in" asks for
    those outright. `quiet=True` leaves out the line, though not Keras's display while it downloads.

    path: of an .npz archive as Keras has it; of a folder with MNIST's four IDX files, plain or .gz, or of one of the
    four; or of a table such as Kaggle's train.csv, of which every seventh row becomes the test part, unless a labelled
    test table lies beside it.

    Returns (X_train, Y_train), (X_test, Y_test): images (n, 28, 28) uint8, 0 to 255; labels (n,) uint8, 0 to
    9. Warns if the images look transposed, as EMNIST's files have them. Raises FileNotFoundError or DataError for a
    path that cannot be used, TypeError for what is no path, and with `stand_in=False` DataError instead of giving the
    stand-in.
    """
    path = _resolve_source(path)
    try:
        if path == STAND_IN:
            raise _NoMNISTError("as asked")
        train, test, source = _from_keras() if path is None else _from_path(path)
        ending = "test images."
    except _NoMNISTError as reason:
        if not stand_in:
            found = f"only the stand-in ({reason}), which stand_in=False refuses"
            raise DataError(f"Expected MNIST, found {found}. {GET_MNIST}") from reason
        train, test = stand_in_digits()
        source, ending = f"Stand-in digits, not MNIST ({reason})", "test images from scikit-learn."
        if path is None:
            ending += f" {GET_MNIST}"
    global loaded
    loaded = source
    if not quiet:
        print(f"{source}: {len(train[0]):,} training and {len(test[0]):,} {ending}")
    return train, test


def identify(train, test):
    """Name the digits that load_mnist returned: "MNIST", "stand-in" or "other".

    train, test: images and labels, each a pair of arrays. MNIST is known by the SHA-256 of its arrays, the stand-in by
    making it once more. Raises ValueError for anything but two pairs of arrays.
    """
    try:
        arrays = dict(zip(ARRAYS, (*train, *test), strict=True))
        arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        train, test = ((arrays[f"x_{part}"], arrays[f"y_{part}"]) for part in ("train", "test"))
    except Exception as error:  # whatever was given, it is no two pairs of arrays
        raise ValueError(
            f"identify() was given {reprlib.repr(train)[:100]} and {reprlib.repr(test)[:100]}; "
            "it expects (images, labels) twice. Pass it what load_mnist() returns: identify(train, test)."
        ) from error
    if all(hashlib.sha256(array.tobytes()).hexdigest() == MNIST_SHA256[name] for name, array in arrays.items()):
        return "MNIST"
    if len(train[0]) + len(test[0]) == 1797:  # as many as scikit-learn ships
        stand_in_train, stand_in_test = stand_in_digits()
        if all(map(np.array_equal, arrays.values(), (*stand_in_train, *stand_in_test))):
            return STAND_IN
    return "other"


def data_source(path=None):
    """Return a short string that identifies what load_mnist would load, and changes when the digits change.

    That is the SHA-256 of the file (or of all that are read): the one at `path`, in MNIST_TUTORIAL_DATA or in Keras's
    cache; else "stand-in". Takes no TensorFlow and no network, so call load_mnist first where it has yet to download.
    Raises FileNotFoundError or DataError when there is no file at the path, and TypeError for what is no path.
    """
    path = _resolve_source(path)
    if path is None:
        path = next(filter(os.path.isfile, _keras_caches()), STAND_IN)
    if path == STAND_IN:
        return STAND_IN
    found = [path]
    if idx_files := find_idx(path):
        found = list(idx_files.values())
    elif (beside := find_test_table(path)) is not None:
        found.append(beside)
    sums = []
    for one in found:
        with open_file(one) as file:
            sums.append(hashlib.file_digest(file, "sha256").hexdigest())
    return f"sha256:{sums[0] if len(sums) == 1 else hashlib.sha256(' '.join(sums).encode()).hexdigest()}"


def _resolve_source(path):
    """Return the path that is meant, the word "stand-in", or None for Keras."""
    if path is None:
        return os.environ.get(VARIABLE) or None
    try:
        path = os.fspath(path)
    except TypeError as error:
        raise TypeError(
            f"The path was given as {reprlib.repr(path)}; expected the path of a file as text or as a pathlib.Path. "
            "Give no path, and Keras downloads MNIST."
        ) from error
    if not path:
        raise DataError(
            "The path is an empty text; expected the path of an mnist.npz. Give no path, and Keras downloads MNIST."
        )
    return os.fsdecode(path)


# 1. A path.


def _from_path(path):
    train, test, note = read_digits(path)
    kind, name = identify(train, test), Path(path).name  # a published page need not show whose folder it was in
    if kind == STAND_IN:
        raise _NoMNISTError(f"from {name}")
    if kind == "MNIST":
        return train, test, f"MNIST from {name}"
    if look_transposed(*train):
        warnings.warn(
            f"The images from {name} look transposed: their rows seem to be columns, as in EMNIST's files. "
            "Swap them with images.transpose(0, 2, 1).",
            stacklevel=3,
        )
    return train, test, f"Digits from {name}, not the original MNIST{note}"


def read_digits(path):
    """Read digits from a file or a folder in any of the forms that load_mnist() takes.

    Returns (X_train, Y_train), (X_test, Y_test) and a note on how they were divided, which may be empty. Raises
    FileNotFoundError or DataError; a file of another form is named, with what to do about it.
    """
    if idx_files := find_idx(path):
        return *read_idx(idx_files), ""
    with open_file(path) as file:
        start = file.read(START)
    known = format_of(start)
    if known and known.name == "gzip":
        start, known = _start_of_unpacked(path)
    if known and known.name == "zip":
        return *read_archive(path), ""
    if looks_like_table(start):
        note = "" if find_test_table(path) else f" (every {TEST_SHARE}th row is a test image)"
        return *read_table(path), note
    if start.startswith((b"\0\0\x08\1", b"\0\0\x08\3")):
        found, cure = "an IDX file under another name", "Name the four files as MNIST does, train-images-idx3-ubyte ..."
    elif not start:
        found, cure = "an empty file", COPY_AGAIN
    elif known is None or known.name not in CURES:
        found, cure = known.called if known else f"a file that starts with {start[:16]}", COPY_AGAIN
    else:
        found, cure = known.called, CURES[known.name]
    raise data_error(absolute_path(path), EXPECTED, found, cure)


def _start_of_unpacked(path):
    """Return the first bytes of what a gzip file holds, and its format, or that of gzip where it is not known."""
    try:
        with unpacked(path) as (file, _):
            start = file.read(START)
    except (OSError, EOFError, zlib.error) as error:
        raise data_error(absolute_path(path), EXPECTED, f"a damaged gzip file ({error})", COPY_AGAIN) from error
    inside = format_of(start)
    if inside is None:
        return start, FileFormat("gzip", "a gzip file")
    return start, FileFormat("gzip" if inside.name == "zip" else inside.name, f"{inside.called} inside a gzip file")


# 2. Keras: its cache, else its download.


def _from_keras():
    digits = _cached()
    if not digits:
        _require_network()
        _download()
        digits = _cached()
    if not digits:
        raise _NoMNISTError("the download failed")
    return digits


def _cached():
    """Return MNIST from Keras's cache, or None: a file cut off by a crash counts as none."""
    for path in _keras_caches():
        with suppress(DataError, OSError):
            train, test = read_archive(path)
            if identify(train, test) == "MNIST":
                folder = str(path.parent).replace(os.path.expanduser("~") + os.sep, f"~{os.sep}", 1)
                return train, test, f"MNIST from Keras (cached in {folder})"
    return None


def _keras_caches():
    """Return where Keras puts mnist.npz: in its home, or in a temporary folder if it cannot write there."""
    home = os.path.expanduser(os.environ.get("KERAS_HOME", os.path.join("~", ".keras")))
    temporary = os.path.join("/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir(), ".keras")
    return [Path(folder, "datasets", "mnist.npz") for folder in (home, temporary)]


def _require_network():
    """Raise _NoMNISTError unless the server answers: Keras's download has no time limit.

    In a thread, because no timeout of a socket covers the look-up of a name and all its addresses.
    """
    trouble = TimeoutError(f"no answer within {TIMEOUT} seconds")

    def ask():
        nonlocal trouble
        try:
            request = urllib.request.Request(MNIST_URL, method="HEAD")
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                trouble = _NoMNISTError(WEB_PAGE) if answer.headers.get_content_type() == "text/html" else None
        except Exception as error:
            trouble = error

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(TIMEOUT)
    match trouble:
        case None:
            return
        case urllib.error.HTTPError(code=code):
            reason = f"the server answered {code}"
        case urllib.error.URLError(reason=ssl.SSLError()):
            reason = "no trusted connection"
        case urllib.error.URLError(reason=OSError() as refused) if "Tunnel" in str(refused):
            reason = f"the proxy said no: {str(refused).removeprefix('Tunnel connection failed: ')}"
        case _NoMNISTError():
            reason = str(trouble)
        case _:
            reason = "no network"
    raise _NoMNISTError(reason) from trouble


def _download():
    """Let Keras download MNIST into its cache, whole or not at all."""
    from keras.datasets import mnist

    # Keras writes straight to the final name, where another process may be reading. So it gets a name that
    # nobody else knows, and once Keras has checked the file, it moves to its place in one step.
    name = f"mnist-{uuid.uuid4().hex}.npz"
    timeout = socket.getdefaulttimeout()
    try:
        socket.setdefaulttimeout(STALL)
        mnist.load_data(path=name)
        for path in _keras_caches():
            with suppress(OSError):  # it is in one of the two
                path.with_name(name).replace(path)
    except Exception as error:
        print()  # Keras's progress display broke off in the middle of a line
        raise _NoMNISTError(f"the download failed: {_why(error, name)}") from error
    finally:
        socket.setdefaulttimeout(timeout)
        for path in _keras_caches():
            with suppress(OSError):
                path.with_name(name).unlink()


def _why(error, name):
    """Say in a few words why the download of a file of this name failed."""
    if isinstance(error, OSError) and not isinstance(error, (TimeoutError, ConnectionError)):
        return "the disk is full" if error.errno in NO_ROOM else str(error)
    for path in _keras_caches():
        with suppress(OSError), path.with_name(name).open("rb") as file:  # what Keras did not take for MNIST
            return WEB_PAGE if file.read(1) == b"<" else "what came is not MNIST"
    return "it broke off"
