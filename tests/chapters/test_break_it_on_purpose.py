"""The chapter "Break it on purpose": its run shows each symptom that its text describes."""

import re

import numpy as np
import pytest
from chapter_runs import chapter_run

from chapters import CHAPTERS, text_of
from mnist_tutorial.reference import load_mistakes
from mnist_tutorial.uncertainty import spread

GUESSING = np.log(10)  # the loss of a network that gives each digit a tenth
LARGEST_OF_TWO_SOFTMAXES = np.e / (np.e + 9)
(CHAPTER,) = (path for path in CHAPTERS if path.name.startswith("11_"))


class Chapter:
    """What the chapter's run on the digits at hand said, and what its probe found in the networks."""

    def __init__(self, run):
        self.run, self.said, self.stderr = run, run.said, run.stderr
        self.runs = run.runs

    def right(self, name, epoch=-1):
        return self.runs[name]["val_accuracy"][epoch]

    def before(self, name):
        return self.runs[name]["before"]

    def loss(self, name, epoch=-1):
        return self.runs[name]["loss"][epoch]


@pytest.fixture(scope="module")
def chapter():
    return Chapter(chapter_run("11"))


def test_it_warns_of_nothing_and_says_only_numbers(chapter):
    assert "Warning" not in chapter.stderr
    assert not re.search(r"\b(nan|inf)\b", " ".join(chapter.said))
    assert len(chapter.said) >= 11


def test_each_mistake_has_its_symptom_cause_and_cure():
    sections = re.split(r"^## ", text_of(CHAPTER), flags=re.MULTILINE)
    mistakes = [section for section in sections if section.startswith("Mistake")]
    numbers = [int(number) for section in mistakes for number in re.findall(r"\d+", section.partition(":")[0])]
    assert numbers == list(range(1, 9))
    for section in mistakes:
        assert "**Cause.**" in section
        assert "**Cure.**" in section


def test_symptoms_are_described_with_numbers_of_the_run(chapter):
    symptoms = [sentence for sentence in chapter.said if sentence.startswith("**Symptom.**")]
    assert len(symptoms) == 10  # mistakes 1 and 6 have two each
    assert all(re.search(r"\d", sentence) for sentence in symptoms)
    for name in ("not scaled", "labels apart", "sorted", "no softmax", "softmax twice"):
        share = 100 * chapter.right(name)  # a share with its interval: 72.3% (70.3 to 74.3%)
        said = [[*map(float, one)] for one in re.findall(r"([\d.]+)% \(([\d.]+) to ([\d.]+)%\)", " ".join(symptoms))]
        assert any(abs(middle - share) < 0.06 and low < share < high for middle, low, high in said), name


def test_conclusions_come_from_five_seeds_and_not_from_this_run(chapter):
    assert chapter.run.runs_are_outside_the_record
    record = load_mistakes()
    of_five = " ".join(sentence for sentence in chapter.said if sentence.startswith("**Five seeds"))
    said = [
        [*map(float, one)]
        for one in re.findall(r"costs ([\d.-]+) points \(95% interval ([\d.-]+) to ([\d.-]+)", of_five)
    ]
    pairs = [(name, "healthy") for name in ("labels apart", "sorted", "no softmax", "softmax twice")]
    for name, beside in [
        *pairs,
        ("SGD, not scaled", "SGD, scaled"),
        ("rate too high", "healthy"),
        ("rate too low", "healthy"),
    ]:
        lost = [
            100 * (sum(other["right"]) - sum(run["right"])) / record["check"]
            for run, other in zip(record["runs"][name], record["runs"][beside], strict=True)
        ]
        cost = spread(lost)
        assert any(one == pytest.approx([cost.mean, cost.low, cost.high], abs=0.06) for one in said), name
        assert f"Worse in {sum(points > 0 for points in lost)} of {len(lost)} seeds" in of_five
    # These five lie in groups far apart: each is given, and no interval of their mean.
    unscaled = [100 * sum(run["right"]) / record["check"] for run in record["runs"]["not scaled"]]
    assert f"{', '.join(f'{share:.1f}' for share in unscaled[:-1])} and {unscaled[-1]:.1f}%" in of_five
    (of_unscaled,) = [one for one in chapter.said if one.startswith("**Five seeds") and f"{unscaled[0]:.1f}, " in one]
    assert "groups far apart" in of_unscaled
    assert "95% interval" not in of_unscaled


def test_no_sentence_takes_one_seed_for_a_proof():
    text = text_of(CHAPTER)
    assert "with the same seed" not in text.replace("the same seed, the same 6,000 images", "")
    assert "the mistake made the difference" not in text


# --- each symptom


def test_healthy(chapter):
    assert abs(chapter.before("healthy") - GUESSING) < 0.15
    assert chapter.right("healthy") > 0.88
    assert chapter.loss("healthy") < 0.4


