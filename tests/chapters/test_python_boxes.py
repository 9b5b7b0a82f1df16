"""Python beyond variables, functions, loops and lists is explained in a box where the book first uses it."""

import ast
import re

import pytest

from chapters import CHAPTERS, cells_of, tags_of

NOT_READ = {"hide-input", "remove-input", "remove-cell"}  # what a reader meets only by opening it, and is no solution
BOX = re.compile(r":::\{note\}\n\*\*Python: (.+?)\.\*\*\n(?:.+\n)+?:::")


def calls(name):
    return lambda node: isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def operator(*kinds):
    return lambda node: isinstance(getattr(node, "op", None), kinds)


def is_mask(node):
    return isinstance(node, ast.Subscript) and any(isinstance(one, ast.Compare) for one in ast.walk(node.slice))


def unpacks(node):
    return isinstance(node, ast.Assign) and any(isinstance(target, ast.Tuple) for target in node.targets)


def adds_a_direction(node):
    return isinstance(node, ast.Subscript) and any(
        isinstance(one, ast.Constant) and one.value is None for one in [node.slice, *ast.iter_child_nodes(node.slice)]
    )


FORMS = {  # what the title of a box names: whether a node of a cell's syntax tree is it
    "several names": unpacks,
    "slices": lambda node: isinstance(node, ast.Slice),
    "assert": lambda node: isinstance(node, ast.Assert),
    "named arguments": lambda node: isinstance(node, ast.keyword) and node.arg is not None,
    "masks": is_mask,
    "comprehensions": lambda node: isinstance(node, ast.ListComp),
    "powers": lambda node: isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow),
    "a choice in one line": lambda node: isinstance(node, ast.IfExp),
    "f-strings": lambda node: isinstance(node, ast.JoinedStr),
    "dictionaries": lambda node: isinstance(node, ast.Dict),
    "enumerate": calls("enumerate"),
    "the sign @": operator(ast.MatMult),
    "short forms": lambda node: isinstance(node, ast.AugAssign),
    "docstrings": lambda node: isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None,
    "two stars": lambda node: isinstance(node, ast.keyword) and node.arg is None,
    "with": lambda node: isinstance(node, ast.With),
    "one star": lambda node: isinstance(node, ast.Starred),
    "zip": calls("zip"),
    "None in brackets": adds_a_direction,
    "not, for a mask": operator(ast.Invert),
    "generators": lambda node: isinstance(node, ast.GeneratorExp),
    "integer division": operator(ast.FloorDiv),
    "lambda": lambda node: isinstance(node, ast.Lambda),
    "dictionary comprehensions": lambda node: isinstance(node, ast.DictComp),
    "format": lambda node: isinstance(node, ast.Attribute) and node.attr == "format",
    "and, or, for masks": operator(ast.BitAnd, ast.BitOr),
    "yield": lambda node: isinstance(node, ast.Yield),
    "while": lambda node: isinstance(node, ast.While),
    "try": lambda node: isinstance(node, ast.Try),
}


def first_use(form):
    """Return the chapter and the number of the cell that first has this form, or None."""
    for path in CHAPTERS:
        for number, cell in enumerate(cells_of(path)):
            if cell.cell_type == "code" and not tags_of(cell) & NOT_READ:
                if any(map(FORMS[form], ast.walk(ast.parse(cell.source)))):
                    return path, number
    return None


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_explained_at_or_before_its_first_use(form):
    path, number = first_use(form)
    titles = [title for cell in cells_of(path)[:number] for title in BOX.findall(cell.source)]
    word = re.compile(rf"(^|\W){re.escape(form)}(\W|$)")
    assert any(map(word.search, titles)), (
        f"no box **Python: {form}.** before {cells_of(path)[number].id}, its first use"
    )


def test_each_box_stands_once_and_explains_a_form_of_the_list():
    titles = [title for path in CHAPTERS for cell in cells_of(path) for title in BOX.findall(cell.source)]
    assert len(set(titles)) == len(titles)
    marked = sum(cell.source.count("**Python: ") for path in CHAPTERS for cell in cells_of(path))
    assert marked == len(titles), "a box has another form than :::{note}, **Python: title.**, text, :::"
    assert [title for title in titles if not any(form in title for form in FORMS)] == []
