"""What the measurements in a browser share."""

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path

from mnist_tutorial.widgets.bundle import FOLDER, front_end
from mnist_tutorial.widgets.engine.worker_program import NAME, worker_program
from site_checks.book_in_browser import Handler, chromium, serve, weigh

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "_build" / "html"
CACHE = ROOT / "_build" / "bench"

__all__ = ["BOOK", "ROOT", "Handler", "chromium", "fetch_packages", "serve", "weigh", "write_page"]


def write_page(folder, *scripts):
    """Write a page, index.html, with the engine's face and loadDigits as window.face, and scripts of its folder."""
    parts = []
    for path, names in (
        (FOLDER / "engine" / "engine.js", "createTrainer, loadProgram"),
        (FOLDER / "frontend" / "training_data.js", "loadDigits"),
    ):
        source = re.sub(r"^export ", "", front_end(path), flags=re.MULTILINE)
        parts.append(f"...(() => {{\n{source}\nreturn {{ {names} }};\n}})(),\n")
    (folder / "face.js").write_text(f"window.face = {{\n{''.join(parts)}}};", "utf-8")
    (folder / NAME).write_text(worker_program(), "utf-8")
    elements = "".join(f'<script src="{name}"></script>' for name in ("face.js", *scripts))
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>engine</title><link rel="icon" href="data:,">'
        f"{elements}</html>",
        "utf-8",
    )


def fetch_packages(folder, packages):
    """Put files of packages of npm into a folder; return whether all could be had.

    packages: for each, such as "convnetjs@0.3.0", the paths in it, which may be patterns.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    for package, patterns in packages.items():
        archive = CACHE / f"{package.lstrip('@').replace('/', '-').replace('@', '-')}.tgz"
        if not archive.exists():
            npm = shutil.which("npm")
            with tempfile.TemporaryDirectory(dir=CACHE) as fresh:
                command = [npm, "pack", package, "--pack-destination", fresh]
                if npm is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
                    return False
                os.replace(Path(fresh, archive.name), archive)
        with tarfile.open(archive) as tar:
            for name in tar.getnames():
                if any(fnmatchcase(name, f"package/{pattern}") for pattern in patterns):
                    (folder / Path(name).name).write_bytes(tar.extractfile(name).read())
    return True
