"""A better network as functions: the changes, one at a time, that chapter "Beat it" makes to the tutorial's network."""

import math
from dataclasses import dataclass

BATCH_SIZE = 200
WIDTHS = (16, 32, 32, 64)  # filters of the four convolutions
WIDER = (24, 48, 48, 64)  # ... of a wider network, whose first has windows of 5 x 5
PEAK_LEARNING_RATE = 0.01  # the highest of the cycle
WARM_UP_SHARE = 0.2  # of the training: the part in which the learning rate rises
EMA_DECAY = 0.9  # share of the running average that stays at each update
EMA_BATCHES = 20  # batches from one update of the average to the next


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, apart from its layers.

    epochs: how often each image is seen. batch_size: images per step. one_cycle: whether the learning rate rises to
    PEAK_LEARNING_RATE and falls again, or only falls from 0.001. augmented: whether each image is changed randomly,
    as augment() does, each time it is seen. constant_rate: whether the learning rate stays at Adam's own 0.001.
    """

    epochs: int = 10
    batch_size: int = BATCH_SIZE
    one_cycle: bool = False
    augmented: bool = False
    constant_rate: bool = False


BEST = Recipe(epochs=12, one_cycle=True, augmented=True)
CONVNET = Recipe(epochs=15, batch_size=128, constant_rate=True)


def build_better(widths=WIDTHS, normalise=True, first_window=3):
    """Build a network of four convolutions, untrained: from (28, 28, 1) to ten probabilities.

    widths: how many filters each of the four has. normalise: whether batch normalisation follows each. first_window:
    rows and columns of the first one's windows, 3 or 5; the others have 3 x 3. The first and the third are pooled
    before normalisation and ReLU, which then have a quarter of the work. Returns a `keras.Sequential`. Raises
    ValueError unless there are four widths, all above 0, and for another window.
    """
    import keras
    from keras import layers

    if first_window not in (3, 5):
        raise ValueError(f"build_better() was given the first window {first_window}; it expects 3 or 5.")
    if len(widths) != 4 or min(widths) < 1:
        raise ValueError(f"build_better() was given the widths {widths}; it expects four numbers of filters above 0.")
    stack = [keras.Input(shape=(28, 28, 1))]
    for position, width in enumerate(widths):
        stack.append(layers.Conv2D(width, 3 if position else first_window, use_bias=not normalise))
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


def multiplications_of(model):
    """Return how many multiplications a network makes for one image, from its pixels to the answer.

    model: a built `keras.Sequential`. Only convolutions and dense layers are counted, each with one multiplication per
    weight and place; next to them, the others make few. Training takes about three times as many, since each number
    also goes back through the layers (once for the weights, once for what came in).
    """
    from keras import layers

    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            _, rows, columns, _ = layer.output.shape
            total += rows * columns * math.prod(layer.kernel.shape)
        elif isinstance(layer, layers.Dense):
            total += math.prod(layer.kernel.shape)
    return total


def augment(images, seed, rotation=10, zoom=0.1, shear=0.1, translation=2):
    """Rotate, zoom, shear and translate each image randomly; the result shows the same digit.

    images: (n, 28, 28, 1) float32. seed: two whole numbers; the same seed gives the same result. The other arguments
    are the largest changes, in either direction: rotation in degrees, zoom (separately in width and height) and shear
    as shares, translation in pixels. Returns a tensor of the same shape, interpolated bilinearly; pixels from outside
    the image are 0.
    """
    import keras
    import numpy as np
    import tensorflow as tf

    count = tf.shape(images)[0]
    draws = tf.random.stateless_uniform([6, count], seed, -1, 1)
    angle = draws[0] * (rotation * np.pi / 180)
    sine, cosine = tf.sin(angle), tf.cos(angle)
    width_factor, height_factor, slope = 1 + zoom * draws[1], 1 + zoom * draws[2], shear * draws[3]
    # The new image's pixel (x, y) comes from (a x + b y + c, d x + e y + f) in the old one.
    a, b = cosine * width_factor, (slope * cosine - sine) * height_factor
    d, e = sine * width_factor, (slope * sine + cosine) * height_factor
    centre = 13.5  # moved by the translation alone
    c = centre - (a + b) * centre + translation * draws[4]
    f = centre - (d + e) * centre + translation * draws[5]
    zero = tf.zeros_like(a)
    transforms = tf.stack([a, b, c, d, e, f, zero, zero], axis=1)
    return keras.ops.image.affine_transform(images, transforms, interpolation="bilinear", fill_mode="constant")


def augmented_batches(images, one_hot, batch_size, seed):
    """Return the training images as an endless `tf.data.Dataset` of batches, augmented differently in each epoch.

    images: (n, 28, 28, 1) float32, 0 to 1. one_hot: (n, 10) float32. seed: decides the order and the augmentation.
    A batch is prepared while the network learns from the one before.
    """
    import tensorflow as tf

    images, one_hot = tf.constant(images), tf.constant(one_hot)
    index_batches = tf.data.Dataset.range(len(images)).shuffle(len(images), seed=seed).batch(batch_size)

    def batch(step, indices):
        return augment(tf.gather(images, indices), tf.stack([seed, step])), tf.gather(one_hot, indices)

    return index_batches.repeat().enumerate().map(batch, num_parallel_calls=2).prefetch(2)


def steps_per_epoch(images, recipe):
    """Return how many batches an epoch has; the last one may be smaller than the others."""
    return -(-len(images) // recipe.batch_size)


def learning_rate_of(recipe, steps):
    """Return a recipe's learning rate: a number, or one of Keras's schedules.

    steps: batches of the whole training. A schedule is a function from the index of a batch to the rate.
    """
    import keras

    if recipe.constant_rate:
        return 0.001
    if not recipe.one_cycle:
        return keras.optimizers.schedules.CosineDecay(0.001, max(steps, 1))
    warm_up_steps = max(int(WARM_UP_SHARE * steps), 1)
    return keras.optimizers.schedules.CosineDecay(
        PEAK_LEARNING_RATE / 50,
        max(steps - warm_up_steps, 1),
        warmup_target=PEAK_LEARNING_RATE,
        warmup_steps=warm_up_steps,
    )


def compile_better(model, recipe, steps):
    """Compile a model for a recipe. steps: batches of the whole training."""
    import keras

    optimizer = keras.optimizers.Adam(learning_rate_of(recipe, steps))
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])


def weight_average(decay=EMA_DECAY, every_batches=EMA_BATCHES):
    """Return a Keras callback that keeps an exponential moving average (EMA) of a model's weights.

    Every `every_batches` batches, `average` becomes `decay * average + (1 - decay) * weights`; the moving statistics
    of batch normalisation are averaged as well. After training, `model.set_weights(callback.average)` applies it.
    """
    import keras

    class WeightAverage(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.average, self.batches, self.updates = None, 0, 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1
            if self.batches % every_batches and self.average is not None:
                return
            share = min(decay, self.updates / (self.updates + 1))  # a plain mean at first
            self.updates += 1
            weights = self.model.get_weights()
            old = weights if self.average is None else self.average
            self.average = [share * before + (1 - share) * now for before, now in zip(old, weights, strict=True)]

    return WeightAverage()


def fit_arguments(images, one_hot, recipe, seed):
    """Return the arguments of Keras's fit for one epoch, as a dict; see fit_better()."""
    if not recipe.augmented:
        return {"x": images, "y": one_hot, "batch_size": recipe.batch_size, "verbose": 0}
    # The batches come in a new order in each epoch already: asked to shuffle them again, Keras would warn.
    data = augmented_batches(images, one_hot, recipe.batch_size, seed)
    return {"x": data, "steps_per_epoch": steps_per_epoch(images, recipe), "shuffle": False, "verbose": 0}


def fit_better(model, images, one_hot, recipe=BEST, seed=1, callbacks=()):
    """Compile and fit as a recipe says; return Keras's History.

    images: (n, 28, 28, 1) float32, 0 to 1. one_hot: (n, 10) float32. All of them are trained on, so leave out what
    you want to validate or test on. seed: decides the order and the augmentation, but not the initial weights, for
    which you call `keras.utils.set_random_seed`. callbacks: Keras callbacks, for example `[weight_average()]`.
    """
    compile_better(model, recipe, steps_per_epoch(images, recipe) * recipe.epochs)
    arguments = fit_arguments(images, one_hot, recipe, seed)
    return model.fit(**arguments, epochs=recipe.epochs, callbacks=list(callbacks))


def predict_with_test_time_augmentation(model, images):
    """Return a model's probabilities, (n, 10), averaged over nine copies of each image.

    images: (n, 28, 28, 1) float32. The copies are shifted by -1, 0 and 1 rows and columns.
    """
    import numpy as np

    offsets = (-1, 0, 1)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    copies = [padded[:, 1 - row : 29 - row, 1 - column : 29 - column] for row in offsets for column in offsets]
    return np.mean([model.predict(copy, batch_size=500, verbose=0) for copy in copies], axis=0)
