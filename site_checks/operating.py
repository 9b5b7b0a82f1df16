"""Use every control of a widget as a reader does, and check that each changes what the widget shows."""

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
        if (!box.width || !box.height || !one.checkVisibility()) return []
        const words = one.ariaLabel || one.labels?.[0]?.textContent || one.textContent || one.getAttribute("role")
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
    if (!usable(find())) return ""  // what the control before it set off has taken it away meanwhile
    widget.querySelector("[type=file]")?.addEventListener("click", () => {{ widget.before = "" }}, {{once: true}})
    return control.form && control.type != "submit" ? "ready, then send" : "ready"
}}"""
# Waits until a widget shows something else; tells whether it did so in time, in milliseconds.
CHANGES = f"""async (widget, timeout) => {{
    const begun = performance.now()
    while (({SHOWN})(widget) == widget.before) {{
        if (performance.now() - begun > timeout) return false
        await new Promise((resolve) => setTimeout(resolve, 20))
    }}
    return true
}}"""
# Mounts a widget once more, from the state that the page carries, as when the page is opened in a new tab. What stood
# in its element before it was mounted, the state included, is the last thing in there.
MOUNT = """(widget) => {
    const element = widget.closest("[data-book-widget]")
    element.unmount?.()
    sessionStorage.clear()
    element.replaceChildren(...element.lastElementChild.childNodes)
    delete element.dataset.mounted
    mnistTutorial.define("", {})  // mounts all that is not mounted
}"""
USED = """(widget, name) => widget.querySelector(`[data-control='${name}']`).dataset.used"""
CHOSEN = "(one) => one.ariaPressed == 'true' || (one.type == 'radio' && one.checked)"


def kind_of(control):
    return control.evaluate("(one) => one.type || one.getAttribute('role') || one.localName")


def operate(page, control, method):
    """Use one control. method: "mouse", "touch" or "keyboard"."""
    kind = kind_of(control)
    press = control.tap if method == "touch" else control.click
    if kind == "select-one":  # the list that opens is the system's own: only its keys can be reached
        count, chosen = control.evaluate("(one) => [one.length, one.selectedIndex]")
        if method == "keyboard":
            control.press("ArrowUp" if chosen == count - 1 else "ArrowDown")
        else:
            control.select_option(index=(chosen + 1) % count)
    elif kind == "range":
        upper = control.evaluate("(one) => Number(one.value) < (Number(one.min) + Number(one.max)) / 2")
        if method == "keyboard":
            control.press("End" if upper else "Home")
        else:
            box = control.bounding_box()
            press(position={"x": box["width"] * (0.9 if upper else 0.1), "y": box["height"] / 2})
    elif kind in ("number", "text"):
        control.focus() if method == "keyboard" else press()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("1" if control.input_value() != "1" else "2")
        page.keyboard.press("Tab")
    elif kind in ("checkbox", "radio"):
        if method == "keyboard":
            control.press("Space")
        else:  # its label belongs to it, and may lie over it
            label = control.evaluate_handle("(one) => one.labels[0] ?? one").as_element()
            label.tap() if method == "touch" else label.click()
    elif kind == "file":
        return  # the system's own window opens; test_digit_pad hands over files
    elif kind in ("button", "submit", "summary"):
        key = "ArrowRight" if control.get_attribute("role") == "tab" else "Enter"
        control.press(key) if method == "keyboard" else press()
    elif kind == "option" and method != "keyboard":  # of a list, only the chosen one can be tabbed to
        other = control.evaluate_handle("(one) => one.nextElementSibling ?? one.previousElementSibling").as_element()
        other.tap() if method == "touch" else other.click()
    elif method == "keyboard":
        control.focus()
        for key in ("Space", *["ArrowDown"] * 3, *["ArrowRight"] * 3, "Space"):
            page.keyboard.press(key)
    else:  # an image: any place on it except the chosen one
        box = control.bounding_box()
        page.spot = {0.3: 0.6, 0.6: 0.3}[getattr(page, "spot", 0.6)]
        press(position={"x": box["width"] * page.spot, "y": box["height"] * page.spot})


def without_effect(page, place, method, begin_anew):
    """Use every control of the widget at a place; return those that did nothing, and how many there were.

    On each of its tabs. place: a locator. begin_anew: `mount_anew` or `load_anew`, which bring the widget back to the
    state that the page carries. From there on all is asked of the element itself: a locator looks it up anew each time,
    which takes several times as long.
    """
    total, idle = 0, []
    widget = come_to(place)
    for number in range(max(1, len(tabs_of(widget)))):
        open_tab(page, widget, method, number)
        open_more(widget)
        # Some are beside the tabs, and so belong to all of them.
        names = [name for name in widget.evaluate(NAMED, CONTROLS) if not widget.evaluate(USED, name)]
        total += len(names)
        left = [name for name in names if not has_effect(page, widget, name, method)]
        # What was chosen gets another chance now that something else is; what has gone, in a fresh widget.
        left = [name for name in left if not has_effect(page, widget, name, method)]
        if left:
            widget = come_back(page, place, method, number, begin_anew)
            left = [name for name in left if not has_effect(page, widget, name, method)]
        for name in left:
            widget = come_back(page, place, method, number, begin_anew)
            choose_another(page, widget, name, method)
            if not has_effect(page, widget, name, method, timeout=5000):
                idle.append(name)
    return idle, total


def mount_anew(page, place):
    """Mount the widget at a place once more, without loading the page; a network that it has loaded stays."""
    place.evaluate(MOUNT)
    place.wait_for()


def load_anew(page, place):
    """Load the page of the widget at a place again."""
    page.reload()
    place.wait_for()


def come_back(page, place, method, number, begin_anew):
    """Mount a widget again, go to one of its tabs, and return the widget."""
    begin_anew(page, place)
    widget = come_to(place)
    open_tab(page, widget, method, number)
    open_more(widget)
    return widget


def come_to(place):
    """Scroll to a widget, as a reader does: a network that waits for that is loaded. Return the widget."""
    place.scroll_into_view_if_needed()
    return place.element_handle()


def tabs_of(widget):
    return widget.query_selector_all("[role=tab]")


def open_tab(page, widget, method, number):
    """Go to one of the widget's tabs, if it has any."""
    tabs = tabs_of(widget)
    if not tabs:
        return
    chosen = [tab.get_attribute("aria-selected") for tab in tabs].index("true")
    for position in range(chosen, number):
        operate(page, tabs_of(widget)[position if method == "keyboard" else position + 1], method)
    assert tabs_of(widget)[number].get_attribute("aria-selected") == "true"


