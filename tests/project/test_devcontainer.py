"""The container that opens the chapters in Codespaces and VS Code.

Whether it fits the published schema, the workflow `audit` asks; that needs the network. Here, its parts are compared
with what they name.
"""

import json
import re
import subprocess

import pytest
import yaml
from test_project_files import BINDER, ROOT, SUPPORTED

PATH = ROOT / ".devcontainer" / "devcontainer.json"
CONTAINER = json.loads(PATH.read_text("utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
COMMANDS = [value for key, value in CONTAINER.items() if key.endswith("Command")]


def dry_run(command):
    """Return whether a command is one of make, whose targets exist."""
    program, *targets = command.split()
    if program != "make" or not targets:
        return False
    return subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_its_image_is_kept_by_tag_and_has_the_python_of_binder():
    image = re.fullmatch(r"mcr\.microsoft\.com/devcontainers/python:\d+-(3\.\d+)-[a-z]+", CONTAINER["image"])
    assert image, CONTAINER["image"]
    assert image[1] in SUPPORTED
    assert f"python-{image[1]}" == (BINDER / "runtime.txt").read_text("utf-8").strip()


def test_it_installs_by_the_projects_own_command():
    assert COMMANDS == ["make .venv/ready"]
    assert dry_run(COMMANDS[0])


@pytest.mark.parametrize("command", ["make .venv/gone", "make", "pip install tensorflow"])
def test_another_command_would_be_noticed(command):
    assert not dry_run(command)


def test_the_port_is_the_one_of_make_serve():
    port = int(re.search(r"^PORT \?= (\d+)$", MAKEFILE, re.MULTILINE)[1])
    assert CONTAINER["forwardPorts"] == [port]
    assert list(CONTAINER["portsAttributes"]) == [str(port)]


def test_vs_code_runs_chapters_with_the_python_that_make_installs_into():
    code = CONTAINER["customizations"]["vscode"]
    assert {"ms-python.python", "ms-toolsai.jupyter"} == set(code["extensions"])
    interpreter = code["settings"]["python.defaultInterpreterPath"]
    assert interpreter == "${containerWorkspaceFolder}/" + re.search(r"^RUN := (\S+) -m$", MAKEFILE, re.MULTILINE)[1]


def test_codespaces_opens_a_chapter():
    opened = CONTAINER["customizations"]["codespaces"]["openFiles"]
    assert opened
    assert all((ROOT / name).is_file() for name in opened)


def test_a_workflow_compares_it_with_the_published_schema():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "audit.yml").read_text("utf-8"))
    (command,) = [
        step["run"]
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "devcontainer.json" in step.get("run", "")
    ]
    assert "check-jsonschema --schemafile https://raw.githubusercontent.com/devcontainers/spec/" in command
    assert str(PATH.relative_to(ROOT)) in command
    assert ".devcontainer/**" in workflow[True]["push"]["paths"]  # YAML reads `on` as true
