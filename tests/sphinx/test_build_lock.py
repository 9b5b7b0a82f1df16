"""One build at a time, and what happens to one that was interrupted or could not write."""

import logging
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError
from tiny_book import ROOT

from book_sphinx import build_lock

WAITING = "Another build of this book is running. This one waits for it (Ctrl-C ends it)."
BUILD = """
import sys
from book_sphinx.build_lock import acquire_build_lock

lock = acquire_build_lock(sys.argv[1])
print("building", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a process which holds the lock until its input is closed."""
    processes = []

    def begin():
        process = subprocess.Popen(
            [sys.executable, "-c", BUILD, tmp_path],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
    for process in processes:
        with process:  # closes its pipes and waits for it
            pass


@pytest.mark.parametrize("how", ["comes to its end", "is killed"])
def test_a_second_build_says_that_it_waits_and_begins_when_the_first_ends(start, how):
    first = start()
    assert first.stdout.readline() == "building\n"
    second = start()
    assert second.stdout.readline() == f"{WAITING}\n"
    if how == "is killed":
        first.kill()
    else:
        first.stdin.close()
    assert second.stdout.readline() == "building\n"
    third = start()
    assert third.stdout.readline() == f"{WAITING}\n"


# --- the mark of a build that has not come to its end


@pytest.fixture
def app(tmp_path):
    return SimpleNamespace(outdir=tmp_path / "html", write_errors=build_lock.WriteErrors())


ENV = SimpleNamespace(found_docs={"index", "digits", "sums"})


def test_an_interrupted_build_has_every_page_made_again(app, capsys):
    assert build_lock.mark_unfinished(app, ENV, set(), {"sums"}, set()) == []
    assert capsys.readouterr().out == ""
    assert build_lock.mark_unfinished(app, ENV, set(), {"sums"}, set()) == ["digits", "index", "sums"]
    assert capsys.readouterr().out == "The last build was interrupted: every page is made again.\n"
    assert build_lock.mark_unfinished(app, ENV, {"sums"}, {"index", "digits"}, set()) == []  # they are anyway
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", [None, ValueError("no")])
def test_only_a_build_without_an_error_takes_its_mark_away(app, error):
    build_lock.mark_unfinished(app, ENV, set(), set(), set())
    build_lock.remove_mark(app, error)
    again = build_lock.mark_unfinished(app, ENV, set(), set(), set())
    assert bool(again) == (error is not None)


def test_each_output_folder_has_a_mark_of_its_own(app, tmp_path):
    plain = SimpleNamespace(outdir=tmp_path / "plain")
    build_lock.mark_unfinished(app, ENV, set(), set(), set())
    assert build_lock.mark_unfinished(plain, ENV, set(), set(), set()) == []  # the other build's mark is not its own
    build_lock.remove_mark(plain, None)
    assert build_lock.mark_unfinished(app, ENV, set(), set(), set()) == sorted(ENV.found_docs)


def test_what_could_not_be_written_fails_the_build(app):
    logger = logging.Logger("a test's own")
    logger.addHandler(app.write_errors)
    logger.warning("something else: %s", "no file")
    logger.info("error reading file %s: %s", "a.html", OSError(28, "No space left on device"))
    build_lock.fail_on_write_errors(app, None)
    logger.warning("error writing file %s: %s", "b.html", OSError(28, "No space left on device"))
    build_lock.fail_on_write_errors(app, ValueError("said already"))
    with pytest.raises(ExtensionError) as caught:
        build_lock.fail_on_write_errors(app, None)
    assert str(caught.value) == (
        "Not everything could be written:\nerror writing file b.html: [Errno 28] No space left on device"
    )
