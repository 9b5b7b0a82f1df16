"""What a reader sees of DigitPad where no script runs."""

import numpy as np

from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.reference.forward_pass import probabilities_of

TITLES = {
    "grey": "the photo",
    "background": "even paper",
    "invert": "light on dark",
    "crop": "cropped",
    "scale": "scaled",
}


def still(prepared, strokes, pen, weights):
    """Return a figure as HTML: the photo or the drawing, what each step makes of a photo, the image, and ten bars."""
    from mnist_tutorial.notebook import as_html
    from mnist_tutorial.plots import draw_bars, draw_image, plt

    shares = 100 * np.array(probabilities_of(weights, prepared.image) or [0] * 10)
    if strokes:
        pictures = {"as it was drawn": rasterize.rasterise(strokes, pen)}
        first = "a digit drawn with a pen"
    else:
        pictures = {title: prepared.steps[name] for name, title in TITLES.items() if name in prepared.steps}
        first = f"what is made of a photo, step by step ({', '.join(pictures)})"
    pictures["as the network sees it"] = prepared.image
    figure = plt.figure(figsize=(7.2, 1.9 if strokes else 3.1), layout="constrained")
    upper, lower = (figure, figure) if strokes else figure.subfigures(2, 1, height_ratios=(1, 1.3))
    if strokes:
        left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 2))
        places = [left, middle]
    else:
        places = upper.subplots(1, len(pictures))
        right = lower.subplots()
    for axes, (title, picture) in zip(np.atleast_1d(places), pictures.items(), strict=True):
        draw_image(picture, axes, title)
        axes.title.set_fontsize(8 if not strokes else 10)
    draw_bars(shares, axes=right, highlight=int(shares.argmax()), format_value="{:.1f}")
    right.set_title("what the network says, in percent")
    told = ", ".join(f"{digit}: {share:.1f}%" for digit, share in enumerate(shares))
    html = as_html(
        figure,
        f"Pictures: {first}; the same in 28 by 28 pixels, as the network sees it; and its probabilities: {told}.",
    )
    plt.close(figure)
    return html
