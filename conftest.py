"""Tests and chapters start in folders of their own, where a relative path to the data would lead elsewhere.

And where a chapter fails because the computer has no memory, disk or right to write left, its report says so.
"""

import os
import sys
from pathlib import Path

import pytest

if os.environ.get("MNIST_TUTORIAL_DATA") not in (None, "", "stand-in"):
    os.environ["MNIST_TUTORIAL_DATA"] = str(Path(os.environ["MNIST_TUTORIAL_DATA"]).expanduser().absolute())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add to the report of a chapter that failed what its error means, where that is about the computer."""
    report = yield
    if call.excinfo is not None and getattr(item, "nbmake", False):
        sys.path.insert(0, str(Path(__file__).parent / "tools"))
        from plain_words import explain

        problem = call.excinfo.value
        error = getattr(problem.args[0], "error", None) if problem.args else None  # of a cell, as nbmake keeps it
        if said := explain(f"{type(problem).__name__}: {getattr(error, 'trace', problem)}"):
            cell = next((one.locals["cell"] for one in reversed(call.excinfo.traceback) if "cell" in one.locals), None)
            begins = cell.source.strip().partition("\n")[0] if cell else None
            where = f"It happened in the cell that begins with `{begins}`. " if begins else ""
            report.sections.append(("In plain words", where + said))
    return report
