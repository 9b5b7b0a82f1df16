"""Use the widgets of the built book for a long time and see whether memory grows: python benchmarks/soak.py [minutes]

Every page that holds a widget stays open in a tab of its own. Round after round, in each of them, a digit is drawn on
every pad, and randomly chosen controls are used as a reader uses them: buttons, tabs, sliders, lists, boards. After
each round the browser collects garbage, and what is left is recorded: the script's heap, the nodes of the page, its
listeners. The last quarter of the hour is compared with the second: the first one warms up.
Ends with an error if a page holds more than it may.
"""

import random
import statistics
import sys
import time

import psutil
from browser import BOOK, chromium, serve
from playwright.sync_api import Error

from site_checks.operating import CONTROLS, NAMED, operate

MINUTES = 60
USES = 12  # controls in a round
# What is measured, and how much more of it there may be at the end: a share, and an absolute allowance for noise.
GROWTH = {"heap, kB": (0.1, 300), "nodes": (0.1, 500), "listeners": (0.1, 100)}


class Tab:
    """A page of the book that is used again and again."""

    def __init__(self, context, address, name, seed):
        self.name, self.random, self.troubles, self.samples = name, random.Random(seed), [], []
        self.page = context.new_page()
        self.page.set_default_timeout(3_000)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.troubles.append(message.text))
        self.page.goto(f"{address}/{name}")
        self.page.wait_for_selector(".bw")
        self.protocol = context.new_cdp_session(self.page)
        self.protocol.send("Performance.enable")
        self.uses = self.missed = 0

    def use(self):
        """Draw on every pad, then use some controls."""
        self.page.bring_to_front()
        for pad in self.page.locator(".dp-pad canvas").all():
            self.draw(pad)
        for _ in range(USES):
            widget = self.random.choice(self.page.locator("[data-book-widget]").all())
            names = widget.evaluate(NAMED, f"{CONTROLS}, [role=tab]")
            control = widget.locator(f"[data-control='{self.random.choice(names)}']")
            try:
                operate(self.page, control, self.random.choice(("mouse", "keyboard")))
                self.uses += 1
            except Error:
                self.missed += 1  # it went away, or lies below something else

    def draw(self, pad):
        """Draw a stroke of some points."""
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        if box is None:
            return
        for step in range(5):
            across, down = self.random.uniform(0.2, 0.8), self.random.uniform(0.2, 0.8)
            self.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=8)
            if step == 0:
                self.page.mouse.down()
        self.page.mouse.up()

    def record(self):
        """Record what the page holds once the browser has collected garbage."""
        self.protocol.send("HeapProfiler.collectGarbage")
        metrics = {one["name"]: one["value"] for one in self.protocol.send("Performance.getMetrics")["metrics"]}
        self.samples.append((metrics["JSHeapUsedSize"] / 1000, metrics["Nodes"], metrics["JSEventListeners"]))


def median_of_part(values, first, last):
    """Return the median of a part of a list, from one share of its length to another."""
    return statistics.median(values[int(first * len(values)) : max(int(last * len(values)), 1)])


def report_of(tabs):
    """Return the table, and the lines that say what grew or went wrong."""
    lines = [f"| page | uses | {' | '.join(GROWTH)} |", f"| --- | ---: |{' ---: |' * len(GROWTH)}"]
    wrong = []
    for tab in tabs:
        cells = []
        for (what, (share, allowance)), values in zip(GROWTH.items(), zip(*tab.samples, strict=True), strict=True):
            before, after = median_of_part(values, 0.25, 0.5), median_of_part(values, 0.75, 1)
            cells.append(f"{before:,.0f} → {after:,.0f}")
            if after > before * (1 + share) + allowance:
                wrong.append(f"{tab.name}: {what} grew from {before:,.0f} to {after:,.0f}.")
        lines.append(f"| {tab.name} | {tab.uses:,} | {' | '.join(cells)} |")
        wrong += [f"{tab.name}: {trouble}" for trouble in dict.fromkeys(tab.troubles)]
    return "\n".join(lines), wrong


def main():
    """Use the pages until the time is over; print a table."""
    seconds = 60 * float(sys.argv[1]) if len(sys.argv) > 1 else 60 * MINUTES
    pages = sorted(path for path in BOOK.rglob("*.html") if "data-book-widget=" in path.read_text("utf-8"))
    if not pages:
        raise SystemExit(f"{BOOK} holds no page with a widget. Build the book first: make book")
    with serve(BOOK) as address, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        tabs = [Tab(context, address, path.relative_to(BOOK).as_posix(), seed) for seed, path in enumerate(pages)]
        started, rounds, megabytes = time.monotonic(), 0, []
        while time.monotonic() - started < seconds or rounds < 8:
            for tab in tabs:
                tab.use()
                tab.record()
            processes = psutil.Process().children(recursive=True)
            megabytes.append(sum(one.memory_info().rss for one in processes if one.is_running()) / 1e6)
            rounds += 1
        table, wrong = report_of(tabs)
    print(table)
    before, after = median_of_part(megabytes, 0.25, 0.5), median_of_part(megabytes, 0.75, 1)
    minutes = (time.monotonic() - started) / 60
    print(
        f"\nFrom the second quarter to the last, of {rounds} rounds in {minutes:.0f} minutes, "
        f"{sum(tab.uses for tab in tabs):,} uses of controls ({sum(tab.missed for tab in tabs):,} were out of reach). "
        f"Chromium's processes held {before:,.0f}, then {after:,.0f} MB."
    )
    if wrong:
        raise SystemExit("\n".join(["", *wrong]))


if __name__ == "__main__":
    main()
