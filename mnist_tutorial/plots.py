"""Figures of the book. Each function takes data and returns the matplotlib Axes it drew on.

`notebook.show()` puts them on the page.
"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from mnist_tutorial.graph import read_graph
from mnist_tutorial.training import complete_history

BLUE, ORANGE, GREEN, RED = "#3b82c4", "#d5711d", "#2e9e6b", "#d6455d"

# Colours that can be told apart on white and on near black; no boxes where a page's own background should show.
plt.rcParams.update(
    {
        "axes.prop_cycle": mpl.cycler(color=[BLUE, ORANGE, GREEN, RED]),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "font.size": 10,
        "legend.frameon": False,
        "grid.color": "#808080",
        "grid.alpha": 0.35,
        "image.cmap": "gray",
        "image.interpolation": "none",
        "figure.figsize": (5.6, 3.0),
    }
)


def draw_image(image, axes=None, title=None, limits=(0, 255), colours="gray"):
    """Draw one image. image: (rows, columns). limits: the values drawn as the ends of the colour scale."""
    axes = axes or plt.subplots(figsize=(2.4, 2.4))[1]
    axes.imshow(image, cmap=colours, vmin=limits[0], vmax=limits[1])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    if title is not None:
        axes.set_title(title)
    return axes


def draw_images(images, titles=None, columns=10, size=0.62, limits=(0, 255), colours="gray"):
    """Draw images in rows, each with its title above it.

    images: (n, rows, columns). titles: n texts or numbers. size: inches that one image takes.
    Returns an array of Axes.
    """
    rows = -(-len(images) // columns)
    height = size * (1.45 if titles is not None else 1.05)
    figure, grid = plt.subplots(rows, columns, figsize=(columns * size, rows * height), squeeze=False)
    figure.subplots_adjust(wspace=0.08, hspace=0.45 if titles is not None else 0.08)
    for axes in grid.flat[len(images) :]:
        axes.set_axis_off()
    for position, image in enumerate(images):
        title = None if titles is None else str(titles[position])
        draw_image(image, grid.flat[position], title, limits, colours)
    return grid


def draw_mosaic(images, columns=10, size=0.62, limits=(0, 255), colours="gray"):
    """Draw images side by side in rows, as a single image, which keeps a page small. images: (n, rows, columns)."""
    images = np.asarray(images)
    rows = -(-len(images) // columns)
    _, height, width = images.shape
    # Gaps show the page's background. Below the mask there must be numbers: matplotlib computes with them.
    mosaic = np.ma.array(np.zeros((rows * (height + 1) - 1, columns * (width + 1) - 1)), mask=True)
    for position, image in enumerate(images):
        top, left = position // columns * (height + 1), position % columns * (width + 1)
        mosaic[top : top + height, left : left + width] = image
    axes = plt.subplots(figsize=(columns * size, rows * size * height / width))[1]
    return draw_image(mosaic, axes, limits=limits, colours=colours)


def draw_numbers(values, axes=None, decimals=0, limits=None, colours="gray", size=0.24):
    """Draw an array of numbers as a grid of cells, each with its number in it, dark on light or light on dark.

    values: (rows, columns). size: inches that one cell takes.
    """
    values = np.asarray(values)
    low, high = limits or (values.min(), values.max())
    axes = axes or plt.subplots(figsize=(values.shape[1] * size, values.shape[0] * size))[1]
    draw_image(values, axes, limits=(low, high), colours=colours)
    colour_of = mpl.cm.ScalarMappable(mpl.colors.Normalize(low, high), colours)
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = colour_of.to_rgba(value)
        light = 0.3 * red + 0.59 * green + 0.11 * blue > 0.5
        axes.text(
            column, row, f"{value:.{decimals}f}", ha="center", va="center",
            fontsize=size * 27, color="#101010" if light else "#f5f5f5",
        )  # fmt: skip
    return axes


def draw_confusion(confusion):
    """Draw a confusion matrix, labels in rows and answers in columns: right answers BLUE, mistakes ORANGE.

    confusion: (n, n) whole numbers. The stronger the orange, the more frequent the mistake; a cell with none shows
    the page itself, light or dark.
    """
    confusion = np.asarray(confusion)
    is_right = np.eye(len(confusion), dtype=bool)
    mistakes = np.where(is_right, 0, confusion)
    cells = np.zeros((*confusion.shape, 4))  # red, green, blue, opacity
    cells[..., :3] = mpl.colors.to_rgb(ORANGE)
    cells[..., 3] = np.where(mistakes > 0, 0.1 + 0.5 * mistakes / max(mistakes.max(), 1), 0)  # text is still read
    cells[is_right] = mpl.colors.to_rgba(BLUE, 0.25)
    figure, axes = plt.subplots(figsize=(0.42 * len(confusion), 0.42 * len(confusion)))
    figure.subplots_adjust(left=0.1, bottom=0.1, right=1, top=1)
    draw_image(cells, axes)
    lines = np.arange(len(confusion) + 1) - 0.5
    axes.hlines(lines, lines[0], lines[-1], color="#808080", linewidth=0.6, alpha=0.6)
    axes.vlines(lines, lines[0], lines[-1], color="#808080", linewidth=0.6, alpha=0.6)
    for (row, column), count in np.ndenumerate(confusion):
        weight = "bold" if row == column else "normal"
        axes.text(column, row, str(count), ha="center", va="center", fontsize=8.25, fontweight=weight)
    axes.set_xticks(range(len(confusion)))
    axes.set_yticks(range(len(confusion)))
    axes.tick_params(length=0)
    axes.set_xlabel("answer")
    axes.set_ylabel("label")
    return axes


def draw_bars(heights, labels=None, axes=None, highlight=None, format_value="{:,.0f}"):
    """Draw one bar per class, with its value above it. highlight: the class drawn in the second colour."""
    labels = range(len(heights)) if labels is None else labels
    axes = axes or plt.subplots(figsize=(5.6, 2.2))[1]
    colours = [ORANGE if position == highlight else BLUE for position in range(len(heights))]
    bars = axes.bar([str(label) for label in labels], heights, color=colours)
    axes.bar_label(bars, [format_value.format(height) for height in heights], fontsize=8.25, padding=2)
    axes.margins(y=0.12)  # room for the values, below a title
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    return axes


def draw_history(history, axes=None):
    """Draw loss and accuracy against epochs, on training and on validation data.

    history: what `fit` returns, or a dict of lists as in its `.history`: loss, accuracy, val_loss, val_accuracy; see
    training.complete_history. Without "accuracy", another metric with accuracy in its name is drawn.
    axes: an array of two Axes to draw on. Returns an array of two Axes, or of one for a history without an accuracy.
    Raises ValueError for a history without a loss.
    """
    history = complete_history(history)
    if "loss" not in history:
        raise ValueError(
            f"draw_history() was given a history of {', '.join(map(str, history)) or 'nothing'}; "
            "it expects what fit() returns, with at least a loss."
        )
    accuracies = [name for name in history if "accuracy" in name and not name.startswith(("val_", "test_"))]
    names = ["loss", *(["accuracy"] if "accuracy" in accuracies else accuracies[:1])]
    if axes is None:
        axes = plt.subplots(1, len(names), figsize=(3.2 * len(names), 2.6), layout="constrained", squeeze=False)[1][0]
    epochs = np.arange(1, len(history["loss"]) + 1)
    for chart, name in zip(axes, names, strict=False):
        chart.plot(epochs, history[name], "o-", markersize=3, label="training")
        if f"val_{name}" in history:
            validation = np.array(history[f"val_{name}"], dtype=float)  # None becomes NaN
            measured = ~np.isnan(validation)
            if measured.sum() * 2 > len(epochs):  # gaps where a value is no number
                measured[:] = True
            chart.plot(epochs[measured], validation[measured], "s--", markersize=3, label="validation")
        chart.set_title(name.replace("_", " "))
        chart.set_xlabel("epoch")
        chart.set_xticks(epochs if len(epochs) <= 10 else epochs[:: len(epochs) // 10])
        chart.grid(True)
    axes[0].legend()
    return axes


def draw_graph(model):
    """Draw a Keras model as boxes and arrows, from its input at the top to its outputs, which have a thick frame.

    model: as for graph.read_graph, which the figure is drawn from. A box names a
    layer's kind, its output shape for one image, and its number of parameters.
    """
    boxes = read_graph(model)
    rows, routes = _rows_of(boxes)
    widest = max(len(row) for row in rows)
    several = sum(box.is_output for box in boxes) > 1
    words = {}  # for each box, its lines in bold, then those below them
    for box in boxes:
        titles = [box.name, box.title] if several and box.is_output else [box.title]
        words[box.name] = titles, box.facts.split("; ")
    line = 0.155  # inches, as all lengths here
    height = 0.16 + line * max(len(titles) + len(facts) for titles, facts in words.values())
    width, apart, below = 2.1, 0.12, 0.25
    size = (widest * (width + apart), len(rows) * (height + below))
    axes = plt.subplots(figsize=size)[1]
    centre = {
        name: ((place - (len(row) - 1) / 2) * (width + apart), -depth * (height + below))
        for depth, row in enumerate(rows)
        for place, name in enumerate(row)
    }
    for box in boxes:
        x, y = centre[box.name]
        axes.add_patch(
            mpl.patches.FancyBboxPatch(
                (x - width / 2, y - height / 2), width, height, boxstyle="round,pad=0,rounding_size=0.07",
                facecolor=mpl.colors.to_rgba(BLUE, 0.14), edgecolor=BLUE, linewidth=2.4 if box.is_output else 0.9,
            )
        )  # fmt: skip
        titles, facts = words[box.name]
        top = y + (len(titles) + len(facts) - 1) / 2 * line
        for number, text in enumerate(titles + facts):
            style = {"fontsize": 9, "fontweight": "bold"} if number < len(titles) else {"fontsize": 8.25}
            axes.text(x, top - number * line, text, ha="center", va="center", **style)
    for route in routes:
        bends = [(centre[name][0], centre[name][1] + end) for name in route for end in (height / 2, -height / 2)][1:-1]
        axes.plot(*zip(*bends[:-1], strict=True), color="#808080", linewidth=1.2)
        arrow = {"arrowstyle": "-|>", "color": "#808080", "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", bends[-1], bends[-2], arrowprops=arrow)
    axes.set_xlim(-size[0] / 2, size[0] / 2)
    axes.set_ylim(-size[1] + (height + below) / 2, (height + below) / 2)
    axes.set_axis_off()
    axes.figure.subplots_adjust(0, 0, 1, 1)
    return axes


def _rows_of(boxes):
    """Put boxes into rows, each below its sources; return rows of names, and the names that each arrow passes.

    An arrow that skips rows passes a place of its own in each of them, so that it crosses no box.
    """
    depth = {}
    for box in boxes:
        depth[box.name] = 1 + max((depth[source] for source in box.sources), default=-1)
    rows = [[] for _ in range(1 + max(depth.values()))]
    for box in boxes:
        rows[depth[box.name]].append(box.name)
    routes = []
    for box in boxes:
        for source in box.sources:
            between = range(depth[source] + 1, depth[box.name])
            places = [(source, box.name, row) for row in between]
            for row, place in zip(between, places, strict=True):
                rows[row].append(place)
            routes.append([source, *places, box.name])
    return rows, routes
