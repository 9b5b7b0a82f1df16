"""The layers in LayerExplorer: by mouse, touch and keyboard, and their numbers against Keras."""

import numpy as np
import pytest
from canvas import check_signed, greys, pixels
from layer_explorer_page import cells_of, grey, image_named, levels, make, numbers, open_layer, point, settle, total
from small_network import images, layers, network, widget_files

__all__ = ["images", "layers", "make", "network", "open_layer", "widget_files"]  # fixtures


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
        panel = page.locator(".le-frame")
        panel.get_by_label("Filter", exact=True).select_option("28")
        self.check(page, layers, network, images, 0, 28, 9, 9)
        following = panel.get_by_role("button", name="next filter")
        following.click()
        self.check(page, layers, network, images, 0, 29, 9, 9)
        assert following.is_disabled()
        panel.get_by_role("button", name="previous filter").tap()
        self.check(page, layers, network, images, 0, 28, 9, 9)
        maps = layers["convolution"][0]
        np.testing.assert_allclose(levels(page, "What filter 28 finds"), grey(maps[:, :, 28], maps), atol=1)

    def test_products_far_from_zero_light_up(self, open_layer, network, images):
        page = open_layer("convolution", filter=3, row=10, column=10)
        kernel = network.layers[0].get_weights()[0][:, :, 0, 3]
        products = (images[0, 10:15, 10:15] / 255 * kernel).ravel()
        lit = page.locator(".le-products td").evaluate_all("(all) => all.map((one) => one.matches('.le-lit'))")
        assert lit == list(np.abs(products) >= 0.05)
        assert any(lit)
        assert not all(lit)

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


class TestFilters:
    def check(self, page, layers, network, images, filters, row, column):
        kernel, bias = network.layers[0].get_weights()
        settle(page)
        maps = layers["convolution"][0]
        for side, filter_ in zip(page.locator(".le-filter").all(), filters, strict=True):
            products = (images[0, row : row + 5, column : column + 5] / 255 * kernel[:, :, 0, filter_]).sum()
            expected = [products, bias[filter_], products + bias[filter_], max(0, products + bias[filter_])]
            np.testing.assert_allclose(numbers(side.locator(".le-sum").inner_text()), expected, atol=6e-4)
            drawn = greys(side.get_by_role("application", name=f"Map of filter {filter_}").locator("canvas"))
            np.testing.assert_allclose(drawn, grey(maps[:, :, filter_], maps), atol=1)
            weights = side.get_by_role("img", name=f"Filter {filter_}: its weights")
            red, _, blue, _ = pixels(weights.locator("canvas")).reshape(25, 4).T
            shown = (red == 255).astype(int) - (blue == 255)
            own = kernel[:, :, 0, filter_].ravel()
            np.testing.assert_array_equal(shown[shown != 0], np.sign(own)[shown != 0])
            signs = weights.locator(".le-signs path").get_attribute("d")
            far = own[np.abs(own) > np.abs(own).max() / 5]
            assert (signs.count("M"), signs.count("v")) == (far.size, (far > 0).sum())

    def test_two_filters_see_the_same_window_and_each_is_chosen_for_its_side(self, open_layer, layers, network, images):
        page = open_layer("filters", filter=3, other=11, row=9, column=9)
        self.check(page, layers, network, images, (3, 11), 9, 9)
        page.get_by_role("radio", name="filter 4", exact=True).click()
        self.check(page, layers, network, images, (4, 11), 9, 9)
        page.keyboard.press("ArrowRight")
        self.check(page, layers, network, images, (5, 11), 9, 9)
        page.get_by_role("button", name="Right: filter 11").press("Enter")
        assert page.get_by_role("button", name="Right: filter 11").get_attribute("aria-pressed") == "true"
        settle(page)
        assert page.get_by_role("radio", name="filter 11", exact=True).is_checked()
        page.get_by_role("radio", name="filter 20").tap()
        self.check(page, layers, network, images, (5, 20), 9, 9)
        page.get_by_role("button", name="Left: filter 5").tap()
        page.get_by_role("radio", name="filter 28").click()
        self.check(page, layers, network, images, (28, 20), 9, 9)

    def test_the_window_moves_on_all_three_images(self, open_layer, layers, network, images):
        page = open_layer("filters", filter=3, other=11)
        for name, (row, column), (down, across), side in (
            ("The digit", (12, 9), (14, 11), 28),
            ("Map of filter 3", (5, 20), (5, 20), 24),
            ("Map of filter 11", (20, 2), (20, 2), 24),
        ):
            point(page, name, down, across, side)
            self.check(page, layers, network, images, (3, 11), row, column)


