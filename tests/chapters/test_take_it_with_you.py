"""The chapter "Take it with you": its files hold the network, and what it says of rounding is what its run shows."""

import re

import numpy as np
import pytest
from chapter_runs import chapter_run


@pytest.fixture(scope="module")
def chapter():
    """Return what the chapter's run on the digits at hand said, and what its probe found in its files and weights."""
    return chapter_run("14")


def test_it_warns_of_nothing_and_says_only_numbers(chapter):
    assert "Warning" not in chapter.stderr
    assert not re.search(r"\b(nan|inf)\b", " ".join(chapter.said))


class TestFiles:
    @pytest.mark.parametrize("name", ["ONNX", "LiteRT"])
    def test_they_answer_as_keras_does(self, chapter, name):
        found = np.array(chapter.answers[name])
        assert found.shape == chapter.expected.shape
        assert np.abs(found - chapter.expected).max() < 1e-4

    def test_eight_bits_answer_nearly_so(self, chapter):
        same = np.argmax(chapter.answers["LiteRT, 8 bits"], axis=1) == chapter.expected.argmax(axis=1)
        assert same.mean() > 0.98

    def test_onnx_agrees_with_the_formats_own_definition(self, chapter):
        assert chapter.onnx_definition == pytest.approx(chapter.expected[:3], abs=1e-5)

    def test_a_forgotten_transpose_passes_every_check_but_the_comparison(self, chapter):
        assert chapter.forgetful.sum(axis=1) == pytest.approx(1, abs=1e-4)
        assert (chapter.forgetful.argmax(axis=1) == chapter.labels).mean() < 0.5

    def test_scaling_travels_as_a_layer(self, chapter):
        assert chapter.with_scaling < 1e-4

    def test_the_optimizer_keeps_two_numbers_for_each_weight(self, chapter):
        assert chapter.optimizer_numbers == pytest.approx(2 * chapter.weights, rel=1e-4)

    def test_the_activations_are_rounded_at_run_time_beyond_what_the_weights_explain(self, chapter):
        by_litert = np.array(chapter.answers["LiteRT, 8 bits"])
        assert np.abs(chapter.by_weights_alone - chapter.expected).max() < 0.05
        assert np.abs(by_litert - chapter.by_weights_alone).max() < 0.1

    def test_the_web_page_uses_the_names_and_the_shape_of_the_file(self, chapter):
        taken, given = chapter.ends
        assert f"run({{ {taken} }})" in chapter.page
        assert f"found.{given}.data" in chapter.page
        assert '"my_network.onnx"' in chapter.page
        assert "[1, 28, 28, 1]" in chapter.page

    def test_all_of_them_lie_in_the_folder_of_the_reader(self, chapter):
        assert set(chapter.folders) == {"my_work"}
        assert [name for name in chapter.new_files if not name.endswith(".ipynb")] == []

    def test_sizes_follow_the_bits(self, chapter):
        size = chapter.sizes_of_files
        assert size["my_network.onnx"] == pytest.approx(4 * chapter.weights, rel=0.01)
        assert size["my_network.tflite"] == pytest.approx(4 * chapter.weights, rel=0.01)
        assert size["my_network_8.tflite"] == pytest.approx(chapter.weights, rel=0.03)


class TestRounding:
    @pytest.mark.parametrize("bits", [2, 3, 6, 8])
    def test_by_itself_a_weight_moves_by_half_a_step_at_most(self, chapter, bits):
        steps_moved, values = chapter.rounded[str(bits)]
        assert steps_moved <= 0.50001
        assert values <= 2**bits - 1

    def test_feedback_is_the_best_that_later_weights_can_do(self, chapter):
        """The second way: after each weight, solve for the changes of the later ones that bring the sums nearest."""
        given = {name: np.array(value) for name, value in chapter.feedback.items()}
        most = 2 ** (chapter.feedback["bits"] - 1) - 1
        step, together, left = given["largest"] / most, given["together"], given["weights"]
        for i in range(30):
            near = np.clip(np.rint(left[i] / step), -most, most) * step
            error = left[i] - near
            left[i] = near
            if i < 29:
                left[i + 1 :] += np.linalg.solve(together[i + 1 :, i + 1 :], np.outer(together[i + 1 :, i], error))
        assert given["found"] == pytest.approx(left, abs=1e-5)

    def test_what_the_text_says_of_it(self, chapter):
        plain, fed = ({int(bits): one for bits, one in results.items()} for results in (chapter.plain, chapter.fed))
        full = (chapter.expected.argmax(axis=1) == chapter.labels).mean()
        for bits in (8, 6, 4, 3, 2):
            assert fed[bits]["error of sums"] < 0.7 * plain[bits]["error of sums"]
        assert plain[3]["accuracy"] > full - 0.02
        assert plain[2]["accuracy"] < full - 0.1
        assert fed[2]["accuracy"] > full - 0.03
        assert chapter.chosen["part"] < 1
        assert chapter.chosen["accuracy"] > full - 0.02  # "it was the step that failed, not the two bits"
        assert chapter.chosen["accuracy"] == max(one["accuracy"] for one in chapter.by_part.values())
        assert chapter.fed_chosen["accuracy"] > full - 0.02
        assert chapter.in_page["error of sums"] < fed[6]["error of sums"] < plain[6]["error of sums"]

    def test_the_pages_characters_are_read_as_the_page_reads_them(self, chapter):
        assert set(chapter.steps) <= set(range(-31, 32))
        assert chapter.scale_is_the_pages
        assert chapter.in_page["other answers"] <= 0.01 * len(chapter.labels)


def test_the_command_reads_the_drawn_seven(chapter):
    assert chapter.command["code"] == 0
    assert chapter.command["stderr"] == ""
    assert ": 7 (" in chapter.command["stdout"]
