"""Loading the digits: the sources and their order, and what is printed about them."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from digit_files import (
    REAL_MNIST,
    archive_bytes,
    keras_home,
    put_in_keras_cache,
    refused_url,
    sha256,
    small,
    small_arrays,
    stand_in,
)

from mnist_tutorial import data

__all__ = ["keras_home", "small", "stand_in"]  # fixtures


# --- what is loaded, and what is said about it


@pytest.mark.skipif(not REAL_MNIST or REAL_MNIST == data.STAND_IN, reason=f"{data.VARIABLE} names no MNIST file")
def test_real_mnist_is_recognised(capsys):
    train, test = data.load_mnist(REAL_MNIST, stand_in=False)
    assert capsys.readouterr().out == f"MNIST from {Path(REAL_MNIST).name}: 60,000 training and 10,000 test images.\n"
    assert data.identify(train, test) == "MNIST"
    assert np.array_equal(train[1][:5], [5, 0, 4, 1, 9])
    train[0][0, 14, 14] ^= 1  # one bit of one pixel
    assert data.identify(train, test) == "other"


def test_archive_is_read_as_it_was_saved(small, capsys):
    (x_train, y_train), (x_test, y_test) = data.load_mnist(small)
    for name, array in small_arrays().items():
        assert np.array_equal(array, {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}[name])
    x_train[0, 0, 0] = 1  # a reader may change what was loaded
    assert capsys.readouterr().out == (
        f"Digits from {small.name}, not the original MNIST: 30 training and 20 test images.\n"
    )


def test_argument_beats_variable_beats_keras(small, tmp_path, monkeypatch):
    other = tmp_path / "other.npz"
    other.write_bytes(archive_bytes(**small_arrays(train=11)))
    put_in_keras_cache(small_arrays(train=12), monkeypatch)
    assert len(data.load_mnist()[0][0]) == 12
    monkeypatch.setenv(data.VARIABLE, str(other))
    assert len(data.load_mnist()[0][0]) == 11
    assert len(data.load_mnist(small)[0][0]) == 30
    assert len(data.load_mnist("stand-in")[0][0]) == 1437


def test_without_network_the_line_says_stand_in_and_why(capsys):
    data.load_mnist()
    assert capsys.readouterr().out == (
        "Stand-in digits, not MNIST (no network): 1,437 training and 360 test images from scikit-learn. "
        "Connect to the network, and Keras downloads it, or set MNIST_TUTORIAL_DATA to the path of an mnist.npz.\n"
    )


def test_variable_can_ask_for_the_stand_in(monkeypatch, capsys):
    monkeypatch.setenv(data.VARIABLE, "stand-in")
    monkeypatch.setattr(data, "_from_keras", lambda: pytest.fail("asked Keras all the same"))
    train, test = data.load_mnist()
    assert data.identify(train, test) == "stand-in"
    assert capsys.readouterr().out == (  # and no advice, which nobody asked for
        "Stand-in digits, not MNIST (as asked): 1,437 training and 360 test images from scikit-learn.\n"
    )


def test_saved_stand_in_is_called_stand_in(stand_in, tmp_path, capsys):
    path = tmp_path / "saved.npz"
    np.savez(path, **dict(zip(data.ARRAYS, (*stand_in[0], *stand_in[1]), strict=True)))
    data.load_mnist(path)
    assert capsys.readouterr().out.startswith("Stand-in digits, not MNIST (from saved.npz)")
    with pytest.raises(data.DataError, match="stand_in=False refuses"):
        data.load_mnist(path, stand_in=False)


def test_quiet_prints_nothing(small, capsys):
    data.load_mnist(small, quiet=True)
    data.load_mnist("stand-in", quiet=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", [None, "stand-in"])
def test_stand_in_can_be_refused(path):
    with pytest.raises(data.DataError, match="stand_in=False") as caught:
        data.load_mnist(path, stand_in=False)
    assert data.VARIABLE in str(caught.value)
    assert "network" in str(caught.value)


# --- digits that lie on their side


def test_transposed_digits_are_noticed(stand_in, tmp_path, capsys, recwarn):
    (x_train, y_train), (x_test, y_test) = stand_in
    path = tmp_path / "emnist.npz"
    for count in (100, 19):  # of fewer than twenty, nothing can be said
        for images, warned in ((x_train, 0), (x_train.transpose(0, 2, 1), count >= 20)):
            np.savez(path, x_train=images[:count], y_train=y_train[:count], x_test=x_test[:9], y_test=y_test[:9])
            data.load_mnist(path)
            assert len(recwarn) == warned
            if warned:
                message = str(recwarn.pop(UserWarning).message)
                assert message.startswith("The images from emnist.npz look transposed")
                assert "images.transpose(0, 2, 1)" in message


def test_other_images_are_not_called_transposed(recwarn, small):
    data.load_mnist(small)  # noise
    assert not recwarn


# --- the name of the data, for what keeps results made from it


def test_data_source_changes_with_the_data(small, monkeypatch):
    assert data.data_source() == data.data_source("stand-in") == "stand-in"
    named = data.data_source(small)
    assert named == f"sha256:{sha256(small.read_bytes())}"
    monkeypatch.setenv(data.VARIABLE, str(small))
    assert data.data_source() == named
    small.write_bytes(archive_bytes(**small_arrays(train=31)))
    assert data.data_source() != named


def test_data_source_sees_keras_cache(keras_home, monkeypatch):
    put_in_keras_cache(small_arrays(), monkeypatch)
    assert data.data_source() == f"sha256:{sha256((keras_home / 'datasets/mnist.npz').read_bytes())}"


def test_reading_takes_no_tensorflow(small):
    script = f"""
import sys
from mnist_tutorial import data
data.load_mnist({str(small)!r}), data.data_source({str(small)!r}), data.load_mnist()
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    # What keras_home sets up is not in force over there, so its "no network" is a proxy that does not listen.
    environment = {**os.environ, "https_proxy": refused_url(), "no_proxy": ""}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
