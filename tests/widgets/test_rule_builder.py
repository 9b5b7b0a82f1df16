"""RuleBuilder in a page: rules are composed by mouse, touch and keyboard, and shown with what they get right."""

import numpy as np
import pytest
from canvas import all_pixels
from rule_builder_page import (
    CHAPTER,
    START,
    answer,
    cell,
    change,
    choose,
    counted,
    large,
    live,
    page,
    percent,
    points,
    shows,
    titles,
    widget,
)

from mnist_tutorial.measurements import INK_THRESHOLD, Measurements, measure
from mnist_tutorial.widgets.rule_builder import PRESETS, RuleBuilder

__all__ = ["answer", "live", "page", "widget"]  # fixtures


def test_it_shows_the_score_the_counts_and_the_baselines(page, widget, answer):
    shows(page, answer(**{"rules": START["rules"], "otherwise": START["otherwise"]}), widget.labels)
    bars = page.locator(".bw-bars li").all_inner_texts()
    assert [" ".join(bar.split()) for bar in bars] == [
        f"your rules {percent(widget.accuracy)}", "always answer 1 11.3%", "nearest average 82.0%"]  # fmt: skip
    assert change(page) == ""


def test_the_chapters_rules_are_loaded_and_left_again(page, widget, answer):
    first = shows(page, answer(**START), widget.labels)
    page.get_by_role("button", name="Load the chapter's rules").tap()
    second = shows(page, answer(**CHAPTER), widget.labels)
    assert change(page) == points(second, first)
    assert page.locator(".rb-rules > li").count() == 10  # `otherwise` is the last
    load, again = (
        page.get_by_role("button", name="Load the chapter's rules"),
        page.get_by_role("button", name="Start over"),
    )
    assert load.is_disabled()  # it would change nothing
    again.press("Enter")
    assert shows(page, answer(**START), widget.labels) == first
    assert change(page) == points(first, second)
    assert (again.is_disabled(), load.is_disabled()) == (True, False)
    assert page.evaluate("document.activeElement.ariaLabel") == "undo"


def test_what_was_loaded_started_over_or_removed_comes_back_and_goes_again(page, widget, answer):
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("undo", "redo"))
    assert undo.is_disabled()
    assert redo.is_disabled()
    page.get_by_label("rule 2: answer").select_option("7")
    own = [START["rules"][0], {**START["rules"][1], "then": 7}]
    page.get_by_role("button", name="Load the chapter's rules").tap()
    undo.tap()
    first = shows(page, answer(own, 4), widget.labels)
    redo.tap()
    second = shows(page, answer(**CHAPTER), widget.labels)
    assert change(page) == points(second, first)
    page.get_by_label("remove rule 2").tap()
    undo.tap()
    shows(page, answer(**CHAPTER), widget.labels)
    assert page.locator(".rb-rules [aria-pressed=true]").get_attribute("aria-label").startswith("rule 2: ")
    page.get_by_role("button", name="Start over").tap()
    shows(page, answer(**START), widget.labels)
    assert redo.is_disabled()  # an edit ends what could be done again
    for _ in range(3):
        undo.press("Enter")
    shows(page, answer(**START), widget.labels)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "redo"  # nothing is left to undo
    for rules, otherwise in ((own, 4), (CHAPTER["rules"], CHAPTER["otherwise"]), (START["rules"], START["otherwise"])):
        redo.press("Enter")
        shows(page, answer(rules, otherwise), widget.labels)


def test_a_rule_is_composed_with_the_mouse(page, widget, answer):
    before = shows(page, answer(**START), widget.labels)
    choose(page, 1)
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
    choose(page, -1)
    page.get_by_label("otherwise answer").select_option("7")
    rule = {"if": [["top", "less than", 0.5]], "then": 6}
    shows(page, answer([rule, START["rules"][1]], 7), widget.labels)


def test_the_way_of_a_slider_is_one_edit(page, widget, answer):
    before = shows(page, answer(**START), widget.labels)
    slider = page.get_by_label("rule 2: value")
    box = slider.bounding_box()
    low, high = (float(slider.get_attribute(end)) for end in ("min", "max"))
    part = (0.45 - low) / (high - low)
    page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)
    page.mouse.down()
    for part in (0.6, 0.7, 0.8):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)
    value = float(slider.input_value())
    assert low + 0.7 * (high - low) < value < high
    page.mouse.up()
    rules = [START["rules"][0], {"if": [["width", "less than", value]], "then": 1}]
    now = shows(page, answer(rules, 4), widget.labels)
    assert change(page) == points(now, before) != "no change"
    assert page.locator(".rb-value").first.inner_text() == f"{value:.2f}"
    page.get_by_role("button", name="undo", exact=True).click()
    shows(page, answer(**START), widget.labels)
    page.get_by_role("button", name="redo", exact=True).click()
    page.get_by_label("rule 2: answer").select_option("0")
    rules[1]["then"] = 0
    assert change(page) == points(shows(page, answer(rules, 4), widget.labels), now)


