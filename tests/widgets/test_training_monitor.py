"""TrainingMonitor in a page, by mouse, touch and keyboard; test_training_monitor_in_keras.py trains with it."""

import json
import re

import numpy as np
import pytest
import traitlets

from mnist_tutorial.widgets.training_monitor import TrainingMonitor

RUN = {
    "accuracy": [0.901, 0.95, 0.9712, 0.98],
    "loss": [0.34, 0.17, 0.0951, 0.07],
    "val_accuracy": [0.94, 0.96, 0.965, 0.9666],
    "val_loss": [0.2, 0.13, 0.11, 0.12],
    "seconds": [6.1, 5.2, 5.3, 5.0],
}
READINGS = [
    "Epoch 1: loss 0.3400, validation loss 0.2000; accuracy 90.10%, validation accuracy 94.00%",
    "Epoch 2: loss 0.1700, validation loss 0.1300; accuracy 95.00%, validation accuracy 96.00%",
    "Epoch 3: loss 0.0951, validation loss 0.1100; accuracy 97.12%, validation accuracy 96.50%",
    "Epoch 4: loss 0.0700, validation loss 0.1200; accuracy 98.00%, validation accuracy 96.66%",
]


@pytest.fixture
def monitor():
    return TrainingMonitor(RUN)


@pytest.fixture
def page(open_page, monitor):
    return open_page(monitor, has_touch=True)


def reading(page):
    return page.locator(".tm-reading").inner_text()


def place_of(page, chart, epoch):
    """Return where an epoch stands in a chart, on the screen, from the chart's own ticks."""
    tick = page.locator(".tm-chart").nth(chart).locator(".tm-tick", has_text=re.compile(rf"^{epoch}$"))
    box = tick.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] - 60


# In a page


def test_the_slider_reads_every_epoch_by_keyboard(page):
    slider = page.get_by_role("slider", name="Epoch")
    assert reading(page) == READINGS[3]  # the finished run begins at its end
    for text in READINGS[2::-1]:
        slider.press("ArrowLeft")
        assert reading(page) == text
    slider.press("ArrowLeft")
    assert reading(page) == READINGS[0]
    slider.press("End")
    assert reading(page) == READINGS[3]
    assert slider.get_attribute("aria-valuetext") == "epoch 4 of 4"


def test_the_slider_follows_the_mouse(page):
    box = page.get_by_role("slider", name="Epoch").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    assert reading(page) == READINGS[1]


def test_a_press_on_a_chart_reads_the_nearest_epoch_and_a_drag_goes_on(page):
    page.mouse.move(*place_of(page, 0, 2))
    assert reading(page) == READINGS[3]  # passing over changes nothing
    page.mouse.down()
    assert reading(page) == READINGS[1]
    page.mouse.move(*place_of(page, 0, 3))
    assert reading(page) == READINGS[2]
    page.mouse.up()
    x, y = place_of(page, 1, 1)
    page.mouse.click(x - 30, y)  # beyond the first epoch
    assert reading(page) == READINGS[0]


def test_a_tap_on_a_chart_reads_the_nearest_epoch(page):
    page.touchscreen.tap(*place_of(page, 1, 2))
    assert reading(page) == READINGS[1]


def test_what_is_read_is_announced_once_it_rests(page):
    page.get_by_role("slider", name="Epoch").press("ArrowLeft")
    page.get_by_role("status").filter(has_text=READINGS[2]).wait_for(state="attached")


@pytest.mark.parametrize(("chart", "metric", "factor"), [(0, "loss", 1), (1, "accuracy", 100)])
def test_the_curves_stand_where_their_numbers_belong(page, chart, metric, factor):
    drawing = page.locator(".tm-chart").nth(chart)
    ticks = [float(text.rstrip("%")) for text in drawing.locator(".tm-left").all_text_contents()]
    levels = drawing.locator(".tm-grid").evaluate_all("all => all.map((line) => Number(line.getAttribute('y1')))")
    slope, offset = np.polyfit(levels, ticks, 1)
    assert np.allclose(np.polyval([slope, offset], levels), ticks)
    for kind, name in enumerate((metric, f"val_{metric}")):
        path = drawing.locator(f".tm-line.tm-kind-{kind}").get_attribute("d")
        points = np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", path), dtype=float)
        assert np.allclose(slope * points[:, 1] + offset, factor * np.array(RUN[name]), atol=0.06 * abs(slope))
        assert np.allclose(np.diff(points[:, 0], 2), 0, atol=0.21)  # epochs stand at equal distances
        ends = f"{factor * RUN[name][0]:.{2 if factor > 1 else 4}f}"
        assert f"from {ends}" in drawing.get_attribute("aria-label")


def test_curves_differ_in_dash_and_marker_and_are_named(page):
    dash_of = "all => all.map((line) => getComputedStyle(line).strokeDasharray)"
    dashes = page.locator(".tm-legend .tm-line").evaluate_all(dash_of)
    markers = page.locator(".tm-legend .tm-marker").evaluate_all("all => all.map((e) => e.tagName)")
    assert len(set(dashes)) == len(set(markers)) == 2
    assert page.locator(".tm-legend").inner_text().split() == ["training", "validation"]


