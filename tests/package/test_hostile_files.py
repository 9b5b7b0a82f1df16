"""Files that anyone may have written: whatever reads them gives documented errors alone, soon, and in little memory.

What each reader may do with bytes is in fuzz/targets.py. Hypothesis makes the bytes here; `make fuzz` lets Atheris
make them, led by the code that they reach.
"""

import io
import json
import os
import re
import struct
import subprocess
import sys
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import targets
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.lib import format as npy
from PIL import Image

from mnist_tutorial import data, handwriting, workers
from mnist_tutorial.__main__ import main
from mnist_tutorial.exercises import bank
from mnist_tutorial.handwriting import read_image

ROOT = Path(__file__).resolve().parents[2]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def tried(count):
    """Try a number of examples, the same ones every time."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
    return settings(max_examples=count, derandomize=True, deadline=None, database=None, suppress_health_check=slow)


# 1. Good files, mangled.


@st.composite
def mangled(draw, name):
    """Return good bytes with a few of them changed, put in, left out or doubled, and perhaps cut off."""
    content = bytearray(draw(st.sampled_from(targets.seeds(name))))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        change = draw(st.sampled_from(["change", "change", "change", "put in", "leave out", "double", "end"]))
        if change == "change":
            new = draw(st.binary(min_size=1, max_size=4) | st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f"]))
            content[at : at + len(new)] = new
        elif change == "put in":
            content[at:at] = draw(st.binary(min_size=1, max_size=8))
        elif change == "leave out":
            del content[at : at + draw(st.integers(1, 64))]
        elif change == "double":
            content[at:at] = content[at : at + draw(st.integers(1, 300))]
        else:
            del content[at:]
    return bytes(content)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_good_bytes_are_taken(name, monkeypatch):
    """Or else the tests below would compare nothing but refusals."""
    refused = []
    monkeypatch.setattr(targets, "only", lambda kind, naming="": _Noting(kind, refused))
    for content in targets.seeds(name):
        targets.TARGETS[name](content)
    if name not in ("records", "drawing"):  # theirs are parts of a record, and a photo without ink
        assert not refused


class _Noting:
    def __init__(self, kind, refused):
        self.kind, self.refused = kind, refused

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind and issubclass(kind, self.kind):
            self.refused.append(error)
            return True
        return False


@pytest.mark.parametrize("name", targets.TARGETS)
def test_mangled_bytes(name, capfd):
    @tried(60 if name in ("image_file", "pixels") else 120)
    @given(mangled(name))
    def check(content):
        targets.TARGETS[name](content)

    check()


# 2. Archives whose headers state anything.


def entry(shape=(3,), descr="|u1", fortran=False, body=b"", version=(1, 0)):
    """Return an .npy file that declares what it likes."""
    header = repr({"descr": descr, "fortran_order": fortran, "shape": shape}).encode("latin1", "replace") + b"\n"
    length = struct.pack("<H" if version == (1, 0) else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + length + header + body


SIZES = st.sampled_from([-1, 0, 1, 2, 3, 28, 10**6, 10**6 + 1, 10**12, 2**63, 10**30, True, 1.5, None, "3"])
ENTRIES = st.builds(
    entry,
    st.lists(SIZES | st.integers(0, 4), max_size=4).map(tuple) | JSON,
    st.sampled_from(["|u1", "|O", "<f8", "<U9", "|S999999999", "<i8", ">u2", "|b1", "<M8[s]", [("a", "|u1")], "?", 3]),
    st.booleans() | st.just("yes"),
    st.binary(max_size=40) | st.integers(0, 4000).map(bytes),
    st.sampled_from([(1, 0), (1, 0), (1, 0), (2, 0), (3, 0), (9, 9)]),
)
PACKINGS = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])


def archives(names, good):
    """Return a strategy of archives: under each name good bytes or an arbitrary header, in any order, twice or not."""
    good = zipfile.ZipFile(io.BytesIO(good))
    contents = {name: good.read(f"{name}.npy") for name in names}

    @st.composite
    def build(draw):
        file = io.BytesIO()
        with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
            warnings.simplefilter("ignore")  # of names that are there twice
            for name in draw(st.lists(st.sampled_from(names), max_size=9)) if draw(st.booleans()) else names:
                info = zipfile.ZipInfo(draw(st.sampled_from([f"{name}.npy"] * 6 + [name, f"/{name}.npy", "../x.npy"])))
                info.compress_type = draw(PACKINGS)
                info.external_attr = draw(st.sampled_from([0, 0xA1FF0000, 0x10]))  # a symbolic link; a folder
                archive.writestr(info, contents[name] if draw(st.integers(0, 3)) else draw(ENTRIES))
        return file.getvalue()

    return build()


@tried(80)
@given(archives(list(data.ARRAYS), targets.seeds("archive")[0]))
def test_archives_that_state_any_size(content):
    targets.archive(content)


@tried(80)
@given(archives(["settings", "losses", "weight 0", "weight 1", "optimizer 0"], targets.seeds("checkpoint")[0]))
def test_checkpoints_that_state_any_size(content):
    targets.checkpoint(content)


@pytest.mark.parametrize(
    "header", [entry((3,) * 3000), entry(descr="x" * 5000), entry([("\x1b[2J", "x" * 5000)]), entry({"x" * 5000: 1})]
)
def test_what_a_header_says_is_repeated_in_a_few_words(header):
    """make fuzz found this one: NumPy's errors quote the whole header."""
    for target, name in ((targets.checkpoint, "settings"), (targets.archive, "x_train")):
        good = zipfile.ZipFile(io.BytesIO(targets.seeds(target.__name__)[0]))
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for one in good.namelist():
                archive.writestr(one, header if one == f"{name}.npy" else good.read(one))
        target(file.getvalue())


