"""Train the book's network on images split in two ways, at random and by writer, and record what each way says.

A validation set of images drawn at random holds other digits of the people who were trained on; one of whole writers
holds none. Ten seeds; each draws its own writers, trains two networks on as many images, and tests them on the training
images of all other writers, and on the test set. It takes some minutes, and goes on where it was interrupted:
python scripts/train_splits.py
"""

import argparse

import numpy as np

from mnist_tutorial.comparisons import SPLITS
from mnist_tutorial.reference.records import continued, make_missing_runs, require_mnist
from mnist_tutorial.writers import load_writers

WRITERS, HELD_OUT, EPOCHS, BATCH = 160, 0.25, 6, 100
SEEDS = tuple(range(1, 11))
SETTINGS = {"writers": WRITERS, "held_out": HELD_OUT, "epochs": EPOCHS, "batch_size": BATCH}
WAYS = ("at random", "by writer")


def split(way, writer, seed):
    """Return the positions of the training images and of the validation images.

    way: one of WAYS. writer: (n,) whole numbers, who wrote each image. Both ways take the images of the same WRITERS
    people, train on about three quarters of them, and hold out the rest: images, or people.
    """
    rng = np.random.default_rng(seed)
    people = rng.permutation(np.unique(writer))[:WRITERS]
    images = rng.permutation(np.flatnonzero(np.isin(writer, people)))
    held_out = np.isin(writer[images], people[: round(HELD_OUT * len(people))])
    if way == "at random":
        held_out = np.arange(len(images)) < held_out.sum()  # as many, no matter who wrote them
    return images[~held_out], images[held_out]


def train(way, training, test, writer, seed):
    """Train one network; return what the record keeps of it."""
    import keras

    from mnist_tutorial.model import build_model

    chosen, held_out = split(way, writer, seed)
    keras.utils.set_random_seed(seed)
    model = build_model()
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    images, labels = training
    model.fit(images[chosen], labels[chosen], epochs=EPOCHS, batch_size=BATCH, verbose=0)

    def wrong(digits, truth):
        return int((model.predict(digits, batch_size=500, verbose=0).argmax(axis=1) != truth.argmax(axis=1)).sum())

    strangers = np.flatnonzero(~np.isin(writer, np.concatenate([writer[chosen], writer[held_out]])))
    return {
        "seed": seed,
        "trained": len(chosen),
        "validation": len(held_out),
        "known": int(np.isin(writer[held_out], writer[chosen]).sum()),
        "validation_wrong": wrong(images[held_out], labels[held_out]),
        "strangers": len(strangers),
        "strangers_wrong": wrong(images[strangers], labels[strangers]),
        "test_wrong": wrong(*test),
    }


def main():
    """Train all, and write the record after each network."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from mnist_tutorial.processing import process_images, process_labels

    training, test = (
        (process_images(images), process_labels(labels)) for images, labels in require_mnist("The networks are trained")
    )
    writer = load_writers().train_writer
    fresh = {
        "about": "Made by scripts/train_splits.py: validation images drawn at random, and by writer.",
        "settings": SETTINGS,
        "test": len(test[0]),
        "runs": {way: [] for way in WAYS},
    }
    make_missing_runs(
        SPLITS, continued(SPLITS, fresh), SEEDS, lambda way, seed: train(way, training, test, writer, seed)
    )


if __name__ == "__main__":
    main()
