"""What tests of widgets that train share: files with the stand-in digits, and Python's part in Jupyter."""

import base64
import json
import re
import subprocess

import pytest
from train_in_engine import NODE

from book_sphinx import widgets as widget_pages
from mnist_tutorial import data
from mnist_tutorial.widgets import bundle, training_data


@pytest.fixture(scope="module", autouse=True)
def stand_in():
    """Have every digit of a file of tests come from the stand-in digits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.VARIABLE, data.STAND_IN)
        yield


@pytest.fixture(scope="module")
def widget_files(tmp_path_factory, stand_in):
    """Return a folder of the pages' scripts, the digits to train on among them."""
    folder = tmp_path_factory.mktemp("training")
    widget_pages.write_files(folder)
    training_data.write_scripts(folder)
    return folder


def run_module(folder, script, *names):
    """Run a script in Node that finds what some modules of a widget's folder export; return its result."""
    parts = [bundle.front_end(folder / name).replace("export function", "function") for name in names]
    source = re.sub(r"^export const", "const", "\n".join(parts), flags=re.MULTILINE)
    result = subprocess.run(
        [NODE, "--input-type=module", "--eval", f"{source}\nconsole.log(JSON.stringify((() => {{{script}}})()));"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return json.loads(result.stdout)


def send_from_python(page, widget):
    """Do what Jupyter does: pass what the browser has asked for to Python, and the answer back."""
    wanted = page.wait_for_function(
        "fake.state.wanted.which && fake.state.wanted.count > (window.answered ?? 0) && fake.state.wanted"
    ).json_value()
    widget.wanted = wanted
    sent = {
        name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in widget.sent.items()
    }
    page.evaluate(
        """sent => {
          window.answered = sent.count;
          for (const [name, value] of Object.entries(sent)) {
            if (value?.base64 === undefined) continue;
            sent[name] = new DataView(Uint8Array.from(atob(value.base64), (one) => one.charCodeAt(0)).buffer);
          }
          fake.change({ sent });
        }""",
        sent,
    )
    return wanted["which"]
