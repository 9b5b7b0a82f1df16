"""Drawings in files, which TeachYourHand saves and opens: hand_file.js describes them, and does the same in a page."""

import base64
import binascii
import json
import os
import reprlib

import numpy as np

FORMAT = "mnist-tutorial hand"
VERSION = 1
MAX_DRAWINGS = 5000
MAX_BYTES = 8 * 2**20
SAVE_ONE = "Give the path of a file that “Save a file” of TeachYourHand has written."


class HandFileError(ValueError):
    """A file that holds no drawings that can be used; the message says what was expected, what was found."""


def load_hand(path):
    """Return the drawings of a file: images (n, 28, 28) uint8, light ink on 0, and labels (n,) uint8.

    Raises FileNotFoundError when there is no such file, and HandFileError for one that is damaged or something else.
    """
    path = os.fspath(path)
    with open(path, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    try:
        return from_text(content)
    except HandFileError as error:
        raise HandFileError(f"{path[:300]!r}: {error}") from error


def to_text(images, labels):
    """Return drawings as the text of a file."""
    drawings = [
        {"digit": int(label), "pixels": base64.b64encode(image.tobytes()).decode()}
        for image, label in zip(images, labels, strict=True)
    ]
    return json.dumps({"format": FORMAT, "version": VERSION, "drawings": drawings}, separators=(",", ":"))


def from_text(content):
    """Return the images and labels of a file's text; raises HandFileError for anything else."""
    if len(content) > MAX_BYTES:
        raise HandFileError(f"expected at most {MAX_BYTES:,} bytes, found more. {SAVE_ONE}")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise HandFileError(f"expected a file of drawings, found none, or a damaged one. {SAVE_ONE}") from error
    drawings = found.get("drawings") if isinstance(found, dict) and found.get("format") == FORMAT else None
    if not isinstance(drawings, list):
        raise HandFileError(f"expected a file of drawings, found {reprlib.repr(found)}. {SAVE_ONE}")
    if found.get("version") != VERSION:
        raise HandFileError(f"expected version {VERSION}, found {reprlib.repr(found.get('version'))}. {SAVE_ONE}")
    if not 1 <= len(drawings) <= MAX_DRAWINGS:
        raise HandFileError(f"expected 1 to {MAX_DRAWINGS:,} drawings, found {len(drawings):,}. {SAVE_ONE}")
    pairs = [_drawing(number, one) for number, one in enumerate(drawings, 1)]
    return np.stack([image for image, _ in pairs]), np.array([digit for _, digit in pairs], np.uint8)


def _drawing(number, one):
    digit, pixels = (one.get("digit"), one.get("pixels")) if isinstance(one, dict) else (None, None)
    try:
        image = np.frombuffer(base64.b64decode(pixels, validate=True), np.uint8)
    except (TypeError, ValueError, binascii.Error):
        image = np.empty(0, np.uint8)
    if type(digit) is not int or not 0 <= digit <= 9 or image.size != 784 or not image.any():
        raise HandFileError(
            f"expected in drawing {number} a digit from 0 to 9 and 784 pixels with some ink, found {reprlib.repr(one)}."
        )
    return image.reshape(28, 28), digit
