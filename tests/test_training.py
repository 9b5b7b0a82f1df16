"""Step 5: how the network is compiled and fitted, and how that is shown."""

import html
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

from mnist_tutorial import training
from mnist_tutorial.data import load_mnist
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images, process_labels

ROW = ["1", "0.5000", "0.8000", "0.4000", "0.9000", "1.5"]


@pytest.fixture(scope="module")
def digits():
    """Return 400 stand-in digits, ready for the network."""
    (images, labels), _ = load_mnist("stand-in", quiet=True)
    return process_images(images[:400]), process_labels(labels[:400])


def small_model():
    return build_model(filters=2, units=8)


def test_compile_sets_what_the_chapter_sets():
    model = small_model()
    training.compile_model(model, 54_000)
    assert model.loss == "categorical_crossentropy"
    assert type(model.optimizer).__name__ == "Adam"
    # Steps that shrink: the longest at first, none at the end of ten epochs of 270 batches.
    schedule = model.optimizer._learning_rate
    assert [float(schedule(step)) for step in (0, 1350, 2700)] == pytest.approx([1e-3, 5e-4, 0])


@pytest.mark.parametrize("pictures", [0, 1, 199])
def test_compile_stands_few_pictures(pictures):
    training.compile_model(small_model(), pictures)


def test_fit_is_repeatable_and_watches_pictures_it_does_not_train_on(digits, capsys):
    import keras

    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(self.params)

    def fit(seed):
        keras.utils.set_random_seed(seed)
        return training.fit_model(small_model(), *digits, callbacks=[Watch()]).history

    first, again, other = fit(1), fit(1), fit(2)
    assert first == again
    assert first["loss"] != other["loss"]
    assert set(first) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert first["loss"][-1] < first["loss"][0]
    assert {len(numbers) for numbers in first.values()} == {training.EPOCHS}
    assert seen[0]["steps"] == 2  # of 360 pictures: the last tenth is kept for validation
    assert capsys.readouterr().out == ""


# --- the progress display


class Cells(HTMLParser):
    """Collects the tags and the texts of a table."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_table_has_a_heading_for_each_column_and_a_row_for_each_epoch():
    table = Cells(training.as_table([ROW, ROW], "2 epochs in 3 s"))
    assert table.texts == [*training.HEADINGS, *ROW, *ROW, "2 epochs in 3 s"]
    assert table.tags.count("th") == len(training.HEADINGS)
    assert table.tags.count("tr") == 3


def test_table_is_escaped():
    nasty = '<script>alert("&")</script>'
    made = training.as_table([[nasty]], nasty)
    assert nasty not in made
    assert made.count(html.escape(nasty)) == 2
    assert Cells(made).texts[-2:] == [nasty, nasty]


class Notebook:
    """Stands for a notebook's output area: keeps what was displayed and every update of it."""

    def __init__(self, monkeypatch):
        self.shown = []
        display = SimpleNamespace(display=self.display)
        monkeypatch.setitem(sys.modules, "IPython.display", display)

    def display(self, bundle, *, raw, display_id):
        assert raw
        assert display_id
        return self

    def update(self, bundle, *, raw):
        assert raw
        self.shown.append(bundle)


def test_notebook_keeps_one_finished_table(digits, monkeypatch):
    notebook = Notebook(monkeypatch)
    training.fit_model(small_model(), *digits, callbacks=[training.progress()])
    last = Cells(notebook.shown[-1]["text/html"])
    assert last.tags.count("tr") == 1 + training.EPOCHS
    assert last.texts[-1].startswith(f"{training.EPOCHS} epochs in ")
    assert any("% done, about" in bundle["text/html"] for bundle in notebook.shown)
    rows = np.array(last.texts[len(training.HEADINGS) : -1]).reshape(training.EPOCHS, -1).astype(float)
    assert list(rows[:, 0]) == list(range(1, training.EPOCHS + 1))
    assert ((rows[:, [2, 4]] >= 0) & (rows[:, [2, 4]] <= 1)).all()


def test_terminal_gets_one_line_an_epoch(digits, monkeypatch, capsys):
    display = SimpleNamespace(display=lambda *bundle, **options: None)  # as IPython does outside a notebook
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    training.fit_model(small_model(), *digits, callbacks=[training.progress()])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == training.EPOCHS
    assert lines[0].startswith("epoch 1  loss ")
    assert "validation accuracy 0." in lines[0] or "validation accuracy 1." in lines[0]


def test_progress_works_without_validation(digits, monkeypatch):
    notebook = Notebook(monkeypatch)
    model = small_model()
    training.compile_model(model, 400)
    model.fit(*digits, epochs=1, verbose=0, callbacks=[training.progress()])
    assert "<td></td><td></td>" in notebook.shown[-1]["text/html"]
