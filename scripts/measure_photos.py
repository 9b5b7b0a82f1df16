"""Print how many made-up photos of each kind the reference network reads right, and how many surely wrong.

    python scripts/measure_photos.py [--count 100] [--seed 2] [--choose] [--kind NAME ...] [--misses]

MNIST's test digits are needed (load_mnist finds or fetches them). Those at even places are for choosing how photos are
prepared (--choose), those at odd places for reporting.
"""

import argparse

import numpy as np

from mnist_tutorial import handwriting
from mnist_tutorial.data import load_mnist
from mnist_tutorial.handwriting.photo_sets import KINDS, LINES, photo_set
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.weights_format import LAYERS, decode

SURE = 0.9


def read(photo, ask):
    """Return the network's (digit, probability, whether the preparation has doubts), or None without an answer."""
    try:
        prepared = handwriting.prepare(photo)
    except handwriting.HandwritingError:
        return None
    probabilities = ask(prepared.image)
    return int(probabilities.argmax()), float(probabilities.max()), bool(getattr(prepared, "doubts", ()))


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


def measure(kind, count, seed, images, labels, ask):
    """Return counts of one kind: right, surely wrong, the same without those told as doubtful, refused, and misses."""
    right = sure = told = refused = 0
    misses = []
    for i, (photo, digit) in enumerate(photo_set(kind, count, seed, images, labels)):
        if kind == LINES:
            found = [ask(one.image) for one in handwriting.split(photo)]
            answers = [int(one.argmax()) for one in found]
            good, certain = answers == digit, min((one.max() for one in found), default=0) >= SURE
            doubt, answer = False, answers
        else:
            answer = read(photo, ask)
            refused += answer is None
            good = answer is not None and answer[0] == digit
            certain, doubt = (answer[1] >= SURE, answer[2]) if answer else (False, False)
        right += good
        sure += certain and not good
        told += certain and not good and not doubt
        if not good:
            misses.append((i, digit, answer))
    return right, sure, told, refused, misses


def main(arguments=None):
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=100, help="photos of each kind")
    parser.add_argument("--seed", type=int, default=2, help="of the photos; 1 was taken for choosing")
    parser.add_argument("--choose", action="store_true", help="take the digits at even places")
    parser.add_argument("--kind", nargs="*", help="parts of the names of kinds; all without")
    parser.add_argument("--misses", action="store_true", help="print number, digit and answer of those read wrong")
    options = parser.parse_args(arguments)
    _, (images, labels) = load_mnist()
    images, labels = (of[0 if options.choose else 1 :: 2] for of in (images, labels))
    ask = network()

    print(f"{'of ' + str(options.count):36} right  surely wrong  told no doubt  refused")
    for kind in (*KINDS, LINES):
        if options.kind and not any(part in kind for part in options.kind):
            continue
        right, sure, told, refused, misses = measure(kind, options.count, options.seed, images, labels, ask)
        print(f"{kind:36} {right:5} {sure:13} {told:14} {refused:8}", flush=True)
        if options.misses:
            print("   ", misses)


if __name__ == "__main__":
    main()
