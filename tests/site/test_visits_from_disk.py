"""Every page, opened from the disk by a reader who wants no motion: above all what WCAG 2.2 asks of it at level AA.

One visit to a page looks at all of it; visits.py says how.
"""

import re

import pytest
from table_of_contents import PAGES, listed
from visits import (
    DESKTOP,
    PHONE,
    WIDGETS_OF,
    arrange,
    check_console_is_empty,
    check_fallbacks_stand_for_widgets_on_paper,
    check_figures_and_tables_can_be_read,
    check_no_other_host_is_asked,
    check_nothing_is_cut_off_on_paper,
    check_page_is_as_wide_as_the_window,
    check_solutions_open_and_close,
    check_widgets_are_alive,
)

from site_checks.book_in_browser import (
    EVERY_RULE,
    RULES_OF_A_THEME,
    new_page,
    violations,
    wait_until,
    wait_until_ready,
)

# The figures that are shown and whose smallest text has fewer pixels than `least`; not tables of hundreds of numbers.
SMALL_TEXT = """(least) => [...document.querySelectorAll(".book-figure svg")].filter((svg) => {
    const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim())
    if (!svg.getClientRects().length) return false
    const scale = (text) => Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b)
    const size = (text) => parseFloat(getComputedStyle(text).fontSize) * scale(text)
    return texts.some((text) => size(text) < least)
}).map((svg) => svg.getAttribute("aria-label").slice(0, 100))"""
# What a narrow window can change; colours it cannot.
NARROW_RULES = ["target-size", "scrollable-region-focusable", "region", "aria-hidden-focus", "meta-viewport"]
# 1.4.12: a reader's own style.
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""
# Text that nobody can see in a narrow window: beyond its edge, cut off by a box that does not scroll, or under other
# text. Only what has a width of its own may scroll sideways: code, tables, formulas, figures. 4 pixels are the blank
# space around letters.
LOST = """(inFigures) => {
    const width = document.documentElement.clientWidth
    const lost = [], texts = []
    if (document.documentElement.scrollWidth > width) lost.push("the page scrolls sideways")
    const scrolls = (box) => ["auto", "scroll"].includes(getComputedStyle(box).overflowX)
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const hidden = "dialog, math, .bw-live, .visually-hidden, .skip-link, .bd-sidebar, .bd-header-article"
    while (walker.nextNode()) {
        const {data, parentElement: element} = walker.currentNode
        if (!data.trim() || element.closest(hidden)) continue
        if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue
        if (!inFigures && element.closest("svg")) continue
        const range = document.createRange()
        range.selectNodeContents(walker.currentNode)
        const boxes = []
        for (let box = element; box != document.body; box = box.parentElement) {
            boxes.push(box)
            if (scrolls(box)) break
        }
        const scroller = boxes.find(scrolls)
        for (const place of range.getClientRects()) {
            const words = `${data.trim().slice(0, 50)} (in ${element.outerHTML.slice(0, 40)})`
            const cuts = boxes.find((box) => {
                const {overflowX, overflowY} = getComputedStyle(box)
                const around = box.getBoundingClientRect()
                return /hidden|clip/.test(overflowX) && (place.right > around.right + 4 || place.left < around.left - 4)
                    || /hidden|clip/.test(overflowY) && (place.bottom > around.bottom + 4 || place.top < around.top - 4)
            })
            if (cuts) lost.push(`cut off by ${cuts.outerHTML.slice(0, 40)}: ${words}`)
            else if (!scroller && (place.right > width + 1 || place.left < -1)) lost.push(`beyond the edge: ${words}`)
            if (!scroller || scroller.matches(".output")) texts.push([place, walker.currentNode, words])
        }
    }
    texts.sort(([a], [b]) => a.top - b.top)
    texts.forEach(([a, node, words], i) => {
        for (let j = i + 1; j < texts.length && texts[j][0].top < a.bottom - 6; j++) {
            const [b, other, others] = texts[j]
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left)
            const down = Math.min(a.bottom, b.bottom) - b.top
            if (node != other && across > 4 && down > 6) lost.push(`${words} lies over ${others}`)
        }
    })
    for (const box of document.querySelectorAll("article *")) {
        if (!scrolls(box) || box.scrollWidth <= box.clientWidth || !box.checkVisibility()) continue
        if (!box.matches("pre") && !box.querySelector("table, math, svg[role=img]")) {
            lost.push(`scrolls: ${box.outerHTML.slice(0, 80)}`)
        }
    }
    for (const one of document.querySelectorAll(".bw :is(button, input, select, summary, [tabindex='0'])")) {
        const {left, right} = one.getBoundingClientRect()
        if (one.checkVisibility() && !one.closest(".tm-scroll") && (left < -1 || right > width + 1)) {
            lost.push(`a control out of reach: ${one.outerHTML.slice(0, 80)}`)
        }
    }
    for (const cell of document.querySelectorAll("[role=gridcell]")) {  // which axe does not measure
        const {width, height} = cell.getBoundingClientRect()
        if (width < 24 || height < 24) lost.push(`smaller than 24 pixels: ${cell.ariaLabel}`)
    }
    for (const cell of inFigures ? document.querySelectorAll(".bw-numbers td") : []) {
        const range = document.createRange()
        range.selectNodeContents(cell)
        if (!cell.textContent || !cell.checkVisibility()) continue
        const [text, around] = [range, cell].map((one) => one.getBoundingClientRect().width)
        if (text > around - 2) lost.push(`a number as wide as its cell: ${cell.textContent} in ${cell.outerHTML}`)
    }
    return [...new Set(lost)]
}"""
# Notes at each press of the Tab key what had the focus until then: 2.4.7 and 2.4.11.
NOTE_STOPS = """() => {
    window.stops = []
    const seen = new Set()
    addEventListener("keydown", () => {
        const element = document.activeElement
        if (element == document.body || window.round) return
        window.round = seen.has(element)
        seen.add(element)
        const marked = [element, element.closest(".bd-search") ?? element].some((one) => {
            const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(one)
            return outlineStyle != "none" && parseFloat(outlineWidth) >= 2 || boxShadow != "none"
        })
        let inSight = 0
        const label = element.labels?.[0]  // stands for a field of one pixel
        const place = element.offsetWidth < 2 ? label : element
        const {left, top, width, height} = place.getClientRects()[0]
        for (const across of [0.1, 0.5, 0.9]) for (const down of [0.1, 0.5, 0.9]) {
            const there = document.elementFromPoint(left + across * width, top + down * height)
            inSight += Boolean(there && (element.contains(there) || there.contains(element)
                || [...element.labels ?? []].some((label) => label.contains(there))
                || there.previousElementSibling == element))
        }
        window.stops.push({html: element.outerHTML.slice(0, 120), marked, inSight})
    }, true)
}"""
# Where the system sets the colours, grounds and shadows are gone: what is chosen must differ from what is not by
# something that is left, and so must the places that are pointed out. The ink on the pad is white.
ALIKE = """() => {
    const alike = []
    const look = (one) => {
        const style = getComputedStyle(one)
        return ["backgroundColor", "color", "outlineStyle", "outlineWidth", "borderTopWidth"].map((name) => style[name])
    }
    const shown = (one) => one.matches("input") ? [one.nextElementSibling, one.parentElement] : [one]
    const compare = (chosen, others) => {
        const other = others.find((one) => one != chosen && one.checkVisibility())
        if (!other || !chosen.checkVisibility()) return
        const [here, there] = [chosen, other].map((one) => String(shown(one).map(look)))
        if (here == there) alike.push(chosen.outerHTML.slice(0, 100))
    }
    for (const widget of document.querySelectorAll(".bw")) {
        for (const name of ["aria-pressed", "aria-selected"]) {
            for (const chosen of widget.querySelectorAll(`[${name}=true]`)) {
                const [first] = chosen.classList
                compare(chosen, [...widget.querySelectorAll(`[${name}=false]${first ? `.${first}` : ""}`)])
            }
        }
        for (const chosen of widget.querySelectorAll("[aria-current]:not(tr)")) {
            const one = chosen.closest("li")
            const all = one.parentElement
            compare(chosen, [...(chosen == one ? all.children : all.querySelectorAll("button"))])
        }
        for (const chosen of widget.querySelectorAll("input[type=radio]:checked")) {
            if (getComputedStyle(chosen).opacity != "0") continue
            compare(chosen, [...widget.querySelectorAll(`[name="${chosen.name}"]:not(:checked)`)])
        }
        for (const place of widget.querySelectorAll(".bw-frame:not([hidden]), .ps-cursor, .si-cursor")) {
            if (getComputedStyle(place).outlineStyle == "none") alike.push(place.outerHTML)
        }
        for (const text of widget.querySelectorAll("svg text")) {
            if (getComputedStyle(text).fill != getComputedStyle(document.body).color) alike.push(text.outerHTML)
        }
        for (const pad of widget.querySelectorAll(".dp-pad")) {
            if (getComputedStyle(pad).backgroundColor != "rgb(0, 0, 0)") alike.push("white ink on a light pad")
        }
    }
    return alike
}"""
# 1.4.11: the edge of a field against what it stands on, (lighter + 0.05) / (darker + 0.05), is 3 or more.
FAINT_EDGES = """() => {
    const luminance = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map((v) => v / 255)
            .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const ground = (element) => {
        const {backgroundColor} = getComputedStyle(element)
        return backgroundColor == "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : backgroundColor
    }
    const fields = ".bw :is(select, [type=text], [type=number]), article .bd-search"
    return [...document.querySelectorAll(fields)].filter((field) => field.checkVisibility()).filter((field) => {
        const colours = [getComputedStyle(field).borderTopColor, ground(field.parentElement)]
        const [dark, light] = colours.map(luminance).sort((a, b) => a - b)
        return (light + 0.05) / (dark + 0.05) < 3
    }).map((field) => field.outerHTML.slice(0, 100))
}"""
MOVING = """() => [...document.querySelectorAll("body, body *:not(svg *, math *)")].filter((element) =>
    [null, "::before", "::after"].some((part) => {
        const {transitionDuration, animationName, scrollBehavior} = getComputedStyle(element, part)
        return /[1-9]/.test(transitionDuration) || animationName != "none" || scrollBehavior == "smooth"
    })).map((element) => element.outerHTML.slice(0, 100))"""
