"""Step 4: the network, layer by layer."""

import numpy as np
import pytest

from mnist_tutorial.model import build_model


def described(model):
    return [(type(layer).__name__, layer.output.shape[1:], layer.count_params()) for layer in model.layers]


def test_layers_are_the_tutorials():
    model = build_model()
    assert model.input_shape == (None, 28, 28, 1)
    assert described(model) == [
        ("Conv2D", (24, 24, 30), 780),
        ("MaxPooling2D", (12, 12, 30), 0),
        ("Dropout", (12, 12, 30), 0),
        ("Flatten", (4320,), 0),
        ("Dense", (128,), 553_088),
        ("Dense", (10,), 1_290),
    ]
    assert [model.layers[i].activation.__name__ for i in (0, 4, 5)] == ["relu", "relu", "softmax"]
    assert model.layers[2].rate == 0.2


def test_untrained_network_is_as_unsure_as_it_can_be():
    import keras

    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).random((200, 28, 28, 1), dtype=np.float32)
    probabilities = build_model().predict(images, verbose=0)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert -np.log(probabilities).mean() == pytest.approx(np.log(10), abs=0.3)


def test_sizes_can_be_chosen():
    model = build_model(filters=4, kernel_size=(3, 7), units=16, dropout=0.5)
    assert described(model)[:2] == [
        ("Conv2D", (26, 22, 4), 4 * (3 * 7 + 1)),
        ("MaxPooling2D", (13, 11, 4), 0),
    ]
    assert described(model)[4] == ("Dense", (16,), 13 * 11 * 4 * 16 + 16)
    assert model.layers[2].rate == 0.5


@pytest.mark.parametrize("wrong", [{"kernel_size": 29}, {"dropout": 1.5}, {"filters": 0}, {"units": -1}], ids=str)
def test_sizes_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        build_model(**wrong)
