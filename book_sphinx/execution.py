"""Sphinx extension: run the chapters before the pages are read, visibly, and only when something changed.

MyST-NB would run each notebook silently while it reads it, and its cache (jupyter-cache) looks only at the code cells.
Here the chapters whose results are missing or out of date run first, side by side where cores allow, with a line on
which one is running, how far it is and how long it has taken; the results go into that same cache. With each result
stands what it was made with: the package's files that the chapter reaches, the data, the versions of Python and of the
libraries. When one of these changes, the chapters that depend on it run again, and no others.
"""

import atexit
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.errors import ExtensionError
from sqlalchemy.exc import DatabaseError

from book_sphinx.build_lock import acquire_build_lock
from book_sphinx.dependencies import Package
from book_sphinx.errors import explain
from book_sphinx.quizzes import Questions, render_quiz
from mnist_tutorial import data

PACKAGE = Path(__file__).resolve().parent.parent / "mnist_tutorial"
LIBRARIES = ("tensorflow", "keras", "numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "pillow")
LIBRARIES += ("ipywidgets", "anywidget", "onnx", "onnxruntime", "ai-edge-litert")
DATA = "the data"  # in a fingerprint
RESULTS_KEPT = 100  # those of earlier states of the chapters too: undoing a change takes no new run


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


class Results:
    """The chapters' results in the folder of a build, each with what it was made with.

    data_source: what `mnist_tutorial.data.data_source` returns. package: the folder of what the chapters import, by
    default that of `mnist_tutorial`.
    """

    def __init__(self, folder, data_source, package=None):
        self.folder = Path(folder)
        self.surroundings = {
            DATA: data_source,
            "the Python version": platform.python_version(),
            "the libraries": ", ".join(f"{name} {_version(name)}" for name in LIBRARIES),
        }
        package = Path(package or PACKAGE)
        self.package, self.questions = Package(package), Questions(package / "exercises" / "questions")

    @cached_property
    def cache(self):
        """The cache that MyST-NB itself uses; one whose list cannot be read is emptied."""
        cache = get_cache(self.folder / ".jupyter_cache")
        try:
            cache.list_cache_records()
        except (RuntimeError, DatabaseError):
            cache.clear_cache()
        return cache

    def fingerprint(self, notebook):
        """Return what a notebook's results depend on besides its own code cells, as a dict of short strings."""
        cells = _code_cells(notebook)
        return {
            **self.surroundings,
            **self.package.digests([cell.source for cell in cells]),
            **self.questions.digests(cells),
        }

    def inputs(self, notebook):
        """Return what is stored beside a run's results, as it is before the run."""
        quizzes = self.questions.quizzes_in(_code_cells(notebook)).values()
        rendered = {chapter: self.questions.digest(chapter) for chapter in quizzes}
        return {"fingerprint": self.fingerprint(notebook), "questions": rendered}

    def changes(self, notebook):
        """Return what has changed since a notebook ran, as a list of names, or None when it has no usable result."""
        try:
            self.cache.merge_match_into_notebook(notebook)
        except (KeyError, ValueError):  # none, or one that was cut off while it was written
            return None
        before, now = self._record(notebook).data.get("fingerprint"), self.fingerprint(notebook)
        if before is None:  # stored by another program, such as MyST-NB itself
            return None
        return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))

    def result_id(self, notebook):
        """Return a text that changes whenever another result is stored for a notebook."""
        record = self._record(notebook)
        return f"{record.hashkey} {record.created}"

    def _record(self, notebook):
        return self.cache.match_cache_notebook(notebook)

    def store(self, path, notebook, seconds, inputs):
        """Store what a run has made; inputs: as they were before it."""
        self.cache.change_cache_limit(RESULTS_KEPT)
        self._write(str(path), notebook, {"execution_seconds": seconds, **inputs})

    def _write(self, path, notebook, details):
        bundle = CacheBundleIn(notebook, path, data=details)
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)

    def render_quizzes(self, notebook):
        """Put the current questions into a stored result if they have changed; raises ValueError if they are wrong."""
        record = self._record(notebook)
        rendered = record.data.get("questions", {})
        stored = None
        for position, chapter in self.questions.quizzes_in(_code_cells(notebook)).items():
            if rendered.get(chapter) != self.questions.digest(chapter):
                stored = stored or self.cache.get_cache_bundle(record.pk).nb  # of code cells alone
                for output in stored.cells[position].outputs:
                    if "text/html" in output.get("data", {}):
                        output.data["text/html"] = render_quiz(chapter)
                rendered = rendered | {chapter: self.questions.digest(chapter)}
        if stored is not None:
            self._write(record.uri, stored, record.data | {"questions": rendered})


