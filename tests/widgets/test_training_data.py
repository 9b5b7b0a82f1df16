"""The digits to train on: a page has the same ones as Python, in the same order, and says so when it has none."""

import base64
import gzip
import json
import zlib

import numpy as np
import pytest
from browser import write_page
from digits_at_hand import PATH
from engine_in_node import POLICY
from playwright.sync_api import Error

from mnist_tutorial import data
from mnist_tutorial.widgets import training_data
from site_checks.book_in_browser import Handler, serve

USUAL = training_data.PIECE
SMALL = {"training": 200, "validation": 40, "test": 150}  # images in a piece, so that the stand-in has several
# Each array of digits by its Adler-32, as sending millions of bytes out of a page takes long.
LOAD = """async ([which, base]) => {
  const sumOf = (bytes) => {
    let [low, high] = [1, 0];
    for (const byte of bytes) {
      low = (low + byte) % 65521;
      high = (high + low) % 65521;
    }
    return [bytes.length, high * 65536 + low];
  };
  const progress = [];
  const onProgress = ({ loaded, total }) => progress.push([loaded, total]);
  const { images, labels, validation, ...about } = await face.loadDigits(which, { base, onProgress });
  const arrays = [images, labels, ...(validation ? [validation.images, validation.labels] : [])];
  return [arrays.map(sumOf), about, progress, document.querySelectorAll("script[src*='digits/']").length];
}"""


class Policed(Handler):
    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@pytest.fixture(scope="module")
def small_pieces():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_data, "PIECE", SMALL)
        patch.setenv(data.VARIABLE, data.STAND_IN)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory, small_pieces):
    folder = tmp_path_factory.mktemp("digits")
    write_page(folder)
    training_data.write_scripts(folder)
    return folder


@pytest.fixture
def visit(chromium):
    contexts = []

    def open_(address):
        context = chromium.new_context()
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{address}/index.html")
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def page(visit, folder):
    return visit(folder.as_uri())


@pytest.fixture
def broken(folder):
    """Change a script; it is as it was after the test."""
    kept = {}

    def change(name, how):
        path = folder / "digits" / name
        kept.setdefault(path, path.read_text("utf-8"))
        changed = how(kept[path])
        path.unlink() if changed is None else path.write_text(changed, "utf-8")

    def repair():
        for path, text in kept.items():
            path.write_text(text, "utf-8")

    change.repair = repair
    yield change
    repair()


def sums(digits):
    return [[array.size, zlib.adler32(array.tobytes())] for array in digits[:4] if array is not None]


def test_the_pieces_are_the_digits_of_the_book_and_none_is_in_two_parts(small_pieces):
    (images, labels), test = data.load_mnist(quiet=True)
    split = int(len(images) * 0.9)  # as Keras has it, which rounds down
    everything, first = training_data.load_digits("all"), training_data.load_digits("first")
    np.testing.assert_array_equal(everything.images, images[:split])
    np.testing.assert_array_equal(everything.validation_labels, labels[split:])
    np.testing.assert_array_equal(first.images, images[:600])
    np.testing.assert_array_equal(first.validation_images, images[split : split + 40])
    np.testing.assert_array_equal(training_data.load_digits("test").labels, test[1][::3])
    np.testing.assert_array_equal(training_data.load_digits("all test").images, test[0])
    assert training_data.load_digits("test").validation_images is None
    assert first.source == "stand-in"
    with pytest.raises(ValueError, match="was given 'some'; expected one of 'first', 'all'"):
        training_data.load_digits("some")


def test_validation_is_what_fit_takes_for_it():
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    for count in (10, 1437, 60_000, 12_345):
        numbers = np.arange(count)
        (kept,), (held_back,) = train_validation_split((numbers,), 0.1)
        parts = training_data._parts((numbers, numbers), (numbers, numbers))
        np.testing.assert_array_equal(parts["training"][0], kept)
        np.testing.assert_array_equal(parts["validation"][0], held_back)


