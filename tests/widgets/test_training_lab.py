"""TrainingLab in a page without a kernel, and with a model: it trains, compares, keeps the test set sealed."""

import base64
import json
import re
import subprocess

import numpy as np
import pytest
import traitlets
from engine_in_node import run_in_node
from page_workers import wait_until_workers_are_gone
from train_in_engine import NODE

from book_sphinx import widgets as widget_pages
from mnist_tutorial import data, training_settings
from mnist_tutorial.widgets import bundle, training_data
from mnist_tutorial.widgets.engine.worker_program import NAME
from mnist_tutorial.widgets.training_lab import TrainingLab

SMALL = {"images": 500, "filters": 4, "kernel_size": 3, "hidden_units": 8, "batch_size": 50, "epochs": 2, "workers": 1}
FOLDER = bundle.FOLDER / "training_lab"


@pytest.fixture(scope="module", autouse=True)
def stand_in():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.VARIABLE, data.STAND_IN)
        yield


@pytest.fixture(scope="module")
def widget_files(tmp_path_factory, stand_in):
    folder = tmp_path_factory.mktemp("lab")
    widget_pages.write_files(folder)
    training_data.write_scripts(folder)
    return folder


@pytest.fixture
def page(open_page):
    return open_page(TrainingLab(**SMALL))


def status(page, text):
    """Wait until the status says something; return all of it."""
    found = page.locator(".tl-status", has_text=text)
    found.wait_for(timeout=30_000)
    return found.inner_text()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


def train(page):
    page.runs = getattr(page, "runs", 0) + 1
    press(page, "▶ Train")
    return status(page, f"Run {page.runs} is done")


def field(page, name):
    return page.get_by_label(name, exact=True)


def set_field(page, name, value):
    field(page, name).fill(value)
    field(page, name).press("Tab")


def rows(page, count=None):
    """Return the cells of the table of runs, once there are so many."""
    if count is not None:
        page.wait_for_function(f"document.querySelectorAll('.tl-table tbody tr').length === {count}")
    return page.locator(".tl-table tbody tr").evaluate_all(
        "all => all.map((row) => [...row.cells].map((cell) => cell.innerText))"
    )


def numbers_of_runs(page, count):
    return [row[0].strip() for row in rows(page, count)]


def in_the_engine(which="validation", **changes):
    """Return the loss and the accuracy after a training by the plain engine in Node, without workers or a page."""
    digits, test = training_data.load_digits("first"), training_data.load_digits("test")
    given = SMALL | changes
    names = {"batch_size": "batchSize", "kernel_size": "kernelSize", "hidden_units": "hiddenUnits"}
    names |= {"learning_rate": "learningRate"}
    judged = (test.images, test.labels) if which == "test" else (digits.validation_images, digits.validation_labels)
    return run_in_node(
        """const { settings, images, labels, judged } = given;
        const network = networks.webAssembly(settings, 400);
        const training = createTraining({ network, images, labels });
        for (let step = 0; step < training.steps; step++) training.step(step);
        return drain(evaluate(network, ...judged));""",
        settings={names.get(name, name): value for name, value in given.items() if name not in ("images", "workers")},
        images=digits.images[: given["images"]].reshape(-1),
        labels=digits.labels[: given["images"]],
        judged=[judged[0].reshape(-1), judged[1]],
    )


