"""Tests and chapters start in folders of their own, where a relative path to the data would lead elsewhere."""

import os
from pathlib import Path

if os.environ.get("MNIST_TUTORIAL_DATA") not in (None, "", "stand-in"):
    os.environ["MNIST_TUTORIAL_DATA"] = str(Path(os.environ["MNIST_TUTORIAL_DATA"]).expanduser().absolute())
