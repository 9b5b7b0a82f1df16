"""Count how many made-up photos of each kind the reference network reads right, and how many surely wrong.

    python scripts/measure_photos.py --write
    python scripts/measure_photos.py [--count 100] [--seed 2] [--choose] [--kind NAME ...] [--misses]

With --write the counts are recorded in mnist_tutorial/reference/photos.json, which chapter 9 shows: 160 photos of
each kind, twenty with each of eight seeds. It takes eight minutes, and goes on where it was interrupted. Else they are
printed. MNIST's test digits are needed. Those at even places are for choosing how photos are prepared (--choose, with
seed 1), those at odd places for reporting.
"""

import argparse

import numpy as np

from mnist_tutorial import handwriting
from mnist_tutorial.handwriting.measured import RECORD
from mnist_tutorial.handwriting.photo_sets import ALL_KINDS, SEVERAL, photo_set
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.records import continued, make_missing_runs, require_mnist
from mnist_tutorial.reference.weights_format import LAYERS, decode

SURE = 0.75  # as DigitPad's words: below, it says "unsure"
SEEDS, PHOTOS = tuple(range(21, 29)), 20  # recorded


def network():
    """Return the reference network as a function of one image; its weights are decoded once."""
    weights = load_page_weights()
    (kernel, bias), (hidden, hidden_bias), (output, output_bias) = (decode(weights[name]) for name in LAYERS)

    def ask(image):
        windows = np.lib.stride_tricks.sliding_window_view(image / np.float32(255), kernel.shape[:2])
        maps = np.maximum(np.tensordot(windows, kernel[:, :, 0], 2) + bias, 0)
        pooled = maps.reshape(12, 2, 12, 2, -1).max(axis=(1, 3)).ravel()
        logits = np.maximum(pooled @ hidden + hidden_bias, 0) @ output + output_bias
        powers = np.exp(logits - logits.max())
        return powers / powers.sum()

    return ask


def read(photo, ask, several=False):
    """Return what is read on a photo, a list of digits, and whether no doubt is told; ([], False) without ink."""
    try:
        found = handwriting.split(photo) if several else [handwriting.prepare(photo)]
    except handwriting.HandwritingError:
        return [], False
    answers = [ask(one.image) for one in found]
    sure = min(answer.max() for answer in answers) >= SURE and not any(one.doubts for one in found)
    return [int(answer.argmax()) for answer in answers], bool(sure)


def measure(kind, count, seed, images, labels, ask):
    """Return the counts of one kind, as load_measured_photos() has them, and the misses: (number, digit, answer)."""
    counts = {"seed": seed, "photos": 0, "right": 0, "unsure": 0, "surely_wrong": 0, "no_ink": 0}
    misses = []
    for i, (photo, digit) in enumerate(photo_set(kind, count, seed, images, labels)):
        answers, sure = read(photo, ask, kind in SEVERAL)
        good = answers == (digit if kind in SEVERAL else [digit])
        counts["photos"] += 1
        counts["right"] += good
        counts["unsure"] += not sure
        counts["surely_wrong"] += sure and not good
        counts["no_ink"] += not answers
        if not good:
            misses.append((i, digit, answers, "surely" if sure else "unsure"))
    return counts, misses


def main(arguments=None):
    """Print the table, or write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help="record the counts instead, where they are missing")
    parser.add_argument("--count", type=int, default=100, help="photos of each kind")
    parser.add_argument("--seed", type=int, default=2, help="of the photos; 1 was taken for choosing")
    parser.add_argument("--choose", action="store_true", help="take the digits at even places")
    parser.add_argument("--kind", nargs="*", help="parts of the names of kinds; all without")
    parser.add_argument("--misses", action="store_true", help="print number, digit and answer of those read wrong")
    options = parser.parse_args(arguments)
    if options.write and options.choose:
        parser.error("--write records what is reported; digits for choosing are not for that")
    _, (images, labels) = require_mnist("Photos are made")
    images, labels = (of[0 if options.choose else 1 :: 2] for of in (images, labels))
    ask = network()

    if options.write:
        fresh = {
            "about": "Made by scripts/measure_photos.py: made-up photos of many kinds, read by the reference network.",
            "settings": {"photos": PHOTOS, "digits": "at odd places of MNIST's test set", "sure_from": SURE},
            "runs": {kind: [] for kind in ALL_KINDS},
        }
        record = continued(RECORD, fresh)
        make_missing_runs(RECORD, record, SEEDS, lambda kind, seed: measure(kind, PHOTOS, seed, images, labels, ask)[0])
        return

    print(f"{'of ' + str(options.count):36} right  unsure  surely wrong  no ink")
    for kind in ALL_KINDS:
        if options.kind and not any(part in kind for part in options.kind):
            continue
        counts, misses = measure(kind, options.count, options.seed, images, labels, ask)
        print(
            f"{kind:36} {counts['right']:5} {counts['unsure']:7} {counts['surely_wrong']:13} {counts['no_ink']:7}",
            flush=True,
        )
        if options.misses:
            print("   ", misses)


if __name__ == "__main__":
    main()
