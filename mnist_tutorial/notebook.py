"""Show results below a cell: sentences with the run's own numbers, and figures with a text alternative."""

import os
import platform
import sys

from IPython.display import Markdown, display

from mnist_tutorial.svg import as_html

# The libraries that decide a chapter's numbers, as they are imported and as they are called.
LIBRARIES = {
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "numpy": "NumPy",
    "scipy": "SciPy",
    "sklearn": "scikit-learn",
    "onnx": "ONNX",
    "onnxruntime": "ONNX Runtime",
    "ai_edge_litert": "LiteRT",
    "PIL": "Pillow",
}


def say(text):
    """Show a sentence in Markdown, so that a number in it comes from the run and not from the author."""
    display(Markdown(text))


def colophon(*seeds):
    """Show a chapter's last line, which says what is needed to repeat its run.

    seeds: the random seeds that the chapter sets, whole numbers; none if it draws no random numbers.
    The line lists them, the data set that load_mnist returned last, the versions of those LIBRARIES that were
    imported, and the machine.
    """
    from mnist_tutorial import data

    randomness = f"the random seed{'s' * (len(seeds) > 1)} {_listed(map(str, seeds))}" if seeds else "no random numbers"
    digits = f"; {data.loaded}" if data.loaded else ""
    versions = [f"{name} {version}" for name, version in library_versions().items()]
    cores = os.cpu_count()
    machine = f"{platform.system()} on {platform.machine()} with {cores} processor core{'s' * (cores != 1)}"
    say(f"*This run: {randomness}{digits}; {_listed(versions)}; {machine}.*")


def library_versions():
    """Return the versions of Python and of those LIBRARIES that were imported, by their names."""
    imported = {name: sys.modules[module].__version__ for module, name in LIBRARIES.items() if module in sys.modules}
    return {"Python": platform.python_version(), **imported}


def _listed(words):
    """Join words as in a sentence: "1", "1 and 2", "1, 2 and 3"."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def show(axes, description):
    """Show a figure drawn with matplotlib, in the colours of the page around it.

    axes: what the functions in `plots` return: Axes, an array of Axes, or a Figure.
    description: the figure in words, with its numbers, for readers who cannot see it. Raises ValueError if it is empty.

    The figure becomes an SVG in the page: sharp at any size, dark on a light page and light on a dark one.
    """
    if not description.strip():
        raise ValueError(
            "show() was given an empty description; it expects the figure in words, "
            'for example show(axes, "A bar chart: ...").'
        )
    figure = axes if hasattr(axes, "savefig") else _first(axes).figure
    display({"text/html": as_html(figure, description), "text/plain": description}, raw=True)
    import matplotlib.pyplot as plt

    plt.close(figure)  # otherwise Jupyter shows the figure a second time


def _first(axes):
    """Return the first of an array of Axes, or the Axes itself."""
    return axes.flat[0] if hasattr(axes, "flat") else axes
