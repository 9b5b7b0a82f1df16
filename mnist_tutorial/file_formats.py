"""Name a file's format by its first bytes, whatever the file is called."""

from typing import NamedTuple

START = 512  # bytes from the start of a file, enough for every format below


class FileFormat(NamedTuple):
    """A format: `name` is short and fixed, `called` is how a message calls such a file, with its article."""

    name: str
    called: str


_BRANDS = {  # what stands after "ftyp" in the formats that keep their parts in boxes, as MP4 does
    b"avif": FileFormat("avif", "an AVIF image"),
    b"avis": FileFormat("avif", "an AVIF image"),
    b"crx ": FileFormat("raw", "a camera's raw file"),
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
        FileFormat("heic", "an HEIC photo, as iPhones take them"),
    ),
}
_SIGNATURES = (
    (b"PK\x03\x04", FileFormat("zip", "a zip archive")),
    (b"PK\x05\x06", FileFormat("zip", "a zip archive")),
    (b"\x1f\x8b", FileFormat("gzip", "a gzip file")),
    (b"\x93NUMPY", FileFormat("npy", "a single NumPy array (.npy)")),
    (b"\x89HDF\r\n\x1a\n", FileFormat("hdf5", "an HDF5 file (.h5 or .mat)")),
    (b"MATLAB 5.0 MAT-file", FileFormat("mat", "a MATLAB file (.mat)")),
    (b"MATLAB 7.3 MAT-file", FileFormat("hdf5", "a MATLAB file of version 7.3, which is HDF5")),
    (b"PAR1", FileFormat("parquet", "a Parquet file")),
    (b"ARROW1", FileFormat("arrow", "an Arrow file")),
    (b"version https://git-lfs", FileFormat("git-lfs", "a pointer of Git LFS, not the file itself")),
    (b"%PDF", FileFormat("pdf", "a PDF document")),
    (b"BZh", FileFormat("bzip2", "a bzip2 file")),
    (b"\xfd7zXZ\0", FileFormat("xz", "an xz file")),
    (b"7z\xbc\xaf\x27\x1c", FileFormat("7z", "a 7-Zip archive")),
    (b"Rar!\x1a\x07", FileFormat("rar", "a RAR archive")),
    (b"8BPS", FileFormat("psd", "a Photoshop file")),
    (b"\x89PNG\r\n\x1a\n", FileFormat("image", "a PNG image")),
    (b"\xff\xd8\xff", FileFormat("image", "a JPEG image")),
    (b"GIF8", FileFormat("image", "a GIF image")),
)


def format_of(start):
    """Return the FileFormat that a file's first bytes show, or None for one that is not known here.

    start: the first START bytes, or all if there are fewer.
    """
    for signature, found in _SIGNATURES:
        if start.startswith(signature):
            return found
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12])
    if len(start) > 1 and start[0] == 0x80 and 2 <= start[1] <= 5:
        return FileFormat("pickle", "a pickle")
    if start[257:262] == b"ustar":
        return FileFormat("tar", "a tar archive")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return FileFormat("web page", "a saved web page")
    if text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in text):
        return FileFormat("svg", "an SVG drawing")
    return None
