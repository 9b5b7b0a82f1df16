"""The trait that holds a photo: in Python an array, between Python and the page bytes."""

import numpy as np
import traitlets

from mnist_tutorial import handwriting


def to_bytes(photo, widget=None):
    """Return a photo as bytes: height and width, each a little-endian uint16, then grey levels; none for None."""
    return b"" if photo is None else np.array(photo.shape, dtype="<u2").tobytes() + photo.tobytes()


def from_bytes(value, widget=None):
    """Return what to_bytes() was given; raises TraitError for bytes of another length."""
    value = bytes(value)
    if not value:
        return None
    height, width = np.frombuffer(value[:4].ljust(4, b"\0"), dtype="<u2").astype(int)
    if len(value) != 4 + height * width:
        raise traitlets.TraitError(
            f"photo was given {len(value):,} bytes; it expects 4 for height and width, and one for each pixel."
        )
    return np.frombuffer(value[4:], dtype=np.uint8).reshape(height, width)


class Photo(traitlets.TraitType):
    """A photo in grey levels, (h, w) uint8, not to be written to, or None.

    Takes all that handwriting.prepare() takes and raises as it does.
    """

    info_text = "an image as handwriting.prepare() takes it, or None"

    def __init__(self):
        super().__init__(None, allow_none=True)
        self.tag(sync=True, to_json=to_bytes, from_json=from_bytes)

    def validate(self, obj, value):
        """Return the photo in grey levels; raises HandwritingError for one that cannot be used."""
        grey = handwriting.read_ink(value)
        grey.flags.writeable = False
        return grey

    def set(self, obj, value):
        """Take a photo; one like that which is there changes nothing."""
        old = obj._trait_values.get(self.name)
        new = self._validate(obj, value)
        if old is None or new is None or not np.array_equal(old, new):
            super().set(obj, new)
