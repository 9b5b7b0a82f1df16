"""BackwardView's numbers: those that are told and shown, against NumPy's, which test_backward_pass.py compares."""

import re

import numpy as np
import pytest
from backward_view_page import (
    PATH,
    SHOWN,
    cell,
    expected,
    gradients_on,
    live,
    make,
    number,
    opened,
    page,
    settle,
    state,
    steps,
)
from canvas import check_signed, pixels
from small_network import images, network, widget_files

from mnist_tutorial.processing import process_images
from mnist_tutorial.reference.backward_pass import gradients_of
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.backward_view import BIASES, NUMBERS

__all__ = ["expected", "images", "live", "make", "network", "page", "widget_files"]  # fixtures


class TestNumbers:
    @pytest.mark.parametrize(("index", "label"), [(0, None), (1, 8), (3, 0)])
    def test_each_number_of_a_path_is_told_to_a_hundred_thousandth(self, live, expected, digits, index, label):
        page = live(index=index, label=label, path=PATH)
        label = int(digits[1][index]) if label is None else label
        for at, path in enumerate((PATH, [label, 3, 20, 8, 29, 0, 0], [9, 127, 0, 23, 0, 4, 4])):
            found = expected(index, label)
            page.evaluate("(path) => fake.change({ path })", path)
            for name, gradient in gradients_on(path, found).items():
                page.evaluate("(number) => fake.change({ number })", name)
                settle(page)
                key = {"score": "logits", "unit": "hidden"}.get(name, name)
                layer = found.get(key)
                if layer is None:
                    of, kind = name.split()
                    layer = found["weights"][{"filter": "convolution"}.get(of, of)][kind == "bias"]
                told = page.evaluate("fake.state.gradient")
                if gradient or at == 0:
                    assert told == pytest.approx(gradient, abs=1e-5 * np.abs(layer).max()), name
                assert opened(page) == name

    def test_the_page_shows_them_with_three_digits(self, page, expected, digits):
        page.get_by_label("Map", exact=True).select_option("5")
        page.get_by_label("Unit", exact=True).select_option("17")
        settle(page)
        shown = steps(page)
        found = expected(0, int(digits[1][0]))
        assert shown["unit"] == pytest.approx(found["hidden"][17], rel=SHOWN)
        assert number(page.locator(".bv-loss b").first.inner_text()) == pytest.approx(found["loss"], rel=SHOWN)
        for layer, name in (("convolution", "convolution"), ("pooling", "pooling")):
            drawn = pixels(cell(page, name).locator("canvas"))
            values = found[layer][..., 5]
            most = 0.7 * np.abs(found[layer]).max()
            check_signed(drawn, values, most)

    def test_the_sum_is_that_of_its_parts_and_leads_to_them(self, live, expected, digits):
        page = live(path=PATH, number="unit")
        settle(page)
        page.locator(".bv-sum summary").click()
        for name in ("unit", "pooling", "filter bias", "filter weight"):
            page.evaluate("(number) => fake.change({ number })", name)
            settle(page)
            rows = page.locator(".bv-sum tbody tr td:last-child").all_inner_texts()
            total = number(page.locator(".bv-sum tfoot td").inner_text())
            assert sum(map(number, rows)) == pytest.approx(total, rel=0.02, abs=1e-3)
            assert total == pytest.approx(gradients_on(PATH, expected(0, int(digits[1][0])))[name], rel=SHOWN)
        link = page.locator(".bv-link").first
        row, column = map(int, re.findall(r"\d+", link.inner_text()))
        link.click()
        assert state(page)["path"] == [3, 17, row, column, 5, 2, 3]

    def test_where_there_is_no_sum_there_is_none_to_open(self, live):
        page = live(path=PATH, number="unit")
        for name in (*NUMBERS, *BIASES):
            page.evaluate("(number) => fake.change({ number })", name)
            settle(page)
            has_sum = name in ("unit", "pooling", "filter weight", "filter bias")
            assert page.locator(".bv-sum summary").is_visible() == has_sum, name
            assert page.get_by_text("One product, not a sum").is_visible() != has_sum, name

    def test_factors_are_counted_and_gradients_beside_the_chain_are_no_factors(self, live, expected, digits):
        page = live(path=PATH)
        for name, parts in (
            ("filter weight", "1 aside 2 aside 3 4 5"),
            ("hidden weight", "1 aside 2 3 – – aside"),
            ("hidden bias", "1 aside 2 3 – – aside"),
            ("score", "1 aside – aside – – aside"),
        ):
            page.evaluate("(number) => fake.change({ number })", name)
            settle(page)
            assert page.locator(".bv-part").all_inner_texts() == parts.split()
            count = max(int(one) for one in parts.split() if one.isdigit())
            if count > 1:
                text = page.locator(".bv-product").inner_text()
                assert text.startswith(f"Factors 1 to {count}, along this path: ")
                product, total = text.removeprefix(f"Factors 1 to {count}, along this path: ").split(" = ")
                factors = [number(one) for one in re.split(r" × (?!10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", product)]
                assert len(factors) == count
                along = number(total.split(". ")[0])
                assert along == pytest.approx(np.prod(factors), rel=0.02, abs=1e-12)
                whole = gradients_on(PATH, expected(0, int(digits[1][0])))[name]
                assert number(total.rstrip(".")) == pytest.approx(whole, rel=SHOWN)
        side, factor = (page.locator(".bv-chain li").nth(i) for i in (1, 0))
        style = "(one) => getComputedStyle(one).borderLeftStyle"
        assert side.evaluate(style) != factor.evaluate(style)  # seen without colours

    def test_where_nothing_comes_back_it_says_why(self, live, network, images):
        import keras

        hidden = keras.Model(network.inputs, network.layers[-2].output)([process_images(images[:1])]).numpy()[0]
        shut = int(hidden.argmin())
        assert hidden[shut] == 0
        page = live(path=[3, shut, 11, 12, 5, 2, 3], number="unit")
        settle(page)
        assert steps(page)["unit"] == 0
        assert re.search(r"its sum is −\S+: ReLU is shut, × 0", page.locator(".bv-step").nth(2).inner_text())
        values = gradients_of(page_weights(network), images[0], 3)["layers"]["convolution"]
        blocks = values.reshape(12, 2, 12, 2, 30).transpose(0, 2, 4, 1, 3).reshape(12, 12, 30, 4)
        row, column, map_ = np.argwhere((blocks.max(axis=-1) > 0.05) & (blocks[..., 3] < blocks.max(axis=-1)))[0]
        path = [3, 17, 2 * int(row) + 1, 2 * int(column) + 1, int(map_), 0, 0]
        page.evaluate("(path) => fake.change({ path, number: 'convolution' })", path)
        settle(page)
        assert "not the largest of its four: × 0" in page.locator(".bv-step").nth(5).inner_text()
        assert steps(page)["convolution"] == 0
