"""Shared code of the book: one small module per step of the tutorial, named after it.

Importing the package is cheap: TensorFlow is loaded by the functions that need it.
"""

from mnist_tutorial import quiet as _quiet
from mnist_tutorial.reference import load_epochs, load_record, load_reference_model, load_repeats

__all__ = ["load_epochs", "load_record", "load_reference_model", "load_repeats"]

_quiet.silence_tensorflow_import()
