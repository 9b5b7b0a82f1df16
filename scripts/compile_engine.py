"""Compile the engine: mnist_tutorial/widgets/engine/engine.c to engine.wasm, which is committed beside it.

Needs the package ziglang, which brings a whole C compiler (it is among the packages of the tests). The book does not:
it is built from the compiled bytes. The same version of the compiler gives the same bytes on every computer.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "mnist_tutorial" / "widgets" / "engine"
SOURCE, COMPILED = FOLDER / "engine.c", FOLDER / "engine.wasm"
FLAGS = [
    *("-target", "wasm32-freestanding", "-O3"),
    "-msimd128",  # four numbers at once, which every browser has had since 2023
    "-ffp-contract=off",  # a * b + c is rounded twice, on every processor
    *("-nostdlib", "-fno-builtin", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,-z,stack-size=65536"),
    *("-std=c11", "-Wall", "-Wextra", "-Werror"),
]


def compile_engine(source=SOURCE, compiled=COMPILED):
    """Compile a source file; returns nothing. Raises CalledProcessError where the compiler has something to say."""
    with tempfile.TemporaryDirectory() as cache:
        subprocess.run(
            [sys.executable, "-m", "ziglang", "cc", *FLAGS, source.name, "-o", Path(compiled).resolve()],
            cwd=source.parent,  # no path of this computer gets into the bytes
            env={**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache},
            check=True,
        )
    Path(compiled).chmod(0o644)


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    compile_engine()
    print(f"{COMPILED.relative_to(FOLDER.parents[2])}: {COMPILED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
