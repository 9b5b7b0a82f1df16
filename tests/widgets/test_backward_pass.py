"""The backward pass, in JavaScript and in NumPy: every gradient against TensorFlow's and finite differences."""

import base64

import numpy as np
import pytest
from digits_at_hand import real_mnist
from engine_in_node import run_in_node
from small_network import network, widget_files

from mnist_tutorial import data
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import load_reference_model
from mnist_tutorial.reference.backward_pass import gradients_of, through_pooling
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets import bundle

__all__ = ["network", "widget_files"]  # fixtures

CLOSE = 1e-5  # of the largest of a layer
SIZES = {
    "the book's": {},
    "an odd last row": {"filters": 3, "kernel_size": 4, "units": 16},
    "one of each": {"filters": 1, "kernel_size": 1, "units": 1},
    "a wide window": {"filters": 5, "kernel_size": (2, 9), "units": 20},
}
REFERENCE = "the reference network"
MODULES = """
const { decodeWeights } = await import("../frontend/weights_format.js");
const { forward } = await import("../frontend/forward_pass.js");
const { backward, weightGradients } = await import("../frontend/backward_pass.js");
const weights = decodeWeights(given.weights);
const pixels = Float32Array.from(given.image, (value) => value / 255);
const results = forward(weights, pixels);
const gradients = backward(weights, results, given.label);
"""
GRADIENTS = f"""{MODULES}
const layers = weightGradients(weights, pixels, results, gradients);
const floats = (values) => Float32Array.from(values);
return {{
  loss: gradients.loss,
  values: ["logits", "hidden", "pooling", "convolution"].map((name) => floats(gradients[name])),
  weights: Object.values(layers).flatMap(({{ kernel, bias }}) => [floats(kernel), floats(bias)]),
}};
"""


@pytest.fixture(scope="module")
def images():
    """Return four of MNIST's test digits, or the stand-in's, and their labels."""
    _, (images, labels) = real_mnist() or data.stand_in_digits()
    return images[:4], labels[:4]


def in_tensorflow(model, image, label):
    """Return the loss, the gradients of scores, hidden sums, pooled numbers and the maps' sums, and of all weights."""
    import tensorflow as tf

    convolution, *_, hidden, output = model.layers
    with tf.GradientTape() as tape:
        maps = tf.nn.conv2d(process_images(image[None]), convolution.kernel, 1, "VALID") + convolution.bias
        tape.watch(maps)
        pooled = tf.nn.max_pool2d(tf.nn.relu(maps), 2, 2, "VALID")
        sums = tf.reshape(pooled, (1, -1)) @ hidden.kernel + hidden.bias
        scores = tf.nn.relu(sums) @ output.kernel + output.bias
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits([label], scores)[0]
    values = tape.gradient(loss, [scores, sums, pooled, maps])
    with tf.GradientTape() as tape:
        answer = model(process_images(image[None]), training=False)
        keras_loss = -tf.math.log(answer[0, label])
    weights = tape.gradient(keras_loss, model.trainable_variables)
    return float(loss), [one.numpy().ravel() for one in values], [one.numpy().ravel() for one in weights]


def assert_same(found, expected):
    assert len(found) == len(expected)
    for mine, gradient in zip(found, expected, strict=True):
        assert mine.size == gradient.size
        assert np.abs(mine.ravel() - gradient).max() <= CLOSE * np.abs(gradient).max()


def network_of(name):
    """Return a seeded network of one of the sizes, or the reference network, and labels to try."""
    import keras

    if name == REFERENCE:
        return load_reference_model(), (3, 8)
    keras.utils.set_random_seed(3)
    model = build_model(**SIZES[name])
    random = np.random.default_rng(3)
    model.set_weights([w + random.normal(0, 0.2, w.shape) if w.ndim == 1 else w for w in model.get_weights()])
    return model, (0, 3, 9)


