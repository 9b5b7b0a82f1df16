"""NetworkView in a page without a kernel, and with a model: how it starts, what it keeps, and its traits."""

import gzip
import re

import numpy as np
import pytest
import traitlets
from digit_pad_page import NEXT_FRAME
from network_view_page import (
    bright,
    cell,
    detail,
    image_of,
    levels,
    lit,
    make,
    numbers,
    on_canvas,
    page,
    runs,
    sums,
    tiles_shown,
    title,
)
from scipy.stats import spearmanr
from small_network import images, layers, network, widget_files
from wording import a_digit

from mnist_tutorial.model import build_model
from mnist_tutorial.reference.forward_pass import layers_of
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.network_view import NetworkView

__all__ = ["images", "layers", "make", "network", "page", "widget_files"]  # fixtures


class TestStart:
    def test_before_the_network_is_there_the_recorded_values_are_shown(self, open_page, make, layers, digits):
        page = open_page(make())
        assert page.locator("script[src$='weights.js']").count() == 0
        shapes = page.locator(".nv-label small").all_inner_texts()
        assert [shape.replace("\xa0", " ") for shape in shapes] == [
            "30 maps of 24 × 24", "30 maps of 12 × 12", "one row of 4,320", "128 units", "10 probabilities",
        ]  # fmt: skip
        assert page.locator(".nv-seen small").inner_text().strip() == "28 × 28"
        shares = layers["probabilities"][0]
        said = f"says {shares.argmax()}, with a probability of {100 * shares.max():.1f}%"
        assert said in page.locator(".nv-answer").inner_text()
        flat = levels(page.locator(".nv-flatten"))[:, 0]
        assert np.abs(flat - bright(layers["flatten"][0])).max() <= 1
        runs(page)  # it comes when the browser is idle
        assert page.locator("script[src$='weights.js']").count() == 1
        assert said in page.locator(".nv-answer").inner_text()

    def test_any_choice_has_it_loaded_at_once(self, open_page, make, layers):
        page = open_page(make())
        page.get_by_role("radio", name="digit 3").click()
        runs(page)
        page.get_by_text(f"says {layers['probabilities'][2].argmax()},").first.wait_for()
        page = open_page(make())
        image_of(page, "hidden").press("ArrowDown")
        runs(page)
        assert title(page) == "Hidden unit 0"

    def test_weights_that_are_missing_can_be_tried_again(self, open_page, make, widget_files):
        page = open_page(make())
        weights = widget_files / "weights.js"
        weights.rename(widget_files / "elsewhere.js")
        try:
            page.locator(".nv-hint").click()
            page.get_by_text("is missing from the book").first.wait_for()
        finally:
            (widget_files / "elsewhere.js").rename(weights)
        page.get_by_role("button", name="Try again").click()
        runs(page)
        assert page.get_by_role("button", name="Try again").count() == 0
        assert page.evaluate("document.activeElement.className") == "nv-answer"
        page.trouble.clear()  # the browser says that a file was not found


