"""The chapters: how each is laid out, and whether its own cells and the package's functions agree."""

import ast
import json
import re

import nbformat
import numpy as np
import pytest
import yaml

from chapters import CHAPTERS, INDEX, LIST_ITEM, NOT_PROSE, cells_of, each_chapter, run_cells, tags_of, text_of

LONGEST_CELL, LONGEST_LINE = 20, 83  # lines and letters that have room where a reader sees them, on a laptop
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
TAKE_A_SEED = {"set_random_seed", "default_rng", "typeset_photos", "random_weights", "scribble"}
DIAGRAMS = ("sliding_window", "largest_of_four", "scores_to_probabilities")
MADE_BY_HAND = {"03-22", "04-06", "05-09"}  # figures that show what the text says, whatever a run finds


def seeds_in(cell):
    """Return the whole numbers that a cell gives to whatever takes a seed, or names so."""
    found = set()
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in TAKE_A_SEED:
            found.update(node.args[:1])
        if isinstance(node, ast.keyword) and node.arg == "seed":
            found.add(node.value)
        if isinstance(node, ast.comprehension) and ast.unparse(node.target) == "seed":
            found.update(ast.Constant(seed) for seed in eval(ast.unparse(node.iter)))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "seed":
            found.add(node.value)
    return {node.value for node in found if isinstance(node, ast.Constant) and type(node.value) is int}


