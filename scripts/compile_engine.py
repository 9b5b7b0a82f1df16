"""Compile the engine: what trains (engine.c to engine.wasm) and what runs one image (forward.c to forward_code.js).

Both lie in mnist_tutorial/widgets and are committed. The second stands as base64 in a module that the pages' scripts
import.

Needs the package ziglang, which brings a whole C compiler (it is among the packages of the tests). The book does not:
it is built from the compiled bytes. The same version of the compiler gives the same bytes on every computer.
"""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "mnist_tutorial" / "widgets" / "engine"
SOURCE, COMPILED = FOLDER / "engine.c", FOLDER / "engine.wasm"
FORWARD, MODULE = FOLDER / "forward.c", FOLDER.parent / "frontend" / "forward_code.js"
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


def forward_module():
    """Return the text of forward_code.js."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder, "forward.wasm")
        compile_engine(FORWARD, compiled)
        code = base64.b64encode(compiled.read_bytes()).decode()
    lines = [f'  "{code[at : at + 112]}"' for at in range(0, len(code), 112)]
    return "// Made by `make engine` from forward.c.\nexport const CODE =\n" + " +\n".join(lines) + ";\n"


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    compile_engine()
    MODULE.write_text(forward_module(), "utf-8", newline="\n")
    for path in (COMPILED, MODULE):
        print(f"{path.relative_to(FOLDER.parents[2])}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
