"""Train the book's network with the pages' own engine, with five seeds as the reference; keep how it went.

Takes five to ten minutes on one core, and writes mnist_tutorial/reference/engine_runs.json. Runs in Node, the one that
Playwright brings; a browser computes the same bits. The record also holds a short training on stand-in digits, which a
test repeats.
"""

import argparse
import hashlib
import json
import platform
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import playwright

from mnist_tutorial.data import MNIST_SHA256, DataError, identify, load_mnist, stand_in_digits
from mnist_tutorial.reference import FOLDER

NODE = Path(playwright.__file__).parent / "driver" / "node"
ENGINE = Path(__file__).resolve().parents[1] / "mnist_tutorial" / "widgets" / "engine"
RECORD = FOLDER / "engine_runs.json"
SEEDS = (1, 2, 3, 4, 5)
VALIDATION = 6_000  # of MNIST's training images, the last ones, as Keras's validation_split takes them
SHORT = {"settings": {"batchSize": 40, "epochs": 12, "seed": 1}, "images": 1_000}  # 300 steps
DECIMALS = 6
# Reads {settings, train, validation, test}, pairs of files; writes the history and the weights' bytes.
SCRIPT = """
import fs from "node:fs";
import { createTraining, drain, evaluate } from "./training.js";
import { createWebAssemblyNetwork } from "./webassembly_network.js";

const { settings, folder, parts } = JSON.parse(fs.readFileSync(0, "utf-8"));
const [train, validation, test] = parts.map((name) =>
  [`${name}.images`, `${name}.labels`].map((file) => new Uint8Array(fs.readFileSync(`${folder}/${file}`))));
const network = createWebAssemblyNetwork(new WebAssembly.Module(fs.readFileSync("engine.wasm")), settings, 256);
const training = createTraining({ network, images: train[0], labels: train[1] });
const history = { loss: [], accuracy: [] };
const keep = (name, value) => (history[name] ??= []).push(value);
let [seen, loss, right] = [0, 0, 0];
for (let step = 0; step < training.steps; step++) {
  const report = training.step(step);
  const { images } = report;
  [seen, loss, right] = [seen + images, loss + report.loss * images, right + report.accuracy * images];
  if (!report.endOfEpoch) continue;
  keep("loss", loss / seen);
  keep("accuracy", right / seen);
  [seen, loss, right] = [0, 0, 0];
  for (const [name, part] of [["val", validation], ["test", test]]) {
    if (!part) continue;
    const found = drain(evaluate(network, ...part));
    keep(`${name}_loss`, found.loss);
    keep(`${name}_accuracy`, found.accuracy);
  }
}
fs.writeFileSync(`${folder}/weights`, Buffer.concat(network.weights().map((one) => Buffer.from(one.buffer))));
fs.writeSync(1, JSON.stringify({ history, node: process.version }));
"""


def train(settings, **parts):
    """Train with some settings; return the history, the SHA-256 of all weights in Keras's order, and Node's version.

    parts: train, and validation and test if there are, each a pair of images (n, 28, 28) uint8 and labels (n,).
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, (images, labels) in parts.items():
            Path(folder, f"{name}.images").write_bytes(images.tobytes())
            Path(folder, f"{name}.labels").write_bytes(labels.astype("uint8").tobytes())
        result = subprocess.run(
            [NODE, "--input-type=module", "--no-warnings", "--eval", SCRIPT],
            input=json.dumps({"settings": settings, "folder": folder, "parts": list(parts)}),
            stdout=subprocess.PIPE,
            cwd=ENGINE,
            encoding="utf-8",
            check=True,
        )
        found = json.loads(result.stdout)
        return found["history"], hashlib.sha256(Path(folder, "weights").read_bytes()).hexdigest(), found["node"]


def train_short():
    """Return the SHA-256 of the weights after the short training on stand-in digits."""
    (images, labels), _ = stand_in_digits()
    return train(SHORT["settings"], train=(images[: SHORT["images"]], labels[: SHORT["images"]]))[1]


def main():
    """Train with each seed, and write the record."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    (images, labels), test = load_mnist(quiet=True)
    if identify((images, labels), test) != "MNIST":
        raise DataError("The record is made of MNIST, and load_mnist() gave other digits; give it MNIST first.")
    parts = {
        "train": (images[:-VALIDATION], labels[:-VALIDATION]),
        "validation": (images[-VALIDATION:], labels[-VALIDATION:]),
        "test": test,
    }
    runs = []
    for seed in SEEDS:
        started = time.monotonic()
        history, weights, node = train({"seed": seed}, **parts)
        errors = round((1 - history["test_accuracy"][-1]) * len(test[1]))
        runs.append(
            {
                "seed": seed,
                "seconds": round(time.monotonic() - started, 1),
                "history": {name: [round(value, DECIMALS) for value in curve] for name, curve in history.items()},
                "test_errors": errors,
                "weights_sha256": weights,
            }
        )
        print(f"Seed {seed}: {errors} errors on the test images, {runs[-1]['seconds']:.0f} s", flush=True)
    record = {
        "about": "Made by scripts/train_in_engine.py. Curves as in runs.json; the seconds include the looks at "
        "validation and test images. `short` is a training on stand-in digits, for a test to repeat.",
        "date": date.today().isoformat(),
        "data": {"name": "MNIST", "sha256": MNIST_SHA256},
        "versions": {"python": platform.python_version(), "node": node},
        "short": {**SHORT, "weights_sha256": train_short()},
        "runs": runs,
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
