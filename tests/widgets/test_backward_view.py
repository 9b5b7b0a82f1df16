"""BackwardView in a page without a kernel, and with a model: mouse, touch, keyboard; its numbers against TensorFlow."""

import gzip
import re

import numpy as np
import pytest
import traitlets
from canvas import pixels
from network_files import weights_for
from small_network import images, network, widget_files

from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference.backward_pass import gradients_of
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.backward_view import NUMBERS, BackwardView

__all__ = ["images", "network", "widget_files"]  # fixtures

PATH = [3, 17, 11, 12, 5, 2, 3]  # digit, unit, row, column, map, weight row, weight column
SHOWN = 6e-3  # of a number that is shown with three digits


@pytest.fixture(scope="module")
def make(digits, images, network):
    def make(**traits):
        return BackwardView(network, images, digits[1][:4], **traits)

    return make


@pytest.fixture
def page(open_page, make):
    """Open a page with one widget whose network is there."""
    page = open_page(make(), has_touch=True)
    page.locator(".bv-shown:not(.bv-unseen)").wait_for()
    return page


@pytest.fixture
def live(open_live, make):
    def open_(**traits):
        page = open_live(make(**traits))
        page.locator(".bv-shown:not(.bv-unseen)").wait_for()
        return page

    return open_


@pytest.fixture(scope="module")
def expected(network, images):
    """Return expected(index, label): the gradients of NumPy, which test_backward_pass.py compares with TensorFlow."""
    return lambda index, label: gradients_of(page_weights(network), images[index], label)


def number(text):
    """Return the number that a text ends with; 1.2 × 10⁻⁵ is one."""
    plain = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    text = re.sub(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda power: "e" + power[1].translate(plain), text.replace("−", "-"))
    return float(re.findall(r"[+-]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", text)[-1].replace(",", ""))


def steps(page):
    """Return what the chain says: {number: gradient}."""
    return {
        name: number(text)
        for name, text in zip(NUMBERS, page.locator(".bv-step .bv-gradient").all_inner_texts(), strict=True)
    }


def opened(page):
    return NUMBERS[[one == "true" for one in page.locator(".bv-step").evaluate_all(PRESSED)].index(True)]


PRESSED = "(buttons) => buttons.map((one) => one.getAttribute('aria-pressed'))"


