"""Pages with widgets: as the built book has them, from file:// without a kernel or a network, and as Jupyter has."""

import contextlib
import json
import re
from unittest import mock

import numpy as np
import pytest
from fake_model import show_on_fake_model

from book_sphinx import widgets as widget_pages
from mnist_tutorial import data
from mnist_tutorial.widgets import training_data
from mnist_tutorial.widgets.widget import BookWidget

LOCAL = ("file:", "data:", "blob:")
FALLBACKS = {}


def html_of(widget, drawn):
    """Return a widget's element; its fallback is made once for each state, since a figure takes long to draw.

    drawn: whether the figure is there as an SVG, which takes most of the time. Without it, all but that is done.
    """
    if not isinstance(widget, BookWidget):
        return widget.page_html()
    key = drawn, widget.name, json.dumps([widget.page_state(), getattr(widget, "weights", None)], default=repr)
    if key not in FALLBACKS:
        written = mock.patch("mnist_tutorial.svg.as_html", return_value="<figure></figure>")
        with contextlib.nullcontext() if drawn else written:
            FALLBACKS[key] = widget.fallback()
    widget.fallback = lambda: FALLBACKS[key]
    try:
        return widget.page_html()
    finally:
        del widget.fallback


@pytest.fixture(scope="session")
def digits():
    """Return a few hundred stand-in digits and their labels: (n, 28, 28) uint8, (n,) uint8."""
    (images, labels), _ = data.stand_in_digits()
    return images[:400], labels[:400]


@pytest.fixture(scope="session")
def widget_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("widgets")
    widget_pages.write_files(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.VARIABLE, data.STAND_IN)
        training_data.write_scripts(folder)
    return folder


@pytest.fixture
def open_file(chromium, widget_files):
    """Open a page: open_file(head, body, **options of Playwright's new_context).

    The page's `trouble` collects messages of the console, errors and requests for anything but files; the test
    fails at its end if there were any.
    """
    contexts, trouble = [], []

    def open_(head, body, **options):
        path = widget_files / f"page-{np.random.default_rng().integers(1 << 60)}.html"
        path.write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>widgets</title>'
            '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
            f"{head}</head><body><main><h1>Widgets</h1>{body}</main></body></html>",
            "utf-8",
        )
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}, "offline": True} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("request", lambda request: request.url.startswith(LOCAL) or trouble.append(f"request: {request.url}"))
        page.set_default_timeout(10_000)
        page.goto(path.as_uri())
        page.trouble = trouble
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not trouble


@pytest.fixture
def open_page(open_file):
    """Open a page of the book with the given widgets: open_page(widget, ..., **options of new_context).

    drawn: whether their fallbacks have figures; by default where no script runs, since a widget hides them.
    """

    def open_(*widgets, drawn=False, **options):
        drawn = drawn or not options.get("java_script_enabled", True)
        body = "".join(html_of(widget, drawn) for widget in widgets)
        names = sorted(set(re.findall(r'data-book-widget="(\w+)"', body)))
        scripts = "".join(
            f'<link rel="stylesheet" href="{name}.css"><script defer src="{name}.js"></script>' for name in names
        )
        host = '<link rel="stylesheet" href="host.css"><script defer src="host.js"></script>'
        return open_file(f"{host}{scripts}", body, **options)

    return open_


@pytest.fixture
def open_live(open_file):
    """Show a widget as Jupyter does, on a model that the test holds: open_live(widget) returns a page with `fake`."""

    def open_(widget, **options):
        page = open_file(f"<style>{widget._css}</style>", "", **options)
        show_on_fake_model(page, widget)
        return page

    return open_
