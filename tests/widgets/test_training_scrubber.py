"""TrainingScrubber in a page without a kernel, and with a model: by mouse, touch and keyboard."""

import gzip
import re

import numpy as np
import pytest
import traitlets
from canvas import all_pixels

from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.training_scrubber import TrainingScrubber

EPOCHS, DIGITS, FILTERS = 10, 12, 30
STEP = 900  # milliseconds for which Play shows an epoch


@pytest.fixture(scope="module")
def record():
    """Return a record of a training that never was: seeded, and like no real one, so that a mix-up shows."""
    rng = np.random.default_rng(3)
    powers = np.exp(rng.normal(0, 3, (EPOCHS + 1, DIGITS, 10)))
    return {
        "epochs": EPOCHS,
        "loss": [None, *rng.random(EPOCHS).tolist()],
        "accuracy": [None, *rng.random(EPOCHS).tolist()],
        "val_loss": (2.3 * rng.random(EPOCHS + 1)).tolist(),
        "val_accuracy": rng.random(EPOCHS + 1).tolist(),
        "filters": rng.normal(0, 0.1, (EPOCHS + 1, 5, 5, FILTERS)).astype("float32"),
        "positions": rng.integers(0, 10_000, DIGITS).tolist(),
        "labels": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 3],
        "probabilities": powers / powers.sum(axis=2, keepdims=True),
    }


@pytest.fixture(scope="module")
def images(digits, record):
    found = [digits[0][digits[1] == label][position] for position, label in enumerate(record["labels"])]
    return np.array(found)


@pytest.fixture
def page(open_page, record, images):
    return open_page(TrainingScrubber(record, images), has_touch=True)


def slider(page):
    return page.get_by_role("slider", name="Epoch")


def reads(page, text):
    page.locator(".ts-reading", has_text=text).wait_for()


def stop_clock(page):
    """Let time go by in the page only by page.clock.run_for: a machine that is busy is not too late for an epoch."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def percent(share):
    return "<0.1%" if share < 0.001 else ">99.9%" if share > 0.999 else f"{100 * share:.1f}%"


# All that the widget shows, but for its filters.
SHOWN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const texts = (selector) => all(selector).map((one) => one.innerText);
  return {
    reading: texts(".ts-reading"), cards: texts(".ts-card"), bars: texts(".bw-bars .bw-share"),
    widths: all(".ts-card .bw-fill").map((fill) => parseFloat(fill.style.width)),
    marks: all(".ts-dot").map((dot) => Number(dot.getAttribute("cx"))),
    points: [...document.querySelector(".ts-curve").querySelectorAll(".ts-point")]
      .map((point) => Number(point.getAttribute("cx"))),
  };
}"""


def check(page, record, epoch, index=0):
    """Compare everything that is shown with the record."""
    shares = record["probabilities"][epoch]
    answers, labels = shares.argmax(axis=1), np.array(record["labels"])
    begins = f"After epoch {epoch} of 10" if epoch else "Before the training"
    shown = page.evaluate(SHOWN)
    assert shown["reading"] == [
        f"{begins}: loss {record['val_loss'][epoch]:.4f}, accuracy {100 * record['val_accuracy'][epoch]:.2f}%; "
        f"{(answers == labels).sum()} of these 12 digits right."
    ]
    assert slider(page).input_value() == str(epoch)
    assert len(shown["cards"]) == DIGITS
    for digit, text in enumerate(shown["cards"]):
        sign = "✓" if answers[digit] == labels[digit] else "✗"
        assert re.findall(r"[✓✗] says \d", text) == [f"{sign} says {answers[digit]}"]
        assert percent(shares[digit, labels[digit]]) in text
    assert shown["widths"] == pytest.approx(100 * shares[range(DIGITS), labels], abs=1e-3)
    assert [text.removesuffix(" ◀") for text in shown["bars"]] == [percent(share) for share in shares[index]]
    assert shown["bars"][answers[index]].endswith("◀")
    share = percent(shares[index, labels[index]])
    name = rf"Probability of {labels[index]}, over the epochs: {share} at epoch {epoch};"
    assert page.get_by_role("img", name=re.compile(name)).count() == 1
    check_filters(page.locator(".ts-filters").first, record, epoch)
    assert shown["marks"] == [pytest.approx(shown["points"][epoch])] * 3


