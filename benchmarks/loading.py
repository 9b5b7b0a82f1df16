"""Measure how soon a page with widgets can be used: python benchmarks/loading.py [loads]

Every page of the built book (`make book`) that holds a widget is opened in a Chromium, from the disk and from a server
on this computer, each time with an empty cache. The figure is the time from the start of the navigation until the page
has loaded, every widget stands there, and the browser has nothing left to do but to wait for the reader. A page without
widgets stands beside them.
"""

import functools
import http.server
import statistics
import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))  # they are scripts, not an installed package
from install_browser import find_browser  # noqa: E402

BOOK = ROOT / "_build" / "html"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
READY = """() => new Promise((resolve) => {
    const look = () => {
        const waiting = [...document.querySelectorAll("[data-book-widget]")].some((one) => !one.querySelector(".bw"))
        if (waiting || document.readyState != "complete") return setTimeout(look, 1)
        requestIdleCallback(() => resolve(performance.now()))
    }
    look()
})"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve the book without a word."""

    def log_message(self, *args):  # noqa: D102
        pass


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
    """Print a table, one line a page: the median and the longest of the loads, from the disk and from the server."""
    loads = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pages = sorted(path for path in BOOK.rglob("*.html") if "data-book-widget=" in path.read_text("utf-8"))
    if not pages:
        raise SystemExit(f"{BOOK} holds no page with a widget. Build the book first: make book")
    pages.append(BOOK / "chapters" / "00_before_you_start.html")
    handler = functools.partial(Handler, directory=BOOK)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        print(f"| milliseconds until the page can be used, {loads} loads | disk | longest | server | longest |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for path in pages:
            name = path.relative_to(BOOK).as_posix()
            disk = times(browser, path.as_uri(), loads)
            served = times(browser, f"http://127.0.0.1:{server.server_port}/{name}", loads)
            cells = [f"{figure:.0f}" for some in (disk, served) for figure in (statistics.median(some), max(some))]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
