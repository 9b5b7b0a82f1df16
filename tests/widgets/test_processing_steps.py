"""ProcessingSteps in a page without a kernel: by mouse, touch and keyboard; its numbers against NumPy."""

import gzip
import re

import numpy as np
import pytest
import traitlets
from canvas import greys
from small_network import seeded_network

from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.reference import load_reference_model
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.processing_steps import ProcessingSteps

SOURCE = bundle.front_end(bundle.FOLDER / "processing_steps" / "processing_steps.js")
DECIMALS = {0: 1, 1: 3, 2: 5}  # of the last step, by how often it divides


@pytest.fixture
def images(digits):
    """Return three digits, the first with every value from 0 to 255."""
    chosen = digits[0][:3].copy()
    chosen[0].flat[:256] = np.arange(256)
    return chosen


@pytest.fixture
def widget(images, digits):
    return ProcessingSteps(images, digits[1][:3])


@pytest.fixture(scope="module")
def network():
    """Return the reference network."""
    return load_reference_model()


@pytest.fixture
def page(open_page, widget):
    return open_page(widget, has_touch=True)


@pytest.fixture
def live(open_live, widget):
    return open_live(widget)


def stages(image, divisions=1):
    """Return the image at each of the four steps, as the chapter makes them."""
    loaded = image
    reshaped = loaded.reshape(28, 28, 1)
    decimal = reshaped.astype("float32")
    scaled = decimal
    for _ in range(divisions):
        scaled = scaled / 255
    return [loaded, reshaped, decimal, scaled]


def text(value, step, divisions=1):
    return f"{value:.{(0, 0, 1, DECIMALS[divisions])[step]}f}"


def facts(array, step, divisions=1):
    low, high = (text(value, step, divisions) for value in (array.min(), array.max()))
    return [str(array.shape), str(array.dtype), f"{low} to {high}", f"{array.nbytes:,} bytes"]


def table(page):
    rows = page.locator(".ps-facts tbody tr")
    return [rows.nth(at).locator("td").all_inner_texts() for at in range(4)]


def step(page):
    return page.locator(".ps-steps [aria-current]").inner_text()


def numbers(page):
    return page.locator(".ps-number").all_inner_texts()


def place(page):
    return page.locator(".ps-place").inner_text()


def shown(page):
    """Return the grey levels that the page draws, (28, 28)."""
    return greys(page.locator(".ps-image canvas"))


# The steps.


def test_each_step_shows_shape_type_range_and_memory_and_what_changed(page, images):
    arrays = stages(images[0])
    assert [row[0] for row in table(page)] == facts(arrays[0], 0)
    for at in (1, 2, 3):
        page.get_by_role("button", name="next").click()
        before, now = facts(arrays[at - 1], at - 1), facts(arrays[at], at)
        expected = [[old, new if old == new else f"{new} ← changed"] for old, new in zip(before, now, strict=True)]
        assert table(page) == expected
    assert page.get_by_role("button", name="next").is_disabled()
    page.get_by_role("button", name="previous").click()
    assert step(page) == "3 float32"


def test_the_steps_are_reached_by_keyboard_and_by_touch(page, images):
    page.get_by_role("button", name="next").press("Enter")
    assert step(page) == "2 reshaped"
    page.get_by_role("button", name="4 scaled").press("Space")
    assert step(page) == "4 scaled"
    page.get_by_role("button", name="previous").tap()
    assert step(page) == "3 float32"
    page.get_by_role("button", name="1 loaded").tap()
    assert step(page) == "1 loaded"
    assert page.get_by_role("button", name="previous").is_disabled()
    assert [row[0] for row in table(page)] == facts(images[0], 0)


def test_the_code_of_each_step_does_what_the_page_says(page, images, widget):
    names = {"images": images}
    for at in range(4):
        page.locator(".ps-steps button").nth(at).click()
        exec(page.locator("p > code").first.inner_text(), names)
        array = widget.array(at)
        assert (names["image"] == array).all()
        assert (names["image"].shape, names["image"].dtype) == (array.shape, array.dtype)


def test_the_image_looks_the_same_at_every_step(page, images):
    for at in range(4):
        page.locator(".ps-steps button").nth(at).click()
        assert (shown(page) == images[0]).all()


def test_every_value_becomes_what_numpy_makes_of_it(open_page):
    source = re.sub(r"^export default.*", "return { textAt, valueAt };", SOURCE, flags=re.MULTILINE)
    found = open_page().evaluate(
        "(source) => { const { textAt, valueAt } = new Function(source)(); return [0, 1, 2].map((divisions) => "
        "[0, 1, 2, 3].map((step) => Array.from({ length: 256 }, (_, pixel) => "
        "[textAt(pixel, step, divisions), valueAt(pixel, step, divisions)]))); }",
        source,
    )
    every = np.resize(np.arange(256, dtype=np.uint8), 784).reshape(28, 28)
    for divisions in range(3):
        for at, array in enumerate(stages(every, divisions)):
            values = array.ravel()[:256]
            assert [one[0] for one in found[divisions][at]] == [text(value, at, divisions) for value in values]
            assert [one[1] for one in found[divisions][at]] == values.tolist()  # to the last bit of float32


