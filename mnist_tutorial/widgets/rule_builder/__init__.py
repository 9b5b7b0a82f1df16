"""RuleBuilder: compose rules from simple measurements of a digit, and see how far they get."""

import html
import operator

import numpy as np
import traitlets

from mnist_tutorial.measurements import INK_THRESHOLD, Measurements, measure
from mnist_tutorial.widgets.packing import pack
from mnist_tutorial.widgets.validation import (
    Choice,
    WholeNumber,
    digits_as_loaded,
    is_finite_number,
    is_whole_number,
    whole_number,
)
from mnist_tutorial.widgets.widget import BookWidget

COMPARISONS = {"more than": operator.gt, "less than": operator.lt, "exactly": operator.eq}
LIMITS = {  # of the value in a condition: lowest, highest, step of the slider
    "ink": [0, 0.5, 0.01],
    "width": [0, 2, 0.01],
    "top": [0, 1, 0.01],
    "left": [0, 1, 0.01],
    "holes": [0, 4, 1],
    "hole_position": [0, 1, 0.01],
}
MAX_RULES = 20
PRESETS = {
    "start": {
        "rules": [
            {"if": [["holes", "exactly", 2]], "then": 8},
            {"if": [["width", "less than", 0.45]], "then": 1},
        ],
        "otherwise": 4,
    },
    "chapter": {
        "rules": [
            {"if": [["holes", "more than", 1]], "then": 8},
            {"if": [["holes", "exactly", 1], ["hole_position", "less than", 0.4]], "then": 9},
            {"if": [["holes", "exactly", 1], ["hole_position", "more than", 0.6]], "then": 6},
            {"if": [["holes", "exactly", 1]], "then": 0},
            {"if": [["width", "less than", 0.45]], "then": 1},
            {"if": [["top", "more than", 0.6]], "then": 7},
            {"if": [["top", "less than", 0.42]], "then": 2},
            {"if": [["left", "more than", 0.55]], "then": 5},
            {"if": [["left", "less than", 0.45]], "then": 3},
        ],
        "otherwise": 4,
    },
}


class RuleBuilder(BookWidget):
    """Let the reader write rules, and count what they get right.

    images: (n, 28, 28) uint8, each with some ink. labels: (n,) whole numbers, 0 to 9. samples: how many of them to
    hold, picked at random with `seed`; all, if there are fewer. baselines: {name: accuracy from 0 to 1}, shown for
    comparison. Raises ValueError for anything else.

    Traits to read, set and observe: `rules`, tried from top to bottom, each with one or two conditions, such as
    {"if": [["holes", "exactly", 1], ["hole_position", "less than", 0.4]], "then": 9}; `otherwise`, the answer where
    none fits; `chosen`, which of them is shown with what it catches, counted from 0, where the number of rules is
    `otherwise` and -1 the table of all answers; `condition`, 0 or 1, which condition of the chosen rule the histogram
    shows, and `measurement`, what it shows where no rule is chosen; `cell`, the cell of the table, [true digit,
    answer], [] for the most frequent mistake; `index`, the held sample whose measurements are shown, -1 for the first
    one shown. `accuracy` (0 to 1) follows the rules. Values are kept in hundredths. Set a new list of rules: a change
    inside the old one goes unseen.
    """

    images = traitlets.Bytes().tag(sync=True)  # (m, 28, 14): two pixels a byte, 16 greys
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    measured = traitlets.List().tag(sync=True)  # m rows of six numbers, in the order of LIMITS
    averages = traitlets.List().tag(sync=True)  # the same six numbers for each digit; none for a digit without samples
    baselines = traitlets.Dict().tag(sync=True)
    limits = traitlets.Dict(LIMITS, read_only=True).tag(sync=True)
    presets = traitlets.Dict(PRESETS, read_only=True).tag(sync=True)
    rules = traitlets.List().tag(sync=True)
    otherwise = WholeNumber(0, min=0, max=9).tag(sync=True)
    chosen = WholeNumber(1, min=-1, max=MAX_RULES).tag(sync=True)
    condition = WholeNumber(0, min=0, max=1).tag(sync=True)
    measurement = Choice(tuple(LIMITS), "ink").tag(sync=True)
    cell = traitlets.List().tag(sync=True)
    index = WholeNumber(-1).tag(sync=True)
    accuracy = traitlets.Float(read_only=True)

    def __init__(self, images, labels, samples=300, baselines=None, seed=0, **traits):
        images, labels = digits_as_loaded("RuleBuilder", images, labels)
        whole_number("samples", samples, 1, error=ValueError)
        held = np.random.default_rng(seed).choice(len(images), min(samples, len(images)), replace=False)
        measured = [[round(number, 4) for number in measure(image)] for image in images[held]]
        super().__init__(
            images=pack(_apart(images[held])),
            labels=labels[held].tolist(),
            measured=measured,
            averages=[_averages(measured, labels[held] == digit) for digit in range(10)],
            baselines=baselines or {},
            **PRESETS["start"] | traits,
        )
        self.positions = held.tolist()  # the positions of the held samples in the given arrays
        self._count()

    def answers(self):
        """Return what the rules answer to each held sample: (m,) whole numbers, 0 to 9."""
        return judge(self.rules, self.otherwise, self.measured)[0]

    def confusion(self):
        """Return how often each true digit (row) got each answer (column): (10, 10) whole numbers."""
        return np.bincount(10 * np.array(self.labels) + self.answers(), minlength=100).reshape(10, 10)

    @traitlets.observe("rules", "otherwise")
    def _count(self, change=None):
        self.set_trait("accuracy", float((self.answers() == self.labels).mean()))

    @traitlets.validate("rules")
    def _check_rules(self, proposal):
        if len(proposal.value) > MAX_RULES:
            raise traitlets.TraitError(f"rules was given {len(proposal.value)} rules; it expects at most {MAX_RULES}.")
        return [_checked(rule, f"rule {number}") for number, rule in enumerate(proposal.value, start=1)]

    @traitlets.validate("cell")
    def _check_cell(self, proposal):
        if len(proposal.value) not in (0, 2):
            raise traitlets.TraitError(
                f"cell was given {proposal.value}; it expects [true digit, answer], or [] for none."
            )
        return [_digit("cell", digit) for digit in proposal.value]

    @traitlets.validate("index")
    def _check_index(self, proposal):
        if not -1 <= proposal.value < len(self.labels):
            raise traitlets.TraitError(
                f"index was given {proposal.value}; it expects a held sample, 0 to {len(self.labels) - 1}, or -1."
            )
        return proposal.value

    @traitlets.validate("baselines")
    def _check_baselines(self, proposal):
        for name, share in proposal.value.items():
            if not isinstance(name, str) or not is_finite_number(share) or not 0 <= share <= 1:
                raise traitlets.TraitError(
                    f"baselines was given {name!r}: {share!r}; it expects a name and an accuracy from 0 to 1."
                )
        return {name: float(share) for name, share in proposal.value.items()}

    def fallback(self):
        """Return a table of the chapter's rules and what each gets right, with the accuracies in a sentence."""
        shares = {}
        for preset, name in (("start", "The two rules to begin with"), ("chapter", "the rules of this table")):
            rules, otherwise = PRESETS[preset]["rules"], PRESETS[preset]["otherwise"]
            answers, deciders = judge(rules, otherwise, self.measured)
            right = answers == self.labels
            shares[name] = right.mean()
        texts = [f"if {_words(rule)}, answer {rule['then']}" for rule in rules] + [f"otherwise answer {otherwise}"]
        rows = "".join(
            f"<tr><td>{number + 1}</td><td>{html.escape(text)}</td>"
            f"<td>{right[deciders == number].sum()}</td><td>{(~right)[deciders == number].sum()}</td></tr>"
            for number, text in enumerate(texts)
        )
        accuracies = ", ".join(f"{html.escape(name)}: {share:.1%}" for name, share in (shares | self.baselines).items())
        return (
            f"<table><caption>Rules tried on {len(self.labels)} digits from top to bottom; the first that fits "
            "gives the answer.</caption><thead><tr><th>No.</th><th>Rule</th><th>right</th><th>wrong</th></tr>"
            f"</thead><tbody>{rows}</tbody></table><p>Accuracy. {accuracies}.</p>"
        )


