"""The network's backward pass in NumPy, from the weights that a page carries; backward_pass.js does the same there."""

import numpy as np

from mnist_tutorial.reference.forward_pass import layers_of
from mnist_tutorial.reference.weights_format import LAYERS, decode


def gradients_of(weights, image, label):
    """Return the loss of a network of the book's form for one image, and the loss's gradients.

    weights: as page_weights() returns them, or compact as in weights.js. image: (28, 28) uint8. label: the right
    answer, 0 to 9. Returns a dict: `layers`, what layers_of() returns; `loss`, the cross-entropy; and arrays with a
    gradient for each value or weight: logits (10,), hidden and convolution, by the sums before their ReLU, pooling; and
    kernel and bias of each layer as `weights`, {"convolution": (kernel, bias), "hidden": ..., "output": ...}.
    """
    _, (hidden_kernel, _), (output_kernel, _) = (decode(weights[name]) for name in LAYERS)
    layers = layers_of(weights, image)
    scores = layers["logits"].astype("float64")
    powers = np.exp(scores - scores.max())
    logits = powers / powers.sum() - np.eye(10)[label]
    hidden = (output_kernel @ logits) * (layers["hidden"] > 0)
    pooling = (hidden_kernel @ hidden).reshape(layers["pooling"].shape)
    convolution = through_pooling(pooling, layers["convolution"])
    size = weights["convolution"]["shape"][:2]
    windows = np.lib.stride_tricks.sliding_window_view(image / 255, size)
    kernel = np.tensordot(windows, convolution, ([0, 1], [0, 1]))[:, :, None]
    return {
        "layers": layers,
        "loss": float(np.log(powers.sum()) + scores.max() - scores[label]),
        "logits": logits,
        "hidden": hidden,
        "pooling": pooling,
        "convolution": convolution,
        "weights": {
            "convolution": (kernel, convolution.sum(axis=(0, 1))),
            "hidden": (np.outer(layers["pooling"].ravel(), hidden), hidden),
            "output": (np.outer(layers["hidden"], logits), logits),
        },
    }


def through_pooling(gradient, values):
    """Return the gradient by the maps' sums: of each block of 2 x 2 only the largest has one, if it is above 0.

    gradient: (rows, columns, filters), of the pooled numbers. values: the maps after their ReLU, (height, width,
    filters). Of equally large ones the first has all of it, row by row, as in TensorFlow; the others have 0.
    """
    rows, columns, filters = gradient.shape
    blocks = values[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, filters).transpose(0, 2, 4, 1, 3)
    winners = blocks.reshape(rows, columns, filters, 4).argmax(axis=-1)
    row, column, channel = np.indices(gradient.shape)
    place = 2 * row + winners // 2, 2 * column + winners % 2, channel
    result = np.zeros(values.shape)
    result[place] = gradient * (values[place] > 0)
    return result
