"""What happens to a network that TrainingLab has trained: widgets of the page use it, a file holds it and brings it."""

import base64
import re

import numpy as np
import pytest
from network_files import BROKEN, SMALL, weights_for
from onnxruntime import InferenceSession
from training_lab_page import SMALL as TRAINING
from training_lab_page import in_the_engine, panel, predicted, press, rows, save, says, status, train
from training_pages import stand_in, widget_files

from mnist_tutorial.network_file import from_safetensors, load_network, to_safetensors
from mnist_tutorial.processing import process_images
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.training_lab import TrainingLab

__all__ = ["stand_in", "widget_files"]  # fixtures


DROP = """([content, name]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  const target = document.querySelector(".tl-charts");
  for (const type of ["dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture
def page(open_page):
    return open_page(DigitPad(), TrainingLab(**TRAINING), viewport={"width": 1280, "height": 1800})


def open_file_of(page, content, name="mine.safetensors"):
    page.locator(".tl-network input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )


def begin_anew(page):
    """Load the page again, without the run that it would keep."""
    page.get_by_role("button", name="remove run 1").click()
    page.wait_for_function("sessionStorage.length === 0")
    page.reload()


def is_disabled(page, name):
    return panel(page).get_by_role("button", name=name).is_disabled()


def own(page):
    return page.evaluate("mnistTutorial.ownNetwork()")


def test_what_is_trained_is_used_kept_saved_and_read_by_python_with_equal_predictions(page, digits, tmp_path):
    buttons = ("Use it", "Keep", "Forget", "Save a file", "Save as ONNX")
    assert [is_disabled(page, name) for name in buttons] == [True] * 5
    train(page)
    accuracy = in_the_engine()["accuracy"]
    press(page, "Use it in this book’s widgets")
    assert "on this page" in says(page, "use it now")
    name = f"{accuracy:.1%} of validation images"
    assert own(page) == {"name": name, "kept": False, "chosen": True}
    assert f"yours: {name}" in page.locator(".bw-network").inner_text()
    assert is_disabled(page, "Use it")

    assert save(page, tmp_path / "mine.safetensors") == "mnist-run-1.safetensors"
    images = digits[0][:5]
    expected = load_network(tmp_path / "mine.safetensors").predict(process_images(images), verbose=0)
    np.testing.assert_allclose(predicted(page, images), expected, atol=1e-5)
    assert save(page, tmp_path / "mine.onnx", "Save as ONNX") == "mnist-run-1.onnx"
    assert "ONNX Runtime and many other programs run it" in says(page, "Saved as mnist-run-1.onnx")
    (by_onnx,) = InferenceSession(tmp_path / "mine.onnx").run(None, {"images": process_images(images)})
    np.testing.assert_allclose(by_onnx, expected, atol=1e-5)
    settings, _ = from_safetensors((tmp_path / "mine.safetensors").read_bytes())
    assert settings["filters"] == TRAINING["filters"]

    press(page, "Keep")
    says(page, "kept in this browser")
    page.reload()
    assert own(page) == {"name": name, "kept": True, "chosen": True}
    np.testing.assert_allclose(predicted(page, images), expected, atol=1e-5)
    press(page, "Forget")
    says(page, "the book’s network again")
    assert own(page) is None
    page.reload()
    assert own(page) is None


def test_a_file_is_opened_judged_and_trained_on(page, tmp_path):
    said = train(page)
    save(page, tmp_path / "first")
    first = (tmp_path / "first").read_bytes()
    begin_anew(page)
    open_file_of(page, first)
    assert "Continue trains it further" in says(page, "Run 1 is the network of the file")
    accuracy = re.search(r"Validation accuracy ([\d.]+)%", said)[1]
    assert f"Validation accuracy {accuracy}%" in status(page, "Run 1 is paused")
    assert "opened from a file" in rows(page, 1)[0][1]
    save(page, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == first

    press(page, "▶ Continue")
    status(page, "Run 1 is done")
    save(page, tmp_path / "later")
    before, after = (from_safetensors((tmp_path / name).read_bytes())[1] for name in ("first", "later"))
    moved = [np.abs(one - two).max() for one, two in zip(before, after, strict=True)]
    assert max(moved) < 0.2  # twenty steps further, and not from the start again
    assert min(moved) > 0
    press(page, "open the test set of run 1")
    page.wait_for_function("document.querySelector('.tl-table tbody').textContent.split('%').length > 4")


def test_the_test_set_is_opened_for_a_file(page, tmp_path):
    train(page)
    save(page, tmp_path / "mine")
    begin_anew(page)
    open_file_of(page, (tmp_path / "mine").read_bytes())
    says(page, "Run 1 is")
    press(page, "open the test set of run 1")
    expected = in_the_engine("test")["accuracy"]
    page.locator(".tl-table tbody", has_text=f"{100 * expected:.2f}%").wait_for()


def test_a_file_can_be_dropped_and_brings_its_own_settings(page):
    settings = SMALL | {"seed": 9, "learningRate": 0.25, "optimizer": "sgd", "epochs": 3, "batchSize": 100}
    drop(page, to_safetensors(settings, weights_for(settings)))
    says(page, "Run 1 is the network of the file")
    values = [
        page.get_by_label(name, exact=True).input_value() for name in ("filters", "filter size", "seed", "epochs")
    ]
    assert values == ["2", "9", "9", "3"]
    assert page.get_by_label("optimizer", exact=True).input_value() == "plain SGD"
    assert "step 0 of 15" in status(page, "Run 1 is paused")


def drop(page, content, name="mine.safetensors"):
    page.evaluate(DROP, [base64.b64encode(content).decode("ascii"), name])


def test_damaged_and_foreign_files_are_refused_in_words_and_nothing_is_lost(page):
    filters = page.get_by_label("filters", exact=True)
    before = filters.input_value()
    for case, (make, _) in BROKEN.items():
        if case == "too many bytes":
            continue  # the next test has such a file
        page.evaluate("document.querySelector('.tl-network-says').textContent = ''")
        drop(page, make(to_safetensors(SMALL, weights_for(SMALL))))
        page.wait_for_function("document.querySelector('.tl-network-says').textContent.length > 20")
        said = page.locator(".tl-network-says").inner_text()
        assert re.search(r"file|tensor|setting|weights|Weight", said), f"{case}: {said}"
        assert not re.search("undefined|not defined|null|Cannot", said), f"{case}: {said}"
        assert page.locator(".tl-table tbody tr").count() == 0, case
        assert filters.input_value() == before, case
    assert not is_disabled(page, "Open a file")


def test_a_file_that_is_too_large_is_not_read(page):
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(64 * 2 ** 20 + 1)], "large"));
          const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
          document.querySelector(".tl-charts").dispatchEvent(event);
        }"""
    )
    says(page, "too large for a network of this book: 64 MB is the most")


