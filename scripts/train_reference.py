"""Train the book's network on MNIST with five seeds, and keep the median run in mnist_tutorial/reference/.

Takes five to ten minutes on two cores. The chapters, the widgets and the tests use what it writes.
"""

import argparse
import gzip
import json
import os
import platform
import re
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from mnist_tutorial.data import MNIST_SHA256, DataError, identify, load_mnist
from mnist_tutorial.evaluation import mistakes
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.reference import EPOCHS_FILE, FOLDER, PAGE_WEIGHTS, RECORD, WEIGHTS, sha256_of
from mnist_tutorial.reference.weights_format import as_script, compact_weights
from mnist_tutorial.training import BATCH_SIZE, EPOCHS, VALIDATION_SHARE, fit_model, seconds_per_batch

SEEDS = (1, 2, 3, 4, 5)
LEAST_AGREEMENT = 0.9995  # of the test images get the same answer from the page's weights
DECIMALS = 6  # of losses and accuracies; an accuracy on MNIST's 54,000, 6,000 or 10,000 images needs no more
CALIBRATION = 5_000  # training images on which the rounding of weights is tried


def watcher_of(test, validation):
    """Return a Keras callback that keeps what a run goes through.

    test, validation: pairs of images and one-hot labels, processed. `history` is what fit reports of each epoch, and
    the test's results. From before the first epoch to after the last, `validation` has loss and accuracy, `filters`
    the convolution's kernel (rows, columns, 1, filters) and `probabilities` those of the test images (n, 10).
    """
    import keras

    class Watcher(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.history, self.filters, self.probabilities = {}, [], []
            self.validation = [self.measure(*validation)]
            self.look()

        def measure(self, images, one_hot):
            results = self.model.evaluate(images, one_hot, batch_size=BATCH_SIZE, verbose=0)
            return [round(float(value), DECIMALS) for value in results]

        def look(self):
            self.filters.append(self.model.layers[0].get_weights()[0])
            self.probabilities.append(self.model.predict(test[0], batch_size=BATCH_SIZE, verbose=0))

        def on_epoch_begin(self, epoch, logs=None):
            self.started = time.monotonic()

        def on_epoch_end(self, epoch, logs=None):
            seconds = time.monotonic() - self.started  # the test is no part of the training
            loss, accuracy = self.measure(*test)
            for name, value in {**logs, "test_loss": loss, "test_accuracy": accuracy}.items():
                self.history.setdefault(name, []).append(round(float(value), DECIMALS))
            self.history.setdefault("seconds", []).append(round(seconds, 1))
            self.validation.append([self.history[f"val_{name}"][-1] for name in ("loss", "accuracy")])
            self.look()

    return Watcher()


def load_data():
    """Return MNIST as the network takes it, and the test labels; stop when there is no MNIST."""
    try:
        train, test = load_mnist(stand_in=False)
    except (DataError, FileNotFoundError) as error:
        raise SystemExit(f"The reference network is trained on MNIST and on nothing else. {error}") from error
    if (kind := identify(train, test)) != "MNIST":
        raise SystemExit(
            "The reference network is trained on MNIST and on nothing else. "
            f"Expected its original 70,000 digits, found {kind} digits."
        )
    processed = [(process_images(images), process_labels(labels)) for images, labels in (train, test)]
    return *processed, test[1]


def train(seed, data):
    """Train once. Returns the run's entry in the record, the model, and what epochs.json holds of the run."""
    import keras

    training, test, labels = data
    for_one_batch = seconds_per_batch()
    keras.utils.set_random_seed(seed)
    model = build_model()
    held_back = int(len(training[0]) * (1 - VALIDATION_SHARE))
    watcher = watcher_of(test, [part[held_back:] for part in training])
    started = time.monotonic()
    fit_model(model, *training, callbacks=[watcher])
    seconds = time.monotonic() - started
    wrong = labels[watcher.probabilities[-1].argmax(axis=1) != labels]
    run = {
        "seed": seed,
        "seconds": round(seconds, 1),
        "seconds_per_batch": round(for_one_batch, 5),
        "history": watcher.history,
        "test_errors": len(wrong),
        "test_errors_by_digit": np.bincount(wrong, minlength=10).tolist(),
    }
    return run, model, epochs_of(watcher, labels)


def epochs_of(watcher, labels):
    """Return what epochs.json holds: a run's filters and twelve test digits' probabilities, epoch by epoch.

    The twelve: of each digit the one that was learned last of those that were learned, then the first picture of
    the test set, and the mistake that the network is surest of in the end.
    """
    probabilities = np.array(watcher.probabilities)
    of_label = probabilities[:, np.arange(len(labels)), labels].mean(axis=0)
    learned = probabilities[-1].argmax(axis=1) == labels
    slowest = [np.where(learned & (labels == digit), of_label, np.inf).argmin() for digit in range(10)]
    positions = [int(position) for position in (*slowest, 0, *mistakes(probabilities[-1], labels)[:1])]
    losses, accuracies = zip(*watcher.validation, strict=True)
    return {
        "epochs": len(losses) - 1,
        "val_loss": list(losses),
        "val_accuracy": list(accuracies),
        "positions": positions,
        "labels": labels[positions].tolist(),
        "probabilities": np.round(probabilities[:, positions].astype(float), 4).tolist(),
        "filters": np.round(np.array(watcher.filters)[:, :, :, 0].astype(float), 4).tolist(),
    }


def median_run(runs):
    """Return the run in the middle by final test accuracy; of equals, the lower loss counts as better."""
    ranked = sorted(runs, key=lambda run: (run["test_errors"], run["history"]["test_loss"][-1]))
    return ranked[len(ranked) // 2]


def write(folder, name, save):
    """Write a file whole or not at all: `save` is given a temporary path; then the file takes its place."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        path = Path(temporary, name)
        save(path)
        os.replace(path, folder / name)


def as_json(record):
    """Return the record as JSON in which a list of numbers stands on one line."""
    text = json.dumps(record, indent=2)
    return re.sub(r"\[[^\[\]{}]*\]", lambda match: f"[{' '.join(match[0][1:-1].split())}]", text) + "\n"


def write_reference(runs, model, epochs, training_images, test_images, folder=FOLDER):
    """Write the four files, the record last: whoever is interrupted leaves files that do not fit it."""
    import keras
    import tensorflow as tf

    form, rounded = compact_weights(model, training_images[:CALIBRATION])
    answers = [network.predict(test_images, verbose=0).argmax(axis=1) for network in (model, rounded)]
    share = float(np.mean(answers[0] == answers[1]))
    if share < LEAST_AGREEMENT:
        raise SystemExit(f"The compact weights give the same answer on {share:.2%} of the test images only.")
    script = as_script(form)
    # Saved from a fresh copy, or else the file holds the optimizer as well and is three times as large.
    fresh = build_model()
    fresh.set_weights(model.get_weights())
    folder.mkdir(exist_ok=True)
    write(folder, WEIGHTS, fresh.save_weights)
    write(folder, PAGE_WEIGHTS, lambda path: path.write_text(script, encoding="ascii", newline="\n"))
    write(folder, EPOCHS_FILE, lambda path: path.write_text(as_json(epochs), encoding="utf-8", newline="\n"))
    record = {
        "about": "Made by `make reference`. Losses and accuracies on validation and test data are those at an epoch's "
        "end, on training data averages over it. Seconds leave the test out; a batch's were measured before the run.",
        "date": date.today().isoformat(),
        "data": {"name": "MNIST", "sha256": MNIST_SHA256},
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "training": {
            "parameters": model.count_params(),
            "images": 60_000 - round(60_000 * VALIDATION_SHARE),
            "epochs": EPOCHS,
            "batch_size": BATCH_SIZE,
            "validation_share": VALIDATION_SHARE,
        },
        "median_seed": median_run(runs)["seed"],
        "files": {name: sha256_of(folder / name) for name in (WEIGHTS, PAGE_WEIGHTS, EPOCHS_FILE)},
        "page_weights": {"agreement": share, "bytes_gzipped": len(gzip.compress(script.encode(), mtime=0))},
        "runs": runs,
    }
    write(folder, RECORD, lambda path: path.write_text(as_json(record), encoding="utf-8", newline="\n"))
    return record


def main():
    """Train, choose, write, and say what came out."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    data = load_data()
    runs, kept = [], {}
    for seed in SEEDS:
        run, model, epochs = train(seed, data)
        runs.append(run)
        kept[seed] = model.get_weights(), epochs
        history = run["history"]
        print(
            f"seed {seed}: {run['seconds']:.0f} s, test accuracy {history['test_accuracy'][-1]:.2%}, "
            f"test loss {history['test_loss'][-1]:.4f}",
            flush=True,
        )
    weights, epochs = kept[median_run(runs)["seed"]]
    model.set_weights(weights)
    record = write_reference(runs, model, epochs, data[0][0], data[1][0])
    page = record["page_weights"]
    print(
        f"Kept seed {record['median_seed']}. The page's weights take {page['bytes_gzipped'] / 1000:.0f} kB "
        f"compressed and give the same answer on {page['agreement']:.2%} of the test images."
    )


if __name__ == "__main__":
    main()