class TestPlaying:
    """With a clock that goes on only when the test says so."""

    def place(self, page, columns=24):
        """Return where the frame of the last image is, in reading order."""
        share = (
            page.get_by_role("application")
            .last.locator(".bw-frame")
            .evaluate("(one) => [one.style.top, one.style.left].map(parseFloat)")
        )
        row, column = (round(one * columns / 100) for one in share)
        return row * columns + column

    def left_open(self, page, columns=24):
        """Return how many places of the last image are not covered."""
        below, beside = (
            (one.evaluate("(one) => [one.hidden, ...one.style.inset.split(' ').map(parseFloat)]"))
            for one in page.get_by_role("application").last.locator(".le-cover").all()
        )
        assert below[0] == beside[0]
        if below[0]:
            return columns**2
        rows, full = (round(one * columns / 100) for one in (below[1], beside[4]))
        assert round(beside[1] * columns / 100) == rows - 1
        return (rows - 1) * columns + full

    def begin(self, page):
        page.clock.install(time=0)
        page.clock.pause_at(1000)
        page.get_by_role("button", name="Play").click()

    @pytest.mark.parametrize(("layer", "columns"), [("convolution", 24), ("filters", 24), ("pooling", 12)])
    def test_the_window_slides_and_the_map_fills_in_up_to_it(self, open_layer, layer, columns):
        page = open_layer(layer, row=8, column=8)
        assert self.left_open(page, columns) == columns**2
        self.begin(page)
        page.clock.run_for(2000)
        place = self.place(page, columns)
        assert 36 <= place <= 40  # 20 a second
        assert self.left_open(page, columns) == place + 1
        page.get_by_role("button", name="Pause").press("Enter")
        page.clock.run_for(1000)
        assert self.place(page, columns) == place
        page.get_by_role("button", name="Step").click()
        page.clock.run_for(50)
        assert self.left_open(page, columns) == self.place(page, columns) + 1 == place + 2
        page.get_by_label("Speed").select_option("slow")
        page.get_by_role("button", name="Play").click()  # goes on from there
        page.clock.run_for(2000)
        assert place + 4 <= self.place(page, columns) <= place + 5
        page.get_by_label("Speed").select_option("fast")
        page.clock.run_for(columns**2 / 120 * 1000 + 500)
        assert self.place(page, columns) == columns**2 - 1
        assert self.left_open(page, columns) == columns**2
        assert page.get_by_role("button", name="Play").is_visible()
        page.get_by_role("button", name="Step").click()  # begins once more
        page.clock.run_for(50)
        assert self.place(page, columns) == 0
        assert self.left_open(page, columns) == 1
        page.get_by_role("button", name="Whole map").click()
        page.clock.run_for(50)
        assert (self.place(page, columns), self.left_open(page, columns)) == (0, columns**2)

    def test_the_numbers_are_those_of_the_window(self, open_layer, layers):
        page = open_layer("convolution", filter=3)
        self.begin(page)
        for _ in range(3):
            page.clock.run_for(3300)
            row, column = divmod(self.place(page), 24)
            shown = numbers(page.locator(".le-sum").inner_text())
            assert shown[-1] == pytest.approx(layers["convolution"][0, row, column, 3], abs=6e-4)
        assert row > 6

    def test_the_mouse_passes_and_a_click_or_a_key_takes_over(self, open_layer):
        page = open_layer("convolution")
        self.begin(page)
        page.clock.run_for(1000)
        point(page, "The digit", 20, 20, 28)
        page.clock.run_for(50)
        assert self.place(page) < 25
        page.mouse.down()
        page.clock.run_for(50)
        assert page.get_by_role("button", name="Play").is_visible()
        assert self.place(page) == 18 * 24 + 18
        page.mouse.up()
        page.get_by_role("button", name="Play").click()
        page.clock.run_for(1000)
        assert self.place(page) > 18 * 24 + 18
        image_named(page, "What filter 0 finds").press("ArrowUp")
        page.clock.run_for(50)
        assert page.get_by_role("button", name="Play").is_visible()
        assert self.left_open(page) == self.place(page) + 1

    def test_out_of_sight_it_pauses(self, open_layer):
        page = open_layer("convolution")
        page.evaluate("document.body.append(Object.assign(document.createElement('p'), {style: 'height: 5000px'}))")
        page.get_by_role("button", name="Play").click()
        page.evaluate("scrollTo(0, 5000)")
        page.get_by_role("button", name="Play").wait_for()


