"""What can befall a build: an interruption, no memory, a full disk, another build, a strange computer."""

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
from tiny_book import outcome

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
    """Wait until a file is there, or fail when the process that shall make it has ended."""
    while not path.exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)


def hear(process, words):
    """Wait until a build has printed words that match a regular expression."""
    heard = ""
    while not re.search(words, heard):
        piece = process.stdout.buffer.read1()  # a line may be long in coming
        assert piece, heard
        heard += piece.decode("utf-8", "replace")


def is_kernel(process):
    """Tell whether a process is a chapter's Python, and at work: one that has ended may still be listed."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "ipykernel" in str(process.cmdline())
    except psutil.NoSuchProcess:
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
        cache = book.folder / "_build" / ".jupyter_cache" / "executed"
        while not list(cache.glob("*/base.ipynb")):  # until the other chapter's result is kept
            assert build.poll() is None
            time.sleep(0.05)
        time.sleep(1)  # and what belongs to it is written down
    finally:
        os.killpg(build.pid, signal.SIGINT)
    code, said = outcome(build)
    assert code != 0
    assert "Stopped. 1 of 2 chapters were done; the next build runs the others." in said
    assert not (book.folder / "came to its end").exists()
    assert "Traceback" not in said
    end = time.monotonic() + 10
    while any(map(is_kernel, kernels)):
        assert time.monotonic() < end, "a kernel goes on"
        time.sleep(0.05)

    (book.folder / "quick").touch()
    code, said = book.build()
    assert code == 0, said
    assert "Chapters to run: 1, 1 at a time." in said
    assert "] slow in" in said
    assert "Executing notebook" not in said  # not a second time, while its page is read
    assert "done at last" in book.page("slow")
    assert ">42\n" in book.page("sums")


@posix
def test_a_kernel_killed_for_its_memory_is_explained(make_book):
    # The system does the same to a process that takes the last of its memory.
    book = make_book(hungry=("# Hungry", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))
    code, said = book.build()
    assert code != 0
    assert "hungry stopped in cell 2 of 2: its Python was ended." in said
    assert "Most likely the computer ran out of memory" in said
    assert "Close other programs" in said
    assert "Traceback" not in said


def test_two_builds_at_once_take_turns(make_book):
    book = make_book(slow=("# Slow", SLOW))
    first = book.start()
    wait_for(book.folder / "going", first)
    second = book.start()
    hear(second, "Another build of this book is running")
    assert first.poll() is None
    (book.folder / "quick").touch()
    for build in (first, second):
        code, said = outcome(build)
        assert code == 0, said
    assert "Chapters to run" not in said  # the second finds the first one's results
    assert "done at last" in book.page("slow")
    left = {path.name for path in (book.folder / "_build").iterdir()}
    assert left == {".doctrees", ".jupyter_cache", "building.lock", "chapters-ran-with.json", "html", "jupyter_execute"}


# --- the disk


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_full_disk_fails_the_build_and_leaves_no_page_cut_off(make_book):
    book = make_book()
    code, said = book.build()
    assert code == 0, said
    page = book.folder / "_build" / "html" / "index.html"
    page.unlink()
    page.symlink_to("/dev/full")
    book.edit("index.md", "Welcome", "Good morning")
    code, said = book.build()
    assert code != 0
    assert re.search(r"Not everything could be written:\n.*index\.html: \[Errno 28\] No space left on device", said)
    assert "The disk is full. Make room on it" in said
    assert "Traceback" not in said
    page.unlink()
    code, said = book.build()
    assert code == 0, said
    assert "Good morning" in book.page("index")
    assert "Chapters to run" not in said


@posix
def test_a_result_cut_off_by_a_full_disk_is_made_again(make_book):
    import resource

    book = make_book(long=("# Long", "from IPython.display import HTML\n\nHTML('<i>' + 'x' * 1_500_000 + 'y</i>')"))

    def no_large_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    code, said = outcome(book.start(options={"preexec_fn": no_large_files}))
    assert code != 0
    assert "File too large" in said
    assert "The disk is full. Make room on it" in said
    assert "Traceback" not in said
    (result,) = (book.folder / "_build" / ".jupyter_cache" / "executed").glob("*/base.ipynb")
    assert result.stat().st_size == 1_000_000  # so the drill is one: it was cut off in the middle
    code, said = book.build()
    assert code == 0, said
    assert "xxy</i>" in book.page("long")


@posix
def test_a_build_killed_while_it_writes_leaves_no_old_page_behind(make_book):
    size = "import os\n\nprint('bytes:', os.path.getsize(os.environ['MNIST_TUTORIAL_DATA']))"
    book = make_book(early=("# Early", size), late=("# Late", size))
    code, said = book.build()
    assert code == 0, said
    data = book.folder / "few.npz"
    before = data.stat().st_size
    arrays = dict(np.load(data))
    np.savez(data, **arrays | {"x_train": arrays["x_train"][:29], "y_train": arrays["y_train"][:29]})
    after = data.stat().st_size
    page = book.folder / "_build" / "html" / "early.html"
    page.unlink()
    os.mkfifo(page)  # the build stops here until somebody reads what it writes
    build = book.start()
    hear(build, r"writing output\.\.\. .*33%")
    build.kill()
    build.communicate()
    page.unlink()
    assert f"bytes: {before}\n" in book.page("late")  # so the drill is one: the results are new, the page is old
    code, said = book.build()
    assert code == 0, said
    assert "The last build did not come to its end: every page is made again." in said
    assert "Chapters to run" not in said
    for name in ("early", "late"):
        assert f"bytes: {after}\n" in book.page(name)


@posix
@pytest.mark.parametrize("built", [False, True], ids=["never built", "built before"])
def test_a_folder_that_cannot_be_written_to_is_named(built, make_book):
    book = make_book()
    if built:
        code, said = book.build()
        assert code == 0, said
    subprocess.run(["chmod", "-R", "a-w", book.folder], check=True)
    try:
        code, said = outcome(book.start(before=as_an_ordinary_user()))
    finally:
        subprocess.run(["chmod", "-R", "u+w", book.folder], check=True)
    assert code != 0
    assert f"Permission denied: '{book.folder}" in said
    assert said.rstrip().splitlines()[-1].startswith("The file or folder named above cannot be written to. Copy the")
    assert "Traceback" not in said


@posix
def test_a_home_that_cannot_be_written_to_leaves_no_trace_on_the_pages(make_book, tmp_path):
    book = make_book(draws=("# Draws", "import matplotlib\n\nprint(bool(matplotlib.get_configdir()))"))
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    others = dict.fromkeys(("MPLCONFIGDIR", "IPYTHONDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), "")
    code, said = outcome(book.start(before=as_an_ordinary_user(), HOME=str(home), **others))
    assert code == 0, said
    assert "not a writable" not in said
    assert ">True\n" in book.page("draws")


# --- a strange computer


def test_a_folder_with_spaces_and_foreign_letters_and_windows_line_endings(make_book):
    book = make_book("Übungen für Zoë/手書き 1")
    for path in book.folder.rglob("*"):
        if path.suffix in {".yml", ".md", ".ipynb", ".bib", ".css"}:
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    code, said = book.build()
    assert code == 0, said
    assert ">42\n" in book.page("sums")
    assert "<mfrac>" in book.page("index")
    code, said = book.build()
    assert code == 0, said
    assert "Chapters to run" not in said


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
    asked = [sys.executable, "-c", "import codecs, sys; print(codecs.lookup(sys.stdout.encoding).name)"]
    found = subprocess.run(asked, env=os.environ | surroundings, capture_output=True, text=True, check=True).stdout
    assert found.strip() == codec  # so the drill is one
    for path in book.folder.rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    for _ in range(2):
        code, said = book.build(**surroundings)
        assert code == 0, said
        assert "größer als π: ▄▀ 七" in book.page("letters")
        assert ">Größe<" in book.page("letters")
    assert "Chapters to run" not in said
    book.edit("index.md", "Welcome", "Good morning")  # with the clock's own time, which is before all others
    code, said = book.build(**surroundings)
    assert code == 0, said
    assert "Good morning" in book.page("index")
