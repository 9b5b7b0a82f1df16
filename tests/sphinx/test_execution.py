"""Running the chapters: what runs again and what does not."""

import io
import os
import re
import shutil
import subprocess
import sys
from functools import partial

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from sphinx.errors import ExtensionError
from tiny_book import ROOT, TinyBook

from book_sphinx import errors, execution
from book_sphinx.execution import Results
from book_sphinx.quizzes import render_quiz
from chapters import CHAPTERS
from mnist_tutorial.exercises import bank

QUIZ = "from mnist_tutorial.widgets.quiz import Quiz\n\nQuiz('05_build_model')"

# --- whole builds


def test_first_build_says_what_runs_and_shows_the_results(tiny_book):
    book, printed = tiny_book
    assert "Chapters to run: 2" in printed
    assert re.search(r"running (digits|sums) \(cell \d of 2\)", printed)
    for name in ("digits", "sums"):
        assert re.search(rf"done \[[12]/2\] {name} in \d+ s", printed)
    assert "(1437, 28, 28)" in book.page("digits")
    assert ">42\n" in book.page("sums")
    for name in ("digits", "sums"):  # the results stand on the pages, never in the sources
        for cell in book.notebook(name).cells:
            assert cell.get("outputs", []) == []


def test_chapters_run_once_for_nbmake_and_the_book(tmp_path):
    count = "with open('runs.txt', 'a') as file:\n    print('one more', file=file)\n"
    count += "from mnist_tutorial.measurements import measure\n"
    book = TinyBook.make(
        tmp_path / "book",
        {
            "chapters/asks": ("# Asking", QUIZ),
            "chapters/sums": ("# Adding up", f"{count}print(40 + 2)"),
            "chapters/quotients": ("# Dividing", "print(1 / 0)"),
        },
    )
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, book.folder)
    for name in ("book_sphinx", "mnist_tutorial", "tests/support"):
        shutil.copytree(ROOT / name, book.folder / name)

    def nbmake(*arguments):
        command = [sys.executable, "-m", "pytest", "--nbmake", *arguments]
        environment = os.environ | {"MNIST_TUTORIAL_DATA": "stand-in"}
        result = subprocess.run(command, cwd=book.folder, env=environment, capture_output=True, text=True, check=False)
        times = len((book.folder / "chapters/runs.txt").read_text("utf-8").splitlines())
        return result.stdout, times

    printed, times = nbmake("chapters")
    assert "1 failed, 2 passed" in printed
    assert times == 1
    book.edit("chapters/quotients.ipynb", "1 / 0", "1 / 4")
    code, printed = book.build()
    assert code == 0, printed
    assert "Chapters to run: 1" in printed
    assert "done [1/1] chapters/quotients" in printed
    assert not re.search("Changed since|Executing notebook", printed)
    assert ">42\n" in book.page("chapters/sums")
    assert ">0.25\n" in book.page("chapters/quotients")
    assert render_quiz("05_build_model") in book.page("chapters/asks")

    book.edit("chapters/quotients.ipynb", "1 / 4", "0 / 0")
    printed, times = nbmake("--reuse-chapter-results", "chapters")
    assert "1 failed, 2 passed" in printed  # what has changed runs
    assert times == 1
    with (book.folder / "mnist_tutorial/measurements.py").open("a", encoding="utf-8") as module:
        module.write("\n")
    printed, times = nbmake("--reuse-chapter-results", "chapters/sums.ipynb")
    assert "1 passed" in printed
    assert times == 2  # so does what a changed module may have changed
    printed, times = nbmake("--reuse-chapter-results", "chapters/sums.ipynb")
    assert times == 2
    printed, times = nbmake("chapters/sums.ipynb")
    assert "1 passed" in printed
    assert times == 3  # by hand, a chapter always runs


# --- the same without Sphinx


