"""A control and its main feedback lie within one screen, in the built pages, on a phone and on a small laptop.

Where the feedback stays in sight while the page scrolls, that counts: what matters is that some place of the page shows
both, below the book's header and with nothing lying over the control.
"""

import pytest
from visits import PAGE_WITH, element_of

# Widget: (what is pressed first, or "", the control, its main feedback).
PAIRS = {
    "digit_pad": [
        ("", ".dp-pad", ".dp-glance"),
        ("", ".dp-tools", ".dp-glance"),
        ("", ".dp-examples", ".dp-glance"),
        ("", ".dp-examples", ".dp-pad"),
        (".bw-more", ".dp-pen", ".dp-seen canvas"),
        (".bw-more", ".dp-steps", ".dp-more .bw-bars"),
        (".bw-more", ".dp-more .bw-controls button", ".dp-seen canvas"),
    ],
    "layer_explorer": [
        ("", ".le-digits", ".le-sum"),  # the whole piece
        ("", ".le-player", ".le-sum"),
        ("", ".le-choice", ".le-sum"),
        ("", ".bw-framed", ".bw-tables"),
    ],
    "layer_explorer:1": [
        ("", ".le-digits", ".le-gallery"),
        ("", ".le-player", ".le-filter .le-sum"),
        ("", ".le-gallery", ".le-filter .bw-framed"),
    ],
    "layer_explorer:2": [("", ".le-digits", ".le-sum"), ("", ".le-player", ".bw-numbers")],
    "layer_explorer:3": [("", ".le-digits", ".le-sum"), ("", ".le-modes", ".le-sum")],
    "layer_explorer:4": [("", ".le-digits", ".le-neighbours"), ("", ".le-slider", ".bw-framed")],
    "layer_explorer:5": [("", ".le-digits", "summary"), ("", ".le-units", ".le-sum")],
    "layer_explorer:6": [("", ".le-digits", "summary"), ("", ".le-scores", ".le-sum"), ("", ".le-scores", ".le-units")],
    "layer_explorer:7": [("", ".le-head", ".le-sum")],
    "prediction_inspector": [
        ("", ".pi-matrix tbody", ".pi-facts"),
        ("", ".pi-matrix tbody", ".pi-strip"),
        ("", ".pi-strip", ".pi-detail .bw-bars"),
        ("", ".pi-filters select", ".pi-strip"),
        ("", ".pi-filters", ".pi-image"),
        ("", ".pi-filters", ".pi-facts"),
        ("", ".pi-judge", ".pi-large"),
    ],
    "training_scrubber": [
        ("", ".ts [type=range]", ".ts-reading"),
        ("", ".ts [type=range]", ".ts-loss"),
        ("", ".ts [type=range]", ".ts-filters"),
        ("", ".ts [type=range]", ".ts-cards"),
        ("", ".ts [type=range]", ".ts .bw-bars"),
        ("", ".ts-loss", ".ts-cards"),
        ("", ".ts-cards", ".ts .bw-bars"),
        ("", ".ts-all-digits", ".ts-cards"),
        ("[aria-label='Pin this moment']", ".ts .bw-controls", ".ts-pinned-reading"),
        ("", ".ts .bw-controls", ".ts-cards"),
        ("", ".ts .bw-controls", ".ts-gallery:last-child"),
    ],
    "network_view": [
        ("", ".nv .bw-images", ".nv-answer"),
        ("", ".nv .bw-images", ".nv-convolution"),
        ("", ".nv .bw-images", ".nv-hidden"),
        ("", ".nv .bw-images", ".nv-output"),
        ("", ".nv .dp-pad", ".nv-answer"),
        ("", ".nv .dp-pad", ".nv-convolution"),
        ("", ".nv .dp-pad", ".nv-pooling"),
        ("", ".nv .dp-pad", ".nv-hidden"),
        ("", ".nv .dp-pad", ".nv-output"),
        ("", ".nv-tools", ".nv-output"),
        ("", ".nv-output", ".nv-answer"),
        ("", ".nv-convolution", ".nv-stage"),
        ("", ".nv-hidden", ".nv-stage"),
        (".nv-convolution", ".nv-convolution", ".nv-detail:not([hidden]) .nv-sum"),
        ("", ".nv-detail:not([hidden]) .bw-framed", ".nv-detail:not([hidden]) .nv-sum"),
        ("", ".nv-detail:not([hidden]) .bw-framed", ".nv-detail:not([hidden]) .bw-tables"),
        ("", ".nv-detail:not([hidden]) .bw-controls", ".nv-detail:not([hidden]) .bw-place:last-child"),
        (".nv-pooling", ".nv-pooling", ".nv-detail:not([hidden]) .nv-sum"),
        ("", ".nv-detail:not([hidden]) .bw-framed", ".nv-detail:not([hidden]) .bw-numbers"),
        (".nv-hidden", ".nv-hidden", ".nv-detail:not([hidden]) .nv-sum"),
        ("", ".nv-detail:not([hidden]) .bw-controls", ".nv-detail:not([hidden]) .nv-votes"),
        ("", ".nv-detail:not([hidden]) .nv-top > button", ".nv-detail:not([hidden]) .nv-rounded"),  # its other end
        ("", ".nv-detail:not([hidden]) .bw-controls", ".nv-detail:not([hidden]) .nv-sum"),
        (".nv-output input", ".nv-output", ".nv-detail:not([hidden]) .nv-sum"),
        ("", ".nv-output", ".nv-detail:not([hidden]) .nv-wide"),
        ("", ".dp-pad", ".nv-detail:not([hidden]) .nv-sum"),
    ],
    "processing_steps": [
        ("", ".ps-steps", ".ps-facts"),
        ("", ".ps-steps", ".ps-says"),
        ("", ".ps > .bw-controls:has([aria-pressed])", ".ps-says"),
        ("", ".ps-steps", ".ps-image"),
        ("", ".ps-steps", ".ps-journey"),
        ("", ".ps-image", ".ps-journey"),
        ("", ".ps > .bw-controls:has([aria-pressed])", ".ps-image"),
        ("", ".ps-digits", ".ps-row"),
    ],
    "sample_inspector": [
        ("", ".si-which", ".si-image"),
        ("", ".si-which", ".si-difference"),
        ("", ".si-with", ".si-difference"),
        ("", ".si-image", ".si-numbers"),
        ("", ".si-image", ".si-reading"),
    ],
    "rule_builder": [
        ("", ".rb-histogram [type=range]", ".rb-large"),
        ("", ".rb-histogram [type=range]", ".rb-gallery"),
        ("", ".rb-histogram [type=range]", ".rb-chosen"),
        ("", ".rb-rules", ".rb-chosen"),
        ("", ".rb-tools", ".rb-score"),
        ("", ".rb-gallery", ".rb-detail"),
        (".rb-tools button:last-child", ".rb-table tbody", ".rb-gallery .bw-image"),
        ("", ".rb-table tbody", ".rb-detail"),
    ],
    "quiz": [("", ".qz-buttons", ".qz-answer"), ("", "form label:has(input)", ".qz-buttons")],
    "training_lab": [
        ("", ".tl-train", ".tl-status"),
        ("", ".tl-train", ".tl-charts"),
    ],
    "backward_view": [
        ("", ".bv .bw-images", ".bv-verdict"),
        ("", ".bv .bw-images", ".bv-figure"),
        ("", ".bv-figure", ".bv-chain ol"),
        ("", ".bv-slider", ".bv-chart"),
    ],
    "teach_your_hand": [("", ".th .dp-pad", ".th-rows"), ("", ".th .dp-pad", ".th-add")],
    "training_monitor": [("", ".tm-charts", ".tm-reading")],
}
# What is pressed, one after the other, in a widget that fits one screen: it keeps its height whatever it says.
STEADY = {
    "sample_inspector": [".si-which button:last-of-type", ".si-difference", ".si-other", ".si-image"],
    "rule_builder": [
        "[aria-label^=Load]",
        ".rb-rules li:nth-child(2) button",
        "button.rb-value[aria-pressed=false]",
        ".rb-rules li:last-child button",
        "[aria-label^=Load] ~ button:last-child",
        ".rb-cell[aria-label^='5 read as 6']",
        ".rb-tools button:first-child",
        ".rb-more",
        ".rb-tools button:first-child",
        "[aria-label=undo]",
    ],
}
# What is smaller than a finger wants, and the controls of 44 pixels beside it that lead to the same (WCAG 2.2, 2.5.8:
# "equivalent"). All of these are looked at together, and would not fit one screen at that size.
EQUIVALENT = {
    ".rb-cell": "the list of rules: each of its images is among those of the rule that answers it",
    ".pi-matrix td": "the strip of digits, with all errors or without 'only errors'",
    ".nv-output input": "the list of outputs, once one is open",
    ".nv-link": "the list of maps or units of the layer that it leads to",
    ".le-scores button": "the list of outputs above the table",
}
# What is opened or filled before its controls are looked at once more.
OPENED = {"teach_your_hand": [".th-choice button:visible:has-text('Fill')", ".th-thumb", "button:text-is('2. Teach')"]}
OPEN_ALL = """(widget) => widget.querySelectorAll("details:not([open]) > summary, [aria-expanded=false]")
    .forEach((one) => one.click())"""
