"""TeachYourHand in Jupyter: what Python and the page tell each other."""

import json
import re

import numpy as np
import pytest
import traitlets
from teach_your_hand_page import button, draw, page, says, wait_for_counts
from training_pages import stand_in, widget_files

from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.weights_format import LAYERS, decode
from mnist_tutorial.widgets.teach_your_hand import TeachYourHand

__all__ = ["page", "stand_in", "widget_files"]  # fixtures


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