@pytest.fixture
def make_book(tmp_path, monkeypatch):
    """Return a function that writes a book of notebooks, given as code."""
    monkeypatch.setenv("MNIST_TUTORIAL_DATA", "stand-in")

    def make(**notebooks):
        return TinyBook.make(tmp_path / "book", {name: (f"# {name}", code) for name, code in notebooks.items()})

    return make


def test_other_data_runs_again_and_only_once(make_book, capsys):
    book = make_book(sums="import itertools\nprint(40 + 2)")
    assert book.run_chapters("stand-in") == ["sums"]
    assert book.run_chapters("stand-in") == []
    assert "Changed" not in capsys.readouterr().out
    assert book.run_chapters("sha256:0") == ["sums"]
    printed = capsys.readouterr().out
    assert "Changed since sums ran: the data." in printed
    assert "Chapters to run: 1" in printed


def test_an_error_in_a_cell_stops_the_build_and_keeps_the_other_results(make_book, capsys):
    book = make_book(quotients="print(1 / 0)", sums="print(40 + 3)")
    with pytest.raises(ExtensionError) as caught:
        book.run_chapters()
    message = re.sub(r"\x1b\[[0-9;]*m", "", str(caught.value))
    assert message.startswith("quotients stopped with an error.")
    assert "ZeroDivisionError: division by zero" in message
    assert message.endswith("The book was not built.")
    assert "failed [" in capsys.readouterr().out
    assert "43" in book.stored_outputs("sums")
    with pytest.raises(KeyError):
        book.stored_outputs("quotients")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_a_kernel_killed_for_its_memory_is_explained(make_book):
    # The system does the same to a process that takes the last of its memory.
    book = make_book(hungry="import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(ExtensionError, match=r"hungry stopped in cell 2 of 2: its Python was ended\.") as caught:
        book.run_chapters()
    assert errors.OUT_OF_MEMORY in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_result_cut_off_by_a_full_disk_is_made_again(make_book):
    import resource

    book = make_book(long="from IPython.display import HTML\n\nHTML('<i>' + 'x' * 1_500_000 + 'y</i>')")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            book.run_chapters()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert errors.explain(str(caught.value)) == errors.DISK_FULL
    (result,) = (book.folder / "_build" / ".jupyter_cache" / "executed").glob("*/base.ipynb")
    assert result.stat().st_size == 1_000_000  # so the drill is one: it was cut off in the middle
    assert book.run_chapters() == ["long"]
    assert "xxy</i>" in book.stored_outputs("long")
    assert book.run_chapters() == []


def test_a_page_is_made_again_when_another_result_is_stored(make_book):
    book = make_book(sums="print(40 + 2)", others="print('as before')")
    assert book.run_chapters() == ["others", "sums"]
    notebook = book.notebook("sums")
    results = Results(book.folder / "_build", "stand-in")
    inputs = results.inputs(notebook)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="fifty")]
    execution.store_test_run(book.folder / "_build", book.folder / "sums.ipynb", notebook, 1.0, inputs)
    assert book.run_chapters() == ["sums"]
    assert "fifty" in book.stored_outputs("sums")
    assert book.run_chapters() == []


@pytest.fixture
def package(tmp_path):
    """Return a copy of the package that may be changed."""
    return shutil.copytree(ROOT / "mnist_tutorial", tmp_path / "mnist_tutorial")


def change(path, before, after):
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_a_changed_question_changes_the_stored_quiz_and_runs_nothing(make_book, package, monkeypatch, capsys):
    book = make_book(asks=QUIZ, sums="print(40 + 2)")
    monkeypatch.setattr(execution, "PACKAGE", package)
    monkeypatch.setattr(bank, "FOLDER", package / "exercises" / "questions")
    before = render_quiz("05_build_model")
    book.run_chapters()
    assert before in book.stored_outputs("asks")  # what the page renders is what the kernel rendered
    capsys.readouterr()
    change(bank.FOLDER / "05_build_model.toml", 'ask = "', 'ask = "Think twice. ')
    assert book.run_chapters() == ["asks"]
    assert capsys.readouterr().out == ""
    assert "Think twice. " in render_quiz("05_build_model")
    assert render_quiz("05_build_model") in book.stored_outputs("asks")
    assert before not in book.stored_outputs("asks")
    assert book.run_chapters() == []
    change(bank.FOLDER / "05_build_model.toml", 'ask = "', 'asked = "')
    with pytest.raises(ExtensionError, match=r"^asks: .*ask"):
        book.run_chapters()


