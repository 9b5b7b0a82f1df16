"""ProcessingSteps: one image on its way from the file to the network, and its label becoming one-hot."""

import html

import numpy as np
import traitlets

from mnist_tutorial.processing import process_labels
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.forward_pass import probabilities_of
from mnist_tutorial.widgets.validation import WholeNumber, digits_as_loaded, weights_of, whole_number
from mnist_tutorial.widgets.widget import BookWidget

STEPS = ("loaded", "reshaped", "float32", "scaled")
MAX_IMAGES = 20


class ProcessingSteps(BookWidget):
    """Show one image as loaded, with a channel axis, as float32, divided by 255, and what a network says each time.

    images: (n, 28, 28) uint8, 1 to 20 of them. labels: (n,) whole numbers, 0 to 9. model: a network such as
    build_model() makes, whose weights are taken as they are now; None for the reference network. In a built page the
    network is the book's, or the one that the reader has trained there. Raises ValueError for anything else.

    Traits to read, set and observe: `index` (which image), `step` (0 to 3), `row` and `column` (the pixel that is
    read), `divisions` (how often the last step divides by 255: 1, or by mistake 0 or 2), `label` (the digit shown as
    one-hot; choosing an image on the page also chooses its label).
    """

    images = traitlets.Bytes().tag(sync=True)  # (n, 28, 28) uint8
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    index = WholeNumber(0).tag(sync=True)
    step = WholeNumber(0, min=0, max=len(STEPS) - 1).tag(sync=True)
    row = WholeNumber(14, min=0, max=27).tag(sync=True)
    column = WholeNumber(14, min=0, max=27).tag(sync=True)
    divisions = WholeNumber(1, min=0, max=2).tag(sync=True)
    label = WholeNumber(0, min=0, max=9).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True, page=False)

    def __init__(self, images, labels, model=None, **traits):
        images, labels = digits_as_loaded("ProcessingSteps", images, labels, MAX_IMAGES)
        labels = labels.tolist()
        weights = load_page_weights() if model is None else weights_of("ProcessingSteps", model)
        super().__init__(images=images.tobytes(), labels=labels, weights=weights, **{"label": labels[0]} | traits)

    @traitlets.validate("index")
    def _check_index(self, proposal):
        return whole_number("index", proposal.value, 0, len(self.labels) - 1)

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

    def probabilities(self, step=None):
        """Return what the network says to the numbers of a step, or of the one shown: ten floats, 0 to 1."""
        return probabilities_of(self.weights, self.array(step).reshape(28, 28).astype("float32") * 255)

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
            ten = self.probabilities(step)
            says = f"{np.argmax(ten)}, {max(ten):.1%}"
            pixel = f"{pixel:.{decimals}f}"
            facts = (name, array.shape, array.dtype, f"{low} to {high}", f"{array.nbytes:,}", pixel, says)
            rows += f"<tr>{''.join(f'<td>{html.escape(str(fact))}</td>' for fact in facts)}</tr>"
        heads = ("step", "shape", "dtype", "range", "bytes", f"pixel [{self.row}, {self.column}]", "the network")
        row = self.one_hot()
        numbers = " ".join(f"{value:.0f}" for value in row)
        return (
            f"<table><caption>One image of a handwritten {self.labels[self.index]}, step by step.</caption>"
            f"<thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>{rows}</tbody></table>"
            f"<p>The label {self.label} as one-hot: {numbers}. The largest number is in place {row.argmax()}.</p>"
        )
