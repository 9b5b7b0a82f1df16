"""Measure how soon a reader on a slow line has an answer: python benchmarks/first_answer.py [loads]

The first page of the built book (`make book`) is opened on a phone's screen, 390 pixels wide, with an empty cache, in a
Chromium whose processor is slowed four times and whose line has 1.6 Mbit/s and 150 ms of delay. A reader draws a stroke
as soon as the pad is there, or some seconds later. The figures are medians: when the pad was there, seconds after the
start of the navigation; and how long after the stroke there was an answer, and the answer of the whole network.
"""

import gzip
import statistics
import sys

from browser import BOOK, Handler, chromium, serve

SLOWER = 4
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
WAITING = (0, 1, 2, 3)  # seconds after the pad is there
NOTE_TIMES = """(() => {
    const note = (name, holds) => { if (!(name in times) && holds) times[name] = performance.now() }
    window.times = {}
    addEventListener("pointerup", () => note("stroke", true), true)
    new MutationObserver(() => {
        const words = document.querySelector(".dp-words")?.textContent ?? ""
        note("pad", document.querySelector(".dp-pad canvas"))
        note("answer", /^(First answer|It looks|Unsure|Not sure)/.test(words))
        note("whole", /^(It looks|Unsure|Not sure)/.test(words))
    }).observe(document, { childList: true, subtree: true, characterData: true })
})()"""


class Compressing(Handler):
    """Serve text compressed, as hosts do."""

    def do_GET(self):  # noqa: N802 - the name that the base class asks for
        """Send a file."""
        path = self.translate_path(self.path)
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if path.endswith((".html", ".js", ".css", ".svg")):
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def visit(browser, address, waiting):
    """Return when, in milliseconds, the pad was there, the stroke had ended, and there were the two answers."""
    context = browser.new_context(viewport={"width": 390, "height": 664})  # with a cache of its own
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(NOTE_TIMES)
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".dp-pad canvas")
    page.wait_for_timeout(1000 * waiting)
    box = page.locator(".dp-pad").bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(middle, box["y"] + box["height"] - 40, steps=4)
    page.mouse.up()
    page.wait_for_function("times.whole", timeout=60_000)
    times = page.evaluate("times")
    context.close()
    return times


def main():
    """Print a table, one line for each time that the reader waits."""
    loads = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    if not (BOOK / "index.html").exists():
        raise SystemExit("There is no book yet: make book")
    print("| seconds the reader waits | until the pad is there | answer after the stroke | the whole network's |")
    print("| ---: | ---: | ---: | ---: |")
    with serve(BOOK, Compressing) as address, chromium() as browser:
        for waiting in WAITING:
            visits = [visit(browser, f"{address}/index.html", waiting) for _ in range(loads)]
            cells = [statistics.median(one["pad"] for one in visits)]
            for name in ("answer", "whole"):  # one that is there before the stroke has ended came at once
                cells.append(statistics.median(max(0, one[name] - one["stroke"]) for one in visits))
            print(f"| {waiting} | {' | '.join(f'{figure / 1000:.1f}' for figure in cells)} |", flush=True)
        version = browser.version
    print(
        f"\nSeconds, medians of {loads} loads of the first page with an empty cache, on a phone's screen, with "
        f"a processor slowed {SLOWER} times and a line of 1.6 Mbit/s with {LINE['latency']} ms of delay. The reader "
        f"draws a stroke as soon as the pad is there, or waits.\nChromium: {version}."
    )


if __name__ == "__main__":
    main()
