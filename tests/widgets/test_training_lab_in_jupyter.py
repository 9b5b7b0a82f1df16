"""TrainingLab with a model, as in Jupyter: Python sends the digits and gets the network."""

import base64

import numpy as np
import pytest
from page_workers import wait_until_workers_are_gone
from training_lab_page import SMALL, in_the_engine, page, press, status
from training_pages import send_from_python, stand_in, widget_files

from mnist_tutorial import data
from mnist_tutorial.widgets import training_data
from mnist_tutorial.widgets.training_lab import TrainingLab

__all__ = ["page", "stand_in", "widget_files"]  # fixtures


def test_in_jupyter_python_sends_the_digits_and_gets_the_network(open_live):
    lab = TrainingLab(**SMALL)
    page = open_live(lab)
    press(page, "▶ Train")
    assert [send_from_python(page, lab) for _ in range(2)] == ["first", "program"]
    status(page, "is done")
    page.wait_for_function("fake.state.weights.byteLength > 0")
    expected = in_the_engine()
    weights = page.evaluate(
        "btoa(Array.from(new Uint8Array(fake.state.weights.buffer), (one) => String.fromCharCode(one)).join(''))"
    )
    with pytest.raises(ValueError, match=r"has no trained network yet\. Press Train"):
        lab.model()
    lab.set_state(
        {
            "trained": page.evaluate("fake.state.trained"),
            "history": page.evaluate("fake.state.history"),
            "weights": base64.b64decode(weights),
        }
    )
    digits = training_data.load_digits("first")
    answers = lab.model().predict(digits.validation_images[..., np.newaxis] / np.float32(255), verbose=0)
    assert (answers.argmax(axis=1) == digits.validation_labels).mean() == pytest.approx(expected["accuracy"])
    assert lab.history["val_loss"][-1] == pytest.approx(expected["loss"], rel=1e-5)
    assert [len(values) for values in lab.history.values()] == [2, 2, 2, 2]


def test_python_says_why_it_cannot_send_digits(open_live, monkeypatch, tmp_path):
    lab = TrainingLab(**SMALL)
    page = open_live(lab)
    monkeypatch.setenv(data.VARIABLE, str(tmp_path / "nothing.npz"))
    press(page, "▶ Train")
    send_from_python(page, lab)
    assert "nothing.npz" in status(page, "Python could not send it")


def test_a_view_that_goes_away_ends_its_training(open_live):
    lab = TrainingLab(**SMALL | {"epochs": 1000})
    page = open_live(lab)
    press(page, "▶ Train")
    for _ in range(2):
        send_from_python(page, lab)
    status(page, "images per second")
    shown = page.evaluate("fake.outside()")
    assert page.evaluate("fake.hide(); [fake.listening(), fake.outside()]") == [0, shown - 1]
    wait_until_workers_are_gone(page)
