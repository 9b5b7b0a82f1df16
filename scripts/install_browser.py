"""Make sure that a Chromium is there for the browser tests; print where it is.

Looks for an installed one, then tries Playwright's own download, then the system's packages. The headless shell comes
first: the same engine without windows, tabs and toolbars, which nobody sees here, and a page costs it a third as much.
"""

import os
import shutil
import subprocess
import sys

from site_checks.book_in_browser import BROWSERS, find_browser


def main():
    if find_browser() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if find_browser() is None and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        for name in BROWSERS[:2]:  # not every system has the first
            if find_browser() is None:
                subprocess.run(["apt-get", "install", "-y", "-qq", name], check=False, stdout=subprocess.DEVNULL)
    path = find_browser()
    print(f"Browser for the tests: {path}" if path else "No Chromium could be installed: install one by hand.")


if __name__ == "__main__":
    main()
