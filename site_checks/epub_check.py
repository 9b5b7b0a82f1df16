"""Say what is wrong with the book's EPUB: `python -m site_checks.epub_check file.epub`, as `make epub` does.

It checks what an e-reader needs: the order of the archive, a complete list of files, a list of contents, links that
lead somewhere, well-formed pages without scripts. EPUBCheck, the official program, checks more, but needs Java.
"""

import argparse
import posixpath
import zipfile
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

OPF, HTML, OPS = "{http://www.idpf.org/2007/opf}", "{http://www.w3.org/1999/xhtml}", "{http://www.idpf.org/2007/ops}"
HOLDS = {"mathml": "{http://www.w3.org/1998/Math/MathML}math", "svg": "{http://www.w3.org/2000/svg}svg"}
XLINK = "{http://www.w3.org/1999/xlink}href"
UNLISTED = {"mimetype", "META-INF/container.xml", "content.opf"}
INTERACTIVE = {f"{HTML}{name}" for name in ("script", "button", "input", "details", "iframe")}


def problems(path):
    """Return what is wrong with an EPUB, one sentence each. Raises zipfile.BadZipFile for what is no archive."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        files = {name: archive.read(name) for name in names}
        first = archive.infolist()[0]
    if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return [f"The archive begins with {first.filename}; expected mimetype, not compressed."]
    found = [f"{name} is in the archive twice." for name, count in Counter(names).items() if count > 1]
    if files["mimetype"] != b"application/epub+zip":
        found.append(f"mimetype holds {files['mimetype']!r}.")
    trees = {}
    for name, content in files.items():
        if name.endswith((".xhtml", ".opf", ".ncx", ".xml", ".svg")):
            try:
                trees[name] = ElementTree.fromstring(content)
            except ElementTree.ParseError as error:
                found.append(f"{name} is not well-formed: {error}.")
    if "content.opf" not in trees:
        return [*found, "content.opf is missing or damaged."]
    found += _wrong_in_list(trees, files)
    pages = {name: tree for name, tree in trees.items() if name.endswith(".xhtml")}
    ids = {name: [one.get("id") for one in tree.iter() if one.get("id")] for name, tree in pages.items()}
    for name, tree in pages.items():
        found += [f"{name} has the id {one!r} twice." for one, count in Counter(ids[name]).items() if count > 1]
        found += [f"{name} holds <{one.tag.removeprefix(HTML)}>." for one in tree.iter() if one.tag in INTERACTIVE]
        found += [
            f"{name} has the attribute {attribute}."
            for one in tree.iter()
            for attribute in one.attrib
            if attribute.startswith("on")
        ]
        found += [f"{name} leads to {address}, which is not there." for address in _dead_links(name, tree, files, ids)]
    return found


def _wrong_in_list(trees, files):
    """Return what is wrong with the list of files, with the order of reading and with the list of contents."""
    package = trees["content.opf"]
    items = {item.get("id"): item for item in package.iter(f"{OPF}item")}
    listed = Counter(unquote(item.get("href")) for item in package.iter(f"{OPF}item"))
    found = [f"content.opf lists {name}, which is not there." for name in sorted(set(listed) - set(files))]
    found += [f"content.opf does not list {name}." for name in sorted(set(files) - UNLISTED - set(listed))]
    found += [f"content.opf lists {name} {count} times." for name, count in listed.items() if count > 1]
    spine = [entry.get("idref") for entry in package.iter(f"{OPF}itemref")]
    found += [f"The spine names {one}, which is not in the list." for one in spine if one not in items]
    for item in items.values():
        name, properties = unquote(item.get("href")), (item.get("properties") or "").split()
        if name.endswith(".xhtml") and name in trees and "nav" not in properties:
            holds = {kind for kind, tag in HOLDS.items() if trees[name].find(f".//{tag}") is not None}
            if holds != set(properties):
                found.append(f"content.opf says that {name} holds {sorted(properties)}; it holds {sorted(holds)}.")
            if item.get("id") not in spine:
                found.append(f"The spine leaves out {name}.")
    contents = [unquote(item.get("href")) for item in items.values() if "nav" in (item.get("properties") or "").split()]
    navigation = trees.get(contents[0]) if len(contents) == 1 else None
    links = [] if navigation is None else navigation.findall(f".//{HTML}nav[@{OPS}type='toc']//{HTML}a")
    if not links:
        found.append("There is no list of contents.")
    return found


def _dead_links(page, tree, files, ids):
    """Return the addresses on a page that lead nowhere, and those of things that it would load from elsewhere."""
    for element in tree.iter():
        for attribute in ("href", "src", XLINK):
            address = element.get(attribute)
            if address is None or address.startswith("data:"):
                continue
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if element.tag != f"{HTML}a":
                    yield address
                continue
            name = (
                posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
            )
            if name not in files or (parts.fragment and unquote(parts.fragment) not in ids.get(name, ())):
                yield address


def main():
    """Print what is wrong, and end with the exit code 1, or say that nothing is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("epub", type=Path)
    path = parser.parse_args().epub
    if found := problems(path):
        raise SystemExit("\n".join(found))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB.")


if __name__ == "__main__":
    main()
