"""Running the chapters: what runs again and what does not, tried on a tiny book."""

import io
import os
import re
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from jupyter_cache import get_cache
from tiny_book import ROOT, TinyBook

from book_sphinx import execution


def test_first_build_says_what_runs_and_shows_the_results(tiny_book):
    book, said = tiny_book
    assert "Chapters to run: 2" in said
    assert re.search(r"running (digits|sums) \(cell \d of 2\)", said)
    for name in ("digits", "sums"):
        assert re.search(rf"done \[[12]/2\] {name} in \d+ s", said)
    assert "(1437, 28, 28)" in book.page("digits")
    assert ">42\n" in book.page("sums")
    for name in ("digits", "sums"):  # the results stand on the pages, never in the sources
        for cell in nbformat.read(book.folder / f"{name}.ipynb", as_version=4).cells:
            assert cell.get("outputs", []) == []


def test_second_build_runs_nothing_even_when_prose_has_changed(tiny_book):
    book, _ = tiny_book
    book.edit("index.md", "Welcome", "Good morning")
    book.edit("sums.ipynb", "Adding up", "Counting")
    code, said = book.build()
    assert code == 0, said
    assert not re.search(r"Chapters to run|Changed since", said)
    assert "Good morning" in book.page("index")
    assert "Counting" in book.page("sums")
    assert ">42\n" in book.page("sums")


def test_other_data_runs_everything_again(tiny_book, tmp_path):
    archive = tmp_path / "few.npz"
    arrays = {}
    for part, count in {"train": 30, "test": 20}.items():
        arrays[f"x_{part}"] = np.full((count, 28, 28), 255, np.uint8)
        arrays[f"y_{part}"] = np.zeros(count, np.uint8)
    np.savez(archive, **arrays)
    book = tiny_book[0].copy(tmp_path / "book")
    code, said = book.build(MNIST_TUTORIAL_DATA=str(archive))
    assert code == 0, said
    assert "Changed since the chapters last ran: the data." in said
    assert "Chapters to run: 2" in said
    assert "(30, 28, 28)" in book.page("digits")
    assert "other images than MNIST" in book.page("index")


def test_an_error_in_a_cell_stops_the_build_and_keeps_the_other_results(tiny_book, tmp_path):
    book = tiny_book[0].copy(tmp_path / "book")
    book.edit("digits.ipynb", "print(X_train.shape)", "print(X_train.shape, 1 / 0)")
    book.edit("sums.ipynb", "40 + 2", "40 + 3")
    code, said = book.build()
    assert code != 0
    assert "failed [" in said
    assert "digits stopped with an error" in said
    assert "ZeroDivisionError: division by zero" in said
    assert "The book was not built." in said
    cache = get_cache(book.folder / "_build" / ".jupyter_cache")
    cache.match_cache_notebook(nbformat.read(book.folder / "sums.ipynb", as_version=4))
    with pytest.raises(KeyError):
        cache.match_cache_notebook(nbformat.read(book.folder / "digits.ipynb", as_version=4))


def test_what_chapters_said_under_nbmake_is_what_the_book_shows(tmp_path):
    book = TinyBook.make(
        tmp_path / "book",
        {"chapters/sums": ("# Adding up", "print(40 + 2)"), "chapters/quotients": ("# Dividing", "print(1 / 0)")},
    )
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, book.folder)
    for name in ("book_sphinx", "mnist_tutorial"):
        shutil.copytree(ROOT / name, book.folder / name)
    command = [sys.executable, "-m", "pytest", "--nbmake", "chapters"]
    environment = os.environ | {"MNIST_TUTORIAL_DATA": "stand-in"}
    result = subprocess.run(command, cwd=book.folder, env=environment, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in result.stdout
    book.edit("chapters/quotients.ipynb", "1 / 0", "1 / 4")
    code, said = book.build()
    assert code == 0, said
    assert "Chapters to run: 1" in said
    assert "done [1/1] chapters/quotients" in said
    assert not re.search("Changed since|Executing notebook", said)
    assert ">42\n" in book.page("chapters/sums")
    assert ">0.25\n" in book.page("chapters/quotients")


# --- what the results depend on


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a folder that stands for the package, with a file of each kind that it may hold."""
    matter = ("data.py", "widgets/pad.py", "widgets/pad.toml", "reference/runs.json", "reference/network.weights.h5")
    for name in matter:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("first")
    for name in ("widgets/pad.js", "widgets/pad.css"):
        (tmp_path / name).write_text("first")
    monkeypatch.setattr(execution, "PACKAGE", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("data.py", True),
        ("widgets/pad.py", True),
        ("reference/runs.json", True),
        ("reference/network.weights.h5", True),
        ("widgets/pad.toml", True),
        ("widgets/pad.js", False),
        ("widgets/pad.css", False),
    ],
)
def test_fingerprint_follows_the_packages_files(package, name, matters):
    before = execution.fingerprint("stand-in")
    assert execution.fingerprint("stand-in") == before
    (package / name).write_text("second")
    changed = {what for what, value in execution.fingerprint("stand-in").items() if value != before[what]}
    assert changed == ({"mnist_tutorial/"} if matters else set())


def test_fingerprint_sees_a_renamed_and_a_new_file(package):
    seen = {str(execution.fingerprint("stand-in"))}
    (package / "data.py").rename(package / "digits.py")
    seen.add(str(execution.fingerprint("stand-in")))
    (package / "empty.py").touch()
    seen.add(str(execution.fingerprint("stand-in")))
    assert len(seen) == 3


def test_fingerprint_follows_data_and_versions(package, monkeypatch):
    before = execution.fingerprint("stand-in")
    assert execution.fingerprint("sha256:123")["the data"] != before["the data"]
    version = execution.version
    for library in ("tensorflow", "keras", "numpy"):
        changes = {library: "99.0"}
        monkeypatch.setattr(execution, "version", lambda name, new=changes: new.get(name) or version(name))
        assert execution.fingerprint("stand-in")["the libraries"] != before["the libraries"]
    monkeypatch.setattr(execution.platform, "python_version", lambda: "3.99.0")
    assert execution.fingerprint("stand-in")["the Python version"] != before["the Python version"]


# --- the lines on how far it is


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_names_what_runs_and_what_is_done():
    log = io.StringIO()
    progress = execution.Progress(2, log)
    progress.begin("one", 10)
    progress.begin("two", 5)
    progress.end("one", "done")
    progress.end("two", "failed")
    lines = log.getvalue().splitlines()
    assert "running one (cell 0 of 10), two (cell 0 of 5)" in lines[1]
    assert re.fullmatch(r"  done \[1/2\] one in \d+ s", lines[2])
    assert re.fullmatch(r"  failed \[2/2\] two in \d+ s", lines[3])


def test_progress_is_rewritten_in_a_terminal_and_rare_in_a_log():
    for stream, count in ((io.StringIO(), 1), (Terminal(), 11)):
        progress = execution.Progress(1, stream)
        progress.begin("one", 10)
        for cell in range(10):
            progress.step("one", cell)
        assert stream.getvalue().count("running one") == count
    assert "\n" not in stream.getvalue()
    assert "(cell 10 of 10)" in stream.getvalue()