def run_module(script, name):
    """Run a script in Node that finds what one of the lab's modules exports."""
    source = bundle.front_end(FOLDER / name).replace("export function", "function")
    result = subprocess.run(
        [NODE, "--input-type=module", "--eval", f"{source}\nconsole.log(JSON.stringify((() => {{{script}}})()));"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return json.loads(result.stdout)


def test_it_trains_to_the_numbers_of_the_engine(page):
    said = train(page)
    expected = in_the_engine()
    assert f"Validation accuracy {100 * expected['accuracy']:.2f}%" in said
    assert "on 144 images" in said
    assert "drawn stand-in digits" in said
    (run,) = rows(page)
    assert run[1].startswith("as the lab begins")
    assert run[2] == f"{expected['loss']:.4f}"
    assert page.locator(".tl-card:visible").count() == 24
    assert page.locator(".tl-filters canvas").count() == 4
    loss = page.get_by_role("img", name=re.compile("Loss over 2 epochs"))
    assert f"The latest run is at {expected['loss']:.4f}." in loss.get_attribute("aria-label")


def test_pause_and_one_step_lead_to_the_same(page):
    press(page, "One step")
    assert "step 1 of 20" in status(page, "is paused")
    press(page, "One step")
    assert "step 2 of 20" in status(page, "step 2")
    press(page, "▶ Continue")
    assert f"{100 * in_the_engine()['accuracy']:.2f}%" in status(page, "is done")
    assert len(rows(page)) == 1


def test_pause_stops_a_run_and_the_next_keeps_what_it_has_learned(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1000}))
    press(page, "▶ Train")
    status(page, "images per second")
    press(page, "❚❚ Pause")
    step = re.search(r"step ([\d,]+) of", status(page, "is paused"))[1]
    assert page.get_by_role("button", name="▶ Continue").is_enabled()
    page.runs = 1
    set_field(page, "epochs", "1")
    assert "Train begins a new run" in status(page, "The settings have changed")
    train(page)
    second = rows(page, 2)[1]
    assert second[1].startswith("epochs: 1")
    assert int(step.replace(",", "")) < 10_000
    page.get_by_role("button", name="open the test set of run 1").click()
    page.locator(".tl-table tbody tr").first.get_by_text("%)").nth(1).wait_for()


def test_digits_flip_while_it_learns(page):
    press(page, "One step")
    status(page, "is paused")
    seen = page.locator(".tl-row .tl-score").first
    seen.filter(has_text="of 12 right").wait_for()
    before = [card.get_attribute("aria-label") for card in page.locator(".tl-cards").first.locator("li").all()]
    press(page, "▶ Continue")
    status(page, "is done")
    after = [card.get_attribute("aria-label") for card in page.locator(".tl-cards").first.locator("li").all()]
    assert before != after
    assert all(re.match(r"a \d: the network says \d, (right|wrong), [\d.<>]+%", words) for words in after)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("epochs", "0", "epochs expects a whole number from 1 to 1000"),
        ("batch size", "1e9", "batch size expects a whole number from 1 to 1024"),
        ("learning rate", "fast", "learning rate expects a number from 0.000001 to 100"),
        ("dropout", "1", "dropout expects a number from 0 to 0.95"),
        ("seed", "1.5", "seed expects a whole number"),
        ("workers", "9", "workers expects a whole number from 1 to 8"),
    ],
)
def test_what_cannot_be_is_refused_in_words(page, name, value, words):
    set_field(page, name, value)
    assert words in page.get_by_role("alert").filter(has_text=name).inner_text()
    assert field(page, name).get_attribute("aria-invalid") == "true"
    press(page, "▶ Train")
    assert words in status(page, name)
    assert rows(page) == []


def test_a_decimal_comma_is_a_number(page):
    set_field(page, "learning rate", "0,01")
    train(page)
    assert rows(page)[0][1].startswith("learning rate: 0.01")
    assert rows(page)[0][2] == f"{in_the_engine(learning_rate=0.01)['loss']:.4f}"


def test_presets_are_settings_by_name(open_page):
    page = open_page(TrainingLab(**SMALL, presets={"Slowly": {"learning_rate": 1e-05}, "Wide": {"filters": 8}}))
    page.get_by_label("Try").select_option("Wide")
    assert field(page, "filters").input_value() == "8"
    page.get_by_label("Try").select_option("Slowly")
    assert field(page, "filters").input_value() == "4"
    assert float(field(page, "learning rate").input_value()) == 1e-05
    set_field(page, "epochs", "3")
    assert page.get_by_label("Try").evaluate("select => select.selectedOptions[0].text") == "Your own settings"


def test_the_test_set_is_sealed_until_it_is_opened_and_then_counts_once(page):
    loaded = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    train(page)
    assert not [name for name in loaded if name.startswith("test")]
    page.get_by_role("button", name="open the test set of run 1").click()
    cell = page.locator(".tl-table tbody td").nth(3)
    cell.filter(has_text="%").wait_for()
    assert cell.inner_text().startswith(f"{100 * in_the_engine('test')['accuracy']:.2f}% (")
    assert [name for name in loaded if name.startswith("test")] == ["test-0.js"]
    assert not page.get_by_role("button", name="open the test set of run 1").count()


