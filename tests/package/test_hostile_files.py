"""Files that anyone may have written: whatever reads them gives documented errors alone, soon, and in little memory.

What each reader may do with bytes is in fuzz/targets.py. Hypothesis makes the bytes here; `make fuzz` lets Atheris
make them, led by the code that they reach.
"""

import io
import json
import re
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import targets
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from npy_entries import entry
from PIL import Image

from mnist_tutorial import data, handwriting
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


# 3. Images and arrays of any form.

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


def test_make_fuzz_knows_every_target():
    listed = re.search(r"^TARGETS \?= (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1]
    assert listed.split() == list(targets.TARGETS)
