"""The pages that the book must have, from its table of contents, and how to list what is wrong with them."""

from pathlib import Path

from site_checks.built_pages import MADE_BY_SPHINX, pages_of

CHAPTERS = pages_of(Path(__file__).resolve().parents[2])
PAGES = [*CHAPTERS, *MADE_BY_SPHINX]


def listed(things):
    """Return things one a line: pytest would cut a long list short."""
    return "\n".join(["", *map(str, things)])
