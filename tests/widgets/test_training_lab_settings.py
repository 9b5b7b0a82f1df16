"""TrainingLab's settings: by fields, presets, links and Python; what cannot be is refused in words."""

import json
import re

import numpy as np
import pytest
import traitlets
from training_lab_page import SMALL, field, in_the_engine, page, press, rows, run_module, set_field, status, train
from training_pages import stand_in, widget_files

from mnist_tutorial import training_settings
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.training_lab import SETTINGS, TrainingLab

__all__ = ["page", "stand_in", "widget_files"]  # fixtures


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


def more_settings(page):
    return page.locator(".tl-settings details > summary")


def test_four_settings_are_shown_and_the_others_when_they_are_asked_for(page):
    summary = more_settings(page)
    names = ["training images", "epochs", "batch size", "learning rate"]
    seen = page.locator(".tl-field:visible label").all_inner_texts()
    assert seen == names
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".tl-field:visible").count() == 16
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.labels[0].textContent") == "optimizer"
    set_field(page, "dropout", "0.5")
    summary.click()
    assert summary.inner_text().endswith("(changed: dropout 0.5)")
    set_field(page, "hidden units", "-1")  # which opens it
    summary.click()
    press(page, "▶ Train")
    assert "hidden units expects" in status(page, "hidden units")
    assert field(page, "hidden units").is_visible()


def test_so_few_settings_that_all_are_shown_stand_behind_nothing(open_page):
    shown = ("workers", "seed", "batch_size")
    page = open_page(TrainingLab(**SMALL, hidden=[name for name in SETTINGS if name not in shown]))
    assert page.locator(".tl-field:visible label").all_inner_texts() == ["batch size", "seed", "workers"]
    assert not more_settings(page).is_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_link_opens_what_it_has_set(open_page, width):
    page = open_with_link(open_page, "#lab=epochs:3", viewport={"width": width, "height": 664})
    assert more_settings(page).is_visible() is (width == 1280)  # on a phone, all settings are closed
    page.evaluate("location.hash = '#lab=epochs:3,dropout:0'")
    page.locator(".tl-summary", has_text="dropout 0").wait_for()
    assert field(page, "dropout").is_visible()
    page = open_with_link(open_page, "#lab=seed:2", viewport={"width": width, "height": 664})
    assert field(page, "seed").is_visible()
    assert field(page, "seed").input_value() == "2"


def test_presets_are_settings_by_name(open_page):
    page = open_page(TrainingLab(**SMALL, presets={"Slowly": {"learning_rate": 1e-05}, "Wide": {"filters": 8}}))
    page.get_by_label("Try").select_option("Wide")
    assert field(page, "filters").input_value() == "8"
    page.get_by_label("Try").select_option("Slowly")
    assert field(page, "filters").input_value() == "4"
    assert float(field(page, "learning rate").input_value()) == 1e-05
    set_field(page, "epochs", "3")
    assert page.get_by_label("Try").evaluate("select => select.selectedOptions[0].text") == "Your own settings"


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
    for words in ('"batch_size:zero" expects', '"filters:9999" expects', "is not a setting of the lab"):
        assert words in said
    for name in ("<img src=x onerror=window.ran=1>", "colour"):
        assert f'"{name}" is not a setting that could be hidden' in said
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
    assert '"colour:2" is not a setting of the lab' in status(page, "except")
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
