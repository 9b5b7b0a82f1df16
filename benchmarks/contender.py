"""One contender in benchmarks/training.py: a process that trains an epoch on request.

It reads lines of JSON such as {"images": 54000, "batch": null} (null: its own size), and answers each with
{"seconds": 5.1}. The first line that it writes tells its library and version.
"""

import importlib.metadata
import json
import sys
import time

IMAGES = 54_000
MATRIX = 1024  # rows and columns; large enough for the machine to do its best


def network(build, batch, callbacks=()):
    """Return a function that trains a Keras network for an epoch."""
    import keras

    from mnist_tutorial.training import compile_model

    keras.utils.set_random_seed(1)
    images, one_hot = digits()
    model = build()
    compile_model(model, IMAGES)

    def epoch(count, other_batch):
        size = other_batch or batch
        model.fit(images[:count], one_hot[:count], batch_size=size, verbose=0, callbacks=list(callbacks))

    return epoch


def digits():
    """Return images and labels to train on, as Keras takes them."""
    from mnist_tutorial.data import load_mnist
    from mnist_tutorial.processing import process_images, process_labels

    (images, labels), _ = load_mnist(stand_in=False)
    return process_images(images[:IMAGES]), process_labels(labels[:IMAGES])


def operations(count):
    """Return the additions and multiplications of one epoch of the tutorial's network, its optimizer left out.

    Each weight takes part in one product and one sum for each place where it is used. Training does this three times:
    forward, for the gradients of the weights, and for those of the inputs, which the first layer does not need.
    """
    convolution, hidden, output = 24 * 24 * 30 * 5 * 5, 4320 * 128, 128 * 10
    return 2 * (2 * convolution + 3 * hidden + 3 * output) * count


def keras_fit():
    """The tutorial's network with Keras's plain fit."""
    from mnist_tutorial.model import build_model

    return network(build_model, 200)


def book():
    """The same as Step 5 does it, with live curves."""
    from mnist_tutorial.model import build_model
    from mnist_tutorial.widgets.training_monitor import TrainingMonitor

    return network(build_model, 200, [TrainingMonitor()])


def convnet():
    """Keras's own example."""
    from mnist_tutorial.better import build_convnet

    return network(build_convnet, 128)


def pytorch():
    """The tutorial's network in PyTorch, eagerly, as its tutorials write the loop. Needs no TensorFlow."""
    import numpy as np
    import torch
    from torch import nn

    torch.manual_seed(1)
    with np.load(sys.argv[2]) as archive:
        images = torch.from_numpy(archive["x_train"][:IMAGES].astype("float32") / 255)[:, None]
        labels = torch.from_numpy(archive["y_train"][:IMAGES].astype("int64"))
    layers = [nn.Conv2d(1, 30, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.2), nn.Flatten()]
    model = nn.Sequential(*layers, nn.Linear(4320, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer, loss = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss()

    def epoch(count, batch):
        for chosen in torch.randperm(count).split(batch or 200):
            optimizer.zero_grad()
            loss(model(images[chosen]), labels[chosen]).backward()
            optimizer.step()

    return epoch


def matrices():
    """As many operations as an epoch of the tutorial's network has, in products of square matrices: the limit."""
    import tensorflow as tf

    left, right = (tf.random.stateless_normal((MATRIX, MATRIX), [1, seed]) for seed in (1, 2))
    multiply = tf.function(tf.linalg.matmul)

    def epoch(count, batch):
        for _ in range(round(operations(count) / (2 * MATRIX**3))):
            product = multiply(left, right)
        float(product[0, 0])

    return epoch


def main():
    """Get ready, print so, and train one epoch for each line of input."""
    name = sys.argv[1]
    library = "torch" if name == "pytorch" else "keras"
    epoch = globals()[name]()
    print(json.dumps({"library": library, "version": importlib.metadata.version(library)}), flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        started = time.perf_counter()
        epoch(task["images"], task["batch"])
        print(json.dumps({"seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main()
