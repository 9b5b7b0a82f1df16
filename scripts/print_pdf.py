"""Print the book into one PDF: _build/<name>-<version>.pdf, made of the EPUB of the same name (`make epub`).

Chromium prints it, which the tests need anyway: nothing else that is maintained and needs neither TeX nor libraries of
the system can draw formulas (WeasyPrint needs Pango, and knows no MathML). It prints twice: the first time shows on
which page each chapter begins. Readers need neither Chromium nor this script.
"""

import argparse
import posixpath
import re
import tempfile
import zipfile
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from bs4 import BeautifulSoup
from pack_zip import ROOT, archive_of
from pypdf import PdfReader

from mnist_tutorial.reference.records import write_atomically
from site_checks.book_in_browser import chromium

STATIC = ROOT / "_static"
PACKAGE = {"opf": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}
LEVELS = ("h1", "h2")  # what the list of contents holds
STYLE = """
@font-face {{ font-family: Book; src: url("{fonts}/atkinson-hyperlegible-next.woff2"); font-weight: 400 700; }}
@font-face {{ font-family: Book; src: url("{fonts}/atkinson-hyperlegible-next-italic.woff2"); font-style: italic; }}
@page {{ size: A4; margin: 22mm 20mm 20mm; @bottom-center {{ content: counter(page); font: 9pt Book; }} }}
@page :first {{ @bottom-center {{ content: ""; }} }}
html {{ color: #111; font: 10.5pt/1.45 Book, sans-serif; }}
a {{ color: #14508c; text-decoration: none; }}
h2, h3 {{ break-after: avoid; }}
p, li {{ orphans: 2; widows: 2; }}
.part {{ break-before: page; }}
.cover {{ padding-top: 60mm; text-align: center; }}
.title {{ font-size: 30pt; font-weight: bold; }}
.contents ol {{ columns: 2; column-gap: 10mm; list-style: none; margin: 0; padding: 0; }}
.contents li {{ align-items: baseline; break-inside: avoid; display: flex; }}
.contents .h1 {{ break-after: avoid; font-weight: bold; margin-top: 0.45em; }}
.contents .h2 {{ font-size: 9pt; padding-left: 1em; }}
.contents li::after {{ content: attr(data-page); margin-left: auto; min-width: 3em; text-align: right; }}
.edition-answer a[data-page]::after {{ content: ", page " attr(data-page); }}
"""
RUNNING_HEAD = '@page part{number} {{ @top-center {{ content: "{title}"; font: 9pt Book; color: #555; }} }}\n'
RUNNING_HEAD += ".part{number} {{ page: part{number}; }}\n"


def read_edition(folder):
    """Return an unpacked EPUB's title, its line of rights, and its pages in reading order: parsed, by their names."""
    package = ElementTree.parse(folder / "content.opf").getroot()
    files = {item.get("id"): unquote(item.get("href")) for item in package.find("opf:manifest", PACKAGE)}
    names = [files[entry.get("idref")] for entry in package.find("opf:spine", PACKAGE)]
    title, rights = (package.findtext(f".//dc:{name}", namespaces=PACKAGE) for name in ("title", "rights"))
    return title, rights, {name: BeautifulSoup((folder / name).read_text("utf-8"), "html.parser") for name in names}


def place(name, identifier=""):
    """Return the id that a place of a page has where all pages are one."""
    return re.sub(r"\W", "-", f"{posixpath.splitext(name)[0]}--{identifier}")


