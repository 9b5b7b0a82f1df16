"""A book of three short pages, with the real book's configuration, for tests of how it is built."""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import nbformat
import yaml
from jupyter_cache import get_cache
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
DIGITS = "from mnist_tutorial.data import load_mnist\n\n(X_train, _), _ = load_mnist()\nprint(X_train.shape)"
NOTEBOOKS = {"digits": ("# Digits", DIGITS), "sums": ("# Adding up", "print(40 + 2)")}
TEXT = r"""# A tiny book

Welcome.
A half is $\frac{1}{2}$, and a sum is

$$
\sum_{i=1}^{n} x_i \cdot w_i
$$
"""


class TinyBook:
    def __init__(self, folder):
        self.folder = folder

    def copy(self, folder):
        return TinyBook(shutil.copytree(self.folder, folder))

    @classmethod
    def make(cls, folder, notebooks=NOTEBOOKS):
        """Write the book: a page of text and notebooks, by default one that loads the digits and one that does not.

        notebooks: for each name, its text and the code of its one cell.
        """
        folder.mkdir(parents=True)
        if (ROOT / "_static").is_dir():  # styles and icons that the configuration speaks of
            shutil.copytree(ROOT / "_static", folder / "_static")
        shutil.copy(ROOT / "references.bib", folder)
        book = cls(folder)
        config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
        contents = {"format": "jb-book", "root": "index", "chapters": [{"file": name} for name in notebooks]}
        book.write("_config.yml", yaml.safe_dump(config))
        book.write("_toc.yml", yaml.safe_dump(contents))
        book.write("index.md", TEXT)
        for name, (text, code) in notebooks.items():
            book.write_notebook(name, text, code)
        return book

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    def write_notebook(self, name, text, code):
        stem = Path(name).name
        cells = [new_markdown_cell(text, id=f"{stem}-1"), new_code_cell(code, id=f"{stem}-2")]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        self.write(f"{name}.ipynb", nbformat.writes(new_notebook(cells=cells, metadata={"kernelspec": kernel})))

    def edit(self, name, before, after):
        text = (self.folder / name).read_text("utf-8")
        assert before in text
        self.write(name, text.replace(before, after))

    def build(self, **environment):
        """Build the book from the stand-in, with warnings as errors; return the exit code and what was printed."""
        return outcome(self.start(**environment))

    def start(self, *command, before=(), options=None, **environment):
        """Start building the book, or another command of the environment; return the process.

        before: a command that this one is appended to. options: as subprocess.Popen takes them.
        """
        name, *arguments = command or ("jupyter-book", "build", ".", "-n", "-W", "--keep-going")
        command = [Path(sysconfig.get_path("scripts"), name), *arguments]
        # Like the real book's chapters, the tiny one's find the package; and no checkout above is taken for theirs.
        found = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        surroundings = {
            "PYTHONPATH": found,
            "GIT_CEILING_DIRECTORIES": str(self.folder.parent),
            "MNIST_TUTORIAL_DATA": "stand-in",
            "BOOK_ADDRESS": "",
        }
        return subprocess.Popen(
            [*before, *command],
            cwd=self.folder,
            env=os.environ | surroundings | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            **(options or {}),
        )

    def run_chapters(self, data_source="stand-in"):
        """Do what a build does for the notebooks, without Sphinx; return the pages that have to be made again."""
        from book_sphinx import execution

        documents = {path.stem: path for path in sorted(self.folder.glob("*.ipynb"))}
        if not hasattr(self, "env"):
            self.env = SimpleNamespace()
        self.env.found_docs, self.env.doc2path = set(documents), documents.get
        config = SimpleNamespace(mnist_data_source=data_source, nb_execution_timeout=60)
        app = SimpleNamespace(outdir=self.folder / "_build" / "html", env=self.env, config=config)
        outdated = execution.outdated_pages(app, self.env, set(), set(), set())
        execution.run_chapters(app, self.env, outdated)
        execution.note_results_shown(app, self.env)
        return outdated

    def notebook(self, name):
        return nbformat.read(self.folder / f"{name}.ipynb", as_version=4)

    def stored_outputs(self, name):
        """Return what a notebook's cells gave, as it is stored, as one text; KeyError when nothing is."""
        cache = get_cache(self.folder / "_build" / ".jupyter_cache")
        _, notebook = cache.merge_match_into_notebook(self.notebook(name))
        outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
        return "\n".join(str(text) for one in outputs for text in [one.get("text"), *one.get("data", {}).values()])

    def page(self, name):
        return (self.folder / "_build" / "html" / f"{name}.html").read_text("utf-8")


def outcome(process):
    """Wait for a build; return its exit code and what it printed, without the colours."""
    try:
        printed, _ = process.communicate(timeout=300)
    finally:
        process.kill()
    return process.returncode, re.sub(r"\x1b\[[0-9;]*[mK]", "", printed)