def check_filters(gallery, record, epoch):
    """Compare the filters that are drawn with those of an epoch."""
    drawn = np.array(all_pixels(gallery.locator("canvas"))).reshape(FILTERS, 25, 4)
    values = record["filters"][epoch].reshape(25, FILTERS).T / np.abs(record["filters"]).max()
    fade = 255 * (1 - np.abs(values))
    expected = np.where(values[..., None] < 0, np.stack([fade, fade, 255 + 0 * fade], -1), fade[..., None])
    expected = np.where(values[..., None] > 0, np.stack([255 + 0 * fade, fade, fade], -1), expected)
    assert np.abs(drawn[..., :3] - expected).max() <= 2


def test_it_begins_before_the_training_and_follows_the_slider(page, record):
    check(page, record, 0)
    slider(page).press("ArrowRight")
    check(page, record, 1)
    slider(page).press("End")
    check(page, record, 10)
    box = slider(page).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    check(page, record, 5)
    assert slider(page).get_attribute("aria-valuetext") == "epoch 5 of 10"


def test_a_press_on_a_curve_goes_to_that_epoch(page, record):
    for number, epoch in ((0, 7), (1, 2)):
        page.locator(".ts-curve").nth(number).locator(".ts-point").nth(epoch).click(force=True)
        check(page, record, epoch)
    page.locator(".ts-curve").nth(2).scroll_into_view_if_needed()
    box = page.locator(".ts-curve").nth(2).bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 288 / 300, box["y"] + box["height"] / 2)
    check(page, record, 10)
    page.touchscreen.tap(box["x"] + 2, box["y"] + box["height"] / 2)  # left of the axis there is no epoch
    check(page, record, 0)


@pytest.mark.parametrize("lowest", [0.01, 0])
def test_the_curves_are_drawn_to_scale(open_page, record, images, lowest):
    """The loss is drawn on a logarithmic axis, where it has a logarithm."""
    record = record | {"val_loss": [2.3, *record["val_loss"][2:], lowest]}
    page = open_page(TrainingScrubber(record, images))
    losses = np.log(record["val_loss"]) if lowest else record["val_loss"]
    for number, values in enumerate((losses, record["val_accuracy"])):
        heights = page.locator(".ts-curve").nth(number).locator(".ts-point").evaluate_all(
            "(points) => points.map((point) => Number(point.getAttribute('cy')))"
        )  # fmt: skip
        slope, start = np.polyfit(values, heights, 1)
        assert slope < 0
        np.testing.assert_allclose(np.polyval([slope, start], values), heights, atol=0.01)
    ticks = page.locator(".ts-curve").first.locator(".ts-left").all_text_contents()
    named = np.array(ticks, float)
    assert named[0] <= lowest
    assert named[-1] >= 2.3
    if lowest:
        assert ticks == ["0.01", "0.03", "0.1", "0.3", "1", "3"]
    else:
        assert np.ptp(np.diff(named)) < 1e-9


def test_digits_are_chosen_by_mouse_touch_and_arrow_keys(page, record):
    slider(page).press("ArrowRight")
    page.locator(".ts-card").nth(4).click()
    check(page, record, 1, index=4)
    page.locator(".ts-card").nth(11).tap()
    check(page, record, 1, index=11)
    page.keyboard.press("ArrowLeft")
    check(page, record, 1, index=10)
    text = page.locator(".ts-chosen").inner_text()
    assert f"Digit 11 of 12, a 5 (number {record['positions'][10]} of the test set)." in text
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # from the last to the first
    check(page, record, 1, index=0)


def test_the_digits_are_those_given(page, images):
    drawn = np.array(all_pixels(page.locator(".ts-card canvas")))
    np.testing.assert_array_equal(drawn[..., 0], images)


def test_play_steps_to_the_end_and_begins_anew(open_page, record):
    page = open_page(TrainingScrubber(record, epoch=9), reduced_motion="reduce")
    stop_clock(page)
    page.clock.run_for(3 * STEP)
    assert slider(page).input_value() == "9"  # nothing moves unasked
    page.get_by_role("button", name="Play").press("Enter")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.clock.run_for(STEP)
    check(page, record, 10)
    page.get_by_role("button", name="Play").click()  # it has stopped by itself
    assert "Before the training" in page.locator(".ts-reading").inner_text()
    page.clock.run_for(STEP)
    check(page, record, 1)
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(3 * STEP)
    check(page, record, 1)
    page.get_by_role("button", name="Play").click()
    slider(page).press("End")  # who moves it takes it over
    assert page.get_by_role("button", name="Play").is_visible()
    page.clock.run_for(3 * STEP)
    check(page, record, 10)


