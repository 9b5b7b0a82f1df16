"""Files of a few random digits, and a computer without digits and network, for the tests of how digits are loaded."""

import hashlib
import io
import os
import socket
import tempfile
from pathlib import Path

import numpy as np
import pytest

from mnist_tutorial import data

# What the person who runs the tests says about their MNIST, before the fixture below hides it.
REAL_MNIST = os.environ.get(data.VARIABLE)


def small_arrays(train=30, test=20):
    """Return random digits in MNIST's layout, the same every time."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", train), ("test", test)):
        arrays[f"x_{part}"] = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"y_{part}"] = np.arange(count, dtype=np.uint8) % 10
    return arrays


def archive_bytes(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


WHOLE = archive_bytes(**small_arrays())


def sha256(some_bytes):
    return hashlib.sha256(some_bytes).hexdigest()


def refused_url():
    """Return an address of this computer at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/mnist.npz"


@pytest.fixture(autouse=True)
def keras_home(tmp_path, monkeypatch):
    """Give each test an empty Keras home and no network, and hide this computer's own caches."""
    home = tmp_path / "keras"
    home.mkdir()
    monkeypatch.delenv(data.VARIABLE, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(data, "MNIST_URL", refused_url())
    # Keras falls back to /tmp, or where that is missing to Python's temporary folder: make it missing.
    isdir = os.path.isdir
    monkeypatch.setattr(os.path, "isdir", lambda path: path != "/tmp" and isdir(path))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return home


@pytest.fixture(scope="module")
def stand_in():
    return data.stand_in_digits()


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.npz"
    path.write_bytes(archive_bytes(**small_arrays()))
    return path


def put_in_keras_cache(arrays, monkeypatch):
    """Make `arrays` count as MNIST, and put them where Keras would have downloaded them."""
    monkeypatch.setattr(data, "MNIST_SHA256", {name: sha256(array.tobytes()) for name, array in arrays.items()})
    cached = Path(os.environ["KERAS_HOME"], "datasets", "mnist.npz")
    cached.parent.mkdir()
    cached.write_bytes(archive_bytes(**arrays))
