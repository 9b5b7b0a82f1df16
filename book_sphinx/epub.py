"""Sphinx extension: the EPUB of the book, by Sphinx's own builder, from the same results as the pages.

`jupyter-book build . --builder custom --custom-builder epub` makes it. No page of it runs a script; edition_pages.py
makes each page what it is, and the list of files (OPF) names the pages with formulas and figures, as EPUB 3 demands.
"""

import re
import shutil
import tomllib
from pathlib import Path

from sphinx.builders.epub3 import Epub3Builder
from sphinx.highlighting import PygmentsBridge
from sphinx.util.osutil import ensuredir

from book_sphinx.edition_pages import ANSWERS, ANSWERS_TITLE, Page, answers_page

STATIC = Path(__file__).parent / "edition"
CODE_COLOURS = "a11y-high-contrast-light"
COVER = "_static/cover.png"
PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
FRAME = """<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="{language}" xml:lang="{language}">
<head><meta charset="utf-8"/><title>{title}</title><link rel="stylesheet" href="_static/edition.css"/></head>
<body></body></html>
"""


class BookEpub(Epub3Builder):
    """Sphinx's builder of EPUB 3 with the book's own pages, and nothing of the site's scripts and styles."""

    media_types = Epub3Builder.media_types | {".woff2": "font/woff2"}

    def init(self):
        """Begin with an empty folder: what lies in it goes into the EPUB."""
        shutil.rmtree(self.outdir, ignore_errors=True)
        ensuredir(self.outdir)
        self.pages = {}
        super().init()

    def get_outdated_docs(self):
        """Return every page: the EPUB is one file."""
        return sorted(self.env.found_docs)

    def init_highlighter(self):
        """Colour code as the site's light pages do."""
        self.highlighter, self.dark_highlighter = PygmentsBridge("html", CODE_COLOURS), None

    def copy_static_files(self):
        """Write the style sheets, the font of the formulas and the cover."""
        ensuredir(Path(self.outdir, "_static"))
        self.create_pygments_style_file()
        for path in (*STATIC.glob("*.css"), *STATIC.glob("*.woff2")):
            shutil.copy(path, Path(self.outdir, "_static"))
        cover = Path(self.srcdir, "_static", "social.png")
        if cover.is_file():
            shutil.copy(cover, Path(self.outdir, COVER))

    def handle_page(self, pagename, addctx, templatename="page.html", outfilename=None, event_arg=None):
        """Write one page by the edition's template."""
        addctx["announcement"] = self.config.html_theme_options.get("announcement")  # which digits, if not MNIST's
        super().handle_page(pagename, addctx, "edition.html", outfilename, event_arg)

    def handle_finish(self):
        """Rewrite the pages without scripts, add that of the answers, and pack the EPUB."""
        self.get_toc()
        names = dict.fromkeys(one["refuri"].split("#")[0] for one in self.refnodes)
        self.refnodes = []
        for name in names:
            path = Path(self.outdir, name)
            if name != ANSWERS:
                self.pages[name] = Page(name, path.read_text("utf-8"))
        frame = FRAME.format(language=self.config.language, title=ANSWERS_TITLE)
        self.pages[ANSWERS] = answers_page(list(self.pages.values()), frame)
        for name, page in self.pages.items():
            Path(self.outdir, name).write_text(page.xhtml(), "utf-8")
        super().handle_finish()

    def build_content(self):
        """Write the list of files, with what each page holds."""
        super().build_content()
        path = Path(self.outdir, "content.opf")

        def with_properties(item):
            page = self.pages.get(item[1])
            properties = page.properties() if page else "cover-image" if item[1] == COVER else ""
            return f'{item[0]} properties="{properties}"' if properties else item[0]

        # Textual: Sphinx's template writes each entry like this, and leaves them no other place.
        entry = re.compile(r'<item id="[^"]*" href="([^"]*)" media-type="[^"]*"')
        path.write_text(entry.sub(with_properties, path.read_text("utf-8")), "utf-8")

    def build_epub(self):
        """Pack the EPUB, and put it beside the other editions."""
        super().build_epub()
        name = f"{self.config.epub_basename}.epub"
        Path(self.outdir, name).replace(Path(self.outdir).parent / name)


def configure(app, config):
    """Say what the EPUB is called, who may use it, and where its list of contents ends."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    config.version = project["version"]
    config.epub_basename = f"{project['name']}-{project['version']}"
    config.epub_title = config.html_title
    config.epub_author = config.epub_publisher = config.epub_contributor = "The authors of the book"
    config.epub_description = "A book for beginners, from an image to a neural network that reads handwritten digits."
    config.epub_copyright = "Text: CC BY 4.0. Code: MIT licence. Images of MNIST's digits: CC BY-SA 3.0."
    config.epub_uid = config.epub_identifier = config.epub_basename  # the two lists of contents must name the same one
    config.epub_tocdepth, config.epub_tocdup = 2, False
    config.epub_tocscope = "includehidden"
    config.epub_show_urls, config.epub_use_index = "no", False
    config.epub_css_files = []
    config.epub_post_files = [(ANSWERS, ANSWERS_TITLE)]
    if Path(app.srcdir, "_static", "social.png").is_file():
        config.epub_cover = (COVER, "")


def setup(app):
    """Register the builder and its configuration."""
    app.setup_extension("sphinx.builders.epub3")
    app.add_builder(BookEpub, override=True)
    app.connect("config-inited", configure, priority=450)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
