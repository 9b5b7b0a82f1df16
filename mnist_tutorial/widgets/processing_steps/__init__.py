"""ProcessingSteps: one image on its way from the file to the network, and its label becoming one-hot."""

import html

import numpy as np
import traitlets

from mnist_tutorial.processing import process_labels
from mnist_tutorial.widgets.widget import BookWidget

STEPS = ("loaded", "reshaped", "float32", "scaled")
MAX_IMAGES = 20


class ProcessingSteps(BookWidget):
    """Show one image step by step: loaded, with a channel axis, as float32, divided by 255.

    images: (n, 28, 28) uint8, 1 to 20 of them. labels: (n,) whole numbers, 0 to 9. Raises ValueError for anything else.

    Traits to read, set and observe: `index` (which image), `step` (0 to 3), `row` and `column` (the pixel that is
    read), `divisions` (how often the last step divides by 255: 1, or by mistake 0 or 2), `label` (the digit shown as
    one-hot; to choose an image on the page chooses its label, too).
    """

    images = traitlets.Bytes().tag(sync=True)  # (n, 28, 28) uint8
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    row = traitlets.Int(14).tag(sync=True)
    column = traitlets.Int(14).tag(sync=True)
    divisions = traitlets.Int(1).tag(sync=True)
    label = traitlets.Int(0).tag(sync=True)

    def __init__(self, images, labels, **traits):
        images, labels = np.asarray(images), np.asarray(labels)
        if images.ndim != 3 or images.shape[1:] != (28, 28) or images.dtype != np.uint8:
            raise ValueError(
                f"ProcessingSteps was given images of shape {images.shape} and type {images.dtype}; "
                "it expects them as load_mnist() gives them, before any processing: (n, 28, 28) uint8."
            )
        if not 1 <= len(images) <= MAX_IMAGES:
            raise ValueError(
                f"ProcessingSteps was given {len(images):,} images; it expects 1 to {MAX_IMAGES}, "
                "for example ProcessingSteps(X_train[:10], Y_train[:10])."
            )
        if labels.shape != (len(images),) or labels.min() < 0 or labels.max() > 9:
            raise ValueError(
                f"ProcessingSteps was given labels of shape {labels.shape}; "
                f"it expects one whole number from 0 to 9 for each of the {len(images)} images."
            )
        labels = labels.tolist()
        super().__init__(images=images.tobytes(), labels=labels, **{"label": labels[0]} | traits)

    @traitlets.validate("index")
    def _check_index(self, proposal):
        return _within("index", proposal.value, len(self.labels) - 1)

    @traitlets.validate("step")
    def _check_step(self, proposal):
        return _within("step", proposal.value, len(STEPS) - 1)

    @traitlets.validate("row", "column")
    def _check_pixel(self, proposal):
        return _within(proposal.trait.name, proposal.value, 27)

    @traitlets.validate("divisions")
    def _check_divisions(self, proposal):
        return _within("divisions", proposal.value, 2)

    @traitlets.validate("label")
    def _check_label(self, proposal):
        return _within("label", proposal.value, 9)

    def array(self, step=None):
        """Return the image as the array it is at a step, 0 to 3, or at the one shown.

        (28, 28) uint8; (28, 28, 1) uint8; (28, 28, 1) float32, 0 to 255; the same divided by 255.
        """
        step = self.step if step is None else step
        image = np.frombuffer(self.images, dtype=np.uint8).reshape(-1, 28, 28)[self.index]
        if step >= 1:
            image = image.reshape(28, 28, 1)
        if step >= 2:
            image = image.astype("float32")
        if step >= 3:
            for _ in range(self.divisions):
                image = image / 255
        return image

    def one_hot(self):
        """Return the label shown as its one-hot row: (10,) float32."""
        return process_labels([self.label])[0]

    def fallback(self):
        """Return a table of the four steps, and the label's one-hot row in a sentence."""
        rows = ""
        for step, name in enumerate(STEPS):
            array = self.array(step)
            decimals = (0, 0, 1, (1, 3, 5)[self.divisions])[step]
            pixel = array.reshape(28, 28)[self.row, self.column]
            low, high = (f"{value:.{decimals}f}" for value in (array.min(), array.max()))
            facts = (name, array.shape, array.dtype, f"{low} to {high}", f"{array.nbytes:,}", f"{pixel:.{decimals}f}")
            rows += f"<tr>{''.join(f'<td>{html.escape(str(fact))}</td>' for fact in facts)}</tr>"
        heads = ("step", "shape", "dtype", "range", "bytes", f"pixel [{self.row}, {self.column}]")
        row = self.one_hot()
        numbers = " ".join(f"{value:.0f}" for value in row)
        return (
            f"<table><caption>One image of a handwritten {self.labels[self.index]}, step by step.</caption>"
            f"<thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>{rows}</tbody></table>"
            f"<p>The label {self.label} as one-hot: {numbers}. The largest number stands in place {row.argmax()}.</p>"
        )


def _within(name, value, highest):
    if not 0 <= value <= highest:
        raise traitlets.TraitError(f"{name} was given {value}; it expects a whole number from 0 to {highest}.")
    return value
