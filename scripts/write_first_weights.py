"""Write the copy of the book's network that answers in a page until the whole one is there: first_weights.js

    python scripts/write_first_weights.py

Its hidden layer has only the weights -1, 0 and 1, times one factor per unit: a sixth of the bytes of weights.js, and
nearly always the same answer. No training: as in quantise(), weights that are rounded later correct what rounding the
ones before has changed. MNIST is needed.
"""

import argparse
import gzip
import json

import numpy as np

from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import FOLDER, load_reference_model
from mnist_tutorial.reference.records import require_mnist, write_text
from mnist_tutorial.reference.weights_format import ALPHABET, as_base64, page_weights

FILE = "first_weights.js"
START = "(window.mnistTutorial ??= {}).firstWeights = "
TOGETHER = 3  # weights in one character, which has 64 values: 3 ** 3 are used
FACTOR = 4  # of a unit's weights, in their standard deviations: the larger it is, the more weights are 0
SMALLEST = 0.6  # of the factor, to be rounded to 1 and not to 0
IMAGES = 10_000  # training images on which the rounding is optimised
BLOCK = 64  # inputs after which the corrections are added to all that follow
MIN_AGREEMENT = 0.995  # share of the test images that get the same answer from the copy


def three_levels(kernel, inputs):
    """Round each unit's weights to -1, 0 and 1 times a factor, so that its sums change as little as possible.

    kernel: (inputs, units) float32. inputs: (n, inputs) float32, the layer's inputs for n images. Returns
    steps, (inputs, units) int8, and factors, (units,) float32.
    """
    deviation = kernel.std(axis=0)
    factors = (FACTOR * np.where(deviation > 0, deviation, 1)).astype("float32")
    correlations = (inputs.T @ inputs).astype("float64")
    correlations += max(0.01 * np.mean(np.diag(correlations)), 1e-6) * np.eye(len(correlations))
    influence = np.linalg.cholesky(np.linalg.inv(correlations)).T.astype("float32")
    remaining = kernel.astype("float32")
    steps = np.zeros(kernel.shape, dtype="int8")
    for start in range(0, len(kernel), BLOCK):
        end = min(start + BLOCK, len(kernel))
        errors = np.zeros((end - start, kernel.shape[1]), dtype="float32")
        for i in range(start, end):
            steps[i] = np.sign(remaining[i]) * (np.abs(remaining[i]) > SMALLEST * factors)
            errors[i - start] = (remaining[i] - steps[i] * factors) / influence[i, i]
            remaining[i + 1 : end] -= np.outer(influence[i, i + 1 : end], errors[i - start])
        remaining[end:] -= influence[start:end, end:].T @ errors
    return steps, factors


def packed(steps):
    """Return steps of -1, 0 and 1 as text, three in one character of base64's alphabet, the first of them lowest."""
    values = np.append(steps.ravel() + 1, np.ones(-steps.size % TOGETHER, dtype=int))
    return ALPHABET[values.reshape(-1, TOGETHER) @ 3 ** np.arange(TOGETHER)].tobytes().decode("ascii")


def first_weights(weights, steps, factors):
    """Return weights in the format of page_weights(), with a hidden layer of three levels.

    weights: the whole network's, in that format. steps, factors: of its hidden layer, as from three_levels().
    """
    hidden = {"kernel": packed(steps), "scale": as_base64(factors), "together": TOGETHER}
    return weights | {"hidden": weights["hidden"] | hidden}


def as_script(weights):
    """Return these weights as a classic script, which a page can also load from file://."""
    return f"{START}{json.dumps(weights, separators=(',', ':'))};\n"


def main():
    """Write the file and print how often the copy gives the same answer."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    import keras

    (images, _), (test_images, labels) = require_mnist("The copy is rounded")
    model = load_reference_model()
    before_hidden = keras.Model(model.inputs, model.layers[-3].output)
    kernel, bias = model.layers[-2].get_weights()
    inputs = before_hidden.predict(process_images(images[:IMAGES]), verbose=0)
    steps, factors = three_levels(kernel, inputs)
    output, output_bias = model.layers[-1].get_weights()
    tested = before_hidden.predict(process_images(test_images), verbose=0)

    def answers(some):
        return (np.maximum(tested @ some + bias, 0) @ output + output_bias).argmax(axis=1)

    whole, copy = answers(kernel), answers(steps * factors)
    agreement = np.mean(whole == copy)
    if agreement < MIN_AGREEMENT:
        raise SystemExit(f"The copy gives the same answer on only {agreement:.2%} of the test images.")
    script = as_script(first_weights(page_weights(model), steps, factors))
    write_text(FOLDER / FILE, script)
    size = len(gzip.compress(script.encode(), mtime=0))
    print(
        f"{FILE}: {size / 1000:.0f} kB compressed, {np.mean(steps == 0):.0%} of its weights are 0. It gives the same "
        f"answer on {agreement:.2%} of the test images; {np.sum(copy != labels)} of its answers are wrong, of the "
        f"whole network's {np.sum(whole != labels)}."
    )


if __name__ == "__main__":
    main()
