"""Firefox and WebKit: a page of a folder drives itself there, and sends what it has found here.

A page's script sends by `send(name, body)`, and ends with the name "end".
"""

import http.server
import json
import os
import queue
import subprocess
import threading
from contextlib import contextmanager

import pytest
from engine_in_node import POLICY

from book_sphinx import widgets as widget_pages
from site_checks.book_in_browser import WEBKIT_SETTINGS, find_firefox, find_webkit

TIMEOUT = 300  # seconds for a browser to start, work and answer
PLACES = ["served under the strict policy", "from the disk"]
INBOX = """window.send = (name, body) => fetch(ADDRESS + name, { method: "POST", mode: "no-cors", body });
window.addEventListener("error", ({ message }) => send("end", JSON.stringify({ error: message })));
window.addEventListener("unhandledrejection", ({ reason }) => send("end", JSON.stringify({ error: String(reason) })));
"""


def _firefox(folder):
    path = find_firefox()
    return path and [path, "--headless", "--no-remote", "--profile", str(folder)]


def _webkit(folder):
    command = find_webkit()
    return command and [*command, "--private"]


BROWSERS = {"Firefox": _firefox, "WebKit": _webkit}


class Inbox(http.server.SimpleHTTPRequestHandler):
    """Serves the page under the README's policy, and keeps what is sent."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.inbox.put((self.path.strip("/"), body))  # before the answer, after which the page sends the next
        self.send_response(204)
        super().end_headers()

    def log_message(self, *args):
        pass


def write_widget_page(folder, widget, script, *others):
    """Write a page of the book with some widgets into a folder; its script runs when they are there."""
    widget_pages.write_files(folder)
    widgets = (widget, *others)
    names = ("inbox", "host", *(one.name for one in widgets), "page")
    scripts = "".join(f'<script defer src="{name}.js"></script>' for name in names)
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{widget.name}</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="host.css">'
        f'<link rel="stylesheet" href="{widget.name}.css">'
        f"{scripts}{''.join(one.page_html() for one in widgets)}</html>",
        "utf-8",
    )
    (folder / "page.js").write_text(f"document.addEventListener('DOMContentLoaded', () => {{{script}}});", "utf-8")


@contextmanager
def serve_inbox(folder):
    """Serve a folder, and write inbox.js into it, which gives its pages `send`; yield the server."""

    def handler(*args):
        return Inbox(*args, directory=folder)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.inbox, server.folder = queue.Queue(), folder
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        address = json.dumps(f"http://127.0.0.1:{server.server_port}/")
        (folder / "inbox.js").write_text(INBOX.replace("ADDRESS", address), "utf-8")
        yield server
        server.shutdown()


def what_it_sends(name, place, server, profile):
    """Open index.html of the server's folder in a browser; return what its script sends, until "end", as bytes."""
    start = f"http://127.0.0.1:{server.server_port}" if place.startswith("served") else server.folder.as_uri()
    command = BROWSERS[name](profile)
    if not command:
        leave = pytest.fail if os.environ.get("CI") else pytest.skip
        leave(f"No browser: {name} is not installed, so nobody has looked at it there: scripts/install_browser.py")
    process = subprocess.Popen(
        [*command, f"{start}/index.html"],
        env={**os.environ, "HOME": str(profile), **WEBKIT_SETTINGS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    sent = {}
    try:
        while "end" not in sent:
            sent.update([server.inbox.get(timeout=TIMEOUT)])
    finally:
        os.killpg(process.pid, 15)
        process.wait()
    return sent
