"""The checks that a reader runs: of the installation, of a number, of a shape and of a function."""

import sys
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from types import SimpleNamespace

import numpy as np
import pytest

from mnist_tutorial.exercises import bank, checks
from mnist_tutorial.processing import process_labels


def last_line(capsys):
    return capsys.readouterr().out.splitlines()[-1]


def test_this_installation_is_ready(capsys):
    assert checks.check_installation() is True
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Python 3.")
    assert lines[-1] == "Everything is ready."
    for name in checks.NEEDED:
        assert f"{name} {version(name)}" in lines


def test_missing_package_is_named_with_its_cure(monkeypatch, capsys):
    def without_matplotlib(name):
        if name == "matplotlib":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(checks, "version", without_matplotlib)
    assert checks.check_installation() is False
    line = last_line(capsys)
    assert line.startswith("Not ready: matplotlib is missing")
    assert f"{sys.executable} -m pip install matplotlib" in line


@pytest.mark.parametrize(("python", "ready"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_other_pythons_are_refused(python, ready, monkeypatch, capsys):
    monkeypatch.setattr(checks, "sys", SimpleNamespace(version_info=(*python, 0), executable="python"))
    assert checks.check_installation() is ready
    assert ("needs Python 3.11, 3.12 or 3.13" in last_line(capsys)) is not ready


@pytest.mark.parametrize(
    ("trouble", "message"),
    [(ImportError("DLL load failed"), "does not start: DLL load failed"), (None, "got 5.0 as their sum, not 6")],
)
def test_tensorflow_that_does_not_work_is_noticed(trouble, message, monkeypatch, capsys):
    def import_module(name):
        if trouble:
            raise trouble
        return SimpleNamespace(ops=SimpleNamespace(ones=lambda shape: shape, sum=lambda array: 5.0))

    monkeypatch.setattr(checks, "import_module", import_module)
    assert checks.check_installation() is False
    assert message in last_line(capsys)


class TestAnswers:
    @pytest.fixture(autouse=True)
    def forget(self, monkeypatch):
        monkeypatch.setattr(checks, "_wrong", {})

    @pytest.mark.parametrize(
        "given",
        [200, 200.0, "200", " 200 ", "200,0", np.int64(200), np.float32(200), np.array([200]), Decimal(200),
         Decimal("2E2"), Fraction(400, 2)],
    )  # fmt: skip
    def test_a_right_number_is_confirmed_with_its_reason(self, given, capsys):
        assert checks.check("convolution-parameters", given) is True
        assert capsys.readouterr().out.startswith("✓ Right. Each filter has 3 × 3 × 1 weights and one bias")

    def test_wrong_numbers_get_a_hint_and_never_the_solution(self, capsys):
        assert checks.check("convolution-parameters", 180) is False
        lines = capsys.readouterr().out.splitlines()
        assert lines == [
            "✗ 180 is not it. You forgot the biases: each filter has one.",
            "Look again at ‘The first layer: 30 filters of 5 by 5’.",
        ]
        checks.check("convolution-parameters", 180)  # the same again is no other try
        checks.show_answer("convolution-parameters")
        printed = capsys.readouterr().out
        assert "First try it twice" in printed
        assert "200" not in printed
        checks.check("convolution-parameters", 7)
        assert 'show_answer("convolution-parameters")' in last_line(capsys)
        checks.show_answer("convolution-parameters")
        assert last_line(capsys).startswith("200. Each filter has")

    @pytest.mark.parametrize("given", ["0.693", "0,693", " 0,693 ", ",693", Decimal("0.693"), Fraction(693, 1000)])
    def test_a_decimal_comma_is_read_where_it_can_mean_nothing_else(self, given, capsys):
        assert checks.check("loss-of-two", given) is True
        assert capsys.readouterr().out.startswith("✓ Right.")

    def test_a_comma_that_can_mean_two_things_is_asked_about_and_no_try(self, capsys):
        for given in ("1,386", "1,387", "-2,500"):  # the right one is not told from the others
            assert checks.check("loss-of-a-quarter", given) is False
            point, without = given.replace(",", "."), given.replace(",", "")
            printed = f"✗ “{given}” can mean two numbers. Write it with a point or no comma: {point} or {without}.\n"
            assert capsys.readouterr().out == printed
        assert checks.check("dense-parameters", "6,464") is True  # a whole number is asked for

    def test_several_answers_are_shown_what_python_made_of_them(self, capsys):
        assert checks.check("loss-of-two", 0, 693) is False
        assert last_line(capsys) == (
            "✗ These are 2 answers, and one is expected. Write a decimal with a point, such as 0.5."
        )
        assert checks.check("zeros", 4, 2) is False
        assert last_line(capsys).endswith("Write a shape in parentheses, such as (2, 3).")

    @pytest.mark.parametrize(
        "given",
        [None, [1, 2], "two", float("nan"), True, np.zeros(2), 1j, Decimal("NaN"), Decimal("sNaN"), Fraction(10**400)],
    )
    def test_what_is_no_number_is_no_try(self, given, capsys):
        for _ in range(3):
            assert checks.check("convolution-parameters", given) is False
        printed = capsys.readouterr().out
        assert "✗" in printed
        assert "number" in printed
        assert "show_answer" not in printed

    @pytest.mark.parametrize(
        "given",
        [
            np.zeros((4, 2)),
            (4, 2),
            [4, 2],
            (None, 4, 2),
            np.zeros((4, 2)).shape,
            np.array([4, 2]),
            np.array((4, 2), "u1"),
        ],
    )
    def test_a_shape_or_the_array_that_has_it_is_right(self, given, capsys):
        assert checks.check("zeros", given) is True
        assert capsys.readouterr().out.startswith("✓ The shape is right.")

    def test_a_tensor_of_keras_has_a_shape(self):
        import keras

        zeros = keras.ops.zeros((1, 28, 28, 1))
        for given in (zeros, zeros.shape, keras.Variable(zeros), tuple(zeros.shape)):
            assert checks.check("batch-of-one", given)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ((2, 4), "Rows come first: this array has two rows and four columns."),
            ((4, 3), "It has as many directions as it should, and the size is right in 1 of 2 of them."),
            ((4,), "The number of directions is 1, which is too few."),
            ((4, 2, 1), "The number of directions is 3, which is too many."),
            (8, "A shape is asked for"),
            ((4, "2"), "A shape is asked for"),
            ((4, 2.0), "A shape is asked for"),
            ({4, 2}, "A shape is asked for"),
            ([[0, 0]] * 4, "A shape is asked for"),
            (np.array([4, 3]), "is not it"),
        ],
    )
    def test_a_wrong_shape_is_answered_with_what_is_right_about_it(self, given, message, capsys):
        assert checks.check("zeros", given) is False
        printed = capsys.readouterr().out
        assert message in printed
        assert "(4, 2) " not in printed.replace("(4, 2, 1)", "")

    def test_every_exercise_and_number_can_be_checked(self, capsys):
        for path in bank.FOLDER.glob("*.toml"):
            for one in [one for kind in bank._read(path.stem).values() for one in kind if "choices" not in one]:
                assert checks.check(one["id"], one["right"]) is True
                for wrong in one["wrong"]:
                    assert checks.check(one["id"], wrong["number"]) is False
                    assert wrong["says"] in capsys.readouterr().out

    def test_other_questions_are_refused(self):
        for function in (checks.show_answer, lambda name: checks.check(name, 1)):
            with pytest.raises(ValueError, match="no question 'zeroes'; the nearest names are zeros,"):
                function("zeroes")
            with pytest.raises(ValueError, match="is a question with choices"):
                function("one-hot-three")


