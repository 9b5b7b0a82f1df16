"""What appears below a cell: sentences that the run writes, and figures that everyone can read."""

import hashlib
import html
import io
import re

from IPython.display import Markdown, display

# The page's own text colour: the book's theme, then JupyterLab's, then near black.
INK = "var(--pst-color-text-base, var(--jp-content-font-color1, #222))"


def say(text):
    """Show a sentence in Markdown, so that a number in it comes from the run and not from the author."""
    display(Markdown(text))


def show(axes, description):
    """Show a figure drawn with matplotlib, in the colours of the page it stands on.

    axes: what the functions in `plots` return: Axes, an array of Axes, or a Figure.
    description: the figure in words, with its own numbers, for readers who cannot see it. Must not be empty.

    The figure becomes an SVG inside the page: sharp at any size, dark on a light page and light on a dark one.
    """
    if not description.strip():
        raise ValueError(
            "show() was given an empty description; it expects the figure in words, "
            'for example show(axes, "A bar chart: ...").'
        )
    figure = axes if hasattr(axes, "savefig") else _first(axes).figure
    display({"text/html": as_html(figure, description), "text/plain": description}, raw=True)
    import matplotlib.pyplot as plt

    plt.close(figure)  # or Jupyter would show the figure a second time


def as_html(figure, description):
    """Return a figure as an HTML element that holds an SVG with a text alternative."""
    import matplotlib as mpl

    drawn = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    # Text stays text; a salt of its own keeps the ids of two figures on one page apart.
    salt = hashlib.sha256(description.encode()).hexdigest()[:8]
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt}):
        figure.savefig(drawn, format="svg", transparent=True, bbox_inches="tight", metadata=nothing)
    svg = drawn.getvalue()
    svg = svg[svg.index("<svg") :]
    # Inside a page, a style element would style the whole page, and ids that nothing refers to would clash.
    svg = re.sub(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"(/?)>', r"<g\1>", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)
    svg = svg.replace("#000000", "currentColor")
    svg = re.sub(r"\n\s*", "\n", svg)
    opening = (
        f'<svg role="img" aria-label="{html.escape(description, quote=True)}" fill="currentColor" '
        f'style="color: {INK}; stroke-linejoin: round; max-width: 100%; height: auto" '
    )
    return f'<figure class="book-figure" style="margin: 0.5em 0">{svg.replace("<svg ", opening, 1)}</figure>'


def _first(axes):
    """Return the first of an array of Axes, or the Axes itself."""
    return axes.flat[0] if hasattr(axes, "flat") else axes
