"""RuleBuilder judges rules in Python as in the page, and takes only rules that make sense."""

import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
import traitlets
from rule_builder_page import (
    CHAPTER,
    SOURCE,
    answer,
    counted,
    page,
    random_rules,
    widget,
)

from mnist_tutorial.measurements import Measurements, measure
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.packing import unpack
from mnist_tutorial.widgets.rule_builder import LIMITS, RuleBuilder, judge

__all__ = ["answer", "page", "widget"]  # fixtures


def test_python_judges_random_rules_as_a_plain_loop_does(widget, answer):
    generator = np.random.default_rng(0)
    for _ in range(40):
        rules, otherwise = random_rules(generator), int(generator.integers(10))
        widget.rules, widget.otherwise = rules, otherwise
        expected = answer(rules, otherwise)[:, 0]
        assert (widget.answers() == expected).all()
        assert widget.accuracy == (expected == widget.labels).mean()
        assert (widget.confusion() == counted(expected, widget.labels)).all()


def test_the_page_judges_random_rules_as_python_does(open_page, widget):
    generator = np.random.default_rng(1)
    sets = [(random_rules(generator), int(generator.integers(10))) for _ in range(100)]
    # Values that a sample has itself tell "less than" from "at most".
    sets += [([{"if": [["width", how, row[1]]], "then": 1}], 0) for row in widget.measured[:20]
             for how in ("less than", "more than")]  # fmt: skip
    source = re.sub(r"^export default.*", "return judge;", SOURCE, flags=re.MULTILINE)
    found = open_page().evaluate(
        "([source, sets, ...rest]) => { const judge = new Function(source)(); "
        "return sets.map(([rules, otherwise]) => judge(rules, otherwise, ...rest)); }",
        [source, sets, widget.measured, widget.labels, list(LIMITS)],
    )
    for (rules, otherwise), result in zip(sets, found, strict=True):
        answers, deciders = judge(rules, otherwise, widget.measured)
        assert result["answers"] == answers.tolist()
        assert result["deciders"] == deciders.tolist()
        assert result["right"] == (answers == widget.labels).sum()
        assert result["confusion"] == counted(answers, widget.labels).ravel().tolist()


def test_the_chapters_rules_answer_as_the_chapters_function_does(digits, widget):
    path = Path(bundle.FOLDER).parents[1] / "chapters" / "01_the_problem.ipynb"
    cells = ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
    chapter = {}
    exec(next(cell for cell in cells if cell.startswith("def answer_by_rules")), chapter)
    widget.rules, widget.otherwise = CHAPTER["rules"], CHAPTER["otherwise"]
    expected = [chapter["answer_by_rules"](measure(digits[0][position])) for position in widget.positions]
    assert widget.answers().tolist() == expected


def test_it_holds_a_random_choice_that_the_seed_decides(digits):
    images, labels = digits
    one, same, other = (RuleBuilder(images, labels, samples=50, seed=seed) for seed in (1, 1, 2))
    assert one.positions == same.positions != other.positions
    assert len(set(one.positions)) == 50
    assert one.labels == labels[one.positions].tolist()
    assert len(RuleBuilder(images, labels, samples=9999).labels) == len(labels)
    assert one.measured[7] == pytest.approx(measure(images[one.positions[7]]), abs=1e-4)
    mean = np.mean([measure(images[p]) for p in one.positions if labels[p] == 3], axis=0)
    assert one.averages[3] == pytest.approx(mean, abs=1e-3)


def test_the_accuracy_follows_the_rules_and_cannot_be_set(widget):
    seen = []
    widget.observe(lambda event: seen.append(event["new"]), "accuracy")
    widget.rules = CHAPTER["rules"]
    assert seen == [widget.accuracy]
    with pytest.raises(traitlets.TraitError, match="accuracy"):
        widget.accuracy = 1.0


def test_rules_are_kept_as_lists_with_values_in_hundredths(widget):
    widget.rules = [{"if": (("width", "less than", np.float64(0.4567)),), "then": np.int64(1)}]
    assert json.dumps(widget.rules) == '[{"if": [["width", "less than", 0.46]], "then": 1}]'


