"""What several tests share: the built book, a browser, and surroundings that leave the reader's own alone."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]

os.environ.setdefault("MPLBACKEND", "Agg")  # no test opens a window
AS_STARTED = dict(os.environ)  # what the book is built with: the reader's own caches, as `make book` has it
NO_BROWSER = "No browser: "


@pytest.fixture(scope="module", autouse=True)
def own_keras_home(tmp_path_factory):
    """Keep Keras, which writes its settings when it is imported, out of the reader's home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_HOME", str(tmp_path_factory.getbasetemp() / "keras"))
        yield


@pytest.fixture(scope="session")
def book(pytestconfig, tmp_path_factory):
    """Build the book as CI does, with warnings as errors; return the folder of its pages.

    Where tests run in several processes, the first one that needs the book builds it for all.
    """
    folder = tmp_path_factory.getbasetemp()
    outcome = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "book-was-built"
    html = ROOT / "_build" / "html"
    with FileLock(outcome.with_suffix(".lock")):
        if not outcome.exists():
            shutil.rmtree(html, ignore_errors=True)  # a page that is no longer made must not pass as one
            with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
                print("\nBuilding the book: seconds, or minutes when its chapters have to run ...", flush=True)
            outcome.write_text(errors_of_building(), "utf-8")
    if errors := outcome.read_text("utf-8"):
        pytest.fail(errors, False)
    return html


def errors_of_building():
    """Build the book; return the last lines of a build that failed, "" after one that did not."""
    command = Path(sysconfig.get_path("scripts"), "jupyter-book")
    result = subprocess.run(
        [command, "build", ".", "-n", "-W", "--keep-going", "--all"],
        cwd=ROOT,
        env=AS_STARTED,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if result.returncode == 0:
        return ""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout).splitlines()
    return "\n".join(["The book was not built. The last lines of the build:", *lines[-60:]])


@pytest.fixture(scope="session")
def tiny_book(tmp_path_factory):
    """Build a tiny book from the stand-in, in a folder that is no checkout; return it and what was printed."""
    from tiny_book import TinyBook

    book = TinyBook.make(tmp_path_factory.mktemp("tiny") / "book")
    code, printed = book.build()
    assert code == 0, printed
    return book, printed


@pytest.fixture(scope="session")
def tiny_book_online(tmp_path_factory):
    """Build the tiny book once more, with an address and words of its own on each page; return it."""
    from tiny_book import TinyBook

    book = TinyBook.make(tmp_path_factory.mktemp("online") / "book")
    book.edit("index.md", "# A tiny book", "---\ndescription: Front matter & 'quotes'.\n---\n# A tiny book")
    book.edit("digits.ipynb", "# Digits", r"# Digits\n\nDigits are *loaded*, and \"counted\".")
    book.edit("sums.ipynb", "# Adding up", r"# Adding up\n\n**You will**\n\n- add two numbers,\n- see what comes out.")
    code, printed = book.build(BOOK_ADDRESS="https://someone.github.io/digits")
    assert code == 0, printed
    return book


@pytest.fixture(scope="session")
def digits_of_book(book):
    """Return which digits the book had to be built from: "MNIST", "stand-in" or "other"."""
    script = "from mnist_tutorial import data; print(data.identify(*data.load_mnist(quiet=True)))"
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, cwd=ROOT, env=AS_STARTED, capture_output=True, text=True, check=True)
    return result.stdout.split()[-1]


@pytest.fixture(scope="session")
def chromium():
    """Start Chromium. Where there is none, a reader's run skips (and says so at its end); CI fails."""
    from playwright.sync_api import Error, sync_playwright

    from site_checks.book_in_browser import FLAGS, find_browser

    path = find_browser()
    trouble = "no Chromium was found: scripts/install_browser.py installs one"
    if path is not None:
        with sync_playwright() as playwright:
            try:
                browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            except Error as error:
                trouble = f"{path} does not start: {error.message.splitlines()[0]}"
            else:
                yield browser
                browser.close()
                return
    (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_BROWSER + trouble)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    result = yield  # the last words, after all that others have to say
    reports = [one for kind in ("skipped", "error") for one in terminalreporter.stats.get(kind, [])]
    crashes = [(one, getattr(one.longrepr, "reprcrash", None)) for one in reports]
    printed = "".join(f"{crash.message if crash else one.longreprtext}\n" for one, crash in crashes)
    if trouble := re.search(f"{NO_BROWSER}(.*?)['\n]", printed):
        terminalreporter.section("TESTS IN A BROWSER DID NOT RUN", red=True, bold=True)
        terminalreporter.line(f"Nobody has checked this: {trouble[1]}.", red=True)
    return result
