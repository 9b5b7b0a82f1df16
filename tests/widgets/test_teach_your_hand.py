"""TeachYourHand in a page without a kernel, and with a model: it asks for digits, teaches them, and says what came."""

import base64
import json
import re
import subprocess

import numpy as np
import pytest
import traitlets
from engine_in_node import run_in_node
from page_workers import wait_until_workers_are_gone
from test_training_lab import send_from_python
from train_in_engine import NODE

from book_sphinx import widgets as widget_pages
from mnist_tutorial import data, load_network
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.weights_format import LAYERS, decode
from mnist_tutorial.widgets import bundle, training_data
from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.engine.worker_program import NAME
from mnist_tutorial.widgets.teach_your_hand import TeachYourHand, hand_file

FOLDER = bundle.FOLDER / "teach_your_hand"
STROKES = [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)], [(0.4, 0.55), (0.65, 0.5)]]
FORBID_STORAGE = """
Storage.prototype.setItem = () => { throw new DOMException("forbidden", "SecurityError") };
Storage.prototype.getItem = () => { throw new DOMException("forbidden", "SecurityError") };"""


@pytest.fixture(scope="module", autouse=True)
def stand_in():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.VARIABLE, data.STAND_IN)
        yield


@pytest.fixture(scope="module")
def widget_files(tmp_path_factory, stand_in):
    folder = tmp_path_factory.mktemp("hand")
    widget_pages.write_files(folder)
    training_data.write_scripts(folder)
    return folder


@pytest.fixture
def page(open_page):
    return open_page(TeachYourHand(each=2))


@pytest.fixture
def hand(digits):
    """Return a page's drawings to begin with: three stand-in digits of each class, images and labels."""
    images, labels = digits
    places = np.concatenate([np.flatnonzero(labels == digit)[:3] for digit in range(10)])
    return images[places], labels[places]


