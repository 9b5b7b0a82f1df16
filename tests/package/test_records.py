"""Records of several runs: what is missing is made, what is there stays, and other settings begin anew."""

import json

import pytest

from mnist_tutorial.reference.records import continued, make_missing_runs, write_json


@pytest.fixture
def fresh():
    return {"about": "a test", "settings": {"rate": 0.1}, "runs": {"one": [], "other": []}}


def made(path, record, seeds):
    """Make what is missing; return what was asked for."""
    asked = []

    def train(name, seed):
        asked.append((name, seed))
        return {"seed": seed, "wrong": 7}

    make_missing_runs(path, record, seeds, train)
    return asked


def test_what_is_missing_is_made_and_written_after_each_run(tmp_path, fresh):
    path = tmp_path / "record.json"
    assert made(path, continued(path, fresh), (2,)) == [("one", 2), ("other", 2)]
    record = json.loads(path.read_text("utf-8"))
    record["runs"]["other"].clear()
    write_json(path, record)
    assert made(path, continued(path, fresh), (1, 2)) == [("one", 1), ("other", 1), ("other", 2)]
    runs = json.loads(path.read_text("utf-8"))["runs"]
    assert {name: [run["seed"] for run in of_seeds] for name, of_seeds in runs.items()} == {
        "one": [1, 2],
        "other": [1, 2],
    }


def test_an_interruption_leaves_the_runs_before_it(tmp_path, fresh):
    path = tmp_path / "record.json"

    def train(name, seed):
        if name == "other":
            raise KeyboardInterrupt
        return {"seed": seed}

    with pytest.raises(KeyboardInterrupt):
        make_missing_runs(path, fresh, (1,), train)
    assert json.loads(path.read_text("utf-8"))["runs"] == {"one": [{"seed": 1}], "other": []}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "7",
        "{}",
        '{"runs": 7}',
        '{"about": "a test", "settings": {"rate": 0.2}, "runs": {"one": [], "other": []}}',
    ],
)
def test_a_record_of_something_else_begins_anew(tmp_path, fresh, content):
    path = tmp_path / "record.json"
    path.write_text(content, "utf-8")
    assert continued(path, fresh) is fresh
