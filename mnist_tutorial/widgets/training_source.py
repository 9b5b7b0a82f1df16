"""What a widget that trains asks Python for in Jupyter, where the book's files are not beside it."""

import traitlets

from mnist_tutorial.widgets import training_data
from mnist_tutorial.widgets.engine.worker_program import worker_program


class TrainingSource(traitlets.HasTraits):
    """The traits by which frontend/training_source.js asks, for a widget to inherit.

    wanted: {"which": name, "count": how often the browser has asked}. sent: what Python answers, with the same two
    entries: `text` of the engine's "program"; or `images`, `labels` and the like of the digits that load_digits() calls
    so; or `problem`, in words.
    """

    wanted = traitlets.Dict().tag(sync=True, page=False)
    sent = traitlets.Dict().tag(sync=True, page=False)

    @traitlets.observe("wanted")
    def _answer(self, change):
        asked = {name: change.new.get(name) for name in ("which", "count")}
        try:
            self.sent = {**asked, **_content(asked["which"])}
        except Exception as error:  # whatever went wrong, the reader must see it: the browser waits for an answer
            self.sent = {**asked, "problem": f"Python could not send it: {error}"}


def _content(which):
    """Return what the browser has asked for: the engine's program, or digits."""
    if which == "program":
        return {"text": worker_program()}
    digits = training_data.load_digits(which)
    arrays = {
        "images": digits.images,
        "labels": digits.labels,
        "validation_images": digits.validation_images,
        "validation_labels": digits.validation_labels,
    }
    return {name: array.tobytes() for name, array in arrays.items() if array is not None} | {
        "stand_in": digits.source == "stand-in"
    }
