"""What a visit to a page of the book looks at wherever the page comes from, from the disk or from a server.

A page is visited once from each: a fixture opens it, the tests of the file look at it one after the other, pytest goes
from page to page. Each test first arranges the page as it needs it, so that none depends on the one before. What needs
an untouched page comes first; what moves the focus and what hears all that was said on the console come last.
The two kinds of visit are in files of their own: pytest-xdist gives whole files to its processes, and no page has to be
opened in two of them.
"""

import re
from pathlib import Path

from table_of_contents import CHAPTERS, listed

from site_checks.book_in_browser import Handler, wait_until
from site_checks.operating import mount_anew, without_effect

ROOT = Path(__file__).resolve().parents[2]
POLICY = re.search(r"^Content-Security-Policy: (.+)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)[1]
NOTE_VIOLATIONS = """window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));"""
WIDGETS_OF = {  # of the chapters, beside the quiz that each of them has
    "chapters/01_the_problem.html": {"rule_builder"},
    "chapters/03_import_data.html": {"sample_inspector"},
    "chapters/04_process_data.html": {"processing_steps"},
    "chapters/05_build_model.html": {"layer_explorer", "network_view"},
    "chapters/06_how_it_learns.html": {"backward_view"},
    "chapters/07_compile_fit_evaluate.html": {"training_monitor", "training_lab", "digit_pad"},
    "chapters/08_look_at_its_predictions.html": {"prediction_inspector"},
    "chapters/09_your_own_handwriting.html": {"digit_pad", "teach_your_hand"},
    "chapters/10_look_inside.html": {"network_view", "training_scrubber"},
    "chapters/11_break_it_on_purpose.html": {"training_lab"},
    "chapters/12_beat_it.html": {"training_lab"},
    "chapters/14_take_it_with_you.html": {"digit_pad"},
    "chapters/15_more_than_one_machine.html": {"training_lab"},
}
WIDGETS_OF = {name: WIDGETS_OF.get(name, set()) | {"quiz"} for name in CHAPTERS if name.startswith("chapters/")}
WIDGETS_OF["index.html"] = {"digit_pad", "network_view"}
PAGE_WITH = {widget: name for name, widgets in reversed(WIDGETS_OF.items()) for widget in widgets}  # the first one
PAGE_WITH["network_view"] = "chapters/10_look_inside.html"  # its own chapter; that on layers ends with it
WIDGETS = sorted(set.union(*WIDGETS_OF.values()))
# A widget that is on its page several times, each time for something else: "layer_explorer:1" is the second of them.
PIECES = [f"layer_explorer:{number}" for number in range(1, 8)]
PAGE_WITH |= {piece: PAGE_WITH[piece.partition(":")[0]] for piece in PIECES}
PHONE, DESKTOP = 390, 1280  # pixels
PAPER = 700  # pixels of a sheet of A4 between margins of 12 mm
# Opens the solutions, all that can be opened, or only what was open at first.
OPEN = """(which) => {
    const all = [...document.querySelectorAll("details")]
    window.openAtFirst ??= new Set(all.filter((one) => one.open))
    const opened = { solutions: (one) => one.matches(".hide"), all: () => true, none: () => false }[which]
    all.forEach((one) => { one.open = opened(one) || openAtFirst.has(one) })
}"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
STICKS_OUT = """() => [...document.querySelectorAll("article *")].filter(element => {
    if (element.getBoundingClientRect().right <= innerWidth + 1) return false
    for (let box = element.parentElement; box.tagName != "ARTICLE"; box = box.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false
    return true
}).map(element => element.outerHTML.slice(0, 150))"""
CUT_OFF_ON_PAPER = """(width) => [...document.querySelectorAll("article *:not(svg *, math *)")].filter((one) => {
    if (!one.checkVisibility() || one.closest(".visually-hidden, .bw-live, .headerlink")) return false
    const {overflowX} = getComputedStyle(one)
    const hides = overflowX != "visible" && one.scrollWidth > one.clientWidth + 1
    return hides || one.getBoundingClientRect().right > width + 1
}).map((one) => `${one.getBoundingClientRect().right.toFixed()} ${one.outerHTML.slice(0, 150)}`)"""
# WCAG 2's contrast, (lighter + 0.05) / (darker + 0.05), of what a cell shows and the ground it stands on.
CONTRASTS = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true})
    const pixel = layers => {  // colours with their opacities, the lowest first
        canvas.clearRect(0, 0, 1, 1)
        for (const [colour, opacity] of layers) {
            canvas.globalAlpha = opacity
            canvas.fillStyle = colour
            canvas.fillRect(0, 0, 1, 1)
        }
        return canvas.getImageData(0, 0, 1, 1).data
    }
    const luminance = layers => {
        const [r, g, b] = [...pixel(layers)].map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const ground = element => {
        const {backgroundColor} = getComputedStyle(element)
        const own = [[backgroundColor, 1]]
        return pixel(own)[3] == 255 ? own : [...ground(element.parentElement), ...own]
    }
    const behind = (text, kind) => {  // a number in a cell of a figure has the cell's colour behind it
        if (text.tagName != "text") return []
        const box = text.getBoundingClientRect()
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
        return [...text.closest("svg").querySelectorAll(kind)].filter(one => {
            const {left, right, top, bottom} = one.getBoundingClientRect()
            return left < x && x < right && top < y && y < bottom
        })
    }
    const cells = text => behind(text, "rect:not([fill=none])").map(one => getComputedStyle(one))
        .map(({fill, fillOpacity}) => [fill, Number(fillOpacity)])
    const figure = "svg[role=img]:not([aria-hidden])"  // the theme's icons are hidden ones
    const texts = [...document.querySelectorAll(`${figure}, ${figure} text, .cell_output :is(td, th, p)`)]
    return {
        page: luminance(ground(document.body)),
        // A figure for print, whose place a widget has taken, has no box.
        texts: texts.filter(text => text.getClientRects().length && !behind(text, "image").length).map(text => {
            const {color, fill} = getComputedStyle(text)
            const ink = [[text.tagName == "text" ? fill : color, 1]]
            const pair = [ink, [...ground(text), ...cells(text)]].map(luminance)
            const [dark, light] = pair.sort((a, b) => a - b)
            const words = (text.ariaLabel || text.textContent).slice(0, 50)
            return {words, contrast: (light + 0.05) / (dark + 0.05)}
        }),
    }
}"""


class StrictHandler(Handler):
    """Serve files under the policy that the README gives."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


def arrange(page, width=DESKTOP, scheme="light", media="screen", forced_colors="none", opened="none"):
    """Bring a page into a state. opened: what of it is, "none", "solutions" or "all"."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, media=media, forced_colors=forced_colors)
    wait_until(page, f"document.documentElement.dataset.theme == '{scheme}'")
    page.evaluate(OPEN, opened)
    page.evaluate(TWO_FRAMES)


def check_widgets_are_alive(page):
    for widget in WIDGETS_OF[page.name]:
        page.locator(f'[data-book-widget="{widget}"] .bw').first.wait_for()
    fallbacks = fallbacks_of(page)
    assert not any(one.is_visible() for one in fallbacks)
    assert len(fallbacks) >= len(WIDGETS_OF[page.name])


def check_fallbacks_stand_for_widgets_on_paper(page):
    arrange(page, media="print")  # where nothing can be operated
    assert all(one.is_visible() for one in fallbacks_of(page))
    assert not any(one.is_visible() for one in page.locator("[data-book-widget] .bw").all())


def fallbacks_of(page):
    """Return what stands in each widget's element where no script runs: once it is mounted, the last thing in there."""
    return page.locator("[data-book-widget] > :last-child").all()


def check_page_is_as_wide_as_the_window(page, width):
    arrange(page, width, opened="solutions")
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1
    # and nothing is cut off: what is wider scrolls in a box of its own
    sticks_out = page.evaluate(STICKS_OUT)
    assert not sticks_out, listed(sticks_out)


def check_figures_and_tables_can_be_read(page, scheme):
    arrange(page, scheme=scheme, opened="solutions")
    found = page.evaluate(CONTRASTS)
    assert (found["page"] > 0.5) is (scheme == "light")
    faint = [one for one in found["texts"] if one["contrast"] < 4.5]
    assert not faint, listed(faint)


def check_nothing_is_cut_off_on_paper(page):
    arrange(page, PAPER, media="print", opened="all")
    cut = page.evaluate(CUT_OFF_ON_PAPER, PAPER)
    assert not cut, listed(cut)


def check_solutions_open_and_close(page):
    """By mouse and by keyboard; at first they are closed."""
    arrange(page)
    assert page.locator("details.hide[open]").count() == 0
    solutions = page.locator(".tag_hide-cell > details").all()
    if page.name.startswith("chapters/"):
        assert len(solutions) >= 2
    for solution in solutions:
        code, summary = solution.locator("pre").first, solution.locator("summary")
        assert not code.is_visible()
        summary.click()
        assert code.is_visible()
        summary.focus()
        page.keyboard.press("Enter")
        assert not code.is_visible()
        page.keyboard.press("Enter")
        assert code.is_visible()


def check_console_is_empty(page):
    assert not page.messages, listed(page.messages)


def check_no_other_host_is_asked(page):
    assert not page.foreign_requests, listed(page.foreign_requests)


def element_of(page, name):
    """Return the element of a kind's first widget on a page, or of that with a number, as in PIECES."""
    kind, _, number = name.partition(":")
    return page.locator(f'[data-book-widget="{kind}"]').nth(int(number or 0))


def widget_on(page, name):
    """Return a kind's first widget on a page, or that with a number, as in PIECES."""
    return element_of(page, name).locator(".bw").first


def check_every_control_does_something(page, name, method):
    widget = widget_on(page, name)
    idle, total = without_effect(page, widget, method, mount_anew)
    assert total > 1
    assert not idle, listed(idle)
    assert not re.search("NaN|Infinity|undefined|null", widget.inner_text())
    assert page.messages == page.foreign_requests == []
