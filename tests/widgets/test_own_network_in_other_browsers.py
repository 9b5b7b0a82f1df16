"""In Firefox and in WebKit a network of the reader's own is used, kept or refused in words, and forgotten."""

import json

import numpy as np
import pytest
from other_browsers import BROWSERS, PLACES, serve_inbox, what_it_sends, write_widget_page

from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.prediction_inspector import PredictionInspector

# A network of zeros, whose biases favour 4.
SCRIPT = """
(async () => {
  const { useNetwork, keepNetwork, forgetNetwork, ownNetwork, predict } = mnistTutorial;
  const settings = { filters: 2, kernelSize: 3, hiddenUnits: 4 };
  const weights = [18, 2, 13 * 13 * 2 * 4, 4, 40, 10].map((count) => new Float32Array(count));
  weights[5][4] = 3;
  const used = await useNetwork({ settings, weights, name: "mine" });
  const [kept, said] = await keepNetwork().then(() => [true, ""], ({ message }) => [false, message]);
  const again = ownNetwork();
  const answer = await predict(new Array(784).fill(0.5));
  const inspected = await new Promise((resolve) => {
    const look = () => {
      const { textContent: text } = document.querySelector(".pi-whose");
      if (text.includes("reads 2 of the 20")) resolve(text);
      else requestAnimationFrame(look);
    };
    look();
  });
  const lines = [...document.querySelectorAll(".bw-network label")].map((one) => one.textContent);
  await forgetNetwork();
  const back = document.querySelector(".pi-whose").hidden;
  send("end", JSON.stringify({ used, kept, said, again, answer, inspected, lines, back, after: ownNetwork() }));
})();
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    # Twenty digits, two of each, of which the book's network has misread the last.
    labels = np.arange(20) % 10
    images = np.random.default_rng(5).integers(256, size=(20, 28, 28)).astype(np.uint8)
    answers = np.eye(10)[np.append(labels[:-1], 4)]
    write_widget_page(folder, DigitPad(), SCRIPT, PredictionInspector(images, labels, answers))
    with serve_inbox(folder) as server:
        yield server


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", BROWSERS)
def test_an_own_network_is_used_and_kept_there(name, place, server, tmp_path):
    found = json.loads(what_it_sends(name, place, server, tmp_path)["end"])
    assert "error" not in found, found
    assert found["used"] == {"name": "mine", "kept": False, "chosen": True}
    assert found["again"] == {"name": "mine", "kept": found["kept"], "chosen": True}
    assert found["kept"] or "was not kept" in found["said"]
    assert found["kept"] or place == "from the disk"
    assert found["answer"][4] == pytest.approx(0.690, abs=0.001)
    assert "0 of the 1 that the book’s network misread, and 2 of the 19" in found["inspected"]
    assert found["lines"] == ["the book’s", "yours: mine"] * 2
    assert found["back"] is True
    assert found["after"] is None
