"""In Firefox and in WebKit the engine computes the same bits as in Node, and the digits to train on are the same bytes.

A page loads digits, trains, and sends what it has here.
"""

import base64
import hashlib
import json

import pytest
from browser import write_page
from engine_in_node import SHORT, sha256_of_short_training, short_digits
from other_browsers import BROWSERS, PLACES, serve_inbox, what_it_sends

from mnist_tutorial import data
from mnist_tutorial.widgets import training_data

# Trains, and sends the weights, or what went wrong.
SCRIPT = """
const { settings, workers, images, labels } = GIVEN;
const toBytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
(async () => {
  const program = await face.loadProgram("training_engine.js");
  const loaded = await face.loadDigits("first", { base: "./" });
  await send("digits", new Blob([loaded.images, loaded.labels, loaded.validation.images, loaded.validation.labels]));
  const digits = { images: toBytes(images), labels: toBytes(labels) };
  const trainer = await face.createTrainer({ program, settings, workers, ...digits });
  const { step } = await trainer.train();
  await send("weights", new Blob(await trainer.weights()));
  await send("end", JSON.stringify({ step, arithmetic: trainer.arithmetic }));
  trainer.dispose();
})();
"""


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
    with serve_inbox(folder) as server:
        yield server


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", BROWSERS)
def test_weights_of_300_steps_and_the_digits_are_the_same_bits(name, place, folder, server, tmp_path):
    sent = what_it_sends(name, place, server, tmp_path)
    assert json.loads(sent["end"]) == {"step": 300, "arithmetic": "WebAssembly"}
    assert sent["digits"] == (folder / "digits.bin").read_bytes()
    assert hashlib.sha256(sent["weights"]).hexdigest() == sha256_of_short_training()