@pytest.mark.parametrize("name", [*SIZES, REFERENCE])
def test_every_gradient_is_that_of_gradient_tape(name, images):
    model, labels = network_of(name)
    weights = page_weights(model)
    for image, own_label in zip(*images, strict=True):
        for label in labels:
            if label == own_label and name == REFERENCE:
                continue  # where it is sure, TensorFlow's float32 has few digits left of the probability minus 1
            loss, values, of_weights = in_tensorflow(model, image, label)
            found = run_in_node(GRADIENTS, weights=weights, image=image.ravel(), label=label)
            assert found["loss"] == pytest.approx(loss, rel=1e-5)
            assert_same(found["values"], values)
            assert_same(found["weights"], of_weights)
            in_numpy = gradients_of(weights, image, label)
            assert in_numpy["loss"] == pytest.approx(loss, rel=1e-5)
            assert_same([in_numpy[name] for name in ("logits", "hidden", "pooling", "convolution")], values)
            assert_same([one for pair in in_numpy["weights"].values() for one in pair], of_weights)


IN_THE_PAGE = """async ([sources, image, label]) => {
  const mount = (text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  const [{ forward }, { backward, weightGradients }] = await Promise.all(sources.map(mount));
  const weights = await mnistTutorial.network();
  const pixels = Float32Array.from(image, (value) => value / 255);
  const results = forward(weights, pixels);
  const layers = weightGradients(weights, pixels, results, backward(weights, results, label));
  return Object.values(layers).flatMap(({ kernel, bias }) => [kernel, bias]).map((values) => {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  });
}"""


def test_the_page_has_these_gradients_of_the_network_that_it_loads(open_file, network, images):
    page = open_file('<script defer src="host.js"></script>', "")
    sources = [
        bundle.front_end(bundle.FOLDER / "frontend" / f"{name}.js") for name in ("forward_pass", "backward_pass")
    ]
    for image, label in zip(*images, strict=True):
        found = page.evaluate(IN_THE_PAGE, [sources, image.ravel().tolist(), int(label)])
        assert_same(
            [np.frombuffer(base64.b64decode(text), "<f4") for text in found], in_tensorflow(network, image, label)[2]
        )


IN_THE_ENGINE = f"""{MODULES}
const layers = weightGradients(weights, pixels, results, gradients);
const mine = Object.values(layers).flatMap(({{ kernel, bias }}) => [kernel, bias]);
return Object.entries(networks).map(([kind, create]) => {{
  const network = create({{ seed: 1, batchSize: 1, dropout: 0, ...given.sizes }}, 1);
  network.setWeights(Object.values(weights).flatMap(({{ kernel, bias }}) => [kernel, bias]));
  network.images.set(given.image);
  network.labels.set([given.label]);
  const {{ losses }} = drain(network.computeGradients({{ total: 1, firstShard: 0, shards: 8, step: 0 }}));
  return {{
    kind,
    loss: [losses[0], gradients.loss],
    pairs: network.gradientsByLayer().map((one, at) => [one, Float32Array.from(mine[at])]),
  }};
}});
"""


@pytest.mark.parametrize("label", [3, 8])
@pytest.mark.parametrize("name", ["the book's", "an odd last row", "one of each"])
def test_the_engine_that_trains_in_the_page_has_these_gradients(name, label, images):
    model, _ = network_of(name)
    keys = {"filters": "filters", "kernel_size": "kernelSize", "units": "hiddenUnits"}
    sizes = {keys[key]: size for key, size in SIZES[name].items()}
    for image in images[0]:
        given = {"weights": page_weights(model), "image": image.ravel(), "label": label, "sizes": sizes}
        found = run_in_node(IN_THE_ENGINE, **given)
        assert [one["kind"] for one in found] == ["webAssembly", "plain"]
        for one in found:
            assert one["loss"][0] == pytest.approx(one["loss"][1], rel=1e-5)
            assert_same(*zip(*one["pairs"], strict=True))


