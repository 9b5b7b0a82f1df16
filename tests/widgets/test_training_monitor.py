"""TrainingMonitor: as a Keras callback, in a notebook's output, and in a page by mouse, touch and keyboard."""

import json
import re

import nbformat
import numpy as np
import pytest
import traitlets
from nbclient import NotebookClient

from mnist_tutorial.widgets.training_monitor import TrainingMonitor

RUN = {
    "accuracy": [0.901, 0.95, 0.9712, 0.98],
    "loss": [0.34, 0.17, 0.0951, 0.07],
    "val_accuracy": [0.94, 0.96, 0.965, 0.9666],
    "val_loss": [0.2, 0.13, 0.11, 0.12],
    "seconds": [6.1, 5.2, 5.3, 5.0],
}
READINGS = [
    "Epoch 1: loss 0.3400, validation loss 0.2000; accuracy 90.10%, validation accuracy 94.00%",
    "Epoch 2: loss 0.1700, validation loss 0.1300; accuracy 95.00%, validation accuracy 96.00%",
    "Epoch 3: loss 0.0951, validation loss 0.1100; accuracy 97.12%, validation accuracy 96.50%",
    "Epoch 4: loss 0.0700, validation loss 0.1200; accuracy 98.00%, validation accuracy 96.66%",
]
LINE = re.compile(r"^epoch (\d) of 3: loss \d\.\d{4}, .*validation accuracy \d+\.\d\d%, seconds \d+\.\d$")


@pytest.fixture
def monitor():
    return TrainingMonitor(RUN)


@pytest.fixture
def page(open_page, monitor):
    return open_page(monitor, has_touch=True)


def reading(page):
    return page.locator(".tm-reading").inner_text()


def place_of(page, chart, epoch):
    """Return where an epoch stands in a chart, on the screen, from the chart's own ticks."""
    tick = page.locator(".tm-chart").nth(chart).locator(".tm-tick", has_text=re.compile(rf"^{epoch}$"))
    box = tick.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] - 60


# In a page


def test_the_slider_reads_every_epoch_by_keyboard(page):
    slider = page.get_by_role("slider", name="Epoch")
    assert reading(page) == READINGS[3]  # the finished run begins at its end
    for text in READINGS[2::-1]:
        slider.press("ArrowLeft")
        assert reading(page) == text
    slider.press("ArrowLeft")
    assert reading(page) == READINGS[0]
    slider.press("End")
    assert reading(page) == READINGS[3]
    assert slider.get_attribute("aria-valuetext") == "epoch 4 of 4"


def test_the_slider_follows_the_mouse(page):
    box = page.get_by_role("slider", name="Epoch").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    assert reading(page) == READINGS[1]


def test_a_press_on_a_chart_reads_the_nearest_epoch_and_a_drag_goes_on(page):
    page.mouse.move(*place_of(page, 0, 2))
    assert reading(page) == READINGS[3]  # passing over changes nothing
    page.mouse.down()
    assert reading(page) == READINGS[1]
    page.mouse.move(*place_of(page, 0, 3))
    assert reading(page) == READINGS[2]
    page.mouse.up()
    x, y = place_of(page, 1, 1)
    page.mouse.click(x - 30, y)  # beyond the first epoch
    assert reading(page) == READINGS[0]


def test_a_tap_on_a_chart_reads_the_nearest_epoch(page):
    page.touchscreen.tap(*place_of(page, 1, 2))
    assert reading(page) == READINGS[1]


def test_what_is_read_is_announced_once_it_rests(page):
    page.get_by_role("slider", name="Epoch").press("ArrowLeft")
    page.get_by_role("status").filter(has_text=READINGS[2]).wait_for(state="attached")


