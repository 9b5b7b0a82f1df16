"""A figure as an element of a page: an SVG with a text alternative, and a second one for narrow screens."""

import base64
import hashlib
import html
import io
import re

# The text colour of the book's theme or else of JupyterLab; near black where neither is there.
TEXT_COLOR = "var(--pst-color-text-base, var(--jp-content-font-color1, #222))"
IMAGE = re.compile(
    r'<image xlink:href="(?P<data>[^"]*)" (?P<size>width="\d+" height="\d+") '
    r'transform="matrix\((?P<x>\S+) 0 0 (?P<y>\S+) (?P<right>\S+) (?P<down>\S+)\)"'
)


def as_html(figure, description):
    """Return a figure as an HTML element that holds an SVG with a text alternative.

    Where its text would be too small on a phone, a second SVG follows, for narrow screens (see `narrow`); only the
    book's pages show that one. The figure itself keeps the narrow form.
    """
    from mnist_tutorial.narrow import make_narrow

    forms = _as_svg(figure, description, "wide", "block")
    if make_narrow(figure):
        forms = _share_images(forms, _as_svg(figure, description, "narrow", "none"), _salt(description))
    return f'<figure class="book-figure" style="margin: 0.5em 0">{forms}</figure>'


def _salt(text):
    """Return letters and digits that make ids unique: two figures of one page must not share them."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _share_images(wide, narrow, salt):
    """Return both forms, where the narrow one uses the images of the wide one: they are most of a figure's bytes."""
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

    return IMAGE.sub(name, wide) + IMAGE.sub(use, narrow)


def _as_svg(figure, description, form, display):
    """Return a figure as an SVG element. form: its class, "wide" or "narrow". display: its CSS property."""
    import matplotlib as mpl

    drawn = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": _salt(form + description)}):  # text stays text
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
    # A hundredth of a point is far below what can be seen; what a matrix multiplies may be many points long.
    lengths = r' (?:d|points|x|y)="[^"]*"|(?:rotate|translate)\([^)]*\)'
    svg = re.sub(lengths, lambda found: re.sub(r"(\d\.\d\d)\d+", r"\1", found[0]), svg)
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", svg)  # text that is not turned
    opening = (
        f'<svg class="{form}" role="img" aria-label="{html.escape(description, quote=True)}" fill="currentColor" '
        f'style="display: {display}; color: {TEXT_COLOR}; stroke-linejoin: round; max-width: 100%; height: auto" '
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
