"""TrainingLab in a page without a kernel: it trains, compares, keeps the test set sealed."""

import re

import numpy as np
from training_lab_page import (
    SMALL,
    field,
    in_the_engine,
    numbers_of_runs,
    page,
    press,
    rows,
    set_field,
    shown_field,
    status,
    train,
)
from training_pages import stand_in, widget_files

from mnist_tutorial.widgets.engine.worker_program import NAME
from mnist_tutorial.widgets.training_lab import TrainingLab

__all__ = ["page", "stand_in", "widget_files"]  # fixtures


def test_it_trains_to_the_numbers_of_the_engine(page):
    said = train(page)
    expected = in_the_engine()
    assert f"Validation accuracy {100 * expected['accuracy']:.2f}%" in said
    assert "on 144 images" in said
    assert "drawn stand-in digits" in said
    (run,) = rows(page)
    assert run[1].startswith("as the lab begins")
    assert run[2] == f"{expected['loss']:.4f}"
    assert page.locator(".tl-card:visible").count() == 24
    assert page.locator(".tl-filters canvas").count() == 4
    loss = page.get_by_role("img", name=re.compile("Loss over 2 epochs"))
    assert f"The latest run is at {expected['loss']:.4f}." in loss.get_attribute("aria-label")


def test_pause_and_one_step_lead_to_the_same(page):
    press(page, "One step")
    assert "step 1 of 20" in status(page, "is paused")
    press(page, "One step")
    assert "step 2 of 20" in status(page, "step 2")
    press(page, "▶ Continue")
    assert f"{100 * in_the_engine()['accuracy']:.2f}%" in status(page, "is done")
    assert len(rows(page)) == 1


def test_pause_stops_a_run_and_the_next_keeps_what_it_has_learned(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1000}))
    press(page, "▶ Train")
    status(page, "images per second")
    press(page, "❚❚ Pause")
    step = re.search(r"step ([\d,]+) of", status(page, "is paused"))[1]
    assert page.get_by_role("button", name="▶ Continue").is_enabled()
    page.runs = 1
    set_field(page, "epochs", "1")
    assert "Train begins a new run" in status(page, "The settings have changed")
    train(page)
    second = rows(page, 2)[1]
    assert second[1].startswith("epochs: 1")
    assert int(step.replace(",", "")) < 10_000
    page.get_by_role("button", name="open the test set of run 1").click()
    page.locator(".tl-table tbody tr").first.get_by_text("%)").nth(1).wait_for()


def test_digits_flip_while_it_learns(page):
    press(page, "One step")
    status(page, "is paused")
    seen = page.locator(".tl-row .tl-score").first
    seen.filter(has_text="of 12 right").wait_for()
    before = [card.get_attribute("aria-label") for card in page.locator(".tl-cards").first.locator("li").all()]
    press(page, "▶ Continue")
    status(page, "is done")
    after = [card.get_attribute("aria-label") for card in page.locator(".tl-cards").first.locator("li").all()]
    assert before != after
    assert all(re.match(r"(a [^8]|an 8): the network says \d, (right|wrong), [\d.<>]+%", words) for words in after)


def test_the_test_set_is_sealed_until_it_is_opened_and_then_counts_once(page):
    loaded = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    train(page)
    assert not [name for name in loaded if name.startswith("test")]
    page.get_by_role("button", name="open the test set of run 1").click()
    cell = page.locator(".tl-table tbody td").nth(3)
    cell.filter(has_text="%").wait_for()
    assert cell.inner_text().startswith(f"{100 * in_the_engine('test')['accuracy']:.2f}% (")
    assert [name for name in loaded if name.startswith("test")] == ["test-0.js"]
    assert not page.get_by_role("button", name="open the test set of run 1").count()


