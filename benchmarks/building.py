"""Measure how long the book takes to build: python benchmarks/building.py

It builds in a copy of the checkout: from nothing, with nothing changed, after a change in one chapter's prose, after a
change in the package, and with only the first chapters, whose results are at hand. Before that, each chapter runs
alone, one after the other, so that the first build can be compared with the sum.
"""

import os
import re
import shutil
import statistics
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_cache.executors.utils import single_nb_execution

from mnist_tutorial.data import VARIABLE

ROOT = Path(__file__).resolve().parents[1]
GOALS = "In this chapter you will"
PROSE = "A sentence more."


def copy_checkout(folder):
    """Copy the files that git tracks into a folder."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def build(folder):
    """Build the book; return the seconds, and how many chapters ran."""
    started = time.perf_counter()
    command = Path(sysconfig.get_path("scripts"), "jupyter-book")
    result = subprocess.run([command, "build", ".", "--quiet"], cwd=folder, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if result.returncode:
        raise SystemExit(f"The book could not be built.\n{result.stdout}\n{result.stderr}")
    ran = re.search(r"Chapters to run: (\d+)", result.stdout)
    return seconds, int(ran[1]) if ran else 0


def alone(path):
    """Run one chapter as the book's build does; return the seconds."""
    notebook = nbformat.read(path, as_version=4)
    started = time.perf_counter()
    result = single_nb_execution(notebook, str(path.parent), 1200, False, extra_arguments=["--log-level=ERROR"])
    if result.err is not None:
        raise SystemExit(f"{path.name} stopped with an error.\n{result.err}")
    return time.perf_counter() - started


def change(path, old, new):
    """Replace the first occurrence of a text in a file."""
    text = path.read_text("utf-8")
    if old not in text:
        raise SystemExit(f"{path} does not hold {old!r} any more.")
    path.write_text(text.replace(old, new, 1), "utf-8")


def with_first_chapters(folder, toc, count):
    """Build the book with only its first chapters, whose results are stored; return the seconds."""
    lines, kept = [], 0
    for line in toc.splitlines():
        is_chapter = "file: chapters/" in line
        kept += is_chapter
        if not is_chapter or kept <= count:
            lines.append(line)
    # A part without chapters is no part.
    text = re.sub(r"  - caption: .*\n    chapters:\n(?=  - caption|\Z)", "", "\n".join(lines) + "\n")
    (folder / "_toc.yml").write_text(text, "utf-8")
    for made in ("html", ".doctrees"):
        shutil.rmtree(folder / "_build" / made, ignore_errors=True)
    return build(folder)[0]


def measure(folder):
    """Return the report on a copy of the checkout, as Markdown."""
    copy_checkout(folder)
    if chosen := os.environ.get(VARIABLE):
        os.environ[VARIABLE] = str(Path(chosen).absolute())
    os.environ["PYTHONPATH"] = str(folder)  # the chapters are to see the copy's package
    chapters = sorted((folder / "chapters").glob("*.ipynb"))
    own = {path.stem: alone(path) for path in chapters}
    builds = {"from nothing": build(folder), "with nothing changed": build(folder)}
    change(folder / "chapters" / "03_import_data.ipynb", GOALS, f"{PROSE} {GOALS}")
    builds["after a change in the prose of one chapter"] = build(folder)
    change(folder / "mnist_tutorial" / "model.py", '"""', '"""' + PROSE + " ")
    builds["after a change in the package"] = build(folder)
    toc = (folder / "_toc.yml").read_text("utf-8")
    few = {count: with_first_chapters(folder, toc, count) for count in (1, len(chapters) // 2, len(chapters))}
    return report_of(own, builds, few)


def report_of(own, builds, few):
    """Return the figures as Markdown."""
    total = sum(own.values())
    lines = ["| chapter alone | seconds |", "| --- | ---: |"]
    lines += [f"| {name} | {seconds:.0f} |" for name, seconds in own.items()]
    lines += [f"| all | {total:.0f} |", "", "| build | chapters run | seconds | ratio to the chapters' sum |"]
    lines += ["| --- | ---: | ---: | ---: |"]
    lines += [f"| {what} | {ran} | {took:.1f} | {took / total:.2f} |" for what, (took, ran) in builds.items()]
    lines += ["", "| chapters in the book, none of which has to run | seconds |", "| ---: | ---: |"]
    lines += [f"| {count} | {seconds:.1f} |" for count, seconds in few.items()]
    lines += ["", f"{os.cpu_count()} cores; the median chapter takes {statistics.median(own.values()):.0f} s alone."]
    return "\n".join(lines) + "\n"


def main():
    """Print the report."""
    with tempfile.TemporaryDirectory(dir=ROOT / "_build") as folder:
        print(measure(Path(folder)), end="")


if __name__ == "__main__":
    (ROOT / "_build").mkdir(exist_ok=True)
    main()
