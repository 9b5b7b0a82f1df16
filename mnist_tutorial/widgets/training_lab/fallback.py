"""What TrainingLab shows where no script runs: the curves of a recorded training by the same engine."""

from mnist_tutorial.reference import load_engine_runs


def figure():
    """Return the loss and accuracy over the epochs of a training by the book's engine, with a sentence, as HTML."""
    from mnist_tutorial.plots import draw_history, plt
    from mnist_tutorial.svg import as_html

    history = load_engine_runs()[0]["history"]
    curves = {name: history[name] for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
    axes = draw_history(curves)
    last = len(curves["loss"])
    (loss, loss_after), (accuracy, accuracy_after) = (
        (values[0], values[-1]) for values in (curves["val_loss"], curves["val_accuracy"])
    )
    words = (
        "A training of the book's network by the engine that trains in this page, on 54,000 images. "
        f"From the first of {last} epochs to the last, the loss on validation images fell from {loss:.4f} to "
        f"{loss_after:.4f}, and the accuracy rose from {100 * accuracy:.2f}% to {100 * accuracy_after:.2f}%."
    )
    html = as_html(axes[0].figure, words)
    plt.close(axes[0].figure)
    return f"{html}<p>{words} With JavaScript, you can train it yourself here, in your browser.</p>"
