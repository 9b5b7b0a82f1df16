"""Which files of a package a chapter's results depend on, found by reading the code without running it.

From the chapter's cells on, imports are followed through the package's own modules. The code of a function counts
once its name is used somewhere: a module that only an unused function imports is not reached, and a record that only
an unused function names is not read. Names are compared without regard to where they are defined, so what is found
may be more than what is needed, but not less, as long as no name is put together at run time.

Modules find their records (data files) by whole names or by patterns such as "*.json". Scripts and styles of widgets
concern the page alone, and so do the questions of a Quiz, which quizzes.py looks after.
"""

import ast
import hashlib
import re
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager


class Package:
    """A Python package's modules and records."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.modules, self.records = {}, []  # the modules' paths by their dotted names
        for path in sorted(self.folder.rglob("*")):
            place = path.relative_to(self.folder.parent)
            if path.suffix == ".py":
                parts = place.with_suffix("").parts
                self.modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
            elif path.is_file() and _may_be_read(place):
                self.records.append(path)
        self.statements = cache(self._statements)
        self._digest = cache(lambda path: hashlib.sha256(path.read_bytes()).hexdigest())

    def _statements(self, module):
        path = self.modules[module]
        return _statements_of(path.read_text("utf-8"), module, path.name == "__init__.py")

    def digests(self, sources):
        """Return the SHA-256 of each file that code reaches, by the file's path; sources: the chapter's code cells."""
        search = _Search(self)
        search.run([_facts_of_cell(source) for source in sources])
        paths = [self.modules[name] for name in search.reached]
        paths += [path for path in self.records if search.reads(path.name)]
        return {path.relative_to(self.folder.parent).as_posix(): self._digest(path) for path in sorted(paths)}


def _may_be_read(place):
    """Say whether a file is one that code may read: nothing that a page alone runs or shows, no questions."""
    if "widgets" in place.parts and place.suffix in {".js", ".css", ".wasm", ".c", ".h"}:
        return False
    return "questions" not in place.parts and "__pycache__" not in place.parts


@cache
def code_of_cell(source):
    """Return a cell's syntax tree; IPython's own commands become the calls that IPython makes of them."""
    try:
        return ast.parse(source)
    except SyntaxError:
        try:
            return ast.parse(TransformerManager().transform_cell(source))
        except SyntaxError:
            return ast.parse("")  # the run will say what is wrong with it


@cache
def _facts_of_cell(source):
    return _facts(code_of_cell(source))


class _Facts(NamedTuple):
    """What a piece of code imports, which names it uses, and which texts it contains."""

    imports: set
    names: set
    texts: set


class _Statement(NamedTuple):
    """A statement of a module: the name it defines, if any, what importing it does, and what using the name does."""

    defines: str | None
    imported: _Facts
    used: _Facts


class _Search:
    """What has been found so far."""

    def __init__(self, package):
        self.package = package
        self.reached, self.names, self.texts = set(), set(), set()
        self.unused = []  # statements whose names have not been met

    def run(self, waiting):
        """Follow code, given as facts, and all that it reaches."""
        while waiting:
            for facts in waiting:
                self._follow(facts)
            waiting = [one.used for one in self.unused if one.defines in self.names]
            self.unused = [one for one in self.unused if one.defines not in self.names]

    def _follow(self, facts):
        self.names |= facts.names
        self.texts |= facts.texts
        self.names |= {text for text in facts.texts if text.isidentifier()}  # getattr(module, "name")
        for name in facts.imports:
            self._reach(name)
        package = self.package.folder.name
        for text in facts.texts:
            if package not in text:
                continue
            for name in re.findall(rf"\b{package}(?:\.\w+)+", text):
                self._reach(name)
            if "import" in text:  # a program for another process
                self._follow(_facts_of_cell(text))

    def _reach(self, name):
        """Follow a module and the packages around it; other packages, and names that are no module, are ignored."""
        package, (parent, _, _) = self.package, name.rpartition(".")
        if name in self.reached or name.partition(".")[0] != package.folder.name:
            return
        if parent:
            self._reach(parent)
        if name in package.modules:
            self.reached.add(name)
            for statement in package.statements(name):
                self._follow(statement.imported)
                if statement.defines:
                    self.unused.append(statement)

    def reads(self, name):
        """Say whether a file of this name is one that the code names whole or by a pattern with a suffix."""
        return name in self.texts or any("*." in text and fnmatchcase(name, text) for text in self.texts)


NOTHING = _Facts(set(), set(), set())


@cache
def _statements_of(source, module, is_package):
    """Return the statements of a module."""
    return [_statement(node, module, is_package) for node in ast.parse(source).body]


def _statement(node, module, is_package):
    facts = _facts(node, module, is_package)
    match node:
        case ast.FunctionDef(name=name, decorator_list=[]) | ast.ClassDef(name=name, decorator_list=[], bases=[]):
            return _Statement(name, NOTHING, facts)
        case ast.ClassDef(name=name, decorator_list=[]):  # a base may do something with its new subclass
            bases = {ast.unparse(one) for one in node.bases}
            return _Statement(name, NOTHING._replace(names=bases), facts)
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return _Statement(None, NOTHING, NOTHING)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            # What it calls is called now; a text in it matters to those who use the name.
            facts = _facts(value, module, is_package)
            return _Statement(name, facts._replace(texts=set()), facts)
        case _:
            return _Statement(None, facts, NOTHING)


def _facts(tree, module="", is_package=False):
    """Return the facts about a piece of a module's code."""
    facts = _Facts(set(), set(), set())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                facts.imports.update(alias.name for alias in names)
            case ast.ImportFrom(names=names, module=source, level=level):
                parts = module.split(".")[: len(module.split(".")) - level + is_package] if level else []
                source = ".".join([*parts, *filter(None, [source])])
                facts.imports.update([source, *(f"{source}.{alias.name}" for alias in names)])
                facts.names.update(alias.name for alias in names if alias.asname)  # used by another name
            case ast.Name(id=name) | ast.Attribute(attr=name):
                facts.names.add(name)
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                facts.texts.add(text)
            case ast.Call(
                func=ast.Attribute(attr="run_line_magic" | "run_cell_magic"), args=[*_, ast.Constant(value=code)]
            ):
                for found, more in zip(facts, _facts_of_cell(code), strict=True):
                    found.update(more)
            case ast.Call(func=ast.Attribute(attr="system" | "getoutput"), args=[ast.Constant(value=command), *_]):
                facts.imports.update(f"{name}.__main__" for name in re.findall(r"-m ([\w.]+)", command))
            case ast.List(elts=[*elements]) | ast.Tuple(elts=[*elements]):
                words = [getattr(one, "value", None) for one in elements]
                facts.imports.update(f"{name}.__main__" for flag, name in pairwise(words) if flag == "-m")
    return facts
