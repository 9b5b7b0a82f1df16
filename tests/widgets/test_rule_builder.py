"""RuleBuilder in a page: rules are composed by mouse, touch and keyboard, and shown with what they get right."""

import numpy as np
import pytest
from canvas import all_pixels
from rule_builder_page import (
    CHAPTER,
    START,
    answer,
    change,
    counted,
    large,
    live,
    page,
    percent,
    points,
    shows,
    widget,
)

from mnist_tutorial.measurements import measure
from mnist_tutorial.widgets.rule_builder import PRESETS, RuleBuilder

__all__ = ["answer", "live", "page", "widget"]  # fixtures


def test_it_shows_the_score_the_counts_and_the_baselines(page, widget, answer):
    shows(page, answer(**{"rules": START["rules"], "otherwise": START["otherwise"]}), widget.labels)
    bars = page.locator(".bw-bars li").all_inner_texts()
    assert [" ".join(bar.split()) for bar in bars] == [
        f"your rules {percent(widget.accuracy)}", "always answer 1 11.3%", "nearest average 82.0%"]  # fmt: skip
    assert change(page) == ""


def test_the_chapters_rules_are_loaded_and_left_again_by_touch(page, widget, answer):
    first = shows(page, answer(**START), widget.labels)
    page.get_by_role("button", name="Load the chapter's rules").tap()
    second = shows(page, answer(**CHAPTER), widget.labels)
    assert change(page) == points(second, first)
    assert page.locator(".rb-rules > li").count() == 9
    page.get_by_role("button", name="Start over").tap()
    assert shows(page, answer(**START), widget.labels) == first
    assert change(page) == points(first, second)


def test_a_rule_is_composed_with_the_mouse(page, widget, answer):
    before = shows(page, answer(**START), widget.labels)
    page.get_by_label("rule 1: measurement").select_option("top")
    rule = {"if": [["top", "more than", 0.5]], "then": 8}  # "exactly" is for holes only
    now = shows(page, answer([rule, START["rules"][1]], 4), widget.labels)
    assert change(page) == points(now, before)
    assert page.get_by_label("rule 1: comparison").locator("option").all_inner_texts() == ["more than", "less than"]
    page.get_by_label("rule 1: comparison").select_option("less than")
    page.get_by_label("rule 1: answer").select_option("6")
    rule = {"if": [["top", "less than", 0.5]], "then": 6}
    shows(page, answer([rule, START["rules"][1]], 4), widget.labels)
    page.get_by_role("button", name="+ condition of rule 1").click()
    page.get_by_label("rule 1, second condition: measurement").select_option("holes")
    page.get_by_label("rule 1, second condition: comparison").select_option("exactly")
    rule = {"if": [["top", "less than", 0.5], ["holes", "exactly", 2]], "then": 6}
    shows(page, answer([rule, START["rules"][1]], 4), widget.labels)
    page.get_by_role("button", name="− condition of rule 1").click()
    page.get_by_label("otherwise answer").select_option("7")
    rule = {"if": [["top", "less than", 0.5]], "then": 6}
    shows(page, answer([rule, START["rules"][1]], 7), widget.labels)


def test_the_way_of_a_slider_is_one_edit(page, widget, answer):
    before = shows(page, answer(**START), widget.labels)
    slider = page.get_by_label("rule 2: value")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.23, box["y"] + box["height"] / 2)
    page.mouse.down()
    for part in (0.3, 0.35, 0.4):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)
    value = float(slider.input_value())
    assert 0.6 < value < 1
    page.mouse.up()
    rules = [START["rules"][0], {"if": [["width", "less than", value]], "then": 1}]
    now = shows(page, answer(rules, 4), widget.labels)
    assert change(page) == points(now, before) != "no change"
    assert page.locator(".rb-value").nth(1).inner_text() == f"{value:.2f}"
    page.get_by_label("rule 2: answer").select_option("0")
    rules[1]["then"] = 0
    assert change(page) == points(shows(page, answer(rules, 4), widget.labels), now)