# --- what the results depend on: one thing changed at a time


def fingerprints(results, sources):
    """Return what the results of several codes depend on; sources: for each name, the code of its cells."""
    notebooks = {name: new_notebook(cells=[new_code_cell(code) for code in codes]) for name, codes in sources.items()}
    return {name: results.fingerprint(notebook) for name, notebook in notebooks.items()}


def stale_after(change, results, sources):
    """Return which of several codes are out of date after a change; results: a function that makes Results anew."""
    before = fingerprints(results(), sources)
    change()
    return {name for name, after in fingerprints(results(), sources).items() if after != before[name]}


def test_nothing_is_out_of_date_before_a_change(shop):
    assert stale_after(lambda: None, lambda: Results(shop.parent, "stand-in", shop), CODES) == set()


SHOP = {  # a package with a file of each kind
    "__init__.py": "from shop.records import load_prices\n\n__all__ = ['load_prices', 'load_stock']\n",
    "__main__.py": "from shop import printing\n",
    "records/__init__.py": (
        "PRICES = 'prices.json'\nSTOCK = 'stock.json'\nCOSTS = 'costs.h5'\n"
        "def load_prices():\n    return open(PRICES)\n"
        "def load_stock():\n    from shop.counting import count\n    return count(STOCK)\n"
        "def load_all(folder):\n    return list(folder.glob('*.npz'))\n"
    ),
    "counting.py": "from . import helpers as h\n\ndef count(name):\n    return h.read(name), 'unknown.json'\n",
    "helpers.py": "from .records import COSTS\n\ndef read(name):\n    return name, COSTS\n",
    "printing.py": "import json\n\nclass Printer:\n    'It never reads stock.json.'\n",
    "lamps/__init__.py": "def show():\n    return ['lamp.js', 'lamp.toml']\n",
    "widgets/pad.py": "def show():\n    return ['pad.js', 'pad.css', 'pad.toml']\n",
    "exercises/bank.py": "import json\n",
}
RECORDS = ("prices.json", "names.txt", "stock.json", "costs.h5", "few.npz", "unknown.json")
FILES = [*SHOP, *(f"records/{name}" for name in RECORDS), "widgets/pad.js", "widgets/pad.css", "widgets/pad.toml"]
CODES = {
    "nothing": ["print(1)"],
    "package": ["import shop"],
    "prices": ["import shop", "%time shop.load_prices()"],
    "stock": ["def later():\n    from shop.records import load_stock\n    return load_stock()"],
    "renamed": ["from shop.records import load_stock as load"],
    "pattern": ["from shop import records", "records.load_all(here)"],
    "printer": ["from shop.printing import Printer"],
    "process": ["import subprocess, sys", "subprocess.run([sys.executable, '-m', 'shop', 'print'])"],
    "shell": ["import shop", "!python -m shop print"],
    "program": ["script = 'import shop.printing'"],
    "pad": ["from shop.widgets.pad import show\nshow()"],
    "broken": ["from shop import printing", "a b c"],
}
BASE = {"__init__.py", "records/__init__.py"}
STOCK = {*BASE, "counting.py", "helpers.py", "records/stock.json", "records/costs.h5", "records/unknown.json"}
REACHED = {
    "nothing": set(),
    "package": BASE,
    "prices": BASE | {"records/prices.json"},
    "stock": STOCK,
    "renamed": STOCK,
    "pattern": BASE | {"records/few.npz"},
    "printer": BASE | {"printing.py"},
    "process": BASE | {"__main__.py", "printing.py"},
    "shell": BASE | {"__main__.py", "printing.py"},
    "program": BASE | {"printing.py"},
    "pad": BASE | {"widgets/pad.py", "widgets/pad.toml"},
    "broken": BASE | {"printing.py"},
}


