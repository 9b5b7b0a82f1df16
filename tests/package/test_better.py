"""The better network: its layers, its training, and what is done to the images."""

import numpy as np
import pytest
from scipy import ndimage

from mnist_tutorial import better
from mnist_tutorial.better import Recipe
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.stand_in import stand_in_digits


@pytest.fixture(scope="module")
def digits():
    (images, labels), _ = stand_in_digits()
    return process_images(images), process_labels(labels)


def counted_by_hand(widths, normalise):
    """Count the parameters from the layers' rules."""
    channels, total = 1, 0
    for width in widths:
        total += 9 * channels * width + (4 * width if normalise else width)
        channels = width
    return total + 2 * 2 * channels * 10 + 10


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize("widths", [better.WIDTHS, (3, 4, 5, 6), (1, 2, 1, 2)])
def test_parameters_are_those_of_the_rules(widths, normalise):
    model = better.build_better(widths, normalise)
    assert model.count_params() == counted_by_hand(widths, normalise)
    assert model.input_shape == (None, 28, 28, 1)
    probabilities = model(np.zeros((2, 28, 28, 1), dtype="float32")).numpy()
    assert probabilities.shape == (2, 10)
    assert probabilities.sum(axis=1) == pytest.approx(1)


def test_the_first_window_may_be_larger():
    model = better.build_better(better.WIDER, first_window=5)
    small = counted_by_hand(better.WIDER, normalise=True)
    assert model.count_params() == small + (25 - 9) * better.WIDER[0] < 100_000
    with pytest.raises(ValueError, match="it expects 3 or 5"):
        better.build_better(first_window=4)


@pytest.mark.parametrize("widths", [(), (4, 4, 4), (4, 4, 0, 4)])
def test_other_widths_are_refused(widths):
    with pytest.raises(ValueError, match="it expects four numbers"):
        better.build_better(widths)


def test_the_convnet_is_that_of_keras():
    assert better.build_convnet().count_params() == 34_826


def test_multiplications_are_those_of_the_rules():
    # A convolution multiplies once per weight and place; a dense layer once per weight.
    assert better.multiplications_of(better.build_convnet()) == 26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 1_600 * 10
    a, b, c, d = better.WIDTHS
    convolutions = 26**2 * 9 * a + 11**2 * 9 * a * b + 9**2 * 9 * b * c + 2**2 * 9 * c * d
    assert better.multiplications_of(better.build_better()) == convolutions + 4 * d * 10
    assert better.multiplications_of(build_model()) == 24**2 * 25 * 30 + 12**2 * 30 * 128 + 128 * 10


class TestAugment:
    def test_nothing_asked_for_changes_nothing(self, digits):
        images = digits[0][:20]
        assert better.augment(images, [1, 0], 0, 0, 0, 0).numpy() == pytest.approx(images, abs=1e-6)

    def test_a_seed_decides(self, digits):
        images = digits[0][:20]
        first, again, other = (better.augment(images, seed).numpy() for seed in ([1, 0], [1, 0], [1, 1]))
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)
        assert len({image.tobytes() for image in better.augment(images[[0] * 20], [1, 0]).numpy()}) == 20
        assert first.shape == images.shape
        assert first.min() >= 0
        assert first.max() <= 1 + 1e-6

    @pytest.mark.parametrize(
        "limits",
        [
            {"rotation": 30},
            {"zoom": 0.3},
            {"shear": 0.3},
            {"translation": 3},
            {"rotation": 10, "zoom": 0.1, "translation": 2},
        ],
    )
    def test_it_does_what_scipy_does_with_the_same_random_numbers(self, digits, limits):
        import tensorflow as tf

        images = digits[0][:10]
        limits = dict.fromkeys(("rotation", "zoom", "shear", "translation"), 0) | limits
        ours = better.augment(images, [5, 6], **limits).numpy()
        draws = tf.random.stateless_uniform([6, 10], [5, 6], -1, 1).numpy()
        for augmented, image, (turn, wide, high, slant, right, down) in zip(ours, images, draws.T, strict=True):
            angle = np.radians(limits["rotation"] * turn)
            # In the order of rows and columns: zoom, then shear, then rotation.
            shear = np.array([[1, 0], [limits["shear"] * slant, 1]])
            zoom = np.diag([1 + limits["zoom"] * high, 1 + limits["zoom"] * wide])
            rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            matrix = rotation @ shear @ zoom
            offset = 13.5 - matrix @ [13.5, 13.5] + limits["translation"] * np.array([down, right])
            expected = ndimage.affine_transform(image[..., 0], matrix, offset, order=1, mode="grid-constant")
            assert augmented[..., 0] == pytest.approx(expected, abs=1e-3)


