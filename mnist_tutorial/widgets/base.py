"""BookWidget: an anywidget that also stands alone in a page of the book.

In Jupyter, anywidget runs the widget's front-end module. In the built book the same module runs without a kernel:
the cell's output holds an element that names the widget and carries its state, and a script of the page mounts it.
"""

import base64
import json
import re
import sys
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np

FOLDER = Path(__file__).resolve().parent
_IMPORT = re.compile(r'^import \{([^}]*)\} from "((?:\.{1,2}/)[\w./]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|let|class) (\w+))", re.MULTILINE)
# Jupyter takes plain keys for commands to the notebook: an "x" would cut the cell that the widget is in, and an arrow
# key would fold it. Notebook 7 looks before the widget can stop the event; it heeds an attribute of the event's target.
_IN_JUPYTER = """
export default {
  async render(view) {
    const isPlain = ({ ctrlKey, altKey, metaKey }) => !ctrlKey && !altKey && !metaKey;
    const claim = (event) => {
      const { target } = event;
      if (view.el.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", isPlain(event));
    };
    window.addEventListener("keydown", claim, true);
    view.el.addEventListener("keydown", (event) => {
      if (isPlain(event)) event.stopPropagation();
    });
    const cleanUp = await frontEnd.render(view);
    return () => {
      window.removeEventListener("keydown", claim, true);
      cleanUp?.();
    };
  },
};
"""
_INHERITED = frozenset(ipywidgets.DOMWidget().keys)


class BookWidget(anywidget.AnyWidget):
    """A widget that is live in Jupyter, alive in the built page, and readable without a script.

    A subclass stands in the `__init__.py` of a folder of its own, beside a front-end module and a style sheet of
    the folder's name. Its traits tagged `sync=True` are its whole state; those also tagged `page=False` stay out of
    the built page, and those tagged `keep=True` are kept by the reader's browser. It says in `fallback` what a
    reader sees where no script runs.
    """

    def __init_subclass__(cls, **kwargs):
        if "_esm" not in cls.__dict__:  # an instance that adds traits makes a subclass that has it
            folder = Path(sys.modules[cls.__module__].__file__).parent
            cls.name = folder.name
            source = front_end(folder / f"{folder.name}.js")
            cls._esm = "const frontEnd =".join(source.rsplit("export default", 1)) + _IN_JUPYTER
            cls._css = style_sheet(folder)
        super().__init_subclass__(**kwargs)

    def fallback(self):
        """Return the HTML that makes the widget's point where no script runs: a figure, a table or a sentence."""
        raise TypeError(f"{type(self).__name__} has no fallback(): every widget says something without a script.")

    def page_state(self):
        """Return the traits that the page needs, as JSON can hold them; bytes become {"base64": text}."""
        names = [
            name
            for name in self.keys
            if name not in _INHERITED and not name.startswith("_") and self.trait_metadata(name, "page") is not False
        ]
        state = self.get_state(names)
        return {name: _as_json(state[name]) for name in names}

    def page_html(self):
        """Return the element that the page's script mounts; until then, and without it, it shows the fallback."""
        # Inside a script element only "<" can end it too early.
        state = json.dumps(self.page_state(), separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
        kept = " ".join(sorted(self.trait_names(keep=True)))
        keep = f' data-keep="{kept}"' if kept else ""
        return (
            f'<div class="book-widget" data-book-widget="{self.name}"{keep}>'
            f'<script type="application/json">{state}</script>{self.fallback()}</div>'
        )

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": self.page_html()}, metadata


def digits_as_loaded(widget, images, labels):
    """Return images and labels as arrays, if they are as load_mnist() gives them.

    widget: its name, for the message. images: (n, 28, 28) uint8, at least one. labels: (n,) whole numbers, 0 to 9.
    Raises ValueError for anything else.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if images.ndim != 3 or images.shape[1:] != (28, 28) or images.dtype != np.uint8 or not len(images):
        raise ValueError(
            f"{widget} was given images of shape {images.shape} and type {images.dtype}; "
            "it expects them as load_mnist() gives them, before any processing: (n, 28, 28) uint8, at least one."
        )
    if labels.shape != (len(images),) or labels.min() < 0 or labels.max() > 9:
        raise ValueError(
            f"{widget} was given labels of shape {labels.shape}; "
            f"it expects one whole number from 0 to 9 for each of the {len(images):,} images."
        )
    return images, labels


def _as_json(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"base64": base64.b64encode(value).decode("ascii")}
    return value


def front_end(path):
    """Return a module's source with the modules it imports put in, so that it stands alone.

    path: a file that imports others only by lines `import { name, ... } from "../shared/file.js";`. Each is put in
    once, before its first use, as a function that is called and returns what the module exports. Raises ValueError
    for an import of another form.
    """
    modules = {}
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
            '`import { name } from "../shared/file.js";`, on one line.'
        )
    return source


def page_script(name):
    """Return a widget's front end as a classic script that hands it to the page's host; it runs from file://, too."""
    source = front_end(FOLDER / name / f"{name}.js")
    body, found, default = source.rpartition("export default ")
    if not found:
        raise ValueError(f"{name}.js has no `export default {{ render }};` at its end, which every widget needs.")
    return f'mnistTutorial.define("{name}", (() => {{\n{body}return {default.strip()}\n}})());\n'


def host_script():
    """Return the classic script that mounts the widgets of a page."""
    return f"(() => {{\n{front_end(FOLDER / 'page' / 'host.js')}\n}})();\n"


def style_sheet(folder):
    """Return a widget's style, after the one that all widgets share."""
    own = folder / f"{folder.name}.css"
    shared = (FOLDER / "shared" / "widget.css").read_text("utf-8")
    return shared + (own.read_text("utf-8") if own.exists() else "")
