"""The commands that measure what we say about speed: what they count, and what they do when a part fails."""

import re
import sys
from pathlib import Path

import pytest
from compile_engine import compile_engine

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """Return bench.py, with results and three parts of its own: the first and the last print, the second fails."""
    import bench

    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.md")
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    monkeypatch.setattr(bench, "PARTS", {"first": "The first", "second": "The second", "last": "The last"})
    for name, line in (("first", "print('one')"), ("second", "raise SystemExit(1)"), ("last", "print('| a |')")):
        (tmp_path / f"{name}.py").write_text(line, "utf-8")
    return bench


def figures(bench):
    """Return the first line of each section of the results."""
    return dict(re.findall(r"^## (.*)\n\n(.*)\n\nMeasured on ", bench.RESULTS.read_text("utf-8"), re.MULTILINE))


def test_operations_are_those_of_the_network():
    import contender
    import numpy as np

    from mnist_tutorial.model import build_model

    total = 0
    for layer in build_model().layers:
        if hasattr(layer, "kernel"):
            places = np.prod(layer.output.shape[1:-1])  # where the whole kernel is used
            forward = 2 * int(places) * layer.count_params() - 2 * int(places) * layer.bias.shape[0]
            total += (3 if total else 2) * forward  # nothing needs the gradients of the pixels
    assert contender.operations(7) == 7 * total


def test_parts_are_written_in_their_order_and_others_stay(bench, monkeypatch):
    monkeypatch.setattr("sys.argv", ["bench.py", "last", "first"])
    bench.main()
    assert list(figures(bench).items()) == [("The first", "one"), ("The last", "| a |")]
    assert f"Python {sys.version.split()[0]}, tensorflow " in bench.RESULTS.read_text("utf-8")
    (bench.FOLDER / "first.py").write_text("print('two')", "utf-8")
    monkeypatch.setattr("sys.argv", ["bench.py", "first"])
    bench.main()
    assert figures(bench) == {"The first": "two", "The last": "| a |"}
    assert not list(bench.FOLDER.glob("*.part"))


def test_a_part_that_fails_leaves_the_results(bench, monkeypatch):
    bench.RESULTS.write_text("as it was", "utf-8")
    monkeypatch.setattr("sys.argv", ["bench.py", "second"])
    with pytest.raises(SystemExit, match="stays as it was"):
        bench.main()
    assert bench.RESULTS.read_text("utf-8") == "as it was"


def test_an_unknown_part_is_refused(bench, monkeypatch):
    monkeypatch.setattr("sys.argv", ["bench.py", "first", "spelling"])
    with pytest.raises(SystemExit, match="no part spelling; there are first, second, last"):
        bench.main()
    assert not bench.RESULTS.exists()


def test_every_part_is_a_command():
    import bench

    assert all((FOLDER / f"{part}.py").is_file() for part in bench.PARTS)


def test_the_results_that_the_readme_links_hold_every_part_and_every_chapter():
    import bench

    assert list(bench.parts_measured()) == list(bench.PARTS)
    tables = bench.RESULTS.read_text("utf-8")
    for chapter in (FOLDER.parent / "chapters").glob("*.ipynb"):
        rows = re.findall(rf"^\| (?:chapters/)?{chapter.stem}(?:\.html)? \|", tables, re.MULTILINE)
        assert len(rows) >= 3, chapter.stem  # alone, its page's weight, and until it can be used


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


@pytest.mark.parametrize(("what", "each"), [("heap, kB", 100), ("nodes", 3), ("workers", 1), ("processes, MB", 20)])
def test_what_a_training_leaves_behind_is_seen_within_twelve(what, each):
    import soak_training

    steady = {name: [50.0] * 12 for name in soak_training.GROWTH}
    assert soak_training.report_of(steady)[1] == []
    table, wrong = soak_training.report_of(steady | {what: [50.0 + each * number for number in range(12)]})
    assert [line.partition(":")[0] for line in wrong] == [what]
    assert f"| {what} | {50 + 4 * each:,} | {50 + 10 * each:,} |" in table


def test_the_committed_peak_is_what_the_compiler_makes(tmp_path):
    compile_engine(FOLDER / "peak.c", tmp_path / "peak.wasm")
    made = (tmp_path / "peak.wasm").read_bytes()
    assert (FOLDER / "peak.wasm").read_bytes() == made, "compile_engine(FOLDER / 'peak.c', FOLDER / 'peak.wasm')"


def test_training_in_the_page_is_compared_with_the_next():
    import learning

    speeds = {learning.KERAS: [4000, 5000], learning.ONE: [2400, 2500], "jax-js": [100, 125], "ConvNetJS": [70, 80]}
    report = learning.report_of(speeds, 2e10, {"filters": [(8, 900.4)]}, {"Chromium": "1"})
    assert "| Keras's `fit` | 5,000 | 4,500 | 4,000 | 1.00 | 25.3 |" in report
    assert "| the engine, 1 worker | 2,500 | 2,450 | 2,400 | 0.50 | 12.6 |" in report
    assert "One worker is 20 times as fast as the next, jax-js." in report
    assert "at most 20.0 thousand million times a second" in report
    assert "| filters | images in a second |\n| ---: | ---: |\n| 8 | 900 |" in report
    alone = learning.report_of({name: speeds[name] for name in (learning.KERAS, learning.ONE)}, 2e10, {}, {"a": "b"})
    assert "could not be fetched" in alone
