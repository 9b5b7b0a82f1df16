"""In Firefox and in WebKit a hand is taught to the answers of Chromium, from the disk and under the strict policy."""

import json

import pytest
from other_browsers import BROWSERS, PLACES, serve_inbox, what_it_sends, write_widget_page

from mnist_tutorial import data
from mnist_tutorial.widgets import training_data
from mnist_tutorial.widgets.teach_your_hand import TeachYourHand

# Fills in the examples, removes one and takes it back, teaches, and sends what is to be read then.
SCRIPT = """
const shown = (selector) => document.querySelector(selector)?.innerText ?? "";
const button = (text) => [...document.querySelectorAll(".th button")].find((one) => one.innerText.includes(text));
const until = (condition) => new Promise((resolve) => {
  const look = () => (condition() ? resolve() : requestAnimationFrame(look));
  look();
});
const counts = () => [...document.querySelectorAll(".th-count")].map((one) => one.innerText);
(async () => {
  await until(() => button("Fill with examples"));
  button("Fill with examples").click();
  await until(() => counts().every((one) => one.startsWith("8")));
  const filled = counts();
  button("Undo").click();
  await until(() => counts().every((one) => one.startsWith("0")));
  button("Fill with examples").click();
  await until(() => counts().every((one) => one.startsWith("8")));
  button("Teach it").click();
  await until(() => shown(".th-status").includes("Taught"));
  const cells = [...document.querySelectorAll(".th-table tbody td")].map((cell) => cell.innerText.trim());
  send("end", JSON.stringify({ filled, status: shown(".th-status"), cells }));
})();
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hand")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.VARIABLE, data.STAND_IN)
        training_data.write_scripts(folder)
    write_widget_page(folder, TeachYourHand(), SCRIPT)
    with serve_inbox(folder) as server:
        yield server


@pytest.fixture(scope="module")
def expected(server, chromium):
    """Return what the page sends in Chromium."""
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
    sent = json.loads(server.inbox.get(timeout=60)[1])
    page.close()
    return sent


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", BROWSERS)
def test_a_hand_is_taught_there_as_in_chromium(name, place, server, tmp_path, expected):
    found = json.loads(what_it_sends(name, place, server, tmp_path)["end"])
    assert "error" not in found, found
    assert found["filled"] == ["8/8"] * 10
    assert any("30" in cell for cell in found["cells"])
    assert found == expected