def test_runs_stand_side_by_side(page):
    train(page)
    set_field(page, "learning rate", "0.01")
    page.get_by_label("softmax").select_option("left out")
    train(page)
    assert rows(page)[1][1].split("\n")[:2] == ["learning rate: 0.01", "softmax: left out"]
    losses = [float(row[2]) for row in rows(page)]
    press(page, "validation loss")
    assert [float(row[2]) for row in rows(page)] == sorted(losses)
    press(page, "validation loss")
    assert [float(row[2]) for row in rows(page)] == sorted(losses, reverse=True)
    assert page.locator("[aria-sort='descending']").inner_text() == "validation loss"
    page.get_by_role("button", name="remove run 1").click()
    assert numbers_of_runs(page, 1) == ["2"]
    press(page, "Undo")
    assert sorted(numbers_of_runs(page, 2)) == ["1", "2"]
    page.get_by_role("button", name="load the settings of run 1").click()
    assert float(field(page, "learning rate").input_value()) == 0.001


def test_the_fingerprint_is_the_same_for_any_number_of_workers(page):
    for workers in ("1", "2", "4"):
        set_field(page, "workers", workers)
        train(page)
    set_field(page, "seed", "2")
    train(page)
    found = rows(page, 4)
    assert [row[1].split("\n")[0] for row in found[1:]] == ["workers: 2", "workers: 4", "seed: 2"]
    signs = [row[6] for row in found]
    assert re.fullmatch("[0-9a-f]{8}", signs[0])
    assert signs[0] == signs[1] == signs[2] != signs[3]


def test_the_second_of_nine_runs_makes_room_and_can_be_brought_back(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1}))
    for seed in range(9):
        set_field(page, "seed", str(seed))
        train(page)
    assert numbers_of_runs(page, 8) == ["1", "3", "4", "5", "6", "7", "8", "9"]
    assert re.findall(r"run (\d)", page.locator(".tl-legend").inner_text()) == list("13456789")
    assert "Run 2 was taken out." in page.locator(".tl-undo").inner_text()
    press(page, "Undo")
    assert numbers_of_runs(page, 9) == ["1", "2", "3", "4", "5", "6", "7", "8", "9"]


def test_five_seeds_show_the_spread(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1}))
    train(page)
    page.get_by_role("button", name="train with five seeds what is set as in run 1").click()
    status(page, "5 seeds")
    accuracies = [100 * in_the_engine(epochs=1, seed=seed)["accuracy"] for seed in range(1, 6)]
    _, several = rows(page)
    assert several[3] == f"{np.mean(accuracies):.2f}% (5 seeds: {min(accuracies):.2f}% to {max(accuracies):.2f}%)"
    assert page.locator(".tl-band").count() == 2


def test_a_run_that_runs_away_says_so_and_can_be_started_over(open_page):
    away = {"learning_rate": 100, "optimizer": "sgd", "softmax": "none", "scaling": False, "loss": "squared error"}
    page = open_page(TrainingLab(**SMALL | {"batch_size": 20} | away))
    press(page, "▶ Train")
    page.runs = 1
    said = status(page, "has run away")
    assert "Start it over with a smaller learning rate" in said
    page.get_by_label("Try").select_option(index=0)
    for name, choice in (("softmax", "once (right)"), ("loss", "cross-entropy"), ("pixels", "divided by 255")):
        page.get_by_label(name, exact=True).select_option(choice)
    set_field(page, "learning rate", "0.001")
    page.get_by_label("optimizer").select_option("Adam")
    train(page)
    assert len(rows(page)) == 2


def test_missing_files_are_named_and_asked_for_again(page, widget_files):
    path, hidden = widget_files / "digits" / "training-0.js", widget_files / "digits" / "hidden"
    path.rename(hidden)
    try:
        press(page, "▶ Train")
        assert "the file digits/training-0.js is missing" in status(page, "could not be loaded")
    finally:
        hidden.rename(path)
    page.trouble[:] = [line for line in page.trouble if "ERR_FILE_NOT_FOUND" not in line]
    engine = widget_files / NAME
    engine.rename(hidden)
    try:
        press(page, "▶ Train")
        assert "training_engine.js" in status(page, "is missing or damaged")
    finally:
        hidden.rename(engine)
    page.trouble[:] = [line for line in page.trouble if "ERR_FILE_NOT_FOUND" not in line]
    page.runs = 1  # the digits of the first came, but not the engine
    train(page)


