"""DigitPad: draw a digit, see the image that the network sees of it, and what the network says."""

import numpy as np
import traitlets

from mnist_tutorial import handwriting
from mnist_tutorial.handwriting import rasterize
from mnist_tutorial.handwriting.rasterize import DRAWN_THREE
from mnist_tutorial.reference import load_page_weights
from mnist_tutorial.reference.forward_pass import probabilities_of
from mnist_tutorial.widgets.digit_pad.photo import Photo
from mnist_tutorial.widgets.validation import Number, checked_strokes, weights_of
from mnist_tutorial.widgets.widget import BookWidget

STEPS = handwriting.STEPS[1:]  # a photo on the pad has been made grey already


class DigitPad(BookWidget):
    """Let the reader draw a digit or open a photo of one, and show what a network makes of it.

    model: a network such as build_model() makes, whose weights are taken as they are now; without one, the
    reference network. A page without a kernel asks the reference network, or the one that
    the reader has trained in the page. Raises ValueError for a network
    of another form.

    Traits to read, set and observe: `strokes` (lists of points [x, y], 0 to 1 from left to right and from top to
    bottom; give it a new list: a changed one is not noticed), `pen` (its width as a share of the pad, 0.02 to 0.2),
    `photo` (set it to what handwriting.prepare() takes, or to None; it gives back grey levels, (h, w) uint8, at most
    280 on the longer side, or None), `frame` (x, y, width, height in pixels of `photo`, whole numbers: the digit is
    looked for inside of it alone, as by prepare(photo, frame=frame); None for the whole photo, which each new photo
    begins with), `skip` (names of steps of handwriting.prepare() to leave out: "background", "invert", "isolate"
    and "thicken", of a photo alone, "crop", "scale" and "centre"). Of a photo and strokes, what is set last stays, and
    the other goes. `group` (a name: widgets of one group, DigitPads and NetworkViews, show the same drawing; it counts
    when a widget is shown). To read and observe: `pixels` (of the image that the network sees, 784 bytes; `image` has
    them as an array), `probabilities` (ten floats, or none for an empty pad, a frame without ink, or before there is a
    network).
    Raises TraitError for a frame that does not lie on the photo.
    """

    strokes = traitlets.List().tag(sync=True)
    pen = Number(0.08, min=0.02, max=0.2).tag(sync=True)
    photo = Photo()
    frame = traitlets.Any(None, allow_none=True).tag(sync=True)
    skip = traitlets.List().tag(sync=True)
    group = traitlets.Unicode().tag(sync=True)
    # From the front end, bytes come as a memoryview.
    pixels = traitlets.Bytes(bytes(784), read_only=True).tag(sync=True, from_json=lambda value, widget: bytes(value))
    probabilities = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True, page=False)

    _told_by_front_end = False
    _framed = None  # the photo that the frame is meant for

    def __init__(self, model=None, **traits):
        if traits.get("photo") is not None and traits.get("strokes"):
            raise ValueError("DigitPad was given strokes and a photo; it expects one of the two.")
        super().__init__(weights=load_page_weights() if model is None else weights_of("DigitPad", model), **traits)

    @traitlets.validate("strokes")
    def _check_strokes(self, proposal):
        return checked_strokes("strokes", proposal.value)

    @traitlets.validate("skip")
    def _check_skip(self, proposal):
        unknown = [name for name in proposal.value if name not in STEPS]
        if unknown:
            raise traitlets.TraitError(f"skip was given {unknown[0]!r}; it expects names among {', '.join(STEPS)}.")
        return [name for name in STEPS if name in proposal.value]

    @traitlets.validate("frame")
    def _check_frame(self, proposal):
        if proposal.value is None:
            return None
        if self.photo is None:
            raise traitlets.TraitError(f"frame was given {proposal.value!r}, but there is no photo. Set photo first.")
        try:
            frame = handwriting.check_frame(proposal.value, self.photo.shape)
        except handwriting.HandwritingError as error:
            raise traitlets.TraitError(str(error)) from error
        self._framed = self.photo
        return frame

    @property
    def image(self):
        """Return the image that the network sees, (28, 28) uint8, light ink on 0."""
        return np.frombuffer(self.pixels, dtype=np.uint8).reshape(28, 28).copy()

    def set_state(self, sync_data):
        """Take over what the front end sends; it has made image and probabilities itself."""
        self._told_by_front_end = True
        try:
            super().set_state(sync_data)
        finally:
            self._told_by_front_end = False

    @traitlets.observe("strokes", "pen", "photo", "frame", "skip", "weights")
    def _draw(self, change):
        """Follow what Python has set, so that the next line can read the outcome; nothing may be on show yet."""
        if change.name == "photo" and self.frame is not None and self._framed is not self.photo:
            self.frame = None
        if self._told_by_front_end:
            return
        if change.name == "photo" and self.photo is not None and self.strokes:
            self.strokes = []
        elif change.name == "strokes" and self.strokes and self.photo is not None:
            self.photo = None
        prepared = self._prepared()
        given = prepared.image.any() if self.frame is not None else self.photo is not None or self.strokes
        with self.hold_sync():
            self.set_trait("pixels", prepared.image.tobytes())
            self.set_trait("probabilities", probabilities_of(self.weights, prepared.image) if given else [])

    def _prepared(self, strokes=None):
        strokes = self.strokes if strokes is None else strokes
        photo = self.photo if self.frame is None else handwriting.part_of(self.photo, self.frame)
        return rasterize.prepared(strokes, self.pen, photo, self.skip, framed=self.frame is not None)

    def fallback(self):
        """Return images of a photo or a drawing (a 3 if the pad is empty), of what is made of it, and ten bars."""
        from mnist_tutorial.widgets.digit_pad.fallback import figure

        strokes = DRAWN_THREE if self.photo is None and not self.strokes else self.strokes
        return figure(self._prepared(strokes), strokes, self.pen, self.weights, framed=self.frame is not None)
