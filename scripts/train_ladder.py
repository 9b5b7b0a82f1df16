"""Train networks of many sizes on MNIST, and record what each gets wrong in mnist_tutorial/reference/ladder.json.

Takes about two hours on two cores. Every result is written as soon as it is there, and the command continues where it
was interrupted. `--seconds 600` starts nothing new after ten minutes. `--only best --only convnet` makes these alone.
`--quick --record somewhere.json` tries the command on stand-in digits, in seconds.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from mnist_tutorial import better
from mnist_tutorial.better import BEST, CONVNET, WIDER, Recipe, build_better, build_convnet
from mnist_tutorial.data import MNIST_SHA256, stand_in_digits
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.reference import FOLDER, LADDER
from mnist_tutorial.reference.records import require_mnist, write_json
from mnist_tutorial.training import VALIDATION_SHARE

# What is trained: a title, the network, and how.
TRAININGS = {
    # The ladder: each network has the same training.
    "tiny": ("3, 4, 5 and 6 filters", partial(build_better, (3, 4, 5, 6)), BEST),
    "small": ("6, 8, 10 and 12 filters", partial(build_better, (6, 8, 10, 12)), BEST),
    "medium": ("8, 16, 16 and 24 filters", partial(build_better, (8, 16, 16, 24)), BEST),
    "convnet": ("Keras's mnist_convnet", build_convnet, BEST),
    "best": ("16, 32, 32 and 64 filters", build_better, BEST),
    "wider": ("24, 48, 48 and 64 filters", partial(build_better, WIDER, first_window=5), BEST),
    "tutorial": ("The tutorial's network", build_model, BEST),
    # The limit: mnist_convnet as its authors train it.
    "convnet_own": ("mnist_convnet, its own training", build_convnet, CONVNET),
    # One change at a time.
    "start": ("The tutorial's network, trained as in Step 5", build_model, Recipe()),
    "deeper": ("Four small convolutions", partial(build_better, normalise=False), Recipe()),
    "normalised": ("... with batch normalisation", build_better, Recipe()),
    "cycle": ("... and one cycle", build_better, Recipe(one_cycle=True)),
    "not_normalised": ("One cycle alone", partial(build_better, normalise=False), Recipe(one_cycle=True)),
    "augmented": ("... and augmentation", build_better, Recipe(one_cycle=True, augmented=True)),
}
LADDER_NETWORKS = ("tiny", "small", "medium", "convnet", "best", "wider", "tutorial", "convnet_own")  # tested as well
# One change at a time: what is changed, the training, and how its predictions are made.
STEPS = (
    ("the tutorial's network", "start", "plain"),
    ("smaller kernels in a deeper stack", "deeper", "plain"),
    ("batch normalisation", "normalised", "plain"),
    ("one cycle of the learning rate", "cycle", "plain"),
    ("augmented images", "augmented", "plain"),
    ("more epochs", "best", "plain"),
    ("average of weights", "best", "weight_average"),
    ("shifted copies at test time", "best", "test_time_augmentation"),
)
SEEDS = (1, 2, 3, 4, 5)
# What was tried to make the best network better: once each, with seed 1 and its training but for what is named, and on
# validation images alone. Other code than this command's made these; the record only keeps them.
TRIED = (
    ("16, 32, 32 and 64 filters", 35_546, 12, 22),
    ("the same, for 17 epochs", 35_546, 17, 24),
    ("the same, labels smoothed by 0.1", 35_546, 12, 23),
    ("the same, less augmentation towards the end", 35_546, 12, 26),
    ("24, 48, 48 and 64 filters, first window 5 x 5", 62_658, 12, 21),
    ("these, borders of 0 in two of the layers", 86_530, 12, 26),
    ("these, images bent randomly as well", 62_658, 12, 46),
)
ABOUT = (
    "Made by `make ladder`. Errors: wrong answers of the network as trained (plain), with the average of its weights "
    "(weight_average), and with that and nine shifted copies of each image (test_time_augmentation). Multiplications: "
    "for one image, from its pixels to the answer. Test_wrong: the places in the test set that the network as trained "
    "got wrong."
)


def load_digits(quick):
    """Return training images and labels, and test images and labels, as load_mnist() gives them."""
    if quick:
        return stand_in_digits()
    return require_mnist("The networks are trained")


def split(digits):
    """Return three pairs of processed images and labels: for training, validation and test."""
    (images, labels), test = digits
    training_count = int(len(images) * (1 - VALIDATION_SHARE))
    pairs = (images[:training_count], labels[:training_count]), (images[training_count:], labels[training_count:]), test
    return [(process_images(images), labels) for images, labels in pairs]


def planned(quick, only=()):
    """Return the runs to be made, as pairs of a training's name and a seed: the first seed of all, then the next."""
    names = only or ("best", "tutorial", "convnet", "convnet_own", "wider")
    names = [*names, *(name for name in TRAININGS if name not in names and not only)]
    return [(name, seed) for seed in (SEEDS[:1] if quick else SEEDS) for name in names]


def recipe_of(name, quick):
    return replace(TRAININGS[name][2], epochs=1) if quick else TRAININGS[name][2]