def open_with_link(open_page, link, **options):
    page = open_page(TrainingLab(**SMALL), **options)
    page.goto(f"{page.url}{link}")
    page.reload()
    page.locator(".tl").wait_for()
    return page


def test_a_link_carries_an_experiment(open_page):
    page = open_with_link(open_page, "#lab=learning_rate:0.01,scaling:false&hide=filters,workers")
    assert float(field(page, "learning rate").input_value()) == 0.01
    assert field(page, "pixels").evaluate("select => select.selectedOptions[0].text") == "from 0 to 255"
    assert field(page, "epochs").input_value() == "2"
    assert field(page, "filters").count() == 0
    assert field(page, "workers").count() == 0
    page.evaluate("location.hash = '#lab=epochs:3'")
    page.locator(".tl-summary", has_text="3 epochs").wait_for()
    assert float(field(page, "learning rate").input_value()) == 0.001


def test_nonsense_in_a_link_is_named_and_the_rest_is_taken(open_page):
    hostile = "%3Cimg src=x onerror=window.ran=1%3E"
    page = open_with_link(
        open_page, f"#lab=epochs:1,batch_size:zero,filters:9999,{hostile}:1,__proto__:2&hide={hostile},seed,colour"
    )
    said = status(page, "except")
    for words in ('"batch_size:zero" expects', '"filters:9999" expects', "is no setting of the lab"):
        assert words in said
    for name in ("<img src=x onerror=window.ran=1>", "colour"):
        assert f'"{name}" is no setting that could be hidden' in said
    assert field(page, "seed").count() == 0
    assert ".;" not in said
    assert field(page, "epochs").input_value() == "1"
    assert field(page, "filters").input_value() == "4"
    assert page.locator(".tl img:not([role])").count() == 0
    assert page.evaluate("window.ran") is None
    page.evaluate("location.hash = '#lab=' + 'epochs:5,'.repeat(100000)")
    page.locator(".tl-summary", has_text="5 epochs").wait_for()


def test_nonsense_in_a_link_that_is_followed_after_a_run_is_named_until_the_next_one(page):
    train(page)
    page.evaluate("location.hash = '#lab=epochs:1,colour:2'")
    assert '"colour:2" is no setting of the lab' in status(page, "except")
    assert "except" not in train(page)


COPIED = """Object.defineProperty(navigator, "clipboard", { value: {
  writeText: async (text) => { window.copied = text; },
} });"""


def test_a_link_that_is_copied_has_the_settings_and_no_value_that_cannot_be(page):
    page.evaluate(COPIED)
    set_field(page, "epochs", "3")
    press(page, "Copy a link with these settings")
    assert status(page, "copied") == "The link is copied."
    assert page.evaluate("copied") == f"{page.url}#lab=epochs:3"
    set_field(page, "batch size", "many")
    press(page, "Copy a link with these settings")
    assert status(page, "before") == (
        "The link is copied. It has the value that was there before: batch size expects a whole number from 1 to 1024 "
        "(images in a batch)."
    )
    assert page.evaluate("copied") == f"{page.url}#lab=epochs:3"
    page.evaluate("void (navigator.clipboard.writeText = () => { throw new Error('forbidden'); })")
    press(page, "Copy a link with these settings")
    said = status(page, "does not let this page copy")
    assert f"here is the link: {page.url}#lab=epochs:3. It has the value that was there before: batch size" in said


def test_the_charts_are_named_with_their_epochs(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1}))
    train(page)
    for name in ("Loss", "Accuracy"):
        page.get_by_role("img", name=re.compile(f"^{name} over 1 epoch\\. The latest run is at")).wait_for()


def test_a_link_that_is_written_is_read_as_it_was():
    found = run_module(
        f"""const initial = {json.dumps(TrainingLab().settings)};
        const changed = {{
          ...initial, learning_rate: 1e-5, loss: "squared error", scaling: false, shift: 2, workers: 4,
        }};
        const link = writeLink(changed, initial, ["seed"]);
        return [link, readLink(link), readLink("#end")];""",
        "links.js",
    )
    link, read, other = found
    assert link == "#lab=learning_rate:0.00001,shift:2,loss:squared+error,scaling:false,workers:4&hide=seed"
    expected = {"learning_rate": 1e-5, "loss": "squared error", "scaling": False, "shift": 2, "workers": 4}
    assert read == {"settings": expected, "hidden": ["seed"], "ignored": []}
    assert other is None


