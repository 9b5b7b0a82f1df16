"""DigitPad as Jupyter runs it: its traits, the reader's own network, and views that come and go."""

import base64

import numpy as np
from digit_pad_page import ALL, DIGITS, NEXT_FRAME, draw, image_shown, open_more, path_on, settle, shares, words

from mnist_tutorial import model as networks
from mnist_tutorial.processing import process_images
from mnist_tutorial.reference.weights_format import page_weights
from mnist_tutorial.widgets.digit_pad import DigitPad


def test_in_jupyter_the_readers_own_network_answers(open_live):
    import keras

    keras.utils.set_random_seed(3)
    own = networks.build_model(filters=4, kernel_size=3, units=8)
    page = open_live(DigitPad(own))
    draw(page, DIGITS[7][0])
    strokes, text, found = page.evaluate(
        "() => [fake.state.strokes, btoa(String.fromCharCode(...new Uint8Array(fake.state.pixels.buffer))),"
        " fake.state.probabilities]"
    )
    image = np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(image, image_shown(page))
    expected = own.predict(process_images(image[None]), verbose=0)[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    same = DigitPad(own, strokes=strokes)  # what Python makes of the same strokes
    assert np.abs(same.image - image.astype(int)).max() <= 1
    np.testing.assert_allclose(same.probabilities, found, atol=1e-3)


def test_the_front_end_follows_every_trait(open_live):
    pad = DigitPad()
    page = open_live(pad)
    open_more(page)

    def set_(name, value):
        page.evaluate("([name, value]) => fake.model.set(name, value)", [name, value])
        settle(page)

    set_("strokes", DIGITS[7])
    page.locator(".dp-words").filter(has_text="looks like a 7").wait_for()
    pad.strokes = DIGITS[7]
    np.testing.assert_array_equal(image_shown(page), pad.image)
    set_("pen", 0.15)
    pad.pen = 0.15
    assert np.abs(image_shown(page) - pad.image.astype(int)).max() <= 1
    assert page.get_by_role("slider").input_value() == "0.15"
    set_("skip", ALL)
    pad.skip = ALL
    assert np.abs(image_shown(page) - pad.image.astype(int)).max() <= 1
    assert not any(box.is_checked() for box in page.get_by_role("checkbox").all())
    other = page_weights(networks.build_model(filters=2, units=4))
    set_("weights", other)
    pad.weights = other
    page.wait_for_function(
        "(expected) => expected.every((share, i) => Math.abs(fake.model.get('probabilities')[i] - share) < 1e-3)",
        arg=pad.probabilities,
    )
    for probabilities, sentence in (
        ([0.05] * 8 + [0.4, 0.2], "Unsure: 8 (40.0%) or 9 (20.0%)."),
        ([0.7, 0.04] + [0.0325] * 8, "Unsure: 0 (70.0%) or 1 (4.0%)."),
        ([0.3, 0.0, 0.0, 0.3, 0.0, 0.25, 0.15, 0.0, 0.0, 0.0], "Unsure: 0 (30.0%) or 3 (30.0%) or 5 (25.0%)."),
        ([0.0] * 8 + [0.76, 0.24], "It looks like an 8: the network gives it 76.0%."),
        ([0.0] * 5 + [0.9999, 0.0001, 0.0, 0.0, 0.0], "It looks like a 5: the network gives it more than 99.9%."),
    ):
        set_("probabilities", probabilities)
        assert words(page) == sentence
    set_("strokes", [])
    assert shares(page) is None


def test_a_drawing_cleared_from_outside_goes_on_with_a_new_stroke(open_live):
    page = open_live(DigitPad())
    screen = path_on(page, [(0.2, 0.2), (0.5, 0.5), (0.5, 0.8)])
    page.mouse.move(*screen[0])
    page.mouse.down()
    page.mouse.move(*screen[1])
    page.evaluate("() => fake.model.set('strokes', [])")
    page.mouse.move(*screen[2])
    page.mouse.up()
    settle(page)
    (stroke,) = page.evaluate("() => fake.model.get('strokes')")
    np.testing.assert_allclose(stroke, [[0.5, 0.5], [0.5, 0.8]], atol=0.005)


def test_a_network_whose_weights_are_no_numbers_is_told(open_live):
    own = networks.build_model(filters=2, units=4)
    own.layers[-1].bias.assign(np.full(10, np.nan))
    pad = DigitPad(own, strokes=DIGITS[1])
    assert pad.probabilities == []
    page = open_live(pad)
    page.locator(".dp-pad").focus()
    page.locator(".dp-words").filter(has_text="its weights are broken").wait_for()
    assert shares(page) is None


def test_showing_hiding_and_showing_again_leaves_nothing_behind(open_live):
    page = open_live(DigitPad())
    before = page.evaluate("[fake.listening(), fake.outside()]")
    assert before[0] > 0
    for _ in range(3):
        page.evaluate("() => { fake.hide(); return fake.show(); }")
    assert page.evaluate("[fake.listening(), fake.outside()]") == before
    draw(page, DIGITS[1][0])
    assert "looks like a 1" in words(page)
    page.evaluate("() => { fake.hide(); fake.saved = 0; fake.model.set('strokes', []); }")
    page.evaluate(NEXT_FRAME)
    assert page.evaluate("[fake.listening(), fake.saved]") == [0, 0]


def test_one_pad_shown_twice_stays_one(open_live):
    page = open_live(DigitPad())
    page.evaluate("() => { fake.show(); }")
    draw(page, DIGITS[0][0])
    page.locator(".dp-words").nth(1).filter(has_text="looks like a 0").wait_for()
    np.testing.assert_array_equal(image_shown(page, 0), image_shown(page, 1))
