"""What `pytest --nbmake` says of a chapter whose computer has nothing left for it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from test_builds import as_an_ordinary_user

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals, rights and devices")
CHAPTERS = {
    "computes": "import matplotlib.pyplot as plt\n\nprint(plt.figure())",
    "dies": "import os, signal\n\nos.kill(os.getpid(), signal.SIGKILL)",
    "fills": "from pathlib import Path\n\nPath('/dev/full').write_text('x')",
    "stumbles": "1 / 0",
    "writes": "import numpy as np\n\nnp.save('my_images.npy', np.zeros(3))",
}


def test_each_trouble_is_said_in_plain_words_in_a_checkout_and_a_home_that_are_read_only(tmp_path):
    folder = tmp_path / "chapters"
    home = tmp_path / "home"
    for one in (folder, home):
        one.mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    for name, code in CHAPTERS.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata=kernel)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    options = ["-p", "no:cacheprovider", "-p", "conftest", "-c", ROOT / "pyproject.toml", "--rootdir", ROOT]
    command = [*as_an_ordinary_user(), sys.executable, "-m", "pytest", *options, "--nbmake", folder]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "JUPYTER"))}
    environment |= {"HOME": str(home), "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    folder.chmod(0o555)
    home.chmod(0o555)
    try:
        result = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
    finally:
        folder.chmod(0o755)
        home.chmod(0o755)
    printed = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
    assert "4 failed, 1 passed" in printed, printed
    pieces = re.split(r"^_+ \S*?(\w+)\.ipynb _+$", printed, flags=re.MULTILINE)
    reports = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    plain = {name: report.partition("- In plain words -")[2] for name, report in reports.items()}
    assert "begins with `import os, signal`. Most likely the computer ran out of memory" in plain["dies"]
    assert "The disk is full. Make room on it" in plain["fills"]
    assert "Permission denied: 'my_images.npy'" in reports["writes"]
    assert "cannot be written to. Copy the book's folder to a place of your own" in plain["writes"]
    assert plain["stumbles"] == ""
