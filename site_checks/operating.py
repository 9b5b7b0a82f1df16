"""Use every control of a widget as a reader would, and see that each changes what the widget shows."""

# Not the tabs, which are gone through one by one, nor a table that can be scrolled by the arrow keys.
CONTROLS = (
    "button:enabled:not([role=tab]), input:enabled, select:enabled, summary, [tabindex='0']:not(button, [role=region])"
)
# The controls that can be seen, each with a name that stays the same when the widget draws itself anew: its words
# without numbers and what follows a colon, which may tell a state, and its place among those of the same words.
NAMED = """(widget, selector) => {
    const seen = {}
    widget.querySelectorAll("[data-control]").forEach((one) => delete one.dataset.control)
    return [...widget.querySelectorAll(selector)].flatMap((one) => {
        const box = one.getBoundingClientRect()
        if (!box.width || !box.height) return []
        const words = one.ariaLabel || one.labels?.[0]?.innerText || one.innerText || one.getAttribute("role")
        const name = `${one.type || one.localName} ${words.replace(/:.*|\\d+|[\\s'"]+/gs, " ").slice(0, 60)}`
        seen[name] = (seen[name] ?? 0) + 1
        return [one.dataset.control = `${name} ${seen[name]}`]
    })
}"""
# All that can be seen of a widget, but not the state of its controls, nor what it says to a screen reader: that comes
# late on purpose, and would count for the next control.
SHOWN = """(widget) => JSON.stringify([
    [...widget.children].filter((one) => !one.matches(".bw-live")).map((one) => one.innerText),
    [...widget.querySelectorAll("canvas")].map((one) => one.offsetParent && one.width && one.toDataURL()),
    [...widget.querySelectorAll("svg")].map((svg) => svg.outerHTML),
])"""
# Waits until a widget shows the same for as many frames, and does not say that something is loading: what the control
# before it set off has come to rest, and does not count for the next one.
AT_REST = f"""async (widget, frames) => {{
    const begun = performance.now()
    let before, same = 0
    while (same < frames || /loading.{{0,12}} …/i.test(widget.innerText)) {{
        if (performance.now() - begun > 60000) throw new Error("The widget does not come to rest within a minute.")
        await new Promise(requestAnimationFrame)
        const now = ({SHOWN})(widget)
        same = now == before ? same + 1 : 0
        before = now
    }}
    widget.before = before
}}"""
# Tells whether a control can be used, and has something to act on. What is chosen already cannot: nothing would change.
# A photo is chosen in a window of the system's own.
BEGIN = f"""async (widget, [selector, name]) => {{
    const find = () => widget.querySelector(`[data-control='${{name}}']`)
    const usable = (one) => one?.checkVisibility({{visibilityProperty: true}}) && !one.matches(":disabled")
    const invitation = [...widget.querySelectorAll(".dp-pad .dp-invitation")].find((one) => one.checkVisibility())
    const pad = invitation?.closest(".dp-pad")
    if (pad && pad.dataset.control != name) return "draw first"
    if ([...widget.querySelectorAll("button")].some((one) => one.innerText.includes("Pause"))) return "pause first"
    if (!usable(find())) ({NAMED})(widget, selector)  // the widget may have drawn itself anew
    const control = find()
    if (!control || control.ariaPressed == "true" || (control.type == "radio" && control.checked)) return ""
    control.dataset.used = "yes"
    await ({AT_REST})(widget, 1)
    widget.querySelector("[type=file]")?.addEventListener("click", () => {{ widget.before = "" }}, {{once: true}})
    return "ready"
}}"""
CHANGED = f"(widget) => ({SHOWN})(widget) != widget.before"
# The button that hands an answer in, if the control stands in a form: it takes effect only then.
SEND = """(widget, name) => {
    const control = widget.querySelector(`[data-control='${name}']`)
    return control?.form && control.type != "submit" ? control.form.querySelector("[type=submit]") : null
}"""
USED = """(widget, name) => widget.querySelector(`[data-control='${name}']`).dataset.used"""
CHOSEN = "(one) => one.ariaPressed == 'true' || (one.type == 'radio' && one.checked)"


def kind_of(control):
    return control.evaluate("(one) => one.type || one.getAttribute('role') || one.localName")


