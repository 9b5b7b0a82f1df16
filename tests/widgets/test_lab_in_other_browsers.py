"""In Firefox and in WebKit the lab trains to the numbers of Chromium, from the disk and under the strict policy."""

import json

import pytest
from other_browsers import BROWSERS, PLACES, serve_inbox, what_it_sends, write_widget_page

from mnist_tutorial import data
from mnist_tutorial.widgets import training_data
from mnist_tutorial.widgets.training_lab import TrainingLab

SETTINGS = {"images": 500, "filters": 4, "kernel_size": 3, "hidden_units": 8, "batch_size": 50, "epochs": 2}
# Takes a step, trains on to the end, opens the test set, and sends what is to be read then.
SCRIPT = """
const shown = (selector) => document.querySelector(selector)?.innerText ?? "";
const until = (condition) => new Promise((resolve) => {
  const look = () => (condition() ? resolve() : requestAnimationFrame(look));
  look();
});
(async () => {
  await until(() => document.querySelector(".tl-train"));
  const [train, step] = document.querySelectorAll(".tl-buttons button");
  step.click();
  await until(() => shown(".tl-status").includes("is paused"));
  const paused = shown(".tl-status");
  train.click();
  await until(() => shown(".tl-status").includes("is done"));
  document.querySelector("[aria-label='open the test set of run 1']").click();
  await until(() => document.querySelectorAll(".tl-table td")[3].innerText.includes("%"));
  const cells = [...document.querySelectorAll(".tl-table tbody td")].map((cell) => cell.innerText.trim());
  const drawn = document.querySelectorAll(".tl-chart path.tl-line").length;
  const kept = shown(".tl-kept"); // the next frame has it
  send("end", JSON.stringify({
    paused, done: shown(".tl-status"), cells: cells.slice(0, 4).concat(cells[5]), drawn, kept,
  }));
})();
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.VARIABLE, data.STAND_IN)
        training_data.write_scripts(folder)
    write_widget_page(folder, TrainingLab(**SETTINGS), SCRIPT)
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
def test_the_lab_trains_there_as_in_chromium(name, place, server, tmp_path, expected):
    found = json.loads(what_it_sends(name, place, server, tmp_path)["end"])
    assert "error" not in found, found
    assert "step 1 of 20" in found["paused"]
    assert found == expected
