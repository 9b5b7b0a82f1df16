"""BackwardView: numbers are chosen by mouse, touch and keyboard; what Python and the page tell each other."""

import gzip
import re

import numpy as np
import pytest
import traitlets
from backward_view_page import (
    PATH,
    SHOWN,
    cell,
    click_at,
    expected,
    live,
    make,
    number,
    opened,
    page,
    settle,
    state,
    steps,
)
from canvas import pixels
from small_network import images, network, widget_files

from mnist_tutorial.model import build_model
from mnist_tutorial.reference.backward_pass import gradients_of
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.backward_view import NUMBERS, BackwardView

__all__ = ["expected", "images", "live", "make", "network", "page", "widget_files"]  # fixtures


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

    def test_a_pixel_is_chosen_and_what_it_feeds_is_shown(self, live, images):
        page = live(path=PATH, number="score")
        image = page.get_by_role("application", name="Image; arrow keys choose a pixel")
        box = image.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 13.5 / 28, box["y"] + box["height"] * 20.5 / 28)
        value = images[0][20, 13] / 255
        hint = page.locator(".bv-hint").inner_text()
        assert hint.startswith("Pixel, row 20, column 13: value ")
        assert hint.endswith(" It feeds row 18, column 10 of the map.")
        assert number(hint.split(".  It")[0].split(" It")[0].rstrip(".")) == pytest.approx(value, rel=SHOWN)
        click_at(image, 20, 13, 28, 28)
        assert state(page) == {"path": [3, 17, 18, 10, 5, 2, 3], "number": "filter weight", "changes": []}
        assert f"× pixel {value:.3g}, + 575 places" in page.locator(".bv-step").last.inner_text()
        for place, path in (
            ((0, 27), [3, 17, 0, 23, 5, 0, 4]),  # where the map ends, another weight of the filter lies on the pixel
            ((27, 0), [3, 17, 23, 0, 5, 4, 0]),
        ):
            click_at(image, *place, 28, 28)
            assert state(page)["path"] == path
        image.focus()
        page.keyboard.press("ArrowRight")
        assert state(page)["path"] == [3, 17, 23, 1, 5, 4, 0]
        frame, pixel = (image.locator(one).bounding_box() for one in (".bv-window", ".bw-frame"))
        assert pixel["x"] - frame["x"] == pytest.approx(0, abs=0.5)
        assert frame["width"] == pytest.approx(5 * pixel["width"], abs=0.5)

    def test_it_says_from_where_it_counts(self, page):
        assert page.get_by_text("Rows, columns, maps and units are counted from 0.").is_visible()

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
            ("changes", [{"kind": "set", "number": "hidden bias", "index": 128, "value": 1}], "changes was given"),
            ("changes", [{"kind": "set", "number": "pooling bias", "index": 1, "value": 1}], "changes was given"),
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
        last = {"kind": "set", "index": 29, "value": 1}
        widget.changes = [*good, last | {"number": "filter weight", "index": 749}, last | {"number": "filter bias"}]
        assert (widget.index, widget.path, len(widget.changes)) == (1, [], 4)

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