def test_names_in_an_archive_cannot_command_the_terminal(tmp_path):
    path = tmp_path / "bad.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5000):
            archive.writestr(f"\x1b[2J\x07{number}\n", b"")
    with pytest.raises(data.DataError) as caught:
        data.read_archive(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("path", ["x" * 5000, "a\0b", "~nobody-of-this-name/mnist.npz", "/dev/null/mnist.npz", "."])
def test_paths_that_lead_nowhere(path):
    for load in (data.load_mnist, data.data_source, data.read_archive):
        with pytest.raises((data.DataError, FileNotFoundError), match="expected an mnist"):
            load(path)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "mnist.npz"
    path.write_bytes(targets.seeds("archive")[0])

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    for load in (data.load_mnist, data.data_source):
        with pytest.raises(data.DataError, match=r"cannot be read \(Permission denied\)"):
            load(path)


# 3. Pictures and arrays of any form.

MODES = ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "PA", "La", "RGBa", "RGBX"]
MODES += ["I;16", "I;16L", "I;16B"]
SIDES = st.sampled_from([0, 1, 7, 8, 9, 31, 300, 2000])


@tried(100)
@given(
    st.sampled_from(MODES),
    SIDES,
    st.sampled_from([0, 1, 8, 9, 40]),
    st.sampled_from([None, b"\1", (1, 2, 3), 7, -5, 10**9, "x"]),
    st.binary(max_size=60),
)
def test_pillow_images_of_any_mode_and_form(mode, width, height, transparency, exif):
    image = Image.new(mode, (width, height))
    if transparency is not None:
        image.info["transparency"] = transparency
    image.info["exif"] = b"Exif\0\0" + exif
    for read in (handwriting.prepare, handwriting.split):
        with targets.only(read_image.HandwritingError):
            read(image)


def test_pillow_images_of_damaged_files(tmp_path):
    path = tmp_path / "half.png"
    content = next(one for one in targets.seeds("image_file") if one.startswith(b"\x89PNG"))
    path.write_bytes(content[:-30])
    with Image.open(path) as image, pytest.raises(read_image.HandwritingError, match="cannot be read"):
        handwriting.prepare(image)
    with pytest.raises(read_image.HandwritingError, match="cannot be read"):
        handwriting.prepare(image)  # it is closed by now


KINDS = arrays.scalar_dtypes() | st.sampled_from([np.dtype(one) for one in ("u1", "u2", "f4", "?", "O", "S3", "U2")])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=40)
USUAL_SHAPES = st.sampled_from([(9, 9), (8, 300), (300, 8), (12, 9, 3), (9, 12, 4)])


@tried(150)
@given(KINDS, USUAL_SHAPES | SHAPES, st.data())
def test_arrays_of_any_type_and_shape(dtype, shape, draw):
    array = draw.draw(arrays.arrays(dtype, shape)) if dtype.kind != "O" else np.full(shape, None)
    for read in (handwriting.prepare, handwriting.split):
        with np.errstate(all="ignore"), targets.only(read_image.HandwritingError):
            read(array)


class _Liar:
    def __array__(self, *args, **kwargs):
        raise TypeError("no array after all")


