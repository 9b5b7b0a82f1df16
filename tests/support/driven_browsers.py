"""Firefox and WebKit driven from outside by pointer, keyboard and touch, in those of Playwright's words that tasks use.

Of installed browsers Playwright drives Chromium alone. Firefox understands WebDriver BiDi by itself; WebKitGTK has
WebKitWebDriver. Both know the same input actions (https://www.w3.org/TR/webdriver2/#actions). A `Locator` is a list of
steps that the page itself follows, each time anew, so that a widget may draw its parts again between two of them.
"""

import itertools
import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

from websocket import WebSocketTimeoutException, create_connection

from site_checks.book_in_browser import WEBKIT_SETTINGS, find_firefox, find_webkit, find_webkit_driver

STARTING, WAITING = 60, 10  # seconds
KEYS = {
    "Tab": "\ue004", "Enter": "\ue006", "Shift": "\ue008", "Control": "\ue009", "Escape": "\ue00c", "Space": " ",
    "End": "\ue010", "Home": "\ue011", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014",
    "ArrowDown": "\ue015", "Delete": "\ue017", "Backspace": "\ue003",
}  # fmt: skip
# Follows the steps of a locator; gives all elements that fit. Names are compared as Playwright does: a part is enough.
FOLLOW = r"""(steps) => {
    const implied = {
        button: "button, summary", textbox: "input:not([type]), input[type=text], textarea", table: "table",
        radio: "input[type=radio]", checkbox: "input[type=checkbox]", link: "a[href]", status: "output",
        slider: "input[type=range]", combobox: "select",
    }
    const words = (text) => (text ?? "").replace(/\s+/g, " ").trim()
    const labelled = (one) => (one.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
        .map((id) => document.getElementById(id)?.textContent).join(" ")
    const nameOf = (one) => words(labelled(one) || one.getAttribute("aria-label")
        || [...(one.labels ?? [])].map((label) => label.textContent).join(" ") || one.textContent || one.title)
    const states = {
        checked: (one) => one.checked ?? one.getAttribute("aria-checked") == "true",
        selected: (one) => one.getAttribute("aria-selected") == "true",
        pressed: (one) => one.getAttribute("aria-pressed") == "true",
    }
    const fits = (text, {source, flags, text: part}) => source === undefined
        ? words(text).toLowerCase().includes(words(part).toLowerCase()) : new RegExp(source, flags).test(words(text))
    const seen = (one) => one.checkVisibility({visibilityProperty: true})
    const all = (roots, selector) => [...new Set(roots.flatMap((root) => [...root.querySelectorAll(selector)]))]
    let found = [document]
    for (const [kind, value, options] of steps) {
        if (kind == "css") found = all(found, value)
        if (kind == "role") {
            const selector = `[role="${value}"]` + (implied[value] ? `, :is(${implied[value]}):not([role])` : "")
            found = all(found, selector).filter((one) => seen(one)
                && (!options.name || fits(nameOf(one), options.name))
                && Object.entries(states).every(([state, is]) => !(state in options) || is(one) == options[state]))
        }
        if (kind == "text") {
            const inside = all(found, "*").filter((one) => fits(one.textContent, value))
            found = inside.filter((one) => !inside.some((other) => one != other && one.contains(other)))
        }
        if (kind == "has text") found = found.filter((one) => fits(one.textContent, value))
        if (kind == "visible") found = found.filter(seen)
        if (kind == "nth") found = found.slice(value, value + 1)
    }
    return found
}"""


class BrowserError(AssertionError):
    """A browser has not done what it was told."""


class PageEndedError(BrowserError):
    """The process in which a browser shows its page has ended: the next goto begins another."""


def _fitting(text):
    if isinstance(text, re.Pattern):
        return {"source": text.pattern, "flags": "i" if text.flags & re.I else ""}
    return {"text": text}


