"""BackwardView in its page: what is on one screen, what stays where it is, and whose network it shows."""

import re
from itertools import pairwise

import numpy as np
import pytest
from backward_view_page import (
    PATH,
    SHOWN,
    button,
    expected,
    live,
    make,
    number,
    page,
    settle,
)
from network_files import weights_for
from small_network import images, network, widget_files

from mnist_tutorial.model import build_model
from mnist_tutorial.reference.backward_pass import gradients_of
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.backward_view import BIASES, NUMBERS

__all__ = ["expected", "images", "live", "make", "network", "page", "widget_files"]  # fixtures


USE = """([settings, weights]) => mnistTutorial.useNetwork({
  settings, weights: weights.map((one) => Float32Array.from(one)), name: "mine",
})"""


class TestPlace:
    @pytest.mark.parametrize(("width", "height", "room"), [(390, 664, 608), (1280, 800, 744)])
    def test_a_control_and_its_feedback_are_on_one_screen(self, open_page, make, width, height, room):
        page = open_page(make(), viewport={"width": width, "height": height})
        page.locator(".bv-shown:not(.bv-unseen)").wait_for()

        def span(first, last):
            top, bottom = page.locator(first).bounding_box(), page.locator(last).bounding_box()
            return bottom["y"] + bottom["height"] - top["y"]

        assert span(".bv-figure", ".bv-chain ol") <= room
        assert span(".bv-chart", ".bv-result") <= room
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    @pytest.mark.parametrize("width", [1280, 700, 390])
    @pytest.mark.parametrize("with_sum", [False, True])
    def test_nothing_moves_by_the_length_of_a_text(self, open_live, make, width, with_sum):
        page = open_live(make(), viewport={"width": width, "height": 900})
        page.locator(".bv-shown:not(.bv-unseen)").wait_for()
        if with_sum:
            page.locator(".bv-sum summary").click()
        places = """() => [...document.querySelectorAll('.bv-figure, .bv-step, .bv-turning .bv-heading, .bv-slider')]
          .map((one) => [one.offsetTop, one.offsetHeight])"""
        settle(page)
        before = page.evaluate(places)
        for path in (PATH, [9, 127, 23, 23, 29, 4, 4], []):
            for name in (*NUMBERS, *BIASES):
                page.evaluate("(change) => fake.change(change)", {"path": path, "number": name})
                settle(page)
                assert page.evaluate(places) == before, name
        page.evaluate("(changes) => fake.change({ changes })", [{"kind": "adam", "label": 3, "image": 0}])
        settle(page)
        assert page.evaluate(places) == before
        cut_off = "(one) => one.scrollWidth > one.clientWidth"
        assert not page.locator(".bv-verdict").evaluate(cut_off)
        assert not page.locator(".bv-turning .bv-heading").evaluate(cut_off)

    def test_on_a_narrow_page_nothing_is_cut_off(self, open_page, make):
        page = open_page(make(), viewport={"width": 320, "height": 700})
        page.locator(".bv-shown:not(.bv-unseen)").wait_for()
        page.locator(".bv-sum summary").click()
        button(page, "Adam").click()
        reset = page.get_by_role("button", name="Reset").bounding_box()
        assert reset["x"] + reset["width"] <= 320
        page.get_by_role("button", name="Draw").click()
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

    def test_without_javascript_a_figure_and_a_chain_stand_there(self, open_page, make, expected, digits):
        page = open_page(make(), java_script_enabled=False)
        found = expected(0, int(digits[1][0]))
        assert f"the loss, {found['loss']:.3g}." in page.get_by_role("img").get_attribute("aria-label")
        gradients = [number(text) for text in page.locator("td:last-child").all_inner_texts()]
        assert abs(gradients[-1]) == pytest.approx(np.abs(found["weights"]["convolution"][0]).max(), rel=SHOWN)
        assert abs(gradients[0]) == pytest.approx(np.abs(found["logits"]).max(), rel=SHOWN)

    def test_two_on_a_page_do_not_disturb_each_other(self, open_page, make):
        page = open_page(make(), make(index=1))
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.locator(".bv-shown:not(.bv-unseen)").nth(1).wait_for()
        before = page.locator(".bv-loss b").first.inner_text()
        button(page, "Gradient descent").nth(1).click()
        settle(page)
        assert page.locator(".bv-loss b").first.inner_text() == before
        assert page.get_by_role("button", name="Undo", exact=False).evaluate_all("(l) => l.map((b) => b.disabled)") == [
            True,
            False,
        ]

    def test_a_network_of_the_readers_own_takes_the_place_and_the_changes_are_gone(self, page, images, digits):
        settings = {"filters": 6, "kernelSize": 4, "hiddenUnits": 21}
        other = build_model(filters=6, kernel_size=4, units=21)
        other.set_weights(weights_for(settings))
        page.get_by_label("Map", exact=True).select_option("29")
        button(page, "Gradient descent").click()
        page.evaluate(USE, [settings, [weight.ravel().tolist() for weight in other.get_weights()]])
        page.get_by_text(re.compile(r"^\d of 6$")).wait_for(state="attached")
        assert button(page, "Undo").is_disabled()
        loss = gradients_of(page_weights(other), images[0], int(digits[1][0]))["loss"]
        assert number(page.locator(".bv-loss b").first.inner_text()) == pytest.approx(loss, rel=SHOWN)
        assert re.fullmatch(
            r"Your network says \d \(\S+%\) [✓✗] \(“mine”\)\.", page.locator(".bv-verdict").inner_text()
        )
        page.get_by_role("radio", name="the book’s").check()
        page.get_by_text(re.compile(r"^\d+ of 30$")).wait_for(state="attached")
        assert page.locator(".bv-verdict").inner_text().startswith("The network says ")


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_words_of_the_figure_are_large_enough_and_do_not_touch(open_page, make, width):
    page = open_page(make(), viewport={"width": width, "height": 800})
    page.locator(".bv-shown:not(.bv-unseen)").wait_for()
    sizes = page.locator(".bv-figure :is(b, small, p, span)").evaluate_all(
        """all => all.filter((one) => one.innerText && one.getBoundingClientRect().width)
            .map((one) => [one.innerText, parseFloat(getComputedStyle(one).fontSize)])"""
    )
    assert len(sizes) > 30
    assert [text for text, size in sizes if size < 11] == []
    titles = page.locator(".bv-title b").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map(({ left, right }) => [left, right])"
    )
    assert all(right <= left for (_, right), (left, _) in pairwise(titles))
    rows = page.locator(".bv-bars").first.locator(".bv-bar").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert min(rows) >= 9  # a digit of this size is 8 pixels high
