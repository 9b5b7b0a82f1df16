"""The image that DigitPad makes of strokes, and the pad in Python, without a page."""

import base64
import gzip
import re

import numpy as np
import pytest
import traitlets
from digit_pad_page import ALL, DIGITS, PEN, RASTER, centred, expected_image, nearest_points
from seeded_drawings import drawings

from mnist_tutorial import model as networks
from mnist_tutorial import reference
from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference.weights_format import decode
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import DigitPad


@pytest.fixture(scope="module")
def keras_model():
    return reference.load_reference_model()


@pytest.fixture(scope="module")
def handwriting(chromium):
    """Open a page with the functions of handwriting.js in `module`; numbers travel as they are."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    source = bundle.front_end(bundle.FOLDER / "frontend" / "handwriting.js")
    page.evaluate(
        "async (source) => { window.module = await import(URL.createObjectURL("
        "new Blob([source], { type: 'text/javascript' }))); }",
        source,
    )
    yield page
    context.close()


def test_strokes_become_a_raster(handwriting):
    for strokes, pen in [*drawings(8), (DIGITS[7], 0.05)]:
        found = handwriting.evaluate(
            f"([strokes, pen]) => [...module.rasterise(strokes, pen, {RASTER}).values]", [strokes, pen]
        )
        found = np.reshape(found, (RASTER, RASTER))
        assert np.abs(found - 255 * nearest_points(strokes, pen)).max() < 5
        np.testing.assert_array_equal(found, rasterize.rasterise(strokes, pen))


def test_the_image_is_what_a_second_way_finds():
    for strokes, pen in drawings(60):
        raster = rasterize.rasterise(strokes, pen)
        expected = centred(raster / 255, 3 * pen * RASTER)
        assert np.abs(rasterize.prepared(strokes, pen).image - expected).max() <= 1
        raw = rasterize.prepared(strokes, pen, skip=["crop", "scale", "centre"]).image
        assert np.abs(raw - raster.reshape(28, 4, 28, 4).mean(axis=(1, 3))).max() <= 1


def test_a_digit_fills_a_box_of_20_and_has_its_mass_in_the_middle(handwriting):
    for digit, strokes in DIGITS.items():
        for shift in (-0.15, 0, 0.15):
            moved = (np.array(strokes[0]) + shift).tolist()
            script = f"(strokes) => {{ const r = module.rasterise(strokes, {PEN}, {RASTER});" \
                " return [module.boundingBox(r), [...module.fit(r).image]]; }"  # fmt: skip
            box, image = handwriting.evaluate(script, [moved])
            image = np.reshape(image, (28, 28)) / 255
            mass = [(image.sum(axis=axis) @ np.arange(28)) / image.sum() for axis in (1, 0)]
            assert mass == pytest.approx([14, 14], abs=0.05), digit
            assert 20 <= np.ptp(np.flatnonzero(image.any(axis=1))) + 1 <= 22  # with a touch of grey on either side
            ys = np.array(moved)[:, 1] * RASTER
            assert box["top"] == pytest.approx(ys.min() - PEN / 2 * RASTER, abs=1)
            assert box["bottom"] == pytest.approx(min(RASTER, ys.max() + PEN / 2 * RASTER), abs=1)


def test_nothing_everything_and_a_dot_give_images(handwriting):
    def image_shown(strokes, pen=PEN, least=3 * PEN * RASTER):
        script = "([strokes, pen, least]) => [...module.fit(module.rasterise(strokes, pen, 112), [], least).image]"
        return np.reshape(handwriting.evaluate(script, [strokes, pen, least]), (28, 28))

    assert not image_shown([]).any()
    assert (
        handwriting.evaluate("() => module.boundingBox({ values: new Uint8Array(100), rows: 10, columns: 10 })") is None
    )
    everything = image_shown([[[0, y], [1, y]] for y in np.linspace(0, 1, 40).tolist()])
    assert everything.sum() == pytest.approx(400 * 255, rel=0.001)
    for place in ([0.5, 0.5], [0, 0], [1, 1], [0, 0.3]):
        dot = image_shown([[place]])
        rows, columns = np.flatnonzero(dot.any(axis=1)), np.flatnonzero(dot.any(axis=0))
        assert dot.max() == 255
        assert max(np.ptp(rows), np.ptp(columns)) < 10  # a dot, not a disc of 20 x 20
        assert abs(rows.mean() - 14) <= 1
    # Nine tenths of the ink at one end: the box would stick out of the image, and is kept inside.
    heavy = image_shown([[[0.2, 0.05], [0.2, 0.9]], *[[[0.1, y], [0.3, y]] for y in (0.7, 0.75, 0.8, 0.85, 0.9)] * 3])
    assert heavy.any(axis=1)[:3].any()
    np.testing.assert_allclose(heavy[0].sum(), 0, atol=255)


def test_strokes_set_in_python_are_drawn_and_answered_at_once(keras_model):
    pad = DigitPad()
    assert pad.probabilities == []
    assert not pad.image.any()
    for digit, strokes in DIGITS.items():
        pad.strokes = strokes
        assert pad.image.shape == (28, 28)
        assert pad.image.dtype == np.uint8
        assert np.abs(pad.image - expected_image(strokes)).max() <= 4  # the second way is a little coarse
        expected = keras_model.predict(process_images(pad.image[None]), verbose=0)[0]
        np.testing.assert_allclose(pad.probabilities, expected, atol=0.01)  # its weights are rounded for the page
        assert np.argmax(pad.probabilities) == digit
    pad.strokes = []
    assert pad.probabilities == []
    assert not pad.image.any()


def test_the_readers_own_network_answers_with_all_its_digits():
    import keras

    keras.utils.set_random_seed(2)
    own = networks.build_model(filters=3, kernel_size=(4, 3), units=9)
    pad = DigitPad(own, strokes=DIGITS[7], pen=0.1)
    expected = own.predict(process_images(pad.image[None]), verbose=0)[0]
    np.testing.assert_allclose(pad.probabilities, expected, atol=1e-5)
    pad.skip = ALL
    blocks = 255 * nearest_points(DIGITS[7], 0.1).reshape(28, 4, 28, 4).mean(axis=(1, 3))
    assert np.abs(pad.image - blocks).max() <= 4


def test_what_the_front_end_sends_is_handed_on():
    pad = DigitPad()
    heard = []
    pad.observe(lambda change: heard.append(change.name), ["pixels", "probabilities", "strokes"])
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)  # not what Python would make of the stroke
    answer = [0.1] * 10
    pad.set_state({"strokes": [[[0, 1]]], "pixels": memoryview(image.tobytes()), "probabilities": answer})
    assert sorted(heard) == ["pixels", "probabilities", "strokes"]
    np.testing.assert_array_equal(pad.image, image)
    assert pad.probabilities == answer
    pad.image[:] = 0  # a copy
    assert pad.image.any()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pen", 0.01), ("pen", 0.3), ("pen", float("nan")),
        ("strokes", [[0.5, 0.5]]), ("strokes", [[]]), ("strokes", [[[0.5, 1.1]]]), ("strokes", [[[0.5]]]),
        ("skip", ["grey"]), ("skip", ["center"]), ("skip", [3]),
        ("strokes", [[[float("nan"), 0]]]), ("strokes", ["draw"]), ("strokes", [None]), ("strokes", [[[-0.1, 0]]]),
    ],
)  # fmt: skip
def test_traits_refuse_what_does_not_fit(name, value):
    pad = DigitPad()
    with pytest.raises(traitlets.TraitError, match=f"{name} was given .*; it expects"):
        setattr(pad, name, value)


def test_the_outcome_cannot_be_set():
    pad = DigitPad()
    for name, value in (("pixels", bytes(784)), ("probabilities", [0.1] * 10)):
        with pytest.raises(traitlets.TraitError, match="read-only"):
            setattr(pad, name, value)


def test_strokes_may_be_arrays():
    pad = DigitPad(strokes=[np.array(DIGITS[7][0])])
    assert pad.strokes == DIGITS[7]


def test_networks_of_another_form_are_refused():
    import keras
    from keras import layers

    wrong = [
        "a model", 3, keras.Sequential(), keras.Sequential([layers.Dense(10)]),
        keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)]),
        keras.Sequential([keras.Input((30, 30, 1)), *networks.build_model(filters=2, units=4).layers[:4],
                          layers.Dense(4, activation="relu"), layers.Dense(10, activation="softmax")]),
    ]  # fmt: skip
    for model in wrong:
        with pytest.raises(ValueError, match="expects a Keras model such as build_model"):
            DigitPad(model)


def test_a_book_without_weights_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    with pytest.raises(reference.ReferenceNetworkError, match="make reference"):
        DigitPad()


def test_the_second_head_belongs_to_the_books_network():
    """Otherwise: python scripts/train_is_digit.py --write."""
    head = (bundle.FOLDER / "frontend" / "is_digit_head.js").read_text("utf-8")
    _, biases = decode(reference.load_page_weights()["hidden"])
    assert float(re.search(r"sumOfBiases: ([-\d.e]+)", head)[1]) == pytest.approx(biases.sum(), abs=1e-4)
    weights = base64.b64decode("".join(re.findall(r'"([\w+/=]+)"', head)))
    assert len(weights) == len(biases)


def test_the_page_carries_no_weights_and_is_small():
    pad = DigitPad(strokes=DIGITS[0])
    assert "weights" not in pad.page_state()
    assert len(gzip.compress(pad.page_html().encode())) < 20_000
    script = bundle.FOLDER / "digit_pad" / "digit_pad.js"
    assert script.stat().st_size < 15_000
