"""Look for bytes that break what reads files, led by the code that they reach: fuzz_files.py TARGET [SECONDS].

TARGET: a function of targets.py. Bytes that break it are written to _build/fuzz/found-TARGET-...; each belongs into
tests/package/test_hostile_files.py once the cause is fixed. What was reached is kept in _build/fuzz/, to go on from.
"""

import hashlib
import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[1]
with atheris.instrument_imports(include=["mnist_tutorial", "zipfile", "PIL", "json", "tomllib"]):
    import targets
    from PIL import Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()  # imports what reads the other formats


def main():
    """Give libFuzzer the target, a folder of good bytes to start from, and the bounds that none may pass."""
    name, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "300"
    found, reached = ROOT / "_build" / "fuzz", ROOT / "_build" / "fuzz" / name
    reached.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(targets.seeds(name)):
        (reached / f"seed-{number}").write_bytes(content)
        targets.TARGETS[name](content)  # what it imports must not count as its time
    bounds = ["-timeout=20", "-rss_limit_mb=2048", "-malloc_limit_mb=1024", "-max_len=20000"]
    bounds += [f"-max_total_time={seconds}", f"-artifact_prefix={found}/found-{name}-", "-print_final_stats=1"]

    def keep_what_breaks_it(content):
        try:
            targets.TARGETS[name](content)
        except BaseException:  # libFuzzer's own copy would come only after Python's end, which its clock may cut short
            (found / f"found-{name}-{hashlib.sha256(content).hexdigest()[:16]}").write_bytes(content)
            raise

    atheris.Setup([sys.argv[0], *bounds, str(reached)], keep_what_breaks_it)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
