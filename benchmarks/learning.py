"""Measure how fast the tutorial's network learns in a page: python benchmarks/learning.py [rounds]

In one page of a Chromium: the book's engine, with one worker and with as many as there are cores, beside TensorFlow.js,
ConvNetJS and jax-js, and Keras's `fit` in a process of its own. They take turns, so that whatever else the computer
does slows all of them alike. Each turn is so many images that it takes a second or a few. Only this benchmark fetches
the others, with npm; without npm, it measures the engine and Keras. The digits have to be MNIST's.
"""

import base64
import os
import statistics
import sys
import tempfile
from pathlib import Path

from browser import chromium, fetch_packages, serve, write_page
from contender import operations
from training import Contender

from mnist_tutorial.data import load_mnist
from site_checks.book_in_browser import FLAGS

ROUNDS = 6  # the first one warms up
CORES = os.cpu_count() or 1
PACKAGES = {
    "@tensorflow/tfjs@4.22.0": ["dist/tf.min.js"],
    "@tensorflow/tfjs-backend-webgpu@4.22.0": ["dist/tf-backend-webgpu.min.js"],
    "convnetjs@0.3.0": ["build/convnet-min.js"],
    "@jax-js/jax@0.1.25": ["dist/*.js"],
}
SCRIPTS = ("tf.min.js", "tf-backend-webgpu.min.js", "convnet-min.js")
SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]  # WebGL without a graphics card
KERAS = "Keras's `fit`"
ONE, ALL = "the engine, 1 worker", f"the engine, {CORES} workers"
IMAGES = {KERAS: 8_000, ONE: 4_000, ALL: 4_000, "jax-js": 400, "ConvNetJS": 200, "cpu": 40, "webgl": 40, "webgpu": 400}
SCALING = {  # settings and workers, each beside those of the book
    "filters": [{"filters": count} for count in (8, 16, 30, 60)],
    "batch": [{"batchSize": count} for count in (50, 200, 800)],
    "workers": [count for count in (1, 2, 4, 8) if count <= CORES],
}
SCALING_IMAGES, SCALING_ROUNDS = 2_400, 5


def compare(page, keras, code, rounds):
    """Let the contenders take turns; return the images in a second of each turn, and the operations of the peak."""
    names = [KERAS, *page.evaluate("Object.keys(contenders)")]
    speeds, peaks = {name: [] for name in names}, []
    for round_ in range(rounds):
        first = round_ % len(names)
        peaks.append(page.evaluate("(text) => peak(text)", code))
        for name in names[first:] + names[:first]:
            images = IMAGES[KERAS]
            speed = images / keras.epoch(images) if name == KERAS else page.evaluate("(name) => turn(name)", name)
            if round_:
                speeds[name].append(speed)
    return speeds, max(peaks)


def scale(page):
    """Return the best images in a second of the engine for each entry of SCALING, which take turns."""
    entries = [(what, entry) for what, values in SCALING.items() for entry in values]
    for number, (_, entry) in enumerate(entries):
        settings, workers = ({}, entry) if isinstance(entry, int) else (entry, 1)
        page.evaluate(
            "([name, count, workers, settings]) => addOurs(name, count, workers, settings)",
            [str(number), SCALING_IMAGES, workers, settings],
        )
    best = [0.0] * len(entries)
    for _ in range(SCALING_ROUNDS):
        for number in range(len(entries)):
            best[number] = max(best[number], page.evaluate("(name) => turn(name)", str(number)))
    found = {what: [] for what in SCALING}
    for (what, entry), speed in zip(entries, best, strict=True):
        found[what].append((entry if isinstance(entry, int) else next(iter(entry.values())), speed))
    return found


def add_contenders(page, peers):
    """Make the contenders in the page; return what took part, by name, with its version."""
    page.evaluate("([name, count]) => addOurs(name, count, 1)", [ONE, IMAGES[ONE]])
    if CORES > 1:
        page.evaluate("([name, count, cores]) => addOurs(name, count, cores)", [ALL, IMAGES[ALL], min(CORES, 8)])
    if not peers:
        return {}
    for script in SCRIPTS:
        page.add_script_tag(url=f"/{script}")
    versions = {package.rpartition("@")[0]: package.rpartition("@")[2] for package in PACKAGES}
    for backend in ("cpu", "webgl", "webgpu"):
        if not page.evaluate("([name, count]) => addTensorFlow(name, count)", [backend, IMAGES[backend]]):
            print(f"TensorFlow.js has no {backend} here.", file=sys.stderr)
    page.evaluate("(count) => addConvNet(count)", IMAGES["ConvNetJS"])
    page.evaluate("(count) => addJax(count)", IMAGES["jax-js"])
    return versions


def measure(folder, rounds):
    """Measure in a page of the folder; return the speeds, the peak, the scaling and the versions."""
    write_page(folder, "learning.js")
    (folder / "learning.js").write_bytes(Path(__file__).with_suffix(".js").read_bytes())
    code = base64.b64encode(Path(__file__).with_name("peak.wasm").read_bytes()).decode()
    (images, labels), _ = load_mnist(stand_in=False, quiet=True)
    texts = [base64.b64encode(part[: max(IMAGES.values())].tobytes()).decode() for part in (images, labels)]
    peers = fetch_packages(folder, PACKAGES)
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
    keras = Contender("keras_fit", "")
    with serve(folder) as address, chromium([*flags, *SOFTWARE]) as browser:
        page = browser.new_page()
        page.set_default_timeout(0)
        page.goto(f"{address}/index.html")
        page.evaluate("([images, labels]) => setDigits(images, labels)", texts)
        versions = {"Chromium": browser.version, "keras": keras.library["version"], **add_contenders(page, peers)}
        speeds, peak = compare(page, keras, code, rounds)
        scaling = scale(page)
    keras.end()
    return speeds, peak, scaling, versions


def report_of(speeds, peak, scaling, versions):
    """Return the figures as Markdown."""
    best = {name: max(values) for name, values in speeds.items()}
    columns = ["images in a second", "best", "median", "slowest", "best / Keras's best", "thousand million operations"]
    lines = [f"| {' | '.join(columns)} |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: |"]
    for name, values in sorted(speeds.items(), key=lambda one: -best[one[0]]):
        cells = " | ".join(f"{value:,.0f}" for value in (best[name], statistics.median(values), min(values)))
        lines.append(f"| {name} | {cells} | {best[name] / best[KERAS]:.2f} | {operations(best[name]) / 1e9:.1f} |")
    others = [name for name in best if name not in (KERAS, ONE, ALL)]
    lines += [
        "",
        f"{len(speeds[KERAS])} turns, in which each trains the tutorial's network in batches of at most 200. "
        f"WebAssembly multiplies and adds on one thread here at most {peak / 1e9:.1f} thousand million times a second.",
    ]
    if others:
        fastest = max(others, key=best.get)
        lines += [f"One worker is {best[ONE] / best[fastest]:.0f} times as fast as the next, {fastest}."]
    else:
        lines += ["The others could not be fetched with npm."]
    lines += [", ".join(f"{name}: {version}" for name, version in versions.items()) + "."]
    for what, entries in scaling.items():
        lines += ["", f"| {what} | images in a second |", "| ---: | ---: |"]
        lines += [f"| {value} | {speed:,.0f} |" for value, speed in entries]
    return "\n".join(lines) + "\n"


def main():
    """Print the report."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        print(report_of(*measure(Path(folder), rounds)), end="")


if __name__ == "__main__":
    main()
