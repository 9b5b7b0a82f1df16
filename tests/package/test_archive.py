"""Bad paths and bad archives: each message names the file, what was expected, what was found, what to do."""

import gzip
import io
import os
import zipfile

import numpy as np
import pytest
from digit_files import WHOLE, archive_bytes, keras_home, small_arrays
from numpy.lib import format as npy

from mnist_tutorial import data

__all__ = ["keras_home"]  # fixtures


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
    "a huge size": (
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


def test_a_huge_size_takes_no_memory(tmp_path):
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


def test_relative_path_is_given_in_full(tmp_path, monkeypatch):
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
