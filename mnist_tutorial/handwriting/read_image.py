"""Reading an image from a file, from a PIL image or from an array, whatever its form, into grey levels."""

import os
import reprlib
import stat
import sys
import warnings
from pathlib import Path

import numpy as np

from mnist_tutorial.file_formats import START, format_of
from mnist_tutorial.handwriting.ink import to_grey

LONGEST = 280  # of a photo's sides, after it was made smaller
SHORTEST = 8
MAX_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # no format that starts another program
CURES = {  # for what people take for an image, by its name in file_formats
    "heic": f"Type  {sys.executable} -m pip install pillow-heif  and try again, or save the photo as JPEG.",
    "avif": "Save it as PNG or JPEG, or install a newer Pillow.",
    "pdf": "Save its page as PNG or JPEG, or take a screenshot of it.",
    "svg": "Export it as PNG.",
    "raw": "Export it as JPEG.",
    "psd": "Export it as PNG.",
    "web page": "Open it in a browser, and save the image itself.",
    "git-lfs": "Fetch the file itself with  git lfs pull.",
    "zip": "Unpack it, and give the image in it.",
}
EXPECTED = f"an image of dark ink on light paper or the other way round, from {SHORTEST} x {SHORTEST} pixels on"


class HandwritingError(ValueError):
    """An image that cannot be used; the message says what was given, what was expected and what to do."""


