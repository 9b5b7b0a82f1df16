"""What came of teaching the network drawn 1s with an upstroke, and the command that measures it."""

import json

import numpy as np
import pytest
import teach_upstrokes
from digits_at_hand import real_mnist
from measure_photos import network
from teach_upstrokes import SETTINGS, taught_digits

from chapters import CHAPTERS, cells_of
from mnist_tutorial import writers
from mnist_tutorial.data import MNIST_SHA256, DataError


@pytest.fixture(scope="module")
def record():
    return writers.load_taught_upstrokes()


@pytest.fixture(scope="module")
def tested():
    return teach_upstrokes.tested_digits(np.zeros((4, 28, 28), "uint8"), np.zeros(4, "uint8"))


def settings_of(run):
    return run["lesson"], run["upstroke"], run["each"], run["seed"]


def test_the_record_is_of_mnist_and_of_all_lessons(record):
    assert record["data"] == {"name": "MNIST", "sha256": MNIST_SHA256}
    assert record["settings"] == SETTINGS
    assert [settings_of(run) for run in record["runs"]] == [
        (lesson, upstroke, each, seed)
        for seed in SETTINGS["seeds"]
        for lesson in SETTINGS["lessons"]
        for upstroke in ("short", "long")
        for each in SETTINGS["each"]
    ]
    for one in (record["before"], *record["runs"]):
        assert max(one["right"].values()) <= SETTINGS["drawn"]
        assert one["sevens_as_ones"] <= one["mnist_wrong"]


def test_the_record_counts_what_the_network_reads(record, tested):
    ask = network()
    for name in ("short", "long"):
        right = sum(int(ask(image).argmax()) == 1 for image in tested[name][0])
        assert abs(right - record["before"]["right"][name]) <= 1  # another arithmetic


def test_one_lesson_comes_out_again(record):
    """The engine computes the same bits everywhere, so the counts are equal."""
    digits = real_mnist()
    if digits is None:
        pytest.skip("the original MNIST is not at hand")
    ((before, run),) = teach_upstrokes.runs_of(
        103, teach_upstrokes.tested_digits(*digits[1]), [("1s alone", "long", 5)]
    )
    assert before == record["before"]
    assert run == next(one for one in record["runs"] if settings_of(one) == ("1s alone", "long", 5, 103))


def test_nothing_that_is_tested_is_taught(tested):
    known = {image.tobytes() for name in ("none", "short", "long", "sevens") for image in tested[name][0]}
    assert len(known) == 4 * SETTINGS["drawn"]
    for lesson, digits in SETTINGS["lessons"].items():
        images, labels = taught_digits(lesson, "long", 5, SETTINGS["seeds"][0])
        assert np.bincount(labels, minlength=10).tolist() == [5 * (digit in digits) for digit in range(10)]
        assert not known & {image.tobytes() for image in images}


def test_the_chapters_1s_are_those_that_are_tested(tested):
    (path,) = (path for path in CHAPTERS if path.name.startswith("09"))
    (cell,) = (cell for cell in cells_of(path, "code") if "import drawn_digits" in cell.source)
    namespace = {}
    exec(cell.source, namespace)
    assert list(namespace["ones"]) == list(SETTINGS["upstrokes"])
    for name, images in namespace["ones"].items():
        np.testing.assert_array_equal(images, tested[name][0])


def test_ten_are_enough_and_are_paid_for(record):
    """Chapter 9 says so in words; its numbers are the record's."""
    ten = [run for run in record["runs"] if run["each"] == 10]
    for run in ten:
        assert run["right"][run["upstroke"]] >= 90 > record["before"]["right"][run["upstroke"]]
    alone = [run for run in ten if (run["lesson"], run["upstroke"]) == ("1s alone", "long")]
    assert min(run["mnist_wrong"] for run in alone) > record["before"]["mnist_wrong"]


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(runs=[]),
        lambda record: record["runs"][0].update(lesson="none"),
        lambda record: record["runs"][-1].update(mnist_wrong=-1),
        lambda record: record["before"]["right"].pop("sevens"),
        lambda record: record.update(before=None),
    ],
)
def test_a_damaged_record_is_refused_in_words(tmp_path, record, change):
    changed = json.loads(json.dumps(record))
    change(changed)
    path = tmp_path / "taught_upstrokes.json"
    path.write_text(json.dumps(changed), "utf-8")
    with pytest.raises(DataError, match="expected the record of a measurement"):
        writers.load_taught_upstrokes(path)