def test_not_scaled(chapter):
    assert chapter.before("not scaled") > 20
    assert chapter.loss("not scaled") < GUESSING - 0.1  # "the network does learn something"
    assert chapter.right("not scaled") < chapter.right("healthy") - 0.02  # from 1 to 76 points, with other seeds
    assert chapter.loss("not scaled", 0) > 2 * chapter.loss("healthy", 0)


def test_not_scaled_with_plain_steps(chapter):
    assert chapter.right("SGD, not scaled") < 0.25
    assert chapter.run.different_answers["exploded"] == 1


def test_not_scaled_leaves_dead_units(chapter):
    living = chapter.run.living
    assert living["exploded"] == 0
    assert living["unscaled"] <= living["healthy"]  # the record has more: tests/package/test_mistakes.py


def test_labels_apart(chapter):
    assert chapter.right("labels apart") < 0.25
    assert chapter.runs["labels apart"]["val_loss"][-1] > GUESSING - 0.1
    assert chapter.run.labels_apart_are_the_same


def test_sorted(chapter):
    assert chapter.right("healthy", 2) - chapter.right("sorted") > 0.3
    assert chapter.run.times.max() > 0.2 * chapter.run.times.sum()  # twice as often as it should be


def test_a_logarithm_of_zero(chapter):
    infinite, is_nan = (
        dict(zip(chapter.run.way, flags, strict=True)) for flags in zip(*chapter.run.way.values(), strict=True)
    )
    assert not any(infinite[name] or is_nan[name] for name in ("pixels", "probabilities"))
    assert infinite["logarithms"]
    assert not is_nan["logarithms"]
    assert is_nan["labels times logarithms"]  # "here it is"
    assert (chapter.run.lost == 1).all()  # "all weights are lost"
    assert list(chapter.run.answers_of_broken) == [0]  # "every answer is 0"
    assert "/Log/" in chapter.run.stopped_at  # "`Log` is the logarithm in `my_loss`"
    assert np.isnan(chapter.loss("logarithm of zero", 0))
    assert chapter.run.standardised > 0  # the edge of exercise 3


def test_one_digit_missing(chapter):
    answers, labels = chapter.run.without_7, chapter.run.digits_check
    assert not (answers == 7).any()
    assert (answers == labels)[labels != 7].mean() > chapter.right("healthy") - 0.05
    assert chapter.runs["no 7s"]["accuracy"][-1] > 0.88
    assert chapter.runs["no 7s"]["val_loss"][-1] > 4 * chapter.loss("no 7s")


def test_leak(chapter):
    honest, honest_fresh = chapter.run.marks["honest exam"]
    leaked, leaked_fresh = chapter.run.marks["leaked exam"]
    assert leaked > 0.97
    assert leaked - leaked_fresh > 0.03  # the flattery
    assert abs(honest - honest_fresh) < leaked - leaked_fresh + 0.02
    assert abs(leaked_fresh - honest_fresh) < 0.06  # "has not made the network any worse"


def test_wrong_loss(chapter):
    assert chapter.run.refused["is_value_error"]
    assert "target" in chapter.run.refused["message"]
    assert "(None, 10)" in chapter.run.refused["message"]
    assert "sparse loss" not in chapter.runs


def test_softmax_forgotten(chapter):
    scores = chapter.run.scores
    assert (scores < 0).any()
    assert (abs(scores.sum(axis=1) - 1) > 0.1).mean() > 0.5
    assert abs(chapter.before("no softmax") - GUESSING) > 1
    assert chapter.right("healthy") - chapter.right("no softmax") > 0.3


def test_softmax_twice(chapter):
    run = chapter.runs["softmax twice"]
    assert chapter.run.largest_of_twice < LARGEST_OF_TWO_SOFTMAXES + 1e-6
    assert -np.log(LARGEST_OF_TWO_SOFTMAXES) < min(run["loss"] + run["val_loss"]) < 1.8
    assert chapter.right("softmax twice") > 0.5  # "far from guessing"; 83 to 91% in the record


def test_learning_rate_too_high(chapter):
    assert chapter.right("rate too high") < 0.25
    assert chapter.loss("rate too high", 0) > 5 * chapter.before("rate too high")
    assert abs(chapter.loss("rate too high") - GUESSING) < 0.3  # "near 2.30"
    assert chapter.run.different_answers["leaping"] == 1
    assert chapter.run.living["leaping"] == 0


def test_learning_rate_too_low(chapter):
    assert chapter.right("rate too low") < 0.35
    assert abs(chapter.loss("rate too low", 0) - chapter.before("rate too low")) < 0.1
    assert 0 < chapter.before("rate too low") - chapter.runs["rate too low"]["val_loss"][-1] < 0.1
    assert chapter.run.living["creeping"] > 16  # "nothing is broken; it only looks so"


def test_dark_on_light(chapter):
    assert chapter.run.inverted_right < 0.35
    assert chapter.run.inverted_confidence > 0.5  # "it does not hesitate"


def test_exercises_show_what_the_text_says(chapter):
    assert chapter.run.split_late["val_accuracy"][-1] < 0.1
    assert chapter.run.copies == 200