def test_two_moments_stand_side_by_side(page, record):
    assert page.locator(".ts-filters:visible").count() == 1
    page.get_by_label("Beside it").select_option("before the training")
    slider(page).press("End")
    reads(page, "After epoch 10 of 10")
    check(page, record, 10)
    first, second = page.locator(".ts-filters:visible").all()
    check_filters(second, record, 0)
    assert first.bounding_box()["y"] == second.bounding_box()["y"]
    labels = np.array(record["labels"])
    shares = record["probabilities"][0]
    right = shares.argmax(axis=1) == labels
    assert page.locator(".ts-beside-reading").inner_text() == (
        f"Beside it: Before the training: loss {record['val_loss'][0]:.4f}, accuracy "
        f"{100 * record['val_accuracy'][0]:.2f}%; {right.sum()} of these 12 digits right."
    )
    assert page.locator(".ts-other").all_inner_texts() == [
        f"beside: {'✓' if right[i] else '✗'} {shares[i].argmax()}, {percent(shares[i, labels[i]])}"
        for i in range(DIGITS)
    ]
    name = page.get_by_role("radio", name=re.compile("^digit 3,")).get_attribute("aria-label")
    assert f". Before the training, it says {shares[2].argmax()};" in name
    page.get_by_label("Beside it").select_option("nothing")
    assert page.locator(".ts-filters:visible").count() == 1
    assert page.locator(".ts-other:visible").count() == 0
    assert not page.locator(".ts-beside-reading").is_visible()


def test_python_says_which_moment_stands_beside(record, open_page):
    widget = TrainingScrubber(record, beside=np.int64(3))
    assert widget.beside == 3
    for wrong in (11, -1, 1.5, "3", True):
        with pytest.raises(traitlets.TraitError, match=r"beside was given .*expects"):
            widget.beside = wrong
    page = open_page(widget)
    assert page.get_by_label("Beside it").input_value() == "3"
    assert "Beside it: After epoch 3 of 10" in page.locator(".ts-beside-reading").inner_text()


def test_play_by_touch(page):
    page.get_by_role("button", name="Play").tap()
    reads(page, "After epoch 1 of 10")
    page.get_by_role("button", name="Pause").tap()
    assert page.get_by_role("button", name="Play").is_visible()


def test_changes_are_announced_once_they_rest(page):
    status = page.get_by_role("status")
    assert status.inner_text() == ""
    for _ in range(3):
        slider(page).press("ArrowRight")
    page.wait_for_function("document.querySelector('.bw-live').textContent.startsWith('After epoch 3')")
    page.locator(".ts-card").nth(2).click()
    page.wait_for_function("document.querySelector('.bw-live').textContent.startsWith('Digit 3 of 12, a 2')")


def test_without_images_labels_stand_for_the_digits(open_page, record):
    page = open_page(TrainingScrubber(record, epoch=3))
    assert page.locator(".ts-card canvas").count() == 0
    assert page.locator(".ts-image").all_inner_texts() == [str(label) for label in record["labels"]]
    assert page.get_by_text("built without MNIST's images").is_visible()
    check(page, record, 3)


def test_two_on_a_page_do_not_disturb_each_other(open_page, record):
    page = open_page(TrainingScrubber(record), TrainingScrubber(record, epoch=4, index=2))
    slider(page).first.press("ArrowRight")
    page.locator(".ts-card").nth(5).click()
    readings = page.locator(".ts-reading").all_inner_texts()
    assert [text.split(":")[0] for text in readings] == ["After epoch 1 of 10", "After epoch 4 of 10"]
    assert ["Digit 6 of 12" in text or "Digit 3 of 12" in text for text in page.locator(".ts-chosen").all_inner_texts()]
    assert page.locator(".ts-card :checked").count() == 2