# Gives each control that can be seen the focus; returns how many controls there are, how many of them can be seen, and
# which of these do not show it.
FOCUS = """async (widget) => {
    const controls = [...widget.querySelectorAll("button:enabled, input:enabled, select, summary, [tabindex='0']")]
    const unmarked = []
    let seen = 0
    for (const control of controls) {
        const {width, height} = control.getBoundingClientRect()
        if (!width || !height || !control.checkVisibility({visibilityProperty: true})) continue
        control.focus()
        await new Promise(requestAnimationFrame)
        const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(control)
        if (document.activeElement != control) unmarked.push(`takes no focus: ${control.outerHTML.slice(0, 100)}`)
        else if (!(outlineStyle != "none" && parseFloat(outlineWidth) >= 2) && boxShadow == "none") {
            unmarked.push(control.outerHTML.slice(0, 100))
        }
        seen++
    }
    return [controls.length, seen, unmarked]
}"""
WIDE = {"network_view", "prediction_inspector", "rule_builder", "sample_inspector", "training_lab"}
# Where the list of contents begins, from where to where a heading goes, and each widget with its name.
PLACES = """() => {
    const ends = (element) => {
        const {left, right} = element.getBoundingClientRect()
        return [Math.round(left), Math.round(right)]
    }
    const [contents, text] = [".bd-sidebar-secondary", "article h2"].map((one) => ends(document.querySelector(one)))
    const widgets = [...document.querySelectorAll("[data-book-widget]")]
    return [contents[0], text, widgets.map((one) => [one.dataset.bookWidget, ...ends(one)])]
}"""
# The theme looks which boxes scroll some time after the window has another width.
SCROLLING_BOXES_ARE_KNOWN = """[...document.querySelectorAll("pre, .cell_output > .output")].every((box) =>
    box.scrollWidth <= box.clientWidth || box.tabIndex == 0)"""


