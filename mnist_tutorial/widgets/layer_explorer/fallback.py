"""What LayerExplorer shows where no script runs: for each layer a figure or a table, with the numbers of one place."""

import numpy as np

from mnist_tutorial.reference.forward_pass import layers_of
from mnist_tutorial.reference.weights_format import decode


def convolution(explorer):
    """Return a figure of a filter at work on a digit, with the sum of one place below it, as HTML."""
    from mnist_tutorial.diagrams import SIGNED, draw_signed_numbers
    from mnist_tutorial.plots import draw_image, draw_numbers, plt

    weights, bias, values = _filter(explorer, explorer.filter)
    pixels, row, column = explorer.image() / 255, explorer.row, explorer.column
    down, across = weights.shape
    window, value = pixels[row : row + down, column : column + across], values[row, column]
    drawn, grid = plt.subplots(1, 4, figsize=(8.4, 2.4), layout="constrained")
    draw_image(pixels, grid[0], "the digit", limits=(0, 1))
    most = max(np.abs(weights).max(), 1e-6)
    if window.size <= 49:
        draw_numbers(window, grid[1], decimals=2, limits=(0, 1), size=0.27)
        draw_signed_numbers(weights, grid[2], most, decimals=2)
    else:  # too many numbers to print
        draw_image(window, grid[1], limits=(0, 1))
        draw_image(weights, grid[2], colours=SIGNED, limits=(-most, most))
    grid[1].set_title("pixels in the window")
    grid[2].set_title(f"weights of filter {explorer.filter}")
    draw_image(np.maximum(values, 0), grid[3], "the map after ReLU", limits=(0, max(values.max(), 1e-6)))
    _frame(grid[0], row, column, down, across)
    _frame(grid[3], row, column)
    total = f"Sum of the {window.size} products {value - bias:.3f} + bias {_sum(bias, value)}"
    return _as_html(
        drawn,
        f"Four images: a digit with a frame around {down} by {across} pixels; these pixels as numbers; the weights of "
        f"filter {explorer.filter}; and the map, {values.shape[0]} by {values.shape[1]} pixels, with the pixel "
        "marked that comes from the frame.",
        total,
    )


def filters(explorer):
    """Return a figure of two filters and their maps, with the sums of one place below it, as HTML."""
    from mnist_tutorial.diagrams import SIGNED
    from mnist_tutorial.plots import draw_image, plt

    drawn, grid = plt.subplots(1, 5, figsize=(8.4, 1.9), layout="constrained")
    both = [_filter(explorer, number) for number in (explorer.filter, explorer.other)]
    brightest = max(max(values.max() for _, _, values in both), 1e-6)
    draw_image(explorer.image() / 255, grid[2], "the digit", limits=(0, 1))
    _frame(grid[2], explorer.row, explorer.column, *both[0][0].shape)
    words = []
    for (weights, bias, values), number, left in zip(both, (explorer.filter, explorer.other), (0, 3), strict=True):
        most = np.abs(weights).max()
        draw_image(weights, grid[left], f"filter {number}", colours=SIGNED, limits=(-most, most))
        draw_image(np.maximum(values, 0), grid[left + 1], "its map", limits=(0, brightest))
        _frame(grid[left + 1], explorer.row, explorer.column)
        value = values[explorer.row, explorer.column]
        words.append(f"Filter {number}: {value - bias:.3f} + bias {_sum(bias, value)}")
    return _as_html(
        drawn,
        f"Two filters, {explorer.filter} and {explorer.other}, and the maps that they make of the same digit.",
        " ".join(words),
    )


