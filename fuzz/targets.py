"""What reads files, each as a function of bytes that anyone may have written: only documented errors are allowed.

tests/package/test_hostile_files.py calls them with bytes from Hypothesis, fuzz_files.py with bytes from Atheris.
"""

import csv
import gzip
import io
import json
import math
import struct
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import traitlets

from mnist_tutorial import data, handwriting, network_file, reference, workers
from mnist_tutorial.exercises import bank, results
from mnist_tutorial.handwriting import read_image
from mnist_tutorial.widgets.digit_pad import photo
from mnist_tutorial.widgets.teach_your_hand import hand_file

FOLDER = tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True)
SETTINGS = "20 images, epochs=1"  # of the training that the checkpoint belongs to
KINDS = ("u1", "u2", "?", "f2", "f4", "f8", "i8", "c8", "S1")
IDX_NAMES = [
    f"{part}-ubyte" for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
]
IDX_FILES = [
    b"\0\0\x08\3" + struct.pack(">3I", 3, 28, 28) + bytes(range(196)) * 12,
    b"\0\0\x08\1" + struct.pack(">I", 3) + b"\7\0\2",
    b"\0\0\x08\3" + struct.pack(">3I", 1, 28, 28) + bytes(range(196)) * 4,
    b"\0\0\x08\1" + struct.pack(">I", 1) + b"\5",
]
SKIPS = [*((name,) for name in handwriting.STEPS), ()]


def put(content, name):
    """Write bytes into a file of this process's own folder; return its path."""
    path = Path(FOLDER.name, name)
    path.write_bytes(content)
    return path


@contextmanager
def only(kind, naming=""):
    """Let errors of one kind pass, as long as their message can be read and names what it is about."""
    try:
        yield
    except kind as error:
        if not 0 < len(str(error)) < 1000 or str(naming) not in str(error):
            raise AssertionError("The message is no good.") from error


def archive(content):
    """An archive of digits."""
    path = put(content, "digits.npz")
    with only(data.DataError, path):
        _are_digits(data.read_archive(path))


def idx(content):
    """An IDX file of images, plain or compressed, beside three that are whole."""
    folder = Path(FOLDER.name, "idx")
    folder.mkdir(exist_ok=True)
    for name, whole in zip(IDX_NAMES[1:], IDX_FILES[1:], strict=True):
        (folder / name).write_bytes(whole)
    path = put(content, f"idx/{IDX_NAMES[0]}")
    with only(data.DataError, path):
        _are_digits(data.read_digits(folder))


def table(content):
    """A table of digits, plain or compressed."""
    path = put(content, "train.csv")
    with only(data.DataError, path):
        _are_digits(data.read_digits(path))


def any_file(content):
    """A file of any form, of which load_mnist() has to say what it is."""
    path = put(content, "digits")
    with only(data.DataError, path):
        _are_digits(data.read_digits(path))


def _are_digits(found):
    for images, labels in found[:2]:
        assert images.shape == (len(labels), 28, 28)
        assert images.dtype == labels.dtype == np.uint8
        assert images.flags.c_contiguous
        assert labels.max() < 10


def image_file(content):
    """An image file, of one digit and of several."""
    path = put(content, "photo")
    with only(read_image.HandwritingError, path):
        _is_ready(handwriting.prepare(path))
    with only(read_image.HandwritingError, path):
        for one in handwriting.split(path):
            _is_ready(one)


def _is_ready(prepared):
    for one in (prepared.image, *prepared.steps.values()):
        assert one.dtype == np.uint8
        assert one.size
    assert prepared.image.shape == (28, 28)


def pixels(content):
    """An array: five bytes say its form, the others fill it."""
    if len(content) < 5:
        return
    height, width, kind, depth, skip = content[:5]
    shape = (height, width) if depth < 128 else (height, width, depth % 6)
    dtype = np.dtype(KINDS[kind % len(KINDS)])
    values = np.resize(np.frombuffer(content[5:] or b"\0", np.uint8), math.prod(shape) * dtype.itemsize)
    array = np.frombuffer(values.tobytes(), dtype).reshape(shape)
    with np.errstate(all="ignore"):
        if dtype.kind == "f" and skip % 2:  # so that some of the numbers are welcome
            array = np.nan_to_num(np.abs(array) % 1)
        with only(read_image.HandwritingError):
            _is_ready(handwriting.prepare(array, skip=SKIPS[skip % len(SKIPS)]))
        with only(read_image.HandwritingError):
            for one in handwriting.split(array):
                _is_ready(one)