def test_a_record_of_a_long_training_keeps_its_means():
    points, latest = run_module(
        """const record = createRecord();
        for (let step = 1; step <= 10000; step++) record.add({ step, loss: step, accuracy: step / 10000 });
        return [record.points, record.latest()];""",
        "record.js",
    )
    assert 700 < len(points) <= 1500
    width = points[0]["step"]
    assert [point["step"] for point in points] == [width * (i + 1) for i in range(len(points))]
    for point in points:
        assert point["loss"] == pytest.approx(point["step"] - (width - 1) / 2)
    assert latest["loss"] == pytest.approx(10_000, rel=0.02)


def test_the_smooth_line_is_the_mean_of_twenty_points():
    values = np.random.default_rng(5).random((50, 2))
    points = [{"step": i, "loss": loss, "accuracy": accuracy} for i, (loss, accuracy) in enumerate(values.tolist())]
    found = run_module(f"return smoothed({json.dumps(points)});", "record.js")
    expected = [values[max(0, i - 19) : i + 1].mean(axis=0) for i in range(50)]
    np.testing.assert_allclose([[point["loss"], point["accuracy"]] for point in found], expected, rtol=1e-9)


@pytest.mark.parametrize(("right", "count"), [(98, 100), (0, 50), (50, 50), (9893, 10_000)])
def test_intervals_are_wilsons(right, count):
    from scipy.stats import binomtest

    found = run_module(f"return interval({right} / {count}, {count});", "../frontend/arithmetic.js")
    expected = binomtest(right, count).proportion_ci(0.95, method="wilson")
    assert found == pytest.approx([expected.low, expected.high], abs=1e-6)


def test_python_and_the_engine_allow_the_same_settings():
    table = (bundle.FOLDER / "engine" / "settings.js").read_text("utf-8")
    lines = dict(re.findall(r"^  (\w+): \{ (initial: .*) \},$", table, re.MULTILINE))
    assert set(lines) == set(training_settings.SETTINGS)
    for name, (initial, allowed) in training_settings.SETTINGS.items():
        line = lines[name]
        assert json.loads(re.search(r"initial: ([^,]+),", line)[1]) == initial
        if isinstance(allowed, list):
            assert json.loads(re.search(r"choices: (\[.*?\])", line)[1]) == allowed
        else:
            low, high = re.search(r"from: ([\w.-]+), to: ([\w._]+)", line).groups()
            assert float(low) == allowed[0]
            assert (2**53 - 1 if "MAX_SAFE" in high else float(high)) == allowed[-1]
            assert ("whole: true" in line) == isinstance(allowed, range)


def test_numbers_of_numpy_are_settings_and_true_is_none():
    lab = TrainingLab(epochs=np.int64(3), learning_rate=np.float64(0.01), seed=np.int64(2**40))
    assert [lab.settings[name] for name in ("epochs", "learning_rate", "seed")] == [3, 0.01, 2**40]
    assert json.dumps(lab.settings)
    with pytest.raises(traitlets.TraitError, match="dropout was given True"):
        TrainingLab(dropout=True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"learning_rat": 1}, "TrainingLab was given 'learning_rat'; its settings are images, filters"),
        ({"epochs": 0}, "epochs was given 0; it expects a whole number from 1 to 1000"),
        ({"epochs": True}, "epochs was given True"),
        ({"images": 7}, "images was given 7; it expects 500 or 1000 or 2000 or 6000 or 54000"),
        ({"learning_rate": float("nan")}, "learning_rate was given nan; it expects a number from 1e-06 to 100"),
        ({"softmax": "thrice"}, "softmax was given 'thrice'; it expects 'once' or 'none' or 'twice'"),
        ({"presets": {"A": {"filters": 65}}}, "filters was given 65; it expects a whole number from 1 to 64"),
        ({"hidden": ["colour"]}, "hidden"),
    ],
)
def test_python_says_what_does_not_fit(given, words):
    with pytest.raises(traitlets.TraitError) as caught:
        TrainingLab(**given)
    assert words in str(caught.value)