@pytest.mark.parametrize(("chart", "metric", "factor"), [(0, "loss", 1), (1, "accuracy", 100)])
def test_the_curves_stand_where_their_numbers_belong(page, chart, metric, factor):
    drawing = page.locator(".tm-chart").nth(chart)
    ticks = [float(text.rstrip("%")) for text in drawing.locator(".tm-left").all_text_contents()]
    levels = drawing.locator(".tm-grid").evaluate_all("all => all.map((line) => Number(line.getAttribute('y1')))")
    slope, offset = np.polyfit(levels, ticks, 1)
    assert np.allclose(np.polyval([slope, offset], levels), ticks)
    for kind, name in enumerate((metric, f"val_{metric}")):
        path = drawing.locator(f".tm-line.tm-kind-{kind}").get_attribute("d")
        points = np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", path), dtype=float)
        assert np.allclose(slope * points[:, 1] + offset, factor * np.array(RUN[name]), atol=0.06 * abs(slope))
        assert np.allclose(np.diff(points[:, 0], 2), 0, atol=0.21)  # epochs stand at equal distances
        ends = f"{factor * RUN[name][0]:.{2 if factor > 1 else 4}f}"
        assert f"from {ends}" in drawing.get_attribute("aria-label")


def test_curves_differ_in_dash_and_marker_and_are_named(page):
    dash_of = "all => all.map((line) => getComputedStyle(line).strokeDasharray)"
    dashes = page.locator(".tm-legend .tm-line").evaluate_all(dash_of)
    markers = page.locator(".tm-legend .tm-marker").evaluate_all("all => all.map((e) => e.tagName)")
    assert len(set(dashes)) == len(set(markers)) == 2
    assert page.locator(".tm-legend").inner_text().split() == ["training", "validation"]


def test_the_table_holds_all_epochs_and_marks_the_one_that_is_read(page):
    page.get_by_text("All epochs as a table").click()
    page.get_by_role("slider", name="Epoch").press("Home")
    rows = [row.split("\t") for row in page.get_by_role("table").inner_text().splitlines()]
    assert rows[0] == ["epoch", "loss", "validation loss", "accuracy", "validation accuracy", "seconds"]
    assert rows[3] == ["3", "0.0951", "0.1100", "97.12%", "96.50%", "5.3"]
    assert len(rows) == 5
    assert page.locator("tr[aria-current=true] td").first.inner_text() == "1"


def test_two_on_a_page_do_not_disturb_each_other(open_page):
    page = open_page(TrainingMonitor(RUN), TrainingMonitor({"loss": [3, 2, 1]}))
    page.get_by_role("slider", name="Epoch").first.press("ArrowLeft")
    assert page.locator(".tm-reading").all_inner_texts() == [READINGS[2], "Epoch 3: loss 1.0000"]


def test_without_javascript_a_figure_and_a_table_stand_there(open_page, monitor):
    page = open_page(monitor, java_script_enabled=False)
    label = page.get_by_role("img").get_attribute("aria-label")
    assert label.startswith("Two charts, epochs 1 to 4: loss from 0.3400 to 0.0700; validation loss from 0.2000")
    last = page.get_by_role("row").last.inner_text().split("\t")
    assert last == ["4", "0.0700", "0.1200", "98.00%", "96.66%", "5.0"]
    assert page.get_by_text("4 epochs in 22 s.").is_visible()


def test_numbers_that_are_none_are_told_in_words_and_marked(open_page):
    broken = TrainingMonitor(
        {"loss": [0.5, float("nan"), float("inf"), 0.1], "val_loss": [0.4, None, float("-inf"), 1]}
    )
    json.dumps(broken.page_state(), allow_nan=False)
    page = open_page(broken)
    slider = page.get_by_role("slider", name="Epoch")
    assert reading(page) == "Epoch 4: loss 0.1000, validation loss 1.0000"
    slider.press("ArrowLeft")
    assert reading(page) == "Epoch 3: loss infinite, validation loss minus infinite"
    slider.press("ArrowLeft")
    assert reading(page) == "Epoch 2: loss not a number, validation loss not measured"
    assert page.locator(".tm-missing").count() == 3
    lines = page.locator(".tm-chart .tm-line").evaluate_all("all => all.map((line) => line.getAttribute('d'))")
    assert [re.sub(r"[\d. ]", "", line) for line in lines] == ["MM", "MM"]  # no line leads over a gap
    assert page.get_by_text("× marks an epoch").is_visible()
    assert "NaN" not in page.locator(".tm-charts").inner_html()
    assert "<td>not a number</td><td>not measured</td>" in broken.fallback()


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"loss": [0.5]},
        {"loss": [0.5, 0.5]},
        {"loss": [0, 0]},
        {"loss": [float("nan")], "accuracy": [float("nan")]},
        {"loss": [1e-12, 1e30], "mae": [-5, -5.0000000001]},
        {"loss": list(np.linspace(3, 1, 1000, dtype="float32"))},
    ],
)
def test_unusual_runs_are_drawn_without_nan(open_page, history):
    page = open_page(TrainingMonitor(history))
    assert page.locator(".tm-chart").count() == max(1, len(history)) + (not history)
    assert not re.search(r"NaN|Infinity|undefined", page.locator(".tm-charts").inner_html())
    assert page.get_by_role("slider", name="Epoch").is_enabled() == bool(history)


