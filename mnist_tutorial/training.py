"""Step 5 as functions: compile the network, and fit it."""

import statistics
import time

EPOCHS = 10
BATCH_SIZE = 200
VALIDATION_SHARE = 0.1  # of the training pictures, the last ones; never trained on


def compile_model(model, training_images):
    """Tell a model how it is to learn: cross-entropy, and Adam with steps that shrink to nothing at the end.

    training_images: how many pictures an epoch goes through; the length of the whole way follows from it.
    """
    import keras

    steps = training_images // BATCH_SIZE * EPOCHS
    learning_rate = keras.optimizers.schedules.CosineDecay(0.001, max(steps, 1))
    model.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.Adam(learning_rate),
        metrics=["accuracy"],
    )


def fit_model(model, images, one_hot, callbacks=()):
    """Compile and fit as the chapter does; return Keras's History.

    images: (n, 28, 28, 1) float32, 0 to 1. one_hot: (n, 10) float32. The last tenth is kept for validation.
    callbacks: Keras callbacks, for example `[TrainingMonitor()]`. Keras's own progress bar is off.
    """
    compile_model(model, int(len(images) * (1 - VALIDATION_SHARE)))
    return model.fit(
        images,
        one_hot,
        validation_split=VALIDATION_SHARE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        verbose=0,
        callbacks=list(callbacks),
    )


def seconds_per_batch(batches=30):
    """Measure how long this machine takes for one batch of the book's training: seconds, the median of `batches`.

    A fresh network learns from random pictures; a few batches go before that do not count. What an epoch takes,
    divided by this, can be compared between machines.
    """
    import numpy as np

    from mnist_tutorial.model import build_model

    rng = np.random.default_rng(0)
    images = rng.random((BATCH_SIZE, 28, 28, 1), dtype="float32")
    one_hot = np.eye(10, dtype="float32")[rng.integers(0, 10, BATCH_SIZE)]
    model = build_model()
    compile_model(model, BATCH_SIZE)
    seconds = []
    for _ in range(batches + 5):
        started = time.perf_counter()
        model.train_on_batch(images, one_hot)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[5:])
