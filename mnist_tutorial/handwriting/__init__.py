"""From a photo or a drawing to an image as MNIST has them."""

from mnist_tutorial.handwriting.frame import check_frame, crop_to_frame, part_of
from mnist_tutorial.handwriting.preparation import (
    SIDE,
    STEPS,
    HandwritingError,
    Prepared,
    fit,
    prepare,
    prepare_grey,
    read_ink,
    split,
)
from mnist_tutorial.handwriting.read_image import read_grey

__all__ = [
    "SIDE",
    "STEPS",
    "HandwritingError",
    "Prepared",
    "check_frame",
    "crop_to_frame",
    "fit",
    "part_of",
    "prepare",
    "prepare_grey",
    "read_grey",
    "read_ink",
    "split",
]