@pytest.fixture
def shop(tmp_path):
    """Write the package; return its folder."""
    for name in FILES:
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SHOP.get(name, "first"), "utf-8")
    return tmp_path / "shop"


@pytest.mark.parametrize("name", FILES)
def test_code_runs_again_when_a_file_that_it_reaches_has_changed(shop, name):
    expected = {code for code, files in REACHED.items() if name in files}

    def edit():
        (shop / name).write_text(SHOP.get(name, "second") + "\n# changed\n", "utf-8")

    assert stale_after(edit, lambda: Results(shop.parent, "stand-in", shop), CODES) == expected


def test_a_new_file_and_a_renamed_one_count_where_they_are_reached(shop):
    def results():
        return Results(shop.parent, "stand-in", shop)

    codes = CODES | {"printer": ["from shop import printing, paper"]}
    assert stale_after(lambda: (shop / "paper.py").touch(), results, codes) == {"printer"}
    renamed = stale_after(lambda: (shop / "paper.py").rename(shop / "cards.py"), results, codes)
    assert renamed == {"printer"}


@pytest.fixture(scope="module")
def chapters():
    """Return the code of the book's chapters, by their numbers."""
    notebooks = {path.stem[:2]: nbformat.read(path, as_version=4) for path in CHAPTERS}
    return {
        number: [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        for number, notebook in notebooks.items()
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("workers.py", {"15"}),
        ("better.py", {"12"}),
        ("label_votes.py", {"08"}),
        ("reference/ladder.json", {"12"}),
        ("reference/repeats.json", {"07"}),
        ("reference/checkpoints.json", {"10"}),
        ("reference/overfitting.json", {"07"}),
        ("reference/writer_splits.json", {"07"}),
        ("reference/dense.json", {"05"}),
        ("reference/photos.json", {"09"}),
        ("reference/mistakes.json", {"11"}),
        ("widgets/layer_explorer/fallback.py", {"05"}),
        ("handwriting/synthetic.py", {"08", "09", "13", "14"}),
        ("__main__.py", {"14"}),
        ("notebook.py", {path.stem[:2] for path in CHAPTERS}),
        ("widgets/digit_pad/digit_pad.js", set()),
        ("widgets/frontend/widget.css", set()),
    ],
)
def test_a_change_makes_only_the_chapters_run_again_that_reach_the_file(name, expected, package, chapters):
    def edit():
        (package / name).write_bytes((package / name).read_bytes() + b"\n")

    assert stale_after(edit, lambda: Results(package.parent, "stand-in", package), chapters) == expected


def test_every_module_and_record_belongs_to_a_chapter_but_those_of_scripts_and_of_the_engine_in_the_page(
    package, chapters
):
    parts = Results(package.parent, "stand-in", package).package
    reached = set().union(*(parts.digests(codes) for codes in chapters.values()))
    files = [path.relative_to(package.parent).as_posix() for path in [*parts.modules.values(), *parts.records]]
    others = {"widgets/engine/random_numbers.py", "reference/mnist_writers.LICENSE.txt", "reference/first_weights.js"}
    assert set(files) - reached == {f"mnist_tutorial/{name}" for name in others}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('ask = "', 'ask = "Think twice. ', set()),  # only a Quiz shows it
        ('id = "conv-16-shape"', 'hint = "None."\nid = "conv-16-shape"', {"05"}),  # `check` says it in the chapter
    ],
)
def test_a_question_counts_where_its_text_is_given_to_check(before, after, expected, package, chapters):
    path = package / "exercises" / "questions" / "05_build_model.toml"
    edit = partial(change, path, before, after)
    assert stale_after(edit, lambda: Results(package.parent, "stand-in", package), chapters) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (QUIZ, False),
        (f"{QUIZ}\nprint('done')", True),
        (f"quiz = {QUIZ.rpartition(chr(10))[2]}", True),
        ("Quiz('05_build_model', tries={})", True),
        ("name = '05_build_model'", True),
        ("from mnist_tutorial.exercises.bank import of_chapter\n\nof_chapter(name)", True),
        ("Quiz([dict(id='own')])", False),
        ("check('batch-of-one', one)", False),
        ("check('conv-16-shape', one)", False),
        ("check(name, one)", True),
    ],
)
def test_code_that_does_more_with_questions_than_show_them_depends_on_them(code, expected, package):
    path = package / "exercises" / "questions" / "05_build_model.toml"
    edit = partial(change, path, 'ask = "', 'ask = "Think twice. ')
    stale = stale_after(edit, lambda: Results(package.parent, "stand-in", package), {"code": [code]})
    assert bool(stale) == expected


