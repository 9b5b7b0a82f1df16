"""`python -m mnist_tutorial predict`: what it prints, what it complains of, and how it ends."""

import io
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from mnist_tutorial import load_reference_model, reference
from mnist_tutorial.__main__ import SHADES, answer, as_json, as_text, main
from mnist_tutorial.handwriting import prepare
from mnist_tutorial.handwriting.synthetic import CAT, draw, photo
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.forward_pass import probabilities_of

SEVEN = [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)]]
ONE = [[(0.5, 0.15), (0.5, 0.85)]]
LINE = re.compile(r"(?P<name>.+): (?P<first>\d) \((?P<sure>[\w .]+%)\), or else (?P<second>\d) \((?P<less>[\w .]+%)\)")


@pytest.fixture
def put(tmp_path):
    """Save a drawing; return its path as text."""

    def save(strokes, name="photo.png"):
        path = tmp_path / name
        Image.fromarray(photo(draw(strokes))).save(path)
        return str(path)

    return save


@pytest.fixture(scope="module")
def model():
    return load_reference_model()


def run(*arguments, **environment):
    """Start the command line in a Python of its own; return its exit code, output and errors, both as bytes."""
    result = subprocess.run(
        [sys.executable, "-m", "mnist_tutorial", *arguments],
        env=os.environ | environment,
        capture_output=True,
        check=False,
    )
    return result.returncode, result.stdout, result.stderr


