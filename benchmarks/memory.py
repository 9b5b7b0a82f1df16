"""Measure how much memory each chapter takes at its peak: python benchmarks/memory.py [chapter ...]

Each chapter runs from a fresh kernel, as `jupyter execute` runs it. The figure is the largest resident size of
any single process of that run, which is the kernel's. It works on Linux and macOS.
"""

import multiprocessing
import resource
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CHAPTERS = Path(__file__).resolve().parent.parent / "chapters"


def peak_of(path):
    """Run one notebook; return the peak of its kernel in megabytes."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=1200,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    unit = 1024 if sys.platform == "linux" else 1
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e6


def main():
    """Print a table, one line a chapter; each is measured in a process of its own."""
    paths = [Path(name) for name in sys.argv[1:]] or sorted(CHAPTERS.glob("*.ipynb"))
    for path in paths:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(f"{path.stem:28} {pool.apply(peak_of, [path]):6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