class TestStages:
    def test_the_answer_and_the_ten_bars_are_those_of_keras(self, page, layers, digits):
        for sample in (0, 3):
            page.get_by_role("radio", name=f"digit {sample + 1},").click()
            shares = layers["probabilities"][sample]
            answer = page.locator(".nv-answer").inner_text()
            label = digits[1][sample]
            assert f"says {shares.argmax()}, with a probability of {100 * shares.max():.1f}%" in answer
            assert f"It is {a_digit(label)} {'✓' if label == shares.argmax() else '✗'}." in answer
            shown = [numbers(text)[1] for text in page.locator(".nv-output label").all_inner_texts()]
            np.testing.assert_allclose(shown, 100 * shares, atol=0.06)

    def test_every_map_and_unit_is_drawn_as_bright_as_it_is(self, page, layers):
        for layer, side, gap in (("convolution", 24, 3), ("pooling", 12, 2)):
            shown = tiles_shown(page, layer, side, gap)
            assert np.abs(shown - bright(layers[layer][0]).transpose(2, 0, 1)).max() <= 1
        flat = levels(page.locator(".nv-flatten"))[:, 0]
        assert np.abs(flat - bright(layers["flatten"][0])).max() <= 1
        above = (layers["flatten"][0] > 0).sum()
        assert f"{above:,} of them above 0" in page.locator(".nv-flatten").get_attribute("aria-label")
        hidden = layers["hidden"][0]
        shown, (left, top, width, height) = on_canvas(page, "hidden")
        lights = [
            shown[int(2 * (top + height * (row + 0.5) / 32)), int(2 * (left + width * (column + 0.5) / 4)), 0]
            for row in range(32) for column in range(4)
        ]  # fmt: skip
        assert spearmanr(lights, hidden).statistic > 0.95
        assert np.argmax(lights) in np.argsort(hidden)[-3:]
        assert max(np.array(lights)[hidden == 0]) < min(np.array(lights)[hidden > 0.5 * hidden.max()])
        assert f"{(hidden > 0).sum()} of them above 0" in image_of(page, "hidden").get_attribute("aria-label")

    def test_bars_are_as_long_as_the_probabilities(self, page, layers):
        shown, (left, top, width, height) = on_canvas(page, "output")
        for digit, share in enumerate(layers["probabilities"][0]):
            line = shown[int(2 * (top + height * digit / 10 + (height / 10 - 4) / 2)), :, 0]
            bar = line[int(2 * (left + 17)) : int(2 * (left + width - 63))]
            assert (bar > 100).mean() == pytest.approx(share, abs=0.03)

    @pytest.mark.parametrize("digit", [None, 7])
    def test_the_strongest_connections_are_those_of_the_answer_or_of_a_digit(self, page, layers, network, digit):
        output = network.layers[-1].get_weights()[0]
        hidden = network.layers[-2].get_weights()[0]
        if digit is not None:  # the mouse on a bar previews it
            page.get_by_role("radio", name=f"{digit}:").hover()
            page.evaluate(NEXT_FRAME)
        products = layers["hidden"][0] * output[:, layers["probabilities"][0].argmax() if digit is None else digit]
        maps = set()
        for unit in np.argsort(-np.abs(products))[:5]:
            votes = (layers["flatten"][0] * hidden[:, unit]).reshape(144, 30).sum(axis=0)
            maps |= set(np.argsort(-np.abs(votes))[:3].tolist())
        assert lit(page, "convolution") == lit(page, "pooling") == maps
        if digit is not None:
            page.mouse.move(5, 5)
            page.evaluate(NEXT_FRAME)
            assert lit(page, "pooling") != maps


def test_what_is_open_stays_open_for_another_digit(page, layers):
    page.get_by_role("radio", name="4:").click()
    page.get_by_role("radio", name="digit 2,").click()
    assert sums(page)[0][-1] == pytest.approx(layers["logits"][1, 4], abs=6e-4)


def test_opening_one_part_moves_neither_the_pad_nor_the_other_parts_away(page):
    before = page.locator(".dp-pad").bounding_box()
    hidden = image_of(page, "hidden")
    hidden.click(position=cell(page, hidden, 8, 2, 32, 4))
    assert title(page) == "Hidden unit 34"
    assert page.locator(".dp-pad").bounding_box() == before
    for layer in ("convolution", "pooling", "hidden", "output"):
        assert image_of(page, layer).is_visible()
    assert page.locator(".nv-scene").bounding_box()["height"] < 700


def test_in_the_book_an_open_part_has_the_whole_width_below_the_pad(open_page, make):
    page = open_page(make(), viewport={"width": 740, "height": 800})
    runs(page)
    image_of(page, "convolution").press("Enter")
    pad, panel = (page.locator(one).bounding_box() for one in (".dp-pad", ".nv-panel"))
    assert panel["x"] == pytest.approx(pad["x"], abs=1)
    assert panel["y"] > pad["y"] + pad["height"]
    tables = [table.bounding_box() for table in page.locator(".bw-numbers:visible").all()]
    assert len(tables) == 3
    assert np.ptp([table["y"] for table in tables]) < 1
    assert tables[-1]["x"] + tables[-1]["width"] < panel["x"] + panel["width"]


