"""Tests and chapters start in folders of their own, where a relative path to the data would lead elsewhere.

Where a chapter fails because the computer has no memory, disk space or permission left, its report says so. What a
chapter's run made is stored for the book and for the tests that look into it: each chapter runs once for all of them.
With `--reuse-chapter-results`, which `make test` gives, this holds for a build of the book before the tests as well.
"""

import gc
import os
import time
from pathlib import Path

import pytest
from nbmake import pytest_items
from nbmake.nb_result import NotebookResult

ROOT = Path(__file__).resolve().parent

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as importing mnist_tutorial does; tests often load NumPy first
if os.environ.get("MNIST_TUTORIAL_DATA") not in (None, "", "stand-in"):
    os.environ["MNIST_TUTORIAL_DATA"] = str(Path(os.environ["MNIST_TUTORIAL_DATA"]).expanduser().absolute())


def pytest_addoption(parser):
    """Add the option of `make test`."""
    parser.addoption(
        "--reuse-chapter-results",
        action="store_true",
        help="do not run a chapter again whose results are stored and of its present state, by the book's own rule",
    )


@pytest.hookimpl(optionalhook=True)  # pytest-xdist is there for `make test`, not where only chapters run
def pytest_xdist_auto_num_workers(config):
    """Take one process more than there are cores: tests in a browser often wait. Each may need 1.5 GB of memory."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_configure(config):
    """Pass the option on to the runs of chapters, and collect tests without looking for garbage.

    Python would look through TensorFlow again and again, for a third of the time; nothing of it is ever garbage.
    """
    ChapterRun.reuses_results = config.getoption("--reuse-chapter-results")
    gc.disable()


def pytest_collection_finish():
    """Look for garbage from now on, but not in what is there already."""
    gc.freeze()
    gc.enable()


class ChapterRun(pytest_items.NotebookRun):
    """A run under `pytest --nbmake`; what one of the book's chapters makes is stored for the book and other tests."""

    reuses_results = False

    def execute(self):
        """Run the notebook; return what nbmake makes of it."""
        path = self.filename.resolve()
        is_chapter = path.parent == ROOT / "chapters" and os.access(ROOT, os.W_OK)
        return self._execute_chapter(path) if is_chapter else super().execute()

    def _execute_chapter(self, path):
        from chapter_runs import inputs_of, lock_of, probe_of, probing, store, stored_result

        from book_sphinx.execution import DATA, store_test_run
        from mnist_tutorial import data

        with lock_of(path):
            if self.reuses_results and (notebook := stored_result(path)):
                return NotebookResult(notebook, error=None)
            started, inputs = time.monotonic(), inputs_of(path)  # as they are before the run
            with probing(path) as found:
                result = super().execute()
            if result.error is None and inputs is not None and not self.find_import_errors and not self.kernel:
                unforeseen = unforeseen_modules(found["modules"], inputs["fingerprint"])
                inputs["fingerprint"][DATA] = data.data_source()  # the run may have downloaded them
                assert not unforeseen, f"{path.name} imports {unforeseen}, which book_sphinx/dependencies.py overlooks"
                store_test_run(ROOT / "_build", path, result.nb, time.monotonic() - started, inputs)
                if probe_of(path):
                    store(path, result.nb, inputs, found)
        return result


pytest_items.NotebookRun = ChapterRun


def unforeseen_modules(names, fingerprint):
    """Return those of the package's loaded modules that a chapter's fingerprint does not hold."""
    places = {name: name.replace(".", "/") for name in names}
    return [name for name, place in places.items() if not {f"{place}.py", f"{place}/__init__.py"} & {*fingerprint}]


def pytest_collection_modifyitems(items):
    """Put the chapters first, the last and longest of them at the start, and what reads their results at the end.

    So the book and the tests that look into chapters find these results, and no process waits while there is other
    work.
    """
    by_file = {}
    for item in items:
        by_file.setdefault(item.path, []).append(item)

    def place(path):
        chapter = any(getattr(item, "nbmake", False) for item in by_file[path])
        fixtures = {name for item in by_file[path] for name in getattr(item, "fixturenames", ())}
        return not chapter, "book" in fixtures, "chapter" in fixtures, -len(by_file[path])

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
        if meaning := explain(f"{type(problem).__name__}: {getattr(error, 'trace', problem)}"):
            cell = next((one.locals["cell"] for one in reversed(call.excinfo.traceback) if "cell" in one.locals), None)
            begins = cell.source.strip().partition("\n")[0] if cell else None
            where = f"It happened in the cell that begins with `{begins}`. " if begins else ""
            report.sections.append(("In plain words", where + meaning))
    return report
