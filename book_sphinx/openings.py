"""Sphinx extension: the image that a chapter opens with, below its question.

Each is drawn while its page is written, from the digits that the book is built from, from the reference network and
from the records of its trainings.
"""

import functools
import html
from pathlib import Path

import numpy as np

from book_sphinx.banner import BLUE, GREY, HEIGHT, ORANGE, WHITE, WIDTH, Banner, signed
from mnist_tutorial.data import load_mnist
from mnist_tutorial.reference import load_ladder, load_mistakes, load_page_weights, load_record
from mnist_tutorial.reference.checkpoints import load_checkpoints
from mnist_tutorial.reference.forward_pass import LAYERS, decode, forward

FEW = 1000  # of the digits: enough to choose from, and quickly read by the network


@functools.cache
def _digits():
    return load_mnist(quiet=True)


@functools.cache
def _layers():
    weights = load_page_weights()
    return [decode(weights[name]) for name in LAYERS]


def _filters():
    """Return the filters of the network: (30, 5, 5)."""
    return np.moveaxis(_layers()[0][0][:, :, 0], 2, 0)


def _bright(maps):
    """Return maps as images: the root of their values, so that small ones are seen. 0 to 255."""
    return 255 * np.sqrt(maps / maps.max())


def _one(digit, position=0):
    """Return a training image of a digit, or of any where there is none."""
    (images, labels), _ = _digits()
    places = np.flatnonzero(labels == digit)
    return images[places[position % len(places)]] if len(places) else images[0]


def before_you_start():
    """Draw a browser, the cloud and a computer, each with the same digit."""
    banner, digit = Banner(), _one(3)
    banner.path("M60 36h160v108H60zM60 56h160", GREY, 3)
    banner.dots([(70, 46), (80, 46), (90, 46)], 2.5, GREY)
    banner.image(digit, 104, 62, 76, 76)
    banner.path("M306 138h112c22 0 36-14 36-33s-16-33-36-32c-8-27-30-39-54-36-25 3-38 19-42 38-28-2-48 11-48 31 0 19 14 32 32 32z", GREY, 3)  # fmt: skip # noqa: E501
    banner.image(digit, 326, 62, 70, 70)
    banner.path("M520 34h140v92H520zM500 144h180l-14-18H514z", GREY, 3)
    banner.image(digit, 553, 44, 74, 74)
    return banner, "One handwritten 3 in a browser, in a cloud and on a laptop."


def the_problem():
    """Draw 3s and 8s so that the first ones are clear and those in the middle are not."""
    (images, labels), _ = _digits()
    few, names = images[: 6 * FEW].reshape(-1, 784).astype(float), labels[: 6 * FEW]
    if not {3, 8} <= set(names.tolist()):
        few, names = images[:64].reshape(-1, 784), np.repeat([3, 8], 32)[: len(images)]
    middle = {digit: few[names == digit].mean(axis=0) for digit in (3, 8)}
    # How much nearer to the average 8 than to the average 3.
    lean = ((few - middle[3]) ** 2).sum(axis=1) - ((few - middle[8]) ** 2).sum(axis=1)
    columns = []
    for digit in (3, 8):
        places = np.flatnonzero(names == digit)
        places = places[np.argsort(lean[places])]
        order = np.linspace(0, len(places) - 1, 32).round().astype(int)
        columns.append(few[places[order]].reshape(8, 4, 28, 28).swapaxes(0, 1))
    rows = np.concatenate(columns, axis=1).reshape(-1, 28, 28)
    banner = Banner()
    banner.tiles(rows, 16, 45)
    return (
        banner,
        "32 handwritten 3s on the left, 32 8s on the right: the nearer to the middle, the more alike they are.",
    )


def import_packages():
    """Draw what four hidden units want to see in twelve feature maps each: the network's own weights."""
    kernel = _layers()[1][0]
    tiles = np.moveaxis(kernel.reshape(12, 12, -1, kernel.shape[1]), (2, 3), (1, 0))[:4, :16].reshape(-1, 12, 12)
    banner = Banner()
    banner.tiles(signed(tiles), 16, 45, sharp=True)
    return banner, f"{tiles.size:,} of the {_parameters():,} weights and biases of the network, as a wall of colours."


def _parameters():
    return sum(part.size for layer in _layers() for part in layer)


def import_data():
    """Draw the first training images."""
    (images, labels), _ = _digits()
    banner = Banner()
    banner.tiles(images[:144], 24, 30)
    return banner, f"The first {min(144, len(labels))} of the {len(labels):,} training images."


