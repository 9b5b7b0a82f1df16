"""Shared code of the book: one small module per step of the tutorial, named after it.

Importing the package is cheap: TensorFlow is loaded by the functions that need it.
"""

import sys as _sys

from mnist_tutorial import quiet as _quiet
from mnist_tutorial import reader_settings as _reader_settings
from mnist_tutorial.network_file import load_network, save_network
from mnist_tutorial.reference import load_epochs, load_record, load_reference_model, load_repeats

__all__ = ["load_epochs", "load_network", "load_record", "load_reference_model", "load_repeats", "save_network"]

_quiet.silence_tensorflow_import()
_reader_settings.warn_of_hiding_files()
if getattr(_sys, "argv", [])[:1] != ["-m"]:  # the command line takes no Keras
    _reader_settings.prepare_keras()
