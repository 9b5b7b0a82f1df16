"""Running all tests again and again: which runs count together, and what is told of them."""

import json
import subprocess
import sys

import pytest
import steady

from site_checks.numbers import BANDS

TESTS = """
import pytest

@pytest.fixture
def broken():
    1 / 0

@pytest.mark.parametrize("number", [1, 2])
def test_right(number): pass
def test_wrong(): assert False
def test_never(broken): pass
@pytest.mark.skip(reason="not here")
def test_left_out(): pass
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a small repository that takes the place of the book's, with the function that commits in it."""
    monkeypatch.setattr(steady, "ROOT", tmp_path)
    monkeypatch.setattr(steady, "RECORD", tmp_path / ".steady.json")
    (tmp_path / ".gitignore").write_text("/.steady.json", "utf-8")
    (tmp_path / "chapter.ipynb").write_text("{}", "utf-8")

    def commit():
        git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
        for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "a change"]):
            subprocess.run([*git, *words], check=True)

    commit()
    return tmp_path, commit


def test_the_outcome_is_what_pytest_counts(tmp_path):
    (tmp_path / "test_some.py").write_text(TESTS, "utf-8")
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", tmp_path]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert "1 failed, 2 passed, 1 skipped, 1 error" in printed
    failed = ["test_some::test_never", "test_some::test_wrong"]
    assert steady.outcome_of(report) == {"passed": 2, "skipped": 1, "failed": failed}


def test_the_state_of_the_files_changes_with_any_file_but_the_record(checkout):
    folder, commit = checkout
    first = steady.state_of_files()
    steady.RECORD.write_text("one", "utf-8")
    assert steady.state_of_files() == first
    (folder / "chapter.ipynb").write_text('{"cells": []}', "utf-8")
    with pytest.raises(SystemExit, match=r"Commit first what you have changed[^|]*chapter\.ipynb"):
        steady.state_of_files()
    commit()
    assert steady.state_of_files() != first


def run_with(accuracy, failed=()):
    numbers = {} if failed else dict.fromkeys(BANDS, 1.0) | {"test accuracy, %": accuracy}
    run = {"begun": "2026-01-01T00:00:00+00:00", "seconds": 600, "passed": 5, "skipped": 0}
    return run | {"failed": list(failed), "numbers": numbers}


def test_it_goes_on_where_it_was_and_begins_anew_with_other_files(checkout, monkeypatch, capsys):
    folder, commit = checkout
    made = iter([run_with(98.9), run_with(99.1), run_with(99.2), run_with(99.3)])

    def run_all():
        for run in made:
            return run
        raise KeyboardInterrupt

    monkeypatch.setattr(steady, "run_all", run_all)
    monkeypatch.setattr("sys.argv", ["steady.py", "2"])
    steady.main()
    monkeypatch.setattr("sys.argv", ["steady.py", "3"])
    steady.main()
    printed = capsys.readouterr().out
    assert printed.count("Run ") == 3
    assert "| 3 | 2026-01-01T00:00:00+00:00 | 10 | 5 | 0 | none |" in printed
    assert "| test accuracy, % | 98.9 | 99.2 | " in printed
    (folder / "chapter.ipynb").write_text('{"cells": []}', "utf-8")
    commit()
    with pytest.raises(KeyboardInterrupt):
        steady.main()
    kept = json.loads(steady.RECORD.read_text("utf-8"))["runs"]
    assert [run["numbers"]["test accuracy, %"] for run in kept] == [99.3]


def test_one_run_that_failed_is_never_forgotten(checkout, monkeypatch, capsys):
    made = iter([run_with(0, failed=["tests::test_wrong"]), run_with(98.9), run_with(98.9)])
    monkeypatch.setattr(steady, "run_all", lambda: next(made))
    for count in ("2", "3"):
        monkeypatch.setattr("sys.argv", ["steady.py", count])
        with pytest.raises(SystemExit, match="Not every run passed"):
            steady.main()
    assert "| tests::test_wrong |" in capsys.readouterr().out
