"""Step 2, import data: MNIST from a file, from Keras, or a stand-in that is called one.

Whatever the source, the digits have the layout of keras.datasets.mnist.load_data():
(X_train, Y_train), (X_test, Y_test), images (n, 28, 28) uint8, 0 to 255, labels (n,) uint8, 0 to 9.
"""

import errno
import hashlib
import os
import socket
import ssl
import tempfile
import threading
import urllib.error
import urllib.request
import uuid
from contextlib import suppress
from pathlib import Path

import numpy as np

from mnist_tutorial.archive import ARRAYS, VARIABLE, DataError, open_file, read_archive
from mnist_tutorial.stand_in import stand_in_digits

STAND_IN = "stand-in"
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"  # where Keras gets it
PATIENCE = 5  # seconds until a network without an answer counts as no network
STALL = 30  # seconds without a byte until a download counts as broken off
MNIST_SHA256 = {  # of each array's bytes: the same in every copy of MNIST, however the file was packed
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
GET_MNIST = f"Connect to the network, and Keras downloads it, or set {VARIABLE} to the path of an mnist.npz."
loaded = ""  # which digits load_mnist gave last, and from where, in words
WEB_PAGE = "a web page came in its place: does this network want you to sign in?"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


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
    path = _resolve_source(path)
    if path is None:
        path = next(filter(os.path.isfile, _keras_caches()), STAND_IN)
    if path == STAND_IN:
        return STAND_IN
    with open_file(path) as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _resolve_source(path):
    return os.environ.get(VARIABLE) or None if path is None else os.fspath(path)


# 1. A path.


def _from_path(path):
    train, test = read_archive(path)
    kind, name = identify(train, test), Path(path).name  # a published page need not show whose folder it was in
    if kind == STAND_IN:
        raise _NoMNISTError(f"from {name}")
    return train, test, f"MNIST from {name}" if kind == "MNIST" else f"Digits from {name}, not the original MNIST"


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
