"""Show results below a cell: sentences with the run's own numbers, and figures with a text alternative."""

import base64
import hashlib
import html
import io
import os
import platform
import re
import sys

from IPython.display import Markdown, display

# The libraries that decide a chapter's numbers, as they are imported and as they are called.
LIBRARIES = {
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "numpy": "NumPy",
    "scipy": "SciPy",
    "sklearn": "scikit-learn",
    "onnx": "ONNX",
    "onnxruntime": "ONNX Runtime",
    "ai_edge_litert": "LiteRT",
    "PIL": "Pillow",
}
# The text colour of the book's theme or else of JupyterLab; near black where neither is there.
TEXT_COLOR = "var(--pst-color-text-base, var(--jp-content-font-color1, #222))"


def say(text):
    """Show a sentence in Markdown, so that a number in it comes from the run and not from the author."""
    display(Markdown(text))


def colophon(*seeds):
    """Show a chapter's last line, which says what is needed to repeat its run.

    seeds: the random seeds that the chapter sets, whole numbers; none if it draws no random numbers.
    The line lists them, the data set that load_mnist returned last, the versions of those LIBRARIES that were
    imported, and the machine.
    """
    from mnist_tutorial import data

    randomness = f"the random seed{'s' * (len(seeds) > 1)} {_listed(map(str, seeds))}" if seeds else "no random numbers"
    digits = f"; {data.loaded}" if data.loaded else ""
    versions = [f"{name} {version}" for name, version in library_versions().items()]
    cores = os.cpu_count()
    machine = f"{platform.system()} on {platform.machine()} with {cores} processor core{'s' * (cores != 1)}"
    say(f"*This run: {randomness}{digits}; {_listed(versions)}; {machine}.*")


def library_versions():
    """Return the versions of Python and of those LIBRARIES that were imported, by their names."""
    imported = {name: sys.modules[module].__version__ for module, name in LIBRARIES.items() if module in sys.modules}
    return {"Python": platform.python_version(), **imported}


def _listed(words):
    """Join words as in a sentence: "1", "1 and 2", "1, 2 and 3"."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def show(axes, description):
    """Show a figure drawn with matplotlib, in the colours of the page around it.

    axes: what the functions in `plots` return: Axes, an array of Axes, or a Figure.
    description: the figure in words, with its numbers, for readers who cannot see it. Raises ValueError if it is empty.

    The figure becomes an SVG in the page: sharp at any size, dark on a light page and light on a dark one.
    """
    if not description.strip():
        raise ValueError(
            "show() was given an empty description; it expects the figure in words, "
            'for example show(axes, "A bar chart: ...").'
        )
    figure = axes if hasattr(axes, "savefig") else _first(axes).figure
    display({"text/html": as_html(figure, description), "text/plain": description}, raw=True)
    import matplotlib.pyplot as plt

    plt.close(figure)  # otherwise Jupyter shows the figure a second time


def as_html(figure, description):
    """Return a figure as an HTML element that holds an SVG with a text alternative.

    Where its text would be too small on a phone, a second SVG follows, for narrow screens (see `narrow`); only the
    book's pages show that one. The figure itself keeps the narrow form.
    """
    from mnist_tutorial.narrow import make_narrow

    forms = [_as_svg(figure, description, "block")]
    if make_narrow(figure):
        forms = [forms[0].replace("<svg ", '<svg class="wide" ', 1), _as_svg(figure, description, "none", "narrow")]
        forms[1] = forms[1].replace("<svg ", '<svg class="narrow" ', 1)
        forms = _share_images(*forms, hashlib.sha256(description.encode()).hexdigest()[:8])
    return f'<figure class="book-figure" style="margin: 0.5em 0">{"".join(forms)}</figure>'


IMAGE = re.compile(
    r'<image xlink:href="(?P<data>[^"]*)" (?P<size>width="\d+" height="\d+") '
    r'transform="matrix\((?P<x>\S+) 0 0 (?P<y>\S+) (?P<right>\S+) (?P<down>\S+)\)"'
)


def _share_images(wide, narrow, salt):
    """Let the narrow form use the images of the wide one, which are most of a figure's bytes."""
    theirs = {}

    def name(image):
        theirs.setdefault((image["data"], image["size"]), (f"i{salt}{len(theirs)}", image))
        named, first = theirs[image["data"], image["size"]]
        return image[0].replace("<image ", f'<image id="{named}" ', 1) if first is image else image[0]

    def use(image):
        if (image["data"], image["size"]) not in theirs:
            return image[0]
        named, first = theirs[image["data"], image["size"]]
        # The image brings its own place along: (x, y) -> (a x + c, b y + d) leads from there to the new one.
        a, b = (float(image[axis]) / float(first[axis]) for axis in "xy")
        c, d = (float(image[move]) - by * float(first[move]) for move, by in (("right", a), ("down", b)))
        return f'<use xlink:href="#{named}" transform="matrix({a:.5f} 0 0 {b:.5f} {c:.3f} {d:.3f})"'

    wide = IMAGE.sub(name, wide)
    return [wide, IMAGE.sub(use, narrow)]


def _as_svg(figure, description, shown, kind=""):
    """Return a figure as an SVG element. shown: the value of its CSS property display. kind: makes its ids others."""
    import matplotlib as mpl

    drawn = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    # Text stays text, and the salt makes ids unique: two figures of one page must not share them.
    salt = hashlib.sha256((description + kind).encode()).hexdigest()[:8]
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt}):
        figure.savefig(drawn, format="svg", transparent=True, bbox_inches="tight", metadata=nothing)
    svg = drawn.getvalue()
    svg = svg[svg.index("<svg") :]
    # A style element would apply to the whole page, and ids that nothing refers to could clash.
    svg = re.sub(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"(/?)>', r"<g\1>", svg)
    svg = re.sub(r'(<image\b[^>]*?) id="[^"]*"', r"\1", svg)  # two equal images would have the same
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)
    svg = svg.replace("#000000", "currentColor")
    svg = re.sub(r"\n\s*", "\n", svg)
    svg = re.sub(r"data:image/png;base64,([^\"]*)", lambda found: f"data:image/png;base64,{_packed(found[1])}", svg)
    # A hundredth of a point is far below what can be seen.
    svg = re.sub(r' d="[^"]*"', lambda path: re.sub(r"(\d\.\d\d)\d+", r"\1", path[0]), svg)
    opening = (
        f'<svg role="img" aria-label="{html.escape(description, quote=True)}" fill="currentColor" '
        f'style="display: {shown}; color: {TEXT_COLOR}; stroke-linejoin: round; max-width: 100%; height: auto" '
    )
    return svg.replace("<svg ", opening, 1)


def _packed(data):
    """Return a PNG in base64 as small as it can be: grey where it has no colour. The pixels stay the same."""
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(data)))
    red, green, blue, alpha = image.convert("RGBA").split()
    is_grey = red.tobytes() == green.tobytes() == blue.tobytes() and alpha.getextrema() == (255, 255)
    packed = io.BytesIO()
    (red if is_grey else image).save(packed, "png", optimize=True)
    return min(base64.b64encode(packed.getvalue()).decode(), "".join(data.split()), key=len)


def _first(axes):
    """Return the first of an array of Axes, or the Axes itself."""
    return axes.flat[0] if hasattr(axes, "flat") else axes
