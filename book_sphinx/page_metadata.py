"""Sphinx extension: what search engines, link previews and mistyped addresses get to see of the book.

Every page is described in its own words. What needs the address that the book will have (canonical links, the
preview's picture, sitemap.xml, 404.html) is made only when BOOK_ADDRESS names it, as the workflow `publish` does;
a book for the disk has none of it.
"""

import os
import re
import textwrap
from html import escape, unescape
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape as escape_xml

from docutils import nodes
from sphinx.errors import ExtensionError

VARIABLE = "BOOK_ADDRESS"
PICTURE = "_static/social.png"  # made by tools/draw_social_image.py
PICTURE_IN_WORDS = "Four handwritten digits in coarse pixels above the title of the book."
LONGEST = 200  # characters of a description; search engines and previews cut what is longer
MISSING = "404"  # GitHub Pages shows 404.html for every address that leads nowhere, however deep
NO_SUCH_PAGE = """<h1>There is no such page</h1>
<p>The address may be mistyped, or the page has another name by now.</p>
<p>Go to <a href="{first}">the first page</a>, or <a href="search.html">search the book</a>.</p>"""
RELATIVE = re.compile(r'(\b(?:href|src|action|data-content_root)=")(?![#/]|[a-z]+:)(?:\./)?')


def book_address(given=None):
    """Return the address of the published book, with a slash at its end, or "" when none is given.

    given: the address, by default that in BOOK_ADDRESS. Raises ValueError for anything but a plain http(s) address.
    """
    address = (os.environ.get(VARIABLE, "") if given is None else given).strip()
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
        raise ValueError(
            f"{VARIABLE} is {address!r}. Expected the address of the published book, such as "
            "https://someone.github.io/digits/; leave it empty for a book that is read from the disk."
        )
    return address and address.rstrip("/") + "/"


def take_address(app, config):
    try:
        config.html_baseurl = book_address()
    except ValueError as error:
        raise ExtensionError(str(error)) from error


def description(doctree):
    """Return a page's first paragraph or, where that leads to a list such as a chapter's goals, the list's entries."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
    if paragraph is None:
        return ""
    text = paragraph.astext()
    after = paragraph.next_node(descend=False, siblings=True)
    if isinstance(after, nodes.bullet_list):
        text = "; ".join(entry.astext().rstrip(" .,;") for entry in after) + "."
        text = text[:1].upper() + text[1:]
    return textwrap.shorten(text, LONGEST, placeholder=" …")


def page_address(app, pagename):
    """Return where a page will be, or None. The first page is the address itself, with nothing after its slash."""
    name = "" if pagename == app.config.root_doc else app.builder.get_target_uri(pagename)
    return f"{app.config.html_baseurl}{name}" if app.config.html_baseurl else None


def add_metadata(app, pagename, templatename, context, doctree):
    """Describe a page to search engines and link previews. Front matter such as `description: ...` comes first."""
    if doctree is None:  # index, search and the page for mistyped addresses: nothing that one would look for
        context["pageurl"] = None
        tags = {"name": {"robots": "noindex"}}
    else:
        words = (context.get("meta") or {}).get("description") or description(doctree)
        preview = {
            "og:type": "website" if pagename == app.config.root_doc else "article",
            "og:site_name": app.config.html_title,
            "og:title": unescape(re.sub("<.*?>", "", context["title"])),
            "og:description": words,
        }
        tags = {"name": {"description": words, "twitter:card": "summary_large_image"}, "property": preview}
        if app.config.html_baseurl:
            context["pageurl"] = preview["og:url"] = page_address(app, pagename)
            preview["og:image"] = app.config.html_baseurl + PICTURE
            preview["og:image:alt"] = PICTURE_IN_WORDS
    lines = [
        f'\n    <meta {kind}="{name}" content="{escape(value)}" />'
        for kind, values in tags.items()
        for name, value in values.items()
    ]
    context["metatags"] = context.get("metatags", "") + "".join(lines)


def add_page_for_missing_ones(app):
    if not app.config.html_baseurl:
        return []
    body = NO_SUCH_PAGE.format(first=app.builder.get_target_uri(app.config.root_doc))
    return [(MISSING, {"title": "There is no such page", "body": body}, "page.html")]


def write_files(app, error):
    """Write sitemap.xml, and make every link of 404.html hold at any depth. Without an address, there is neither."""
    if error is not None or app.builder.format != "html":
        return
    sitemap, missing = Path(app.outdir, "sitemap.xml"), Path(app.outdir, f"{MISSING}.html")
    if not app.config.html_baseurl:
        for path in (sitemap, missing):  # from a build that had an address
            path.unlink(missing_ok=True)
        return
    base = urlsplit(app.config.html_baseurl).path
    missing.write_text(RELATIVE.sub(rf"\g<1>{base}", missing.read_text("utf-8")), "utf-8")
    places = [f"<url><loc>{escape_xml(page_address(app, name))}</loc></url>" for name in sorted(app.env.found_docs)]
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    sitemap.write_text("\n".join([*lines, *places, "</urlset>", ""]), "utf-8")


def setup(app):
    app.connect("config-inited", take_address)
    app.connect("html-page-context", add_metadata)
    app.connect("html-collect-pages", add_page_for_missing_ones)
    app.connect("build-finished", write_files, priority=800)  # after all that puts links into pages
    return {"parallel_read_safe": True, "parallel_write_safe": True}
