"""What BackwardView shows where no script runs: values from image to loss, and below them their gradients."""

import numpy as np

LEFT = 'style="text-align: left"'


def figure(image, label, weights, found):
    """Return a figure of one digit's values and gradients, and a table of one chain, as HTML.

    image: (28, 28) uint8. label: the right answer. weights: as page_weights() returns them. found: what gradients_of()
    returns for them.
    """
    from mnist_tutorial.diagrams import SIGNED
    from mnist_tutorial.plots import draw_image, plt
    from mnist_tutorial.reference.weights_format import LAYERS, decode
    from mnist_tutorial.svg import as_html

    layers, kernels = found["layers"], {name: decode(weights[name])[0] for name in LAYERS}
    of_filters = found["weights"]["convolution"][0]
    i, j, _, map_ = np.unravel_index(np.abs(of_filters).argmax(), of_filters.shape)
    count = len(layers["hidden"])
    across = max(1, round((count / 2) ** 0.5))

    def units(values):
        return np.pad(values, (0, -count % across)).reshape(-1, across)

    columns = [
        (f"filter {map_}", kernels["convolution"][:, :, 0, map_], of_filters[:, :, 0, map_], np.abs(of_filters).max()),
        (f"map {map_}", layers["convolution"][..., map_], found["convolution"][..., map_], None),
        ("pooled", layers["pooling"][..., map_], found["pooling"][..., map_], None),
        (f"{count} units", units(layers["hidden"]), units(found["hidden"]), None),
    ]
    drawn, grid = plt.subplots(2, 7, figsize=(8.4, 3.2), layout="constrained", width_ratios=[1, 1, 1, 1, 0.6, 1, 0.8])
    draw_image(image, grid[0, 0], "image")
    grid[1, 0].set_axis_off()
    grid[1, 0].text(0, 0.5, "← gradients\nred: raises\nthe loss\nblue: lowers it", va="center", fontsize=8)
    for axes, (title, values, gradients, most) in zip(grid[:, 1:5].T, columns, strict=True):
        largest = np.abs(values).max() or 1
        if title.startswith("filter"):
            draw_image(values, axes[0], title, (-largest, largest), SIGNED)
        else:
            draw_image(values, axes[0], title, (0, largest))
        most = most or np.abs(gradients).max() or 1
        draw_image(gradients, axes[1], None, (-most, most), SIGNED)
    digits = np.arange(10)
    for axes, values, colours in (
        (grid[0, 5], layers["probabilities"], "#3b82c4"),
        (grid[1, 5], found["logits"], np.where(found["logits"] > 0, "#d2382b", "#3573c9")),
    ):
        axes.barh(digits, values, color=colours)
        axes.set_yticks(digits, digits, fontsize=6)
        axes.set_xticks([])
        axes.invert_yaxis()
        axes.spines[:].set_visible(False)
    grid[0, 5].set_title("output")
    for axes, text in ((grid[0, 6], f"{found['loss']:.3g}"), (grid[1, 6], "1")):
        axes.set_axis_off()
        axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=14)
    grid[0, 6].set_title("loss")
    grid[0, 0].set_ylabel("values →")
    chain = _chain(image / 255, label, layers, found, kernels, (i, j, map_))
    html = as_html(
        drawn,
        f"Two rows of a network at work on a digit, {'an' if label == 8 else 'a'} {label}. Above, the values from left "
        f"to right: the image, filter {map_}, its map, the map after pooling, {count} hidden units, ten probabilities, "
        f"of which that of {label} is {layers['probabilities'][label]:.3f}, and the loss, {found['loss']:.3g}. Below, "
        "from right to left, the gradient of each of these numbers.",
    )
    plt.close(drawn)
    rows = "".join(
        f'<tr><th scope="row" {LEFT}>{name}</th><td {LEFT}>{words}</td>'
        f'<td style="text-align: right">{_signed(value)}</td></tr>'
        for name, words, value in chain
    )
    return (
        f"{html}<table><caption>From the loss back to one weight of filter {map_}: each gradient is made from the one "
        "above it. Filters, units, rows and columns are counted from 0.</caption><thead><tr>"
        f'<th scope="col" {LEFT}>number</th><th scope="col" {LEFT}>worked out as</th>'
        f'<th scope="col">gradient</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _chain(pixels, label, layers, found, kernels, weight):
    """Return the steps from the loss to a weight of a filter, along which most comes back: (name, words, gradient)."""
    i, j, map_ = weight
    height, width, _ = found["convolution"].shape
    through = found["convolution"][..., map_] * pixels[i : i + height, j : j + width]
    row, column = np.unravel_index(np.abs(through).argmax(), through.shape)
    rows, columns, filters = found["pooling"].shape
    down, right = min(row // 2, rows - 1), min(column // 2, columns - 1)
    to_units = kernels["hidden"][(down * columns + right) * filters + map_]
    unit = int(np.abs(found["hidden"] * to_units).argmax())
    to_scores = kernels["output"][unit]
    digit = int(np.abs(found["logits"] * to_scores).argmax())
    return [
        (
            f"score of {digit}",
            f"probability {layers['probabilities'][digit]:.3f} − {int(digit == label)}",
            found["logits"][digit],
        ),
        (
            f"unit {unit}",
            f"{_signed(found['logits'][digit])} × weight {_written(to_scores[digit])}, and 9 other scores",
            found["hidden"][unit],
        ),
        (
            f"pooled, row {down}, column {right}",
            f"{_signed(found['hidden'][unit])} × weight {_written(to_units[unit])}, and "
            f"{len(found['hidden']) - 1} other units",
            found["pooling"][down, right, map_],
        ),
        (
            f"map, row {row}, column {column}",
            "the largest of its four: × 1" if found["convolution"][row, column, map_] else "shut: × 0",
            found["convolution"][row, column, map_],
        ),
        (
            f"filter weight, row {i}, column {j}",
            f"{_signed(found['convolution'][row, column, map_])} × pixel {pixels[row + i, column + j]:.3g}, and "
            f"{height * width - 1} other places",
            found["weights"]["convolution"][0][i, j, 0, map_],
        ),
    ]


def _written(value):
    return f"{value:.3g}".replace("-", "−")


def _signed(value):
    return f"{value:+.3g}".replace("-", "−")
