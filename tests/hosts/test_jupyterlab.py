"""The widgets in a real JupyterLab, with a kernel: traits in both directions, in every view of a widget.

That each of them works, and keeps its keys to itself, is tried in Notebook 7 as well.
"""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hosts import HOSTS
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from mnist_tutorial.widgets import bundle

expect.set_options(timeout=30_000)  # the machine may be busy


@dataclass
class Scenario:
    """What is tried with one widget, whose name in Python is `widget`."""

    make: str  # code that makes it
    operate: Callable  # what a reader does, to an element that holds the widget
    changed: tuple  # an expression and its value in Python after that
    assign: str  # code that sets a trait
    shows: Callable  # expects, of an element that holds the widget, what the trait now says


def draw_a_stroke(view):
    pad = view.locator(".dp-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    mouse = view.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 3 / 4, steps=8)
    mouse.up()


def draw_and_add(view):
    draw_a_stroke(view)
    view.get_by_role("button", name="Add it").click()


def choose_the_second_digit(view):
    choice = view.get_by_role("radio", name="digit 2")
    if choice.count():  # there is none where no digit is at work, and then one of the others has chosen for it
        choice.click()


def in_sight(view):
    """Scroll to a view that draws only what a reader may see."""
    view.locator(".le-frame").scroll_into_view_if_needed()
    return view


def answer_a_question(view):
    question = view.locator("form[data-question=convolution-shape]")
    question.get_by_label("28 × 28 × 20").check()
    question.get_by_role("button", name="Check").click()


SCENARIOS = {
    "digit_pad": Scenario(
        make="from mnist_tutorial.model import build_model\n"
        "from mnist_tutorial.widgets.digit_pad import DigitPad\n"
        "network = build_model()\n"
        "def agrees():\n"
        "    expected = network.predict(widget.image[None, :, :, None] / 255, verbose=0)[0]\n"
        "    return len(widget.probabilities) == 10 and np.allclose(widget.probabilities, expected, atol=1e-4)\n"
        "widget = DigitPad(network)",
        operate=draw_a_stroke,
        changed=(
            "[[stroke[-1][1] > 0.7 for stroke in widget.strokes], bool(widget.image.max() > 0), bool(agrees())]",
            [[True], True, True],  # one stroke, which has come to its end
        ),
        assign="widget.strokes = []",
        shows=lambda view: expect(view.locator(".dp-words")).to_have_text("Nothing is drawn yet."),
    ),
    "backward_view": Scenario(
        make="from mnist_tutorial.model import build_model\n"
        "from mnist_tutorial.widgets.backward_view import BackwardView\n"
        "widget = BackwardView(build_model(), images[:3], labels[:3])",
        operate=lambda view: (
            view.locator(".bv-intro").scroll_into_view_if_needed(),  # there, the network is got ready
            view.locator(".bv-step", has_text="Weight to score").click(),
        ),
        changed=("widget.number", "output weight"),
        assign='widget.path = [3, 7, 10, 10, 0, 0, 0]; widget.number = "unit"\n'
        'widget.changes = [{"kind": "descent", "label": 3, "image": 0}]',
        shows=lambda view: (
            expect(view.locator(".bv-step[aria-pressed=true] b")).to_have_text("Unit 7"),
            expect(view.get_by_role("button", name="Undo")).to_contain_text("1 change"),
        ),
    ),
    "layer_explorer": Scenario(
        make="from mnist_tutorial.model import build_model\n"
        "from mnist_tutorial.widgets.layer_explorer import LayerExplorer\n"
        "widget = LayerExplorer(images[:3], labels[:3], build_model())",
        operate=choose_the_second_digit,
        changed=("widget.index", 1),
        assign='widget.layer = "shapes"; widget.filters = 7',
        shows=lambda view: expect(in_sight(view).locator(".le-frame")).to_contain_text("24 × 24 × 7"),
    ),
    "prediction_inspector": Scenario(
        make="from mnist_tutorial.widgets.prediction_inspector import PredictionInspector\n"
        "answers = (labels + (np.arange(len(labels)) % 5 == 0)) % 10\n"
        "widget = PredictionInspector(images, labels, np.eye(10)[answers])",
        operate=lambda view: view.get_by_role("button", name="Nobody can tell").click(),
        changed=("[list(widget.judgements), list(widget.judgements.values())] == [[widget.index], [-1]]", True),
        assign="widget.judgements = {}; widget.cell = [3, 3]",
        shows=lambda view: (
            expect(view.locator(".pi-digits .pi-title")).to_contain_text("Label 3, read as 3"),
            expect(view.locator(".pi-tally")).to_have_text(""),
        ),
    ),
    "network_view": Scenario(
        make="from mnist_tutorial.model import build_model\n"
        "from mnist_tutorial.widgets.network_view import NetworkView\n"
        "widget = NetworkView(build_model(), images[:3], labels[:3])",
        operate=lambda view: view.get_by_role("radio", name="4:").click(),
        changed=("[widget.layer, widget.unit]", ["output", [4]]),
        assign='widget.look_at("hidden", 7)',
        shows=lambda view: expect(view.locator(".nv-detail:visible .nv-head")).to_have_text("Hidden unit 7"),
    ),
    "processing_steps": Scenario(
        make="from mnist_tutorial.widgets.processing_steps import ProcessingSteps\n"
        "widget = ProcessingSteps(images[:3], labels[:3])",
        operate=lambda view: view.get_by_role("button", name="2 reshaped").click(),
        changed=("widget.step", 1),
        assign="widget.step = 3",
        shows=lambda view: expect(view.locator(".ps-what")).to_contain_text("divided by 255"),
    ),
    "quiz": Scenario(
        make='from mnist_tutorial.widgets.quiz import Quiz\nwidget = Quiz("05_build_model")',
        operate=answer_a_question,
        changed=('[each.get("convolution-shape") for each in (widget.answers, widget.tries)]', [0, 1]),
        assign='widget.answers = {"convolution-parameters": 180}; widget.tries = {"convolution-parameters": 2}',
        shows=lambda view: (
            expect(view.locator("form[data-question=convolution-parameters]")).to_contain_text("You forgot the biases"),
            expect(view.get_by_role("button", name="Show the answer")).to_have_count(1),
            expect(view.locator(".qz-score")).to_have_text("1 of 7 answered, 0 right."),
        ),
    ),
    "rule_builder": Scenario(
        make="from mnist_tutorial.widgets.rule_builder import RuleBuilder\n"
        "widget = RuleBuilder(images, labels, samples=100)",
        operate=lambda view: view.get_by_role("button", name="Load the chapter's rules").click(),
        changed=("len(widget.rules)", 9),
        assign='widget.rules = [{"if": [["holes", "exactly", 2]], "then": 8}]',
        shows=lambda view: expect(view.locator(".rb-rules > li")).to_have_count(2),  # and `otherwise`,
    ),
    "sample_inspector": Scenario(
        make="from mnist_tutorial.widgets.sample_inspector import SampleInspector\n"
        "widget = SampleInspector(images, labels, per_digit=3)",
        operate=lambda view: view.get_by_role("button", name="next").click(),
        changed=("widget.index in (1, 8)", True),
        assign="widget.index = 7",
        shows=lambda view: expect(view.locator(".si-caption")).to_contain_text("Sample 8 of 30"),
    ),
    "teach_your_hand": Scenario(
        make="from mnist_tutorial.widgets.teach_your_hand import TeachYourHand\nwidget = TeachYourHand(each=2)",
        operate=draw_and_add,
        changed=("widget.labels.tolist()[:1] == [3] and bool(widget.images.any())", True),
        assign="widget.each = 6",
        shows=lambda view: expect(view.locator(".th-count").first).to_have_text("0/6"),
    ),
    "training_lab": Scenario(
        make="from mnist_tutorial.widgets.training_lab import TrainingLab\n"
        "widget = TrainingLab(images=500, filters=2, hidden_units=0)",
        operate=lambda view: view.get_by_role("button", name="One step").click(),
        changed=("bool(widget.weights) and widget.model().count_params() == len(widget.weights) // 4", True),
        assign="widget.settings = widget.settings | {'epochs': 7}",
        shows=lambda view: expect(view.locator(".tl-summary")).to_contain_text("7 epochs"),
    ),
    "training_scrubber": Scenario(
        make="from mnist_tutorial.widgets.training_scrubber import TrainingScrubber\n"
        'record = {"steps": [0, 1, 30], "epoch_steps": 30, "val_loss": [2.3, 0.3, 0.1],\n'
        '          "val_accuracy": [0.1, 0.9, 0.95], "positions": [0, 1], "labels": [7, 2],\n'
        '          "filters": np.ones((3, 4, 5, 5)),\n'
        '          "probabilities": np.full((3, 2, 10), 0.1), "answers": np.zeros((3, 2))}\n'
        "widget = TrainingScrubber(record, images[:2])",
        operate=lambda view: view.get_by_role("slider", name="Step").press("End"),
        changed=("widget.step", 30),
        assign="widget.step = 1; widget.index = 1",
        shows=lambda view: expect(view.locator(".ts-chosen")).to_contain_text("This 2 is "),
    ),
    "training_monitor": Scenario(
        make="from mnist_tutorial.widgets.training_monitor import TrainingMonitor\n"
        'widget = TrainingMonitor({"loss": [0.5, 0.25, 0.125]})',
        operate=lambda view: view.get_by_role("slider", name="Epoch").press("ArrowLeft"),
        changed=("widget.epoch < len(widget.history['loss'])", True),
        assign="widget.history = {'loss': [3, 2]}; widget.epoch = 1",
        shows=lambda view: expect(view.locator(".tm-reading")).to_have_text("Epoch 1: loss 3.0000"),
    ),
}
each_widget = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
each_host = pytest.mark.parametrize("lab", HOSTS, indirect=True)


def test_every_widget_is_tried_here():
    assert set(SCENARIOS) == {path.parent.name for path in bundle.FOLDER.glob("*/__init__.py")}


@each_host
@each_widget
def test_the_widget_is_shown_traits_go_both_ways_and_its_keys_are_its_own(lab, scenario):
    cell = lab.run(f"{scenario.make}\nwidget")
    view = lab.shown(cell)
    expect(view.locator(".bw")).to_have_count(1)
    expect(view.locator("[data-book-widget]")).to_have_count(0)  # the form for pages, which the output holds as well
    scenario.operate(view)
    lab.wait_for(*scenario.changed)
    lab.run(scenario.assign)
    scenario.shows(view)

    lab.call("activate", cell)
    before = lab.call("ids")
    for kind in ("button", "input", "select", "[tabindex='0']"):
        controls = view.locator(f"{kind}:visible:not(:disabled)")
        if controls.count():
            controls.first.focus()
            for key in ("x", "b", "ArrowDown"):  # which, in the notebook, cut the cell, make one below, go to the next
                lab.page.keyboard.press(key)
    assert lab.call("ids") == before
    assert lab.call("active") == cell


@each_widget
def test_two_views_stay_in_step_and_a_cell_can_be_run_again(lab, scenario):
    cell = lab.run(f"{scenario.make}\ndisplay(widget, widget)")
    views = lab.shown(cell).locator(".bw")
    expect(views).to_have_count(2)
    lab.run_again(cell)  # a new widget, and the views of the old one are gone
    expect(views).to_have_count(2)
    other = lab.shown(lab.run("widget"))
    scenario.operate(views.nth(1))
    lab.wait_for(*scenario.changed)
    lab.run(scenario.assign)
    for view in (views.nth(0), views.nth(1), other):
        scenario.shows(view)
    lab.call("remove", cell)
    scenario.operate(other)
    lab.wait_for(*scenario.changed)  # or what is still on its way would come after the assignment
    lab.run(scenario.assign)
    scenario.shows(other)


def test_pieces_of_a_network_move_each_other(lab):
    one = lab.shown(lab.run(f"{SCENARIOS['layer_explorer'].make}\nwidget"))
    other = lab.shown(lab.run('piece = widget.piece("pooling")\npiece'))
    expect(in_sight(other).locator(".le-sum")).to_contain_text("row 4, column 5")
    one.get_by_role("button", name="next filter").click()
    expect(in_sight(other).get_by_label("Filter", exact=True)).to_have_value("1")
    lab.wait_for("[widget.filter, piece.filter]", [1, 1])
    other.get_by_role("radio", name="digit 3").click()
    expect(in_sight(one).get_by_role("radio", name="digit 3")).to_be_checked()
    lab.wait_for("[widget.index, piece.index]", [2, 2])
    lab.run("piece.row = 20")
    lab.wait_for("widget.row", 20)


def test_a_photo_goes_both_ways(lab):
    image = Image.new("L", (90, 120), 200)
    ImageDraw.Draw(image).line([(45, 20), (45, 100)], fill=40, width=9)
    file = io.BytesIO()
    image.save(file, "PNG")
    cell = lab.run(
        "from mnist_tutorial.handwriting import prepare\n"
        "from mnist_tutorial.widgets.digit_pad import DigitPad\n"
        "widget = DigitPad(photo=np.eye(40))\nwidget"
    )
    view = lab.shown(cell)
    expect(view.get_by_role("application", name="pad with a photo")).to_have_count(1)
    photo = {"name": "1.png", "mimeType": "image/png", "buffer": file.getvalue()}
    view.locator("input[type=file]").set_input_files(photo)
    lab.wait_for("list(widget.photo.shape)", [120, 90])
    lab.wait_for("int(abs(widget.image - prepare(widget.photo).image.astype(int)).max()) <= 1", True)
    lab.run("widget.photo = None")
    expect(view.locator(".dp-words")).to_have_text("Nothing is drawn yet.")


TRAINING = """
import time
from pathlib import Path
from mnist_tutorial.widgets.training_monitor import TrainingMonitor

go_on = Path(GO_ON)

class Slow(keras.callbacks.Callback):  # in the middle of the third epoch it waits, until it may go on or is interrupted
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.05)
        while monitor.epoch == 2 and batch == 9 and not go_on.exists():
            time.sleep(0.05)

keras.utils.set_random_seed(1)
model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(3, activation="softmax")])
model.compile(loss="categorical_crossentropy", metrics=["accuracy"])
x, y = np.random.rand(200, 6), np.eye(3)[np.arange(200) % 3]
monitor = TrainingMonitor()
"""
FIT = (
    "history = model.fit(x, y, epochs={}, batch_size=10, validation_split=0.1, verbose=0, callbacks=[monitor, Slow()])"
)
NOTE_VALUES = """bar => {
    window.seen = [bar.value]
    new MutationObserver(() => seen.push(bar.value)).observe(bar, {attributes: true, attributeFilter: ["value"]})
}"""


def stored(outputs):
    """Return the state in the form for pages that a cell's one output holds."""
    (output,) = [one for one in outputs if one["output_type"] == "display_data"]
    text = "".join(output["data"]["text/html"])
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', text)[1])


def test_training_is_shown_while_it_runs_and_kept_when_it_is_over(lab, tmp_path):
    go_on = tmp_path / "go on"
    lab.run(TRAINING.replace("GO_ON", repr(str(go_on))))
    cell = lab.start(FIT.format(3))
    view = lab.shown(cell)
    bar = view.get_by_role("progressbar", name="training")
    expect(bar).to_be_visible()
    bar.evaluate(NOTE_VALUES)
    expect(view.locator(".tm-status")).to_have_text(re.compile(r"epoch 3 of 3, \d+% done, about \d+ s left"))
    seen = lab.page.evaluate("seen")
    assert len(set(seen)) >= 4  # it moves while the kernel is at work
    assert seen == sorted(seen)
    assert max(seen) < 1
    expect(view.locator(".tm-chart path.tm-line[d^=M]")).to_have_count(4)  # training and validation, loss and accuracy
    assert lab.call("status") == "busy"
    go_on.touch()
    lab.wait_until_idle()

    expect(view.locator(".tm-status")).to_have_text(re.compile(r"3 epochs in \d+ s\."))
    expect(view.locator(".bw")).to_have_count(1)
    expect(view.locator("[data-book-widget]")).to_have_count(0)
    expect(bar).to_be_hidden()
    history = lab.value("history.history")
    view.get_by_role("slider", name="Epoch").press("Home")
    expect(view.locator(".tm-reading")).to_contain_text(f"Epoch 1: loss {history['loss'][0]:.4f}")
    lab.wait_for("monitor.epoch", 1)

    lab.call("save")
    (saved,) = [one for one in json.loads(lab.file.read_text("utf-8"))["cells"] if one["id"] == cell]
    state = stored(saved["outputs"])
    assert {name: state["history"][name] for name in history} == history
    assert state["training"] is False


def test_training_can_be_interrupted(lab, tmp_path):
    lab.run(TRAINING.replace("GO_ON", repr(str(tmp_path / "never"))))
    cell = lab.start(FIT.format(50))
    view = lab.shown(cell)
    expect(view.locator(".tm-status")).to_contain_text("epoch 3 of 50")
    lab.call("interrupt")
    expect(view.locator(".tm-status")).to_contain_text("Stopped after epoch 2 of 50")
    lab.wait_until_idle()
    assert lab.value("[monitor.training, monitor.epoch, len(monitor.history['loss'])]") == [False, 2, 2]
    assert len(stored(lab.call("outputs", cell))["history"]["val_loss"]) == 2
    expect(view.get_by_role("slider", name="Epoch")).to_be_enabled()
