"""The engine computes what Keras computes: gradients, losses of a training, Adam's and SGD's steps."""

import numpy as np
import pytest
from engine_in_node import run_in_node

from mnist_tutorial.data import stand_in_digits
from mnist_tutorial.widgets.engine import random_numbers

BATCH = 40
SHAPES = {
    "the book's": {},
    "no hidden layer": {"hiddenUnits": 0},
    "an odd last row": {"filters": 7, "kernelSize": 4, "hiddenUnits": 33},
    "the smallest": {"filters": 1, "kernelSize": 1, "hiddenUnits": 1, "dropout": 0},
    "the widest window": {"filters": 64, "kernelSize": 9, "hiddenUnits": 20, "dropout": 0.5},
    "many units": {"filters": 5, "kernelSize": 2, "hiddenUnits": 512},
}
SWITCHES = {
    "softmax forgotten": {"softmax": "none"},
    "softmax twice": {"softmax": "twice"},
    "squared error": {"loss": "squared error"},
    "squared error without softmax": {"loss": "squared error", "softmax": "none"},
    "squared error after two softmaxes": {"loss": "squared error", "softmax": "twice"},
    "pixels up to 255": {"scaling": False},
}
BOOK = {"filters": 30, "kernelSize": 5, "hiddenUnits": 128, "dropout": 0.2, "softmax": "once", "loss": "cross-entropy"}


@pytest.fixture(scope="module")
def digits():
    (images, labels), _ = stand_in_digits()
    return images[:1000], labels[:1000]


class InKeras:
    """The network of some settings in Keras, whose dropout multiplies by masks that it is given."""

    def __init__(self, settings, weights):
        import keras
        from keras import layers

        self.settings = {**BOOK, "scaling": True, **settings}
        image = keras.Input(shape=(28, 28, 1))
        pooled = layers.MaxPooling2D()(
            layers.Conv2D(self.settings["filters"], self.settings["kernelSize"], activation="relu")(image)
        )
        values = layers.Flatten()(pooled)
        mask = keras.Input(shape=values.shape[1:])
        values = layers.Multiply()([values, mask])
        if self.settings["hiddenUnits"]:
            values = layers.Dense(self.settings["hiddenUnits"], activation="relu")(values)
        softmax = self.settings["softmax"]
        values = layers.Dense(10, activation=None if softmax == "none" else "softmax")(values)
        if softmax == "twice":
            values = layers.Softmax()(values)
        self.model = keras.Model([image, mask], values)
        self.model.set_weights(weights)
        squared = self.settings["loss"] == "squared error"
        self.loss = keras.losses.MeanSquaredError() if squared else keras.losses.CategoricalCrossentropy()

    def masks(self, seed, step, count):
        values = self.model.inputs[1].shape[1]
        if not self.settings["dropout"]:
            return np.ones((count, values), "float32")
        rate = self.settings["dropout"]
        return np.stack([random_numbers.dropout_mask(seed, step, image, values, rate) for image in range(count)])

    def gradients(self, images, labels, masks):
        import tensorflow as tf

        pixels = images[..., None].astype("float32") / (255 if self.settings["scaling"] else 1)
        one_hot = np.eye(10, dtype="float32")[labels]
        with tf.GradientTape() as tape:
            loss = self.loss(one_hot, self.model([pixels, masks], training=True))
        gradients = tape.gradient(loss, self.model.trainable_variables)
        return float(loss), [gradient.numpy() for gradient in gradients]


def initial(settings, seed=1):
    names = {"filters": "filters", "kernelSize": "kernel_size", "hiddenUnits": "hidden_units"}
    return random_numbers.initial_weights(seed, **{names[key]: settings[key] for key in settings.keys() & names})


GRADIENTS = """
const network = networks[given.kind](given.settings, given.labels.length);
network.setWeights(given.weights);
network.images.set(given.images);
network.labels.set(given.labels);
const { losses } = drain(network.computeGradients({ total: given.labels.length, firstShard: 0, shards: 8, step: 3 }));
return { losses, gradients: network.gradientsByLayer() };
"""


def start_for(settings):
    """Return weights of some settings at which the cross-entropy of sums as they are has something to learn from."""
    weights = initial(settings)
    if settings.get("softmax") == "none":
        weights[-1] = np.linspace(0.5, 1.5, 10, dtype="float32")  # all ten above zero, so that no share is cut off
        weights[-2] *= np.float32(0.2)
    return weights