def judge(rules, otherwise, measured):
    """Return the answers, and the position of the rule that gave each (len(rules) for `otherwise`), as (m,) arrays.

    The rules are tried from top to bottom, and the first whose conditions all hold gives the answer.
    """
    columns = dict(zip(LIMITS, np.array(measured).T, strict=True))
    answers = np.full(len(measured), otherwise)
    deciders = np.full(len(measured), len(rules))
    for position, rule in reversed(list(enumerate(rules))):  # an earlier rule overrules a later one
        fits = np.all([COMPARISONS[how](columns[name], value) for name, how, value in rule["if"]], axis=0)
        answers[fits], deciders[fits] = rule["then"], position
    return answers, deciders


def _apart(images):
    """Return images whose ink can be told from their paper in 16 greys: the page measures what `measure` does."""
    return np.where(images > INK_THRESHOLD, images, np.minimum(images, INK_THRESHOLD - 7))


def _averages(measured, chosen):
    return np.array(measured)[chosen].mean(axis=0).round(3).tolist() if chosen.any() else []


def _words(rule):
    return " and ".join(f"{name.replace('_', ' ')} is {how} {value:g}" for name, how, value in rule["if"])


def _checked(rule, where):
    """Return a rule as the page holds it, or raise TraitError."""
    if not isinstance(rule, dict) or set(rule) != {"if", "then"}:
        raise traitlets.TraitError(
            f'{where} was given {rule!r}; it expects {{"if": [[measurement, comparison, value]], "then": digit}}.'
        )
    conditions = rule["if"]
    if not isinstance(conditions, list | tuple) or len(conditions) not in (1, 2):
        raise traitlets.TraitError(f"{where} was given {conditions!r}; it expects a list of one or two conditions.")
    return {
        "if": [_condition(condition, where) for condition in conditions],
        "then": _digit(f"{where}: then", rule["then"]),
    }


def _condition(condition, where):
    if not isinstance(condition, list | tuple) or len(condition) != 3:
        raise traitlets.TraitError(f"{where} was given {condition!r}; it expects [measurement, comparison, value].")
    name, how, value = condition
    if name not in Measurements._fields:
        raise traitlets.TraitError(f"{where} was given {name!r}; it expects one of {', '.join(LIMITS)}.")
    if how not in COMPARISONS or (how == "exactly" and name != "holes"):
        expected = "more than, less than" + (" or exactly" if name == "holes" else "")
        raise traitlets.TraitError(f"{where} was given {how!r} for {name}; it expects {expected}.")
    low, high, step = LIMITS[name]
    if not is_finite_number(value) or not low <= value <= high or (step == 1 and value != int(value)):
        kind = "whole number" if step == 1 else "number"
        raise traitlets.TraitError(f"{where} was given {value!r} for {name}; it expects a {kind} from {low} to {high}.")
    return [name, how, int(value) if step == 1 else round(float(value), 2)]


def _digit(name, value):
    if not is_whole_number(value) or not 0 <= value <= 9:
        raise traitlets.TraitError(f"{name} was given {value!r}; it expects a digit from 0 to 9.")
    return int(value)
