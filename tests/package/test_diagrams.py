"""The diagrams: their numbers are the network's, both forms say the same, and they fit light and dark pages."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup

from mnist_tutorial import diagrams
from mnist_tutorial.narrow import COLUMN, READABLE
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.forward_pass import layers_of
from mnist_tutorial.reference.weights_format import decode

IMAGE = np.random.default_rng(0).integers(0, 256, (28, 28), "u1")
LAYERS = layers_of(load_page_weights(), IMAGE)
DIAGRAMS = {
    "window": diagrams.sliding_window(IMAGE, 16, 4, 13),
    "pooling": diagrams.largest_of_four(IMAGE, 16, 10, 12),
    "softmax": diagrams.scores_to_probabilities(IMAGE, 3),
}
each_diagram = pytest.mark.parametrize("name", DIAGRAMS)


def forms(diagram):
    soup = BeautifulSoup(diagram._repr_mimebundle_()["text/html"], "html.parser")
    return soup.select_one("figure.book-figure > svg.wide"), soup.select_one("figure.book-figure > svg.narrow")


def texts(svg):
    return [one.get_text().replace("−", "-") for one in svg.find_all("text")]


@each_diagram
def test_both_forms_show_the_same_and_are_told_in_words(name):
    diagram, (wide, narrow) = DIAGRAMS[name], forms(DIAGRAMS[name])
    assert sorted(texts(wide)) == sorted(texts(narrow))
    assert wide["aria-label"] == narrow["aria-label"] == diagram.description
    assert diagram._repr_mimebundle_()["text/plain"] == diagram.description
    assert "display: block" in wide["style"]
    assert "display: none" in narrow["style"]


@each_diagram
def test_narrow_form_fits_a_phone_and_can_be_read(name):
    wide, narrow = forms(DIAGRAMS[name])
    assert float(narrow["width"]) <= COLUMN < float(wide["width"]) < 700
    for one in (wide, narrow):
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', str(one))]
        assert min(sizes) >= READABLE


@each_diagram
def test_text_has_the_colour_of_the_page_or_of_its_own_cell(name):
    """Ink of a fixed colour stands only on a cell of a fixed grey, which the same element group draws before it."""
    for svg in forms(DIAGRAMS[name]):
        assert svg["fill"] == "currentColor"
        for text in svg.find_all("text", fill=True):
            cell = text.find_previous_sibling("rect")
            level = int(cell["fill"][1:3], 16)
            assert cell["fill"] == f"#{level:02x}" + f"{level:02x}" * 2
            assert text["fill"] == ("#101010" if level > 110 else "#f5f5f5")


def test_window_shows_the_sum_of_its_products():
    kernel, biases = decode(load_page_weights()["convolution"])
    pixels, weights = IMAGE[4:9, 13:18] / 255, kernel[:, :, 0, 16]
    found = texts(forms(DIAGRAMS["window"])[0])
    for table in (pixels, weights, pixels * weights):
        shown = [f"{value:.2f}".replace("-0.00", "0.00") for value in table.ravel()]
        assert any(found[i : i + 25] == shown for i in range(len(found)))
    total = (pixels * weights).sum()
    assert f"{total:.4f}" in found
    assert f"after ReLU: {max(total + biases[16], 0):.4f}" in found
    assert np.isclose(max(total + biases[16], 0), LAYERS["convolution"][4, 13, 16], atol=1e-5)


def test_pooling_keeps_the_largest_of_each_square_and_rings_it():
    before = LAYERS["convolution"][10:14, 12:16, 16]
    found = texts(forms(DIAGRAMS["pooling"])[0])
    for table in (before, before.reshape(2, 2, 2, 2).max(axis=(1, 3))):
        shown = [f"{value:.2f}" for value in table.ravel()]
        assert any(found[i : i + table.size] == shown for i in range(len(found)))
    values = np.array([[0, 3, 0, 0], [1, 2, 0, 0], [5, 5, 1, 2], [0, 0, 4, 3]])
    rings = re.findall(r'x="(\d+)" y="(\d+)" width="2"', diagrams._winners(values, 10))
    assert [(int(y) // 10, int(x) // 10) for x, y in rings[::2]] == [(0, 1), (0, 2), (2, 0), (3, 2)]


def test_softmax_adds_up_to_one():
    found = texts(forms(DIAGRAMS["softmax"])[0])
    for share, score in zip(LAYERS["probabilities"], LAYERS["logits"], strict=True):
        assert f"{share:.3f}" in found
        assert f"{score:.2f}" in found
    assert found[-1] == "1.000"
    bold = forms(DIAGRAMS["softmax"])[0].select('g[font-weight="700"]')
    assert [row.find("text").get_text() for row in bold] == [str(LAYERS["probabilities"].argmax())]


def test_signed_colours_let_the_page_show_through_at_zero():
    assert diagrams.SIGNED(0.5)[3] == 0
    for end, colour in ((0.0, diagrams.BLUE), (1.0, diagrams.RED)):
        assert np.allclose(diagrams.SIGNED(end), (*diagrams.mpl.colors.to_rgb(colour), 1), atol=0.01)


@pytest.mark.filterwarnings("error")
def test_signed_numbers_have_the_text_colour_of_the_page():
    axes = diagrams.draw_signed_numbers([[-1.0, 0.0, 2.5]], plt.subplots()[1], largest=np.float32(2), decimals=1)
    assert [text.get_text() for text in axes.texts] == ["−1.0", "0.0", "2.5"]
    assert {text.get_color() for text in axes.texts} == {"black"}  # which svg.py turns into the page's own
    assert axes.images[0].get_clim() == (-2, 2)
    plt.close(axes.figure)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: diagrams.sliding_window(IMAGE / 255, 16, 4, 13), "uint8"),
        (lambda: diagrams.sliding_window(IMAGE, 30, 4, 13), "0 to 29"),
        (lambda: diagrams.sliding_window(IMAGE, 16, 24, 13), "0 to 23"),
        (lambda: diagrams.largest_of_four(IMAGE, 16, 11, 12), "must be even"),
        (lambda: diagrams.largest_of_four(IMAGE, 16, 10, 22), "0 to 20"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
