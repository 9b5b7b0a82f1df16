"""The network that we trained: its record, its weights, and what is refused."""

import gzip
import json
import math
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from digits_at_hand import real_mnist

import mnist_tutorial
from mnist_tutorial import data, reference
from mnist_tutorial.model import build_model
from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.reference import EPOCHS_FILE, FOLDER, PAGE_WEIGHTS, RECORD, WEIGHTS, ReferenceNetworkError
from mnist_tutorial.reference.forward_pass import LAYERS, decode, forward, layers_of
from mnist_tutorial.reference.weights_format import as_base64, page_weights
from mnist_tutorial.training import BATCH_SIZE, EPOCHS, VALIDATION_SHARE

ROOT = Path(__file__).resolve().parents[2]
CURVES = [f"{part}{kind}" for part in ("", "val_", "test_") for kind in ("loss", "accuracy")]


@pytest.fixture(scope="module")
def record():
    return mnist_tutorial.load_record()


@pytest.fixture(scope="module")
def model():
    return mnist_tutorial.load_reference_model()


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the folder that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "reference"))


def change(folder, function):
    """Let a function change the record in a copy of the folder."""
    content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    function(content)
    (folder / RECORD).write_text(json.dumps(content), encoding="utf-8")


def the_median(record):
    return next(run for run in record["runs"] if run["seed"] == record["median_seed"])


# The record.


def test_the_record_says_what_was_done(record):
    assert record["data"] == {"name": "MNIST", "sha256": data.MNIST_SHA256}
    assert record["training"] == {
        "parameters": build_model().count_params(),
        "images": 54_000,
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "validation_share": VALIDATION_SHARE,
    }
    assert {"python", "tensorflow", "keras", "numpy"} <= set(record["versions"])
    assert len(record["date"]) == len("2000-01-31")
    assert [run["seed"] for run in record["runs"]] == [1, 2, 3, 4, 5]


def test_every_run_is_complete_and_agrees_with_itself(record):
    for run in record["runs"]:
        history = run["history"]
        assert set(history) == {*CURVES, "seconds"}
        assert all(len(numbers) == EPOCHS for numbers in history.values())
        assert all(math.isfinite(number) and number >= 0 for numbers in history.values() for number in numbers)
        assert all(number <= 1 for name in CURVES if "accuracy" in name for number in history[name])
        assert history["test_accuracy"][-1] == round(1 - run["test_errors"] / 10_000, 6)
        assert len(run["test_errors_by_digit"]) == 10
        assert sum(run["test_errors_by_digit"]) == run["test_errors"]
        assert sum(history["seconds"]) <= run["seconds"] + 1
        # An epoch has 270 batches, and a machine that others use as well may take a few times as long.
        assert 200 < np.median(history["seconds"]) / run["seconds_per_batch"] < 1000
    assert len({json.dumps(run["history"]) for run in record["runs"]}) == 5, "two seeds, one training"


def test_the_network_is_the_median_and_as_good_as_promised(record):
    median = the_median(record)
    errors, loss = median["test_errors"], median["history"]["test_loss"][-1]
    others = [(run["test_errors"], run["history"]["test_loss"][-1]) for run in record["runs"] if run is not median]
    assert len(others) == 4
    assert sum(other < (errors, loss) for other in others) == 2
    assert errors <= 110  # 98.9% right
    assert loss <= 0.035
    assert np.median([run["history"]["test_loss"][-1] for run in record["runs"]]) <= 0.035


def test_the_record_can_be_read_by_a_person():
    lines = (FOLDER / RECORD).read_text(encoding="utf-8").splitlines()
    assert len(lines) < 200, "a list of numbers belongs on one line"
    assert max(map(len, lines)) < 250


# The weights.


def test_the_model_is_the_books_network_and_float32(model):
    assert [type(layer).__name__ for layer in model.layers] == [type(layer).__name__ for layer in build_model().layers]
    assert all(weights.dtype == np.float32 for weights in model.get_weights())
    assert model.compiled
    assert (FOLDER / WEIGHTS).stat().st_size < 2_400_000, "more than the weights is in the file"


