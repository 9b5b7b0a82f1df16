"""What TrainingLab draws: curves, searches, records of long trainings, and that all is in sight."""

import json
import re

import numpy as np
import pytest
from training_lab_page import SMALL, in_the_engine, page, press, rows, run_module, set_field, shown_field, status, train
from training_pages import stand_in, widget_files

from mnist_tutorial.uncertainty import accuracy_interval
from mnist_tutorial.widgets.training_lab import TrainingLab

__all__ = ["page", "stand_in", "widget_files"]  # fixtures


def test_the_charts_are_named_with_their_epochs(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1}))
    train(page)
    for name in ("Loss", "Accuracy"):
        page.get_by_role("img", name=re.compile(f"^{name} over 1 epoch\\. The latest run is at")).wait_for()


def test_a_record_of_a_long_training_keeps_its_means():
    points, latest = run_module(
        """const record = createRecord();
        for (let step = 1; step <= 10000; step++) record.add({ step, loss: step, accuracy: step / 10000 });
        return [record.points, record.latest()];""",
        "record.js",
    )
    assert 700 < len(points) <= 1500
    width = points[0]["step"]
    assert [point["step"] for point in points] == [width * (i + 1) for i in range(len(points))]
    for point in points:
        assert point["loss"] == pytest.approx(point["step"] - (width - 1) / 2)
    assert latest["loss"] == pytest.approx(10_000, rel=0.02)


def test_the_smooth_line_is_the_mean_of_ten_points_on_either_side_and_begins_where_the_training_does():
    values = np.random.default_rng(5).random((50, 2))
    points = [{"step": i, "loss": loss, "accuracy": accuracy} for i, (loss, accuracy) in enumerate(values.tolist())]
    found = run_module(f"return smoothed({json.dumps(points)});", "record.js")
    expected = [values[i - min(i, 10) : i + min(i, 10) + 1].mean(axis=0) for i in range(50)]
    np.testing.assert_allclose([[point["loss"], point["accuracy"]] for point in found], expected, rtol=1e-9)
    assert [point["step"] for point in found] == list(range(50))


def test_the_smooth_line_lies_on_a_curve_that_rises_steadily():
    points = [{"step": i, "loss": 100 - i, "accuracy": i / 100} for i in range(100)]
    found = run_module(f"return smoothed({json.dumps(points)});", "record.js")
    np.testing.assert_allclose([point["accuracy"] for point in found[:90]], np.arange(90) / 100, atol=1e-12)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (3, 4), (1, 4), (0, 9), (26, 2), (400, 480)])
def test_the_p_value_is_mcnemars(one, other):
    from scipy.stats import binomtest

    found = run_module(f"return pValueOf({one}, {other});", "../frontend/arithmetic.js")
    expected = binomtest(one, one + other).pvalue if one + other else 1
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("right", "count"), [(98, 100), (0, 50), (50, 50), (9893, 10_000)])
def test_intervals_are_wilsons(right, count):
    from scipy.stats import binomtest

    found = run_module(f"return interval({right} / {count}, {count});", "../frontend/arithmetic.js")
    expected = binomtest(right, count).proportion_ci(0.95, method="wilson")
    assert found == pytest.approx([expected.low, expected.high], abs=1e-6)


# A browser calls no frames of a hidden tab, and all of them once it is shown.
HIDE = """() => {
  const frames = [];
  const call = window.requestAnimationFrame;
  const turn = (hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  window.requestAnimationFrame = (frame) => frames.push(frame);
  turn(true);
  window.showAgain = () => {
    window.requestAnimationFrame = call;
    turn(false);
    frames.splice(0).forEach((frame) => call(frame));
  };
}"""


def test_a_hidden_tab_trains_on_and_the_page_shows_it_when_it_is_seen_again(page):
    press(page, "One step")
    status(page, "step 1 of 20")
    page.evaluate(HIDE)
    press(page, "▶ Continue")
    page.locator(".bw-live", has_text="Run 1 is done: epoch 2 of 2, step 20 of 20").wait_for(state="attached")
    assert "step 1 of 20" in page.locator(".tl-status").inner_text()  # nothing was drawn
    page.evaluate("showAgain()")
    said = status(page, "Run 1 is done")
    assert f"Validation accuracy {100 * in_the_engine()['accuracy']:.2f}%" in said
    assert rows(page, 1)[0][2] == f"{in_the_engine()['loss']:.4f}"
    line = page.locator(".tl-line").first.get_attribute("d")
    assert len(re.findall("[ML]", line)) == 20


def test_a_chart_draws_anew_only_what_has_changed(page):
    train(page)
    set_field(page, "seed", "2")
    train(page)
    page.evaluate("window.first = document.querySelector('.tl-validation.tl-run-0')")
    set_field(page, "seed", "3")
    train(page)
    kept, runs = page.evaluate(
        "[first.isConnected, document.querySelectorAll('.tl-chart:first-child .tl-line').length]"
    )
    assert (kept, runs) == (True, 3)
    set_field(page, "epochs", "4")  # the axis becomes longer, and with it all is drawn anew
    train(page)
    assert page.evaluate("first.isConnected") is False
    ends = (
        page.locator(".tl-chart")
        .first.locator(".tl-validation")
        .evaluate_all("all => all.map((one) => Number(one.getAttribute('d').match(/([\\d.]+) [\\d.]+$/)[1]))")
    )
    assert ends[0] == ends[1] == ends[2] < ends[3]


