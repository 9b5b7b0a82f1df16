"""Train a small network healthily and with each mistake of "Break it on purpose", five seeds each; record all.

Takes about ten minutes. Every run is written to mnist_tutorial/reference/mistakes.json as soon as it is made, and the
command continues where it was interrupted; a run whose settings have changed since is made again. All learn from the
first images of MNIST's training set, and are checked on the 10,000 that follow; no test image is used.
`--quick --record somewhere.json` tries the command on stand-in digits, in a minute.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from mnist_tutorial.data import MNIST_SHA256, stand_in_digits
from mnist_tutorial.reference import FOLDER, MISTAKES_FILE
from mnist_tutorial.reference.records import make_missing_runs, require_mnist

IMAGES, CHECK, EPOCHS, BATCH, SEEDS = 6000, 10_000, 3, 50, (1, 2, 3, 4, 5)
EXAM = 200  # images of an exam, the first after those of an honest training
FEW, LONG = 400, 30  # images, and epochs, of those that sit the exam
NETWORK = {"filters": 8, "units": 32}
SETTINGS = {  # what differs from the healthy run: Adam, a learning rate of 0.002, cross-entropy, EPOCHS
    "healthy": {},
    "the book's network": {"network": {}},
    "not scaled": {"pixels": 255},
    "SGD, scaled": {"optimizer": "SGD", "learning_rate": 0.1},
    "SGD, not scaled": {"optimizer": "SGD", "learning_rate": 0.1, "pixels": 255},
    "logarithm of zero": {"pixels": 255, "loss": "unguarded"},
    "labels apart": {"labels": "shuffled"},
    "sorted": {"order": "by digit"},
    "no 7s": {"without": 7},
    "honest exam": {"images": FEW, "epochs": LONG},
    "leaked exam": {"images": FEW, "epochs": LONG, "leak": True},
    "squared error": {"loss": "mean_squared_error"},
    "no softmax": {"softmaxes": 0},
    "softmax twice": {"softmaxes": 2},
    "rate too high": {"learning_rate": 1.0},
    "rate too low": {"learning_rate": 0.000001},
}
ABOUT = (
    "Made by scripts/train_mistakes.py: a small network, healthy and with each mistake. `before` is the loss in the "
    "check before training; a loss that is not a number is null. `answers` counts the answers 0 to 9 to the images of "
    "the check, `right` those that are right; `living` is how many hidden units give more than 0 to any of them, "
    "`largest` the largest probability. `inverted` is the same network with dark digits on a light ground."
)


def unguarded(one_hot, probabilities):
    """Return the cross-entropy as its formula has it, where the logarithm of 0 is minus infinity."""
    import tensorflow as tf

    return -tf.reduce_sum(one_hot * tf.math.log(probabilities), axis=1)


def build(seed, softmaxes=1, network=NETWORK):
    """Build the small network, or another, untrained, with no, one or two softmax functions at its end."""
    import keras
    from keras import layers

    from mnist_tutorial.model import build_model

    keras.utils.set_random_seed(seed)
    model = build_model(**network)
    if softmaxes == 1:
        return model
    return keras.Sequential(
        [*model.layers[:-1], layers.Dense(10)] if not softmaxes else [*model.layers, layers.Softmax()]
    )


def learned_images(digits, labels, seed, changed):
    """Return what a run learns from, (n, 28, 28, 1) from 0 to 1 and n labels, with what its mistake does to them."""
    if "images" in changed:
        count = changed["images"]
        if not changed.get("leak"):
            return digits[:count], labels[:count]
        chosen = [*range(count - EXAM), *range(count, count + EXAM)]  # the exam instead of as many others
        return digits[chosen], labels[chosen]
    if changed.get("labels") == "shuffled":
        labels = np.random.default_rng(seed).permutation(labels)
    if changed.get("order") == "by digit":
        order = np.argsort(labels, kind="stable")
        digits, labels = digits[order], labels[order]
    if "without" in changed:
        kept = labels != changed["without"]
        digits, labels = digits[kept], labels[kept]
    return digits, labels


def train(name, learn, check, seed, epochs=None):
    """Train once; return the run's entry in the record.

    learn, check: pairs of images, (n, 28, 28, 1) from 0 to 1, and n labels. epochs: other than the setting's own.
    """
    import keras

    from mnist_tutorial.processing import process_labels

    changed = SETTINGS[name]
    factor = changed.get("pixels", 1)
    inputs_check, digits_check = check[0] * factor, check[1]
    keras.backend.clear_session()
    model = build(seed, changed.get("softmaxes", 1), changed.get("network", NETWORK))
    loss = changed.get("loss", "categorical_crossentropy")
    model.compile(
        loss=unguarded if loss == "unguarded" else loss,
        optimizer=getattr(keras.optimizers, changed.get("optimizer", "Adam"))(changed.get("learning_rate", 0.002)),
        metrics=["accuracy"],
    )
    one_hot_check = process_labels(digits_check)
    before = model.evaluate(inputs_check, one_hot_check, batch_size=500, verbose=0)[0]
    inputs, digits = learned_images(*learn, seed, changed)
    epochs = epochs or changed.get("epochs", EPOCHS)
    history = model.fit(
        inputs * factor,
        process_labels(digits),
        epochs=epochs,
        batch_size=BATCH,
        shuffle="order" not in changed,
        validation_data=(inputs_check, one_hot_check),
        validation_freq=1 if epochs <= EPOCHS else epochs,  # the last epoch is enough for long runs
        validation_batch_size=500,
        verbose=0,
    ).history
    run = {"seed": seed, "before": number(before)}
    run |= {curve: [number(value) for value in values] for curve, values in history.items()}
    run |= looked_at(model, inputs_check, digits_check)
    if name in ("healthy", "the book's network"):
        run["inverted"] = looked_at(model, 1 - inputs_check, digits_check)
    if "images" in changed:
        of_exam = slice(changed["images"], changed["images"] + EXAM)
        answers = model.predict(learn[0][of_exam], verbose=0).argmax(axis=1)
        run["right_in_exam"] = int((answers == learn[1][of_exam]).sum())
    return run


def looked_at(model, images, digits):
    """Return what a network answers to images, and how many of its hidden units ever give more than 0."""
    import keras

    inputs = given = keras.Input(shape=images.shape[1:])
    wanted = []
    for layer in model.layers:
        given = layer(given)
        if isinstance(layer, keras.layers.Dense):
            wanted.append(given)
    probe = keras.Model(inputs, [wanted[0], given])
    hidden, outputs = probe.predict(images, batch_size=500, verbose=0)
    answers = outputs.argmax(axis=1)
    return {
        "answers": np.bincount(answers, minlength=10).tolist(),
        "right": np.bincount(digits[answers == digits], minlength=10).tolist(),
        "living": int((hidden > 0).any(axis=0).sum()),
        "largest": number(outputs.max()),
        "confidence": number(outputs.max(axis=1).mean()),
    }


def number(value):
    """Return a number as the record has it: five digits after the point, or None for NaN and infinity."""
    return round(float(value), 5) if np.isfinite(value) else None


def load_digits(quick):
    """Return what is learned from and what is checked on: two pairs of images, 0 to 1, and labels."""
    from mnist_tutorial.processing import process_images

    images, labels = (stand_in_digits() if quick else require_mnist("The networks with mistakes are trained"))[0]
    count, check = (IMAGES, CHECK) if not quick else (len(images) * 3 // 4, len(images) // 4)
    places = slice(count), slice(count, count + check)
    return [(process_images(images[place]), labels[place]) for place in places]


def open_record(path, learn, check, quick):
    """Return the record as far as it is made with the settings of now, or a new one."""
    fresh = {
        "about": ABOUT,
        "data": {"name": "stand-in"} if quick else {"name": "MNIST", "sha256": MNIST_SHA256},
        "images": len(learn[1]),
        "check": len(check[1]),
        "check_of_each_digit": np.bincount(check[1], minlength=10).tolist(),
        "exam": EXAM,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "network": NETWORK,
        "settings": SETTINGS,
        "runs": {name: [] for name in SETTINGS},
    }
    if path.is_file():
        old = json.loads(path.read_text("utf-8"))
        shared = ("data", "images", "check", "exam", "epochs", "batch_size", "network")
        if all(old.get(key) == fresh[key] for key in shared):
            kept = [name for name, changed in SETTINGS.items() if old["settings"].get(name) == changed]
            fresh["runs"] |= {name: old["runs"].get(name, []) for name in kept}
    return fresh


def make(path, quick=False):
    """Make the runs that the record lacks, and write each as soon as it is done."""
    learn, check = load_digits(quick)
    record = open_record(path, learn, check, quick)
    epochs = 1 if quick else None
    make_missing_runs(path, record, SEEDS, lambda name, seed: train(name, learn, check, seed, epochs=epochs))
    print(f"{path.name} is complete.")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one epoch each on stand-in digits, to try the command")
    parser.add_argument("--record", type=Path, default=FOLDER / MISTAKES_FILE, help="the file to write")
    options = parser.parse_args()
    if options.quick and options.record == FOLDER / MISTAKES_FILE:
        parser.error("--quick needs a --record of its own, or it would spoil the real one")
    make(options.record, options.quick)


if __name__ == "__main__":
    main()
