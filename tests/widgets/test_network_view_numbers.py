"""NetworkView's parts, opened by mouse, touch and keyboard: each number that they show is Keras's."""

import re

import numpy as np
import pytest
from canvas import check_signed
from network_view_page import (
    CLOSE,
    cell,
    detail,
    image_of,
    levels,
    make,
    numbers,
    page,
    sums,
    title,
)
from small_network import images, layers, network, widget_files

__all__ = ["images", "layers", "make", "network", "page", "widget_files"]  # fixtures


class TestConvolution:
    def check(self, page, layers, network, images, place):
        row, column, filter_ = place
        kernel, bias = (values[..., filter_] for values in network.layers[0].get_weights())
        window = images[0, row : row + 5, column : column + 5] / 255
        products = window * kernel[:, :, 0]
        assert title(page) == f"Convolution, map {filter_}, row {row}, column {column}"
        [[count, *shown]] = sums(page)
        assert count == 25
        value = layers["convolution"][0, row, column, filter_]
        np.testing.assert_allclose(shown, [products.sum(), bias, products.sum() + bias, value], **CLOSE)
        assert shown[0] + shown[1] == pytest.approx(shown[2], abs=1.5e-3)
        tables = detail(page).locator("table")
        for position, expected in enumerate((window, kernel[:, :, 0], products)):
            cells = [numbers(text)[0] for text in tables.nth(position).locator("td").all_inner_texts()]
            np.testing.assert_allclose(cells, expected.ravel(), atol=6e-3)

    def test_a_map_opens_where_it_is_brightest_and_any_pixel_of_it_after(self, page, layers, network, images):
        image_of(page, "convolution").click(position=cell(page, image_of(page, "convolution"), 4, 2, 10, 3))
        place = np.unravel_index(layers["convolution"][0, :, :, 14].argmax(), (24, 24))
        self.check(page, layers, network, images, (*place, 14))
        image = detail(page).get_by_role("application", name="Map 14")
        image.click(position=cell(page, image, 10, 7, 24, 24))
        self.check(page, layers, network, images, (10, 7, 14))
        digit = detail(page).get_by_role("application", name="The image")
        digit.click(position=cell(page, digit, 12, 13, 28, 28))  # the window's middle
        self.check(page, layers, network, images, (10, 11, 14))
        digit.press("ArrowUp")
        digit.press("ArrowRight")
        self.check(page, layers, network, images, (9, 12, 14))
        detail(page).get_by_role("button", name="next map").click()
        self.check(page, layers, network, images, (9, 12, 15))
        detail(page).get_by_label("Map", exact=True).select_option("29")
        self.check(page, layers, network, images, (9, 12, 29))

    def test_arrow_keys_go_from_map_to_map(self, page):
        image_of(page, "convolution").focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
            page.keyboard.press(key)
        assert title(page).startswith("Convolution, map 10,")
        page.wait_for_function("document.querySelector('.bw-live').textContent.startsWith('Convolution, map 10,')")

    def test_moving_the_mouse_opens_nothing(self, page):
        page.mouse.move(*[side + 20 for side in [*image_of(page, "pooling").bounding_box().values()][:2]])
        assert detail(page).count() == 0


