"""The package as a whole: cheap to import, and its modules import downwards only."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "mnist_tutorial"
MODULES = {path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in PACKAGE.rglob("*.py")}
HEAVY = {"tensorflow", "keras", "sklearn", "scipy", "pandas", "torch", "jax"}
# The lower floors: what each of these modules may import from the package. Those not named stand above them.
MAY_USE = {
    "quiet": set(),
    "data": set(),
    "processing": set(),
    "measurements": set(),
    "pictures": set(),
    "handwriting": {"pictures"},
    "drawings": set(),
    "evaluation": set(),
    "model": set(),
    "questions": set(),
    "checks": {"questions"},
    "notebook": {"data"},
    "training": {"model", "processing"},
    "graph": set(),
    "plots": {"data", "evaluation", "graph"},
}


def imports_of(path, module_level=False):
    """Return the full names of all that a file imports, or only of what it imports as it is loaded."""
    tree = ast.parse(path.read_text("utf-8"))
    names = set()
    for node in tree.body if module_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: name the package in full"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def uses(name):
    """Return the modules and folders of the package that one of its modules imports."""
    own = {full.split(".")[1] for full in imports_of(MODULES[name]) if full.startswith("mnist_tutorial.")}
    return own - {name.split("/")[0]}


@pytest.mark.parametrize("name", MAY_USE)
def test_module_imports_downwards_only(name):
    assert uses(name) <= MAY_USE[name]


def test_modules_do_not_import_each_other_in_circles():
    graph = {}
    for name in MODULES:
        if name != "__init__":
            graph.setdefault(name.split("/")[0], set()).update(uses(name))
    while free := {name for name, needed in graph.items() if not needed & set(graph)}:
        graph = {name: needed for name, needed in graph.items() if name not in free}
    assert graph == {}


@pytest.mark.parametrize("name", MODULES)
def test_module_needs_neither_the_book_nor_tensorflow_to_be_loaded(name):
    book = {"chapters", "tests", "tools", "benchmarks", "conftest"}
    assert not book & {full.split(".")[0] for full in imports_of(MODULES[name])}
    assert not HEAVY & {full.split(".")[0] for full in imports_of(MODULES[name], module_level=True)}


def test_import_loads_little():
    """That is what makes it quick: none of the libraries that take long to load comes with it."""
    script = "import json, sys, mnist_tutorial; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert not (HEAVY | {"numpy", "matplotlib", "PIL"}) & set(json.loads(result.stdout))


def test_every_module_says_what_it_is():
    for name, path in MODULES.items():
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), name