def pooling(explorer):
    """Return a figure of a map before and after pooling, and of the four numbers in one frame, as HTML."""
    from mnist_tutorial.plots import draw_image, draw_numbers, plt

    values = _layers(explorer)
    before, after = (values[name][:, :, explorer.filter] for name in ("convolution", "pooling"))
    row, column = _pooled_place(explorer, after)
    four = before[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
    drawn, grid = plt.subplots(1, 3, figsize=(6.6, 2.2), layout="constrained")
    limits = (0, max(before.max(), 1e-6))
    draw_image(before, grid[0], f"what filter {explorer.filter} finds", limits=limits)
    draw_numbers(four, grid[1], decimals=2, limits=limits, size=0.5)
    grid[1].set_title("in the frame")
    draw_image(after, grid[2], "after pooling", limits=limits)
    _frame(grid[0], 2 * row, 2 * column, 2, 2)
    _frame(grid[2], row, column)
    numbers = ", ".join(f"{value:.3f}" for value in four.ravel())
    return _as_html(
        drawn,
        f"A map of {before.shape[0]} by {before.shape[1]} pixels with a frame of 2 by 2, the numbers in the frame, and "
        f"the map after pooling, {after.shape[0]} by {after.shape[1]}.",
        f"The largest of {numbers} is {four.max():.3f}: row {row}, column {column} of the result.",
    )


def dropout(explorer):
    """Return a figure of a pooled map before and after dropout, as HTML."""
    from mnist_tutorial.plots import draw_image, plt

    before = _layers(explorer)["pooling"][:, :, explorer.filter]
    kept = np.random.default_rng(explorer.seed).random(before.shape) >= explorer.dropout
    after = np.where(kept, before / (1 - explorer.dropout), 0)
    drawn, grid = plt.subplots(1, 2, figsize=(4.4, 2.2), layout="constrained")
    limits = (0, max(after.max(), 1e-6))
    draw_image(before, grid[0], "before dropout", limits=limits)
    draw_image(after, grid[1], "after dropout", limits=limits)
    return _as_html(
        drawn,
        f"A map of {before.shape[0]} by {before.shape[1]} pixels, and the same map with some of its pixels black.",
        f"{(~kept).sum()} of the {kept.size} numbers are dropped, and the others are divided by "
        f"{1 - explorer.dropout:.4g}, so that the sum stays about the same.",
    )


def flatten(explorer):
    """Return a figure of a pooled map and of the row around one of its pixels, as HTML."""
    from mnist_tutorial.plots import draw_image, plt

    block = _layers(explorer)["pooling"]
    row, column = _pooled_place(explorer, block)
    _, width, filters = block.shape
    index = (row * width + column) * filters + explorer.filter
    around = block.ravel()[max(0, index - 30) : index + 31]
    drawn, grid = plt.subplots(1, 2, figsize=(7.4, 2.2), width_ratios=(1, 2.4), layout="constrained")
    limits = (0, max(block.max(), 1e-6))
    draw_image(block[:, :, explorer.filter], grid[0], f"filter {explorer.filter} after pooling", limits=limits)
    _frame(grid[0], row, column)
    draw_image(np.tile(around, (6, 1)), grid[1], f"{around.size} numbers of the row", limits=limits)
    _frame(grid[1], 0, min(index, 30), 6, 1)
    return _as_html(
        drawn,
        f"A map of {block.shape[0]} by {width} pixels with one marked, and a strip of {around.size} numbers of the "
        "long row, with the same number marked.",
        f"(row {row} × {width} + column {column}) × {filters} + filter {explorer.filter} = {index:,}. The number "
        f"there: {block.ravel()[index]:.3f}.",
    )


def hidden(explorer):
    """Return a figure of where one hidden unit's products come from, with its sum, as HTML."""
    from mnist_tutorial.diagrams import SIGNED
    from mnist_tutorial.plots import draw_image, plt

    block = _layers(explorer)["pooling"]
    kernel, bias = decode(explorer.weights["hidden"])
    products = block.ravel() * kernel[:, explorer.unit]
    votes = products.reshape(block.shape).sum(axis=2)
    most = max(np.abs(votes).max(), 1e-6)
    title = f"for hidden unit {explorer.unit} (red) and against it (blue)"
    axes = draw_image(votes, plt.subplots(figsize=(2.6, 2.6))[1], title, limits=(-most, most), colours=SIGNED)
    return _as_html(
        axes.figure,
        f"An image of {votes.shape[0]} by {votes.shape[1]} pixels: how much each speaks for unit {explorer.unit} "
        f"and against it, from {votes.min():.3f} to {votes.max():.3f}.",
        _balance(f"Hidden unit {explorer.unit}", products, bias[explorer.unit]),
    )


def output(explorer):
    """Return a table of the ten scores and probabilities, with the sum of one score, as HTML."""
    values = _layers(explorer)
    kernel, bias = decode(explorer.weights["output"])
    rows = "".join(
        f'<tr><th scope="row">{digit}</th><td>{score:.3f}</td><td>{share:.1%}</td></tr>'.replace("-", "−")
        for digit, (score, share) in enumerate(zip(values["logits"], values["probabilities"], strict=True))
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("digit", "score", "probability"))
    products = values["hidden"] * kernel[:, explorer.output]
    total = _balance(f"Score of {explorer.output}", products, bias[explorer.output])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{total}</p>"


def _balance(name, products, bias):
    above, below = products[products > 0].sum(), products[products < 0].sum()
    words = f"{name}: for it {above:.3f}, against it {below:.3f}, bias {bias:.3f}, together {above + below + bias:.3f}."
    return words.replace("-", "−")


def _layers(explorer):
    return layers_of(explorer.weights, explorer.image())


def _filter(explorer, number):
    """Return a filter's weights, its bias, and its map before ReLU."""
    kernel, bias = decode(explorer.weights["convolution"])
    weights = kernel[:, :, 0, number]
    windows = np.lib.stride_tricks.sliding_window_view(explorer.image() / 255, weights.shape)
    return weights, bias[number], (windows * weights).sum(axis=(2, 3)) + bias[number]


def _pooled_place(explorer, pooled):
    """Return the pixel of a pooled map that the chosen place belongs to."""
    return min(explorer.row // 2, len(pooled) - 1), min(explorer.column // 2, len(pooled[0]) - 1)


def _sum(bias, value):
    return f"{bias:.3f} = {value:.3f}. After ReLU: {max(0, value):.3f}."


def _frame(axes, row, column, rows=1, columns=1):
    from mnist_tutorial.plots import ORANGE, plt

    corner = (column - 0.5, row - 0.5)
    axes.add_patch(plt.Rectangle(corner, columns, rows, fill=False, edgecolor=ORANGE, linewidth=2.5))


def _as_html(drawn, description, words):
    """Return a figure with its numbers in a sentence below it, and close it."""
    from mnist_tutorial.plots import plt
    from mnist_tutorial.svg import as_html

    words = words.replace("-", "−")
    html = as_html(drawn, f"{description} {words}")
    plt.close(drawn)
    return f"{html}<p>{words}</p>"


def layers(filters, kernel_size, units):
    """Return name, shape of the result, parameters and their working of each layer of a network like the book's."""
    map_side = 28 - kernel_size + 1
    half = map_side // 2
    flat = half * half * filters
    size = f"{kernel_size} × {kernel_size}"
    return [
        ("Convolution", (map_side, map_side, filters), filters * (kernel_size**2 + 1), f"{filters} × ({size} × 1 + 1)"),
        ("Pooling", (half, half, filters), 0, ""),
        ("Dropout", (half, half, filters), 0, ""),
        ("Flatten", (flat,), 0, ""),
        ("Hidden layer", (units,), units * (flat + 1), f"{units} × ({flat:,} + 1)"),
        ("Output", (10,), 10 * (units + 1), f"10 × ({units} + 1)"),
    ]


def table(filters, kernel_size, units):
    """Return the layers' shapes and parameter counts as an HTML table."""
    listed = layers(filters, kernel_size, units)
    rows = [
        f'<tr><th scope="row">{name}</th><td>{" × ".join(f"{length:,}" for length in shape)}</td>'
        f"<td>{f'{working} = ' if working else ''}{parameters:,}</td></tr>"
        for name, shape, parameters, working in listed
    ]
    total = sum(parameters for _, _, parameters, _ in listed)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("layer", "output", "parameters"))
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
        f'<tfoot><tr><th scope="row">all layers</th><td></td><td>{total:,}</td></tr></tfoot></table>'
    )