def send_from_python(page, lab):
    """Do what Jupyter does: pass what the browser has asked for to Python, and the answer back."""
    wanted = page.wait_for_function(
        "fake.state.wanted.which && fake.state.wanted.count > (window.answered ?? 0) && fake.state.wanted"
    ).json_value()
    lab.wanted = wanted
    sent = {
        name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in lab.sent.items()
    }
    page.evaluate(
        """sent => {
          window.answered = sent.count;
          for (const [name, value] of Object.entries(sent)) {
            if (value?.base64 === undefined) continue;
            sent[name] = new DataView(Uint8Array.from(atob(value.base64), (one) => one.charCodeAt(0)).buffer);
          }
          fake.change({ sent });
        }""",
        sent,
    )
    return wanted["which"]


def test_in_jupyter_python_sends_the_digits_and_gets_the_network(open_live):
    lab = TrainingLab(**SMALL)
    page = open_live(lab)
    press(page, "▶ Train")
    assert [send_from_python(page, lab) for _ in range(2)] == ["first", "program"]
    status(page, "is done")
    page.wait_for_function("fake.state.weights.byteLength > 0")
    expected = in_the_engine()
    weights = page.evaluate(
        "btoa(Array.from(new Uint8Array(fake.state.weights.buffer), (one) => String.fromCharCode(one)).join(''))"
    )
    with pytest.raises(ValueError, match=r"has no trained network yet\. Press Train"):
        lab.model()
    lab.set_state(
        {
            "trained": page.evaluate("fake.state.trained"),
            "history": page.evaluate("fake.state.history"),
            "weights": base64.b64decode(weights),
        }
    )
    digits = training_data.load_digits("first")
    answers = lab.model().predict(digits.validation_images[..., np.newaxis] / np.float32(255), verbose=0)
    assert (answers.argmax(axis=1) == digits.validation_labels).mean() == pytest.approx(expected["accuracy"])
    assert lab.history["val_loss"][-1] == pytest.approx(expected["loss"], rel=1e-5)
    assert [len(values) for values in lab.history.values()] == [2, 2, 2, 2]


def test_python_says_why_it_cannot_send_digits(open_live, monkeypatch, tmp_path):
    lab = TrainingLab(**SMALL)
    page = open_live(lab)
    monkeypatch.setenv(data.VARIABLE, str(tmp_path / "nothing.npz"))
    press(page, "▶ Train")
    send_from_python(page, lab)
    assert "nothing.npz" in status(page, "Python could not send it")


def test_a_view_that_goes_away_ends_its_training(open_live):
    lab = TrainingLab(**SMALL | {"epochs": 1000})
    page = open_live(lab)
    press(page, "▶ Train")
    for _ in range(2):
        send_from_python(page, lab)
    status(page, "images per second")
    shown = page.evaluate("fake.outside()")
    assert page.evaluate("fake.hide(); [fake.listening(), fake.outside()]") == [0, shown - 1]
    wait_until_workers_are_gone(page)


def test_without_a_script_it_shows_a_recorded_training(open_page):
    page = open_page(TrainingLab(), java_script_enabled=False)
    text = page.locator("main").inner_text()
    assert "From the first of 10 epochs to the last, the loss on validation images fell from 0.0731 to 0.0392" in text
    assert page.locator("main svg, main img").count()


@pytest.mark.parametrize(("width", "height", "room"), [(390, 664, 608), (1280, 800, 744)])
def test_button_and_curves_and_digits_are_on_one_screen(open_page, width, height, room):
    page = open_page(TrainingLab(**SMALL), viewport={"width": width, "height": height})
    train(page)
    top, bottom = page.evaluate(
        """() => {
          const boxes = [...document.querySelectorAll(".tl-train, .tl-chart, .tl-cards")].slice(0, 4)
            .map((one) => one.getBoundingClientRect());
          return [Math.min(...boxes.map(({ top }) => top)), Math.max(...boxes.map(({ bottom }) => bottom))];
        }"""
    )
    assert bottom - top <= room
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.locator(".tl button:visible, .tl select:visible, .tl input:visible, .tl summary:visible").evaluate_all(
        "all => all.map((one) => [one.textContent, one.offsetHeight]).filter(([, height]) => height < 24)"
    )
    assert small == []