def test_two_on_a_page_do_not_disturb_each_other(open_page, make):
    page = open_page(make(), make(index=1))
    image_of(page, "hidden").first.press("ArrowRight")
    runs(page)
    assert detail(page).count() == 1
    assert page.locator(".bw-images :checked").evaluate_all("(l) => l.map((one) => one.value)") == ["0", "1"]


@pytest.mark.parametrize("layer", ["convolution", "pooling", "hidden", "output"])
def test_on_a_narrow_page_nothing_is_cut_off(open_page, make, layer):
    page = open_page(make(layer=layer), viewport={"width": 320, "height": 700})
    page.locator(".nv-hint").click()
    runs(page)
    assert detail(page).count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_javascript_a_figure_is_shown(open_page, make, layers):
    page = open_page(make(), java_script_enabled=False)
    text = page.get_by_role("img").get_attribute("aria-label")
    convolution, hidden = layers["convolution"][0], layers["hidden"][0]
    row, column, map_ = np.unravel_index(convolution.argmax(), convolution.shape)
    assert f"largest number, {convolution.max():.3f}, is in row {row}, column {column} of map {map_};" in text
    assert f"the strongest unit {hidden.argmax()} with {hidden.max():.3f}" in text
    for digit, share in enumerate(layers["probabilities"][0]):
        assert f"{digit}: {100 * share:.1f}%" in text


class TestLive:
    def test_it_runs_at_once_and_follows_what_python_sets(self, open_live, make, layers):
        page = open_live(make())
        runs(page)
        page.evaluate(
            "() => { fake.model.set('unit', [7]); fake.model.set('layer', 'hidden'); fake.model.set('index', 2); }"
        )
        assert title(page) == "Hidden unit 7"
        assert sums(page)[0][-1] == pytest.approx(layers["hidden"][2, 7], abs=6e-4)
        page.evaluate("fake.model.set('layer', 'output')")  # a unit that this layer also has
        assert title(page) == "Output 7"
        page.evaluate("fake.model.set('layer', 'pooling')")
        row, column, map_ = np.unravel_index(layers["pooling"][2].argmax(), (12, 12, 30))
        assert title(page) == f"Pooling, map {map_}, row {row}, column {column}"
        page.evaluate("fake.model.set('layer', '')")
        assert detail(page).count() == 0

    def test_what_the_reader_opens_is_sent_to_python(self, open_live, make):
        page = open_live(make())
        runs(page)
        image_of(page, "hidden").press("ArrowRight")
        image_of(page, "hidden").press("ArrowRight")
        assert page.evaluate("[fake.model.get('layer'), fake.model.get('unit'), fake.saved]") == ["hidden", [1], 2]
        detail(page).get_by_role("button", name="Close").click()
        assert page.evaluate("[fake.model.get('layer'), fake.model.get('unit')]") == ["", []]

    def test_a_network_of_other_sizes_and_one_without_numbers(self, open_live, make, images):
        other = build_model(filters=4, kernel_size=(9, 2), units=20)
        page = open_live(make(layer="hidden", unit=[100]))
        runs(page)
        page.evaluate("(weights) => fake.model.set('weights', weights)", page_weights(other))
        page.get_by_text("4 maps of 20\xa0×\xa027").wait_for(state="attached")
        strongest = layers_of(page_weights(other), images[0])["hidden"].argmax()
        assert title(page) == f"Hidden unit {strongest}"
        for layer in ("convolution", "pooling", "output"):
            page.evaluate("(layer) => fake.model.set('layer', layer)", layer)
            assert not re.search("NaN|undefined|Infinity", page.locator(".nv").inner_text())
        other.set_weights([np.nan * w for w in other.get_weights()])
        page.evaluate("(weights) => fake.model.set('weights', weights)", page_weights(other))
        page.get_by_text("its training has failed").first.wait_for()
        assert not re.search("NaN|undefined|Infinity", page.locator(".nv").inner_text())

    def test_clean_up_leaves_no_listener(self, open_live, make):
        page = open_live(make())
        runs(page)
        assert page.evaluate("fake.listening()") == 5
        page.evaluate("fake.hide()")
        assert page.evaluate("[fake.listening(), fake.outside()]") == [0, 0]
        page.evaluate("fake.show()")
        runs(page)
        assert page.evaluate("fake.listening()") == 5


