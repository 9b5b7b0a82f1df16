"""Measure all that the project claims about speed, and write it to benchmarks/results.md: make bench

Each part is a command of its own that prints its figures; `python benchmarks/bench.py pages drawing` makes just these
and prints them. It takes about half an hour, in which the computer should have nothing else to do. The digits have to
be MNIST's.
"""

import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PARTS = {
    "training": "Training",
    "drawing": "The network in the page",
    "building": "Building the book",
    "pages": "What pages weigh",
    "loading": "Until a page can be used",
}
RESULTS = FOLDER / "results.md"


def measure(part):
    """Run one part; return what it prints, or end with what went wrong."""
    print(f"{PARTS[part]} ...", file=sys.stderr, flush=True)
    result = subprocess.run([sys.executable, FOLDER / f"{part}.py"], stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{part}.py failed: {RESULTS.name} stays as it was.")
    return f"## {PARTS[part]}\n\n{result.stdout.strip()}\n"


def machine():
    """Return what the figures depend on, in a sentence."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux, or a processor without a name
    return (
        f"Measured on {datetime.date.today()} with {processor}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}."
    )


def main():
    """Make all parts and write them, or make some and print them."""
    chosen = sys.argv[1:]
    if unknown := set(chosen) - set(PARTS):
        raise SystemExit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    if chosen:
        print("\n".join(measure(part) for part in chosen))
        return
    head = "# What we measured\n\nMade by `make bench`; seconds are this machine's, ratios say more.\n" + machine()
    text = "\n".join([head + "\n", *(measure(part) for part in PARTS)])
    unfinished = RESULTS.with_name(f"{RESULTS.name}.part")
    unfinished.write_text(text, "utf-8", newline="\n")
    os.replace(unfinished, RESULTS)
    print(f"Written: {RESULTS}")


if __name__ == "__main__":
    main()
