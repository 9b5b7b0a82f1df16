"""The figures: what is drawn on the Axes that each function returns."""

import json
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from mnist_tutorial import plots

HISTORY = {"loss": [0.5, 0.2, 0.1], "accuracy": [0.8, 0.9, 0.95]}


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def test_image_is_drawn_with_fixed_limits():
    image = np.full((28, 28), 100, dtype=np.uint8)  # its own values must not stretch the scale
    axes = plots.draw_image(image, title="a digit")
    (drawn,) = axes.images
    assert np.array_equal(drawn.get_array(), image)
    assert drawn.get_clim() == (0, 255)
    assert drawn.get_cmap().name == "gray"
    assert axes.get_title() == "a digit"
    assert list(axes.get_xticks()) == list(axes.get_yticks()) == []
    assert plots.draw_image(image / 255, limits=(0, 1)).images[0].get_clim() == (0, 1)


def test_image_goes_on_the_given_axes():
    _, (left, right) = plt.subplots(1, 2)
    assert plots.draw_image(np.eye(3), right) is right
    assert not left.images


def test_images_fill_rows_and_leave_the_rest_empty():
    images = np.arange(7)[:, None, None] * np.ones((7, 4, 4))
    grid = plots.draw_images(images, titles=range(7), columns=3)
    assert grid.shape == (3, 3)
    for position, axes in enumerate(grid.flat):
        if position < 7:
            assert (axes.images[0].get_array() == position).all()
            assert axes.get_title() == str(position)
        else:
            assert not axes.axison
            assert not axes.images
    assert [axes.get_title() for axes in plots.draw_images(images).flat[:7]] == [""] * 7


def test_one_title_for_each_image():
    with pytest.raises(IndexError):
        plots.draw_images(np.zeros((3, 4, 4)), titles=["only one"])


def test_mosaic_has_gaps_and_no_leftovers_of_memory_below_them(monkeypatch):
    # Where memory is not cleared, it may hold anything; the drawing would warn of an overflow now and then.
    empty = np.empty

    def uncleared(shape, dtype=float, **named):
        return np.full(shape, 1e308) if dtype is float else empty(shape, dtype, **named)

    monkeypatch.setattr(np, "empty", uncleared)
    images = np.arange(1, 13).reshape(3, 2, 2)
    drawn = plots.draw_mosaic(images, columns=2).images[0].get_array()
    assert drawn.shape == (5, 5)
    assert (drawn.data[drawn.mask] == 0).all()
    assert drawn.mask.sum() == 25 - images.size
    assert np.array_equal(drawn[3:, :2], images[2])


def test_numbers_stand_in_their_cells_and_differ_from_them():
    values = np.array([[0.0, 0.25, 1.0], [0.75, 0.5, 1.0]])
    axes = plots.draw_numbers(values, decimals=2)
    written = {text.get_position(): text for text in axes.texts}
    assert len(written) == values.size
    for (row, column), value in np.ndenumerate(values):
        text = written[column, row]
        assert text.get_text() == f"{value:.2f}"
        ink, ground = np.mean(mpl.colors.to_rgb(text.get_color())), value
        assert abs(ink - ground) > 0.4, f"{value} can hardly be read"


def test_numbers_that_are_all_equal_are_drawn():
    plots.draw_numbers(np.zeros((2, 2))).figure.canvas.draw()


