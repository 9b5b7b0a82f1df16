"""Making the recorded network: only MNIST is trained on, what is written loads, and weights are rounded with care."""

import json
from pathlib import Path

import numpy as np
import pytest

from mnist_tutorial import data, reference
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.reference import EPOCHS_FILE, PAGE_WEIGHTS, RECORD, WEIGHTS
from mnist_tutorial.reference.weights_format import page_weights

ROOT = Path(__file__).resolve().parents[2]


# Making it.


def test_only_mnist_is_trained_on(tmp_path, monkeypatch):
    from train_reference import load_data

    rng = np.random.default_rng(0)
    arrays = {}
    for part in ("train", "test"):
        arrays[f"x_{part}"] = rng.integers(0, 256, (20, 28, 28), dtype=np.uint8)
        arrays[f"y_{part}"] = np.arange(20, dtype=np.uint8) % 10
    np.savez(tmp_path / "other.npz", **arrays)
    for path in (data.STAND_IN, str(tmp_path / "other.npz"), str(tmp_path / "missing.npz")):
        monkeypatch.setenv(data.VARIABLE, path)
        with pytest.raises(SystemExit, match="trained on MNIST and on nothing else"):
            load_data()


def test_the_median_of_equals_is_chosen_by_the_loss():
    from train_reference import median_run

    runs = [
        {"seed": seed, "test_errors": errors, "history": {"test_loss": [9, loss]}}
        for seed, errors, loss in [(1, 100, 0.03), (2, 100, 0.02), (3, 100, 0.04), (4, 100, 0.05), (5, 120, 0.01)]
    ]
    assert median_run(runs)["seed"] == 3


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    from mnist_tutorial.reference.records import write_atomically

    (tmp_path / "file.json").write_text("old")

    def interrupted(path):
        path.write_text("ne")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file.json", interrupted)
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]
    assert (tmp_path / "file.json").read_text() == "old"


def test_training_writes_a_reference_that_loads(tmp_path, monkeypatch):
    """A small network, few digits and epochs; the record says MNIST all the same, for only load_data looks at that."""
    import train_reference

    def small_model():
        return build_model(filters=2, units=8)

    monkeypatch.setattr("mnist_tutorial.model.build_model", small_model)
    monkeypatch.setattr(train_reference, "build_model", small_model)
    monkeypatch.setattr(train_reference, "MIN_AGREEMENT", 0.95)
    monkeypatch.setattr(train_reference, "seconds_per_batch", lambda: 0.02)  # has a test of its own
    monkeypatch.setattr("mnist_tutorial.training.EPOCHS", 3)
    (images, labels), _ = data.stand_in_digits()
    processed = process_images(images[:400]), process_labels(labels[:400])
    results = [train_reference.train(seed, (processed, processed, labels[:400])) for seed in (1, 2)]
    runs = [run for run, *_ in results]
    for run in runs:
        assert run["seconds_per_batch"] == 0.02
        assert len(run["history"]["loss"]) == 3
        assert run["test_errors"] == round(400 * (1 - run["history"]["test_accuracy"][-1]))
    assert runs[0]["history"]["loss"] != runs[1]["history"]["loss"]
    _, model, epochs = results[0]
    written = train_reference.write_reference(runs, model, epochs, processed[0], processed[0], tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(
        [EPOCHS_FILE, RECORD, WEIGHTS, PAGE_WEIGHTS]
    )
    assert reference.load_record(tmp_path / "new") == written
    loaded = reference.load_reference_model(tmp_path / "new")
    for kept, trained in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, trained)
    found = reference.load_epochs(tmp_path / "new")
    np.testing.assert_allclose(found["filters"][-1], model.get_weights()[0][:, :, 0], atol=5.1e-5)
    of_twelve = model.predict(processed[0][found["positions"]], verbose=0)
    np.testing.assert_allclose(found["probabilities"][-1], of_twelve, atol=1e-4)
    assert np.abs(found["filters"][0] - found["filters"][-1]).max() > 0.001
    assert found["epochs"] == 3
    assert found["val_loss"][1:] == runs[0]["history"]["val_loss"]
    assert found["val_loss"][0] == pytest.approx(np.log(10), abs=0.2)