def records(content):
    """All records of the reference network, with checksums that fit."""
    folder = Path(FOLDER.name)
    names = (reference.EPOCHS_FILE, reference.REPEATS_FILE, reference.LADDER)
    paths = [put(content, name) for name in names]
    sums = {path.name: reference.sha256_of(path) for path in paths}
    put(json.dumps({"files": sums}).encode(), reference.RECORD)
    for load in (reference.load_epochs, reference.load_repeats, reference.load_ladder):
        with only(reference.ReferenceNetworkError):
            load(folder)
    put(content, reference.RECORD)
    for load in (reference.load_record, reference.load_epochs, reference.load_reference_model):
        with only(reference.ReferenceNetworkError):
            load(folder)


def page_weights(content):
    """The script that holds the network's weights for the page."""
    path = put(content, reference.PAGE_WEIGHTS)
    put(json.dumps({"files": {path.name: reference.sha256_of(path)}}).encode(), reference.RECORD)
    with only(reference.ReferenceNetworkError, path):
        reference.load_page_weights(path.parent)


def network(content):
    """A network that a page has saved."""
    with only(network_file.NetworkFileError):
        settings, weights = network_file.from_safetensors(content)
        shapes = network_file.shapes_of(settings).values()
        assert [one.shape for one in weights] == list(shapes)
        assert all(np.isfinite(one).all() for one in weights)


class _Variables:
    """As much of a Keras model, or of its optimizer, as a checkpoint needs."""

    def __init__(self, *shapes):
        self.weights = self.variables = [_Variable(shape) for shape in shapes]


class _Variable:
    def __init__(self, shape):
        self.shape = shape

    def assign(self, value):
        assert value.shape == self.shape
        assert value.dtype.kind in "fiu"


def checkpoint(content):
    """A checkpoint of a training, for a network with two arrays and an optimizer with one."""
    path = put(content, "run.npz")
    with only(ValueError, path):
        losses = workers._restore(path, SETTINGS, _Variables((3, 2), (2,)), _Variables(()))
        assert all(isinstance(loss, float) for loss in losses)


def quiz(content):
    """A file of questions; what is accepted can be asked, answered and solved."""
    accepted = {}
    with only(ValueError):
        accepted = bank.read(put(content, "chapter.toml"))
    for question in (one for kind in accepted.values() for one in kind):
        assert bank.solution(question)
        for given in [0] if "choices" in question else ["1", "1,234.5", "-.5", "50%", "no", 7, 1e300, (2, 3)]:
            assert bank.reply_to(question, given).text


def answers(content):
    """Results of quizzes as students hand them in; what is read goes into a table."""
    path = put(content, "results.json")
    with only(results.ResultsError):
        found = results.read(path)
        table = results.write_table(found, Path(FOLDER.name, "table.csv"))
        assert len(list(csv.reader(io.StringIO(table.read_text("utf-8-sig"), newline="")))) == 1 + len(found)
        table.unlink()


def drawing(content):
    """The bytes of a photo as a page sends them to Python."""
    grey = None
    with only(traitlets.TraitError):
        grey = photo.from_bytes(content)
    if grey is not None:
        with only(read_image.HandwritingError):
            handwriting.read_ink(grey)


def hand(content):
    """Drawings that TeachYourHand has saved."""
    with only(hand_file.HandFileError):
        images, labels = hand_file.from_text(content)
        assert images.shape == (len(labels), 28, 28)
        assert labels.max() <= 9
        assert images.any(axis=(1, 2)).all()


READERS = (
    archive,
    idx,
    table,
    any_file,
    image_file,
    pixels,
    records,
    page_weights,
    network,
    checkpoint,
    quiz,
    answers,
    drawing,
    hand,
)
TARGETS = {one.__name__: one for one in READERS}


