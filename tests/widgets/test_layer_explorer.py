"""LayerExplorer: its pieces, the shapes of all layers, how it gets its network, what it costs, and live in Jupyter."""

import re

import numpy as np
import pytest
import traitlets
from fake_model import show_on_fake_model
from layer_explorer_page import (
    cells_of,
    image_named,
    make,
    numbers,
    open_layer,
    open_pieces,
    piece,
    point,
    settle,
    total,
)
from small_network import images, layers, network, widget_files

from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import FOLDER, load_reference_model
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.layer_explorer import LAYERS, LayerExplorer, fallback

__all__ = ["images", "layers", "make", "network", "open_layer", "open_pieces", "widget_files"]  # fixtures

WIDGET_FOLDER = FOLDER.parent / "widgets" / "layer_explorer"
HEADS = [
    "Convolution, one filter 28 × 28 × 1 → 24 × 24 × 30",
    "Convolution, two filters 28 × 28 × 1 → 24 × 24 × 30",
    "Pooling 24 × 24 × 30 → 12 × 12 × 30",
    "Dropout 12 × 12 × 30 → 12 × 12 × 30",
    "Flatten 12 × 12 × 30 → 4,320",
    "Hidden layer 4,320 → 128",
    "Output 128 → 10",
    "All layers shapes and parameters",
]


SETTINGS = [(30, 5, 128), (1, 1, 1), (16, 3, 64), (8, 10, 33), (64, 2, 300), (5, 27, 512), (7, 26, 10)]


def of_keras(filters, kernel_size, units):
    """Return shape and parameter count of each layer of the network that Keras builds."""
    model = build_model(filters, kernel_size, units)
    return [[list(layer.output.shape[1:]), layer.count_params()] for layer in model.layers]


class TestShapes:
    @pytest.mark.parametrize("settings", SETTINGS)
    def test_shapes_and_parameters_are_those_of_keras(self, settings):
        found = [[list(shape), parameters] for _, shape, parameters, _ in fallback.layers(*settings)]
        assert found == of_keras(*settings)

    def test_the_script_counts_as_python_does(self, open_layer):
        page = open_layer("shapes")
        source = (WIDGET_FOLDER.parent / "frontend" / "arithmetic.js").read_text("utf-8")
        count = """async ([source, settings]) => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          const { layerTable } = await import(url);
          return settings.map((three) => layerTable(...three).map((layer) => Object.values(layer)));
        }"""
        for settings, found in zip(SETTINGS, page.evaluate(count, [source, SETTINGS]), strict=True):
            assert found == [[name, list(shape), *rest] for name, shape, *rest in fallback.layers(*settings)]

    def shown(self, page):
        texts = [cells for _, cells in cells_of(page, "tbody tr")]
        found = [[[int(n) for n in numbers(shape)], int(numbers(parameters)[-1])] for shape, parameters in texts]
        all_layers = int(numbers(page.locator(".le-frame tfoot").inner_text())[0])
        assert all_layers == sum(parameters for _, parameters in found) == numbers(total(page))[0]
        return found

    def test_the_book_s_network_comes_first(self, open_layer):
        page = open_layer("shapes")
        assert [parameters for _, parameters in self.shown(page)] == [780, 0, 0, 0, 553_088, 1_290]
        assert "30 × (5 × 5 × 1 + 1) = 780" in page.locator(".le-frame").inner_text()
        assert "128 × (4,320 + 1) = 553,088" in page.locator(".le-frame").inner_text()
        assert "555,158 parameters, 99.6% of them in the hidden layer" in total(page)

    def test_sliders_by_keyboard_and_touch(self, open_layer):
        page = open_layer("shapes")
        filters, size, units = (
            page.get_by_role("slider", name=name) for name in ("Filters", "Size of a filter", "Hidden units")
        )
        filters.press("ArrowRight")
        size.press("ArrowLeft")
        units.press("ArrowLeft")
        assert self.shown(page) == of_keras(31, 4, 127)
        size.press("End")
        assert size.get_attribute("aria-valuetext") == "27 × 27"
        assert self.shown(page) == of_keras(31, 27, 127)
        box = filters.bounding_box()
        filters.tap(position={"x": box["width"] - 2, "y": box["height"] / 2})
        assert self.shown(page) == of_keras(64, 27, 127)
        back = page.get_by_role("button", name="Back to the book's network")
        back.click()
        assert self.shown(page) == of_keras(30, 5, 128)
        assert back.is_disabled()


