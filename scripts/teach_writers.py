"""Teach the reference network the hand of each writer of MNIST's test set, and record what it gains and forgets.

Runs the recipe of the widget TeachYourHand, from its own file, with the pages' own engine, in Node. A writer takes part
who wrote at least EACH of every digit and more: the first EACH are taught, the writer's other digits test it, before
and after. What the network forgot is counted on a fifth of the test set, without the writer's own digits. Takes about
five minutes on one core, and writes mnist_tutorial/reference/taught_writers.json.
"""

import argparse
import json
import platform
import subprocess
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from train_in_engine import ENGINE, NODE

from mnist_tutorial.data import MNIST_SHA256
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.records import require_mnist, write_json
from mnist_tutorial.reference.weights_format import LAYERS
from mnist_tutorial.widgets.training_data import load_digits
from mnist_tutorial.writers import SERIES, TAUGHT, load_writers

EACH = 5  # of every digit, to teach
SEED = 1
LESSONS = {"practised": True, "alone": False}  # whether old digits are in the lesson
# Reads {folder, seed, weights, lessons, hands}: the weights in the page's form; of each lesson its name and whether old
# digits are in it; of each hand the names of what it is tested on. Prints a line for each hand: the answers before, and
# after each lesson.
SCRIPT = """
import fs from "node:fs";
import { decodeWeights } from "../frontend/weights_format.js";
import { lessonOf, settingsOf, weightsOf } from "../teach_your_hand/recipe.js";
import { createTraining, drain, predict } from "./training.js";
import { createWebAssemblyNetwork } from "./webassembly_network.js";

const { folder, seed, weights, lessons, hands } = JSON.parse(fs.readFileSync(0, "utf-8"));
const read = (name) => new Uint8Array(fs.readFileSync(`${folder}/${name}`));
const digits = (name) => ({ images: read(`${name}.images`), labels: read(`${name}.labels`) });
const layers = decodeWeights(weights);
const module = new WebAssembly.Module(fs.readFileSync("engine.wasm"));
const newNetwork = () => {
  const network = createWebAssemblyNetwork(module, settingsOf(layers, seed), 256);
  network.setWeights(weightsOf(layers));
  return network;
};
const answersOf = (network, { images, labels }) => {
  const outputs = drain(predict(network, images));
  return Array.from(labels, (label, i) => {
    const one = Array.from(outputs.subarray(10 * i, 10 * i + 10));
    return one.indexOf(Math.max(...one));
  });
};
const old = digits("old");
for (const [number, parts] of hands.entries()) {
  const taught = digits(`${number}-taught`);
  const tested = parts.map((part) => [part, digits(`${number}-${part}`)]);
  const ask = (network) => Object.fromEntries(tested.map(([part, some]) => [part, answersOf(network, some)]));
  const found = { before: ask(newNetwork()) };
  for (const [how, practise] of lessons) {
    const network = newNetwork();
    const training = createTraining({ network, ...lessonOf(taught, old, practise) });
    for (let step = 0; step < training.steps; step++) training.step(step);
    found[how] = ask(network);
  }
  fs.writeSync(1, `${JSON.stringify(found)}\\n`);
}
"""


def teach(hands, old, weights=None, seed=SEED, lessons=LESSONS):
    """Teach some hands, one after the other; yield for each the answers before and after, as the script prints them.

    hands: dicts of `taught` and of what is tested, under any names; all and `old` are pairs of images (n, 28, 28) uint8
    and labels. weights: in the page's form; without them, the reference network's. lessons: as LESSONS.
    """
    with tempfile.TemporaryDirectory() as folder:

        def write(name, images, labels):
            Path(folder, f"{name}.images").write_bytes(images.tobytes())
            Path(folder, f"{name}.labels").write_bytes(np.asarray(labels).astype("uint8").tobytes())

        write("old", *old)
        for number, hand in enumerate(hands):
            for part, pair in hand.items():
                write(f"{number}-{part}", *pair)
        given = {
            "folder": folder,
            "seed": seed,
            "weights": weights or {name: load_page_weights()[name] for name in LAYERS},
            "lessons": list(lessons.items()),
            "hands": [[part for part in hand if part != "taught"] for hand in hands],
        }
        command = [NODE, "--input-type=module", "--no-warnings", "--eval", SCRIPT]
        with subprocess.Popen(command, stdin=-1, stdout=-1, cwd=ENGINE, encoding="utf-8") as process:
            process.stdin.write(json.dumps(given))
            process.stdin.close()
            for line in process.stdout:
                yield json.loads(line)
        if process.returncode:
            raise RuntimeError("Node has stopped; what it said is above.")


