"""Find choices made on test data in the code of a chapter, as far as code can tell.

The walk follows names from `load_mnist()`: what is assigned from the test images or labels, or from anything computed
with them, is test data. A *score* is a number that says how good something is on test data: labels compared with
answers and then averaged or summed, a result of `evaluate` or `compare_answers`, or of a function of the chapter that
computes one. Four things count as a choice:

best-of   `min`, `max`, `argmin`, `argmax`, `argsort` or `sorted` of scores (an `axis=1` or `-1` reads answers instead)
sweep     a loop over settings whose scores depend on the setting: the reader, if nobody else, picks the best of them
stop      a `while`, or an `if` in a loop, that asks a score, or a `break` below such an `if`
training  test data in `fit`, as images or as `validation_data`

A loop over the test data themselves, over the digits or over parts of a batch is no sweep.
"""

import ast
from typing import NamedTuple

TEST, COMPARED, SCORE, SETTING = "test", "compared", "score", "setting"
PICKERS = {"min", "max", "argmin", "argmax", "argsort", "sorted", "nanargmin", "nanargmax", "minimum", "maximum"}
AVERAGES = {"mean", "sum", "average", "count_nonzero", "count"}
SCORERS = {"evaluate", "compare_answers"}
FUNCTIONS = (ast.FunctionDef, ast.Lambda)


class Choice(NamedTuple):
    """One place where test data decide: the kind, the cell, and the line of code."""

    kind: str
    cell: str
    code: str


def name_of(call):
    """Return the last name of what is called: `argmin` for `np.argmin(x)` and for `x.argmin()`."""
    return ast.unparse(call.func).rpartition(".")[2]


def names_in(node):
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def base_of(target):
    """Return the name behind `a`, `a[i]`, `a.b` and `a[i].b`, or None."""
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