def process_data():
    """Draw an image, the same as numbers from 0 to 1 (the size of dots), and its label as one of ten lamps."""
    (images, labels), _ = _digits()
    image, label = images[0], int(labels[0])
    banner = Banner()
    banner.image(image, 50, 0, 180, 180, sharp=True)
    _arrow(banner, 246, 90)
    pitch = HEIGHT / 28
    for level in range(1, 8):  # eight sizes
        places = np.argwhere(np.round(image / 255 * 7) == level)
        banner.dots([(312 + (c + 0.5) * pitch, (r + 0.5) * pitch) for r, c in places], level / 7 * pitch / 2, WHITE)
    _arrow(banner, 508, 90)
    for digit in range(10):
        place = [(598 + digit % 2 * 44, 26 + digit // 2 * 32)]
        banner.dots(place, 11, ORANGE if digit == label else GREY, ring=digit != label)
    return banner, f"The first training image, a {label}, as pixels, as numbers from 0 to 1, and as one of ten lamps."


def _arrow(banner, x, y):
    banner.path(f"M{x} {y}h42m-12-12l12 12-12 12", GREY, 3)


def build_model():
    """Draw a digit on its way through all layers of the network, with the values that they have."""
    image = _one(3, 7)
    values = forward(_layers(), image)
    banner = Banner()
    for start, end in ((128, 172), (372, 408), (518, 546), (598, 622)):
        for a in (50, 90, 130):
            for b in (30, 90, 150):
                banner.path(
                    f"M{start} {a}C{(start + end) // 2} {a} {(start + end) // 2} {b} {end} {b}", GREY, 1, opacity=0.5
                )
    banner.image(image, 14, 34, 112, 112)
    for name, x, y, side in (("convolution", 176, 10, 32), ("pooling", 412, 39, 17)):
        maps = np.moveaxis(values[name], 2, 0)
        banner.tiles(np.pad(_bright(maps), ((0, 0), (0, 2), (0, 2))), 6, side, x, y)
    hidden = values["hidden"] / values["hidden"].max()
    for level in range(5):
        places = np.flatnonzero(np.ceil(hidden * 4) == level)
        spots = [(550 + p % 8 * 6, 43 + p // 8 * 6.3) for p in places]
        banner.dots(spots, 2.4, GREY if level == 0 else BLUE, opacity=0.4 if level == 0 else 0.25 + 0.75 * level / 4)
    banner.bars(values["probabilities"], 630, 22, 74, 15.5)
    active, answer = int((values["hidden"] > 0).sum()), int(values["probabilities"].argmax())
    return banner, (
        f"A handwritten digit becomes {values['convolution'].shape[2]} maps, then smaller ones; {active} of "
        f"{hidden.size} hidden units light up, and the longest of ten bars is that of the {answer}."
    )


def how_it_learns():
    """Draw a training: for forty moments, which of ten digits are read right."""
    record = load_checkpoints()
    right = np.array(record["answers"]) == record["labels"]
    moments, digits = right.shape
    banner = Banner()
    across, down = WIDTH / (moments + 1), HEIGHT / (digits + 1)
    for wanted, colour, radius, ring in ((True, BLUE, 6, False), (False, ORANGE, 4, True)):
        places = np.argwhere(right == wanted)
        banner.dots([((m + 1) * across, (d + 1) * down) for m, d in places], radius, colour, ring=ring)
    first, last = right[0].sum(), right[-1].sum()
    return banner, (
        f"Ten digits at {moments} moments of a training, from left to right: {first} of them are read right at first, "
        f"{last} at the end."
    )


def compile_fit_evaluate():
    """Draw the loss of the recorded trainings, on training images and on validation images."""
    runs = load_record()["runs"]
    banner = Banner()
    curves = [(colour, run["history"][name]) for run in runs for name, colour in (("loss", BLUE), ("val_loss", ORANGE))]
    low, high = (np.log(limit(limit(losses) for _, losses in curves)) for limit in (min, max))
    for colour, losses in curves:
        ys = 162 - 144 * (np.log(losses) - low) / (high - low)
        banner.curve(np.linspace(40, 680, len(losses)), ys, colour, 2.5, opacity=0.85)
    return banner, (
        f"The loss of {len(runs)} trainings, epoch by epoch, on a logarithmic axis: blue on the training images, "
        "orange on validation images, which the network does not learn from."
    )


def look_at_its_predictions():
    """Draw the test images that the network reads wrong, among the first ones."""
    _, (images, labels) = _digits()
    few = images[:FEW]
    parts = [few[i : i + 200] for i in range(0, len(few), 200)]  # each a few dozen MB on its way
    answers = np.concatenate([forward(_layers(), part)["probabilities"].argmax(axis=1) for part in parts])
    wrong = few[answers != labels[: len(few)]]
    banner = Banner()
    # As few rows as hold them all, with tiles as high as a row.
    rows = next((rows for rows in range(1, 5) if len(wrong) <= rows * _columns(rows)), 4)
    shown = wrong[: rows * _columns(rows)]
    if len(shown):
        columns, side = -(-len(shown) // rows), HEIGHT / rows
        banner.tiles(shown, columns, side, (WIDTH - columns * side) / 2)
    return banner, f"{len(shown)} digits that the network reads wrong, among the first {len(few):,} test images."


def _columns(rows):
    """Return how many square tiles fit beside each other in so many rows."""
    return rows * WIDTH // HEIGHT


def your_own_handwriting():
    """Draw six photos, each above what the preparation makes of it."""
    from mnist_tutorial.handwriting import prepare
    from mnist_tutorial.handwriting.photo_sets import photo_set

    _, (images, labels) = _digits()
    kinds = ("plain, white paper", "page on a dark desk", "hand's shadow", "yellow highlighter on white", "fold", "blackboard in its frame")  # fmt: skip # noqa: E501
    banner = Banner()
    for place, kind in enumerate(kinds):
        ((photo, _),) = photo_set(kind, [2 * place], 1, images, labels)
        x = 24 + place * 114
        thumbnail = _thumbnail(photo, 100)
        banner.image(thumbnail, x, 6, 102, 102)
        banner.image(prepare(photo).image, x + 20, 114, 62, 62, sharp=True)
    return banner, "Six photos of handwritten digits, and below each the image of 28 by 28 pixels that is made of it."


def _thumbnail(photo, side):
    from PIL import Image

    image = Image.fromarray(photo).convert("RGB")
    least = min(image.size)
    left, top = ((length - least) // 2 for length in image.size)
    return np.asarray(image.crop((left, top, left + least, top + least)).resize((side, side)), float)


def look_inside():
    """Draw the filters that the network has learned, each above the map that it makes of one digit."""
    filters, maps = _filters(), np.moveaxis(forward(_layers(), _one(3, 7))["convolution"], 2, 0)
    banner = Banner()
    colours = np.pad(signed(filters), ((0, 0), (1, 1), (1, 1), (0, 0)))
    bright = np.pad(_bright(maps), ((0, 0), (1, 1), (1, 1)))
    columns = len(filters) // 2
    side = WIDTH / columns if columns * 45 > WIDTH else 45
    left = (WIDTH - columns * side) / 2
    for half in (0, 1):
        part = slice(half * columns, (half + 1) * columns)
        banner.tiles(colours[part], columns, side, left, half * 90, sharp=True)
        banner.tiles(bright[part], columns, side, left, half * 90 + 45)
    return banner, f"The network's {len(filters)} filters, and below each the map that it makes of a 3."


def break_it_on_purpose():
    """Draw how often a network answers each digit, when it was trained without a mistake and with one."""
    record = load_mistakes()
    names = ("healthy", "no 7s", "sorted", "rate too low", "rate too high", "labels apart")
    banner = Banner()
    for place, name in enumerate(names):
        answers = np.array(record["runs"][name][0]["answers"])
        left, colour = 30 + place * 113, ORANGE if place else BLUE
        banner.path(f"M{left} 162h95", GREY, 1.5)
        for digit, share in enumerate(answers / record["check"]):
            if share:
                banner.path(f"M{left + 3 + digit * 9.6:g} 157v{-130 * share**0.5:.1f}", colour, 6)
    return banner, (
        f"How often six networks answer each of the ten digits, on {record['check']:,} images: blue without a mistake "
        "in the training, orange with one of five mistakes."
    )


def beat_it():
    """Draw for networks of growing size how many test images they read wrong, on average over their seeds."""
    from mnist_tutorial.ladder import networks_of

    networks = networks_of(load_ladder()).sort_values("parameters")
    wrong = (10_000 * (1 - networks["accuracy"])).round().astype(int)
    across, pitch = 9, 5  # dots in a row, pixels from dot to dot
    banner = Banner()
    for place, (name, count) in enumerate(wrong.items()):
        left = 40 + place * (WIDTH - 40) / len(wrong)
        spots = [(left + i % across * pitch, HEIGHT - 14 - i // across * pitch) for i in range(count)]
        banner.dots(spots, 1.9, ORANGE if name == "tutorial" else BLUE)
    return banner, (
        f"{len(networks)} networks, from {networks['parameters'].min():,} parameters on the left to "
        f"{networks['parameters'].max():,} on the right, with a dot for each of 10,000 test images that they read "
        f"wrong: from {wrong.max()} to {wrong.min()}. The tutorial's network is orange."
    )


def functional_api():
    """Draw a network that forks: ten probabilities, and whether there is a digit at all."""
    image = _one(3, 7)
    values = forward(_layers(), image)
    banner = Banner()
    banner.image(image, 40, 34, 112, 112)
    maps = np.moveaxis(values["convolution"], 2, 0)[:9]
    banner.path("M160 90h50", GREY, 3)
    banner.tiles(np.pad(_bright(maps), ((0, 0), (0, 2), (0, 2))), 3, 36, 220, 36)
    banner.path("M340 90h60c60 0 50-34 110-34M400 90c60 0 50 66 110 66", GREY, 3)
    banner.bars(values["probabilities"], 526, 14, 150, 9.5)
    banner.path("M536 156l8 9 16-20M640 146l18 18m0-18l-18 18", BLUE, 4)
    return banner, "A digit goes into one network, which forks: to ten probabilities, and to a yes or no."


def take_it_with_you():
    """Draw the same filters with fewer and fewer bits for each weight."""
    filters = _filters()[:16]
    largest = np.abs(filters).max()
    rows = [filters]
    for bits in (4, 3, 2):
        steps = 2 ** (bits - 1) - 1
        rows.append(np.round(filters / largest * steps) / steps * largest)
    banner = Banner()
    tiles = np.pad(signed(np.concatenate(rows)), ((0, 0), (1, 1), (1, 1), (0, 0)))
    banner.tiles(tiles, 16, 45, sharp=True)
    return banner, "Sixteen of the network's filters, and below them the same with 4, 3 and 2 bits for each weight."


def more_than_one_machine():
    """Draw a batch of digits that two machines share, and what they agree on."""
    (images, _), _ = _digits()
    banner = Banner()
    banner.tiles(images[:16], 4, 34, 30, 22)
    banner.path("M176 70C220 70 220 50 262 50M176 110c44 0 44 20 86 20", GREY, 3)
    for y, part in ((14, images[:8]), (94, images[8:16])):
        banner.path(f"M268 {y}h156v72H268z", GREY, 3)
        banner.tiles(part, 4, 32, 282, y + 4)
    banner.path("M430 50c50 0 50 40 96 40M430 130c50 0 50-40 96-40", GREY, 3)
    gradient = signed(_filters()[0])
    banner.image(gradient, 536, 40, 100, 100, sharp=True)
    return banner, "A batch of sixteen digits, half of it on each of two machines, and one network that both change."


def where_mnist_stops():
    """Draw MNIST's digits above those of scikit-learn, by other people in another country."""
    from sklearn.datasets import load_digits

    _, (images, _) = _digits()
    coarse = load_digits().images[:32] / 16 * 255
    banner = Banner()
    banner.tiles(images[:32], 16, 45)
    banner.tiles(np.pad(coarse, ((0, 0), (1, 1), (1, 1))), 16, 45, 0, 90, sharp=True)
    return banner, "32 of MNIST's test images, and below them 32 coarse ones, by people from another country."


DRAWN = {
    "00_before_you_start": before_you_start,
    "01_the_problem": the_problem,
    "02_import_packages": import_packages,
    "03_import_data": import_data,
    "04_process_data": process_data,
    "05_build_model": build_model,
    "06_how_it_learns": how_it_learns,
    "07_compile_fit_evaluate": compile_fit_evaluate,
    "08_look_at_its_predictions": look_at_its_predictions,
    "09_your_own_handwriting": your_own_handwriting,
    "10_look_inside": look_inside,
    "11_break_it_on_purpose": break_it_on_purpose,
    "12_beat_it": beat_it,
    "13_functional_api": functional_api,
    "14_take_it_with_you": take_it_with_you,
    "15_more_than_one_machine": more_than_one_machine,
    "16_where_mnist_stops": where_mnist_stops,
}


def add_opening(app, pagename, templatename, context, doctree):
    """Draw a chapter's opening image, and put it below the first paragraph, which is the chapter's question."""
    folder, _, name = pagename.rpartition("/")
    if app.builder.format != "html" or app.builder.embedded or folder != "chapters" or name not in DRAWN:
        return
    banner, description = DRAWN[name]()
    path = Path(app.outdir, app.builder.imagedir, f"opening_{name[:2]}.svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(banner.as_svg(), "utf-8")
    address = f"../{app.builder.imagedir}/{path.name}"
    image = (
        f'<img class="book-opening" src="{address}" width="{WIDTH}" height="{HEIGHT}" '
        f'alt="{html.escape(description, quote=True)}">'
    )
    head, heading, rest = context["body"].partition("</h1>")
    context["body"] = head + heading + rest.replace("</p>", f"</p>\n{image}", 1)


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("html-page-context", add_opening, priority=690)  # before the emblem, which comes between
    return {"parallel_read_safe": True, "parallel_write_safe": True}