def test_too_coarse_weights_are_not_written(tmp_path, monkeypatch):
    import train_reference

    monkeypatch.setattr(train_reference, "MIN_AGREEMENT", 1.1)
    images = process_images(data.stand_in_digits()[1][0][:20])
    with pytest.raises(SystemExit, match="same answer on"):
        train_reference.write_reference([], build_model(filters=1, units=2), {}, images, images, tmp_path)
    assert not list(tmp_path.iterdir())


# The form for the page.


def test_rounding_changes_the_sums_less_than_rounding_each_weight_does():
    from mnist_tutorial.reference.weights_format import quantise

    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(50, 7)).astype("float32")
    kernel[:, 3] = 0  # a unit that is dead has no largest weight to go by
    inputs = (rng.normal(size=(300, 4)) @ rng.normal(size=(4, 50))).astype("float32")  # inputs that go together
    inputs[:, 9] = 0
    steps, scale = quantise(kernel, inputs)
    assert steps.shape == kernel.shape
    assert steps.dtype == np.int8
    assert scale.dtype == np.float32
    assert np.abs(steps).max() == 31
    assert (steps[:, 3] == 0).all()
    one_by_one = np.rint(kernel / scale) * scale
    assert np.abs(steps * scale - kernel).max() < 8 * np.abs(one_by_one - kernel).max()
    errors = [np.square(inputs @ (rounded - kernel)).mean() for rounded in (steps * scale, one_by_one)]
    assert errors[0] < errors[1] / 10


def test_three_levels_change_the_sums_less_than_leaving_small_weights_out():
    from write_first_weights import three_levels

    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(150, 7)).astype("float32")  # more inputs than are corrected at a time
    kernel[:, 3] = 0
    inputs = (rng.normal(size=(600, 10)) @ rng.normal(size=(10, 150))).astype("float32")
    steps, factors = three_levels(kernel, inputs)
    assert set(np.unique(steps)) == {-1, 0, 1}
    assert (steps[:, 3] == 0).all()
    one_by_one = np.clip(np.rint(kernel / factors), -1, 1) * factors
    errors = [np.square(inputs @ (rounded - kernel)).mean() for rounded in (steps * factors, one_by_one)]
    assert errors[0] < errors[1] / 4


def test_the_first_weights_are_those_of_the_reference_network_but_for_the_hidden_layer():
    import write_first_weights as first

    script = (reference.FOLDER / first.FILE).read_text("ascii")
    assert script.startswith(first.START)
    weights, whole = json.loads(script.removeprefix(first.START).rstrip().rstrip(";")), reference.load_page_weights()
    assert [weights[name] == whole[name] for name in ("convolution", "hidden", "output")] == [True, False, True]
    assert weights["hidden"]["bias"] == whole["hidden"]["bias"]
    assert first.as_script(weights) == script


def network(*first_layers):
    import keras
    from keras import layers

    last_layers = layers.Flatten(), layers.Dense(5, activation="relu"), layers.Dense(10, activation="softmax")
    return keras.Sequential([keras.Input(shape=(28, 28, 1)), *first_layers, *last_layers])


def test_networks_that_the_page_cannot_run_are_refused():
    from keras import layers

    with pytest.raises(ValueError, match=r"Conv2D, MaxPooling2D, Flatten, Dense, Dense .* one of Flatten, Dense"):
        page_weights(network())
    for settings, size, wrong in (
        ({"padding": "same"}, 2, "padding='same'"),
        ({"strides": 2}, 2, r"strides=\(2, 2\)"),
        ({"activation": "tanh"}, 2, "activation='tanh'"),
        ({"use_bias": False}, 2, "use_bias=False"),
        ({}, 3, r"pool_size=\(3, 3\)"),
    ):
        convolution = layers.Conv2D(2, 3, **{"activation": "relu"} | settings)
        with pytest.raises(ValueError, match=wrong):
            page_weights(network(convolution, layers.MaxPooling2D(size)))
