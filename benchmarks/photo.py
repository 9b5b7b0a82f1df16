"""Measure how long a phone's photo takes in the page: python benchmarks/photo.py [repetitions]

A photo of 12 megapixels, 4000 x 3000, as a JPEG: a 7 on grey paper in uneven light, with the grain of a camera.
DigitPad opens it in Chromium; each time, in a fresh page whose network is there already. The figures are medians and
the fastest: from the choice of the file until it is decoded and small, until its ink is found, and until the answer of
the network stands in the page; the longest time without a frame, in which nothing moves; and how long the thread of
the page itself computed, which does not grow when other programs run.
"""

import io
import itertools
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from browser import chromium, serve
from PIL import Image, ImageDraw

from book_sphinx import widgets as widget_pages
from mnist_tutorial.widgets.digit_pad import DigitPad

WIDTH, HEIGHT = 4000, 3000
REPETITIONS = 5
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Photo</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="digit_pad.css"><script defer src="host.js"></script>
<script defer src="digit_pad.js"></script></head><body>{}</body></html>"""
# Notes when each step begins, as the line above the answer tells it, and all frames.
NOTE_TIMES = """() => {
  window.times = {};
  window.frames = [];
  const line = document.querySelector(".dp-trouble");
  const words = document.querySelector(".dp-words");
  const note = (name) => { times[name] ??= performance.now(); };
  document.querySelector("input[type=file]").addEventListener("change", () => note("chosen"), true);
  const each = () => { frames.push(performance.now()); requestAnimationFrame(each); };
  each();
  new MutationObserver(() => {
    if (!("chosen" in times)) return;
    if (line.textContent.startsWith("Looking")) note("small");
    if (line.textContent === "" && "small" in times) note("found");
    if (words.textContent.startsWith("It looks") || words.textContent.startsWith("Unsure")) note("answered");
  }).observe(document.querySelector(".dp"), { childList: true, characterData: true, subtree: true });
}"""


def photo():
    """Return the bytes of a JPEG."""
    rng = np.random.default_rng(1)
    ink = Image.new("L", (WIDTH, HEIGHT), 220)
    ImageDraw.Draw(ink).line([(1500, 800), (2500, 800), (1900, 2300)], fill=50, width=150, joint="curve")
    light = np.linspace(0.6, 1, WIDTH)
    values = np.asarray(ink) * light
    coloured = np.stack([values, 0.98 * values, 0.94 * values], axis=-1) + rng.normal(0, 3, (HEIGHT, WIDTH, 1))
    file = io.BytesIO()
    Image.fromarray(np.uint8(np.clip(coloured, 0, 255))).save(file, "JPEG", quality=90)
    return file.getvalue()


def visit(browser, address, content):
    """Open the photo once; return milliseconds until each step was done, and the longest time without a frame."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/index.html")
    page.locator(".dp-pad").focus()  # the network comes
    page.get_by_role("button", name="More").click()
    page.wait_for_load_state("networkidle")
    page.evaluate(NOTE_TIMES)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = thread_time(session)
    file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator("input[type=file]").set_input_files([file])
    page.wait_for_function("() => 'answered' in times", timeout=120_000)
    computed = thread_time(session) - before
    times, frames = page.evaluate("() => [times, frames]")
    page.close()
    start, end = times.pop("chosen"), times["answered"]
    during = [at for at in frames if start <= at <= end + 50]
    longest = max(after - before for before, after in itertools.pairwise(during))
    told = {name: at - start for name, at in times.items()}
    return told | {"longest without a frame": longest, "the page's thread": computed}


def thread_time(session):
    """Return how many milliseconds the page's thread has computed."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")


def main():
    """Print the figures."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS
    content = photo()
    print(f"{WIDTH} x {HEIGHT} pixels, {len(content) / 1e6:.1f} MB; milliseconds, median (fastest) of {repetitions}")
    with tempfile.TemporaryDirectory() as folder:
        widget_pages.write_files(Path(folder))
        Path(folder, "index.html").write_text(PAGE.format(DigitPad().page_html()), "utf-8")
        with serve(Path(folder)) as address, chromium() as browser:
            found = [visit(browser, address, content) for _ in range(repetitions)]
    for name in found[0]:
        values = [one[name] for one in found]
        print(f"{name:24} {statistics.median(values):6.0f} ({min(values):.0f})")


if __name__ == "__main__":
    main()
