"""Train the median run of the reference network again, each time with one thing changed, and record what differs.

Takes one to four minutes for each entry of CHANGES. Run it on the machine that `make reference` ran on. Name other
Pythons, with other versions of TensorFlow, to try these as well:

    python scripts/train_repeats.py /path/to/another/python
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from mnist_tutorial.reference import FOLDER, REPEATS_FILE, load_record, load_reference_model
from mnist_tutorial.reference.records import require_mnist, write_json

ROOT = Path(__file__).resolve().parents[1]
CHANGES = {  # what is changed, and the environment variables that change it
    "nothing": {},
    "one thread": {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
    "an older processor's instructions": {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    "TensorFlow's other arithmetic for processors": {"TF_ENABLE_ONEDNN_OPTS": "0"},
}


def train_once(seed, path):
    """Train as `make reference` does, and write the result: the part that runs in a process of its own."""
    import keras

    from mnist_tutorial.model import build_model
    from mnist_tutorial.notebook import library_versions
    from mnist_tutorial.processing import process_images, process_labels
    from mnist_tutorial.training import fit_model

    digits = require_mnist("The reference network is trained")
    training, test = ((process_images(images), process_labels(labels)) for images, labels in digits)
    labels = digits[1][1]
    keras.utils.set_random_seed(seed)
    model = build_model()
    history = fit_model(model, *training).history
    loss, _ = model.evaluate(*test, batch_size=200, verbose=0)
    answers = model.predict(test[0], batch_size=200, verbose=0).argmax(axis=1)
    result = {
        "versions": library_versions(),
        "val_loss": [round(value, 6) for value in history["val_loss"]],
        "test_loss": round(loss, 6),
        "test_errors": int((answers != labels).sum()),
        "answers": answers.tolist(),
    }
    Path(path).write_text(json.dumps(result), encoding="utf-8")


def repeat(python, environment, seed):
    """Train in a process of its own, since TensorFlow reads its settings when it starts. Return the result."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "result.json")
        subprocess.run(
            [python, __file__, "--once", str(seed), path],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            check=True,
        )
        return json.loads(path.read_text(encoding="utf-8"))


def repeat_all(pythons):
    """Repeat the run with each change, compare with the reference network, and write the record."""
    from mnist_tutorial.processing import process_images

    seed = load_record()["median_seed"]
    images = process_images(require_mnist("The reference network is trained")[1][0])
    reference = load_reference_model().predict(images, batch_size=200, verbose=0).argmax(axis=1)
    changes = [(name, sys.executable, environment) for name, environment in CHANGES.items()]
    changes += [("another version of TensorFlow", python, {}) for python in pythons]
    repeats = []
    for name, python, environment in changes:
        result = repeat(python, environment, seed)
        answers = np.array(result.pop("answers"))
        other = np.flatnonzero(answers != reference)
        result["other_answers"] = {str(position): int(answers[position]) for position in other}
        repeats.append({"changed": name, "environment": environment, **result})
        print(f"{name}: {result['test_errors']} errors, {len(other)} answers differ", flush=True)
    record = {
        "about": "Made by scripts/train_repeats.py: the median run of runs.json once more, with one thing changed. "
        "other_answers: the test digits, by position, that got another answer than from the reference network.",
        "seed": seed,
        "repeats": repeats,
    }
    write_json(FOLDER / REPEATS_FILE, record)


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="*", metavar="PYTHON", help="another Python, with its own TensorFlow")
    parser.add_argument("--once", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        train_once(int(options.once[0]), options.once[1])
    else:
        repeat_all(options.pythons)


if __name__ == "__main__":
    main()
