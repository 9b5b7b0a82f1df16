"""Rules go with a copied link, and what is no rule is refused in words."""

import re

import numpy as np
import pytest
from rule_builder_page import CHAPTER, START, answer, cell, choose, page, random_rules, shows, widget
from state_link_page import at, copied, open_at, said

from mnist_tutorial.widgets.rule_builder import RuleBuilder

__all__ = ["answer", "open_at", "page", "widget"]  # fixtures

# All that is seen, without the score, which also tells what the last change did.
SEEN = """() => {
    const all = (selector) => [...document.querySelectorAll(`.rb ${selector}`)]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }));
    return [...all(".rb-parts > :not(.rb-score), .rb-large").map((one) => one.innerText),
        ...all("select, input").map((one) => `${one.checked} ${one.value}`),
        ...all("[aria-pressed]").map((one) => `${one.ariaLabel} ${one.ariaPressed}`),
        ...all(".rb-image canvas").map((one) => one.toDataURL())].join("\\n");
}"""


def wait_until_seen(page, seen):
    page.wait_for_function("([shown, seen]) => eval(shown)() === seen", arg=[SEEN, seen])


def check(page, link):
    """Check that a link shows the same: in a page that it opens, and in one whose reader is elsewhere by then."""
    seen = page.evaluate(SEEN)
    at(page, link)
    assert page.evaluate(SEEN) == seen
    at(page, "")
    page.get_by_role("button", name="+ condition").first.click()
    page.evaluate("link => { location.hash = link }", link)
    wait_until_seen(page, seen)
    assert said(page) == ""


def test_rules_go_with_the_link(open_at, widget):
    page = open_at(widget)
    assert copied(page) == "#rule_builder="
    choose(page, 2)
    page.get_by_label("rule 2: answer").select_option("7")
    page.get_by_role("button", name="+ condition of rule 2").click()
    link = copied(page)
    rules = "holes-exactly-2-then-8/width-less-than-0.45-and-ink-more-than-0.15-then-7"
    assert link == f"#rule_builder=condition:1,rules:{rules}"  # the histogram shows the condition that is new
    check(page, link)


def test_what_the_histogram_shows_beside_no_rule_goes_with_the_link(open_at, widget):
    page = open_at(widget)
    choose(page, -1)
    page.get_by_label("look at the").select_option("hole position")
    page.locator(".rb-images input").nth(2).check()
    link = copied(page)
    assert re.fullmatch(r"#rule_builder=index:\d+,measurement:hole_position,chosen:2", link)
    check(page, link)


def test_a_cell_of_all_answers_goes_with_the_link_and_so_does_a_rule_chosen_after_it(open_at, widget):
    page = open_at(widget)
    page.get_by_role("button", name="Load the chapter's rules").click()
    choose(page, 0)
    cell(page, 9, 4).click()
    link = copied(page)
    assert link.startswith("#rule_builder=cell:9-4,rules:holes-more-than-1-then-8/")
    assert link.endswith(",chosen:-1")
    check(page, link)
    at(page, link)
    choose(page, 3)
    check(page, copied(page))


def test_undo_brings_back_the_rules_that_a_link_replaced(open_at, widget, answer):
    page = open_at(widget)
    page.get_by_label("rule 2: answer").select_option("7")
    own = [START["rules"][0], {**START["rules"][1], "then": 7}]
    page.evaluate("location.hash = 'rule_builder=rules:top-more-than-0.6-then-7,otherwise:3'")
    page.locator(".rb-rules li").nth(1).filter(has_text="3").wait_for()
    shows(page, answer([{"if": [["top", "more than", 0.6]], "then": 7}], 3), widget.labels)
    page.get_by_role("button", name="undo", exact=True).click()
    shows(page, answer(own, START["otherwise"]), widget.labels)
    page.get_by_role("button", name="redo", exact=True).click()
    shows(page, answer([{"if": [["top", "more than", 0.6]], "then": 7}], 3), widget.labels)


def test_any_rules_come_back_as_they_were(open_at, digits):
    random = np.random.default_rng(11)
    for _ in range(6):
        rules, otherwise = random_rules(random), int(random.integers(1, 10))
        page = open_at(RuleBuilder(*digits, samples=60, rules=rules, otherwise=otherwise, seed=3))
        seen = page.evaluate(SEEN)
        page.get_by_role("button", name="Start over").click()
        page.evaluate("location.hash = 'rule_builder='")
        wait_until_seen(page, seen)
    page = open_at(RuleBuilder(*digits, samples=60, seed=3))
    page.get_by_role("button", name="Load the chapter's rules").click()
    link = copied(page)
    assert len(link) < 500
    at(page, link)
    assert page.locator(".rb-rules > li").count() == len(CHAPTER["rules"]) + 1
    for _ in range(9):
        page.get_by_role("button", name="remove rule").first.click()
    link = copied(page)
    assert "rules:none" in link
    check(page, link)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (
            "",
            "rules takes rules such as holes-exactly-2-then-8, with / between them; rule 1, “”, does not end in -then-",
        ),
        ("holes-exactly-2", "does not end in -then- and a digit"),
        ("holes-exactly-2-then-10", "does not end in -then- and a digit"),
        (
            "holes-exactly-2-then-8/width-less-than-9-then-1",
            "rule 2, “width-less-than-9-then-1”, is out of range: width",
        ),
        ("holes-more-than-1.5-then-8", "holes takes a whole number from 0 to 4"),
        ("ink-more-than-0.6-then-8", "ink takes a number from 0 to 0.5"),
        ("ink-more-than--0.1-then-8", "has a condition that is none"),
        ("ink-more-than-1e3-then-8", "has a condition that is none"),
        ("ink-exactly-0.1-then-8", "“exactly”, which ink does not take"),
        ("toString-more-than-0.1-then-8", "has no measurement: expected one of ink, width, top, left, holes"),
        ("ink-toString-0.1-then-8", "has a condition that is none"),
        ("-and-".join(["ink-more-than-0.1"] * 3) + "-then-8", "has more than two conditions"),
        ("/".join(["ink-more-than-0.1-then-8"] * 21), "there may be 20 of them"),
        ("<img src=x onerror=alert(1)>-then-1", "has a condition that is none"),
    ],
)
def test_what_is_no_rule_is_refused_in_words_and_the_rest_holds(open_at, widget, answer, rules, reason):
    page = open_at(widget, fragment=f"#rule_builder=rules:{rules},otherwise:3")
    assert reason in said(page).replace("%3C", "<")
    shows(page, answer(START["rules"], 3), widget.labels)
    assert page.locator(".bw-link img").count() == 0
    page.get_by_role("button", name="Add a rule").click()
    assert page.locator(".rb-rules > li").count() == 4
