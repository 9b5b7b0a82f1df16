"""Keras's cache and the download, over a real local server."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from digit_files import WHOLE, archive_bytes, keras_home, sha256, small_arrays

from mnist_tutorial import data

__all__ = ["keras_home"]  # fixtures


class Server(ThreadingHTTPServer):
    """Serves a small archive as MNIST, or what `send` is set to; calls `half_way` in the middle of it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}/mnist.npz"
        self.send = archive_bytes(**small_arrays())
        self.length = len(self.send)
        self.status = 200
        self.kind = None  # what it says to be sending
        self.half_way = lambda: None
        self.requests, self.downloads = [], 0

    def handle_error(self, request, client_address):
        """Say nothing when the other side hangs up: some tests are about that."""


class Answer(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.server.requests.append(f"{self.command} {self.path}")
        self.send_response(self.server.status)
        self.send_header("Content-Length", self.server.length)
        if self.server.kind:
            self.send_header("Content-Type", self.server.kind)
        self.end_headers()

    def do_GET(self):
        self.server.downloads += 1
        self.do_HEAD()
        self.wfile.write(self.server.send[:9000])
        self.server.half_way()
        self.wfile.write(self.server.send[9000:])

    do_CONNECT = do_HEAD  # noqa: N815 - as a proxy that builds no tunnel answers

    def log_message(self, *args):
        pass


def point_keras_at(url, home, set_attribute=setattr):
    """Make Keras and the package take the server's archive for MNIST, and `home` for Keras's home."""
    from keras.src.backend import config
    from keras.src.datasets import mnist

    get_file = mnist.get_file
    arrays = small_arrays()
    small = {"origin": url, "file_hash": sha256(archive_bytes(**arrays))}
    set_attribute(mnist, "get_file", lambda fname, **original: get_file(fname=fname, **small))
    set_attribute(config, "_KERAS_DIR", str(home))
    set_attribute(data, "MNIST_URL", url)
    set_attribute(data, "MNIST_SHA256", {name: sha256(array.tobytes()) for name, array in arrays.items()})


@pytest.fixture(scope="module")
def keras(tmp_path_factory):
    """Import Keras with a home of ours, because it writes a file there at once; then give back its own."""
    if "keras" not in sys.modules:
        home = os.path.expanduser(os.environ.get("KERAS_HOME", os.path.join("~", ".keras")))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
            from keras.src.backend import config
        config._KERAS_DIR = home


@pytest.fixture
def server(keras, keras_home, monkeypatch):
    with Server() as server:
        point_keras_at(server.url, keras_home, monkeypatch.setattr)
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.npz"))


def test_download_is_cached_under_its_name_alone(server, keras_home, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(keras_home.parent))
    monkeypatch.setenv("USERPROFILE", str(keras_home.parent))  # the same on Windows
    timeout = socket.getdefaulttimeout()
    for _ in range(2):
        train, _ = data.load_mnist(stand_in=False)
        assert np.array_equal(train[0], small_arrays()["x_train"])
        folder = os.path.join("~", "keras", "datasets")
        line = f"MNIST from Keras (cached in {folder}): 30 training and 20 test images."
        assert capsys.readouterr().out.splitlines()[-1] == line
        assert files_in(keras_home) == [os.path.join("datasets", "mnist.npz")]
    assert server.downloads == 1
    assert socket.getdefaulttimeout() == timeout


def test_keras_shows_its_progress(server, capsys):
    data.load_mnist()
    assert f"Downloading data from {server.url}" in capsys.readouterr().out


WEB_PAGE = b"<!DOCTYPE html><p>Sign in to use this network"


@pytest.mark.parametrize(
    ("send", "reason"),
    [
        pytest.param(WHOLE[:9000], "it broke off", id="cut off half way"),
        pytest.param(WEB_PAGE, "a web page came instead: does this network want you to sign in?", id="a web page"),
        pytest.param(archive_bytes(**small_arrays(train=31)), "what came is not MNIST", id="another archive"),
    ],
)
def test_bad_download_leaves_nothing_behind(send, reason, server, keras_home, capsys):
    server.send = send
    if send.startswith(b"<"):
        server.length = len(send)  # a web page comes with its own; the others promise the whole archive
    train, _ = data.load_mnist()
    assert server.downloads == 1
    assert len(train[0]) == 1437
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(f"Stand-in digits, not MNIST (the download failed: {reason}): ")
    assert line.endswith(data.GET_MNIST)
    assert files_in(keras_home.parent) == []
    with pytest.raises(data.DataError, match="the download failed"):
        data.load_mnist(stand_in=False)
    server.send, server.length = WHOLE, len(WHOLE)  # later, all is well
    assert len(data.load_mnist(stand_in=False)[0][0]) == 30


def test_a_network_that_answers_everything_with_a_web_page_is_not_asked_for_more(server, keras_home, capsys):
    server.send, server.kind, server.length = WEB_PAGE, "text/html; charset=utf-8", len(WEB_PAGE)
    data.load_mnist()
    assert "(a web page came instead: does this network want you to sign in?)" in capsys.readouterr().out
    assert server.downloads == 0
    assert files_in(keras_home.parent) == []


@pytest.mark.parametrize(
    ("url", "status", "request_line", "reason"),
    [
        ("http://mnist.example/mnist.npz", 200, "HEAD http://mnist.example/mnist.npz", "a web page came instead"),
        ("https://mnist.example/mnist.npz", 407, "CONNECT mnist.example:443", "the proxy said no: 407"),
        ("https://mnist.example/mnist.npz", 200, "CONNECT mnist.example:443", "no trusted connection"),
    ],
    ids=["instead of the file", "instead of a tunnel", "in the tunnel"],
)
def test_a_proxy_that_answers_with_a_web_page_is_reported(url, status, request_line, reason, monkeypatch, capsys):
    with Server() as proxy:
        proxy.send, proxy.kind, proxy.status, proxy.length = WEB_PAGE, "text/html", status, len(WEB_PAGE)
        thread = threading.Thread(target=proxy.serve_forever, args=[0.01])
        thread.start()
        monkeypatch.setattr(data, "MNIST_URL", url)
        monkeypatch.setenv(f"{url.partition(':')[0]}_proxy", proxy.url.removesuffix("/mnist.npz"))
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setattr("urllib.request._opener", None)  # it may remember that there was no proxy
        data.load_mnist()
        proxy.shutdown()
        thread.join()
    assert proxy.requests == [request_line]
    assert f"({reason}" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="there, nobody can limit how large a file may be")