def test_the_line_in_the_histogram_is_dragged_as_well_but_not_by_a_passing_finger(page, widget, answer):
    box = page.locator(".rb-histogram svg").bounding_box()
    slider = page.get_by_label("rule 2: value")
    low, high = (float(slider.get_attribute(end)) for end in ("min", "max"))
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 50)
    page.mouse.up()
    value = round(low + (high - low) / 2, 2)
    rules = [START["rules"][0], {"if": [["width", "less than", value]], "then": 1}]
    shows(page, answer(rules, 4), widget.labels)
    page.get_by_role("button", name="undo", exact=True).click()  # the whole way was one edit
    shows(page, answer(**START), widget.labels)
    assert page.locator(".rb-histogram svg").evaluate("one => getComputedStyle(one).touchAction") == "pan-y"
    page.locator(".rb-histogram svg").tap(position={"x": box["width"] / 2, "y": 40})
    shows(page, answer(rules, 4), widget.labels)


def test_a_slider_is_set_by_touch_and_by_arrow_keys(page, widget, answer):
    slider = page.get_by_label("rule 2: value")
    box = slider.bounding_box()
    slider.tap(position={"x": box["width"] * 0.75, "y": box["height"] / 2})
    value = float(slider.input_value())
    assert 0.6 < value < 1.7
    slider.press("ArrowLeft")
    assert float(slider.input_value()) == pytest.approx(value - 0.01)
    slider.press("ArrowLeft")
    rules = [START["rules"][0], {"if": [["width", "less than", round(value - 0.02, 2)]], "then": 1}]
    shows(page, answer(rules, 4), widget.labels)
    choose(page, 1)
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
    assert focused() == "rule 2, second condition: measurement"
    page.get_by_label("− condition of rule 2").press("Enter")
    assert focused() == "+ condition of rule 2"
    page.locator(".rb-rules button").first.press("Enter")
    page.get_by_label("remove rule 1").press("Enter")
    shows(page, answer([new, width], 4), widget.labels)
    assert focused() == "remove rule 1"
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    shows(page, answer([], 4), widget.labels)
    assert focused() == "Add a rule"


def test_all_buttons_of_a_rule_work_by_touch(page, widget, answer):
    holes, width = START["rules"]
    page.locator(".rb-rules button").first.tap()
    page.get_by_label("move down rule 1").tap()
    shows(page, answer([width, holes], 4), widget.labels)
    page.get_by_label("move up rule 2").tap()
    page.locator(".rb-rules button").nth(1).tap()
    page.get_by_label("+ condition of rule 2").tap()
    shows(page, answer([holes, {**width, "if": [*width["if"], ["ink", "more than", 0.15]]}], 4), widget.labels)
    page.get_by_label("− condition of rule 2").tap()
    page.locator(".rb-rules button").first.tap()
    page.get_by_label("remove rule 1").tap()
    page.get_by_role("button", name="Add a rule").tap()
    shows(page, answer([width, {"if": [["ink", "more than", 0.2]], "then": 0}], 4), widget.labels)


def test_the_list_ends_at_twenty_rules_no_two_of_which_are_alike(page):
    for _ in range(18):
        page.get_by_role("button", name="Add a rule").click()
    names = page.locator(".rb-rules button").evaluate_all(
        "(all) => all.map((one) => one.ariaLabel.split(/: |, answer/)[1])"
    )
    assert len(set(names)) == len(names) == 21  # with `otherwise`
    full = page.get_by_role("button", name="20 rules: full")
    assert full.is_disabled()
    assert full.get_attribute("title") == "There may be 20 rules. Remove one to add another."
    page.get_by_label("remove rule 20").click()
    assert page.get_by_role("button", name="Add a rule").is_enabled()
    assert page.get_by_role("button", name="Add a rule").get_attribute("title") == ""


def test_the_most_frequent_mistake_is_shown_until_a_cell_is_chosen(page, widget, digits, answer):
    table = counted(answer(**START)[:, 0], widget.labels)
    mistakes = table - np.diag(np.diag(table))
    label, given = np.unravel_index(mistakes.argmax(), (10, 10))
    choose(page, 0)
    assert titles(page) == [f"Most frequent mistake: {label} read as {given}: {mistakes.max()}"]
    cell(page, 5, 4).click()
    held = [place for place, one in enumerate(widget.labels) if one == 5 and widget.answers()[place] == 4]
    assert titles(page) == [f"5 read as 4: {len(held)}"]
    drawn = all_pixels(page.locator(".rb-gallery canvas"))
    assert len(drawn) == min(12, len(held))
    for place, pixels in zip(held, drawn, strict=False):
        image = digits[0][widget.positions[place]]
        # 16 greys; those just below the limit of ink stay below it.
        assert (abs(pixels[..., 0] - image) <= np.where((image > 93) & (image <= INK_THRESHOLD), 16, 8)).all()
    cell(page, 5, 4).click()
    assert titles(page)[0].startswith("Most frequent mistake")