def test_text_is_text(open_page):
    page = open_page(TrainingMonitor({"loss": [1], "<img src=x onerror=alert(1)>": [2]}))
    assert page.locator("img").count() == 0
    assert "<img" not in TrainingMonitor({"<img src=x>": [2]}).page_html()


def test_nothing_is_wider_than_a_small_telephone(open_page, monitor):
    page = open_page(monitor, viewport={"width": 320, "height": 700})
    page.get_by_text("All epochs as a table").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# While training


@pytest.fixture
def live_page(open_live):
    return open_live(TrainingMonitor(epochs=3, training=True, steps=40, status="epoch 1 of 3"))


def test_curves_grow_and_the_progress_follows_the_traits(live_page):
    live_page.evaluate("() => { fake.show(); }")
    bar, slider = live_page.get_by_role("progressbar", name="training"), live_page.get_by_role("slider")
    assert bar.first.is_visible()
    assert slider.first.is_disabled()
    assert live_page.locator(".tm-chart").count() == 4  # two views, each with empty axes for loss and accuracy
    live_page.evaluate("fake.change({ step: 10, status: 'epoch 1 of 3, 8% done, about 40 s left' })")
    assert bar.last.evaluate("bar => bar.value") == pytest.approx(10 / 40 / 3)
    assert live_page.get_by_text("about 40 s left").count() == 2
    live_page.evaluate("fake.change({ step: 0, history: { loss: [0.5], seconds: [2] }, epoch: 1 })")
    assert bar.first.evaluate("bar => bar.value") == pytest.approx(1 / 3)
    assert live_page.locator(".tm-reading").all_inner_texts() == ["Epoch 1: loss 0.5000"] * 2
    first = live_page.locator("path.tm-line[d^=M]").last.get_attribute("d")
    live_page.evaluate("fake.change({ history: { loss: [0.5, 0.4], seconds: [2, 2] }, epoch: 2 })")
    grown = live_page.locator("path.tm-line[d*=L]").last.get_attribute("d")
    assert grown.split("L")[0].split()[0] == first.split()[0]  # the axis has room for all three epochs from the start
    live_page.evaluate("fake.change({ training: false, status: 'Stopped after epoch 2 of 3 in 4 s.' })")
    assert not bar.first.is_visible()
    assert slider.first.is_enabled()
    slider.first.press("ArrowLeft")
    assert live_page.evaluate("fake.state.epoch") == 1
    assert live_page.locator(".tm-reading").all_inner_texts() == ["Epoch 1: loss 0.5000"] * 2
    live_page.evaluate("fake.change({ epoch: 2 })")
    assert slider.last.input_value() == "2"


