"""Sphinx extension: one build at a time, a build that was cut off made good, and trouble told in plain words.

Two builds in one folder would write the same pages and results: the second waits for the first. A build that was
interrupted leaves a mark, and the next one makes every page again, because Sphinx takes a page for good that is
younger than its source. What could not be written fails the build, where Sphinx only warns.
"""

import logging
import sqlite3
import sys
import time
from pathlib import Path

from sphinx.errors import ExtensionError, SphinxError

from book_sphinx.errors import chain, explain

LOCK, MARK = "building.lock", "unfinished"


def turn(folder):
    """Wait until nothing else is at work in the folder of a build; return what keeps others out until it is closed.

    SQLite's lock is one that every system has and that nobody can leave behind: it ends with its process.
    """
    lock = sqlite3.connect(folder / LOCK, timeout=0, isolation_level=None)
    waiting = False
    while True:
        try:
            lock.execute("PRAGMA journal_mode = MEMORY")  # or a second file would stay behind
            lock.execute("BEGIN EXCLUSIVE")
            return lock
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        if not waiting:
            print("Another build of this book is running. This one waits for it (Ctrl-C ends it).", flush=True)
        waiting = True
        time.sleep(0.5)


def take_turn(app, config):
    """Wait until no other build is at work, and keep others out until this process ends."""
    app.book_lock = turn(Path(app.outdir).parent)


class Unwritten(logging.Handler):
    """Collects the files that could not be written: of them, Sphinx makes warnings, and goes on without them."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.files = []

    def emit(self, record):
        if isinstance(record.args, tuple) and any(isinstance(one, OSError) for one in record.args):
            self.files.append(record.getMessage())


def begin(app, env, added, changed, removed):
    """Mark the build as unfinished; have every page made again when the last one left its mark."""
    mark = Path(app.outdir).parent / MARK
    cut_off = mark.exists()
    mark.touch()
    if cut_off and added | changed != env.found_docs:
        print("The last build did not come to its end: every page is made again.", flush=True)
        return sorted(env.found_docs)
    return []


def complain(app, error):
    """Fail the build when something could not be written."""
    if error is None and app.unwritten.files:
        raise ExtensionError("\n".join(["Not everything could be written:", *app.unwritten.files]))


def end(app, error):
    """Take the mark away: all is written."""
    if error is None:
        (Path(app.outdir).parent / MARK).unlink(missing_ok=True)


def say_plainly(kind, error, trace):
    """Print an error without a traceback where Sphinx has said what is wrong, and what it means for a beginner."""
    errors = chain(error)
    meaning = next(filter(None, (explain(f"{type(one).__name__}: {one}") for one in errors)), None)
    if meaning is None and not any(isinstance(one, SphinxError) for one in errors):
        sys.__excepthook__(kind, error, trace)
        return
    print(error, file=sys.stderr)
    if meaning:
        print(meaning, file=sys.stderr)


def setup(app):
    sys.excepthook = say_plainly
    app.unwritten = Unwritten()
    logging.getLogger("sphinx").addHandler(app.unwritten)
    app.connect("config-inited", take_turn, priority=100)  # before anything is read or downloaded
    app.connect("env-get-outdated", begin)
    app.connect("build-finished", complain, priority=100)  # before anything else is made of the pages
    app.connect("build-finished", end, priority=900)  # after all that is written then
    return {"parallel_read_safe": True, "parallel_write_safe": True}
