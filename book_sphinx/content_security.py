"""Sphinx extension: no page contains an inline script or style, as a strict Content-Security-Policy demands.

The theme writes short scripts into every page. Those that the book needs are in one file, static/page.js, as is what
the theme's buttons do; templates/ links it. The others, for parts that the book does not use, are left out. Rules of
style that pandas writes above each table are in _static/book.css. What is data, such as a widget's state, stays.
"""

from pathlib import Path

from docutils import nodes

STATIC = Path(__file__).parent / "static"
# How scripts begin that the theme, the copies of pages for Binder and the toggle buttons write into a page.
UNUSED_SCRIPTS = ("DOCUMENTATION_OPTIONS.", "let toggle", "var togglebutton", "const THEBE_JS_URL")
UNUSED_MARKUP = ('<script type="text/x-thebe-config">', "<script>kernelName")


def add_static_files(app, config):
    """Have Sphinx copy the two files that replace inline scripts and a style."""
    config.html_static_path.append(str(STATIC))


def clean_content(app, doctree, docname):
    """Remove scripts and styles from a page's content."""
    for node in list(doctree.findall(nodes.raw)):
        text = node.astext()
        if text.lstrip().startswith(UNUSED_MARKUP):
            node.parent.remove(node)
        # Textual: it is one string that pandas has written, always in this form.
        before, style, after = text.partition("<style scoped>")
        if style and ".dataframe" in after:
            node.clear()
            node += nodes.Text(before + after.partition("</style>")[2].lstrip())


def drop_scripts(app, pagename, templatename, context, doctree):
    """Remove scripts from the head that the book does not use."""
    context["script_files"] = [
        file
        for file in context["script_files"]
        if not getattr(file, "attributes", {}).get("body", "").lstrip().startswith(UNUSED_SCRIPTS)
    ]


def setup(app):
    """Register the hooks."""
    app.connect("config-inited", add_static_files, priority=420)
    app.connect("doctree-resolved", clean_content, priority=900)
    app.connect("html-page-context", drop_scripts, priority=910)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
