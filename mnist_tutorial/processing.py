"""Step 3 as functions: from the arrays as they are loaded to the arrays that the network takes."""

import numpy as np

CLASSES = 10


def process_images(images):
    """Add the channel axis and scale the pixels.

    images: (n, 28, 28) uint8, 0 to 255. Returns (n, 28, 28, 1) float32, 0 to 1.
    Raises ValueError for another shape or dtype: images that are processed already would come out nearly black.
    """
    images = np.asarray(images)
    if images.ndim != 3 or images.shape[1:] != (28, 28) or images.dtype != np.uint8:
        raise ValueError(
            f"process_images() was given an array of shape {images.shape} and type {images.dtype}; "
            "it expects images as load_mnist() gives them: shape (n, 28, 28), type uint8. "
            "Pass it the images before any processing."
        )
    return images.reshape(-1, 28, 28, 1).astype("float32") / 255


def process_labels(labels):
    """Turn labels into one-hot rows.

    labels: (n,) whole numbers, 0 to 9. Returns (n, 10) float32: a row holds a 1 at its label and 0 elsewhere.
    Raises ValueError for another shape or for labels outside 0 to 9.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"process_labels() was given an array of shape {labels.shape} and type {labels.dtype}; "
            "it expects one whole number for each image: shape (n,). Pass it the labels before any processing."
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < CLASSES:
        raise ValueError(f"process_labels() was given labels from {labels.min()} to {labels.max()}; it expects 0 to 9.")
    return np.eye(CLASSES, dtype="float32")[labels]
