"""BackwardView's weights: turned, nudged, trained by a step, checked, and put back."""

import re

import numpy as np
import pytest
from backward_view_page import (
    PATH,
    SHOWN,
    button,
    expected,
    gradients_on,
    live,
    make,
    number,
    opened,
    page,
    readings,
    result,
    settle,
    state,
)
from small_network import images, network, widget_files

from mnist_tutorial.processing import process_images
from mnist_tutorial.reference.backward_pass import gradients_of
from mnist_tutorial.reference.weights_format import page_weights

__all__ = ["expected", "images", "live", "make", "network", "page", "widget_files"]  # fixtures


class TestTurning:
    def loss(self, network, images, label, change):
        """Return the loss when a weight has been changed: change(weights)."""
        weights = [weight.copy() for weight in network.get_weights()]
        change(weights)
        form = page_weights(network)
        import keras

        other = keras.models.clone_model(network)
        other.set_weights(weights)
        form = page_weights(other)
        return gradients_of(form, images[0], label)["loss"]

    def test_dragging_moves_the_weight_and_all_that_follows(self, live, network, images):
        page = live(path=PATH, number="filter weight", label=8)
        first, loss, _ = readings(page)
        assert first == pytest.approx(network.get_weights()[0][2, 3, 0, 5], rel=SHOWN)
        curve = page.locator(".bv-curve").get_attribute("points")
        shares = page.locator(".bv-probabilities li").evaluate_all("(l) => l.map((one) => one.ariaLabel)")
        slider = page.get_by_role("slider")
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        for share in (0.6, 0.7, 0.9):
            page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        page.mouse.up()
        value, now, slope = readings(page)
        assert value == pytest.approx(first + 0.8, abs=0.1)
        exact = state(page)["changes"][0]["value"]
        assert now == pytest.approx(
            self.loss(network, images, 8, lambda weights: weights[0].__setitem__((2, 3, 0, 5), exact)), rel=SHOWN
        )
        assert now != loss
        assert len(state(page)["changes"]) == 1  # one drag
        assert page.locator(".bv-curve").get_attribute("points") == curve  # the weight moves on its curve
        dot = page.locator(".bv-dot")
        at = float(dot.get_attribute("cx")), float(dot.get_attribute("cy"))
        line = [list(map(float, point.split(","))) for point in curve.split()]
        assert np.interp(at[0], *np.transpose(line)) == pytest.approx(at[1], abs=0.5)
        x1, y1, x2, y2 = (float(page.locator(".bv-tangent").get_attribute(name)) for name in ("x1", "y1", "x2", "y2"))
        near = np.interp([at[0] - 4, at[0] + 4], *np.transpose(line))
        assert (y2 - y1) / (x2 - x1) == pytest.approx((near[1] - near[0]) / 8, abs=0.08)
        assert np.sign(y1 - y2) == np.sign(slope)
        assert page.locator(".bv-probabilities li").evaluate_all("(l) => l.map((one) => one.ariaLabel)") != shares
        button(page, "Undo").click()
        assert readings(page)[:2] == [first, loss]
        button(page, "Redo").click()
        assert readings(page)[:2] == [value, now]

    @pytest.mark.parametrize("name", ["output weight", "hidden weight", "filter weight"])
    def test_by_keyboard_each_kind_of_weight(self, live, name):
        page = live(path=PATH, number=name, label=8)
        first, loss, _ = readings(page)
        slider = page.get_by_role("slider")
        slider.focus()
        for key in ("PageUp", "ArrowRight", "ArrowUp", "ArrowLeft"):
            page.keyboard.press(key)
        value = readings(page)[0]
        width = {"output weight": 4, "hidden weight": 6, "filter weight": 2}[name]
        assert value == pytest.approx(first + 0.11 * width, abs=0.01)
        [change] = state(page)["changes"]
        assert change["number"] == name
        button(page, "Undo").click()
        assert readings(page)[:2] == [first, loss]

    @pytest.mark.parametrize(("name", "position"), [("output bias", 5), ("hidden bias", 3), ("filter bias", 1)])
    def test_a_bias_is_turned_like_a_weight(self, live, expected, network, images, name, position):
        page = live(path=PATH, number=name.replace("bias", "weight"), label=8)
        page.get_by_role("button", name="Turn its bias").click()
        assert state(page)["number"] == opened(page) == name
        at = {"output bias": 3, "hidden bias": 17, "filter bias": 5}[name]
        first, loss, slope = readings(page)
        assert first == pytest.approx(network.get_weights()[position][at], rel=SHOWN)
        assert slope == pytest.approx(gradients_on(PATH, expected(0, 8))[name], rel=SHOWN)
        button(page, "Check").click()
        assert "the bias ±" in result(page)
        assert "✓ They agree" in result(page)
        slider = page.get_by_role("slider", name="bias")
        slider.press("End")
        value, now, _ = readings(page)
        assert value > first
        [change] = state(page)["changes"]
        assert (change["number"], change["index"]) == (name, at)
        turned = self.loss(network, images, 8, lambda weights: weights[position].__setitem__(at, change["value"]))
        assert now == pytest.approx(turned, rel=SHOWN)
        assert now != loss
        button(page, "Undo").click()
        assert readings(page)[:2] == [first, loss]
        page.get_by_role("button", name="Turn its weight").click()
        assert opened(page) == name.replace("bias", "weight")

    def test_near_the_verdict_it_says_how_much_was_changed_and_resets_it(self, live, expected, network):
        page = live(path=PATH, number="output weight", label=8)
        changed = page.locator(".bv-changed")
        assert changed.inner_text().strip() == "None of its 555,158 parameters is changed."
        assert changed.get_by_role("button").count() == 0
        start = readings(page)
        button(page, "Nudge").click()
        assert "You changed 1 of 555,158 parameters." in changed.inner_text()
        page.get_by_role("radiogroup", name="digits").get_by_role("radio").nth(1).click()
        settle(page)
        assert "You changed 1 of 555,158 parameters." in changed.inner_text()
        page.get_by_role("radiogroup", name="digits").get_by_role("radio").nth(0).click()
        page.get_by_label("Right answer", exact=True).select_option("8")
        page.evaluate("(path) => fake.change({ path })", PATH)
        button(page, "Gradient descent").click()
        found = expected(0, 8)["weights"].values()
        moved = [
            (weights - 0.001 * gradient).astype("float32") != weights
            for weights, gradient in zip(network.get_weights(), [one for pair in found for one in pair], strict=True)
        ]
        count = int(re.search(r"You changed ([\d,]+) of", changed.inner_text())[1].replace(",", ""))
        assert count == pytest.approx(sum(one.sum() for one in moved), rel=2e-3)
        then = readings(page)
        reset = changed.get_by_role("button")
        reset.press("Enter")
        assert readings(page) == start
        assert "It is again as it was at first." in changed.inner_text()
        assert reset.evaluate("(one) => one === document.activeElement")
        page.wait_for_function(
            "document.querySelector('.bv .bw-live').textContent.startsWith('It is again as it was at first')"
        )
        assert button(page, "Undo").is_disabled()
        reset.press("Enter")  # which is "Redo all" now
        assert readings(page) == then
        assert len(state(page)["changes"]) == 2
        button(page, "Undo").click()
        button(page, "Undo").click()
        assert readings(page) == start

    def test_a_nudge_does_what_the_slope_predicted(self, live):
        page = live(path=PATH, number="output weight", label=8)
        first, loss, slope = readings(page)
        button(page, "Nudge").click()
        value, now, _ = readings(page)
        assert value == pytest.approx(first + 0.01, rel=SHOWN)
        said = re.findall(r": (\S+)\. The slope predicted (\S+)\.", result(page))[0]
        change, predicted = map(number, said)
        assert predicted == pytest.approx(0.01 * slope, rel=SHOWN)
        assert change == pytest.approx(predicted, rel=0.1)
        assert now == pytest.approx(loss + change, rel=SHOWN)

    @pytest.mark.parametrize(("kind", "name"), [("descent", "Gradient descent"), ("adam", "Adam")])
    def test_a_step_of_training_lowers_the_loss_and_can_be_undone(self, live, kind, name):
        page = live(index=1, label=8)
        _, loss, _ = readings(page)
        button(page, name).click()
        _, now, _ = readings(page)
        assert now < loss
        change = number(re.search(r": (\S+)\. ", result(page))[1])
        assert change == pytest.approx(now - loss, abs=0.02 * loss)
        assert state(page)["changes"] == [{"kind": kind, "label": 8, "image": 1}]
        button(page, name).click()
        assert readings(page)[1] < now
        button(page, "Undo").click()
        assert readings(page)[1] == now
        button(page, "Undo").press("Enter")
        assert readings(page)[1] == loss
        assert button(page, "Undo").is_disabled()
        assert button(page, "Redo").evaluate("(one) => one === document.activeElement")
        button(page, "Redo").click()
        assert readings(page)[1] == now

    @pytest.mark.parametrize("name", ["output weight", "filter weight"])
    def test_finite_differences_stand_beside_the_gradient(self, live, name):
        page = live(number=name, label=8)
        slope = readings(page)[2]
        button(page, "Check").click()
        text = result(page)
        backward, forward = (
            number(one) for one in re.findall(r"Backward pass: (\S+)\. Two forward passes.*?: (\S+)\. ", text)[0]
        )
        assert backward == slope
        assert forward == pytest.approx(slope, rel=1e-2)
        assert "✓ They agree" in text

    def test_where_a_relu_switches_over_the_two_numbers_differ_and_it_is_said(self, live, network, images):
        import keras

        pooling, sums = keras.Model(network.inputs, [network.layers[3].output, network.layers[4].output])(
            [process_images(images[:1])]
        )
        place, unit = int(np.argmax(pooling)), int(np.argmax(sums))
        kernel = network.get_weights()[2]
        value = float(np.float32(kernel[place, unit] - float(sums[0, unit]) / float(pooling[0, place])))  # a sum of 0
        row, column, map_ = np.unravel_index(place, (12, 12, 30))
        page = live(
            path=[3, unit, 2 * int(row), 2 * int(column), int(map_), 0, 0],
            number="hidden weight",
            label=8,
            changes=[{"kind": "set", "number": "hidden weight", "index": place * 128 + unit, "value": value}],
        )
        settle(page)
        button(page, "Check").click()
        assert "They differ: between the two, a ReLU or a maximum switches over." in result(page)