class Walk:
    """What the names of a chapter carry, cell by cell; `choices` is what was found."""

    def __init__(self):
        self.carries, self.functions, self.choices, self.cell = {}, {}, [], ""
        self.of_loops, self.reading = [], set()

    def cell_of(self, cell_id, source):
        """Walk through one cell."""
        self.cell = cell_id
        self.block(ast.parse(source).body)

    # --- what an expression carries

    def of(self, node):
        """Return what the value of an expression carries: some of TEST, SCORE and SETTING."""
        if node is None or isinstance(node, ast.Constant):
            return set()
        if isinstance(node, ast.Name):
            return set(self.carries.get(node.id, ()))
        if isinstance(node, ast.Lambda):
            return self.of(node.body)
        if isinstance(node, ast.Call):
            return self.of_call(node)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return self.of_comprehension(node)
        found = set().union(*(self.of(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)))
        if isinstance(node, ast.Compare) and TEST in found and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            found |= {COMPARED}
        return found

    def of_call(self, call):
        name = name_of(call)
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        found = set().union(*map(self.of, arguments))
        if isinstance(call.func, ast.Attribute):
            found |= self.of(call.func.value)
        for keyword in call.keywords:
            if keyword.arg == "key" and isinstance(keyword.value, ast.Name) and keyword.value.id in self.functions:
                found |= self.of_function(keyword.value.id, ast.Call(keyword.value, call.args, []))
        if name in AVERAGES and COMPARED in found:
            found = found - {COMPARED} | {SCORE}
        if name in SCORERS and TEST in found:
            found |= {SCORE}
        if name in PICKERS and SCORE in found and not self.reads_answers(call):
            self.note("best-of", call)
        if name == "fit" and self.of_fit(call):
            self.note("training", call)
        if isinstance(call.func, ast.Name) and call.func.id in self.functions:
            found |= self.of_function(call.func.id, call)
        return found

    def reads_answers(self, call):
        return any(keyword.arg == "axis" and ast.unparse(keyword.value) in ("1", "-1") for keyword in call.keywords)

    def of_fit(self, call):
        given = [*call.args, *(one.value for one in call.keywords if one.arg in ("x", "y", "validation_data"))]
        return any(TEST in self.of(one) for one in given)

    def of_function(self, name, call):
        """Walk through a function of the chapter with what this call gives it; return what it gives back."""
        if name in self.reading:
            return set()
        function, outside = self.functions[name], dict(self.carries)
        parameters = function.args
        ordered = [one.arg for one in (*parameters.posonlyargs, *parameters.args)]
        for parameter in (*ordered, *(one.arg for one in parameters.kwonlyargs)):
            self.carries[parameter] = set()
        for parameter, given in zip(ordered, call.args, strict=False):
            self.carries[parameter] = self.of(given)
        for keyword in call.keywords:
            if keyword.arg:
                self.carries[keyword.arg] = self.of(keyword.value)
        self.reading.add(name)
        body = [ast.Return(function.body)] if isinstance(function, ast.Lambda) else function.body
        found = set(self.block(body))
        self.reading.discard(name)
        self.carries = outside
        return found

    def of_comprehension(self, node):
        outside = dict(self.carries)
        loops = 0
        for generator in node.generators:
            loops += self.enter_loop(generator.target, generator.iter)
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        found = set().union(*map(self.of, values))
        for generator in node.generators:
            for condition in generator.ifs:
                self.of(condition)
        if loops and {SCORE, SETTING} <= found:
            self.note("sweep", node)
        self.of_loops = self.of_loops[: len(self.of_loops) - loops]
        self.carries = outside
        of_outer_loop = any(SETTING in outside.get(name, ()) for name in names_in(node))
        return found if of_outer_loop else found - {SETTING}

    # --- statements

    def block(self, statements):
        """Walk through statements; return what their `return` gives back."""
        returned = set()
        for statement in statements:
            returned |= self.statement(statement)
        return returned

    def statement(self, node):
        if isinstance(node, ast.FunctionDef):
            self.functions[node.name] = node
        elif isinstance(node, ast.Return):
            return self.of(node.value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self.assign(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            self.add_to(node.target, self.of(node.value))
        elif isinstance(node, ast.Expr):
            self.expression(node.value)
        elif isinstance(node, ast.For):
            return self.loop(node)
        elif isinstance(node, ast.While):
            if SCORE in self.of(node.test):
                self.note("stop", node.test)
            self.of_loops.append("while")
            returned = self.block(node.body) | self.block(node.orelse)
            self.of_loops.pop()
            return returned
        elif isinstance(node, ast.If):
            if self.of_loops and SCORE in self.of(node.test):
                self.note("stop", node.test)
            return self.block(node.body) | self.block(node.orelse)
        elif isinstance(node, ast.With):
            for item in node.items:
                if item.optional_vars is not None:
                    self.assign(item.optional_vars, item.context_expr)
            return self.block(node.body)
        elif isinstance(node, ast.Try):
            parts = [node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody]
            return set().union(*map(self.block, parts))
        return set()

    def expression(self, node):
        """An expression by itself: it may put something into a list, or show a score."""
        found = self.of(node)
        fills = isinstance(node, ast.Call) and name_of(node) in ("append", "extend", "update", "add", "insert")
        if fills and isinstance(node.func, ast.Attribute) and base_of(node.func):
            self.add_to(node.func, found)
        if self.of_loops and {SCORE, SETTING} <= found:
            self.note("sweep", node)

    def loop(self, node):
        outside = self.enter_loop(node.target, node.iter)
        before = len(self.choices)
        returned = self.block(node.body)  # twice: what is computed below may be used above, in the next round
        del self.choices[before:]
        returned |= self.block(node.body)
        for name, carried in self.carries.items():
            self.carries[name] = carried - {SETTING}
        self.of_loops = self.of_loops[: len(self.of_loops) - outside]
        return returned | self.block(node.orelse)

    def enter_loop(self, target, iterated):
        """Give a loop's names what they carry; return 1 for a loop over settings, 0 for another."""
        found = self.of(iterated)
        is_setting = self.is_of_settings(iterated, found)
        for name in ast.walk(target):
            if isinstance(name, ast.Name):
                self.carries[name.id] = (found - {SETTING}) | ({SETTING} if is_setting else set())
        if is_setting:
            self.of_loops.append(ast.unparse(target))
        return int(is_setting)

    def is_of_settings(self, iterated, found):
        if TEST in found:
            return False  # a loop over the test data
        text = ast.unparse(iterated)
        if text == "range(10)" or (text.startswith("enumerate(") and "range(10)" in text):
            return False  # the ten digits
        if isinstance(iterated, ast.Call) and name_of(iterated) == "range":
            return len(iterated.args) < 3 or all(isinstance(one, ast.Constant | ast.UnaryOp) for one in iterated.args)
        return True

    def assign(self, target, value):
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Call) and name_of(value) == "load_mnist":
            training, test = target.elts
            self.clear(training)
            self.add_to(test, {TEST})
            return
        if (
            isinstance(target, ast.Tuple | ast.List)
            and isinstance(value, ast.Tuple | ast.List)
            and len(target.elts) == len(value.elts)
        ):
            for one, its_value in zip(target.elts, value.elts, strict=True):
                self.assign(one, its_value)
            return
        if isinstance(value, ast.Lambda) and isinstance(target, ast.Name):
            self.functions[target.id] = value
        found = self.of(value)
        if self.of_loops and {SCORE, SETTING} <= found:
            self.note("sweep", value)
        if isinstance(target, ast.Name):
            self.carries[target.id] = found
        else:
            self.add_to(target, found)

    def clear(self, target):
        for name in ast.walk(target):
            if isinstance(name, ast.Name):
                self.carries[name.id] = set()

    def add_to(self, target, found):
        """What is put into a part of something, or into one of several names, is added to what they carry."""
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        for part in parts:
            if isinstance(part, ast.Tuple | ast.List):
                self.add_to(part, found)
            elif name := base_of(part):
                fresh = isinstance(part, ast.Name) and isinstance(target, ast.Tuple | ast.List)
                self.carries[name] = set(found) if fresh else self.carries.get(name, set()) | found

    def note(self, kind, node):
        choice = Choice(kind, self.cell, ast.unparse(node).partition("\n")[0][:100])
        if choice not in self.choices:
            self.choices.append(choice)


def choices_in(cells):
    """Return the choices made on test data in a chapter.

    cells: pairs of a cell's id and its code, in their order. Returns a list of Choice.
    """
    walk = Walk()
    for cell_id, source in cells:
        walk.cell_of(cell_id, source)
    return walk.choices