def join(title, rights, version, pages):
    """Return the pages as one, with a cover, a list of contents and a style for paper."""
    parts, entries, heads = [], [], []
    for number, (name, page) in enumerate(pages.items()):
        body = page.body
        for element in body.find_all(id=True):
            if not element.find_parent("svg"):
                element["id"] = place(name, element["id"])
        for link in body.find_all("a", href=True):
            link["href"] = _address(name, link["href"], pages)
        for image in body.find_all("img", src=True):
            if not urlsplit(image["src"]).scheme:  # data: has the image itself
                image["src"] = posixpath.normpath(posixpath.join(posixpath.dirname(name), image["src"]))
        for heading in body.find_all(LEVELS):
            section = heading.find_parent("section", id=True)
            target = section["id"] if section and heading.name != "h1" else place(name)
            words = heading.get_text(" ", strip=True)
            if len(words) > 1:  # not the letters of the glossary
                entries.append((heading.name, words, target))
        first = body.find("h1")
        head = first.get_text(" ", strip=True) if first else title
        heads.append(RUNNING_HEAD.format(number=number, title=head.replace("\\", "").replace('"', r"\"")))
        parts.append(
            f'<div class="part part{number}" id="{place(name)}">{body.decode_contents(formatter="minimal")}</div>'
        )
    contents = "".join(
        f'<li class="{level}" data-for="{target}"><a href="#{target}">{escape(words)}</a></li>'
        for level, words, target in entries
    )
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<link rel="stylesheet" href="_static/pygments.css"><link rel="stylesheet" href="_static/edition.css">
<style>{STYLE.format(fonts=(STATIC / "fonts").as_uri())}{"".join(heads)}</style></head><body>
<div class="cover"><p class="title">{escape(title)}</p>
<p>Version {escape(version)}</p><p>{escape(rights)}</p></div>
<div class="part contents"><h1>Contents</h1><ol>{contents}</ol></div>{"".join(parts)}</body></html>"""


def _address(name, address, pages):
    """Return where a link of a page leads when all pages are one."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return address
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
    return f"#{place(path, parts.fragment)}" if path in pages else address


NUMBER_PAGES = """(numbers) => {
    for (const one of document.querySelectorAll("[data-for], .edition-answer a")) {
        const target = one.dataset.for ?? decodeURIComponent(one.hash.slice(1))
        if (target in numbers) one.dataset.page = numbers[target]
    }
}"""

BROKEN_IMAGES = "[...document.images].filter((one) => !one.naturalWidth).map((one) => one.alt || one.src.slice(0, 99))"


def print_pages(browser, file, path):
    """Print a page of a file into a PDF, with the numbers of the pages on which what it links to is.

    Raises ValueError when the page has an image that cannot be shown.
    """
    page = browser.new_page()
    page.set_default_timeout(300_000)
    page.goto(file.as_uri())
    page.evaluate("document.fonts.ready")
    if broken := page.evaluate(BROKEN_IMAGES):
        raise ValueError(f"{file.name} has {len(broken)} images that cannot be shown: {'; '.join(broken)}")
    numbers = {}
    for _ in range(2):
        page.evaluate(NUMBER_PAGES, numbers)
        page.pdf(path=path, prefer_css_page_size=True, outline=True, tagged=True, print_background=True)
        reader = PdfReader(path)
        numbers = {
            name.removeprefix("/"): reader.get_destination_page_number(destination) + 1
            for name, destination in reader.named_destinations.items()
        }
    page.close()


def make_pdf(epub, pdf, version, browser):
    """Make a PDF of an EPUB. browser: a Chromium. Raises SystemExit when there is no EPUB."""
    if not epub.is_file():
        raise SystemExit(f"There is no {epub.name} yet: make epub")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        with zipfile.ZipFile(epub) as archive:
            archive.extractall(folder)
        title, rights, pages = read_edition(folder)
        whole = folder / "whole.html"
        whole.write_text(join(title, rights, version, pages), "utf-8")
        print_pages(browser, whole, pdf)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    pdf = archive_of().with_suffix(".pdf")
    version = pdf.stem.rpartition("-")[2]
    with chromium() as browser:
        write_atomically(pdf, lambda temporary: make_pdf(pdf.with_suffix(".epub"), temporary, version, browser))
    pages = len(PdfReader(pdf).pages)
    print(f"{pdf.relative_to(ROOT)}: {pages} pages, {pdf.stat().st_size / 1e6:.1f} MB.")


if __name__ == "__main__":
    main()