# The controls that take a press in less than `least` pixels across or down. A label counts as its field, and what lies
# around a control counts where it takes presses for it. Links in sentences are as high as their line.
SMALL = """([widget, least, equivalent]) => {
    const small = []
    for (const one of widget.querySelectorAll("button, select, summary, input, [role=option], [role=gridcell]")) {
        if (one.disabled || !one.checkVisibility({visibilityProperty: true}) || one.matches(equivalent)) continue
        const parts = [one, ...one.labels ?? []].filter((part) => part.getClientRects().length)
        const isLarge = ({width, height}) => width > least - 0.5 && height > least - 0.5
        if (parts.some((part) => isLarge(part.getBoundingClientRect()))) continue
        one.scrollIntoView({block: "center", inline: "center", behavior: "instant"})
        const {left, top, width, height} = one.getBoundingClientRect()
        const takes = (x, y) => parts.some((part) => part.contains(document.elementFromPoint(x, y)))
        const reach = (across, down) => {
            let steps = 0
            while (steps < least && takes(left + width / 2 + across * steps, top + height / 2 + down * steps)) steps++
            return steps
        }
        const [wide, high] = [reach(-1, 0) + reach(1, 0) - 1, reach(0, -1) + reach(0, 1) - 1]
        if (wide < least - 1 || high < least - 1) small.push(`${wide} x ${high}: ${one.outerHTML.slice(0, 100)}`)
    }
    return small
}"""
USABLE = {664: 608, 800: 744}  # pixels below the book's header
# The least height that holds the control and its feedback, over all places that the page can be scrolled to where both
# can be seen below the header and the control can be pressed; 0 where there is no such place.
LEAST = """([widget, control, feedback]) => {
    const find = (selector) => [...widget.querySelectorAll(selector)].find((one) => one.checkVisibility())
    const [one, other] = [find(control), find(feedback)]
    if (!one || !other) return `${one ? feedback : control} is not there`
    const ceiling = document.querySelector(".bd-header-article")?.getBoundingClientRect().height ?? 0
    const reached = (box) => [0.1, 0.5, 0.9].every((share) => {
        const at = document.elementFromPoint((box.left + box.right) / 2, box.top + share * box.height)
        return at && !at.closest(".bw-sticky, .nv-top, .bd-header-article") || one.contains(at) || other.contains(at)
    })
    const start = scrollY + Math.min(one.getBoundingClientRect().top, other.getBoundingClientRect().top)
    let least = 0
    for (let y = start - innerHeight; y < start + 2500; y += 16) {
        scrollTo({top: y, behavior: "instant"})
        const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()]
        const [top, bottom] = [Math.min(a.top, b.top), Math.max(a.bottom, b.bottom)]
        if (top < ceiling - 1 || bottom > innerHeight + 1 || !reached(a) || !reached(b)) continue
        least = Math.min(least || Infinity, bottom - top)
    }
    return Math.round(least)
}"""


