"""The chapter "The Functional API": what it says of its networks is what its run shows."""

import re

import pytest
from chapter_runs import chapter_run


@pytest.fixture(scope="module")
def chapter():
    """Return what the chapter's run on the digits at hand said, and what its probe found in the networks."""
    return chapter_run("13")


def test_it_warns_of_nothing(chapter):
    assert "Warning" not in chapter.stderr


def test_both_ways_of_writing_are_one_network(chapter):
    assert chapter.same_weights
    assert chapter.same_before
    assert chapter.same_after
    assert chapter.learned


def test_answers_are_those_of_keras(chapter):
    assert len(chapter.differences_from_keras) == 3  # one output of the first network, two of the second
    for one in chapter.differences_from_keras:
        assert one["shape"] == one["expected_shape"]
        assert one["largest_excess"] <= 0


def test_labels_without_a_weight_do_not_matter(chapter):
    found = chapter.labels_without_a_weight
    assert found["truth"] == [1] * 200 + [0] * 200
    assert not found["any_digit_label_before"]
    assert found["same"]


def test_limits_cost_the_same_on_the_held_out_images(chapter):
    allowed = 0.02 + 1 / len(chapter.sure)
    for values, limit in ((chapter.confidence, chapter.limit_old), (chapter.sure, chapter.limit_new)):
        assert 0.01 < (values < limit).mean() <= allowed


def test_kinds_kept_back_are_not_learned_from(chapter):
    assert set(chapter.kinds) == set(chapter.known)
    assert not set(chapter.new) & set(chapter.kinds)
    for kind, images in (chapter.known | chapter.new).items():
        assert images["dtype"] == "uint8", kind
        assert images["shape"][1:] == [28, 28], kind
        assert images["shape"][0] >= 200, kind


def test_the_second_head_knows_what_it_was_shown_and_less_of_the_rest(chapter):
    shares = chapter.shares
    assert max(shares["test digits"]) < 0.06
    for kind in chapter.known:
        old, improved = shares[kind]
        assert improved > 0.85, kind
        assert improved > old + 0.3, kind
    assert min(shares[kind][1] for kind in chapter.new) < min(shares[kind][1] for kind in chapter.known)
    text = " ".join(chapter.said)
    assert not re.search(r"\b(nan|inf)\b", text)
    assert f"{shares['signs'][1]:.0%} of the signs" in text
    assert f"{shares['overlaid digits'][1]:.0%} of the overlaid digits" in text
    assert "differ not at all" in text
