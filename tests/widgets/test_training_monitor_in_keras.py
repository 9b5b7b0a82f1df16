"""TrainingMonitor as a Keras callback, and in the output of a notebook that trains."""

import json
import re

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from mnist_tutorial.widgets.training_monitor import TrainingMonitor

LINE = re.compile(r"^epoch (\d) of 3: loss \d\.\d{4}, .*validation accuracy \d+\.\d\d%, seconds \d+\.\d$")


@pytest.fixture(scope="module")
def task():
    """Return a function that makes a small compiled model, and something to learn."""
    import keras

    def make(metrics=("accuracy",)):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(3, activation="softmax")])
        # Eagerly: tracing a graph takes longer than these few batches.
        settings = {"optimizer": "adam", "metrics": list(metrics), "run_eagerly": True}
        model.compile(loss="categorical_crossentropy", **settings)
        return model

    numbers = np.random.default_rng(0)
    return make, numbers.random((90, 6)), np.eye(3)[np.arange(90) % 3]


def test_it_answers_all_that_keras_may_call():
    import keras

    hooks = [name for name in vars(keras.callbacks.Callback) if name.startswith(("on_", "set_"))]
    assert len(hooks) >= 18
    assert [name for name in hooks if not callable(getattr(TrainingMonitor, name, None))] == []


def test_it_holds_what_fit_measured_and_prints_a_line_per_epoch(task, capsys):
    make, x, y = task
    monitor = TrainingMonitor()
    measured = make().fit(x, y, epochs=3, batch_size=8, validation_split=0.2, verbose=0, callbacks=[monitor]).history
    assert list(monitor.history) == ["loss", "val_loss", "accuracy", "val_accuracy", "seconds"]
    assert {name: monitor.history[name] for name in measured} == measured
    assert (monitor.epoch, monitor.epochs, monitor.training, monitor.steps) == (3, 3, False, 9)
    assert re.fullmatch(r"3 epochs in .* s\.", monitor.status)
    lines = capsys.readouterr().out.splitlines()
    assert [LINE.match(line)[1] for line in lines] == ["1", "2", "3"]
    assert f"loss {measured['loss'][1]:.4f}, validation loss {measured['val_loss'][1]:.4f}, " in lines[1]
    assert TrainingMonitor(measured).history == measured


def test_a_second_fit_replaces_the_first(task):
    make, x, y = task
    model, monitor = make(), TrainingMonitor({"loss": [0.34, 0.17, 0.0951, 0.07]})
    model.fit(x, y, epochs=2, verbose=0, callbacks=[monitor])
    assert (len(monitor.history["loss"]), monitor.epochs) == (2, 2)
    model.fit(x, y, initial_epoch=2, epochs=5, verbose=0, callbacks=[monitor])
    assert (len(monitor.history["loss"]), monitor.epochs) == (3, 3)


def test_training_that_stops_early_says_after_which_epoch(task):
    import keras

    make, x, y = task
    monitor, stop = TrainingMonitor(), keras.callbacks.LambdaCallback()
    stop.on_epoch_end = lambda epoch, logs=None: setattr(stop.model, "stop_training", epoch == 1)
    make().fit(x, y, epochs=9, verbose=0, callbacks=[monitor, stop])
    assert monitor.status.startswith("Stopped after epoch 2 of 9")


def test_an_interrupt_leaves_the_whole_epochs(task):
    import keras

    make, x, y = task
    monitor, stop = TrainingMonitor(), keras.callbacks.LambdaCallback()

    def interrupt(batch, logs=None):
        if batch == 5 and len(monitor.history["loss"] if monitor.history else []) == 2:
            raise KeyboardInterrupt

    stop.on_train_batch_end = interrupt
    with pytest.raises(KeyboardInterrupt):
        make().fit(x, y, epochs=5, batch_size=8, verbose=0, callbacks=[monitor, stop])
    assert {name: len(values) for name, values in monitor.history.items()} == {"loss": 2, "accuracy": 2, "seconds": 2}
    assert (monitor.epoch, monitor.epochs) == (2, 5)
    assert (monitor.training, monitor.step) == (False, 0)
    assert monitor.status.startswith("Stopped after epoch 2 of 5")
    assert '"training":false' in monitor.page_html()


def test_it_is_training_while_fit_runs_and_not_after_an_error(task):
    import keras

    make, x, y = task
    monitor, observer, seen = TrainingMonitor(), keras.callbacks.LambdaCallback(), []

    def look(epoch, logs=None):
        seen.append((monitor.training, monitor.status.startswith("epoch ")))
        if epoch == 1:
            raise RuntimeError("another callback fails")

    observer.on_epoch_begin = look
    with pytest.raises(RuntimeError, match="another callback fails"):
        make().fit(x, y, epochs=3, verbose=0, callbacks=[monitor, observer])
    assert seen == [(True, True)] * 2
    assert json.loads(json.dumps(monitor.page_state()))["training"] is False
    assert monitor.status.startswith("Stopped after epoch 1 of 3")


def test_validation_after_every_second_epoch_stands_at_these_epochs(task):
    make, x, y = task
    monitor = TrainingMonitor()
    options = {"validation_split": 0.2, "validation_freq": 2, "epochs": 5, "verbose": 0}
    run = make().fit(x, y, callbacks=[monitor], **options)
    finished = TrainingMonitor(run)
    for name in ("val_loss", "val_accuracy"):
        second, fourth = run.history[name]
        assert monitor.history[name] == finished.history[name] == [None, second, None, fourth, None]
    assert finished.history["loss"] == run.history["loss"]
    assert "<td>not measured</td>" in finished.fallback()


