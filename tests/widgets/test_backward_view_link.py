"""What BackwardView shows goes with a copied link, to the last digit of its numbers."""

import pytest
from backward_view_page import PATH, button, cell, click_at, make, page, settle
from small_network import images, network, widget_files
from state_link_page import at, copied, open_at, said

__all__ = ["images", "make", "network", "open_at", "page", "widget_files"]  # fixtures

# All that is seen, without what was said of the last change, and what the pointer is on.
SEEN = """() => {
    const all = (selector) => [...document.querySelectorAll(`.bv ${selector}`)]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }));
    const parts = ".bv-state, .bv-figure, .bv-chain, .bv-reading, .bv-turned, .bv-buttons";
    return [...all(parts).map((one) => one.innerText),
        ...all("select, input").map((one) => `${one.checked} ${one.value} ${one.ariaValueText}`),
        ...all("[aria-pressed]").map((one) => `${one.ariaLabel} ${one.ariaPressed}`),
        ...all("canvas").map((one) => one.toDataURL())].join("\\n");
}"""


@pytest.fixture
def open_view(open_at, make):
    def open_(fragment="", **traits):
        return ready(open_at(make(**traits), fragment=fragment))

    return open_


def answer(page):
    return page.get_by_label("Right answer", exact=True)


def ready(page):
    page.locator(".bv-shown:not(.bv-unseen)").wait_for()
    settle(page)
    return page


def seen(page):
    page.mouse.move(0, 0)
    settle(page)
    return page.evaluate(SEEN)


def check(page, link):
    """Check that a link shows the same: in a page that it opens, and in one whose reader is elsewhere by then."""
    before = seen(page)
    ready(at(page, link))
    assert seen(page) == before
    ready(at(page, ""))
    answer(page).select_option("9")
    button(page, "Adam").click()
    button(page, "Nudge").click()
    button(page, "Undo").click()
    page.evaluate("link => { location.hash = link }", link)
    page.wait_for_function("([shown, before]) => eval(shown)() === before", arg=[SEEN, before])
    assert said(page) == ""


def test_a_digit_an_answer_and_an_open_number(open_view):
    page = open_view()
    assert copied(page) == "#backward_view="
    first = answer(page).input_value()
    page.get_by_role("radio", name="digit 3").check()
    click_at(cell(page, "convolution"), 6, 9, 24, 24)
    assert ",number:convolution,path:" in copied(page)
    check(page, copied(page))
    ready(at(page, ""))
    page.get_by_role("radio", name="digit 3").check()
    answer(page).select_option(first)  # not that of the digit, but that of the first one
    link = copied(page)
    assert link == f"#backward_view=index:2,label:{first}"
    check(page, link)


def test_a_digit_alone_has_its_own_label_as_the_right_answer(open_view, digits):
    page = open_view("#backward_view=index:2")
    assert answer(page).input_value() == str(digits[1][2])
    assert copied(page) == "#backward_view=index:2"


def test_what_was_done_to_the_weights_and_undone(open_view):
    page = open_view(path=PATH)
    button(page, "Nudge").click()
    button(page, "Gradient descent").click()
    button(page, "Adam").click()
    button(page, "Adam").click()
    button(page, "Undo").click()
    page.locator(".bv-turning input[type=range]").press("ArrowRight")
    button(page, "Undo").click()
    link = copied(page)
    label = answer(page).input_value()
    assert f"/descent-{label}-0/adam-{label}-0,undone:filter-weight-" in link
    check(page, link)


def test_a_drawing_and_a_step_of_training_on_it(open_view):
    page = open_view()
    page.get_by_role("button", name="Draw").click()
    box = page.locator(".bv-pad").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    for x, y in ((0.7123, 0.2), (0.4, 0.9051)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
    page.mouse.up()
    answer(page).select_option("7")
    button(page, "Gradient descent").click()
    link = copied(page)
    assert link.startswith("#backward_view=index:-1,label:7,")
    check(page, link)


def test_changes_that_are_too_many_stay_behind_in_words(open_view):
    page = open_view("#backward_view=changes:" + "/".join(["hidden-bias-3=0.25"] * 50))
    assert said(page) == ""
    button(page, "Nudge").click()
    link = copied(page, "The link is copied, without the 51 changes of the weights, which are too long for an address.")
    assert "changes" not in link


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("index:-2", "index takes a whole number from -1 to 3"),
        ("number:filter weight", "number takes one of score, output-weight, unit"),
        ("number:constructor", "number takes one of score"),
        (
            "path:1-2-3",
            "path takes 7 whole numbers with - between them, from 0 to 9, 511, 27, 27, 63, 8, 8; or strongest",
        ),
        ("path:10-0-0-0-0-0-0", "path takes 7 whole numbers"),
        ("path:1-2-3-4-5-1-1-1", "path takes 7 whole numbers"),
        ("strokes:00001", "strokes takes a drawing"),
        ("strokes:ffffffff", "strokes takes a drawing"),
        (
            "changes:filter-weight-0=1e9",
            "changes takes at most 50 changes of weights as a copied link has them, or none",
        ),
        ("changes:filter-weight-0=NaN", "changes takes at most 50"),
        ("changes:filter-weight--1=1", "changes takes at most 50"),
        ("changes:pooling-weight-0=1", "changes takes at most 50"),
        ("changes:adam-3-4", "changes takes at most 50"),
        ("changes:adam-3-", "changes takes at most 50"),
        ("changes:sgd-3-0", "changes takes at most 50"),
        ("changes:" + "/".join(["adam-3-0"] * 51), "changes takes at most 50"),
        ("changes:none/none", "changes takes at most 50"),
        ("undone:1", "undone takes at most 50"),
        ("weights:1", "a link carries index, label, number, path, strokes, changes, undone"),
    ],
)
def test_what_is_no_state_is_refused_in_words_and_the_rest_holds(open_view, state, reason):
    page = open_view(f"#backward_view={state},label:6")
    assert reason in said(page)
    assert answer(page).input_value() == "6"
    button(page, "Nudge").click()
    assert page.locator(".bv-result").inner_text().startswith("Loss ")


def test_weights_that_this_network_lacks_or_are_large_break_nothing(open_view):
    page = open_view(
        "#backward_view=path:9-511-27-27-63-8-8,changes:output-bias-9999999=1/filter-weight-0=100/hidden-bias-0=-100"
    )
    button(page, "Undo").click()
    button(page, "Adam").click()
    assert page.locator(".bv-result").inner_text().startswith("Loss ")
