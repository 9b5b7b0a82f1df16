"""A page that holds widgets, as the built book has it: from file://, without a kernel, without a network."""

import re

import numpy as np
import pytest

from book_sphinx import widgets as widget_pages
from mnist_tutorial import data
from mnist_tutorial.widgets import bundle

# Mounts the widget on a model that the test holds: [source, state] -> window.bench.
MOUNT = """async ([source, state]) => {
  const frontEnd = new Function(source.replace(/^export default/m, "return"))();
  const listeners = [];
  const outside = { added: 0, removed: 0 };
  for (const target of [window, document]) {
    for (const [name, count] of [["addEventListener", "added"], ["removeEventListener", "removed"]]) {
      const original = target[name].bind(target);
      target[name] = (...values) => { outside[count] += 1; return original(...values); };
    }
  }
  for (const [name, value] of Object.entries(state)) {
    if (value?.base64 === undefined) continue;
    state[name] = new DataView(Uint8Array.from(atob(value.base64), (one) => one.charCodeAt(0)).buffer);
  }
  const model = {
    get: (name) => state[name],
    set(name, value) {
      if (JSON.stringify(state[name]) === JSON.stringify(value)) return;
      state[name] = value;
      listeners.filter(([event]) => event === `change:${name}`).forEach(([, listener]) => listener());
    },
    on: (event, listener) => listeners.push([event, listener]),
    off(event, listener) {
      listeners.splice(listeners.findIndex((one) => one[0] === event && one[1] === listener), 1);
    },
    save_changes: () => { window.bench.saved += 1; },
  };
  const el = document.createElement("div");
  document.querySelector("main").append(el);
  window.bench = { model, state, listeners, outside, el, frontEnd, saved: 0 };
  window.bench.cleanUp = await frontEnd.render({ model, el });
}"""


@pytest.fixture(scope="session")
def digits():
    """Return a few hundred stand-in digits and their labels: (n, 28, 28) uint8, (n,) uint8."""
    (images, labels), _ = data.stand_in_digits()
    return images[:400], labels[:400]


@pytest.fixture(scope="session")
def widget_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("widgets")
    widget_pages.write_files(folder)
    return folder


@pytest.fixture
def open_page(chromium, widget_files):
    """Open a page with the given widgets: open_page(widget, ..., **options of Playwright's new_context).

    The page's `trouble` collects messages of the console, errors and requests for anything but files; the test
    fails at its end if there were any.
    """
    contexts, trouble = [], []

    def open_(*widgets, **options):
        bodies = [widget.page_html() for widget in widgets]
        names = sorted(set(re.findall(r'data-book-widget="(\w+)"', "".join(bodies))))
        head = "".join(
            f'<link rel="stylesheet" href="{name}.css"><script defer src="{name}.js"></script>' for name in names
        )
        path = widget_files / f"page-{np.random.default_rng().integers(1 << 60)}.html"
        path.write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>widgets</title>'
            '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
            f'<script defer src="host.js"></script>{head}</head>'
            f"<body><main><h1>Widgets</h1>{''.join(bodies)}</main></body></html>",
            "utf-8",
        )
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.route("**", lambda route: route.continue_() if route.request.url.startswith(("file:", "data:"))
                   else (trouble.append(f"request: {route.request.url}"), route.abort()))  # fmt: skip
        page.set_default_timeout(10_000)
        page.goto(path.as_uri())
        page.trouble = trouble
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not trouble


@pytest.fixture
def on_bench(open_page, widget_files):
    """Show a widget on a model that the test holds: on_bench(widget) returns a page with window.bench."""

    def mount(widget):
        page = open_page()
        page.add_style_tag(path=widget_files / f"{widget.name}.css")
        weights = {"weights": widget.weights} if "weights" in widget.keys else {}  # which a page does not carry
        source = bundle.front_end(bundle.FOLDER / widget.name / f"{widget.name}.js")
        page.evaluate(MOUNT, [source, widget.page_state() | weights])
        return page

    return mount
