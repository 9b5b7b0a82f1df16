"""LayerExplorer in a page without a kernel: by mouse, touch and keyboard, and its numbers against Keras."""

import re

import numpy as np
import pytest
import traitlets
from canvas import greys, pixels
from small_network import images, layers, network, widget_files

from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import FOLDER, load_reference_model
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.layer_explorer import LAYERS, LayerExplorer, fallback

__all__ = ["images", "layers", "network", "widget_files"]  # fixtures

HERE = FOLDER.parent / "widgets" / "layer_explorer"
TITLES = ["Convolution", "Pooling", "Dropout", "Flatten", "Hidden", "Output", "All layers"]


@pytest.fixture(scope="module")
def make(digits, images, network):
    def make(**traits):
        return LayerExplorer(images, digits[1][:4], network, **traits)

    return make


@pytest.fixture
def open_layer(open_page, make):
    """Open a page with one widget at a layer, once its network is there."""

    def open_(layer, options=None, **traits):
        page = open_page(make(layer=layer, **traits), has_touch=True, **(options or {}))
        page.locator("[role=tabpanel]:visible .le-sum").wait_for()
        return page

    return open_


def total(page):
    return page.locator("[role=tabpanel]:visible .le-sum").inner_text()


def numbers(text):
    """Return the numbers of a text, in their order."""
    return [float(n.replace(",", "")) for n in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text.replace("−", "-"))]


def image_named(page, name):
    return page.get_by_role("application", name=name)


def point(page, name, row, column, side):
    """Move the mouse onto the middle of a pixel of an image of side x side pixels."""
    box = image_named(page, name).bounding_box()
    page.mouse.move(box["x"] + box["width"] * (column + 0.5) / side, box["y"] + box["height"] * (row + 0.5) / side)


def levels(page, name):
    """Return an image's grey levels, (rows, columns)."""
    return greys(image_named(page, name).locator("canvas"))


def grey(values, all_values):
    """Return the grey levels that values should be drawn with: one scale for all filters."""
    return np.clip(np.floor(values * (255 / (0.7 * all_values.max())) + 0.5), 0, 255)


