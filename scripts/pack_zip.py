"""Pack the built book into one archive that opens from a USB stick: _build/<name>-<version>.zip

It unpacks to one folder: START-HERE.html, the book and the licences. The same book gives the same bytes.
"""

import argparse
import tomllib
import zipfile
from pathlib import Path

from mnist_tutorial.reference.records import write_atomically

ROOT = Path(__file__).resolve().parents[1]
DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that an archive can hold, for every file
LICENCES = ("LICENSE", "LICENSE-TEXT")
# Some systems open a page of an archive without unpacking the rest; the last sentence is for their users.
START = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>How a computer reads handwritten digits</title>
<style>
:root { color-scheme: light dark }
body { font: 1.2rem/1.5 sans-serif; margin: 3rem auto; max-width: 32rem; padding: 0 1rem }
</style>
<script src="book/_static/documentation_options.js" onload="location.replace('book/index.html')"></script>
</head>
<body>
<h1>How a computer reads handwritten digits</h1>
<p><a href="book/index.html">Open the book.</a></p>
<p>Does the link lead nowhere? Then unpack the whole archive first, and open this page from the unpacked folder.</p>
</body>
</html>
"""


def archive_of(root=ROOT):
    """Return the path of the archive, named after the project and its version."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return root / "_build" / f"{project['name']}-{project['version']}.zip"


def pack(root=ROOT):
    """Write the archive whole or not at all; return its path. Raises SystemExit when there is no book."""
    html, archive = root / "_build" / "html", archive_of(root)
    if not (html / "index.html").is_file():
        raise SystemExit("There is no book yet: make book")
    files = {"START-HERE.html": START.encode()}
    files |= {name: (root / name).read_bytes() for name in LICENCES}
    for path in html.rglob("*"):
        if path.is_file():
            files[f"book/{path.relative_to(html).as_posix()}"] = path.read_bytes()
    write_atomically(archive, lambda temporary: write_archive(temporary, files))
    return archive


def write_archive(path, files):
    """Write files into one folder of an archive that is the same on every system. files: bytes by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}", DATE)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    archive = pack()
    print(f"{archive.relative_to(ROOT)}: {archive.stat().st_size / 1e6:.1f} MB. Unpacked, START-HERE.html opens it.")


if __name__ == "__main__":
    main()
