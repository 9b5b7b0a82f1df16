"""The chapter "Take it with you": its files hold the network, and what it says of rounding is what its run shows."""

import re
import warnings

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from chapters import run_cells
from mnist_tutorial import data, notebook


@pytest.fixture(scope="module")
def chapter(tmp_path_factory, own_keras_home):
    """Execute the chapter on the stand-in; return its names, what it said, and what it warned of."""
    said, folder = [], tmp_path_factory.mktemp("chapter")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        patch.setenv(data.VARIABLE, data.STAND_IN)
        patch.chdir(folder)
        patch.setattr(notebook, "say", said.append)
        names = run_cells("12")
    return names | {"said": said, "warned": warned, "folder": folder / "my_work"}


def test_it_warns_of_nothing_and_says_only_numbers(chapter):
    told = [str(one.message) for one in chapter["warned"] if issubclass(one.category, (UserWarning, RuntimeWarning))]
    assert told == []
    assert not re.search(r"\b(nan|inf)\b", " ".join(chapter["said"]))


class TestFiles:
    @pytest.mark.parametrize("name", ["ONNX", "LiteRT"])
    def test_they_answer_as_keras_does(self, chapter, name):
        found = chapter["answers"][name]
        assert found.shape == chapter["expected"].shape
        assert np.abs(found - chapter["expected"]).max() < 1e-4

    def test_eight_bits_answer_nearly_so(self, chapter):
        same = chapter["answers"]["LiteRT, 8 bits"].argmax(axis=1) == chapter["expected"].argmax(axis=1)
        assert same.mean() > 0.98

    def test_onnx_agrees_with_the_formats_own_definition(self, chapter):
        """ONNX comes with an evaluator in NumPy, slow and plain, that says what each operation means."""
        network = onnx.load(chapter["folder"] / "my_network.onnx")
        (found,) = ReferenceEvaluator(network).run(None, {"images": chapter["images"][:3]})
        assert found == pytest.approx(chapter["expected"][:3], abs=1e-5)

    def test_a_forgotten_transpose_passes_every_check_but_the_comparison(self, chapter):
        found = chapter["all_answers"](chapter["open_onnx"](str(chapter["folder"] / "my_network_forgetful.onnx")))
        assert found.sum(axis=1) == pytest.approx(1, abs=1e-4)
        assert (found.argmax(axis=1) == chapter["Y_test"]).mean() < 0.5

    def test_all_of_them_lie_in_the_folder_of_the_reader(self, chapter):
        assert [path.name for path in chapter["folder"].parent.iterdir()] == ["my_work"]

    def test_sizes_follow_the_bits(self, chapter):
        size = {path.name: path.stat().st_size for path in chapter["folder"].iterdir()}
        weights = chapter["model"].count_params()
        assert size["my_network.onnx"] == pytest.approx(4 * weights, rel=0.01)
        assert size["my_network.tflite"] == pytest.approx(4 * weights, rel=0.01)
        assert size["my_network_8.tflite"] == pytest.approx(weights, rel=0.03)


class TestRounding:
    @pytest.mark.parametrize("bits", [2, 3, 6, 8])
    def test_by_itself_a_weight_moves_by_half_a_step_at_most(self, chapter, bits):
        weights = chapter["hidden"][0]
        found = chapter["rounded"](weights, bits)
        step = np.abs(weights).max(axis=0) / (2 ** (bits - 1) - 1)
        assert (np.abs(found - weights) <= step * 0.50001).all()
        assert len(np.unique(np.rint(found[:, 0] / step[0]))) <= 2**bits - 1

    def test_feedback_is_the_best_that_later_weights_can_do(self, chapter):
        """The second way: after each weight, solve for the changes of the later ones that mend the sums best."""
        weights, bits, place = chapter["hidden"][0][:, :5], 3, 70
        found = chapter["with_feedback"](weights, bits).reshape(-1, 30, 5)[place]
        most = 2 ** (bits - 1) - 1
        step = np.abs(weights).max(axis=0) / most
        together = chapter["together"][place]
        left = weights.reshape(-1, 30, 5)[place].astype("float64")
        for i in range(30):
            near = np.clip(np.rint(left[i] / step), -most, most) * step
            error = left[i] - near
            left[i] = near
            if i < 29:
                left[i + 1 :] += np.linalg.solve(together[i + 1 :, i + 1 :], np.outer(together[i + 1 :, i], error))
        assert found == pytest.approx(left, abs=1e-5)

    def test_what_the_text_says_of_it(self, chapter):
        plain, fed, page = chapter["plain"], chapter["fed"], chapter["in_page"]
        full = (chapter["expected"].argmax(axis=1) == chapter["Y_test"]).mean()
        for bits in (8, 6, 4, 3, 2):
            assert fed[bits]["error of sums"] < 0.7 * plain[bits]["error of sums"]
        assert plain[3]["accuracy"] > full - 0.02
        assert plain[2]["accuracy"] < full - 0.1
        assert fed[2]["accuracy"] > full - 0.03
        assert page["error of sums"] < fed[6]["error of sums"] < plain[6]["error of sums"]

    def test_the_pages_characters_are_read_as_the_page_reads_them(self, chapter):
        from mnist_tutorial.reference.weights_format import as_base64

        assert set(np.unique(chapter["steps"])) <= set(range(-31, 32))
        assert as_base64(chapter["sizes"]) == chapter["stored"]["hidden"]["scale"]
        assert chapter["in_page"]["other answers"] <= 0.01 * len(chapter["Y_test"])


def test_the_command_reads_the_drawn_seven(chapter):
    result = chapter["command"]("predict", "--brief", str(chapter["folder"] / "my_digit.png"))
    assert (result.returncode, result.stderr) == (0, "")
    assert ": 7 (" in result.stdout
