"""The package as a whole: cheap to import, and its modules import downwards only."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "mnist_tutorial"
MODULES = {path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in PACKAGE.rglob("*.py")}
HEAVY = {"tensorflow", "keras", "sklearn", "scipy", "pandas", "torch", "jax"}


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


@pytest.mark.parametrize("name", MODULES)
def test_module_needs_neither_the_book_nor_tensorflow_to_be_loaded(name):
    book = {"chapters", "tests", "scripts", "book_sphinx", "site_checks", "benchmarks", "conftest"}
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
