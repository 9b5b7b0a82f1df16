"""Sphinx extension: what search engines, link previews and mistyped addresses get of the book.

Two libraries do most of it: sphinxext-opengraph (tags for link previews) and sphinx-notfound-page (404.html). Here
each page gets a description in its own words, and the libraries the book's address. The sitemap is written here, since
the library for it starts a server process at every build. What needs the address (canonical links, the preview's
image, sitemap.xml, 404.html) is made only when BOOK_ADDRESS names it, as the workflow `publish` does; a book for the
disk has none of it.
"""

import os
import re
import textwrap
from html import escape
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from docutils import nodes
from sphinx.errors import ExtensionError

VARIABLE = "BOOK_ADDRESS"
# No user, query, fragment or space, and nothing that would end an attribute of the page.
PLAIN_ADDRESS = re.compile(r"""https?://[^\s/?#@:"'<>\\\[\]]+(:[0-9]{1,5})?(/[^\s?#"'<>\\]*)?""")
SOCIAL_IMAGE = "_static/social.png"  # made by scripts/draw_social_image.py
SOCIAL_IMAGE_ALT = "Four handwritten digits in coarse pixels above the title of the book."
MAX_LENGTH = 200  # characters of a description; search engines and previews cut what is longer
SITEMAP = "sitemap.xml"
NOT_FOUND = "404"  # GitHub Pages shows 404.html for every address that leads nowhere, however deep
NOT_FOUND_BODY = """<h1>There is no such page</h1>
<p>The address may be mistyped, or the page has another name by now.</p>
<p>Go to <a href="{base}index.html">the first page</a>, or <a href="{base}search.html">search the book</a>.</p>"""


def book_address(given=None):
    """Return the address of the published book, with a slash at its end, or "" when none is given.

    given: the address, by default that in BOOK_ADDRESS. Raises ValueError for anything but a plain http(s) address.
    """
    address = (os.environ.get(VARIABLE, "") if given is None else given).strip()
    if address and not PLAIN_ADDRESS.fullmatch(address):
        raise ValueError(
            f"{VARIABLE} is {address!r}. Expected the address of the published book, such as "
            "https://someone.github.io/digits/; leave it empty for a book that is read from the disk."
        )
    return address and address.rstrip("/") + "/"


def configure(app, config):
    """Give the libraries the book's address, and what else they need."""
    address = config.html_baseurl = config.ogp_site_url = book_address()
    config.ogp_site_name = config.html_title
    config.ogp_social_cards = {"enable": False}  # the book has an image of its own
    config.ogp_custom_meta_tags = ('<meta name="twitter:card" content="summary_large_image" />',)
    if address:
        base = urlsplit(address).path
        config.ogp_image, config.ogp_image_alt = address + SOCIAL_IMAGE, SOCIAL_IMAGE_ALT
        config.notfound_urls_prefix = base
        config.notfound_context = {"title": "There is no such page", "body": NOT_FOUND_BODY.format(base=base)}


def description(doctree):
    """Return a page's first paragraph and the list after it, such as a chapter's goals.

    What leads to the list ("In this chapter you will") is no sentence of its own, so it is left out.
    """
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
    if paragraph is None:
        return ""
    text, lead = paragraph.astext(), paragraph
    after = _next(paragraph)
    if isinstance(after, nodes.paragraph) and [type(node) for node in after] == [nodes.strong]:
        lead = after
    if isinstance(goals := _next(lead), nodes.bullet_list):
        entries = "; ".join(entry.astext().rstrip(" .,;") for entry in goals) + "."
        entries = entries[:1].upper() + entries[1:]
        text = entries if lead is paragraph else f"{text} {entries}"
    return textwrap.shorten(text, MAX_LENGTH, placeholder=" …")


def _next(node):
    """Return the node after one in the same section, or None."""
    return node.next_node(descend=False, siblings=True)


def page_link(app, pagename):
    """Return a page's address relative to the book's: nothing for the first page."""
    return "" if pagename == app.config.root_doc else app.builder.get_target_uri(pagename)


def describe(app, pagename, templatename, context, doctree):
    """Say what sphinxext-opengraph cannot know of a page. Front matter such as `description: ...` comes first."""
    if doctree is None:  # index, search and the page for mistyped addresses: nothing that one would look for
        context["pageurl"] = None
        context["metatags"] = context.get("metatags", "") + '\n<meta name="robots" content="noindex" />\n'
        if pagename == NOT_FOUND:  # which scripts put before what they load
            context["content_root"] = app.config.notfound_urls_prefix
        return
    address, meta = app.config.html_baseurl, context["meta"] or {}
    words = escape(meta.get("description") or description(doctree))
    context["metatags"] += f'\n<meta name="description" content="{words}" />\n'
    tags = {"og:type": "website" if pagename == app.config.root_doc else "article", "og:description": words}
    if address:
        context["pageurl"] = tags["og:url"] = address + page_link(app, pagename)
    context["meta"] = {**tags, **meta}


def drop_relative_address(app, pagename, templatename, context, doctree):
    """Remove the address that sphinxext-opengraph adds even without one."""
    if doctree is not None and not app.config.html_baseurl:
        lines = context["metatags"].splitlines()
        context["metatags"] = "\n".join(line for line in lines if 'property="og:url"' not in line)


def write_sitemap(app, error):
    """Write sitemap.xml with the addresses of all pages, also of those that this build did not write."""
    if error is not None or app.builder.format != "html" or app.builder.embedded:
        return
    root = ElementTree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for name in sorted(app.env.found_docs):
        page = ElementTree.SubElement(root, "url")
        ElementTree.SubElement(page, "loc").text = app.config.html_baseurl + page_link(app, name)
    ElementTree.ElementTree(root).write(Path(app.outdir, SITEMAP), encoding="utf-8", xml_declaration=True)


def remove_stale_files(app, error):
    """Remove the files that an earlier build with an address wrote."""
    for name in (SITEMAP, f"{NOT_FOUND}.html"):
        Path(app.outdir, name).unlink(missing_ok=True)


def setup(app):
    """Register the hooks and the libraries: those that need an address only when there is one."""
    try:
        address = book_address()
    except ValueError as error:
        raise ExtensionError(str(error)) from error
    app.setup_extension("sphinxext.opengraph")
    app.connect("config-inited", configure, priority=440)
    app.connect("html-page-context", describe, priority=450)
    app.connect("html-page-context", drop_relative_address, priority=600)
    if address:
        app.setup_extension("notfound.extension")
        app.connect("build-finished", write_sitemap, priority=450)
    else:
        app.connect("build-finished", remove_stale_files, priority=450)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
