"""The numbers of the built book: those that can be nothing else, and those of which a run decides the last digits."""

import pytest

from site_checks.numbers import BANDS, number_of, outputs

EXACT = [
    ("03", "(60000, 28, 28)"),
    ("03", "(10000, 28, 28)"),
    ("03", "(60000,)"),
    ("03", "uint8"),
    ("04", "(60000, 28, 28, 1)"),
    ("04", "float32"),
    ("04", "0.0 to 1.0"),
    ("04", "(60000, 10)"),
    ("05", "555,158"),
]


@pytest.fixture(autouse=True)
def need_mnist(digits_of_book):
    if digits_of_book != "MNIST":
        pytest.skip("the book was not built from MNIST")


@pytest.mark.parametrize(("chapter", "value"), EXACT)
def test_value_is_printed(book, chapter, value):
    assert value in outputs(book, chapter)


@pytest.mark.parametrize("name", BANDS)
def test_number_lies_in_its_band(book, name):
    _, _, low, high = BANDS[name]
    assert low <= number_of(book, name) <= high