def test_the_recorded_test_result_is_found_again(model, record):
    mnist = real_mnist()
    if mnist is None:
        pytest.skip(f"needs MNIST: set {data.VARIABLE} to its path")
    images, labels = mnist[1]
    images = process_images(images)
    median = the_median(record)
    wrong = labels[model.predict(images, verbose=0).argmax(axis=1) != labels]
    assert len(wrong) == median["test_errors"]
    assert np.bincount(wrong, minlength=10).tolist() == median["test_errors_by_digit"]
    loss, accuracy = model.evaluate(images, process_labels(labels), verbose=0)
    assert round(accuracy, 6) == median["history"]["test_accuracy"][-1]
    assert loss == pytest.approx(median["history"]["test_loss"][-1], abs=5e-6)


def test_the_pages_weights_are_small_and_come_from_the_same_network(model, record):
    from train_reference import MIN_AGREEMENT

    from mnist_tutorial.reference.weights_format import LEVELS, SCRIPT_START

    script = (FOLDER / PAGE_WEIGHTS).read_text(encoding="ascii")
    assert reference.sha256_of(FOLDER / PAGE_WEIGHTS) == record["files"][PAGE_WEIGHTS]
    assert len(script) < 600_000  # a server that does not compress must stay below 700 kB as well
    assert len(gzip.compress(script.encode())) < 400_000
    assert record["page_weights"]["agreement"] >= MIN_AGREEMENT
    compact = json.loads(script.removeprefix(SCRIPT_START).removesuffix(";\n"))
    exact = page_weights(model)
    kernel = model.layers[4].get_weights()[0]
    assert len(compact["hidden"].pop("kernel")) == kernel.size
    assert compact["hidden"].pop("scale") == as_base64(np.abs(kernel).max(axis=0) / LEVELS)
    del exact["hidden"]["kernel"]
    assert compact == exact, "run `make reference`: the script is not made of these weights"


# Repeated with one thing changed.


@pytest.fixture(scope="module")
def repeats():
    return mnist_tutorial.load_repeats()


def test_repeats_say_what_was_changed(repeats, record):
    from train_repeats import CHANGES

    assert [(one["changed"], one["environment"]) for one in repeats[: len(CHANGES)]] == list(CHANGES.items())
    others = repeats[len(CHANGES) :]
    assert {one["changed"] for one in others} == {"another version of TensorFlow"}
    for one in repeats:
        assert (one["versions"]["TensorFlow"] != record["versions"]["tensorflow"]) is (one in others)
        assert len(one["val_loss"]) == EPOCHS


def test_repeats_begin_alike_and_drift_apart(repeats, record):
    from train_repeats import CHANGES

    recorded = the_median(record)["history"]
    for one in repeats[: len(CHANGES)]:  # another version of TensorFlow may or may not compute as this one does
        away = np.abs(np.subtract(one["val_loss"], recorded["val_loss"]))
        assert away[0] < 0.02  # the same initial weights and images
        if one["changed"] == "nothing":
            assert away.max() <= 1e-6
            assert one["test_loss"] == pytest.approx(recorded["test_loss"][-1], abs=1e-6)
            assert one["other_answers"] == {}
        else:
            assert away.max() > 1e-6
            assert one["other_answers"]


def test_repeats_answer_as_recorded(repeats, model):
    mnist = real_mnist()
    if mnist is None:
        pytest.skip(f"needs MNIST: set {data.VARIABLE} to its path")
    images, labels = mnist[1]
    reference_answers = model.predict(process_images(images), verbose=0).argmax(axis=1)
    for one in repeats:
        answers = reference_answers.copy()
        for position, answer in one["other_answers"].items():
            assert answers[int(position)] != answer
            answers[int(position)] = answer
        assert (answers != labels).sum() == one["test_errors"]


def test_a_damaged_record_of_repeats_is_refused(tmp_path):
    for content in ("", "{}", "[]"):
        (tmp_path / "repeats.json").write_text(content)
        with pytest.raises(ReferenceNetworkError, match="expected"):
            reference.load_repeats(tmp_path)


# What is refused.


def other_data(content):
    content["data"]["sha256"]["x_test"] = "0" * 64


def no_data(content):
    del content["data"]


def no_files(content):
    content["files"] = []


