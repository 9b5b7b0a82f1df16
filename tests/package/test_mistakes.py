"""The record of what mistakes do to a network, over five seeds."""

import json

import numpy as np
import pytest

from mnist_tutorial import reference
from mnist_tutorial.data import identify, load_mnist
from mnist_tutorial.reference import ReferenceNetworkError, load_mistakes
from mnist_tutorial.uncertainty import spread

import train_mistakes  # isort: skip
from train_mistakes import BATCH, CHECK, EPOCHS, EXAM, IMAGES, NETWORK, SEEDS, SETTINGS  # isort: skip

GUESSING = np.log(10)
HAVE_NO_LOSS = ("logarithm of zero",)


@pytest.fixture(scope="module")
def record():
    return load_mistakes()


@pytest.fixture
def right(record):
    """Return a function from the name of a mistake to the share of right answers in the check, one per seed."""
    return lambda name: np.array([sum(run["right"]) for run in record["runs"][name]]) / CHECK


def values(record, name, entry):
    return np.array([run[entry] for run in record["runs"][name]])


def test_the_record_is_of_the_command_as_it_is(record):
    counts = {"images": IMAGES, "check": CHECK, "exam": EXAM, "epochs": EPOCHS, "batch_size": BATCH}
    assert {name: record[name] for name in counts} == counts
    assert (record["network"], record["settings"]) == (NETWORK, SETTINGS)
    assert list(record["runs"]) == list(SETTINGS)
    assert len(SEEDS) >= 5
    for name, runs in record["runs"].items():
        assert [run["seed"] for run in runs] == list(SEEDS)
        for run in runs:
            epochs = SETTINGS[name].get("epochs", EPOCHS)
            assert len(run["loss"]) == epochs
            assert len(run["val_accuracy"]) == (epochs if epochs <= EPOCHS else 1)
            assert sum(run["answers"]) == CHECK
            assert np.less_equal(run["right"], run["answers"]).all()
            assert sum(run["right"]) / CHECK == pytest.approx(run["val_accuracy"][-1], abs=1e-4)
            assert (None in run["loss"]) == (name in HAVE_NO_LOSS)


# --- what the chapter says of each


def test_a_healthy_run_begins_at_the_loss_of_guessing(record, right):
    assert values(record, "healthy", "before") == pytest.approx(GUESSING, abs=0.2)
    assert right("healthy").min() > 0.9
    assert right("SGD, scaled").min() > 0.85


@pytest.mark.parametrize("name", ["not scaled", "logarithm of zero", "labels apart", "sorted", "no 7s", "no softmax"])
def test_harm_that_lies_beyond_the_spread_of_the_seeds(right, name):
    assert spread(right("healthy") - right(name)).low > 0


def test_other_harm_beyond_the_spread(right):
    assert spread(right("SGD, scaled") - right("SGD, not scaled")).low > 0.5
    for name in ("rate too high", "rate too low"):
        assert spread(right("healthy") - right(name)).low > 0.5


def test_pixels_that_are_not_scaled_are_seen_before_training_and_leave_units_dead(record):
    assert values(record, "not scaled", "before").min() > 20
    assert values(record, "SGD, not scaled", "living").max() == 0
    assert values(record, "not scaled", "living").max() < values(record, "healthy", "living").min()


def test_a_logarithm_of_zero_makes_every_answer_a_zero(record):
    for run in record["runs"]["logarithm of zero"]:
        assert run["loss"] == [None] * EPOCHS
        assert run["answers"] == [CHECK] + [0] * 9


def test_a_digit_that_is_missing_is_never_the_answer(record):
    others = np.arange(10) != 7
    healthy = values(record, "healthy", "right")[:, others].sum(axis=1)
    assert not values(record, "no 7s", "answers")[:, 7].any()
    assert (values(record, "no 7s", "right")[:, others].sum(axis=1) > 0.97 * healthy).all()


def test_the_leak_flatters_and_does_not_spoil(record, right):
    flattered = {
        name: values(record, name, "right_in_exam") / EXAM - right(name) for name in ("honest exam", "leaked exam")
    }
    assert spread(flattered["leaked exam"]).low > 0.05
    assert (flattered["leaked exam"] > flattered["honest exam"]).all()
    assert values(record, "leaked exam", "right_in_exam").min() > 0.97 * EXAM
    assert abs(right("leaked exam").mean() - right("honest exam").mean()) < 0.03


def test_the_squared_error_begins_near_a_tenth_and_hides_nothing_large(record, right):
    assert values(record, "squared error", "before") == pytest.approx(0.09, abs=0.01)
    assert abs(right("squared error") - right("healthy")).max() < 0.05


