"""What the measurements in a browser share."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "tools"))  # they are scripts, not an installed package
from book_in_browser import Handler, chromium, serve, weigh  # noqa: E402

__all__ = ["BOOK", "ROOT", "Handler", "chromium", "serve", "weigh"]
