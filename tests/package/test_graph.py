"""A model as boxes: what is read from it, told against Keras's own account, and what is drawn."""

from itertools import pairwise

import keras
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import layers

from mnist_tutorial.graph import graph_in_words, read_graph
from mnist_tutorial.model import build_model
from mnist_tutorial.narrow import make_narrow
from mnist_tutorial.plots import draw_graph


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def two_heads():
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Flatten(name="row")(image)
    return keras.Model(
        image,
        {
            "digit": layers.Dense(10, activation="softmax", name="digit")(x),
            "is_digit": layers.Dense(1, activation="sigmoid", name="is_digit")(x),
        },
    )


def branches():
    """Return a network with two branches, and a way past both of them."""
    image = keras.Input((28, 28, 1), name="image")
    small = layers.Conv2D(8, 3, padding="same", name="small")(image)
    large = layers.Conv2D(8, (7, 5), padding="same", activation="relu", name="large")(image)
    x = layers.Concatenate(name="pile")([small, large])
    x = layers.Flatten(name="row")(x)
    past = layers.Flatten(name="past")(image)
    x = layers.Concatenate(name="both")([x, past])
    return keras.Model(image, layers.Dense(10, name="digit")(x))


def two_inputs():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    return keras.Model([a, b], keras.ops.add(a, b) * 2)


def reloaded(model):
    """Return the connections that Keras writes down when it saves a model: a second account of the same thing."""
    found = set()
    for layer in model.get_config()["layers"]:

        def walk(value, target):
            if isinstance(value, dict):
                history = (
                    value.get("config", {}).get("keras_history") if isinstance(value.get("config"), dict) else None
                )
                if history:
                    found.add((history[0], target))
                for one in value.values():
                    walk(one, target)
            elif isinstance(value, list | tuple):
                for one in value:
                    walk(one, target)

        walk(layer["inbound_nodes"], layer["name"])
    return found


@pytest.mark.parametrize("make", [two_heads, branches, two_inputs], ids=lambda make: make.__name__)
def test_connections_are_those_that_keras_saves(make):
    model = make()
    boxes = read_graph(model)
    connections = {(source, box.name) for box in boxes for source in box.sources}
    assert connections == reloaded(model)
    assert {box.name for box in boxes} == {layer["name"] for layer in model.get_config()["layers"]}
    assert [box.name for box in boxes if box.is_output] == model.output_names
    seen = set()
    for box in boxes:
        assert set(box.sources) <= seen, "below what it takes its input from"
        seen.add(box.name)


@pytest.mark.parametrize("make", [build_model, two_heads, branches], ids=lambda make: make.__name__)
def test_shapes_and_parameters_are_those_of_the_arrays(make):
    model = make()
    boxes = {box.name: box for box in read_graph(model)}
    images = np.zeros((3, 28, 28, 1), dtype="float32")
    for layer in model.layers:
        if not isinstance(layer, layers.InputLayer):
            made = keras.Model(model.inputs[0], layer.output)(images)
            assert boxes[layer.name].shape == made.shape[1:]
            assert boxes[layer.name].parameters == sum(weight.size for weight in layer.get_weights())
    assert sum(box.parameters for box in boxes.values()) == model.count_params()


def test_sequential_and_functional_are_read_alike():
    sequential = build_model()
    functional = keras.Model(sequential.inputs, sequential.outputs)
    assert read_graph(sequential) == read_graph(functional)
    first, *rest = read_graph(sequential)
    assert first.title == "Input"
    titles = ["Conv2D 5 × 5, relu", "MaxPooling2D", "Dropout", "Flatten", "Dense, relu", "Dense, softmax"]
    assert [box.title for box in rest] == titles
    assert [box.facts for box in rest][::5] == ["24 × 24 × 30; 780 parameters", "10; 1,290 parameters"]


def test_words_hold_every_box_and_say_where_branches_join():
    words = graph_in_words(branches())
    assert words.startswith("A graph of 8 boxes, from top to bottom. Input: 28 × 28 × 1. ")
    assert "Concatenate, from Conv2D 3 × 3 and Conv2D 7 × 5, relu: 28 × 28 × 16. " in words
    assert "from" not in graph_in_words(build_model()).replace("from top to bottom", "")
    assert "Dense, sigmoid (the output is_digit), from Flatten: 1; 785 parameters." in graph_in_words(two_heads())


