"""Bundle a widget's JavaScript: each module with those that it imports, and one style sheet."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
_HOST = FOLDER / "frontend" / "host.js"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "((?:\.{1,2}/)[\w./]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|let|class) (\w+))", re.MULTILINE)


def front_end(path, given=()):
    """Return a module's source with the modules it imports included, so that it needs no others.

    path: a file that imports others only by lines `import { name, ... } from "../frontend/file.js";`. Each is put in
    once, before its first use, as a function that is called and returns what the module exports. Raises ValueError
    for an import of another form. given: modules that are there already, as pairs of a path and the expression for what
    it exports.
    """
    modules = {other: (expression, "") for other, expression in dict(given).items()}
    source = _resolved(path.resolve(), modules)
    return "".join(code for _, code in modules.values()) + source


def _resolved(path, modules):
    """Return a file's source that takes what it imports from `modules`; add to these what is missing there."""

    def taken(match):
        other = (path.parent / match[2]).resolve()
        if other not in modules:
            source = _resolved(other, modules)  # adds what this one imports itself
            name, exported = f"module{len(modules)}", ", ".join(_EXPORT.findall(source))
            code = f"const {name} = (() => {{\n{_EXPORT.sub('', source)}\nreturn {{ {exported} }};\n}})();\n"
            modules[other] = name, code
        return f"const {{{match[1]}}} = {modules[other][0]};"

    source = _IMPORT.sub(taken, path.read_text("utf-8"))
    if left := re.search(r"^import .*$", source, re.MULTILINE):
        raise ValueError(
            f"{path.name} has the line {left[0]!r}; expected imports of the form "
            '`import { name } from "../frontend/file.js";`, on one line.'
        )
    return source


def page_script(name):
    """Return a widget's front end as a classic script that hands it to the page's host; it also runs from file://.

    Modules that the host has are taken from it, as a page would load them once more with each of its widgets.
    """
    given = {FOLDER / one: f'mnistTutorial.modules["{one}"]' for one in _host_modules()}
    source = front_end(FOLDER / name / f"{name}.js", given)
    body, found, default = source.rpartition("export default ")
    if not found:
        raise ValueError(f"{name}.js has no `export default {{ render }};` at its end, which every widget needs.")
    return f'mnistTutorial.define("{name}", (() => {{\n{body}return {default.strip()}\n}})());\n'


def host_script():
    """Return the classic script that mounts the widgets of a page, and shares its modules with theirs."""
    modules = {}
    source = _resolved(_HOST, modules)
    shared = ", ".join(f'"{path.relative_to(FOLDER).as_posix()}": {name}' for path, (name, _) in modules.items())
    code = "".join(code for _, code in modules.values())
    return f"(() => {{\n{code}{source}\nmnistTutorial.modules = {{ {shared} }};\n}})();\n"


def _host_modules():
    """Return the modules that the host has, as paths below FOLDER."""
    modules = {}
    _resolved(_HOST, modules)
    return [path.relative_to(FOLDER).as_posix() for path in modules]


def style_sheet(folder):
    """Return a widget's style, after the one that all widgets share."""
    own = folder / f"{folder.name}.css"
    shared = (FOLDER / "frontend" / "widget.css").read_text("utf-8")
    return shared + (own.read_text("utf-8") if own.exists() else "")