def test_bars_carry_their_values_and_one_can_stand_out():
    axes = plots.draw_bars([0.25, 0.5, 1], labels=["a", "b", "c"], highlight=1, format_value="{:.0%}")
    assert [bar.get_height() for bar in axes.patches] == [0.25, 0.5, 1]
    assert [text.get_text() for text in axes.texts] == ["25%", "50%", "100%"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c"]
    colours = [mpl.colors.to_hex(bar.get_facecolor()) for bar in axes.patches]
    assert colours == [plots.BLUE, plots.ORANGE, plots.BLUE]
    plain = plots.draw_bars([1000, 2000])
    assert [label.get_text() for label in plain.get_xticklabels()] == ["0", "1"]
    assert [text.get_text() for text in plain.texts] == ["1,000", "2,000"]


@pytest.mark.parametrize("validation", [False, True])
def test_history_has_a_curve_for_each_measure(validation):
    curves = dict(HISTORY)
    if validation:
        curves |= {f"val_{name}": [number / 2 for number in numbers] for name, numbers in HISTORY.items()}
    pair = plots.draw_history(curves)
    for axes, name in zip(pair, ("loss", "accuracy"), strict=True):
        assert axes.get_title() == name
        lines = {line.get_label(): line for line in axes.lines}
        assert set(lines) == ({"training", "validation"} if validation else {"training"})
        assert list(lines["training"].get_xdata()) == [1, 2, 3]
        assert list(lines["training"].get_ydata()) == HISTORY[name]
    if validation:  # also told apart without colour
        first, second = pair[0].lines
        assert (first.get_linestyle(), first.get_marker()) != (second.get_linestyle(), second.get_marker())
        assert {text.get_text() for text in pair[0].get_legend().get_texts()} == {"training", "validation"}


def test_history_may_be_what_fit_returns():
    class History:
        history = HISTORY

    for axes, name in zip(plots.draw_history(History()), HISTORY, strict=True):
        assert list(axes.lines[0].get_ydata()) == HISTORY[name]


def test_validation_after_every_second_epoch_is_drawn_at_these_epochs():
    run = {"loss": [5, 4, 3, 2, 1], "val_loss": [4.5, 2.5], "acc": [0.1, 0.2, 0.3, 0.4, 0.5], "val_acc": [0.2, 0.4]}
    loss, accuracy = plots.draw_history(run)
    for axes, values in ((loss, [4.5, 2.5]), (accuracy, [0.2, 0.4])):
        validation = axes.lines[1]
        assert list(validation.get_xdata()) == [2, 4]
        assert list(validation.get_ydata()) == values
    assert accuracy.get_title() == "accuracy"


def test_history_is_drawn_with_another_accuracy_or_without_one():
    titles = [axes.get_title() for axes in plots.draw_history({"loss": [2, 1], "binary_accuracy": [0, 1]})]
    assert titles == ["loss", "binary accuracy"]
    assert [axes.get_title() for axes in plots.draw_history({"loss": [2, 1], "mae": [2, 1]})] == ["loss"]
    with pytest.raises(ValueError, match="a history of accuracy; it expects what fit"):
        plots.draw_history({"accuracy": [0, 1]})


def test_a_value_that_is_no_number_leaves_a_gap():
    loss, _ = plots.draw_history({"loss": [3, 2, 1], "accuracy": [0, 0, 1], "val_loss": [2, None, 1]})
    assert np.isnan(loss.lines[1].get_ydata()[1])


def test_long_history_has_readable_ticks():
    pair = plots.draw_history({"loss": [1.0] * 100, "accuracy": [0.5] * 100})
    assert len(pair[0].get_xticks()) <= 11


def test_widgets_have_the_colours_of_the_figures():
    widgets = Path(plots.__file__).parent / "widgets"

    def read(*place):
        return widgets.joinpath(*place).read_text("utf-8")

    assert f"--bw-mark: {plots.ORANGE};" in read("frontend", "widget.css")
    assert f".ts-right {{ fill: {plots.BLUE}; }}" in read("training_scrubber", "training_scrubber.css")
    gradients = f"--bv-plus: {plots.RED}; --bv-minus: {plots.BLUE};"
    assert gradients in read("backward_view", "backward_view.css")
    (signed,) = re.findall(r"\[BELOW, ABOVE\] = (\[\[.*\]\]);", read("frontend", "controls.js"))
    drawn = [[round(255 * level) for level in mpl.colors.to_rgb(colour)] for colour in (plots.BLUE, plots.RED)]
    assert json.loads(signed) == drawn


def test_the_confusion_matrix_shows_the_page_where_there_is_no_mistake():
    axes = plots.draw_confusion([[90, 0, 1], [4, 80, 0], [0, 2, 70]])
    (image,) = axes.images
    cells = image.get_array()
    opacity = cells[..., 3]
    assert opacity[0, 1] == opacity[1, 2] == opacity[2, 0] == 0
    assert 0 < opacity[0, 2] < opacity[2, 1] < opacity[1, 0] <= 0.6  # the more mistakes, the stronger
    for place, colour in {(1, 0): plots.ORANGE, (0, 0): plots.BLUE}.items():
        assert tuple(cells[place][:3]) == pytest.approx(mpl.colors.to_rgb(colour))
    assert [text.get_text() for text in axes.texts] == ["90", "0", "1", "4", "80", "0", "0", "2", "70"]
    assert {text.get_color() for text in axes.texts} == {"black"}  # which becomes the text colour of the page