def settings_of(name, quick):
    """Return what a training's entry in the record says before there is a run; `bytes`, of a file, is added later."""
    return {
        "title": TRAININGS[name][0],
        "parameters": TRAININGS[name][1]().count_params(),
        "multiplications": better.multiplications_of(TRAININGS[name][1]()),
        "bytes": None,
        "recipe": asdict(recipe_of(name, quick)),
        "runs": [],
    }


def saved_bytes(name):
    """Return the size of the untrained network's file; it has no optimizer, since the network is not compiled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.keras")
        TRAININGS[name][1]().save(path)
        return path.stat().st_size


def wrong_answers(model, average, images, labels):
    """Return which answers are wrong, for each of the three kinds of inference: an array of indices each."""
    weights = model.get_weights()
    probabilities = {"plain": model.predict(images, batch_size=500, verbose=0)}
    model.set_weights(average)
    probabilities["weight_average"] = model.predict(images, batch_size=500, verbose=0)
    probabilities["test_time_augmentation"] = better.predict_with_test_time_augmentation(model, images)
    model.set_weights(weights)
    return {kind: np.flatnonzero(found.argmax(axis=1) != labels) for kind, found in probabilities.items()}


def train(name, seed, splits, quick):
    """Train once; return the run's entry in the record."""
    import keras

    (images, labels), validation, test = splits
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model, average = TRAININGS[name][1](), better.weight_average()
    one_hot = process_labels(labels)
    better.fit_better(model, images, one_hot, recipe_of(name, quick), seed, [average])
    run = {"seed": seed, "date": date.today().isoformat()}
    wrong = wrong_answers(model, average.average, *validation)
    run["validation_errors"] = {kind: len(indices) for kind, indices in wrong.items()}
    if name in LADDER_NETWORKS:
        wrong = wrong_answers(model, average.average, *test)
        run["test_errors"] = {kind: len(indices) for kind, indices in wrong.items()}
        run["test_wrong"] = wrong["plain"].tolist()
    return run


def open_record(path, splits, quick):
    """Return the record as far as it is made, or a new one."""
    import keras
    import tensorflow as tf

    fresh = {
        "about": ABOUT,
        "data": {"name": "stand-in"} if quick else {"name": "MNIST", "sha256": MNIST_SHA256},
        "images": dict(zip(("training", "validation", "test"), (len(part[1]) for part in splits), strict=True)),
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "processors": os.cpu_count(),
        "steps": [{"change": change, "training": name, "inference": inference} for change, name, inference in STEPS],
        "tried": [dict(zip(("tried", "parameters", "epochs", "wrong"), one, strict=True)) for one in TRIED],
        "missing": [],
        "trainings": {},
    }
    if path.is_file():
        old = json.loads(path.read_text("utf-8"))
        same = all(old.get(key) == fresh[key] for key in ("data", "versions", "processors"))
        if not same:
            raise SystemExit(f"{path} was started with other digits, versions or processors. Remove it to start again.")
        fresh["trainings"] = {name: entry for name, entry in old["trainings"].items() if name in TRAININGS}
    return fresh


def write_record(record, path, quick):
    """Write the record whole or not at all, with the list of the results that are still missing."""
    trainings = record["trainings"]
    done = {(name, run["seed"]) for name, entry in trainings.items() for run in entry["runs"]}
    missing = [f"{name}, seed {seed}" for name, seed in planned(quick) if (name, seed) not in done]
    record["missing"] = missing
    write_json(path, record)


def entry_of(record, name, quick):
    """Return a training's entry in the record: a new one if the network, or its training, has changed since."""
    now, entry = settings_of(name, quick), record["trainings"].get(name)
    if entry is None or any(entry[key] != now[key] for key in ("title", "parameters", "recipe")):
        entry = record["trainings"][name] = now | {"bytes": saved_bytes(name)}
    return entry


def make(path, quick=False, only=(), seconds=None):
    """Make the runs that the record lacks, and write each as soon as it is done."""
    started = time.monotonic()
    splits = split(load_digits(quick))
    record = open_record(path, splits, quick)
    write_record(record, path, quick)
    for name, seed in planned(quick, only):
        if seconds is not None and time.monotonic() - started > seconds:
            break
        entry = entry_of(record, name, quick)
        if all(run["seed"] != seed for run in entry["runs"]):
            run = train(name, seed, splits, quick)
            entry["runs"] = sorted([*entry["runs"], run], key=lambda run: run["seed"])
            print(f"{name}, seed {seed}: wrong answers {run['validation_errors']}", flush=True)
            write_record(record, path, quick)
    missing = len(record["missing"])
    print(f"{path.name} is complete." if not missing else f"{path.name} still lacks {missing} results: make ladder")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one epoch each on stand-in digits, to try the command")
    parser.add_argument("--record", type=Path, default=FOLDER / LADDER, help="the file to write")
    parser.add_argument("--only", action="append", default=[], choices=TRAININGS, help="a training to make")
    parser.add_argument("--seconds", type=float, help="start no run after this many seconds")
    options = parser.parse_args()
    if options.quick and options.record == FOLDER / LADDER:
        parser.error("--quick needs a --record of its own, or it would spoil the real one")
    make(options.record, options.quick, tuple(options.only), options.seconds)


if __name__ == "__main__":
    main()