class TestConvolution:
    def check(self, page, layers, network, images, sample, filter_, row, column):
        kernel, bias = network.layers[0].get_weights()
        window = images[sample, row : row + 5, column : column + 5] / 255
        weights = kernel[:, :, 0, filter_]
        products = (window * weights).sum()
        shown = numbers(total(page))
        assert shown[0] == 25
        expected = [products, bias[filter_], products + bias[filter_], max(0, products + bias[filter_])]
        np.testing.assert_allclose(shown[1:], expected, atol=6e-4)
        np.testing.assert_allclose(shown[-1], layers["convolution"][sample, row, column, filter_], atol=6e-4)
        tables = page.locator(".bw-tables table")
        for position, values in enumerate((window, weights, window * weights)):
            cells = [numbers(text)[0] for text in tables.nth(position).locator("td").all_inner_texts()]
            np.testing.assert_allclose(cells, values.ravel(), atol=6e-3)

    def test_the_frame_follows_the_mouse_on_the_digit(self, open_layer, layers, network, images):
        page = open_layer("convolution", filter=3)
        for row, column in ((8, 10), (0, 0), (13, 7), (23, 23)):
            point(page, "The digit", row + 2, column + 2, 28)
            self.check(page, layers, network, images, 0, 3, row, column)

    def test_the_frame_follows_the_mouse_on_the_result_and_stays_inside(self, open_layer, layers, network, images):
        page = open_layer("convolution", filter=29)
        for row, column in ((11, 12), (23, 0)):
            point(page, "What filter 29 finds", row, column, 24)
            self.check(page, layers, network, images, 0, 29, row, column)
        point(page, "The digit", 0, 27, 28)  # the frame's middle cannot be in a corner
        self.check(page, layers, network, images, 0, 29, 0, 23)

    def test_arrow_keys_move_the_frame_and_stop_at_the_edge(self, open_layer, layers, network, images):
        page = open_layer("convolution", row=10, column=10)
        image_named(page, "The digit").focus()
        for key in ("ArrowUp", "ArrowRight", "ArrowRight", "Control+ArrowDown"):
            page.keyboard.press(key)
        self.check(page, layers, network, images, 0, 0, 9, 12)
        for _ in range(30):
            page.keyboard.press("ArrowLeft")
        self.check(page, layers, network, images, 0, 0, 9, 0)
        page.wait_for_function("document.querySelector('.bw-live').textContent.startsWith('Filter 0, row 9, column 0')")

    def test_a_finger_taps_and_drags(self, open_layer, layers, network, images):
        page = open_layer("convolution")
        image = image_named(page, "The digit")
        box = image.bounding_box()
        image.tap(position={"x": box["width"] * 12.5 / 28, "y": box["height"] * 15.5 / 28})
        self.check(page, layers, network, images, 0, 0, 13, 10)
        x, y = box["x"] + box["width"] * 8.5 / 28, box["y"] + box["height"] * 9.5 / 28
        image.dispatch_event("pointermove", {"clientX": x, "clientY": y, "pointerType": "touch"})
        self.check(page, layers, network, images, 0, 0, 7, 6)

    def test_filters_are_chosen_by_list_buttons_and_images(self, open_layer, layers, network, images):
        page = open_layer("convolution", row=9, column=9)
        panel = page.get_by_role("tabpanel")
        panel.get_by_label("Filter", exact=True).select_option("28")
        self.check(page, layers, network, images, 0, 28, 9, 9)
        following = panel.get_by_role("button", name="next filter")
        following.click()
        self.check(page, layers, network, images, 0, 29, 9, 9)
        assert following.is_disabled()
        panel.get_by_role("button", name="previous filter").tap()
        self.check(page, layers, network, images, 0, 28, 9, 9)
        panel.get_by_role("radio", name="filter 4", exact=True).click()
        self.check(page, layers, network, images, 0, 4, 9, 9)
        page.keyboard.press("ArrowRight")
        self.check(page, layers, network, images, 0, 5, 9, 9)
        assert panel.get_by_role("radio", name="filter 5", exact=True).is_checked()
        panel.get_by_role("radio", name="filter 11").tap()
        self.check(page, layers, network, images, 0, 11, 9, 9)
        maps = layers["convolution"][0]
        np.testing.assert_allclose(levels(page, "What filter 11 finds"), grey(maps[:, :, 11], maps), atol=1)

    def test_another_digit_is_chosen_by_mouse_touch_and_keyboard(self, open_layer, layers, network, images):
        page = open_layer("convolution", row=10, column=9)
        choice = page.get_by_role("radiogroup", name="digits").get_by_role("radio")
        choice.nth(2).click()
        self.check(page, layers, network, images, 2, 0, 10, 9)
        page.keyboard.press("ArrowLeft")
        self.check(page, layers, network, images, 1, 0, 10, 9)
        choice.nth(3).tap()
        self.check(page, layers, network, images, 3, 0, 10, 9)
        np.testing.assert_allclose(levels(page, "The digit"), images[3], atol=1)


class TestPooling:
    def check(self, page, layers, filter_, row, column):
        four = layers["convolution"][0, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2, filter_].ravel()
        shown = numbers(total(page))
        np.testing.assert_allclose(shown[:5], [*four, four.max()], atol=6e-4)
        assert shown[5:] == [row, column]
        np.testing.assert_allclose(shown[4], layers["pooling"][0, row, column, filter_], atol=6e-4)
        cells = page.locator("[role=tabpanel]:visible .bw-numbers td")
        assert cells.evaluate_all("(l) => l.findIndex((c) => c.classList.contains('bw-marked'))") == four.argmax()

    def test_the_largest_of_four_stays(self, open_layer, layers):
        page = open_layer("pooling", filter=6)
        for row, column in ((0, 0), (5, 6), (11, 11)):
            point(page, "What filter 6 finds", 2 * row + 1, 2 * column, 24)
            self.check(page, layers, 6, row, column)
            point(page, "After pooling", 6, 6, 12)
            self.check(page, layers, 6, 6, 6)
        np.testing.assert_allclose(
            levels(page, "After pooling"), grey(layers["pooling"][0, :, :, 6], layers["convolution"][0]), atol=1
        )

    def test_by_keyboard_and_by_touch(self, open_layer, layers):
        page = open_layer("pooling", row=11, column=11)
        self.check(page, layers, 0, 5, 5)
        image = image_named(page, "What filter 0 finds")
        image.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        self.check(page, layers, 0, 6, 6)
        box = image.bounding_box()
        image.tap(position={"x": box["width"] * 9 / 24, "y": box["height"] * 15 / 24})
        self.check(page, layers, 0, 7, 4)
        page.get_by_role("tabpanel").get_by_role("button", name="next filter").press("Enter")
        self.check(page, layers, 1, 7, 4)


