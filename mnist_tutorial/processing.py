"""Step 3 as functions: from the arrays as they are loaded to the arrays that the network takes."""

import numpy as np

from mnist_tutorial.arrays import CLASSES, as_images, as_labels


def process_images(images):
    """Add the channel axis and scale the pixels.

    images: (n, 28, 28) uint8, 0 to 255. Returns (n, 28, 28, 1) float32, 0 to 1.
    Raises ValueError for another shape or dtype: images that are processed already would come out nearly black.
    """
    return as_images("process_images", images).reshape(-1, 28, 28, 1).astype("float32") / 255


def process_labels(labels):
    """Turn labels into one-hot rows.

    labels: (n,) whole numbers, 0 to 9. Returns (n, 10) float32: a row holds a 1 at its label and 0 elsewhere.
    Raises ValueError for another shape or dtype and for labels outside 0 to 9.
    """
    return np.eye(CLASSES, dtype="float32")[as_labels("process_labels", labels)]
