"""The image that a chapter opens with: each chapter has one, and it shows what is there."""

import base64
import io
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from table_of_contents import CHAPTERS

from book_sphinx import openings
from book_sphinx.banner import COLOURS, Banner, signed
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import load_page_weights, load_reference_model
from mnist_tutorial.reference.checkpoints import load_checkpoints
from mnist_tutorial.reference.forward_pass import layers_of

NAMES = [name.removesuffix(".html") for name in CHAPTERS if name.startswith("chapters/")]
SVG = "{http://www.w3.org/2000/svg}"
HALF_A_STEP = 255 / (COLOURS - 1) / 2 + 1


@pytest.fixture(scope="module", autouse=True)
def stand_in():
    """Draw from the stand-in, which every machine has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_TUTORIAL_DATA", "stand-in")
        openings._digits.cache_clear()
        yield openings._digits()
    openings._digits.cache_clear()


@pytest.fixture(scope="module")
def drawn():
    return {name: drawing() for name, drawing in openings.DRAWN.items()}


def opened(tmp_path, name, body, **builder):
    builder = SimpleNamespace(**({"format": "html", "embedded": False, "imagedir": "_images"} | builder))
    context = {"body": body}
    openings.add_opening(SimpleNamespace(builder=builder, outdir=tmp_path), name, "page.html", context, None)
    return context["body"]


def images_of(banner):
    """Return the images in a banner, as arrays."""
    data = re.findall(r"base64,([^\"]+)", banner.as_svg())
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB"), int) for one in data]


def test_each_chapter_has_one():
    assert [f"chapters/{name}" for name in openings.DRAWN] == NAMES


@pytest.mark.parametrize("name", openings.DRAWN)
def test_it_is_a_small_svg_with_a_description(drawn, name):
    banner, description = drawn[name]
    svg = banner.as_svg()
    assert ElementTree.fromstring(svg).tag == f"{SVG}svg"
    assert len(svg) < 32_000
    assert len(banner.elements) >= 1
    assert len(description) > 40
    assert description.endswith(".")


def test_it_stands_below_the_question_and_is_described(tmp_path, drawn):
    before = "<section><h1>A title</h1><p>A question?</p><p>More.</p></section>"
    body = opened(tmp_path, NAMES[3], before)
    assert re.sub(r"\n<img[^>]*>", "", body) == before
    image = re.search(r"</h1><p>A question\?</p>\n<img ([^>]*)>", body)[1]
    assert 'alt="The first 144 of the' in image
    address = re.search(r'src="\.\./([^"]*)"', image)[1]
    assert (tmp_path / address).read_text("utf-8") == drawn["03_import_data"][0].as_svg()


@pytest.mark.parametrize(
    ("name", "builder"), [("index", {}), (NAMES[0], {"format": "latex"}), (NAMES[0], {"embedded": True})]
)
def test_no_other_page_has_one(tmp_path, name, builder):
    assert opened(tmp_path, name, "<h1>A title</h1><p>Text</p>", **builder) == "<h1>A title</h1><p>Text</p>"
    assert not list(tmp_path.iterdir())


def test_digits_are_those_of_the_book(drawn, stand_in):
    (images, _), _ = stand_in
    (sheet,) = images_of(drawn["03_import_data"][0])
    tiles = sheet[..., 0].reshape(6, 28, 24, 28).swapaxes(1, 2).reshape(144, 28, 28)
    assert np.abs(tiles - images[:144]).max() <= HALF_A_STEP


def test_maps_are_those_that_the_network_makes(drawn, stand_in):
    (images, labels), _ = stand_in
    image = images[np.flatnonzero(labels == 3)[7]]
    maps = np.moveaxis(layers_of(load_page_weights(), image)["convolution"], 2, 0)
    _, sheet, _ = images_of(drawn["05_build_model"][0])
    tiles = sheet[..., 0].reshape(5, 26, 6, 26).swapaxes(1, 2).reshape(30, 26, 26)[:, :24, :24]
    assert np.abs(tiles - 255 * np.sqrt(maps / maps.max())).max() <= HALF_A_STEP


def test_digits_that_are_called_wrong_are_read_wrong(drawn, stand_in):
    _, (images, labels) = stand_in
    answers = load_reference_model().predict(process_images(images), verbose=0).argmax(axis=1)
    banner, description = drawn["08_look_at_its_predictions"]
    count = int(re.match(r"\d+", description)[0])
    assert count == (answers != labels).sum()
    (sheet,) = images_of(banner)
    rows, columns = (length // 28 for length in sheet.shape[:2])
    tiles = sheet[..., 0].reshape(rows, 28, columns, 28).swapaxes(1, 2).reshape(-1, 28, 28)[:count]
    assert np.abs(tiles - images[answers != labels]).max() <= HALF_A_STEP


def test_dots_of_the_training_are_the_answers_of_its_record(drawn):
    record = load_checkpoints()
    right = np.array(record["answers"]) == record["labels"]
    counts = [element.count("h0") for element in drawn["06_how_it_learns"][0].elements]
    assert counts == [right.sum(), (~right).sum(), (~right).sum()]  # rings are drawn twice


def test_signs_have_a_colour_each_and_zero_has_none():
    below, zero, above = signed([-2.0, 0.0, 2.0])
    assert below[2] > below[0]
    assert zero.tolist() == [0, 0, 0]
    assert above[0] > above[2]


def test_few_images_leave_the_rest_of_a_row_black():
    banner = Banner()
    banner.tiles(np.full((3, 2, 2), 255), 2, 10)
    (sheet,) = images_of(banner)
    assert sheet[..., 0].tolist() == [[255, 255, 255, 255]] * 2 + [[255, 255, 0, 0]] * 2


def test_images_without_a_3_and_an_8_are_drawn_as_well(monkeypatch, stand_in):
    (images, _), test = stand_in
    monkeypatch.setattr(openings, "_digits", lambda: ((images[:70], np.full(70, 5)), test))
    for name in ("01_the_problem", "05_build_model", "15_more_than_one_machine"):
        banner, _ = openings.DRAWN[name]()
        assert images_of(banner)
