"""Sphinx extension: load the widgets in the built pages.

Each page that shows a widget gets the host, the scripts and the styles of its widgets; other pages get nothing. What
widgets load on first use lies beside these: the network's weights, the engine that trains, and digits to train on.
"""

import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.errors import NoUri
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from mnist_tutorial.widgets import bundle, training_data
from mnist_tutorial.widgets.engine.worker_program import NAME, worker_program

WIDGET = re.compile(r'<div (data-late )?class="book-widget" data-book-widget="(\w+)"')
# Lines of JavaScript that only say something to who reads the source, a sixth of what a page would load.
COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
COMMENT_IN_STYLE = re.compile(r"[ \t]*/\*.*?\*/\n?", re.DOTALL)
LINKED_STATE = re.compile(r"\w+=")  # how a fragment begins that carries a widget's state, such as #lab=epochs:3
STATE = "application/vnd.jupyter.widget-state+json"


def write_files(folder):
    """Write the host with the style of all widgets, each one's script and own style, the weights and the engine.

    Returns the widgets' names.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(path.parent.name for path in bundle.FOLDER.glob("*/__init__.py"))
    for name in names:
        (folder / f"{name}.js").write_text(COMMENT.sub("", bundle.page_script(name)), "utf-8")
        write_style(bundle.FOLDER / name / f"{name}.css", folder / f"{name}.css")
    (folder / "host.js").write_text(COMMENT.sub("", bundle.host_script()), "utf-8")
    write_style(bundle.FOLDER / "frontend" / "widget.css", folder / "host.css")
    for weights in ("weights.js", "first_weights.js"):
        shutil.copyfile(bundle.FOLDER.parent / "reference" / weights, folder / weights)
    (folder / NAME).write_text(worker_program(), "utf-8")
    return names


def write_style(source, path):
    """Write a style sheet without its comments."""
    path.write_text(COMMENT_IN_STYLE.sub("", source.read_text("utf-8")), "utf-8")


def write_static_files(app):
    """Write the widgets' files where the pages load them from."""
    if app.builder.format == "html" and not app.builder.embedded:
        folder = Path(app.outdir) / "_static" / "widgets"
        write_files(folder)
        training_data.write_scripts(folder)


def add_widgets(app, pagename, templatename, context, doctree):
    """Add to a page what its widgets load, and remove the state that MyST-NB adds."""
    if "body" not in context:
        return
    # MyST-NB adds the state of all widgets to the page, for a manager that the book does not load.
    context["script_files"][:] = [
        file for file in context["script_files"] if getattr(file, "attributes", {}).get("type") != STATE
    ]
    found = set(WIDGET.findall(context["body"]))
    if found:
        app.add_js_file("widgets/host.js", priority=600)
        app.add_css_file("widgets/host.css", priority=600)
    for name in sorted({name for _, name in found}):
        app.add_css_file(f"widgets/{name}.css", priority=601)
    for name in sorted({name for late, name in found if not late}):  # the host loads the others
        app.add_js_file(f"widgets/{name}.js", priority=601)


class WidgetDirective(SphinxDirective):
    """`:::{book-widget} digit_pad` puts a widget, as it is made without arguments, into a page without code.

    With the option `:late:`, its script comes when the reader is near. Widgets with the same `:group:` show the same.
    """

    required_arguments = 1
    option_spec: ClassVar = {"late": directives.flag, "group": directives.unchanged}

    def run(self):
        """Return the widget's element."""
        name = self.arguments[0]
        try:
            module = import_module(f"mnist_tutorial.widgets.{name}")
        except ModuleNotFoundError:
            raise self.error(f"There is no widget {name!r}; expected the name of a folder in widgets/.") from None
        self.env.note_dependency(module.__file__)
        widget = getattr(module, name.title().replace("_", ""))()
        if "group" in self.options:
            widget.group = self.options["group"]
        widget.late |= "late" in self.options
        return [nodes.raw("", widget.page_html(), format="html")]


class StateLinks(SphinxPostTransform):
    """Let [text](chapters/x.ipynb#lab=epochs:3) lead to the page with this fragment, which is no place on the page.

    In editions without scripts it leads to the page alone.
    """

    default_priority = 8  # before MyST-Parser looks for the place, at 9

    def run(self, **kwargs):
        """Resolve the links of a page that carry a state."""
        builder = self.app.builder
        for node in list(self.document.findall(pending_xref)):
            fragment = node.get("reftargetid") or ""
            if node["reftype"] != "myst" or not LINKED_STATE.match(fragment):
                continue
            if builder.format != "html" or builder.embedded:
                fragment = ""
            text = nodes.inline("", "", *node[0].children, classes=["std", "std-ref"])
            try:
                link = make_refnode(builder, self.env.docname, node["reftarget"], fragment, text)
            except NoUri:
                link = text
            node.replace_self(link)


def setup(app):
    """Register the directive, the links and the hooks."""
    app.add_directive("book-widget", WidgetDirective)
    app.add_post_transform(StateLinks)
    app.connect("builder-inited", write_static_files, priority=500)
    app.connect("html-page-context", add_widgets, priority=800)  # after MyST-NB
    return {"parallel_read_safe": True, "parallel_write_safe": True}
