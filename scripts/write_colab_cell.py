"""Write the cell for Google Colab, which scripts/colab_cell.txt holds, below the title of every chapter.

`--check` writes nothing, and names the chapters whose cell is another one.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "scripts" / "colab_cell.txt"
METADATA = {  # folded on Colab and in Jupyter, and left out of the book
    "cellView": "form",
    "jupyter": {"source_hidden": True},
    "tags": ["remove-cell"],
}


def colab_cell(chapter, source=SOURCE):
    """Return the cell as a dict in the form of a notebook file. chapter: its number, such as "05"."""
    lines = source.read_text("utf-8").rstrip("\n").splitlines(keepends=True)
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"{chapter}-colab",
        "metadata": METADATA,
        "outputs": [],
        "source": lines,
    }


def with_cell(notebook, cell):
    """Return the cells of a notebook with this cell below the title, instead of the one that is there."""
    title, *others = notebook["cells"]
    return [title, cell, *(other for other in others if other["id"] != cell["id"])]


def write(chapters, source=SOURCE, check=False):
    """Write the cell into these notebooks; return those that had another one. check: only look, write nothing."""
    changed = []
    for path in chapters:
        notebook = json.loads(path.read_text("utf-8"))
        cells = with_cell(notebook, colab_cell(path.name[:2], source))
        if cells == notebook["cells"]:
            continue
        changed.append(path)
        if not check:
            text = json.dumps(notebook | {"cells": cells}, indent=1, ensure_ascii=False)
            path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return changed


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only look; exit with 1 if a chapter has another cell")
    options = parser.parse_args()
    changed = write(sorted((ROOT / "chapters").glob("*.ipynb")), check=options.check)
    for path in changed:
        print(f"{path.relative_to(ROOT)}: {'has another cell' if options.check else 'written'}")
    if options.check and changed:
        sys.exit("Run `python scripts/write_colab_cell.py` without --check.")


if __name__ == "__main__":
    main()
