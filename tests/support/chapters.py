"""The chapters, as tests read and run them."""

import re
from pathlib import Path

import nbformat
import pytest

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))
INDEX = CHAPTERS[0].parents[1] / "index.md"
NOT_PROSE = re.compile(r"```.*?```|\$\$.*?\$\$", re.DOTALL)
LIST_ITEM = re.compile(r"[ \t]*([-*]|\d+\.)\s.*")
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def cells_of(path, kind=None):
    return [cell for cell in nbformat.read(path, as_version=4).cells if kind in (None, cell.cell_type)]


def tags_of(cell):
    return set(cell.metadata.get("tags", []))


def text_of(path):
    if path.suffix == ".md":
        return path.read_text("utf-8")
    return "\n\n".join(cell.source for cell in cells_of(path, "markdown"))


def run_cells(number, until=""):
    """Run a chapter's code cells up to the first one that holds `until`; return their namespace."""
    (path,) = [path for path in CHAPTERS if path.name.startswith(number)]
    namespace = {"__name__": "__main__"}
    for cell in cells_of(path, "code"):
        exec(compile(cell.source, f"{path.name}, cell {cell.id}", "exec"), namespace)
        if until and until in cell.source:
            return namespace
    assert not until, f"no cell of {path.name} holds {until!r}"
    return namespace
