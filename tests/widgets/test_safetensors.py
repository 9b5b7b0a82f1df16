"""Networks in files, in the page: Keras reads what the engine has trained, with equal predictions, and back."""

import numpy as np
import pytest
from engine_in_node import run_in_node, short_digits
from network_files import BROKEN, SMALL, weights_for

from mnist_tutorial.network_file import build_network, from_safetensors, load_network, to_safetensors
from mnist_tutorial.processing import process_images

IMPORT = 'const { fromSafetensors, toSafetensors } = await import("../frontend/safetensors.js");'
ARCHITECTURES = [
    {},
    {"hiddenUnits": 0, "filters": 5},
    {"kernelSize": 3, "filters": 8, "hiddenUnits": 20, "dropout": 0},
    {"softmax": "none", "filters": 3, "kernelSize": 1, "hiddenUnits": 7, "loss": "squared error", "optimizer": "sgd"},
    {"softmax": "twice", "filters": 4, "kernelSize": 9, "hiddenUnits": 512},
    {"scaling": False, "filters": 3, "kernelSize": 4, "hiddenUnits": 9, "learningRate": 1e-6},
]


@pytest.mark.parametrize("settings", ARCHITECTURES)
def test_keras_reads_what_the_engine_has_trained_with_equal_predictions(settings, tmp_path):
    images, labels = short_digits()
    script = f"""{IMPORT}
    const settings = checkSettings(given.settings);
    const network = networks.webAssembly(settings, 64);
    const training = createTraining({{ network, images: given.images, labels: given.labels }});
    for (let step = 0; step < 3; step++) training.step(step);
    const weights = network.weights();
    const file = toSafetensors({{ weights, settings }});
    const back = fromSafetensors(file);
    for (const [i, one] of back.weights.entries()) {{
      if (one.some((value, j) => value !== weights[i][j])) throw new Error(`weights ${{i}} are others`);
    }}
    if (JSON.stringify(back.settings) !== JSON.stringify(settings)) throw new Error("the settings are others");
    return {{ file, outputs: drain(predict(network, given.images.subarray(0, 64 * 784))) }};
    """
    given = {"batchSize": 40, "epochs": 1, **settings}
    found = run_in_node(script, settings=given, images=images, labels=labels)
    path = tmp_path / "mine.safetensors"
    path.write_bytes(found["file"].tobytes())
    predicted = load_network(path).predict(process_images(images[:64]), verbose=0)
    np.testing.assert_allclose(predicted, found["outputs"].reshape(-1, 10), rtol=1e-4, atol=1e-5)
    assert np.ptp(predicted, axis=0).max() > 0.001  # they are about the images


def test_a_page_reads_what_python_has_written():
    settings = SMALL | {"softmax": "none"}
    weights = weights_for(settings)
    script = f"""{IMPORT}
    const {{ weights, settings }} = fromSafetensors(given.file);
    const inTheMiddle = new Uint8Array(given.file.length + 3).subarray(3); // its numbers are not aligned
    inTheMiddle.set(given.file);
    fromSafetensors(inTheMiddle);
    fromSafetensors(given.file.slice().buffer);
    return {{ weights, settings, again: toSafetensors({{ weights, settings }}) }};
    """
    found = run_in_node(script, file=np.frombuffer(to_safetensors(settings, weights), "uint8"))
    assert found["settings"].items() >= settings.items()
    for one, expected in zip(found["weights"], weights, strict=True):
        np.testing.assert_array_equal(one, expected.ravel())
    again, same = from_safetensors(found["again"].tobytes())
    assert again == found["settings"]
    for one, expected in zip(same, weights, strict=True):
        np.testing.assert_array_equal(one, expected)
    assert build_network(again, same).count_params() == sum(one.size for one in weights)


def test_what_python_refuses_a_page_refuses_in_words():
    content = to_safetensors(SMALL, weights_for(SMALL))
    files = {how: np.frombuffer(change(content), "uint8") for how, (change, _) in BROKEN.items()}
    del files["too many bytes"]  # which are made there
    files["unknown settings"] = np.frombuffer(to_safetensors(SMALL | {"colour": 1}, weights_for(SMALL)), "uint8")
    files["prototype"] = np.frombuffer(content.replace(b'"hidden.kernel"', b'"__proto__"    '[:15]), "uint8")
    script = f"""{IMPORT}
    const files = {{ ...given.files, "too many bytes": new Uint8Array(2 ** 26 + 1) }};
    return Object.entries(files).map(([how, file]) => {{
      try {{
        return [how, fromSafetensors(file)];
      }} catch (error) {{
        return [how, error.constructor.name, error.message];
      }}
    }});
    """
    said = {how: rest for how, *rest in run_in_node(script, files=files)}
    assert set(said) == {*files, "too many bytes"}
    for how, (kind, message) in said.items():
        assert kind == "Error", (how, kind, message)
        assert 20 < len(message) < 500, (how, message)
    assert "Open one that was saved here" in said["text"][1]
    assert "is incomplete" in said["half of a header"][1]
    assert "expected finite numbers" in said["no finite numbers"][1]
    assert "The setting filters was given as 65" in said["too many filters"][1]


def test_mangled_files_are_refused_in_words_or_read_whole():
    content = np.frombuffer(to_safetensors(SMALL, weights_for(SMALL)), "uint8")
    rng = np.random.default_rng(8)
    header = int.from_bytes(content[:8].tobytes(), "little") + 8
    files = []
    for _ in range(2000):
        file = content.copy()
        file[rng.integers(0, header, rng.integers(1, 4))] = rng.integers(0, 256)
        files.append(file[: rng.integers(0, len(file))] if rng.random() < 0.2 else file)
    script = f"""{IMPORT}
    const kinds = {{ read: 0 }};
    let start = 0;
    for (const end of given.ends) {{
      try {{
        const {{ weights }} = fromSafetensors(given.bytes.subarray(start, end));
        if (weights.some((one) => !one.every(Number.isFinite))) throw new RangeError("no numbers");
        kinds.read += 1;
      }} catch (error) {{
        const kind = error.constructor.name;
        kinds[kind] = (kinds[kind] ?? 0) + 1;
        if (error.message.length > 500 && kind === "Error") throw error;
      }}
      start = end;
    }}
    return kinds;
    """
    kinds = run_in_node(script, bytes=np.concatenate(files), ends=np.cumsum([len(one) for one in files]).tolist())
    assert set(kinds) == {"read", "Error"}, kinds
    assert sum(kinds.values()) == 2000
    assert kinds["Error"] > 1000
