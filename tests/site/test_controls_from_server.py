"""Every control of every widget is used by touch in the book as it is built, opened from a server.

Mouse and keyboard are tried from the disk, in a file of its own.
"""

import pytest
from visits import PIECES, WIDGETS, check_every_control_does_something


@pytest.mark.parametrize("name", [*WIDGETS, *PIECES])
def test_every_control_does_something_by_touch(at_widget, name):
    check_every_control_does_something(at_widget("http", name, True), name, "touch")