def draws_a_figure(cell):
    """Say whether a cell shows a figure: by show(), or as a diagram that is its result."""
    if cell.cell_type != "code":
        return False
    called = [
        node.func.id
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return bool({"show", *DIAGRAMS}.intersection(called))


class TestLayout:
    @each_chapter
    def test_notebook_is_clean(self, path):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        # From the file itself: nbformat quietly repairs ids that occur twice.
        ids = [cell["id"] for cell in json.loads(path.read_text("utf-8"))["cells"]]
        assert len(ids) == len(set(ids))
        for cell in cells_of(path, "code"):
            assert cell.outputs == [], cell.id
            assert cell.execution_count is None, cell.id
            assert cell.source.strip(), f"{cell.id} is empty"

    @each_chapter
    def test_cells_are_short(self, path):
        lines = {
            cell.id: len(cell.source.splitlines()) for cell in cells_of(path, "code") if not tags_of(cell) & HIDDEN
        }
        assert {name: count for name, count in lines.items() if count > LONGEST_CELL} == {}

    @each_chapter
    def test_the_lines_of_visible_cells_fit_a_page(self, path):
        shown = [cell.source for cell in cells_of(path, "code") if not tags_of(cell) & HIDDEN]
        assert [line for source in shown for line in source.splitlines() if len(line) > LONGEST_LINE] == []

    @each_chapter
    def test_what_is_hidden_says_what_it_is(self, path):
        for cell in cells_of(path, "code"):
            if tags_of(cell) & {"hide-input", "hide-cell"}:
                prompts = cell.metadata.get("mystnb", {})
                assert prompts.get("code_prompt_show", "").startswith("Show "), cell.id
                assert prompts.get("code_prompt_hide", "").startswith("Hide "), cell.id
            if "hide-cell" in tags_of(cell):
                assert prompts["code_prompt_show"] == "Show a solution", cell.id

    @each_chapter
    def test_begins_with_goals_and_needs(self, path):
        first = cells_of(path)[0]
        assert first.cell_type == "markdown"
        title, _, rest = first.source.partition("\n")
        assert title.startswith("# ")
        assert re.search(r"\*\*In this chapter you will\*\*\n\n(- .+\n){2,}", rest)
        assert re.search(r"\| You need \|.*\| Minutes \|\n\|[- |]+\|\n\|.+\| \d+ \|", rest)
        assert len(re.findall(r"^# ", NOT_PROSE.sub("", text_of(path)), re.MULTILINE)) == 1

    @each_chapter
    def test_ends_with_exercises_and_recap(self, path):
        cells = cells_of(path)
        (exercises,) = [i for i, cell in enumerate(cells) if re.match("## Exercises$", cell.source, re.MULTILINE)]
        (recap,) = [i for i, cell in enumerate(cells) if re.match("## Recap$", cell.source, re.MULTILINE)]
        assert exercises < recap
        after = "\n".join(cell.source for cell in cells[recap:])
        assert re.search(r"\n- .+\n- ", after)
        assert path == CHAPTERS[-1] or "**Next:**" in after
        solutions = [i for i, cell in enumerate(cells) if cell.cell_type == "code" and "hide-cell" in tags_of(cell)]
        assert len(solutions) >= 2
        for position in solutions:
            assert exercises < position < recap
            assert cells[position - 1].source == "# Your code goes here."
        assert text_of(path).count("**Exercise ") == len(solutions)

    @each_chapter
    def test_every_exercise_has_a_grade_and_words_after_its_solution(self, path):
        """A title is "**Exercise 1 (warm-up).**"; a solution ends with `say("why it is so")`, or Markdown follows."""
        cells = cells_of(path)
        titles = re.findall(r"\*\*Exercise [^*]+\*\*", text_of(path))
        expected = [rf"\*\*Exercise {number} \((warm-up|work|open)\)\.\*\*" for number in range(1, len(titles) + 1)]
        assert [title for title, form in zip(titles, expected, strict=True) if not re.fullmatch(form, title)] == []
        for number, cell in enumerate(cells):
            if cell.cell_type == "code" and "hide-cell" in tags_of(cell):
                last = ast.parse(cell.source).body[-1]
                says = isinstance(last, ast.Expr) and ast.unparse(last).startswith("say(")
                words = ast.unparse(last) if says else cells[number + 1].source
                assert says or not re.match(r"## |\*\*Exercise", words), f"{cell.id}: no words after the solution"
                assert len(words.split()) >= 20, f"{cell.id}: too few words after the solution"

    @pytest.mark.parametrize("path", CHAPTERS[1:], ids=lambda path: path.stem)
    def test_a_prediction_is_asked_before_a_run(self, path):
        cells = cells_of(path)
        asked = [number for number, cell in enumerate(cells) if "**Before you run it:**" in cell.source]
        assert asked
        for number in asked:
            box = re.search(r":::\{note\}\n\*\*Before you run it:\*\* ((.+\n)+):::$", cells[number].source)
            assert "?" in box[1]
            assert cells[number + 1].cell_type == "code"
            assert not tags_of(cells[number + 1]) & HIDDEN

    @each_chapter
    def test_every_figure_has_its_number_and_a_sentence(self, path):
        """Those of solutions have none: they are part of an answer."""
        cells = cells_of(path)
        captions = [re.fullmatch(r"\*\*Figure (\d+)\.\*\*\n[A-Z].+\.", cell.source) for cell in cells]
        drawn = [i for i, cell in enumerate(cells) if draws_a_figure(cell) and "hide-cell" not in tags_of(cell)]
        assert [cells[i].id for i in drawn if not captions[i + 1]] == []
        assert [int(one[1]) for one in captions if one] == list(range(1, len(drawn) + 1))
        assert all(len(one[0].split()) <= 30 for one in captions if one)

    def test_every_part_ends_with_a_small_project(self):
        parts = yaml.safe_load((INDEX.parent / "_toc.yml").read_text("utf-8"))["parts"]
        named = [[INDEX.parent / f"{one['file']}.ipynb" for one in part["chapters"]] for part in parts]
        of_chapters = [paths for paths in named if paths[0].is_file()]
        assert sum(map(len, of_chapters)) == len(CHAPTERS)
        for paths in of_chapters:  # the last page may be one that only looks back
            holding = [path for path in paths if re.search("^## A small project$", text_of(path), re.MULTILINE)]
            assert len(holding) == 1
            assert holding[0] in paths[-2:]
            project = text_of(holding[0]).split("## A small project")[1].split("## Check yourself")[0]
            assert "**Project: " in project
            assert "You are done when" in project

    @each_chapter
    def test_closes_with_the_seeds_that_it_sets(self, path):
        *others, last = cells_of(path, "code")
        assert cells_of(path)[-1].id == last.id
        assert "remove-input" in tags_of(last)
        assert last.source.startswith("from mnist_tutorial.notebook import colophon\n\ncolophon(")
        (call,) = (node for node in ast.walk(ast.parse(last.source)) if isinstance(node, ast.Call))
        assert [argument.value for argument in call.args] == sorted(set().union(*map(seeds_in, others)))

    @pytest.mark.parametrize("path", [INDEX, *CHAPTERS], ids=lambda path: path.stem)
    def test_one_sentence_a_line(self, path):
        # Paragraphs only: in a list, two short sentences may share an item.
        lines = NOT_PROSE.sub("", text_of(path)).splitlines()
        prose = [line for line in lines if not line.startswith(("#", "|")) and not LIST_ITEM.match(line)]
        assert [line for line in prose if re.search(r"[.!?]\W* [A-Z`*]", line)] == []

    @pytest.mark.parametrize("path", [INDEX, *CHAPTERS], ids=lambda path: path.stem)
    def test_links_between_chapters_resolve(self, path):
        for address in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
            if re.match(r"\w+:", address):
                assert address.startswith("https://"), address
                continue
            name, _, heading = address.partition("#")
            target = path.parent / name if name else path
            assert target.is_file(), address
            slugs = {
                re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
                for title in re.findall(r"^#+ (.+)$", text_of(target), re.MULTILINE)
            }
            assert not heading or heading in slugs, address

    @each_chapter
    def test_figures_are_described_with_numbers_of_the_run(self, path):
        for cell in cells_of(path, "code"):
            calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
            for call in calls:
                if ast.unparse(call.func) == "show" and cell.id not in MADE_BY_HAND:
                    parts = {type(node) for node in ast.walk(call.args[1])}
                    assert parts & {ast.FormattedValue, ast.Call, ast.Name}, f"{cell.id}: only fixed words"

    def test_every_chapter_is_in_the_table_of_contents(self):
        contents = (INDEX.parent / "_toc.yml").read_text("utf-8")
        assert re.findall(r"file: chapters/(\w+)", contents) == [path.stem for path in CHAPTERS]
        for path in CHAPTERS:
            assert f"(chapters/{path.name})" in text_of(INDEX)
            assert f"_static/thumbnails/{path.name[:2]}.svg" in text_of(INDEX)
            assert (INDEX.parent / "_static" / "thumbnails" / f"{path.name[:2]}.svg").is_file()


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Make the chapters work on the small stand-in, and let them write where it does not matter."""
    from mnist_tutorial.data import load_mnist

    monkeypatch.setenv("MNIST_TUTORIAL_DATA", "stand-in")
    monkeypatch.chdir(tmp_path)
    return load_mnist()


class TestChaptersAndPackageAgree:
    def test_step_3_processes_as_the_package_does(self, stand_in):
        from mnist_tutorial.processing import process_images, process_labels

        chapter = run_cells("04")
        for part, (images, labels) in zip(("train", "test"), stand_in, strict=True):
            for name, expected in (
                (f"X_{part}", process_images(images)),
                (f"Y_{part}", process_labels(labels)),
            ):
                assert chapter[name].dtype == expected.dtype == np.float32
                assert np.array_equal(chapter[name], expected)

    def test_step_4_builds_the_network_of_the_package(self, stand_in):
        from mnist_tutorial.model import build_model

        def described(model):
            settings = [(type(layer), layer.get_config() | {"name": None}) for layer in model.layers]
            return settings, [layer.output.shape for layer in model.layers], model.input_shape

        def without_names(value):
            """Leave out the names that Keras numbers, and seeds, which are drawn anew for each layer."""
            return re.sub(r"'(name|seed|shared_object_id|registered_name)': [^,}]+", "", str(value))

        chapter = run_cells("05", until="same_model =")
        package = build_model()
        for model in (chapter["model"], chapter["same_model"]):
            assert without_names(described(model)) == without_names(described(package))
            counts = [layer.count_params() for layer in model.layers]
            assert counts == [layer.count_params() for layer in package.layers]
            assert sum(counts) == 555_158

    def test_step_5_trains_as_the_package_does(self, stand_in):
        import keras

        from mnist_tutorial.model import build_model
        from mnist_tutorial.processing import process_images, process_labels
        from mnist_tutorial.training import fit_model

        chapter = run_cells("07", until="model.fit(")
        (images, labels), _ = stand_in
        keras.utils.set_random_seed(6)
        model = build_model()
        history = fit_model(model, process_images(images), process_labels(labels)).history
        assert set(history) >= {"loss", "accuracy", "val_loss", "val_accuracy"}
        assert chapter["history"].history == history
        for ours, theirs in zip(model.get_weights(), chapter["model"].get_weights(), strict=True):
            assert np.array_equal(ours, theirs)