def test_arrow_keys_go_through_the_table_and_stop_at_its_edge(page):
    choose(page, 0)
    cell(page, 8, 8).click()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert titles(page)[0].startswith("8 read as 8")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("8 read as 8")
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    assert titles(page)[0].startswith("0 read as 8")
    assert page.locator(".rb-table button[tabindex='0']").count() == 1


def test_the_table_has_headers_and_a_caption(page):
    choose(page, 0)
    assert page.locator(".rb-table thead th[scope='col']").all_inner_texts() == list("0123456789")
    assert page.locator(".rb-table tbody th[scope='row']").all_inner_texts() == list("0123456789")
    assert "Rows: the true digit" in page.locator(".rb-table caption").inner_text()


def test_the_images_that_a_rule_catches_are_shown_right_and_wrong_ones_apart(page, widget, answer):
    page.get_by_role("button", name="Load the chapter's rules").click()
    answers = answer(**CHAPTER)
    for number in (*range(1, 10), -1):
        choose(page, number)
        decided = answers[:, 1] == max(0, number)
        right = answers[:, 0] == widget.labels
        assert titles(page) == [
            f"✗ {(decided & ~right).sum()} caught by mistake",
            f"✓ {(decided & right).sum()} caught correctly",
        ]
        shown = page.locator(".rb-gallery input").evaluate_all("all => all.map((one) => Number(one.value))")
        wanted = [np.flatnonzero(decided & one)[:12].tolist() for one in (~right, right)]
        assert shown == wanted[0] + wanted[1]


def test_an_image_tells_what_was_measured_and_which_rule_answered(page, widget, digits):
    def told(place):
        found = measure(digits[0][widget.positions[place]])
        shares = [f"{name.replace('_', ' ')} {value:.2f}" for name, value in found._asdict().items()]
        return ", ".join(shares).replace(f"holes {found.holes:.2f}", f"holes {found.holes}")

    choose(page, 0)
    cell(page, 8, 8).tap()
    held = [place for place, one in enumerate(widget.labels) if one == 8 and widget.answers()[place] == 8]
    for at, use in ((0, None), (2, "tap"), (1, "keyboard")):
        if use == "tap":
            page.locator(".rb-gallery input").nth(at).tap()
        if use == "keyboard":
            page.keyboard.press("ArrowLeft")
        assert page.locator(".rb-verdict").inner_text() == "✓ An 8: rule 1 answers 8."
        assert page.locator(".rb-detail").inner_text() == told(held[at])
        assert page.locator(".rb-measured").inner_text() == "2 holes."


@pytest.mark.parametrize("name", Measurements._fields)
def test_a_measurement_is_drawn_on_its_image(open_page, widget, digits, name):
    """The pixels that count are marked, and the sentence says what was counted."""
    widget.rules = [{"if": [[name, "more than", 0]], "then": 6}]
    widget.chosen = 0
    page = open_page(widget)
    place = int(page.locator(".rb-gallery input:checked").get_attribute("value"))
    image = digits[0][widget.positions[place]] > INK_THRESHOLD
    found, (rows, columns) = measure(digits[0][widget.positions[place]]), np.nonzero(image)
    upper = (rows < (rows.min() + rows.max() + 1) / 2).sum()
    left = (columns < (columns.min() + columns.max() + 1) / 2).sum()
    width, height = np.ptp(columns) + 1, np.ptp(rows) + 1
    marked, words = {
        "ink": (len(rows), f"{len(rows)} of 784 pixels hold ink: {found.ink:.2f}."),
        "width": (0, f"{width} columns wide, {height} rows high: {found.width:.2f}."),
        "top": (upper, f"{upper} of {len(rows)} pixels of ink are in the upper half: {found.top:.2f}."),
        "left": (left, f"{left} of {len(rows)} pixels of ink are in the left half: {found.left:.2f}."),
        "holes": (None, f"{found.holes} hole" + "s" * (found.holes > 1) + "."),
        "hole_position": (None, f"The largest hole lies {found.hole_position:.2f} of the way down."),
    }[name]
    if found.holes == 0 and name.startswith("hole"):
        words = {"holes": "No hole.", "hole_position": "There is no hole: that counts as 0.50."}[name]
    assert page.locator(".rb-measured").inner_text() == words
    squares = page.locator(".rb-counted").get_attribute("d").count("M")
    assert squares == marked if marked is not None else (squares > 0) == (found.holes > 0)
    assert bool(page.locator(".rb-lines").get_attribute("d")) == (
        name in ("width", "top", "left") or (name == "hole_position" and found.holes > 0)
    )