def operate(page, control, way):
    """Use one control. way: "mouse", "touch" or "keyboard"."""
    kind = kind_of(control)
    press = control.tap if way == "touch" else control.click
    if kind == "select-one":  # the list that opens is the system's own: only its keys can be reached
        count, chosen = control.evaluate("(one) => [one.length, one.selectedIndex]")
        if way == "keyboard":
            control.press("ArrowUp" if chosen == count - 1 else "ArrowDown")
        else:
            control.select_option(index=(chosen + 1) % count)
    elif kind == "range":
        upper = control.evaluate("(one) => Number(one.value) < (Number(one.min) + Number(one.max)) / 2")
        if way == "keyboard":
            control.press("End" if upper else "Home")
        else:
            box = control.bounding_box()
            press(position={"x": box["width"] * (0.9 if upper else 0.1), "y": box["height"] / 2})
    elif kind in ("number", "text"):
        control.focus() if way == "keyboard" else press()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("1" if control.input_value() != "1" else "2")
        page.keyboard.press("Tab")
    elif kind in ("checkbox", "radio"):
        if way == "keyboard":
            control.press("Space")
        else:  # its label belongs to it, and may lie over it
            label = control.evaluate_handle("(one) => one.labels[0] ?? one").as_element()
            label.tap() if way == "touch" else label.click()
    elif kind == "file":
        return  # the system's own window opens; test_digit_pad hands over files
    elif kind in ("button", "submit", "summary"):
        key = "ArrowRight" if control.get_attribute("role") == "tab" else "Enter"
        control.press(key) if way == "keyboard" else press()
    elif kind == "option" and way != "keyboard":  # of a list, only the chosen one can be tabbed to
        other = control.evaluate_handle("(one) => one.nextElementSibling ?? one.previousElementSibling").as_element()
        other.tap() if way == "touch" else other.click()
    elif way == "keyboard":
        control.focus()
        for key in ("Space", *["ArrowDown"] * 3, *["ArrowRight"] * 3, "Space"):
            page.keyboard.press(key)
    else:  # a board: any place on it will do, as long as it is not the one that is chosen
        box = control.bounding_box()
        page.spot = {0.3: 0.6, 0.6: 0.3}[getattr(page, "spot", 0.6)]
        press(position={"x": box["width"] * page.spot, "y": box["height"] * page.spot})


def without_effect(page, place, way):
    """Use every control of the widget at a place; return those that did nothing, and how many there were.

    On each of its tabs. place: a locator. From there on all is asked of the element itself: a locator looks it up anew
    each time, which takes several times as long.
    """
    total, idle = 0, []
    widget = come_to(place)
    for number in range(max(1, len(tabs_of(widget)))):
        open_tab(page, widget, way, number)
        # Some stand beside the tabs, and are there on all of them.
        names = [name for name in widget.evaluate(NAMED, CONTROLS) if not widget.evaluate(USED, name)]
        total += len(names)
        left = [name for name in names if not has_effect(page, widget, name, way)]
        # What was chosen gets another chance now that something else is; what has gone, on a fresh page.
        left = [name for name in left if not has_effect(page, widget, name, way)]
        if left:
            widget = begin_anew(page, place, way, number)
            left = [name for name in left if not has_effect(page, widget, name, way)]
        for name in left:
            widget = begin_anew(page, place, way, number)
            choose_another(page, widget, name, way)
            if not has_effect(page, widget, name, way, patience=100):
                idle.append(name)
    return idle, total


def begin_anew(page, place, way, number):
    """Load the page again, go to one of the widget's tabs, and return the widget."""
    page.reload()
    widget = come_to(place)
    open_tab(page, widget, way, number)
    return widget


def come_to(place):
    """Scroll to a widget, as a reader does: a network that waits for that is loaded. Return the widget."""
    place.scroll_into_view_if_needed()
    return place.element_handle()


def tabs_of(widget):
    return widget.query_selector_all("[role=tab]")


def open_tab(page, widget, way, number):
    """Go to one of the widget's tabs, if it has any."""
    tabs = tabs_of(widget)
    if not tabs:
        return
    chosen = [tab.get_attribute("aria-selected") for tab in tabs].index("true")
    for position in range(chosen, number):
        operate(page, tabs_of(widget)[position if way == "keyboard" else position + 1], way)
    assert tabs_of(widget)[number].get_attribute("aria-selected") == "true"


def choose_another(page, widget, name, way):
    """If a control is the chosen one of several, choose one of the others."""
    names = widget.evaluate(NAMED, CONTROLS)
    stem = name.rpartition(" ")[0]
    if name in names and widget.query_selector(f"[data-control='{name}']").evaluate(CHOSEN):
        other = next(other for other in names if other.rpartition(" ")[0] == stem and other != name)
        operate(page, widget.query_selector(f"[data-control='{other}']"), way)


def has_effect(page, widget, name, way, patience=12):
    """Use a control, and tell whether the widget shows something else within `patience` times 50 ms."""
    state = widget.evaluate(BEGIN, [CONTROLS, name])
    if state == "draw first":  # for the others to act on
        operate(page, widget.query_selector(".dp-pad:has(.dp-invitation)"), way)
        widget.evaluate(AT_REST, 20)
    if state == "pause first":
        operate(page, widget.query_selector("button:has-text('Pause')"), way)
    if state.endswith("first"):
        state = widget.evaluate(BEGIN, [CONTROLS, name])
    if not state:
        return False
    operate(page, widget.query_selector(f"[data-control='{name}']"), way)
    if send := widget.evaluate_handle(SEND, name).as_element():
        operate(page, send, way)
    for _ in range(patience):
        if widget.evaluate(CHANGED):
            return True
        page.wait_for_timeout(50)
    return False
