"""Step 4 as a function: the network that the book builds."""


def build_model(filters=30, kernel_size=5, units=128, dropout=0.2):
    """Build the tutorial's network, untrained: a `keras.Sequential` from (28, 28, 1) to ten probabilities.

    filters: how many patterns the convolution looks for. kernel_size: rows and columns of its window, a number
    or a (row, column) tuple. units: neurons of the hidden layer. dropout: the share of values that dropout sets
    to zero while training, 0 up to but not 1. Raises ValueError (from Keras) for sizes that do not fit.
    """
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
