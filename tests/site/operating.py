"""Use every control of a widget as a reader would, and see that each changes what the widget shows."""

# Not the tabs, which are gone through one by one, nor a table that can be scrolled by the arrow keys.
CONTROLS = (
    "button:enabled:not([role=tab]), input:enabled, select:enabled, summary, [tabindex='0']:not(button, [role=region])"
)
# The controls that can be seen, each with a name that stays the same when the widget draws itself anew.
NAMED = """(widget, selector) => {
    const seen = {}
    widget.querySelectorAll("[data-control]").forEach((one) => delete one.dataset.control)
    return [...widget.querySelectorAll(selector)].flatMap((one) => {
        const box = one.getBoundingClientRect()
        if (!box.width || !box.height) return []
        const words = one.ariaLabel || one.labels?.[0]?.innerText || one.innerText || one.getAttribute("role")
        const name = `${one.type || one.localName} ${words.replace(/[\\s'"]+/g, " ").slice(0, 60)}`
        seen[name] = (seen[name] ?? 0) + 1
        return [one.dataset.control = `${name} ${seen[name]}`]
    })
}"""
# All that can be seen or heard of a widget, but not the state of its controls.
SHOWN = """(widget) => JSON.stringify([
    widget.innerText,
    [...widget.querySelectorAll("[role=status]")].map((one) => one.textContent),
    [...widget.querySelectorAll("canvas")].map((one) => one.offsetParent && one.width && one.toDataURL()),
    [...widget.querySelectorAll("svg")].map((svg) => svg.outerHTML),
])"""
CHOSEN = "(one) => one.ariaPressed == 'true' || (one.type == 'radio' && one.checked)"
KIND = "(one) => one.type || one.getAttribute('role') || one.localName"
PATIENCE = 40  # times 50 ms; the network's weights are loaded on first use


def operate(page, control, way):
    """Use one control. way: "mouse", "touch" or "keyboard"."""
    kind = control.evaluate(KIND)
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
    elif way == "keyboard":
        control.focus()
        for key in ("Space", *["ArrowDown"] * 3, *["ArrowRight"] * 3, "Space"):
            page.keyboard.press(key)
    else:  # a board: any place on it will do, as long as it is not the one that is chosen
        box = control.bounding_box()
        page.spot = {0.3: 0.6, 0.6: 0.3}[getattr(page, "spot", 0.6)]
        press(position={"x": box["width"] * page.spot, "y": box["height"] * page.spot})


def without_effect(page, widget, way):
    """Use every control of a widget, on each of its tabs; return those that did nothing, and how many there were."""
    total, idle = 0, []
    tabs = widget.get_by_role("tab")
    for number in range(max(1, tabs.count())):
        start(page, widget, way, number)
        names = widget.evaluate(NAMED, CONTROLS)
        total += len(names)
        left = [name for name in names if not has_effect(page, widget, name, way)]
        # What was chosen gets another chance now that something else is; what has gone, on a fresh page.
        left = [name for name in left if not has_effect(page, widget, name, way)]
        for name in left:
            start(page, widget, way, number)
            if not has_effect(page, widget, name, way):
                idle.append(name)
    return idle, total


def start(page, widget, way, number):
    """Load the page anew, and open one of the widget's tabs, if it has any."""
    page.reload()
    widget.wait_for()
    tabs = widget.get_by_role("tab")
    for position in range(number):
        operate(page, tabs.nth(position if way == "keyboard" else position + 1), way)
    if tabs.count():
        assert tabs.nth(number).get_attribute("aria-selected") == "true"


def has_effect(page, widget, name, way):
    """Use a control, and tell whether the widget shows something else then."""
    pad = widget.locator(".dp-pad")
    if pad.count() and name not in widget.evaluate(NAMED, ".dp-pad"):
        operate(page, pad, way)  # a drawing for the others to act on
    if name not in widget.evaluate(NAMED, CONTROLS):
        return False
    control = widget.locator(f"[data-control='{name}']").first
    if control.evaluate(CHOSEN):
        return False
    before = widget.evaluate(SHOWN)
    operate(page, control, way)
    for _ in range(PATIENCE):
        if widget.evaluate(SHOWN) != before:
            return True
        page.wait_for_timeout(50)
    return False
