"""Sphinx extension: run the chapters before the pages are read, visibly, and only when something changed.

MyST-NB would run each notebook silently while it reads it, and its cache (jupyter-cache) looks at code cells
alone. Here the chapters that the cache does not hold run first, side by side where cores allow, with a line on
which one, how far and how long; the results go into that same cache. A change in the package, in the data or in
the versions of the libraries empties it.
"""

import atexit
import contextlib
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.errors import ExtensionError
from sqlalchemy.exc import DatabaseError

from book_sphinx.build_lock import turn
from book_sphinx.errors import explain
from mnist_tutorial import data

PACKAGE = Path(__file__).resolve().parent.parent / "mnist_tutorial"
LIBRARIES = ("tensorflow", "keras", "numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "pillow")
LIBRARIES += ("ipywidgets", "anywidget", "onnx", "onnxruntime", "ai-edge-litert")


def fingerprint(data_source):
    """Return what the chapters' results depend on besides their own cells, as a dict of short strings."""
    return {
        "mnist_tutorial/": _digest_of_package(),
        "the data": data_source,
        "the Python version": platform.python_version(),
        "the libraries": ", ".join(f"{name} {_version(name)}" for name in LIBRARIES),
    }


def _digest_of_package():
    """Hash the files that a chapter's run can see: modules and recorded results, not scripts and styles."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and path.suffix in {".py", ".json", ".toml", ".h5", ".npz"}:
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def open_cache(folder):
    """Return the cache that MyST-NB itself uses in the folder of a build; one whose list cannot be read is emptied."""
    cache = get_cache(folder / ".jupyter_cache")
    try:
        cache.list_cache_records()
    except (RuntimeError, DatabaseError):
        cache.clear_cache()
    return cache


def forget_stale_results(folder, data_source):
    """Empty the cache when what the chapters depend on has changed; return what changed."""
    record = folder / "chapters-ran-with.json"
    now = fingerprint(data_source)
    before = json.loads(record.read_text("utf-8")) if record.exists() else {}
    changed = [name for name in now if now[name] != before.get(name)]
    if changed:
        open_cache(folder).clear_cache()
        unfinished = record.with_suffix(".part")
        unfinished.write_text(json.dumps(now, indent=1), "utf-8")
        os.replace(unfinished, record)
    return changed if before else []


def keep(cache, path, notebook, seconds):
    """Put a chapter that has run into the cache."""
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def keep_for_the_book(folder, path, notebook, seconds):
    """Put a chapter that ran under `pytest --nbmake` where the next build looks for it: it need not run twice."""
    folder.mkdir(exist_ok=True)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran is no part of the page
    with contextlib.closing(turn(folder)):
        forget_stale_results(folder, data.data_source())
        keep(open_cache(folder), path, notebook, seconds)


def chapters_to_run(app, cache):
    """Return the notebooks of the book, in reading order, whose results the cache does not hold."""
    waiting = {}
    for docname in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(docname))
        if path.suffix == ".ipynb":
            notebook = nbformat.read(path, as_version=4)
            try:
                cache.merge_match_into_notebook(notebook)
            except (KeyError, ValueError):  # none, or one that was cut off while it was written
                waiting[docname] = (path, notebook)
    return waiting


class Progress:
    """Say which chapters are running, how far they are and how long they have taken."""

    def __init__(self, total, stream=sys.stdout):
        self.total, self.stream = total, stream
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
    cache = open_cache(Path(app.outdir).parent)
    waiting = chapters_to_run(app, cache)
    if not waiting:
        return
    # The steps of the tutorial grow heavier from first to last: start with the heaviest.
    order = list(reversed(waiting))
    workers = min(len(order), os.cpu_count() or 1)
    print(f"Chapters to run: {len(order)}, {workers} at a time.", flush=True)
    _borrow_a_home()
    progress = Progress(len(order))
    runs = {name: Run(name, *waiting[name], app.config.nb_execution_timeout, progress) for name in order}
    failures = []
    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(run.to_the_end): run for run in runs.values()}
        try:
            for future in as_completed(futures):
                run, failure = futures[future], future.result()
                if failure is not None:
                    failures.append(failure)
                    continue
                keep(cache, run.path, run.notebook, run.seconds)
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            for run in runs.values():  # or leaving the block would wait until they have come to their end
                run.stop()
            if isinstance(error, KeyboardInterrupt):
                print(f"\nStopped. {progress.done} of {len(order)} chapters were done; the next build runs the others.")
            raise
    if failures:
        raise ExtensionError("\n\n".join(failures) + "\n\nThe book was not built.")


def _borrow_a_home():
    """Give the kernels a folder for their settings where the home is read-only: they would complain on the pages."""
    if not os.access(Path.home(), os.W_OK):
        borrowed = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, borrowed, ignore_errors=True)
        for name in ("MPLCONFIGDIR", "IPYTHONDIR"):
            os.environ[name] = os.environ.get(name) or borrowed


class Run:
    """One chapter in a kernel of its own."""

    def __init__(self, name, path, notebook, timeout, progress):
        self.name, self.path, self.notebook, self.progress = name, path, notebook, progress
        self.stopped, self.seconds = False, 0.0
        self.client = NotebookClient(
            notebook,
            timeout=timeout,
            record_timing=False,  # it would make another notebook of it than the one that MyST-NB looks for
            resources={"metadata": {"path": str(path.parent)}},
            extra_arguments=["--log-level=ERROR"],  # the kernel's remarks on how it talks are not for a reader
            on_cell_start=self._cell_starts,
        )

    def to_the_end(self):
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
        if not self.stopped:
            self.progress.end(self.name, "done" if failure is None else "failed")
        return failure

    def _cell_starts(self, cell, cell_index):
        if self.stopped:
            raise DeadKernelError("stopped")
        self.progress.step(self.name, cell_index)

    def stop(self):
        """End the kernel at once, from another thread; one that is only starting ends before its first cell."""
        self.stopped = True
        process = getattr(getattr(self.client.km, "provisioner", None), "process", None)
        if process is not None:
            process.kill()


def outdated_pages(app, env, added, changed, removed):
    """Tell Sphinx to read again every notebook whose results are about to be made anew."""
    folder = Path(app.outdir).parent
    reasons = forget_stale_results(folder, app.config.mnist_data_source)
    if reasons:
        print(f"Changed since the chapters last ran: {', '.join(reasons)}.", flush=True)
    return list(chapters_to_run(app, open_cache(folder)))


def setup(app):
    app.add_config_value("mnist_data_source", "", "", [str])
    app.connect("env-get-outdated", outdated_pages)
    app.connect("env-before-read-docs", run_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
