"""TeachYourHand asks for digits: they are drawn, removed and brought back, by mouse, touch and keyboard."""

import re

import numpy as np
import pytest
from teach_your_hand_page import button, counts, draw, hand, page, run_module, says, teach, wait_for_counts
from training_pages import stand_in, widget_files

from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.teach_your_hand import TeachYourHand

__all__ = ["hand", "page", "stand_in", "widget_files"]  # fixtures


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
        says(page, "All digits are written", ".th-prompt")
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
        page.get_by_role("button", name="A 5, drawing 2, held out").click()
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
        says(page, re.compile(r"A \d, drawing 2, held out"), ".th-about")
        page.keyboard.press("Delete")
        wait_for_counts(page, 19)
        assert page.evaluate("document.activeElement.matches('.th-thumb')")

    def test_roles_are_spread_over_a_row(self):
        found = run_module(
            "return [2, 4, 6, 8].map((each) => Array.from({ length: each }, (_, n) => isHeldOut(n, each) ? 'k' : 't')"
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
        assert "there would be 5001 drawings; the limit is 5000" in said
        assert left == 5000


class TestLooks:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_on_a_phone_each_half_is_on_one_screen(self, open_page, hand, scheme):
        phone = {"viewport": {"width": 390, "height": 664}, "is_mobile": True, "has_touch": True}
        page = open_page(TeachYourHand(images=hand[0], labels=hand[1]), color_scheme=scheme, **phone)
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
            "all => all.map((one) => [one.textContent, one.offsetHeight]).filter(([, height]) => height < 44)"
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
