"""The commands that measure what we claim: what they count, and what they do when a part fails."""

import re
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
sys.path.insert(0, str(FOLDER))  # they are scripts, not an installed package


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """Return bench.py, with results of its own."""
    import bench

    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.md")
    bench.RESULTS.write_text("as it was", "utf-8")
    return bench


def test_operations_are_those_of_the_network():
    import contender
    import numpy as np

    from mnist_tutorial.model import build_model

    total = 0
    for layer in build_model().layers:
        if hasattr(layer, "kernel"):
            places = np.prod(layer.output.shape[1:-1])  # where the whole kernel is used
            forward = 2 * int(places) * layer.count_params() - 2 * int(places) * layer.bias.shape[0]
            total += (3 if total else 2) * forward  # nothing has to know the slopes of the pixels
    assert contender.operations(7) == 7 * total


def test_all_parts_are_written_at_once(bench, monkeypatch):
    monkeypatch.setattr("sys.argv", ["bench.py"])
    monkeypatch.setattr(bench, "measure", lambda part: f"## {bench.PARTS[part]}\n\nfigures\n")
    bench.main()
    text = bench.RESULTS.read_text("utf-8")
    assert re.findall("^## (.*)", text, re.MULTILINE) == list(bench.PARTS.values())
    assert sys.version.split()[0] in text
    assert [path.name for path in bench.RESULTS.parent.iterdir()] == ["results.md"]


def test_a_part_that_fails_leaves_the_results(bench, monkeypatch):
    monkeypatch.setattr("sys.argv", ["bench.py"])
    monkeypatch.setattr(bench, "PARTS", {"no_such_script": "Nothing"})
    with pytest.raises(SystemExit, match="stays as it was"):
        bench.main()
    assert bench.RESULTS.read_text("utf-8") == "as it was"


def test_an_unknown_part_is_refused(bench, monkeypatch):
    monkeypatch.setattr("sys.argv", ["bench.py", "training", "spelling"])
    with pytest.raises(SystemExit, match="no part spelling; there are training, drawing"):
        bench.main()


def test_a_table_of_contents_keeps_its_first_chapters(monkeypatch, tmp_path):
    import building
    import yaml

    monkeypatch.setattr(building, "build", lambda folder: (1.5, 0))
    toc = (FOLDER.parent / "_toc.yml").read_text("utf-8")
    whole = [page["file"] for part in yaml.safe_load(toc)["parts"] for page in part["chapters"]]
    chapters = [name for name in whole if name.startswith("chapters/")]
    for count in (1, 7, len(chapters)):
        assert building.with_first_chapters(tmp_path, toc, count) == 1.5
        parts = yaml.safe_load((tmp_path / "_toc.yml").read_text("utf-8"))["parts"]
        kept = [page["file"] for part in parts for page in part["chapters"]]
        assert kept == chapters[:count] + [name for name in whole if name not in chapters]
