"""What Binder makes of this checkout, by repo2docker's own reading. `make binder` runs the steps themselves."""

import os
import subprocess
import sys

import build_as_binder
import pytest
from build_as_binder import BuildError
from packaging.requirements import Requirement
from test_project_files import BINDER, FOR_TESTS, SUPPORTED, lines_of

ROOT = build_as_binder.ROOT


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    build_as_binder.copy_checkout(folder)
    return build_as_binder.read(folder)


def test_the_files_of_binder_are_the_ones_that_are_read(plan):
    assert plan.pack == "PythonBuildPack"
    assert f"python-{plan.python}" == (BINDER / "runtime.txt").read_text("utf-8").strip()
    assert plan.python in SUPPORTED
    assert plan.post_build == [".binder/postBuild"]


def test_everything_is_installed_by_one_step_with_the_whole_checkout_there(plan):
    assert plan.steps == ['${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r ".binder/requirements.txt"']


def test_notebook_is_replaced_together_with_jupyterlab(plan):
    """The image has a version of each; ours would replace JupyterLab alone, and Notebook needs the one it fits."""
    assert {"jupyterlab", "notebook"} <= {Requirement(line).name for line in plan.base}
    ours = [Requirement(line) for line in lines_of(BINDER / "requirements.txt") if not line.startswith("-")]
    assert ours == [one for one in FOR_TESTS if one.name == "notebook"]  # so that constraints.txt also pins it


def test_the_requirements_fit_together_and_their_paths_are_right():
    """pip resolves them with what is installed here, and without asking anybody."""
    environment = os.environ | {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_CONFIG_FILE": os.devnull}
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "-r", ".binder/requirements.txt"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Would install mnist-tutorial-" in result.stdout


class TestReading:
    def test_a_folder_that_python_does_not_build_is_refused(self, tmp_path):
        (tmp_path / "Dockerfile").write_text("FROM scratch\n")
        with pytest.raises(BuildError, match="DockerBuildPack; PythonBuildPack was expected"):
            build_as_binder.read(tmp_path)

    def test_a_failing_step_stops_the_build_and_is_named(self, tmp_path, capfd):
        build_as_binder.run("echo $HOME", tmp_path, {"HOME": "here"})
        assert capfd.readouterr().out.startswith("$ echo $HOME\nhere\n")
        with pytest.raises(BuildError, match="exit code 7: exit 7"):
            build_as_binder.run("exit 7", tmp_path, {})
