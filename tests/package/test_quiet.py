"""TensorFlow starts without a word, and whatever goes wrong is still shown."""

import os
import subprocess
import sys

import pytest

from mnist_tutorial.quiet import muted_standard_error


def run(script, **environment):
    """Run a script in a fresh Python; return its exit code, standard output and standard error."""
    clean = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    result = subprocess.run(
        [sys.executable, "-c", script], env=clean | environment, capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout, result.stderr


def test_keras_starts_and_computes_without_a_word():
    script = "import mnist_tutorial, keras; print(float(keras.ops.sum(keras.ops.ones((2, 3)))))"
    assert run(script) == (0, "6.0\n", "")


def test_garbage_is_looked_for_again_once_keras_is_loaded():
    script = """
import gc, mnist_tutorial
before = gc.get_stats()[2]["collections"]
import keras
print(gc.get_stats()[2]["collections"] - before, gc.isenabled(), gc.get_freeze_count() > 100_000)"""
    assert run(script) == (0, "0 True True\n", "")


def test_garbage_that_the_reader_does_not_want_to_be_looked_for_is_not_looked_for():
    assert run("import gc, mnist_tutorial; gc.disable(); import keras; print(gc.isenabled())")[1] == "False\n"


def test_a_broken_import_shows_what_it_wrote(tmp_path):
    message = "the library is of another version"
    (tmp_path / "keras.py").write_text(f"import os\nos.write(2, b'{message}')\nraise ImportError('no Keras')\n")
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import mnist_tutorial, keras"
    code, _, errors = run(script)
    assert code == 1
    assert message in errors
    assert "ImportError: no Keras" in errors


def test_a_missing_package_is_missing(tmp_path):
    script = """
import sys, mnist_tutorial
sys.path[:] = [path for path in sys.path if "site-packages" not in path]
import keras"""
    code, _, errors = run(script)
    assert code == 1
    assert "ModuleNotFoundError: No module named 'keras'" in errors


def test_only_the_import_itself_is_muted(tmp_path):
    (tmp_path / "keras.py").write_text("import os\nos.write(2, b'chatter')\n")
    script = f"""
import os, sys
import mnist_tutorial
sys.path.insert(0, {str(tmp_path)!r})
os.write(2, b"before ")
import keras
os.write(2, b"after")"""
    assert run(script) == (0, "", "before after")


def test_the_readers_own_log_level_counts():
    script = "import mnist_tutorial, os; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    assert run(script)[1] == "3\n"
    assert run(script, TF_CPP_MIN_LOG_LEVEL="0")[1] == "0\n"


def test_muting_ends_with_the_block(capfd):
    with muted_standard_error():
        os.write(2, b"held back")
    os.write(2, b"shown")
    assert capfd.readouterr().err == "shown"


def test_muting_gives_back_what_was_held_when_the_block_fails(capfd):
    @muted_standard_error()
    def fail():
        os.write(2, b"the reason")
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    os.write(2, b", and on")
    assert capfd.readouterr().err == "the reason, and on"
