"""Train and measure what DigitPad asks beside "which digit?": is it a digit at all?

    python scripts/train_is_digit.py [--write] [--seed 1]

Digits of MNIST, as they are and drawn again with the pad's pen, have to pass; drawings of dots, crosses, letters,
scribbles and signs do not. Three ways are compared, each with the limit that refuses 2% of the held-out digits: the
largest probability, the largest sum before softmax, and a second head on the trained network, as the chapter on the
Functional API has one: a weight for each hidden unit, and a bias. The head has not learned from the kinds marked "new".
--write keeps the head and its limit for the page. MNIST is needed.
"""

import argparse
import base64
from pathlib import Path

import numpy as np
from scipy import ndimage

from mnist_tutorial.data import load_mnist
from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.handwriting.preparation import fit
from mnist_tutorial.handwriting.synthetic import CAT
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.weights_format import LAYERS, decode
from mnist_tutorial.uncertainty import with_interval

ROOT = Path(__file__).resolve().parents[1]
HEAD = ROOT / "mnist_tutorial" / "widgets" / "frontend" / "is_digit_head.js"
REFUSED = 0.02  # of the held-out digits
LETTERS = {  # capital letters that no digit looks like, as strokes of points (x, y) from 0 to 1
    "A": [[(0.2, 0.9), (0.5, 0.1), (0.8, 0.9)], [(0.32, 0.6), (0.68, 0.6)]],
    "E": [[(0.75, 0.1), (0.25, 0.1), (0.25, 0.9), (0.75, 0.9)], [(0.25, 0.5), (0.65, 0.5)]],
    "F": [[(0.75, 0.1), (0.25, 0.1), (0.25, 0.9)], [(0.25, 0.5), (0.65, 0.5)]],
    "H": [[(0.2, 0.1), (0.2, 0.9)], [(0.8, 0.1), (0.8, 0.9)], [(0.2, 0.5), (0.8, 0.5)]],
    "K": [[(0.25, 0.1), (0.25, 0.9)], [(0.75, 0.1), (0.25, 0.55), (0.75, 0.9)]],
    "M": [[(0.12, 0.9), (0.2, 0.1), (0.5, 0.6), (0.8, 0.1), (0.88, 0.9)]],
    "N": [[(0.2, 0.9), (0.2, 0.1), (0.8, 0.9), (0.8, 0.1)]],
    "P": [[(0.25, 0.9), (0.25, 0.1), (0.65, 0.14), (0.72, 0.32), (0.6, 0.5), (0.25, 0.52)]],
    "R": [[(0.25, 0.9), (0.25, 0.1), (0.7, 0.15), (0.7, 0.42), (0.25, 0.5), (0.75, 0.9)]],
    "T": [[(0.15, 0.1), (0.85, 0.1)], [(0.5, 0.1), (0.5, 0.9)]],
    "V": [[(0.15, 0.1), (0.5, 0.9), (0.85, 0.1)]],
    "W": [[(0.08, 0.1), (0.28, 0.9), (0.5, 0.35), (0.72, 0.9), (0.92, 0.1)]],
    "X": [[(0.15, 0.1), (0.85, 0.9)], [(0.85, 0.1), (0.15, 0.9)]],
    "Y": [[(0.15, 0.1), (0.5, 0.5), (0.85, 0.1)], [(0.5, 0.5), (0.5, 0.9)]],
}
ANGLES = np.linspace(0, 2 * np.pi, 40)
LETTERS_HELD_BACK = {  # not learned from
    "G": [[(0.8, 0.2), (0.5, 0.08), (0.2, 0.3), (0.15, 0.6), (0.4, 0.92), (0.8, 0.85), (0.8, 0.55), (0.5, 0.55)]],
    "J": [[(0.4, 0.1), (0.8, 0.1)], [(0.6, 0.1), (0.6, 0.75), (0.45, 0.92), (0.25, 0.8)]],
    "Q": [np.stack([0.5 + 0.35 * np.sin(ANGLES), 0.45 - 0.35 * np.cos(ANGLES)], axis=1).tolist(),
          [(0.55, 0.6), (0.9, 0.95)]],
    "U": [[(0.2, 0.1), (0.2, 0.65), (0.35, 0.88), (0.65, 0.88), (0.8, 0.65), (0.8, 0.1)]],
}  # fmt: skip
SPIRAL = np.linspace(0, 5 * np.pi, 80)
NEW = {  # kinds that the head does not learn from
    "star": [[(0.2, 0.92), (0.5, 0.08), (0.8, 0.92), (0.06, 0.38), (0.94, 0.38), (0.2, 0.92)]],
    "heart": [[(0.5, 0.9), (0.1, 0.45), (0.15, 0.18), (0.35, 0.12), (0.5, 0.3), (0.65, 0.12), (0.85, 0.18),
               (0.9, 0.45), (0.5, 0.9)]],
    "arrow": [[(0.1, 0.5), (0.9, 0.5)], [(0.62, 0.25), (0.9, 0.5), (0.62, 0.75)]],
    "house": [[(0.15, 0.9), (0.15, 0.45), (0.5, 0.1), (0.85, 0.45), (0.85, 0.9), (0.15, 0.9)]],
    "spiral": [np.stack([0.5 + SPIRAL / 40 * np.cos(SPIRAL), 0.5 + SPIRAL / 40 * np.sin(SPIRAL)], axis=1).tolist()],
    "cat": [list(stroke) for stroke in CAT],
    "smile": [np.stack([0.5 + 0.42 * np.sin(ANGLES), 0.5 - 0.42 * np.cos(ANGLES)], axis=1).tolist(),
              [(0.35, 0.38), (0.35, 0.4)], [(0.65, 0.38), (0.65, 0.4)], [(0.3, 0.6), (0.5, 0.72), (0.7, 0.6)]],
}  # fmt: skip


