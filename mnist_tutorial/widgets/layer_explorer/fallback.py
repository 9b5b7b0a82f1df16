"""What LayerExplorer shows where no script runs: one filter at work, and the table of all layers."""

import numpy as np


def figure(pixels, weights, bias, filter_number, row, column):
    """Return a figure of a filter at work on a digit, with the sum of one place below it, as HTML.

    pixels: (28, 28), 0 to 1. weights: (k, l). row, column: the upper left corner of the window.
    """
    from mnist_tutorial.notebook import as_html
    from mnist_tutorial.plots import ORANGE, draw_image, draw_numbers, plt

    windows = np.lib.stride_tricks.sliding_window_view(pixels, weights.shape)
    values = (windows * weights).sum(axis=(2, 3)) + bias
    window, value = windows[row, column], values[row, column]
    total = (
        f"Sum of the {window.size} products {value - bias:.3f} + bias {bias:.3f} = {value:.3f}. "
        f"After ReLU: {max(0, value):.3f}."
    ).replace("-", "−")
    drawn, grid = plt.subplots(1, 4, figsize=(8.4, 2.4), layout="constrained")
    draw_image(pixels, grid[0], "the digit", limits=(0, 1))
    if window.size <= 49:
        draw_numbers(window, grid[1], decimals=2, limits=(0, 1), size=0.27)
        most = np.abs(weights).max()
        draw_numbers(weights, grid[2], decimals=2, limits=(-most, most), colours="RdBu_r", size=0.27)
    else:  # too many numbers to print
        draw_image(window, grid[1], limits=(0, 1))
        draw_image(weights, grid[2], colours="RdBu_r", limits=(-np.abs(weights).max(), np.abs(weights).max()))
    grid[1].set_title("pixels in the frame")
    grid[2].set_title(f"weights of filter {filter_number}")
    draw_image(np.maximum(values, 0), grid[3], "the result after ReLU", limits=(0, max(values.max(), 1e-6)))
    for axes, (down, across) in ((grid[0], weights.shape), (grid[3], (1, 1))):
        corner = (column - 0.5, row - 0.5)
        axes.add_patch(plt.Rectangle(corner, across, down, fill=False, edgecolor=ORANGE, linewidth=2.5))
    html = as_html(
        drawn,
        f"Four images: a digit with a frame around {weights.shape[0]} by {weights.shape[1]} pixels; these pixels as "
        f"numbers; the weights of filter {filter_number}; and the result, {values.shape[0]} by {values.shape[1]} "
        f"pixels, with the one marked that the frame makes. {total}",
    )
    plt.close(drawn)
    return f"{html}<p>{total}</p>"


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
    head = "".join(f'<th scope="col">{name}</th>' for name in ("layer", "comes out", "parameters"))
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
        f'<tfoot><tr><th scope="row">all layers</th><td></td><td>{total:,}</td></tr></tfoot></table>'
    )
