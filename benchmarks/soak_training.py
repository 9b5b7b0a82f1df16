"""Train in a page again and again, and see whether memory grows: python benchmarks/soak_training.py [trainings]

Each training has two workers of its own, which end with it. After each, the browser collects garbage, and what is left
is recorded: the script's heap, the page's nodes and listeners, its workers, and the memory of Chromium's processes, in
which WebAssembly's lies. The last quarter is compared with the second: the first one warms up. Ends with an error if
there is more than there may be.
"""

import base64
import statistics
import sys
import tempfile
from pathlib import Path

import psutil
from browser import chromium, serve, write_page

from mnist_tutorial.data import stand_in_digits

TRAININGS = 200
SETTINGS = {"epochs": 1, "batchSize": 100}
IMAGES = 400
# What is measured, and how much more of it there may be at the end: a share, and an absolute allowance for noise. One
# training takes 20 MB of WebAssembly, so that the allowance is that of a few that were not freed.
GROWTH = {"heap, kB": (0.1, 300), "nodes": (0, 10), "listeners": (0, 10), "workers": (0, 0), "processes, MB": (0.1, 60)}
PREPARE = """async ([images, labels]) => {
  const toBytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  window.digits = { images: toBytes(images), labels: toBytes(labels) };
  window.program = await face.loadProgram("training_engine.js");
}"""
TRAIN = """async (settings) => {
  const trainer = await face.createTrainer({ program, settings, workers: 2, validation: digits, ...digits });
  const { finished } = await trainer.train();
  await trainer.weights();
  trainer.dispose();
  return finished;
}"""


def soak(browser, trainings):
    """Train so often in a page of a browser; return the values of what is measured, one for each training."""
    (images, labels), _ = stand_in_digits()
    texts = [base64.b64encode(part[:IMAGES].tobytes()).decode() for part in (images, labels)]
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        write_page(Path(folder))
        with serve(folder) as address:
            page = browser.new_page()
            page.goto(f"{address}/index.html")
            page.evaluate(PREPARE, texts)
            protocol = page.context.new_cdp_session(page)
            protocol.send("Performance.enable")
            for _ in range(trainings):
                if not page.evaluate(TRAIN, SETTINGS):
                    raise SystemExit("A training has not come to its end.")
                for _ in range(100):  # the browser's word that a worker has ended comes a moment later
                    if not page.workers:
                        break
                    page.wait_for_timeout(20)
                samples.append(measure(page, protocol))
            page.close()
    return dict(zip(GROWTH, zip(*samples, strict=True), strict=True))


def measure(page, protocol):
    """Return what there is once the browser has collected garbage, in the order of GROWTH."""
    protocol.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in protocol.send("Performance.getMetrics")["metrics"]}
    memory = 0
    for process in psutil.Process().children(recursive=True):
        try:
            memory += process.memory_info().rss
        except psutil.Error:
            pass  # it has just ended
    counts = metrics["JSHeapUsedSize"] / 1000, metrics["Nodes"], metrics["JSEventListeners"]
    return *counts, len(page.workers), memory / 1e6


def growth_of(values):
    """Return the medians of the second and of the last quarter of a list."""
    quarter = max(len(values) // 4, 1)
    return statistics.median(values[quarter : 2 * quarter]), statistics.median(values[-quarter:])


def report_of(samples):
    """Return the table, and the lines that say what grew."""
    lines, wrong = ["| what | second quarter | last quarter |", "| --- | ---: | ---: |"], []
    for what, values in samples.items():
        before, after = growth_of(values)
        share, allowance = GROWTH[what]
        lines.append(f"| {what} | {before:,.0f} | {after:,.0f} |")
        if after > before * (1 + share) + allowance:
            wrong.append(f"{what}: grew from {before:,.0f} to {after:,.0f}.")
    return "\n".join(lines), wrong


def main():
    """Print the table."""
    trainings = int(sys.argv[1]) if len(sys.argv) > 1 else TRAININGS
    with chromium() as browser:
        table, wrong = report_of(soak(browser, trainings))
    print(f"{trainings} trainings of {IMAGES} images in a row.\n\n{table}")
    if wrong:
        raise SystemExit("\n".join(["", *wrong]))


if __name__ == "__main__":
    main()