class TestFunctions:
    cases = (np.array([3]), np.array([0, 9]))

    def check(self, function):
        return checks.check_function(function, like=process_labels, cases=self.cases, hint="A single place is hot.")

    def test_a_right_one(self, capsys):
        assert self.check(lambda labels: np.eye(10)[labels]) is True
        assert capsys.readouterr().out.splitlines() == ["✓ for [3]", "✓ for [0, 9]", "Right in all cases."]

    @pytest.mark.parametrize(
        ("function", "message"),
        [
            (lambda labels: np.eye(10)[labels - 1], "✗ for [3]: not right in 2 of 10 places."),
            (lambda labels: np.eye(9)[:1], "✗ for [3]: the result has the shape (1, 9), which is not the right one."),
            (lambda labels: labels / None, "✗ for [3]: it stops with TypeError"),
            (lambda labels: np.full((1, 10), "a"), "✗ for [3]: the result is of type <U1, which is no number."),
            (lambda labels: np.full((1, 10), np.nan), "✗ for [3]: not right in 10 of 10 places."),
        ],
    )
    def test_a_wrong_one_gets_its_place_and_a_hint(self, function, message, capsys):
        assert self.check(function) is False
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(message)
        assert lines[-1] == "Hint: A single place is hot."

    def test_one_right_case_is_reported(self, capsys):
        assert self.check(lambda labels: np.eye(10)[[3]]) is False
        assert "✓ for [3]" in capsys.readouterr().out
