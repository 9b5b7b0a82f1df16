"""`make book` on computers that lack something: the Makefile's real rules, with a Python that only takes notes."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from test_builds import as_an_ordinary_user

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no make: README.md says what to do there")
INSTALLED_BY = ("requirements.txt", "constraints.txt", "pyproject.toml")
# It answers questions as a Python of another version, makes an environment of itself, and notes what it is asked.
FAKE = """#!/bin/sh
echo "$(basename "$0") $*" >> "$NOTES"
case "$*" in
    -c*) exec '{python}' -c "import sys; sys.version_info = {version}; $2" ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp "$0" .venv/bin/jupyter-book ;;
    *"pip install"*) exit $PIP ;;
esac
"""


class Checkout:
    def __init__(self, folder):
        self.folder, self.notes = folder, folder.parent / "notes"
        folder.mkdir(parents=True)
        for name in ("Makefile", *INSTALLED_BY):
            shutil.copy(ROOT / name, folder)

    def python(self, *version):
        """Write a Python of this version; return its path, in a folder with a space in its name."""
        path = self.folder.parent / "my programs" / f"python{version[0]}.{version[1]}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(FAKE.format(python=sys.executable, version=version), "utf-8")
        path.chmod(0o755)
        return path

    def make(self, *words, before=(), pip=0, **environment):
        """Run make; return its exit code, what it printed, and the notes of what it called."""
        self.notes.write_text("")
        result = subprocess.run(
            [*before, "make", *words],
            cwd=self.folder,
            env=os.environ | {"NOTES": str(self.notes), "PIP": str(pip), "MAKEFLAGS": ""} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return result.returncode, result.stdout, self.notes.read_text("utf-8").splitlines()


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "Bücher von Zoë" / "the book")


def test_it_installs_once_and_builds_in_a_folder_with_spaces_and_foreign_letters(checkout):
    python = checkout.python(3, 12, 1)
    code, printed, notes = checkout.make("book", f"PYTHON={python}")
    assert code == 0, printed
    install = "python -m pip install --quiet --disable-pip-version-check --only-binary :all: -c constraints.txt"
    assert notes[1:] == [
        "python3.12 -m venv .venv",
        f"{install} -e . -r requirements.txt",
        "jupyter-book build . --quiet",
    ]
    code, printed, notes = checkout.make("book", f"PYTHON={python}")
    assert code == 0, printed
    assert notes == ["jupyter-book build . --quiet"]


@pytest.mark.parametrize("day", [-86_400 * 20_000, 86_400], ids=["1971", "tomorrow"])
def test_what_files_say_counts_and_not_what_the_clock_says(day, checkout):
    python = checkout.python(3, 11, 9)
    checkout.make("book", f"PYTHON={python}")
    ready = (checkout.folder / ".venv" / "ready").stat().st_mtime
    for name in INSTALLED_BY:
        os.utime(checkout.folder / name, (max(ready + day, 40_000_000),) * 2)
    _, _, notes = checkout.make("book", f"PYTHON={python}")
    assert notes == ["jupyter-book build . --quiet"]
    with (checkout.folder / "constraints.txt").open("a") as file:
        file.write("another==1\n")
    os.utime(checkout.folder / "constraints.txt", (max(ready + day, 40_000_000),) * 2)
    _, _, notes = checkout.make("book", f"PYTHON={python}")
    assert any("pip install" in note for note in notes)


@pytest.mark.parametrize("version", [(3, 9, 18), (3, 10, 4), (3, 14, 0), (3, 15, 0)])
def test_a_python_too_old_or_too_new_is_named_before_anything_is_installed(version, checkout):
    python = checkout.python(*version)
    code, printed, notes = checkout.make("book", f"PYTHON={python}")
    assert code != 0
    assert f"This book needs Python 3.11, 3.12 or 3.13, and {python} is none of them." in printed
    assert [note for note in notes if " -c " not in note] == []
    assert not (checkout.folder / ".venv").exists()


def test_a_computer_without_any_fitting_python_says_so(checkout):
    tools = checkout.folder.parent / "tools"
    tools.mkdir()
    for name in ("make", "sh", "cat", "cmp", "test", "echo"):
        (tools / name).symlink_to(shutil.which(name))
    shutil.copy(checkout.python(3, 9, 18), tools / "python3")
    code, printed, _ = checkout.make("book", PATH=str(tools))
    assert code != 0
    assert "needs Python 3.11, 3.12 or 3.13, and none of them was found. Install one" in printed
    assert not (checkout.folder / ".venv").exists()


def test_what_could_not_be_installed_is_explained_and_tried_again(checkout):
    python = checkout.python(3, 13, 0)
    code, printed, notes = checkout.make("book", f"PYTHON={python}", pip=1)
    assert code != 0
    assert "The packages are not installed" in printed
    assert "no ready-made package for this computer, or that it has no network" in printed
    assert not any("jupyter-book" in note for note in notes)
    code, printed, notes = checkout.make("book", f"PYTHON={python}")
    assert code == 0, printed
    assert any("pip install" in note for note in notes)


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_is_installed(checkout):
    python = checkout.python(3, 12, 1)
    checkout.folder.chmod(0o555)
    try:
        code, printed, notes = checkout.make("book", f"PYTHON={python}", before=as_an_ordinary_user())
    finally:
        checkout.folder.chmod(0o755)
    assert code != 0
    assert "This folder cannot be written to. Copy it to a place of your own" in printed
    assert [note for note in notes if " -c " not in note] == []


def test_pip_alone_names_the_python_it_needs_too(tmp_path):
    """Without make, pip does, and installs nothing (older ones may complain first of a package that is missing)."""
    for name in INSTALLED_BY:
        shutil.copy(ROOT / name, tmp_path)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    other = project["requires-python"].replace(">=3.11", f">=3.{sys.version_info.minor + 1}")
    text = (tmp_path / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(text.replace(project["requires-python"], other), "utf-8")
    (tmp_path / "requirements.txt").write_text("pip\n", "utf-8")
    (tmp_path / "README.md").touch()
    (tmp_path / "mnist_tutorial").mkdir()
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    line = next(one for one in lines if one.startswith(".venv/bin/python -m pip install"))
    words = line.replace('"', "").split()[3:]
    command = [sys.executable, "-m", "pip", *words, "--dry-run", "--no-build-isolation", "--no-index"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "requires a different Python" in result.stderr
    assert "No matching distribution" not in result.stderr
