"""BackwardView on the reader's own model in JupyterLab: each gradient that it shows is GradientTape's."""

import re

import pytest
from playwright.sync_api import expect

MAKE = """
import keras
import numpy as np
import tensorflow as tf

from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images
from mnist_tutorial.widgets.backward_view import BackwardView

keras.utils.set_random_seed(5)
model = build_model()
random = np.random.default_rng(5)
model.set_weights([w + random.normal(0, 0.1, w.shape) if w.ndim == 1 else w for w in model.get_weights()])
widget = BackwardView(model, images[:4], labels[:4])


def slopes():
    with tf.GradientTape() as tape:
        answer = model(process_images(widget.image[None]), training=False)
        loss = -tf.math.log(answer[0, widget.label])
    return [one.numpy() for one in tape.gradient(loss, model.trainable_variables)]


def agrees():
    digit, unit, row, column, map_, i, j = widget.path
    place = (row // 2 * 12 + column // 2) * 30 + map_
    which, at = {
        "filter weight": (0, (i, j, 0, map_)), "filter bias": (1, map_), "hidden weight": (2, (place, unit)),
        "hidden bias": (3, unit), "output weight": (4, (unit, digit)), "output bias": (5, digit),
    }[widget.number]
    array = slopes()[which]
    return bool(abs(widget.gradient - array[at]) <= 1e-5 * np.abs(array).max())


def strongest(which):
    # The path to the weight with the largest slope, so that what is compared is not 0.
    at = np.unravel_index(np.abs(slopes()[which]).argmax(), slopes()[which].shape)
    if which == 0:
        return [3, 17, 8, 9, int(at[3]), int(at[0]), int(at[1])]
    if which == 4:
        return [int(at[1]), int(at[0]), 8, 9, 5, 2, 3]
    place, map_ = divmod(int(at[0]), 30)
    return [3, int(at[1]), place // 12 * 2, place % 12 * 2, map_, 2, 3]


widget
"""
NUMBERS = {"filter": 0, "hidden": 2, "output": 4}


def open_widget(lab):
    """Return a new widget's view once it is in sight, and its network there."""
    view = lab.shown(lab.run(MAKE))
    view.locator(".bv").scroll_into_view_if_needed()
    view.locator(".bv-shown:not(.bv-unseen)").wait_for()
    return view


@pytest.mark.parametrize("kind", ["weight", "bias"])
@pytest.mark.parametrize("layer", NUMBERS)
def test_gradients_are_those_of_gradient_tape_for_several_digits(lab, layer, kind):
    view = open_widget(lab)
    for index, label in ((0, None), (2, 8), (3, 0)):
        lab.run(f"widget.index = {index}")
        if label is not None:
            lab.run(f"widget.label = {label}")
        lab.run(f"widget.path = strongest({NUMBERS[layer]}); widget.number = {f'{layer} {kind}'!r}")
        lab.wait_for("[widget.number, agrees(), widget.gradient != 0]", [f"{layer} {kind}", True, True])
        shown = view.locator(".bv-step[aria-pressed=true] .bv-gradient")
        expect(shown).to_have_text(re.compile(r"^[+−]\d"))


def test_a_step_of_the_page_leaves_the_model_in_python_as_it_is(lab):
    view = open_widget(lab)
    lab.run("before = model.get_weights()")
    view.get_by_role("button", name="Adam").click()
    lab.wait_for("[change['kind'] for change in widget.changes]", ["adam"])
    expect(view.locator(".bv-changed")).to_contain_text("of 555,158 parameters")
    assert lab.value("all((one == other).all() for one, other in zip(before, model.get_weights()))") is True
    view.get_by_role("button", name="Reset").click()
    lab.wait_for("widget.changes", [])