class TestTraining:
    def fit(self, digits, recipe, **options):
        import keras

        keras.utils.set_random_seed(1)
        model = better.build_better((4, 4, 4, 4))
        history = better.fit_better(model, *digits, recipe, **options).history
        return model, history

    def test_it_learns_and_can_be_repeated(self, digits):
        recipe = Recipe(epochs=4, batch_size=50, one_cycle=True, augmented=True)
        first, second = (self.fit(digits, recipe, seed=3) for _ in range(2))
        assert first[1] == second[1]
        assert first[1]["loss"][-1] < 0.7 * first[1]["loss"][0]
        assert int(first[0].optimizer.iterations) == 4 * better.steps_per_epoch(digits[0], recipe) == 4 * 29

    def test_another_seed_augments_differently(self, digits):
        recipe = Recipe(epochs=1, augmented=True)
        few = tuple(array[:200] for array in digits)  # a single batch
        assert self.fit(few, recipe, seed=1)[1] != self.fit(few, recipe, seed=2)[1]

    def test_every_image_is_seen_once_per_epoch(self, digits, monkeypatch):
        monkeypatch.setattr(better, "augment", lambda images, seed: images)
        images, one_hot = digits
        numbered = np.arange(len(images), dtype="float32").reshape(-1, 1, 1, 1) * np.ones((1, 28, 28, 1), "float32")
        data = iter(better.augmented_batches(numbered, one_hot, 200, 1))
        steps = better.steps_per_epoch(images, Recipe())
        orders = []
        for _ in range(2):
            batches = [next(data) for _ in range(steps)]
            order = np.concatenate([seen[:, 0, 0, 0] for seen, _ in batches]).astype(int)
            assert sorted(order) == list(range(len(images)))
            assert np.array_equal(np.concatenate([labels for _, labels in batches]), one_hot[order])
            orders.append(order.tolist())
        assert orders[0] != orders[1]

    def test_one_cycle_rises_and_falls(self):
        rate = better.learning_rate_of(better.BEST, 100)
        rates = np.array([float(rate(step)) for step in range(101)])
        assert rates.argmax() == int(100 * better.WARM_UP_SHARE)
        assert rates.max() == pytest.approx(better.PEAK_LEARNING_RATE)
        assert (np.diff(rates[:21]) > 0).all()
        assert (np.diff(rates[20:]) < 0).all()
        assert rates[-1] == pytest.approx(0, abs=1e-6)

    def test_the_other_rates(self):
        assert float(better.learning_rate_of(Recipe(), 100)(50)) == pytest.approx(0.0005)
        model = better.build_better((1, 1, 1, 1))
        better.compile_better(model, better.CONVNET, 100)
        assert float(model.optimizer.learning_rate) == pytest.approx(0.001)

    def test_the_average_is_that_of_the_weights_during_training(self, digits):
        import keras

        recorded = []
        recorder = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: recorded.append(recorder.model.get_weights())
        )
        average = better.weight_average(decay=0.75, every_batches=5)
        self.fit(digits, Recipe(epochs=2, batch_size=50), callbacks=[recorder, average])
        chosen = [recorded[0], *recorded[4::5]]
        assert average.updates == len(chosen) == 1 + 58 // 5
        for position, ours in enumerate(average.average):
            expected = chosen[0][position]
            for update, weights in enumerate(chosen[1:], start=1):
                share = max(0.25, 1 / (update + 1))
                expected = (1 - share) * expected + share * weights[position]
            assert ours == pytest.approx(expected, abs=1e-5)


def test_test_time_augmentation_averages_shifted_copies(digits):
    import keras

    keras.utils.set_random_seed(1)
    model = better.build_better((2, 2, 2, 2))
    images = digits[0][:7]
    copies = [
        ndimage.shift(images, (0, row, column, 0), order=0, mode="constant")
        for row in (-1, 0, 1)
        for column in (-1, 0, 1)
    ]
    expected = np.mean([model(copy).numpy() for copy in copies], axis=0)
    assert better.predict_with_test_time_augmentation(model, images) == pytest.approx(expected, abs=1e-5)
