"""Sphinx extension: embed.html#digit_pad shows one widget alone, for a frame in a teacher's own page.

The fragment names the widget. Its element, as the first page that has it shows it, lies in a script of its own, so that
the page loads no more than one. embed_page/ has the page, its script and its style.
"""

import json
import shutil
from html import escape
from pathlib import Path

from docutils import nodes

from book_sphinx.widgets import WIDGET

SOURCE = Path(__file__).parent / "embed_page"
PAGE = "embed.html"
FOLDER = Path("_static", "embed")


def reading_order(env, name=None):
    """Return the names of all pages that the lists of contents lead to, in reading order."""
    name = name or env.config.root_doc
    below = [one for child in env.toctree_includes.get(name, ()) for one in reading_order(env, child)]
    return [name, *below]


def first_elements(env):
    """Return the first element of each widget in the book: {name of the widget: (name of the page, HTML)}."""
    found = {}
    for docname in reading_order(env):
        for node in env.get_doctree(docname).findall(nodes.raw):
            if match := WIDGET.match(node.astext()):
                found.setdefault(match[2], (docname, node.astext()))
    return dict(sorted(found.items()))


def write_page(app, error):
    """Write the page and its files; remove what an earlier build has left."""
    if error is not None or app.builder.format != "html" or app.builder.embedded:
        return
    folder = Path(app.outdir) / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names = []
    for name, (docname, markup) in first_elements(app.env).items():
        title, address = app.env.titles[docname].astext(), app.builder.get_target_uri(docname)
        shown = {"name": name, "markup": markup, "title": title, "page": address}
        (folder / f"{name}.js").write_text(f"showWidget({json.dumps(shown)});\n", "utf-8")
        names.append(name)
    for name in ("embed.js", "embed.css"):
        shutil.copy(SOURCE / name, folder)
    text = (SOURCE / PAGE).read_text("utf-8")
    banner = app.config.html_theme_options.get("announcement", "")  # which digits, if not MNIST's
    banner = banner and f'<p class="bd-header-announcement">{banner}</p>'
    values = {
        "banner": banner,
        "book": escape(app.config.html_title),
        "language": app.config.language,
        "names": " ".join(names),
    }
    for name, value in values.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    Path(app.outdir, PAGE).write_text(text, "utf-8")


def setup(app):
    """Register the hook."""
    app.connect("build-finished", write_page, priority=460)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
