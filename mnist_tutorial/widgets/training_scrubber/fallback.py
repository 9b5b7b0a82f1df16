"""What TrainingScrubber shows where no script runs: loss, answers and filters of a training, on paper."""

import numpy as np

NOTHING = 0.35  # where step 0, which has no logarithm, stands on the axis
SOME = (0, 10, 30, 100, 300)  # steps that are in the table, and the last one


def figure(steps, loss, accuracy, right, labels, filters):
    """Return the loss, when each digit was right, and the filters at three steps, as HTML.

    steps, loss, accuracy: n numbers each. right: (n, k) bool. labels: k digits. filters: (n, m, rows, columns), in
    units of the value drawn in full colour.
    """
    from mnist_tutorial.diagrams import SIGNED
    from mnist_tutorial.plots import BLUE, GREEN, draw_image, plt
    from mnist_tutorial.svg import as_html

    moments = _some(steps, (0, 100))
    drawn, grid = plt.subplots(
        1, 2 + len(moments), figsize=(8.4, 2.3), width_ratios=(2, 2, *[0.6] * len(moments)), layout="constrained"
    )
    places = np.log10(np.maximum(steps, NOTHING))
    edges = np.concatenate((places[:1], (places[:-1] + places[1:]) / 2, places[-1:]))
    last = steps[-1]
    ticks = [step for step in (0, 1, 10, 100, 1_000, 10_000) if not step or step < 0.3 * last] + [last]
    grid[0].plot(places, loss, "o-", markersize=2, color=BLUE)
    if min(loss) > 0:
        grid[0].set_yscale("log")
    grid[0].set_title("loss on validation data")
    for digit in range(len(labels)):
        ends = np.flatnonzero(np.diff(np.concatenate(([False], right[:, digit], [False]))))
        for first, after in ends.reshape(-1, 2):  # from half way to the step before, to half way to the one after
            grid[1].plot(edges[[first, after]], [digit, digit], linewidth=4, solid_capstyle="butt", color=GREEN)
    grid[1].hlines(range(len(labels)), places[0], places[-1], linewidth=0.4, color="#808080", zorder=0)
    grid[1].set_yticks(range(len(labels)), labels, size=8)
    grid[1].invert_yaxis()
    grid[1].set_title("where each digit is right")
    for axes in grid[:2]:
        axes.set_xticks(np.log10(np.maximum(ticks, NOTHING)), [f"{step:,}" for step in ticks])
        axes.set_xlabel("step")
    for axes, place in zip(grid[2:], moments, strict=True):
        draw_image(_mosaic(filters[place]), axes, f"step {steps[place]:,}", (-1, 1), SIGNED)
    in_words = "; ".join(
        f"step {steps[place]:,}: loss {loss[place]:.4f}, accuracy {100 * accuracy[place]:.2f}%, "
        f"{right[place].sum()} of these {len(labels)} digits right"
        for place in _some(steps, SOME)
    )
    html = as_html(
        drawn,
        f"The loss on validation data at {len(steps)} steps of the optimizer, on logarithmic axes; for each of "
        f"{len(labels)} digits a bar where the answer is right; and {len(filters[0])} filters at {len(moments)} steps, "
        f"red above zero and blue below. {in_words}.",
    )
    plt.close(drawn)
    return html


def table(steps, labels, answers, probabilities):
    """Return the answer to each digit and the probability of its label at a few steps, as an HTML table.

    steps: n numbers. labels: k digits. answers: (n, k). probabilities: (n, k, 10).
    """
    moments = _some(steps, SOME)
    head = "".join(f'<th scope="col">step {steps[place]:,}</th>' for place in moments)
    rows = "".join(
        f'<tr><th scope="row">{label}</th>'
        + "".join(
            f"<td>{'✓' if answers[place, digit] == label else '✗'} {answers[place, digit]}, "
            f"{_percent(probabilities[place, digit, label])}</td>"
            for place in moments
        )
        + "</tr>"
        for digit, label in enumerate(labels)
    )
    return (
        "<table><caption>What the network says to these digits, and the probability that it gives the right one"
        f'</caption><thead><tr><th scope="col">digit</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _some(steps, wanted):
    """Return the places of some steps, where they are recorded or else of the next one after, and of the last."""
    found = {next((place for place, step in enumerate(steps) if step >= one), len(steps) - 1) for one in wanted}
    return sorted(found | {len(steps) - 1})


def _percent(share):
    """Return a probability of 8 bits in whole percent, as the widget does."""
    if 0.995 < share or share < 0.005:
        return ">99%" if share > 0.5 else "<1%"
    return f"{100 * share:.0f}%"


def _mosaic(filters, columns=2):
    """Return filters side by side as one image; where nothing is, the page's ground shows."""
    rows = -(-len(filters) // columns)
    _, height, width = filters.shape
    mosaic = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for i, one in enumerate(filters):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        mosaic[top : top + height, left : left + width] = one
    return mosaic
