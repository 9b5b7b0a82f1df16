"""A task with each widget by keyboard alone, in any browser: in the words of Playwright that driven_browsers knows."""

import json
import re

from visits import WIDGETS_OF

HAS_FOCUS = "(one) => one.contains(document.activeElement)"
# The next press of the Tab key goes on from just before the widget.
BEGIN = """(one) => {
    const mark = document.createElement("i")
    mark.tabIndex = -1
    one.before(mark)
    mark.focus()
}"""


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def tab_to(page, target, key="Tab"):
    """Press Tab until the target has the focus."""
    for _ in range(150):
        press(page, key)
        if target.evaluate("(one) => one == document.activeElement"):
            return
    raise AssertionError(f"the Tab key does not reach {target}")


def draw_a_one(page, pad):
    tab_to(page, pad.get_by_role("application"))
    press(page, *["Shift+ArrowUp"] * 3, "Space", *["Shift+ArrowDown"] * 6, "Space")
    pad.get_by_role("status").filter(has_text=re.compile(r"The network says \d")).wait_for(state="attached")


def load_rules(page, builder):
    before = builder.locator(".rb-large").inner_text()
    tab_to(page, builder.get_by_role("slider"))
    press(page, *["ArrowRight"] * 5)
    builder.get_by_role("status").filter(has_text="% right.").wait_for(state="attached")
    tab_to(page, builder.get_by_role("radio", checked=True))
    press(page, "ArrowRight")
    builder.get_by_role("status").filter(has_text="columns wide").wait_for(state="attached")
    tab_to(page, builder.get_by_role("button", name="Load the chapter's rules"))
    press(page, "Enter")
    builder.get_by_role("status").filter(has_text="% right.").wait_for(state="attached")
    assert builder.locator(".rb-large").inner_text() != before
    tab_to(page, builder.get_by_role("button", name="All answers"))
    press(page, "Enter")
    tab_to(page, builder.locator(".rb-cell[tabindex='0']"), key="Shift+Tab")
    press(page, "ArrowLeft")
    builder.get_by_role("status").filter(has_text="read as").wait_for(state="attached")
    tab_to(page, builder.get_by_role("button", name="undo"), key="Shift+Tab")
    press(page, *["Enter"] * 6)
    assert builder.locator(".rb-large").inner_text() == before


def read_a_pixel(page, inspector):
    tab_to(page, inspector.get_by_role("button", name="next"))
    press(page, "Enter")
    assert "Sample 2 of" in inspector.inner_text()
    tab_to(page, inspector.locator(".si-difference"))
    press(page, "ArrowRight", "ArrowUp")
    assert "Row 13, column 15" in inspector.inner_text()
    tab_to(page, inspector.locator(".si-with select"), key="Shift+Tab")
    press(page, "ArrowDown")
    assert "The average" not in inspector.inner_text()


def forget_to_divide(page, steps):
    tab_to(page, steps.get_by_role("button", name="next"))
    press(page, "Enter", "Enter")
    assert "float32" in steps.locator(".ps-steps [aria-current]").inner_text()
    tab_to(page, steps.get_by_role("button", name="forget to divide"))
    press(page, "Space")
    assert "255 times too large" in steps.inner_text()
    tab_to(page, steps.get_by_role("radio", checked=True))
    press(page, "ArrowRight")
    assert "so the label is 6" in steps.inner_text()


def play_and_step(page, explorer):
    tab_to(page, explorer.get_by_role("button", name="Play"))
    explorer.get_by_role("application").first.wait_for()
    press(page, "Enter")
    explorer.get_by_role("button", name="Pause").wait_for()
    press(page, "Enter")
    explorer.get_by_role("button", name="Play").wait_for()
    tab_to(page, explorer.get_by_role("button", name="Step"))
    press(page, "Enter")
    said = explorer.get_by_role("status")
    said.filter(has_text=re.compile(r"row \d+, column \d+\. Sum")).wait_for(state="attached")
    tab_to(page, explorer.get_by_role("application").locator("visible=true").first)
    press(page, *["ArrowDown"] * 23, *["ArrowRight"] * 23)
    said.filter(has_text="row 23, column 23. Sum").wait_for(state="attached")


def read_an_epoch(page, monitor):
    tab_to(page, monitor.get_by_role("slider"))
    press(page, "Home")
    monitor.get_by_role("status").filter(has_text="Epoch 1:").wait_for(state="attached")
    tab_to(page, monitor.locator("summary"))
    press(page, "Enter")
    assert monitor.get_by_role("table").is_visible()


def judge_an_error(page, inspector):
    tab_to(page, inspector.locator("[role=gridcell][tabindex='0']"))
    press(page, "ArrowDown", "ArrowRight")
    assert inspector.locator("[role=gridcell][aria-selected=true]").count() == 1
    tab_to(page, inspector.get_by_role("button", name="All errors"), key="Shift+Tab")
    press(page, "Enter")
    tab_to(page, inspector.get_by_role("listbox").get_by_role("option", selected=True))
    first = inspector.locator(".pi-facts").inner_text()
    press(page, "ArrowRight", "ArrowRight")
    assert inspector.locator(".pi-facts").inner_text() != first
    tab_to(page, inspector.get_by_role("button", name="Nobody can tell"))
    press(page, "Enter")
    assert inspector.get_by_role("button", name="Nobody can tell", pressed=True).count() == 1