class TestInAProcessOfItsOwn:
    def test_it_says_the_digit_and_nothing_else(self, put):
        path = put(SEVEN, "meine Sieben für Zoë 七.png")
        code, output, errors = run("predict", path, PYTHONIOENCODING="utf-8")
        assert (code, errors) == (0, b"")
        first, *drawing = output.decode("utf-8").splitlines()
        found = LINE.fullmatch(first)
        assert found["name"] == path
        assert found["first"] == "7"
        assert [len(line) for line in drawing] == [30] * 16 + [0]
        assert "█" in output.decode("utf-8")

    def test_an_output_that_knows_only_ascii_gets_ascii(self, put):
        path = put(SEVEN, "größer als 1.png")
        code, output, errors = run("predict", path, PYTHONIOENCODING="ascii")
        assert (code, errors) == (0, b"")
        text = output.decode("ascii")
        assert "gr\\xf6\\xdfer als 1.png: 7" in text
        assert "+----" in text
        assert any(shade in text for shade in "#%@")

    @pytest.mark.skipif(os.name == "nt", reason="there, nobody tells a program that its pipe is closed")
    def test_a_closed_pipe_is_no_trouble(self, put):
        path = put(SEVEN)
        command = [sys.executable, "-m", "mnist_tutorial", "predict", path, path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.close()  # before a word was written
            assert process.stderr.read() == b""
            assert process.wait() == 1

    def test_without_an_image_it_says_how_it_is_used(self):
        code, output, errors = run("predict")
        assert (code, output) == (2, b"")
        assert b"usage: python -m mnist_tutorial predict" in errors

    @pytest.mark.parametrize("arguments", [["--help"], ["predict", "--help"]])
    def test_help(self, arguments):
        code, output, errors = run(*arguments, PYTHONIOENCODING="ascii")
        assert (code, errors) == (0, b"")
        assert b"usage: python -m mnist_tutorial" in output
        assert b"predict" in output

    def test_it_loads_neither_tensorflow_nor_keras_nor_matplotlib(self, put, tmp_path):
        paths = [put(SEVEN), str(tmp_path / "no.png")]
        script = f"import sys, mnist_tutorial.__main__ as m; m.main(['predict', '--brief', *{paths!r}]); "
        script += "print([name for name in ('tensorflow', 'keras', 'sklearn', 'matplotlib') if name in sys.modules])"
        result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        first, last = result.stdout.splitlines()
        assert LINE.fullmatch(first)["first"] == "7"
        assert last == "[]"

    def test_standard_input_is_read(self, put):
        with open(put(SEVEN), "rb") as file:
            command = [sys.executable, "-m", "mnist_tutorial", "predict", "--brief", "-"]
            result = subprocess.run(command, stdin=file, capture_output=True, text=True, check=True)
        found = LINE.fullmatch(result.stdout.strip())
        assert (found["name"], found["first"]) == ("standard input", "7")


class TestAnswers:
    def test_they_are_the_networks(self, model, put, capsys):
        path = put(CAT)  # it is not sure of this one
        assert main(["predict", "--brief", path]) == 0
        found = LINE.fullmatch(capsys.readouterr().out.strip())
        image = prepare(path).image
        probabilities = np.array(probabilities_of(load_page_weights(), image))
        first, second = np.argsort(probabilities)[::-1][:2]
        assert (int(found["first"]), int(found["second"])) == (first, second)
        assert found["sure"] == f"{100 * probabilities[first]:.1f}%"
        assert found["less"] == f"{100 * probabilities[second]:.1f}%"
        # The page's weights are rounded; Keras with the unrounded ones gives the same answer, about as surely.
        unrounded = model.predict(process_images(image[None]), verbose=0)[0]
        assert unrounded.argsort()[::-1][:2].tolist() == [first, second]
        assert unrounded == pytest.approx(probabilities, abs=0.03)

    def test_they_never_claim_certainty(self):
        assert answer(np.eye(10)[4], "x.png") == "x.png: 4 (more than 99.9%), or else 0 (less than 0.1%)"

    def test_json_has_one_object_per_line(self, put, tmp_path, capsys):
        paths = [put(SEVEN, 'a "good" 七.png'), str(tmp_path / "gone.png"), put(ONE, "b.png")]
        assert main(["predict", "--json", *paths]) == 2
        printed = capsys.readouterr()
        seven, gone, one = map(json.loads, printed.out.splitlines())
        assert [seven["file"], gone["file"], one["file"]] == paths
        assert (seven["digit"], one["digit"]) == (7, 1)
        expected = probabilities_of(load_page_weights(), prepare(paths[0]).image)
        assert seven["probabilities"] == pytest.approx(expected, abs=1e-6)
        assert gone.keys() == {"file", "error"}
        assert printed.err == f"{gone['error']}\n"

    def test_json_is_plain_ascii_whatever_the_file_is_called(self):
        printed = as_json(np.eye(10)[4].tolist(), "\x1b[2J\n\udcff七.png")
        assert printed.isascii()
        assert printed.isprintable()
        assert json.loads(printed)["digit"] == 4

    def test_doubts_are_told_in_every_style(self, tmp_path, put, capsys):
        cut, clear = str(tmp_path / "cut.png"), put(SEVEN)
        Image.fromarray(np.pad(np.full((130, 16), 40, "u1"), ((0, 150), (72, 192)), constant_values=220)).save(cut)
        sentence = "A part of the digit may be missing: its ink reaches the edge of the photo."
        main(["predict", "--json", cut, clear])
        assert [json.loads(line)["doubts"] for line in capsys.readouterr().out.splitlines()] == [[sentence], []]
        for style in ([], ["--brief"]):
            main(["predict", *style, cut])
            line = capsys.readouterr().out.splitlines()[0]
            found, told = line.split(". Doubtful: ")
            assert LINE.fullmatch(found)["name"] == cut
            assert told == sentence

    def test_a_pattern_that_no_shell_replaced_is_followed(self, put, tmp_path, capsys):
        paths = [put(SEVEN, "a.png"), put(ONE, "b.png")]
        put(ONE, "odd[1].png")  # the name of a file, and no pattern
        assert main(["predict", "--brief", str(tmp_path / "?.png"), str(tmp_path / "odd[1].png")]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [LINE.fullmatch(line)["name"] for line in lines] == [*paths, str(tmp_path / "odd[1].png")]
        assert main(["predict", str(tmp_path / "*.gif")]) == 2
        assert "It looks like a pattern for several files, and no file fits it." in capsys.readouterr().err

    def test_several_images_each_get_one(self, put, capsys):
        paths = [put(SEVEN, "a.png"), put(ONE, "b.png")]
        assert main(["predict", "--brief", *paths]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [LINE.fullmatch(line)["first"] for line in lines] == ["7", "1"]
        assert [LINE.fullmatch(line)["name"] for line in lines] == paths

    def test_the_drawing_is_what_the_network_sees(self, put, capsys):
        path = put(SEVEN)
        main(["predict", path])
        output = capsys.readouterr().out
        assert as_text(prepare(path).image) in output
        assert output.endswith("┘\n\n")


class TestWhatIsNoUse:
    @pytest.fixture
    def bad(self, tmp_path):
        """Make one file of each kind that is no use; return a path and a word of the complaint for each."""
        files = {name: str(tmp_path / name) for name in ("no ink.png", "notes.txt", "empty.png", "folder", "gone.png")}
        Image.new("L", (100, 100), 240).save(files["no ink.png"])
        (tmp_path / "notes.txt").write_text("no image at all")
        (tmp_path / "empty.png").touch()
        (tmp_path / "folder").mkdir()
        words = ["Nothing is drawn", "is not an image", "is empty", "is a folder", "There is no file"]
        return dict(zip(files.values(), words, strict=True))

    def test_each_is_named_with_the_reason(self, bad, capsys):
        for path, words in bad.items():
            assert main(["predict", path]) == 2
            printed = capsys.readouterr()
            assert printed.out == ""
            assert path in printed.err
            assert words in printed.err
            assert len(printed.err.splitlines()) == 1

    def test_it_goes_on_after_a_bad_one(self, bad, put, capsys):
        good = [put(SEVEN, "a.png"), put(ONE, "b.png")]
        assert main(["predict", "--brief", good[0], *bad, good[1]]) == 2
        printed = capsys.readouterr()
        assert [LINE.fullmatch(line)["first"] for line in printed.out.splitlines()] == ["7", "1"]
        assert len(printed.err.splitlines()) == len(bad)

    def test_a_damaged_network_is_reported_once(self, put, capsys, monkeypatch):
        def damaged():
            raise reference.ReferenceNetworkError("the weights are not those of the record")

        monkeypatch.setattr(reference, "load_page_weights", damaged)
        assert main(["predict", put(SEVEN, "a.png"), put(ONE, "b.png")]) == 2
        assert capsys.readouterr().err == "the weights are not those of the record\n"

    @pytest.mark.parametrize(
        ("content", "words"),
        [(b"", "standard input is empty"), (b"three words", "standard input is not an image")],
    )
    def test_standard_input_without_an_image(self, content, words, monkeypatch, capsys):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert main(["predict", "-"]) == 2
        assert words in capsys.readouterr().err

    def test_standard_input_that_has_no_end(self, monkeypatch, capsys):
        monkeypatch.setattr("mnist_tutorial.__main__.MAX_BYTES", 1_000_000)
        with open("/dev/zero" if os.name != "nt" else sys.executable, "rb") as endless:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(endless))
            assert main(["predict", "-"]) == 2
        assert "standard input holds more than 1 MB; expected an image file" in capsys.readouterr().err

    def test_the_keyboard_is_no_image(self, monkeypatch, capsys):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
        assert main(["predict", "-"]) == 2
        assert "standard input is the keyboard; expected an image file, as in" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["predict"],
            ["guess", "a.png"],
            ["predict", "--loud", "a.png"],
            ["predict", "--brief", "--json", "a.png"],
        ],
    )
    def test_a_command_that_does_not_exist(self, arguments, capsys):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert "usage:" in capsys.readouterr().err