def test_the_table_holds_all_epochs_and_marks_the_one_that_is_read(page):
    page.get_by_text("All epochs as a table").click()
    page.get_by_role("slider", name="Epoch").press("Home")
    rows = [row.split("\t") for row in page.get_by_role("table").inner_text().splitlines()]
    assert rows[0] == ["epoch", "loss", "validation loss", "accuracy", "validation accuracy", "seconds"]
    assert rows[3] == ["3", "0.0951", "0.1100", "97.12%", "96.50%", "5.3"]
    assert len(rows) == 5
    assert page.locator("tr[aria-current=true] td").first.inner_text() == "1"


def test_two_on_a_page_do_not_disturb_each_other(open_page):
    page = open_page(TrainingMonitor(RUN), TrainingMonitor({"loss": [3, 2, 1]}))
    page.get_by_role("slider", name="Epoch").first.press("ArrowLeft")
    assert page.locator(".tm-reading").all_inner_texts() == [READINGS[2], "Epoch 3: loss 1.0000"]


def test_without_javascript_a_figure_and_a_table_are_shown(open_page, monitor):
    page = open_page(monitor, java_script_enabled=False)
    label = page.get_by_role("img").get_attribute("aria-label")
    assert label.startswith("Two charts, epochs 1 to 4: loss from 0.3400 to 0.0700; validation loss from 0.2000")
    last = page.get_by_role("row").last.inner_text().split("\t")
    assert last == ["4", "0.0700", "0.1200", "98.00%", "96.66%", "5.0"]
    assert page.get_by_text("4 epochs in 22 s.").is_visible()


def test_numbers_that_are_none_are_described_in_words_and_marked(open_page):
    broken = TrainingMonitor(
        {"loss": [0.5, float("nan"), float("inf"), 0.1], "val_loss": [0.4, None, float("-inf"), 1]}
    )
    json.dumps(broken.page_state(), allow_nan=False)
    page = open_page(broken)
    slider = page.get_by_role("slider", name="Epoch")
    assert reading(page) == "Epoch 4: loss 0.1000, validation loss 1.0000"
    slider.press("ArrowLeft")
    assert reading(page) == "Epoch 3: loss infinite, validation loss minus infinity"
    slider.press("ArrowLeft")
    assert reading(page) == "Epoch 2: loss not a number, validation loss not measured"
    assert page.locator(".tm-missing").count() == 3
    lines = page.locator(".tm-chart .tm-line").evaluate_all("all => all.map((line) => line.getAttribute('d'))")
    assert [re.sub(r"[\d. ]", "", line) for line in lines] == ["MM", "MM"]  # no line leads over a gap
    assert page.get_by_text("× marks an epoch").is_visible()
    assert "NaN" not in page.locator(".tm-charts").inner_html()
    assert "<td>not a number</td><td>not measured</td>" in broken.fallback()


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"loss": [0.5]},
        {"loss": [0.5, 0.5]},
        {"loss": [0, 0]},
        {"loss": [float("nan")], "accuracy": [float("nan")]},
        {"loss": [1e-12, 1e30], "mae": [-5, -5.0000000001]},
        {"loss": list(np.linspace(3, 1, 1000, dtype="float32"))},
    ],
)
def test_unusual_runs_are_drawn_without_nan(open_page, history):
    page = open_page(TrainingMonitor(history))
    assert page.locator(".tm-chart").count() == max(1, len(history)) + (not history)
    assert not re.search(r"NaN|Infinity|undefined", page.locator(".tm-charts").inner_html())
    assert page.get_by_role("slider", name="Epoch").is_enabled() == bool(history)


def test_text_is_text(open_page):
    page = open_page(TrainingMonitor({"loss": [1], "<img src=x onerror=alert(1)>": [2]}))
    assert page.locator("img").count() == 0
    assert "<img" not in TrainingMonitor({"<img src=x>": [2]}).page_html()


def test_nothing_is_wider_than_a_small_telephone(open_page, monitor):
    page = open_page(monitor, viewport={"width": 320, "height": 700})
    page.get_by_text("All epochs as a table").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# While training


@pytest.fixture
def live_page(open_live):
    return open_live(TrainingMonitor(epochs=3, training=True, steps=40, status="epoch 1 of 3"))


