"""The record of the networks of many sizes, the command that makes it, and the tables that are made of it."""

import json
from dataclasses import asdict

import pytest
import train_ladder

from mnist_tutorial import ladder
from mnist_tutorial.better import BEST, CONVNET
from mnist_tutorial.data import MNIST_SHA256
from mnist_tutorial.reference import load_ladder
from mnist_tutorial.stand_in import stand_in_digits
from mnist_tutorial.uncertainty import accuracy_interval, spread

FIRST, SECOND = "tiny", "deeper"


@pytest.fixture(scope="module")
def record():
    return load_ladder()


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Make two runs of one epoch on a few stand-in digits; yield the file."""
    path = tmp_path_factory.mktemp("ladder") / "ladder.json"
    (images, labels), (test_images, test_labels) = stand_in_digits()
    few = (images[:400], labels[:400]), (test_images[:60], test_labels[:60])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_ladder, "stand_in_digits", lambda: few)
        train_ladder.make(path, quick=True, only=(FIRST, SECOND))
        yield path


def read(path):
    return json.loads(path.read_text("utf-8"))


class TestRecord:
    def test_it_is_of_mnist(self, record):
        assert record["data"] == {"name": "MNIST", "sha256": MNIST_SHA256}
        assert record["images"] == {"training": 54_000, "validation": 6_000, "test": 10_000}

    def test_what_is_missing_is_said(self, record):
        done = {f"{name}, seed {run['seed']}" for name, each in record["trainings"].items() for run in each["runs"]}
        plan = {f"{name}, seed {seed}" for name, seed in train_ladder.planned(quick=False)}
        assert done.isdisjoint(record["missing"])
        assert done | set(record["missing"]) == plan

    def test_it_describes_the_networks_as_they_are(self, record):
        assert [(step["change"], step["training"], step["inference"]) for step in record["steps"]] == [
            *train_ladder.STEPS
        ]
        for name, entry in record["trainings"].items():
            now = train_ladder.settings_of(name, quick=False)
            for key in ("title", "parameters", "multiplications", "recipe"):
                assert entry[key] == now[key], name

    def test_every_network_has_had_the_same_training(self, record):
        table = ladder.networks_of(record)
        assert sorted(table.index) == sorted(train_ladder.LADDER_NETWORKS)
        assert set(table["seeds"]) == {5}
        recipes = {name: record["trainings"][name]["recipe"] for name in table.index}
        assert recipes.pop("convnet_own") == asdict(CONVNET)
        assert all(recipe == asdict(BEST) for recipe in recipes.values())

    def test_the_network_that_we_go_for_keeps_to_the_limit(self, record):
        best = ladder.networks_of(record).loc["best"]
        assert best["parameters"] < 100_000
        assert best["work"] <= 1

    def test_what_was_tried_is_kept(self, record):
        assert [tuple(one.values()) for one in record["tried"]] == [*train_ladder.TRIED]
        ours = record["trainings"]["best"]
        assert (record["tried"][0]["parameters"], record["tried"][0]["epochs"]) == (
            ours["parameters"],
            ours["recipe"]["epochs"],
        )

    def test_runs_agree_with_themselves(self, record):
        for name, entry in record["trainings"].items():
            seeds = [run["seed"] for run in entry["runs"]]
            assert seeds == sorted(set(seeds))
            for run in entry["runs"]:
                assert ("test_errors" in run) == (name in train_ladder.LADDER_NETWORKS)
                for kind, most in (("validation_errors", 6_000), ("test_errors", 10_000)):
                    assert all(0 <= wrong < most / 2 for wrong in run.get(kind, {}).values())

    def test_wrong_answers_are_as_many_as_are_counted(self, record):
        for name in train_ladder.LADDER_NETWORKS:
            for run in record["trainings"][name]["runs"]:
                assert run["test_wrong"] == sorted(set(run["test_wrong"]))
                assert len(run["test_wrong"]) == run["test_errors"]["plain"]
                assert max(run["test_wrong"]) < 10_000

    def test_every_change_has_been_made_with_the_same_seeds(self, record):
        table = ladder.steps_of(record)
        assert list(table["change"]) == [change for change, _, _ in train_ladder.STEPS]
        (seeds,) = set(table["seeds"])
        orders = ladder.errors_by_seed(record, ["deeper", "normalised", "not_normalised", "cycle"])
        assert set(seeds) == set(orders.index) == {1, 2, 3, 4, 5}

    def test_sizes_span_the_ladder(self):
        sizes = sorted(train_ladder.TRAININGS[name][1]().count_params() for name in train_ladder.LADDER_NETWORKS)
        assert len(sizes) >= 6
        assert sizes[0] < 1_000
        assert sizes[-1] == 555_158
        assert 34_826 in sizes


class TestCommand:
    def test_a_run_is_recorded(self, quick):
        made = read(quick)
        assert set(made["trainings"]) == {FIRST, SECOND}
        assert made["data"] == {"name": "stand-in"}
        assert made["images"] == {"training": 360, "validation": 40, "test": 60}
        assert f"{FIRST}, seed 1" not in made["missing"]
        assert "best, seed 1" in made["missing"]
        assert made["trainings"][FIRST]["parameters"] == 907
        assert 4 * 907 < made["trainings"][FIRST]["bytes"] < 100_000
        (run,) = made["trainings"][FIRST]["runs"]
        assert (
            set(run["test_errors"])
            == set(run["validation_errors"])
            == {"plain", "weight_average", "test_time_augmentation"}
        )
        assert len(run["test_wrong"]) == run["test_errors"]["plain"]
        assert set(run["test_wrong"]) <= set(range(60))
        assert "test_errors" not in made["trainings"][SECOND]["runs"][0]
        assert not [path for path in quick.parent.iterdir() if path != quick]

    def test_the_stand_in_is_split_as_mnist_is(self):
        splits = train_ladder.split(stand_in_digits())
        assert [len(labels) for _, labels in splits] == [1_293, 144, 360]

    def test_what_is_done_is_not_done_again(self, quick, monkeypatch, capsys):
        before = quick.read_bytes()
        monkeypatch.setattr(train_ladder, "train", None)  # not called
        train_ladder.make(quick, quick=True, only=(FIRST, SECOND))
        assert quick.read_bytes() == before
        assert "still lacks 12 results" in capsys.readouterr().out

    def test_it_begins_nothing_after_its_time(self, quick, monkeypatch):
        before = quick.read_bytes()
        monkeypatch.setattr(train_ladder, "train", None)
        train_ladder.make(quick, quick=True, seconds=-1)
        assert quick.read_bytes() == before

    def test_an_interrupted_run_leaves_the_others(self, quick, tmp_path, monkeypatch):
        path = tmp_path / "copy.json"
        path.write_bytes(quick.read_bytes())

        def interrupted(*arguments):
            raise KeyboardInterrupt

        monkeypatch.setattr(train_ladder, "train", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train_ladder.make(path, quick=True, only=("small",))
        assert read(path) == read(quick)

    def test_a_training_that_has_changed_is_made_anew(self, quick, tmp_path, monkeypatch):
        content = read(quick)
        content["trainings"][FIRST]["recipe"]["epochs"] = 99
        path = tmp_path / "copy.json"
        path.write_text(json.dumps(content), "utf-8")
        new = {"seed": 1, "validation_errors": {"plain": 1}}
        monkeypatch.setattr(train_ladder, "train", lambda *arguments: new)
        train_ladder.make(path, quick=True, only=(FIRST, SECOND))
        assert read(path)["trainings"][FIRST]["runs"] == [new]
        assert read(path)["trainings"][SECOND] == read(quick)["trainings"][SECOND]

    def test_other_digits_are_not_mixed_in(self, quick, tmp_path):
        path = tmp_path / "copy.json"
        content = read(quick) | {"data": {"name": "MNIST", "sha256": MNIST_SHA256}}
        path.write_text(json.dumps(content), "utf-8")
        with pytest.raises(SystemExit, match="Remove it to start again"):
            train_ladder.make(path, quick=True, only=(FIRST,))
        assert read(path) == content

    def test_nothing_but_mnist_is_recorded(self, monkeypatch, tmp_path):
        monkeypatch.setenv("MNIST_TUTORIAL_DATA", "stand-in")
        with pytest.raises(SystemExit, match="on MNIST and on nothing else"):
            train_ladder.make(tmp_path / "ladder.json")

    def test_a_quick_run_needs_a_file_of_its_own(self, monkeypatch, capsys):
        monkeypatch.setattr("sys.argv", ["train_ladder.py", "--quick"])
        with pytest.raises(SystemExit):
            train_ladder.main()
        assert "--record" in capsys.readouterr().err

    def test_the_plan_goes_through_the_seeds(self):
        plan = train_ladder.planned(quick=False)
        assert len(plan) == len(set(plan)) == 5 * len(train_ladder.TRAININGS)
        assert [seed for _, seed in plan] == sorted(seed for _, seed in plan)
        assert [seed for name, seed in plan if name == "best"] == [1, 2, 3, 4, 5]


def made_up():
    """Return a record with few runs, whose tables can be worked out by hand."""

    def run(seed, plain, shifted):
        errors = {"plain": plain, "weight_average": plain, "test_time_augmentation": shifted}
        return {"seed": seed, "validation_errors": errors, "test_errors": errors, "test_wrong": [*range(plain)]}

    def entry(title, parameters, runs, epochs=7):
        described = {"title": title, "parameters": parameters, "multiplications": 3 * parameters, "bytes": 2_000}
        return described | {"recipe": {"epochs": epochs}, "runs": runs}

    return {
        "images": {"validation": 50, "test": 100},
        "steps": [
            {"change": "start", "training": "a", "inference": "plain"},
            {"change": "not made", "training": "c", "inference": "plain"},
            {"change": "copies", "training": "b", "inference": "test_time_augmentation"},
        ],
        "trainings": {
            "a": entry("large", 500, [run(1, 10, 9), run(2, 20, 9), run(3, 99, 99)]),
            "b": entry("middling", 100, [run(2, 8, 4), run(1, 8, 2)]),
            "c": entry("not trained", 50, []),
            "convnet_own": entry("convnet", 70, [run(1, 5, 5), run(2, 5, 5), run(3, 5, 5)], 14),
        },
    }


def test_networks_are_sorted_by_size():
    table = ladder.networks_of(made_up())
    assert list(table.index) == ["convnet_own", "b", "a"]
    low, high = accuracy_interval(92, 100)
    assert table.loc["b"].to_dict() == {
        "title": "middling",
        "parameters": 100,
        "kB": 2.0,
        "multiplications": 300,
        "epochs": 7,
        "work": pytest.approx(100 * 7 / (70 * 14)),
        "seeds": 2,
        "fewest": 8,
        "most": 8,
        "accuracy": pytest.approx(0.92),
        "low": low,
        "high": high,
    }
    assert table.loc["convnet_own", "work"] == 1
    assert table.loc["a", ["fewest", "most"]].tolist() == [10, 99]


def test_errors_are_put_side_by_side_by_their_seeds():
    both = ladder.errors_by_seed(made_up(), ["a", "b"])
    assert both.to_dict("split") == {"index": [1, 2], "columns": ["a", "b"], "data": [[10, 8], [20, 8]]}
    copies = ladder.errors_by_seed(made_up(), ["b"], part="test", inference="test_time_augmentation")
    assert copies["b"].to_dict() == {1: 2, 2: 4}
    assert ladder.errors_by_seed(made_up(), ["a", "c"]).empty
    assert ladder.errors_by_seed(made_up(), ["a", "unheard of"]).empty


def test_changes_are_compared_on_the_seeds_that_all_have():
    table = ladder.steps_of(made_up())
    assert list(table["change"]) == ["start", "copies"]
    assert list(table["errors"]) == [15, 3]
    assert list(table["fewest"]) == [10, 2]
    assert list(table["most"]) == [20, 4]
    assert set(table["seeds"]) == {(1, 2)}
    gains = spread([10 - 2, 20 - 4])
    assert table[["gain", "low", "high"]].iloc[0].isna().all()
    assert table[["gain", "low", "high"]].iloc[1].tolist() == pytest.approx([gains.mean, gains.low, gains.high])


def test_two_networks_are_compared_by_seeds_and_by_images():
    compared = ladder.compare_networks(made_up(), "b", "a")
    gains = spread([10 - 8, 20 - 8])  # seeds 1 and 2
    assert compared[:3] == pytest.approx((gains.mean, gains.low, gains.high))
    # Images 0 to 7 are missed by all four runs, 8 and 9 by both of a, and 10 to 19 by one of a.
    assert (compared.for_first, compared.for_second) == (12, 0)
    assert compared.p_value == pytest.approx(2 / 2**12)
    assert not compared.is_ranked  # two seeds are too few: their interval holds 0
    turned = ladder.compare_networks(made_up(), "a", "b")
    assert turned[:3] == pytest.approx((-gains.mean, -gains.high, -gains.low))
    assert (turned.for_first, turned.for_second, turned.p_value) == (0, 12, compared.p_value)


def test_an_image_counts_once_however_many_runs_miss_it():
    record = made_up()
    for seed, (wrong_a, wrong_b) in enumerate([([1, 2, 3], [1]), ([1, 2], [4]), ([2], [1])]):
        record["trainings"]["a"]["runs"][seed]["test_wrong"] = wrong_a
        record["trainings"]["convnet_own"]["runs"][seed]["test_wrong"] = wrong_b
    compared = ladder.compare_networks(record, "convnet_own", "a")
    assert (compared.for_first, compared.for_second) == (2, 1)  # 2 and 3 against 4; 1 is missed twice by each
    assert compared.p_value == 1


def test_ranked_are_those_that_seeds_and_images_tell_apart():
    record = made_up()
    for seed in range(3):
        errors = {"plain": 15 + seed}
        record["trainings"]["a"]["runs"][seed] |= {"test_errors": errors, "test_wrong": [*range(15 + seed)]}
    assert ladder.compare_networks(record, "convnet_own", "a").is_ranked
    assert not ladder.compare_networks(record, "a", "convnet_own").is_ranked
    assert ladder.compare_networks(record, "a", "a")[3:] == (0, 0, 1)


def test_an_incomplete_record_makes_tables():
    begun = made_up()
    begun["trainings"] = {"a": begun["trainings"]["a"]}
    assert list(ladder.networks_of(begun).index) == ["a"]
    assert ladder.networks_of(begun)["work"].isna().all()
    assert list(ladder.steps_of(begun)["change"]) == ["start"]
    begun["trainings"] = {}
    assert len(ladder.steps_of(begun)) == len(ladder.networks_of(begun)) == 0


def test_a_single_seed_has_a_gain_and_no_interval():
    begun = made_up()
    begun["trainings"]["b"]["runs"].pop()
    table = ladder.steps_of(begun)
    assert table["gain"].iloc[1] == 20 - 4
    assert table[["low", "high"]].iloc[1].isna().all()


def test_no_header_of_a_table_is_empty():
    page = ladder.with_names(ladder.steps_of(made_up()), "change").to_html()
    assert "<th></th>" not in page
    assert "<th>change</th>" in page
    assert "<th>copies</th>" in page