def kept_by_dropout(count, rate, seed):
    """Return mulberry32's answers, as an independent second implementation."""
    kept = np.empty(count, dtype=bool)
    state = seed
    for i in range(count):
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = ((state ^ state >> 15) * (state | 1)) & 0xFFFFFFFF
        mixed ^= (mixed + ((mixed ^ mixed >> 7) * (mixed | 61))) & 0xFFFFFFFF
        kept[i] = (mixed ^ mixed >> 14) / 2**32 >= rate
    return kept


class TestDropout:
    def check(self, page, layers, seed, filter_, rate=0.2):
        pooled = layers["pooling"][0]
        kept = kept_by_dropout(pooled.size, rate, seed).reshape(pooled.shape)
        own = kept[:, :, filter_]
        counts = numbers(page.locator("[role=tabpanel]:visible p", has_text="dropped, and").inner_text())
        assert counts[:4] == [(~own).sum(), 144, (~kept).sum(), 4320]
        assert abs((~kept).mean() - rate) < 0.02
        expected = np.where(own, pooled[:, :, filter_] / (1 - rate), 0)
        drawn = levels(page, "After dropout")
        np.testing.assert_allclose(drawn, grey(expected, layers["convolution"][0]), atol=1)
        crosses = image_named(page, "After dropout").locator("path").get_attribute("d")
        assert crosses.count("M") == (~own).sum()
        return own, expected

    def test_redraw_drops_others_by_mouse_touch_and_keyboard(self, open_layer, layers):
        page = open_layer("dropout", filter=2, seed=41)
        self.check(page, layers, 41, 2)
        redraw = page.get_by_role("button", name="Redraw")
        for seed, press in ((42, redraw.click), (43, redraw.tap), (44, lambda: redraw.press("Space"))):
            press()
            self.check(page, layers, seed, 2)

    def test_the_pixel_is_dropped_or_grows(self, open_layer, layers):
        page = open_layer("dropout", filter=2, seed=5)
        own, expected = self.check(page, layers, 5, 2)
        before = layers["pooling"][0, :, :, 2]
        assert own.any()
        assert not own.all()
        for row, column in (np.argwhere(~own)[0], np.argwhere(own & (before > 0))[0]):
            point(page, "After dropout", row, column, 12)
            if own[row, column]:
                want = [row, column, before[row, column], 0.8, expected[row, column]]
            else:
                want = [row, column, before[row, column], 0]
            np.testing.assert_allclose(numbers(total(page)), want, atol=6e-4)

    def test_while_predicting_nothing_is_dropped(self, open_layer, layers):
        page = open_layer("dropout", filter=2)
        predicting, training = (page.get_by_role("button", name=f"While {name}") for name in ("predicting", "training"))
        predicting.click()
        assert predicting.get_attribute("aria-pressed") == "true"
        assert training.get_attribute("aria-pressed") == "false"
        assert page.get_by_text("all 4,320 numbers pass unchanged").is_visible()
        assert page.get_by_role("button", name="Redraw").is_disabled()
        np.testing.assert_array_equal(levels(page, "After dropout"), levels(page, "Before dropout"))
        training.press("Enter")
        self.check(page, layers, 1, 2)
        predicting.tap()
        assert "stays as it is" in total(page)

    def test_another_share_can_be_dropped(self, open_layer, layers):
        self.check(open_layer("dropout", dropout=0.5), layers, 1, 0, rate=0.5)


