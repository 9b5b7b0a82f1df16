"""Step 2, import data: MNIST from a file, from Keras, or a stand-in that is called one.

Whatever the source, the digits have the layout of keras.datasets.mnist.load_data():
(X_train, Y_train), (X_test, Y_test), images (n, 28, 28) uint8, 0 to 255, labels (n,) uint8, 0 to 9.
"""

import errno
import hashlib
import math
import os
import socket
import ssl
import tempfile
import threading
import urllib.error
import urllib.request
import uuid
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

VARIABLE = "MNIST_TUTORIAL_DATA"  # holds a path, or the word below
STAND_IN = "stand-in"
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"  # where Keras gets it
PATIENCE = 5  # seconds until a network without an answer counts as no network
STALL = 30  # seconds without a byte until a download counts as broken off
MAX_IMAGES = 1_000_000  # a header may claim any size: one beyond this is refused before memory is taken
MOST_UNPACKED = 100  # bytes from one byte of the archive; MNIST gives 5, white paper a thousand
ARRAYS = {"x_train": (28, 28), "y_train": (), "x_test": (28, 28), "y_test": ()}  # and the shape of one entry
MNIST_SHA256 = {  # of each array's bytes: the same in every copy of MNIST, however the file was packed
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
GET_MNIST = f"Connect to the network, and Keras downloads it, or set {VARIABLE} to the path of an mnist.npz."
loaded = ""  # which digits load_mnist gave last, and from where, in words
COPY_AGAIN = "Download the file again, or copy it again from where it is whole."
WEB_PAGE = "a web page came in its place: does this network want you to sign in?"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SAVE_AGAIN = "Save it with numpy.savez(path, x_train=..., y_train=..., x_test=..., y_test=...), all four uint8."


class DataError(ValueError):
    """Data that cannot be used; the message says what was expected, what was found and what to do."""


class _NoMNISTError(Exception):
    """No MNIST to be had; the message gives the reason in a few words."""


def load_mnist(path=None, *, stand_in=True, quiet=False):
    """Load the digits, and print one line that says which ones and where they came from.

    Looked for in this order: `path`, else the environment variable MNIST_TUTORIAL_DATA; Keras's cache, else
    Keras's download; without a network, `stand_in_digits`. In place of a path, the word "stand-in" asks for
    those outright. `quiet=True` leaves out the line, though not Keras's display while it downloads.

    Returns (X_train, Y_train), (X_test, Y_test): images (n, 28, 28) uint8, 0 to 255; labels (n,) uint8, 0 to
    9. Raises FileNotFoundError or DataError for a path that is no good, and with `stand_in=False` DataError
    instead of giving the stand-in.
    """
    path = _asked_for(path)
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

    MNIST is known by the SHA-256 of its arrays, the stand-in by making it once more.
    """
    arrays = dict(zip(ARRAYS, (*train, *test), strict=True))
    if all(hashlib.sha256(array.tobytes()).hexdigest() == MNIST_SHA256[name] for name, array in arrays.items()):
        return "MNIST"
    if len(train[0]) + len(test[0]) == 1797:  # as many as scikit-learn ships
        stand_in_train, stand_in_test = stand_in_digits()
        if all(map(np.array_equal, arrays.values(), (*stand_in_train, *stand_in_test))):
            return STAND_IN
    return "other"


def data_source(path=None):
    """Name what load_mnist would load by a short string that is another one when the digits are others.

    That is the SHA-256 of the file: the one at `path`, in MNIST_TUTORIAL_DATA or in Keras's cache; else
    "stand-in". Takes no TensorFlow and no network, so call load_mnist first where it has yet to download.
    Raises FileNotFoundError or DataError when there is no file at the path.
    """
    path = _asked_for(path)
    if path is None:
        path = next(filter(os.path.isfile, _keras_caches()), STAND_IN)
    if path == STAND_IN:
        return STAND_IN
    with _opened(path) as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _asked_for(path):
    return os.environ.get(VARIABLE) or None if path is None else os.fspath(path)


# 1. A path: nothing in the file is trusted.


def read_archive(path):
    """Read an archive laid out like Keras's mnist.npz.

    Returns what load_mnist does. Raises FileNotFoundError when there is no such file and DataError when it is
    no such archive or cannot be read. Never unpickles: a pickle can run any code.
    """
    path = _absolute(path)
    with _opened(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                arrays = {name: _read_array(path, archive, name) for name in ARRAYS}
        except DataError:
            raise
        except Exception as error:  # broken bytes raise a dozen types of error, and all mean the same
            file.seek(0)
            start = file.read(16)
            found = "a damaged one" if start[:2] == b"PK" else f"a file that starts with {start}"
            raise _bad(path, "a whole .npz archive", f"{found} ({error})", COPY_AGAIN) from error
    for part in ("train", "test"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if len(images) != len(labels):
            found = f"{len(images):,} images in x_{part} and {len(labels):,} labels in y_{part}"
            raise _bad(path, "one label for each image", found, SAVE_AGAIN)
        if labels.max() > 9:
            found = f"{labels.max()} at y_{part}[{labels.argmax()}]"
            raise _bad(path, "labels from 0 to 9", found, "Put the label right, or leave it and its image out.")
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _read_array(path, archive, name):
    """Read one array if its header declares the right dtype and shape: a lie there could fill the memory."""
    if f"{name}.npy" not in archive.namelist():
        names = ", ".join(archive.namelist()[:8])
        raise _bad(path, f"the arrays {', '.join(ARRAYS)}", f"no {name} among {names or 'no files at all'}", SAVE_AGAIN)
    shape, dtype = claims(archive, name)
    if dtype != np.uint8:
        found = "Python objects, which need pickle, and a pickle can run any code" if dtype.hasobject else dtype
        raise _bad(path, f"{name} of dtype uint8", found, SAVE_AGAIN)
    if shape[1:] != ARRAYS[name] or not shape or not 1 <= shape[0] <= MAX_IMAGES:
        expected = f"{name} of shape {('n', *ARRAYS[name])} with n from 1 to {MAX_IMAGES:,}".replace("'", "")
        raise _bad(path, expected, shape, SAVE_AGAIN)
    return content(archive, name)


def claims(archive, name):
    """Return the shape and the dtype that an array of an open .npz archive declares; takes no memory for it.

    archive: a zipfile.ZipFile. Raises KeyError for a name that is not there and ValueError, or what zipfile raises
    for broken bytes, for an array that NumPy has not written.
    """
    return _header(archive, name)[:2]


def content(archive, name):
    """Return an array of an open .npz archive; never unpickles.

    Ask claims() first whether shape and dtype are welcome. Raises as claims() does, also for an array that is larger
    or smaller than it declares, and for one that grows more than MOST_UNPACKED times.
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


def _from_path(path):
    train, test = read_archive(path)
    kind, name = identify(train, test), Path(path).name  # a published page need not show whose folder it was in
    if kind == STAND_IN:
        raise _NoMNISTError(f"from {name}")
    return train, test, f"MNIST from {name}" if kind == "MNIST" else f"Digits from {name}, not the original MNIST"


def _opened(path):
    """Open a file for reading; FileNotFoundError or DataError tells what is no file or cannot be read."""
    path = _absolute(path)
    try:
        if path.is_file():
            return path.open("rb")
        there = path.exists()
    except OSError as error:  # no right to read it, or a name that is too long
        found = f"a file that cannot be read ({error.strerror})"
        raise _bad(path, "an mnist.npz", found, "Correct the path, or ask for the right to read the file.") from error
    if there:
        raise _bad(path, "an mnist.npz", "a folder", "Add the name of the file to the path.")
    cure = "Correct the path, or give none, and Keras downloads MNIST."
    raise _bad(path, "an mnist.npz", "no such file", cure, FileNotFoundError)


def _absolute(path):
    return Path(os.path.expanduser(path)).absolute()  # Path's own fails for a user that is not there


def quoted(said):
    """Return what a stranger's file says, as a message may repeat it: on one line, at most 300 letters."""
    text = str(said)
    printable = "".join(one if one.isprintable() else "?" for one in text[:300])
    return printable + ("..." if len(text) > 300 else "")


def _bad(path, expected, found, cure, kind=DataError):
    variable = os.environ.get(VARIABLE)
    if variable and path == _absolute(variable):  # set long ago, it is soon forgotten
        cure += f" The path is the one in the environment variable {VARIABLE}."
    return kind(f"{path}: expected {expected}, found {quoted(found)}. {cure}")


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
    """Return MNIST from Keras's cache, or None: a file cut off by a crash is as good as none."""
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
    """Raise _NoMNISTError unless the server gives a sign of life: Keras's download has no time limit.

    In a thread, because no timeout of a socket covers the look-up of a name and all its addresses.
    """
    trouble = TimeoutError(f"no answer within {PATIENCE} seconds")

    def ask():
        nonlocal trouble
        try:
            request = urllib.request.Request(MNIST_URL, method="HEAD")
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                trouble = _NoMNISTError(WEB_PAGE) if answer.headers.get_content_type() == "text/html" else None
        except Exception as error:
            trouble = error

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
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


# 3. The stand-in.


def stand_in_digits():
    """Make a stand-in for MNIST from the 1,797 handwritten digits that scikit-learn ships.

    They are 8 x 8 pixels of 0 to 16 (UCI "Optical Recognition of Handwritten Digits"; Alpaydin and Kaynak,
    1998). Here they fill a box of 20 x 20 and stand with their centre of mass in the middle of 28 x 28, as
    MNIST's digits do (LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998).

    Returns (X_train, Y_train), (X_test, Y_test) as load_mnist does: 1,437 and 360 digits, always the same.
    """
    from scipy import ndimage
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    # Zooming is linear and acts on rows and columns alike: one 20 x 8 matrix does it for all images at once.
    zoom = ndimage.zoom(np.eye(8), (20 / 8, 1), order=3, mode="grid-constant", grid_mode=True)
    ink = zoom @ (digits.images / 16) @ zoom.T
    ink = np.clip((ink - 0.3) / 0.5, 0, 1)  # as sharp as a pen: mostly black or white, some grey at the edges
    images = np.pad(ink, ((0, 0), (4, 4), (4, 4)))
    for image in images:
        row, column = ndimage.center_of_mass(image)
        image[:] = np.roll(image, (round(14 - row), round(14 - column)), axis=(0, 1))
    images, labels = np.rint(255 * images).astype(np.uint8), digits.target.astype(np.uint8)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.2, stratify=labels, random_state=0)
    return (x_train, y_train), (x_test, y_test)
