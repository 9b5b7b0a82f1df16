"""The record of networks that overfit, and of what cures them."""

import json

import numpy as np
import pytest

from mnist_tutorial import reference
from mnist_tutorial.data import identify, load_mnist
from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.reference import ReferenceNetworkError, load_overfitting

from train_overfitting import EPOCHS, IMAGES, SEEDS, SETTINGS, VALIDATION, train  # isort: skip


@pytest.fixture(scope="module")
def record():
    return load_overfitting()


def test_the_record_is_of_the_command_as_it_is(record):
    assert (record["images"], record["validation"], record["settings"]) == (IMAGES, VALIDATION, SETTINGS)
    assert list(record["runs"]) == list(SETTINGS)
    for runs in record["runs"].values():
        assert [run["seed"] for run in runs] == list(SEEDS)
        for run in runs:
            for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
                assert len(run[name]) == EPOCHS
                assert np.isfinite(run[name]).all()


def test_without_a_cure_every_run_overfits(record):
    for run in record["runs"]["no cure"]:
        lowest = int(np.argmin(run["val_loss"]))
        assert lowest < EPOCHS / 2
        assert run["val_loss"][-1] > 1.1 * run["val_loss"][lowest]
        assert run["loss"][-1] < 0.5 * run["loss"][lowest]


def test_a_run_begins_as_recorded(record, monkeypatch):
    training, test = load_mnist()
    if identify(training, test) != "MNIST":
        pytest.skip("The record is of MNIST, and this computer has other digits.")
    monkeypatch.setattr("train_overfitting.EPOCHS", 2)
    history = train((process_images(training[0]), process_labels(training[1])), SEEDS[0])
    recorded = record["runs"]["no cure"][0]
    for name in ("loss", "val_loss"):
        assert history[name] == pytest.approx(recorded[name][:2], rel=0.02)


@pytest.mark.parametrize("content", ["", "{}", '{"runs": []}', '{"runs": {"no cure": [{"seed": 1}]}}'])
def test_a_damaged_record_is_refused(tmp_path, content):
    (tmp_path / reference.OVERFITTING_FILE).write_text(content)
    with pytest.raises(ReferenceNetworkError, match=reference.OVERFITTING_FILE):
        load_overfitting(tmp_path)


def test_a_record_without_its_setting_is_refused(tmp_path, record):
    runs = {name: of_seeds for name, of_seeds in record["runs"].items() if name != "no cure"}
    (tmp_path / reference.OVERFITTING_FILE).write_text(json.dumps(record | {"runs": runs}))
    with pytest.raises(ReferenceNetworkError, match="expected runs by cure"):
        load_overfitting(tmp_path)
