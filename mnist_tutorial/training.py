"""Step 5 as functions: compile the network, and fit it."""

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
