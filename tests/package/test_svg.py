"""Figures as SVG that everyone can read, in the colours of the page, and as small as they can be."""

import base64
import io
import re
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from mnist_tutorial import plots
from mnist_tutorial.svg import as_html

NOT_ESCAPED = 'Bars: "3" < 5 & more, in all ten.'
WORDS = ("Ten bars, one for each digit, about equally high.", "Two curves that fall from left to right.")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def bars():
    return plots.draw_bars(range(1, 11)).figure


def svg_of(html):
    """Return the first SVG of a figure, read with a strict parser."""
    return ET.fromstring(html).find("{http://www.w3.org/2000/svg}svg")


def test_figure_has_a_role_and_a_label():
    svg = svg_of(as_html(bars(), NOT_ESCAPED))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == NOT_ESCAPED
    assert NOT_ESCAPED not in as_html(bars(), NOT_ESCAPED)


@pytest.mark.parametrize("draw", [bars, lambda: plots.draw_image(np.eye(4)).figure], ids=["bars", "image"])
def test_two_figures_on_one_page_share_no_id(draw):
    first, second = (set(re.findall(r'\bid="([^"]*)"', as_html(draw(), words))) for words in WORDS)
    assert first & second == set()


def test_equal_images_in_one_figure_share_no_id():
    figure, grid = plots.plt.subplots(1, 2)
    for axes in grid:
        plots.draw_image(np.eye(4), axes)
    ids = re.findall(r'\bid="([^"]*)"', as_html(figure, WORDS[0]))
    assert len(set(ids)) == len(ids)


def test_every_reference_within_a_figure_leads_somewhere():
    html = as_html(plots.draw_history({"loss": [2, 1], "accuracy": [0, 1]})[0].figure, WORDS[1])
    ids = re.findall(r'\bid="([^"]*)"', html)
    used = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', html)
    assert used
    assert {one or other for one, other in used} <= set(ids)
    assert len(ids) == len(set(ids))


def test_figure_styles_nothing_but_itself():
    html = as_html(bars(), WORDS[0])
    assert "<style" not in html
    assert "<metadata" not in html
    assert html.startswith('<figure class="book-figure"')


def test_figure_takes_the_colours_and_the_font_of_the_page():
    html = as_html(bars(), WORDS[0])
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
    html = as_html(plots.draw_image(image, colours=colours).figure, WORDS[0])
    packed = base64.b64decode(re.search(r'base64,([^"]*)', html)[1])
    found = np.asarray(Image.open(io.BytesIO(packed)).convert("RGBA"))
    expected = plt.get_cmap(colours)(plt.Normalize(0, 255)(image), bytes=True)
    np.testing.assert_array_equal(found, expected)
    assert (len(packed) < 1000) == (colours == "gray")  # a byte a pixel, and what a PNG adds


def test_lengths_have_two_decimals_and_text_that_is_not_turned_has_no_angle():
    html = as_html(bars(), WORDS[0])
    lengths = re.findall(r' (?:d|x|y)="([^"]*)"', html)
    assert len(lengths) > 20
    assert not [length for length in lengths if re.search(r"\.\d{3}", length)]
    assert "rotate" not in html


def test_same_figure_gives_the_same_html():
    assert as_html(bars(), WORDS[0]) == as_html(bars(), WORDS[0])