# The pixel.


def test_the_pixel_under_the_pointer_is_followed_through_the_steps(page, images):
    page.get_by_role("button", name="4 scaled").click()
    box = page.locator(".ps-image").bounding_box()
    pixel = box["x"] + box["width"] * 10.5 / 28, box["y"] + box["height"] * 8.5 / 28
    page.mouse.move(*pixel)
    assert place(page) == "image[8, 10, 0]"
    page.mouse.click(*pixel)  # or the pixel would be another one on the way to a step
    assert numbers(page) == [text(array[8, 10].item(), at) for at, array in enumerate(stages(images[0]))]
    page.get_by_role("button", name="2 reshaped").click()
    value = str(images[0][8, 10])
    assert numbers(page) == [value, value, "…", "…"]
    page.get_by_role("button", name="1 loaded").click()
    assert place(page) == "image[8, 10]"


def test_arrow_keys_move_the_pixel_and_stop_at_the_edge(page, images):
    frame = page.locator(".ps-image")
    frame.focus()
    for key in ("ArrowUp", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert place(page) == "image[13, 15]"
    assert numbers(page)[0] == str(images[0][13, 15])
    for _ in range(30):
        page.keyboard.press("ArrowDown")
    assert place(page) == "image[27, 15]"
    left = page.locator(".bw-frame").evaluate("one => one.offsetLeft / one.parentElement.clientWidth")
    assert left == pytest.approx(15 / 28, abs=0.01)


def test_touch_chooses_a_pixel(page, images):
    frame = page.locator(".ps-image")
    box = frame.bounding_box()
    frame.tap(position={"x": box["width"] * 3.5 / 28, "y": box["height"] * 4.5 / 28})
    assert place(page) == "image[4, 3]"
    assert numbers(page)[0] == str(images[0][4, 3])


# The two mistakes.


def test_forgetting_to_divide_leaves_the_numbers_large_and_the_image_white(page, images):
    page.get_by_role("button", name="forget to divide").click()
    assert step(page) == "4 scaled"  # where it shows
    assert [row[1] for row in table(page)] == facts(stages(images[0], 0)[3], 3, 0)
    assert (shown(page) == np.where(images[0] > 0, 255, 0)).all()
    page.get_by_role("button", name="forget to divide").press("Enter")
    assert table(page)[2][1].startswith("0.000 to 1.000")


def test_dividing_twice_leaves_the_image_nearly_black(page, images):
    page.get_by_role("button", name="divide by 255 twice").tap()
    assert (
        table(page)[2][1].replace(" ← changed", "") == facts(stages(images[0], 2)[3], 3, 2)[2] == "0.00000 to 0.00392"
    )
    assert shown(page).max() == 1
    assert numbers(page)[3] == text(stages(images[0], 2)[3][14, 14, 0], 3, 2)
    page.get_by_role("button", name="forget to divide").tap()  # one mistake at a time
    pressed = page.locator("[aria-pressed]").evaluate_all("all => all.map((one) => one.getAttribute('aria-pressed'))")
    assert pressed == ["true", "false"]
    assert (shown(page) == np.where(images[0] > 0, 255, 0)).all()


# What the network says.


def said(page):
    """Return the digit that the network is said to answer, and its confidence as a share."""
    page.locator(".ps-digit", has_text=re.compile("[0-9]")).wait_for()
    share = page.locator(".ps-share").inner_text()
    return int(page.locator(".ps-digit").inner_text()), float(re.sub("[<>%]", "", share)) / 100


def keras_says(network, array):
    ten = network(array.reshape(1, 28, 28, 1).astype("float32")).numpy()[0]
    return ten.argmax(), pytest.approx(ten.max(), abs=0.003)  # the page's weights are rounded


def test_the_network_answers_to_the_numbers_of_each_step_as_keras_does(page, images, network):
    why = page.locator(".ps-why")
    assert why.inner_text()  # words, until the network is there
    for index in range(3):
        page.get_by_label("Image", exact=True).select_option(str(index))
        for at, array in enumerate(stages(images[index])):
            page.locator(".ps-steps button").nth(at).click()
            assert said(page) == keras_says(network, array)
        assert "confidence means something" in why.inner_text()
        page.get_by_role("button", name="divide by 255 twice").click()
        assert said(page) == keras_says(network, stages(images[index], 2)[3])
        assert "sees next to nothing" in why.inner_text()
        page.get_by_role("button", name="forget to divide").click()
        assert said(page) == keras_says(network, stages(images[index], 0)[3])
        assert "right or wrong" in why.inner_text()
        page.get_by_role("button", name="forget to divide").click()
    page.wait_for_function("document.querySelector('.bw-live').textContent.includes('The network says ')")


def test_python_tells_what_the_network_says_at_each_step(widget, images, network):
    for divisions in range(3):
        widget.divisions = divisions
        for at, array in enumerate(stages(images[0], divisions)):
            ten = network(array.reshape(1, 28, 28, 1).astype("float32")).numpy()[0]
            assert widget.probabilities(at) == pytest.approx(ten, abs=0.003)


def test_it_says_so_where_the_network_cannot_be_loaded(open_page, widget):
    page = open_page(widget)
    page.evaluate("() => { mnistTutorial.network = () => Promise.reject(new Error('There is no network here.')); }")
    page.get_by_role("button", name="2 reshaped").click()
    page.locator(".ps-why", has_text="There is no network here.").wait_for()
    assert page.locator(".ps-digit").inner_text() == "…"


def test_in_jupyter_it_asks_the_readers_own_network(open_live, images, digits):
    own, _ = seeded_network()
    live = open_live(ProcessingSteps(images, digits[1][:3], model=own))
    live.get_by_role("button", name="4 scaled").click()
    assert said(live) == keras_says(own, stages(images[0])[3])


# The image and the label.


def test_another_image_brings_its_label(page, images, widget):
    page.get_by_label("Image", exact=True).select_option("1")
    assert (shown(page) == images[1]).all()
    assert page.locator(".ps-hot").evaluate("one => one.cellIndex") == widget.labels[1]
    page.get_by_label("Image", exact=True).press("ArrowDown")
    assert (shown(page) == images[2]).all()


def one_hot_row(page):
    return [float(value) for value in page.locator(".ps-row td").all_inner_texts()]


def test_each_digit_becomes_one_hot_and_argmax_leads_back(page):
    for digit in range(10):
        page.locator(".ps-digits label").nth(digit).click()
        assert one_hot_row(page) == process_labels([digit])[0].tolist()
        argmax = np.argmax(one_hot_row(page))
        assert (
            f"the largest number in place {argmax}, so the label is {digit}." in page.locator("fieldset p").inner_text()
        )


def test_a_magnifier_that_follows_the_focus_finds_the_digit(page):
    for digit in range(10):
        inner = page.get_by_role("radio", name=str(digit), exact=True).bounding_box()
        outer = page.locator(".ps-digits label").nth(digit).bounding_box()
        assert (inner["x"], inner["y"]) == pytest.approx((outer["x"], outer["y"]), abs=2)
        assert (inner["width"], inner["height"]) == pytest.approx((outer["width"], outer["height"]), abs=2)


def test_the_digit_is_chosen_by_touch_and_by_arrow_keys(page):
    page.locator(".ps-digits label").nth(8).tap()
    assert one_hot_row(page)[8] == 1
    page.get_by_role("radio", name="8").focus()
    page.keyboard.press("ArrowRight")
    assert one_hot_row(page) == process_labels([9])[0].tolist()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert one_hot_row(page) == process_labels([7])[0].tolist()


# As all widgets.


def test_a_step_is_announced_once_it_comes_to_rest(page):
    page.get_by_role("button", name="3 float32").click()
    live = page.locator(".bw-live")
    page.wait_for_function("document.querySelector('.bw-live').textContent.includes('float32')")
    assert live.inner_text().startswith("float32: shape (28, 28, 1), float32, range 0.0 to 255.0.")


def test_two_on_a_page_do_not_disturb_each_other(open_page, widget, images, digits):
    page = open_page(widget, ProcessingSteps(images[1:], digits[1][1:3]))
    second = page.locator(".bw").nth(1)
    page.get_by_role("button", name="next").first.click()
    second.locator(".ps-digits label").nth(9).click()
    page.locator(".bw").nth(0).locator(".ps-digits label").nth(3).click()
    assert page.locator(".ps-steps [aria-current]").all_inner_texts() == ["2 reshaped", "1 loaded"]
    assert second.get_by_role("radio", name="9").is_checked()
    assert [one.evaluate("one => one.cellIndex") for one in page.locator(".ps-hot").all()] == [3, 9]


def test_it_fits_a_narrow_page_and_its_targets_are_large_enough(open_page, widget):
    page = open_page(widget, viewport={"width": 320, "height": 700})
    small = """() => [...document.querySelectorAll(".bw button, .bw select, .ps-digits label")]
      .map((one) => one.getBoundingClientRect()).filter((box) => box.width < 24 || box.height < 24).length"""
    for at in range(4):
        page.locator(".ps-steps button").nth(at).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate(small) == 0
    page.get_by_role("button", name="divide by 255 twice").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_javascript_a_table_of_the_steps_is_shown(open_page, widget, images):
    page = open_page(widget, java_script_enabled=False)
    rows = [row.split("\t") for row in page.locator("tbody tr").all_inner_texts()]
    for at, (row, array) in enumerate(zip(rows, stages(images[0]), strict=True)):
        assert row[1:4] == facts(array, at)[:3]
        ten = widget.probabilities(at)
        assert row[4:6] == [f"{array.nbytes:,}", text(array[14, 14].item(), at)]
        assert row[6] == f"{np.argmax(ten)}, {max(ten):.1%}"
    assert f"The largest number is in place {widget.labels[0]}." in page.locator("p").inner_text()


def test_the_page_follows_every_trait(live, images):
    for name, value in (("index", 2), ("step", 3), ("row", 3), ("column", 20), ("divisions", 2), ("label", 6)):
        live.evaluate("([name, value]) => fake.model.set(name, value)", [name, value])
    array = stages(images[2], 2)[3]
    assert step(live) == "4 scaled"
    assert place(live) == "image[3, 20, 0]"
    assert numbers(live)[3] == text(array[3, 20, 0], 3, 2)
    assert table(live)[2][1].startswith(facts(array, 3, 2)[2])
    assert live.get_by_label("Image", exact=True).input_value() == "2"
    assert one_hot_row(live)[6] == 1
    assert live.get_by_role("radio", name="6").is_checked()


def test_python_accepts_what_the_page_sets(live, widget, images):
    live.get_by_label("Image", exact=True).select_option("2")
    live.get_by_role("button", name="divide by 255 twice").click()
    live.locator(".ps-image").press("ArrowUp")
    live.locator(".ps-digits label").nth(4).click()
    names = ["index", "step", "row", "column", "divisions", "label"]
    state = live.evaluate("names => names.map((name) => fake.state[name])", names)
    assert state == [2, 3, 13, 14, 2, 4]
    for name, value in zip(names, state, strict=True):
        setattr(widget, name, value)
    assert (widget.array() == stages(images[2], 2)[3]).all()
    assert widget.one_hot().argmax() == 4
    assert live.evaluate("fake.saved") == 4


def test_it_comes_and_goes_without_leaving_anything(live):
    held = live.evaluate("fake.listening()")
    assert held == 7
    live.evaluate("fake.hide()")
    assert live.evaluate("fake.listening()") == 0
    live.evaluate("fake.show()")
    assert live.evaluate("fake.listening()") == held
    live.evaluate("fake.hide()")
    assert live.evaluate("fake.outside()") == 0
    assert live.evaluate("fake.listening()") == 0


def test_the_last_step_is_what_the_packages_function_makes(widget, images):
    for index in range(3):
        widget.index = index
        assert (widget.array(3) == process_images(images)[index]).all()
        assert widget.array(3).dtype == np.float32
        for at, array in enumerate(stages(images[index])):
            assert (widget.array(at) == array).all()


def test_it_begins_with_the_label_of_its_first_image(widget, images, digits):
    assert widget.label == digits[1][0]
    assert ProcessingSteps(images, digits[1][:3], label=9, index=2).label == 9


def test_traits_refuse_what_is_out_of_range(widget):
    for name, value in (("index", 3), ("step", 4), ("row", 28), ("column", -1), ("divisions", 3), ("label", 10)):
        with pytest.raises(traitlets.TraitError, match=f"{name} was given {value}; it expects a whole number from 0"):
            setattr(widget, name, value)


def test_images_of_another_form_are_refused(digits):
    images, labels = digits
    with pytest.raises(ValueError, match="before any processing"):
        ProcessingSteps(images[:3] / 255, labels[:3])
    with pytest.raises(ValueError, match="1 to 20"):
        ProcessingSteps(images, labels)
    with pytest.raises(ValueError, match="1 to 20"):
        ProcessingSteps(images[:0], labels[:0])
    with pytest.raises(ValueError, match="one whole number"):
        ProcessingSteps(images[:3], labels[:2])


def test_it_is_light(digits):
    widget = ProcessingSteps(digits[0][:20], digits[1][:20])
    assert len(gzip.compress(widget.page_html().encode())) < 60_000
    assert len((bundle.FOLDER / "processing_steps" / "processing_steps.js").read_bytes()) < 15_000


def test_the_corner_of_a_digit_chooses_that_digit(page):
    page.locator(".ps-digits label").first.click(position={"x": 5, "y": 5})
    assert page.get_by_role("radio", name="0", exact=True).is_checked()
