"""Make sure that the browsers of the tests are there, and print where: Chromium, Firefox and WebKit.

Looks for an installed Chromium, then tries Playwright's own download, then the system's packages (as root, where there
is apt-get). The headless shell comes first: the same engine without windows, tabs and toolbars, which nobody sees here,
and a page costs it a third as much. Firefox and WebKit, for the tests that compare all three, come from the system's
packages alone.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

from site_checks.book_in_browser import BROWSERS, find_browser, find_firefox, find_webkit_driver

OTHERS = {  # how each is looked for, and Debian's packages that bring it
    "Firefox": (find_firefox, ["firefox-esr"]),
    "WebKit": (find_webkit_driver, ["libwebkit2gtk-4.1-0", "webkit2gtk-driver", "xvfb", "xauth"]),
}
INSTALL = ["apt-get", "install", "-y", "-qq"]


def attempt(what, command):
    """Run a command without its output; print one line that says what is tried, and one with the reason if it fails."""
    print(f"{what} ...", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}  # no package may ask anything
    result = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if result.returncode:
        print(f"  not possible: {reason(result.stderr) or f'exit code {result.returncode}'}", flush=True)
    return result.returncode == 0


def reason(stderr):
    """Return the line of an error output that says what went wrong: the first error, or else the last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(E|\w*Error): ", line)]
    return [*errors[:1], *lines[-1:], ""][0]


def main():
    """Look for the browsers, install what is missing, and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    may_install = shutil.which("apt-get") and os.geteuid() == 0
    missing = {name: packages for name, (find, packages) in OTHERS.items() if not find()}
    if find_browser() is None:
        attempt("Downloading Playwright's Chromium", [sys.executable, "-m", "playwright", "install", "chromium"])
    if may_install and (missing or find_browser() is None):
        attempt("Reading the system's list of packages", ["apt-get", "update", "-qq"])
        for name in BROWSERS[:2]:  # not every system has the first
            if find_browser() is None:
                attempt(f"Installing the system's package {name}", [*INSTALL, name])
        for name, packages in missing.items():
            attempt(f"Installing {name} from the system's packages", [*INSTALL, *packages])
    path = find_browser()
    print(f"Browser for the tests: {path}" if path else "No Chromium could be installed: install one by hand.")
    for name, (find, packages) in OTHERS.items():
        if not find():
            print(f"No {name}: its tests will not run. Debian has it in: {' '.join(packages)}.")


if __name__ == "__main__":
    main()
