"""Sphinx extension: one build at a time, recovery from an interrupted one, and errors in plain words.

Two builds in one folder would write the same pages and results: the second waits for the first. A build that was
interrupted leaves a mark, and the next one makes every page again, because Sphinx considers a page up to date that
is younger than its source. A file that could not be written fails the build, where Sphinx only warns.
"""

import logging
import sys
from pathlib import Path

from filelock import FileLock, Timeout
from sphinx.errors import ExtensionError, SphinxError

from book_sphinx.errors import error_chain, explain

LOCK = "building.lock"


def acquire_build_lock(folder):
    """Wait until no other process works in the folder of a build; return the lock, held until it is released.

    The operating system releases it at the latest when the process ends, however it ends.
    """
    lock = FileLock(Path(folder) / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("Another build of this book is running. This one waits for it (Ctrl-C ends it).", flush=True)
        lock.acquire(poll_interval=0.5)
    return lock


def hold_build_lock(app, config):
    """Wait until no other build is running, and keep others waiting until this process ends."""
    app.build_lock = acquire_build_lock(Path(app.outdir).parent)


class WriteErrors(logging.Handler):
    """Collect the files that could not be written: Sphinx warns of them and goes on."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages = []

    def emit(self, record):
        if isinstance(record.args, tuple) and any(isinstance(one, OSError) for one in record.args):
            self.messages.append(record.getMessage())


def unfinished_mark(app):
    """Return the path of the mark of an unfinished build, which each output folder has for itself."""
    output = Path(app.outdir)
    return output.with_name(f"{output.name}.unfinished")


def mark_unfinished(app, env, added, changed, removed):
    """Mark the build as unfinished; return every page when the last build left its mark."""
    mark = unfinished_mark(app)
    was_interrupted = mark.exists()
    mark.touch()
    if was_interrupted and added | changed != env.found_docs:
        print("The last build was interrupted: every page is made again.", flush=True)
        return sorted(env.found_docs)
    return []


def fail_on_write_errors(app, error):
    """Fail the build when something could not be written."""
    if error is None and app.write_errors.messages:
        raise ExtensionError("\n".join(["Not everything could be written:", *app.write_errors.messages]))


def remove_mark(app, error):
    """Mark the build as finished: everything is written."""
    if error is None:
        unfinished_mark(app).unlink(missing_ok=True)


def print_error(kind, error, trace):
    """Print an error without a traceback where Sphinx has said what is wrong, and what it means for a beginner."""
    errors = error_chain(error)
    meaning = next(filter(None, (explain(f"{type(one).__name__}: {one}") for one in errors)), None)
    if meaning is None and not any(isinstance(one, SphinxError) for one in errors):
        sys.__excepthook__(kind, error, trace)
        return
    print(error, file=sys.stderr)
    if meaning:
        print(meaning, file=sys.stderr)


def setup(app):
    sys.excepthook = print_error
    app.write_errors = WriteErrors()
    logging.getLogger("sphinx").addHandler(app.write_errors)
    app.connect("config-inited", hold_build_lock, priority=100)  # before anything is read or downloaded
    app.connect("env-get-outdated", mark_unfinished)
    app.connect("build-finished", fail_on_write_errors, priority=100)  # before anything else is made of the pages
    app.connect("build-finished", remove_mark, priority=900)  # after everything that is written then
    return {"parallel_read_safe": True, "parallel_write_safe": True}