class TestFlatten:
    def check(self, page, layers, row, column, filter_):
        index = np.ravel_multi_index((row, column, filter_), (12, 12, 30))
        assert f"(row {row} × 12 + column {column}) × 30 + filter {filter_} = {index:,}." in total(page)
        assert numbers(total(page))[-1] == pytest.approx(layers["flatten"][0, index], abs=6e-4)
        around = page.locator(".le-neighbours span").all_inner_texts()
        first = min(max(index - 3, 0), 4320 - 7)
        expected = [[i, layers["flatten"][0, i]] for i in range(first, first + 7)]
        np.testing.assert_allclose([numbers(text) for text in around], expected, atol=6e-3)
        assert numbers(page.locator(".le-neighbours .bw-marked").inner_text())[0] == index

    def test_a_pixel_lands_where_numpy_says(self, open_layer, layers):
        page = open_layer("flatten", filter=7)
        for row, column in ((0, 0), (4, 9), (11, 11)):
            point(page, "Filter 7 after pooling", row, column, 12)
            self.check(page, layers, row, column, 7)
        image_named(page, "Filter 7").focus()
        page.keyboard.press("ArrowUp")
        self.check(page, layers, 10, 11, 7)
        page.get_by_role("tabpanel").get_by_label("Filter", exact=True).select_option("29")
        self.check(page, layers, 10, 11, 29)

    def test_a_place_in_the_row_leads_back_to_its_pixel(self, open_layer, layers):
        page = open_layer("flatten", row=8, column=6, filter=29)
        slider = page.get_by_role("slider", name="Position in the row of 4,320 numbers")
        slider.press("ArrowRight")  # the last filter's neighbour is the next pixel's first filter
        self.check(page, layers, 4, 4, 0)
        slider.press("End")
        self.check(page, layers, 11, 11, 29)
        slider.press("Home")
        self.check(page, layers, 0, 0, 0)
        box = slider.bounding_box()
        slider.tap(position={"x": box["width"] / 2, "y": box["height"] / 2})
        index = int(slider.input_value())
        assert abs(index - 2160) < 60
        self.check(page, layers, *np.unravel_index(index, (12, 12, 30)))


def cells_of(page, rows):
    """Return each row's name and the texts of its cells, of a table in the layer that is shown."""
    return page.locator(f"[role=tabpanel]:visible {rows}").evaluate_all(
        "(rows) => rows.map((row) => [row.querySelector('th').textContent,"
        " [...row.querySelectorAll('td')].map((cell) => cell.textContent)])"
    )


def check_table(page, inputs, weights, bias):
    """Check the table of one unit's sum; return its rows' names."""
    products = inputs.astype(float) * weights
    order = np.argsort(-products)
    listed = [*order[:4], *order[::-1][:4]]
    assert products[order[3]] > 0 > products[order[-4]]
    rows = cells_of(page, ".bw-table:not(.le-scores) tbody tr")
    texts = [cells for _, cells in rows]
    parts = [[numbers(text)[0] for text in cells] for cells in texts if len(cells) == 3]
    np.testing.assert_allclose(parts, np.stack([inputs, weights, products])[:, listed].T, atol=6e-4)
    rest = products.sum() - products[listed].sum()
    ends = [numbers(cells[0])[0] for cells in texts if len(cells) == 1]
    np.testing.assert_allclose(ends, [rest, bias, products.sum() + bias], atol=6e-4)
    named = [name for name, cells in rows if len(cells) == 3]
    return named, listed


