"""Shared code of the book: one small module per step of the tutorial, named after it.

Importing the package is cheap: TensorFlow is loaded by the functions that need it.
"""

import os as _os
import sys as _sys

from mnist_tutorial import quiet as _quiet
from mnist_tutorial import reader_settings as _reader_settings
from mnist_tutorial.network_file import load_network, save_network
from mnist_tutorial.reference import load_epochs, load_record, load_reference_model, load_repeats

__all__ = ["load_epochs", "load_network", "load_record", "load_reference_model", "load_repeats", "save_network"]

# NumPy is not loaded yet. Products as small as the book's are quicker on one core than shared among several, which
# spend their time waiting for one another; and their last digits do not depend on the number of cores.
_os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
_quiet.silence_tensorflow_import()
_reader_settings.warn_of_hiding_files()
if getattr(_sys, "argv", [])[:1] != ["-m"]:  # the command line takes no Keras
    _reader_settings.prepare_keras()
