"""The check of the installation, which tells a beginner what to do."""

import sys
from importlib.metadata import PackageNotFoundError, version
from types import SimpleNamespace

import pytest

from mnist_tutorial import checks


def last_line(capsys):
    return capsys.readouterr().out.splitlines()[-1]


def test_this_installation_is_ready(capsys):
    assert checks.check_installation() is True
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Python 3.")
    assert lines[-1] == "Everything is ready."
    for name in checks.NEEDED:
        assert f"{name} {version(name)}" in lines


def test_missing_package_is_named_with_its_cure(monkeypatch, capsys):
    def without_matplotlib(name):
        if name == "matplotlib":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(checks, "version", without_matplotlib)
    assert checks.check_installation() is False
    line = last_line(capsys)
    assert line.startswith("Not ready: matplotlib is missing")
    assert f"{sys.executable} -m pip install matplotlib" in line


@pytest.mark.parametrize(("python", "ready"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_other_pythons_are_refused(python, ready, monkeypatch, capsys):
    monkeypatch.setattr(checks, "sys", SimpleNamespace(version_info=(*python, 0), executable="python"))
    assert checks.check_installation() is ready
    assert ("needs Python 3.11, 3.12 or 3.13" in last_line(capsys)) is not ready


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(ImportError("DLL load failed"), "does not start: DLL load failed"), (None, "got 5.0 as their sum, not 6")],
)
def test_tensorflow_that_does_not_work_is_noticed(trouble, told, monkeypatch, capsys):
    def import_module(name):
        if trouble:
            raise trouble
        return SimpleNamespace(ops=SimpleNamespace(ones=lambda shape: shape, sum=lambda array: 5.0))

    monkeypatch.setattr(checks, "import_module", import_module)
    assert checks.check_installation() is False
    assert told in last_line(capsys)
