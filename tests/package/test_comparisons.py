"""The records of small trainings in which one thing was changed, and the commands that make them."""

import json

import numpy as np
import pytest
import train_dense
import train_splits
from digits_at_hand import real_mnist

from mnist_tutorial.comparisons import DENSE, SPLITS, load_dense, load_splits
from mnist_tutorial.data import DataError
from mnist_tutorial.processing import process_images, process_labels
from mnist_tutorial.writers import load_writers

LOADERS = {SPLITS: load_splits, DENSE: load_dense}


@pytest.fixture(scope="module")
def writer():
    return load_writers().train_writer


def test_the_records_are_of_the_commands_as_they_are():
    for load, command, names in (
        (load_splits, train_splits, train_splits.WAYS),
        (load_dense, train_dense, train_dense.NETWORKS),
    ):
        record = load()
        assert record["settings"] == command.SETTINGS
        assert tuple(record["runs"]) == names
        for runs in record["runs"].values():
            assert [run["seed"] for run in runs] == list(command.SEEDS)


def test_both_ways_split_the_digits_of_the_same_people(writer):
    for seed in train_splits.SEEDS:
        parts = {way: train_splits.split(way, writer, seed) for way in train_splits.WAYS}
        for training, validation in parts.values():
            assert not np.intersect1d(training, validation).size
        everybody, strangers = parts["at random"], parts["by writer"]
        assert [len(part) for part in everybody] == [len(part) for part in strangers]
        assert np.array_equal(np.sort(np.concatenate(everybody)), np.sort(np.concatenate(strangers)))
        assert np.isin(writer[everybody[1]], writer[everybody[0]]).all()
        assert not np.isin(writer[strangers[1]], writer[strangers[0]]).any()
        recorded = [next(run for run in load_splits()["runs"][way] if run["seed"] == seed) for way in train_splits.WAYS]
        assert [run["known"] for run in recorded] == [len(everybody[1]), 0]
        for run, way in zip(recorded, train_splits.WAYS, strict=True):
            assert (run["trained"], run["validation"]) == tuple(len(part) for part in parts[way])
            assert run["trained"] + run["validation"] + run["strangers"] == len(writer)


def test_the_networks_that_are_compared_have_as_many_parameters():
    counts = [train_dense.build(name).count_params() for name in train_dense.NETWORKS]
    assert counts == [555_158, 554_920]
    for name, count in zip(train_dense.NETWORKS, counts, strict=True):
        assert {run["parameters"] for run in load_dense()["runs"][name]} == {count}


def test_a_run_comes_out_as_recorded():
    if not (digits := real_mnist()):
        pytest.skip("The record is of MNIST, and this computer has other digits.")
    training, test = ((process_images(images), process_labels(labels)) for images, labels in digits)
    found = train_dense.train("dense layers alone", training, test, 1)
    recorded = load_dense()["runs"]["dense layers alone"][0]
    assert found["wrong"]["0"] == pytest.approx(recorded["wrong"]["0"], rel=0.25)
    assert found["wrong"]["3"] == pytest.approx(recorded["wrong"]["3"], rel=0.1)


@pytest.mark.parametrize("path", LOADERS, ids=lambda path: path.stem)
class TestDamagedRecord:
    @pytest.mark.parametrize("content", ["", "{}", "[]", '{"runs": []}', '{"test": 1, "runs": {"a": 1}}'])
    def test_is_refused(self, path, content, tmp_path):
        (tmp_path / path.name).write_text(content)
        with pytest.raises(DataError, match=path.name):
            LOADERS[path](tmp_path / path.name)

    def test_with_a_count_that_is_none_is_refused(self, path, tmp_path):
        record = json.loads(path.read_text("utf-8"))
        next(iter(record["runs"].values()))[0]["seed"] = -1
        (tmp_path / path.name).write_text(json.dumps(record))
        with pytest.raises(DataError, match="a count is none"):
            LOADERS[path](tmp_path / path.name)

    def test_that_is_missing_is_refused(self, path, tmp_path):
        with pytest.raises(DataError, match="expected the record of a comparison"):
            LOADERS[path](tmp_path / path.name)
