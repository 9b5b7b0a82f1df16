"""The reader's own settings that conflict with the book: named with a remedy, and overridden where that works.

It is asked whenever the package is imported, so it loads no library and reads one small file.
"""

import importlib.util
import json
import os
import sys
import warnings
from contextlib import suppress

LIBRARIES = ("numpy", "PIL", "matplotlib", "scipy", "sklearn", "keras", "tensorflow", "ipywidgets", "traitlets", "h5py")
BACKEND = "KERAS_BACKEND"
notes = []  # the warnings at the import of the package


def hiding_files():
    """Return sentences, one for each file of the reader's that Python imports instead of a library of the same name."""
    found = []
    for folder in dict.fromkeys(os.path.abspath(one) for one in [*sys.path[:1], ""] if one in sys.path):
        if "site-packages" in folder or "dist-packages" in folder:
            continue
        for name in LIBRARIES:
            for path in (os.path.join(folder, f"{name}.py"), os.path.join(folder, name, "__init__.py")):
                if os.path.isfile(path):
                    found.append(
                        f"{path} hides the library {name}, because Python looks there first: "
                        "rename it, and start Python (or the kernel) again"
                    )
    return found


def keras_settings():
    """Return what the reader's keras.json sets, a dict; empty without one, or if it is no such file."""
    home = os.path.expanduser(os.environ.get("KERAS_HOME", os.path.join("~", ".keras")))
    with suppress(OSError, ValueError, RecursionError):
        with open(os.path.join(home, "keras.json"), encoding="utf-8") as file:
            settings = json.load(file)
        if isinstance(settings, dict):
            return settings
    return {}


def other_backend():
    """Return the name of the backend that Keras is set to use and where that is set, if it is not TensorFlow's.

    Returns None for TensorFlow, or ("jax", "the environment variable KERAS_BACKEND"), for example.
    """
    if os.environ.get(BACKEND):
        name, place = os.environ[BACKEND], f"the environment variable {BACKEND}"
    else:
        name, place = keras_settings().get("backend", "tensorflow"), "keras.json in Keras's home folder"
    return None if name == "tensorflow" else (str(name)[:40], place)


def backend_in_use():
    """Return the name of the backend that Keras computes with, or will once it is imported."""
    config = getattr(sys.modules.get("keras"), "config", None)
    if config is not None:
        return config.backend()
    other = other_backend()
    return other[0] if other else "tensorflow"


def is_installed(backend):
    """Say whether a backend of Keras's can be imported; loads nothing."""
    try:
        return importlib.util.find_spec(backend) is not None
    except (ImportError, ValueError):
        return False


def prepare_keras():
    """Warn of settings that do not suit the book, and override those that can be, before Keras is imported.

    A backend that is not installed is replaced by TensorFlow for this process. Channels first, which TensorFlow cannot
    compute on a processor, is put right by use_channels_last() once Keras is there.
    """
    if "keras" in sys.modules:
        use_channels_last(sys.modules["keras"])
    elif other := other_backend():
        name, place = other
        if is_installed(name):
            _warn(
                f"{place} makes Keras compute with {name}, and the book is written for TensorFlow. "
                f"Set {BACKEND}=tensorflow before Python starts."
            )
        else:
            os.environ[BACKEND] = "tensorflow"
            _warn(
                f"{place} asks Keras for {name}, which is not installed here, so TensorFlow is used. "
                f"To be rid of this message, set {BACKEND}=tensorflow."
            )
    if keras_settings().get("image_data_format") == "channels_first":
        _warn(
            "keras.json in Keras's home folder says channels_first; the book's images have their channel last, "
            "so channels_last is used. To be rid of this message, write channels_last into the file."
        )


def use_channels_last(keras):
    """Make a Keras that has been imported take images with their channel last."""
    config = getattr(keras, "config", None)
    if config is not None and config.image_data_format() != "channels_last":
        config.set_image_data_format("channels_last")


def warn_of_hiding_files():
    """Warn of each file that hides a library."""
    for trouble in hiding_files():
        _warn(f"{trouble}.")


def _warn(message):
    sentence = message[:1].upper() + message[1:]
    notes.append(sentence)
    warnings.warn(sentence, stacklevel=4)  # the line that imports the package
