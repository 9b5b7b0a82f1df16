"""TeachYourHand teaches: to the numbers of the engine, with and without old digits, and says what was forgotten."""

import base64
import re

import numpy as np
import pytest
from page_workers import wait_until_workers_are_gone
from teach_your_hand_page import button, counts, draw, hand, in_the_engine, page, says, split, table, teach
from training_pages import send_from_python, stand_in, widget_files

from mnist_tutorial import data, load_network
from mnist_tutorial.processing import process_images
from mnist_tutorial.widgets import training_data
from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.engine.worker_program import NAME
from mnist_tutorial.widgets.teach_your_hand import TeachYourHand

__all__ = ["hand", "page", "stand_in", "widget_files"]  # fixtures

# Acts as soon as a step is shown: a lesson of few digits would be over before the next call of a test.
AT_A_STEP = """async () => {
  while (!/Step [1-9]/.test(document.querySelector(".th-status").innerText)) await new Promise(requestAnimationFrame);
  ACT
}"""
STOP = '[...document.querySelectorAll(".th button")].find((one) => one.innerText.includes("Stop")).click()'
DIE = "started[0].dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }))"


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
            "15 to teach, 9 held out. You have written none of 0, 2, 3, 4, 5, 6, 7, 8, 9. "
            "The lesson includes no old digits. Each lesson begins with the original network."
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
        assert own == f"Held-out drawings: {9 - before} became right, 0 wrong."
        assert int(re.search(r"(\d+) wrong", old)[1]) > 0
        words = page.locator(".th-words").inner_text()
        assert "9 held-out drawings are few, so it is wide" in words
        assert "that is what it forgot" in words
        assert "drawn stand-in digits" in words
        forgotten = page.locator(".th-cards").nth(1).locator("li.th-wrong").first
        assert re.fullmatch(r"an? (\d): read as \1 before, as \d after", forgotten.get_attribute("aria-label"))
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
            page.get_by_label("also practise old digits").set_checked(practised)
            if not practised:
                says(page, "You have changed the switch since then", ".th-status")
            button(page, "▶ Teach it").click()
            says(page, "from your drawings alone" if not practised else "with old digits in the lesson", ".th-status")
            says(page, "Taught", ".th-status")
            right.append(int(table(page)[2][2].split()[0].replace(",", "")))
        assert right[0] > right[1]

    def test_ten_1s_with_an_upstroke_are_enough_to_read_the_next(self, open_page):
        """The reader of chapter 9 draws nothing else, and then one more on the pad."""
        page = open_page(TeachYourHand(), DigitPad())
        rng = np.random.default_rng(8)

        def one():
            tip, top, foot = rng.normal([(0.2, 0.5), (0.58, 0.14), (0.55, 0.86)], 0.03)
            return [[tip.tolist(), top.tolist(), foot.tolist()]]

        button(page, "write a 1").click()
        for count in range(1, 11):
            draw(page, one())
            says(page, f"{count} of 80")
        assert page.locator(".th-lesson").inner_text().startswith("7 to teach, 3 held out.")
        teach(page)
        own = table(page)[:2]
        assert sum(int(before.split()[0]) for _, before, _ in own) <= 4
        assert [after.split(" (")[0] for _, _, after in own] == ["3 of 3", "7 of 7"]
        button(page, "Use it in this book’s widgets").click()
        says(page, "The widgets on this page use it now", ".th-message")
        draw(page, one(), add=False, pad=".dp .dp-pad")
        says(page, "It looks like a 1", ".dp-words")

    def test_nothing_held_out_is_said(self, open_page, digits):
        page = open_page(TeachYourHand(images=digits[0][:1], labels=digits[1][:1]))
        assert page.locator(".th-lesson").inner_text().startswith("1 to teach, 0 held out. You have written none of")
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
        page.evaluate(AT_A_STEP.replace("ACT", STOP))
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
        page.evaluate(AT_A_STEP.replace("ACT", DIE))
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
        assert "plain JavaScript did it, more slowly" in teach(page)

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
        page, hidden = None, widget_files / "hidden"
        for name in ("weights.js", NAME, "digits/test-0.js", "digits/training-0.js"):
            (widget_files / name).rename(hidden)
            try:
                # A page with drawings asks for the network at once: it marks those that are read wrong.
                page = page or open_page(TeachYourHand(images=hand[0], labels=hand[1], each=2))
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
        says(page, "The widgets on this page use it now", ".th-message")
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