def test_a_full_disk_is_named_and_nothing_half_written_stays(server, keras_home, capsys):
    import resource

    # The system lets no file grow beyond 5,000 bytes, and then says that the file is too large.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        data.load_mnist()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "(the download failed: the disk is full)" in capsys.readouterr().out
    assert files_in(keras_home.parent) == []
    assert len(data.load_mnist(stand_in=False)[0][0]) == 30


def test_interrupted_download_leaves_nothing_behind(server, keras_home, monkeypatch):
    from keras.src.datasets import mnist

    get_file = mnist.get_file

    def interrupted(fname, **options):
        get_file(fname=fname, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(mnist, "get_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        data.load_mnist()
    assert files_in(keras_home) == []


def test_stalled_download_ends(server, monkeypatch, capsys):
    monkeypatch.setattr(data, "STALL", 0.2)
    done = threading.Event()
    server.half_way = lambda: done.wait(30)
    data.load_mnist()
    done.set()
    assert "(the download failed: it broke off)" in capsys.readouterr().out


def test_silent_network_counts_as_none(monkeypatch, capsys):
    monkeypatch.setattr(data, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        monkeypatch.setattr(data, "MNIST_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/mnist.npz")
        data.load_mnist()
    assert "(no network)" in capsys.readouterr().out


def test_server_that_refuses_is_quoted(server, capsys):
    server.status = 403
    data.load_mnist()
    assert "(the server answered 403)" in capsys.readouterr().out
    assert server.downloads == 0


def test_corrupt_cache_is_replaced_when_there_is_a_network(server, keras_home, capsys):
    cached = keras_home / "datasets" / "mnist.npz"
    cached.parent.mkdir()
    cached.write_bytes(WHOLE[:9000])
    train, _ = data.load_mnist()
    assert len(train[0]) == 30
    assert cached.read_bytes() == WHOLE


@pytest.mark.parametrize("content", ["cut off", "not MNIST"])
def test_bad_cache_is_not_used_without_network(content, keras_home, capsys):
    cached = keras_home / "datasets" / "mnist.npz"
    cached.parent.mkdir()
    cached.write_bytes(WHOLE[:9000] if content == "cut off" else WHOLE)
    assert len(data.load_mnist()[0][0]) == 1437
    assert "(no network)" in capsys.readouterr().out


def test_read_only_home_makes_keras_use_the_temporary_folder(server, keras_home, monkeypatch):
    # A home under a file, where nobody can write: after chmod, root still could.
    blocked = keras_home / "a file" / "keras"
    blocked.parent.touch()
    monkeypatch.setenv("KERAS_HOME", str(blocked))
    point_keras_at(server.url, blocked, monkeypatch.setattr)
    for _ in range(2):
        assert len(data.load_mnist(stand_in=False)[0][0]) == 30
    assert server.downloads == 1
    cached = os.path.join("temporary", ".keras", "datasets", "mnist.npz")
    assert files_in(keras_home.parent) == [cached]


def test_nowhere_to_write_gives_the_stand_in(server, keras_home, monkeypatch, capsys):
    blocked = keras_home / "a file" / "keras"
    blocked.parent.touch()
    monkeypatch.setenv("KERAS_HOME", str(blocked))
    monkeypatch.setattr(tempfile, "tempdir", str(blocked))
    point_keras_at(server.url, blocked, monkeypatch.setattr)
    data.load_mnist()
    assert "(the download failed: [Errno" in capsys.readouterr().out


def test_two_processes_at_once_both_succeed(server, keras_home):
    # The server waits half way until both are there: each meets the other's unfinished file.
    server.half_way = threading.Barrier(2, timeout=120).wait
    script = f"""
import test_download
test_download.point_keras_at({server.url!r}, {str(keras_home)!r})
(x_train, _), _ = test_download.data.load_mnist(stand_in=False)
assert (x_train == test_download.small_arrays()["x_train"]).all()
"""
    options = {"env": os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}, "stderr": subprocess.PIPE}
    processes = [
        subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parent, **options) for _ in range(2)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors.decode()
    assert server.downloads == 2
    assert files_in(keras_home) == [os.path.join("datasets", "mnist.npz")]
    assert (keras_home / "datasets" / "mnist.npz").read_bytes() == WHOLE