def run_module(script, *names):
    """Run a script in Node that finds what some of the widget's modules export."""
    parts = [bundle.front_end(FOLDER / name).replace("export function", "function") for name in names]
    source = re.sub(r"^export const", "const", "\n".join(parts), flags=re.MULTILINE)
    result = subprocess.run(
        [NODE, "--input-type=module", "--eval", f"{source}\nconsole.log(JSON.stringify((() => {{{script}}})()));"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return json.loads(result.stdout)


def button(page, name):
    return page.locator(".th").get_by_role("button", name=name, exact=True)


def draw(page, strokes=STROKES, add=True):
    box = page.locator(".th .dp-pad").bounding_box()
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
    """Wait until a part of the widget says something; return all of it."""
    found = page.locator(part, has_text=text)
    found.wait_for(timeout=30_000)
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
    """Return which drawings are taught, and which are kept back, by the rule that the page follows."""
    kept_of = max(1, int(np.floor(3 / 8 * each + 0.5)))
    kept = np.zeros(len(labels), bool)
    for digit in range(10):
        for n, place in enumerate(np.flatnonzero(labels == digit)):
            kept[place] = (n + 1) * kept_of // each > n * kept_of // each
    order = np.argsort(labels, kind="stable")
    return [(images[some], labels[some]) for some in (order[~kept[order]], order[kept[order]])]


class TestWriting:
    def test_it_asks_for_one_digit_after_another_until_all_are_there(self, page):
        asked = []
        for _ in range(20):
            asked.append(page.locator(".th-prompt").inner_text())
            draw(page, [[(0.3, 0.2), (0.4 + 0.015 * len(asked), 0.8)]])
            wait_for_counts(page, len(asked))
        digits = [int(text.split()[-1]) for text in asked]
        assert sorted(digits[:10]) == list(range(10))
        assert digits[:10] == digits[10:]
        assert counts(page) == [2] * 10
        says(page, "All are written", ".th-prompt")
        draw(page, add=False)
        assert button(page, "Add it").is_disabled()
        button(page, "write a 4").click()
        button(page, "Add it").click()
        wait_for_counts(page, 21)
        assert counts(page)[4] == 3

    def test_it_says_what_the_network_reads(self, page):
        button(page, "write a 7").click()
        draw(page)
        assert says(page, "The network reads your 7") == "The network reads your 7 right. 1 of 20."
        button(page, "write a 1").click()
        draw(page, [[(0.12, 0.62), (0.6, 0.08), (0.6, 0.94)]])
        assert re.search("reads your 1 as an? [^1]", says(page, "The network reads your 1 as"))
        wrong = page.get_by_role("button", name="A 1, drawing 1, to teach; read as")
        assert "th-wrong" in wrong.get_attribute("class")

    def test_the_image_is_the_one_that_digit_pad_makes(self, open_page):
        page = open_page(TeachYourHand(each=2), DigitPad())
        strokes = [[[0.3, 0.2], [0.7, 0.2], [0.45, 0.85]]]
        draw(page, strokes, add=False)
        pad = page.locator(".dp .dp-pad").bounding_box()
        page.mouse.move(pad["x"] + 0.3 * pad["width"], pad["y"] + 0.2 * pad["height"])
        page.mouse.down()
        for x, y in strokes[0][1:]:
            page.mouse.move(pad["x"] + x * pad["width"], pad["y"] + y * pad["height"], steps=6)
        page.mouse.up()
        button(page, "Add it").click()
        wait_for_counts(page, 1)
        greys = "(one) => [...one.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
        mine = np.array(page.locator(".th-thumb canvas").evaluate(greys))
        other = np.array(page.locator(".dp-seen canvas").evaluate(greys))
        assert np.abs(mine - other).max() <= 24  # the pads differ in size, so the pointer's places do a little
        assert mine.sum() > 10_000

    def test_it_draws_by_touch(self, open_page):
        page = open_page(TeachYourHand(each=2), has_touch=True, viewport={"width": 390, "height": 664})
        pad = page.locator(".th .dp-pad")
        box = pad.bounding_box()
        touch = page.context.new_cdp_session(page)
        rest = [("touchMove", 0.5, 0.9)] * 12  # or the browser takes the next tap for one that ends a swing
        for kind, x, y in (("touchStart", 0.5, 0.1), ("touchMove", 0.5, 0.5), *rest):
            point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
            page.evaluate("new Promise(requestAnimationFrame)")
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        button(page, "Add it").tap()
        wait_for_counts(page, 1)
        assert page.evaluate("scrollY") == 0

    def test_every_change_can_be_undone(self, page):
        draw(page)
        button(page, "Fill with examples").click()
        wait_for_counts(page, 20)
        page.get_by_role("button", name="A 5, drawing 2, kept back").click()
        button(page, "Remove").click()
        wait_for_counts(page, 19)
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "write a 5"
        page.locator(".th-files > summary").click()
        button(page, "Remove all").click()
        wait_for_counts(page, 0)
        for total, what in ((19, "all were removed"), (20, "a 5 was removed"), (1, "19 examples were"), (0, "a 3 was")):
            page.get_by_role("button", name=re.compile(f"^Undo: {what}")).click()
            wait_for_counts(page, total)
        assert button(page, "Undo").is_disabled()

    def test_by_keyboard_a_drawing_is_made_looked_at_and_removed(self, page):
        page.locator(".th .dp-pad").focus()
        for key in ("Space", *["Shift+ArrowDown"] * 4, "Space", "Tab"):
            page.keyboard.press(key)
        assert page.evaluate("document.activeElement.textContent") == "Add it"
        page.keyboard.press("Enter")
        wait_for_counts(page, 1)
        button(page, "Fill with examples").click()
        wait_for_counts(page, 20)
        thumbs = page.locator(".th-thumb[tabindex='0']")
        assert thumbs.count() == 1  # all of them are one stop
        thumbs.focus()
        for key in ("ArrowDown", "ArrowRight", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        says(page, re.compile(r"A \d, drawing 2, kept back"), ".th-about")
        page.keyboard.press("Delete")
        wait_for_counts(page, 19)
        assert page.evaluate("document.activeElement.matches('.th-thumb')")

    def test_roles_are_spread_over_a_row(self):
        found = run_module(
            "return [2, 4, 6, 8].map((each) => Array.from({ length: each }, (_, n) => isKept(n, each) ? 'k' : 't')"
            ".join(''));",
            "hand.js",
        )
        assert found == ["tk", "tktk", "ttkttk", "ttkttktk"]

    def test_too_many_drawings_are_refused_and_those_there_stay(self):
        said, left = run_module(
            """const hand = createHand();
            const image = (i) => Uint8Array.from({ length: 784 }, (_, at) => (at < 4 ? (i >> (4 * at)) % 16 + 1 : 0));
            hand.add(Array.from({ length: 5000 }, (_, i) => ({ digit: 1, image: image(i) })), "many");
            let said;
            try { hand.add([{ digit: 2, image: image(1) }], "one"); } catch (error) { said = error.message; }
            return [said, hand.drawings().length];""",
            "hand.js",
        )
        assert "there would be 5001 drawings; 5000 are the most" in said
        assert left == 5000


class TestTeaching:
    def test_the_page_teaches_to_the_bits_of_the_engine(self, open_live, hand):
        """In Jupyter the weights come to Python; the network is one that the reader brings."""
        images, labels = hand
        widget = TeachYourHand(images=images, labels=labels, each=2)
        page = open_live(widget)
        page.evaluate("start => { fake.state.start = start }", widget.start)
        button(page, "▶ Teach it").click()
        assert [send_from_python(page, widget) for _ in range(3)] == ["program", "test", "first"]
        says(page, "Taught", ".th-status")
        page.wait_for_function("fake.state.weights.byteLength > 0")
        text = page.evaluate(
            "btoa(Array.from(new Uint8Array(fake.state.weights.buffer), (one) => String.fromCharCode(one)).join(''))"
        )
        (taught, taught_labels), (kept, _) = split(images, labels, 2)
        assert [len(taught), len(kept)] == [20, 10]
        weights, right = in_the_engine(taught, taught_labels)
        assert base64.b64decode(text) == weights
        with pytest.raises(ValueError, match="has taught no network yet"):
            widget.model()
        widget.set_state({"weights": weights, "result": page.evaluate("fake.state.result")})
        assert widget.result["mnist"]["after"] == right
        assert widget.result["kept"]["count"] == 10
        answers = widget.model().predict(process_images(taught), verbose=0).argmax(axis=1)
        assert (answers == taught_labels).sum() == widget.result["taught"]["after"]

    def test_before_and_after_are_counted_and_what_changed_is_shown(self, open_page, digits):
        """Sevens that are called ones are learned, and other sevens are forgotten."""
        images, labels = digits
        sevens = images[labels == 7][:24]
        page = open_page(TeachYourHand(images=sevens, labels=np.ones(24, int), each=8, practise=False))
        said = page.locator(".th-lesson").inner_text()
        assert said == (
            "15 to teach, 9 kept back. None of 0, 2, 3, 4, 5, 6, 7, 8, 9: it sees no new ones of these. "
            "No old digits are in it."
        )
        said = teach(page)
        assert "from your drawings alone" in said
        (kept, taught, test) = table(page)
        (taught_images, taught_labels), _ = split(sevens, np.ones(24, int), 8)
        _, right = in_the_engine(taught_images, taught_labels, practise=False)
        total = len(training_data.load_digits("test").labels)
        assert test[2].startswith(f"{right} of {total} (")
        assert [kept[2].split(" (")[0], taught[2].split(" (")[0]] == ["9 of 9", "15 of 15"]
        before = int(kept[1].split()[0])
        assert before < 3
        own, old = page.locator(".th-heading").all_inner_texts()
        assert own == f"Drawings kept back: {9 - before} became right, 0 wrong."
        assert int(re.search(r"(\d+) wrong", old)[1]) > 0
        words = page.locator(".th-words").inner_text()
        assert "9 drawings kept back are few, so it is wide" in words
        assert "that is what it forgot" in words
        assert "drawn stand-in digits" in words
        forgotten = page.locator(".th-cards").nth(1).locator("li.th-wrong").first
        assert re.fullmatch(r"a (\d): read as \1 before, as \d after", forgotten.get_attribute("aria-label"))
        chart = page.get_by_role("img", name=re.compile("Read wrong, in percent, over 5 epochs"))
        assert "MNIST’s test images: from " in chart.get_attribute("aria-label")
        assert page.locator(".th-mark.th-old").count() == 6
        page.get_by_role("button", name=re.compile("A 1, drawing 1, to teach; read as 7, taught: 1")).wait_for()

    def test_old_digits_in_the_lesson_keep_it_from_forgetting(self, open_page, digits):
        images, labels = digits
        sevens = images[labels == 7][:24]
        page = open_page(TeachYourHand(images=sevens, labels=np.ones(24, int)))
        right = []
        for practised in (True, False):
            page.get_by_label("practise old digits as well").set_checked(practised)
            if not practised:
                says(page, "You have thrown the switch since", ".th-status")
            button(page, "▶ Teach it").click()
            says(page, "from your drawings alone" if not practised else "with old digits in the lesson", ".th-status")
            says(page, "Taught", ".th-status")
            right.append(int(table(page)[2][2].split()[0].replace(",", "")))
        assert right[0] > right[1]

    def test_nothing_kept_back_is_said(self, open_page, digits):
        page = open_page(TeachYourHand(images=digits[0][:1], labels=digits[1][:1]))
        assert page.locator(".th-lesson").inner_text().startswith("1 to teach, 0 kept back. None of")
        teach(page)
        assert table(page)[0][1:] == ["none", "none"]
        says(page, "nothing can be said about drawings that it has not seen", ".th-words")

    def test_drawings_that_change_after_a_lesson_are_told(self, open_page, hand):
        page = open_page(TeachYourHand(images=hand[0], labels=hand[1], each=2))
        teach(page)
        page.locator(".th-thumb").first.click()
        button(page, "Remove").click()
        says(page, "Your drawings have changed since", ".th-status")
        page.get_by_role("button", name=re.compile("^Undo")).click()
        page.wait_for_function("!document.querySelector('.th-status').textContent.includes('changed since')")

    def test_stop_keeps_what_was_learned_until_then(self, open_page, digits):
        images, labels = digits
        page = open_page(TeachYourHand(images=images, labels=labels))
        button(page, "▶ Teach it").click()
        says(page, re.compile(r"Step [1-9]"), ".th-status")
        button(page, "■ Stop").click()
        said = says(page, "Stopped after", ".th-status")
        step, steps = (
            int(one.replace(",", "")) for one in re.search(r"after ([\d,]+) of ([\d,]+) steps", said).groups()
        )
        assert 0 < step <= steps
        assert table(page)[2][2] != "…"
        wait_until_workers_are_gone(page)
        assert button(page, "▶ Teach it").is_enabled()

    def test_a_worker_that_dies_is_told_and_the_drawings_stay(self, open_page, digits):
        page = open_page(TeachYourHand(images=digits[0], labels=digits[1]))
        page.evaluate(
            """() => {
              window.started = [];
              window.Worker = class extends Worker {
                constructor(...given) {
                  super(...given);
                  started.push(this);
                }
              };
            }"""
        )
        button(page, "▶ Teach it").click()
        says(page, re.compile(r"Step [1-9]"), ".th-status")
        page.evaluate("started[0].dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }))")
        said = says(page, "A worker of the training has stopped: out of memory", ".th-status")
        assert "Start the training again" in said
        wait_until_workers_are_gone(page)
        assert sum(counts(page)) == 400
        assert button(page, "▶ Teach it").is_enabled()
        assert not page.locator(".th-outcome").is_visible()

    def test_where_plain_javascript_teaches_it_is_said(self, open_page, hand):
        """The worker's word for it is changed: without WebAssembly the lesson itself would take minutes."""
        page = open_page(TeachYourHand(images=hand[0], labels=hand[1], each=2, practise=False))
        page.evaluate(
            """() => {
              window.Worker = class extends Worker {
                constructor(...given) {
                  super(...given);
                  this.addEventListener("message", ({ data: { result } }) => {
                    if (result?.arithmetic) result.arithmetic = "JavaScript";
                  });
                }
              };
            }"""
        )
        assert "plain JavaScript did it, slower" in teach(page)

    def test_a_view_that_goes_away_ends_its_lesson(self, open_live, digits):
        widget = TeachYourHand(images=digits[0], labels=digits[1])
        page = open_live(widget)
        page.evaluate("start => { fake.state.start = start }", widget.start)
        button(page, "▶ Teach it").click()
        for _ in range(3):
            send_from_python(page, widget)
        says(page, re.compile(r"Step [1-9]"), ".th-status")
        page.evaluate("fake.hide()")
        assert page.evaluate("fake.listening()") == 0
        wait_until_workers_are_gone(page)

    def test_missing_files_are_named_and_asked_for_again(self, open_page, widget_files, hand):
        page = open_page(TeachYourHand(images=hand[0], labels=hand[1], each=2))
        hidden = widget_files / "hidden"
        for name in ("weights.js", NAME, "digits/test-0.js", "digits/training-0.js"):
            (widget_files / name).rename(hidden)
            try:
                button(page, "▶ Teach it").click()
                assert "missing" in says(page, name.rpartition("/")[2], ".th-status")
            finally:
                hidden.rename(widget_files / name)
            page.trouble[:] = [line for line in page.trouble if "ERR_FILE_NOT_FOUND" not in line]
        teach(page)

    def test_python_says_why_it_cannot_send_digits(self, open_live, monkeypatch, tmp_path, hand):
        widget = TeachYourHand(images=hand[0], labels=hand[1], each=2)
        page = open_live(widget)
        page.evaluate("start => { fake.state.start = start }", widget.start)
        monkeypatch.setenv(data.VARIABLE, str(tmp_path / "nothing.npz"))
        button(page, "▶ Teach it").click()
        send_from_python(page, widget)
        send_from_python(page, widget)
        assert "nothing.npz" in says(page, "Python could not send it", ".th-status")

    def test_the_other_widgets_take_the_network_it_is_kept_and_python_reads_it(self, open_page, hand, tmp_path):
        images, labels = hand
        page = open_page(TeachYourHand(images=images, labels=labels, each=2), DigitPad())
        assert not button(page, "Use it in this book’s widgets").is_visible()
        teach(page)
        button(page, "Use it in this book’s widgets").click()
        says(page, "use it now, on this page", ".th-message")
        assert page.evaluate("mnistTutorial.ownNetwork()") == {
            "name": "taught your hand",
            "kept": False,
            "chosen": True,
        }
        assert button(page, "Use it in this book’s widgets").is_disabled()
        with page.expect_download() as saved:
            button(page, "Save the network").click()
        saved.value.save_as(tmp_path / "mine.safetensors")
        (taught, taught_labels), _ = split(images, labels, 2)
        weights, _ = in_the_engine(taught, taught_labels)
        model = load_network(tmp_path / "mine.safetensors")
        assert b"".join(one.tobytes() for one in model.get_weights()) == weights
        some = (images[:3].reshape(3, -1) / 255).tolist()
        found = page.evaluate("(all) => Promise.all(all.map((one) => mnistTutorial.predict(one)))", some)
        np.testing.assert_allclose(found, model.predict(process_images(images[:3]), verbose=0), atol=1e-5)
        teach(page)  # from the book's network again, not from the taught one
        with page.expect_download() as saved:
            button(page, "Save the network").click()
        saved.value.save_as(tmp_path / "again.safetensors")
        assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "mine.safetensors").read_bytes()
        button(page, "Keep it").click()
        says(page, "kept in this browser", ".th-message")
        page.reload()
        assert page.evaluate("mnistTutorial.ownNetwork().kept")


BROKEN = {
    "empty": "",
    "no JSON": "drawings",
    "deep": "[" * 50_000,
    "a number": "7",
    "null": "null",
    "another format": '{"format": "something", "version": 1, "drawings": []}',
    "a later version": '{"format": "mnist-tutorial hand", "version": 2, "drawings": [{}]}',
    "no list": '{"format": "mnist-tutorial hand", "version": 1, "drawings": {"length": 3}}',
    "no drawings": '{"format": "mnist-tutorial hand", "version": 1, "drawings": []}',
    "too many": json.dumps({"format": "mnist-tutorial hand", "version": 1, "drawings": [0] * 5001}),
    **{
        f"drawing {number}": json.dumps(
            {
                "format": "mnist-tutorial hand",
                "version": 1,
                "drawings": [{"digit": 1, "pixels": base64.b64encode(bytes([9] * 784)).decode()}, one],
            }
        )
        for number, one in enumerate(
            [
                None,
                [],
                {"digit": 10, "pixels": base64.b64encode(bytes([9] * 784)).decode()},
                {"digit": "1", "pixels": base64.b64encode(bytes([9] * 784)).decode()},
                {"digit": True, "pixels": base64.b64encode(bytes([9] * 784)).decode()},
                {"digit": 1.5, "pixels": base64.b64encode(bytes([9] * 784)).decode()},
                {"digit": 1, "pixels": base64.b64encode(bytes([9] * 783)).decode()},
                {"digit": 1, "pixels": base64.b64encode(bytes(784)).decode()},
                {"digit": 1, "pixels": "<img src=x onerror=window.ran=1>"},
                {"digit": 1, "pixels": [9] * 784},
                {"digit": 1},
            ]
        )
    },
}


def open_files(page, *texts):
    page.locator(".th-files > summary").click()
    page.locator(".th input[type=file]").set_input_files(
        [
            {"name": f"hand-{i}.json", "mimeType": "application/json", "buffer": text.encode()}
            for i, text in enumerate(texts)
        ]
    )


class TestFiles:
    def test_what_is_saved_is_opened_by_the_page_and_by_python(self, page, tmp_path):
        button(page, "Fill with examples").click()
        wait_for_counts(page, 20)
        page.locator(".th-files > summary").click()
        with page.expect_download() as saved:
            button(page, "Save a file").click()
        assert saved.value.suggested_filename == "my-hand.json"
        saved.value.save_as(tmp_path / "my-hand.json")
        says(page, "20 drawings saved", ".th-file-says")
        images, labels = hand_file.load_hand(tmp_path / "my-hand.json")
        assert np.bincount(labels).tolist() == [2] * 10
        text = (tmp_path / "my-hand.json").read_text("utf-8")
        assert hand_file.to_text(images, labels) == text
        page.reload()
        open_files(page, text)
        assert says(page, "added", ".th-file-says") == "20 of 20 drawings added."
        wait_for_counts(page, 20)
        widget = TeachYourHand()
        widget.open_file(tmp_path / "my-hand.json")
        np.testing.assert_array_equal(widget.images, images)
        np.testing.assert_array_equal(widget.labels, labels)

    def test_files_of_several_people_merge_and_what_is_there_is_not_doubled(self, page, digits):
        images, labels = digits
        first, second = (hand_file.to_text(images[some], labels[some]) for some in (slice(0, 6), slice(4, 9)))
        open_files(page, first, "no drawings at all", second)
        said = says(page, "added", ".th-file-says")
        assert said.startswith("9 of 11 drawings added, 2 were here already. hand-1.json was not opened. It is damaged")
        wait_for_counts(page, 9)
        assert counts(page) == np.bincount(labels[:9], minlength=10).tolist()
        page.get_by_role("button", name="Undo: 11 drawings were opened").click()
        wait_for_counts(page, 0)

    @pytest.mark.parametrize("case", BROKEN)
    def test_damaged_and_hostile_text_is_refused_in_words(self, case):
        text = BROKEN[case]
        said = run_module(
            f"try {{ fromText({json.dumps(text)}); return ''; }} catch (error) {{ return error.message; }}",
            "hand_file.js",
        )
        assert re.match("It (is|holds)|Its drawing 2 is damaged", said), said
        assert not re.search("undefined|not defined|Cannot|Maximum", said)
        with pytest.raises(hand_file.HandFileError, match="expected"):
            hand_file.from_text(text)

    def test_nothing_is_lost_by_files_that_are_refused(self, page):
        draw(page)
        wait_for_counts(page, 1)
        open_files(page, *list(BROKEN.values())[:9], BROKEN["drawing 8"])
        said = says(page, "hand-9.json was not opened. Its drawing 2 is damaged", ".th-file-says")
        assert said.count("was not opened") == 10
        assert sum(counts(page)) == 1
        assert page.evaluate("window.ran") is None

    def test_a_file_that_is_too_large_is_not_read(self, page, tmp_path):
        large = tmp_path / "large.json"
        large.write_bytes(b"[" * (hand_file.MAX_BYTES + 1))
        page.locator(".th-files > summary").click()
        page.locator(".th input[type=file]").set_input_files(large)
        says(page, "large.json was not opened. It is too large", ".th-file-says")
        with pytest.raises(hand_file.HandFileError, match="expected at most"):
            hand_file.load_hand(large)

    def test_files_can_be_dropped(self, page, digits):
        page.evaluate(
            """(text) => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([text], "theirs.json"));
              const target = document.querySelector(".th-rows");
              for (const type of ["dragover", "drop"]) {
                target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
              }
            }""",
            hand_file.to_text(digits[0][:3], digits[1][:3]),
        )
        wait_for_counts(page, 3)


class TestKeeping:
    def keep(self, page):
        page.locator(".th-files > summary").click()
        button(page, "Keep in this browser").click()

    def test_drawings_are_kept_when_the_reader_says_so_and_forgotten_at_once(self, page):
        draw(page)
        wait_for_counts(page, 1)
        page.reload()
        assert counts(page) == [0] * 10
        draw(page)
        self.keep(page)
        says(page, "kept in this browser", ".th-file-says")
        draw(page, [[(0.5, 0.1), (0.5, 0.9)]])
        wait_for_counts(page, 2)
        page.reload()
        assert says(page, "are back") == "Your 2 drawings are back, from this browser."
        assert sum(counts(page)) == 2
        page.locator(".th-files > summary").click()
        button(page, "Forget in this browser").click()
        says(page, "has forgotten", ".th-file-says")
        assert sum(counts(page)) == 2
        page.reload()
        assert counts(page) == [0] * 10

    @pytest.mark.parametrize(("error", "words"), [("QuotaExceededError", "is full"), ("SecurityError", "forbids it")])
    def test_a_browser_that_does_not_keep_says_so_and_nothing_is_lost(self, page, error, words):
        draw(page)
        wait_for_counts(page, 1)
        page.evaluate(f"() => {{ Storage.prototype.setItem = () => {{ throw new DOMException('no', '{error}') }} }}")
        self.keep(page)
        assert "save them as a file" in says(page, words, ".th-file-says")
        assert button(page, "Keep in this browser").is_enabled()
        assert sum(counts(page)) == 1

    def test_storage_that_fills_up_later_says_so(self, page):
        draw(page)
        self.keep(page)
        says(page, "kept in this browser", ".th-file-says")
        page.evaluate(
            "() => { Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError') } }"
        )
        draw(page, [[(0.5, 0.1), (0.5, 0.9)]])
        says(page, "The drawings are not kept: the browser's storage is full")
        assert sum(counts(page)) == 2
        assert button(page, "Keep in this browser").is_enabled()

    def test_without_storage_it_works(self, open_page):
        page = open_page(TeachYourHand(each=2))
        page.add_init_script(FORBID_STORAGE)
        page.reload()
        draw(page)
        wait_for_counts(page, 1)

    @pytest.mark.parametrize("text", ["", "null", '{"format": 1}', BROKEN["drawing 2"]])
    def test_what_was_damaged_in_the_browser_is_told_and_can_be_forgotten(self, page, text):
        page.evaluate("(text) => localStorage.setItem('mnist-tutorial hand', text)", text)
        page.reload()
        says(page, "are damaged. Forget removes them")
        page.locator(".th-files > summary").click()
        button(page, "Forget in this browser").click()
        assert page.evaluate("localStorage.getItem('mnist-tutorial hand')") is None
        draw(page)
        wait_for_counts(page, 1)


class TestPython:
    def test_images_and_labels_are_arrays(self, digits):
        widget = TeachYourHand(images=digits[0][:5], labels=digits[1][:5])
        np.testing.assert_array_equal(widget.images, digits[0][:5])
        assert widget.labels.tolist() == digits[1][:5].tolist()
        assert TeachYourHand().images.shape == (0, 28, 28)

    @pytest.mark.parametrize(
        ("given", "error", "words"),
        [
            ({"images": np.zeros((2, 28, 28)), "labels": [1, 2]}, ValueError, "TeachYourHand was given images"),
            ({"images": np.ones((2, 28, 28), "uint8"), "labels": [1, 12]}, ValueError, "whole number from 0 to 9"),
            ({"images": np.ones((5001, 28, 28), "uint8"), "labels": [1] * 5001}, ValueError, "1 to 5000"),
            ({"each": 3}, traitlets.TraitError, "each"),
            ({"drawings": b"123"}, traitlets.TraitError, "it expects 785 for each drawing"),
            ({"drawings": bytes([10] * 785)}, traitlets.TraitError, "a digit from 0 to 9"),
            ({"seed": -1}, traitlets.TraitError, "seed was given -1"),
            ({"model": "a network"}, ValueError, "TeachYourHand was given 'a network'"),
        ],
    )
    def test_what_does_not_fit_is_refused_in_words(self, given, error, words):
        with pytest.raises(error, match=words):
            TeachYourHand(**given)

    def test_python_sets_drawings_and_hears_of_those_that_are_made(self, open_live, digits):
        widget = TeachYourHand(each=2)
        page = open_live(widget)
        page.evaluate("start => { fake.state.start = start }", widget.start)
        assert not button(page, "Keep in this browser").count()
        draw(page)
        wait_for_counts(page, 1)
        made = page.evaluate("[...new Uint8Array(fake.state.drawings.buffer)]")
        assert len(made) == 785
        assert made[0] == 3
        widget.put(digits[0][:4], digits[1][:4])
        page.evaluate(
            "(all) => fake.change({ drawings: new DataView(Uint8Array.from(all).buffer) })", list(widget.drawings)
        )
        wait_for_counts(page, 4)
        page.evaluate("fake.change({ each: 6, practise: false })")
        page.locator(".th-count", has_text="/6").first.wait_for()
        assert not page.get_by_label("practise old digits").is_checked()

    def test_a_network_that_the_engine_cannot_train_is_told(self, open_live, digits):
        weights = {name: decode(load_page_weights()[name]) for name in LAYERS}
        assert weights["hidden"][0].shape == (4320, 128)
        widget = TeachYourHand(images=digits[0][:20], labels=digits[1][:20])
        page = open_live(widget)
        page.evaluate(
            "start => { start.hidden.shape = [4320, 1000]; fake.state.start = start }",
            json.loads(json.dumps(widget.start)),
        )
        button(page, "▶ Teach it").click()
        says(page, 'The layer "hidden" of shape 4320 x 1000', ".th-status")

    def test_without_a_script_it_shows_what_was_measured(self, open_page):
        page = open_page(TeachYourHand(), java_script_enabled=False)
        text = page.locator("main").inner_text()
        assert re.search(r"for each of 41 writers\. On average it read 0\.48% of the writer's other digits wrong", text)
        assert page.locator("main svg, main img").count()


class TestLooks:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_on_a_phone_each_half_is_on_one_screen(self, open_page, hand, scheme):
        page = open_page(
            TeachYourHand(images=hand[0], labels=hand[1]), viewport={"width": 390, "height": 664}, color_scheme=scheme
        )
        height = """(names) => {
          const boxes = names.flatMap((name) => [...document.querySelectorAll(name)])
            .map((one) => one.getBoundingClientRect()).filter(({ height }) => height);
          return Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top));
        }"""
        assert page.evaluate(height, [".th-views button", ".dp-pad", ".th-rows", ".th-choice", ".th-files"]) <= 608
        button(page, "2. Teach").click()
        teach(page)
        assert page.evaluate(height, [".th-views button", ".th-teach", ".th-chart", ".th-table", ".th-words"]) <= 608
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.locator(".th button:visible, .th select:visible, .th summary:visible").evaluate_all(
            "all => all.map((one) => [one.textContent, one.offsetHeight]).filter(([, height]) => height < 24)"
        )
        assert small == []

    def test_on_a_wide_page_both_halves_are_there(self, open_page):
        page = open_page(TeachYourHand(each=2))
        assert not button(page, "2. Teach").is_visible()
        assert button(page, "▶ Teach it").is_visible()
        assert button(page, "Add it").is_visible()

    def test_its_script_comes_when_the_reader_comes_near(self, open_file):
        widget = TeachYourHand(each=2)
        space = '<div style="height: 5000px"></div>'
        page = open_file('<script defer src="host.js"></script>', f"{space}{widget.page_html()}{space}")
        asked = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        page.evaluate("scrollTo(0, 2000)")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert not page.locator(".th").count()
        page.evaluate("scrollTo(0, 3500)")
        page.locator(".th").wait_for()
        assert asked == ["teach_your_hand.js"]

    def test_how_the_keys_work_is_shown_to_those_who_use_them(self, page):
        hint = page.locator(".th-hint")
        assert not hint.is_visible()
        page.locator(".th .dp-pad").focus()
        page.keyboard.press("ArrowUp")
        assert hint.is_visible()
        draw(page, add=False)
        assert not hint.is_visible()

    def test_a_row_of_hundreds_says_how_many(self, open_page, digits):
        images, _ = digits
        page = open_page(TeachYourHand(images=images[:200], labels=np.zeros(200, int)))
        assert page.locator(".th-count").first.inner_text() == "200/8"
        assert page.locator(".th-thumb").count() == 40