class TestPython:
    def test_the_layers_are_those_of_keras(self, network, images, layers):
        for position, image in enumerate(images):
            for name, values in layers_of(page_weights(network), image).items():
                np.testing.assert_allclose(values, layers[name][position], atol=1e-4)

    def test_a_layer_opens_at_its_strongest_unit_and_any_other_by_its_place(self, make, layers):
        widget = make()
        for layer in ("convolution", "hidden", "pooling"):
            widget.layer = layer
            assert tuple(widget.unit) == np.unravel_index(layers[layer][0].argmax(), layers[layer][0].shape)
        widget.look_at("output", 3)
        assert (widget.layer, widget.unit) == ("output", [3])
        widget.look_at("convolution", 23, 0, 29)
        assert widget.unit == [23, 0, 29]
        widget.layer = ""
        assert widget.unit == []

    def test_traits_refuse_what_is_not_there(self, make):
        widget = make(layer="hidden", unit=[5], index=1)
        for name, value, message in (
            ("index", 4, "index was given 4; it expects a whole number from 0 to 3"),
            ("layer", "dropout", "layer was given 'dropout'; it expects one of convolution, pooling"),
            ("unit", [128], r"unit was given \[128\]; for the layer 'hidden' it expects \[a number from 0 to 127\]"),
            ("unit", [1, 2, 3], "unit was given"),
            ("weights", {}, "weights expects what page_weights"),
        ):
            with pytest.raises(traitlets.TraitError, match=message):
                setattr(widget, name, value)
        with pytest.raises(traitlets.TraitError, match="unit was given"):
            widget.look_at("convolution", 24, 0, 0)
        assert (widget.index, widget.layer, widget.unit) == (1, "hidden", [5])

    def test_what_the_front_end_sends_is_taken_over(self, make):
        widget = make()
        widget.set_state({"unit": [4, 5, 6], "layer": "pooling"})
        assert (widget.layer, widget.unit) == ("pooling", [4, 5, 6])

    def test_other_models_and_images_are_refused(self, images):
        import keras

        with pytest.raises(ValueError, match="NetworkView was given 'network'; it expects a Keras model"):
            NetworkView("network", images)
        with pytest.raises(ValueError, match=r"NetworkView expects a Keras model.* was given one of Flatten, Dense"):
            NetworkView(keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]))
        with pytest.raises(ValueError, match="uint8"):
            NetworkView(images=images / 255)
        with pytest.raises(ValueError, match="was given 24 images; it expects 1 to 20"):
            NetworkView(images=np.repeat(images, 6, axis=0))
        with pytest.raises(ValueError, match="one whole number"):
            NetworkView(images=images, labels=[1])

    def test_by_default_it_shows_a_drawn_digit_and_the_reference_network(self):
        widget = NetworkView()
        assert widget.labels == [3]
        assert layers_of(widget.weights, widget.image())["probabilities"].argmax() == 3
        assert NetworkView(images=widget.image()[None]).labels == []

    def test_it_is_light(self, make):
        assert len(gzip.compress(make().page_html().encode())) < 60_000
        for folder in ("network_view", "frontend"):
            for path in (bundle.FOLDER / folder).glob("*.js"):
                assert path.stat().st_size < 15_000