def gradients_on(path, found):
    """Return the gradients of the numbers on a path."""
    digit, unit, row, column, map_, i, j = path
    place = (row // 2 * 12 + column // 2) * 30 + map_
    weights = found["weights"]
    return {
        "score": found["logits"][digit],
        "output weight": weights["output"][0][unit, digit],
        "unit": found["hidden"][unit],
        "hidden weight": weights["hidden"][0][place, unit],
        "pooling": found["pooling"].ravel()[place],
        "convolution": found["convolution"][row, column, map_],
        "filter weight": weights["convolution"][0][i, j, 0, map_],
    }


def state(page):
    """Return the traits that say what is open, once all that was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("({ path: fake.state.path, number: fake.state.number, changes: fake.state.changes })")


def settle(page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def readings(page):
    """Return the weight that is turned, the loss and the slope."""
    settle(page)
    return [number(text) for text in page.locator(".bv-reading b").all_inner_texts()]


def button(page, name):
    return page.locator(".bv-buttons").get_by_role("button", name=name)


def result(page):
    return page.locator(".bv-result").inner_text()


def cell(page, name, which=1):
    """Return the image of a column: its gradients, or with 0 its values."""
    return page.locator(f".bv-{name} .bw-framed").nth(which)


def click_at(locator, row, column, rows, columns):
    box = locator.bounding_box()
    locator.click(
        position={"x": box["width"] * (column + 0.5) / columns, "y": box["height"] * (row + 0.5) / rows}, force=True
    )


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
                    layer = found["weights"][{"filter": "convolution"}.get(name.split()[0], name.split()[0])][0]
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
            share = np.clip(values / most, -1, 1)
            fade = np.round(255 * (1 - np.abs(share)))
            assert np.abs(drawn[..., 1] - fade).max() <= 1
            assert ((drawn[..., 2] > drawn[..., 0]) <= (values < 0)).all()
            assert ((drawn[..., 2] < drawn[..., 0]) <= (values > 0)).all()

    def test_the_sum_is_that_of_its_parts_and_leads_to_them(self, live, expected, digits):
        page = live(path=PATH, number="unit")
        settle(page)
        page.locator(".bv-sum summary").click()
        for name in ("unit", "pooling", "filter weight"):
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
        page.evaluate("fake.change({ number: 'score' })")
        settle(page)
        assert page.locator(".bv-sum .bw-note").inner_text() == "This gradient is one product, not a sum."

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


class TestChoosing:
    def test_a_click_opens_a_number_and_the_pointer_previews_it(self, live):
        page = live(path=PATH)
        for name, rows, columns, place, path in (
            ("filter-weight", 5, 5, (0, 4), [3, 17, 11, 12, 5, 0, 4]),
            ("convolution", 24, 24, (6, 9), [3, 17, 6, 9, 5, 0, 4]),
            ("unit", 16, 8, (2, 7), [3, 23, 6, 9, 5, 0, 4]),
        ):
            target = cell(page, name)
            box = target.bounding_box()
            page.mouse.move(
                box["x"] + box["width"] * (place[1] + 0.5) / columns, box["y"] + box["height"] * (place[0] + 0.5) / rows
            )
            before = state(page)["path"]
            hint = page.locator(".bv-hint").inner_text()
            assert ("Unit 23" if name == "unit" else f"row {place[0]}, column {place[1]}") in hint
            assert before != path
            click_at(target, *place, rows, columns)
            assert state(page)["path"] == path
            assert opened(page) == name.replace("-", " ")
            page.mouse.move(0, 0)
            assert page.locator(".bv-hint").inner_text().startswith(hint.split(":")[0])
        click_at(cell(page, "pooling"), 4, 5, 12, 12)
        row, column = state(page)["path"][2:4]
        assert (row // 2, column // 2) == (4, 5)
        page.locator(".bv-two-sided .bv-bar").nth(7).click()
        assert state(page)["path"][0] == 7
        assert opened(page) == "score"
        page.locator(".bv-step").nth(3).click()
        assert state(page)["number"] == "hidden weight"
        page.get_by_role("button", name="Strongest").click()
        assert state(page)["path"] == []

    def test_a_click_on_the_frame_itself_opens_its_number(self, live):
        page = live(path=PATH, number="score")
        click_at(cell(page, "filter-weight"), 2, 3, 5, 5)
        assert state(page)["number"] == "filter weight"

    def test_a_finger_taps(self, page):
        target = cell(page, "unit")
        box = target.bounding_box()
        target.tap(position={"x": box["width"] * 3.5 / 8, "y": box["height"] * 5.5 / 16})
        settle(page)
        assert opened(page) == "unit"
        assert page.get_by_label("Unit", exact=True).input_value() == "43"

    def test_by_keyboard_alone(self, page):
        page.locator(".bv-draw").focus()
        page.keyboard.press("Tab")
        page.keyboard.press(
            "ArrowDown" if page.get_by_label("Right answer", exact=True).input_value() != "9" else "ArrowUp"
        )
        cell(page, "filter-weight").focus()
        page.keyboard.press("Enter")
        before = page.locator(".bv-step b").last.inner_text()
        page.keyboard.press("ArrowDown" if "row 0" in before else "ArrowUp")
        settle(page)
        assert opened(page) == "filter weight"
        assert page.locator(".bv-step b").last.inner_text() != before
        page.locator(".bv-two-sided").focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowDown")
        settle(page)
        assert opened(page) == "score"
        page.wait_for_function("document.querySelector('.bv .bw-live').textContent.startsWith('Score of ')")

    def test_another_digit_and_another_answer_give_other_gradients(self, page, expected, digits):
        page.get_by_role("radiogroup", name="digits").get_by_role("radio").nth(2).click()
        settle(page)
        label = int(digits[1][2])
        assert page.get_by_label("Right answer", exact=True).input_value() == str(label)
        loss = page.locator(".bv-loss b").first
        assert number(loss.inner_text()) == pytest.approx(expected(2, label)["loss"], rel=SHOWN)
        other = (label + 4) % 10
        page.get_by_label("Right answer", exact=True).select_option(str(other))
        settle(page)
        assert number(loss.inner_text()) == pytest.approx(expected(2, other)["loss"], rel=SHOWN)
        most = np.abs(expected(2, other)["weights"]["convolution"][0]).max()
        assert abs(steps(page)["filter weight"]) == pytest.approx(most, rel=SHOWN)  # the strongest path

    def test_before_anything_is_drawn_the_network_says_nothing(self, page):
        page.get_by_role("status").filter(has_text="The network says").first.wait_for(state="attached")
        page.get_by_role("button", name="Draw").click()
        page.locator(".bv-verdict", has_text="Nothing is drawn yet.").wait_for()

    def test_a_drawing_of_ones_own(self, live, network, digits):
        page = live()
        page.get_by_role("button", name="Draw").click()
        pad = page.locator(".bv-pad")
        box = pad.bounding_box()
        page.mouse.move(box["x"] + 80, box["y"] + 20)
        page.mouse.down()
        for y in range(20, 140, 10):
            page.mouse.move(box["x"] + 80, box["y"] + y)
        page.mouse.up()
        settle(page)
        strokes = page.evaluate("fake.state.strokes")
        assert len(strokes) == 1
        widget = BackwardView(strokes=strokes, index=-1)
        drawn = pixels(page.locator(".bv-cell canvas").first)[..., 0]
        assert np.abs(drawn - widget.image).max() <= 1
        assert drawn.max() > 200
        loss = gradients_of(page_weights(network), widget.image, int(digits[1][0]))["loss"]
        assert number(page.locator(".bv-loss b").first.inner_text()) == pytest.approx(loss, rel=SHOWN)
        pad.focus()
        for key in ("Delete", " ", "ArrowDown", "ArrowDown", " "):
            page.keyboard.press(key)
        settle(page)
        [line] = page.evaluate("fake.state.strokes")
        assert line == [[0.5, 0.2], [0.5, 0.25], [0.5, 0.3]]
        page.get_by_role("button", name="Undo stroke").click()
        assert page.evaluate("fake.state.strokes") == []


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

    def test_a_nudge_does_what_the_slope_foretold(self, live):
        page = live(path=PATH, number="output weight", label=8)
        first, loss, slope = readings(page)
        button(page, "Nudge").click()
        value, now, _ = readings(page)
        assert value == pytest.approx(first + 0.01, rel=SHOWN)
        change, foretold = (number(one) for one in re.findall(r": (\S+)\. The slope foretold (\S+)\.", result(page))[0])
        assert foretold == pytest.approx(0.01 * slope, rel=SHOWN)
        assert change == pytest.approx(foretold, rel=0.1)
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


class TestPlace:
    @pytest.mark.parametrize(("width", "height", "room"), [(390, 664, 608), (1280, 800, 744)])
    def test_a_control_and_its_feedback_are_on_one_screen(self, open_page, make, width, height, room):
        page = open_page(make(), viewport={"width": width, "height": height})
        page.locator(".bv-shown:not(.bv-unseen)").wait_for()

        def span(first, last):
            top, bottom = page.locator(first).bounding_box(), page.locator(last).bounding_box()
            return bottom["y"] + bottom["height"] - top["y"]

        assert span(".bv-figure", ".bv-chain ol") <= room
        assert span(".bv-chart", ".bv-result") <= room
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_nothing_moves_by_the_length_of_a_text(self, live):
        page = live()
        tops = "() => [...document.querySelectorAll('.bv-figure, .bv-step, .bv-slider')].map((one) => one.offsetTop)"
        settle(page)
        before = page.evaluate(tops)
        for path in (PATH, [9, 127, 23, 23, 29, 4, 4], []):
            for name in NUMBERS:
                page.evaluate("(change) => fake.change(change)", {"path": path, "number": name})
                settle(page)
                assert page.evaluate(tops) == before

    def test_on_a_narrow_page_nothing_is_cut_off(self, open_page, make):
        page = open_page(make(), viewport={"width": 320, "height": 700})
        page.locator(".bv-shown:not(.bv-unseen)").wait_for()
        page.locator(".bv-sum summary").click()
        page.get_by_role("button", name="Draw").click()
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

    def test_without_javascript_a_figure_and_a_chain_stand_there(self, open_page, make, expected, digits):
        page = open_page(make(), java_script_enabled=False)
        found = expected(0, int(digits[1][0]))
        assert f"the loss, {found['loss']:.3g}." in page.get_by_role("img").get_attribute("aria-label")
        gradients = [number(text) for text in page.locator("td:last-child").all_inner_texts()]
        assert abs(gradients[-1]) == pytest.approx(np.abs(found["weights"]["convolution"][0]).max(), rel=SHOWN)
        assert abs(gradients[0]) == pytest.approx(np.abs(found["logits"]).max(), rel=SHOWN)

    def test_two_on_a_page_do_not_disturb_each_other(self, open_page, make):
        page = open_page(make(), make(index=1))
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.locator(".bv-shown:not(.bv-unseen)").nth(1).wait_for()
        before = page.locator(".bv-loss b").first.inner_text()
        button(page, "Gradient descent").nth(1).click()
        settle(page)
        assert page.locator(".bv-loss b").first.inner_text() == before
        assert page.get_by_role("button", name="Undo", exact=False).evaluate_all("(l) => l.map((b) => b.disabled)") == [
            True,
            False,
        ]

    def test_a_network_of_the_readers_own_takes_the_place_and_the_changes_are_gone(self, page, images, digits):
        settings = {"filters": 6, "kernelSize": 4, "hiddenUnits": 21}
        other = build_model(filters=6, kernel_size=4, units=21)
        other.set_weights(weights_for(settings))
        page.get_by_label("Map", exact=True).select_option("29")
        button(page, "Gradient descent").click()
        page.evaluate(USE, [settings, [weight.ravel().tolist() for weight in other.get_weights()]])
        page.get_by_text(re.compile(r"^\d of 6$")).wait_for(state="attached")
        assert button(page, "Undo").is_disabled()
        loss = gradients_of(page_weights(other), images[0], int(digits[1][0]))["loss"]
        assert number(page.locator(".bv-loss b").first.inner_text()) == pytest.approx(loss, rel=SHOWN)


USE = """([settings, weights]) => mnistTutorial.useNetwork({
  settings, weights: weights.map((one) => Float32Array.from(one)), name: "mine",
})"""


class TestLive:
    def test_it_follows_what_python_sets(self, live, expected):
        page = live()
        page.evaluate("fake.change({ index: 3, label: 6, path: [], number: 'pooling' })")
        settle(page)
        found = expected(3, 6)
        assert number(page.locator(".bv-loss b").first.inner_text()) == pytest.approx(found["loss"], rel=SHOWN)
        assert opened(page) == "pooling"
        page.evaluate("fake.change({ changes: [{ kind: 'descent', label: 6, image: 3 }] })")
        settle(page)
        assert number(page.locator(".bv-loss b").first.inner_text()) < found["loss"]

    def test_a_network_of_other_sizes_and_one_without_numbers(self, live, images):
        other = build_model(filters=4, kernel_size=(9, 2), units=20)
        page = live(path=PATH)
        page.evaluate("(weights) => fake.change({ weights, path: [] })", page_weights(other))
        page.get_by_text(re.compile(r"^\d of 4$")).wait_for(state="attached")
        for name in NUMBERS:
            page.evaluate("(number) => fake.change({ number })", name)
            settle(page)
            assert not re.search("NaN|undefined|Infinity|no number", page.locator(".bv").inner_text())
        other.set_weights([np.nan * w for w in other.get_weights()])
        page.evaluate("(weights) => fake.change({ weights })", page_weights(other))
        page.get_by_text("its training has failed").wait_for()
        assert page.get_by_role("button", name="Try again").is_visible()

    def test_clean_up_leaves_no_listener(self, live):
        page = live()
        assert page.evaluate("fake.listening()") == 8
        page.evaluate("fake.hide()")
        assert page.evaluate("[fake.listening(), fake.outside()]") == [0, 0]


class TestPython:
    def test_an_index_brings_its_label_and_a_label_of_ones_own_stays(self, make, digits):
        widget = make(index=2)
        assert widget.label == digits[1][2]
        widget.label = 8
        assert widget.label == 8
        widget.index = 1
        assert widget.label == digits[1][1]
        widget.index = -1
        assert widget.label == digits[1][1]
        assert not widget.image.any()

    def test_traits_refuse_what_is_not_there(self, make):
        widget = make(index=1)
        descent = {"kind": "descent", "label": 3, "image": 0}
        for name, value, message in (
            ("index", 4, "index was given 4; it expects a whole number from -1 to 3"),
            ("label", 10, "label was given 10; it expects a whole number from 0 to 9"),
            ("number", "bias", "number was given 'bias'; it expects one of score, output weight"),
            ("path", [1, 2], r"path was given \[1, 2\]; it expects \[\] or \[digit, unit, row"),
            ("path", [0, 0, 24, 0, 0, 0, 0], "whole numbers from 0 to 9, 127, 23, 23, 29, 4, 4"),
            ("strokes", [[[2, 0]]], "strokes was given .* it expects a list of strokes"),
            ("changes", [{"kind": "momentum"}], "changes was given {'kind': 'momentum'}; it expects"),
            ("changes", [descent | {"image": 4}], "changes was given"),
            ("changes", [descent | {"label": True}], "changes was given"),
            ("changes", [{"kind": "set", "number": "unit", "index": 0, "value": 1}], "changes was given"),
            ("changes", [{"kind": "set", "number": "filter weight", "index": 750, "value": 1}], "changes was given"),
            ("undone", [{"kind": "set", "number": "filter weight", "index": 1, "value": np.nan}], "undone was given"),
            ("weights", {}, "weights expects what page_weights"),
        ):
            with pytest.raises(traitlets.TraitError, match=message):
                setattr(widget, name, value)
        good = [descent, descent | {"image": [[[0.5, 0.5]]]}]
        widget.changes = [*good, {"kind": "set", "number": "filter weight", "index": 749, "value": 1}]
        assert (widget.index, widget.path, len(widget.changes)) == (1, [], 3)

    def test_what_the_front_end_sends_is_taken_over(self, make):
        widget = make()
        widget.set_state({"index": 2, "label": 7, "path": PATH, "number": "unit"})
        assert (widget.index, widget.path, widget.number) == (2, PATH, "unit")

    def test_another_network_begins_anew(self, make):
        widget = make(path=PATH, changes=[{"kind": "adam", "label": 3, "image": 0}])
        widget.weights = page_weights(build_model(filters=4, units=10))
        assert (widget.changes, widget.path) == ([], [])

    def test_other_models_and_images_are_refused(self, images, digits):
        with pytest.raises(ValueError, match="BackwardView was given 'network'; it expects a Keras model"):
            BackwardView("network", images, digits[1][:4])
        with pytest.raises(ValueError, match="uint8"):
            BackwardView(images=images / 255, labels=digits[1][:4])
        with pytest.raises(ValueError, match="one whole number"):
            BackwardView(images=images, labels=[1])
        with pytest.raises(ValueError, match="was given 24 images; it expects 1 to 20"):
            BackwardView(images=np.repeat(images, 6, axis=0), labels=[1] * 24)

    def test_by_default_it_shows_a_drawn_three(self):
        widget = BackwardView()
        assert (widget.label, widget.labels) == (3, [3])

    def test_it_is_light(self, make):
        assert len(gzip.compress(make().page_html().encode())) < 60_000
        for path in (bundle.FOLDER / "backward_view").glob("*.js"):
            assert path.stat().st_size < 15_000
        script = bundle.page_script("backward_view")
        assert len(gzip.compress(script.encode())) < 40_000
