"""The questions on the pages: a Quiz is rendered from the current questions, without running its chapter.

A cell that ends with `Quiz("05_build_model")` shows nothing but these questions, so its stored output is replaced.
What else a chapter reads of the questions, such as those it gives to `check`, is among the things its results depend
on.
"""

import ast
import hashlib
import json
import tomllib
from functools import cache
from pathlib import Path

from book_sphinx.dependencies import code_of_cell

READ_QUESTIONS = {"check", "find", "of_chapter", "Quiz"}  # what takes a question's or a chapter's name


class Questions:
    """The files of questions in a folder, one for each chapter."""

    def __init__(self, folder):
        self.files = {path.stem: path for path in sorted(Path(folder).glob("*.toml"))}
        self.digest = cache(lambda chapter: hashlib.sha256(self.files[chapter].read_bytes()).hexdigest())

    @property
    def entries(self):
        """Return all questions and exercises by their ids; a file that cannot be read has none."""
        found = {}
        for path in self.files.values():
            try:
                kinds = tomllib.loads(path.read_text("utf-8"))
            except ValueError:
                continue
            found |= {one["id"]: one for kind in kinds.values() for one in kind if "id" in one}
        return found

    def quizzes_in(self, cells):
        """Return which cells end with a Quiz of a chapter's questions: the chapters by the cells' positions."""
        found = {position: quiz_at_the_end(code_of_cell(cell.source)) for position, cell in enumerate(cells)}
        return {position: chapter for position, chapter in found.items() if chapter in self.files}

    def digests(self, cells):
        """Return what the code of cells reads of the questions beside what a Quiz shows: digests by names."""
        bodies = [code_of_cell(cell.source).body for cell in cells]
        for position in self.quizzes_in(cells):
            bodies[position] = bodies[position][:-1]
        nodes = [node for body in bodies for statement in body for node in ast.walk(statement)]
        texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        found = {f"the questions {name}": self.digest(name) for name in self.files if name in texts}
        if any(map(_reads_a_name_that_is_not_written_out, nodes)):
            found = {f"the questions {name}": self.digest(name) for name in self.files}
        for name, entry in self.entries.items() if texts else ():
            if name in texts:
                content = json.dumps(entry, sort_keys=True, default=str)
                found[f"the question {name!r}"] = hashlib.sha256(content.encode()).hexdigest()
        return found


def _reads_a_name_that_is_not_written_out(node):
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in READ_QUESTIONS:
        return False
    return not (node.args and isinstance(node.args[0], ast.Constant | ast.List | ast.ListComp))


def quiz_at_the_end(tree):
    """Return the chapter in `Quiz("chapter")` when this is a cell's last statement, otherwise None."""
    match tree.body[-1:]:
        case [ast.Expr(value=ast.Call(func=ast.Name(id="Quiz"), args=[ast.Constant(value=str(name))], keywords=[]))]:
            return name
    return None


def render_quiz(chapter):
    """Return the HTML of a Quiz as the cell shows it; raises ValueError if the questions are wrong."""
    from mnist_tutorial.widgets.quiz import Quiz

    return Quiz(chapter).page_html()
