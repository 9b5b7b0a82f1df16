"""The first cell of every chapter: it does nothing here, and on a pretended Google Colab it installs the package."""

import json
import os
import shutil
import subprocess
import sysconfig
import threading
import tomllib
import venv
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
import write_colab_cell
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from chapters import CHAPTERS, cells_of, each_chapter, tags_of

ROOT = CHAPTERS[0].parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CELL = cells_of(CHAPTERS[0], "code")[0]
ON_GITHUB = "https://github.com/someone/digits/blob/class/2027/chapters/05_build_model.ipynb"
IN_DRIVE = "1xK-aBcDeFgHiJkLmNoPqRsTuVwXyZ"
# Of Colab's runtime 2026.01, the versions it published (googlecolab/backend-info) of what the package needs.
ON_COLAB = {
    "tensorflow": "2.19.0", "numpy": "2.0.2", "matplotlib": "3.10.0", "scikit-learn": "1.6.1", "pillow": "11.3.0",
    "pandas": "2.2.2", "scipy": "1.16.3", "ipywidgets": "7.7.1", "anywidget": "0.9.21",
}  # fmt: skip
MISSING_ON_COLAB = {"onnx", "onnxruntime", "ai-edge-litert"}


@each_chapter
def test_every_chapter_has_the_same_cell_before_any_other(path):
    first = cells_of(path, "code")[0]
    assert first.id == cells_of(path)[1].id, "it stands right below the title"
    assert first.source == write_colab_cell.SOURCE.read_text("utf-8").rstrip("\n"), "run scripts/write_colab_cell.py"
    assert first.metadata == CELL.metadata
    assert tags_of(first) == {"remove-cell"}  # not in the book
    assert first.metadata["jupyter"]["source_hidden"] is True  # folded in Jupyter
    assert first.metadata["cellView"] == "form"  # folded on Colab, where this line is its title
    assert first.source.startswith("# @title ")


class TestCommand:
    def test_all_chapters_are_as_it_writes_them(self):
        assert write_colab_cell.write(CHAPTERS, check=True) == []

    def test_another_cell_and_a_missing_one_are_found_and_replaced(self, tmp_path):
        changed, without, same = (Path(shutil.copy(path, tmp_path)) for path in CHAPTERS[:3])
        changed.write_text(changed.read_text("utf-8").replace("about a minute", "an hour"), "utf-8")
        notebook = json.loads(without.read_text("utf-8"))
        del notebook["cells"][1]
        without.write_text(json.dumps(notebook), "utf-8")
        before = changed.read_bytes()
        assert write_colab_cell.write([changed, without, same], check=True) == [changed, without]
        assert changed.read_bytes() == before
        assert write_colab_cell.write([changed, without, same]) == [changed, without]
        for copy, path in zip((changed, without, same), CHAPTERS[:3], strict=True):
            assert copy.read_bytes() == path.read_bytes()


class TestDependencies:
    def test_they_are_a_part_of_the_requirements(self):
        lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines())
        requirements = [Requirement(line) for line in lines if line]
        assert [Requirement(line) for line in PROJECT["dependencies"]] == requirements[: len(PROJECT["dependencies"])]

    def test_colab_has_them_or_does_not_work_with_them_itself(self):
        assert SpecifierSet(PROJECT["requires-python"]).contains("3.12.12")
        needed = {requirement.name: requirement.specifier for requirement in map(Requirement, PROJECT["dependencies"])}
        assert {name for name in needed if name not in ON_COLAB} == MISSING_ON_COLAB
        assert [name for name, version in ON_COLAB.items() if version not in needed[name]] == []


