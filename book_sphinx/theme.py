"""Sphinx extension: the theme's pages, made lighter and quieter, with a name for every landmark.

templates/ holds the theme's templates that the book changes. Three things are left to do once all is written:

The theme sends a script and fonts with thousands of icons to show a dozen. The fonts are cut down to the icons that the
book shows; the script, which would do the same a second time, is left out of the pages and removed. Styles that match
nothing leave as well. And the theme's own scripts write notes to its developers on the console.
"""

import re
import zlib
from html import escape
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.util.build_phase import BuildPhase

from book_sphinx.stylesheets import names_in, without_unused_rules
from book_sphinx.widgets import COMMENT

TEMPLATES = Path(__file__).parent / "templates"
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
FONTS = Path("vendor", "fontawesome", "webfonts")
LOG = re.compile(r"\bconsole\.log\(")
STYLE_ADDRESS = re.compile(r"(_static/([\w./-]+\.css)\?(?:v|digest)=)\w+")
BLUR = re.compile(r"\(\(\)=>\{(\w+)\.blur\(\)\}\)")  # of a button that was pressed
UNUSED_FILES = ("thebe", "togglebutton")  # Jupyter Book adds them to every page; the first even fails there
TABS, OF_TABS = "sd-tab-set", "design-tabs"  # the class of what is shown in tabs, and the script that it needs


def add_templates(app, config):
    """Put the book's templates before the theme's, and set options that the book has reasons for."""
    config.templates_path.insert(0, str(TEMPLATES))
    config.html_search_scorer = str(TEMPLATES.with_name("search_scorer.js"))
    # A single key, which speech control may press unasked, must not take the reader elsewhere: Ctrl + K searches.
    config.html_theme_options["enable_search_shortcuts"] = False
    config.html_theme_options["logo"] = {"text": config.html_title}  # beside the image that _config.yml names


