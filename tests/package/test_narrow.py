"""Figures for narrow screens: text that can be read there, parts below one another, and nothing over anything else."""

import re
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from mnist_tutorial import narrow, plots
from mnist_tutorial.svg import as_html

WORDS = "A figure in words."
HISTORY = {"loss": [2, 1], "accuracy": [0.1, 0.9], "val_loss": [2, 1.5], "val_accuracy": [0.2, 0.8]}


def row_of_images():
    axes = plt.subplots(1, 3, figsize=(6.4, 2), layout="constrained")[1]
    return next(plots.draw_image(np.eye(4), one, "an image") for one in axes).figure


def long_names():
    figure, axes = plt.subplots(figsize=(5.6, 2.4), layout="constrained")
    axes.barh(range(3), [1, 2, 3])
    axes.set_yticks(range(3), ["a name that is far too long for a phone", "another, which is as long as that", "short"])
    axes.tick_params(labelsize=8)
    return figure


def powers_of_ten():
    axes = plt.subplots(figsize=(5.2, 2.8), layout="constrained")[1]
    axes.semilogy([1, 10], [1e-14, 1e7], label="a name of its own")
    axes.tick_params(labelsize=8)
    axes.legend()
    return axes.figure


def names_of_two_lines():
    heights = [11, 60, 82, 90, 97]
    names = ["always\n1", "rules\nby hand", "nearest\naverage", "weigh\npixels", "nearest\nimage"]
    return plots.draw_bars(heights, names, format_value="{:.1f}%").figure


def images_before_a_chart():
    figure = plt.figure(figsize=(8.4, 4.4), layout="constrained")
    grid = figure.add_gridspec(2, 8)
    for column in range(6):
        plots.draw_image(np.eye(4), figure.add_subplot(grid[0, column]), f"map {column}")
    axes = plots.draw_bars([97.7, *np.zeros(9)], axes=figure.add_subplot(grid[1, 3:]), format_value="{:.1f}")
    axes.set_title("probabilities, in percent")
    return figure


FIGURES = {
    "images before a chart": images_before_a_chart,
    "powers of ten": powers_of_ten,
    "names of two lines": names_of_two_lines,
    "bars": lambda: plots.draw_bars([60_000 + digit for digit in range(10)]).figure,
    "two charts": lambda: plots.draw_history(HISTORY)[0].figure,
    "images with titles": lambda: plots.draw_images(np.zeros((20, 4, 4)), range(20)).flat[0].figure,
    "a row of images": row_of_images,
    "long names": long_names,
    "an image of numbers": lambda: plots.draw_numbers(np.arange(400, 800).reshape(20, 20)).figure,
    "confusion matrix": lambda: plots.draw_confusion(np.arange(100).reshape(10, 10)).figure,
}


@pytest.fixture(autouse=True)
def no_figure_stays():
    yield
    plt.close("all")


@pytest.fixture(scope="module", params=FIGURES)
def narrowed(request):
    """Lay a figure out for a phone, once for all the tests below, which only look at it."""
    figure = FIGURES[request.param]()
    with warnings.catch_warnings(action="error"):  # a layout that fails is only warned of, on the page
        assert narrow.make_narrow(figure)
        figure.draw_without_rendering()
    return figure


def texts_of(figure):
    return [one for one in figure.findobj(mpl.text.Text) if one.get_text().strip() and one.get_visible()]


def test_its_text_can_be_read_on_a_phone(narrowed):
    shrunk = min(1, 320 / (narrowed.get_tightbbox().width * 96))
    assert min(text.get_fontsize() * 96 / 72 for text in texts_of(narrowed)) * shrunk > 10.95


def test_no_text_lies_over_another(narrowed):
    boxes = [(one.get_text(), one.get_window_extent()) for one in texts_of(narrowed)]
    over = [(a, b) for i, (a, first) in enumerate(boxes) for b, second in boxes[:i] if first.overlaps(second)]
    assert over == []


