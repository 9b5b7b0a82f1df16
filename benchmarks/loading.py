"""Measure how soon a page with widgets can be used: python benchmarks/loading.py [loads]

Every page of the built book (`make book`) that holds a widget is opened in a Chromium, from the disk and from a server
on this computer, each time with an empty cache. The figure is the time from the start of the navigation until the page
has loaded, every widget is there, and the browser has nothing left to do but to wait for the reader. A page without
widgets is measured as well.
"""

import statistics
import sys

from browser import BOOK, chromium, serve

READY = """() => new Promise((resolve) => {
    const look = () => {
        const widgets = [...document.querySelectorAll("[data-book-widget]:not([data-late])")]
        const waiting = widgets.some((one) => !one.querySelector(".bw"))
        if (waiting || document.readyState != "complete") return setTimeout(look, 1)
        requestIdleCallback(() => resolve(performance.now()))
    }
    look()
})"""


def times(browser, address, loads):
    """Return the milliseconds of each load."""
    found = []
    for _ in range(loads):
        context = browser.new_context(viewport={"width": 1280, "height": 900})  # with a cache of its own
        page = context.new_page()
        page.goto(address, wait_until="commit")
        found.append(page.evaluate(READY))
        context.close()
    return found


def main():
    """Print a table, one line per page: the median and the longest of the loads, from the disk and from the server."""
    loads = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pages = sorted(path for path in BOOK.rglob("*.html") if "data-book-widget=" in path.read_text("utf-8"))
    if not pages:
        raise SystemExit(f"{BOOK} holds no page with a widget. Build the book first: make book")
    pages.append(BOOK / "chapters" / "00_before_you_start.html")
    with serve(BOOK) as address, chromium() as browser:
        print(f"| milliseconds until the page can be used, {loads} loads | disk | longest | server | longest |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for path in pages:
            name = path.relative_to(BOOK).as_posix()
            disk = times(browser, path.as_uri(), loads)
            served = times(browser, f"{address}/{name}", loads)
            cells = [f"{figure:.0f}" for some in (disk, served) for figure in (statistics.median(some), max(some))]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