def open_more(widget):
    """Open what stands behind "More", so that the controls there are used as well."""
    for button in widget.query_selector_all(".bw-more[aria-expanded=false]"):
        button.click()


def choose_another(page, widget, name, method):
    """If a control is the chosen one of several, choose one of the others."""
    names = widget.evaluate(NAMED, CONTROLS)
    stem = name.rpartition(" ")[0]
    if name in names and widget.query_selector(f"[data-control='{name}']").evaluate(CHOSEN):
        other = next(other for other in names if other.rpartition(" ")[0] == stem and other != name)
        operate(page, widget.query_selector(f"[data-control='{other}']"), method)


def has_effect(page, widget, name, method, timeout=600):
    """Use a control, and say whether the widget then shows something else. timeout: in milliseconds."""
    state = widget.evaluate(BEGIN, [CONTROLS, name])
    if state == "draw first":  # for the others to act on
        operate(page, widget.query_selector(".dp-pad:has(.dp-invitation)"), method)
        widget.evaluate(AT_REST, 20)
    if state == "pause first":
        operate(page, widget.query_selector("button:has-text('Pause')"), method)
        widget.evaluate(AT_REST, 20)  # what was still to be drawn comes within a tenth of a second
    if state.endswith("first"):
        state = widget.evaluate(BEGIN, [CONTROLS, name])
    if not state:
        return False
    operate(page, widget.query_selector(f"[data-control='{name}']"), method)
    if state == "ready, then send":  # a control in a form takes effect when the answer is handed in
        send = widget.query_selector(f"form:has([data-control='{name}']) [type=submit]")
        if send:
            operate(page, send, method)
    return widget.evaluate(CHANGES, timeout)