def test_a_rule_changed_in_place_leaves_the_starting_rules_of_others_alone(digits):
    RuleBuilder(*digits, samples=1).rules[0]["then"] = 5
    assert RuleBuilder(*digits, samples=1).rules[0]["then"] == 8


def rule(*conditions, then=1):
    return {"if": list(conditions), "then": then}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("rules", [rule()], "rule 1 .* one or two conditions"),
        ("rules", [rule(["ink", "more than", 0.1]), {"then": 3}], "rule 2 was given"),
        ("rules", ["holes = 2"], "rule 1 was given 'holes = 2'; it expects"),
        ("rules", [rule(["ink", "more than"])], "expects .measurement, comparison, value."),
        ("rules", [rule(["height", "more than", 0.1])], "'height'; it expects one of ink, width"),
        ("rules", [rule(["ink", "exactly", 0.1])], "'exactly' for ink; it expects more than, less than$|less than\\."),
        ("rules", [rule(["holes", "at least", 1])], "expects more than, less than or exactly"),
        ("rules", [rule(["holes", "exactly", 1.5])], "1.5 for holes; it expects a whole number from 0 to 4"),
        ("rules", [rule(["top", "more than", float("nan")])], "nan for top; it expects a number from 0 to 1"),
        ("rules", [rule(["top", "more than", "0.5"])], "'0.5' for top"),
        ("rules", [rule(["ink", "more than", 0.1], then=10)], "then was given 10; it expects a digit"),
        ("rules", [rule(["ink", "more than", 0.1], then=True)], "then was given True"),
        ("rules", [rule(["ink", "more than", 0.1])] * 21, "21 rules; it expects at most 20"),
        ("otherwise", 10, "otherwise was given 10"),
        ("cell", [3], "cell was given"),
        ("cell", [3, 12], "cell was given 12"),
        ("chosen", 21, "chosen was given 21; it expects a whole number from -1 to 20"),
        ("condition", 2, "condition was given 2; it expects a whole number from 0 to 1"),
        ("measurement", "area", "measurement was given 'area'; it expects one of ink, width"),
        ("index", 200, "index was given 200; it expects a held sample, 0 to 199"),
        ("baselines", {"coin": 1.5}, "baselines was given 'coin': 1.5"),
    ],
)
def test_traits_refuse_what_makes_no_sense(widget, name, value, message):
    before = getattr(widget, name)
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(widget, name, value)
    assert getattr(widget, name) == before


def test_images_of_another_form_are_refused(digits):
    images, labels = digits
    with pytest.raises(ValueError, match="uint8"):
        RuleBuilder(images / 255, labels)
    with pytest.raises(ValueError, match="one whole number"):
        RuleBuilder(images, labels[:-1])
    with pytest.raises(ValueError, match="samples was given 0"):
        RuleBuilder(images, labels, samples=0)
    with pytest.raises(ValueError, match="without ink"):
        RuleBuilder(np.zeros((3, 28, 28), dtype=np.uint8), labels[:3])


def test_it_is_light(digits):
    assert len(gzip.compress(RuleBuilder(*digits).page_html().encode())) < 60_000
    assert all(len(path.read_bytes()) < 15_000 for path in (bundle.FOLDER / "rule_builder").glob("*.js"))


def test_the_page_finds_in_its_images_what_python_measured(open_page, widget):
    text = (bundle.FOLDER / "rule_builder" / "measuring.js").read_text("utf-8")
    source = re.sub(r"^import .*", "const SIDE = 28;", text.replace("export ", ""), flags=re.MULTILINE)
    found = open_page().evaluate(
        "([source, images]) => new Function('images', `${source}; return images.map((pixels) => {"
        "const { ink, box, holes, upper, left, largest } = measureForm(pixels);"
        "const height = box.bottom - box.top;"
        "return [ink.length / 784, (box.right - box.left) / height, upper.length / ink.length,"
        "left.length / ink.length, holes.length, largest ? (middleOf(largest) - box.top) / height : 0.5]; })`)(images)",
        [source, (unpack(widget.images) // 17).reshape(-1, 784).tolist()],
    )
    assert np.array(found) == pytest.approx(np.array(widget.measured), abs=6e-5)
    assert {row[4] for row in widget.measured} >= {0, 1, 2}


def test_the_measurements_keep_their_order():
    assert tuple(LIMITS) == Measurements._fields
