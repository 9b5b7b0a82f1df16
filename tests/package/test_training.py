"""Step 5: how the network is compiled and fitted."""

import types

import pytest

from mnist_tutorial import training
from mnist_tutorial.data import load_mnist
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images, process_labels


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


@pytest.mark.parametrize("images", [0, 1, 199])
def test_compile_stands_few_images(images):
    training.compile_model(small_model(), images)


def test_fit_is_repeatable_and_validates_on_images_it_does_not_train_on(digits, capsys):
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
    assert seen[0]["steps"] == 2  # of 360 images: the last tenth is kept for validation
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("epochs", "first", "validated"),
    [(4, 0, [1, 3]), (5, 0, [1, 3]), (7, 0, [2, 5]), (3, 0, [1]), (4, 3, [0, 2]), (3, 0, [0, 1, 2]), (3, 0, [])],
)
def test_validation_with_a_frequency_is_placed(epochs, first, validated):
    lists = {"loss": [0.5] * epochs, "val_loss": [0.1 * place for place in validated]}
    history = types.SimpleNamespace(epoch=list(range(first, first + epochs)), history=lists)
    completed = training.complete_history(history)
    if validated:
        expected = [0.1 * place if place in validated else None for place in range(epochs)]
        assert completed["val_loss"] == expected
    assert completed["loss"] == [0.5] * epochs


def test_a_history_that_is_complete_stays_as_it_is():
    whole = {"loss": [2, 1], "acc": [0, 1], "accuracy": [1, 0], "val_loss": [None, 3]}
    assert training.complete_history(whole) == whole
    assert training.complete_history({"loss": [2, 1], "val_loss": [1, 2, 3]})["val_loss"] == [1, 2, 3]


def test_seconds_per_batch_is_the_median_of_batches_after_the_first_few(monkeypatch):
    moments = iter([0, 50] * 5 + [0, 1, 0, 9, 0, 2])  # seconds, at the beginning and the end of each batch
    monkeypatch.setattr(training, "time", types.SimpleNamespace(perf_counter=lambda: next(moments)))
    assert training.seconds_per_batch(batches=3) == 2
    assert next(moments, None) is None
