"""Build this checkout as Binder does, but without Docker, and run chapters in it.

repo2docker, Binder's own builder, reads `.binder/` and lists the steps that build the image. Here they run in a
separate folder: a copy of the checkout as the home folder, and a virtual environment with the Python and Jupyter
versions that repo2docker installs. conda and the packages of the operating system are left out.

python scripts/build_as_binder.py [--folder FOLDER] [CHAPTER ...]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from repo2docker import buildpacks
from repo2docker.app import Repo2Docker

ROOT = Path(__file__).resolve().parents[1]
PLATFORM = "linux/amd64"  # what mybinder.org runs
# Variables that the build inherits: what pip needs to download packages, and where the digits are.
INHERITED = re.compile(r"(PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE$|MNIST_TUTORIAL_DATA$)|.*_proxy$", re.IGNORECASE)
CHAPTERS = ["chapters/00_before_you_start.ipynb", "chapters/05_build_model.ipynb"]


class BuildError(Exception):
    """The checkout cannot be built, or a step of its build failed."""


@dataclass
class Plan:
    """What repo2docker plans to do with a folder."""

    pack: str  # the name of its build pack
    python: str  # "3.12"
    base: list[str]  # requirements that the image has before the folder's own steps, such as "jupyterlab==4.4.9"
    steps: list[str]  # shell commands that install the folder's own requirements
    post_build: list[str]  # scripts that run last


def read(folder):
    """Return repo2docker's plan for a folder. Raises BuildError if it does not choose a build pack for Python."""
    with chdir(folder):
        application = Repo2Docker()
        packs = (kind(base_image=application.base_image) for kind in application.buildpacks)
        pack = next((pack for pack in packs if pack.detect()), None)
        if not isinstance(pack, buildpacks.PythonBuildPack):
            raise BuildError(f"{folder}: repo2docker would use {type(pack).__name__}; PythonBuildPack was expected.")
        pack.platform = PLATFORM
        (frozen,) = [name for name in pack.get_build_script_files() if name.endswith(".lock")]
        steps = [*pack.get_preassemble_scripts(), *pack.get_assemble_scripts()]
        frozen = Path(buildpacks.__file__).parent / frozen
        return Plan(
            pack=type(pack).__name__,
            python=pack.python_version,
            base=base_of(frozen.read_text("utf-8"), frozen.with_name(f"environment.py-{pack.python_version}.yml")),
            steps=[command.strip() for _, command in steps],
            post_build=pack.get_post_build_scripts(),
        )


def base_of(frozen, specification):
    """Return the packages of repo2docker's image as pip requirements: those that its specification lists by name.

    frozen: text with one line per conda package. specification: path of the YAML file that it was made from.
    """
    versions = dict(re.findall(r"/([^/]+)-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)", frozen))
    names = re.findall(r"^- ([\w-]+)", specification.read_text("utf-8").partition("dependencies:")[2], re.MULTILINE)
    from_pip = {name: name.removesuffix("-singleuser") for name in names if name not in ("python", "nodejs")}
    return [f"{from_pip[name]}=={versions[name]}" for name in from_pip]


def copy_checkout(folder):
    """Copy the files of this checkout that git does not ignore, with local changes, into a folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def run(command, home, environment):
    """Run a shell command in the home folder, and print how long it took. Raises BuildError if it fails."""
    print(f"$ {command}", flush=True)
    start = time.monotonic()
    code = subprocess.run(["bash", "-c", command], cwd=home, env=environment, check=False).returncode
    print(f"  {time.monotonic() - start:.0f} s", flush=True)
    if code:
        raise BuildError(f"This step ended with exit code {code}: {command}")


def build(folder, chapters):
    """Build the checkout in an empty folder, and run chapters in it. Raises BuildError if a step fails."""
    home, prefix = folder / "home", folder / "environment"
    home.mkdir()
    copy_checkout(home)
    plan = read(home)
    print(f"repo2docker takes {plan.pack} with Python {plan.python}.", flush=True)
    python = shutil.which(f"python{plan.python}")
    if python is None:
        raise BuildError(f"Binder uses Python {plan.python}, and python{plan.python} is not on this computer's path.")
    environment = {name: value for name, value in os.environ.items() if INHERITED.match(name)} | {
        "PATH": f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "REPO_DIR": str(home),
        "USER": "jovyan",
        "NB_USER": "jovyan",
        "LANG": "C.UTF-8",
        "NB_PYTHON_PREFIX": str(prefix),
        "KERNEL_PYTHON_PREFIX": str(prefix),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    run(f"{python} -m venv {prefix}", home, environment)
    run(f"python -m pip install --quiet {' '.join(plan.base)}", home, environment)
    for command in plan.steps:
        run(command, home, environment)
    for script in plan.post_build:
        run(f"chmod +x {script} && ./{script}", home, environment)
    run("pip check && jupyter lab --version && jupyter notebook --version", home, environment)
    for chapter in chapters:
        run(f"jupyter execute {chapter}", home, environment)
    size = sum(path.stat().st_size for path in prefix.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"Built as Binder does, and {len(chapters)} chapters ran. The environment has {size / 1e9:.1f} GB.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, help="an empty folder to build in; it is kept")
    parser.add_argument("chapters", nargs="*", default=CHAPTERS, metavar="CHAPTER", help="a notebook to run")
    given = parser.parse_args()
    try:
        if given.folder:
            given.folder.mkdir(parents=True, exist_ok=True)
            build(given.folder.resolve(), given.chapters)
        else:
            with tempfile.TemporaryDirectory(prefix="as-binder-") as folder:
                build(Path(folder), given.chapters)
    except BuildError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
