"""What NetworkView shows where no script runs: a digit on its way through the network."""

import numpy as np

MAPS = 6  # of the feature maps, those in which most is found


def figure(image, label, layers):
    """Return a figure of the digit, of some maps, of the hidden units and of the probabilities, as HTML.

    image: (28, 28) uint8. label: 0 to 9, or None. layers: what layers_of() returns for it.
    """
    from mnist_tutorial.plots import draw_bars, draw_image, plt
    from mnist_tutorial.svg import as_html

    convolution, pooling, hidden = (layers[name] for name in ("convolution", "pooling", "hidden"))
    shares = np.nan_to_num(100 * layers["probabilities"])
    best = int(shares.argmax())
    maps = np.sort(np.argsort(-convolution.sum(axis=(0, 1)), kind="stable")[:MAPS])
    columns = max(MAPS, 6)
    drawn = plt.figure(figsize=(8.4, 4.4), layout="constrained")
    grid = drawn.add_gridspec(3, columns + 2)
    draw_image(image, drawn.add_subplot(grid[:2, :2]), "the digit")
    for row, (values, title) in enumerate(((convolution, "map {}"), (pooling, "pooled"))):
        for column, position in enumerate(maps):
            axes = drawn.add_subplot(grid[row, 2 + column])
            draw_image(values[..., position], axes, title.format(position), (0, 0.7 * convolution.max() or 1))
    across = min(16, len(hidden))
    units = np.zeros(-(-len(hidden) // across) * across)
    units[: len(hidden)] = hidden
    draw_image(
        units.reshape(-1, across), drawn.add_subplot(grid[2, :3]), f"{len(hidden)} hidden units", (0, units.max() or 1)
    )
    bars = draw_bars(shares, axes=drawn.add_subplot(grid[2, 3:]), highlight=best, format_value="{:.1f}")
    bars.set_title("probabilities, in percent")
    rows, across, count = convolution.shape
    row, column, strongest = np.unravel_index(convolution.argmax(), convolution.shape)
    which = "" if label is None else f", {'an' if label == 8 else 'a'} {label},"
    html = as_html(
        drawn,
        f"A digit{which} on its way through the network: 28 by 28 pixels; "
        f"{len(maps)} of {count} maps of {rows} by {across}, whose largest number, {convolution.max():.3f}, is in row "
        f"{row}, column {column} of map {strongest}; the same after pooling, {pooling.shape[0]} by {pooling.shape[1]}; "
        f"{len(hidden)} hidden units, {(hidden > 0).sum()} of them above 0, the strongest unit {hidden.argmax()} with "
        f"{hidden.max():.3f}; and ten probabilities: "
        f"{', '.join(f'{digit}: {share:.1f}%' for digit, share in enumerate(shares))}.",
    )
    plt.close(drawn)
    return html