def test_runs_stand_side_by_side(page):
    train(page)
    set_field(page, "learning rate", "0.01")
    shown_field(page, "softmax").select_option("left out")
    train(page)
    assert rows(page)[1][1].split("\n")[:2] == ["learning rate: 0.01", "softmax: left out"]
    losses = [float(row[2]) for row in rows(page)]
    press(page, "validation loss")
    assert [float(row[2]) for row in rows(page)] == sorted(losses)
    press(page, "validation loss")
    assert [float(row[2]) for row in rows(page)] == sorted(losses, reverse=True)
    assert page.locator("[aria-sort='descending']").inner_text() == "validation loss"
    page.get_by_role("button", name="remove run 1").click()
    assert numbers_of_runs(page, 1) == ["2"]
    press(page, "Undo")
    assert sorted(numbers_of_runs(page, 2)) == ["1", "2"]
    page.get_by_role("button", name="load the settings of run 1").click()
    assert float(field(page, "learning rate").input_value()) == 0.001


def test_the_fingerprint_is_the_same_for_any_number_of_workers(page):
    for workers in ("1", "2", "4"):
        set_field(page, "workers", workers)
        train(page)
    set_field(page, "seed", "2")
    train(page)
    found = rows(page, 4)
    assert [row[1].split("\n")[0] for row in found[1:]] == ["workers: 2", "workers: 4", "seed: 2"]
    signs = [row[6] for row in found]
    assert re.fullmatch("[0-9a-f]{8}", signs[0])
    assert signs[0] == signs[1] == signs[2] != signs[3]


def test_the_second_of_nine_runs_makes_room_and_can_be_brought_back(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1}))
    for seed in range(9):
        set_field(page, "seed", str(seed))
        train(page)
    assert numbers_of_runs(page, 8) == ["1", "3", "4", "5", "6", "7", "8", "9"]
    assert re.findall(r"run (\d)", page.locator(".tl-legend").inner_text()) == list("13456789")
    assert "Run 2 was removed." in page.locator(".tl-undo").inner_text()
    press(page, "Undo")
    assert numbers_of_runs(page, 9) == ["1", "2", "3", "4", "5", "6", "7", "8", "9"]


def test_five_seeds_show_the_spread(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1}))
    train(page)
    page.get_by_role("button", name="train with five seeds what is set as in run 1").click()
    status(page, "5 seeds")
    accuracies = [100 * in_the_engine(epochs=1, seed=seed)["accuracy"] for seed in range(1, 6)]
    _, several = rows(page)
    assert several[3] == f"{np.mean(accuracies):.2f}% (5 seeds: {min(accuracies):.2f}% to {max(accuracies):.2f}%)"
    assert page.locator(".tl-band").count() == 2


def test_a_run_that_runs_away_says_so_and_can_be_started_over(open_page):
    away = {"learning_rate": 100, "optimizer": "sgd", "softmax": "none", "scaling": False, "loss": "squared error"}
    page = open_page(TrainingLab(**SMALL | {"batch_size": 20} | away))
    press(page, "▶ Train")
    page.runs = 1
    said = status(page, "has diverged")
    assert "Start again with a smaller learning rate" in said
    page.get_by_label("Try").select_option(index=0)
    for name, choice in (("softmax", "once (right)"), ("loss", "cross-entropy"), ("pixels", "divided by 255")):
        shown_field(page, name).select_option(choice)
    set_field(page, "learning rate", "0.001")
    shown_field(page, "optimizer").select_option("Adam")
    train(page)
    assert len(rows(page)) == 2


def test_missing_files_are_named_and_asked_for_again(page, widget_files):
    path, hidden = widget_files / "digits" / "training-0.js", widget_files / "digits" / "hidden"
    path.rename(hidden)
    try:
        press(page, "▶ Train")
        assert "the file digits/training-0.js is missing" in status(page, "could not be loaded")
    finally:
        hidden.rename(path)
    page.trouble[:] = [line for line in page.trouble if "ERR_FILE_NOT_FOUND" not in line]
    engine = widget_files / NAME
    engine.rename(hidden)
    try:
        press(page, "▶ Train")
        assert "training_engine.js" in status(page, "is missing or damaged")
    finally:
        hidden.rename(engine)
    page.trouble[:] = [line for line in page.trouble if "ERR_FILE_NOT_FOUND" not in line]
    page.runs = 1  # the digits of the first came, but not the engine
    train(page)


def test_it_works_by_keyboard(page):
    page.locator("body").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.tl-train')"):
            break
    page.keyboard.press("Enter")
    status(page, "is done")
    assert page.evaluate("document.activeElement.matches('.tl-train')")
