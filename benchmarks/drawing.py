"""Measure how fast a drawing is answered: python benchmarks/drawing.py

In one page of a Chromium: the script that DigitPad runs for each point of a stroke, then one forward pass of
quick_forward.js, which the page uses, and of forward_pass.js, beside the same network in TensorFlow.js and in ONNX
Runtime, in turns, so that whatever else the computer does slows all of them alike. All have the page's weights.
Only this benchmark fetches the other two, with npm; without npm, it measures our own code alone.
"""

import base64
import datetime
import os
import platform
import shutil
import tempfile
from pathlib import Path

import numpy as np
from browser import Handler, chromium, fetch_packages, serve

from book_sphinx import widgets as widget_pages
from mnist_tutorial import data
from mnist_tutorial.reference import load_reference_model
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import DigitPad

PEERS = {  # from each package's dist, its script and what that loads
    "@tensorflow/tfjs@4.22.0": ["dist/tf.min.js"],
    "@tensorflow/tfjs-backend-wasm@4.22.0": [
        "dist/tf-backend-wasm.min.js",
        "dist/tfjs-backend-wasm.wasm",
        "dist/tfjs-backend-wasm-simd.wasm",
    ],
    "onnxruntime-web@1.30.0": [
        "dist/ort.wasm.min.js",
        "dist/ort-wasm-simd-threaded.mjs",
        "dist/ort-wasm-simd-threaded.wasm",
    ],
}
STROKES, POINTS = 4, 100  # each stroke is an 8 on an empty pad; the first one warms up
DIGITS, WARM_UP = 360, 60
TOLERANCE = 1e-4
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Drawing</title>
<link rel="stylesheet" href="host.css"><link rel="stylesheet" href="digit_pad.css">
<script defer src="host.js"></script>
<script defer src="digit_pad.js"></script><script src="drawing.js"></script></head><body>{}</body></html>"""


class Isolated(Handler):
    """Serve files with the headers for which Chromium's clock tells 0.005 ms instead of 0.1 ms."""

    def end_headers(self):  # noqa: D102
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


def network_as_onnx(model):
    """Return the network as an ONNX file's bytes, its weights sorted so that no numbers have to change places."""
    from onnx import TensorProto, helper, numpy_helper

    filters, filter_biases, hidden, hidden_biases, *output = model.get_weights()
    arrays = {
        "filters": filters.transpose(3, 2, 0, 1),
        "filter_biases": filter_biases,
        "hidden": hidden.reshape(12, 12, 30, 128).transpose(2, 0, 1, 3).reshape(4320, 128),
        "hidden_biases": hidden_biases,
        "output": output[0],
        "output_biases": output[1],
    }
    node = helper.make_node
    nodes = [
        node("Conv", ["image", "filters", "filter_biases"], ["sums"]),
        node("Relu", ["sums"], ["maps"]),
        node("MaxPool", ["maps"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Flatten", ["pooled"], ["row"]),
        node("Gemm", ["row", "hidden", "hidden_biases"], ["hidden_sums"]),
        node("Relu", ["hidden_sums"], ["units"]),
        node("Gemm", ["units", "output", "output_biases"], ["scores"]),
        node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    shapes = {"image": [1, 1, 28, 28], "probabilities": [1, 10]}
    taken, given = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)] for name, shape in shapes.items())
    weights = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "digits", taken, given, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def script_per_point(page):
    """Draw with the mouse; return the milliseconds of script for each point, from its event to the probabilities."""
    page.evaluate("watchThePad()")
    box = page.locator(".dp-pad canvas").bounding_box()
    times = []
    for stroke in range(STROKES):
        if stroke:
            page.get_by_role("button", name="Clear").click()
        page.evaluate("settle()")
        for i, angle in enumerate(np.linspace(0, 2 * np.pi, POINTS)):
            x, y = 0.5 + 0.2 * np.sin(2 * angle), 0.5 - 0.35 * np.cos(angle)
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if i == 0:
                page.mouse.down()
                page.wait_for_function("() => !document.querySelector('.dp-words').textContent.startsWith('Loading')")
            page.evaluate("settle()")
            if i == 0:
                page.evaluate("times.length = 0")  # the first point is a press, and may have loaded the network
        page.mouse.up()
        found = page.evaluate("times")
        if len(found) != POINTS - 1:
            raise SystemExit(f"DigitPad gave {len(found)} answers to {POINTS - 1} points: expected one to each.")
        times += found if stroke else []
    return times


def measure(folder):
    """Measure in a page of the folder; return times by name, the largest difference and what took part."""
    widget_pages.write_files(folder)
    scripts = [bundle.FOLDER / "frontend" / name for name in ("forward_pass.js", "forward_code.js", "quick_forward.js")]
    for script in (*scripts, Path(__file__).with_suffix(".js")):
        shutil.copy(script, folder)
    (folder / "index.html").write_text(PAGE.format(DigitPad().page_html()), "utf-8")
    model = load_reference_model()
    peers = fetch_packages(folder, PEERS)
    images = data.stand_in_digits()[0][0][:DIGITS]
    with serve(folder, Isolated) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/index.html")
        times = {"DigitPad": script_per_point(page)}
        versions = {"Chromium": browser.version}
        weights = page.evaluate_handle("addOurs()")
        if peers:
            numbers = [np.frombuffer(base64.b64decode(text), "<f4") for text in page.evaluate("asTexts", weights)]
            model.set_weights([part.reshape(old.shape) for part, old in zip(numbers, model.get_weights(), strict=True)])
            (folder / "network.onnx").write_bytes(network_as_onnx(model))
            for script, *_ in PEERS.values():
                page.add_script_tag(url=f"/{Path(script).name}")
            versions |= page.evaluate("(weights) => addPeers(weights)", weights)
        text = base64.b64encode(images.tobytes()).decode()
        passes, difference = page.evaluate("([text, warmUp]) => compare(text, warmUp)", [text, WARM_UP])
    if not difference <= TOLERANCE:
        raise SystemExit(f"The probabilities differ by {difference:.1e}; expected {TOLERANCE:.0e} at most.")
    return times | passes, difference, versions, peers


def report_of(times, difference, versions, peers):
    """Return the figures as Markdown."""
    lines = ["| what | median ms | 95th percentile ms | ratio to ours |", "| --- | ---: | ---: | ---: |"]
    ours = np.median(times["quick_forward.js"])
    for name, values in times.items():
        median, late = np.percentile(values, [50, 95])
        alone = name == "DigitPad"
        what = f"{name}: script per stroke point" if alone else f"{name}: one forward pass"
        lines.append(f"| {what} | {median:.2f} | {late:.2f} | {'–' if alone else f'{median / ours:.2f}'} |")
    versions = {**versions, "Python": platform.python_version(), "cores": os.cpu_count()}
    lines += [
        "",
        f"{len(times['DigitPad'])} stroke points, {len(times['quick_forward.js'])} stand-in digits.",
        f"The largest difference between two probabilities is {difference:.1e}."
        if peers
        else "The others could not be fetched with npm: these are our figures alone.",
        f"{', '.join(f'{name}: {value}' for name, value in versions.items())}; {datetime.date.today()}.",
    ]
    return "\n".join(lines) + "\n"


def main():
    """Print the report."""
    with tempfile.TemporaryDirectory() as folder:
        print(report_of(*measure(Path(folder))), end="")


if __name__ == "__main__":
    main()
