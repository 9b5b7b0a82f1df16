# @title On Google Colab, this cell installs the book's package. Anywhere else it does nothing.
import sys
from importlib.util import find_spec

if "google.colab" in sys.modules and not find_spec("mnist_tutorial"):
    import os
    import re
    import subprocess
    from contextlib import suppress
    from urllib.parse import unquote
    from urllib.request import urlopen

    from google.colab import _message

    known = ""
    with suppress(Exception):  # opened from GitHub: the session's path holds the address
        sessions = "http://{COLAB_JUPYTER_IP}:{KMP_TARGET_PORT}/api/sessions".format(**os.environ)
        known = unquote(urlopen(sessions, timeout=20).read().decode())
    with suppress(Exception):  # a copy in Google Drive: the notebook says what it is a copy of
        known += str(_message.blocking_request("get_ipynb", timeout_sec=20)["ipynb"]["metadata"])
    origin = re.search(r"(https://github\.com/[\w.-]+/[\w.-]+)/blob/(.+?)/chapters/", known)
    if not origin:
        raise RuntimeError(
            "Colab does not say which repository this notebook came from. Make a new cell, type the next line into it "
            "with the repository's address in place of the capitals, run it, and then run this cell again.\n"
            "%pip install --quiet git+https://github.com/OWNER/NAME"
        )
    address = f"git+{origin[1]}@{origin[2]}"
    print(f"Installing the book's package from {address} (about a minute) ...", flush=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", address]
    pip = subprocess.run(command, capture_output=True, text=True)
    if pip.returncode:
        raise RuntimeError(
            f"{address} could not be installed. If GitHub or the network did not answer, run this cell again in a "
            f"minute. The end of what pip said:\n{pip.stderr[-2000:]}"
        )
