"""The commands in scripts/: each one explains itself, and the one that installs a browser stays brief."""

import re
import subprocess
import sys
from pathlib import Path

import install_browser
import pytest

SCRIPTS = sorted((Path(__file__).resolve().parents[2] / "scripts").glob("*.py"))
DOWNLOAD_THAT_FAILS = """
import sys
print("Downloading Chromium", flush=True)
for _ in range(5):
    print("Error: getaddrinfo ENOTFOUND cdn.example.org\\n    at GetAddrInfoReqWrap.onlookup (node:dns:111:26)",
          "Failed to install browsers", sep="\\n", file=sys.stderr)
sys.exit(1)
"""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_help_is_a_sentence_and_comes_without_tensorflow(path):
    command = [sys.executable, "-X", "importtime", path, "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.startswith(f"usage: {path.name} ")
    description = result.stdout.split("\n\n")[1]
    assert re.match(r"[A-Z]\w+ \w+ \w+", description), description
    assert not re.search(r"\| +(tensorflow|keras)$", result.stderr, re.MULTILINE)  # Keras is muted while it imports it


@pytest.fixture
def bare(monkeypatch):
    """Make a machine without a browser of this one, where every command fails; return the commands that were run."""
    commands = []
    run = subprocess.run

    def record(command, **options):
        commands.append(command)
        return run([sys.executable, "-c", DOWNLOAD_THAT_FAILS], **options)

    monkeypatch.setattr(install_browser, "find_browser", lambda: None)
    others = {name: (lambda: None, packages) for name, (_, packages) in install_browser.OTHERS.items()}
    monkeypatch.setattr(install_browser, "OTHERS", others)
    monkeypatch.setattr(install_browser.subprocess, "run", record)
    monkeypatch.setattr("sys.argv", ["install_browser.py"])
    return commands


def test_a_download_that_fails_takes_two_lines_and_no_stack_trace(bare, monkeypatch, capfd):
    monkeypatch.setattr(install_browser.shutil, "which", lambda name: None)  # no apt-get
    install_browser.main()
    assert capfd.readouterr().out.splitlines() == [
        "Downloading Playwright's Chromium ...",
        "  not possible: Error: getaddrinfo ENOTFOUND cdn.example.org",
        "No Chromium could be installed: install one by hand.",
        "No Firefox: its tests will not run. Debian has it in: firefox-esr.",
        "No WebKit: its tests will not run. Debian has it in: libwebkit2gtk-4.1-0 webkit2gtk-driver xvfb xauth.",
    ]
    assert [command[1:] for command in bare] == [["-m", "playwright", "install", "chromium"]]


def test_root_on_debian_tries_its_packages_and_others_do_not(bare, monkeypatch, capfd):
    monkeypatch.setattr(install_browser.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(install_browser.os, "geteuid", lambda: 1000, raising=False)
    install_browser.main()
    assert len(bare) == 1
    monkeypatch.setattr(install_browser.os, "geteuid", lambda: 0, raising=False)
    install_browser.main()
    assert [command[-1] for command in bare[2:]] == [
        "-qq",
        "chromium-headless-shell",
        "chromium",
        "firefox-esr",
        "xauth",
    ]
    printed = capfd.readouterr()
    assert "onlookup" not in printed.out + printed.err


def test_a_browser_that_is_there_is_named_and_nothing_is_run(bare, monkeypatch, capfd):
    monkeypatch.setattr(install_browser, "find_browser", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(install_browser, "OTHERS", {})
    install_browser.main()
    assert capfd.readouterr().out == "Browser for the tests: /usr/bin/chromium\n"
    assert bare == []
