"""Sphinx extension: the captions of figures.

In a notebook, a figure is followed by a cell of text that says "Figure 3." in bold and then what to see; Jupyter shows
it as it is. In the book, these words become the caption of the figure, inside its element.
"""

import re

from docutils.nodes import container, paragraph, raw, strong

NUMBER = re.compile(r"Figure \d+\.")
OPENING, CLOSING = '<figure class="book-figure"', "</figure>"


def join_captions(app, doctree):
    """Move the caption after each figure into the figure; take out one whose figure this build does not draw."""
    for cell in list(doctree.findall(container)):
        if cell.get("nb_element") != "cell_code":
            continue
        after = cell.next_node(descend=False, siblings=True)
        if not is_caption(after):
            continue
        after.parent.remove(after)
        figures = [one for one in cell.findall(raw) if one["format"] == "html" and one.astext().startswith(OPENING)]
        for figure in figures[-1:]:
            drawn, rest = figure.astext().rsplit(CLOSING, 1)
            place = figure.parent.index(figure)
            figure.parent[place : place + 1] = [
                raw("", f"{drawn}<figcaption>", format="html"),
                *after.children,
                raw("", f"</figcaption>{CLOSING}{rest}", format="html"),
            ]


def is_caption(node):
    """Say whether a node is a paragraph that begins with the number of a figure."""
    if not isinstance(node, paragraph):
        return False
    words = [child for child in node.children if child.astext()]  # MyST puts an empty text before bold words
    first = words[0] if words else None
    return isinstance(first, strong) and NUMBER.fullmatch(first.astext()) is not None


def setup(app):
    """Register the hook."""
    app.connect("doctree-read", join_captions, priority=510)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
