"""The record of how many made-up photos are read."""

import json

import pytest

from mnist_tutorial.data_files import DataError
from mnist_tutorial.handwriting.measured import RECORD, load_measured_photos
from mnist_tutorial.handwriting.photo_sets import ALL_KINDS, PLAIN


def test_it_has_every_kind_and_plain_ones_are_read():
    measured = load_measured_photos()
    assert tuple(measured) == ALL_KINDS
    for kind in PLAIN:
        assert measured[kind]["right"] >= 0.9 * measured[kind]["photos"]


def test_runs_are_added_up(tmp_path):
    record = json.loads(RECORD.read_text("utf-8"))
    run = {"seed": 1, "photos": 20, "right": 15, "unsure": 4, "surely_wrong": 3, "no_ink": 0}
    record["runs"] = {kind: [run, run | {"seed": 2, "right": 10}] for kind in ALL_KINDS}
    path = tmp_path / "photos.json"
    path.write_text(json.dumps(record), "utf-8")
    assert load_measured_photos(path)["fold"] == {"photos": 40, "right": 25, "unsure": 8, "surely_wrong": 6}


@pytest.mark.parametrize(
    "change",
    [
        lambda runs: runs.pop("fold"),
        lambda runs: runs["fold"].clear(),
        lambda runs: runs["fold"][0].pop("right"),
        lambda runs: runs["fold"][0].update(right=-1),
        lambda runs: runs["fold"][0].update(right="7"),
        lambda runs: runs["fold"][0].update(surely_wrong=runs["fold"][0]["photos"]),
    ],
)
def test_a_damaged_record_is_named(tmp_path, change):
    record = json.loads(RECORD.read_text("utf-8"))
    change(record["runs"])
    path = tmp_path / "photos.json"
    path.write_text(json.dumps(record), "utf-8")
    with pytest.raises(DataError, match="expected the record of a measurement"):
        load_measured_photos(path)
    with pytest.raises(DataError):
        load_measured_photos(tmp_path / "gone.json")
