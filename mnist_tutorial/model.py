"""Step 4 as a function: the network that the book builds."""

import numbers
import reprlib


def build_model(filters=30, kernel_size=5, units=128, dropout=0.2):
    """Build the tutorial's network, untrained: a `keras.Sequential` from (28, 28, 1) to ten probabilities.

    filters: how many patterns the convolution looks for. kernel_size: rows and columns of its window, a number
    or a (row, column) tuple. units: neurons of the hidden layer. dropout: the share of values that dropout sets
    to zero while training, 0 up to but not 1. Raises ValueError for other sizes, and for a window that is larger than
    the image.
    """
    window = kernel_size if isinstance(kernel_size, tuple | list) else (kernel_size, kernel_size)
    for name, sizes, most in (("filters", [filters], None), ("kernel_size", window, 27), ("units", [units], None)):
        if not sizes or not all(_is_whole(size) and 1 <= size <= (most or size) for size in sizes):
            limit = f"from 1 to {most}" if most else "from 1 on"
            raise ValueError(f"build_model() was given {name}={reprlib.repr(sizes)}; it expects whole numbers {limit}.")
    if len(window) != 2:
        raise ValueError(
            f"build_model() was given kernel_size={reprlib.repr(kernel_size)}; "
            "it expects one number, or rows and columns."
        )
    if isinstance(dropout, bool) or not isinstance(dropout, numbers.Real) or not 0 <= dropout < 1:
        raise ValueError(
            f"build_model() was given dropout={reprlib.repr(dropout)}; "
            "it expects a share from 0 up to but not 1, such as 0.2."
        )
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(filters, kernel_size, activation="relu"),
            layers.MaxPooling2D(pool_size=2),
            layers.Dropout(dropout),
            layers.Flatten(),
            layers.Dense(units, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def _is_whole(size):
    return isinstance(size, numbers.Integral) and not isinstance(size, bool)
