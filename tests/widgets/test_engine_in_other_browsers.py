"""In Firefox and in WebKit the engine computes the same bits as in Node, and the digits to train on are the same bytes.

A page loads digits, trains, and sends what it has here.
"""

import base64
import hashlib
import http.server
import json
import os
import queue
import subprocess
import threading

import pytest
from browser import write_page
from engine_in_node import POLICY, SHORT, sha256_of_short_training, short_digits

from mnist_tutorial import data
from mnist_tutorial.widgets import training_data
from site_checks.book_in_browser import find_firefox, find_webkit

TIMEOUT = 300  # seconds for a browser to start, train and answer
# Trains, and sends the weights, or what went wrong, to window.inbox.
SCRIPT = """
const { settings, workers, images, labels } = GIVEN;
const toBytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const send = (name, body) => fetch(window.inbox + name, { method: "POST", mode: "no-cors", body });
(async () => {
  const program = await face.loadProgram("training_engine.js");
  const loaded = await face.loadDigits("first", { base: "./" });
  await send("digits", new Blob([loaded.images, loaded.labels, loaded.validation.images, loaded.validation.labels]));
  const digits = { images: toBytes(images), labels: toBytes(labels) };
  const trainer = await face.createTrainer({ program, settings, workers, ...digits });
  const started = performance.now();
  const { step } = await trainer.train();
  const seconds = (performance.now() - started) / 1000;
  const weights = new Blob(await trainer.weights());
  await send("weights", weights);
  await send("end", JSON.stringify({ step, seconds, arithmetic: trainer.arithmetic }));
  trainer.dispose();
})().catch((error) => send("end", JSON.stringify({ error: error.message })));
"""


def firefox(folder):
    path = find_firefox()
    return path and [path, "--headless", "--no-remote", "--profile", str(folder)]


def webkit(folder):
    command = find_webkit()
    return command and [*command, "--private"]


BROWSERS = {"Firefox": firefox, "WebKit": webkit}


class Inbox(http.server.SimpleHTTPRequestHandler):
    """Serves the page under the README's policy, and keeps what is sent."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        super().end_headers()
        self.server.inbox.put((self.path.strip("/"), body))

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    images, labels = (base64.b64encode(array.tobytes()).decode() for array in short_digits())
    given = {"settings": SHORT["settings"], "workers": 2, "images": images, "labels": labels}
    (folder / "page.js").write_text(SCRIPT.replace("GIVEN", json.dumps(given)), "utf-8")
    write_page(folder, "inbox.js", "page.js")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.VARIABLE, data.STAND_IN)
        training_data.write_scripts(folder)
        digits = training_data.load_digits("first")
    (folder / "digits.bin").write_bytes(b"".join(array.tobytes() for array in digits[:4]))
    return folder


@pytest.fixture(scope="module")
def server(folder):
    def handler(*args):
        return Inbox(*args, directory=folder)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.inbox = queue.Queue()
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        (folder / "inbox.js").write_text(f'window.inbox = "http://127.0.0.1:{server.server_port}/";')
        yield server
        server.shutdown()


@pytest.mark.parametrize("place", ["served under the strict policy", "from the disk"])
@pytest.mark.parametrize("name", BROWSERS)
def test_weights_of_300_steps_and_the_digits_are_the_same_bits(name, place, folder, server, tmp_path):
    start = f"http://127.0.0.1:{server.server_port}" if place.startswith("served") else folder.as_uri()
    command = BROWSERS[name](tmp_path)
    if not command:
        leave = pytest.fail if os.environ.get("CI") else pytest.skip
        leave(f"No browser: {name} is not installed, so nobody has compared its bits: scripts/install_browser.py")
    process = subprocess.Popen(
        [*command, f"{start}/index.html"],
        env={**os.environ, "HOME": str(tmp_path), "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        sent = {}
        while "end" not in sent:
            sent.update([server.inbox.get(timeout=TIMEOUT)])
    finally:
        os.killpg(process.pid, 15)
        process.wait()
    end = json.loads(sent["end"])
    assert (end.get("error"), end["step"], end["arithmetic"]) == (None, 300, "WebAssembly")
    assert sent["digits"] == (folder / "digits.bin").read_bytes()
    assert hashlib.sha256(sent["weights"]).hexdigest() == sha256_of_short_training()
