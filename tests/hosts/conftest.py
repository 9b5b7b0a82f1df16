"""A real JupyterLab and a real Notebook 7 with kernels, in Chromium: one server, and in each one notebook for all."""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from hosts import HOSTS, NOTEBOOK_SCRIPT, TIMEOUT, Lab

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"

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
        "--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LanguageServerManager.autodetect=False",
    ]  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", *options],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        yield _address(server), file
    finally:
        server.terminate()  # ends its kernels as well
        server.wait(20)


def _address(server):
    """Wait until the server says that it runs, and return where; then go on reading its log, or it would block."""
    deadline = threading.Timer(60, server.kill)
    deadline.start()
    log = []
    for line in server.stderr:
        log.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            deadline.cancel()
            threading.Thread(target=collections.deque, args=(server.stderr, 0), daemon=True).start()
            return found[0]
    pytest.fail("JupyterLab did not start:\n" + "".join(log)[-3000:], False)


@pytest.fixture(scope="session")
def show_notebook(chromium, jupyter_server):
    """Return a function that opens a notebook in a host, in a page of its own, and waits for its kernel."""
    address, _ = jupyter_server
    contexts = []

    def show(host, file):
        contexts.append(chromium.new_context(viewport={"width": 1400, "height": 1000}))
        page = contexts[-1].new_page()
        lab = Lab(page, file)
        page.route("**", lambda route: route.continue_() if route.request.url.startswith((address, "data:", "blob:"))
                   else (lab.trouble.append(f"request: {route.request.url}"), route.abort()))  # fmt: skip
        page.set_default_timeout(15_000)
        page.goto(f"{address}{HOSTS[host].format(name=file.stem)}?token=test", timeout=TIMEOUT)
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=TIMEOUT)
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.model", timeout=TIMEOUT)
        page.evaluate(NOTEBOOK_SCRIPT)
        lab.wait_until_idle()
        return lab

    yield show
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def open_lab(show_notebook, jupyter_server):
    """Return a function that gives a host's notebook for all tests, and opens it when it is first asked for."""
    _, file = jupyter_server
    opened = {}

    def open_(host):
        if host not in opened:
            own = file.with_name(f"widgets-{host}.ipynb")  # a notebook has one kernel, in every host
            shutil.copy(file, own)
            opened[host] = show_notebook(host, own)
            opened[host].run_again(opened[host].call("ids")[0])
        return opened[host]

    return open_


@pytest.fixture
def lab(request, open_lab):
    """Return the notebook with only its first cell; the kernel goes on. Errors in the browser fail the test.

    It is JupyterLab's, unless a test is parametrized with `each_host`.
    """
    opened = open_lab(getattr(request, "param", "jupyterlab"))
    yield opened
    opened.call("removeAllButTheFirst")
    trouble, opened.trouble = opened.trouble, []
    assert not trouble


@pytest.fixture
def open_chapter(show_notebook, jupyter_server):
    """Return a function that opens a copy of a chapter in a host; errors in the browser fail the test."""
    folder = jupyter_server[1].parent
    opened = []

    def open_(host, chapter):
        file = folder / f"{chapter}-{host}.ipynb"
        shutil.copy(CHAPTERS / f"{chapter}.ipynb", file)
        opened.append(show_notebook(host, file))
        return opened[-1]

    yield open_
    trouble = [said for lab in opened for said in lab.trouble]
    for lab in opened:
        lab.call("shutDown")  # the kernel keeps TensorFlow in memory; that it is gone, the host says as well
        lab.page.close()
    assert trouble == []
