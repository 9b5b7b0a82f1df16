"""What the measurements in a browser share."""

from pathlib import Path

from site_checks.book_in_browser import Handler, chromium, serve, weigh

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "_build" / "html"

__all__ = ["BOOK", "ROOT", "Handler", "chromium", "serve", "weigh"]