class TestHidden:
    def check(self, page, layers, network, unit):
        kernel, bias = network.layers[-2].get_weights()
        inputs = layers["flatten"][0]
        named, listed = check_table(page, inputs, kernel[:, unit], bias[unit])
        places = [np.unravel_index(index, (12, 12, 30)) for index in listed]
        assert named == [f"row {row}, column {column}, filter {filter_}" for row, column, filter_ in places]
        count, zeros, zero, value, after = numbers(total(page))
        assert (count, zeros, zero) == (4320, (inputs == 0).sum(), 0)
        assert value == pytest.approx(inputs @ kernel[:, unit] + bias[unit], abs=6e-4)
        assert after == pytest.approx(layers["hidden"][0, unit], abs=6e-4)
        assert page.get_by_label("Hidden unit", exact=True).input_value() == str(unit)

    def test_units_are_chosen_by_mouse_touch_and_keyboard(self, open_layer, layers, network):
        page = open_layer("hidden")
        self.check(page, layers, network, 0)
        box = image_named(page, "The 128 hidden units").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 5.5 / 16, box["y"] + box["height"] * 3.5 / 8)
        self.check(page, layers, network, 53)
        position = {"x": box["width"] * 0.5 / 16, "y": box["height"] * 7.5 / 8}
        image_named(page, "The 128 hidden units").tap(position=position)
        self.check(page, layers, network, 112)
        page.keyboard.press("ArrowUp")
        self.check(page, layers, network, 96)
        page.get_by_role("button", name="next hidden unit").click()
        self.check(page, layers, network, 97)
        page.get_by_label("Hidden unit", exact=True).select_option("127")
        self.check(page, layers, network, 127)

    def test_the_units_and_the_pixels_votes_are_drawn(self, open_layer, layers, network):
        page = open_layer("hidden", unit=9)
        hidden = layers["hidden"][0]
        expected = np.floor(hidden.reshape(8, 16) * (255 / hidden.max()) + 0.5)
        np.testing.assert_allclose(levels(page, "The 128 hidden units"), expected, atol=1)
        votes = (layers["flatten"][0] * network.layers[-2].get_weights()[0][:, 9]).reshape(144, 30).sum(axis=1)
        colours = pixels(image_named(page, "Where its products come from").locator("canvas"))
        red, green, blue, _ = colours.reshape(144, 4).T
        faded = np.round(255 * (1 - np.abs(votes) / np.abs(votes).max()))
        np.testing.assert_allclose(green, faded, atol=1)
        np.testing.assert_allclose(red, np.where(votes < 0, faded, 255), atol=1)
        np.testing.assert_allclose(blue, np.where(votes < 0, 255, faded), atol=1)
        for row, column in ((4, 5), (9, 9)):
            point(page, "Where its products come from", row, column, 12)
            text = page.get_by_text("products add up to").inner_text()
            np.testing.assert_allclose(numbers(text), [row, column, 30, votes[12 * row + column]], atol=6e-4)


class TestOutput:
    def check(self, page, layers, network, output):
        kernel, bias = network.layers[-1].get_weights()
        named, listed = check_table(page, layers["hidden"][0], kernel[:, output], bias[output])
        assert named == [f"hidden unit {index}" for index in listed]
        logits = layers["logits"][0].astype(float)
        powers = np.exp(logits)
        rows = [numbers(" ".join([name, *cells])) for name, cells in cells_of(page, ".le-scores tbody tr")]
        expected = np.stack([np.arange(10), logits, powers, 100 * layers["probabilities"][0]], axis=1)
        np.testing.assert_allclose(rows, expected, atol=6e-2)
        np.testing.assert_allclose(np.array(rows)[:, 1:3], expected[:, 1:3], rtol=6e-3, atol=6e-4)
        shown = numbers(total(page))
        want = [output, logits[output], powers[output], powers.sum(), 100 * powers[output] / powers.sum()]
        np.testing.assert_allclose(shown, want, rtol=6e-3, atol=6e-2)
        pressed = [button.get_attribute("aria-pressed") for button in page.locator(".le-scores button").all()]
        assert pressed == ["true" if digit == output else "false" for digit in range(10)]

    def test_outputs_are_chosen_by_mouse_touch_and_keyboard(self, open_layer, layers, network, digits):
        page = open_layer("output")
        self.check(page, layers, network, digits[1][0])  # the first label, to begin with
        outputs = [page.get_by_role("button", name=f"output {digit}") for digit in range(10)]
        for digit, press in ((9, outputs[9].click), (4, outputs[4].tap), (0, lambda: outputs[0].press("Enter"))):
            press()
            self.check(page, layers, network, digit)
        best = layers["probabilities"][0].argmax()
        assert "◀" in page.locator(".le-scores tbody tr").nth(best).inner_text()
        assert page.locator(".le-scores").inner_text().count("◀") == 1


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
        source = (HERE.parent / "frontend" / "arithmetic.js").read_text("utf-8")
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

    def test_a_missing_network_is_told_and_can_be_tried_again(self, open_page, make, widget_files):
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

    def test_a_network_that_does_not_fit_is_told(self, live, network):
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


def test_without_javascript_a_figure_and_a_table_stand_there(open_page, make, network, images):
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


@pytest.mark.parametrize("path", sorted(HERE.glob("*.js")), ids=lambda path: path.name)
def test_each_script_is_small(path):
    assert path.stat().st_size < 15_000
