"""What the drills share: a book that is built in seconds."""

import numpy as np
import pytest
from tiny_book import TinyBook

SUMS = ("# Adding up", "print(40 + 2)")


class ShortBook(TinyBook):
    """A tiny book built from thirty blank digits, so that no build has to load a library for the stand-in."""

    def start(self, **options):
        return super().start(**{"MNIST_TUTORIAL_DATA": str(self.folder / "few.npz")} | options)


def write_short_book(folder, notebooks):
    book = ShortBook.make(folder, notebooks)
    arrays = {}
    for part, count in {"train": 30, "test": 20}.items():
        arrays[f"x_{part}"] = np.full((count, 28, 28), 255, np.uint8)
        arrays[f"y_{part}"] = np.zeros(count, np.uint8)
    np.savez(book.folder / "few.npz", **arrays)
    return book


@pytest.fixture
def make_book(tmp_path):
    """Return a function that writes a book of notebooks, by default of one, into a new folder."""

    def make(name="book", **notebooks):
        return write_short_book(tmp_path / name, notebooks or {"sums": SUMS})

    return make


@pytest.fixture(scope="session")
def short_book_once_built(tmp_path_factory):
    book = write_short_book(tmp_path_factory.mktemp("short") / "book", {"sums": SUMS})
    code, printed = book.build()
    assert code == 0, printed
    return book


@pytest.fixture
def built_book(short_book_once_built, tmp_path):
    """Return a copy of a book of one notebook that has been built."""
    return ShortBook(short_book_once_built.copy(tmp_path / "book").folder)
