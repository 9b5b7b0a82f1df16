"""Train the book's network and one of dense layers alone with as many parameters, and record how both read.

Five seeds each, on the same images, in a few minutes; both are also tested on the test images moved by some pixels. It
goes on where it was interrupted: python scripts/train_dense.py
"""

import argparse

import numpy as np

from mnist_tutorial.comparisons import DENSE
from mnist_tutorial.reference.records import continued, make_missing_runs, require_mnist

IMAGES, EPOCHS, BATCH, SEEDS = 12_000, 6, 100, (1, 2, 3, 4, 5)
SETTINGS = {"images": IMAGES, "epochs": EPOCHS, "batch_size": BATCH}
UNITS = 698  # 785 * 698 weights and biases, and 10 * 699 in the last layer: as many as the book's network has
SHIFTS = (0, 1, 2, 3)  # to the right, in pixels
NETWORKS = ("convolution", "dense layers alone")


def build(name):
    """Return one of NETWORKS, untrained; both have about 555,000 parameters and the same dropout."""
    import keras
    from keras import layers

    from mnist_tutorial.model import build_model

    if name == "convolution":
        return build_model()
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Flatten(),
            layers.Dense(UNITS, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )


def train(name, training, test, seed):
    """Train one network; return what the record keeps of it."""
    import keras

    keras.utils.set_random_seed(seed)
    model = build(name)
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(*(one[:IMAGES] for one in training), epochs=EPOCHS, batch_size=BATCH, verbose=0)
    images, truth = test[0], test[1].argmax(axis=1)
    wrong = {}
    for shift in SHIFTS:
        moved = np.zeros_like(images)
        moved[:, :, shift:] = images[:, :, : images.shape[2] - shift]
        wrong[str(shift)] = int((model.predict(moved, batch_size=500, verbose=0).argmax(axis=1) != truth).sum())
    return {"seed": seed, "parameters": model.count_params(), "wrong": wrong}


def main():
    """Train all, and write the record after each network."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from mnist_tutorial.processing import process_images, process_labels

    training, test = (
        (process_images(images), process_labels(labels)) for images, labels in require_mnist("The networks are trained")
    )
    fresh = {
        "about": "Made by scripts/train_dense.py: convolution and dense layers alone, parameters alike.",
        "settings": SETTINGS,
        "test": len(test[0]),
        "runs": {name: [] for name in NETWORKS},
    }
    make_missing_runs(DENSE, continued(DENSE, fresh), SEEDS, lambda name, seed: train(name, training, test, seed))


if __name__ == "__main__":
    main()