def warped(strokes, rng):
    """Return strokes as another hand would draw them: turned, leaning, wider or narrower, and not quite steady."""
    angle, lean = rng.normal(0, 0.12), rng.normal(0, 0.12)
    wide, high = rng.uniform(0.75, 1.1), rng.uniform(0.85, 1.1)
    matrix = np.array([[wide, lean], [0, high]]) @ [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    size, place = rng.uniform(0.5, 0.85), rng.uniform(-0.06, 0.06, 2)
    moved = []
    for stroke in strokes:
        points = (np.array(stroke) - 0.5) @ matrix.T * size + 0.5 + place + rng.normal(0, 0.012, (len(stroke), 2))
        moved.append(np.clip(points, 0, 1).tolist())
    return moved


def dot(rng):
    start = rng.uniform(0.2, 0.8, 2)
    steps = rng.normal(0, 0.004, (rng.integers(1, 6), 2))
    return [np.clip(start + steps.cumsum(axis=0), 0, 1).tolist()]


def cross(rng):
    upright = [[(0.5, 0.1), (0.5, 0.9)], [(0.1, 0.5), (0.9, 0.5)]]
    return warped(LETTERS["X"] if rng.random() < 0.5 else upright, rng)


def scribble(rng):
    corners = rng.uniform(0.12, 0.88, (rng.integers(6, 16), 2))
    return [corners.tolist()]


def zigzag(rng):
    n = rng.integers(5, 10)
    points = np.stack([np.linspace(0.1, 0.9, n), 0.5 + 0.3 * (-1.0) ** np.arange(n)], axis=1)
    return warped([points[:, :: rng.choice([1, -1])].tolist()], rng)


def strokes_beside(rng):
    """Return three or four upright lines beside one another, as when somebody counts."""
    return warped([[(x, 0.15), (x, 0.85)] for x in np.linspace(0.15, 0.85, rng.integers(3, 5))], rng)


def flat_line(rng):
    return warped([[(0.1, 0.5), (0.5, 0.5), (0.9, 0.5)]], rng)


def letter(letters):
    return lambda rng: warped(letters[str(rng.choice(list(letters)))], rng)


KNOWN = {
    "dots": dot,
    "crosses": cross,
    "letters": letter(LETTERS),
    "scribbles": scribble,
    "zigzags": zigzag,
    "flat lines": flat_line,
    "lines side by side": strokes_beside,
}
UNKNOWN = {"other letters (new)": letter(LETTERS_HELD_BACK)} | {
    f"{name}s (new)": (lambda rng, strokes=strokes: warped(strokes, rng)) for name, strokes in NEW.items()
}


def drawn(kind, count, rng):
    """Return drawings of a kind as the network sees them, (count, 28, 28) uint8."""
    return np.array([rasterize.prepared(kind(rng), rng.choice([0.05, 0.08, 0.08, 0.11])).image for _ in range(count)])


def drawn_again(image, pen):
    """Return a digit of MNIST as if it was drawn on the pad: its middle line, with the pad's pen."""
    large = ndimage.zoom(np.pad(image, 4).astype(float), rasterize.RASTER / 36, order=3)
    middle = thinned(large > 110)
    if not middle.any():
        return image
    reach = pen * rasterize.RASTER / 2 + 0.5
    raster = np.clip(reach - ndimage.distance_transform_edt(~middle), 0, 1)
    return fit(np.uint8(255 * raster), (), rasterize.DOT * pen * rasterize.RASTER)[0]


def thinned(mask):
    """Return the middle lines of a mask (Zhang and Suen, 1984)."""
    mask = np.pad(mask, 1)
    changed = True
    while changed:
        changed = False
        for first in (True, False):
            p = [np.roll(mask, shift, (0, 1)) for shift in
                 ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))]  # fmt: skip
            count = np.sum(p, axis=0)
            turns = np.sum([~a & b for a, b in zip(p, p[1:] + p[:1], strict=True)], axis=0)
            sides = (p[0] & p[2] & p[4], p[2] & p[4] & p[6]) if first else (p[0] & p[2] & p[6], p[0] & p[4] & p[6])
            gone = mask & (count >= 2) & (count <= 6) & (turns == 1) & ~sides[0] & ~sides[1]
            if gone.any():
                mask, changed = mask & ~gone, True
    return mask[1:-1, 1:-1]


