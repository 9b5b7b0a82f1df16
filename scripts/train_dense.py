"""Train the book's network and one of dense layers alone with as many parameters, and record how both read.

Five seeds each, on the same images, in a few minutes; both are also tested on the test images moved by some pixels. It
goes on where it was interrupted: python scripts/train_dense.py
"""

import argparse
import json

import numpy as np

from mnist_tutorial.comparisons import DENSE, load_dense
from mnist_tutorial.reference.records import require_mnist, write_json

IMAGES, EPOCHS, BATCH, SEEDS = 12_000, 6, 100, (1, 2, 3, 4, 5)
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


def settings():
    return {"images": IMAGES, "epochs": EPOCHS, "batch_size": BATCH}


def begun():
    """Return the runs of an unfinished record of this command as it is now, by their networks."""
    try:
        record = json.loads(DENSE.read_text("utf-8"))
        if record["settings"] == settings():
            return load_dense()["runs"]
    except (OSError, ValueError, LookupError, TypeError):
        pass
    return {name: [] for name in NETWORKS}


def main():
    """Train all, and write the record after each network."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from mnist_tutorial.processing import process_images, process_labels

    training, test = (
        (process_images(images), process_labels(labels)) for images, labels in require_mnist("The networks are trained")
    )
    runs = begun()
    for seed in SEEDS:
        for name in NETWORKS:
            if any(run["seed"] == seed for run in runs[name]):
                continue
            runs[name].append(train(name, training, test, seed))
            print(name, runs[name][-1], flush=True)
            write_json(
                DENSE,
                {
                    "about": "Made by scripts/train_dense.py: convolution and dense layers alone, parameters alike.",
                    "settings": settings(),
                    "test": len(test[0]),
                    "runs": runs,
                },
            )


if __name__ == "__main__":
    main()