def _code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def store_test_run(folder, path, notebook, seconds, inputs):
    """Store a chapter that ran under `pytest --nbmake` where the next build looks for it, so that it runs only once."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran is no part of the page
    folder.mkdir(exist_ok=True)
    lock = acquire_build_lock(folder)
    try:
        Results(folder, data.data_source()).store(path, notebook, seconds, inputs)
    finally:
        lock.release()


def notebooks_of(app):
    """Return the notebooks of the book, in reading order: their paths by the names of their pages."""
    paths = {docname: Path(app.env.doc2path(docname)) for docname in sorted(app.env.found_docs)}
    return {docname: path for docname, path in paths.items() if path.suffix == ".ipynb"}


def outdated_pages(app, env, added, changed, removed):
    """Find the chapters that have to run; return the pages whose results differ from the stored ones."""
    results = Results(Path(app.outdir).parent, app.config.mnist_data_source)
    app.chapters_to_run, reasons, outdated = {}, {}, []
    shown = getattr(env, "results_shown", {})
    for docname, path in notebooks_of(app).items():
        notebook = nbformat.read(path, as_version=4)
        changes = results.changes(notebook)
        if changes is None or changes:
            app.chapters_to_run[docname] = (path, notebook)
            outdated.append(docname)
            for name in changes or ():
                reasons.setdefault(name, []).append(docname)
            continue
        try:
            results.render_quizzes(notebook)
        except ValueError as error:
            raise ExtensionError(f"{docname}: {error}") from error
        if results.result_id(notebook) != shown.get(docname):
            outdated.append(docname)
    for name, docnames in sorted(reasons.items()):
        print(f"Changed since {', '.join(docnames)} ran: {name}.", flush=True)
    return outdated


def note_results_shown(app, env):
    """Note which results the pages have been made of."""
    results = Results(Path(app.outdir).parent, app.config.mnist_data_source)
    env.results_shown = {
        docname: results.result_id(nbformat.read(path, as_version=4)) for docname, path in notebooks_of(app).items()
    }


class Progress:
    """Say which chapters are running, how far they are and how long they have taken."""

    def __init__(self, total, stream=None):
        self.total, self.stream = total, stream or sys.stdout
        self.running, self.done = {}, 0
        self.started = self.last_said = time.monotonic()
        self.lock = threading.Lock()

    def begin(self, name, cells):
        with self.lock:
            self.running[name] = (0, cells, time.monotonic())
            self._say_where_we_are()

    def step(self, name, cell):
        with self.lock:
            _, cells, since = self.running[name]
            self.running[name] = (cell + 1, cells, since)
            # A terminal can be rewritten at every cell; a log gets a line now and then.
            if self.stream.isatty() or time.monotonic() - self.last_said > 10:
                self._say_where_we_are()

    def end(self, name, outcome):
        with self.lock:
            _, _, since = self.running.pop(name)
            self.done += 1
            self._line(
                f"  {outcome} [{self.done}/{self.total}] {name} in {time.monotonic() - since:.0f} s",
                last=True,
            )

    def _say_where_we_are(self):
        parts = [f"{name} (cell {cell} of {cells})" for name, (cell, cells, _) in self.running.items()]
        self._line(f"  {time.monotonic() - self.started:4.0f} s  running {', '.join(parts)}", last=False)
        self.last_said = time.monotonic()

    def _line(self, text, last):
        in_place = self.stream.isatty()
        print(
            f"\r\033[K{text}" if in_place else text,
            end="" if in_place and not last else "\n",
            file=self.stream,
            flush=True,
        )


def run_chapters(app, env, docnames):
    """Run what has to run, and put the results where MyST-NB looks for them."""
    waiting = app.chapters_to_run
    if not waiting:
        return
    results = Results(Path(app.outdir).parent, app.config.mnist_data_source)
    inputs = {name: results.inputs(notebook) for name, (_, notebook) in waiting.items()}
    # The steps of the tutorial grow heavier from first to last: start with the heaviest.
    order = list(reversed(waiting))
    workers = min(len(order), os.cpu_count() or 1)
    print(f"Chapters to run: {len(order)}, {workers} at a time.", flush=True)
    _use_writable_config_folders()
    progress = Progress(len(order))
    runs = {name: ChapterRun(name, *waiting[name], app.config.nb_execution_timeout, progress) for name in order}
    failures = []
    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(run.execute): run for run in runs.values()}
        try:
            for future in as_completed(futures):
                run, failure = futures[future], future.result()
                if failure is not None:
                    failures.append(failure)
                    continue
                results.store(run.path, run.notebook, run.seconds, inputs[run.name])
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            for run in runs.values():  # or leaving the block would wait until they have come to their end
                run.kill()
            if isinstance(error, KeyboardInterrupt):
                print(f"\nStopped. {progress.done} of {len(order)} chapters were done; the next build runs the others.")
            raise
    if failures:
        raise ExtensionError("\n\n".join(failures) + "\n\nThe book was not built.")


def _use_writable_config_folders():
    """Give the kernels a settings folder if the home is read-only; otherwise they print warnings on the pages."""
    if not os.access(Path.home(), os.W_OK):
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for name in ("MPLCONFIGDIR", "IPYTHONDIR"):
            os.environ[name] = os.environ.get(name) or folder


class ChapterRun:
    """A chapter that runs in its own kernel."""

    def __init__(self, name, path, notebook, timeout, progress):
        self.name, self.path, self.notebook, self.progress = name, path, notebook, progress
        self.killed, self.seconds = False, 0.0
        self.client = NotebookClient(
            notebook,
            timeout=timeout,
            record_timing=False,  # it would make another notebook of it than the one that MyST-NB looks for
            resources={"metadata": {"path": str(path.parent)}},
            extra_arguments=["--log-level=ERROR"],  # the kernel's remarks on how it talks are not for a reader
            on_cell_start=self._cell_starts,
        )

    def execute(self):
        """Run all cells; return None, or what went wrong in words."""
        self.progress.begin(self.name, len(self.notebook.cells))
        started = time.monotonic()
        failure = None
        try:
            self.client.execute()
        except (CellExecutionError, CellTimeoutError) as error:
            meaning = explain(str(error))
            failure = f"{self.name} stopped with an error.\n\n{error}" + (f"\n\n{meaning}" if meaning else "")
        except DeadKernelError as error:
            cell, count, _ = self.progress.running[self.name]
            failure = f"{self.name} stopped in cell {cell} of {count}: its Python was ended. {explain(str(error))}"
        self.seconds = time.monotonic() - started
        if not self.killed:
            self.progress.end(self.name, "done" if failure is None else "failed")
        return failure

    def _cell_starts(self, cell, cell_index):
        if self.killed:
            raise DeadKernelError("stopped")
        self.progress.step(self.name, cell_index)

    def kill(self):
        """End the kernel at once, from another thread; one that is only starting ends before its first cell."""
        self.killed = True
        process = getattr(getattr(self.client.km, "provisioner", None), "process", None)
        if process is not None:
            process.kill()


def setup(app):
    app.add_config_value("mnist_data_source", "", "", [str])
    app.connect("env-get-outdated", outdated_pages)
    app.connect("env-before-read-docs", run_chapters)
    app.connect("env-updated", note_results_shown)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
