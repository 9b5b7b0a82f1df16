"""The network in JavaScript, in a real browser, against Keras."""

import base64
import json
import re

import compile_engine
import numpy as np
import pytest
import write_first_weights as first
from digits_at_hand import real_mnist
from playwright.sync_api import Error

from mnist_tutorial import data
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import FOLDER, PAGE_WEIGHTS, load_reference_model
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets import bundle

MODULE = bundle.FOLDER / "frontend" / "forward_pass.js"
FORMAT = MODULE.with_name("weights_format.js")
QUICK = MODULE.with_name("quick_forward.js")
IMPLEMENTATIONS = ("plain", "quick")
LAYERS = ("convolution", "pooling", "flatten", "hidden", "logits", "probabilities")

# The modules are mounted from blob: URLs. Numbers travel as base64: 7.8 million of them.
MOUNT = """async ([source, format, quick]) => {
  const mount = (text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  window.module = { ...await mount(source), ...await mount(format) };
  window.forwards = { plain: module.forward, quick: (await mount(quick)).quickForward };
  window.toBytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  window.toText = (floats) => {
    const bytes = new Uint8Array(floats.buffer);
    let text = "";
    bytes.forEach((byte) => { text += String.fromCharCode(byte); });
    return btoa(text);
  };
  window.pixelsOf = (i) => Float32Array.from(images.subarray(784 * i, 784 * (i + 1)), (value) => value / 255);
}"""
ALL_PROBABILITIES = """([compact, implementation]) => {
  const weights = module.decodeWeights(compact ?? mnistTutorial.weights);
  const count = images.length / 784;
  const all = new Float32Array(10 * count);
  for (let i = 0; i < count; i++) all.set(forwards[implementation](weights, pixelsOf(i)).probabilities, 10 * i);
  return toText(all);
}"""
EVERY_LAYER = """([compact, i, implementation]) => {
  const { shapes, ...layers } = forwards[implementation](module.decodeWeights(compact), pixelsOf(i));
  return [shapes, Object.fromEntries(Object.entries(layers).map(([name, values]) => [name, toText(values)]))];
}"""


def floats(text):
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


@pytest.fixture(scope="module")
def images():
    """Return MNIST's test images, or the stand-in's, and say which."""
    digits = real_mnist() or data.stand_in_digits()
    return digits[1][0]


@pytest.fixture(scope="module")
def model():
    return load_reference_model()


@pytest.fixture(scope="module")
def expected(model, images):
    return model.predict(process_images(images), verbose=0)


@pytest.fixture(scope="module")
def page(chromium, images):
    """Open a page with the module, the compact weights and the images, and without any network."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.evaluate(MOUNT, [MODULE.read_text("utf-8"), FORMAT.read_text("utf-8"), bundle.front_end(QUICK)])
    page.add_script_tag(path=FOLDER / PAGE_WEIGHTS)
    page.evaluate("(text) => { window.images = toBytes(text); }", base64.b64encode(images.tobytes()).decode())
    yield page
    context.close()


def layers_of(page, model, image_index, implementation):
    """Return every layer's shape and values, of one image, as JavaScript has them."""
    shapes, layers = page.evaluate(EVERY_LAYER, [page_weights(model), image_index, implementation])
    return shapes, {name: floats(text) for name, text in layers.items()}


def layers_in_keras(model, image):
    """Return the same from Keras; it has no layer of logits, so those are the output without its softmax."""
    import keras

    convolution, pooling, _, flatten, hidden, output = model.layers
    watched = [layer.output for layer in (convolution, pooling, flatten, hidden, output)]
    found = keras.Model(model.inputs, watched).predict(process_images(image[None]), verbose=0)
    kernel, bias = output.get_weights()
    return dict(zip(LAYERS, [*found[:4], found[3] @ kernel + bias, found[4]], strict=True))


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_float32_weights_give_keras_probabilities_on_every_image(page, model, expected, implementation):
    found = floats(page.evaluate(ALL_PROBABILITIES, [page_weights(model), implementation])).reshape(-1, 10)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-4


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_compact_weights_give_keras_answer(page, expected, implementation):
    found = floats(page.evaluate(ALL_PROBABILITIES, [None, implementation])).reshape(-1, 10)
    assert np.isfinite(found).all()
    assert np.abs(found.sum(axis=1) - 1).max() < 1e-6
    if real_mnist():
        assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() >= 0.9995
    else:  # drawn with another pen than what the network knows, so it is less sure of them
        assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() >= 0.99