@pytest.mark.parametrize("source", [None, b"x.png", 7, {}, object(), [[1], [1, 2]], [[[]]], _Liar(), 1j, "", "a\0b"])
def test_what_is_no_image_at_all(source):
    for read in (handwriting.prepare, handwriting.split):
        with pytest.raises(read_image.HandwritingError):
            read(source)


@pytest.mark.parametrize("skip", [(), ("invert",), ("background", "crop"), ("scale",)])
@pytest.mark.parametrize("shape", [(8, 300), (300, 8), (8, 5000), (5000, 8), (9, 2300)])
def test_thin_strips(shape, skip):
    """Made smaller, they are thinner than the rim that is looked at for the paper's lightness."""
    strip = np.full(shape, 240, np.uint8)
    strip[3:6, 3:6] = 10
    strip[-2:, -shape[1] // 2 :] = 10
    with targets.only(read_image.HandwritingError):
        assert handwriting.prepare(strip, skip=skip).image.shape == (28, 28)
    with targets.only(read_image.HandwritingError):
        assert all(one.image.shape == (28, 28) for one in handwriting.split(strip))


def test_noise_is_soon_refused():
    """Thousands of specks, each of which might be a digit, and each compared with each."""
    noise = np.random.default_rng(1).choice([0, 255], (700, 700), p=[0.03, 0.97]).astype(np.uint8)
    with pytest.raises(read_image.HandwritingError, match=r"has \d\d,\d+ pieces of ink; expected at most 1,000"):
        handwriting.split(noise)


def test_the_command_line_shows_what_a_file_is_called_and_obeys_it_not(tmp_path, capsys):
    path = tmp_path / "\x1b[2Jseven\r.png"
    path.write_bytes(b"no image")
    assert main(["predict", str(path), str(tmp_path / "\x1b]0;gone")]) == 2
    printed = capsys.readouterr()
    assert "\\x1b[2Jseven\\r.png is not an image" in printed.err
    assert printed.out + printed.err.replace("\n", "") == re.sub(r"[^ -~]", "", printed.err)


# 4. Records and questions.


@tried(50)
@given(JSON)
def test_records_that_say_anything(content):
    targets.records(json.dumps(content).encode())


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000, b"\xff\xfe", b"", b"NaN", b"[]"]
)
def test_records_that_go_too_far(content):
    targets.records(content)
    targets.page_weights(b'x = {"a": ' + content + b"}")
    targets.quiz(b"questions = " + content)


FIELDS = ["id", "ask", "where", "choices", "right", "hint", "because", "tolerance", "percent", "wrong", "text", "says"]
WORDS = st.sampled_from(["a", "`a`", "`", "", "<b>"])
NUMBERS = st.integers(-9, 9) | st.sampled_from([10**400, float("inf"), float("nan"), -0.0, 1e308, True])
VALUES = st.recursive(
    WORDS | NUMBERS | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.just(3), inner, max_size=4)
    ),
    max_leaves=8,
)


@st.composite
def almost_questions(draw):
    """Return a question as it should be, with a few of its fields changed, left out or added."""
    one = {"id": "a", "ask": "b", "where": "c"}
    if draw(st.booleans()):
        one["choices"] = [{"text": "d", "says": "e", "right": True}, {"text": "f", "says": "g"}]
    else:
        one |= {"right": 3, "hint": "h", "because": "i", "wrong": [{"number": 4, "says": "j"}]}
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=2)):
        if draw(st.booleans()):
            one[field] = draw(VALUES)
        else:
            one.pop(field, None)
    return one


NUMBER = {"id": "a", "ask": "b", "where": "c", "right": 3, "hint": "h", "because": "i"}


@example([{"id": "a", "ask": "b", "where": "c", "choices": ["d", "e"]}])
@example([NUMBER | {"wrong": [4]}])
@example([NUMBER | {"right": 10**400}])
@example([NUMBER | {3: "no field"}])
@tried(300)
@given(st.lists(almost_questions(), max_size=2) | VALUES)
def test_questions_of_any_form(given_ones):
    accepted = []
    with targets.only(ValueError):
        accepted = bank.checked(given_ones)
    for question in accepted:
        assert bank.solution(question)
        for answer in [0] if "choices" in question else ["1", "9" * 400, "1e5", 10.5, (2, 3)]:
            assert bank.reply_to(question, answer).text


# 5. Memory: a size that a file states is refused before memory is taken.


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


# 6. No pickle.


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


def test_make_fuzz_knows_every_target():
    listed = re.search(r"^TARGETS \?= (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1]
    assert listed.split() == list(targets.TARGETS)