class TestModelsThatCannotBeRead:
    def test_no_input_yet(self):
        with pytest.raises(ValueError, match=r"no input yet; expected a Keras model with a keras\.Input"):
            read_graph(keras.Sequential([layers.Dense(2)]))

    def test_no_model(self):
        with pytest.raises(ValueError, match="no input yet"):
            read_graph("model")

    def test_a_layer_that_is_used_twice(self):
        shared = layers.Dense(3, name="shared")
        a, b = keras.Input((4,)), keras.Input((4,))
        for model in (
            keras.Model([a, b], layers.Add(name="sum")([shared(a), shared(b)])),
            keras.Model([a, b], [shared(a), shared(b)]),
        ):
            with pytest.raises(ValueError, match="expected a model that uses each layer once"):
                read_graph(model)

    def test_a_model_inside_a_model(self):
        inside, outside = keras.Input((4,)), keras.Input((4,))
        inner = keras.Model(inside, layers.Dense(2)(inside), name="inner")
        with pytest.raises(ValueError, match=r"inner of the model .* holds no other model"):
            read_graph(keras.Model(outside, inner(outside)))


def boxes_and_arrows(axes):
    """Return the boxes as (left, bottom, right, top) with their lines and the width of their frame, and each arrow."""
    texts = [(text.get_position(), text.get_text()) for text in axes.texts if text.get_text()]
    boxes = {}
    for patch in axes.patches:
        if isinstance(patch, mpl.patches.FancyBboxPatch):
            edges = (
                patch.get_x(),
                patch.get_y(),
                patch.get_x() + patch.get_width(),
                patch.get_y() + patch.get_height(),
            )
            inside = [text for (x, y), text in texts if edges[0] < x < edges[2] and edges[1] < y < edges[3]]
            boxes[edges] = (tuple(inside), patch.get_linewidth())
    heads = [(text.xyann, text.xy) for text in axes.texts if not text.get_text()]
    lines = [list(zip(*line.get_data(), strict=True)) for line in axes.lines]
    return boxes, [[*line, head[1]] for line, head in zip(lines, heads, strict=True)]


@pytest.mark.parametrize("make", [build_model, two_heads, branches, two_inputs], ids=lambda make: make.__name__)
class TestDrawing:
    def test_each_box_stands_alone_and_carries_its_facts(self, make):
        model = make()
        boxes, _ = boxes_and_arrows(draw_graph(model))
        read = read_graph(model)
        several = sum(box.is_output for box in read) > 1
        named = [[box.name] if several and box.is_output else [] for box in read]
        expected = [(*name, box.title, *box.facts.split("; ")) for name, box in zip(named, read, strict=True)]
        assert sorted(lines for lines, _ in boxes.values()) == sorted(expected)
        corners = list(boxes)
        for number, (left, bottom, right, top) in enumerate(corners):
            for other in corners[:number]:
                assert right <= other[0] or other[2] <= left or top <= other[1] or other[3] <= bottom
        thick = {lines for lines, width in boxes.values() if width > 2}
        assert thick == {lines for lines, box in zip(expected, read, strict=True) if box.is_output}

    def test_arrows_lead_down_from_box_to_box_and_cross_none(self, make):
        model = make()
        boxes, arrows = boxes_and_arrows(draw_graph(model))
        assert len(arrows) == sum(len(box.sources) for box in read_graph(model))
        for arrow in arrows:
            (x, y), (to_x, to_y) = arrow[0], arrow[-1]
            assert any(left < x < right and y == pytest.approx(bottom) for left, bottom, right, _ in boxes)
            assert any(left < to_x < right and to_y == pytest.approx(top) for left, _, right, top in boxes)
            steps = np.concatenate([np.linspace(one, other, 50)[1:-1] for one, other in pairwise(arrow)])
            assert (np.diff(steps[:, 1]) <= 0).all()
            for left, bottom, right, top in boxes:
                inside = (steps[:, 0] > left) & (steps[:, 0] < right) & (steps[:, 1] > bottom) & (steps[:, 1] < top)
                assert not inside.any()


@pytest.mark.parametrize("make", [build_model, two_heads, two_inputs], ids=lambda make: make.__name__)
def test_lines_fit_their_box_also_on_a_phone_where_at_most_two_are_in_a_row(make):
    figure = draw_graph(make()).figure
    for narrow in (False, True):
        if narrow:
            make_narrow(figure)
        figure.canvas.draw()
        (axes,) = figure.axes
        frames = [patch.get_window_extent() for patch in axes.patches if patch.get_linewidth()]
        for text in axes.texts:
            if text.get_text():
                (left, bottom), (right, top) = text.get_window_extent().get_points()
                within = [one for one in frames if one.x0 <= left and right <= one.x1]
                assert any(one.y0 <= bottom and top <= one.y1 for one in within), text.get_text()
