"""A real JupyterLab with a kernel, in Chromium: one server, one page, one notebook for all the tests."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

TIMEOUT = 90_000  # milliseconds; the first cell imports TensorFlow on a machine that may be busy

# What the page's own scripts would otherwise ask the reader, or fetch from elsewhere.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
}

# The first cell of the notebook; tests add theirs below it.
SETUP = """
import json

import keras
import numpy as np

from mnist_tutorial import data

(images, labels), _ = data.stand_in_digits()
"""

NOTEBOOK_SCRIPT = """() => {
  const panel = jupyterapp.shell.currentWidget;
  const cells = () => panel.content.model.sharedModel;
  const run = (id) => {
    panel.content.activeCellIndex = cells().cells.findIndex((cell) => cell.id === id);
    return jupyterapp.commands.execute("notebook:run-cell");
  };
  window.notebook = {
    add: (source) => cells().insertCell(cells().cells.length, { cell_type: "code", source }).id,
    run,
    start: (id) => { run(id); },
    mark: (id) => { panel.content.widgets.find(({ model }) => model.id === id).node.dataset.cell = id; },
    outputs: (id) => cells().cells.find((cell) => cell.id === id).outputs,
    remove: (id) => cells().deleteCell(cells().cells.findIndex((cell) => cell.id === id)),
    removeAllButTheFirst: () => cells().deleteCellRange(1, cells().cells.length),
    ids: () => cells().cells.map((cell) => cell.id),
    active: () => panel.content.activeCell.model.id,
    status: () => panel.sessionContext.session?.kernel?.status,
    interrupt: () => jupyterapp.commands.execute("notebook:interrupt-kernel"),
    save: () => panel.context.save(),
  };
}"""


class Lab:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page, file):
        self.page, self.file = page, file
        self.trouble = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))

    def _hear(self, message):
        if message.type == "error":
            self.trouble.append(f"console: {message.text}")

    def call(self, name, *arguments):
        """Call a function of NOTEBOOK_SCRIPT, and wait for what it promises."""
        return self.page.evaluate("([name, values]) => notebook[name](...values)", [name, arguments])

    def start(self, source):
        """Begin to run a new cell; return it."""
        cell = self.call("add", source)
        self.call("start", cell)
        return cell

    def run(self, source):
        """Run a new cell to its end, and return it."""
        cell = self.call("add", source)
        self.run_again(cell)
        return cell

    def run_again(self, cell):
        """Run a cell to its end; an error in it fails the test."""
        self.call("run", cell)
        for output in self.call("outputs", cell):
            assert output["output_type"] != "error", "\n".join(output["traceback"])

    def shown(self, cell):
        """Return the element that holds what a cell displays, as a Playwright locator."""
        self.call("mark", cell)
        return self.page.locator(f'[data-cell="{cell}"] .jp-Cell-outputArea')

    def value(self, expression):
        """Return what an expression is in Python now; it must be something that JSON can hold."""
        cell = self.run(f"print(json.dumps({expression}))")
        (printed,) = self.call("outputs", cell)
        self.call("remove", cell)
        return json.loads("".join(printed["text"]))

    def wait_for(self, expression, value):
        """Wait until an expression has a value in Python: messages from the page take a moment."""
        end = time.monotonic() + 10
        while (found := self.value(expression)) != value:
            assert time.monotonic() < end, f"{expression} is {found!r}; expected {value!r}"

    def wait_until_idle(self):
        """Wait until the kernel has nothing left to do."""
        self.page.wait_for_function("notebook.status() === 'idle'", timeout=TIMEOUT)


@pytest.fixture(scope="session")
def jupyter_server(tmp_path_factory):
    """Start JupyterLab in a folder of its own, with settings of its own; yield its address and a notebook."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),  # extensions and kernels of the environment are found all the same
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "KERAS_HOME": str(folder / "keras"),
        "MNIST_TUTORIAL_DATA": "stand-in",
    }
    for name, values in SETTINGS.items():
        path = folder / "config" / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), "utf-8")
    file = folder / "notebooks" / "widgets.ipynb"
    file.parent.mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    book = nbformat.v4.new_notebook(metadata=kernel, cells=[nbformat.v4.new_code_cell(SETUP)])
    nbformat.write(book, file)
    options = [
        "--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.port=0",
        f"--ServerApp.root_dir={file.parent}", "--IdentityProvider.token=test", "--ServerApp.terminals_enabled=False",
        "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LanguageServerManager.autodetect=False",
    ]  # fmt: skip
    with open(folder / "log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *options], env=environment, stdout=log, stderr=log
        )
        try:
            yield _address(server, folder), file
        finally:
            server.terminate()  # ends its kernels, too
            server.wait(20)


def _address(server, folder):
    """Wait until the server answers, and return where."""
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        for path in Path(folder, "runtime").glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text("utf-8"))["url"]
            except ValueError:
                pass  # it is being written
        time.sleep(0.2)
    pytest.fail("JupyterLab did not start:\n" + (folder / "log").read_text("utf-8")[-3000:], False)


@pytest.fixture(scope="session")
def open_lab(chromium, jupyter_server):
    """Open a notebook in JupyterLab, once for all tests."""
    address, file = jupyter_server
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    lab = Lab(page, file)
    page.route("**", lambda route: route.continue_() if route.request.url.startswith((address, "data:", "blob:"))
               else (lab.trouble.append(f"request: {route.request.url}"), route.abort()))  # fmt: skip
    page.set_default_timeout(15_000)
    page.goto(f"{address}lab/tree/{file.name}?token=test", timeout=TIMEOUT)
    page.locator(".jp-Notebook .jp-Cell").wait_for(timeout=TIMEOUT)
    page.evaluate(NOTEBOOK_SCRIPT)
    lab.wait_until_idle()
    lab.run_again(lab.call("ids")[0])
    yield lab
    context.close()


@pytest.fixture
def lab(open_lab):
    """Return the notebook with only its first cell; the kernel goes on. Errors in the browser fail the test."""
    yield open_lab
    open_lab.call("removeAllButTheFirst")
    trouble, open_lab.trouble = open_lab.trouble, []
    assert not trouble