def test_a_slider_is_set_by_touch_and_by_arrow_keys(page, widget, answer):
    slider = page.get_by_label("rule 2: value")
    box = slider.bounding_box()
    slider.tap(position={"x": box["width"] * 0.75, "y": box["height"] / 2})
    value = float(slider.input_value())
    assert 1.3 < value < 1.7
    slider.press("ArrowLeft")
    assert float(slider.input_value()) == pytest.approx(value - 0.01)
    slider.press("ArrowLeft")
    rules = [START["rules"][0], {"if": [["width", "less than", round(value - 0.02, 2)]], "then": 1}]
    shows(page, answer(rules, 4), widget.labels)
    page.get_by_label("rule 1: value").press("Home")
    rules[0] = {"if": [["holes", "exactly", 0]], "then": 8}
    shows(page, answer(rules, 4), widget.labels)


def test_rules_are_added_moved_and_removed_by_keyboard_and_the_focus_goes_with_them(page, widget, answer):
    def focused():
        return page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")

    holes, width = START["rules"]
    new = {"if": [["ink", "more than", 0.2]], "then": 0}
    page.get_by_role("button", name="Add a rule").press("Enter")
    shows(page, answer([holes, width, new], 4), widget.labels)
    assert focused() == "rule 3: measurement"
    page.get_by_label("move up rule 3").press("Enter")
    shows(page, answer([holes, new, width], 4), widget.labels)
    assert focused() == "move up rule 2"
    page.keyboard.press("Enter")
    shows(page, answer([new, holes, width], 4), widget.labels)
    assert focused() == "move down rule 1"  # it cannot go further up
    page.keyboard.press("Space")
    assert focused() == "move down rule 2"
    page.get_by_label("+ condition of rule 2").press("Enter")
    assert focused() == "− condition of rule 2"
    page.keyboard.press("Enter")
    page.get_by_label("remove rule 1").press("Enter")
    shows(page, answer([new, width], 4), widget.labels)
    assert focused() == "remove rule 1"
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    shows(page, answer([], 4), widget.labels)
    assert focused() == "Add a rule"


def test_all_buttons_of_a_rule_work_by_touch(page, widget, answer):
    holes, width = START["rules"]
    page.get_by_label("move down rule 1").tap()
    shows(page, answer([width, holes], 4), widget.labels)
    page.get_by_label("move up rule 2").tap()
    page.get_by_label("+ condition of rule 2").tap()
    shows(page, answer([holes, {**width, "if": [*width["if"], ["ink", "more than", 0.15]]}], 4), widget.labels)
    page.get_by_label("− condition of rule 2").tap()
    page.get_by_label("remove rule 1").tap()
    page.get_by_role("button", name="Add a rule").tap()
    shows(page, answer([width, {"if": [["ink", "more than", 0.2]], "then": 0}], 4), widget.labels)


def test_the_list_ends_at_twenty_rules(page):
    for _ in range(18):
        page.get_by_role("button", name="Add a rule").click()
    assert page.get_by_role("button", name="Add a rule").is_disabled()
    page.get_by_label("remove rule 20").click()
    assert page.get_by_role("button", name="Add a rule").is_enabled()


def test_the_most_frequent_mistake_is_shown_until_a_cell_is_chosen(page, widget, digits, answer):
    table = counted(answer(**START)[:, 0], widget.labels)
    mistakes = table - np.diag(np.diag(table))
    label, given = np.unravel_index(mistakes.argmax(), (10, 10))
    title = page.locator(".rb-title")
    assert title.inner_text().startswith(
        f"The most frequent mistake: {label} read as {given}. Samples: {mistakes.max()}"
    )
    page.locator(".rb-table").get_by_role("button", name="5 read as 4:").click()
    held = [place for place, one in enumerate(widget.labels) if one == 5 and widget.answers()[place] == 4]
    assert title.inner_text() == f"5 read as 4. Samples: {len(held)}" + (", 12 of them shown" if len(held) > 12 else "")
    drawn = all_pixels(page.locator(".rb-gallery canvas"))
    assert len(drawn) == min(12, len(held))
    for place, pixels in zip(held, drawn, strict=False):
        assert abs(pixels[..., 0] - digits[0][widget.positions[place]]).max() <= 8  # 16 greys
    page.locator(".rb-table").get_by_role("button", name="5 read as 4:").click()
    assert title.inner_text().startswith("The most frequent mistake")


