"""The order in which the extensions do their work: as the table in book_sphinx says."""

import logging
import re
import sys
from importlib import import_module
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import yaml

import book_sphinx

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^    ([a-z-]+) +(\d+)  ([a-z_]+) +\S", re.MULTILINE)


@pytest.fixture
def connected(monkeypatch):
    """Set up every extension of the book, with an address and without; return its hooks."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # build_lock sets one
    monkeypatch.setattr(logging.getLogger("sphinx"), "handlers", [])
    names = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["extra_extensions"]
    hooks = set()
    for address in ("", "https://someone.github.io/digits/"):
        monkeypatch.setenv("BOOK_ADDRESS", address)
        for name in names:
            app = MagicMock()
            import_module(name).setup(app)
            for call in app.connect.call_args_list:
                event, _ = call.args
                hooks.add((event, call.kwargs.get("priority", 500), name.removeprefix("book_sphinx.")))
    return hooks


def test_table_of_hooks_is_that_of_the_extensions(connected):
    table = [(event, int(priority), module) for event, priority, module in ROW.findall(book_sphinx.__doc__)]
    assert set(table) == connected, "Write the difference into the table in book_sphinx/__init__.py."
    events = list(dict.fromkeys(event for event, _, _ in table))
    assert table == sorted(table, key=lambda row: (events.index(row[0]), row[1])), "The rows are not in order."


def test_nothing_depends_on_the_order_of_the_extensions():
    """Only hooks that do not know each other share a priority."""
    rows = [row[:2] for row in ROW.findall(book_sphinx.__doc__)]
    assert {row for row in rows if rows.count(row) > 1} == {("env-get-outdated", "500")}
