"""Train the median run of the reference network once more, and record it at forty steps of the optimizer.

Most of what a training changes, it changes in its first hundred steps. So the steps are spaced by logarithm, with
several in every tenfold. Of the test set ten digits are recorded, one of each class, chosen so that they become right
one after another. Takes two to six minutes: python scripts/train_checkpoints.py
"""

import argparse
import os

import numpy as np

from mnist_tutorial.reference import load_record, load_reference_model
from mnist_tutorial.reference.checkpoints import CHECKPOINTS
from mnist_tutorial.reference.records import require_mnist, write_json
from mnist_tutorial.training import BATCH_SIZE, EPOCHS, VALIDATION_SHARE, fit_model

# 0 is before the training; an epoch has 270 steps, so from 270 on every step ends an epoch, or lies in the first three.
STEPS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 25, 30, 35, 40, 50, 60, 70, 85, 100, 120, 140, 170, 200, 235)
STEPS += (270, 330, 400, 470, 540, 660, 810, 1080, 1350, 1620, 2160, 2700)
DECIMALS = 6  # of losses and accuracies
FILTERS = 10  # of the 30, the first ones


def recorder_of(validation, test):
    """Return a Keras callback that records the network at each of STEPS.

    validation: a pair of processed images and one-hot labels. test: processed images. `losses` and `accuracies` are
    those on the validation data, `filters` has the convolution's kernel (rows, columns, filters) and `probabilities`
    those of the test images (n, 10), each once for every step recorded.
    """
    import keras

    class Recorder(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.losses, self.accuracies, self.filters, self.probabilities = [], [], [], []
            self.step = 0
            self.record()

        def on_train_batch_end(self, batch, logs=None):
            self.step += 1
            if self.step in STEPS:
                self.record()

        def record(self):
            images, one_hot = validation
            answers = self.model.predict(images, batch_size=BATCH_SIZE, verbose=0)
            # A probability that float32 cannot tell from 0 counts as its smallest number, so that the logarithm is one.
            of_label = np.maximum((answers * one_hot).sum(axis=1), np.finfo("float32").tiny)
            self.losses.append(float(-np.log(of_label).mean()))
            self.accuracies.append(float((answers.argmax(axis=1) == one_hot.argmax(axis=1)).mean()))
            self.filters.append(self.model.layers[0].get_weights()[0][:, :, 0])
            self.probabilities.append(self.model.predict(test, batch_size=BATCH_SIZE, verbose=0))
            print(f"step {self.step}: validation loss {self.losses[-1]:.4f}", flush=True)

    return Recorder()


def chosen_digits(probabilities, labels, steps=STEPS):
    """Return the positions of ten test digits, one of each class, that become right for good one after another.

    probabilities: (steps, n, 10). A class learned early gives one that becomes right early: the classes are put in the
    order of their average step, and get ten goals from the first step to the last but one, spaced by logarithm. Of the
    digits of a class that are wrong at first and right at last, the one nearest to its goal is taken, of equals the one
    that changes between right and wrong least often, and then the first.
    """
    right = probabilities.argmax(axis=2) == labels
    wrong_until = len(steps) - 1 - (~right[::-1]).argmax(axis=0)  # the last position in `steps` at which it is wrong
    changes = (right[1:] != right[:-1]).sum(axis=0)
    turns = ~right[0] & right[-1]
    logarithms = np.log([max(step, 1) for step in steps])
    became_right = logarithms[np.minimum(wrong_until + 1, len(steps) - 1)]
    order = sorted(range(10), key=lambda digit: became_right[turns & (labels == digit)].mean())
    goals = np.linspace(logarithms[1], logarithms[-2], 10)
    positions = [0] * 10
    for digit, goal in zip(order, goals, strict=True):
        candidates = np.flatnonzero(turns & (labels == digit))
        positions[digit] = min(candidates, key=lambda one: (abs(became_right[one] - goal), changes[one], one))
    return [int(one) for one in positions]


def record_of(recorder, labels):
    """Return what checkpoints.json holds of a run: the curves, and in 8 bits ten filters and ten digits' answers."""
    filters, probabilities = np.array(recorder.filters)[..., :FILTERS], np.array(recorder.probabilities)
    positions = chosen_digits(probabilities, labels)
    largest = float(np.abs(filters).max())
    return {
        "steps": list(STEPS),
        "val_loss": [round(loss, DECIMALS) for loss in recorder.losses],
        "val_accuracy": [round(accuracy, DECIMALS) for accuracy in recorder.accuracies],
        "positions": positions,
        "labels": labels[positions].tolist(),
        "answers": probabilities[:, positions].argmax(axis=2).tolist(),
        "probabilities": np.round(probabilities[:, positions] * 255).astype(int).tolist(),
        "largest_weight": round(largest, 6),
        "filters": [np.round(one / largest * 127).astype(int).tolist() for one in np.moveaxis(filters, 3, 1)],
    }


def main():
    """Train, compare with the reference network, and write the record."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    import keras

    from mnist_tutorial.model import build_model
    from mnist_tutorial.notebook import library_versions
    from mnist_tutorial.processing import process_images, process_labels

    digits = require_mnist("The checkpoints are recorded")
    (images, one_hot), (test, _) = ((process_images(part), process_labels(labels)) for part, labels in digits)
    labels = digits[1][1]
    trained = int(len(images) * (1 - VALIDATION_SHARE))
    seed = load_record()["median_seed"]
    keras.utils.set_random_seed(seed)
    model = build_model()
    recorder = recorder_of((images[trained:], one_hot[trained:]), test)
    fit_model(model, images, one_hot, callbacks=[recorder])
    reference = load_reference_model()
    same = all(np.array_equal(*pair) for pair in zip(model.get_weights(), reference.get_weights(), strict=True))
    answers = reference.predict(test, batch_size=BATCH_SIZE, verbose=0).argmax(axis=1)
    last = recorder.probabilities[-1].argmax(axis=1)
    record = {
        "about": "Made by scripts/train_checkpoints.py: the median run of runs.json once more, at forty steps. Losses "
        "and accuracies are those on validation data; probabilities are in 255ths, filters in 127ths of the largest "
        "weight. same_weights: whether the run ended with the reference network's weights; other_answers: to how many "
        "of the test digits it gave another answer.",
        "seed": seed,
        "threads": os.environ.get("TF_NUM_INTRAOP_THREADS", "all"),
        "versions": library_versions(),
        "batch_size": BATCH_SIZE,
        "epochs": EPOCHS,
        "epoch_steps": trained // BATCH_SIZE,
        "same_weights": same,
        "other_answers": int((answers != last).sum()),
        "test_errors": int((last != labels).sum()),
        **record_of(recorder, labels),
    }
    write_json(CHECKPOINTS, record)
    print(f"The reference network's weights: {same}. Other answers: {record['other_answers']} of {len(labels)}.")


if __name__ == "__main__":
    main()
