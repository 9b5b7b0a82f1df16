"""Read digits from a table such as Kaggle's train.csv: a label and 784 pixels in each row."""

import os

import numpy as np

from mnist_tutorial.data_files import (
    COPY_AGAIN,
    MAX_IMAGES,
    DataError,
    absolute_path,
    as_uint8,
    check_digits,
    data_error,
    unpacked,
)

COLUMNS = 785
MAX_LINE = 20 * COLUMNS  # bytes: a line without an end must not fill the memory
BLOCK = 2000  # rows that are parsed at once
TEST_SHARE = 7  # every seventh row, as 10,000 of MNIST's 70,000 digits are its test set
EXPECTED = "rows of a label and 784 pixels, whole numbers with commas between them, as in Kaggle's train.csv"


def looks_like_table(start):
    """Say whether a file with these first bytes is a table of digits, good or bad.

    start: bytes, at least a hundred if the file has as many.
    """
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:100].lower()
    return first.startswith((b"label,", b"pixel0,", b'"label"')) or (
        first[:1].isdigit() and first.count(b",") >= 10 and not first.strip(b"0123456789., \r\n-+e")
    )


def find_test_table(path):
    """Return the path of a labelled test table that belongs to a training table, such as mnist_test.csv; or None.

    Kaggle's test.csv, which has no labels, does not count.
    """
    path = absolute_path(path)
    head, found, tail = path.name.rpartition("train")
    beside = path.with_name(f"{head}test{tail}")
    if not found or not os.path.isfile(beside):
        return None
    try:
        with unpacked(beside) as (file, _):
            return beside if file.readline(MAX_LINE).count(b",") == COLUMNS - 1 else None
    except Exception:  # whatever is wrong with it, it is no test table
        return None


def read_table(path):
    """Read a table of digits; return what load_mnist does.

    path: of a .csv file, plain or .gz, with or without a line of names on top. If a labelled test table lies beside it
    (mnist_test.csv beside mnist_train.csv), that is the test part. Otherwise, as with Kaggle's train.csv, every seventh
    row is: the rows may be sorted, and so the same digits are in both parts every time. Raises FileNotFoundError when
    there is no such file and DataError for anything else than such a table.
    """
    path = absolute_path(path)
    x_train, y_train = _read_rows(path)
    beside = find_test_table(path)
    if beside is not None:
        x_test, y_test = _read_rows(beside)
    else:
        if len(x_train) < TEST_SHARE:
            found = f"{len(x_train)}, too few to set every seventh aside as test images"
            raise data_error(path, f"at least {TEST_SHARE} rows", found, "Put more rows into the table.")
        is_test = np.arange(len(x_train)) % TEST_SHARE == TEST_SHARE - 1
        x_test, y_test = x_train[is_test], y_train[is_test]
        x_train, y_train = x_train[~is_test], y_train[~is_test]
    return check_digits(path, {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test})


def _read_rows(path):
    """Return the images, (n, 28, 28) uint8, and the labels, (n,) uint8, of one table."""
    blocks, rows, first = [], 0, 1
    try:
        with unpacked(path) as (file, limit):
            lines = _lines(path, file, limit)
            header = next(lines, b"")
            if header[:1].isdigit():
                block = [header]
            else:
                _check_header(path, header)
                block, first = [], 2
            for line in lines:
                if not line:
                    raise data_error(path, EXPECTED, f"an empty line {first + rows + len(block)}", COPY_AGAIN)
                block.append(line)
                if len(block) == BLOCK:
                    blocks.append(_parsed(path, block, first + rows))
                    rows, block = rows + len(block), []
                if rows > MAX_IMAGES:
                    raise data_error(path, f"at most {MAX_IMAGES:,} rows", "more", "Leave some of them out.")
            if block:
                blocks.append(_parsed(path, block, first + rows))
    except (DataError, FileNotFoundError):
        raise
    except Exception as error:  # a .gz may be damaged, which raises several types of error
        raise data_error(path, "a whole table", f"a damaged one ({error})", COPY_AGAIN) from error
    if not blocks:
        raise data_error(path, EXPECTED, "no rows", COPY_AGAIN)
    table = np.concatenate(blocks)
    return np.ascontiguousarray(table[:, 1:]).reshape(-1, 28, 28), table[:, 0].copy()


def _lines(path, file, limit):
    """Yield the lines without their ends, and without empty ones at the end of the file."""
    empty, taken = 0, 0
    while line := file.readline(MAX_LINE + 1):
        taken += len(line)
        if len(line) > MAX_LINE:
            raise data_error(path, EXPECTED, f"a line of more than {MAX_LINE:,} bytes", COPY_AGAIN)
        if taken > limit:
            raise ValueError(f"it would grow to more than {limit:,} bytes")
        line = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not line:
            empty += 1
            if empty > BLOCK:
                raise data_error(path, EXPECTED, f"more than {BLOCK:,} empty lines", COPY_AGAIN)
            continue
        yield from [b""] * empty
        empty = 0
        yield line


def _check_header(path, header):
    names = [name.strip(b' "').lower() for name in header.split(b",")]
    if len(names) == COLUMNS and names[0] == b"label":
        return
    if len(names) == COLUMNS - 1 and b"label" not in names:
        cure = "Kaggle's test.csv has no labels, so nothing can be learned from it: give the path of train.csv."
        raise data_error(path, EXPECTED, "784 columns and none of them called label", cure)
    found = f"a first line of {len(names)} columns, beginning with {header[:40]}"
    raise data_error(path, EXPECTED, found, "Save the table again with the labels in the first column.")


def _parsed(path, lines, first):
    """Return rows as (n, 785) uint8. first: the number of the first line in the file, counted from 1."""
    try:
        table = np.loadtxt([line.decode("ascii") for line in lines], delimiter=",", comments=None, ndmin=2)
    except ValueError:
        table = None
    values = None if table is None or table.shape[1] != COLUMNS else as_uint8(table)
    if values is not None:
        return values
    for number, line in enumerate(lines, start=first):
        _check_line(path, line, number)
    raise data_error(path, EXPECTED, f"others in lines {first} to {first + len(lines) - 1}", COPY_AGAIN)


def _check_line(path, line, number):
    """Raise DataError that names what is wrong with a line, if anything is."""
    cells = line.split(b",")
    if len(cells) != COLUMNS:
        raise data_error(path, EXPECTED, f"{len(cells)} columns in line {number}", "Correct the line, or leave it out.")
    for column, cell in enumerate(cells, start=1):
        try:
            value = float(cell)
        except ValueError:
            value = None
        if value is None or not 0 <= value <= 255 or value != int(value):
            cure = "Correct the number, or leave the line out."
            if value is not None and 0 < value < 1:
                cure = "If the pixels go from 0 to 1: multiply them by 255 and round them before you save the table."
            raise data_error(path, EXPECTED, f"{cell[:20]} in line {number}, column {column}", cure)
