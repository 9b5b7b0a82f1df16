"""What the tests, the benchmarks and `make publish-check` do with the built book in a browser."""

import contextlib
import functools
import gzip
import http.server
import os
import re
import shutil
import threading

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"),
    # No other host can be reached. (Playwright's own way to refuse requests hides a missing icon.)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PACKED = re.compile(r"\.(woff2?|png|jpe?g|webp)(\?|$)")  # compressed already
HEAVIEST = 300_000  # bytes of a page with all it loads, compressed
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# axe leaves 2.5.8, targets of 24 by 24 pixels or with room around them, out unless it is asked for.
EVERY_RULE = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}}
WIDGETS_ARE_THERE = "[...document.querySelectorAll('[data-book-widget]')].every(one => one.querySelector('.bw'))"


def find_browser():
    """Return the path of a Chromium that can be run, or None."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a word."""

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serve(folder, handler=Handler):
    """Serve a folder on this computer, as long as a with block lasts; gives the address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextlib.contextmanager
def chromium():
    """Start a Chromium, as long as a with block lasts."""
    from playwright.sync_api import sync_playwright

    if find_browser() is None:
        raise SystemExit("No Chromium was found: scripts/install_browser.py installs one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        browser.close()


def weigh(page, address):
    """Open an address in a page that has loaded nothing yet; return the bytes of all it loads, by their addresses.

    Compressed as a server would, until nothing more is asked for.
    """
    found = {}

    def note(response):
        body = response.body()
        found[response.url] = len(body) if PACKED.search(response.url) else len(gzip.compress(body))

    page.on("response", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", note)
    return found


def violations(page, options=EVERY_RULE, part=None):
    """Return what axe finds once a page's widgets are there, a line each. part: a selector, to look at no more."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_load_state()
    page.wait_for_function(WIDGETS_ARE_THERE)
    options = {"preload": False, "resultTypes": ["violations"], **options}
    found = Axe().run(page, context=part, options=options).response["violations"]
    return [f"{violation['id']}: {node['html'][:120]}" for violation in found for node in violation["nodes"]]
