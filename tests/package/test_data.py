"""Loading the digits: the sources and their order, bad files, and the download over a real local server."""

import gzip
import hashlib
import io
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy

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


# --- what is loaded, and what is said about it


@pytest.mark.skipif(not REAL_MNIST or REAL_MNIST == data.STAND_IN, reason=f"{data.VARIABLE} names no MNIST file")
def test_real_mnist_is_recognised(capsys):
    train, test = data.load_mnist(REAL_MNIST, stand_in=False)
    assert capsys.readouterr().out == f"MNIST from {Path(REAL_MNIST).name}: 60,000 training and 10,000 test images.\n"
    assert data.identify(train, test) == "MNIST"
    assert np.array_equal(train[1][:5], [5, 0, 4, 1, 9])
    train[0][0, 14, 14] ^= 1  # one bit of one pixel
    assert data.identify(train, test) == "other"


def test_archive_is_read_as_it_was_saved(small, capsys):
    (x_train, y_train), (x_test, y_test) = data.load_mnist(small)
    for name, array in small_arrays().items():
        assert np.array_equal(array, {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}[name])
    x_train[0, 0, 0] = 1  # a reader may change what was loaded
    assert capsys.readouterr().out == (
        f"Digits from {small.name}, not the original MNIST: 30 training and 20 test images.\n"
    )


def test_argument_beats_variable_beats_keras(small, tmp_path, monkeypatch):
    other = tmp_path / "other.npz"
    other.write_bytes(archive_bytes(**small_arrays(train=11)))
    put_in_keras_cache(small_arrays(train=12), monkeypatch)
    assert len(data.load_mnist()[0][0]) == 12
    monkeypatch.setenv(data.VARIABLE, str(other))
    assert len(data.load_mnist()[0][0]) == 11
    assert len(data.load_mnist(small)[0][0]) == 30
    assert len(data.load_mnist("stand-in")[0][0]) == 1437


def test_without_network_the_line_says_stand_in_and_why(capsys):
    data.load_mnist()
    assert capsys.readouterr().out == (
        "Stand-in digits, not MNIST (no network): 1,437 training and 360 test images from scikit-learn. "
        "Connect to the network, and Keras downloads it, or set MNIST_TUTORIAL_DATA to the path of an mnist.npz.\n"
    )


def test_variable_can_ask_for_the_stand_in(monkeypatch, capsys):
    monkeypatch.setenv(data.VARIABLE, "stand-in")
    monkeypatch.setattr(data, "_from_keras", lambda: pytest.fail("asked Keras all the same"))
    train, test = data.load_mnist()
    assert data.identify(train, test) == "stand-in"
    assert capsys.readouterr().out == (  # and no advice, which nobody asked for
        "Stand-in digits, not MNIST (as asked): 1,437 training and 360 test images from scikit-learn.\n"
    )


def test_saved_stand_in_is_called_stand_in(stand_in, tmp_path, capsys):
    path = tmp_path / "saved.npz"
    np.savez(path, **dict(zip(data.ARRAYS, (*stand_in[0], *stand_in[1]), strict=True)))
    data.load_mnist(path)
    assert capsys.readouterr().out.startswith("Stand-in digits, not MNIST (from saved.npz)")
    with pytest.raises(data.DataError, match="stand_in=False refuses"):
        data.load_mnist(path, stand_in=False)


