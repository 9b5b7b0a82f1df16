"""Step 5 as functions: compile the network, and fit it with a progress display."""

import time
from html import escape

COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")
HEADINGS = ("epoch", "loss", "accuracy", "validation loss", "validation accuracy", "seconds")


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
    callbacks: Keras callbacks, for example `[progress()]`. Keras's own progress bar is off.
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


def progress():
    """Return a Keras callback that shows one line an epoch, and while training runs, how long it will take.

    In a notebook it is a table that grows; what a page keeps is the finished table. In a terminal it prints.
    """
    import keras

    class Progress(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.rows, self.last_shown = [], 0.0
            self.display = _Display()
            self.train_started = self.epoch_started = time.monotonic()

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch_started = time.monotonic()

        def on_train_batch_end(self, batch, logs=None):
            if time.monotonic() - self.last_shown > 0.5:  # often enough to see it move, too seldom to slow it
                self.last_shown = time.monotonic()
                epochs, steps = self.params["epochs"], self.params["steps"]
                share = (len(self.rows) + (batch + 1) / steps) / epochs
                left = (self.last_shown - self.train_started) * (1 - share) / share
                self.display.update(
                    self.rows,
                    f"epoch {len(self.rows) + 1} of {epochs}: {share:.0%} done, about {left:.0f} s left",
                )

        def on_epoch_end(self, epoch, logs=None):
            seconds = time.monotonic() - self.epoch_started
            numbers = [f"{logs[name]:.4f}" if name in logs else "" for name in COLUMNS]
            self.rows.append([str(epoch + 1), *numbers, f"{seconds:.1f}"])
            self.display.update(self.rows, "")

        def on_train_end(self, logs=None):
            seconds = time.monotonic() - self.train_started
            self.display.update(self.rows, f"{len(self.rows)} epochs in {seconds:.0f} s")

    return Progress()


class _Display:
    """One output that is replaced as training goes on."""

    def __init__(self):
        from IPython.display import display

        self.handle = display({"text/plain": "training begins"}, raw=True, display_id=True)
        self.lines_printed = 0

    def update(self, rows, status):
        if self.handle is not None:  # in a notebook
            self.handle.update({"text/html": as_table(rows, status), "text/plain": status}, raw=True)
        elif len(rows) > self.lines_printed:  # in a terminal
            self.lines_printed = len(rows)
            print(
                "  ".join(f"{name} {value}" for name, value in zip(HEADINGS, rows[-1], strict=True) if value)
            )


def as_table(rows, status):
    """Return the epochs as an HTML table, with a status line below it."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in HEADINGS)
    body = "".join("<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row) + "</tr>" for row in rows)
    return f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{escape(status)}</p>'
