"""Networks in files: what load_network gives back, and what it says of other files."""

import json
import os
import struct

import numpy as np
import pytest
from network_files import BROKEN, SMALL, weights_for

import mnist_tutorial
from mnist_tutorial.data import stand_in_digits
from mnist_tutorial.model import build_model
from mnist_tutorial.network_file import NetworkFileError, from_safetensors, load_network, save_network, to_safetensors
from mnist_tutorial.processing import process_images, process_labels


@pytest.fixture
def content():
    return to_safetensors(SMALL, weights_for(SMALL))


def test_the_file_is_safetensors_as_its_page_describes_it(content):
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    assert length % 8 == 0
    assert json.loads(header["__metadata__"]["settings"]) == SMALL
    names = ["convolution.kernel", "convolution.bias", "hidden.kernel", "hidden.bias", "output.kernel", "output.bias"]
    assert list(header) == ["__metadata__", *names]
    assert header["convolution.kernel"] == {"dtype": "F32", "shape": [9, 9, 1, 2], "data_offsets": [0, 648]}
    assert header["hidden.kernel"]["shape"] == [200, 3]
    assert header["output.bias"]["data_offsets"][1] == len(content) - 8 - length
    first = np.frombuffer(content[8 + length : 8 + length + 648], "<f4")
    np.testing.assert_array_equal(first, weights_for(SMALL)[0].ravel())


def test_a_network_comes_back_with_equal_predictions_and_can_be_trained_on(tmp_path):
    import keras

    (images, labels), _ = stand_in_digits()
    keras.utils.set_random_seed(3)
    model = build_model(filters=4, kernel_size=3, units=8, dropout=0.1)
    save_network(model, tmp_path / "mine.safetensors")
    back = mnist_tutorial.load_network(tmp_path / "mine.safetensors")
    assert [type(layer) for layer in back.layers] == [type(layer) for layer in model.layers]
    assert back.layers[2].rate == 0.1
    inputs = process_images(images[:300])
    np.testing.assert_array_equal(back.predict(inputs, verbose=0), model.predict(inputs, verbose=0))
    answers = process_labels(labels[:300])
    before, _ = back.evaluate(inputs, answers, verbose=0)
    back.fit(inputs, answers, epochs=1, batch_size=20, verbose=0)
    assert back.evaluate(inputs, answers, verbose=0)[0] < before
    assert os.listdir(tmp_path) == ["mine.safetensors"]


def test_networks_that_no_page_can_train_are_not_saved(tmp_path):
    import keras

    path = tmp_path / "mine.safetensors"
    for model, said in (
        (build_model(kernel_size=(3, 5)), "a square window; the network has one of 3 x 5"),
        (build_model(filters=65), "expected a whole number from 1 to 64 for the setting filters, found 65"),
        (keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]), "was given one of Dense"),
    ):
        with pytest.raises(ValueError, match=said):
            save_network(model, path)
    assert not path.exists()
    with pytest.raises(OSError, match="nowhere"):
        save_network(build_model(filters=1), tmp_path / "nowhere" / "mine.safetensors")


def test_weights_that_the_settings_do_not_fit_are_not_written():
    with pytest.raises(ValueError, match=r"hidden.kernel is of shape \(200, 3\); the settings say \(200, 4\)"):
        to_safetensors(SMALL | {"hiddenUnits": 4}, weights_for(SMALL))


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_is_no_such_network_is_refused_in_words(how, content, tmp_path):
    change, said = BROKEN[how]
    path = tmp_path / "mine.safetensors"
    path.write_bytes(change(content))
    with pytest.raises(NetworkFileError, match=said) as caught:
        load_network(path)
    assert str(caught.value).startswith(repr(str(path)))
    assert len(str(caught.value)) < 1000


def test_paths_that_lead_nowhere(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"found no such file\. A page saves one after a training"):
        load_network(tmp_path / "none.safetensors")
    for path in (tmp_path, "a\0b", "x" * 5000):
        with pytest.raises(NetworkFileError, match="found one that cannot be read") as caught:
            load_network(path)
        assert len(str(caught.value)) < 1000


def test_tensors_may_stand_in_any_order(content):
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    metadata, entries = header.pop("__metadata__"), list(header.items())
    moved, data, end = {"__metadata__": metadata}, b"", 0
    for name, entry in reversed(entries):
        start, stop = entry["data_offsets"]
        moved[name] = entry | {"data_offsets": [end, end + stop - start]}
        data += content[8 + length + start : 8 + length + stop]
        end += stop - start
    text = json.dumps(moved).encode()
    _, weights = from_safetensors(struct.pack("<Q", len(text)) + text + data)
    for one, expected in zip(weights, weights_for(SMALL), strict=True):
        np.testing.assert_array_equal(one, expected)
