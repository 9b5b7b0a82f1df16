"""What of a reader's own settings gets in the way is named with its cure, and overridden where that works."""

import json
import os
import subprocess
import sys

import pytest

from mnist_tutorial import reader_settings
from mnist_tutorial.exercises import checks

CHECK = "from mnist_tutorial.exercises.checks import check_installation; print(check_installation())"
WITHOUT_JAX = "import sys; sys.modules['jax'] = None\n"
TRAIN = """
import mnist_tutorial, keras, numpy as np
from mnist_tutorial.model import build_model
from mnist_tutorial import load_reference_model
assert keras.config.image_data_format() == "channels_last"
own = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 5), keras.layers.Flatten()])
print(own.output_shape, load_reference_model().predict(np.zeros((1, 28, 28, 1)), verbose=0).shape)
"""


def run(script, folder, settings=None, **environment):
    """Run a script in a fresh Python that starts in a folder; return its exit code, output and errors."""
    home = folder / "keras home"
    home.mkdir(exist_ok=True)
    if settings is not None:
        (home / "keras.json").write_text(settings if isinstance(settings, str) else json.dumps(settings))
    clean = {name: value for name, value in os.environ.items() if name not in ("KERAS_BACKEND", "PYTHONPATH")}
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=clean | {"KERAS_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout, result.stderr


def test_nothing_is_said_where_nothing_is_wrong(tmp_path):
    good = {"backend": "tensorflow", "image_data_format": "channels_last"}
    assert run("import mnist_tutorial", tmp_path, good) == (0, "", "")


@pytest.mark.parametrize("settings", ["", "[", "[]", "9", "[" * 100_000, "\\xff"])
def test_a_damaged_keras_json_is_left_to_keras(settings, tmp_path):
    assert run("import mnist_tutorial", tmp_path, settings) == (0, "", "")


@pytest.mark.parametrize("name", ["keras", "numpy", "PIL", "tensorflow"])
def test_a_file_that_hides_a_library_is_named_at_import(name, tmp_path):
    (tmp_path / f"{name}.py").write_text("")
    code, _, errors = run("import mnist_tutorial", tmp_path)
    assert code == 0
    hides = f"{name}.py hides the library {name}, because Python looks there first: rename it, and start Python"
    assert hides in errors
    assert errors.count("hides the library") == 1
    assert "<string>:1: UserWarning" in errors  # the reader's line


def test_a_package_that_hides_a_library_is_named_as_well(tmp_path, monkeypatch):
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = reader_settings.hiding_files()
    assert str(tmp_path / "keras" / "__init__.py") in found


def test_libraries_do_not_hide_themselves(monkeypatch):
    import numpy

    monkeypatch.syspath_prepend(os.path.dirname(os.path.dirname(numpy.__file__)))
    assert reader_settings.hiding_files() == []


def test_check_installation_names_a_hiding_file(tmp_path, monkeypatch, capsys):
    (tmp_path / "keras.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert checks.check_installation() is False
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"Not ready: {tmp_path / 'keras.py'} hides the library keras")
    assert "rename it" in last


def test_channels_first_and_a_backend_that_is_not_installed_are_named_and_overridden(tmp_path):
    settings = {"image_data_format": "channels_first", "backend": "jax"}
    code, output, errors = run(WITHOUT_JAX + TRAIN + CHECK, tmp_path, settings)
    assert code == 0, errors
    assert "keras.json in Keras's home folder asks Keras for jax, which is not installed here" in errors.replace(
        "Keras.json", "keras.json"
    )
    assert "so TensorFlow is used" in errors
    assert "set KERAS_BACKEND=tensorflow" in errors
    assert output.splitlines()[0] == "(None, 1152) (1, 10)"
    assert "keras.json in Keras's home folder says channels_first" in errors.replace("Keras.json", "keras.json")
    assert "write channels_last into the file" in errors
    assert any(line.startswith("Note: Keras.json") and "channels_last" in line for line in output.splitlines())
    assert output.splitlines()[-1] == "True"


def test_channels_first_of_a_keras_that_is_there_already(tmp_path):
    code, output, errors = run("import keras\n" + TRAIN, tmp_path, {"image_data_format": "channels_first"})
    assert code == 0, errors
    assert output.splitlines()[0] == "(None, 1152) (1, 10)"


def test_a_backend_of_the_environment_that_is_not_installed_gives_way_to_tensorflow(tmp_path):
    code, output, errors = run(WITHOUT_JAX + TRAIN + CHECK, tmp_path, {}, KERAS_BACKEND="jax")
    assert code == 0, errors
    assert "asks Keras for jax, which is not installed here, so TensorFlow is used" in errors
    assert "set KERAS_BACKEND=tensorflow" in errors
    assert "(1, 10)" in output
    assert output.splitlines()[-1] == "True"


def test_a_backend_that_is_installed_is_named(tmp_path):
    # Keras's NumPy backend is always there.
    code, output, errors = run("import mnist_tutorial\n" + CHECK, tmp_path, KERAS_BACKEND="numpy")
    assert code == 0, errors
    assert "KERAS_BACKEND makes Keras compute with numpy, and the book is written for TensorFlow" in errors
    assert output.splitlines()[-1] == "False"
    assert "Not ready: Keras computes with numpy" in output
    assert "set KERAS_BACKEND=tensorflow before Python starts" in output


def test_the_command_line_takes_no_keras_and_says_nothing_of_it(tmp_path):
    command = [sys.executable, "-m", "mnist_tutorial", "predict", "none.png"]
    result = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"KERAS_BACKEND": "jax"}, capture_output=True, text=True, check=False
    )
    assert result.stderr == "There is no file none.png. Check its name and its folder.\n"