class TestPooling:
    def check(self, page, layers, filter_, row, column):
        four = layers["convolution"][0, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2, filter_].ravel()
        shown = numbers(total(page))
        np.testing.assert_allclose(shown[:5], [*four, four.max()], atol=6e-4)
        assert shown[5:] == [row, column]
        np.testing.assert_allclose(shown[4], layers["pooling"][0, row, column, filter_], atol=6e-4)
        cells = page.locator(".le-frame .bw-numbers td")
        assert cells.evaluate_all("(l) => l.findIndex((c) => c.classList.contains('bw-marked'))") == four.argmax()
        ring = page.locator(".le-largest").evaluate("(one) => [one.style.top, one.style.left].map(parseFloat)")
        place = [2 * row + four.argmax() // 2, 2 * column + four.argmax() % 2]
        np.testing.assert_allclose(np.array(ring) * 24 / 100, place, atol=0.01)

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
        page.locator(".le-frame").get_by_role("button", name="next filter").press("Enter")
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
        counts = numbers(page.locator(".le-frame p", has_text="dropped, and").inner_text())
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
        page.locator(".le-frame").get_by_label("Filter", exact=True).select_option("29")
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


def check_table(page, inputs, weights, bias):
    """Check the bars and the table of one unit's sum; return the names of the table's rows, and what they list."""
    products = inputs.astype(float) * weights
    order = np.argsort(-products)
    listed = [*order[:4], *order[::-1][:4]]
    assert products[order[3]] > 0 > products[order[-4]]
    if not page.locator("details").evaluate("(one) => one.open"):
        page.locator("summary").press("Enter")
        page.locator("details tbody tr").first.wait_for()
    rows = cells_of(page, ".bw-table:not(.le-scores) tbody tr")
    bars = [numbers(text)[0] for text in page.locator(".le-balance b").all_inner_texts()]
    parts = [products[products > 0].sum(), products[products < 0].sum(), bias, products.sum() + bias]
    np.testing.assert_allclose(bars, parts, atol=6e-4)
    widths = page.locator(".le-scale span").evaluate_all(
        "(all) => all.map((one) => parseFloat(one.style.width) * (one.matches('.le-minus') ? -1 : 1))"
    )
    np.testing.assert_allclose(widths, np.array(parts) / np.abs(parts).max() * 50, atol=0.01)
    sides = page.locator(".le-scale span").evaluate_all("(all) => all.map((one) => parseFloat(one.style.left))")
    np.testing.assert_allclose(sides, 50 + np.minimum(0, widths), atol=0.01)
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

    def test_the_table_waits_until_it_is_asked_for(self, open_layer, layers, network):
        page = open_layer("hidden", unit=9)
        assert page.locator("details tr").count() == 1  # its head
        self.check(page, layers, network, 9)
        assert page.locator("details").evaluate("(one) => one.open")

    def test_the_units_and_the_pixels_votes_are_drawn(self, open_layer, layers, network):
        page = open_layer("hidden", unit=9)
        hidden = layers["hidden"][0]
        expected = np.floor(hidden.reshape(8, 16) * (255 / hidden.max()) + 0.5)
        np.testing.assert_allclose(levels(page, "The 128 hidden units"), expected, atol=1)
        votes = (layers["flatten"][0] * network.layers[-2].get_weights()[0][:, 9]).reshape(144, 30).sum(axis=1)
        colours = pixels(image_named(page, "Where its products come from").locator("canvas"))
        check_signed(colours.reshape(144, 4), votes)
        signs = image_named(page, "Where its products come from").locator(".le-signs path").get_attribute("d")
        far = votes[np.abs(votes) > np.abs(votes).max() / 5]
        assert (signs.count("M"), signs.count("v")) == (far.size, (far > 0).sum())
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

    def test_what_each_hidden_unit_adds_is_drawn_and_said(self, open_layer, layers, network):
        page = open_layer("output", output=3)
        products = layers["hidden"][0] * network.layers[-1].get_weights()[0][:, 3]
        colours = pixels(image_named(page, "Added to the score of 3").locator("canvas"))
        check_signed(colours.reshape(128, 4), products)
        box = image_named(page, "Added to the score of 3").bounding_box()
        strongest = int(np.abs(products).argmax())
        row, column = divmod(strongest, 16)
        page.mouse.move(box["x"] + box["width"] * (column + 0.5) / 16, box["y"] + box["height"] * (row + 0.5) / 8)
        settle(page)
        said = numbers(page.locator(".le-vote").inner_text())
        np.testing.assert_allclose(said, [strongest, products[strongest]], atol=6e-4)
