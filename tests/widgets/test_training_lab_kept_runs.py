"""TrainingLab's runs outlast the page: they are kept until the tab is closed, and what cannot be kept is said."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from training_lab_page import (
    SMALL,
    in_the_engine,
    predicted,
    press,
    rows,
    run_module,
    save,
    says,
    set_field,
    status,
    train,
)
from training_pages import stand_in, widget_files

from mnist_tutorial.network_file import load_network
from mnist_tutorial.processing import process_images
from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.training_lab import TrainingLab

__all__ = ["stand_in", "widget_files"]  # fixtures


# As in storage that has so much room, in characters.
ROOM = """(room) => {
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (name, text) {
    const used = Object.keys(this).filter((one) => one !== name)
      .reduce((sum, one) => sum + one.length + this.getItem(one).length, 0);
    if (used + name.length + text.length > room) throw new DOMException("full", "QuotaExceededError");
    setItem.call(this, name, text);
  };
}"""
FORBIDDEN = """Object.defineProperty(window, "sessionStorage", {
  get() { throw new DOMException("denied", "SecurityError"); },
});"""
SIZES = "Object.fromEntries(Object.keys(sessionStorage).map((name) => [name, sessionStorage.getItem(name).length]))"


@pytest.fixture
def page(open_page):
    return open_page(TrainingLab(**SMALL))


def kept(page):
    """Return what the page says of what it keeps, once it says something."""
    page.locator(".tl-kept", has_text=" ").wait_for()
    return page.locator(".tl-kept").inner_text()


def charts(page):
    """Return the charts as they are drawn, and their legend."""
    return page.locator(".tl-chart").evaluate_all("all => all.map((one) => one.outerHTML)"), page.locator(
        ".tl-legend"
    ).inner_text()


def networks_kept(page):
    """Return the numbers of the runs of which the storage has a network, the latest step of each."""
    names = [name.split(" ")[-3:] for name in page.evaluate(SIZES) if re.search(r"\.html \d+ \d+ \d+$", name)]
    return sorted((int(run), int(step)) for run, _, step in names)


def two_runs(page):
    train(page)
    page.get_by_role("button", name="open the test set of run 1").click()
    page.locator(".tl-table tbody td").nth(3).filter(has_text="%").wait_for()
    set_field(page, "learning rate", "0.01")
    train(page)
    rows(page, 2)
    assert kept(page) == "The runs stay until you close this tab, even when you leave the page."


def test_runs_are_back_after_a_look_at_another_page(page):
    two_runs(page)
    before = rows(page), charts(page)
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    assert status(page, "are back") == (
        "Runs 1 and 2 are back, with curves, results and networks; the fields are as you left them. "
        + "Validation accuracy "
        + re.search(r"Validation accuracy (.*)", status(page, "are back"))[1]
    )
    assert (rows(page, 2), charts(page)) == before
    assert page.get_by_label("learning rate", exact=True).input_value() == "0.01"
    assert page.get_by_label("The network of").input_value() == "2"
    page.runs = 2
    train(page)
    assert [row[0].strip() for row in rows(page, 3)] == ["1", "2", "3"]
    assert rows(page)[2][6] == rows(page)[1][6]  # the same settings lead to the same network


def test_the_watched_digits_of_the_latest_run_are_there_again(page):
    def watched():
        row = page.locator(".tl-row").first
        cards = row.locator(".tl-card:visible")
        pixels = row.locator("canvas").evaluate_all("all => all.map((one) => one.width > 1 && one.toDataURL())")
        return row.locator(".tl-score").inner_text(), cards.all_inner_texts(), pixels

    train(page)
    page.locator(".tl-row .tl-score", has_text="of 12 right").first.wait_for()
    page.locator(".tl-status", has_text="Run 1").wait_for()
    before = watched()
    assert len(before[1]) == 12
    page.reload()
    status(page, "Run 1 is back")
    assert watched() == before
    page.evaluate(
        "() => { const name = Object.keys(sessionStorage).find((one) => one.endsWith('.html'));"
        " const kept = JSON.parse(sessionStorage[name]); kept.seen.labels[0] = 'x'; kept.runs[0].number = 5;"
        " window.onpagehide = () => sessionStorage.setItem(name, JSON.stringify(kept)); }"
    )
    page.reload()
    status(page, "Run 5 is back")
    assert watched()[:2] == ("", [])  # what is no list of digits is left out, and the run stays
    page.get_by_role("button", name="Start over").click()
    page.reload()
    assert watched()[:2] == ("", [])


def test_a_network_that_came_back_is_used_saved_and_tested(open_page, digits, tmp_path):
    page = open_page(DigitPad(), TrainingLab(**SMALL), viewport={"width": 1280, "height": 1800})
    train(page)
    save(page, tmp_path / "before")
    page.reload()
    status(page, "Run 1 is back")
    save(page, tmp_path / "after")
    assert (tmp_path / "after").read_bytes() == (tmp_path / "before").read_bytes()
    press(page, "Use it in this book’s widgets")
    says(page, "use it now")
    expected = load_network(tmp_path / "before").predict(process_images(digits[0][:3]), verbose=0)
    np.testing.assert_allclose(predicted(page, digits[0][:3]), expected, atol=1e-5)
    press(page, "open the test set of run 1")
    accuracy = f"{100 * in_the_engine('test')['accuracy']:.2f}%"
    page.locator(".tl-table tbody", has_text=accuracy).wait_for()
    page.reload()
    assert rows(page, 1)[0][4].startswith(accuracy)  # the seal stays broken


def test_several_seeds_come_back_with_their_spread(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1}))
    train(page)
    page.get_by_role("button", name="train with five seeds what is set as in run 1").click()
    status(page, "5 seeds")
    kept(page)
    before = rows(page, 2), charts(page)
    page.reload()
    assert (rows(page, 2), charts(page)) == before
    page.get_by_role("button", name="open the test set of run 2").click()
    page.locator(".tl-table tbody tr").nth(1).get_by_text("5 seeds").nth(2).wait_for()


def test_a_paused_run_comes_back_as_far_as_it_was(page, tmp_path):
    press(page, "One step")
    press(page, "One step")
    status(page, "step 2 of 20")
    kept(page)
    save(page, tmp_path / "before")
    page.reload()
    said = status(page, "Run 1 is back")
    assert "Run 1 ends where you left it: epoch 1 of 2, step 2 of 20." in said
    save(page, tmp_path / "after")
    assert (tmp_path / "after").read_bytes() == (tmp_path / "before").read_bytes()
    assert page.get_by_role("button", name="▶ Train").is_enabled()  # and not Continue: what Adam remembers is gone


def test_a_page_that_is_left_while_it_trains_keeps_the_curves(open_page):
    page = open_page(TrainingLab(**SMALL | {"epochs": 1000}))
    press(page, "▶ Train")
    status(page, "images per second")
    page.locator(".tl-validation[d^=M]").first.wait_for(state="attached")
    page.reload()
    said = status(page, "Run 1 is back")
    assert "without the network of run 1" in said
    assert re.search(r"ends where you left it: epoch \d+ of 1000, step [\d,]+ of 10,000", said)
    assert page.locator(".tl-line[d^=M]").count() == 2
    press(page, "Save a file")
    assert "Run 1 has no trained network any more. Train it again." in says(page, "Run 1")


def test_removed_runs_are_forgotten_and_undo_keeps_them_again(page):
    two_runs(page)
    page.get_by_role("button", name="remove run 1").click()
    page.wait_for_function(f"Object.keys({SIZES}).length === 2")
    press(page, "Undo")
    page.wait_for_function(f"Object.keys({SIZES}).length === 3")
    for number in (1, 2):
        page.get_by_role("button", name=f"remove run {number}").click()
    page.wait_for_function("sessionStorage.length === 0")
    page.reload()
    status(page, "Choose settings")
    assert rows(page) == []


def test_another_tab_and_another_page_begin_without_runs(page):
    train(page)
    kept(page)
    other = page.context.new_page()
    other.goto(page.url)
    status(other, "Choose settings")
    path = Path(urlsplit(page.url).path)
    another = path.with_name("another.html")
    another.write_bytes(path.read_bytes())
    page.goto(another.as_uri())
    status(page, "Choose settings")
    page.goto(path.as_uri())
    status(page, "Run 1 is back")


def test_where_storage_is_forbidden_the_page_says_so_and_works(page):
    other = page.context.new_page()
    other.on("pageerror", lambda error: page.trouble.append(str(error)))
    other.add_init_script(FORBIDDEN)
    other.goto(page.url)
    train(other)
    assert kept(other) == "The browser does not let this page keep runs: they are lost when you leave it."
    assert len(rows(other)) == 1
    other.reload()
    status(other, "Choose settings")


def test_where_there_is_little_room_the_latest_networks_are_kept(page):
    train(page)
    kept(page)
    sizes = page.evaluate(SIZES)
    network = max(size for name, size in sizes.items() if name.endswith(" 20"))
    runs = max(size for name, size in sizes.items() if name.endswith(".html"))
    page.evaluate(ROOM, runs + int(1.5 * network) + 1000)
    set_field(page, "seed", "2")
    train(page)
    page.locator(".tl-kept", has_text="without the network of run 1: there is no room").wait_for()
    assert networks_kept(page) == [(2, 20)]
    page.reload()
    assert "are back, with curves and results, but without the network of run 1;" in status(page, "Runs 1")
    press(page, "open the test set of run 2")
    page.get_by_role("button", name="open the test set of run 2").wait_for(state="detached")


def test_where_there_is_no_room_at_all_the_page_says_so(page):
    page.evaluate(ROOM, 100)
    train(page)
    assert kept(page) == "There is no room to keep the runs: they are lost when you leave the page."


@pytest.mark.parametrize(
    "damage",
    [
        "text => 'nonsense'",
        "text => '{}'",
        "text => JSON.stringify({ settings: {}, runs: [1, null, {}] })",
        "text => text.replace('\"filters\":4', '\"filters\":4000')",
        "text => text.replace('\"members\":[', '\"members\":[null,')",
        'text => text.replace(/"step":20/g, \'"step":"<b>20</b>"\')',
    ],
)
def test_what_is_damaged_does_not_come_back(page, damage):
    train(page)
    kept(page)
    page.evaluate(
        f"""() => {{
          const key = Object.keys(sessionStorage).find((name) => name.endsWith(".html"));
          const text = ({damage})(sessionStorage.getItem(key));
          addEventListener("pagehide", () => sessionStorage.setItem(key, text));
        }}"""
    )
    page.reload()
    status(page, "Choose settings")
    page.runs = 0
    train(page)
    assert len(rows(page)) == 1


def test_a_link_comes_before_what_was_set_and_the_runs_are_there(page):
    train(page)
    kept(page)
    page.goto(f"{page.url}#lab=epochs:3")
    page.reload()
    status(page, "Run 1 is back")
    assert page.get_by_label("epochs", exact=True).input_value() == "3"


def test_any_bytes_come_back_from_text():
    lengths = [0, 1, 2, 14, 15, 16, 30, 100_001]
    found = run_module(
        f"""const random = (i) => (i * 7919 + (i >> 3) * 104729) % 256;
        return {json.dumps(lengths)}.map((length) => {{
          const bytes = Uint8Array.from({{ length }}, (_, i) => random(i));
          const text = textOfBytes(bytes);
          const back = bytesOfText(text, length);
          return [text.length, text.isWellFormed(), bytes.every((byte, i) => byte === back[i])];
        }});""",
        "dense_text.js",
    )
    assert found == [[-(-8 * length // 15), True, True] for length in lengths]
