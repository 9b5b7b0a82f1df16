"""In Firefox and in WebKit a link brings widgets into the state that it contains, and is copied again as it was."""

import json

import numpy as np
import pytest
from other_browsers import BROWSERS, PLACES, serve_inbox, what_it_sends, write_widget_page

from mnist_tutorial.widgets.backward_view import BackwardView
from mnist_tutorial.widgets.prediction_inspector import PredictionInspector
from mnist_tutorial.widgets.rule_builder import RuleBuilder
from mnist_tutorial.widgets.teach_your_hand import TeachYourHand

LINKS = [
    "rule_builder=condition:1,rules:holes-exactly-2-then-8/width-less-than-0.45-and-ink-more-than-0.15-then-7,otherwise:3",
    "prediction_inspector=only_errors:no,order:test-set",
    "backward_view=index:1,number:hidden-weight,path:3-17-11-12-5-2-3,strokes:0bb807d01b5807d0-00002710,"
    "changes:filter-weight-0=-0.05/adam-3-0/descent-7-0bb807d01b5807d0,undone:output-bias-3=1.5",
    "teach_your_hand=each:4,practise:no,drawings:CQH_AP8A_wD_ABE",
]
SCRIPT = """
let copied = "";
Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { copied = text } } });
const until = (condition) => new Promise((resolve) => {
  const look = () => (condition() ? resolve() : requestAnimationFrame(look));
  look();
});
(async () => {
  const found = [];
  for (const link of LINKS) {
    const widget = document.querySelector(`[data-book-widget=${link.split("=")[0]}]`);
    await until(() => widget.querySelector(".bw-link"));
    copied = "";
    const followed = new Promise((resolve) => window.addEventListener("hashchange", resolve, { once: true }));
    location.hash = link;
    await followed;
    const refused = widget.querySelector(".bw-link p").textContent;
    widget.querySelector(".bw-link button").click();
    await until(() => copied);
    found.push([copied.split("#")[1], refused]);
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); // all is drawn
  const texts = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent);
  send("end", JSON.stringify({ found, seen: [".rb-answer", ".th-count"].map(texts) }));
})();
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory, digits):
    folder = tmp_path_factory.mktemp("links")
    images, labels = digits
    widgets = [
        BackwardView(images=images[:3], labels=labels[:3]),
        RuleBuilder(images, labels, samples=60),
        PredictionInspector(images, labels, np.eye(10)[np.roll(labels, 1)]),
        TeachYourHand(),
    ]
    write_widget_page(folder, widgets[0], f"const LINKS = {json.dumps(LINKS)};{SCRIPT}", *widgets[1:])
    with serve_inbox(folder) as server:
        yield server


@pytest.mark.parametrize("name", BROWSERS)
def test_a_link_leads_to_its_state_and_back(name, server, tmp_path):
    found = json.loads(what_it_sends(name, PLACES[0], server, tmp_path)["end"])
    assert found == {
        "found": [[link, ""] for link in LINKS],
        "seen": [["→ 8", "→ 7", "→ 3"], [*["0/4"] * 9, "1/4"]],
    }