def test_training_is_announced_once_an_epoch_and_at_its_end(live_page):
    live_page.clock.install()  # an announcement waits until things have come to rest
    status = live_page.get_by_role("status")
    live_page.evaluate("fake.change({ history: { loss: [0.5] }, epoch: 1 })")
    live_page.clock.run_for(600)
    status.filter(has_text="Epoch 1: loss 0.5000").wait_for(state="attached")
    live_page.evaluate("fake.change({ step: 30, status: 'epoch 2 of 3, 58% done' })")
    live_page.clock.run_for(600)
    assert status.text_content() == "Epoch 1: loss 0.5000"  # batches go by in silence
    live_page.evaluate("fake.change({ training: false, status: 'Stopped after epoch 1 of 3.' })")
    live_page.clock.run_for(600)
    status.filter(has_text="Training is over. Stopped after epoch 1 of 3.").wait_for(state="attached")


def test_a_view_that_is_taken_away_leaves_nothing_behind(live_page):
    counts = live_page.evaluate("""async () => {
      const counts = [];
      for (let i = 0; i < 3; i++) {
        const shown = fake.listening();
        fake.hide();
        counts.push([shown, fake.listening()]);
        await fake.show();
      }
      return counts;
    }""")
    assert counts == [[7, 0]] * 3


def test_a_view_that_is_taken_away_says_nothing_more(live_page):
    """An announcement waits until things have come to rest; its timer ends with the view."""
    live_page.evaluate("() => { fake.show(); }")
    live_page.clock.install()
    live_page.evaluate(
        "() => { fake.change({ history: { loss: [0.5] }, epoch: 1 }); fake.hide({ at: 0, keepElement: true }); }"
    )
    live_page.clock.run_for(900)
    assert live_page.locator("[role=status]").all_text_contents() == ["", "Epoch 1: loss 0.5000"]


# As a Keras callback


@pytest.fixture(scope="module")
def task():
    """Return a function that makes a small compiled model, and something to learn."""
    import keras

    def make(metrics=("accuracy",)):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=list(metrics))
        return model

    numbers = np.random.default_rng(0)
    return make, numbers.random((90, 6)), np.eye(3)[np.arange(90) % 3]


def test_it_answers_all_that_keras_may_call():
    import keras

    hooks = [name for name in vars(keras.callbacks.Callback) if name.startswith(("on_", "set_"))]
    assert len(hooks) >= 18
    assert [name for name in hooks if not callable(getattr(TrainingMonitor, name, None))] == []


def test_it_holds_what_fit_measured_and_prints_a_line_an_epoch(task, capsys):
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
    model, monitor = make(), TrainingMonitor(RUN)
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
model.compile(loss="categorical_crossentropy", metrics=["accuracy"])
x, y = np.ones((90, 6)), np.eye(3)[np.arange(90) % 3]

class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.03)

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


# Bad input


def test_traits_refuse_what_does_not_fit(monitor):
    for epoch in (0, 5, -1):
        with pytest.raises(traitlets.TraitError, match=f"epoch was given {epoch}; it expects .* 1 to 4"):
            monitor.epoch = epoch
    with pytest.raises(traitlets.TraitError, match=r"epochs was given 3; .* at least 4"):
        monitor.epochs = 3
    with pytest.raises(traitlets.TraitError, match="step was given -1"):
        monitor.step = -1
    with pytest.raises(traitlets.TraitError, match="no epoch is finished"):
        TrainingMonitor().epoch = 1
    assert monitor.epoch == 4


def test_histories_of_another_form_are_refused(monitor):
    with pytest.raises(traitlets.TraitError, match=r"different lengths \(loss: 2, accuracy: 1\)"):
        TrainingMonitor({"loss": [1, 2], "accuracy": [1]})
    with pytest.raises(traitlets.TraitError, match=r"different lengths \(loss: 2, val_loss: 3\)"):
        TrainingMonitor({"loss": [1, 2], "val_loss": [1, 2, 3]})
    for wrong in ({"loss": ["much"]}, {"loss": 3}, {3: [1]}):
        with pytest.raises(traitlets.TraitError, match="expects a list of numbers for each name"):
            monitor.history = wrong
    with pytest.raises(traitlets.TraitError):
        TrainingMonitor([1, 2])


def test_an_epoch_can_be_chosen_from_the_start():
    assert TrainingMonitor(RUN, epoch=2).page_state()["epoch"] == 2
