"""What tests of TeachYourHand share: strokes and drawings, the engine's own lesson, and what a page shows and takes."""

from functools import partial

import numpy as np
import pytest
import training_pages
from engine_in_node import run_in_node

from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.weights_format import LAYERS
from mnist_tutorial.widgets import bundle, training_data
from mnist_tutorial.widgets.teach_your_hand import TeachYourHand

STROKES = [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)], [(0.4, 0.55), (0.65, 0.5)]]
FORBID_STORAGE = """
Storage.prototype.setItem = () => { throw new DOMException("forbidden", "SecurityError") };
Storage.prototype.getItem = () => { throw new DOMException("forbidden", "SecurityError") };"""
run_module = partial(training_pages.run_module, bundle.FOLDER / "teach_your_hand")


@pytest.fixture
def page(open_page):
    return open_page(TeachYourHand(each=2))


@pytest.fixture
def hand(digits):
    """Return a page's drawings to begin with: three stand-in digits of each class, images and labels."""
    images, labels = digits
    places = np.concatenate([np.flatnonzero(labels == digit)[:3] for digit in range(10)])
    return images[places], labels[places]


def button(page, name):
    return page.locator(".th").get_by_role("button", name=name, exact=True)


def draw(page, strokes=STROKES, add=True, pad=".th .dp-pad"):
    page.locator(pad).scroll_into_view_if_needed()
    box = page.locator(pad).bounding_box()
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()
    if add:
        button(page, "Add it").click()


def says(page, text, part=".th-said"):
    """Wait until a part of the widget says something; return all of it. A lesson takes long where much else runs."""
    found = page.locator(part, has_text=text)
    found.wait_for(timeout=120_000)
    return found.inner_text()


def counts(page):
    return [int(text.partition("/")[0]) for text in page.locator(".th-count").all_inner_texts()]


def wait_for_counts(page, total):
    page.wait_for_function(
        """total => [...document.querySelectorAll(".th-count")]
          .reduce((sum, one) => sum + parseInt(one.textContent), 0) === total""",
        arg=total,
    )


def teach(page):
    button(page, "▶ Teach it").click()
    return says(page, "Taught", ".th-status")


def table(page):
    return page.locator(".th-table tbody tr").evaluate_all(
        "all => all.map((row) => [...row.cells].map((cell) => cell.innerText))"
    )


def in_the_engine(images, labels, practise=True, start=None):
    """Return the weights after a lesson by the plain engine in Node, as bytes, and the answers for some images."""
    old, test = training_data.load_digits("first"), training_data.load_digits("test")
    form = start or load_page_weights()
    found = run_in_node(
        """const { decodeWeights } = await import("../frontend/weights_format.js");
        const { lessonOf, settingsOf, weightsOf } = await import("../teach_your_hand/recipe.js");
        const layers = decodeWeights(given.form);
        const network = networks.webAssembly(settingsOf(layers, 1), 256);
        network.setWeights(weightsOf(layers));
        const lesson = lessonOf(given.taught, given.old, given.practise);
        const training = createTraining({ network, ...lesson });
        for (let step = 0; step < training.steps; step++) training.step(step);
        return { weights: network.weights(), outputs: drain(predict(network, given.test)) };""",
        form={name: form[name] for name in LAYERS},
        taught={"images": images.reshape(-1), "labels": labels.astype("uint8")},
        old={"images": old.images.reshape(-1), "labels": old.labels.astype("uint8")},
        test=test.images.reshape(-1),
        practise=practise,
    )
    answers = found["outputs"].reshape(-1, 10).argmax(axis=1)
    return b"".join(one.tobytes() for one in found["weights"]), int((answers == test.labels).sum())


def split(images, labels, each):
    """Return which drawings are taught, and which are held out, by the rule that the page follows."""
    kept_of = max(1, int(np.floor(3 / 8 * each + 0.5)))
    kept = np.zeros(len(labels), bool)
    for digit in range(10):
        for n, place in enumerate(np.flatnonzero(labels == digit)):
            kept[place] = (n + 1) * kept_of // each > n * kept_of // each
    order = np.argsort(labels, kind="stable")
    return [(images[some], labels[some]) for some in (order[~kept[order]], order[kept[order]])]


def open_files(page, *texts):
    page.locator(".th-files > summary").click()
    page.locator(".th input[type=file]").set_input_files(
        [
            {"name": f"hand-{i}.json", "mimeType": "application/json", "buffer": text.encode()}
            for i, text in enumerate(texts)
        ]
    )
