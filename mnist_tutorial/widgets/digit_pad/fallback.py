"""What a reader sees of DigitPad where no script runs."""

from html import escape

import numpy as np

from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.reference.forward_pass import probabilities_of

TITLES = {
    "grey": "the photo",
    "background": "even paper",
    "invert": "light on dark",
    "isolate": "only the digit",
    "crop": "cropped",
    "thicken": "widened",
    "scale": "scaled",
}


def figure(prepared, strokes, pen, weights, framed=False):
    """Return a figure as HTML: the photo or the drawing, what each step makes of a photo, the image, and ten bars.

    Doubts about a photo follow as sentences. framed: whether it is only what is inside of the reader's frame.
    """
    from mnist_tutorial.plots import draw_bars, draw_image, plt
    from mnist_tutorial.svg import as_html

    shares = 100 * np.array(probabilities_of(weights, prepared.image) or [0] * 10)
    if strokes:
        images = {"as it was drawn": rasterize.rasterise(strokes, pen)}
        first = "a digit drawn with a pen"
    else:
        titles = TITLES | {"grey": "in the frame"} if framed else TITLES
        images = {title: prepared.steps[name] for name, title in titles.items() if name in prepared.steps}
        first = f"what is made of a photo, step by step ({', '.join(images)})"
    images["as the network sees it"] = prepared.image
    drawn = plt.figure(figsize=(7.2, 1.9 if strokes else 3.1), layout="constrained")
    upper, lower = (drawn, drawn) if strokes else drawn.subfigures(2, 1, height_ratios=(1, 1.3))
    if strokes:
        left, middle, right = drawn.subplots(1, 3, width_ratios=(1, 1, 2))
        places = [left, middle]
    else:
        places = upper.subplots(1, len(images))
        right = lower.subplots()
    for axes, (title, image) in zip(np.atleast_1d(places), images.items(), strict=True):
        draw_image(image, axes, title)
        axes.title.set_fontsize(8 if not strokes else 10)
    draw_bars(shares, axes=right, highlight=int(shares.argmax()), format_value="{:.1f}")
    right.set_title("what the network says, in percent")
    probabilities = ", ".join(f"{digit}: {share:.1f}%" for digit, share in enumerate(shares))
    html = as_html(
        drawn,
        f"Images: {first}; the same in 28 by 28 pixels, as the network sees it; and its probabilities: "
        f"{probabilities}.",
    )
    plt.close(drawn)
    doubts = "".join(f"<p>{escape(doubt)}</p>" for doubt in prepared.doubts)
    return f"{html}{doubts}<p>So the answer is unsure.</p>" if doubts else html
