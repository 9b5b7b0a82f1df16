"""Misspellings, and words and phrases that the text does not use: each is found wherever a reader meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "tests" / "project" / "words_to_avoid.txt").read_text("utf-8").splitlines()
TO_AVOID = dict(line.split("->") for line in LINES)
MISSPELT = "exm" + "aple"  # in two pieces, or this file would contain it


def found_in(folder):
    """Return codespell's exit code and its lines about a folder, with the settings of pyproject.toml."""
    settings = ["--toml", str(ROOT / "pyproject.toml")]
    folder = "." if folder == ROOT else str(folder)
    command = [sys.executable, "-m", "codespell_lib", *settings, folder]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert not result.stderr
    return result.returncode, result.stdout.splitlines()


def test_the_book_has_none():
    assert found_in(ROOT) == (0, [])


@pytest.mark.parametrize("name", ["page.md", "chapter.ipynb", "questions.toml", "widget.py", "widget.js"])
def test_each_is_found(tmp_path, name):
    sentences = [f"A unit {phrase.removeprefix(', ')} it." for phrase in TO_AVOID if not phrase.startswith(",")]
    sentences += [f"So does ReLU{phrase}." for phrase in TO_AVOID if phrase.startswith(",")]
    sentences += ["It is a good " + MISSPELT + "."]
    text = json.dumps([f"{sentence}\n" for sentence in sentences], indent=1)
    (tmp_path / name).write_text(text if name.endswith(".ipynb") else "\n".join(sentences), "utf-8")
    code, lines = found_in(tmp_path)
    assert code != 0
    assert sorted(line.split(": ")[1].split(" ==> ")[0] for line in lines) == sorted([*TO_AVOID, MISSPELT])


def test_each_is_found_at_the_start_of_a_sentence(tmp_path):
    sentences = [f"{phrase.capitalize()} it." for phrase in TO_AVOID if not phrase.startswith(",")]
    (tmp_path / "page.md").write_text("\n".join(sentences), "utf-8")
    _, lines = found_in(tmp_path)
    found = [line.split(": ")[1].split(" ==> ")[0].lower() for line in lines]
    assert sorted(found) == sorted(phrase for phrase in TO_AVOID if not phrase.startswith(","))


def test_what_only_looks_like_one_is_not_found(tmp_path):
    (tmp_path / "page.md").write_text("The rate is 1, too high for it. This depends on a chance image.\n", "utf-8")
    assert found_in(tmp_path) == (0, [])
