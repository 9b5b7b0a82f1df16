"""The network's forward pass in NumPy, from the weights in a page; forward_pass.js does the same in JavaScript."""

import numpy as np

from mnist_tutorial.reference.weights_format import LAYERS, decode


def layers_of(weights, image):
    """Return the values of all layers of a network like the book's for an image, as forward() does in the page.

    weights: as page_weights() returns them, or compact as in weights.js. image: (28, 28) uint8. Returns a dict of
    arrays: convolution (24, 24, 30) and pooling (12, 12, 30) for the book's network, hidden (128,), each after its
    ReLU, logits and probabilities (10,); other numbers of filters and units give other shapes.
    """
    return forward([decode(weights[name]) for name in LAYERS], image)


def forward(layers, image):
    """Return the same as layers_of(), from weights that are decoded already.

    layers: kernel and bias of convolution, hidden layer and output. image: (28, 28) uint8, or (n, 28, 28) for n
    images at once, which is faster; then each array begins with n.
    """
    (kernel, bias), (hidden_kernel, hidden_bias), (output_kernel, output_bias) = layers
    windows = np.lib.stride_tricks.sliding_window_view(image / np.float32(255), kernel.shape[:2], axis=(-2, -1))
    convolution = np.maximum(np.tensordot(windows, kernel[:, :, 0], 2) + bias, 0)
    *several, rows, columns, filters = convolution.shape
    rows, columns = rows // 2, columns // 2
    blocks = convolution[..., : 2 * rows, : 2 * columns, :].reshape(*several, rows, 2, columns, 2, filters)
    pooling = blocks.max(axis=(-4, -2))
    hidden = np.maximum(pooling.reshape(*several, -1) @ hidden_kernel + hidden_bias, 0)
    logits = hidden @ output_kernel + output_bias
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return {
        "convolution": convolution,
        "pooling": pooling,
        "hidden": hidden,
        "logits": logits,
        "probabilities": powers / powers.sum(axis=-1, keepdims=True),
    }


def probabilities_of(weights, image):
    """Return a network's ten probabilities for an image, or an empty list if its weights give NaN or infinity.

    weights: as page_weights() returns them, or compact as in weights.js. image: (28, 28) uint8.
    """
    probabilities = layers_of(weights, image)["probabilities"]
    return probabilities.tolist() if np.isfinite(probabilities).all() else []