def visit_hidden_cell(self, node):
    """Open a cell that is folded away. Its own words say whether it is shown; MyST-NB's label would hide them."""
    self.body.append(f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>\n')
    for state, words in (("collapsed", node["prompt_show"]), ("expanded", node["prompt_hide"])):
        self.body.append(f'<p class="{state} admonition-title">{escape(words)}</p>\n')
    self.body.append("</summary>\n")


def drop_files(app, pagename, templatename, context, doctree):
    """Remove scripts and styles that a page does not use."""
    unused = UNUSED_FILES if TABS in context.get("body", "") else (*UNUSED_FILES, OF_TABS)
    for kind in ("script_files", "css_files"):
        context[kind] = [
            file for file in context[kind] if not any(name in str(getattr(file, "filename", file)) for name in unused)
        ]


def icons_shown(pages, styles):
    """Return the code points of the icons that pages name by a class, and of those that styles insert themselves."""
    points = dict(re.findall(r'\.(fa-[a-z0-9-]+):+before\{content:"\\(f[0-9a-f]{3})"\}', _one_selector_a_rule(styles)))
    named = {points[name] for page in pages for name in re.findall(r"\bfa-[a-z0-9-]+", page) if name in points}
    inserted = re.findall(r'--pst-icon-[a-z-]+:\s*"\\(f[0-9a-f]{3})"', styles)
    inserted += re.findall(r'::?after\{content:"\\(f[0-9a-f]{3})"', styles)
    # Of the boxes, such as notes; the theme writes their icons as characters, of which only those in use are kept.
    icons = dict(re.findall(r"--pst-icon-admonition-([a-z]+):\s*var\(--pst-icon-([a-z-]+)\)", styles))
    classes = (one.split() for page in pages for one in re.findall(r'class="([^"]*)"', page) if "admonition" in one)
    boxes = {  # one with a title of its own is of no kind, and gets the default icon; a folded cell gets none
        kind
        for names in classes
        if "admonition" in names and "hide" not in names
        for kind in icons.keys() & set(names) or {"default"}
    }
    characters = dict(re.findall(r'--pst-icon-([a-z-]+):\s*"([\uf000-\uf8ff])"', styles))
    of_boxes = {ord(characters[icons[name]]) for name in boxes if icons.get(name) in characters}
    return {int(point, 16) for point in {*named, *inserted}} | of_boxes


def _one_selector_a_rule(styles):
    """Write rules that several selectors share once for each selector, without blanks."""
    rules = re.findall(r"([^{}]+)\{([^{}]*content:[^{}]*)\}", styles)
    return "".join(
        f"{selector.strip()}{{{body.strip().rstrip(';')}}}"
        for selectors, body in rules
        for selector in selectors.split(",")
    )


def subset_fonts(static, points):
    """Rewrite the theme's icon fonts with only the icons at these code points."""
    for font in (THEME / FONTS).glob("*.woff2"):
        options = subset.Options(flavor="woff2", hinting=False, notdef_outline=True)
        whole = subset.load_font(font, options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=points)
        subsetter.subset(whole)
        subset.save_font(whole, static / FONTS / font.name, options)
        (static / FONTS / font.with_suffix(".ttf").name).unlink(missing_ok=True)  # for browsers of long ago


def trim_styles(static, pages):
    """Take what nothing uses out of the theme's styles; name them in the pages by a checksum of what is left.

    pages: {path: text}. A browser keeps a style sheet by its address, and what is left depends on all pages. The
    widgets' own styles stay whole: their scripts put names of classes together.
    """
    sheets = [*static.glob("*.css"), *(static / "styles").glob("*.css")]
    folders = (static, static / "scripts", static / "widgets")
    scripts = (path.read_text("utf-8") for folder in folders for path in folder.glob("*.js"))
    names = names_in([*pages.values(), *scripts])
    versions = {}
    for path in sheets:
        styles = without_unused_rules(path.read_text("utf-8"), names)
        path.write_text(styles, "utf-8")
        path.with_suffix(".css.map").unlink(missing_ok=True)  # of the whole one
        versions[path.relative_to(static).as_posix()] = f"{zlib.crc32(styles.encode()):08x}"

    def with_version(found):
        return found[1] + versions[found[2]] if found[2] in versions else found[0]

    for path, text in pages.items():
        if (versioned := STYLE_ADDRESS.sub(with_version, text)) != text:
            path.write_text(versioned, "utf-8")


def lighten_files(app, error):
    """Cut fonts and styles, remove the icon script, and remove the theme's notes to developers from the console.

    A build that writes no page does not copy the theme's files either. They are as the last build left them, with
    styles that no longer say which icons are theirs: the fonts stay.
    """
    if error is not None or app.builder.format != "html" or app.builder.embedded:
        return
    out = Path(app.outdir)
    static = out / "_static"
    pages = {path: path.read_text("utf-8") for path in out.rglob("*.html") if static not in path.parents}
    styles = "".join(path.read_text("utf-8") for path in (static / "styles").glob("*.css"))
    if app.phase >= BuildPhase.RESOLVING:
        subset_fonts(static, icons_shown(pages.values(), styles))
    for path in (static / "scripts").glob("fontawesome.js*"):
        path.unlink()
    for path in (static / "book.js", static / "reading_progress.js"):
        if path.exists():
            path.write_text(COMMENT.sub("", path.read_text("utf-8")), "utf-8")
    # Textual: these scripts are minified, and the theme has no option for either.
    for path in (static / "scripts").glob("*.js"):
        text = LOG.sub("void(", path.read_text("utf-8"))
        # A button pressed by a key, which is a click without a count, keeps the focus.
        path.write_text(BLUR.sub(r"(event=>{event.detail&&\1.blur()})", text), "utf-8")
    trim_styles(static, pages)


def setup(app):
    """Register the hooks, and the form of folded cells."""
    app.setup_extension("myst_nb")  # whose form of them this overrides
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden_cell, depart_HideCellInput))
    app.connect("config-inited", add_templates, priority=430)
    app.connect("html-page-context", drop_files, priority=900)
    app.connect("build-finished", lighten_files, priority=550)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
