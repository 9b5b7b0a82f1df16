"""What can happen to a build: an interruption, another build, a full disk, missing permissions, a strange computer."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from filelock import FileLock, Timeout
from tiny_book import ROOT, outcome

from book_sphinx.build_lock import LOCK, acquire_build_lock
from book_sphinx.execution import Results
from mnist_tutorial import data

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals, rights and devices")
SLOW = """
import time
from pathlib import Path

Path("going").touch()
for _ in range(900):
    if not Path("quick").exists():
        time.sleep(0.1)
Path("came to its end").touch()
print("done at last")
"""


def as_an_ordinary_user():
    """Return what makes a command heed the rights of files: root, as in a container, could write everywhere."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root can write everywhere, and there is no setpriv to take that right away")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def wait_for(path, process):
    """Wait until a file is there, or fail when the process that should make it has ended."""
    while not path.exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)


def wait_for_words(process, words):
    """Wait until a build has printed words that match a regular expression."""
    printed = ""
    while not re.search(words, printed):
        piece = process.stdout.buffer.read1()  # a line may be long in coming
        assert piece, printed
        printed += piece.decode("utf-8", "replace")


def is_kernel(process):
    """Tell whether a process is a chapter's Python, and at work: one that has ended may still be listed."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "ipykernel" in str(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def is_whole(path):
    """Tell whether a notebook has been written to its end."""
    try:
        return bool(json.loads(path.read_text("utf-8")))
    except ValueError:
        return False


@posix
def test_ctrl_c_ends_a_build_at_once_and_the_next_one_goes_on_from_there(make_book):
    book = make_book(slow=("# Slow", SLOW), sums=("# Adding up", "print(40 + 2)"))
    # A group of its own, that heeds Ctrl-C, as a terminal gives it: a script's background jobs do not.
    heeding = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.default_int_handler)}
    build = book.start(options={"start_new_session": True, **heeding})
    try:
        wait_for(book.folder / "going", build)
        children = psutil.Process(build.pid).children(recursive=True)
        kernels = [one for one in children if is_kernel(one)]
        assert kernels
        lock = FileLock(book.folder / "_build" / LOCK)
        with pytest.raises(Timeout):
            lock.acquire(timeout=0)
        cache = book.folder / "_build" / ".jupyter_cache" / "executed"
        while not any(map(is_whole, cache.glob("*/base.ipynb"))):  # until the other chapter's result is stored
            assert build.poll() is None
            time.sleep(0.05)
    finally:
        os.killpg(build.pid, signal.SIGINT)
    code, printed = outcome(build)
    assert code != 0
    assert "Stopped. 1 of 2 chapters were done; the next build runs the others." in printed
    assert not (book.folder / "came to its end").exists()
    assert "Traceback" not in printed
    end = time.monotonic() + 10
    while any(map(is_kernel, kernels)):
        assert time.monotonic() < end, "a kernel goes on"
        time.sleep(0.05)

    (book.folder / "quick").touch()
    code, printed = book.build()
    assert code == 0, printed
    assert "Another build" not in printed
    assert "Chapters to run: 1, 1 at a time." in printed
    assert "] slow in" in printed
    assert "Executing notebook" not in printed  # not a second time, while its page is read
    assert "done at last" in book.page("slow")
    assert ">42\n" in book.page("sums")


def test_a_build_waits_for_another_one(built_book):
    lock = acquire_build_lock(built_book.folder / "_build")
    build = built_book.start()
    wait_for_words(build, "Another build of this book is running")
    assert build.poll() is None
    lock.release()
    code, printed = outcome(build)
    assert code == 0, printed
    assert "Chapters to run" not in printed  # it finds the results of the one before
    left = {path.name for path in (built_book.folder / "_build").iterdir()}
    assert left == {".doctrees", ".jupyter_cache", "building.lock", "html", "jupyter_execute"}


# --- the disk


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_full_disk_fails_the_build_and_leaves_no_page_cut_off(built_book):
    page = built_book.folder / "_build" / "html" / "index.html"
    page.unlink()
    page.symlink_to("/dev/full")
    built_book.edit("index.md", "Welcome", "Good morning")
    code, printed = built_book.build()
    assert code != 0
    assert re.search(r"Not everything could be written:\n.*index\.html: \[Errno 28\] No space left on device", printed)
    assert "The disk is full. Make room on it" in printed
    assert "Traceback" not in printed
    page.unlink()
    code, printed = built_book.build()
    assert code == 0, printed
    assert "Good morning" in built_book.page("index")
    assert "Chapters to run" not in printed


@posix
def test_a_build_killed_while_it_writes_leaves_no_old_page_behind(built_book):
    digits = built_book.folder / "few.npz"
    built_book.edit("index.md", "Welcome", "Good morning")
    arrays = dict(np.load(digits))
    np.savez(digits, **arrays | {"x_train": arrays["x_train"][:29], "y_train": arrays["y_train"][:29]})
    size = "import os\\nprint('bytes:', os.path.getsize(os.environ['MNIST_TUTORIAL_DATA']))"
    built_book.edit("sums.ipynb", "print(40 + 2)", size)
    page = built_book.folder / "_build" / "html" / "index.html"
    page.unlink()
    os.mkfifo(page)  # the build stops here until somebody reads what it writes
    build = built_book.start()
    wait_for_words(build, r"writing output\.\.\. .*50%")
    build.kill()
    build.communicate()
    page.unlink()
    assert ">42\n" in built_book.page("sums")  # so the drill is one: the result is new, the page is old
    code, printed = built_book.build()
    assert code == 0, printed
    assert "The last build was interrupted: every page is made again." in printed
    assert "Chapters to run" not in printed
    assert "Good morning" in built_book.page("index")
    assert f"bytes: {digits.stat().st_size}\n" in built_book.page("sums")


@posix
@pytest.mark.parametrize("built", [False, True], ids=["never built", "built before"])
def test_a_folder_that_cannot_be_written_to_is_named(built, make_book, request):
    book = request.getfixturevalue("built_book") if built else make_book()
    subprocess.run(["chmod", "-R", "a-w", book.folder], check=True)
    try:
        code, printed = outcome(book.start(before=as_an_ordinary_user()))
    finally:
        subprocess.run(["chmod", "-R", "u+w", book.folder], check=True)
    assert code != 0
    assert f"Permission denied: '{book.folder}" in printed
    assert printed.rstrip().splitlines()[-1].startswith("The file or folder named above cannot be written to. Copy the")
    assert "Traceback" not in printed


@posix
def test_a_home_that_cannot_be_written_to_leaves_no_trace_in_the_results(make_book, tmp_path):
    book = make_book(draws=("# Draws", "import matplotlib\n\nprint(bool(matplotlib.get_configdir()))"))
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    script = "import pathlib, sys, tiny_book\ntiny_book.TinyBook(pathlib.Path(sys.argv[1])).run_chapters()"
    others = dict.fromkeys(("MPLCONFIGDIR", "IPYTHONDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), "")
    found = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support"), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [*as_an_ordinary_user(), sys.executable, "-c", script, book.folder],
        env=os.environ | others | {"HOME": str(home), "PYTHONPATH": found},
        check=True,
    )
    assert book.stored_outputs("draws") == "True\n"


# --- a strange computer


def test_a_folder_with_spaces_and_foreign_letters_and_windows_line_endings(make_book):
    book = make_book("Übungen für Zoë/手書き 1")
    for path in book.folder.rglob("*"):
        if path.suffix in {".yml", ".md", ".ipynb", ".bib", ".css"}:
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    code, printed = book.build()
    assert code == 0, printed
    assert ">42\n" in book.page("sums")
    assert "<mfrac>" in book.page("index")
    assert (
        Results(book.folder / "_build", data.data_source(book.folder / "few.npz")).changes(book.notebook("sums")) == []
    )


@pytest.fixture
def latin(tmp_path):
    """Make a German locale with the letters of ISO 8859-1; return the variables that choose it."""
    if not shutil.which("localedef"):
        pytest.skip("there is no localedef to make another locale")
    name = "de_DE.ISO-8859-1"
    subprocess.run(["localedef", "-i", "de_DE", "-f", "ISO-8859-1", tmp_path / name], check=True)
    return {"LOCPATH": str(tmp_path), "LC_ALL": name}


@posix
@pytest.mark.parametrize("codec", ["ascii", "iso8859-1"])
def test_an_output_of_few_letters_and_files_from_the_future(codec, make_book, request):
    """As on a computer whose language is set to none, or to one of old, and whose clock was set back."""
    book = make_book(letters=("# Größe", "print('größer als π: ▄▀ 七')"))
    tomorrow = time.time() + 86_400
    surroundings = {"LC_ALL": "C"} if codec == "ascii" else request.getfixturevalue("latin")
    surroundings |= {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    command = [sys.executable, "-c", "import codecs, sys; print(codecs.lookup(sys.stdout.encoding).name)"]
    found = subprocess.run(command, env=os.environ | surroundings, capture_output=True, text=True, check=True).stdout
    assert found.strip() == codec  # so the drill is one
    for path in book.folder.rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    code, printed = book.build(**surroundings)
    assert code == 0, printed
    assert "größer als π: ▄▀ 七" in book.page("letters")
    assert ">Größe<" in book.page("letters")
    if codec != "ascii":  # what is newer than what does not depend on the letters
        return
    book.edit("index.md", "Welcome", "Good morning")  # with the clock's own time, which is before all others
    code, printed = book.build(**surroundings)
    assert code == 0, printed
    assert "Chapters to run" not in printed
    assert "Good morning" in book.page("index")
    assert "größer als π: ▄▀ 七" in book.page("letters")