class Locator:
    """Elements of a page, found anew at each use; the methods mean what Playwright's of the same name mean."""

    def __init__(self, page, steps):
        self.page, self.steps = page, steps

    def _and(self, *step):
        return Locator(self.page, [*self.steps, [*step, {}][:3]])

    def locator(self, selector, has_text=None):
        if selector == "visible=true":
            return self._and("visible", True)
        found = self._and("css", selector.removesuffix(":visible"))
        found = found._and("visible", True) if selector.endswith(":visible") else found
        return found.filter(has_text) if has_text else found

    def get_by_role(self, role, name=None, **states):
        return self._and("role", role, states | ({"name": _fitting(name)} if name else {}))

    def get_by_text(self, text):
        return self._and("text", _fitting(text))

    def filter(self, has_text):
        return self._and("has text", _fitting(has_text))

    @property
    def first(self):
        return self._and("nth", 0)

    def nth(self, place):
        return self._and("nth", place)

    def count(self):
        return self._ask("found.length")

    def all(self):
        return [self.nth(place) for place in range(self.count())]

    def _ask(self, expression, argument=None):
        return self.page.evaluate(
            f"([steps, argument]) => {{ const found = ({FOLLOW})(steps), one = found[0]; return {expression}; }}",
            [self.steps, argument],
        )

    def evaluate(self, function, argument=None):
        self.wait_for(state="attached")
        return self._ask(f"({function})(one, argument)", argument)

    def wait_for(self, state="visible", timeout=WAITING * 1000):
        held = {
            "visible": "!!one && one.checkVisibility({visibilityProperty: true})",
            "attached": "!!one",
            "hidden": "!one || !one.checkVisibility({visibilityProperty: true})",
        }[state]
        self.page.until(lambda: self._ask(held), f"{state}: {self.steps}", timeout / 1000)

    def inner_text(self):
        return self.evaluate("(one) => one.innerText")

    def get_attribute(self, name):
        return self.evaluate("(one, name) => one.getAttribute(name)", name)

    def is_visible(self):
        return self._ask("!!one && one.checkVisibility({visibilityProperty: true})")

    def is_enabled(self):
        return self.evaluate("(one) => !one.disabled && one.getAttribute('aria-disabled') != 'true'")

    def bounding_box(self):
        return self.evaluate(
            "(one) => { const {x, y, width, height} = one.getBoundingClientRect(); return {x, y, width, height}; }"
        )

    def scroll_into_view_if_needed(self):
        self.evaluate("(one) => one.scrollIntoView({block: 'center', behavior: 'instant'})")

    def click(self):
        self.draw([(0.5, 0.5)])

    def draw(self, points, pointer="mouse"):
        """Press a pointer (mouse or touch) at the first point, move it along the others, and let it go.

        points: of the element's width and height, each from 0 to 1.
        """
        self.wait_for()
        self.scroll_into_view_if_needed()
        box = self.bounding_box()
        places = [(round(box["x"] + x * box["width"]), round(box["y"] + y * box["height"])) for x, y in points]
        move = [{"type": "pointerMove", "duration": 20, "x": x, "y": y} for x, y in places]
        actions = [move[0], {"type": "pointerDown", "button": 0}, *move[1:], {"type": "pointerUp", "button": 0}]
        self.page.act({"type": "pointer", "id": pointer, "parameters": {"pointerType": pointer}, "actions": actions})


class Keyboard:
    def __init__(self, page):
        self.page = page

    def press(self, combination):
        *held, last = combination.split("+")
        keys = [KEYS.get(key, key) for key in (*held, last)]
        down, up = ([{"type": kind, "value": key} for key in keys] for kind in ("keyDown", "keyUp"))
        self.page.act({"type": "key", "id": "keyboard", "actions": [*down, *reversed(up)]})

    def type(self, text):
        for character in text:
            self.press(character)


class Page(Locator):
    """A browser's one page. A subclass gives goto, evaluate, act and resize."""

    def __init__(self):
        super().__init__(self, [])
        self.keyboard = Keyboard(self)

    def until(self, holds, what, seconds=WAITING):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise BrowserError(f"Within {seconds} s this does not hold: {what}")

    def wait_for_function(self, expression):
        self.until(lambda: self.evaluate(f"() => !!({expression})"), expression)