def distances(widget, pairs, look):
    """Return for each pair the height that holds both, or 0 where no screen does, or what is missing.

    look: called with the widget whenever something was pressed.
    """
    found = {}
    for first, control, feedback in pairs:
        before = widget.query_selector(first) if first else None
        if before and before.is_visible() and before.get_attribute("aria-expanded") != "true":
            before.click()
        if first:
            widget.wait_for_selector(feedback)  # it may have to wait for the network
            look(widget)
        found[f"{control} → {feedback}"] = widget.evaluate(
            "(widget, pair) => (" + LEAST + ")([widget, ...pair])", [control, feedback]
        )
    return found


def heights_of(widget, presses):
    """Return a widget's height at first, and after each press of what a selector finds."""
    inner = widget.query_selector(".bw")
    heights = [inner.bounding_box()["height"]]
    for selector in presses:
        widget.wait_for_selector(selector).click()
        widget.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        heights.append(inner.bounding_box()["height"])
    return heights


@pytest.mark.parametrize(("width", "height"), [(390, 664), (1280, 800)])
@pytest.mark.parametrize("name", PAIRS)
def test_a_control_and_its_feedback_are_on_one_screen(open_page, name, width, height):
    size = {"width": width, "height": height}
    page = open_page("file", PAGE_WITH[name], viewport=size, is_mobile=width < 600, has_touch=width < 600)
    place = element_of(page, name)
    place.scroll_into_view_if_needed()
    place.locator(".bw").first.wait_for()
    small = set()
    least, equivalent = (44, ", ".join(EQUIVALENT)) if width < 600 else (24, "none")

    def look(widget):
        small.update(
            widget.evaluate(
                f"(widget, [least, equivalent]) => ({SMALL})([widget, least, equivalent])", [least, equivalent]
            )
        )

    look(place.element_handle())
    found = distances(place.element_handle(), PAIRS[name], look)
    assert all(isinstance(one, int) and one > 0 for one in found.values()), found
    heights = heights_of(place.element_handle(), STEADY.get(name, []))
    assert max(heights) - min(heights) < 1, heights
    assert name not in STEADY or heights[0] <= USABLE[height], heights
    place.evaluate(OPEN_ALL)
    for selector in OPENED.get(name, []):
        if place.locator(selector).first.is_visible():  # the last one is there on narrow pages alone
            place.locator(selector).first.click()
        look(place.element_handle())
    look(place.element_handle())
    assert not small, "\n".join(sorted(small))
