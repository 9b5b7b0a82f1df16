"""What PredictionInspector shows where no script runs: tables and an image."""

import base64
import io

import numpy as np

from mnist_tutorial.widgets.packing import unpack

MAX_IMAGES = 120  # more would make a page heavy
COLUMNS = 20


def matrix(confusion):
    """Return the confusion matrix as a table. confusion: (10, 10) whole numbers."""
    head = "".join(f'<th scope="col">{digit}</th>' for digit in range(10))
    rows = "".join(
        f'<tr><th scope="row">{label}</th>'
        + "".join(
            f"<td><strong>{count}</strong></td>" if label == answer else f"<td>{count}</td>"
            for answer, count in enumerate(row)
        )
        + "</tr>"
        for label, row in enumerate(confusion)
    )
    return (
        f"<table><caption>How often each label (row) got each answer (column), over {confusion.sum():,} digits: "
        f"{np.trace(confusion):,} right answers on the diagonal, {confusion.sum() - np.trace(confusion):,} errors "
        f"beside it.</caption><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def errors(images, labels, answers, confusion):
    """Return the most frequent confusions in a sentence, and an image of the errors, the most confident first.

    images: bytes, as pack() returns them. labels, answers: (m,) of the same digits, the most confident first.
    """
    wrong = confusion * (1 - np.eye(10, dtype=int))
    if not wrong.sum():
        return "<p>The network made no errors.</p>"
    often = [divmod(int(place), 10) for place in np.argsort(-wrong.ravel(), kind="stable")[:5]]
    confusions = ", ".join(
        f"{label} read as {answer} ({wrong[label, answer]})" for label, answer in often if wrong[label, answer]
    )
    shown = unpack(images)[np.flatnonzero(np.asarray(labels) != answers)[:MAX_IMAGES]]
    all_of = "All" if len(shown) == wrong.sum() else f"The most confident {len(shown)} of"
    words = f"{all_of} {wrong.sum():,} errors, the most confident first, row by row."
    return f"<p>The most frequent confusions: {confusions}. {words}</p>{_mosaic(shown, words)}"


def _mosaic(images, words):
    """Return images side by side as one, each pixel a grey: half the size of a figure's."""
    from PIL import Image

    rows = -(-len(images) // COLUMNS)
    tiles = np.zeros((rows * COLUMNS, 30, 30), dtype=np.uint8)
    tiles[: len(images), 1:-1, 1:-1] = images
    mosaic = tiles.reshape(rows, COLUMNS, 30, 30).swapaxes(1, 2).reshape(rows * 30, COLUMNS * 30)
    drawn = io.BytesIO()
    Image.fromarray(mosaic).save(drawn, format="png", optimize=True)
    data = base64.b64encode(drawn.getvalue()).decode("ascii")
    return f'<img alt="{words}" style="max-width: 100%" src="data:image/png;base64,{data}">'
