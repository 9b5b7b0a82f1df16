"""Check the arrays that a function is given; every error says what was given, what is expected and what to do."""

import numpy as np

CLASSES = 10


def as_array(function, name, values):
    """Return values as an array. Raises ValueError for values that form none, such as rows of different lengths.

    function, name: of what was called and of its argument, for the message; the same in the functions below.
    """
    try:
        return np.asarray(values)
    except Exception as error:  # whatever an object does that says it is like an array
        raise ValueError(
            f"{function}() was given {name} that are no array ({error}); it expects an array of numbers. "
            "Give all rows the same length."
        ) from error


def as_images(function, images):
    """Return images as an array if they are as load_mnist() gives them: (n, 28, 28) uint8, 0 to 255."""
    images = as_array(function, "images", images)
    is_right_shape = images.ndim == 3 and images.shape[1:] == (28, 28)
    if is_right_shape and images.dtype == np.uint8:
        return images
    cure = "Pass it the images before any processing."
    if is_right_shape and images.dtype.kind in "iu" and images.size and 0 <= images.min() <= images.max() <= 255:
        cure = 'Turn lists and other whole numbers into such an array with np.array(images, dtype="uint8").'
    elif images.shape == (28, 28):
        cure = "Put a single image into an array of one: images[None]."
    raise ValueError(
        f"{function}() was given an array of shape {images.shape} and type {images.dtype}; "
        f"it expects images as load_mnist() gives them: shape (n, 28, 28), type uint8. {cure}"
    )


def as_labels(function, labels, count=None, classes=CLASSES):
    """Return labels as an array if they are whole numbers from 0 to classes - 1, (n,), one per sample.

    count: how many there must be; None: any number.
    """
    labels = as_array(function, "labels", labels)
    expected = f"it expects one whole number from 0 to {classes - 1} per sample: shape (n,)"
    given = f"{function}() was given an array of shape {labels.shape} and type {labels.dtype} as labels"
    if labels.shape == (0,) and count in (0, None):
        return labels.astype(np.uint8)
    if labels.ndim == 2 and labels.shape[1] == 1:
        raise ValueError(f"{given}; {expected}. Take its only column: labels[:, 0].")
    if labels.ndim == 2 and labels.shape[1] == classes:
        cure = "They are one-hot already; labels.argmax(axis=1) gives the labels."
        raise ValueError(f"{given}; {expected}. {cure}")
    if labels.ndim != 1:
        raise ValueError(f"{given}; {expected}. Pass it the labels before any processing.")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{given}; {expected}. {_cure_of_type(labels)}")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(
            f"{function}() was given labels from {labels.min()} to {labels.max()}; {expected}. "
            "Correct the labels, or leave these samples out."
        )
    if count is not None and len(labels) != count:
        raise ValueError(
            f"{function}() was given {len(labels):,} labels for {count:,} samples; {expected}. "
            "Take the same samples of both."
        )
    return labels


def _cure_of_type(labels):
    """Say what to do about labels that are no whole numbers."""
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all() or (labels % 1).any():
            wrong = labels[~np.isfinite(labels) | (labels % 1 != 0)][0]
            return f"{wrong} is no label: correct it, or leave the sample out."
        return "The numbers are whole: labels.astype(int) makes them labels."
    if labels.dtype.kind in "US":
        return "They are texts: labels.astype(int) makes numbers of them."
    return "Pass it whole numbers."


def as_probabilities(function, probabilities):
    """Return probabilities as an array of floats if they are one row per sample, (n, classes), each from 0 to 1."""
    probabilities = as_array(function, "probabilities", probabilities)
    given = f"{function}() was given an array of shape {probabilities.shape} and type {probabilities.dtype}"
    expected = "it expects one row of probabilities from 0 to 1 per sample: shape (n, classes)"
    if probabilities.dtype.kind not in "fiub":
        raise ValueError(f"{given}; {expected}. Pass it what model.predict() returns.")
    if probabilities.ndim != 2 or not probabilities.shape[1]:
        cure = "Put a single row into an array of one: probabilities[None]." if probabilities.ndim == 1 else ""
        raise ValueError(f"{given}; {expected}. {cure or 'Pass it what model.predict() returns.'}")
    if not _within(probabilities, 0, 1):
        low, high = probabilities.min(), probabilities.max()
        cure = "NaN comes from a training that went wrong: train again with a smaller learning rate."
        if np.isfinite(probabilities).all():
            cure = "Numbers beyond 0 and 1 may be logits: softmax makes probabilities of them."
        raise ValueError(f"{function}() was given numbers from {low} to {high}; {expected}. {cure}")
    return probabilities


def _within(values, low, high):
    """Say whether all values are between two numbers, apart from rounding; NaN is not."""
    return bool(((values >= low - 1e-4) & (values <= high + 1e-4)).all())


def as_one_hot(function, one_hot, shape):
    """Return one-hot rows as an array if they fit the shape (n, classes), are from 0 to 1 and add up to 1.

    A row may share the 1 between classes, as label smoothing does.
    """
    one_hot = as_array(function, "one-hot rows", one_hot)
    given = f"{function}() was given an array of shape {one_hot.shape} and type {one_hot.dtype} as one-hot rows"
    expected = f"it expects one row per sample, which holds a 1 at the right class and 0 elsewhere: shape {shape}"
    if one_hot.shape != shape:
        cure = "Take the same samples of both."
        if one_hot.shape in ((shape[0],), (shape[0], 1)):
            cure = "Labels become one-hot rows with process_labels(labels)."
        raise ValueError(f"{given}; {expected}. {cure}")
    if one_hot.dtype.kind not in "fiub":
        raise ValueError(f"{given}; {expected}. Pass it what process_labels() returns.")
    if not _within(one_hot, 0, 1) or not np.allclose(one_hot.sum(axis=1, dtype=float), 1, atol=1e-3):
        raise ValueError(
            f"{function}() was given rows with numbers from {one_hot.min()} to {one_hot.max()} as one-hot rows; "
            f"{expected}. Pass it what process_labels() returns."
        )
    return one_hot