def test_the_copy_that_comes_first_nearly_always_gives_keras_answer(page, expected):
    script = (FOLDER / first.FILE).read_text("ascii")
    weights = json.loads(script.removeprefix(first.START).rstrip(";\n"))
    found = floats(page.evaluate(ALL_PROBABILITIES, [weights, "quick"])).reshape(-1, 10)
    share = 0.997 if real_mnist() else 0.97
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() >= share
    weights["hidden"]["kernel"] += "A"
    with pytest.raises(Error, match='"hidden" of shape'):
        page.evaluate(ALL_PROBABILITIES, [weights, "quick"])


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_every_layer_is_keras_layer(page, model, images, implementation):
    for i in (0, 1, len(images) // 2, len(images) - 1):
        shapes, found = layers_of(page, model, i, implementation)
        for name, values in layers_in_keras(model, images[i]).items():
            assert shapes[name] == list(values.shape[1:]), name
            np.testing.assert_allclose(found[name], values.ravel(), atol=1e-4, err_msg=f"{name} of image {i}")


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize(
    "sizes",
    [
        {"filters": 4, "kernel_size": 3, "units": 7},
        {"filters": 1, "kernel_size": 1, "units": 1},
        {"filters": 3, "kernel_size": (2, 5), "units": 16},  # an odd number of rows: pooling leaves one out
        {"filters": 2, "kernel_size": 27, "units": 5},
    ],
)
def test_other_networks_agree_as_well(page, images, sizes, implementation):
    import keras

    from mnist_tutorial.reference.weights_format import compact_weights

    keras.utils.set_random_seed(1)
    model = build_model(**sizes)
    shapes, found = layers_of(page, model, 3, implementation)
    for name, values in layers_in_keras(model, images[3]).items():
        assert shapes[name] == list(values.shape[1:]), name
        np.testing.assert_allclose(found[name], values.ravel(), atol=1e-4, err_msg=name)
    form, rounded = compact_weights(model, process_images(images[:200]))
    compact = page.evaluate(EVERY_LAYER, [form, 3, implementation])[1]["probabilities"]
    in_keras = rounded.predict(process_images(images[3:4]), verbose=0)[0]
    np.testing.assert_allclose(floats(compact), in_keras, atol=1e-4)
    np.testing.assert_allclose(floats(compact), found["probabilities"], atol=0.05)


def test_a_convolution_reads_several_channels(page):
    import keras

    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 7, 3)).astype("float32")
    layer = keras.layers.Conv2D(4, (3, 2))
    expected = np.asarray(layer(values[None]))[0]
    kernel, bias = layer.get_weights()
    numbers = [values.ravel().tolist(), list(kernel.shape), kernel.ravel().tolist(), bias.tolist()]
    found = page.evaluate(
        "([values, shape, kernel, bias]) => [...module.convolve(values, [6, 7, 3], { shape, kernel, bias })]",
        numbers,
    )
    np.testing.assert_allclose(found, expected.ravel(), atol=1e-5)


@pytest.mark.parametrize(
    ("count", "shape"),
    [
        (6 * 7 * 3, [3, 2, 1, 4]),  # made for one channel
        (6 * 7 * 3 - 1, [3, 2, 3, 4]),  # a value is missing
        (6 * 7 * 3, [7, 2, 3, 4]),  # higher than the image
        (6 * 7 * 3, [3, 8, 3, 4]),  # wider than the image
    ],
)
def test_a_convolution_that_does_not_fit_is_refused(page, count, shape):
    script = (
        "([count, shape]) => { module.convolve(Array(count).fill(0), [6, 7, 3], { shape, kernel: [], bias: [] }); }"
    )
    with pytest.raises(Error, match=f"A kernel of shape {' x '.join(map(str, shape))} does not fit"):
        page.evaluate(script, [count, shape])