def seeds(name):
    """Return good bytes for a target, to start from."""
    rng = np.random.default_rng(1)
    if name == "archive":
        arrays = {"x_train": rng.integers(0, 256, (3, 28, 28), "u1"), "y_train": np.array([0, 9, 5], "u1")}
        arrays |= {"x_test": rng.integers(0, 256, (2, 28, 28), "u1"), "y_test": np.array([3, 1], "u1")}
        return [_saved(save, **arrays) for save in (np.savez, np.savez_compressed)]
    if name == "idx":
        return [IDX_FILES[0], gzip.compress(IDX_FILES[0], mtime=0)]
    if name == "table":
        row = b"5" + b",9" * 784
        content = b"label" + b",pixel" * 784 + b"\n" + b"\n".join([row] * 7)
        return [content, content.partition(b"\n")[2], gzip.compress(content, mtime=0)]
    if name == "any_file":
        return [*seeds("archive"), *seeds("table")]
    if name == "checkpoint":
        arrays = {"weight 0": np.ones((3, 2), "f4"), "weight 1": np.ones(2, "f4"), "optimizer 0": np.int64(3)}
        return [_saved(np.savez, settings=SETTINGS, losses=[2.5, 1.5], **arrays)]
    if name == "image_file":
        return _image_files()
    if name == "pixels":
        ink = np.full((20, 20), 0.9)
        ink[5:15, 8:12] = 0.1
        most = {"u1": 255, "u2": 65535}
        forms = [(ink > 0.5) if kind == "?" else (ink * most.get(kind, 1)).astype(kind) for kind in KINDS[:6]]
        return [bytes([20, 20, number, 0, 6]) + form.tobytes() for number, form in enumerate(forms)]
    if name == "records":
        names = (reference.EPOCHS_FILE, reference.REPEATS_FILE, reference.RECORD)
        return [(reference.FOLDER / one).read_bytes()[:4000] for one in names] + [
            b'{"repeats": [{"changed": ""}], "filters": [1.5], "probabilities": [[1]], "files": {}, "data": {}}'
        ]
    if name == "page_weights":
        return [b'mnistTutorial.weights = {"convolution": {}, "hidden": {}, "output": {}};\n']
    if name == "network":
        found = []
        for units in (0, 3):
            settings = {"filters": 1, "kernelSize": 9, "hiddenUnits": units, "softmax": "none"}
            weights = [rng.normal(size=one) for one in network_file.shapes_of(settings).values()]
            found.append(network_file.to_safetensors(settings, weights))
        return found
    if name == "hand":
        return [
            hand_file.to_text(rng.integers(0, 256, (count, 28, 28), "u1"), range(count)).encode() for count in (1, 3)
        ]
    if name == "answers":
        one = {"chapter": "", "question": "average-loss", "asked": "?", "answer": "1.5", "right": True}
        one |= {"wrong tries": 0, "answer shown": False}
        every = {"format": results.FORMAT, "name": "Z", "saved": "2026-11-28", "answers": [one]}
        return [json.dumps(every).encode()]
    if name == "quiz":
        return [path.read_bytes() for path in sorted(bank.FOLDER.glob("*.toml"))[:4]]
    return [photo.to_bytes(rng.integers(0, 256, (12, 9), "u1"))]


def _saved(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def _image_files():
    from PIL import Image

    ink = np.full((24, 20), 240, "u1")
    ink[6:18, 9:12] = 20
    image, found = Image.fromarray(ink), []
    packed = [{"compression": f"tiff_{one}"} for one in ("lzw", "adobe_deflate")]
    kinds = [(kind, {}) for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")]
    for kind, options in [*kinds, ("WEBP", {"lossless": True}), *(("TIFF", one) for one in packed)]:
        file = io.BytesIO()
        image.save(file, kind, **options)
        found.append(file.getvalue())
    for mode in ("1", "P", "RGB", "RGBA", "LA", "I;16"):
        file = io.BytesIO()
        (image.convert(mode) if mode != "I;16" else Image.fromarray(ink.astype("u2") * 257)).save(file, "PNG")
        found.append(file.getvalue())
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    return [*found, file.getvalue()]
