"""Networks as ONNX files, written in the page: the checker of ONNX accepts them, and they predict as Keras does."""

import json

import numpy as np
import onnx
import pytest
from engine_in_node import run_in_node
from network_files import weights_for
from onnxruntime import InferenceSession
from test_safetensors import ARCHITECTURES

from mnist_tutorial.data import stand_in_digits
from mnist_tutorial.network_file import build_network
from mnist_tutorial.processing import process_images

IMPORT = 'const { toOnnx } = await import("../training_lab/onnx.js");'


def written(settings, weights):
    flat = [one.reshape(-1) for one in weights]
    return run_in_node(f"{IMPORT} return toOnnx(given);", settings=settings, weights=flat).tobytes()


@pytest.mark.parametrize("settings", ARCHITECTURES)
def test_it_is_a_sound_file_that_predicts_as_keras_does(settings):
    weights = weights_for(settings)
    content = written(settings, weights)
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    images = process_images(stand_in_digits()[0][0][:50])
    expected = build_network(settings, weights).predict(images, verbose=0)
    session = InferenceSession(content)
    (found,) = session.run(["probabilities"], {"images": images})
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 1e-3  # they differ from image to image
    (one,) = session.run(None, {"images": images[:1]})
    np.testing.assert_allclose(one, expected[:1], rtol=1e-4, atol=1e-5)


def test_the_file_says_how_the_network_was_trained():
    content = written({"filters": 2, "kernelSize": 3, "hiddenUnits": 4, "learningRate": 0.25}, weights_for(
        {"filters": 2, "kernelSize": 3, "hiddenUnits": 4}))  # fmt: skip
    properties = {one.key: one.value for one in onnx.load_from_string(content).metadata_props}
    assert json.loads(properties["settings"])["learningRate"] == 0.25


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(RuntimeError, match="expected those of 3 x 3 x 1 x 2"):
        written({"filters": 2, "kernelSize": 3, "hiddenUnits": 0}, [np.zeros(4, "float32")])
