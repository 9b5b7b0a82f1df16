"""LayerExplorer: its tabs, the shapes of all layers, how it gets its network, and live in Jupyter."""

import re

import numpy as np
import pytest
import traitlets
from layer_explorer_page import cells_of, make, numbers, open_layer, total
from small_network import images, layers, network, widget_files

from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import FOLDER, load_reference_model
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.layer_explorer import LAYERS, LayerExplorer, fallback

__all__ = ["images", "layers", "make", "network", "open_layer", "widget_files"]  # fixtures

WIDGET_FOLDER = FOLDER.parent / "widgets" / "layer_explorer"
TITLES = ["Convolution", "Pooling", "Dropout", "Flatten", "Hidden", "Output", "All layers"]


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
        all_layers = int(numbers(page.locator("[role=tabpanel]:visible tfoot").inner_text())[0])
        assert all_layers == sum(parameters for _, parameters in found) == numbers(total(page))[0]
        return found

    def test_the_book_s_network_comes_first(self, open_layer):
        page = open_layer("shapes")
        assert [parameters for _, parameters in self.shown(page)] == [780, 0, 0, 0, 553_088, 1_290]
        assert "30 × (5 × 5 × 1 + 1) = 780" in page.get_by_role("tabpanel").inner_text()
        assert "128 × (4,320 + 1) = 553,088" in page.get_by_role("tabpanel").inner_text()
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