def read_grey(source, longest=LONGEST, red_only=False):
    """Return an image in grey levels, made smaller by averaging whole blocks: (h, w) uint8.

    source: as for handwriting.prepare(). longest: of the two sides of the result.
    """
    pixels = _pixels(source)
    ground = _ground(pixels) if pixels.ndim == 3 and pixels.shape[2] == 4 else None
    height, width = pixels.shape[:2]
    size = -(-max(height, width) // longest)
    step = size * max(1, 1024 // size)  # a whole photo of numbers with 64 bits would take much memory
    rows = [
        [_tile(pixels[top : top + step, left : left + step], size, ground) for left in range(0, width, step)]
        for top in range(0, height, step)
    ]
    small = np.concatenate([np.concatenate(row, axis=1) for row in rows])
    if small.ndim == 2:
        return small
    return np.ascontiguousarray(small[..., 0]) if red_only else to_grey(small)


def _tile(pixels, size, ground):
    if pixels.ndim == 2:
        return _blocks(pixels.astype(np.int64), size)
    values = pixels.astype(np.int64)
    if ground is None:
        return np.dstack([_blocks(values[..., i], size) for i in range(3)])
    alpha = values[..., 3]
    return np.dstack([_blocks(values[..., i] * alpha + ground * (255 - alpha), size, 255) for i in range(3)])


def _ground(pixels):
    """Return what is behind a transparent image: 255 for white paper, or 0 if little is seen and light."""
    seen = light = 0
    for top in range(0, len(pixels), 256):
        red, green, blue, alpha = pixels[top : top + 256].astype(np.int64).transpose(2, 0, 1)
        seen += int(alpha.sum())
        light += int((alpha * (red + green + blue)).sum())
    return 0 if 2 * seen < 255 * pixels.shape[0] * pixels.shape[1] and light > 3 * 160 * seen else 255


def _check_size(source, width, height):
    if width * height > MAX_PIXELS:
        raise _too_large(source, width, height)
    if min(height, width) < SHORTEST:
        raise HandwritingError(
            f"{named(source)} has {width} x {height} pixels; expected {EXPECTED}. Take a larger one."
        )


def _blocks(pixels, size, parts=1):
    """Return the average of each block of size x size, of what there is of it at the ends, over `parts`: uint8."""
    starts = [np.arange(0, n, size) for n in pixels.shape]
    counts = [np.diff([*at, n]) for at, n in zip(starts, pixels.shape, strict=True)]
    sums = np.add.reduceat(np.add.reduceat(pixels, starts[0], axis=0), starts[1], axis=1)
    areas = parts * np.multiply.outer(*counts)
    return ((2 * sums + areas) // (2 * areas)).astype(np.uint8)


def _pixels(source):
    """Return a source as (h, w), (h, w, 3) or (h, w, 4) uint8."""
    from PIL import Image, ImageOps

    if isinstance(source, Image.Image):
        _check_size(source, *source.size)
        try:
            return _from_image(ImageOps.exif_transpose(source), source)
        except HandwritingError:
            raise
        except Exception as error:  # its file may be damaged, which shows only now, and not every mode can be shown
            raise HandwritingError(f"{named(source)} cannot be read ({error}); expected {EXPECTED}.") from error
    if isinstance(source, (str, os.PathLike)):
        return _from_path(Path(os.path.expanduser(source)))
    if callable(getattr(source, "read", None)):
        return _from_file(source, named(source))
    return _from_array(source)


def _from_path(path):
    try:
        mode = path.stat().st_mode
        file = path.open("rb") if stat.S_ISREG(mode) else None
    except FileNotFoundError as error:
        advice = "Check its name and its folder."
        if any(one in path.name for one in "*?["):
            advice = "It looks like a pattern for several files, and no file fits it."
        raise FileNotFoundError(f"There is no file {path}. {advice}") from error
    except (OSError, ValueError) as error:  # no right to read it; a name that no file can have
        raise HandwritingError(f"{path} cannot be read ({error}); {_whole()}") from error
    if file is not None:
        with file:
            return _from_file(file, path)
    if stat.S_ISDIR(mode):
        raise HandwritingError(f"{path} is a folder; expected an image file. Name one of the files in it.")
    raise HandwritingError(
        f"{path} is a pipe or a device; expected an image file. Save the image to a file first, "
        "or read it with  python -m mnist_tutorial predict -  from standard input."
    )


def _whole():
    return "expected a whole PNG, JPEG, GIF, BMP, WebP or TIFF image. Save it again, or take another."


def _from_file(file, name):
    """Return the pixels of an open binary file that can be read from any position."""
    from PIL import Image, ImageOps

    try:
        start = file.read(START)
        file.seek(0)
        if not start:
            raise HandwritingError(f"{name} is empty; {_whole()}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large images: ours are refused by the size in their header
            with Image.open(file, formats=_formats_for(start)) as image:
                _check_size(name, *image.size)
                ImageOps.exif_transpose(image, in_place=True)  # a copy would take as much memory again
                return _from_image(image, name)
    except HandwritingError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except Image.UnidentifiedImageError as error:
        found = format_of(start)
        if found is None or found.name not in CURES:
            raise HandwritingError(f"{name} is not an image; {_whole()}") from error
        message = f"{name} is {found.called}; expected a PNG, JPEG, GIF, BMP, WebP or TIFF image. {CURES[found.name]}"
        raise HandwritingError(message) from error
    except Exception as error:  # Pillow raises a dozen kinds for damaged files
        raise HandwritingError(f"{name} cannot be read ({error}); {_whole()}") from error


def _formats_for(start):
    """Return the formats to try for a file with these first bytes: AVIF and HEIC where Pillow can read them."""
    from PIL import Image

    found = format_of(start)
    if found is None or found.name not in ("avif", "heic"):
        return FORMATS
    if found.name == "heic":
        try:
            from pillow_heif import register_heif_opener
        except ImportError:
            return FORMATS
        register_heif_opener()
    Image.init()
    return [*FORMATS, *({"AVIF", "HEIF"} & Image.OPEN.keys())]


def _from_image(image, source):
    if image.mode.startswith("I"):  # grey levels in 16 bits, or in 32
        values = np.asarray(image).astype(np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise HandwritingError(
                f"{named(source)} has levels from {values.min()} to {values.max()}; expected 0 to 65535."
            )
        return _from_array(values.astype(np.uint16), source)
    if image.mode == "F":
        return _from_array(np.asarray(image), source)
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("RGB")  # under the same name: what it was made from gives back its memory
    return np.asarray(image)


def _from_array(source, given=None):
    name = named(source if given is None else given)
    what = "expected an array (h, w), (h, w, 3) or (h, w, 4) of uint8, uint16, bool or floats from 0 to 1"
    try:
        values = np.asarray(source)
    except Exception as error:  # whatever an object does that says it is like an array
        raise HandwritingError(f"{name} is no array ({error}); {what}, or an image file's path.") from error
    if values.dtype.kind not in "fb" and values.dtype not in (np.uint8, np.uint16):
        raise HandwritingError(f"{name} is of type {values.dtype}; {what}, or an image file's path.")
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)):
        raise HandwritingError(f"{name} has the shape {values.shape}; {what}.")
    _check_size(source if given is None else given, values.shape[1], values.shape[0])
    if values.dtype.kind == "f":
        if values.size and not (values.min() >= 0 and values.max() <= 1):  # NaN is neither
            raise HandwritingError(f"{name} has values from {values.min()} to {values.max()}; {what}.")
        values = np.floor(255 * values + 0.5).astype(np.uint8)
    elif values.dtype == np.uint16:
        values = ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    elif values.dtype == bool:
        values = 255 * values.astype(np.uint8)
    return values


def named(source):
    """Name a source for a message."""
    if isinstance(source, (str, os.PathLike)):
        return str(source)
    if isinstance(getattr(source, "name", None), str) and hasattr(source, "read"):
        return source.name
    return f"an array of shape {source.shape}" if isinstance(source, np.ndarray) else reprlib.repr(source)


def _too_large(source, *size):
    found = f"{size[0]} x {size[1]} pixels" if size else "too many pixels"
    return HandwritingError(
        f"{named(source)} has {found}; expected at most {MAX_PIXELS // 10**6} million. Make it smaller first."
    )
