"""Measure how smoothly the network follows a stroke: python benchmarks/frames.py [drawings]

The first page of the built book (`make book`) is opened in Chromium without a graphics card, so that the processor
paints too. A pen goes on by one point before each frame, around an 8: on DigitPad, on NetworkView with its maps,
lights and connections, and on NetworkView with a map opened. The figures: frames in a second, where a screen shows 60;
how many of them came late, as something that moves is then seen to jerk; what the page's main thread did for each.
"""

import statistics
import sys
from itertools import pairwise

from browser import BOOK, chromium, serve

DRAWINGS, POINTS = 10, 90
LATE = 1.5 / 60  # seconds from one frame to the next, when one was left out
SCENES = {
    "DigitPad": ("digit_pad", None),
    "NetworkView": ("network_view", None),
    "NetworkView, the maps opened": ("network_view", ".nv-part.nv-convolution"),
}
DRAW = """async (pad, points) => {
    const box = pad.getBoundingClientRect()
    const send = (type, x, y) => pad.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true,
        pointerId: 1, pointerType: "mouse", isPrimary: true, button: type === "pointermove" ? -1 : 0, buttons: 1,
        clientX: box.left + x * box.width, clientY: box.top + y * box.height }))
    const nextFrame = () => new Promise(requestAnimationFrame)
    const times = [await nextFrame()]
    for (let i = 0; i < points; i++) {
        const angle = 2 * Math.PI * i / (points - 1)
        send(i ? "pointermove" : "pointerdown", 0.5 + 0.2 * Math.sin(2 * angle), 0.5 - 0.35 * Math.cos(angle))
        times.push(await nextFrame())
    }
    send("pointerup", 0.5, 0.15)
    pad.dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", bubbles: true }))
    return times
}"""


def main_thread(session):
    """Return the seconds that the page's main thread has worked, and those of them in scripts."""
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return metrics["TaskDuration"], metrics["ScriptDuration"]


def follow(browser, address, widget, part, drawings):
    """Draw on a widget; return the seconds between its frames, and those of the main thread for each (all, scripts)."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    element = page.locator(f"[data-book-widget={widget}]").first
    element.scroll_into_view_if_needed()
    pad = element.locator(".dp-pad")
    if part:
        element.locator(part).click()
    pad.evaluate("(pad) => scrollBy(0, pad.getBoundingClientRect().top - 90)")
    pad.evaluate(DRAW, POINTS)  # now the network is there, and scripts are compiled
    page.wait_for_timeout(1000)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    gaps, work = [], []
    for _ in range(drawings):
        before = main_thread(session)
        times = pad.evaluate(DRAW, POINTS)
        work.append([(after - start) / POINTS for start, after in zip(before, main_thread(session), strict=True)])
        gaps += [(after - start) / 1000 for start, after in pairwise(times)]
        page.wait_for_timeout(300)
    page.close()
    return gaps, work


def main():
    """Print a table, one line for each scene."""
    drawings = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWINGS
    if not (BOOK / "index.html").exists():
        raise SystemExit("There is no book yet: make book")
    print("| drawing on | frames a second | came late | main thread, ms for a frame | of these in scripts |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with serve(BOOK) as address, chromium() as browser:
        for name, (widget, part) in SCENES.items():
            gaps, work = follow(browser, f"{address}/index.html", widget, part, drawings)
            late = sum(gap > LATE for gap in gaps) / len(gaps)
            whole, scripts = (1000 * statistics.median(one[i] for one in work) for i in (0, 1))
            print(f"| {name} | {len(gaps) / sum(gaps):.1f} | {late:.1%} | {whole:.1f} | {scripts:.1f} |", flush=True)
        version = browser.version
    print(
        f"\n{drawings} drawings of {POINTS} points, one before each frame, on the first page, 1280 pixels wide. No "
        f"graphics card: the processor paints too. The main thread's figures are medians of the drawings.\n"
        f"Chromium: {version}."
    )


if __name__ == "__main__":
    main()
