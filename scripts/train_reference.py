"""Train the book's network on MNIST with five seeds, and keep the median run in mnist_tutorial/reference/.

Takes five to ten minutes on two cores. The chapters, the widgets and the tests use what it writes.
"""

import argparse
import gzip
import platform
import time
from datetime import date

import numpy as np

from mnist_tutorial.data import MNIST_SHA256
from mnist_tutorial.evaluation import mistakes
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.reference import EPOCHS_FILE, FOLDER, PAGE_WEIGHTS, RECORD, WEIGHTS, sha256_of
from mnist_tutorial.reference.records import require_mnist, write_atomically, write_json, write_text
from mnist_tutorial.reference.weights_format import as_script, compact_weights
from mnist_tutorial.training import BATCH_SIZE, EPOCHS, VALIDATION_SHARE, fit_model, seconds_per_batch

SEEDS = (1, 2, 3, 4, 5)
MIN_AGREEMENT = 0.9995  # share of the test images that get the same answer from the page's weights
DECIMALS = 6  # of losses and accuracies; an accuracy on MNIST's 54,000, 6,000 or 10,000 images needs no more
CALIBRATION_IMAGES = 5_000  # training images on which the quantisation is optimised


def recorder_of(test, validation):
    """Return a Keras callback that records a run.

    test, validation: pairs of images and one-hot labels, processed. `history` is what fit reports for each epoch, and
    the test's results. From before the first epoch to after the last, `validation` has loss and accuracy, `filters`
    the convolution's kernel (rows, columns, 1, filters) and `probabilities` those of the test images (n, 10).
    """
    import keras

    class Recorder(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.history, self.filters, self.probabilities = {}, [], []
            self.validation = [self.evaluate(*validation)]
            self.record_network()

        def evaluate(self, images, one_hot):
            results = self.model.evaluate(images, one_hot, batch_size=BATCH_SIZE, verbose=0)
            return [round(float(value), DECIMALS) for value in results]

        def record_network(self):
            self.filters.append(self.model.layers[0].get_weights()[0])
            self.probabilities.append(self.model.predict(test[0], batch_size=BATCH_SIZE, verbose=0))

        def on_epoch_begin(self, epoch, logs=None):
            self.started = time.monotonic()

        def on_epoch_end(self, epoch, logs=None):
            seconds = time.monotonic() - self.started  # without the test that follows
            loss, accuracy = self.evaluate(*test)
            for name, value in {**logs, "test_loss": loss, "test_accuracy": accuracy}.items():
                self.history.setdefault(name, []).append(round(float(value), DECIMALS))
            self.history.setdefault("seconds", []).append(round(seconds, 1))
            self.validation.append([self.history[f"val_{name}"][-1] for name in ("loss", "accuracy")])
            self.record_network()

    return Recorder()


def load_data():
    """Return MNIST's training and test digits, processed, and the test labels; stop when there is no MNIST."""
    train, test = require_mnist("The reference network is trained")
    processed = [(process_images(images), process_labels(labels)) for images, labels in (train, test)]
    return *processed, test[1]


def train(seed, data):
    """Train once. Return the run's entry in the record, the model, and the content of epochs.json for this run."""
    import keras

    training, test, labels = data
    batch_seconds = seconds_per_batch()
    keras.utils.set_random_seed(seed)
    model = build_model()
    training_count = int(len(training[0]) * (1 - VALIDATION_SHARE))
    recorder = recorder_of(test, [part[training_count:] for part in training])
    started = time.monotonic()
    fit_model(model, *training, callbacks=[recorder])
    seconds = time.monotonic() - started
    wrong = labels[recorder.probabilities[-1].argmax(axis=1) != labels]
    run = {
        "seed": seed,
        "seconds": round(seconds, 1),
        "seconds_per_batch": round(batch_seconds, 5),
        "history": recorder.history,
        "test_errors": len(wrong),
        "test_errors_by_digit": np.bincount(wrong, minlength=10).tolist(),
    }
    return run, model, epochs_of(recorder, labels)


def epochs_of(recorder, labels):
    """Return the content of epochs.json: a run's filters and twelve test digits' probabilities, epoch by epoch.

    The twelve: of each digit the one that was learned last (of those that were learned), then the first image of the
    test set, and the wrong answer with the highest confidence after the last epoch.
    """
    probabilities = np.array(recorder.probabilities)
    of_label = probabilities[:, np.arange(len(labels)), labels].mean(axis=0)
    learned = probabilities[-1].argmax(axis=1) == labels
    slowest = [np.where(learned & (labels == digit), of_label, np.inf).argmin() for digit in range(10)]
    positions = [int(position) for position in (*slowest, 0, *mistakes(probabilities[-1], labels)[:1])]
    losses, accuracies = zip(*recorder.validation, strict=True)
    return {
        "epochs": len(losses) - 1,
        "val_loss": list(losses),
        "val_accuracy": list(accuracies),
        "positions": positions,
        "labels": labels[positions].tolist(),
        "probabilities": np.round(probabilities[:, positions].astype(float), 4).tolist(),
        "filters": np.round(np.array(recorder.filters)[:, :, :, 0].astype(float), 4).tolist(),
    }


def median_run(runs):
    """Return the run in the middle by final test accuracy; of equals, the lower loss counts as better."""
    ranked = sorted(runs, key=lambda run: (run["test_errors"], run["history"]["test_loss"][-1]))
    return ranked[len(ranked) // 2]


def write_reference(runs, model, epochs, training_images, test_images, folder=FOLDER):
    """Write the four files, the record last: after an interruption the checksums in it do not match the files."""
    import keras
    import tensorflow as tf

    form, rounded = compact_weights(model, training_images[:CALIBRATION_IMAGES])
    answers = [network.predict(test_images, verbose=0).argmax(axis=1) for network in (model, rounded)]
    share = float(np.mean(answers[0] == answers[1]))
    if share < MIN_AGREEMENT:
        raise SystemExit(f"The compact weights give the same answer on only {share:.2%} of the test images.")
    script = as_script(form)
    # Saved from a fresh copy: with the optimizer in it, the file would be three times as large.
    fresh = build_model()
    fresh.set_weights(model.get_weights())
    folder.mkdir(exist_ok=True)
    write_atomically(folder / WEIGHTS, fresh.save_weights)
    write_text(folder / PAGE_WEIGHTS, script)
    write_json(folder / EPOCHS_FILE, epochs)
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
    write_json(folder / RECORD, record)
    return record


def main():
    """Train with each seed, choose the median run, write it, and print the results."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    data = load_data()
    runs, networks = [], {}
    for seed in SEEDS:
        run, model, epochs = train(seed, data)
        runs.append(run)
        networks[seed] = model.get_weights(), epochs
        history = run["history"]
        print(
            f"seed {seed}: {run['seconds']:.0f} s, test accuracy {history['test_accuracy'][-1]:.2%}, "
            f"test loss {history['test_loss'][-1]:.4f}",
            flush=True,
        )
    weights, epochs = networks[median_run(runs)["seed"]]
    model.set_weights(weights)
    record = write_reference(runs, model, epochs, data[0][0], data[1][0])
    page = record["page_weights"]
    print(
        f"Kept seed {record['median_seed']}. The page's weights take {page['bytes_gzipped'] / 1000:.0f} kB "
        f"compressed and give the same answer on {page['agreement']:.2%} of the test images."
    )


if __name__ == "__main__":
    main()
