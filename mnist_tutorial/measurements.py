"""Simple measurements of a handwritten digit, for rules written by hand."""

from typing import NamedTuple

import numpy as np

from mnist_tutorial.arrays import as_array

INK_THRESHOLD = 100  # a pixel above this value counts as ink; 0 is empty paper, 255 is full ink
MIN_HOLE_SIZE = 3  # pixels; a smaller gap in the ink is an accident of the pen


class Measurements(NamedTuple):
    """What `measure` finds. Shares and positions go from 0 to 1."""

    ink: float  # share of the 784 pixels that hold ink
    width: float  # width of the digit divided by its height
    top: float  # share of the ink in the upper half of the digit
    left: float  # share of the ink in its left half
    holes: int  # patches of paper with ink all around them
    hole_position: float  # of the largest hole: 0 at the top of the digit, 1 at the bottom; 0.5 without a hole


def measure(image):
    """Measure one digit. image: (28, 28) uint8, 0 to 255. Raises ValueError for others, and when no pixel holds ink."""
    image = as_array("measure", "an image", image)
    if image.shape != (28, 28) or image.dtype.kind not in "iu":
        raise ValueError(
            f"measure() was given an array of shape {image.shape} and type {image.dtype}; "
            "it expects one image as load_mnist() gives them: shape (28, 28), type uint8. "
            "Pass it X_train[0], for example."
        )
    from scipy import ndimage

    inked = image > INK_THRESHOLD
    rows, columns = np.nonzero(inked)
    if not len(rows):
        raise ValueError(
            f"measure() was given an image without ink (no pixel above {INK_THRESHOLD}); it expects light ink on black."
        )
    height = rows.max() - rows.min() + 1
    width = columns.max() - columns.min() + 1
    # A border of paper joins all the paper outside the digit into one patch, the first that is found.
    patches, _ = ndimage.label(np.pad(~inked, 1, constant_values=True))
    sizes = np.bincount(patches.ravel())
    sizes[:2] = 0
    hole_position = 0.5
    if sizes.max(initial=0) >= MIN_HOLE_SIZE:
        hole_rows = np.nonzero(patches == sizes.argmax())[0] - 1
        hole_position = (hole_rows.mean() - rows.min() + 0.5) / height
    return Measurements(
        ink=float(inked.mean()),
        width=float(width / height),
        top=float((rows < rows.min() + height / 2).mean()),
        left=float((columns < columns.min() + width / 2).mean()),
        holes=int((sizes >= MIN_HOLE_SIZE).sum()),
        hole_position=float(hole_position),
    )
