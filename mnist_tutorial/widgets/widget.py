"""BookWidget: an anywidget that also stands alone in a page of the book.

In Jupyter, anywidget runs the widget's front-end module. In the built book the same module runs without a kernel:
the cell's output holds an element that names the widget and carries its state, and a script of the page mounts it.
"""

import base64
import json
import sys
from pathlib import Path

import anywidget
import ipywidgets

from mnist_tutorial.widgets.bundle import front_end, style_sheet

# Jupyter takes plain keys for commands to the notebook: an "x" would cut the cell that the widget is in, and an arrow
# key would fold it. Notebook 7 looks before the widget can stop the event, but respects an attribute of its target.
_IN_JUPYTER = """
export default {
  async render(view) {
    const isPlain = ({ ctrlKey, altKey, metaKey }) => !ctrlKey && !altKey && !metaKey;
    const keepKey = (event) => {
      const { target } = event;
      if (view.el.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", isPlain(event));
    };
    window.addEventListener("keydown", keepKey, true);
    view.el.addEventListener("keydown", (event) => {
      if (isPlain(event)) event.stopPropagation();
    });
    const cleanUp = await frontEnd.render(view);
    return () => {
      window.removeEventListener("keydown", keepKey, true);
      cleanUp?.();
    };
  },
};
"""
_INHERITED = frozenset(ipywidgets.DOMWidget().keys)


class BookWidget(anywidget.AnyWidget):
    """A widget that works with a kernel in Jupyter, without one in the built page, and is readable without a script.

    A subclass is defined in the `__init__.py` of its own folder, beside a front-end module and a style sheet of
    the folder's name. Its traits tagged `sync=True` are its whole state; those also tagged `page=False` stay out of
    the built page, and those tagged `keep=True` are kept by the reader's browser. It says in `fallback` what a
    reader sees where no script runs. With `late`, a page loads its script when the reader comes near.
    """

    late = False

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
        late = "data-late " if self.late else ""
        return (
            f'<div {late}class="book-widget" data-book-widget="{self.name}"{keep}>'
            f'<script type="application/json">{state}</script>{self.fallback()}</div>'
        )

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": self.page_html()}, metadata


def _as_json(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"base64": base64.b64encode(value).decode("ascii")}
    return value