def test_its_axes_do_not_shrink_to_nothing(narrowed):
    assert all(min(one.get_window_extent().size) > 20 for one in narrowed.axes)


def test_its_formulas_stay_whole(narrowed):
    assert all(text.get_text().count("$") % 2 == 0 for text in texts_of(narrowed))
    assert not [text.get_text() for text in texts_of(narrowed) if "$" in text.get_text() and "\n" in text.get_text()]


@pytest.mark.parametrize(
    ("name", "grid"),
    [("two charts", (2, 1)), ("a row of images", (3, 1)), ("images with titles", (4, 5)), ("bars", (1, 1))],
)
def test_parts_come_below_one_another_in_their_order(name, grid):
    figure = FIGURES[name]()
    narrow.make_narrow(figure)
    axes = figure.axes
    assert axes[0].get_subplotspec().get_gridspec().get_geometry() == grid
    places = [(round(-one.get_position().y0, 3), one.get_position().x0) for one in axes]
    assert places == sorted(places)


def test_a_figure_that_can_be_read_anyway_stays_as_it_is():
    figure = plots.draw_image(np.eye(4), title="an image").figure
    before = figure.get_size_inches().tolist()
    assert not narrow.make_narrow(figure)
    assert figure.get_size_inches().tolist() == before
    assert as_html(figure, WORDS).count("<svg") == 1


def test_of_hundreds_of_numbers_those_of_the_part_with_most_contrast_are_shown_in_their_places():
    values = np.zeros((20, 20), int)
    values[3:16, 5:18] = np.arange(169).reshape(13, 13) + 50
    figure = plots.draw_numbers(values).figure
    assert narrow.make_narrow(figure)
    numbers, whole = figure.axes
    assert not whole.texts
    np.testing.assert_array_equal(whole.images[0].get_array(), values)
    (frame,) = whole.patches
    (left, right), (bottom, top) = numbers.get_xlim(), numbers.get_ylim()
    assert frame.get_bbox().extents.tolist() == [left, top, right, bottom]
    assert len(numbers.texts) == (right - left) * (bottom - top) == 169
    for text in numbers.texts:
        column, row = text.get_position()
        assert int(text.get_text()) == values[row, column]
        assert left < column < right
        assert top < row < bottom


def test_a_figure_without_text_stays_as_it_is():
    assert not narrow.make_narrow(plots.draw_mosaic(np.zeros((40, 4, 4))).figure)


def test_the_narrow_form_is_hidden_where_the_books_own_styles_are_not():
    html = as_html(FIGURES["two charts"](), WORDS)
    wide, narrow_form = html.split("<svg ")[1:]
    assert wide.startswith('class="wide"')
    assert 'style="display: block' in wide
    assert narrow_form.startswith('class="narrow"')
    assert 'style="display: none' in narrow_form


def test_both_forms_use_the_same_images_each_in_its_own_places():
    figure = plots.draw_images(np.random.default_rng(1).integers(0, 256, (20, 4, 4)), range(20)).flat[0].figure
    html = as_html(figure, WORDS)  # the figure is the narrow one now
    assert html.count("data:image/png") == 20
    images = dict(re.findall(r'<image id="(\w+)"[^>]*?matrix\(([^)]*)\)', html))
    used = re.findall(r'<use xlink:href="#(\w+)" transform="matrix\(([^)]*)\)"', html)
    assert [name for name, _ in used] == list(images)
    corners = []
    for name, matrix in used:
        outer, inner = (np.reshape([*map(float, one.split())], (3, 2)) for one in (matrix, images[name]))
        corners.append(inner[2] * np.diag(outer[:2]) + outer[2])
    boxes = [one.get_window_extent().extents * 72 / figure.dpi for one in figure.axes]
    places = [(box[0], -box[3]) for box in boxes]
    np.testing.assert_allclose(np.diff(corners, axis=0), np.diff(places, axis=0), atol=0.1)