def network():
    """Return the reference network, as the page has it, as a function from images to (hidden, logits)."""
    weights = load_page_weights()
    (kernel, bias), (hidden, hidden_bias), (output, output_bias) = (decode(weights[name]) for name in LAYERS)

    def ask(images):
        found = []
        for start in range(0, len(images), 500):
            some = images[start : start + 500] / np.float32(255)
            windows = np.lib.stride_tricks.sliding_window_view(some, kernel.shape[:2], axis=(1, 2))
            maps = np.maximum(np.tensordot(windows, kernel[:, :, 0], 2) + bias, 0)
            pooled = maps.reshape(len(some), 12, 2, 12, 2, -1).max(axis=(2, 4)).reshape(len(some), -1)
            units = np.maximum(pooled @ hidden + hidden_bias, 0)
            found.append((units, units @ output + output_bias))
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))

    return ask, float(np.sum(hidden_bias, dtype=np.float64))


def trained_head(units, truth, decay=1e-3, rounds=30):
    """Return a weight for each unit, and a bias, of a logistic regression; both classes count the same (Newton)."""
    x = np.hstack([units, np.ones((len(units), 1))]).astype(float)
    counts = np.where(truth, 0.5 / truth.mean(), 0.5 / (1 - truth.mean())) / len(truth)
    penalty = decay * np.diag([*np.ones(units.shape[1]), 0])
    weights = np.zeros(x.shape[1])
    for _ in range(rounds):
        found = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (counts * (found - truth)) + penalty @ weights
        curve = (x * (counts * found * (1 - found))[:, None]).T @ x + penalty + 1e-9 * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return weights[:-1], weights[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    (images, _), (images_test, _) = load_mnist()
    ask, fingerprint = network()

    def again(some):
        return np.array([drawn_again(one, rng.choice([0.05, 0.08, 0.08, 0.11])) for one in some])

    learn, held_out = images[:6000], images[6000:8000]
    digits = np.concatenate([learn, again(learn[:3000])])
    others = np.concatenate([drawn(kind, 900, rng) for kind in KNOWN.values()])
    truth = np.repeat([1.0, 0.0], [len(digits), len(others)])
    weights, bias = trained_head(ask(np.concatenate([digits, others]))[0], truth)
    scale = float(np.abs(weights).max() / 127)
    whole = np.int8(np.round(weights / scale))

    def of_probability(units, logits):
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (powers / powers.sum(axis=1, keepdims=True)).max(axis=1)

    ways = {
        "probability": of_probability,
        "sum": lambda units, logits: logits.max(axis=1),
        "head": lambda units, logits: units @ (whole * scale) + bias,
    }
    ways_held_out = ask(np.concatenate([held_out, again(held_out[:1000])]))
    limits = {name: float(np.quantile(way(*ways_held_out), REFUSED)) for name, way in ways.items()}
    print("limits:", {name: round(limit, 4) for name, limit in limits.items()})
    print(f"{'not sure that it is a digit, of':34}{'':6}" + "".join(f"{name:>27}" for name in ways))
    tried = {"MNIST's test digits": images_test, "test digits drawn again": again(images_test[:1000])}
    count = 200
    tried |= {name: drawn(kind, count, rng) for name, kind in (KNOWN | UNKNOWN).items()}
    tried["all known kinds"] = np.concatenate([tried[name] for name in KNOWN])
    tried["all new kinds"] = np.concatenate([tried[name] for name in UNKNOWN])
    for name, some in tried.items():
        found = ask(some)
        shares = [int((way(*found) < limits[key]).sum()) for key, way in ways.items()]
        print(f"{name:34}{len(some):6}" + "".join(f"{with_interval(share, len(some)):>27}" for share in shares))
    if options.write:
        text = base64.b64encode(whole.tobytes()).decode()
        HEAD.write_text(
            "// Written by scripts/train_is_digit.py: a weight for each hidden unit of the book's network.\n"
            f'export const HEAD = {{\n  weights: "{text[:88]}" +\n    "{text[88:]}",\n'
            f"  scale: {scale:.8g}, bias: {bias:.8g}, limit: {limits['head']:.8g},\n"
            f"  sumOfBiases: {fingerprint:.8g}, // of the hidden layer: which network it was trained on\n}};\n",
            "utf-8",
        )


if __name__ == "__main__":
    main()
