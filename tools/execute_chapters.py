"""Sphinx extension: run the chapters before the pages are read, visibly, and only when something changed.

MyST-NB would run each notebook silently while it reads it, and its cache (jupyter-cache) looks at code cells
alone. Here the chapters that the cache does not hold run first, side by side where cores allow, with a line on
which one, how far and how long; the results go into that same cache. A change in the package, in the data or in
the versions of the libraries empties it.
"""

import hashlib
import json
import os
import platform
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from sphinx.errors import ExtensionError

PACKAGE = Path(__file__).resolve().parent.parent / "mnist_tutorial"
LIBRARIES = ("tensorflow", "keras", "numpy", "scikit-learn", "matplotlib", "ipywidgets", "anywidget")


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


def _cache(app):
    """Return the cache that MyST-NB itself uses."""
    return get_cache(app.config.nb_execution_cache_path or Path(app.outdir).parent / ".jupyter_cache")


def forget_stale_results(app):
    """Empty the cache when what the chapters depend on has changed; return what changed."""
    record = Path(app.outdir).parent / "chapters-ran-with.json"
    now = fingerprint(app.config.mnist_data_source)
    before = json.loads(record.read_text("utf-8")) if record.exists() else {}
    changed = [name for name in now if now[name] != before.get(name)]
    if changed:
        _cache(app).clear_cache()
        unfinished = record.with_suffix(".part")
        unfinished.write_text(json.dumps(now, indent=1), "utf-8")
        os.replace(unfinished, record)
    return changed if before else []


def chapters_to_run(app, cache):
    """Return the notebooks of the book, in reading order, whose results the cache does not hold."""
    waiting = {}
    for docname in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(docname))
        if path.suffix == ".ipynb":
            notebook = nbformat.read(path, as_version=4)
            try:
                cache.match_cache_notebook(notebook)
            except KeyError:
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
    cache = _cache(app)
    waiting = chapters_to_run(app, cache)
    if not waiting:
        return
    # The steps of the tutorial grow heavier from first to last: start with the heaviest.
    order = list(reversed(waiting))
    workers = min(len(order), os.cpu_count() or 1)
    print(f"Chapters to run: {len(order)}, {workers} at a time.", flush=True)
    progress = Progress(len(order))
    failures = []
    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(_run, *waiting[name], name, app.config, progress): name for name in order}
        try:
            for future in as_completed(futures):
                name, result = futures[future], future.result()
                if result.err is not None:
                    failures.append(f"{name} stopped with an error.\n\n{result.err}")
                    continue
                path, notebook = waiting[name]
                cache.cache_notebook_bundle(
                    CacheBundleIn(notebook, str(path), data={"execution_seconds": result.time}),
                    check_validity=False,
                    overwrite=True,
                )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if failures:
        raise ExtensionError("\n\n".join(failures) + "\n\nThe book was not built.")


def _run(path, notebook, name, config, progress):
    progress.begin(name, len(notebook.cells))
    result = single_nb_execution(
        notebook,
        cwd=str(path.parent),
        timeout=config.nb_execution_timeout,
        allow_errors=False,
        extra_arguments=["--log-level=ERROR"],  # the kernel's remarks on how it talks are not for a reader
        on_cell_start=lambda cell, cell_index: progress.step(name, cell_index),
    )
    progress.end(name, "done" if result.err is None else "failed")
    return result


def outdated_pages(app, env, added, changed, removed):
    """Tell Sphinx to read again every notebook whose results are about to be made anew."""
    reasons = forget_stale_results(app)
    if reasons:
        print(f"Changed since the chapters last ran: {', '.join(reasons)}.", flush=True)
    return list(chapters_to_run(app, _cache(app)))


def setup(app):
    app.add_config_value("mnist_data_source", "", "", [str])
    app.connect("env-get-outdated", outdated_pages)
    app.connect("env-before-read-docs", run_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
