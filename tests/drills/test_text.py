"""Letters and line ends as other computers have them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".js", ".css", ".toml", ".json"}
# What the pages get from the package's files, and what a reader's answers are compared with.
GIVEN = """
import json
from mnist_tutorial import reference
from mnist_tutorial.exercises import bank
from mnist_tutorial.widgets import bundle
names = sorted(path.parent.name for path in bundle.FOLDER.glob("*/__init__.py"))
print(json.dumps({
    "from": str(bundle.FOLDER),
    "scripts": {name: bundle.page_script(name) for name in names} | {"host": bundle.host_script()},
    "styles": {name: bundle.style_sheet(bundle.FOLDER / name) for name in names},
    "questions": {path.stem: bank.of_chapter(path.stem) for path in sorted(bank.FOLDER.glob("*.toml"))},
    "records": [reference.load_record(), reference.load_ladder(), reference.load_repeats()],
}))
"""


def given(folder):
    """Return what the package in a folder gives to the pages."""
    result = subprocess.run(
        [sys.executable, "-c", GIVEN],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    content = json.loads(result.stdout)
    assert Path(content.pop("from")).is_relative_to(folder)
    return content


def test_windows_line_endings_change_nothing_that_the_package_gives(tmp_path):
    copy = shutil.copytree(ROOT / "mnist_tutorial", tmp_path / "mnist_tutorial")
    changed = 0
    for path in copy.rglob("*"):
        if path.suffix in TEXT:
            content = path.read_bytes()
            path.write_bytes(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            changed += path.read_bytes() != content
    assert changed > 50
    assert given(tmp_path) == given(ROOT)


def test_a_checkout_on_windows_has_plain_line_ends(tmp_path):
    """Where git makes Windows' line ends of all text, shells would not run the scripts, and checksums would be off."""
    git = ["git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    if subprocess.run([*git, "rev-parse"], cwd=ROOT, capture_output=True, check=False).returncode != 0:
        pytest.skip("not a git checkout")
    subprocess.run([*git, "init", "-q", tmp_path / "windows"], check=True)
    # The files as they are now, committed or not, put into a checkout of their own.
    listed = subprocess.run(
        [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.*", ".ci/run", ".binder/postBuild"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    for name in names:
        target = tmp_path / "windows" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    folder = tmp_path / "windows"
    subprocess.run([*git, "add", "--all", "--force"], cwd=folder, check=True, capture_output=True)
    for name in names:
        if name != ".gitattributes":
            (folder / name).unlink()
    subprocess.run([*git, "checkout", "--", "."], cwd=folder, check=True)
    assert {".ci/run", ".binder/postBuild", "mnist_tutorial/reference/epochs.json"} <= set(names)
    assert [name for name in names if (folder / name).read_bytes() != (ROOT / name).read_bytes()] == []


def test_every_file_is_opened_with_a_known_encoding():
    """What a computer takes for a text's letters, when nobody says, depends on the computer."""
    folders = ["mnist_tutorial", "book_sphinx", "site_checks", "scripts", "benchmarks", "chapters", "conftest.py"]
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--preview", "--select", "PLW1514", *folders]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout
