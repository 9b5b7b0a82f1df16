"""SampleInspector in a page without a kernel: by mouse, touch and keyboard."""

import numpy as np
import pytest
import traitlets
from canvas import all_pixels, check_signed
from wording import a_digit

from mnist_tutorial.widgets.sample_inspector import SampleInspector


@pytest.fixture
def widget(digits):
    return SampleInspector(*digits, per_digit=5)


@pytest.fixture
def page(open_page, widget):
    return open_page(widget, has_touch=True)


def reading(page):
    return page.locator(".si-reading").inner_text()


def test_it_reads_the_pixel_under_the_pointer(page, widget):
    frame = page.locator(".si-image")
    box = frame.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 10.5 / 28, box["y"] + box["height"] * 12.5 / 28)
    image = widget.image()
    assert f"Row 12, column 10: value {image[12, 10]}," in reading(page)
    shown = page.locator(".si-numbers td").all_inner_texts()
    assert [int(text) for text in shown] == image[10:15, 8:13].ravel().tolist()


def test_arrow_keys_move_the_cursor_and_stop_at_the_edge(page):
    page.locator(".si-image").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert "Row 13, column 15" in reading(page)
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    assert "Row 13, column 0" in reading(page)
    assert page.locator(".si-numbers td").first.inner_text() == ""  # outside the image there are no values


def test_touch_reads_a_pixel(page):
    frame = page.locator(".si-image")
    box = frame.bounding_box()
    frame.tap(position={"x": box["width"] * 3.5 / 28, "y": box["height"] * 4.5 / 28})
    assert "Row 4, column 3" in reading(page)


def test_samples_are_stepped_by_buttons_and_by_the_slider_with_arrow_keys(page, widget):
    caption = page.locator(".si-caption")
    page.get_by_role("button", name="next").click()
    assert f"Sample 2 of {len(widget.labels)}: label {widget.labels[1]} " in caption.inner_text()
    page.get_by_role("slider", name="Sample").press("ArrowRight")
    assert "Sample 3 of" in caption.inner_text()
    page.get_by_role("slider", name="Sample").press("End")
    assert page.get_by_role("button", name="next").is_disabled()


def test_the_filter_leaves_one_digit_and_shows_its_average(page, widget, digits):
    page.get_by_label("Show", exact=True).select_option("only 7")
    assert "Sample 1 of 5: label 7" in page.locator(".si-caption").inner_text()
    assert page.get_by_text("The average 7").is_visible()
    page.locator(".si-image").focus()
    average = digits[0][digits[1] == 7].mean(axis=0).round().astype(int)
    assert f"average {average[14, 14]}" in reading(page)


def drawn(page, name):
    """Return the colours of an image, (28, 28, 3), from 0 to 255."""
    return all_pixels(page.locator(f".{name} canvas"))[0].reshape(28, 28, -1)[..., :3].astype(int)


def is_drawn(page, difference):
    """Check the difference: red for more, blue for less, the stronger the larger it is."""
    check_signed(all_pixels(page.locator(".si-difference canvas"))[0], difference, most=255)


def test_the_difference_from_the_average_is_drawn_in_colour(page, widget, digits):
    average = digits[0][digits[1] == widget.labels[0]].mean(axis=0).round().astype(int)
    assert (drawn(page, "si-other")[..., 0] == average).all()
    assert (widget.difference() == widget.image().astype(int) - average).all()
    is_drawn(page, widget.difference())
    page.get_by_role("button", name="next").click()
    widget.index = 1
    is_drawn(page, widget.difference())


def test_two_digits_are_compared_side_by_side(page, widget):
    against, another = page.get_by_label("Compare with"), page.get_by_role("button", name="another one")
    assert another.is_disabled()
    for digit in (7, widget.labels[0]):
        against.select_option(a_digit(digit))
        held = [place for place, label in enumerate(widget.labels) if label == digit and place != 0]
        for place in (held[0], held[1]):
            widget.other = place
            image = np.frombuffer(widget.images, dtype=np.uint8).reshape(-1, 28, 28)[place]
            assert (drawn(page, "si-other")[..., 0] == image).all()
            is_drawn(page, widget.difference())
            another.tap()
    assert page.locator(".si-title").all_inner_texts() == [f"A{a_digit(widget.labels[0])[1:]}"] * 2 + ["Difference"]
    page.locator(".si-difference").press("ArrowUp")
    value, other = (
        widget.image()[13, 14],
        np.frombuffer(widget.images, dtype=np.uint8).reshape(-1, 28, 28)[held[2], 13, 14],
    )
    text = f"value {value}, other {other}, difference {int(value) - int(other):+}".replace("-", "−").replace("+0", "0")
    assert reading(page) == f"Row 13, column 14: {text}"
    against.select_option("its average")
    assert page.get_by_text(f"The average {widget.labels[0]}").is_visible()


def test_two_on_a_page_do_not_disturb_each_other(open_page, digits):
    page = open_page(SampleInspector(*digits, per_digit=2), SampleInspector(*digits, per_digit=3))
    page.get_by_role("button", name="next").first.click()
    captions = page.locator(".si-caption").all_inner_texts()
    assert captions[0].startswith("Sample 2 of 20")
    assert captions[1].startswith("Sample 1 of 30")


def test_without_javascript_a_figure_is_shown(open_page, widget):
    page = open_page(widget, java_script_enabled=False)
    assert page.get_by_role("img").get_attribute("aria-label").startswith("Two rows of digits")


def test_traits_refuse_what_is_out_of_range(widget):
    for name, value in (("index", 50), ("other", 50), ("digit", 10), ("row", 28), ("column", -1)):
        with pytest.raises(traitlets.TraitError, match=f"{name} was given {value}"):
            setattr(widget, name, value)


def test_images_of_another_form_are_refused(digits):
    with pytest.raises(ValueError, match="uint8"):
        SampleInspector(digits[0] / 255, digits[1])
    with pytest.raises(ValueError, match="one whole number"):
        SampleInspector(digits[0], digits[1][:-1])


def test_it_holds_the_first_samples_of_each_digit(widget, digits):
    assert np.bincount(widget.labels).tolist() == [5] * 10
    assert [digits[1][position] for position in widget.positions] == widget.labels


def test_the_mouse_previews_and_a_click_or_a_key_pins(page):
    box = page.locator(".si-image").bounding_box()

    def place(row, column):
        return box["x"] + box["width"] * (column + 0.5) / 28, box["y"] + box["height"] * (row + 0.5) / 28

    outside = box["x"] + box["width"] / 2, box["y"] + box["height"] + 40
    before = reading(page)
    page.mouse.move(*place(3, 20))
    assert "Row 3, column 20" in reading(page)
    page.mouse.move(*outside)
    assert reading(page) == before
    page.mouse.click(*place(5, 6))
    page.mouse.move(*place(20, 20))
    page.mouse.move(*outside)
    assert "Row 5, column 6" in reading(page)
    page.mouse.move(*place(9, 9))
    page.keyboard.press("ArrowDown")
    page.mouse.move(*outside)
    assert "Row 10, column 9" in reading(page)


def test_swiping_up_over_the_image_scrolls_the_page(page):
    assert page.locator(".si-image").evaluate("(one) => getComputedStyle(one).touchAction") == "pan-y"


@pytest.mark.parametrize("width", [390, *range(600, 760, 20), 1280])
def test_nothing_moves_by_the_length_of_a_text(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    places = """() => [...document.querySelectorAll(".si, .si-image, .si-difference, .si-numbers")]
      .map((one) => [one.offsetTop, one.offsetHeight])"""
    seen = set()
    page.locator(".si-image").focus()
    for key in ["ArrowRight"] * 14 + ["ArrowUp"] * 14 + ["ArrowLeft"] * 27:
        page.keyboard.press(key)
        seen.add(str(page.evaluate(places)))
    assert len(seen) == 1
