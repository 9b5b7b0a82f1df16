"""Whatever a public function is given, it returns a result, or raises an error that a reader understands."""

import importlib
import inspect

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from matplotlib.figure import Figure

from mnist_tutorial.handwriting import HandwritingError, prepare
from mnist_tutorial.handwriting.synthetic import photo, typeset

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), "u1")
LABELS = np.array([7, 2, 1], "u1")
PROBABILITIES = np.full((3, 10), 0.1)
ONE_HOT = np.eye(10)[LABELS]
FEATURES = np.arange(12.0).reshape(4, 3)

# Each public function of the step modules, with good arguments; one of them at a time is replaced below.
FUNCTIONS = {
    "data.load_mnist": ["stand-in"],
    "data.data_source": ["stand-in"],
    "data.read_digits": ["no such file"],
    "data.identify": [(IMAGES, LABELS), (IMAGES, LABELS)],
    "diagrams.draw_signed_numbers": [FEATURES, Figure().add_subplot(), 9, 2],
    "diagrams.largest_of_four": [IMAGES[0], 16, 10, 12],
    "diagrams.scores_to_probabilities": [IMAGES[0], 3],
    "diagrams.sliding_window": [IMAGES[0], 16, 4, 13],
    "evaluation.cross_entropy": [PROBABILITIES, ONE_HOT],
    "evaluation.mistakes": [PROBABILITIES, LABELS],
    "evaluation.nearest": [FEATURES, FEATURES, 2],
    "exercises.results.collect": ["no such folder"],
    "exercises.results.read": ["no such file", "its name"],
    "exercises.results.write_table": [[], "table.csv"],
    "graph.read_graph": [None],
    "graph.graph_in_words": [None],
    "label_votes.votes_on": [IMAGES, LABELS],
    "measurements.measure": [IMAGES[0]],
    "model.build_model": [2, 5, 3, 0.2],
    "processing.process_images": [IMAGES],
    "processing.process_labels": [LABELS],
    "uncertainty.accuracy_interval": [9, 10, 0.95],
    "uncertainty.compare_answers": [LABELS, LABELS, LABELS],
    "uncertainty.spread": [[0.9, 0.8]],
    "uncertainty.with_interval": [9, 10, 2],
}
SOMETHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 30),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.sampled_from([{}, set(), object(), 1j, [[1], [1, 2]], [None], ["7", "2", "1"], np.array(7.5), 10**400]),
    st.lists(st.integers(-1, 11) | st.floats(), max_size=4),
    st.sampled_from([LABELS[:, None], LABELS * 1.0, LABELS + 0.5, LABELS.astype(str), ONE_HOT, ONE_HOT * np.nan]),
    st.sampled_from([IMAGES / 255, IMAGES[..., None], IMAGES.tolist(), IMAGES.reshape(3, 784), IMAGES[:0]]),
    arrays.arrays(arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)),
)


OF_PREPARE = ("frame", "skip")  # beside the photo, of which tests/package/test_hostile_files.py has all kinds


def of(name):
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(f"mnist_tutorial.{module}"), function)


@pytest.mark.parametrize("name", sorted({name.rpartition(".")[0] for name in FUNCTIONS}))
def test_no_function_is_left_out(name):
    module = importlib.import_module(f"mnist_tutorial.{name}")
    own = {
        f"{name}.{key}"
        for key, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not key.startswith("_")
    }
    assert own == {one for one in FUNCTIONS if one.startswith(f"{name}.")}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore")
def test_odd_arguments_are_answered(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a text may be taken for a path
    monkeypatch.setattr("mnist_tutorial.data._from_keras", lambda: (_ for _ in ()).throw(AssertionError))
    function, good = of(name), FUNCTIONS[name]

    @settings(
        max_examples=12 if name == "model.build_model" else 60,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, len(good) - 1), SOMETHING)
    def check(position, value):
        if name in ("data.load_mnist", "data.data_source") and value is None:
            return  # asks for Keras's copy
        changed = [*good[:position], value, *good[position + 1 :]]
        with np.errstate(all="ignore"):
            message = "expected"
            try:
                function(*changed)
            except (ValueError, TypeError, FileNotFoundError) as error:
                message = str(error)
            assert "expect" in message
            assert len(message) < 1200

    check()


@pytest.mark.parametrize("name", OF_PREPARE)
@pytest.mark.filterwarnings("ignore")
def test_odd_frames_and_steps_are_answered(name):
    @settings(max_examples=60, derandomize=True, deadline=None, database=None)
    @given(SOMETHING | st.lists(st.integers(-3, 300), min_size=4, max_size=4))
    def check(value):
        message = "expected"
        try:
            assert prepare(photo(typeset("4", size=170)), **{name: value}).image.shape == (28, 28)
        except HandwritingError as error:
            message = str(error)
        assert "expect" in message or "Move the frame" in message
        assert len(message) < 1200

    check()