def test_fingerprint_follows_data_and_versions(tmp_path, monkeypatch):
    cells = {"code": ["print(1)"]}
    source = ["stand-in"]

    def results():
        return Results(tmp_path, source[0])

    assert stale_after(lambda: source.__setitem__(0, "sha256:123"), results, cells)
    version = execution.version
    for library in ("tensorflow", "keras", "numpy"):
        changed = {library: "99.0"}

        def edit(changed=changed):
            monkeypatch.setattr(execution, "version", lambda name: changed.get(name) or version(name))

        assert stale_after(edit, results, cells)
        monkeypatch.setattr(execution, "version", version)
    monkeypatch.setattr(execution.platform, "python_version", lambda: "3.11.0")
    assert stale_after(
        lambda: monkeypatch.setattr(execution.platform, "python_version", lambda: "3.99.0"), results, cells
    )


def test_a_result_of_unknown_origin_is_not_used(make_book, capsys):
    book = make_book(sums="print(0)")
    results = Results(book.folder / "_build", "stand-in")
    results.store(book.folder / "sums.ipynb", book.notebook("sums"), 1.0, {})
    assert results.changes(book.notebook("sums")) is None
    assert book.run_chapters() == ["sums"]
    assert "Changed" not in capsys.readouterr().out
    assert results.changes(book.notebook("sums")) == []


def test_old_results_do_not_pile_up(make_book, monkeypatch):
    monkeypatch.setattr(execution, "RESULTS_KEPT", 2)
    book = make_book(sums="print(0)")
    notebook, results = book.notebook("sums"), Results(book.folder / "_build", "stand-in")
    for number in range(5):
        notebook.cells[1].source = f"print({number})"
        results.store(book.folder / "sums.ipynb", notebook, 1.0, results.inputs(notebook))
    assert len(results.cache.list_cache_records()) <= 3


# --- the lines on how far it is


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_names_what_runs_and_what_is_done():
    log = io.StringIO()
    progress = execution.Progress(2, log)
    progress.begin("one", 10)
    progress.begin("two", 5)
    progress.end("one", "done")
    progress.end("two", "failed")
    lines = log.getvalue().splitlines()
    assert "running one (cell 0 of 10), two (cell 0 of 5)" in lines[1]
    assert re.fullmatch(r"  done \[1/2\] one in \d+ s", lines[2])
    assert re.fullmatch(r"  failed \[2/2\] two in \d+ s", lines[3])


def test_progress_is_rewritten_in_a_terminal_and_rare_in_a_log():
    for stream, count in ((io.StringIO(), 1), (Terminal(), 11)):
        progress = execution.Progress(1, stream)
        progress.begin("one", 10)
        for cell in range(10):
            progress.step("one", cell)
        assert stream.getvalue().count("running one") == count
    assert "\n" not in stream.getvalue()
    assert "(cell 10 of 10)" in stream.getvalue()