def test_curves_grow_and_the_progress_follows_the_traits(live_page):
    live_page.evaluate("() => { fake.show(); }")
    bar, slider = live_page.get_by_role("progressbar", name="training"), live_page.get_by_role("slider")
    assert bar.first.is_visible()
    assert slider.first.is_disabled()
    assert live_page.locator(".tm-chart").count() == 4  # two views, each with empty axes for loss and accuracy
    live_page.evaluate("fake.change({ step: 10, status: 'epoch 1 of 3, 8% done, about 40 s left' })")
    assert bar.last.evaluate("bar => bar.value") == pytest.approx(10 / 40 / 3)
    assert live_page.get_by_text("about 40 s left").count() == 2
    live_page.evaluate("fake.change({ step: 0, history: { loss: [0.5], seconds: [2] }, epoch: 1 })")
    assert bar.first.evaluate("bar => bar.value") == pytest.approx(1 / 3)
    assert live_page.locator(".tm-reading").all_inner_texts() == ["Epoch 1: loss 0.5000"] * 2
    first = live_page.locator("path.tm-line[d^=M]").last.get_attribute("d")
    live_page.evaluate("fake.change({ history: { loss: [0.5, 0.4], seconds: [2, 2] }, epoch: 2 })")
    grown = live_page.locator("path.tm-line[d*=L]").last.get_attribute("d")
    assert grown.split("L")[0].split()[0] == first.split()[0]  # the axis has room for all three epochs from the start
    live_page.evaluate("fake.change({ training: false, status: 'Stopped after epoch 2 of 3 in 4 s.' })")
    assert not bar.first.is_visible()
    assert slider.first.is_enabled()
    slider.first.press("ArrowLeft")
    assert live_page.evaluate("fake.state.epoch") == 1
    assert live_page.locator(".tm-reading").all_inner_texts() == ["Epoch 1: loss 0.5000"] * 2
    live_page.evaluate("fake.change({ epoch: 2 })")
    assert slider.last.input_value() == "2"


def test_training_is_announced_once_per_epoch_and_at_its_end(live_page):
    live_page.clock.install()  # an announcement waits until things have come to rest
    status = live_page.get_by_role("status")
    live_page.evaluate("fake.change({ history: { loss: [0.5] }, epoch: 1 })")
    live_page.clock.run_for(600)
    status.filter(has_text="Epoch 1: loss 0.5000").wait_for(state="attached")
    live_page.evaluate("fake.change({ step: 30, status: 'epoch 2 of 3, 58% done' })")
    live_page.clock.run_for(600)
    assert status.text_content() == "Epoch 1: loss 0.5000"  # batches go by in silence
    live_page.evaluate("fake.change({ training: false, status: 'Stopped after epoch 1 of 3.' })")
    live_page.clock.run_for(600)
    status.filter(has_text="Training is over. Stopped after epoch 1 of 3.").wait_for(state="attached")


def test_a_view_that_is_taken_away_leaves_nothing_behind(live_page):
    counts = live_page.evaluate("""async () => {
      const counts = [];
      for (let i = 0; i < 3; i++) {
        const shown = fake.listening();
        fake.hide();
        counts.push([shown, fake.listening()]);
        await fake.show();
      }
      return counts;
    }""")
    assert counts == [[7, 0]] * 3


def test_a_view_that_is_taken_away_says_nothing_more(live_page):
    """An announcement waits until things have come to rest; its timer ends with the view."""
    live_page.evaluate("() => { fake.show(); }")
    live_page.clock.install()
    live_page.evaluate(
        "() => { fake.change({ history: { loss: [0.5] }, epoch: 1 }); fake.hide({ at: 0, keepElement: true }); }"
    )
    live_page.clock.run_for(900)
    assert live_page.locator("[role=status]").all_text_contents() == ["", "Epoch 1: loss 0.5000"]


# Bad input


def test_traits_refuse_what_does_not_fit(monitor):
    for epoch in (0, 5, -1):
        with pytest.raises(traitlets.TraitError, match=f"epoch was given {epoch}; it expects .* 1 to 4"):
            monitor.epoch = epoch
    with pytest.raises(traitlets.TraitError, match=r"epochs was given 3; .* at least 4"):
        monitor.epochs = 3
    with pytest.raises(traitlets.TraitError, match="step was given -1"):
        monitor.step = -1
    with pytest.raises(traitlets.TraitError, match="no epoch is finished"):
        TrainingMonitor().epoch = 1
    assert monitor.epoch == 4


def test_histories_of_another_form_are_refused(monitor):
    with pytest.raises(traitlets.TraitError, match=r"different lengths \(loss: 2, accuracy: 1\)"):
        TrainingMonitor({"loss": [1, 2], "accuracy": [1]})
    with pytest.raises(traitlets.TraitError, match=r"different lengths \(loss: 2, val_loss: 3\)"):
        TrainingMonitor({"loss": [1, 2], "val_loss": [1, 2, 3]})
    for wrong in ({"loss": ["much"]}, {"loss": 3}, {3: [1]}):
        with pytest.raises(traitlets.TraitError, match="expects a list of numbers for each name"):
            monitor.history = wrong
    with pytest.raises(traitlets.TraitError):
        TrainingMonitor([1, 2])


def test_an_epoch_can_be_chosen_from_the_start():
    assert TrainingMonitor(RUN, epoch=2).page_state()["epoch"] == 2