# A browser calls no frames of a hidden tab, and all of them once it is shown.
HIDE = """() => {
  const frames = [];
  const call = window.requestAnimationFrame;
  const turn = (hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  window.requestAnimationFrame = (frame) => frames.push(frame);
  turn(true);
  window.showAgain = () => {
    window.requestAnimationFrame = call;
    turn(false);
    frames.splice(0).forEach((frame) => call(frame));
  };
}"""


def test_a_hidden_tab_trains_on_and_the_page_shows_it_when_it_is_seen_again(page):
    press(page, "One step")
    status(page, "step 1 of 20")
    page.evaluate(HIDE)
    press(page, "▶ Continue")
    page.locator(".bw-live", has_text="Run 1 is done: epoch 2 of 2, step 20 of 20").wait_for(state="attached")
    assert "step 1 of 20" in page.locator(".tl-status").inner_text()  # nothing was drawn
    page.evaluate("showAgain()")
    said = status(page, "Run 1 is done")
    assert f"Validation accuracy {100 * in_the_engine()['accuracy']:.2f}%" in said
    assert rows(page, 1)[0][2] == f"{in_the_engine()['loss']:.4f}"
    line = page.locator(".tl-line").first.get_attribute("d")
    assert len(re.findall("[ML]", line)) == 20


def test_a_chart_draws_anew_only_what_has_changed(page):
    train(page)
    set_field(page, "seed", "2")
    train(page)
    page.evaluate("window.first = document.querySelector('.tl-validation.tl-run-0')")
    set_field(page, "seed", "3")
    train(page)
    kept, runs = page.evaluate(
        "[first.isConnected, document.querySelectorAll('.tl-chart:first-child .tl-line').length]"
    )
    assert (kept, runs) == (True, 3)
    set_field(page, "epochs", "4")  # the axis becomes longer, and with it all is drawn anew
    train(page)
    assert page.evaluate("first.isConnected") is False
    ends = (
        page.locator(".tl-chart")
        .first.locator(".tl-validation")
        .evaluate_all("all => all.map((one) => Number(one.getAttribute('d').match(/([\\d.]+) [\\d.]+$/)[1]))")
    )
    assert ends[0] == ends[1] == ends[2] < ends[3]


def test_runs_that_differ_in_one_number_are_drawn_against_it(page):
    chart = page.get_by_role("img", name="Validation accuracy by learning rate")
    rates = ["0.1", "0.001", "0.00001"]
    for rate in rates:
        assert chart.count() == 0  # two values say little
        set_field(page, "learning rate", rate)
        train(page)
    expected = {rate: in_the_engine(learning_rate=float(rate))["accuracy"] for rate in rates}
    named = re.findall(r"([\d.]+): ([\d.]+)% \(", chart.get_attribute("aria-label"))
    assert named == [(rate, f"{100 * expected[rate]:.2f}") for rate in reversed(rates)]
    places = page.locator(".tl-sweep .tl-between").get_attribute("d")
    across, down = zip(*((float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", places)), strict=True)
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)  # each is a hundred times the last
    assert (
        np.argsort(down).tolist() == np.argsort([-expected[rate] for rate in reversed(rates)], kind="stable").tolist()
    )
    assert page.locator(".tl-sweep .tl-marker").count() == 3

    page.get_by_label("softmax").select_option("twice")  # another network does not belong there
    train(page)
    assert page.locator(".tl-sweep .tl-marker").count() == 3
    page.get_by_role("button", name="remove run 2").click()
    page.locator(".tl-sweep").wait_for(state="hidden")


def test_the_latest_of_two_searches_is_drawn(page):
    train(page)
    for value in ("25", "100"):
        set_field(page, "batch size", value)
        train(page)
    page.get_by_role("img", name="Validation accuracy by batch size. 25: ").wait_for()
    for value in ("1", "3"):
        set_field(page, "epochs", value)
        train(page)
    page.get_by_role("img", name="Validation accuracy by epochs. 1: ").wait_for()


def test_it_works_by_keyboard(page):
    page.locator("body").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.tl-train')"):
            break
    page.keyboard.press("Enter")
    status(page, "is done")
    assert page.evaluate("document.activeElement.matches('.tl-train')")
