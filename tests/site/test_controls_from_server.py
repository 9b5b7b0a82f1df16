"""Every control of every widget is used once more in the book as it is built, opened from a server.

The tests of each widget compare what it shows with Python's own results. Disk and server have files of their own, so
that two processes can share the work.
"""

import pytest
from visits import PIECES, WIDGETS, check_every_control_does_something


@pytest.mark.parametrize("method", ["mouse", "keyboard", "touch"])
@pytest.mark.parametrize("name", WIDGETS)
def test_every_control_does_something_in_the_book(at_widget, name, method):
    check_every_control_does_something(at_widget("http", name, method == "touch"), name, method)


@pytest.mark.parametrize("name", PIECES)
def test_every_control_of_every_piece_does_something_by_touch(at_widget, name):
    check_every_control_does_something(at_widget("http", name, True), name, "touch")