def test_arrow_keys_go_through_the_table_and_stop_at_its_edge(page):
    cell = page.locator(".rb-table").get_by_role("button", name="8 read as 8:")
    cell.click()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.locator(".rb-title").inner_text().startswith("8 read as 8")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("8 read as 8")
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    assert page.locator(".rb-title").inner_text().startswith("0 read as 8")
    assert page.locator(".rb-table button[tabindex='0']").count() == 1


def test_the_table_has_headers_and_a_caption(page):
    assert page.locator(".rb-table thead th[scope='col']").all_inner_texts() == list("0123456789")
    assert page.locator(".rb-table tbody th[scope='row']").all_inner_texts() == list("0123456789")
    assert "Rows: the true digit" in page.locator(".rb-table caption").inner_text()


def test_an_image_tells_what_was_measured_and_which_rule_answered(page, widget, digits):
    def detail(place):
        found = measure(digits[0][widget.positions[place]])
        shares = [f"{name.replace('_', ' ')} {value:.2f}" for name, value in found._asdict().items()]
        return ", ".join(shares).replace(f"holes {found.holes:.2f}", f"holes {found.holes}")

    page.locator(".rb-table").get_by_role("button", name="8 read as 8:").tap()
    held = [place for place, one in enumerate(widget.labels) if one == 8 and widget.answers()[place] == 8]
    assert page.locator(".rb-detail").inner_text() == f"{detail(held[0])}: rule 1 answers 8."
    page.locator(".rb-gallery button").nth(2).tap()
    assert page.locator(".rb-detail").inner_text() == f"{detail(held[2])}: rule 1 answers 8."
    page.locator(".rb-gallery button").nth(1).press("Enter")
    assert page.locator(".rb-detail").inner_text() == f"{detail(held[1])}: rule 1 answers 8."


def test_the_averages_of_the_measurements_can_be_opened(page, widget, digits):
    page.locator("summary").press("Enter")
    row = page.locator(".rb-averages tbody tr").nth(1).locator("td").all_inner_texts()
    ones = [
        measure(digits[0][place]) for place, label in zip(widget.positions, widget.labels, strict=True) if label == 1
    ]
    assert [float(text) for text in row] == pytest.approx(np.mean(ones, axis=0), abs=0.0056)


def test_a_change_is_announced_once_it_comes_to_rest(page, widget, answer):
    page.get_by_role("button", name="Load the chapter's rules").click()
    page.wait_for_function("document.querySelector('.bw-live').textContent.includes('points')")
    share = (answer(**CHAPTER)[:, 0] == widget.labels).mean()
    assert page.locator(".bw-live").inner_text().startswith(f"{percent(share)} right. ")


def test_two_on_a_page_do_not_disturb_each_other(open_page, digits):
    one, two = RuleBuilder(*digits, samples=60), RuleBuilder(*digits, samples=90)
    page = open_page(one, two)
    page.get_by_role("button", name="Load the chapter's rules").first.click()
    assert page.locator(".bw").nth(0).locator(".rb-rules > li").count() == 9
    assert page.locator(".bw").nth(1).locator(".rb-rules > li").count() == 2
    assert page.locator(".rb-large").nth(1).inner_text() == percent(two.accuracy)