def check_intervals(page, accuracies):
    """Compare the lines at the points with Wilson's intervals, on the axis that is drawn."""
    ticks = page.locator(".tl-sweep .tl-left").evaluate_all(
        "all => all.map((one) => [parseFloat(one.textContent) / 100, Number(one.getAttribute('y')) - 4])"
    )
    (low, bottom), (high, top) = ticks[0], ticks[-1]
    paths = page.locator(".tl-sweep .tl-interval").evaluate_all("all => all.map((one) => one.getAttribute('d'))")
    note = page.locator(".tl-sweep + .bw-note").inner_text()
    count = int(re.search(r"95% intervals, on ([\d,]+) validation images\.", note)[1].replace(",", ""))
    assert len(paths) == len(accuracies)
    for path, accuracy in zip(paths, accuracies, strict=True):
        ends = [float(one) for one in re.match(r"M[\d.]+ ([\d.]+)V([\d.]+)", path).groups()]
        expected = accuracy_interval(round(accuracy * count), count)
        shares = np.clip((np.array(expected) - low) / (high - low), 0, 1)
        np.testing.assert_allclose(ends, bottom - shares * (bottom - top), atol=0.01)
        assert path.count("H") == ((0 < shares) & (shares < 1)).sum()  # an end outside of the drawing has no stroke


def test_several_seeds_have_an_interval_and_their_range(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1}))
    train(page)
    page.get_by_role("button", name="train with five seeds what is set as in run 1").click()
    status(page, "5 seeds")
    page.runs = 2
    for value in ("25", "100"):
        set_field(page, "batch size", value)
        train(page)
    page.get_by_role("img", name="Validation accuracy by batch size. 25: ").wait_for()
    assert page.locator(".tl-sweep .tl-interval").count() == 4
    assert page.locator(".tl-sweep .tl-seeds").count() == 1
    assert "from a run's lowest seed to its highest" in page.locator(".tl-sweep + .bw-note").inner_text()


def test_runs_that_differ_in_one_number_are_drawn_against_it(page):
    chart = page.get_by_role("img", name="Validation accuracy by learning rate")
    rates = ["0.1", "0.001", "0.00001"]
    for rate in rates:
        assert chart.count() == 0  # two values say little
        set_field(page, "learning rate", rate)
        train(page)
    expected = {rate: in_the_engine(learning_rate=float(rate))["accuracy"] for rate in rates}
    named = re.findall(r"([\d.]+): ([\d.]+)% \(", chart.get_attribute("aria-label"))
    assert named == [(rate, f"{100 * expected[rate]:.2f}") for rate in reversed(rates)]
    places = page.locator(".tl-sweep .tl-between").get_attribute("d")
    across, down = zip(*((float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", places)), strict=True)
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)  # each is a hundred times the last
    assert (
        np.argsort(down).tolist() == np.argsort([-expected[rate] for rate in reversed(rates)], kind="stable").tolist()
    )
    assert page.locator(".tl-sweep .tl-marker").count() == 3
    check_intervals(page, [expected[rate] for rate in reversed(rates)])

    shown_field(page, "softmax").select_option("twice")  # another network does not belong there
    train(page)
    assert page.locator(".tl-sweep .tl-marker").count() == 3
    page.get_by_role("button", name="remove run 2").click()
    page.locator(".tl-sweep").wait_for(state="hidden")


def test_the_latest_of_two_searches_is_drawn(page):
    train(page)
    for value in ("25", "100"):
        set_field(page, "batch size", value)
        train(page)
    page.get_by_role("img", name="Validation accuracy by batch size. 25: ").wait_for()
    for value in ("1", "3"):
        set_field(page, "epochs", value)
        train(page)
    page.get_by_role("img", name="Validation accuracy by epochs. 1: ").wait_for()


def test_without_a_script_it_shows_a_recorded_training(open_page):
    page = open_page(TrainingLab(), java_script_enabled=False)
    text = page.locator("main").inner_text()
    assert "From the first of 10 epochs to the last, the loss on validation images fell from 0.0731 to 0.0392" in text
    assert page.locator("main svg, main img").count()


@pytest.mark.parametrize(("width", "height", "room"), [(390, 664, 608), (1280, 800, 744)])
def test_button_and_curves_and_digits_are_on_one_screen(open_page, width, height, room):
    page = open_page(TrainingLab(**SMALL), viewport={"width": width, "height": height})
    train(page)
    top, bottom = page.evaluate(
        """() => {
          const boxes = [...document.querySelectorAll(".tl-train, .tl-chart, .tl-cards")].slice(0, 4)
            .map((one) => one.getBoundingClientRect());
          return [Math.min(...boxes.map(({ top }) => top)), Math.max(...boxes.map(({ bottom }) => bottom))];
        }"""
    )
    assert bottom - top <= room
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.locator(".tl button:visible, .tl select:visible, .tl input:visible, .tl summary:visible").evaluate_all(
        "all => all.map((one) => [one.textContent, one.offsetHeight]).filter(([, height]) => height < 24)"
    )
    assert small == []
