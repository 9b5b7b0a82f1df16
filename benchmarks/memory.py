"""Measure how much memory each chapter takes at its peak: python benchmarks/memory.py [chapter ...]

Each chapter runs from a fresh kernel, as `jupyter execute` runs it. The figure is the largest sum of what the kernel
and all the processes that it starts hold in memory, looked at every tenth of a second. What several of them share,
such as libraries, is counted once on Linux, and in each of them elsewhere.
"""

import sys
import threading
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

CHAPTERS = Path(__file__).resolve().parent.parent / "chapters"


def resident():
    """Return the bytes that all the processes started from here hold."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            info = process.memory_full_info()
            total += getattr(info, "pss", info.rss)
        except psutil.Error:
            pass  # it has ended since
    return total


def peak_of(path):
    """Run one notebook; return the peak in megabytes."""
    client = NotebookClient(
        nbformat.read(path, as_version=4),
        timeout=1200,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    found, done = [0], threading.Event()

    def watch():
        while not done.wait(0.1):
            found[0] = max(found[0], resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        client.execute()
    finally:
        done.set()
        watcher.join()
    return found[0] / 1e6


def main():
    """Print a table, one line per chapter."""
    print("| chapter | MB at the peak |\n| --- | ---: |")
    for path in [Path(name) for name in sys.argv[1:]] or sorted(CHAPTERS.glob("*.ipynb")):
        print(f"| {path.stem} | {peak_of(path):.0f} |", flush=True)


if __name__ == "__main__":
    main()
