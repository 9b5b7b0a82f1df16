"""Teach the reference network 1s with an upstroke, which it reads as 7s, and record what it gains and what that costs.

The lesson is that of TeachYourHand with old digits in it, as in teach_writers.py. Two are compared: some drawings of
every digit, the 1s with an upstroke, and such 1s alone. A program makes all drawings: those that are taught with one
seed after another, those that are tested with a seed of their own. Nothing is chosen by what comes out: settings and
numbers of drawings were fixed before. Takes about ten minutes on one core, and writes
mnist_tutorial/reference/taught_upstrokes.json.
"""

import argparse
import platform
from datetime import date

import numpy as np
from teach_writers import teach

from mnist_tutorial.data import MNIST_SHA256
from mnist_tutorial.handwriting.drawn import drawn_digits
from mnist_tutorial.reference.records import require_mnist, write_json
from mnist_tutorial.widgets.training_data import load_digits
from mnist_tutorial.writers import TAUGHT_UPSTROKES

SETTINGS = {
    "upstrokes": {"none": 0, "short": 0.3, "long": 0.6},  # as wide as so many parts of the 1's height
    "lessons": {"every digit": list(range(10)), "1s alone": [1]},
    "each": [5, 10, 20],  # drawings of a digit
    "seeds": [101, 102, 103, 104, 105],  # of the drawings that are taught, and of the lesson
    "seed_of_tested": 3,
    "drawn": 100,  # 1s of each kind, and 7s, that are tested
    "every": 4,  # one of so many of MNIST's test images is tested
}


def tested_digits(images, labels):
    """Return what each network is tested on, by name: drawn 1s and 7s, and some of MNIST's test images."""
    count, seed, every = (SETTINGS[name] for name in ("drawn", "seed_of_tested", "every"))
    ones = {name: drawn_digits(1, count, seed, wide) for name, wide in SETTINGS["upstrokes"].items()}
    parts = {name: (drawn, np.ones(count, "uint8")) for name, drawn in ones.items()}
    parts["sevens"] = drawn_digits(7, count, seed), np.full(count, 7)
    return parts | {"mnist": (images[::every], labels[::every])}


def taught_digits(lesson, upstroke, each, seed):
    """Return the drawings of a lesson: images (n, 28, 28) uint8, and labels."""
    digits = SETTINGS["lessons"][lesson]
    wide = SETTINGS["upstrokes"][upstroke]
    drawn = [drawn_digits(digit, each, seed, wide if digit == 1 else 0) for digit in digits]
    return np.concatenate(drawn), np.repeat(digits, each)


def counts(answers, tested):
    """Return how many drawings of each kind are read right, how many of MNIST's images wrong, and of its 7s as 1s."""
    right = {name: int((np.array(answers[name]) == labels).sum()) for name, (_, labels) in tested.items()}
    labels = tested["mnist"][1]
    wrong = len(labels) - right.pop("mnist")
    as_ones = int(((np.array(answers["mnist"]) == 1) & (labels == 7)).sum())
    return {"right": right, "mnist_wrong": wrong, "sevens_as_ones": as_ones}


def runs_of(seed, tested, settings=None):
    """Yield what comes of all lessons with one seed, or of some: a dict of the lesson's settings and counts.

    settings: triples of lesson, upstroke and number of drawings. The counts before come first.
    """
    settings = settings or [
        (lesson, upstroke, each)
        for lesson in SETTINGS["lessons"]
        for upstroke in ("short", "long")
        for each in SETTINGS["each"]
    ]
    hands = [{"taught": taught_digits(*one, seed), **tested} for one in settings]
    digits = load_digits("first")
    found = teach(hands, (digits.images, digits.labels), seed=seed, lessons={"after": True})
    for (lesson, upstroke, each), answers in zip(settings, found, strict=True):
        run = {"lesson": lesson, "upstroke": upstroke, "each": each, "seed": seed}
        yield counts(answers["before"], tested), run | counts(answers["after"], tested)


def main():
    """Give all lessons, and write the record."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    _, (images, labels) = require_mnist("The lessons are measured")
    tested = tested_digits(images, labels)
    before, runs = None, []
    for seed in SETTINGS["seeds"]:
        for before, run in runs_of(seed, tested):  # noqa: B007, before is always the same
            runs.append(run)
            print(run, flush=True)
    record = {
        "about": "Made by scripts/teach_upstrokes.py: the reference network was taught drawn digits, the 1s with an "
        "upstroke, and old digits with them. right: of `drawn` other 1s with no, a short and a long upstroke, and "
        "of as many drawn 7s, so many were read right. mnist_wrong: of `mnist_tested` test images of MNIST, so many "
        "were read wrong; sevens_as_ones: of its `sevens_tested` 7s, so many as 1s. The lesson itself was chosen on "
        "validation images and on other drawings; on the images counted here, nothing was chosen.",
        "date": date.today().isoformat(),
        "data": {"name": "MNIST", "sha256": MNIST_SHA256},
        "settings": SETTINGS,
        "mnist_tested": len(tested["mnist"][1]),
        "sevens_tested": int((tested["mnist"][1] == 7).sum()),
        "versions": {"python": platform.python_version()},
        "before": before,
        "runs": runs,
    }
    write_json(TAUGHT_UPSTROKES, record)


if __name__ == "__main__":
    main()
