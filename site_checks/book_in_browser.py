"""The built book in a browser, for the tests, the benchmarks and `make publish-check`."""

import contextlib
import functools
import gzip
import http.server
import json
import os
import re
import shutil
import threading
from pathlib import Path

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"),
    # No other host can be reached. (Playwright's own way to refuse requests hides a missing icon.)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
COMPRESSED = re.compile(r"\.(woff2?|png|jpe?g|webp)(\?|$)")  # compressed already
MAX_PAGE_BYTES = 300_000  # of a page with all it loads, compressed
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# axe leaves 2.5.8, targets of 24 by 24 pixels or with room around them, out by default.
EVERY_RULE = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}}
# What another theme can change: colours, and which of two images or names is shown. The other rules look at the same
# elements, in the same places.
RULES_OF_A_THEME = {"runOnly": ["color-contrast", "link-in-text-block", "image-alt", "button-name", "link-name"]}
# What a figure is drawn with: to those who cannot see it, it is one image, and axe cannot tell the contrasts of its
# text. Not where something in there has a role, a name, or takes the focus.
DRAWN = "svg[role=img]:not(:has(a, [role], [tabindex], [aria-label], [aria-labelledby])) > *"
# Words of code by the hundred have the same colours as others in their block, and nothing but a class: axe, which takes
# most of its time for contrasts, need not look at each.
REPEATED = "data-repeated"
MARK_REPEATED = f"""() => {{
    document.querySelectorAll("[{REPEATED}]").forEach((one) => one.removeAttribute("{REPEATED}"))
    const names = ["color", "backgroundColor", "backgroundImage", "fontSize", "fontWeight", "opacity", "position",
        "textShadow", "visibility", "display"]
    for (const block of document.querySelectorAll("pre")) {{
        const seen = new Set()
        for (const word of block.querySelectorAll("span[class]")) {{
            if (word.firstElementChild || word.attributes.length > 1) continue
            const style = getComputedStyle(word)
            const looks = [word.parentElement.className, ...names.map((name) => style[name])].join("|")
            if (seen.has(looks)) word.setAttribute("{REPEATED}", "")
            seen.add(looks)
        }}
    }}
}}"""
CONTRASTS_OF_ONE_OF_EACH = {"rules": [{"id": "color-contrast", "selector": f"*:not([{REPEATED}])"}]}
WIDGETS_ARE_MOUNTED = "[...document.querySelectorAll('[data-book-widget]')].every(one => one.querySelector('.bw'))"
# Playwright's wait_for_function would have the page evaluate text, which a strict policy forbids.
UNTIL = """async () => {{
    const begun = performance.now()
    while (!({expression})) {{
        if (performance.now() - begun > {timeout}) throw new Error({message})
        await new Promise((resolve) => setTimeout(resolve, 10))
    }}
}}"""
COME_NEAR = """async () => {
    const before = scrollY
    for (const one of document.querySelectorAll("[data-late]")) {
        if (one.querySelector(".bw")) continue
        one.scrollIntoView({behavior: "instant"})
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        scrollTo({top: before, behavior: "instant"})
    }
}"""
WEBKIT_SETTINGS = {
    "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
    # A virtual screen has no graphics processor to paint with. Where WebKit paints with an emulated one, a page's
    # process has died in the cache of what is painted (Skia's GrResourceCache).
    "WEBKIT_SKIA_ENABLE_CPU_RENDERING": "1",
}
AT_REST = """() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2000 }))"""


def find_browser():
    """Return the path of a Chromium that can be run, or None."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def find_firefox():
    """Return the path of a Firefox that can be run, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def find_webkit():
    """Return the command that starts WebKitGTK's small browser on a virtual screen, or None."""
    browser = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))), None)
    screen = shutil.which("xvfb-run")
    return [screen, "--auto-servernum", str(browser)] if browser and screen else None


def find_webkit_driver():
    """Return the path of the program that drives WebKitGTK's small browser, or None."""
    return find_webkit() and shutil.which("WebKitWebDriver")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files without logging."""

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
def chromium(flags=FLAGS):
    """Start a Chromium with some flags, as long as a with block lasts."""
    from playwright.sync_api import sync_playwright

    if find_browser() is None:
        raise SystemExit("No Chromium was found: scripts/install_browser.py installs one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=flags)
        yield browser
        browser.close()


def new_page(browser, origin, **options):
    """Return a page in a context of its own, with an empty cache.

    origin: the address of the book, without a slash at the end. options: of Playwright's new_context.
    `messages` collects what the page says on the console, errors included; `foreign_requests` the addresses that it
    asks for beyond the book.
    """
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.messages, page.foreign_requests = [], []

    def note(request):
        if not request.url.startswith((f"{origin}/", "data:", "blob:")):
            page.foreign_requests.append(request.url)

    page.on("console", lambda message: page.messages.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.messages.append(f"error: {error}"))
    page.on("request", note)
    return page


def wait_until(page, expression, timeout=10_000):
    """Wait until an expression is true in a page, under any security policy. timeout: in milliseconds."""
    message = json.dumps(f"After {timeout} ms this does not hold: {expression}")
    page.evaluate(UNTIL.format(expression=expression, timeout=timeout, message=message))


def wait_until_ready(page):
    """Wait until a page has loaded, its widgets are mounted and its scripts have nothing left to do.

    Those that a page loads when the reader comes near are gone near to.
    """
    page.wait_for_load_state()
    page.evaluate(COME_NEAR)
    wait_until(page, WIDGETS_ARE_MOUNTED)
    page.evaluate(AT_REST)


def weigh(page, address):
    """Open an address in a page that has loaded nothing yet; return the bytes of all it loads, by their addresses.

    Sizes are those after a server's compression, until nothing more is loaded.
    """
    found = {}

    def note(response):
        body = response.body()
        found[response.url] = len(body) if COMPRESSED.search(response.url) else len(gzip.compress(body))

    page.on("response", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", note)
    return found


def violations(page, options=EVERY_RULE, part=None):
    """Return what axe finds once a page's widgets are there, one per line. part: a selector, to look at no more."""
    from axe_playwright_python.sync_playwright import Axe

    wait_until_ready(page)
    page.evaluate(MARK_REPEATED)
    axe = Axe()
    axe.axe_script += f";axe.configure({json.dumps(CONTRASTS_OF_ONE_OF_EACH)})"
    options = {"preload": False, "resultTypes": ["violations"], **options}
    context = {"exclude": [[DRAWN]]} | ({"include": [[part]]} if part else {})
    found = axe.run(page, context=context, options=options).response["violations"]
    return [f"{violation['id']}: {node['html'][:120]}" for violation in found for node in violation["nodes"]]