def test_pooling_keeps_negative_maxima_and_takes_other_sizes(page):
    values = np.random.default_rng(0).normal(size=(7, 9, 2)).astype("float32") - 5
    for size in (2, 3):
        rows, columns = 7 // size, 9 // size
        blocks = values[: rows * size, : columns * size].reshape(rows, size, columns, size, 2)
        script = "([values, size]) => [...module.pool(Float32Array.from(values), [7, 9, 2], size)]"
        found = page.evaluate(script, [values.ravel().tolist(), size])
        np.testing.assert_array_equal(np.float32(found), blocks.max(axis=(1, 3)).ravel())


def test_softmax_and_relu_stand_any_numbers(page):
    def call(name, numbers):
        return np.array(page.evaluate(f"(numbers) => [...module.{name}(Float32Array.from(numbers))]", numbers))

    np.testing.assert_allclose(call("softmax", [0.0] * 10), [0.1] * 10, rtol=1e-6)
    np.testing.assert_allclose(call("softmax", [1000, 999, -1000]), [0.7310586, 0.2689414, 0], atol=1e-7)
    np.testing.assert_allclose(call("softmax", [-3e38, -3e38]), [0.5, 0.5])
    np.testing.assert_allclose(call("softmax", [3e38, -3e38]), [1, 0])
    np.testing.assert_array_equal(call("relu", [-2, -0.0, 0, 3]), [0, 0, 0, 3])


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize(
    "pixels", ["new Float32Array(784)", "new Float32Array(784).fill(1)", "[1, ...Array(783).fill(0)]"]
)
def test_nothing_and_everything_drawn_give_probabilities(page, pixels, implementation):
    weights = "module.decodeWeights(mnistTutorial.weights)"
    found = page.evaluate(f"() => [...forwards.{implementation}({weights}, {pixels}).probabilities]")
    assert np.isfinite(found).all()
    assert sum(found) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("pixels", "found"),
    [
        ("Array(783).fill(0)", "got 783 values"),
        ("Array(785).fill(0)", "got 785 values"),
        ("Array(28).fill(Array(28).fill(0))", "got 28 values"),
        ("undefined", "got undefined"),
        ("null", "got null"),
        ("42", "got number"),
        ("'0'.repeat(784)", "got string"),
        ("({ length: 784 })", "got object"),
        ("new DataView(new ArrayBuffer(784))", "got object"),
        ("new ArrayBuffer(784)", "got object"),
        ("Array(784)", "value 0 is undefined"),
        ("Array(784).fill('0')", "value 0 is a string"),
        ("Array(784).fill(0).with(5, NaN)", "value 5 is NaN"),
        ("Array(784).fill(0).with(783, Infinity)", "value 783 is Infinity"),
        ("Array(784).fill(0).with(7, -Infinity)", "value 7 is -Infinity"),
        ("Array(784).fill(0).with(7, -0.001)", "value 7 is -0.001"),
        ("Array(784).fill(0).with(7, null)", "value 7 is null"),
        ("Array(784).fill(0).with(7, [0])", "value 7 is 0"),
        ("Array(784).fill(0).with(7, 5n)", "value 7 is 5"),
        ("new BigInt64Array(784)", "value 0 is 0"),
        ("new Uint8Array(784).fill(255)", "value 0 is 255"),
    ],
)
def test_anything_but_pixels_is_refused(page, pixels, found):
    for call in (
        "module.checkPixels(pixels)",
        "forwards.plain(module.decodeWeights(mnistTutorial.weights), pixels)",
        "forwards.quick(module.decodeWeights(mnistTutorial.weights), pixels)",
    ):
        with pytest.raises(Error) as caught:
            page.evaluate(f"() => {{ const pixels = {pixels}; {call}; }}")
        assert f"Error: Expected 784 numbers from 0 to 1, row by row: {found}" in caught.value.message


