"""DigitPad: draw a digit, see the picture that the network sees of it, and what the network says."""

import json
import reprlib

import numpy as np
import traitlets

from mnist_tutorial.widgets.base import BookWidget
from mnist_tutorial.widgets.digit_pad import arithmetic

EXPECTED = (
    "a Keras model such as build_model() makes: from (28, 28, 1) through Conv2D, MaxPooling2D, Dropout, "
    "Flatten, Dense and Dense to ten probabilities"
)
PEN = (0.02, 0.2)


def _arc(x, y, radius, start, end):
    angles = np.linspace(start, end, 16)
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1).round(3).tolist()


THREE = [_arc(0.47, 0.33, 0.16, -3.4, 1.3) + _arc(0.47, 0.66, 0.18, -1.3, 3.0)]  # one stroke, its ends curled in


class DigitPad(BookWidget):
    """Let the reader draw a digit, and show what a network makes of it.

    model: a network such as build_model() makes, whose weights are taken as they are now; without one, the
    reference network. A page without a kernel always asks the reference network. Raises ValueError for a network
    of another form.

    Traits to read, set and observe: `strokes` (lists of points [x, y], 0 to 1 from left to right and from top to
    bottom; give it a new list, a changed one is not noticed), `pen` (its width as a share of the pad, 0.02 to 0.2),
    `centred` (centre and scale the drawing as MNIST's digits are). To read and observe: `pixels` (of the picture
    that the network sees, 784 bytes; `image` has them as an array), `probabilities` (ten floats, or none for an
    empty pad or before there is a network).
    """

    strokes = traitlets.List().tag(sync=True)
    pen = traitlets.Float(0.08).tag(sync=True)
    centred = traitlets.Bool(True).tag(sync=True)
    # From the front end, bytes come as a memoryview.
    pixels = traitlets.Bytes(bytes(784), read_only=True).tag(sync=True, from_json=lambda value, widget: bytes(value))
    probabilities = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True, page=False)

    _told_by_front_end = False

    def __init__(self, model=None, **traits):
        super().__init__(weights=reference_weights() if model is None else weights_of(model), **traits)

    @traitlets.validate("strokes")
    def _check_strokes(self, proposal):
        try:
            strokes = [[[float(x), float(y)] for x, y in stroke] for stroke in proposal.value]
        except (TypeError, ValueError):
            strokes = [[]]
        if not all(strokes) or not all(0 <= value <= 1 for s in strokes for point in s for value in point):
            raise traitlets.TraitError(
                f"strokes was given {reprlib.repr(proposal.value)}; it expects a list of strokes, each a list of "
                "one or more points [x, y] from 0 to 1."
            )
        return strokes

    @traitlets.validate("pen")
    def _check_pen(self, proposal):
        if not PEN[0] <= proposal.value <= PEN[1]:
            raise traitlets.TraitError(
                f"pen was given {proposal.value}; it expects a share of the pad from {PEN[0]} to {PEN[1]}."
            )
        return proposal.value

    @property
    def image(self):
        """Return the picture that the network sees, (28, 28) uint8, light ink on 0."""
        return np.frombuffer(self.pixels, dtype=np.uint8).reshape(28, 28).copy()

    def set_state(self, sync_data):
        """Take over what the front end sends; it has made picture and probabilities itself."""
        self._told_by_front_end = True
        try:
            super().set_state(sync_data)
        finally:
            self._told_by_front_end = False

    @traitlets.observe("strokes", "pen", "centred", "weights")
    def _draw(self, _):
        """Follow what Python has set, so that the next line can read the outcome; nothing may be on show yet."""
        if self._told_by_front_end:
            return
        image = arithmetic.picture_of(self.strokes, self.pen, self.centred)
        with self.hold_sync():
            self.set_trait("pixels", image.tobytes())
            self.set_trait("probabilities", arithmetic.probabilities_of(self.weights, image) if self.strokes else [])

    def fallback(self):
        """Return a picture of a drawing (a 3 if the pad is empty), of the 28 x 28 made of it, and ten bars."""
        from mnist_tutorial.notebook import as_html
        from mnist_tutorial.plots import draw_bars, draw_image, plt

        strokes = self.strokes or THREE
        image = arithmetic.picture_of(strokes, self.pen, self.centred)
        shares = 100 * np.array(arithmetic.probabilities_of(self.weights, image) or [0] * 10)
        best = int(shares.argmax())
        figure, (left, middle, right) = plt.subplots(
            1, 3, figsize=(7.2, 1.9), width_ratios=(1, 1, 2), layout="constrained"
        )
        draw_image(arithmetic.rasterise(strokes, self.pen), left, "as it was drawn", limits=(0, 1))
        draw_image(image, middle, "as the network sees it")
        draw_bars(shares, axes=right, highlight=best, format_value="{:.1f}")
        right.set_title("what the network says, in percent")
        html = as_html(
            figure,
            "Three pictures: a digit drawn with a pen; the same in 28 by 28 pixels, as the network sees it; and the "
            f"network's probabilities: {', '.join(f'{digit}: {share:.1f}%' for digit, share in enumerate(shares))}.",
        )
        plt.close(figure)
        return html


def weights_of(model):
    """Return a network's weights for the front end; raises ValueError for one that the front end cannot run."""
    from mnist_tutorial.reference.page_weights import page_weights

    if not getattr(model, "built", False) or not hasattr(model, "layers"):
        raise ValueError(f"DigitPad was given {reprlib.repr(model)}; it expects {EXPECTED}.")
    shapes = model.input_shape, model.output_shape
    if shapes != ((None, 28, 28, 1), (None, 10)):
        raise ValueError(f"DigitPad was given a model from {shapes[0]} to {shapes[1]}; it expects {EXPECTED}.")
    try:
        return page_weights(model)
    except ValueError as error:
        raise ValueError(f"DigitPad expects {EXPECTED}. {error}") from error


def reference_weights():
    """Return the reference network's weights as the page has them; that takes no TensorFlow."""
    from mnist_tutorial.reference import FOLDER, MAKE_AGAIN, PAGE_WEIGHTS, ReferenceNetworkError

    path = FOLDER / PAGE_WEIGHTS
    try:
        script = path.read_text("ascii")
        return json.loads(script[script.index('{"') : script.rindex("}") + 1])
    except (OSError, ValueError) as error:
        raise ReferenceNetworkError(f"{path}: expected the network's weights, {error}. {MAKE_AGAIN}") from error
