"""What TrainingScrubber shows where no script runs: the curves, the filters at three epochs, and the answers."""

import numpy as np


def figure(accuracy, loss, filters, largest):
    """Return the accuracy's curve and the filters before the training, after one epoch and at the end, as HTML.

    accuracy, loss: n + 1 numbers. filters: (n + 1, m, rows, columns). largest: the value drawn in full colour.
    """
    from mnist_tutorial.plots import draw_image, plt
    from mnist_tutorial.svg import as_html

    last = len(accuracy) - 1
    moments = sorted({0, min(1, last), last})
    drawn, grid = plt.subplots(
        1, len(moments) + 1, figsize=(8.4, 2.2), width_ratios=(1.5, *[1] * len(moments)), layout="constrained"
    )
    grid[0].plot(range(last + 1), 100 * np.array(accuracy), "o-", markersize=3)
    grid[0].set_title("accuracy on validation data, in percent")
    grid[0].set_xlabel("epoch")
    grid[0].grid(True)
    for axes, epoch in zip(grid[1:], moments, strict=True):
        draw_image(_mosaic(filters[epoch]), axes, f"filters, epoch {epoch}", (-largest, largest), "RdBu_r")
    moved = np.abs(filters - filters[0]).mean(axis=(1, 2, 3))
    moments_in_words = "; ".join(
        f"epoch {epoch}: loss {loss[epoch]:.4f}, accuracy {100 * accuracy[epoch]:.2f}%, weights of the filters "
        f"{moved[epoch]:.3f} away from where they began, on average"
        for epoch in moments
    )
    html = as_html(
        drawn,
        f"The curve of the accuracy on validation data over {last} epochs, and {len(filters[0])} filters of "
        f"{filters.shape[2]} by {filters.shape[3]} weights at {len(moments)} epochs, red above zero and blue below. "
        f"{moments_in_words}.",
    )
    plt.close(drawn)
    return html


def table(labels, probabilities):
    """Return the probability of each digit's label, at the same epochs, as an HTML table.

    labels: k digits. probabilities: (n + 1, k, 10).
    """
    last = len(probabilities) - 1
    moments = sorted({0, min(1, last), last})
    head = "".join(f'<th scope="col">epoch {epoch}</th>' for epoch in moments)
    rows = "".join(
        f'<tr><th scope="row">{label}</th>'
        + "".join(f"<td>{_answer(probabilities[epoch, digit], label)}</td>" for epoch in moments)
        + "</tr>"
        for digit, label in enumerate(labels)
    )
    return (
        "<table><caption>The network's answers to these digits, with the probability of the right one</caption>"
        f'<thead><tr><th scope="col">digit</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _answer(shares, label):
    best, share = int(shares.argmax()), 100 * shares[label]
    percent = "more than 99.9" if 99.9 < share < 100 else f"{share:.1f}"
    return f"{'✓' if best == label else '✗'} says {best}; {percent}% for {label}"


def _mosaic(filters, columns=6):
    """Return filters side by side as one image; where nothing is, the page's ground shows."""
    rows = -(-len(filters) // columns)
    _, height, width = filters.shape
    mosaic = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for i, one in enumerate(filters):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        mosaic[top : top + height, left : left + width] = one
    return mosaic
