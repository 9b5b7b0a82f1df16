"""Sphinx extension: no page holds a script or a style of its own, so that a strict Content-Security-Policy lets it be.

The theme writes short scripts into every page. Those that the book needs stand in one file, _static/page.js, as do the
clicks that the theme's buttons and links wait for; the others, for parts that the book does not use, are left out.
Rules of style that pandas writes above each table stand in _static/book.css. What is data, such as a widget's state,
stays.
"""

import re
from pathlib import Path

# In the head, before anything is drawn: a page that is dark must not be light at first.
SCRIPT = """\
for (const name of ["mode", "theme"]) {
  let kept = null;
  try {
    kept = localStorage.getItem(name);
  } catch { /* the browser keeps nothing */ }
  document.documentElement.dataset[name] = ["light", "dark", "auto"].includes(kept) ? kept : "auto";
}
document.addEventListener("click", (event) => {
  const wanted = event.target.closest("[data-on-click]")?.dataset.onClick;
  if (wanted) event.preventDefault();
  if (wanted === "print") window.print();
  if (wanted === "toggleFullScreen") toggleFullScreen();
  if (wanted === "hideSearchWords") SphinxHighlight.hideSearchWords();
});
if (location.pathname.endsWith("/search.html")) {
  document.addEventListener("DOMContentLoaded", () => document.querySelector("form.bd-search input")?.select());
}
"""
NO_SCRIPT_STYLE = ".pst-js-only { display: none !important; }\n"
FIRST = re.compile(r'<script data-cfasync="false">[^<]*dataset\.mode[^<]*</script>')
INLINE = re.compile(r'\s*<script(?: type="text/x-thebe-config")?>([^<]*(?:<(?!/script)[^<]*)*)</script>')
UNUSED = re.compile(
    r"toggle(Hint|OpenOnPrint)|DOCUMENTATION_OPTIONS\.|kernelName|requestKernel|Activate the search field"
)
NO_SCRIPT = re.compile(r"<noscript>\s*<style>\s*\.pst-js-only[^<]*</style>\s*</noscript>")
TABLE_STYLE = re.compile(r"<style scoped>\s*\.dataframe [^<]*</style>\s*")
# Sphinx puts this link into a page that was found by a search.
LINK = 'href="javascript:SphinxHighlight.hideSearchWords()"'
ON_CLICK = re.compile(r'\bonclick="(?:window\.)?(print|toggleFullScreen)\(\)"')


def strict(text, root):
    """Return a page without scripts and styles in it. root: the way from it to the book's first page, such as "../"."""
    text = FIRST.sub(f'<script src="{root}_static/page.js"></script>', text)
    text = INLINE.sub(lambda found: "" if UNUSED.search(found[1]) else found[0], text)
    text = NO_SCRIPT.sub(f'<noscript><link rel="stylesheet" href="{root}_static/no_script.css" /></noscript>', text)
    return ON_CLICK.sub(r'data-on-click="\1"', TABLE_STYLE.sub("", text))


def make_strict(app, error):
    """Write the two files, and all pages and a script of Sphinx's anew."""
    if error is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    (out / "_static" / "page.js").write_text(SCRIPT, "utf-8")
    (out / "_static" / "no_script.css").write_text(NO_SCRIPT_STYLE, "utf-8")
    highlight = out / "_static" / "sphinx_highlight.js"
    highlight.write_text(
        highlight.read_text("utf-8").replace(LINK, 'href="#" data-on-click="hideSearchWords"'), "utf-8"
    )
    for path in out.rglob("*.html"):
        if out / "_static" not in path.parents:
            root = "../" * (len(path.relative_to(out).parts) - 1)
            path.write_text(strict(path.read_text("utf-8"), root), "utf-8")


def setup(app):
    app.connect("build-finished", make_strict)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
