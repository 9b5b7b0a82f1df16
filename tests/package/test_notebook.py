"""What a cell shows: sentences, figures, and the line that says how to repeat its run."""

import platform
import sys
import types
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mnist_tutorial import data, notebook, plots

WORDS = "Ten bars, one for each digit, about equally high."


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture
def shown(monkeypatch):
    """Collect what is displayed instead of displaying it."""
    collected = []
    monkeypatch.setattr(notebook, "display", lambda thing, **options: collected.append((thing, options)))
    return collected


def bars():
    return plots.draw_bars(range(1, 11)).figure


def svg_of(html):
    """Return the SVG of a figure, read with a strict parser."""
    return ET.fromstring(html).find("{http://www.w3.org/2000/svg}svg")


@pytest.mark.parametrize(
    "draw", [lambda: plots.draw_bars([1, 2]), lambda: plots.draw_images(np.zeros((3, 4, 4))), bars]
)
def test_show_gives_html_and_words_and_closes_the_figure(draw, shown):
    notebook.show(draw(), WORDS)
    ((bundle, options),) = shown
    assert options == {"raw": True}
    assert bundle["text/plain"] == WORDS
    assert svg_of(bundle["text/html"]).get("aria-label") == WORDS
    assert plt.get_fignums() == []  # or Jupyter would show it twice


@pytest.mark.parametrize("nothing", ["", " \n"])
def test_show_insists_on_a_description(nothing, shown):
    with pytest.raises(ValueError, match=r"empty description.*in words"):
        notebook.show(plots.draw_bars([1, 2]), nothing)
    assert shown == []


def test_say_shows_markdown(shown):
    notebook.say("**99%** right")
    ((markdown, _),) = shown
    assert markdown._repr_markdown_() == "**99%** right"


class TestColophon:
    @pytest.fixture
    def line(self, shown):
        """Return a function that gives the line as text."""

        def line(*seeds):
            notebook.colophon(*seeds)
            return shown.pop()[0].data

        return line

    @pytest.mark.parametrize(
        ("seeds", "words"),
        [((), "no random numbers"), ((42,), "the random seed 42"), ((1, 3, 7), "the random seeds 1, 3 and 7")],
    )
    def test_names_the_seeds(self, line, seeds, words):
        assert line(*seeds).startswith(f"*This run: {words};")

    def test_names_the_digits_that_were_loaded_last(self, line, monkeypatch):
        monkeypatch.setattr(data, "loaded", "")
        assert "digits" not in line(1)
        data.load_mnist("stand-in", quiet=True)
        assert "; Stand-in digits, not MNIST (as asked); Python" in line(1)

    def test_names_the_versions_of_what_was_imported(self, line, monkeypatch):
        monkeypatch.delitem(sys.modules, "scipy", raising=False)
        assert f"Python {platform.python_version()}, " in line()
        assert f"NumPy {np.__version__}" in line()
        assert "SciPy" not in line()
        monkeypatch.setitem(sys.modules, "scipy", types.SimpleNamespace(__version__="1.2.3"))
        assert "SciPy 1.2.3" in line()

    @pytest.mark.parametrize(("cores", "words"), [(1, "1 processor core.*"), (8, "8 processor cores.*")])
    def test_names_the_machine(self, line, monkeypatch, cores, words):
        monkeypatch.setattr("os.cpu_count", lambda: cores)
        assert line().endswith(f"{platform.system()} on {platform.machine()} with {words}")