def test_it_fits_a_narrow_page_and_its_targets_are_large_enough(open_page, widget):
    widget.rules = CHAPTER["rules"]
    page = open_page(widget, viewport={"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = "() => [...document.querySelectorAll('.bw button, .bw select')].map((one) => one.getBoundingClientRect())" \
        ".filter((box) => box.width < 24 || box.height < 24).length"  # fmt: skip
    assert page.evaluate(small) == 0


def test_without_javascript_a_table_of_rules_and_their_counts_is_shown(open_page, widget, answer):
    page = open_page(widget, java_script_enabled=False)
    answers = answer(**CHAPTER)
    right = answers[:, 0] == widget.labels
    rows = [row.split("\t") for row in page.locator("tbody tr").all_inner_texts()]
    assert rows[1][1] == "if holes is exactly 1 and hole position is less than 0.4, answer 9"
    assert rows[-1][1] == "otherwise answer 4"
    for number, row in enumerate(rows, start=1):
        decided = answers[:, 1] == number % 10
        assert [int(text) for text in row[2:]] == [(decided & right).sum(), (decided & ~right).sum()]
    sentence = page.locator("p").inner_text()
    assert f"the rules of this table: {right.mean():.1%}" in sentence
    assert "nearest average: 82.0%" in sentence


# Traits, in both directions.


def test_the_page_follows_every_trait(live, widget, answer):
    live.evaluate("rules => fake.model.set('rules', rules)", CHAPTER["rules"])
    now = shows(live, answer(CHAPTER["rules"], 4), widget.labels)
    live.evaluate("fake.model.set('otherwise', 7)")
    last = shows(live, answer(CHAPTER["rules"], 7), widget.labels)
    assert change(live) == points(last, now)
    live.evaluate("fake.model.set('cell', [3, 3])")
    assert live.locator(".rb-title").inner_text().startswith("3 read as 3.")
    picked = int(live.locator(".rb-gallery button").nth(1).get_attribute("data-index"))
    live.evaluate("place => fake.model.set('index', place)", picked)
    assert f"ink {widget.measured[picked][0]:.2f}, " in live.locator(".rb-detail").inner_text()
    live.evaluate("fake.model.set('baselines', {'a coin': 0.5})")
    assert live.locator(".bw-bars li").last.locator("span").all_inner_texts() == ["a coin", "", "", "50.0%"]
    assert change(live) == points(last, now)


def test_python_accepts_what_the_page_sets(live, widget, answer):
    live.get_by_role("button", name="Load the chapter's rules").click()
    live.get_by_label("rule 5: measurement").select_option("ink")
    live.get_by_label("rule 6: value").press("ArrowRight")
    live.get_by_label("otherwise answer").select_option("2")
    live.locator(".rb-table").get_by_role("button", name="7 read as 3:").click()
    live.get_by_label("+ condition of rule 1").click()
    live.get_by_label("rule 1, second condition: measurement").select_option("hole_position")
    state = live.evaluate("() => ['rules', 'otherwise', 'cell'].map((name) => fake.state[name])")
    widget.rules, widget.otherwise, widget.cell = state
    assert widget.rules[5] == {"if": [["top", "more than", 0.61]], "then": 7}
    assert widget.rules[4] == {"if": [["ink", "less than", 0.25]], "then": 1}
    assert widget.cell == [7, 3]
    assert large(live) == percent(widget.accuracy)
    assert live.evaluate("fake.saved") >= 6
    presets = live.evaluate("fake.state.presets")
    assert presets == PRESETS  # an edit works on a copy


def test_it_comes_and_goes_without_leaving_anything(live, widget, answer):
    held = live.evaluate("fake.listening()")
    live.evaluate(
        "() => { fake.model.set('rules', []); fake.hide({ keepElement: true }); }"
    )  # an update is still on its way
    assert live.evaluate("fake.listening()") == 0
    assert large(live) == percent(widget.accuracy)
    live.evaluate("() => { document.querySelector('main > div').remove(); return fake.show(); }")
    shows(live, answer([], 4), widget.labels)
    assert live.evaluate("fake.listening()") == held
    outside = live.evaluate("""async () => {
      fake.hide();
      const before = fake.outside(); // the test's own browser driver also listens
      await fake.show();
      fake.hide();
      return fake.outside() - before;
    }""")
    assert outside == 0
    assert live.evaluate("fake.listening()") == 0