@pytest.fixture(scope="module", params=PAGES)
def page(request, chromium, origins):
    """Open one page for all the tests below."""
    page = new_page(chromium, origins["file"], reduced_motion="reduce")
    page.name = request.param
    page.goto(f"{origins['file']}/{page.name}")
    wait_until_ready(page)
    yield page
    page.context.close()


@pytest.mark.only_on(WIDGETS_OF)
def test_widgets_come_alive(page):
    check_widgets_are_alive(page)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_page_is_as_wide_as_the_window(page, width):
    check_page_is_as_wide_as_the_window(page, width)


def test_no_code_scrolls_sideways_on_a_laptop(page):
    arrange(page, DESKTOP, opened="all")
    scrolling = page.locator("article pre").evaluate_all(
        "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent.slice(0, 80))"
    )
    assert not scrolling, listed(scrolling)


@pytest.mark.only_on(WIDGETS_OF)
def test_widgets_that_gain_by_it_take_the_room_beside_the_text(page):
    arrange(page, 1760)
    contents, text, widgets = page.evaluate(PLACES)
    for name, left, right in widgets:
        assert right < contents, name
        assert [left, right] == text if name not in WIDE else right - left > 1000, name
    page.set_viewport_size({"width": DESKTOP, "height": 800})
    contents, text, widgets = page.evaluate(PLACES)
    assert all([left, right] == text for _, left, right in widgets)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_and_tables_can_be_read(page, scheme):
    check_figures_and_tables_can_be_read(page, scheme)


