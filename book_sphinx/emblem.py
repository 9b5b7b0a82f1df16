"""Sphinx extension: at the head of each chapter, the network as a small drawing that shows what the chapter is about.

PART_OF says which part that is; in the pages that can be browsed, the drawing leads to the live network in LIVE.
"""

LIVE = ("chapters/10_look_inside", "all-the-way-through")  # the page and the section where the network is alive
PARTS = {  # in words, after "Where we are:"
    "image": "the image that goes in",
    "maps": "the feature maps",
    "hidden": "the hidden units",
    "output": "the ten probabilities that come out",
    "weights": "the weights, which training changes",
    "network": "the whole network",
}
PART_OF = {
    "00_before_you_start": "network",
    "01_the_problem": "image",
    "02_import_packages": "network",
    "03_import_data": "image",
    "04_process_data": "image",
    "05_build_model": "network",
    "06_how_it_learns": "weights",
    "07_compile_fit_evaluate": "weights",
    "08_look_at_its_predictions": "output",
    "09_your_own_handwriting": "image",
    "10_look_inside": "maps",
    "11_break_it_on_purpose": "weights",
    "12_beat_it": "network",
    "13_functional_api": "hidden",
    "14_take_it_with_you": "network",
    "15_more_than_one_machine": "weights",
    "16_where_mnist_stops": "output",
}


def _squares(x, y, side, pitch):
    return "".join(f"M{x + pitch * (i % 3)} {y + pitch * (i // 3)}h{side}v{side}h-{side}z" for i in range(9))


def _curves(starts, ends):
    pairs = [(*start, (start[0] + end[0]) // 2, *end) for start in starts for end in ends]
    return "".join(f"M{x} {y}C{middle} {y} {middle} {down} {right} {down}" for x, y, middle, right, down in pairs)


def _dots():
    return "".join(f"M{x} {y}h0" for x in (128, 137) for y in range(5, 36, 6))


def _bars():
    return "".join(f"M172 {3 + 4 * digit}h{26 if digit == 3 else 3}" for digit in range(10))


STROKE = "M12 14c2-3.500 10-3.500 10 1.200 0 3-3 4.300-6 4.500 3.600.1 7 1.600 7 5 0 5.400-9.400 6-12 2"  # a 3
LINES = [
    ([(30, 20)], [(48, 9), (48, 20), (48, 31)]),
    ([(80, 9), (80, 31)], [(92, 13), (92, 27)]),
    ([(112, 13), (112, 27)], [(126, 5), (126, 17), (126, 29)]),
    ([(139, 5), (139, 17), (139, 29)], [(170, 15)]),
]
# The stages from left to right, each as an SVG path: "fill" or the width of its line, and what is drawn.
DRAWN = {
    "weights": (0.8, "".join(_curves(*one) for one in LINES)),
    "image": (2.6, STROKE),
    "maps": ("fill", _squares(49, 5, 9, 11)),
    "pooled": ("fill", _squares(93, 10, 5, 7)),
    "hidden": (4, _dots()),
    "output": (2.4, _bars()),
}


def drawing(part):
    """Return the drawing as SVG, in which what belongs to a part of PARTS has the class "lit"."""
    lit = {"network": set(DRAWN), "maps": {"maps", "pooled"}}.get(part, {part})
    paths = []
    for name, (kind, path) in DRAWN.items():
        form = "" if kind == "fill" else f' fill="none" stroke-width="{kind}"'
        paths.append(f'<path class="emblem-{name}{" lit" if name in lit else ""}"{form} d="{path}"/>')
        if name == "image":
            paths.append(f'<path class="emblem-frame{" lit" if name in lit else ""}" fill="none" d="M4 6h26v28H4z"/>')
    return f'<svg viewBox="0 0 202 42" width="202" height="42" aria-hidden="true">{"".join(paths)}</svg>'


def add_emblem(app, pagename, templatename, context, doctree):
    """Put the drawing below the heading of a chapter, as a link where pages can be browsed."""
    folder, _, name = pagename.rpartition("/")
    part = PART_OF.get(name)
    if app.builder.format != "html" or folder != "chapters" or not part:
        return
    inside = f"{drawing(part)}<span>Where we are: {PARTS[part]}</span>"
    if app.builder.embedded:
        emblem = f'<p class="book-emblem">{inside}</p>'
    else:
        page, section = LIVE
        address = "" if page == pagename else app.builder.get_relative_uri(pagename, page)
        emblem = f'<a class="book-emblem" href="{address}#{section}" title="To the live network">{inside}</a>'
    context["body"] = context["body"].replace("</h1>", f"</h1>\n{emblem}", 1)


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("html-page-context", add_emblem, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
