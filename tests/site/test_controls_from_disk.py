"""Every control of every widget is used once more in the book as it is built, opened from the disk.

The tests of each widget compare what it shows with Python's own results. Mouse and keyboard are tried here and touch
from a server: so each way is tried, and each place. Disk and server have files of their own, so that two processes can
share the work.
"""

import re

import pytest
from visits import PAGE_WITH, PIECES, WIDGETS, check_every_control_does_something, widget_on

from site_checks.operating import load_anew, without_effect

DEAD = """for (const type of ["click", "keydown", "keyup", "input", "change"]) addEventListener(type, (event) => {
    if (event.target.closest("[data-control^='NAME']")) event.stopImmediatePropagation()
}, true)"""


@pytest.mark.parametrize("method", ["mouse", "keyboard"])
@pytest.mark.parametrize("name", [*WIDGETS, *PIECES])
def test_every_control_does_something_in_the_book(at_widget, name, method):
    check_every_control_does_something(at_widget("file", name, False), name, method)


@pytest.mark.parametrize(
    ("name", "dead", "method"),
    [
        ("digit_pad", "range Pen width", "mouse"),
        ("sample_inspector", "button next", "keyboard"),
        ("training_scrubber", "range Step", "keyboard"),
        ("training_scrubber", "range Step", "mouse"),
    ],
)
def test_a_control_that_does_nothing_is_found(open_page, name, dead, method):
    """Even where the network comes a second late, and its answer with it: that must not count for the control."""

    def spoil(page):
        page.add_init_script(DEAD.replace("NAME", dead))
        page.route(re.compile("weights.js"), lambda route: page.wait_for_timeout(1000) or route.continue_())

    page = open_page("file", PAGE_WITH[name], spoil)
    idle, _ = without_effect(page, widget_on(page, name), method, load_anew)  # so that the network comes late again
    assert [one.startswith(dead) for one in idle] == [True]