SLOPES = f"""{MODULES}
const {{ weightGradients: ofWeights }} = await import("../frontend/backward_pass.js");
const {{ whatIf, finiteDifference }} = await import("../backward_view/what_if.js");
const layers = ofWeights(weights, pixels, results, gradients);
const all = {{
  score: gradients.logits, unit: gradients.hidden, pooling: gradients.pooling, convolution: gradients.convolution,
  "output weight": layers.output.kernel, "hidden weight": layers.hidden.kernel,
  "filter weight": layers.convolution.kernel,
}};
const what = whatIf(weights, pixels, results, given.label);
const step = 1e-4;
return Object.entries(all).map(([number, values]) => {{
  const sizes = [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const some = [...sizes.slice(0, 60), ...sizes.slice(60).filter((_, i) => i % Math.ceil(sizes.length / 60) === 0)];
  return [number, some.map((at) => {{
    const value = what.valueOf(number, at);
    const [below, here, above] = [value - step, value, value + step].map((one) => what.lossWith(number, at, one));
    return [values[at], finiteDifference(what, number, at, step), (here - below) / step, (above - here) / step];
  }})];
}});
"""


@pytest.mark.parametrize("label", [3, 8])
def test_gradients_are_the_slopes_of_finite_differences_where_there_is_one(network, images, label):
    for image in images[0][:3]:
        found = run_in_node(SLOPES, weights=page_weights(network), image=image.ravel(), label=label)
        for number, rows in found:
            gradient, slope, before, after = np.array(rows).T
            largest = np.abs(gradient).max()
            assert largest > 0
            no_bend = np.abs(after - before) <= 0.01 * np.maximum(np.abs(before), np.abs(after)) + 1e-6 * largest
            # Where nothing is drawn, the four numbers of a block are equal, and the largest has a bend.
            assert no_bend.mean() > (0.5 if number == "convolution" else 0.85), number
            np.testing.assert_allclose(gradient[no_bend], slope[no_bend], rtol=1e-2, atol=1e-5 * largest)


LOSSES = f"""{MODULES}
const {{ whatIf }} = await import("../backward_view/what_if.js");
const what = whatIf(weights, pixels, results, given.label);
return given.changes.map(([number, at, value]) => what.lossWith(number, at, value));
"""


def test_the_loss_with_another_weight_is_that_of_a_whole_forward_pass(network, images):
    import keras

    image, label = images[0][0], 3
    random = np.random.default_rng(5)
    numbers = {"filter weight": 0, "filter bias": 1, "hidden weight": 2, "hidden bias": 3, "output weight": 4}
    numbers["output bias"] = 5
    changes, expected = [], []
    for number, position in numbers.items():
        for _ in range(4):
            weights = network.get_weights()
            at, value = int(random.integers(weights[position].size)), float(np.float32(random.normal(0, 2)))
            weights[position].ravel()[at] = value
            other = keras.models.clone_model(network)
            other.set_weights(weights)
            changes.append([number, at, value])
            expected.append(in_tensorflow(other, image, label)[0])
    found = run_in_node(LOSSES, weights=page_weights(network), image=image.ravel(), label=label, changes=changes)
    np.testing.assert_allclose(found, expected, rtol=2e-5)


STEPS = """
const { decodeWeights } = await import("../frontend/weights_format.js");
const { trainer } = await import("../backward_view/training.js");
const weights = decodeWeights(given.weights);
const before = Object.values(weights).map(({ kernel }) => kernel.slice());
const training = trainer(weights, (at) => Float32Array.from(given.images[at], (value) => value / 255));
const states = given.lists.map((changes) => Object.values(training.after(changes)).flatMap(({ kernel, bias }) =>
  [kernel.slice(), bias.slice()]));
const same = Object.values(weights).every(({ kernel }, i) => kernel.every((one, at) => one === before[i][at]));
return { states, same };
"""


