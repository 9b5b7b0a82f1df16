"""The book's EPUB, from the results that its pages were made of."""

import os
import re
import subprocess
import sysconfig
import zipfile
from pathlib import Path

import nbformat

from site_checks.epub_check import problems

ROOT = Path(__file__).resolve().parents[2]


def test_the_epub_has_no_faults_and_every_answer(book):
    command = Path(sysconfig.get_path("scripts"), "jupyter-book")
    options = ["--builder", "custom", "--custom-builder", "epub", "-n", "-W", "--keep-going"]
    built = subprocess.run(
        [command, "build", ".", *options], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Chapters to run" not in built.stdout
    (path,) = (ROOT / "_build").glob("*.epub")
    assert problems(path) == []
    cells = [
        cell
        for notebook in sorted((ROOT / "chapters").glob("*.ipynb"))
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code"
    ]
    solutions = sum("hide-cell" in cell.metadata.get("tags", ()) for cell in cells)
    quizzes = sum(bool(re.search(r"^Quiz\(", cell.source, re.MULTILINE)) for cell in cells)
    with zipfile.ZipFile(path) as archive:
        answers = archive.read("solutions.xhtml").decode()
        emblems = [
            name
            for name in archive.namelist()
            if '<p class="book-emblem"><svg ' in archive.read(name).decode("utf-8", "replace")
        ]
    assert len(emblems) == len(list((ROOT / "chapters").glob("*.ipynb")))
    assert answers.count(">Exercise ") == solutions > 40
    assert answers.count(">Answers to the questions<") == quizzes > 10