def differences(kind, settings, digits):
    images, labels = digits[0][:BATCH], digits[1][:BATCH]
    weights = start_for(settings)
    given = {"seed": 1, "batchSize": BATCH, **settings}
    found = run_in_node(GRADIENTS, kind=kind, settings=given, images=images, labels=labels, weights=weights)
    keras = InKeras(settings, weights)
    loss, gradients = keras.gradients(images, labels, keras.masks(1, 3, BATCH))
    assert found["losses"].mean() == pytest.approx(loss, abs=1e-5 * max(1, abs(loss)))
    largest = [np.abs(gradient).max() for gradient in gradients]
    assert min(largest) > 0
    pairs = zip(found["gradients"], gradients, largest, strict=True)
    return [np.abs(mine - gradient.ravel()).max() / most for mine, gradient, most in pairs]


@pytest.mark.parametrize("settings", [*SHAPES.values(), *SWITCHES.values()], ids=[*SHAPES, *SWITCHES])
def test_gradients_of_a_step_are_those_of_gradient_tape(settings, digits):
    assert max(differences("webAssembly", settings, digits)) < 1e-5


@pytest.mark.parametrize("settings", [SHAPES["an odd last row"], *SWITCHES.values()], ids=["", *SWITCHES])
def test_gradients_in_plain_javascript_are_those_of_gradient_tape(settings, digits):
    assert max(differences("plain", settings, digits)) < 1e-5


TRAIN = """
const network = networks[given.kind](given.settings, given.settings.batchSize);
const training = createTraining({ network, images: given.images, labels: given.labels });
const reports = Array.from({ length: given.steps }, (_, step) => training.step(step));
return {
  losses: Float32Array.from(reports, ({ loss }) => loss), rates: Float32Array.from(reports, ({ rate }) => rate),
  correct: reports.map(({ accuracy, images }) => Math.round(accuracy * images)), weights: network.weights(),
};
"""


def train_in_keras(settings, images, labels, steps):
    """Train as the engine does, from the same seed, with Keras's optimizer and schedule; return losses and weights."""
    import keras
    import tensorflow as tf

    rate, seed, batch = settings["learningRate"], settings["seed"], settings["batchSize"]
    if settings.get("schedule") != "constant":
        rate = keras.optimizers.schedules.CosineDecay(rate, len(images) // batch * settings["epochs"])
    optimizer = (keras.optimizers.SGD if settings.get("optimizer") == "sgd" else keras.optimizers.Adam)(rate)
    network = InKeras(settings, initial(settings, seed))
    gradients = tf.function(lambda *batch: _gradients(network, *batch))
    order = np.concatenate([random_numbers.shuffled(seed, epoch, len(images)) for epoch in range(settings["epochs"])])
    losses = []
    for step in range(steps):
        chosen = order[step * batch : (step + 1) * batch]
        masks = network.masks(seed, step, batch)
        loss, found = gradients(images[chosen][..., None].astype("float32") / 255, np.eye(10)[labels[chosen]], masks)
        optimizer.apply(found, network.model.trainable_variables)
        losses.append(float(loss))
    return losses, network.model.get_weights()


def _gradients(network, pixels, one_hot, masks):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = network.loss(one_hot, network.model([pixels, masks], training=True))
    return loss, tape.gradient(loss, network.model.trainable_variables)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"filters": 12, "kernelSize": 3, "hiddenUnits": 40, "optimizer": "sgd", "learningRate": 0.1},
        {"filters": 8, "hiddenUnits": 0, "schedule": "constant", "learningRate": 0.003},
    ],
    ids=["Adam, the book's network", "SGD", "a constant rate, no hidden layer"],
)
def test_the_first_fifty_losses_are_those_of_keras(settings, digits):
    images, labels = digits
    settings = {"seed": 7, "batchSize": 40, "epochs": 2, "learningRate": 0.001, **settings}
    losses, weights = train_in_keras(settings, images, labels, 50)
    found = run_in_node(TRAIN, kind="webAssembly", settings=settings, images=images, labels=labels, steps=50)
    np.testing.assert_allclose(found["losses"], losses, atol=1e-4)
    assert losses[-1] < losses[0] / 2
    for mine, weight in zip(found["weights"], weights, strict=True):
        np.testing.assert_allclose(mine, weight.ravel(), atol=1e-3)
