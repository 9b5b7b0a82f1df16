"""Print the text of the release page: python scripts/release_notes.py v0.1.0 [_build/mnist-tutorial-0.1.0.zip]

It is the version's section of CHANGELOG.md and, if an archive is given, its size, checksum and how to open it.
"""

import argparse
import hashlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OFFLINE = """### Offline edition

`{name}` ({size:.1f} MB) holds the whole book: unpack it, on a USB stick for example, and open `START-HERE.html`.
It needs no network.

SHA-256: `{digest}`
"""


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


def notes(tag, archive=None, root=ROOT):
    """Return the notes of a release. Raises ValueError if the tag does not match the project's version."""
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    if tag != f"v{version}":
        raise ValueError(f"The tag is {tag}, the version in pyproject.toml {version}. Expected the tag v{version}.")
    text = section((root / "CHANGELOG.md").read_text("utf-8"), version) + "\n"
    if archive is None:
        return text
    packed = Path(archive).read_bytes()
    digest = hashlib.sha256(packed).hexdigest()
    return f"{text}\n{OFFLINE.format(name=Path(archive).name, size=len(packed) / 1e6, digest=digest)}"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tag", help="the tag of the release, such as v0.1.0")
    parser.add_argument("archive", nargs="?", type=Path, help="the offline edition")
    options = parser.parse_args(arguments)
    try:
        print(notes(options.tag, options.archive), end="")
    except (ValueError, OSError) as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
