"""Digits from tables (.csv)."""

import gzip

import numpy as np
import pytest
from digit_files import keras_home, small_arrays

from mnist_tutorial import data

__all__ = ["keras_home"]  # fixtures


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