@pytest.mark.parametrize("which", training_data.CHOICES)
def test_a_page_from_the_disk_has_the_digits_that_python_has(page, which):
    arrays, about, progress, scripts = page.evaluate(LOAD, [which, "./"])
    assert arrays == sums(training_data.load_digits(which))
    totals = {"training": 1293, "validation": 144, "test": 360}
    assert about == {"standIn": True, "source": "stand-in", "totals": totals}
    count = sum(size for size, _ in arrays[1::2])
    assert progress[-1] == [count, count]
    assert [loaded for loaded, _ in progress] == sorted({loaded for loaded, _ in progress})
    assert {total for _, total in progress} == {count}
    assert len(progress) == {"first": 4, "all": 11, "test": 1, "all test": 3}[which]
    assert scripts == 0  # what has been read is let go


def test_a_page_served_under_the_strict_policy_has_them_too(visit, folder):
    with serve(folder, Policed) as address:
        arrays, *_ = visit(address).evaluate(LOAD, ["first", f"{address}/"])
    assert arrays == sums(training_data.load_digits("first"))


def test_a_page_asks_for_no_file_of_the_test_set_until_it_is_opened(visit, folder):
    with serve(folder, Policed) as address:
        page = visit(address)
        asked = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        page.evaluate(LOAD, ["first", f"{address}/"])
        assert asked == ["training-0.js", "training-1.js", "training-2.js", "validation-0.js"]
        page.evaluate(LOAD, ["test", f"{address}/"])
        assert asked[4:] == ["test-0.js"]


