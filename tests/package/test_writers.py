"""Who wrote MNIST's digits, what came of teaching the network each writer's hand, and the command that measures it."""

import json
import zipfile

import numpy as np
import pytest
import teach_writers
from digits_at_hand import real_mnist

from mnist_tutorial import data, writers
from mnist_tutorial.data import MNIST_SHA256, DataError
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.widgets.training_data import load_digits


@pytest.fixture(scope="module")
def known():
    return writers.load_writers()


@pytest.fixture(scope="module")
def record():
    return writers.load_taught_writers()


def test_there_is_a_writer_for_each_image(known):
    assert [len(array) for array in known] == [60_000, 60_000, 10_000, 10_000]
    assert len(np.unique(known.train_writer)) == 539
    assert np.count_nonzero(known.train_series == 4) == 29_050
    students = np.unique(known.test_writer[known.test_series == 4])
    assert len(students) == 249
    assert len(np.unique(known.test_writer)) - len(students) == 48
    assert not np.intersect1d(known.train_writer, known.test_writer).size
    for writer, series in ((known.train_writer, known.train_series), (known.test_writer, known.test_series)):
        pairs = np.unique(np.stack([writer, series]), axis=1)
        assert len(np.unique(pairs[0])) == pairs.shape[1]  # one series each


def test_the_notice_stands_beside_the_file():
    notice = (writers.FILE.parent / "mnist_writers.LICENSE.txt").read_text("utf-8")
    assert "Copyright (c) Facebook, Inc. and its affiliates. All rights reserved." in notice


def rewritten(path, **changes):
    with np.load(writers.FILE) as arrays:
        np.savez(path, **{**arrays, **changes})
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path, "no such file"),
        (lambda path: path.touch() or path, "damaged"),
        (lambda path: path.write_bytes(writers.FILE.read_bytes()[:30_000]) and path, "damaged"),
        (lambda path: rewritten(path, test_writer=np.zeros(9, "uint16")), r"test_writer \(9,\) uint16"),
        (lambda path: rewritten(path, test_series=np.ones(10_000, "uint8")), "series 0 and 4"),
        (lambda path: rewritten(path, test_writer=np.zeros(10_000, object)), "damaged|object"),
        (lambda path: rewritten(path, train_writer=np.full(60_000, 327, "uint16")), "each in one set"),
    ],
)
def test_another_file_is_refused_in_words(tmp_path, make, words):
    path = make(tmp_path / "writers.npz")
    with pytest.raises(DataError, match=words):
        writers.load_writers(path)


def test_a_file_that_is_no_archive_of_arrays_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "writers.npz", "w") as archive:
        archive.writestr("train_writer.npy", "no array")
    with pytest.raises(DataError, match="expected the file of MNIST's writers"):
        writers.load_writers(tmp_path / "writers.npz")


def test_the_record_is_of_mnist_and_of_all_who_wrote_enough(record, known):
    assert record["data"] == {"name": "MNIST", "sha256": MNIST_SHA256}
    assert record["each"] == teach_writers.EACH
    assert record["all_writers"] == 297
    assert [one["writer"] for one in record["writers"]] == sorted({one["writer"] for one in record["writers"]})
    for one in record["writers"]:
        own = known.test_writer == one["writer"]
        assert one["taught"] == 10 * record["each"]
        assert one["tested"] == own.sum() - one["taught"] > 0
        assert one["others_tested"] == 2000 - own[::5].sum()
        for how in ("practised", "alone"):
            after = one[how]
            assert after["wrong"] == one["before"] - after["became_right"] + after["became_wrong"]
            assert after["others"] <= one["others_tested"]


def test_the_record_counts_those_who_wrote_enough(record, known):
    digits = real_mnist()
    if digits is None:
        pytest.skip("the original MNIST is not at hand")
    found = teach_writers.writers_with_enough(known.test_writer, digits[1][1])
    assert found == [one["writer"] for one in record["writers"]]


def test_one_writers_numbers_come_out_again(record, known):
    """The engine computes the same bits everywhere, so the counts are equal."""
    digits = real_mnist()
    if digits is None:
        pytest.skip("the original MNIST is not at hand")
    expected = max(record["writers"], key=lambda one: one["before"])
    writer = expected["writer"]
    hand = teach_writers.hand_of(writer, known.test_writer, *digits[1])
    old = load_digits("first")
    (found,) = teach_writers.teach([hand], (old.images, old.labels))
    assert teach_writers.entry(writer, expected["series"], hand, found) == expected


def test_enough_are_five_of_each_and_more():
    labels = np.tile(np.arange(10), 13)[:-1]
    who = np.array([1] * 50 + [2] * 51 + [3] * 28)
    assert teach_writers.writers_with_enough(who, labels) == [2]
    images = np.arange(len(labels), dtype="uint8")[:, None, None] * np.ones((28, 28), "uint8")
    hand = teach_writers.hand_of(2, who, images, labels)
    assert np.bincount(hand["taught"][1]).tolist() == [5] * 10
    assert hand["tested"][0][:, 0, 0].tolist() == [100]
    assert hand["others"][0][:, 0, 0].tolist() == [*range(0, 50, 5), *range(105, 129, 5)]


def test_a_lesson_changes_answers_only_after_it(monkeypatch):
    """Sevens that are called ones are learned; without old digits in the lesson, other sevens become ones as well."""
    monkeypatch.setenv(data.VARIABLE, data.STAND_IN)
    old = load_digits("first")
    sevens = old.images[old.labels == 7]
    taught, others = sevens[:20], sevens[-20:]
    ones, right = np.ones(20, "uint8"), np.full(20, 7, "uint8")
    hands = [{"taught": (taught, ones), "tested": (taught, ones), "others": (others, right)}] * 2
    first, second = teach_writers.teach(hands, (old.images, old.labels), load_page_weights())
    assert first == second
    as_ones = {how: [first[how][part].count(1) for part in ("tested", "others")] for how in first}
    assert max(as_ones["before"]) <= 2
    assert min(as_ones["alone"]) >= 15
    assert as_ones["practised"][1] < as_ones["alone"][1]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"writers": []}', '{"writers": [{}]}', '{"writers": 3, "others": 1}', "[" * 100_000]
)
def test_a_damaged_record_is_refused_in_words(tmp_path, text):
    path = tmp_path / "taught_writers.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match="expected the record of a measurement"):
        writers.load_taught_writers(path)
    with pytest.raises(DataError, match="expected the record of a measurement"):
        writers.load_taught_writers(tmp_path / "missing.json")


def test_a_count_below_zero_is_refused(tmp_path, record):
    changed = json.loads(json.dumps(record))
    changed["writers"][0]["alone"]["wrong"] = -1
    path = tmp_path / "taught_writers.json"
    path.write_text(json.dumps(changed), "utf-8")
    with pytest.raises(DataError, match="a count is none"):
        writers.load_taught_writers(path)