def draw_a_one_and_open_a_map(page, view):
    tab_to(page, view.get_by_role("application"))
    press(page, *["Shift+ArrowUp"] * 3, "Space", *["Shift+ArrowDown"] * 6, "Space")
    view.get_by_role("status").filter(has_text=re.compile(r"The network says 1")).wait_for(state="attached")
    part = view.get_by_role("button", name="Convolution")
    tab_to(page, part)
    press(page, "ArrowRight", "ArrowDown")
    head = view.locator(".nv-detail:not([hidden]) .nv-head")
    assert head.inner_text().startswith("Convolution, map 10,")
    tab_to(page, view.get_by_role("button", name="Close"))
    press(page, "Enter")
    assert head.count() == 0
    assert part.evaluate("(one) => one == document.activeElement")
    tab_to(page, view.get_by_role("radiogroup", name="outputs").get_by_role("radio").first)
    press(page, "Space")
    assert head.inner_text() == "Output 0"


def pin_a_moment_and_go_to_the_last(page, scrubber):
    tab_to(page, scrubber.get_by_role("slider"))
    press(page, "ArrowRight", "ArrowRight")
    tab_to(page, scrubber.get_by_role("button", name="Pin this moment"))
    press(page, "Enter")
    tab_to(page, scrubber.get_by_role("slider"), key="Shift+Tab")
    press(page, "End")
    both = re.compile("Step 2,700, .* Pinned: Step 2,")
    scrubber.get_by_role("status").filter(has_text=both).wait_for(state="attached")
    tab_to(page, scrubber.get_by_role("radio", checked=True))
    press(page, "ArrowRight")
    scrubber.get_by_role("status").filter(has_text="This 9 is ").wait_for(state="attached")


def answer_every_question(page, quiz):
    state = quiz.evaluate("(one) => one.closest('[data-book-widget]').querySelector('script').textContent")
    for question in json.loads(state)["questions"]:
        form = quiz.locator(f"[data-question='{question['id']}']")
        if "choices" in question:
            tab_to(page, form.get_by_role("radio").first)
            right = [choice["right"] for choice in question["choices"]].index(True)
            shown = [int(radio.get_attribute("value")) for radio in form.get_by_role("radio").all()]
            press(page, "Space", *["ArrowDown"] * shown.index(right))
            tab_to(page, form.get_by_role("button", name="Check"))
        else:
            tab_to(page, form.get_by_role("textbox"))
            page.keyboard.type(str(question["right"]))
        press(page, "Enter")
        assert form.get_by_role("status").first.inner_text().startswith("✓ Right.")
        assert form.get_by_role("link", name="‘").count() == 1  # to the section that gives the answer
    count = quiz.locator("form").count()
    assert quiz.locator(".qz-score").inner_text() == f"{count} of {count} answered, {count} right."


def open_a_number_and_take_a_step(page, view):
    view.locator(".bv-shown:not(.bv-unseen)").wait_for()
    tab_to(page, view.get_by_role("application", name="Hidden: gradients"))
    press(page, "ArrowDown", "ArrowRight")
    view.get_by_role("status").filter(has_text=re.compile(r"Unit \d+: gradient")).wait_for(state="attached")
    tab_to(page, view.get_by_role("slider"))
    press(page, "ArrowRight", "ArrowRight")
    tab_to(page, view.get_by_role("button", name="Gradient descent"))
    press(page, "Enter")
    view.locator(".bv-result", has_text="Loss ").wait_for()
    tab_to(page, view.get_by_role("button", name="Undo"))
    press(page, "Enter")
    assert view.get_by_role("button", name="Redo").is_enabled()


def take_a_step_of_a_training(page, lab):
    tab_to(page, lab.get_by_role("button", name="One step"))
    press(page, "Enter")
    lab.locator(".tl-status", has_text="is paused: epoch 1 of 2, step 1 of").wait_for(timeout=30_000)
    tab_to(page, lab.get_by_role("button", name="load the settings of run 1"))


def teach_a_drawn_one(page, hand):
    tab_to(page, hand.get_by_role("button", name="write a 1"))
    press(page, "Enter")
    tab_to(page, hand.locator(".dp-pad"), key="Shift+Tab")
    press(page, "Space", *["Shift+ArrowDown"] * 4, "Space")
    tab_to(page, hand.get_by_role("button", name="Add it"))
    press(page, "Enter")
    hand.locator(".th-count", has_text="1/8").wait_for()
    if not hand.get_by_role("button", name="▶ Teach it").is_visible():  # on a narrow page it has a tab of its own
        tab_to(page, hand.get_by_role("button", name="2. Teach"), key="Shift+Tab")
        press(page, "Enter")
    # Without old digits a lesson is a ninth as long; test_hand_in_other_browsers teaches with them.
    tab_to(page, hand.get_by_role("checkbox", name="also practise old digits"))
    press(page, "Space")
    tab_to(page, hand.get_by_role("button", name="▶ Teach it"), key="Shift+Tab")
    press(page, "Enter")
    hand.locator(".th-status", has_text="Taught").wait_for(timeout=60_000)
    assert "from your drawings alone" in hand.locator(".th-status").inner_text()
    tab_to(page, hand.get_by_role("button", name="Save the network"))


TASKS = {
    "backward_view": open_a_number_and_take_a_step,
    "digit_pad": draw_a_one,
    "layer_explorer": play_and_step,
    "network_view": draw_a_one_and_open_a_map,
    "prediction_inspector": judge_an_error,
    "processing_steps": forget_to_divide,
    "quiz": answer_every_question,
    "rule_builder": load_rules,
    "sample_inspector": read_a_pixel,
    "teach_your_hand": teach_a_drawn_one,
    "training_lab": take_a_step_of_a_training,
    "training_monitor": read_an_epoch,
    "training_scrubber": pin_a_moment_and_go_to_the_last,
}
PAGE_OF = {widget: name for name, widgets in WIDGETS_OF.items() for widget in widgets}  # the last one
