"""TeachYourHand's drawings are saved, opened, merged and kept; what cannot be is said, and nothing is lost."""

import base64
import json
import re

import numpy as np
import pytest
from teach_your_hand_page import (
    FORBID_STORAGE,
    button,
    counts,
    draw,
    open_files,
    page,
    run_module,
    says,
    wait_for_counts,
)
from training_pages import stand_in, widget_files

from mnist_tutorial.widgets.teach_your_hand import TeachYourHand, hand_file

__all__ = ["page", "stand_in", "widget_files"]  # fixtures


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

    def test_keeping_goes_on_when_all_are_removed_and_nothing_is_damaged_then(self, page):
        draw(page)
        self.keep(page)
        says(page, "kept in this browser", ".th-file-says")
        button(page, "Remove all").click()
        wait_for_counts(page, 0)
        page.reload()
        page.locator(".th-files > summary").click()
        assert button(page, "Keep in this browser").is_visible()
        assert not page.get_by_text("damaged").count()

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
