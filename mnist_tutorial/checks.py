"""Checks that a reader can run."""

import platform
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

NEEDED = ("tensorflow", "keras", "numpy", "matplotlib", "scikit-learn", "ipywidgets")
SUPPORTED = ((3, 11), (3, 13))


def check_installation():
    """Print what is installed, and in the last line whether that is enough; return True if it is."""
    problems = []
    print(f"Python {platform.python_version()} on {platform.system()}")
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        problems.append("the book needs Python 3.11, 3.12 or 3.13: install one of them and start again")
    for name in NEEDED:
        try:
            print(f"{name} {version(name)}")
        except PackageNotFoundError:
            print(f"{name} is missing")
            problems.append(f"{name} is missing: type  {sys.executable} -m pip install {name}")
    if not problems:
        try:
            keras = import_module("keras")
            total = float(keras.ops.sum(keras.ops.ones((2, 3))))
        except Exception as error:  # whatever stops TensorFlow, the reader needs to see it
            problems.append(f"TensorFlow does not start: {error}")
        else:
            if total != 6:
                problems.append(f"TensorFlow computed 2 x 3 ones and got {total} as their sum, not 6")
    print("Everything is ready." if not problems else "Not ready: " + "; ".join(problems) + ".")
    return not problems
