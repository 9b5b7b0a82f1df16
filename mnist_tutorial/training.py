"""Step 5 as functions: compile the network, and fit it."""

import statistics
import time

EPOCHS = 10
BATCH_SIZE = 200
VALIDATION_SHARE = 0.1  # of the training images, the last ones; never trained on


def compile_model(model, training_images):
    """Compile a model with cross-entropy and with Adam, whose learning rate falls to 0 at the end of the training.

    training_images: how many images an epoch goes through; the number of steps follows from it.
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


def complete_history(history):
    """Return a history with one entry per epoch in each of its lists, None where nothing was measured.

    history: what `fit` returns, a keras.callbacks.History, or a dict such as its `.history`. With
    `validation_freq=2`, Keras leaves out the epochs without validation and does not say which: the lists of validation
    are filled up for the smallest such number that fits. A metric called "acc" becomes "accuracy". In a History, what
    another callback wrote into `logs` and is no number is left out. Lists that fit no such number stay as they are.
    """
    lists = dict(getattr(history, "history", history))
    if lists is not history and hasattr(history, "history"):
        lists = {name: values for name, values in lists.items() if not any(isinstance(one, str) for one in values)}
    renamed = {}
    for name, values in lists.items():
        metric = name.removeprefix("val_") if isinstance(name, str) else name
        new = name[: len(name) - len(metric)] + "accuracy" if metric == "acc" else name
        renamed[name if new in lists else new] = values
    trained = [len(values) for name, values in renamed.items() if not str(name).startswith("val_")]
    epochs = max(trained, default=0)
    first = getattr(history, "epoch", None) or [0]  # more than 0 after fit(initial_epoch=...)
    return {
        name: _filled(values, epochs, first[0]) if str(name).startswith("val_") else values
        for name, values in renamed.items()
    }


def _filled(values, epochs, first):
    """Return the numbers of a validation at the epochs that Keras validates after, and None at the others."""
    for frequency in range(2, first + epochs + 1) if 0 < len(values) < epochs else ():
        validated = [(epoch + 1) % frequency == 0 for epoch in range(first, first + epochs)]
        if sum(validated) == len(values):
            measured = iter(values)
            return [next(measured) if due else None for due in validated]
    return values


def seconds_per_batch(batches=30):
    """Measure how long this machine takes for one batch of the book's training: seconds, the median of `batches`.

    A fresh network learns from random images; the first five batches are not counted. The time of an epoch divided by
    this can be compared between machines.
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
