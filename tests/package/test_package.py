"""The package as a whole: cheap to import, and its modules import downwards only."""

import ast
import json
import os
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


@pytest.mark.parametrize(("own", "expected"), [({}, {1}), ({"OPENBLAS_NUM_THREADS": "2"}, {1, 2})])
def test_numpy_computes_on_one_core_unless_the_reader_asks_for_more(own, expected):
    """Other libraries than OpenBLAS, such as that of Macs, keep to their own rules."""
    script = """
import json, mnist_tutorial, numpy, threadpoolctl
found = threadpoolctl.threadpool_info()
print(json.dumps([one["num_threads"] for one in found if one["internal_api"] == "openblas"]))"""
    clean = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    result = subprocess.run([sys.executable, "-c", script], env=clean | own, capture_output=True, check=True)
    assert set(json.loads(result.stdout)) <= expected
