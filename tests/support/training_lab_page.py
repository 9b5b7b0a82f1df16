"""What tests of TrainingLab share: a small training, the engine's own results, and what a page shows and takes."""

from functools import partial

import numpy as np
import pytest
import training_pages
from engine_in_node import run_in_node

from mnist_tutorial.widgets import bundle, training_data
from mnist_tutorial.widgets.training_lab import TrainingLab

SMALL = {"images": 500, "filters": 4, "kernel_size": 3, "hidden_units": 8, "batch_size": 50, "epochs": 2, "workers": 1}
PREDICT = "(all) => Promise.all(all.map((one) => mnistTutorial.predict(one)))"
run_module = partial(training_pages.run_module, bundle.FOLDER / "training_lab")


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


def shown_field(page, name):
    """Return a field, also of those behind "More settings"."""
    if not field(page, name).is_visible():
        page.locator("summary", has_text="More settings").click()
    return field(page, name)


def set_field(page, name, value):
    shown_field(page, name).fill(value)
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


def panel(page):
    return page.locator(".tl-network")


def says(page, text):
    """Wait until the panel says something; return all of it."""
    found = page.locator(".tl-network-says", has_text=text)
    found.wait_for(timeout=30_000)
    return found.inner_text()


def save(page, path, button="Save a file"):
    with page.expect_download() as download:
        press(page, button)
    download.value.save_as(path)
    return download.value.suggested_filename


def predicted(page, images):
    return np.array(page.evaluate(PREDICT, (images.reshape(len(images), -1) / 255).tolist()))
