"""Looks into the backward pass and the networks of the chapter "How it learns"."""

import inspect

import numpy as np


def probe(chapter):
    return {
        "lines": sum(len(inspect.getsource(one).splitlines()) for one in way_there_and_back(chapter)),
        "differences": differences_from_tensorflow(chapter),
        "from_package": difference_from_package(chapter),
        "ties": [one.tolist() for one in winners_of_equals(chapter)],
        "nudged": nudged_and_worked_out(chapter),
        "learned": [chapter.before, chapter.after],
        "heights": {
            name: [chapter.loss_and_gradient(place)[0] for place in path] for name, path in chapter.three.items()
        },
        "rates": {str(rate): chapter.loss_and_gradient(path[-1])[0] for rate, path in chapter.rates.items()},
        "map_slopes": slopes_on_the_map(chapter),
        "polls": {str(size): slopes.std() for size, slopes in chapter.polls.items()},
        "batches": {str(size): one for size, one in chapter.results.items()},
        "moved_from_zero": [bool(one.any()) for one in chapter.from_zero],
        "units_differ": np.ptp(chapter.all_alike[2], axis=1).max() / np.abs(chapter.all_alike[2] - 0.01).max(),
        "starts": list(chapter.starts.values()),
        "collapsed": chapter.difference,
        "rights": chapter.rights,
        "arrives": chapter.arrives,
        "dead": chapter.dead,
        "dead_by_keras": ~hidden_by_keras(chapter, chapter.finished).any(axis=0),
        "silent_at_first": int(chapter.silent(chapter.beginning).sum()),
        "deaths": chapter.deaths,
        "beginning_is_recorded": beginning_is_recorded(chapter),
    }


def way_there_and_back(chapter):
    return chapter.forward, chapter.back_to_winners, chapter.backward


def heights(chapter, path):
    """Return the loss at each place of a path on the map."""
    return [chapter.loss_and_gradient(place)[0] for place in path]


def differences_from_tensorflow(chapter):
    """Return the largest difference of the slopes of each array, in double precision, for several batches."""
    import tensorflow as tf

    def loss_of(parameters, images, targets, mask):
        kernel, kernel_bias, hidden_kernel, hidden_bias, output_kernel, output_bias = parameters
        maps = tf.nn.relu(tf.nn.conv2d(images, kernel, 1, "VALID") + kernel_bias)
        row = tf.reshape(tf.nn.max_pool2d(maps, 2, 2, "VALID") * mask, (len(images), 4320))
        scores = tf.nn.relu(row @ hidden_kernel + hidden_bias) @ output_kernel + output_bias
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, scores))

    found = []
    for weights in (chapter.weights, chapter.trained, chapter.finished):
        for seed, size in ((1, 1), (2, 40)):
            rng = np.random.default_rng(seed)
            chosen = rng.choice(len(chapter.X_train), size)
            images, targets = (one[chosen].astype("float64") for one in (chapter.X_train, chapter.Y_train))
            mask = (rng.random((size, 12, 12, 30)) >= 0.2) / 0.8
            parameters = [tf.constant(one.astype("float64")) for one in weights]
            with tf.GradientTape() as tape:
                tape.watch(parameters)
                loss = loss_of(parameters, images, targets, mask)
            theirs = tape.gradient(loss, parameters)
            ours = chapter.backward([one.numpy() for one in parameters], images, targets, mask)
            found.append([np.abs(one - other.numpy()).max() for one, other in zip(ours, theirs, strict=True)])
    return found


def difference_from_package(chapter):
    """Return the largest difference of the slopes from those of the package's backward pass, for one image."""
    from mnist_tutorial.reference.backward_pass import gradients_of
    from mnist_tutorial.reference.weights_format import page_weights

    chapter.model.set_weights(chapter.trained)
    image, label = chapter.digits[7], int(chapter.labels[7])
    theirs = gradients_of(page_weights(chapter.model), image, label)["weights"]
    ours = chapter.backward(chapter.trained, chapter.X_train[7:8], chapter.Y_train[7:8])
    chapter.model.set_weights(chapter.weights)
    pairs = zip(ours, (array for layer in theirs.values() for array in layer), strict=True)
    return max(np.abs(one - other.reshape(one.shape)).max() for one, other in pairs)


def winners_of_equals(chapter):
    """Return the blame of numbers that are often equally large, by the chapter's function and by TensorFlow."""
    import tensorflow as tf

    rng = np.random.default_rng(11)
    maps = rng.integers(1, 4, (5, 24, 24, 2)).astype("float32")  # of three numbers, four are never all different
    blame = rng.normal(size=(5, 12, 12, 2)).astype("float32")
    with tf.GradientTape() as tape:
        numbers = tf.constant(maps)
        tape.watch(numbers)
        pooled = tf.nn.max_pool2d(numbers, 2, 2, "VALID")
    theirs = tape.gradient(pooled, numbers, output_gradients=blame)
    return chapter.back_to_winners(blame, pooled.numpy(), maps), theirs.numpy()


def nudged_and_worked_out(chapter):
    """Return slopes of some weights by nudging them in double precision, and by the chapter's way back."""
    images, targets = chapter.X_train[:20].astype("float64"), chapter.Y_train[:20]
    weights = [one.astype("float64") for one in chapter.trained]
    slopes = chapter.backward(weights, images, targets)
    found = []
    for number, array in enumerate(slopes):
        place = np.unravel_index(np.abs(array).argmax(), array.shape)
        sides = []
        for nudge in (1e-6, -1e-6):
            moved = [one.copy() for one in weights]
            moved[number][place] += nudge
            sides.append(-np.log((chapter.forward(moved, images)[-1] * targets).sum(axis=1)).mean())
        found.append([(sides[0] - sides[1]) / 2e-6, array[place]])
    return found


def slopes_on_the_map(chapter):
    """Return the slopes of the two weights on the map, by nudging and by the rule."""
    place = chapter.START
    nudged = [
        (chapter.loss_and_gradient(place + nudge)[0] - chapter.loss_and_gradient(place - nudge)[0]) / 2e-4
        for nudge in np.eye(2) * 1e-4
    ]
    return [nudged, chapter.loss_and_gradient(place)[1]]


def hidden_by_keras(chapter, weights):
    """Return what the hidden units say on the training images at hand, as Keras computes it."""
    import keras

    model = chapter.build_model()
    model.set_weights(weights)
    return keras.Model(model.inputs, model.layers[4].output).predict(chapter.X_train, batch_size=500, verbose=0)


def beginning_is_recorded(chapter):
    """Return how far the filters made anew are from those recorded before the reference network's training."""
    from mnist_tutorial import reference

    return np.abs(reference.load_epochs()["filters"][0].ravel() - chapter.beginning[0].ravel()).max()