def test_pixels_come_back_as_a_copy(page):
    script = """() => [Array(784), new Float64Array(784), new Float32Array(784)].map((pixels) => {
      const checked = module.checkPixels(pixels.fill(0.5));
      return checked instanceof Float32Array && checked !== pixels && checked.every((value) => value === 0.5);
    })"""
    assert page.evaluate(script) == [True, True, True]


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_weights_that_do_not_fit_are_refused(page, model, implementation):
    def trouble(change):
        form = page_weights(model)
        change(form)
        with pytest.raises(Error) as caught:
            page.evaluate(
                "([form, implementation]) => { forwards[implementation](module.decodeWeights(form), pixelsOf(0)); }",
                [form, implementation],
            )
        return caught.value.message

    assert 'no layer "hidden"' in trouble(lambda form: form.pop("hidden"))
    assert "has 750 weights and 128 biases" in trouble(
        lambda form: form["hidden"].update(kernel=form["convolution"]["kernel"])
    )
    assert "has 552960 weights and 30 biases" in trouble(
        lambda form: form["hidden"].update(bias=form["convolution"]["bias"])
    )
    assert "A kernel of shape 5 x 5 x 2 x 15 does not fit" in trouble(
        lambda form: form["convolution"].update(shape=[5, 5, 2, 15], bias=base64.b64encode(bytes(60)).decode())
    )
    assert "Expected 4320 inputs: got 5070" in trouble(
        lambda form: form["convolution"].update(shape=[3, 3, 1, 30], kernel=base64.b64encode(bytes(4 * 270)).decode())
    )


def test_the_module_stands_alone_and_is_light():
    source = MODULE.read_text(encoding="utf-8")
    assert len(source.encode()) < 8_000
    assert "import" not in source, "a module from a blob: URL cannot import its neighbours"


def test_the_committed_code_is_what_the_compiler_makes():
    assert compile_engine.MODULE.read_text("utf-8") == compile_engine.forward_module(), "make engine"


def test_a_network_that_fits_no_memory_is_refused_in_words(page):
    script = """() => {
      const { create } = new WebAssembly.Instance(new WebAssembly.Module(toBytes(code))).exports;
      return [create(5, 5, 30, 128, 10, 1, 0), create(1, 1, 60000, 60000, 10, 0, 0)];
    }"""
    code = "".join(re.findall(r'^ {2}"([A-Za-z0-9+/=]+)"', compile_engine.MODULE.read_text("utf-8"), re.MULTILINE))
    page.evaluate("(text) => { window.code = text; }", code)
    assert page.evaluate(script) == [1, 0]


# What the hidden layer adds up in one order or another differs in the last digits.
BOTH_WAYS = """([compact, pixels]) => {
  const weights = module.decodeWeights(compact);
  return Object.values(forwards).map((forward) => [...forward(weights, pixels).hidden]);
}"""


def test_the_quick_way_is_another_way(page, model, images):
    plain, quick = page.evaluate(BOTH_WAYS, [page_weights(model), (images[0] / 255).ravel().tolist()])
    assert plain != quick


def test_where_webassembly_is_forbidden_the_plain_way_is_taken(chromium, model, images):
    page = chromium.new_page()
    page.set_content("""<meta http-equiv="Content-Security-Policy" content="script-src 'self' blob:">""")
    refusal = "() => { try { new WebAssembly.Module(new Uint8Array(8)); } catch (error) { return error.message; } }"
    assert "Content Security Policy" in page.evaluate(refusal)
    page.evaluate(MOUNT, [MODULE.read_text("utf-8"), FORMAT.read_text("utf-8"), bundle.front_end(QUICK)])
    plain, quick = page.evaluate(BOTH_WAYS, [page_weights(model), (images[0] / 255).ravel().tolist()])
    assert plain == quick
    page.close()