def test_two_softmaxes_are_never_sure(record, right):
    largest = np.e / (np.e + 9)
    assert values(record, "softmax twice", "largest").max() < largest + 1e-4
    assert values(record, "softmax twice", "val_loss").min() > -np.log(largest)
    assert right("softmax twice").min() > 0.6


def test_rates_that_are_wrong_end_at_guessing_by_different_ways(record):
    assert values(record, "rate too high", "val_loss")[:, -1] == pytest.approx(GUESSING, abs=0.1)
    assert values(record, "rate too high", "loss")[:, 0].min() > 2 * GUESSING
    assert values(record, "rate too low", "loss")[:, 0] == pytest.approx(GUESSING, abs=0.3)


def test_negatives_are_read_badly_and_with_confidence(record):
    for run in record["runs"]["healthy"]:
        assert sum(run["inverted"]["right"]) < 0.3 * CHECK
        assert run["inverted"]["confidence"] > 0.4


# --- the command


def test_a_run_begins_as_recorded(record):
    training, test = load_mnist()
    if identify(training, test) != "MNIST":
        pytest.skip("The record is of MNIST, and this computer has other digits.")
    learn, check = train_mistakes.load_digits(quick=False)
    run = train_mistakes.train("squared error", learn, check, SEEDS[0], epochs=1)
    recorded = record["runs"]["squared error"][0]
    assert run["before"] == pytest.approx(recorded["before"], rel=0.01)
    assert run["loss"] == pytest.approx(recorded["loss"][:1], rel=0.03)


@pytest.fixture
def trained(monkeypatch):
    """Have the command train nothing; return the runs that it was asked for."""
    asked = []

    def train(name, learn, check, seed, epochs=None):
        asked.append((name, seed))
        return {"seed": seed, "right": [0] * 10}

    monkeypatch.setattr(train_mistakes, "train", train)
    monkeypatch.setattr(train_mistakes, "SEEDS", (1, 2))
    monkeypatch.setattr(train_mistakes, "SETTINGS", {"healthy": {}, "sorted": {"order": "by digit"}})
    return asked


def test_the_command_goes_on_where_it_was_interrupted(tmp_path, trained):
    path = tmp_path / "mistakes.json"
    train_mistakes.make(path, quick=True)
    assert trained == [("healthy", 1), ("sorted", 1), ("healthy", 2), ("sorted", 2)]
    content = json.loads(path.read_text())
    content["runs"]["sorted"].pop()
    path.write_text(json.dumps(content))
    trained.clear()
    train_mistakes.make(path, quick=True)
    assert trained == [("sorted", 2)]


def test_a_mistake_whose_settings_have_changed_is_made_again(tmp_path, trained, monkeypatch):
    path = tmp_path / "mistakes.json"
    train_mistakes.make(path, quick=True)
    trained.clear()
    monkeypatch.setitem(train_mistakes.SETTINGS, "sorted", {"order": "by digit", "epochs": 2})
    train_mistakes.make(path, quick=True)
    assert trained == [("sorted", 1), ("sorted", 2)]


def test_a_mistake_spoils_only_what_it_names():
    digits, labels = np.arange(600.0), np.arange(600) % 10
    learned = {name: train_mistakes.learned_images(digits, labels, 1, changed) for name, changed in SETTINGS.items()}
    assert (learned["healthy"][0] == digits).all()
    assert (learned["labels apart"][0] == digits).all()
    assert sorted(learned["labels apart"][1]) == sorted(labels)
    assert (np.diff(learned["sorted"][1]) >= 0).all()
    assert 7 not in learned["no 7s"][1]
    assert len(learned["no 7s"][0]) == 540
    exam = set(range(400, 600))
    assert not exam & set(learned["honest exam"][0])
    assert exam < set(learned["leaked exam"][0])
    assert len(learned["leaked exam"][0]) == len(learned["honest exam"][0])
    for images, its_labels in learned.values():
        assert len(images) == len(its_labels)


@pytest.mark.parametrize("content", ["", "{}", '{"runs": []}', '{"runs": {"healthy": [{"seed": 1}]}}'])
def test_a_damaged_record_is_refused(tmp_path, content):
    (tmp_path / reference.MISTAKES_FILE).write_text(content)
    with pytest.raises(ReferenceNetworkError, match=reference.MISTAKES_FILE):
        load_mistakes(tmp_path)


def test_a_record_without_healthy_runs_is_refused(tmp_path, record):
    runs = {name: of_seeds for name, of_seeds in record["runs"].items() if name != "healthy"}
    (tmp_path / reference.MISTAKES_FILE).write_text(json.dumps(record | {"runs": runs}))
    with pytest.raises(ReferenceNetworkError, match="expected runs by mistake"):
        load_mistakes(tmp_path)
