"""DigitPad's trait `frame` in Python."""

import numpy as np
import pytest
import traitlets
from digit_pad_photos import seven, seven_and_nought

from mnist_tutorial.handwriting import crop_to_frame, prepare
from mnist_tutorial.widgets.digit_pad import DigitPad


def test_python_reads_sets_and_follows_the_frame():
    pad = DigitPad(photo=seven_and_nought())
    heard = []
    pad.observe(lambda change: heard.append(change.new), "frame")
    assert pad.frame is None
    whole = pad.image
    for frame, digit in (((0, 0, 140, 160), 7), (np.array([140, 0, 140, 160]), 0)):
        pad.frame = frame
        assert pad.frame == tuple(frame)
        assert np.argmax(pad.probabilities) == digit
        np.testing.assert_array_equal(pad.image, prepare(crop_to_frame(pad.photo, pad.frame)).image)
    pad.frame = None
    np.testing.assert_array_equal(pad.image, whole)
    assert heard == [(0, 0, 140, 160), (140, 0, 140, 160), None]
    pad.frame = (0, 130, 40, 30)  # no ink
    assert pad.probabilities == []
    assert not pad.image.any()
    pad.photo = seven()  # each photo begins without a frame
    assert pad.frame is None
    assert np.argmax(pad.probabilities) == 7
    pad.frame = (0, 0, 100, 100)
    pad.strokes = [[[0.5, 0.2], [0.5, 0.8]]]
    assert (pad.frame, pad.photo) == (None, None)
    assert np.argmax(pad.probabilities) == 1


def test_photo_and_frame_may_be_set_together():
    pad = DigitPad(photo=seven_and_nought(), frame=[140, 0, 140, 160])
    assert pad.frame == (140, 0, 140, 160)
    assert np.argmax(pad.probabilities) == 0
    with pad.hold_trait_notifications():
        pad.photo = seven()
        pad.frame = (0, 0, 160, 200)
    assert pad.frame == (0, 0, 160, 200)
    assert np.argmax(pad.probabilities) == 7


def test_frames_that_do_not_fit_are_refused_and_the_last_one_stays():
    pad = DigitPad(photo=seven_and_nought(), frame=(140, 0, 140, 160))
    for wrong in ((0, 0, 281, 160), (0, 0, 7, 7), (1, 2, 3), "here", 5):
        with pytest.raises(traitlets.TraitError, match=r"frame was given .*; it expects x, y, width and height"):
            pad.frame = wrong
    assert pad.frame == (140, 0, 140, 160)
    with pytest.raises(traitlets.TraitError, match=r"there is no photo\. Set photo first"):
        DigitPad(frame=(0, 0, 50, 50))


def test_a_frame_that_the_front_end_sends_is_taken_over():
    pad = DigitPad(photo=seven_and_nought())
    pad.set_state({"frame": [140, 0, 140, 160], "probabilities": [0.1] * 10})
    assert pad.frame == (140, 0, 140, 160)
    assert pad.probabilities == [0.1] * 10  # it has made them itself
    sent = DigitPad(photo=seven()).get_state("photo")["photo"]
    pad.set_state({"photo": memoryview(sent), "frame": None})
    assert pad.frame is None
    pad.set_state({"frame": [0, 0, 100, 100]})
    pad.set_state({"photo": memoryview(b""), "strokes": [[[0.5, 0.5]]]})
    assert pad.frame is None
