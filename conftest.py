"""Tests and chapters start in folders of their own, where a relative path to the data would lead elsewhere.

Where a chapter fails because the computer has no memory, disk or right to write left, its report says so. What a
chapter's run made is kept for the book: whoever tests the chapters and builds the book runs each of them once.
"""

import os
import time
from pathlib import Path

import pytest
from nbmake import pytest_items

ROOT = Path(__file__).resolve().parent

if os.environ.get("MNIST_TUTORIAL_DATA") not in (None, "", "stand-in"):
    os.environ["MNIST_TUTORIAL_DATA"] = str(Path(os.environ["MNIST_TUTORIAL_DATA"]).expanduser().absolute())


class RunForTheBook(pytest_items.NotebookRun):
    """A run under `pytest --nbmake`; where it is one of the book's chapters, and whole, the next build finds it."""

    def execute(self):
        """Run the notebook; return what nbmake makes of it."""
        started = time.monotonic()
        result = super().execute()
        path = self.filename.resolve()
        whole = result.error is None and not self.find_import_errors and not self.kernel
        if whole and path.parent == ROOT / "chapters" and os.access(ROOT, os.W_OK):
            from book_sphinx.execution import keep_for_the_book

            keep_for_the_book(ROOT / "_build", path, result.nb, time.monotonic() - started)
        return result


pytest_items.NotebookRun = RunForTheBook


def pytest_collection_modifyitems(items):
    """Put the chapters first, the last and longest of them at the start, and at the end the tests that read the book.

    So the book finds the chapters' results, and no process waits for it while there is other work.
    """
    by_file = {}
    for item in items:
        by_file.setdefault(item.path, []).append(item)

    def place(path):
        chapter = any(getattr(item, "nbmake", False) for item in by_file[path])
        reads_the_book = any("book" in getattr(item, "fixturenames", ()) for item in by_file[path])
        return not chapter, reads_the_book, -len(by_file[path])

    chapters_backwards = sorted(by_file, reverse=True)
    items[:] = [item for path in sorted(chapters_backwards, key=place) for item in by_file[path]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add to the report of a chapter that failed what its error means, where that is about the computer."""
    report = yield
    if call.excinfo is not None and getattr(item, "nbmake", False):
        from book_sphinx.errors import explain

        problem = call.excinfo.value
        error = getattr(problem.args[0], "error", None) if problem.args else None  # of a cell, as nbmake keeps it
        if said := explain(f"{type(problem).__name__}: {getattr(error, 'trace', problem)}"):
            cell = next((one.locals["cell"] for one in reversed(call.excinfo.traceback) if "cell" in one.locals), None)
            begins = cell.source.strip().partition("\n")[0] if cell else None
            where = f"It happened in the cell that begins with `{begins}`. " if begins else ""
            report.sections.append(("In plain words", where + said))
    return report