def test_on_a_narrow_page_nothing_is_cut_off_and_targets_are_large(open_page, record, images):
    page = open_page(TrainingScrubber(record, images), viewport={"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for element in page.locator(".ts button, .ts input").all():
        box = element.bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_without_javascript_a_figure_and_a_table_are_shown(open_page, record):
    page = open_page(TrainingScrubber(record), java_script_enabled=False)
    text = page.get_by_role("img").first.get_attribute("aria-label")
    for epoch in (0, 1, 10):
        loss, accuracy = record["val_loss"][epoch], record["val_accuracy"][epoch]
        assert f"epoch {epoch}: loss {loss:.4f}, accuracy {100 * accuracy:.2f}%" in text
    moved = np.abs(record["filters"][10] - record["filters"][0]).mean()
    assert f"{moved:.3f} away from where they began" in text
    cells = page.locator("tbody tr").nth(11).locator("td").all_inner_texts()
    for epoch, cell in zip((0, 1, 10), cells, strict=True):
        shares = record["probabilities"][epoch, 11]
        sign = "✓" if shares.argmax() == 3 else "✗"
        assert cell == f"{sign} says {shares.argmax()}; {100 * shares[3]:.1f}% for 3"


class TestLive:
    def test_traits_that_python_sets_are_shown(self, open_live, record, images):
        page = open_live(TrainingScrubber(record, images))
        page.evaluate("fake.model.set('epoch', 6)")
        check(page, record, 6)
        page.evaluate("fake.model.set('index', 7)")
        check(page, record, 6, index=7)

    def test_what_the_reader_does_is_sent_to_python(self, open_live, record):
        page = open_live(TrainingScrubber(record))
        slider(page).press("End")
        page.locator(".ts-card").nth(9).click()
        assert page.evaluate("[fake.model.get('epoch'), fake.model.get('index'), fake.saved]") == [10, 9, 2]

    def test_clean_up_leaves_no_listener_and_stops_playing(self, open_live, record):
        page = open_live(TrainingScrubber(record))
        first = page.evaluate("fake.listening()")
        stop_clock(page)
        page.get_by_role("button", name="Play").click()
        page.evaluate("fake.hide()")
        page.clock.run_for(3 * STEP)
        assert page.evaluate("[fake.listening(), fake.outside(), fake.model.get('epoch')]") == [0, 0, 0]
        page.evaluate("fake.show()")
        assert page.evaluate("fake.listening()") == first > 0


def test_traits_refuse_what_is_out_of_range(record):
    widget = TrainingScrubber(record, epoch=2, index=1)
    for name, value in (("epoch", 11), ("epoch", -1), ("index", 12), ("index", -1)):
        with pytest.raises(
            traitlets.TraitError, match=f"{name} was given {value}; it expects a whole number from 0 to"
        ):
            setattr(widget, name, value)
    assert (widget.epoch, widget.index) == (2, 1)
    with pytest.raises(traitlets.TraitError, match="epoch was given 11"):
        TrainingScrubber(record, epoch=11)
    with pytest.raises(traitlets.TraitError, match="read-only"):
        widget.loss = []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"val_loss": [1.0]}, r"val_loss of shape \(1,\).*expects \(11,\)"),
        ({"val_accuracy": [float("nan")] * 11}, "val_accuracy of shape .* finite numbers"),
        ({"filters": np.zeros((11, 5, 5))}, r"filters of shape \(11, 5, 5\)"),
        ({"filters": np.zeros((3, 5, 5, 30))}, r"filters of shape \(3, 5, 5, 30\)"),
        ({"probabilities": np.zeros((11, 3, 10))}, r"probabilities of shape \(11, 3, 10\)"),
        ({"labels": [10] * 12}, "labels from 0 to 9"),
        ({"positions": [1]}, "12 labels and 1 positions"),
    ],
)
def test_a_record_of_another_form_is_refused(record, changed, message):
    with pytest.raises(ValueError, match=message):
        TrainingScrubber(record | changed)


def test_a_record_with_gaps_and_other_images_are_refused(record, images):
    with pytest.raises(ValueError, match="without filters, positions"):
        TrainingScrubber({key: record[key] for key in record if key not in ("filters", "positions")})
    with pytest.raises(ValueError, match="without epochs"):
        TrainingScrubber([])
    with pytest.raises(ValueError, match="for each of the 3 images"):
        TrainingScrubber(record, images[:3])
    with pytest.raises(ValueError, match="uint8"):
        TrainingScrubber(record, images / 255)


def test_it_is_light(record, images):
    assert len(gzip.compress(TrainingScrubber(record, images).page_html().encode())) < 60_000
    for path in (bundle.FOLDER / "training_scrubber").glob("*.js"):
        assert path.stat().st_size < 15_000