@pytest.mark.parametrize(
    ("settings", "reason"), [({"hidden_units": 0}, "no hidden layer"), ({"softmax": "twice"}, "softmax twice")]
)
def test_what_widgets_cannot_use_is_said_and_can_be_saved(open_page, tmp_path, settings, reason):
    page = open_page(DigitPad(), TrainingLab(**(TRAINING | settings)))
    train(page)
    assert reason in says(page, "The widgets of this book cannot use it")
    assert is_disabled(page, "Use it")
    assert is_disabled(page, "Keep")
    save(page, tmp_path / "mine")
    says(page, "Saved as")
    load_network(tmp_path / "mine")


def test_a_file_waits_while_a_training_goes_on(open_page):
    page = open_page(TrainingLab(**(TRAINING | {"epochs": 1000})))
    press(page, "▶ Train")
    status(page, "images per second")
    assert is_disabled(page, "Save a file")
    open_file_of(page, to_safetensors(SMALL, weights_for(SMALL)))
    says(page, "A training is running. Pause it")
    press(page, "❚❚ Pause")
    status(page, "Run 1 is paused")
    open_file_of(page, to_safetensors(SMALL, weights_for(SMALL)))
    says(page, "Run 2 is the network of the file")
    assert len(rows(page, 2)) == 2


def test_each_run_can_be_chosen_and_keep_keeps_the_one_that_is_chosen(page, digits, tmp_path):
    train(page)
    press(page, "Use it in this book’s widgets")
    says(page, "use it now")
    page.get_by_label("learning rate", exact=True).fill("0.05")
    page.get_by_label("learning rate", exact=True).press("Tab")
    train(page)
    choice = page.get_by_label("The network of")
    assert choice.input_value() == "2"
    assert not is_disabled(page, "Use it")
    choice.select_option("1")
    assert is_disabled(page, "Use it")
    choice.select_option("2")
    press(page, "Keep")
    says(page, "kept in this browser")
    save(page, tmp_path / "second")
    images = digits[0][:3]
    expected = load_network(tmp_path / "second").predict(process_images(images), verbose=0)
    np.testing.assert_allclose(predicted(page, images), expected, atol=1e-5)


def test_in_jupyter_there_are_files_and_no_book_to_use_it_in(open_live):
    page = open_live(TrainingLab(**TRAINING))
    buttons = panel(page).get_by_role("button").all_inner_texts()
    assert buttons == ["Save a file", "Save as ONNX", "Open a file"]


def test_modules_stay_small():
    for name in ("use_network.js", "files.js"):
        assert (bundle.FOLDER / "training_lab" / name).stat().st_size < 15_000, name
