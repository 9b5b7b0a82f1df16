"""What the run of a chapter said, and what a probe found in its kernel, for the tests that look into it.

`pytest --nbmake` runs each chapter. Where tests/chapters/probes/ has a file of the chapter's name, its function
`probe` is called in the same kernel after the last cell, with the chapter's names as attributes; what it returns,
numbers and arrays of them, is stored beside what the chapter said. The probe leaves no trace in the notebook.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import nbformat
import numpy as np
import pytest
from filelock import FileLock
from nbclient import NotebookClient
from nbmake import nb_run

from book_sphinx.execution import Results
from mnist_tutorial import data
from mnist_tutorial.reference.records import write_text

ROOT = Path(__file__).resolve().parents[2]
PROBES = ROOT / "tests" / "chapters" / "probes"
RUNS = ROOT / "_build" / "chapter-runs"
AS_STARTED = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
IN_KERNEL = """
def run_probe(path, target):
    import json, runpy, sys, traceback
    from pathlib import Path
    from types import SimpleNamespace

    own = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "mnist_tutorial"}
    content = {"modules": [name for name, module in own.items() if getattr(module, "__file__", None)]}
    try:
        if path:
            content["found"] = runpy.run_path(path)["probe"](SimpleNamespace(**globals()))
    except Exception:
        content["error"] = traceback.format_exc()
    Path(target).write_text(json.dumps(content, default=lambda array: array.tolist()), "utf-8")
"""


def probe_of(path):
    """Return the probe of a chapter, or None."""
    probe = PROBES / f"{path.stem}.py"
    return probe if probe.is_file() else None


@contextmanager
def probing(path):
    """Have a probe look into the kernel of a chapter that nbmake runs; fill a dict when the block is left.

    The dict has `modules`, the package's modules that are loaded after the last cell, and, where the chapter has a
    probe, `found` or `error`. It stays empty when the chapter does not come to its end.
    """
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "found.json")
        call = f"run_probe({str(probe_of(path) or '')!r}, {str(target)!r})"

        class Client(NotebookClient):
            async def async_execute_cell(self, cell, cell_index, **options):
                executed = await super().async_execute_cell(cell, cell_index, **options)
                if not any(one.cell_type == "code" for one in self.nb.cells[cell_index + 1 :]):
                    await self.kc.execute_interactive(f"{IN_KERNEL}\n{call}", silent=True, output_hook=lambda _: None)
                return executed

        with mock.patch.object(nb_run, "NotebookClient", Client):
            yield found
        if target.is_file():
            found.update(json.loads(target.read_text("utf-8")))


def inputs_of(path):
    """Return what a chapter's results depend on, as the book stores it, or None where the digits cannot be read."""
    try:
        source = data.data_source()
    except (data.DataError, OSError):
        return None  # the chapter itself will say so
    return Results(ROOT / "_build", source).inputs(nbformat.read(path, as_version=4))


def stored_result(path):
    """Return a chapter with the outputs of its last run that came to its end, or None where a run is needed.

    It is needed where anything that the run depends on has changed, or where its probe has nothing on record.
    """
    if not (ROOT / "_build" / ".jupyter_cache").is_dir():
        return None  # looking into it would make one, and several processes may look at once
    try:
        results = Results(ROOT / "_build", data.data_source())
    except (data.DataError, OSError):
        return None
    notebook = nbformat.read(path, as_version=4)
    if results.changes(notebook) != [] or (probe_of(path) and stored_run(path) is None):
        return None
    return results.cache.merge_match_into_notebook(notebook)[1]


def lock_of(path):
    """Return the lock that a chapter's run holds."""
    RUNS.mkdir(parents=True, exist_ok=True)
    return FileLock(RUNS / f"{path.stem}.lock")


def store(path, notebook, inputs, found):
    """Store what a chapter's run said, and what its probe found."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    content = {
        "key": _key(path, inputs),
        "said": [one.data["text/markdown"] for one in outputs if "text/markdown" in one.get("data", {})],
        "stderr": "".join(one.text for one in outputs if one.get("name") == "stderr"),
        **found,
    }
    write_text(RUNS / f"{path.stem}.json", json.dumps(content))


def _key(path, inputs):
    """Return what makes a stored run out of date when it changes."""
    sources = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    parts = [json.dumps(sources), json.dumps(inputs["fingerprint"], sort_keys=True), probe_of(path).read_text("utf-8")]
    return [hashlib.sha256(part.encode()).hexdigest() for part in parts]


def stored_run(path):
    """Return the stored run of a chapter that has a probe, or None when there is none of its present state."""
    record, inputs = RUNS / f"{path.stem}.json", inputs_of(path)
    if inputs is None or not record.is_file():
        return None
    content = json.loads(record.read_text("utf-8"))
    return content if content["key"] == _key(path, inputs) else None


def chapter_run(number):
    """Return the run of a chapter that has a probe: what it `said`, its `stderr`, and all that its probe found.

    Lists of numbers come as arrays. A run that is under way is waited for; where there is none of the chapter's
    present state, the chapter is run as `pytest --nbmake` does. number: the beginning of its name, such as "11".
    """
    (path,) = (ROOT / "chapters").glob(f"{number}_*.ipynb")
    RUNS.mkdir(parents=True, exist_ok=True)
    with FileLock(RUNS / f"{path.stem}.wanted.lock"):
        with lock_of(path):
            content = stored_run(path)
        if content is None:
            command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbmake", path]
            with mock.patch.dict(os.environ, AS_STARTED, clear=True):
                result = subprocess.run(
                    command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False
                )
                content = stored_run(path)
            if content is None:
                pytest.fail(f"{path.name} did not run to its end.\n{result.stdout[-4000:]}", pytrace=False)
    if "error" in content:
        pytest.fail(f"The probe of {path.name} failed.\n{content['error']}", pytrace=False)
    found = {name: np.array(value) if isinstance(value, list) else value for name, value in content["found"].items()}
    return SimpleNamespace(said=content["said"], stderr=content["stderr"], **found)