class TestDrawings:
    def test_each_character_is_two_pixels(self):
        rng = np.random.default_rng(1)
        image = rng.choice([0, 255], (28, 28)).astype("uint8")
        rows = [line[1:-1] for line in as_text(image).splitlines()[1:-1]]
        upper = [[character in "▀█" for character in row] for row in rows]
        lower = [[character in "▄█" for character in row] for row in rows]
        assert np.array_equal(np.stack([upper, lower], axis=1).reshape(28, 28), image == 255)

    def test_shades_tell_how_much_ink_there_is(self):
        image = np.repeat(np.linspace(0, 255, 28).astype("uint8")[None], 28, axis=0)
        rows = [line[1:-1] for line in as_text(image, "ascii").splitlines()[1:-1]]
        levels = [SHADES.index(character) for character in rows[0]]
        assert set(rows) == {rows[0]}
        assert levels == sorted(levels)
        assert (levels[0], levels[-1]) == (0, len(SHADES) - 1)

    @pytest.mark.parametrize(
        ("encoding", "blocks"),
        [("utf-8", True), ("cp437", True), (None, True), ("ascii", False), ("cp1252", False), ("unheard-of", False)],
    )
    def test_the_output_decides(self, encoding, blocks):
        image = np.full((28, 28), 255, "uint8")
        assert ("█" in as_text(image, encoding)) is blocks
        assert ("@" in as_text(image, encoding)) is not blocks
