"""A better network as functions: the changes, one at a time, that chapter "Beat it" makes to the tutorial's network."""

from dataclasses import dataclass

BATCH_SIZE = 200
WIDTHS = (16, 32, 32, 64)  # filters of the four convolutions
PEAK = 0.01  # the highest learning rate of the cycle
WARM_UP = 0.2  # the share of the training in which the learning rate rises
MEMORY = 0.9  # how much of the average stays when new weights join it
STRIDE = 20  # batches from one joining to the next


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, apart from its layers.

    epochs: how often each picture is seen. batch_size: pictures a step. one_cycle: whether the learning rate
    rises to PEAK and falls again, or only falls from 0.001. distorted: whether each picture is shifted, turned and
    stretched anew each time it is seen. constant: whether the learning rate stays at Adam's own 0.001 throughout.
    """

    epochs: int = 10
    batch_size: int = BATCH_SIZE
    one_cycle: bool = False
    distorted: bool = False
    constant: bool = False


BEST = Recipe(epochs=12, one_cycle=True, distorted=True)
CONVNET = Recipe(epochs=15, batch_size=128, constant=True)


def build_better(widths=WIDTHS, normalise=True):
    """Build a network of four 3 x 3 convolutions, untrained: from (28, 28, 1) to ten probabilities.

    widths: how many filters each of the four has. normalise: whether batch normalisation follows each.
    The first and the third are pooled before anything else is done to their numbers: what comes after has a quarter
    of the work. Returns a `keras.Sequential`. Raises ValueError unless there are four widths, all above 0.
    """
    import keras
    from keras import layers

    if len(widths) != 4 or min(widths) < 1:
        raise ValueError(f"build_better() was given the widths {widths}; it expects four numbers of filters above 0.")
    stack = [keras.Input(shape=(28, 28, 1))]
    for position, width in enumerate(widths):
        stack.append(layers.Conv2D(width, 3, use_bias=not normalise))
        if position in (0, 2):
            stack.append(layers.MaxPooling2D(2))
        if normalise:
            stack.append(layers.BatchNormalization(momentum=0.9))
        stack.append(layers.ReLU())
    return keras.Sequential([*stack, layers.Flatten(), layers.Dense(10, activation="softmax")])


def build_convnet():
    """Build the network of Keras's own example `mnist_convnet`, untrained, with its 34,826 parameters.

    Source: https://keras.io/examples/vision/mnist_convnet/ (batch 128, 15 epochs, Adam, a tenth for validation).
    """
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def distort(images, seed, turn=10, stretch=0.1, slant=0.1, shift=2):
    """Shift, turn, stretch and slant each picture by chance; a new picture of the same digit comes out.

    images: (n, 28, 28, 1) float32. seed: two whole numbers; the same seed distorts in the same way. turn: degrees,
    stretch and slant: shares, shift: pixels, each the most that happens, in either direction. Returns a tensor of the
    same shape; what comes in from outside is black. Pixels between pixels are mixed from their four neighbours.
    """
    import keras
    import numpy as np
    import tensorflow as tf

    count = tf.shape(images)[0]
    chance = tf.random.stateless_uniform([6, count], seed, -1, 1)
    angle = chance[0] * (turn * np.pi / 180)
    sine, cosine = tf.sin(angle), tf.cos(angle)
    wide, high, slanted = 1 + stretch * chance[1], 1 + stretch * chance[2], slant * chance[3]
    # Where the new picture's pixel (x, y) is found in the old one: (a x + b y + c, d x + e y + f).
    a, b = cosine * wide, (slanted * cosine - sine) * high
    d, e = sine * wide, (slanted * sine + cosine) * high
    middle = 13.5  # stays where it is, but for the shift
    c = middle - (a + b) * middle + shift * chance[4]
    f = middle - (d + e) * middle + shift * chance[5]
    zero = tf.zeros_like(a)
    where = tf.stack([a, b, c, d, e, f, zero, zero], axis=1)
    return keras.ops.image.affine_transform(images, where, interpolation="bilinear", fill_mode="constant")


def distorted_batches(images, one_hot, batch_size, seed):
    """Return the training pictures as an endless `tf.data.Dataset` of batches, distorted anew in each epoch.

    images: (n, 28, 28, 1) float32, 0 to 1. one_hot: (n, 10) float32. seed: decides the order and the distortions.
    The work is done while the network learns from the batch before.
    """
    import tensorflow as tf

    images, one_hot = tf.constant(images), tf.constant(one_hot)
    chosen = tf.data.Dataset.range(len(images)).shuffle(len(images), seed=seed).batch(batch_size)

    def take(step, numbers):
        return distort(tf.gather(images, numbers), tf.stack([seed, step])), tf.gather(one_hot, numbers)

    return chosen.repeat().enumerate().map(take, num_parallel_calls=2).prefetch(2)


def steps_of(images, recipe):
    """Return how many batches an epoch has; the last may be smaller than the others."""
    return -(-len(images) // recipe.batch_size)


def learning_rate_of(recipe, steps):
    """Return the learning rate that a recipe asks for: a number, or one of Keras's schedules.

    steps: batches of the whole training. A schedule is a function from the number of a batch to the rate.
    """
    import keras

    if recipe.constant:
        return 0.001
    if not recipe.one_cycle:
        return keras.optimizers.schedules.CosineDecay(0.001, max(steps, 1))
    rising = max(int(WARM_UP * steps), 1)
    return keras.optimizers.schedules.CosineDecay(
        PEAK / 50, max(steps - rising, 1), warmup_target=PEAK, warmup_steps=rising
    )


def compile_better(model, recipe, steps):
    """Compile a model as a recipe says. steps: batches of the whole training."""
    import keras

    optimizer = keras.optimizers.Adam(learning_rate_of(recipe, steps))
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])


def weight_average(memory=MEMORY, stride=STRIDE):
    """Return a Keras callback that keeps a running average of a model's weights.

    Every `stride` batches, `average` becomes `memory` of itself and the rest of the weights as they are, those
    of batch normalisation as well. After the training, `model.set_weights(callback.average)` puts it to use.
    """
    import keras

    class WeightAverage(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.average, self.batches, self.joined = None, 0, 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1
            if self.batches % stride and self.average is not None:
                return
            kept = min(memory, self.joined / (self.joined + 1))  # at first a plain mean
            self.joined += 1
            weights = self.model.get_weights()
            old = weights if self.average is None else self.average
            self.average = [kept * before + (1 - kept) * now for before, now in zip(old, weights, strict=True)]

    return WeightAverage()


def arguments_of_fit(images, one_hot, recipe, seed):
    """Return what Keras's fit is to be called with, as a dict, for one epoch; see fit_better()."""
    if not recipe.distorted:
        return {"x": images, "y": one_hot, "batch_size": recipe.batch_size, "verbose": 0}
    # The batches come in a new order each epoch: asked to shuffle them again, Keras would warn.
    data = distorted_batches(images, one_hot, recipe.batch_size, seed)
    return {"x": data, "steps_per_epoch": steps_of(images, recipe), "shuffle": False, "verbose": 0}


def fit_better(model, images, one_hot, recipe=BEST, seed=1, callbacks=()):
    """Compile and fit as a recipe says; return Keras's History.

    images: (n, 28, 28, 1) float32, 0 to 1. one_hot: (n, 10) float32: all of them are trained on, so leave out what
    is to be tested on. seed: decides the distortions; the first weights are the caller's business
    (`keras.utils.set_random_seed`). callbacks: Keras callbacks, for example `[weight_average()]`.
    """
    compile_better(model, recipe, steps_of(images, recipe) * recipe.epochs)
    arguments = arguments_of_fit(images, one_hot, recipe, seed)
    return model.fit(**arguments, epochs=recipe.epochs, callbacks=list(callbacks))


def predict_shifted(model, images):
    """Return a model's probabilities, (n, 10), as the mean over nine copies of each picture.

    images: (n, 28, 28, 1) float32. The copies are shifted by -1, 0 and 1 rows and columns.
    """
    import numpy as np

    reach = (-1, 0, 1)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    copies = [padded[:, 1 - row : 29 - row, 1 - column : 29 - column] for row in reach for column in reach]
    return np.mean([model.predict(copy, batch_size=500, verbose=0) for copy in copies], axis=0)