class TestPieces:
    def heads(self, page):
        return [" ".join(head.split()) for head in page.locator(".le-head .bw-title").all_inner_texts()]

    def test_every_layer_says_what_goes_in_and_what_comes_out(self, open_pieces):
        page = open_pieces(*LAYERS)
        assert self.heads(page) == HEADS
        assert all(page.locator(".le-sum").all_inner_texts())

    @pytest.mark.parametrize("width", [320, 390, 1280])
    def test_no_layer_is_wider_than_the_screen(self, open_pieces, width):
        page = open_pieces(*LAYERS, options={"viewport": {"width": width, "height": 700}})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = page.locator("button, select, input").evaluate_all(
            "(all) => all.map((e) => [e.getBoundingClientRect(), e.outerHTML])"
            ".filter(([b]) => b.width && Math.min(b.width, b.height) < 24 && !(b.width > 100)).map(([, h]) => h)"
        )
        assert small == []

    def test_what_is_chosen_in_one_all_show(self, open_pieces, layers, digits):
        page = open_pieces("convolution", "pooling", "flatten", "hidden", "output", filter=3, row=8, column=8, unit=5)

        def check(sample, filter_, row, column, unit, output):
            sums = [numbers(piece(page, number).locator(".le-sum").inner_text()) for number in range(5)]
            index = np.ravel_multi_index((row // 2, column // 2, filter_), (12, 12, 30))
            found = [sums[0][-1], sums[1][4], sums[2][-1], sums[3][-1], sums[4][1]]
            expected = [
                layers["convolution"][sample, row, column, filter_],
                layers["pooling"][sample, row // 2, column // 2, filter_],
                layers["flatten"][sample, index],
                layers["hidden"][sample, unit],
                layers["logits"][sample, output],
            ]
            np.testing.assert_allclose(found, expected, atol=6e-4)
            assert sums[2][5] == index
            assert sums[4][0] == output
            for radio in page.get_by_role("radiogroup", name="digits").locator("input:checked").all():
                assert radio.get_attribute("value") == str(sample)

        label = digits[1][0]
        check(0, 3, 8, 8, 5, label)
        piece(page, 3).get_by_role("radio", name="digit 3").click()
        check(2, 3, 8, 8, 5, label)
        piece(page, 1).get_by_role("button", name="next filter").press("Enter")
        check(2, 4, 8, 8, 5, label)
        piece(page, 2).get_by_role("slider").press("ArrowRight")
        check(2, 5, 8, 8, 5, label)
        piece(page, 0).get_by_role("application", name="The digit").press("ArrowDown")
        check(2, 5, 9, 8, 5, label)
        piece(page, 3).get_by_label("Hidden unit", exact=True).select_option("77")
        check(2, 5, 9, 8, 77, label)
        piece(page, 4).get_by_role("button", name="output 6").tap()
        check(2, 5, 9, 8, 77, 6)

    def test_what_the_mouse_passes_over_is_shown_by_all_and_taken_back(self, open_pieces):
        options = {"viewport": {"width": 1280, "height": 2000}}
        page = open_pieces("convolution", "pooling", options=options, row=8, column=8)
        page.evaluate("scrollTo(0, 0)")
        sums = page.locator(".le-sum")
        before = sums.all_inner_texts()
        point(page, "The digit", 18, 18, 28)
        settle(page)
        assert all(now != then for now, then in zip(sums.all_inner_texts(), before, strict=True))
        page.mouse.move(1, 1)
        settle(page)
        assert sums.all_inner_texts() == before

    def test_the_images_are_in_the_first_one_alone(self, make, images):
        first = make(filter=4)
        other = first.piece("pooling")
        assert first.page_state()["images"] != other.page_state()["images"] == {"base64": ""}
        assert other.page_state()["group"] == first.page_state()["group"] == "test"
        assert (other.filter, other.layer) == (4, "pooling")
        np.testing.assert_array_equal(other.image(), images[0])  # in Jupyter they are in each

    def test_a_piece_alone_in_a_page_keeps_its_figure(self, open_page, make):
        page = open_page(make().piece("pooling"), drawn=True)
        assert page.get_by_role("img").is_visible()
        assert "This widget has no images of its own" in page.trouble.pop(0)

    def test_explorers_are_in_groups_of_their_own(self, images, network):
        weights = page_weights(network)
        one, other = (LayerExplorer(images, weights=weights) for _ in range(2))
        assert one.group != other.group
        assert one.piece("hidden").group == one.group
        assert one.page_state()["group"] == one.group.split()[0]  # nothing random in a page

    def test_what_all_have_in_common_is_set_on_the_first(self, make):
        with pytest.raises(ValueError, match=r"piece\(\) was given filter, row, which all pieces have in common"):
            make().piece("pooling", row=3, filter=4)
        assert make().piece("dropout", seed=9).seed == 9


# Counts what a widget does: pixels drawn into canvases, sums written, and walks along whole layers of numbers.
COUNT = """() => {
  const counts = window.counts = { canvases: 0, sums: 0, walks: 0 };
  const { putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.putImageData = function (...values) {
    counts.canvases += 1;
    return putImageData.apply(this, values);
  };
  for (const Numbers of [Float32Array, Float64Array, Array]) {
    for (const name of ["reduce", "map", "forEach", "filter", "sort", "flatMap", "subarray", "slice"]) {
      const original = Numbers.prototype[name];
      if (!original) continue;
      Numbers.prototype[name] = function (...values) {
        counts.walks += this.length >= 4000;
        return original.apply(this, values);
      };
    }
  }
  const { from } = Array;
  Array.from = function (what, ...values) {
    counts.walks += what?.length >= 4000;
    return from.call(this, what, ...values);
  };
  for (const sum of document.querySelectorAll(".le-sum")) {
    new MutationObserver((records) => { counts.sums += records.length; }).observe(sum, { childList: true });
  }
}"""


class TestCost:
    @pytest.mark.parametrize("layer", ["convolution", "pooling"])
    def test_a_move_is_drawn_once_and_nothing_else_anew(self, open_layer, layer):
        page = open_layer(layer, filter=3)
        name, side = ("The digit", 28) if layer == "convolution" else ("What filter 3 finds", 24)
        point(page, name, 4, 4, side)
        settle(page)
        page.evaluate(COUNT)
        for place in range(6, 22, 2):
            point(page, name, place, place, side)
            settle(page)
        assert page.evaluate("counts") == {"canvases": 0, "sums": 8, "walks": 0}

    def test_moves_within_one_frame_are_drawn_together(self, open_layer):
        page = open_layer("convolution", filter=3)
        page.evaluate(COUNT)
        image = image_named(page, "The digit")
        image.evaluate("""async (one) => {
          const { left, top } = one.getBoundingClientRect();
          await new Promise(requestAnimationFrame);
          for (let i = 0; i < 10; i++) {
            const at = { clientX: left + 20 + 20 * i, clientY: top + 60 + 15 * i };
            one.dispatchEvent(new PointerEvent("pointermove", at));
            await null;
          }
        }""")
        settle(page)
        assert page.evaluate("counts.sums") == 2  # the first at once, the last with the next frame

    def test_pieces_out_of_sight_draw_nothing(self, open_page, make):
        first = make()
        page = open_page(first, Spacer(), first.piece("pooling"))
        piece(page, 1)
        piece(page, 0)
        page.evaluate(OBSERVED)
        below = page.locator(".le-sum").last
        before = below.text_content()
        image_named(page, "The digit").press("ArrowDown")
        page.get_by_label("Filter", exact=True).first.select_option("7")
        settle(page)
        assert below.text_content() == before
        piece(page, 1)
        page.wait_for_function("([sum, before]) => sum.textContent !== before", arg=[below.element_handle(), before])


# What an IntersectionObserver of the page has to say, it has said by then.
OBSERVED = """() => new Promise((done) => {
  new IntersectionObserver(() => requestAnimationFrame(() => requestAnimationFrame(done))).observe(document.body);
})"""


class Spacer:
    """A tall piece of page above a widget."""

    def page_html(self):
        return '<div style="height: 5000px"></div>'


class TestNetwork:
    def test_it_is_loaded_when_the_widget_comes_into_view(self, open_page, make, layers):
        page = open_page(Spacer(), make())
        page.locator(".le-frame").wait_for(state="attached")
        page.evaluate(OBSERVED)
        assert page.locator("script[src$='weights.js']").count() == 0
        assert page.get_by_text("The network is loading").count() == 1
        page.locator(".le-frame").scroll_into_view_if_needed()
        page.locator(".le-sum").first.wait_for()
        assert page.get_by_text("The network is loading").count() == 0

    def test_or_when_it_gets_the_focus(self, open_page, make):
        page = open_page(Spacer(), make())
        page.locator(".le-frame").wait_for(state="attached")
        page.get_by_role("radio").first.evaluate("(one) => one.focus({ preventScroll: true })")
        page.locator("script[src$='weights.js']").wait_for(state="attached")

    def test_a_missing_network_is_reported_and_can_be_tried_again(self, open_page, make, widget_files):
        weights = widget_files / "weights.js"
        content = weights.read_text("utf-8")
        weights.unlink()
        try:
            first = make()
            page = open_page(first, first.piece("shapes"))
            page.get_by_text(re.compile(r"weights\.js .*missing")).wait_for()
            assert "555,158" in page.locator(".le-sum").last.inner_text()  # which needs none
            panel = page.locator(".le-frame").first
            assert [button.inner_text() for button in panel.get_by_role("button").all()] == ["Try again"]
            assert not panel.locator(".le-sum").is_visible()
        finally:
            weights.write_text(content, "utf-8")
        assert "ERR_FILE_NOT_FOUND" in page.trouble.pop()  # by the browser itself
        assert page.trouble == []
        page.get_by_role("button", name="Try again").press("Enter")
        page.locator(".bw").get_by_text("Sum of the 25 products").wait_for()
        # The button is gone, the focus is not.
        assert page.evaluate("document.activeElement.matches('.le')")

    def test_it_stays_out_of_the_page(self, make):
        state = make().page_state()
        assert "weights" not in state
        assert len(make().page_html()) < 60_000


@pytest.fixture
def live(open_live, make, network):
    """Open a page in which the front end runs as in Jupyter, once it shows its network."""

    def live(network=network, **traits):
        widget = make(**traits)
        widget.weights = page_weights(network)
        page = open_live(widget)
        page.locator(".le-sum:visible").wait_for()
        return page

    return live


class TestLive:
    def test_every_trait_that_python_sets_is_shown(self, live, images, layers):
        page = live()

        def set_(name, value):
            before = page.locator(".le").inner_html()
            page.evaluate("([name, value]) => fake.model.set(name, value)", [name, value])
            settle(page)
            assert page.locator(".le").inner_html() != before, name

        for name, value in {"filter": 5, "row": 3, "column": 4}.items():
            set_(name, value)
        page.locator(".bw-live", has_text="Filter 5, row 3, column 4").wait_for(state="attached")
        np.testing.assert_allclose(numbers(total(page))[-1], layers["convolution"][0, 3, 4, 5], atol=6e-4)
        page.evaluate("fake.model.set('index', 2)")
        np.testing.assert_allclose(numbers(total(page))[-1], layers["convolution"][2, 3, 4, 5], atol=6e-4)
        for layer, traits in {
            "filters": {"other": 12, "filling": True},
            "dropout": {"seed": 9, "dropout": 0.4, "training": False},
            "hidden": {"unit": 100},
            "output": {"output": 8},
            "shapes": {"filters": 3, "kernel_size": 7, "units": 20},
        }.items():
            set_("layer", layer)
            for name, value in traits.items():
                set_(name, value)
        assert f"{build_model(3, 7, 20).count_params():,} parameters" in total(page)

    def test_a_network_of_other_sizes_is_shown_with_its_own_numbers(self, live, images):
        other = build_model(filters=4, kernel_size=(9, 2), units=20)
        page = live()
        page.evaluate("fake.model.set('filter', 29); fake.model.set('row', 23)")  # more than the next one has
        page.evaluate("(weights) => fake.model.set('weights', weights)", page_weights(other))
        page.get_by_text("→ 20 × 27 × 4").wait_for()
        kernel, bias = other.layers[0].get_weights()
        pixels = images[0, 19:28, 10:12] / 255
        assert numbers(total(page))[0] == 18
        value = (pixels * kernel[:, :, 0, 3]).sum() + bias[3]
        np.testing.assert_allclose(numbers(total(page))[-2:], [value, max(0, value)], atol=6e-4)
        for layer in LAYERS:
            page.evaluate("(layer) => fake.model.set('layer', layer)", layer)
            settle(page)
            assert not re.search("NaN|undefined|Infinity", page.locator(".le").inner_text())
        page.evaluate("fake.model.set('layer', 'flatten')")
        assert "× 13 +" in total(page)
        assert "of 520 numbers" in page.locator(".le-frame").inner_text()

    def test_scores_too_large_to_raise_e_to_them_stay_readable(self, live, network):
        import keras

        wild = keras.models.clone_model(network)
        wild.set_weights([1000 * w for w in network.get_weights()])
        page = live(wild, layer="output")
        text = page.locator(".le").inner_text()
        assert "too large" in text
        assert not re.search("NaN|undefined|Infinity", text)

    def test_a_network_that_does_not_fit_is_reported(self, live, network):
        page = live()
        other = page_weights(network)
        other["hidden"] = other["output"]
        page.evaluate("(weights) => fake.model.set('weights', weights)", other)
        page.get_by_text("Expected 128 inputs: got 4320").wait_for()
        assert page.get_by_role("button", name="Try again").is_visible()

    def test_clean_up_leaves_no_listener(self, live):
        page = live()
        first = page.evaluate("fake.listening()")
        assert first == 16 + 7  # its own, and those of its group
        page.evaluate("fake.hide()")
        assert page.evaluate("fake.listening()") == 0
        page.evaluate("fake.show()")
        page.locator(".le-sum:visible").wait_for()
        assert page.evaluate("fake.listening()") == first
        page.evaluate("() => { fake.hide({ keepElement: true }); fake.model.set('layer', 'shapes'); }")
        assert page.evaluate("[fake.listening(), fake.outside()]") == [0, 0]

    def test_one_model_in_two_views_moves_both(self, live):
        page = live()
        page.evaluate("() => { fake.show(); }")
        page.evaluate("fake.model.set('layer', 'flatten')")
        page.locator(".le-sum:visible").nth(1).wait_for()
        page.get_by_role("button", name="next filter").nth(1).click()
        settle(page)
        sums = page.locator(".le-sum:visible")
        assert sums.count() == 2
        assert sums.nth(0).inner_text() == sums.nth(1).inner_text()
        assert "filter 1 =" in sums.nth(0).inner_text()

    def test_pieces_move_each_other_and_python_hears_of_it_once_it_is_quiet(self, live, make, network):
        page = live()
        other = make(layer="pooling", filter=9)  # in Jupyter, each comes with its own module
        other.weights = page_weights(network)
        page.evaluate("window.first = fake")
        show_on_fake_model(page, other)
        page.locator(".le-sum:visible").nth(1).wait_for()
        assert page.evaluate("[first.state.filter, fake.state.filter]") == [0, 0]  # who comes later takes over
        saved = page.evaluate("first.saved")
        page.evaluate("for (const filter of [5, 6, 7]) fake.model.set('filter', filter)")
        assert page.evaluate("first.state.filter") == 7
        assert page.evaluate("first.saved") == saved
        page.wait_for_function("(saved) => first.saved === saved + 1", arg=saved)
        page.evaluate("first.model.set('row', 2); first.model.set('column', 4); first.model.set('layer', 'flatten')")
        assert page.evaluate("[fake.state.row, fake.state.column, fake.state.layer]") == [2, 4, "pooling"]
        page.evaluate("first.hide()")
        page.evaluate("fake.model.set('row', 20)")
        assert page.evaluate("first.state.row") == 2
        page.evaluate("fake.hide()")
        groups = "window[Symbol.for('mnist-tutorial together')].size"
        assert page.evaluate(f"[first.listening(), fake.listening(), {groups}]") == [0, 0, 0]

    def test_while_it_plays_python_hears_nothing_until_it_pauses(self, live):
        page = live(layer="convolution")
        page.clock.install(time=0)
        page.clock.pause_at(1000)
        before = page.evaluate("fake.saved")
        page.get_by_role("button", name="Play").click()
        page.clock.run_for(1000)
        assert page.evaluate("[fake.saved, fake.state.filling]") == [before, True]
        assert page.evaluate("24 * fake.state.row + fake.state.column") > 10
        page.get_by_role("button", name="Pause").click()
        assert page.evaluate("fake.saved") == before + 1


def test_two_on_a_page_do_not_disturb_each_other(open_page, make):
    page = open_page(make(layer="pooling", filter=1, group="one"), make(layer="pooling", filter=2, group="two"))
    page.locator(".le-sum:visible").nth(1).wait_for()
    page.get_by_role("button", name="next filter").nth(1).click()
    page.get_by_role("radio").nth(2).click()
    settle(page)
    chosen = page.get_by_label("Filter", exact=True).evaluate_all("(all) => all.map((s) => s.value)")
    assert chosen == ["1", "3"]
    checked = page.get_by_role("radiogroup", name="digits").locator("input:checked")
    assert checked.evaluate_all("(all) => all.map((r) => r.value)") == ["2", "0"]


class TestWithoutScript:
    def open(self, open_page, make, layer, **traits):
        page = open_page(make(layer=layer, filter=3, row=9, column=9, **traits), java_script_enabled=False)
        words = page.locator("main p").last.inner_text()
        return page, page.get_by_role("img"), numbers(words)

    def test_convolution(self, open_page, make, layers):
        _, figure, shown = self.open(open_page, make, "convolution")
        assert figure.get_attribute("aria-label").startswith("Four images: a digit with a frame")
        assert shown[-1] == pytest.approx(layers["convolution"][0, 9, 9, 3], abs=6e-4)

    def test_filters(self, open_page, make, layers):
        _, figure, shown = self.open(open_page, make, "filters", other=8)
        assert figure.get_attribute("aria-label").startswith("Two filters, 3 and 8, and the maps")
        values = layers["convolution"][0, 9, 9]
        np.testing.assert_allclose([shown[4], shown[9]], values[[3, 8]], atol=6e-4)

    def test_pooling(self, open_page, make, layers):
        _, figure, shown = self.open(open_page, make, "pooling")
        assert figure.get_attribute("aria-label").startswith("A map of 24 by 24 pixels with a frame")
        four = layers["convolution"][0, 8:10, 8:10, 3].ravel()
        np.testing.assert_allclose(shown, [*four, four.max(), 4, 4], atol=6e-4)

    def test_dropout(self, open_page, make):
        _, figure, shown = self.open(open_page, make, "dropout")
        assert figure.get_attribute("aria-label").startswith("A map of 12 by 12 pixels, and the same")
        assert shown[1:] == [144, 0.8]
        assert 15 < shown[0] < 45

    def test_flatten(self, open_page, make, layers):
        _, figure, shown = self.open(open_page, make, "flatten")
        assert "the same number marked" in figure.get_attribute("aria-label")
        index = np.ravel_multi_index((4, 4, 3), (12, 12, 30))
        np.testing.assert_allclose(shown, [4, 12, 4, 30, 3, index, layers["flatten"][0, index]], atol=6e-4)

    def test_hidden(self, open_page, make, layers, network):
        _, figure, shown = self.open(open_page, make, "hidden", unit=9)
        assert figure.get_attribute("aria-label").startswith("An image of 12 by 12 pixels: how much each")
        kernel, bias = network.layers[-2].get_weights()
        products = layers["flatten"][0].astype(float) * kernel[:, 9]
        parts = [products[products > 0].sum(), products[products < 0].sum(), bias[9], products.sum() + bias[9]]
        np.testing.assert_allclose(shown, [9, *parts], atol=6e-4)

    def test_output(self, open_page, make, layers):
        page, _, shown = self.open(open_page, make, "output", output=4)
        rows = [numbers(row) for row in page.locator("tbody tr").all_inner_texts()]
        expected = np.stack([np.arange(10), layers["logits"][0], 100 * layers["probabilities"][0]], axis=1)
        np.testing.assert_allclose(rows, expected, atol=6e-2)
        assert shown[0] == 4
        assert shown[-1] == pytest.approx(layers["logits"][0, 4], abs=6e-4)

    def test_all_layers(self, open_page, make):
        page = open_page(make(layer="shapes"), java_script_enabled=False)
        assert page.get_by_role("row", name="all layers").inner_text().split()[-1] == "555,158"
        assert "30 × (5 × 5 × 1 + 1) = 780" in page.get_by_role("row", name="Convolution").inner_text()


def test_without_a_model_it_shows_the_book_s(images):
    explorer = LayerExplorer(images)
    assert explorer.weights == page_weights(load_reference_model())
    assert (explorer.labels, explorer.output) == ([], 0)


def test_traits_refuse_what_is_out_of_range(make):
    widget = make()
    for name, value in {
        "index": 4, "filter": 30, "other": 30, "row": 24, "column": -1, "unit": 128, "output": 10, "seed": -1,
        "dropout": 1.0, "filters": 0, "kernel_size": 28, "units": 513, "layer": "softmax",
    }.items():  # fmt: skip
        with pytest.raises(traitlets.TraitError, match=f"{name} was given {value!r}; it expects"):
            setattr(widget, name, value)
        with pytest.raises(traitlets.TraitError, match=f"{name} was given {value!r}; it expects"):
            make(**{name: value})
    with pytest.raises(traitlets.TraitError):
        widget.training = "yes"
    for layer in LAYERS:
        widget.layer = layer


def test_other_weights_are_refused_and_smaller_ones_move_the_choice(make, network):
    widget = make(filter=29, row=23, unit=127, column=3)
    for wrong in ({}, {"convolution": 3}, page_weights(network) | {"hidden": page_weights(network)["output"]}):
        with pytest.raises(traitlets.TraitError, match=r"expects what page_weights\(model\) returns"):
            widget.weights = wrong
    widget.weights = page_weights(build_model(filters=4, kernel_size=9, units=20))
    assert (widget.filter, widget.row, widget.column, widget.unit) == (3, 19, 3, 19)


def test_images_labels_and_models_of_another_form_are_refused(images, network):
    import keras

    for wrong in (images / 255, images[0], images[:0], process_images(images)):
        with pytest.raises(ValueError, match=r"1 to 20 of them.*uint8"):
            LayerExplorer(wrong, model=network)
    with pytest.raises(ValueError, match="was given 24 images; it expects 1 to 20"):
        LayerExplorer(images.repeat(6, axis=0), model=network)
    for wrong in ([1, 2], [1, 2, 3, 10], [0.5, 1, 2, 3], [[1], [2], [3], [4]]):
        with pytest.raises(ValueError, match="one whole number from 0 to 9"):
            LayerExplorer(images, wrong, network)
    dense = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    with pytest.raises(ValueError, match="The page can run a network of"):
        LayerExplorer(images, model=dense)


def test_it_hands_back_the_image_that_is_shown(make, images):
    widget = make(index=3)
    np.testing.assert_array_equal(widget.image(), images[3])


@pytest.mark.parametrize("path", sorted(WIDGET_FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_each_script_is_small(path):
    assert path.stat().st_size < 15_000