def test_any_pixels_come_over(visit, folder):
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (9, 28, 28)).astype("uint8") * (rng.random((9, 28, 28)) < 0.3)
    images[1], images[2] = 0, 255
    images[3] = np.arange(784).reshape(28, 28) % 256
    images[4:] = np.resize(np.repeat([0, 9], [700, 1]), (5, 28, 28))
    script = training_data._script({"part": "test", "piece": 0, "pieces": 1}, images, np.arange(9, dtype="uint8"))
    assert "\n" not in script.rstrip("\n")
    piece = json.loads(script.partition(" = ")[2].rstrip(";\n")) | {"first": 0, "step": 1, "digits": "x", "source": "y"}
    piece["totals"], piece["sizes"] = {"training": 0, "validation": 0, "test": 9}, SMALL
    body = f"document.currentScript.digits = {json.dumps(piece, ensure_ascii=False)}"
    with serve(folder) as address:
        page = visit(address)
        page.route("**/test-0.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))
        text = page.evaluate(
            """async () => btoa(String.fromCharCode(...(await face.loadDigits("test", { base: "./" })).images))"""
        )
    assert base64.b64decode(text) == images.tobytes()


@pytest.mark.parametrize(
    ("name", "how", "said"),
    [
        ("training-1.js", lambda text: None, "the file digits/training-1.js is missing, or out of reach. Try again"),
        ("training-0.js", lambda text: text[: len(text) // 2], "the file digits/training-0.js is damaged. Try again"),
        ("validation-0.js", lambda text: text.replace('"images":"', '"images":"~'), "validation-0.js is damaged"),
        ("validation-0.js", lambda text: text.replace('"labels":"', '"labels":"1'), "validation-0.js is damaged"),
        ("training-2.js", lambda text: text.replace('"piece":2', '"piece":1'), "training-2.js is damaged"),
        ("training-2.js", lambda text: "", "training-2.js is damaged"),
        ("training-2.js", lambda text: text.replace('"digits":"', '"digits":"f'), "differ from those before"),
    ],
)
def test_a_script_that_is_missing_or_damaged_is_named_and_the_next_call_may_try_again(page, broken, name, how, said):
    broken(name, how)
    for _ in range(2):
        with pytest.raises(Error) as caught:
            page.evaluate(LOAD, ["first", "./"])
        assert said in caught.value.message
    broken.repair()
    assert page.evaluate(LOAD, ["first", "./"])[0] == sums(training_data.load_digits("first"))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('face.loadDigits("some", { base: "./" })', 'The digits "some" were asked for; expected first, all, test'),
        ('face.loadDigits("toString", { base: "./" })', 'The digits "toString" were asked for'),
        ('face.loadDigits("first")', "There are no digits beside this page: in Jupyter, Python hands them over."),
    ],
)
def test_what_cannot_be_loaded_is_refused_in_words(page, call, said):
    with pytest.raises(Error) as caught:
        page.evaluate(f"() => {call}")
    assert said in caught.value.message


def test_loading_is_cancelled_before_it_starts_between_pieces_and_while_one_is_on_its_way(visit, folder):
    script = """async (moment) => {
      const controller = new AbortController();
      if (moment === "before") controller.abort();
      const onProgress = ({ loaded }) => {
        if (moment === "between" && loaded >= 400) controller.abort();
        if (moment === "on its way" && loaded >= 600) setTimeout(() => controller.abort("another reason"), 50);
      };
      try {
        await face.loadDigits("all", { base: "./", onProgress, signal: controller.signal });
      } catch (error) {
        const left = document.querySelectorAll("script[src*=digits]").length;
        return [error instanceof DOMException, error.name, error.message, left];
      }
    }"""
    expected = [True, "AbortError", "The loading of the digits was cancelled.", 0]
    held = []
    with serve(folder) as address:
        page = visit(address)
        assert page.evaluate(script, "before") == expected
        assert page.evaluate(script, "between") == expected
        page.route("**/training-3.js", lambda route: held.append(route))
        assert page.evaluate(script, "on its way") == expected
        assert len(held) == 1
        held[0].abort()
        page.unroute("**/training-3.js")
        assert page.evaluate(LOAD, ["all", "./"])[0] == sums(training_data.load_digits("all"))


def test_two_calls_at_once_do_not_get_in_each_others_way(page):
    script = """async () => {
      const calls = ["first", "all", "first", "test"].map((which) => face.loadDigits(which, { base: "./" }));
      return (await Promise.all(calls)).map(({ labels }) => labels.length);
    }"""
    assert page.evaluate(script) == [600, 1293, 600, 120]


def test_scripts_are_written_again_only_when_something_has_changed(tmp_path, monkeypatch, small_pieces):
    training_data.write_scripts(tmp_path)
    folder = tmp_path / "digits"
    written = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(written) == 7 + 4 + 3 + 1
    with monkeypatch.context() as patch:
        patch.setattr(data, "load_mnist", lambda *args, **kwargs: pytest.fail("nothing has changed"))
        training_data.write_scripts(tmp_path)
    good = (folder / "test-1.js").read_bytes()
    for spoil in (
        lambda: (folder / "test-1.js").unlink(),
        lambda: (folder / "test-1.js").write_bytes(good[:100]),
        lambda: (folder / "contents.json").write_text('{"fingerprint": ', "utf-8"),
        lambda: (folder / "contents.json").write_text("[]", "utf-8"),
        lambda: (folder / "contents.json").unlink(),
    ):
        spoil()
        training_data.write_scripts(tmp_path)
        assert (folder / "test-1.js").read_bytes() == good
    path = tmp_path / "mine.npz"
    (images, labels), (test_images, test_labels) = data.stand_in_digits()
    np.savez(path, x_train=images[:20], y_train=labels[:20], x_test=test_images[:5], y_test=test_labels[:5])
    monkeypatch.setenv(data.VARIABLE, str(path))
    training_data.write_scripts(tmp_path)
    assert sorted(one.name for one in folder.iterdir()) == [
        "contents.json",
        "test-0.js",
        "training-0.js",
        "validation-0.js",
    ]
    assert '"source":"other"' in (folder / "test-0.js").read_text("utf-8")


def test_they_are_light(tmp_path, monkeypatch):
    """9,000 images of MNIST, as many as a page loads to train and to test, are at most 1.8 MB: 200 bytes an image."""
    monkeypatch.setenv(data.VARIABLE, PATH)
    monkeypatch.setattr(training_data, "PIECE", USUAL)
    training_data.write_scripts(tmp_path)
    pieces = ("training-0", "training-1", "training-2", "validation-0", "test-0")
    texts = [path.read_bytes() for one in pieces if (path := tmp_path / "digits" / f"{one}.js").exists()]
    images = sum(text.partition(b'"labels":"')[2].index(b'"') for text in texts)
    assert images in (9000, 1293 + 144 + 360)
    assert sum(len(gzip.compress(text, 6)) for text in texts) < 200 * images
    assert sum(map(len, texts)) < 300 * images  # from a host that compresses nothing
