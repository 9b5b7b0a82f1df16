"""Files that state huge sizes are refused before memory is taken, and nothing is unpickled or run."""

import io
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import targets
from npy_entries import entry
from numpy.lib import format as npy

from mnist_tutorial import data, workers

ROOT = Path(__file__).resolve().parents[2]


# Memory: a size that a file states is refused before memory is taken.


def png(width, height, bits=8, colour=2):
    """Return a PNG of this size, with the pixels of its first rows alone."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def packed(compression, count):
    """Return an archive whose x_train is this many empty images: a megabyte or less, which grows a thousand times."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(targets.seeds("archive")[0])) as good, zipfile.ZipFile(file, "w") as archive:
        for name in ("y_train", "x_test", "y_test"):
            archive.writestr(f"{name}.npy", good.read(f"{name}.npy"))
        with archive.open(zipfile.ZipInfo("x_train.npy"), "w", force_zip64=True) as body:
            body._compressor = zipfile._get_compressor(compression, 9)
            body._zinfo.compress_type = compression
            header = io.BytesIO()
            npy.write_array_header_1_0(header, {"shape": (count, 28, 28), "fortran_order": False, "descr": "|u1"})
            body.write(header.getvalue())
            for _ in range(count // 1000):
                body.write(bytes(784_000))
    return file.getvalue()


def tiff_that_states_a_huge_size():
    """Return a TIFF that says its one strip has four billion bytes."""
    entries = [(256, 4, 4000), (257, 4, 4000), (258, 3, 8), (259, 3, 5), (262, 3, 1), (273, 4, 8)]
    entries += [(278, 4, 4000), (279, 4, 2**32 - 1)]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + bytes(4)


def bmp_of_billions():
    return struct.pack("<2sIIIIiiHH99x", b"BM", 99, 0, 54, 40, 65000, 65000, 1, 24)


BOMBS = {
    "an archive of 235 MB": ("archive", lambda: packed(zipfile.ZIP_DEFLATED, 300_000)),
    "bzip2": ("archive", lambda: packed(zipfile.ZIP_BZIP2, 30_000)),
    "lzma": ("archive", lambda: packed(zipfile.ZIP_LZMA, 30_000)),
    "terabytes of images": ("archive", lambda: _with("archive", "x_train", entry((10**9, 28, 28)))),
    "800 thousand images": ("archive", lambda: _with("archive", "x_train", entry((800_000, 28, 28)))),
    "terabytes of losses": ("checkpoint", lambda: _with("checkpoint", "losses", entry((10**12,), "<f8"))),
    "a gigabyte of losses": ("checkpoint", lambda: _with("checkpoint", "losses", entry((10**9 // 8,), "<f8"))),
    "endless settings": ("checkpoint", lambda: _with("checkpoint", "settings", entry((), "<U999999999"))),
    "a PNG of billions": ("image_file", lambda: png(2**31 - 1, 2**31 - 1)),
    "a PNG of 51 megapixels": ("image_file", lambda: png(51_000, 1000)),
    "a PNG of 4 gigapixels, one bit each": ("image_file", lambda: png(65_535, 65_535, bits=1, colour=0)),
    "a TIFF with a strip of 4 GB": ("image_file", tiff_that_states_a_huge_size),
    "a PPM of billions": ("image_file", lambda: b"P6 99999 99999 255\n" + bytes(99)),
    "a BMP of billions": ("image_file", bmp_of_billions),
    "a photo of billions": ("drawing", lambda: b"\xff\xff\xff\xff" + bytes(99)),
}  # fmt: skip


def _with(name, replaced, content):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(targets.seeds(name)[0])) as good, zipfile.ZipFile(file, "w") as archive:
        for one in good.namelist():
            archive.writestr(one, content if one == f"{replaced}.npy" else good.read(one))
    return file.getvalue()


IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
import targets, PIL.Image, scipy.ndimage
PIL.Image.init()
folder = Path(sys.argv[1])
for name in ("image_file", "archive"):
    targets.TARGETS[name](targets.seeds(name)[0])  # so that all that is needed is loaded
taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 250_000_000,) * 2)
def only(kind, naming=""):
    return Refused(kind)
class Refused:
    def __init__(self, kind):
        self.kind = kind
    def __enter__(self):
        pass
    def __exit__(self, kind, error, trace):
        assert kind is not None, "it was taken"
        assert issubclass(kind, self.kind), kind
        while error:  # want of memory may not be what stopped it
            assert not isinstance(error, MemoryError), "it asked for too much memory"
            error = error.__cause__ or error.__context__
        return True
targets.only = only
for path in sorted(folder.iterdir()):
    print(path.name, flush=True)
    targets.TARGETS[path.name.partition(" ")[0]](path.read_bytes())
print("all refused")
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere a process has no such limit, or no /proc to read it from"
)
def test_bombs_are_refused_in_little_memory(tmp_path):
    for what, (name, make) in BOMBS.items():
        (tmp_path / f"{name} {what}").write_bytes(make())
    assert max(path.stat().st_size for path in tmp_path.iterdir()) < 1_000_000
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "fuzz")])}
    command = [sys.executable, "-c", IN_LITTLE_MEMORY, str(tmp_path)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert result.stdout.splitlines()[-1:] == ["all refused"], result.stdout[-300:] + result.stderr[-1500:]


def test_archives_that_numpy_packs_are_still_taken(tmp_path):
    """Almost empty images grow a thousand times, as well; as long as they are few, that is no harm."""
    path = tmp_path / "empty.npz"
    empty = {"x_train": np.zeros((60_000, 28, 28), "u1"), "y_train": np.zeros(60_000, "u1")}
    empty |= {"x_test": np.zeros((9, 28, 28), "u1", order="F"), "y_test": np.zeros(9, "u1")}
    empty["x_train"][0, 0, 0] = empty["x_test"][0, 0, 0] = 255
    np.savez_compressed(path, **empty)
    assert len(data.read_archive(path)[0][0]) == 60_000


# No pickle.


def test_a_checkpoint_is_never_unpickled(tmp_path, monkeypatch):
    monkeypatch.setattr("pickle.load", lambda *args, **kwargs: pytest.fail("unpickled"))
    path = tmp_path / "run.npz"
    for settings_, losses in ((np.array([None]), [1.0]), ("", np.array([None]))):
        np.savez(path, settings=settings_, losses=losses)
        with pytest.raises(ValueError, match=r"run\.npz: expected a checkpoint.*Delete it"):
            workers._restore(path, "", targets._Variables(), targets._Variables())


UNSAFE = "allow_pickle *= *True|safe_mode *= *False|enable_unsafe|pickle|joblib|import dill"
PLACES = (
    "mnist_tutorial",
    "scripts",
    "book_sphinx",
    "site_checks",
    "chapters",
    "benchmarks",
    "requirements.txt",
    "pyproject.toml",
)


def test_nothing_pickles_or_loads_without_care():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "grep", "--untracked", "-I", "-n", "-i", "-E", UNSAFE, "--", *PLACES]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode in (0, 1), found.stderr
    # These speak of it to say that they never do, and to recognise such a file.
    about = r"mnist_tutorial/(archive|data|data_files|file_formats)\.py:\d+:(?!.*(import|pickle\.|=True)).*pickle"
    assert not [line for line in found.stdout.splitlines() if not re.match(about, line)]


def test_a_saved_model_that_holds_code_is_refused(tmp_path):
    """As the chapters load one, with `keras.models.load_model(file)`: Keras's safe mode is on unless turned off."""
    import keras

    path = tmp_path / "strange.keras"
    keras.Sequential([keras.Input((1,)), keras.layers.Lambda(lambda x: x + 1)]).save(path)
    with pytest.raises(ValueError, match=r"(?i)lambda.*unsafe|unsafe.*lambda"):
        keras.models.load_model(path)