# --- a pretended Colab: its module, what its server and its page answer, a Python of its own


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Return a new Python that has the packages of this one, but not the book's."""
    folder = tmp_path_factory.mktemp("colab")
    venv.create(folder, symlinks=os.name != "nt")
    places = {name: sysconfig.get_path(name, vars={"base": str(folder)}) for name in ("scripts", "purelib")}
    packages = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    Path(places["purelib"], "packages-of-colab.pth").write_text("\n".join(packages), "utf-8")
    return Path(places["scripts"], "python"), Path(places["purelib"])


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Return a git repository that holds the package as it is now, on a branch of its own name."""
    folder = tmp_path_factory.mktemp("origin") / "digits"
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "mnist_tutorial", folder / "mnist_tutorial", ignore=without)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    git = ["git", "-C", folder, "-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for command in (["init", "-q", "-b", "class/2027"], ["add", "."], ["commit", "-q", "-m", "First"]):
        subprocess.run([*git, *command], env=environment, check=True)
    return folder


class Colab:
    """What a Colab kernel finds around it."""

    def __init__(self, folder, python):
        self.folder, self.python = folder, python
        self.path, self.metadata = f"fileId={IN_DRIVE}", {}
        module = folder / "google" / "colab"
        module.mkdir(parents=True)
        (module / "__init__.py").touch()
        (module / "_message.py").write_text(
            "import json, os\n\n"
            "def blocking_request(request_type, request='', timeout_sec=5, parent=None):\n"
            "    return {'get_ipynb': {'ipynb': {'cells': [], 'metadata': json.loads(os.environ['METADATA'])}}}"
            "[request_type]\n"
        )

    def run(self, cell=CELL.source, origin=None, imported="google.colab", **environment):
        """Run the cell as a kernel of Colab does; return the exit code, standard output and standard error."""
        colab = self

        class Sessions(BaseHTTPRequestHandler):
            def do_GET(self):
                assert self.path == "/api/sessions"
                body = json.dumps([{"id": "1", "path": colab.path, "name": "x.ipynb", "type": "notebook"}]).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = HTTPServer(("127.0.0.1", 0), Sessions)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        surroundings = {
            "PYTHONPATH": str(self.folder),
            "COLAB_JUPYTER_IP": "127.0.0.1",
            "KMP_TARGET_PORT": str(server.server_port),
            "METADATA": json.dumps(self.metadata),
            # git takes the folder for GitHub; pip builds with what is installed, and asks no other host
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{(origin or self.folder / 'nothing').as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/someone/digits",
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say yes
            "PIP_CONFIG_FILE": os.devnull,
        }
        script = f"import {imported or 'sys'}\nexec(compile({cell!r}, 'cell', 'exec'))"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PIP_"))}
        try:
            result = subprocess.run(
                [self.python[0], "-c", script],
                cwd=self.folder,
                env=clean | surroundings | environment,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            server.shutdown()
            server.server_close()
        return result.returncode, result.stdout, result.stderr


@pytest.fixture
def colab(tmp_path, python):
    yield Colab(tmp_path, python)
    shutil.rmtree(python[1] / "mnist_tutorial", ignore_errors=True)


def as_opened(address):
    """Return the path that a session has whose notebook was opened from an address: the address, encoded."""
    return f"fileId={quote(address, safe='')}"


def test_elsewhere_it_does_nothing(colab):
    colab.path = as_opened(ON_GITHUB)
    cell = (
        "import importlib.util, sys\nbefore, names = set(sys.modules), set(globals())\n"
        "sys.addaudithook(lambda event, _: event in ('subprocess.Popen', 'socket.connect') and print(event))\n"
        f"{CELL.source}\nassert set(sys.modules) == before\n"
        "assert set(globals()) - names == {'before', 'names', 'find_spec'}"
    )
    assert colab.run(cell, imported="") == (0, "", "")


class TestOnColab:
    def test_a_notebook_opened_from_github_gets_the_package_from_there(self, colab, repository):
        colab.path = as_opened(ON_GITHUB)
        code, printed, errors = colab.run(origin=repository)
        assert (code, errors) == (0, "")
        address = "git+https://github.com/someone/digits@class/2027"
        assert printed == f"Installing the book's package from {address} (about a minute) ...\n"

        installed, own = colab.python[1] / "mnist_tutorial", ROOT / "mnist_tutorial"
        files = [path.relative_to(own) for path in own.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert {path for path in files if not (installed / path).is_file()} == set()
        assert not (colab.python[1] / "tensorflow").exists()  # Colab's own was good enough
        # And again, as when a reader runs all cells once more: it is there, and nobody is asked for anything.
        assert colab.run(origin=None) == (0, "", "")

    def test_a_copy_in_drive_remembers_its_origin(self, colab):
        colab.metadata = {"colab": {"provenance": [{"file_id": IN_DRIVE}, {"file_id": ON_GITHUB, "timestamp": 1}]}}
        code, printed, errors = colab.run()
        assert code == 1
        assert "from git+https://github.com/someone/digits@class/2027 " in printed
        assert "RuntimeError: git+https://github.com/someone/digits@class/2027 could not be installed." in errors
        assert "run this cell again" in errors
        assert "does not appear to be a git repository" in errors  # what pip said

    @pytest.mark.parametrize("server", ["127.0.0.1", "nowhere.invalid"])
    def test_an_unknown_origin_is_asked_for(self, colab, server):
        code, printed, errors = colab.run(COLAB_JUPYTER_IP=server)
        assert (code, printed) == (1, "")
        assert "RuntimeError: Colab does not say which repository this notebook came from." in errors
        assert errors.endswith("\n%pip install --quiet git+https://github.com/OWNER/NAME\n")

    def test_what_colab_answers_may_change(self, colab):
        """Neither way to ask is documented; one that is gone does no harm to the other."""
        colab.path = as_opened(ON_GITHUB)
        (colab.folder / "google" / "colab" / "_message.py").write_text("def blocking_request(): pass\n")
        assert "from git+https://github.com/someone/digits@class/2027 " in colab.run()[1]