def test_acc_is_the_accuracy(task):
    make, x, y = task
    monitor = TrainingMonitor()
    run = make(metrics=["acc"]).fit(x, y, epochs=2, validation_split=0.2, verbose=0, callbacks=[monitor])
    assert list(monitor.history) == ["loss", "val_loss", "accuracy", "val_accuracy", "seconds"]
    assert monitor.history["val_accuracy"] == TrainingMonitor(run).history["val_accuracy"] == run.history["val_acc"]
    assert "<svg" in monitor.fallback()


def test_what_another_callback_writes_into_the_logs_is_no_obstacle(task):
    import keras

    make, x, y = task
    writer, monitor = keras.callbacks.LambdaCallback(), TrainingMonitor()
    notes = {"note": "a text", "none": None, "pair": [1, 2], "ragged": [1, [2]], "table": {}, "extra": np.float32(2)}
    writer.on_epoch_end = lambda epoch, logs: logs.update(notes)
    run = make().fit(x, y, epochs=2, verbose=0, callbacks=[writer, monitor])
    assert list(monitor.history) == ["loss", "accuracy", "extra", "seconds"]
    assert monitor.history["extra"] == [2, 2]
    run.history = {name: values for name, values in run.history.items() if name in ("loss", "note")}
    assert list(TrainingMonitor(run).history) == ["loss"]


@pytest.mark.filterwarnings("ignore:.*(shuffle|ran out of data)")
def test_metrics_that_are_not_one_number_and_batches_of_unknown_number(task):
    import keras

    make, x, y = task

    def batches():
        yield x, y

    monitor = TrainingMonitor()
    model = make(metrics=[keras.metrics.F1Score(), keras.metrics.MeanAbsoluteError(name="mae")])
    model.fit(batches(), epochs=1, verbose=0, callbacks=[monitor])
    assert list(monitor.history) == ["loss", "mae", "seconds"]
    assert monitor.steps == 0


def test_a_loss_that_is_no_number_is_kept(task):
    make, x, y = task
    monitor = TrainingMonitor()
    make().fit(x * np.nan, y, epochs=2, verbose=0, callbacks=[monitor])
    assert np.isnan(monitor.history["loss"]).all()
    assert monitor.page_state()["history"]["loss"] == ["NaN", "NaN"]
    assert "not a number" in monitor.fallback()


def test_time_left_comes_from_the_epochs_or_from_the_batches():
    from mnist_tutorial.widgets.training_monitor import history as words

    monitor = TrainingMonitor(epochs=10, steps=100, step=50)
    assert words.running(monitor) == "epoch 1 of 10, 5% done"
    assert words.running(monitor, pace=0.2) == "epoch 1 of 10, 5% done, about 3 min left"
    monitor.history = {"loss": [1, 1, 1], "seconds": [30, 10, 12]}  # the first epoch is no measure
    assert words.running(monitor) == "epoch 4 of 10, 35% done, about 72 s left"


# In a notebook

SETUP = """
import mnist_tutorial, keras, time
import numpy as np
from mnist_tutorial.widgets.training_monitor import TrainingMonitor

model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(3, activation="softmax")])
model.compile(loss="categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
x, y = np.ones((90, 6)), np.eye(3)[np.arange(90) % 3]

class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.02)

class Interrupt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt

monitor, updates = TrainingMonitor(), []
monitor.observe(lambda change: updates.append(time.monotonic()) if change.new else None, "step")
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """Run a notebook that trains twice: to the end, and interrupted; return the cells that did."""
    folder = tmp_path_factory.mktemp("jupyter")
    cells = [
        SETUP,
        "model.fit(x, y, epochs=2, batch_size=1, verbose=0, callbacks=[monitor, Slow()]).history",
        "model.fit(x, y, epochs=5, verbose=0, callbacks=[TrainingMonitor(), Interrupt()])",
        "print(min(np.diff(updates)), len(updates), get_ipython().events.callbacks['post_run_cell'])",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "KERAS_HOME"):
            patch.setenv(name, str(folder))
        NotebookClient(book, timeout=120, kernel_name="python3", allow_errors=True).execute()
    return book.cells


def state_in(output):
    assert "application/vnd.jupyter.widget-view+json" in output.data
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', output.data["text/html"])[1])


def test_the_notebook_keeps_one_output_with_the_finished_run(notebook):
    finished, result = notebook[1].outputs
    state = state_in(finished)
    history = eval(result.data["text/plain"])
    assert {name: state["history"][name] for name in history} == history
    assert (state["epoch"], state["training"]) == (2, False)
    assert state["status"].startswith("2 epochs in ")
    assert finished.data["text/html"].count("<tr>") == 3
    assert "<svg" in finished.data["text/html"]


def test_an_interrupted_cell_keeps_its_whole_epochs(notebook):
    stopped, error = notebook[2].outputs
    state = state_in(stopped)
    assert error.ename == "KeyboardInterrupt"
    assert (state["training"], len(state["history"]["loss"])) == (False, 2)
    assert state["status"].startswith("Stopped after epoch 2 of 5")


def test_updates_are_few_and_nothing_stays_registered(notebook):
    shortest, count, registered = notebook[3].outputs[0].text.split(maxsplit=2)
    assert float(shortest) > 0.25
    assert 4 <= int(count) <= 40
    assert "TrainingMonitor" not in registered
