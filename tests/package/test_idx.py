"""Digits from IDX files, as MNIST was first published."""

import gzip
import re
import struct

import numpy as np
import pytest
from digit_files import keras_home, small_arrays

from mnist_tutorial import data

__all__ = ["keras_home"]  # fixtures


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
LARGE = idx_bytes(X)[:4] + struct.pack(">I", 900_000) + idx_bytes(X)[8:]
BAD_IDX = {
    "cut off": (idx_bytes(X)[:-1], "a whole IDX file", "its header says 23,520 bytes"),
    "too long": (idx_bytes(X) + b"\0", "a whole IDX file", "its header says 23,520 bytes, and it holds more"),
    "no header": (idx_bytes(X)[:9], "a whole IDX file", "damaged"),
    "empty": (b"", "an IDX file of images", "starts with b''"),
    "labels": (idx_bytes(X[:, 0, 0]), "an IDX file of images", "one of labels"),
    "floats": (b"\0\0\x0d" + idx_bytes(X)[3:], "an IDX file of images", "starts with"),
    "other sizes": (idx_bytes(X[:, :, :27].copy()), "of shape (28, 28)", "30 of shape (28, 27)"),
    "none": (idx_bytes(X[:0]), "n from 1 to 1,000,000", "0 of shape (28, 28)"),
    "a huge size": (idx_bytes(X)[:4] + b"\xff" * 4 + idx_bytes(X)[8:], "n from 1 to 1,000,000", "4,294,967,295 of"),
    "a large size": (LARGE, "a whole IDX file", "header says"),
    "a large size, packed": (gzip.compress(LARGE), "a whole IDX file", "header says"),
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
    with pytest.raises(data.DataError, match="its header says 156,800,000 bytes, and it cannot hold them"):
        data.load_mnist(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
