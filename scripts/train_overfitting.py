"""Train the book's network on few images for long, so that it overfits, and then with each of four cures; record all.

Five seeds each, in a few minutes. The images are the first of MNIST's training set, and every network is measured on
the last thousand, which none of them is trained on: python scripts/train_overfitting.py
"""

import argparse

from mnist_tutorial.reference import FOLDER, OVERFITTING_FILE
from mnist_tutorial.reference.records import require_mnist, write_json

IMAGES, EPOCHS, BATCH, SEEDS = 300, 60, 20, (1, 2, 3, 4, 5)
VALIDATION = 1000
SETTINGS = {  # what differs from the network without dropout, trained on IMAGES with Adam
    "no cure": {},
    "dropout 0.2": {"dropout": 0.2},
    "dropout 0.5": {"dropout": 0.5},
    "weight decay": {"weight_decay": 0.1},
    "four times the images": {"images": 4 * IMAGES},
}


def train(digits, seed, dropout=0.0, weight_decay=None, images=IMAGES):
    """Train one network; return its history, with as many optimizer steps as the others take in each epoch."""
    import keras

    from mnist_tutorial.model import build_model

    first, last = (tuple(one[:images] for one in digits), tuple(one[-VALIDATION:] for one in digits))
    keras.utils.set_random_seed(seed)
    model = build_model(dropout=dropout)
    optimizer = keras.optimizers.AdamW(0.001, weight_decay=weight_decay) if weight_decay else "adam"
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    history = model.fit(
        *first,
        epochs=EPOCHS,
        batch_size=BATCH * images // IMAGES,
        validation_data=last,
        validation_batch_size=500,
        verbose=0,
    )
    return {name: [round(value, 5) for value in values] for name, values in history.history.items()}


def main():
    """Train all, and write the record."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from mnist_tutorial.processing import process_images, process_labels

    images, labels = require_mnist("The networks that overfit are trained")[0]
    digits = process_images(images), process_labels(labels)
    runs = {}
    for name, changed in SETTINGS.items():
        runs[name] = []
        for seed in SEEDS:
            runs[name].append({"seed": seed, **train(digits, seed, **changed)})
            print(f"{name}, seed {seed}: validation loss {runs[name][-1]['val_loss'][-1]:.4f}", flush=True)
    record = {
        "about": "Made by scripts/train_overfitting.py: the book's network on few images, alone and with each cure.",
        "images": IMAGES,
        "validation": VALIDATION,
        "batch_size": BATCH,
        "settings": SETTINGS,
        "runs": runs,
    }
    write_json(FOLDER / OVERFITTING_FILE, record)


if __name__ == "__main__":
    main()