class TestTabs:
    def selected(self, page):
        tabs, panels = page.evaluate(
            """() => {
              const of = (role, names) => [...document.querySelectorAll(`[role=${role}]`)]
                .filter((one) => one.checkVisibility())
                .map((one) => [one.innerText.split("\\n")[0], ...names.map((name) => one.getAttribute(name))]);
              return [of("tab", ["id", "aria-controls", "aria-selected", "tabindex"]),
                of("tabpanel", ["id", "aria-labelledby"])];
            }"""
        )
        assert [title.lstrip("1234567 ") for title, *_ in tabs] == TITLES
        chosen = [tab for tab in tabs if tab[3] == "true"]
        stops = [tab for tab in tabs if tab[4] == "0"]
        assert len(chosen) == len(stops) == len(panels) == 1
        (title, tab, controls, *_), (_, panel, labelled_by) = chosen[0], panels[0]
        assert (tab, controls) == (labelled_by, panel)
        return title.lstrip("1234567 ")

    def test_every_layer_opens_by_mouse_touch_and_arrow_keys(self, open_layer):
        page = open_layer("convolution")
        for action in ("click", "tap"):
            for title in TITLES:
                getattr(page.get_by_role("tab", name=title), action)()
                assert self.selected(page) == title
                assert total(page)
        page.get_by_role("tab", name="Pooling").click()
        steps = {"ArrowRight": "Dropout", "ArrowLeft": "Pooling", "End": "All layers", "Home": "Convolution"}
        for key, title in steps.items():
            page.keyboard.press(key)
            assert self.selected(page) == title
        page.keyboard.press("ArrowLeft")  # from the first to the last
        assert self.selected(page) == "All layers"
        assert page.evaluate("document.activeElement.textContent").startswith("All layers")

    def test_tabs_tell_the_shape_of_what_comes_out(self, open_layer):
        page = open_layer("convolution")
        shapes = [tab.inner_text().splitlines()[1] for tab in page.get_by_role("tab").all()]
        assert shapes == ["24 × 24 × 30", "12 × 12 × 30", "12 × 12 × 30", "4,320", "128", "10", "parameters"]

    @pytest.mark.parametrize("width", [320, 390, 1280])
    def test_no_layer_is_wider_than_the_screen(self, open_layer, width):
        page = open_layer("convolution", {"viewport": {"width": width, "height": 700}})
        for title in TITLES:
            page.get_by_role("tab", name=title).click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            small = page.locator("button, select, input").evaluate_all(
                "(all) => all.map((e) => [e.getBoundingClientRect(), e.outerHTML])"
                ".filter(([b]) => b.width && Math.min(b.width, b.height) < 24 && !(b.width > 100)).map(([, h]) => h)"
            )
            assert small == []


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
        page.locator(".le-tabs").wait_for(state="attached")
        page.evaluate(OBSERVED)
        assert page.locator("script[src$='weights.js']").count() == 0
        assert page.get_by_text("The network is loading").count() == 1
        page.locator(".le-tabs").scroll_into_view_if_needed()
        page.locator(".le-sum").first.wait_for()
        assert page.get_by_text("The network is loading").count() == 0

    def test_or_when_it_gets_the_focus(self, open_page, make):
        page = open_page(Spacer(), make())
        page.locator(".le-tabs").wait_for(state="attached")
        page.locator("[role=tab]").first.evaluate("(tab) => tab.focus({ preventScroll: true })")
        page.locator("script[src$='weights.js']").wait_for(state="attached")

    def test_a_missing_network_is_reported_and_can_be_tried_again(self, open_page, make, widget_files):
        weights = widget_files / "weights.js"
        content = weights.read_text("utf-8")
        weights.unlink()
        try:
            page = open_page(make())
            page.get_by_text(re.compile(r"weights\.js .*missing.*All layers.* works without it")).wait_for()
            page.get_by_role("tab", name="All layers").click()
            assert "555,158" in total(page)
            page.get_by_role("tab", name="Convolution").click()
            panel = page.get_by_role("tabpanel")
            assert [button.inner_text() for button in panel.get_by_role("button").all()] == ["Try again"]
            assert not panel.locator(".le-sum").is_visible()
        finally:
            weights.write_text(content, "utf-8")
        assert "ERR_FILE_NOT_FOUND" in page.trouble.pop()  # by the browser itself
        assert page.trouble == []
        page.get_by_role("button", name="Try again").press("Enter")
        page.locator(".bw").get_by_text("Sum of the 25 products").wait_for()
        assert page.evaluate("document.activeElement.role") == "tab"  # the button is gone, the focus is not

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
            assert page.locator(".le").inner_html() != before, name

        for name, value in {"filter": 5, "row": 3, "column": 4}.items():
            set_(name, value)
        page.locator(".bw-live", has_text="Filter 5, row 3, column 4").wait_for(state="attached")
        np.testing.assert_allclose(numbers(total(page))[-1], layers["convolution"][0, 3, 4, 5], atol=6e-4)
        page.evaluate("fake.model.set('index', 2)")
        np.testing.assert_allclose(numbers(total(page))[-1], layers["convolution"][2, 3, 4, 5], atol=6e-4)
        for layer, traits in {
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
        page.get_by_role("tab", name="Convolution\n20 × 27 × 4").wait_for()
        kernel, bias = other.layers[0].get_weights()
        pixels = images[0, 19:28, 10:12] / 255
        assert numbers(total(page))[0] == 18
        value = (pixels * kernel[:, :, 0, 3]).sum() + bias[3]
        np.testing.assert_allclose(numbers(total(page))[-2:], [value, max(0, value)], atol=6e-4)
        for title in TITLES:
            page.get_by_role("tab", name=title).click()
            assert not re.search("NaN|undefined|Infinity", page.locator(".le").inner_text())
        page.get_by_role("tab", name="Flatten").click()
        assert "× 13 +" in total(page)
        assert "of 520 numbers" in page.get_by_role("tabpanel").inner_text()

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
        assert first == 14
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
        page.get_by_role("tab", name="Flatten").nth(1).click()
        page.locator(".le-sum:visible").nth(1).wait_for()
        page.get_by_role("button", name="next filter").nth(1).click()
        sums = page.locator(".le-sum:visible")
        assert sums.count() == 2
        assert sums.nth(0).inner_text() == sums.nth(1).inner_text()
        assert "filter 1 =" in sums.nth(0).inner_text()


def test_two_on_a_page_do_not_disturb_each_other(open_page, make):
    page = open_page(make(layer="pooling", filter=1), make(layer="pooling", filter=2))
    page.locator(".le-sum:visible").nth(1).wait_for()
    page.get_by_role("tabpanel").get_by_role("button", name="next filter").nth(1).click()
    page.get_by_role("radio").nth(2).click()
    chosen = page.locator("[role=tabpanel]:visible select").evaluate_all("(all) => all.map((s) => s.value)")
    assert chosen == ["1", "3"]
    checked = page.get_by_role("radiogroup", name="digits").locator("input:checked")
    assert checked.evaluate_all("(all) => all.map((r) => r.value)") == ["2", "0"]


def test_without_javascript_a_figure_and_a_table_are_shown(open_page, make, network, images):
    page = open_page(make(filter=3, row=9, column=9), java_script_enabled=False)
    assert page.get_by_role("img").get_attribute("aria-label").startswith("Four images: a digit with a frame")
    value = network.layers[0](process_images(images[:1])).numpy()[0, 9, 9, 3]
    assert numbers(page.get_by_text("After ReLU:").inner_text())[-1] == pytest.approx(value, abs=6e-4)
    assert page.get_by_role("row", name="all layers").inner_text().split()[-1] == "555,158"
    assert "30 × (5 × 5 × 1 + 1) = 780" in page.get_by_role("row", name="Convolution").inner_text()


def test_without_a_model_it_shows_the_book_s(images):
    explorer = LayerExplorer(images)
    assert explorer.weights == page_weights(load_reference_model())
    assert (explorer.labels, explorer.output) == ([], 0)


def test_traits_refuse_what_is_out_of_range(make):
    widget = make()
    for name, value in {
        "index": 4, "filter": 30, "row": 24, "column": -1, "unit": 128, "output": 10, "seed": -1, "dropout": 1.0,
        "filters": 0, "kernel_size": 28, "units": 513, "layer": "softmax",
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