@pytest.mark.parametrize(
    ("scheme", "options"), [("light", EVERY_RULE), ("dark", RULES_OF_A_THEME)], ids=["light", "dark"]
)
def test_axe_finds_nothing(page, scheme, options):
    arrange(page, scheme=scheme, opened="all")
    found = violations(page, options) + page.evaluate(FAINT_EDGES)
    assert not found, listed(found)


def test_nothing_is_announced_before_something_has_happened(page):
    assert page.locator(".bw-live").evaluate_all("(all) => all.map((one) => one.textContent).filter(Boolean)") == []


def test_text_in_figures_can_be_read_on_a_phone(page):
    arrange(page, PHONE, opened="all")
    assert page.evaluate(SMALL_TEXT, 10.9) == []


def test_axe_finds_nothing_on_a_phone(page):
    arrange(page, PHONE, opened="all")
    wait_until(page, SCROLLING_BOXES_ARE_KNOWN)
    found = violations(page, {"runOnly": NARROW_RULES})
    assert not found, listed(found)
    unnamed = page.locator("[tabindex='0']:is(pre, div):not(.bw *)").evaluate_all(
        "(all) => all.filter((one) => !one.ariaLabel || !one.role).map((one) => one.outerHTML.slice(0, 100))"
    )
    assert not unnamed, listed(unnamed)


@pytest.mark.parametrize("width", [320, 640])  # of 1280 pixels at 400% and at 200%
def test_nothing_is_lost_when_the_page_is_magnified(page, width):
    arrange(page, width, opened="all")
    lost = page.evaluate(LOST, True)
    assert not lost, listed(lost)


def test_nothing_is_lost_when_letters_and_lines_are_wide_apart(page):
    arrange(page, 320, opened="all")
    style = page.add_style_tag(content=SPACED)
    lost = page.evaluate(LOST, False)  # the letters of a figure are part of a drawing
    style.evaluate("(one) => one.remove()")
    assert not lost, listed(lost)


def test_nothing_moves_for_readers_who_want_no_motion(page):
    arrange(page, 320, opened="all")
    moving = page.evaluate(MOVING)
    assert not moving, listed(moving)


def test_what_is_chosen_shows_in_forced_colours(page):
    arrange(page, 320, forced_colors="active", opened="all")
    alike = page.evaluate(ALIKE)
    assert not alike, listed(alike)


def test_nothing_is_cut_off_on_paper(page):
    check_nothing_is_cut_off_on_paper(page)


@pytest.mark.only_on(WIDGETS_OF)
def test_fallbacks_stand_for_widgets_on_paper(page):
    check_fallbacks_stand_for_widgets_on_paper(page)


def test_solutions_are_closed_and_open_by_mouse_and_by_keyboard(page):
    check_solutions_open_and_close(page)


# From here on the focus moves.


@pytest.mark.only_on(WIDGETS_OF)
def test_focus_can_be_seen_on_every_control(page):
    arrange(page)
    page.keyboard.press("Shift")  # the reader is at the keyboard: the browser then shows the focus
    for widget in WIDGETS_OF[page.name]:
        place = page.locator(f'[data-book-widget="{widget}"] .bw').first
        count, seen, unmarked = place.evaluate(FOCUS)
        assert count > 2
        assert seen > 1
        assert not unmarked, listed(unmarked)


def test_the_tab_key_goes_through_the_page_and_its_place_is_always_in_sight(page):
    arrange(page, opened="all")
    page.evaluate(NOTE_STOPS)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    for _ in range(50):
        for _ in range(10):  # what is pressed after the way round is not noted
            page.keyboard.press("Tab")
        if page.evaluate("window.round"):
            break
    stops = page.evaluate("window.stops")
    assert page.evaluate("window.round"), f"no way round in {len(stops)} steps"
    assert len(stops) >= 20
    unseen = [stop["html"] for stop in stops if not (stop["marked"] and stop["inSight"] >= 4)]
    assert not unseen, listed(unseen)


# The last tests on each page also hear what the ones above set off.


def test_console_is_empty(page):
    check_console_is_empty(page)


def test_no_other_host_is_asked(page):
    check_no_other_host_is_asked(page)


@pytest.mark.only_on(["cheat_sheet.html"])
def test_the_cheat_sheet_fits_on_one_sheet_of_paper(page):
    arrange(page, media="print")
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "1cm")
    printed = page.pdf(format="A4", margin=margin)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
