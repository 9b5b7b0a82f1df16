"""Measure what the built pages weigh, and what a widget takes: python benchmarks/pages.py

Weight: the bytes that travel when a page is opened with an empty cache, compressed as a server would, until nothing
more is asked for. Memory: what the page's script holds once a SampleInspector with that many images is mounted, and how
large its form in the page is.
"""

import gzip
import tempfile
from pathlib import Path

from browser import BOOK, chromium, serve, weigh

from book_sphinx import widgets as widget_pages
from mnist_tutorial import data
from mnist_tutorial.widgets.sample_inspector import SampleInspector

PER_DIGIT = (1, 10, 100, 400)
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Memory</title>
<link rel="stylesheet" href="host.css"><link rel="stylesheet" href="sample_inspector.css">
<script defer src="host.js"></script><script defer src="sample_inspector.js"></script></head><body>{}</body></html>"""


def weight(browser, address):
    """Return the bytes that a page needs, in a browser that has nothing yet."""
    context = browser.new_context()
    total = sum(weigh(context.new_page(), address).values())
    context.close()
    return total


def heap(browser, address):
    """Return the bytes that a page's script holds once its widget is mounted."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".bw")
    session = context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    context.close()
    return usage["usedSize"] + usage.get("backingStorageSize", 0)


def measure(folder):
    """Return the report as Markdown."""
    widget_pages.write_files(folder)
    (images, labels), _ = data.stand_in_digits()
    images, labels = images.repeat(4, axis=0), labels.repeat(4)
    forms = {}
    for count in PER_DIGIT:
        forms[count] = SampleInspector(images, labels, per_digit=count).page_html()
        (folder / f"{count}.html").write_text(PAGE.format(forms[count]), "utf-8")
    (folder / "0.html").write_text(PAGE.format('<p class="bw">No widget</p>'), "utf-8")
    pages = sorted(path for path in BOOK.rglob("*.html") if "_static" not in path.parts)
    names = [path.relative_to(BOOK).as_posix() for path in pages]
    with chromium() as browser:
        with serve(BOOK) as address:
            weights = {name: weight(browser, f"{address}/{name}") for name in names}
        with serve(folder) as address:
            heaps = {count: heap(browser, f"{address}/{count}.html") for count in (0, *PER_DIGIT)}
    lines = ["| page | kB |", "| --- | ---: |"]
    lines += [f"| {name} | {size / 1000:.0f} |" for name, size in weights.items()]
    lines += ["", "| images in SampleInspector | kB of its form, compressed | MB that the script holds |"]
    lines += ["| ---: | ---: | ---: |"]
    for count in PER_DIGIT:
        packed = len(gzip.compress(forms[count].encode()))
        lines.append(f"| {count * 10:,} | {packed / 1000:.0f} | {(heaps[count] - heaps[0]) / 1e6:.2f} |")
    return "\n".join(lines) + "\n"


def main():
    """Print the report."""
    if not (BOOK / "index.html").exists():
        raise SystemExit("There is no book yet: make book")
    with tempfile.TemporaryDirectory() as folder:
        print(measure(Path(folder)), end="")


if __name__ == "__main__":
    main()
