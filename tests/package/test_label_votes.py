"""The published votes on doubtful labels, held against MNIST itself where it is at hand."""

import pytest
from digits_at_hand import real_mnist

from mnist_tutorial import label_votes


def test_the_votes_are_those_that_were_published():
    votes = label_votes.VOTES
    assert len(votes) == 100
    unconfirmed = [place for place, vote in votes.items() if 2 * vote.for_given <= 5]
    assert unconfirmed == [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]
    for vote in votes.values():
        same = vote.given == vote.suggested
        assert vote.for_given + vote.neither + (0 if same else vote.for_suggested) == 5
        assert not same or vote.for_given == vote.for_suggested


def test_each_vote_is_on_the_label_that_mnist_has():
    digits = real_mnist()
    if digits is None:
        pytest.skip("the original MNIST is not at hand")
    images, labels = digits[1]
    assert all(labels[place] == vote.given for place, vote in label_votes.VOTES.items())
    assert label_votes.votes_on(images, labels) is label_votes.VOTES
    assert label_votes.votes_on(images[:100], labels[:100]) == {}
