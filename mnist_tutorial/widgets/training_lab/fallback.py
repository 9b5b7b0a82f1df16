"""What TrainingLab shows where no script runs: the curves of a recorded training by the same engine."""

import json
from pathlib import Path

from mnist_tutorial import reference


def figure():
    """Return the loss and accuracy over the epochs of a training by the book's engine, with a sentence, as HTML."""
    from mnist_tutorial.notebook import as_html
    from mnist_tutorial.plots import draw_history, plt

    runs = json.loads((Path(reference.__file__).parent / "engine_runs.json").read_text("utf-8"))["runs"]
    history = runs[0]["history"]
    curves = {name: history[name] for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
    axes = draw_history(curves)
    last = len(curves["loss"])
    words = (
        f"A training of the book's network in JavaScript's engine, on 54,000 images. In {last} epochs the loss on "
        f"validation images fell from {curves['val_loss'][0]:.4f} to {curves['val_loss'][-1]:.4f}, and the accuracy "
        f"rose from {100 * curves['val_accuracy'][0]:.2f}% to {100 * curves['val_accuracy'][-1]:.2f}%. "
        f"Most of it was learned in the first epoch."
    )
    html = as_html(axes[0].figure, words)
    plt.close(axes[0].figure)
    return f"{html}<p>{words} With a script, you can train it yourself here, in your browser.</p>"
