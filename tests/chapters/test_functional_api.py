"""The chapter "The Functional API": what it says of its networks, on digits that everyone has."""

import re
import warnings

import numpy as np
import pytest

from chapters import run_cells
from mnist_tutorial import data, notebook


@pytest.fixture(scope="module")
def said():
    return []


@pytest.fixture(scope="module")
def chapter(said, tmp_path_factory, own_keras_home):
    """Execute the chapter on the stand-in; return its names."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        patch.setenv(data.VARIABLE, data.STAND_IN)
        patch.chdir(tmp_path_factory.mktemp("chapter"))
        patch.setattr(notebook, "say", said.append)
        return run_cells("11")


def test_both_ways_of_writing_are_one_network(chapter):
    one, other = chapter["sequential"], chapter["functional"]
    for weights, others in zip(one.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(weights, others)
    for pair in (chapter["before"], chapter["after"]):
        assert np.array_equal(*pair)
    assert not np.array_equal(chapter["before"][0], chapter["after"][0])


def test_answers_are_those_of_keras(chapter):
    for name in ("functional", "two_heads"):
        model, images = chapter[name], chapter["X_test"]
        found, expected = chapter["answers_of"](model, images), model.predict(images, verbose=0)
        if not isinstance(found, dict):
            found, expected = {"": found}, {"": expected}
        for output, numbers in expected.items():
            assert found[output].shape == numbers.shape
            assert np.allclose(found[output], numbers, atol=1e-5)


def test_labels_without_a_weight_do_not_matter(chapter):
    import keras

    names = {name: chapter[name] for name in ("X_both", "Y_both", "weights", "build_two_heads")}
    images = np.concatenate([names["X_both"][:200], names["X_both"][-200:]])
    truth = np.concatenate([names["Y_both"]["is_digit"][:200], names["Y_both"]["is_digit"][-200:]])
    assert (truth == np.repeat([1, 0], 200)).all()
    digits = np.concatenate([names["Y_both"]["digit"][:200], names["Y_both"]["digit"][-200:]])
    assert not digits[200:].any()
    other = digits.copy()
    other[200:, 7] = 1
    trained = []
    for labels in (digits, other):
        keras.utils.set_random_seed(5)
        model = names["build_two_heads"]()
        model.compile(loss={"digit": "categorical_crossentropy", "is_digit": "binary_crossentropy"}, optimizer="adam")
        model.fit(
            images,
            {"digit": labels, "is_digit": truth},
            sample_weight={"digit": truth, "is_digit": np.ones_like(truth)},
            batch_size=100,
            verbose=0,
        )
        trained.append(model.get_weights())
    for one, another in zip(*trained, strict=True):
        assert np.array_equal(one, another)


def test_limits_cost_the_same_on_the_images_put_aside(chapter):
    confidence = chapter["confidence"](chapter["X_aside"])
    sure = chapter["heads_of"](chapter["X_aside"])[1]
    allowed = 0.02 + 1 / len(sure)
    for values, limit in ((confidence, chapter["limit_old"]), (sure, chapter["limit_new"])):
        assert 0.01 < (values < limit).mean() <= allowed


def test_kinds_kept_back_are_not_learned_from(chapter):
    assert set(chapter["kinds"]) == set(chapter["known"])
    assert not set(chapter["new"]) & set(chapter["kinds"])
    for kind, images in (chapter["known"] | chapter["new"]).items():
        images = np.array(images)
        assert images.dtype == np.uint8, kind
        assert images.shape[1:] == (28, 28), kind
        assert len(images) >= 200, kind


def test_the_second_head_knows_what_it_was_shown_and_less_of_the_rest(chapter, said):
    shares = chapter["shares"]
    assert max(shares["test digits"]) < 0.06
    for kind in chapter["known"]:
        old, improved = shares[kind]
        assert improved > 0.85, kind
        assert improved > old + 0.3, kind
    assert min(shares[kind][1] for kind in chapter["new"]) < min(shares[kind][1] for kind in chapter["known"])
    told = " ".join(said)
    assert not re.search(r"\b(nan|inf)\b", told)
    assert f"{shares['signs'][1]:.0%} of the signs" in told
    assert f"{shares['overlaid digits'][1]:.0%} of the overlaid digits" in told
    assert "differ not at all" in told
