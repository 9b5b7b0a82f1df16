"""A disk that is really full: a small file system in memory, mounted for one drill, most of which a file has taken."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from tiny_book import outcome

from book_sphinx.errors import DISK_FULL, explain

ROOT = Path(__file__).resolve().parents[2]
MOUNT = ["unshare", "--map-root-user", "--mount", "sh", "-c"]  # seen by these commands alone; ends with them
SIZE = 100_000  # kB
# $0 is the folder, "$@" the command: it runs with more and more room, then with enough.
DRILL = """
mount -t tmpfs -o size={size}k tmpfs "$0" || exit 1
head -c {size}k /dev/zero > "$0/taken"
for left in {left}; do
    truncate -s $(({size} - left))k "$0/taken"
    "$@"
    echo "ended with $?. THERE IS ROOM"
done
rm "$0/taken"
exec "$@"
"""
# What the chapters' cells that write a network do, one after the other, each answered by its error.
WRITES = """
import mnist_tutorial
import json
import sys

namespace, said = {}, []
for cells in json.loads(sys.argv[1]):
    try:
        for cell in cells:
            exec(cell, namespace)
        said.append(None)
    except Exception as error:
        said.append(f"{type(error).__name__}: {error}")
print(json.dumps(said))
"""


@pytest.fixture(scope="module", autouse=True)
def mounts(tmp_path_factory):
    """Skip where nobody may mount a file system: in some containers, and where there is no Linux."""
    try:
        command = [*MOUNT, 'mount -t tmpfs tmpfs "$0"', tmp_path_factory.mktemp("mount")]
        subprocess.run(command, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {getattr(error, 'stderr', None) or error}")


def with_room(folder, *left):
    """Return the beginning of a command that runs with each of these kB left in an empty folder, then with enough."""
    folder.mkdir()
    return [*MOUNT, DRILL.format(size=SIZE, left=" ".join(map(str, left))), folder]


def test_a_book_is_built_after_all_once_there_is_room(make_book):
    book = make_book()
    # What finds no room first: the chapter's result, Sphinx's record, a page.
    code, errors = outcome(book.start(before=with_room(book.folder / "_build", 16, 150, 2_000)))
    *full, room = errors.split("THERE IS ROOM")
    assert len(full) == 3
    for said_then in full:
        assert "ended with" in said_then
        assert not said_then.endswith("ended with 0. ")
        assert DISK_FULL in said_then
        assert "Traceback" not in said_then
    assert code == 0, room


def cells_of(chapter, *signs):
    """Return the code cells of a chapter that hold certain words."""
    notebook = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", 4)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return [next(source for source in sources if sign in source) for sign in signs]


def test_a_network_that_finds_no_room_is_explained_in_plain_words_and_written_once_there_is_some(tmp_path):
    folder = tmp_path / "chapters"
    network = "from mnist_tutorial import load_reference_model\nmodel = load_reference_model()"
    cells = [
        [network, *cells_of("07_compile_fit_evaluate", "model.save(")],
        ["import tensorflow as tf", *cells_of("14_take_it_with_you", "def save_litert")],
        cells_of("14_take_it_with_you", "arrays = {", "from onnx import", "def save_onnx"),
    ]
    # It runs in the folder, of which the shell has to learn anew that something is mounted there.
    command = ["sh", "-c", 'cd "$0" && exec "$@"', folder, sys.executable, "-c", WRITES, json.dumps(cells)]
    result = subprocess.run(
        [*with_room(folder, 100), *command],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    full, room = (json.loads(line) for line in result.stdout.splitlines() if line.startswith("["))
    assert [explain(str(error)) for error in full] == [DISK_FULL] * 3, full
    assert room == [None] * 3