def writers_with_enough(writers, labels, each=EACH):
    """Return the writers who wrote at least `each` of every digit and more, in the order of their numbers."""
    counts = {writer: np.bincount(labels[writers == writer], minlength=10) for writer in np.unique(writers).tolist()}
    return [writer for writer, count in counts.items() if count.min() >= each and count.sum() > 10 * each]


def hand_of(writer, writers, images, labels, each=EACH):
    """Return a writer's digits to teach and to test on, and a fifth of the digits, without the writer's own."""
    own = writers == writer
    taught = np.concatenate([np.flatnonzero(own & (labels == digit))[:each] for digit in range(10)])
    tested = np.setdiff1d(np.flatnonzero(own), taught)
    others = np.arange(0, len(labels), 5)
    parts = {"taught": taught, "tested": tested, "others": others[~own[others]]}
    return {name: (images[places], labels[places]) for name, places in parts.items()}


def entry(writer, series, hand, found):
    """Return the record of one writer."""

    def wrong(how, part):
        return int((np.array(found[how][part]) != hand[part][1]).sum())

    def after(how):
        before = np.array(found["before"]["tested"]) == hand["tested"][1]
        right = np.array(found[how]["tested"]) == hand["tested"][1]
        return {
            "wrong": wrong(how, "tested"),
            "became_right": int((right & ~before).sum()),
            "became_wrong": int((before & ~right).sum()),
            "others": wrong(how, "others"),
        }

    return {
        "writer": writer,
        "series": series,
        "taught": len(hand["taught"][1]),
        "tested": len(hand["tested"][1]),
        "before": wrong("before", "tested"),
        "others_tested": len(hand["others"][1]),
        "others_before": wrong("before", "others"),
        "practised": after("practised"),
        "alone": after("alone"),
    }


def main():
    """Teach every writer, and write the record."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    _, (images, labels) = require_mnist("The hands are measured")
    known = load_writers()
    writers = writers_with_enough(known.test_writer, labels)
    hands = [hand_of(writer, known.test_writer, images, labels) for writer in writers]
    digits = load_digits("first")
    entries = []
    for writer, hand, found in zip(writers, hands, teach(hands, (digits.images, digits.labels)), strict=True):
        series = int(known.test_series[known.test_writer == writer][0])
        entries.append(entry(writer, series, hand, found))
        one = entries[-1]
        print(
            f"Writer {writer}: {one['before']} of {one['tested']} wrong, then {one['practised']['wrong']}; "
            f"others {one['others_before']}, then {one['practised']['others']}; "
            f"without old digits {one['alone']['wrong']} and {one['alone']['others']}",
            flush=True,
        )
    record = {
        "about": "Made by scripts/teach_writers.py: the reference network was taught five of each digit of one writer "
        "of the test set, and tested on the writer's other digits, before and after; others: a fifth of the test set, "
        "without the writer's own. practised: with old digits in the lesson; alone: without.",
        "date": date.today().isoformat(),
        "data": {"name": "MNIST", "sha256": MNIST_SHA256},
        "seed": SEED,
        "each": EACH,
        "others": len(labels[::5]),
        "all_writers": len(np.unique(known.test_writer)),
        "series": {str(number): name for number, name in SERIES.items()},
        "versions": {"python": platform.python_version()},
        "writers": entries,
    }
    write_json(TAUGHT, record)


if __name__ == "__main__":
    main()
