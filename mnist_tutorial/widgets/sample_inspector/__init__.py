"""SampleInspector: browse digits, read their pixel values, compare them with the average of their kind."""

import numpy as np
import traitlets

from mnist_tutorial.widgets.validation import WholeNumber, digits_as_loaded, whole_number
from mnist_tutorial.widgets.widget import BookWidget


class SampleInspector(BookWidget):
    """Show a sample beside another one or the average of its digit, and the difference between the two.

    images: (n, 28, 28) uint8. labels: (n,) whole numbers, 0 to 9. per_digit: how many of each digit to hold, the
    first ones found; the averages are those of all the images given. Raises ValueError for other shapes or dtypes.

    Traits to read, set and observe: `index` (of the sample shown, in the order held), `digit` (0 to 9 to see
    only that digit, -1 for all), `row` and `column` (the pixel that is read), `other` (the sample
    that it is compared with, in the order held, -1 for the average of its digit). `positions` are those of the held
    samples in the given arrays.
    """

    images = traitlets.Bytes().tag(sync=True)  # (m, 28, 28) uint8
    averages = traitlets.Bytes().tag(sync=True)  # (10, 28, 28) uint8
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    positions = traitlets.List(traitlets.Int()).tag(sync=True)
    index = WholeNumber(0).tag(sync=True)
    digit = WholeNumber(-1, min=-1, max=9).tag(sync=True)
    row = WholeNumber(14, min=0, max=27).tag(sync=True)
    column = WholeNumber(14, min=0, max=27).tag(sync=True)
    other = WholeNumber(-1).tag(sync=True)

    def __init__(self, images, labels, per_digit=20, **traits):
        images, labels = digits_as_loaded("SampleInspector", images, labels)
        found = [np.flatnonzero(labels == digit)[:per_digit] for digit in range(10)]
        positions = np.sort(np.concatenate(found))
        averages = np.zeros((10, 28, 28), dtype=np.uint8)
        for digit in np.unique(labels):
            averages[digit] = images[labels == digit].mean(axis=0).round()
        super().__init__(
            images=images[positions].tobytes(),
            averages=averages.tobytes(),
            labels=labels[positions].tolist(),
            positions=positions.tolist(),
            **traits,
        )

    @traitlets.validate("index")
    def _check_index(self, proposal):
        return whole_number("index", proposal.value, 0, len(self.labels) - 1)

    @traitlets.validate("other")
    def _check_other(self, proposal):
        return whole_number("other", proposal.value, -1, len(self.labels) - 1)

    def difference(self):
        """Return the sample shown minus what it is compared with: (28, 28) int16, -255 to 255."""
        averages = np.frombuffer(self.averages, dtype=np.uint8).reshape(-1, 28, 28)
        images = np.frombuffer(self.images, dtype=np.uint8).reshape(-1, 28, 28)
        other = averages[self.labels[self.index]] if self.other < 0 else images[self.other]
        return self.image().astype(np.int16) - other

    def image(self):
        """Return the sample shown, (28, 28) uint8."""
        return np.frombuffer(self.images, dtype=np.uint8).reshape(-1, 28, 28)[self.index]

    def fallback(self):
        """Return a figure of one image of each digit, and of the averages below them."""
        from mnist_tutorial.plots import draw_images, plt
        from mnist_tutorial.svg import as_html

        images = np.frombuffer(self.images, dtype=np.uint8).reshape(-1, 28, 28)
        averages = np.frombuffer(self.averages, dtype=np.uint8).reshape(-1, 28, 28)
        digits = sorted(set(self.labels))
        first = [images[self.labels.index(digit)] for digit in digits]
        grid = draw_images(np.array(first + [averages[digit] for digit in digits]), columns=len(digits))
        figure = as_html(
            grid.flat[0].figure,
            f"Two rows of digits: above, one sample of each of {', '.join(map(str, digits))}; "
            "below, the blurred average of all the samples of that digit.",
        )
        plt.close(grid.flat[0].figure)
        return figure