def test_quiet_prints_nothing(small, capsys):
    data.load_mnist(small, quiet=True)
    data.load_mnist("stand-in", quiet=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", [None, "stand-in"])
def test_stand_in_can_be_refused(path):
    with pytest.raises(data.DataError, match="stand_in=False") as caught:
        data.load_mnist(path, stand_in=False)
    assert data.VARIABLE in str(caught.value)
    assert "network" in str(caught.value)


# --- the stand-in


def test_stand_in_has_mnists_layout(stand_in):
    for (images, labels), count in zip(stand_in, (1437, 360), strict=True):
        assert (images.shape, images.dtype) == ((count, 28, 28), np.uint8)
        assert (labels.shape, labels.dtype) == ((count,), np.uint8)
        assert images.min() == 0
        assert (images.reshape(count, -1).max(axis=1) == 255).all()
        assert np.bincount(labels, minlength=10).min() >= 0.09 * count
    assert data.identify(*stand_in) == "stand-in"


def test_stand_in_is_the_same_every_time(stand_in):
    again = data.stand_in_digits()
    for first, second in zip((*stand_in[0], *stand_in[1]), (*again[0], *again[1]), strict=True):
        assert np.array_equal(first, second)


def test_stand_in_is_centred_as_mnist_is(stand_in):
    # MNIST's own centres of mass lie within half a pixel of (14, 14), counted from 0.
    images = np.concatenate([images for images, labels in stand_in]).astype(float)
    mass = images.sum(axis=(1, 2))
    assert np.abs((images.sum(axis=2) @ np.arange(28)) / mass - 14).max() < 0.51
    assert np.abs((images.sum(axis=1) @ np.arange(28)) / mass - 14).max() < 0.51
    # in a box of 20 x 20, and not rolled over the edge
    inked = images > 0
    for lines in (inked.any(axis=1), inked.any(axis=2)):
        first, last = lines.argmax(axis=1), 27 - lines[:, ::-1].argmax(axis=1)
        assert (last - first).max() < 20


def test_stand_in_keeps_train_and_test_apart(stand_in):
    (x_train, _), (x_test, _) = stand_in
    assert len(np.unique(np.concatenate([x_train, x_test]).reshape(1797, -1), axis=0)) == 1797


def test_stand_in_labels_belong_to_their_images(stand_in):
    # The nearest average digit is right about nine times out of ten; with labels shuffled, one time out of ten.
    (x_train, y_train), (x_test, y_test) = stand_in
    averages = np.stack([x_train[y_train == digit].mean(axis=0).ravel() for digit in range(10)])
    distances = np.linalg.norm(x_test.reshape(360, 1, -1) - averages, axis=2)
    assert (distances.argmin(axis=1) == y_test).mean() > 0.85


# --- bad paths and bad archives: each message names the file, what was expected, what was found, what to do


def without(name):
    return {key: array for key, array in small_arrays().items() if key != name}


def put(**changes):
    return archive_bytes(**{**small_arrays(), **changes})


def with_header(shape, dtype="|u1"):
    """Return an archive whose x_train declares `shape` and holds no data at all."""
    header = io.BytesIO()
    npy.write_array_header_1_0(header, {"shape": shape, "fortran_order": False, "descr": dtype})
    file = io.BytesIO(archive_bytes(**without("x_train")))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("x_train.npy", header.getvalue())
    return file.getvalue()


def damaged(position):
    """Return a stored archive with one byte of its data changed."""
    file = io.BytesIO()
    np.savez(file, **small_arrays())
    whole = bytearray(file.getvalue())
    whole[position] ^= 0xFF
    return bytes(whole)


def zip_of(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, b"PK")
    return file.getvalue()


WHOLE = archive_bytes(**small_arrays())
BAD_ARCHIVES = {
    "cut off": (WHOLE[: len(WHOLE) // 2], "a whole .npz archive", "damaged", "Download"),
    "a byte changed": (damaged(5000), "a whole .npz archive", "Bad CRC-32", "Download"),
    "empty file": (b"", data.EXPECTED, "an empty file", "Download"),
    "three words": (b"three plain words", data.EXPECTED, "starts with b'three plain", "Download"),
    "a web page": (b"\n<!DOCTYPE html><p>Sign in", data.EXPECTED, "a saved web page", "download the file itself"),
    "a pickle": (b"\x80\x04K\x01.", data.EXPECTED, "a pickle", "can run any code"),
    "a packed pickle": (gzip.compress(b"\x80\x04K\x01."), data.EXPECTED, "a pickle inside a gzip file", "savez"),
    "one array": (b"\x93NUMPY\1\0v\0{'descr'", data.EXPECTED, "a single NumPy array", "numpy.load"),
    "HDF5": (b"\x89HDF\r\n\x1a\n\0\0", data.EXPECTED, "an HDF5 file", "h5py"),
    "MATLAB": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", data.EXPECTED, "a MATLAB file", "scipy.io.loadmat"),
    "Parquet": (b"PAR1\x15\x04\x15", data.EXPECTED, "a Parquet file", "pandas.read_parquet"),
    "Git LFS": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:731c5ac6\nsize 11490434\n",
        data.EXPECTED,
        "a pointer of Git LFS",
        "git lfs pull",
    ),
    "a photo": (b"\x89PNG\r\n\x1a\n\0\0", data.EXPECTED, "a PNG image", "prepare()"),
    "a packed archive": (gzip.compress(WHOLE), data.EXPECTED, "a zip archive inside a gzip file", "Unpack it"),
    "a damaged gzip file": (gzip.compress(WHOLE)[:60], data.EXPECTED, "a damaged gzip file", "Download"),
    "an archive in a zip": (
        zip_of("folder/mnist.npz"),
        "x_train, y_train",
        "no x_train among folder/mnist.npz",
        "Unpack it, and give the path of what is in it, such as 'folder/mnist.npz'",
    ),
    "IDX under another name": (b"\0\0\x08\3\0\0\0\1", data.EXPECTED, "under another name", "train-images-idx3"),
    "no data after the header": (with_header((30, 28, 28)), "a whole .npz archive", "damaged", "Download"),
    "array missing": (
        archive_bytes(**without("y_test")),
        "x_train, y_train",
        "no y_test among x_train",
        "savez",
    ),
    "no arrays": (b"PK\x05\x06" + bytes(18), "x_train, y_train", "no files at all", "savez"),
    "flat images": (
        put(x_test=np.zeros((20, 784), "u1")),
        "x_test of shape (n, 28, 28)",
        "(20, 784)",
        "savez",
    ),
    "one-hot labels": (put(y_train=np.zeros((30, 10), "u1")), "y_train of shape (n,)", "(30, 10)", "savez"),
    "no shape": (put(y_train=np.uint8(3)), "y_train of shape (n,)", "found ()", "savez"),
    "float images": (
        put(x_train=np.zeros((30, 28, 28))),
        "x_train of dtype uint8",
        "float64",
        "by 255 before you save",
    ),
    "float images made whole": (
        put(x_test=(small_arrays()["x_test"] / 255).astype(np.uint8)),
        "pixels from 0 to 255 in x_test",
        "none above 1",
        "Multiply the images by 255",
    ),
    "int64 labels": (put(y_test=np.arange(20) % 10), "y_test of dtype uint8", "int64", "savez"),
    "lengths differ": (
        put(y_train=np.zeros(29, "u1")),
        "one label for each",
        "30 images in x_train and 29",
        "savez",
    ),
    "empty arrays": (
        put(x_test=np.zeros((0, 28, 28), "u1"), y_test=np.zeros(0, "u1")),
        "n from 1 to 1,000,000",
        "(0, 28, 28)",
        "savez",
    ),
    "label 10": (
        put(y_test=np.r_[np.zeros(19, "u1"), np.uint8(10)]),
        "from 0 to 9",
        "10 at y_test[19]",
        "Correct the label",
    ),
    "needs pickle": (put(x_train=np.array([None] * 30)), "x_train of dtype uint8", "need pickle", "savez"),
    "a huge claim": (
        with_header((10**12, 28, 28)),
        "n from 1 to 1,000,000",
        "(1000000000000, 28, 28)",
        "savez",
    ),
}


@pytest.mark.parametrize("case", BAD_ARCHIVES)
def test_bad_archive_is_refused(case, tmp_path, monkeypatch):
    content, expected, found, cure = BAD_ARCHIVES[case]
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    monkeypatch.setattr("pickle.load", lambda *args, **kwargs: pytest.fail("unpickled"))
    with pytest.raises(data.DataError) as caught:
        data.load_mnist(path)
    message = str(caught.value)
    for part in (f"{path}: ", expected, found, cure):
        assert part in message
    assert data.VARIABLE not in message

    monkeypatch.setenv(data.VARIABLE, str(path))
    with pytest.raises(data.DataError, match=f"in the environment variable {data.VARIABLE}"):
        data.load_mnist()


def test_huge_claim_takes_no_memory(tmp_path):
    tracemalloc = pytest.importorskip("tracemalloc")
    path = tmp_path / "bad.npz"
    path.write_bytes(with_header((2_000_000, 28, 28)))  # 1.6 GB, which many computers would grant
    tracemalloc.start()
    with pytest.raises(data.DataError):
        data.read_archive(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_any_changed_byte_is_noticed_or_harmless(tmp_path):
    path = tmp_path / "bad.npz"
    rng = np.random.default_rng(0)
    whole = archive_bytes(**small_arrays(train=3, test=2))
    for position in rng.integers(0, len(whole), 300):
        content = bytearray(whole)
        content[position] ^= rng.integers(1, 256)
        path.write_bytes(content)
        try:  # any other error fails the test
            (x_train, _), (x_test, _) = data.read_archive(path)
        except data.DataError:
            continue
        assert np.array_equal(x_train, small_arrays(train=3, test=2)["x_train"])
        assert np.array_equal(x_test, small_arrays(train=3, test=2)["x_test"])


def test_missing_file_is_an_error_not_a_stand_in(tmp_path, monkeypatch):
    path = tmp_path / "no.npz"
    with pytest.raises(FileNotFoundError, match=r"no\.npz: expected an mnist\.npz, found no such file\. Correct"):
        data.load_mnist(path)
    monkeypatch.setenv(data.VARIABLE, str(path))
    for load in (data.load_mnist, data.data_source):
        with pytest.raises(FileNotFoundError, match=data.VARIABLE):
            load()


def test_relative_path_is_told_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        data.load_mnist("no.npz")
    assert str(tmp_path / "no.npz") in str(caught.value)


def test_folder_in_place_of_a_file(tmp_path):
    for load in (data.load_mnist, data.data_source):
        with pytest.raises(data.DataError, match=r"found a folder\. Add the name of the file"):
            load(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for load in (data.load_mnist, data.data_source):
        with pytest.raises(data.DataError, match=r"found a pipe or a device\. Save the data to a file first"):
            load(tmp_path / "pipe")


def test_what_is_no_path():
    for load in (data.load_mnist, data.data_source):
        with pytest.raises(data.DataError, match=r"The path is an empty text; .*Give no path, and Keras downloads"):
            load("")
        for given in (7, [1, 2], np.zeros((30, 28, 28), np.uint8), 0.5):
            with pytest.raises(TypeError, match=r"The path was given as .*; expected the path of a file as text"):
                load(given)


# --- IDX files


def idx_bytes(array):
    return b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def put_idx(folder, names="{}-{}-idx{}-ubyte", test="t10k", pack=lambda content: content, **arrays):
    """Write the four files into a folder; return their paths, with the names of the arrays."""
    folder.mkdir(exist_ok=True)
    paths = {}
    for name, array in {**small_arrays(), **arrays}.items():
        kind, part = name.split("_")
        kind, dimensions = ("images", 3) if kind == "x" else ("labels", 1)
        paths[name] = folder / names.format("train" if part == "train" else test, kind, dimensions)
        paths[name].write_bytes(pack(array if isinstance(array, bytes) else idx_bytes(array)))
    return paths


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("names", "test"),
    [("{}-{}-idx{}-ubyte", "t10k"), ("{}-{}.idx{}-ubyte", "t10k"), ("emnist-digits-{}-{}-idx{}-ubyte", "test")],
    ids=["as in 1998", "with a dot", "EMNIST"],
)
def test_idx_files_are_read(names, test, pack, tmp_path, capsys):
    ending = ".gz" if pack is gzip.compress else ""
    paths = put_idx(tmp_path / "idx", names + ending, test, pack)
    for path in (tmp_path / "idx", *paths.values()):
        (x_train, y_train), (x_test, y_test) = data.load_mnist(path)
        for name, array in small_arrays().items():
            read = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}[name]
            assert np.array_equal(read, array)
            assert read.dtype == np.uint8
        x_train[0, 0, 0] = y_test[0] = 1  # a reader may change what was loaded
        line = f"Digits from {path.name}, not the original MNIST: 30 training and 20 test images.\n"
        assert capsys.readouterr().out == line


def test_plain_idx_files_come_before_packed_ones(tmp_path):
    put_idx(tmp_path, "{}-{}-idx{}-ubyte.gz", pack=lambda content: b"broken")
    put_idx(tmp_path)
    assert len(data.load_mnist(tmp_path)[0][0]) == 30


def test_data_source_knows_each_idx_file(tmp_path):
    paths = put_idx(tmp_path)
    named = data.data_source(tmp_path)
    assert named == data.data_source(paths["y_test"])
    assert re.fullmatch("sha256:[0-9a-f]{64}", named)
    content = bytearray(paths["y_test"].read_bytes())
    content[-1] ^= 1
    paths["y_test"].write_bytes(content)
    assert data.data_source(tmp_path) != named


def test_a_folder_with_several_sets_of_idx_files(tmp_path):
    put_idx(tmp_path, "emnist-mnist-{}-{}-idx{}-ubyte", "test")
    chosen = put_idx(tmp_path, "emnist-digits-{}-{}-idx{}-ubyte", "test", x_train=small_arrays(40)["x_train"],
                     y_train=small_arrays(40)["y_train"])  # fmt: skip
    with pytest.raises(data.DataError, match="found 2 sets of files: emnist-digits-, emnist-mnist-"):
        data.load_mnist(tmp_path)
    assert len(data.load_mnist(chosen["y_test"])[0][0]) == 40


def test_missing_idx_files_are_named(tmp_path):
    paths = put_idx(tmp_path)
    paths["x_test"].unlink()
    paths["y_train"].unlink()
    for path in (tmp_path, paths["x_train"]):
        with pytest.raises(data.DataError, match="no train-labels-idx1-ubyte and no t10k-images-idx3-ubyte in the"):
            data.load_mnist(path)
    with pytest.raises(FileNotFoundError):
        data.load_mnist(paths["x_test"])


X = small_arrays()["x_train"]
BAD_IDX = {
    "cut off": (idx_bytes(X)[:-1], "a whole IDX file", "it claims 23,520 bytes"),
    "too long": (idx_bytes(X) + b"\0", "a whole IDX file", "it claims 23,520 bytes and holds more"),
    "no header": (idx_bytes(X)[:9], "a whole IDX file", "damaged"),
    "empty": (b"", "an IDX file of images", "starts with b''"),
    "labels": (idx_bytes(X[:, 0, 0]), "an IDX file of images", "one of labels"),
    "floats": (b"\0\0\x0d" + idx_bytes(X)[3:], "an IDX file of images", "starts with"),
    "other sizes": (idx_bytes(X[:, :, :27].copy()), "of shape (28, 28)", "30 of shape (28, 27)"),
    "none": (idx_bytes(X[:0]), "n from 1 to 1,000,000", "0 of shape (28, 28)"),
    "a huge claim": (idx_bytes(X)[:4] + b"\xff" * 4 + idx_bytes(X)[8:], "n from 1 to 1,000,000", "4,294,967,295 of"),
    "a large claim": (idx_bytes(X)[:4] + struct.pack(">I", 900_000) + idx_bytes(X)[8:], "a whole IDX file", "claims"),
    "a packed claim": (
        gzip.compress(idx_bytes(X)[:4] + struct.pack(">I", 900_000) + idx_bytes(X)[8:]), "a whole IDX file", "claims"
    ),
    "a damaged gzip file": (gzip.compress(idx_bytes(X))[:-9], "a whole IDX file", "damaged"),
    "one image less": (idx_bytes(X[1:]), "one label for each image", "29 images in x_train and 30 labels"),
    "from 0 to 1": (idx_bytes(X // 255), "pixels from 0 to 255", "none above 1"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\n", "an IDX file of images", "a pointer of Git LFS"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_IDX)
def test_bad_idx_files_are_refused(case, tmp_path):
    content, expected, found = BAD_IDX[case]
    paths = put_idx(tmp_path, x_train=content)
    with pytest.raises(data.DataError) as caught:
        data.load_mnist(tmp_path)
    for part in (f"{paths['x_train']}: ", expected, found):
        assert part in str(caught.value)


def test_an_idx_file_that_would_grow_without_end_is_refused(tmp_path):
    tracemalloc = pytest.importorskip("tracemalloc")
    header = idx_bytes(X)[:4] + struct.pack(">I", 200_000) + idx_bytes(X)[8:16]
    put_idx(tmp_path, "{}-{}-idx{}-ubyte.gz", pack=gzip.compress, x_train=header + bytes(200_000 * 784))
    tracemalloc.start()
    with pytest.raises(data.DataError, match="it claims 156,800,000 bytes and cannot hold them"):
        data.load_mnist(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


# --- tables


NAMES = "label," + ",".join(f"pixel{i}" for i in range(784))


def table(part="train", count=30, header=NAMES, end="\n"):
    arrays = small_arrays(count, count)
    pixels = arrays[f"x_{part}"].reshape(count, -1)
    rows = [",".join(map(str, [label, *row])) for label, row in zip(arrays[f"y_{part}"], pixels, strict=True)]
    return end.join([*([header] if header else []), *rows, ""]).encode()


@pytest.mark.parametrize(
    "content",
    [
        table(),
        table(header=None),
        table(end="\r\n"),
        b"\xef\xbb\xbf" + table(),
        table() + b"\n\n",
        table().removesuffix(b"\n"),
        table(header="label," + ",".join(f"{i}x{j}" for i in range(28) for j in range(28))),
        gzip.compress(table()),
    ],
    ids=["as Kaggle's", "no names", "of Windows", "with a mark", "empty lines", "no last end", "other names", "gzip"],
)
def test_every_seventh_row_of_a_table_is_a_test_image(content, tmp_path, capsys):
    path = tmp_path / "train.csv"
    path.write_bytes(content)
    (tmp_path / "test.csv").write_bytes(b"pixel0,pixel1\n0,0\n")  # Kaggle's has no labels
    (x_train, y_train), (x_test, y_test) = data.load_mnist(path)
    expected = small_arrays()
    is_test = np.arange(30) % 7 == 6
    for found, name, rows in [(x_train, "x", ~is_test), (y_train, "y", ~is_test), (x_test, "x", is_test),
                              (y_test, "y", is_test)]:  # fmt: skip
        assert np.array_equal(found, expected[f"{name}_train"][rows])
        assert found.dtype == np.uint8
        assert found.flags.c_contiguous
    assert capsys.readouterr().out == (
        "Digits from train.csv, not the original MNIST (every 7th row is a test image): "
        "26 training and 4 test images.\n"
    )


def test_a_labelled_test_table_beside_is_the_test_part(tmp_path, capsys):
    (tmp_path / "mnist_train.csv").write_bytes(table())
    alone = data.data_source(tmp_path / "mnist_train.csv")
    (tmp_path / "mnist_test.csv").write_bytes(table("test", 20, header=None))
    (x_train, _), (x_test, y_test) = data.load_mnist(tmp_path / "mnist_train.csv")
    assert np.array_equal(x_train, small_arrays()["x_train"])
    assert np.array_equal(x_test, small_arrays(20, 20)["x_test"])
    assert np.array_equal(y_test, small_arrays(20, 20)["y_test"])
    assert "every 7th" not in capsys.readouterr().out
    assert data.data_source(tmp_path / "mnist_train.csv") != alone


LINES = table().split(b"\n")
BAD_TABLES = {
    "Kaggle's test.csv": (b"\n".join(line.partition(b",")[2] for line in LINES), "784 columns and none", "train.csv"),
    "labels in the last column": (b"pixel0,label\n0,1\n", "a first line of 2 columns", "labels in the first column"),
    "a text": (b"\n".join([*LINES[:4], b"x" + LINES[4], *LINES[5:]]), "b'x3' in line 5, column 1", "Correct"),
    "a large number": (table().replace(b",255", b",256", 1), "b'256' in line", "Correct the number"),
    "floats": (LINES[0] + b"\n5" + b",0.25" * 784, "b'0.25' in line 2, column 2", "multiply them by 255 and round"),
    "not a number": (LINES[0] + b"\n5" + b",nan" * 784, "b'nan' in line 2, column 2", "Correct the number"),
    "a label of 10": (LINES[0] + b"\n10" + b",9" * 784 + b"\n1" + b",9" * 784, "too few", "more rows"),
    "too few columns": (b"\n".join([*LINES[:3], LINES[3][:-9], *LINES[4:]]), "columns in line 4", "leave it out"),
    "an empty line": (table().replace(b"\n", b"\n\n", 5), "an empty line 2", "Download"),
    "semicolons": (b"label;" + LINES[0][6:].replace(b",", b";"), "starts with b'label;", "Download"),
    "no rows": (LINES[0] + b"\n", "no rows", "Download"),
    "an endless line": (LINES[0] + b"\n" + b"1" * 100_000, "a line of more than 15,700 bytes", "Download"),
    "a damaged gzip file": (gzip.compress(table())[:-20], "a damaged one", "Download"),
    "from 0 to 1": (LINES[0] + (b"\n5" + b",1" * 784) * 9, "none above 1", "Multiply the images by 255"),
    "labels above 9": (LINES[0] + (b"\n12" + b",9" * 784) * 9, "12 at y_train[0]", "Correct the label"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables_are_refused(case, tmp_path):
    content, found, cure = BAD_TABLES[case]
    path = tmp_path / "train.csv"
    path.write_bytes(content)
    with pytest.raises(data.DataError) as caught:
        data.load_mnist(path)
    for part in (f"{path}: ", found, cure):
        assert part in str(caught.value)


def test_a_table_that_would_grow_without_end_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "train.csv"
    path.write_bytes(gzip.compress(LINES[0] + b"\n" + (b"5" + b",9" * 784 + b"\n") * 2000))
    monkeypatch.setattr("mnist_tutorial.data_files.MAX_EXPANSION", 1)
    with pytest.raises(data.DataError, match="would grow to more than 1,000,000 bytes"):
        data.load_mnist(path)


# --- digits that lie on their side


def test_transposed_digits_are_noticed(stand_in, tmp_path, capsys, recwarn):
    (x_train, y_train), (x_test, y_test) = stand_in
    path = tmp_path / "emnist.npz"
    for count in (100, 19):  # of fewer than twenty, nothing can be said
        for images, warned in ((x_train, 0), (x_train.transpose(0, 2, 1), count >= 20)):
            np.savez(path, x_train=images[:count], y_train=y_train[:count], x_test=x_test[:9], y_test=y_test[:9])
            data.load_mnist(path)
            assert len(recwarn) == warned
            if warned:
                message = str(recwarn.pop(UserWarning).message)
                assert message.startswith("The images from emnist.npz look transposed")
                assert "images.transpose(0, 2, 1)" in message


def test_other_images_are_not_called_transposed(recwarn, small):
    data.load_mnist(small)  # noise
    assert not recwarn


# --- the name of the data, for what keeps results made from it


def test_data_source_changes_with_the_data(small, monkeypatch):
    assert data.data_source() == data.data_source("stand-in") == "stand-in"
    named = data.data_source(small)
    assert named == f"sha256:{sha256(small.read_bytes())}"
    monkeypatch.setenv(data.VARIABLE, str(small))
    assert data.data_source() == named
    small.write_bytes(archive_bytes(**small_arrays(train=31)))
    assert data.data_source() != named


def test_data_source_sees_keras_cache(keras_home, monkeypatch):
    put_in_keras_cache(small_arrays(), monkeypatch)
    assert data.data_source() == f"sha256:{sha256((keras_home / 'datasets/mnist.npz').read_bytes())}"


def test_reading_takes_no_tensorflow(small):
    script = f"""
import sys
from mnist_tutorial import data
data.load_mnist({str(small)!r}), data.data_source({str(small)!r}), data.load_mnist()
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    # What keras_home sets up is not in force over there, so its "no network" is a proxy that does not listen.
    environment = {**os.environ, "https_proxy": refused_url(), "no_proxy": ""}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)


# --- Keras's cache and download


def put_in_keras_cache(arrays, monkeypatch):
    """Make `arrays` count as MNIST, and put them where Keras would have downloaded them."""
    monkeypatch.setattr(data, "MNIST_SHA256", {name: sha256(array.tobytes()) for name, array in arrays.items()})
    cached = Path(os.environ["KERAS_HOME"], "datasets", "mnist.npz")
    cached.parent.mkdir()
    cached.write_bytes(archive_bytes(**arrays))


class Server(ThreadingHTTPServer):
    """Serves a small archive as MNIST, or what `send` is set to; calls `half_way` in the middle of it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}/mnist.npz"
        self.send = archive_bytes(**small_arrays())
        self.length = len(self.send)
        self.status = 200
        self.kind = None  # what it says to be sending
        self.half_way = lambda: None
        self.asked, self.downloads = [], 0

    def handle_error(self, request, client_address):
        """Say nothing when the other side hangs up: some tests are about that."""


class Answer(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(self.server.status)
        self.send_header("Content-Length", self.server.length)
        if self.server.kind:
            self.send_header("Content-Type", self.server.kind)
        self.end_headers()

    def do_GET(self):
        self.server.downloads += 1
        self.do_HEAD()
        self.wfile.write(self.server.send[:9000])
        self.server.half_way()
        self.wfile.write(self.server.send[9000:])

    do_CONNECT = do_HEAD  # noqa: N815 - as a proxy that builds no tunnel answers

    def log_message(self, *args):
        pass


def point_keras_at(url, home, set_attribute=setattr):
    """Make Keras and the package take the server's archive for MNIST, and `home` for Keras's home."""
    from keras.src.backend import config
    from keras.src.datasets import mnist

    get_file = mnist.get_file
    arrays = small_arrays()
    small = {"origin": url, "file_hash": sha256(archive_bytes(**arrays))}
    set_attribute(mnist, "get_file", lambda fname, **original: get_file(fname=fname, **small))
    set_attribute(config, "_KERAS_DIR", str(home))
    set_attribute(data, "MNIST_URL", url)
    set_attribute(data, "MNIST_SHA256", {name: sha256(array.tobytes()) for name, array in arrays.items()})


@pytest.fixture(scope="module")
def keras(tmp_path_factory):
    """Import Keras with a home of ours, because it writes a file there at once; then give back its own."""
    if "keras" not in sys.modules:
        home = os.path.expanduser(os.environ.get("KERAS_HOME", os.path.join("~", ".keras")))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
            from keras.src.backend import config
        config._KERAS_DIR = home


@pytest.fixture
def server(keras, keras_home, monkeypatch):
    with Server() as server:
        point_keras_at(server.url, keras_home, monkeypatch.setattr)
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.npz"))


def test_download_is_cached_under_its_name_alone(server, keras_home, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(keras_home.parent))
    monkeypatch.setenv("USERPROFILE", str(keras_home.parent))  # the same on Windows
    timeout = socket.getdefaulttimeout()
    for _ in range(2):
        train, _ = data.load_mnist(stand_in=False)
        assert np.array_equal(train[0], small_arrays()["x_train"])
        folder = os.path.join("~", "keras", "datasets")
        line = f"MNIST from Keras (cached in {folder}): 30 training and 20 test images."
        assert capsys.readouterr().out.splitlines()[-1] == line
        assert files_in(keras_home) == [os.path.join("datasets", "mnist.npz")]
    assert server.downloads == 1
    assert socket.getdefaulttimeout() == timeout


def test_keras_shows_its_progress(server, capsys):
    data.load_mnist()
    assert f"Downloading data from {server.url}" in capsys.readouterr().out


WEB_PAGE = b"<!DOCTYPE html><p>Sign in to use this network"


@pytest.mark.parametrize(
    ("send", "reason"),
    [
        pytest.param(WHOLE[:9000], "it broke off", id="cut off half way"),
        pytest.param(WEB_PAGE, "a web page came instead: does this network want you to sign in?", id="a web page"),
        pytest.param(archive_bytes(**small_arrays(train=31)), "what came is not MNIST", id="another archive"),
    ],
)
def test_bad_download_leaves_nothing_behind(send, reason, server, keras_home, capsys):
    server.send = send
    if send.startswith(b"<"):
        server.length = len(send)  # a web page comes with its own; the others promise the whole archive
    train, _ = data.load_mnist()
    assert server.downloads == 1
    assert len(train[0]) == 1437
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(f"Stand-in digits, not MNIST (the download failed: {reason}): ")
    assert line.endswith(data.GET_MNIST)
    assert files_in(keras_home.parent) == []
    with pytest.raises(data.DataError, match="the download failed"):
        data.load_mnist(stand_in=False)
    server.send, server.length = WHOLE, len(WHOLE)  # later, all is well
    assert len(data.load_mnist(stand_in=False)[0][0]) == 30


def test_a_network_that_answers_everything_with_a_web_page_is_not_asked_for_more(server, keras_home, capsys):
    server.send, server.kind, server.length = WEB_PAGE, "text/html; charset=utf-8", len(WEB_PAGE)
    data.load_mnist()
    assert "(a web page came instead: does this network want you to sign in?)" in capsys.readouterr().out
    assert server.downloads == 0
    assert files_in(keras_home.parent) == []


@pytest.mark.parametrize(
    ("url", "status", "asked", "reason"),
    [
        ("http://mnist.example/mnist.npz", 200, "HEAD http://mnist.example/mnist.npz", "a web page came instead"),
        ("https://mnist.example/mnist.npz", 407, "CONNECT mnist.example:443", "the proxy said no: 407"),
        ("https://mnist.example/mnist.npz", 200, "CONNECT mnist.example:443", "no trusted connection"),
    ],
    ids=["instead of the file", "instead of a tunnel", "in the tunnel"],
)
def test_a_proxy_that_answers_with_a_web_page_is_told(url, status, asked, reason, monkeypatch, capsys):
    with Server() as proxy:
        proxy.send, proxy.kind, proxy.status, proxy.length = WEB_PAGE, "text/html", status, len(WEB_PAGE)
        thread = threading.Thread(target=proxy.serve_forever, args=[0.01])
        thread.start()
        monkeypatch.setattr(data, "MNIST_URL", url)
        monkeypatch.setenv(f"{url.partition(':')[0]}_proxy", proxy.url.removesuffix("/mnist.npz"))
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setattr("urllib.request._opener", None)  # it may remember that there was no proxy
        data.load_mnist()
        proxy.shutdown()
        thread.join()
    assert proxy.asked == [asked]
    assert f"({reason}" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="there, nobody can limit how large a file may be")
def test_a_full_disk_is_named_and_nothing_half_written_stays(server, keras_home, capsys):
    import resource

    # The system lets no file grow beyond 5,000 bytes, and then says that the file is too large.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        data.load_mnist()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "(the download failed: the disk is full)" in capsys.readouterr().out
    assert files_in(keras_home.parent) == []
    assert len(data.load_mnist(stand_in=False)[0][0]) == 30


def test_interrupted_download_leaves_nothing_behind(server, keras_home, monkeypatch):
    from keras.src.datasets import mnist

    get_file = mnist.get_file

    def interrupted(fname, **options):
        get_file(fname=fname, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(mnist, "get_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        data.load_mnist()
    assert files_in(keras_home) == []


def test_stalled_download_ends(server, monkeypatch, capsys):
    monkeypatch.setattr(data, "STALL", 0.2)
    done = threading.Event()
    server.half_way = lambda: done.wait(30)
    data.load_mnist()
    done.set()
    assert "(the download failed: it broke off)" in capsys.readouterr().out


def test_silent_network_counts_as_none(monkeypatch, capsys):
    monkeypatch.setattr(data, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        monkeypatch.setattr(data, "MNIST_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/mnist.npz")
        data.load_mnist()
    assert "(no network)" in capsys.readouterr().out


def test_server_that_refuses_is_quoted(server, capsys):
    server.status = 403
    data.load_mnist()
    assert "(the server answered 403)" in capsys.readouterr().out
    assert server.downloads == 0


def test_corrupt_cache_is_replaced_when_there_is_a_network(server, keras_home, capsys):
    cached = keras_home / "datasets" / "mnist.npz"
    cached.parent.mkdir()
    cached.write_bytes(WHOLE[:9000])
    train, _ = data.load_mnist()
    assert len(train[0]) == 30
    assert cached.read_bytes() == WHOLE


@pytest.mark.parametrize("content", ["cut off", "not MNIST"])
def test_bad_cache_is_not_used_without_network(content, keras_home, capsys):
    cached = keras_home / "datasets" / "mnist.npz"
    cached.parent.mkdir()
    cached.write_bytes(WHOLE[:9000] if content == "cut off" else WHOLE)
    assert len(data.load_mnist()[0][0]) == 1437
    assert "(no network)" in capsys.readouterr().out


def test_read_only_home_makes_keras_use_the_temporary_folder(server, keras_home, monkeypatch):
    # A home under a file, where nobody can write: after chmod, root still could.
    blocked = keras_home / "a file" / "keras"
    blocked.parent.touch()
    monkeypatch.setenv("KERAS_HOME", str(blocked))
    point_keras_at(server.url, blocked, monkeypatch.setattr)
    for _ in range(2):
        assert len(data.load_mnist(stand_in=False)[0][0]) == 30
    assert server.downloads == 1
    cached = os.path.join("temporary", ".keras", "datasets", "mnist.npz")
    assert files_in(keras_home.parent) == [cached]


def test_nowhere_to_write_gives_the_stand_in(server, keras_home, monkeypatch, capsys):
    blocked = keras_home / "a file" / "keras"
    blocked.parent.touch()
    monkeypatch.setenv("KERAS_HOME", str(blocked))
    monkeypatch.setattr(tempfile, "tempdir", str(blocked))
    point_keras_at(server.url, blocked, monkeypatch.setattr)
    data.load_mnist()
    assert "(the download failed: [Errno" in capsys.readouterr().out


def test_two_processes_at_once_both_succeed(server, keras_home):
    # The server waits half way until both are there: each meets the other's unfinished file.
    server.half_way = threading.Barrier(2, timeout=120).wait
    script = f"""
import test_data
test_data.point_keras_at({server.url!r}, {str(keras_home)!r})
(x_train, _), _ = test_data.data.load_mnist(stand_in=False)
assert (x_train == test_data.small_arrays()["x_train"]).all()
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parent, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors.decode()
    assert server.downloads == 2
    assert files_in(keras_home) == [os.path.join("datasets", "mnist.npz")]
    assert (keras_home / "datasets" / "mnist.npz").read_bytes() == WHOLE