def test_steps_are_those_of_keras_and_leaving_them_out_undoes_them(network, images):
    import keras
    import tensorflow as tf

    steps = [
        {"kind": kind, "label": label, "image": at}
        for kind, label, at in (("adam", 3, 0), ("adam", 3, 1), ("descent", 8, 0))
    ]
    turned = {"kind": "set", "number": "hidden weight", "index": 77, "value": 0.5}
    bias = {"kind": "set", "number": "filter bias", "index": 7, "value": -0.25}
    lists = [[], steps[:1], steps, [*steps, turned, bias], [*steps, turned | {"value": 0.25}], steps, []]
    # Farther than a copy of the weights reaches back, and to both sides of one.
    many = [*steps, turned, *steps, turned, *steps]
    lists += [many, many[:9], many, many[:5], many[:4], many[:6], steps]
    found = run_in_node(STEPS, weights=page_weights(network), images=[one.ravel() for one in images[0]], lists=lists)
    assert found["same"]  # the network of other widgets of the page
    other = keras.models.clone_model(network)
    other.set_weights(network.get_weights())
    optimizers = {"adam": keras.optimizers.Adam(0.001), "descent": keras.optimizers.SGD(0.001)}
    expected = [other.get_weights()]
    for step in steps:
        with tf.GradientTape() as tape:
            loss = -tf.math.log(other(process_images(images[0][step["image"]][None]), training=False)[0, step["label"]])
        optimizers[step["kind"]].apply(tape.gradient(loss, other.trainable_variables), other.trainable_variables)
        expected.append(other.get_weights())
    for state, weights in zip(found["states"][:3], [expected[0], expected[1], expected[3]], strict=True):
        for mine, weight in zip(state, weights, strict=True):
            np.testing.assert_allclose(mine, weight.ravel(), atol=2e-5)
    assert found["states"][3][2][77] == 0.5
    assert found["states"][3][1][7] == -0.25
    assert found["states"][4][2][77] == 0.25
    fresh = run_in_node(
        STEPS, weights=page_weights(network), images=[one.ravel() for one in images[0]], lists=[many[:5]]
    )
    found["states"] += run_in_node(
        STEPS, weights=page_weights(network), images=[one.ravel() for one in images[0]], lists=[many[:9]]
    )["states"]
    found["states"] += fresh["states"]
    for first, again in ((2, 5), (0, 6), (7, 9), (2, 13), (8, 14), (10, 15)):
        for one, other_one in zip(found["states"][first], found["states"][again], strict=True):
            np.testing.assert_array_equal(one, other_one)


TIES = """
const { throughPooling } = await import("../frontend/backward_pass.js");
return [...throughPooling(Float64Array.from(given.gradient), Float32Array.from(given.values), given.shape)];
"""


def test_of_equally_large_numbers_the_first_gets_the_whole_gradient_as_in_tensorflow():
    import tensorflow as tf

    random = np.random.default_rng(11)
    values = random.integers(1, 4, (24, 24, 3)).astype("float32")  # of three numbers, four are never all different
    gradient = random.normal(size=(12, 12, 3)).astype("float32")
    with tf.GradientTape() as tape:
        maps = tf.constant(values[None])
        tape.watch(maps)
        pooled = tf.nn.max_pool2d(maps, 2, 2, "VALID")
    expected = tape.gradient(pooled, maps, output_gradients=gradient[None]).numpy()[0]
    blocks = values.reshape(12, 2, 12, 2, 3)
    several = (blocks == blocks.max(axis=(1, 3), keepdims=True)).sum(axis=(1, 3)) > 1
    assert several.mean() > 0.5
    assert np.count_nonzero(expected) == gradient.size  # one winner in each block
    given = {"gradient": gradient.ravel(), "values": values.ravel(), "shape": values.shape}
    assert np.array_equal(run_in_node(TIES, **given), expected.ravel())
    assert np.array_equal(through_pooling(gradient, values), expected)


def test_softmax_is_exact_where_the_network_is_sure():
    script = """
    const { crossEntropy } = await import("../frontend/backward_pass.js");
    return [[0, 30], [30, 0], [1000, 0]].map((scores) => crossEntropy(scores, 0)).map(({ loss, gradient }) =>
      [loss, ...gradient]);
    """
    small = np.exp(-30.0)
    expected = [[30, -1, 1], [small, -small, small], [0, 0, 0]]
    np.testing.assert_allclose(run_in_node(script), expected, rtol=1e-6, atol=1e-300)


def test_the_module_is_light():
    assert (bundle.FOLDER / "frontend" / "backward_pass.js").stat().st_size < 8_000
