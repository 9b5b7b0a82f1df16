"""Measure all that the project says about its speed, and write it to benchmarks/results.md: make bench

Each part is a command of its own that prints its figures. `python benchmarks/bench.py pages drawing` measures these two
again, and leaves the others in the file as they were. All of it takes about three quarters of an hour, in which the
computer should have nothing else to do. The digits have to be MNIST's.
"""

import datetime
import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

from mnist_tutorial.reference.records import write_text

FOLDER = Path(__file__).resolve().parent
PARTS = {
    "training": "Training",
    "learning": "Training in the page",
    "drawing": "The network in the page",
    "building": "Building the book",
    "pages": "What pages weigh",
    "loading": "Until a page can be used",
    "first_answer": "Until a reader on a slow line has an answer",
    "frames": "How smoothly the network follows a stroke",
}
LIBRARIES = ("tensorflow", "keras", "jupyter-book", "sphinx")  # the others are those of constraints.txt
RESULTS = FOLDER / "results.md"
HEAD = "# What we measured\n\nSeconds are those of one machine; ratios, measured side by side, say more."


def measure(part):
    """Run one part; return what it prints and what that depends on. Raises SystemExit when it fails."""
    print(f"{PARTS[part]} ...", file=sys.stderr, flush=True)
    result = subprocess.run([sys.executable, FOLDER / f"{part}.py"], stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{part}.py failed: {RESULTS.name} stays as it was.")
    return f"{result.stdout.strip()}\n\n{machine()}"


def machine():
    """Return what the figures depend on, in a sentence."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux, or a processor without a name
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {datetime.date.today()} with `make bench`: {processor}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}."
    )


def parts_measured():
    """Return what the file says of each part that it holds."""
    sections = RESULTS.read_text("utf-8").split("\n## ")[1:] if RESULTS.exists() else []
    texts = dict(section.split("\n\n", 1) for section in sections)
    return {part: texts[title].strip() for part, title in PARTS.items() if title in texts}


def main():
    """Measure the parts that are named, or all of them, and write them."""
    chosen = sys.argv[1:] or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        raise SystemExit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    for part in chosen:
        texts = parts_measured() | {part: measure(part)}
        sections = [f"## {title}\n\n{texts[part]}\n" for part, title in PARTS.items() if part in texts]
        write_text(RESULTS, "\n".join([f"{HEAD}\n", *sections]))
    print(f"Written: {RESULTS}")


if __name__ == "__main__":
    main()
