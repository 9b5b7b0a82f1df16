"""Print the text of the release page: python scripts/release_notes.py v0.1.0 [_build/mnist-tutorial-0.1.0.zip ...]

It is the version's section of CHANGELOG.md and, for each edition that is given (.zip, .epub or .pdf), its size, its
checksum and how to open it.
"""

import argparse
import hashlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EDITIONS = {
    ".zip": """### Offline edition

`{name}` ({size:.1f} MB) holds the whole book: unpack it, on a USB stick for example, and open `START-HERE.html`.
It needs no network.
""",
    ".epub": """### For an e-reader

`{name}` ({size:.1f} MB) has figures instead of what is interactive, and solutions and answers at the end.
""",
    ".pdf": """### For paper

`{name}` ({size:.1f} MB) is the same as the EPUB, in pages of A4.
""",
}
CHECKSUM = "\nSHA-256: `{digest}`\n"


def section(changelog, version):
    """Return a changelog's section for a version. Raises ValueError if it is missing, empty or has no date."""
    parts = re.findall(r"^## \[(.+?)\] - (.+?)$(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    sections = {name: (date.strip(), text.strip()) for name, date, text in parts}
    if version not in sections:
        raise ValueError(f"CHANGELOG.md has no section [{version}], only {', '.join(sections) or 'none'}.")
    date, text = sections[version]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        raise ValueError(f"CHANGELOG.md dates {version} {date!r}. Expected the day of the release, such as 2027-01-31.")
    if not text:
        raise ValueError(f"CHANGELOG.md says nothing about {version}.")
    return text


def notes(tag, editions=(), root=ROOT):
    """Return the notes of a release. editions: the paths of its files.

    Raises ValueError if the tag does not match the project's version, or for a file of another kind.
    """
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    if tag != f"v{version}":
        raise ValueError(f"The tag is {tag}, the version in pyproject.toml {version}. Expected the tag v{version}.")
    text = section((root / "CHANGELOG.md").read_text("utf-8"), version) + "\n"
    for path in map(Path, editions):
        if path.suffix not in EDITIONS:
            raise ValueError(f"{path.name} is no edition of the book. Expected one that ends in {', '.join(EDITIONS)}.")
        content = path.read_bytes()
        text += f"\n{EDITIONS[path.suffix]}{CHECKSUM}".format(
            name=path.name, size=len(content) / 1e6, digest=hashlib.sha256(content).hexdigest()
        )
    return text


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tag", help="the tag of the release, such as v0.1.0")
    parser.add_argument("editions", nargs="*", type=Path, help="the book's editions: .zip, .epub, .pdf")
    options = parser.parse_args(arguments)
    try:
        print(notes(options.tag, options.editions), end="")
    except (ValueError, OSError) as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
