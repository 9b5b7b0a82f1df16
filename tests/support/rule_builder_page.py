"""RuleBuilder opened in a page, for its tests, and what its rules answer in plain Python."""

import operator

import numpy as np
import pytest

from mnist_tutorial.measurements import Measurements, measure
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.rule_builder import LIMITS, PRESETS, RuleBuilder

START, CHAPTER = PRESETS["start"], PRESETS["chapter"]
BASELINES = {"always answer 1": 0.1135, "nearest average": 0.8203}
SOURCE = bundle.front_end(bundle.FOLDER / "rule_builder" / "rule_builder.js")


@pytest.fixture
def widget(digits):
    return RuleBuilder(*digits, samples=200, baselines=BASELINES, seed=3)


@pytest.fixture
def page(open_page, widget):
    return open_page(widget, has_touch=True)


@pytest.fixture
def live(open_live, widget):
    return open_live(widget)


@pytest.fixture
def answer(digits, widget):
    """Return a function from rules to their answers for the held samples, rule by rule, in plain Python."""
    compare = {"more than": operator.gt, "less than": operator.lt, "exactly": operator.eq}
    exact = [measure(digits[0][position]) for position in widget.positions]
    measured = [Measurements(*(round(number, 4) for number in sample)) for sample in exact]

    def one(sample, rules, otherwise):
        for number, rule in enumerate(rules, start=1):
            if all(compare[how](getattr(sample, name), value) for name, how, value in rule["if"]):
                return rule["then"], number
        return otherwise, 0

    return lambda rules, otherwise: np.array([one(sample, rules, otherwise) for sample in measured])


def counted(answers, labels):
    """Return the answers' confusion, (10, 10): true digits in rows."""
    table = np.zeros((10, 10), dtype=int)
    np.add.at(table, (labels, answers), 1)
    return table


def cells(page):
    return np.array([int(text) for text in page.locator(".rb-table td button").all_text_contents()]).reshape(10, 10)


def choose(page, number):
    """Choose a rule, counted from 1; -1 for `otherwise`, 0 for the table of all answers."""
    if number:
        page.locator(".rb-rules button").nth(number - (number > 0)).click()
    else:
        page.get_by_role("button", name="All answers").click()


def cell(page, label, answer):
    return page.locator(".rb-table").get_by_role("button", name=f"{label} read as {answer}:")


def titles(page):
    return [text for text in page.locator(".rb-title").all_inner_texts() if text]


def large(page):
    return page.locator(".rb-large").inner_text()


def change(page):
    return page.locator(".rb-difference").inner_text()


def percent(share):
    return f"{share:.1%}".replace(".0%", "%") if share in (0, 1) else f"{share:.1%}"


def points(now, before):
    return f"{'▲ +' if now > before else '▼ −'}{abs(100 * (now - before)):.1f} points" if now != before else "no change"


def shows(page, answers, labels):
    """Check all that the page says of a set of answers (answer, rule) to the samples."""
    right = answers[:, 0] == labels
    assert large(page) == percent(right.mean())
    assert page.get_by_text(f"{right.sum()} of {len(labels)} images right").is_visible()
    assert (cells(page) == counted(answers[:, 0], labels)).all()
    tallies = page.locator(".rb-tally").all_inner_texts()
    for place, text in enumerate(tallies):
        decided = answers[:, 1] == (place + 1) % len(tallies)  # 0 is `otherwise`, which stands last
        counts = (decided & right).sum(), (decided & ~right).sum()
        assert text == ("{} ✓ {} ✗".format(*counts) if decided.any() else "none left")
        label = page.locator(".rb-rules button").nth(place).get_attribute("aria-label")
        words = "{} right, {} wrong".format(*counts) if decided.any() else "fits no image that is left"
        assert label.endswith(f": {words}")
    return right.mean()


def random_rules(generator, most=20):
    def condition():
        name = generator.choice(list(LIMITS))
        low, high, step = LIMITS[name]
        how = generator.choice(["more than", "less than", "exactly"][: 3 if step == 1 else 2])
        value = int(generator.integers(low, high + 1)) if step == 1 else round(generator.uniform(low, high), 2)
        return [str(name), str(how), value]

    return [
        {"if": [condition() for _ in range(generator.integers(1, 3))], "then": int(generator.integers(10))}
        for _ in range(generator.integers(0, most + 1))
    ]