@pytest.mark.parametrize("spoil", [other_data, no_data, no_files])
def test_a_record_that_does_not_name_mnist_and_the_weights_is_refused(copy, spoil):
    change(copy, spoil)
    with pytest.raises(ReferenceNetworkError, match="make reference"):
        reference.load_reference_model(copy)


def test_a_network_of_stand_in_digits_is_refused_by_name(copy):
    change(copy, other_data)
    with pytest.raises(ValueError, match="expected a network trained on the original MNIST"):
        reference.load_reference_model(copy)


def one_byte_changed(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize("spoil", [one_byte_changed, cut_off, Path.unlink])
def test_damaged_weights_are_refused(copy, spoil):
    spoil(copy / WEIGHTS)
    with pytest.raises(ReferenceNetworkError, match=r"network\.weights\.h5: expected SHA-256 .*, found"):
        reference.load_reference_model(copy)


@pytest.mark.parametrize("content", [None, b"", b'{"runs": [', b"[]", b"\xff\xfe"])
def test_a_damaged_record_is_refused(copy, content):
    if content is None:
        (copy / RECORD).unlink()
    else:
        (copy / RECORD).write_bytes(content)
    with pytest.raises(ReferenceNetworkError, match="expected the record of a training"):
        reference.load_reference_model(copy)


# From epoch to epoch.


def test_the_epochs_are_those_of_the_median_run(record, model):
    epochs, history = mnist_tutorial.load_epochs(), the_median(record)["history"]
    assert epochs["filters"].shape == (EPOCHS + 1, 5, 5, 30)
    assert epochs["probabilities"].shape == (EPOCHS + 1, 12, 10)
    np.testing.assert_allclose(epochs["probabilities"].sum(axis=2), 1, atol=1e-3)
    for name in ("val_loss", "val_accuracy"):
        assert epochs[name][1:] == history[name]
    np.testing.assert_allclose(epochs["filters"][-1], model.get_weights()[0][:, :, 0], atol=5.1e-5)
    assert epochs["labels"][:10] == list(range(10))


def test_the_twelve_digits_get_the_probabilities_that_are_recorded(model):
    mnist = real_mnist()
    if mnist is None:
        pytest.skip(f"needs MNIST: set {data.VARIABLE} to its path")
    epochs, (images, labels) = mnist_tutorial.load_epochs(), mnist[1]
    assert epochs["labels"] == labels[epochs["positions"]].tolist()
    found = model.predict(process_images(images[epochs["positions"]]), verbose=0)
    np.testing.assert_allclose(epochs["probabilities"][-1], found, atol=1e-3)


def test_changed_epochs_are_refused(copy):
    text = (copy / EPOCHS_FILE).read_text(encoding="utf-8")
    (copy / EPOCHS_FILE).write_text(text.replace('"epochs": 10', '"epochs": 11'), encoding="utf-8")
    with pytest.raises(ReferenceNetworkError, match="expected SHA-256"):
        reference.load_epochs(copy)


# The package.


def test_importing_the_package_loads_neither_tensorflow_nor_numpy():
    script = (
        "import sys, mnist_tutorial; mnist_tutorial.load_reference_model; "
        "print(sorted({'tensorflow', 'keras', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_an_installation_holds_every_module_and_every_file_of_the_package(tmp_path):
    from setuptools import find_namespace_packages

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packages = find_namespace_packages(str(ROOT), include=settings["packages"]["find"]["include"])
    assert {"mnist_tutorial", "mnist_tutorial.reference", "mnist_tutorial.widgets.frontend"} <= set(packages)
    for package in packages:
        folder = ROOT.joinpath(*package.split("."))
        wanted = {path for pattern in ("*.py", *settings["package-data"]["*"]) for path in folder.glob(pattern)}
        assert {path for path in folder.iterdir() if path.is_file()} == wanted, package


def test_forward_pass_reads_several_images_at_once_as_one_by_one():
    weights = reference.load_page_weights()
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    together = forward([decode(weights[name]) for name in LAYERS], images)
    for i, image in enumerate(images):
        for name, values in layers_of(weights, image).items():
            assert together[name][i].shape == values.shape
            assert np.allclose(together[name][i], values, rtol=1e-4, atol=1e-5), name
