"""Measure how long an epoch of training takes, compared with other ways to do it: python benchmarks/training.py

Each contender is a process of its own and waits for its turn, so that whatever else the computer does slows all of
them alike. PyTorch runs in the environment that `make bench` makes for it, `.venv-bench`; where there is none,
it is left out. The digits have to be MNIST's.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from contender import IMAGES, MATRIX, operations

from mnist_tutorial.data import load_mnist

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 8  # the first one warms up
CONTENDERS = {
    "book": "Step 5: `fit` with the curves that grow",
    "keras_fit": "Keras's `fit` alone",
    "pytorch": "PyTorch, the same network and batch",
    "convnet": "Keras's `mnist_convnet`, batch 128",
    "matrices": f"as many operations in products of {MATRIX} x {MATRIX} matrices",
}
SAMPLES = (6_000, 12_000, 24_000, 48_000)
BATCHES = (25, 50, 100, 200, 400, 800)


class Contender:
    """A process of benchmarks/contender.py."""

    def __init__(self, name, archive):
        python = sys.executable if name != "pytorch" else peer_python()
        self.process = subprocess.Popen(
            [python, Path(__file__).with_name("contender.py"), name, archive],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        self.library = self.answer()

    def answer(self):
        """Return what the process says next; what is not JSON is a message of a library."""
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise SystemExit(f"A contender stopped: {' '.join(map(str, self.process.args))}")

    def epoch(self, images=IMAGES, batch=None):
        """Train one epoch on a number of images; return the seconds."""
        self.process.stdin.write(json.dumps({"images": images, "batch": batch}) + "\n")
        self.process.stdin.flush()
        return self.answer()["seconds"]

    def end(self):
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()


def peer_python():
    """Return the Python that has PyTorch, or None."""
    found = [ROOT / ".venv-bench" / place for place in ("bin/python", "Scripts/python.exe")]
    return next((path for path in found if path.exists()), None)


def compare(archive):
    """Let the contenders take turns; return their seconds and their libraries' versions."""
    names = [name for name in CONTENDERS if name != "pytorch" or peer_python()]
    contenders = {name: Contender(name, archive) for name in names}
    seconds = {name: [] for name in names}
    for round_ in range(ROUNDS):
        first = round_ % len(names)
        for name in names[first:] + names[:first]:
            took = contenders[name].epoch()
            if round_:
                seconds[name].append(took)
    for contender in contenders.values():
        contender.end()
    return seconds, {contender.library["library"]: contender.library["version"] for contender in contenders.values()}


def grow(archive):
    """Return the seconds of an epoch with more and more images, and with larger and larger batches: best of three."""
    contender = Contender("keras_fit", archive)
    for batch in BATCHES:
        contender.epoch(2_000, batch)  # each size of a batch is prepared once
    asked = [(images, 200) for images in SAMPLES] + [(SAMPLES[1], batch) for batch in BATCHES]
    rounds = [[contender.epoch(*one) for one in asked] for _ in range(3)]
    contender.end()
    best = [min(times) for times in zip(*rounds, strict=True)]
    return dict(zip(SAMPLES, best, strict=False)), dict(zip(BATCHES, best[len(SAMPLES) :], strict=True))


def report_of(seconds, versions, by_samples, by_batch):
    """Return the figures as Markdown."""
    best = {name: min(values) for name, values in seconds.items()}
    lines = ["| an epoch of 54,000 images | best | median | slowest | ratio of the best to ours |"]
    lines += ["| --- | ---: | ---: | ---: | ---: |"]
    for name, values in seconds.items():
        columns = [best[name], statistics.median(values), max(values)]
        cells = " | ".join(f"{value:.1f}" for value in columns)
        lines.append(f"| {CONTENDERS[name]} | {cells} | {best[name] / best['book']:.2f} |")
    limit = operations(IMAGES) / best["matrices"] / 1e9
    lines += [
        "",
        f"Seconds of {ROUNDS - 1} rounds, in which each way trains one epoch after the other, each round starting with "
        "another one. What else the computer does can only add to them, so the best ones are compared. "
        f"An epoch of the tutorial's network has {operations(IMAGES) / 1e9:.0f} thousand million operations; in "
        f"products of matrices this machine does {limit:.0f} thousand million in a second.",
        ", ".join(f"{library}: {version}" for library, version in versions.items()) + ".",
        *([] if "pytorch" in seconds else ["PyTorch was not at hand."]),
        "",
        "What an epoch takes of Keras's `fit` alone, the best of three rounds:",
        "",
        "| images, batches of 200 | seconds | seconds for a thousand |",
        "| ---: | ---: | ---: |",
        *(f"| {count:,} | {took:.2f} | {took / count * 1000:.3f} |" for count, took in by_samples.items()),
        "",
        f"| batch, {SAMPLES[1]:,} images | seconds | milliseconds for a batch |",
        "| ---: | ---: | ---: |",
        *(f"| {size} | {took:.2f} | {took / (SAMPLES[1] / size) * 1000:.1f} |" for size, took in by_batch.items()),
    ]
    return "\n".join(lines) + "\n"


def main():
    """Print the report."""
    (images, labels), _ = load_mnist(stand_in=False)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "digits.npz")
        np.savez(archive, x_train=images, y_train=labels)
        print(report_of(*compare(archive), *grow(archive)), end="")


if __name__ == "__main__":
    main()
