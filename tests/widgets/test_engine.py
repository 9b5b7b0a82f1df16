"""The engine by itself: its random numbers, its derivatives, its compiled bytes, the record of its trainings."""

import json

import numpy as np
import pytest
from compile_engine import compile_engine
from engine_in_node import ENGINE, run_in_node
from train_in_engine import train_short

from mnist_tutorial.data import stand_in_digits
from mnist_tutorial.reference import FOLDER, load_record
from mnist_tutorial.widgets.engine import random_numbers

KINDS = ("webAssembly", "plain")


@pytest.fixture(scope="module")
def digits():
    (images, labels), _ = stand_in_digits()
    return images[:400], labels[:400]


@pytest.mark.parametrize(
    ("counter", "seed", "words"),
    [
        # The known answers that the generator's authors publish with Random123.
        ([0, 0, 0, 0], 0, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, 0xFFFFFFFFFFFFFFFF, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            0x299F31D0A4093822,
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_the_generator_is_philox(counter, seed, words):
    np.testing.assert_array_equal(random_numbers.philox([counter], seed), [words])


def test_random_words_are_the_same_bits_in_c_javascript_and_numpy():
    asked = [(1, 0, 0, 0, 9), (1, 4, 3, 17, 4320), (2**53 - 1, 5, 2**32 - 1, 2**32 - 1, 8), (2**32, 3, 1, 2, 5)]
    script = """return given.asked.map(([seed, ...rest]) => [networks.webAssembly({ seed }, 1).randomWords(...rest),
      randomWords(seed, ...rest)]);"""
    for one, found in zip(asked, run_in_node(script, asked=asked), strict=True):
        expected = random_numbers.random_words(*one)
        assert len(set(expected)) == one[-1]
        np.testing.assert_array_equal(found[0], expected)
        np.testing.assert_array_equal(found[1], expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [(30, 5, 128), (7, 4, 0), (3, 9, 10)])
def test_first_weights_are_the_same_bits_in_numpy(kind, sizes):
    filters, kernel_size, hidden_units = sizes
    settings = {"seed": 2**40 + 5, "filters": filters, "kernelSize": kernel_size, "hiddenUnits": hidden_units}
    script = "return networks[given.kind](given.settings, 1).weights();"
    found = run_in_node(script, kind=kind, settings=settings)
    expected = random_numbers.initial_weights(2**40 + 5, filters, kernel_size, hidden_units)
    for mine, weights in zip(found, expected, strict=True):
        np.testing.assert_array_equal(mine.view("uint32"), weights.ravel().view("uint32"))
    limit = np.sqrt(6 / (kernel_size**2 * (1 + filters)))
    assert np.abs(expected[0]).max() <= limit
    assert np.abs(expected[0]).max() > 0.8 * limit


def test_an_epochs_order_is_the_same_in_numpy():
    script = "return given.asked.map((one) => shuffled(...one));"
    asked = [(1, 0, 1000), (1, 1, 1000), (2**53 - 1, 2, 7), (3, 0, 1)]
    orders = run_in_node(script, asked=asked)
    for one, order in zip(asked, orders, strict=True):
        np.testing.assert_array_equal(order, random_numbers.shuffled(*one))
        np.testing.assert_array_equal(np.sort(order), np.arange(one[-1]))
    assert (orders[0] != orders[1]).mean() > 0.9


def test_dropout_takes_its_share():
    masks = np.stack([random_numbers.dropout_mask(1, 0, image, 4320, 0.2) for image in range(50)])
    assert masks.mean() == pytest.approx(1, abs=0.01)
    assert (masks == 0).mean() == pytest.approx(0.2, abs=0.01)


# Moves each layer's weights a little along its gradient, forward and back: the loss changes by the gradient's length.
SLOPES = """
const network = networks[given.kind](given.settings, given.labels.length);
const batch = { total: given.labels.length, firstShard: 0, shards: 8, step: 0 };
network.images.set(given.images);
network.labels.set(given.labels);
const lossAt = (weights) => {
  network.setWeights(weights);
  const { losses } = drain(network.computeGradients(batch));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
};
const start = given.weights;
lossAt(start);
const gradients = network.gradientsByLayer();
return gradients.map((gradient, layer) => {
  const length = Math.hypot(...gradient.slice(0, 100_000));
  const direction = gradient.map((one, i) => (i < 100_000 ? one / length : 0));
  const moved = (sign) => start.map((weights, i) => (
    i === layer ? weights.map((weight, j) => weight + sign * given.step * direction[j]) : weights));
  return (lossAt(moved(1)) - lossAt(moved(-1))) / (2 * given.step) / length;
});
"""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "switches",
    [{}, {"softmax": "twice"}, {"loss": "squared error"}, {"hiddenUnits": 0}, {"kernelSize": 8, "filters": 9}],
    ids=str,
)
def test_gradients_are_slopes_of_the_loss(kind, switches, digits):
    images, labels = digits[0][:16], digits[1][:16]
    settings = {"filters": 6, "kernelSize": 3, "hiddenUnits": 20, **switches}
    weights = random_numbers.initial_weights(5, settings["filters"], settings["kernelSize"], settings["hiddenUnits"])
    rng = np.random.default_rng(0)
    for bias in weights[1::2]:  # at zero, empty windows would stand on the ReLU's bend, where there is no slope
        bias[:] = rng.choice([-0.1, 0.1], bias.size)
    data = {"images": images, "labels": labels, "weights": weights}
    found = run_in_node(SLOPES, kind=kind, settings=settings, step=0.0005, **data)
    np.testing.assert_allclose(found, 1, atol=0.02)


BOTH = """
return Object.values(networks).map((create) => {
  const network = create(given.settings, 64);
  const training = createTraining({ network, images: given.images, labels: given.labels });
  const losses = Array.from({ length: 6 }, (_, step) => training.step(step).loss);
  const { loss, accuracy } = drain(evaluate(network, given.images, given.labels));
  return { losses, loss, accuracy, outputs: drain(predict(network, given.images)) };
});
"""


@pytest.mark.parametrize(
    "settings",
    [
        {"batchSize": 30, "epochs": 1},
        {"batchSize": 48, "filters": 5, "kernelSize": 2, "hiddenUnits": 0, "optimizer": "sgd", "learningRate": 0.1},
        {"batchSize": 5, "filters": 9, "hiddenUnits": 9, "shift": 2, "scaling": False, "learningRate": 1e-4},
    ],
)
def test_plain_javascript_trains_to_the_same(settings, digits):
    images, labels = digits[0][:150], digits[1][:150]  # the third batch of 48 is followed by one of 6
    quick, plain = run_in_node(BOTH, settings={"seed": 3, **settings}, images=images, labels=labels)
    np.testing.assert_allclose(quick["losses"], plain["losses"], rtol=1e-4)
    np.testing.assert_allclose(quick["outputs"], plain["outputs"], atol=1e-4)
    assert quick["loss"] == pytest.approx(plain["loss"], rel=1e-4)
    assert quick["accuracy"] == plain["accuracy"]
    right = quick["outputs"].reshape(-1, 10).argmax(axis=1) == labels
    assert quick["accuracy"] == pytest.approx(right.mean())


def test_shifted_images_stay_whole(digits):
    script = """
      const sizes = { filters: 1, kernelSize: 1, hiddenUnits: 0 };
      const network = networks.plain({ ...sizes, shift: 2, seed: 9, batchSize: 64 }, 64);
      const training = createTraining({ network, images: given.images, labels: given.labels });
      drain(training.computeGradients(3));
      return [network.images, training.batchOf(3)];
    """
    images = np.zeros((320, 28, 28), "uint8")
    images[:, 4:24, 4:24] = digits[0][:320, 4:24, 4:24]
    moved, batch = run_in_node(script, images=images, labels=digits[1][:320])
    shifts = set()
    for place, (image, number) in enumerate(zip(moved.reshape(-1, 28, 28), batch, strict=True)):
        words = random_numbers.random_words(9, random_numbers.SHIFT, 3, place, 2).astype("uint64")
        shift = tuple(int(word) for word in (words * np.uint64(5) >> np.uint64(32)).astype(int) - 2)
        np.testing.assert_array_equal(image, np.roll(images[number], shift, axis=(0, 1)))
        shifts.add(shift)
    assert len(shifts) > 15


def test_a_training_that_runs_away_says_so(digits):
    script = """
      const network = networks.webAssembly({ learningRate: 100, optimizer: "sgd", softmax: "none", scaling: false,
        loss: "squared error", batchSize: 50 }, 50);
      const training = createTraining({ network, images: given.images, labels: given.labels });
      for (let step = 0; step < 40; step++) training.step(step);
    """
    with pytest.raises(RuntimeError, match=r"The loss of step \d+ is no longer a number: the training has diverged"):
        run_in_node(script, images=digits[0], labels=digits[1])


def test_settings_that_do_not_fit_are_refused_in_words():
    cases = [
        ({"filters": 65}, "filters was given as 65; expected a whole number from 1 to 64 "),
        ({"kernelSize": 2.5}, "kernelSize was given as 2.5; expected a whole number from 1 to 9 "),
        ({"hiddenUnits": -1}, "hiddenUnits was given as -1; expected a whole number from 0 to 512 "),
        ({"dropout": 1}, "dropout was given as 1; expected a number from 0 to 0.95 "),
        ({"learningRate": "0.1"}, 'learningRate was given as "0.1"; expected a number from 0.000001 to 100 '),
        ({"learningRate": None}, "learningRate was given as null; expected a number "),
        ({"softmax": "thrice"}, 'softmax was given as "thrice"; expected "once" or "none" or "twice" '),
        ({"scaling": 1}, "scaling was given as 1; expected true or false "),
        ({"seed": 2**54}, "seed was given as 18014398509481984; expected a whole number from 0 to "),
        ({"batchSize": [200]}, "batchSize was given as a list; expected a whole number from 1 to 1024 "),
        ({"rate": 1}, 'There is no setting "rate"; the settings are filters, '),
        ({"__proto__": 1}, 'There is no setting "__proto__"'),
        ({"constructor": 1}, 'There is no setting "constructor"'),
        ([], "The settings were given as a list; expected an object"),
        ({}, "nothing wrong"),
    ]
    script = """return given.all.map((one) => {
      try { checkSettings(one); return "nothing wrong"; } catch (error) { return error.message; }
    });"""
    messages = run_in_node(script, all=[settings for settings, _ in cases])
    for (settings, words), found in zip(cases, messages, strict=True):
        assert words in found, settings


def test_data_that_do_not_fit_are_refused_in_words():
    cases = [
        ("labels: new Uint8Array(3)", "2 images were given, and 3 labels; expected one label for each image"),
        ("labels: new Uint8Array([1, 10])", "Label 1 was given as 10; expected a digit from 0 to 9."),
        ("labels: [1, 2]", "The labels were given as Array; expected a Uint8Array"),
        ("images: new Float32Array(1568)", "The images were given as Float32Array; expected a Uint8Array"),
        ("images: new Uint8Array(1567)", "The images were given as 1567 bytes; expected 784 bytes for each image"),
        ("images: null", "The images were given as null"),
        ("images: new Uint8Array(0), labels: new Uint8Array(0)", "at least one image"),
        ("", "nothing wrong"),
    ]
    tries = "".join(f"() => createTraining({{ ...fit, {change} }}),\n" for change, _ in cases)
    script = f"""
      const network = networks.plain({{ filters: 1 }}, 1);
      const fit = {{ network, images: new Uint8Array(1568), labels: new Uint8Array(2) }};
      return [{tries}].map((one) => {{
        try {{ one(); return "nothing wrong"; }} catch (error) {{ return error.message; }}
      }});"""
    for (change, words), found in zip(cases, run_in_node(script), strict=True):
        assert words in found, change


@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_do_not_fit_are_refused_and_nothing_is_lost(kind):
    cases = [
        ("weights.pop()", "The weights were given as 5 arrays of lengths "),
        ("weights[2] = weights[2].slice(1)", "expected those of 5 x 5 x 1 x 30, 30, 4320 x 128, 128, 128 x 10, 10."),
        ("weights[1][3] = NaN", "Weight 753 was given as NaN; expected finite numbers."),
        ("weights[0][0] = -Infinity", "Weight 0 was given as -Infinity"),
        ("weights.length = 0", "The weights were given as 0 arrays"),
        ("weights[0].reverse().reverse()", "nothing wrong"),
    ]
    changes = "".join(f"(weights) => {{ {change}; }},\n" for change, _ in cases)
    script = f"""
      const network = networks[given.kind]({{}}, 1);
      const said = [{changes}].map((change) => {{
        const weights = network.weights();
        change(weights);
        try {{ network.setWeights(weights); return "nothing wrong"; }} catch (error) {{ return error.message; }}
      }});
      return [said, network.weights()];"""
    messages, kept = run_in_node(script, kind=kind)
    for (change, words), found in zip(cases, messages, strict=True):
        assert words in found, change
    for mine, weights in zip(kept, random_numbers.initial_weights(1), strict=True):
        np.testing.assert_array_equal(mine, weights.ravel())


def test_the_committed_bytes_are_what_the_compiler_makes(tmp_path):
    compile_engine(compiled=tmp_path / "engine.wasm")
    committed = (ENGINE / "engine.wasm").read_bytes()
    assert (tmp_path / "engine.wasm").read_bytes() == committed, "engine.wasm is not of this source: make engine"


@pytest.fixture(scope="module")
def record():
    return json.loads((FOLDER / "engine_runs.json").read_text("utf-8"))


def test_five_trainings_ended_where_keras_ends(record):
    """Compare with the five recorded trainings of Keras, which began at other weights and saw other batches."""
    assert [run["seed"] for run in record["runs"]] == [1, 2, 3, 4, 5]
    assert len({run["weights_sha256"] for run in record["runs"]}) == 5
    for curve in ("loss", "accuracy", "val_loss", "val_accuracy", "test_loss", "test_accuracy"):
        mine, keras = (
            np.array([run["history"][curve][-1] for run in runs]) for runs in (record["runs"], load_record()["runs"])
        )
        assert keras.min() <= mine.mean() <= keras.max(), curve
        # Welch: the means differ by no more than chance would have it in 95 of 100 cases.
        assert abs(mine.mean() - keras.mean()) < 2.31 * np.sqrt((mine.var(ddof=1) + keras.var(ddof=1)) / 5), curve
        # And so does the farthest of five from five others: Student's t at 1 percent, 4 degrees of freedom, is 4.6.
        assert np.abs(mine - keras.mean()).max() < 4.6 * np.sqrt(1.2) * keras.std(ddof=1), curve


def test_a_short_training_of_the_record_ends_at_the_same_bits(record):
    assert train_short() == record["short"]["weights_sha256"]


def test_the_record_is_of_mnist(record):
    assert record["data"] == load_record()["data"]
