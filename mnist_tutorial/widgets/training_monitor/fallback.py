"""What TrainingMonitor shows where no script runs: the curves, and a table of all epochs."""

from html import escape

import numpy as np

from mnist_tutorial.widgets.training_monitor.history import heading, length, number


def table(history, status):
    """Return all epochs as an HTML table, with the status below it."""
    cells = {"epoch": map(str, range(1, length(history) + 1))}
    cells |= {heading(name): [number(name, value) for value in history[name]] for name in history}
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in cells)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row) + "</tr>"
        for row in zip(*cells.values(), strict=True)
    )
    rows = f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>' if body else ""
    return f"{rows}<p>{escape(status)}</p>"


def figure(history):
    """Return the curves of loss and accuracy as an HTML element; nothing where they were not measured."""
    if not length(history) or not {"loss", "accuracy"} <= set(history):
        return ""
    from mnist_tutorial.plots import draw_history, plt
    from mnist_tutorial.svg import as_html

    curves = {name: np.array(values, dtype=float) for name, values in history.items()}
    for values in curves.values():
        values[~np.isfinite(values)] = np.nan  # leaves a gap
    axes = draw_history(curves)
    ends = [
        f"{heading(name)} from {number(name, history[name][0])} to {number(name, history[name][-1])}"
        for name in ("loss", "val_loss", "accuracy", "val_accuracy")
        if name in history
    ]
    drawn = as_html(axes[0].figure, f"Two charts, epochs 1 to {length(history)}: {'; '.join(ends)}.")
    plt.close(axes[0].figure)
    return drawn
