"""What a cell shows: sentences, and figures as SVG that everyone can read."""

import base64
import io
import platform
import re
import sys
import types
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from mnist_tutorial import data, notebook, plots

NOT_ESCAPED = 'Bars: "3" < 5 & more, in all ten.'
WORDS = ("Ten bars, one for each digit, about equally high.", "Two curves that fall from left to right.")


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


def test_figure_has_a_role_and_a_label():
    svg = svg_of(notebook.as_html(bars(), NOT_ESCAPED))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == NOT_ESCAPED
    assert NOT_ESCAPED not in notebook.as_html(bars(), NOT_ESCAPED)


@pytest.mark.parametrize("draw", [bars, lambda: plots.draw_image(np.eye(4)).figure], ids=["bars", "image"])
def test_two_figures_on_one_page_share_no_id(draw):
    first, second = (set(re.findall(r'\bid="([^"]*)"', notebook.as_html(draw(), words))) for words in WORDS)
    assert first & second == set()


def test_equal_images_in_one_figure_share_no_id():
    figure, grid = plots.plt.subplots(1, 2)
    for axes in grid:
        plots.draw_image(np.eye(4), axes)
    ids = re.findall(r'\bid="([^"]*)"', notebook.as_html(figure, WORDS[0]))
    assert len(set(ids)) == len(ids)


def test_every_reference_within_a_figure_leads_somewhere():
    html = notebook.as_html(plots.draw_history({"loss": [2, 1], "accuracy": [0, 1]})[0].figure, WORDS[1])
    ids = re.findall(r'\bid="([^"]*)"', html)
    used = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', html)
    assert used
    assert {one or other for one, other in used} <= set(ids)
    assert len(ids) == len(set(ids))


def test_figure_styles_nothing_but_itself():
    html = notebook.as_html(bars(), WORDS[0])
    assert "<style" not in html
    assert "<metadata" not in html
    assert html.startswith('<figure class="book-figure"')


def test_figure_takes_the_colours_and_the_font_of_the_page():
    html = notebook.as_html(bars(), WORDS[0])
    assert "#000000" not in html
    assert "--pst-color-text-base" in svg_of(html).get("style")
    assert "currentColor" in html
    assert set(re.findall(r"font-family: ([^;\"]*)", html)) <= {"inherit"}
    assert plots.BLUE in html  # a colour that means something stays
    texts = [text.text for text in svg_of(html).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:10] == [str(digit) for digit in range(10)]  # text that can be searched and read aloud


@pytest.mark.parametrize("colours", ["gray", "Blues"])
def test_images_are_packed_and_keep_their_pixels(colours):
    image = np.random.default_rng(2).integers(0, 256, (28, 28))
    html = notebook.as_html(plots.draw_image(image, colours=colours).figure, WORDS[0])
    packed = base64.b64decode(re.search(r'base64,([^"]*)', html)[1])
    found = np.asarray(Image.open(io.BytesIO(packed)).convert("RGBA"))
    expected = plt.get_cmap(colours)(plt.Normalize(0, 255)(image), bytes=True)
    np.testing.assert_array_equal(found, expected)
    assert (len(packed) < 1000) == (colours == "gray")  # a byte a pixel, and what a PNG adds


def test_same_figure_gives_the_same_html():
    assert notebook.as_html(bars(), WORDS[0]) == notebook.as_html(bars(), WORDS[0])


@pytest.mark.parametrize(
    "draw", [lambda: plots.draw_bars([1, 2]), lambda: plots.draw_images(np.zeros((3, 4, 4))), bars]
)
def test_show_gives_html_and_words_and_closes_the_figure(draw, shown):
    notebook.show(draw(), WORDS[0])
    ((bundle, options),) = shown
    assert options == {"raw": True}
    assert bundle["text/plain"] == WORDS[0]
    assert svg_of(bundle["text/html"]).get("aria-label") == WORDS[0]
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
