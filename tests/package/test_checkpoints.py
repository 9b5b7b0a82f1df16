"""The training that is recorded at forty steps: the command that records it, and its record."""

import json

import numpy as np
import pytest
import train_checkpoints
from digits_at_hand import real_mnist

import mnist_tutorial
from mnist_tutorial import data
from mnist_tutorial.data_files import DataError
from mnist_tutorial.reference.checkpoints import CHECKPOINTS, load_checkpoints


@pytest.fixture(scope="module")
def record():
    return load_checkpoints()


def test_it_is_the_median_run_from_its_beginning_on(record):
    epochs = mnist_tutorial.load_epochs()
    assert record["seed"] == mnist_tutorial.load_record()["median_seed"]
    assert record["steps"] == list(train_checkpoints.STEPS)
    assert record["steps"][-1] == record["epochs"] * record["epoch_steps"]
    assert record["val_loss"][0] == pytest.approx(epochs["val_loss"][0], abs=1e-4)
    half = record["largest_weight"] / 127 / 2
    first = epochs["filters"][0].transpose(2, 0, 1)[: record["filters"].shape[1]]
    np.testing.assert_allclose(record["filters"][0], first, atol=half + 1e-4)


def test_it_ends_as_near_to_the_reference_network_as_the_repeats_with_one_thing_changed(record):
    losses = [repeat["val_loss"] for repeat in mnist_tutorial.load_repeats()]
    for epoch in (1, 2, 10):
        at = record["val_loss"][record["steps"].index(epoch * record["epoch_steps"])]
        assert at == pytest.approx(np.mean([one[epoch - 1] for one in losses]), rel=0.05)
    most = max(len(repeat["other_answers"]) for repeat in mnist_tutorial.load_repeats())
    assert record["other_answers"] <= most
    assert record["other_answers"] == 0 or not record["same_weights"]


def test_the_ten_digits_are_one_of_each_class_and_become_right_one_after_another(record):
    right = record["answers"] == record["labels"]
    assert record["labels"] == list(range(10))
    assert not right[0].any()
    assert right[-1].all()
    last_wrong = np.sort([np.flatnonzero(~one)[-1] for one in right.T])
    assert last_wrong[0] < 5
    assert last_wrong[-1] > 30
    assert np.diff(last_wrong).max() < 12  # no long stretch without a change


def test_probabilities_and_answers_belong_together(record):
    np.testing.assert_allclose(record["probabilities"].sum(axis=2), 1, atol=10 / 255)
    of_answer = np.take_along_axis(record["probabilities"], record["answers"][..., None], axis=2)[..., 0]
    assert (of_answer == record["probabilities"].max(axis=2)).all()  # or as large as it, after rounding


def test_positions_are_those_of_digits_with_these_labels(record):
    mnist = real_mnist()
    if mnist is None:
        pytest.skip(f"needs MNIST: set {data.VARIABLE} to its path")
    assert mnist[1][1][record["positions"]].tolist() == record["labels"]


def test_a_digit_is_chosen_for_each_class_by_when_it_stays_right():
    """Of class 0, learned first, the one right from step 1 on; of class 9 the latest; of equals, the calmest."""
    steps = (0, 1, 10, 100, 1000)
    labels = np.repeat(np.arange(10), 4)
    probabilities = np.full((5, 40, 10), 0.01)
    right_from = np.clip(np.repeat(np.arange(10), 4) // 3 + np.tile([0, 1, 0, 1], 10), 1, 3)
    for digit, label in enumerate(labels):
        for at in range(5):
            probabilities[at, digit, label if at >= right_from[digit] else (label + 1) % 10] = 0.9
    probabilities[:, 2] = 0.01
    probabilities[[0, 1, 2, 3, 4], 2, [1, 0, 0, 0, 1]] = 0.9  # of class 0, but wrong at the end
    positions = train_checkpoints.chosen_digits(probabilities, labels, steps)
    assert labels[positions].tolist() == list(range(10))
    assert right_from[positions[0]] == 1
    assert right_from[positions[9]] == 3
    assert 2 not in positions
    restless = probabilities.copy()
    place = positions[9]
    twin = next(one for one in range(36, 40) if one != place and right_from[one] == right_from[place])
    restless[1, place] = 0.01
    restless[1, place, 9] = 0.9  # right for a moment: of two that stay right from the same step on, the other is taken
    assert train_checkpoints.chosen_digits(restless, labels, steps)[9] == twin


def test_the_recorder_looks_at_the_network_at_these_steps_and_does_not_change_it(monkeypatch):
    import keras

    monkeypatch.setattr(train_checkpoints, "STEPS", (0, 1, 3, 6))
    rng = np.random.default_rng(1)
    images, one_hot = rng.random((30, 28, 28, 1), dtype="float32"), np.eye(10)[rng.integers(0, 10, 30)]

    def train(*callbacks):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 5), keras.layers.Flatten()])
        model.add(keras.layers.Dense(10, activation="softmax"))
        model.compile(loss="categorical_crossentropy", optimizer="adam")
        model.fit(images, one_hot, batch_size=10, epochs=2, verbose=0, callbacks=list(callbacks))
        return model

    recorder = train_checkpoints.recorder_of((images, one_hot), images[:7])
    model = train(recorder)
    assert [len(one) for one in (recorder.losses, recorder.accuracies, recorder.filters)] == [4, 4, 4]
    assert np.shape(recorder.probabilities) == (4, 7, 10)
    assert recorder.losses[-1] == pytest.approx(model.evaluate(images, one_hot, verbose=0), rel=1e-4)
    np.testing.assert_array_equal(recorder.filters[-1], model.get_weights()[0][:, :, 0])
    for found, expected in zip(model.get_weights(), train().get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"steps": [0], "labels": [1]}', "[" * 100_000])
def test_a_damaged_record_is_refused_in_words(tmp_path, text):
    path = tmp_path / "checkpoints.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match="expected the record of a training"):
        load_checkpoints(path)
    with pytest.raises(DataError, match="expected the record of a training"):
        load_checkpoints(tmp_path / "missing.json")


@pytest.mark.parametrize(
    ("name", "value"), [("val_loss", [1.0]), ("answers", [[1]]), ("probabilities", []), ("seed", None)]
)
def test_a_record_with_a_part_of_another_length_is_refused(tmp_path, name, value):
    content = json.loads(CHECKPOINTS.read_text("utf-8"))
    if value is None:
        del content[name]
    else:
        content[name] = value
    (tmp_path / "changed.json").write_text(json.dumps(content), "utf-8")
    with pytest.raises(DataError, match="expected the record of a training"):
        load_checkpoints(tmp_path / "changed.json")