class Firefox(Page):
    """Firefox through WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/), which it speaks by itself."""

    def __init__(self, port):
        super().__init__()
        self.socket = create_connection(f"ws://127.0.0.1:{port}/session", timeout=STARTING, suppress_origin=True)
        self.numbers, self.messages = itertools.count(1), []
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])
        # The first tab of a browser without windows never has the focus; a new one has.
        self.context = self.send("browsingContext.create", type="tab")["context"]

    def send(self, method, **parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            try:
                answer = json.loads(self.socket.recv())
            except WebSocketTimeoutException:
                raise BrowserError(f"Firefox has not answered {method} within {STARTING} s") from None
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] in ("error", "warn"):
                self.messages.append(answer["params"]["text"])
            if answer.get("id") == number:
                if answer["type"] == "error":
                    raise BrowserError(f"{method}: {answer['message']}")
                return answer["result"]

    def goto(self, address):
        self.send("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def evaluate(self, function, argument=None):
        answer = self.send(
            "script.callFunction",
            functionDeclaration=f"async (text) => JSON.stringify((await ({function})(JSON.parse(text))) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(argument)}],
            target={"context": self.context},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise BrowserError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def act(self, *sources):
        self.send("input.performActions", context=self.context, actions=list(sources))

    def resize(self, width, height):
        size = {"width": width, "height": height}
        self.send("browsingContext.setViewport", context=self.context, viewport=size)


class WebKit(Page):
    """WebKitGTK's small browser, without the bar that makes it 447 pixels wide at least, through WebKitWebDriver (https://www.w3.org/TR/webdriver2/)."""

    def __init__(self, port, browser):
        super().__init__()
        self.messages = []
        self.address = f"http://127.0.0.1:{port}/session"
        wanted = {"webkitgtk:browserOptions": {"binary": browser, "args": ["--automation", "--full-screen"]}}
        capabilities = {"capabilities": {"alwaysMatch": wanted}}
        self.address += "/" + self.send("", capabilities)["sessionId"]

    def send(self, path, body=None, method="POST"):
        request = urllib.request.Request(self.address + path, json.dumps(body or {}).encode(), method=method)
        try:
            with urllib.request.urlopen(request, timeout=STARTING) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            said = error.read().decode()[:500]
            if "Could not parse script result" in said:  # what the driver makes of a reply that never came
                raise PageEndedError(f"The process of WebKit's page has ended: {path}: {said}") from None
            raise BrowserError(f"{path}: {said}") from None

    def goto(self, address):
        self.send("/url", {"url": address})

    def evaluate(self, function, argument=None):
        script = (
            "const [text, done] = arguments;"
            f"(async () => JSON.stringify((await ({function})(JSON.parse(text))) ?? null))()"
            ".then(done, (error) => done(JSON.stringify({failed: String(error)})))"
        )
        value = json.loads(self.send("/execute/async", {"script": script, "args": [json.dumps(argument)]}))
        if isinstance(value, dict) and "failed" in value:
            raise BrowserError(value["failed"])
        return value

    def act(self, *sources):
        self.send("/actions", {"actions": list(sources)})

    def resize(self, width, height):
        def fits():
            outer, inner = (self.evaluate(f"() => [{kind}Width, {kind}Height]") for kind in ("outer", "inner"))
            if inner == [width, height]:
                return True
            # The window's own frame; before the window is shown it may have none, or less.
            frame = [max(0, o - i) for o, i in zip(outer, inner, strict=True)]
            self.send("/window/rect", {"width": width + frame[0], "height": height + frame[1]})
            return False

        self.until(fits, f"a page of {width} x {height} pixels")


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def _running(command, folder, **environment):
    process = subprocess.Popen(
        command,
        env={**os.environ, "HOME": str(folder), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def _patiently(start):
    end = time.monotonic() + STARTING
    while True:
        try:
            return start()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)  # there is no other sign that it listens


@contextmanager
def firefox(folder, scheme="light"):
    """Start Firefox with its profile in a folder; scheme: "light" or "dark", what the system would ask for."""
    dark = int(scheme == "dark")
    (folder / "user.js").write_text(f'user_pref("ui.systemUsesDarkTheme", {dark});', "utf-8")
    port = _free_port()
    command = [find_firefox(), "--headless", "--no-remote", "--profile", str(folder), f"--remote-debugging-port={port}"]
    with _running(command, folder):
        yield _patiently(lambda: Firefox(port))


@contextmanager
def webkit(folder, scheme="light"):
    """Start WebKitGTK's small browser on a virtual screen."""
    *screen, browser = find_webkit()
    port = _free_port()
    theme = "Adwaita:dark" if scheme == "dark" else "Adwaita"
    command = [*screen, find_webkit_driver(), f"--port={port}"]
    with _running(command, folder, GTK_THEME=theme, **WEBKIT_SETTINGS):
        yield _patiently(lambda: WebKit(port, browser))


DRIVEN = {"Firefox": firefox, "WebKit": webkit}
FIND = {"Firefox": find_firefox, "WebKit": find_webkit_driver}