class TestPooling:
    def test_the_largest_of_four_and_where_it_comes_from(self, page, layers, network, images):
        image_of(page, "pooling").tap(position=cell(page, image_of(page, "pooling"), 0, 2, 10, 3))
        pooled = layers["pooling"][0, :, :, 2]
        row, column = np.unravel_index(pooled.argmax(), pooled.shape)
        assert title(page) == f"Pooling, map 2, row {row}, column {column}"
        result = detail(page).get_by_role("application", name="Map 2 after")
        result.press("ArrowUp" if row > 5 else "ArrowDown")
        row += -1 if row > 5 else 1
        four = layers["convolution"][0, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2, 2].ravel()
        np.testing.assert_allclose(sums(page), [[*four, pooled[row, column]]], **CLOSE)
        cells = detail(page).locator("td").all_inner_texts()
        np.testing.assert_allclose([numbers(text)[0] for text in cells], four, atol=6e-3)
        detail(page).get_by_role("button", name="Where").click()
        place = (2 * row + four.argmax() // 2, 2 * column + four.argmax() % 2, 2)
        TestConvolution().check(page, layers, network, images, place)
        assert page.evaluate("document.activeElement.textContent") == title(page)


class TestHidden:
    def check(self, page, layers, network, unit):
        kernel, bias = network.layers[-2].get_weights()
        products = layers["flatten"][0] * kernel[:, unit]
        assert title(page) == f"Hidden unit {unit}"
        total = products.sum(dtype=float) + bias[unit]
        np.testing.assert_allclose(sums(page), [[4320, total - bias[unit], bias[unit], total, max(0, total)]], **CLOSE)
        np.testing.assert_allclose(sums(page)[0][-1], layers["hidden"][0, unit], **CLOSE)
        rows = [row.inner_text() for row in detail(page).locator("tbody tr").all()]
        ranked = np.argsort(-products, kind="stable")
        for shown, index in zip(rows[1:6] + rows[7:12], [*ranked[:5], *ranked[:-6:-1]], strict=True):
            row, column, map_ = np.unravel_index(index, (12, 12, 30))
            *place, value, weight, product = numbers(shown)
            assert place == [map_, row, column]
            expected = [layers["flatten"][0, index], kernel[index, unit], products[index]]
            np.testing.assert_allclose([value, weight, product], expected, **CLOSE)
        named = sum(numbers(row)[-1] for row in rows[1:6] + rows[7:12])
        rest, bias_shown, sum_shown = (numbers(row)[-1] for row in rows[12:])
        assert named + rest + bias_shown == pytest.approx(sum_shown, abs=7e-3)
        assert sum_shown == pytest.approx(total, abs=6e-4)
        votes = products.reshape(144, 30).sum(axis=1)
        drawn = levels(detail(page).locator(".nv-votes canvas"))
        check_signed(drawn, votes)
        most = np.abs(votes).argmax()
        caption = detail(page).locator(".nv-votes .bw-note").inner_text()
        assert numbers(caption)[-3:] == [most // 12, most % 12, pytest.approx(votes[most], abs=6e-4)]

    def test_a_unit_is_a_sum_of_4320_products(self, page, layers, network):
        image_of(page, "hidden").click(position=cell(page, image_of(page, "hidden"), 13, 1, 32, 4))
        self.check(page, layers, network, 53)
        image_of(page, "hidden").press("ArrowDown")
        self.check(page, layers, network, 65)  # twelve in a row
        detail(page).get_by_role("button", name="previous unit").tap()
        self.check(page, layers, network, 64)

    @pytest.mark.parametrize("width", [390, 720, 1280])
    def test_every_number_of_the_sum_stays_inside_its_part(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        image_of(page, "hidden").press("ArrowRight")
        right = "(one) => one.getBoundingClientRect().right"
        edge = detail(page).evaluate(right)
        assert all(cell.evaluate(right) <= edge for cell in detail(page).locator(".nv-wide td").all())

    def test_a_part_of_the_sum_leads_back_to_where_it_comes_from(self, page):
        image_of(page, "hidden").press("ArrowRight")
        part = detail(page).get_by_role("button", name="map").first
        place = part.get_attribute("aria-label")
        assert re.findall(r"\d+", part.inner_text()) == re.findall(r"\d+", place)
        part.press("Enter")
        assert title(page) == f"Pooling, {place}"
        assert page.evaluate("document.activeElement.textContent") == title(page)


class TestOutput:
    def check(self, page, layers, network, digit):
        kernel, bias = network.layers[-1].get_weights()
        logits, shares = layers["logits"][0], layers["probabilities"][0]
        products = layers["hidden"][0] * kernel[:, digit]
        assert title(page) == f"Output {digit}"
        score, softmax = sums(page)
        np.testing.assert_allclose(score, [128, products.sum(), bias[digit], logits[digit]], **CLOSE)
        powers = np.exp(logits.astype(float))
        np.testing.assert_allclose(softmax[:3], [powers[digit], powers.sum(), shares[digit]], rtol=6e-3)
        assert softmax[3] == pytest.approx(100 * shares[digit], abs=0.06)
        parts = detail(page).locator(".nv-wide tbody tr")
        first = numbers(parts.nth(1).inner_text())
        unit = products.argmax()
        expected = [unit, layers["hidden"][0, unit], kernel[unit, digit], products[unit]]
        np.testing.assert_allclose(first, expected, **CLOSE)
        scores = [numbers(text) for text in detail(page).locator(".nv-scores tbody tr").all_inner_texts()]
        np.testing.assert_allclose([row[1] for row in scores], logits, **CLOSE)
        np.testing.assert_allclose([row[2] for row in scores], powers, rtol=6e-3)
        assert sum(row[2] for row in scores) == pytest.approx(powers.sum(), rel=6e-3)

    def test_a_score_becomes_a_probability(self, page, layers, network):
        page.get_by_role("radio", name="4:").click()
        self.check(page, layers, network, 4)
        page.keyboard.press("ArrowDown")
        self.check(page, layers, network, 5)
        page.get_by_role("radio", name="9:").tap()
        self.check(page, layers, network, 9)
        best = detail(page).get_by_role("button", name="hidden unit").first
        name = best.inner_text()
        best.click()
        assert title(page) == name.capitalize()

    @pytest.mark.parametrize("key", ["Enter", "Escape"])
    def test_it_can_be_closed_again(self, page, key):
        page.get_by_role("radio", name="4:").click()
        detail(page).get_by_role("button", name="Close").press(key)
        assert detail(page).count() == 0
        assert page.get_by_role("radio", name="0:").evaluate("(radio) => radio === document.activeElement")
