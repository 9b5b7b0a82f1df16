"""Sphinx extension: mend the theme's pages after they are written: lighter, quieter, with all landmarks.

The theme sends a script and fonts with thousands of icons to show a dozen. The fonts are cut down to the icons
that the book shows, and the script, which would do the same a second time, is left out. Every page also carries the
index of the whole book, for a search while one types; the book searches on a page of its own, which keeps it.
The theme's bar across the top would repeat the search and the menus of the bar below it, and its script would give
those buttons alone their work.
"""

import re
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
FONTS = Path("vendor", "fontawesome", "webfonts")
ICON_SCRIPT = re.compile(r'\s*<script [^>]*src="[^"]*/fontawesome\.js[^"]*"></script>')
SEARCH_SCRIPTS = re.compile(r'\s*<script src="[^"]*/?(searchtools|language_data|searchindex)\.js[^"]*"></script>')
LOG = re.compile(r"\bconsole\.log\(")
HEADER = re.compile(r'(<header id="pst-header"[^>]*)>.*?</header>', re.DOTALL)
BLUR = re.compile(r"\(\(\)=>\{(\w+)\.blur\(\)\}\)")  # of a button that was pressed

# What the theme leaves without a name for those who hear the page, or names in words of its own.
NAMES = {
    # The sidebar, with the book's title in it, is outside of all landmarks.
    '<div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar"': 'role="navigation" aria-label="Book"',
    '<dialog id="pst-search-dialog"': 'aria-label="Search this book"',
    '<dialog id="pst-primary-sidebar-modal"': 'aria-label="Contents of the book"',
    '<dialog id="pst-secondary-sidebar-modal"': 'aria-label="Contents of this page"',
}
WORDS = {
    'title="Toggle primary sidebar"': 'title="Contents of the book"',
    'title="Toggle secondary sidebar"': 'title="Contents of this page"',
    '<summary aria-label="Toggle hidden content">': "<summary>",  # its own words say whether it shows or hides what
}


def icons_shown(pages, styles):
    """Return the code points of the icons that pages name by a class, and of those that styles put in themselves."""
    points = dict(re.findall(r'\.(fa-[a-z0-9-]+):+before\{content:"\\(f[0-9a-f]{3})"\}', _apart(styles)))
    named = {points[name] for page in pages for name in re.findall(r"\bfa-[a-z0-9-]+", page) if name in points}
    put_in = re.findall(r'--pst-icon-[a-z-]+:\s*"\\(f[0-9a-f]{3})"', styles)
    put_in += re.findall(r'::?after\{content:"\\(f[0-9a-f]{3})"', styles)
    return {int(point, 16) for point in {*named, *put_in}}


def _apart(styles):
    """Write rules that several selectors share once for each selector, without blanks."""
    rules = re.findall(r"([^{}]+)\{([^{}]*content:[^{}]*)\}", styles)
    return "".join(
        f"{selector.strip()}{{{body.strip().rstrip(';')}}}"
        for selectors, body in rules
        for selector in selectors.split(",")
    )


def cut_fonts(static, points):
    """Write the theme's icon fonts anew, each with the wanted icons alone."""
    for font in (THEME / FONTS).glob("*.woff2"):
        options = subset.Options(flavor="woff2", hinting=False, notdef_outline=True)
        whole = subset.load_font(font, options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=points)
        cutter.subset(whole)
        subset.save_font(whole, static / FONTS / font.name, options)
        (static / FONTS / font.with_suffix(".ttf").name).unlink(missing_ok=True)  # for browsers of long ago


def named(page):
    """Return a page whose sidebar, dialogs and buttons tell what they are, in the words that are seen."""
    for opening, attributes in NAMES.items():
        page = page.replace(f"{opening}>", f"{opening} {attributes}>")
    for words, better in WORDS.items():
        page = page.replace(words, better)
    return page


def lighten(app, error):
    """Cut the fonts, take out the icon script, and keep the theme's notes to its developers off the console."""
    if error is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    pages = {path: path.read_text("utf-8") for path in out.rglob("*.html") if static not in path.parents}
    styles = "".join(path.read_text("utf-8") for path in (static / "styles").glob("*.css"))
    cut_fonts(static, icons_shown(pages.values(), styles))
    for path, text in pages.items():
        better = named(HEADER.sub(r"\1 hidden></header>", ICON_SCRIPT.sub("", text)))
        if path.name == "search.html":  # its script stands in the page itself
            better = LOG.sub("void(", better)
        else:
            better = SEARCH_SCRIPTS.sub("", better)
        if better != text:
            path.write_text(better, "utf-8")
    # The search shows a piece of each page it finds, which it fetches; from the disk, no page may be fetched.
    options = static / "documentation_options.js"
    said = options.read_text("utf-8").replace("SUMMARY: true", "SUMMARY: location.protocol !== 'file:'")
    # A single key, which speech control may press unasked, must not take the reader elsewhere: Ctrl + K searches.
    options.write_text(said.replace("SEARCH_SHORTCUTS: true", "SEARCH_SHORTCUTS: false"), "utf-8")
    for path in (static / "scripts").glob("fontawesome.js*"):
        path.unlink()
    for path in (static / "scripts").glob("*.js"):
        text = LOG.sub("void(", path.read_text("utf-8"))
        # A button pressed by a key, which is a click without a count, keeps the focus.
        path.write_text(BLUR.sub(r"(event=>{event.detail&&\1.blur()})", text), "utf-8")


def setup(app):
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
