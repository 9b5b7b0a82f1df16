"""The pages that the book must have, from its table of contents, and how to list what is wrong with them."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def pages_below(entry):
    """Return the pages of one entry of _toc.yml and of all the entries below it, in reading order."""
    names = [f"{entry[key]}.html" for key in ("root", "file") if key in entry]
    for key in ("parts", "chapters", "sections"):
        for below in entry.get(key, []):
            names += pages_below(below)
    return names


CHAPTERS = pages_below(yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8")))
PAGES = [*CHAPTERS, "genindex.html", "search.html"]  # the last two come with every Sphinx site


def listed(things):
    """Return things one a line: pytest would cut a long list short."""
    return "\n".join(["", *map(str, things)])