def test_the_histogram_counts_and_averages_each_digit_that_the_rules_above_leave(page, widget, digits, answer):
    rows = page.locator(".rb-averages tbody tr")
    heads = page.locator(".rb-averages thead th").all_text_contents()
    assert heads == ["digit", "images here", "caught", "average of this digit"]
    deciders = answer(**START)[:, 1]
    for digit in range(10):
        own = np.array(widget.labels) == digit
        widths = [measure(digits[0][place]).width for place in np.array(widget.positions)[own]]
        row = rows.nth(digit).locator("td").all_text_contents()
        assert [int(text) for text in row[:2]] == [(own & (deciders != 1)).sum(), (own & (deciders == 2)).sum()]
        assert float(row[2]) == pytest.approx(np.mean(widths), abs=0.0056)
        sign = " ✓" if digit == 1 else " ✗"
        assert page.locator(".rb-count").nth(digit).inner_text() == f"{row[1]}/{row[0]}" + (
            sign if row[1] != "0" else ""
        )


def test_a_change_is_announced_once_it_comes_to_rest(page, widget, answer):
    page.get_by_role("button", name="Load the chapter's rules").click()
    page.wait_for_function("document.querySelector('.bw-live').textContent.includes('points')")
    share = (answer(**CHAPTER)[:, 0] == widget.labels).mean()
    assert page.locator(".bw-live").inner_text().startswith(f"{percent(share)} right. ")


def test_two_on_a_page_do_not_disturb_each_other(open_page, digits):
    one, two = RuleBuilder(*digits, samples=60), RuleBuilder(*digits, samples=90)
    page = open_page(one, two)
    page.get_by_role("button", name="Load the chapter's rules").first.click()
    assert page.locator(".bw").nth(0).locator(".rb-rules > li").count() == 10
    assert page.locator(".bw").nth(1).locator(".rb-rules > li").count() == 3
    assert page.locator(".rb-large").nth(1).inner_text() == percent(two.accuracy)


def test_it_fits_a_narrow_page_and_its_targets_are_large_enough(open_page, widget):
    widget.rules = CHAPTER["rules"]
    page = open_page(widget, viewport={"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = "() => [...document.querySelectorAll('.bw button, .bw select')].map((one) => one.getBoundingClientRect())" \
        ".filter((box) => box.width && (box.width < 24 || box.height < 24)).length"  # fmt: skip
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
    assert titles(live)[0].startswith("3 read as 3:")
    picked = int(live.locator(".rb-gallery input").nth(1).get_attribute("value"))
    live.evaluate("place => fake.model.set('index', place)", picked)
    assert f"ink {widget.measured[picked][0]:.2f}, " in live.locator(".rb-detail").inner_text()
    live.evaluate("fake.model.set('chosen', 4)")
    assert live.locator(".rb-rules [aria-pressed=true]").get_attribute("aria-label").startswith("rule 5: ")
    live.evaluate("fake.model.set('chosen', 2)")
    live.evaluate("fake.model.set('condition', 1)")
    assert live.get_by_label("rule 3, second condition: value").count() == 1
    live.evaluate("fake.model.set('chosen', 9)")
    live.evaluate("fake.model.set('measurement', 'top')")
    assert live.locator(".rb-axis").inner_text().startswith("top: ")
    live.evaluate("fake.model.set('baselines', {'a coin': 0.5})")
    assert live.locator(".bw-bars li").last.locator("span").all_inner_texts() == ["a coin", "", "", "50.0%"]
    assert change(live) == points(last, now)


def test_python_accepts_what_the_page_sets(live, widget, answer):
    live.get_by_role("button", name="Load the chapter's rules").click()
    choose(live, 5)
    live.get_by_label("rule 5: measurement").select_option("ink")
    choose(live, 6)
    live.get_by_label("rule 6: value").press("ArrowRight")
    choose(live, -1)
    live.get_by_label("otherwise answer").select_option("2")
    choose(live, 0)
    cell(live, 7, 3).click()
    choose(live, 1)
    live.get_by_label("+ condition of rule 1").click()
    live.get_by_label("rule 1, second condition: measurement").select_option("hole_position")
    names = ["rules", "otherwise", "cell", "chosen", "condition", "measurement"]
    for name, value in zip(names, live.evaluate("names => names.map((name) => fake.state[name])", names), strict=True):
        setattr(widget, name, value)
    assert (widget.condition, widget.measurement) == (1, "ink")
    assert widget.chosen == 0
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
