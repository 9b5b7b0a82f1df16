"""What the drills share: a book that is built in seconds."""

import numpy as np
import pytest
from tiny_book import TinyBook

SUMS = ("# Adding up", "print(40 + 2)")


class ShortBook(TinyBook):
    """A tiny book built from thirty blank digits, so that no build has to load a library for the stand-in."""

    def start(self, **options):
        return super().start(**{"MNIST_TUTORIAL_DATA": str(self.folder / "few.npz")} | options)


@pytest.fixture
def make_book(tmp_path):
    """Return a function that writes a book of notebooks, by default of one, into a new folder."""

    def make(name="book", **notebooks):
        book = ShortBook.make(tmp_path / name, notebooks or {"sums": SUMS})
        arrays = {}
        for part, count in {"train": 30, "test": 20}.items():
            arrays[f"x_{part}"] = np.full((count, 28, 28), 255, np.uint8)
            arrays[f"y_{part}"] = np.zeros(count, np.uint8)
        np.savez(book.folder / "few.npz", **arrays)
        return book

    return make
