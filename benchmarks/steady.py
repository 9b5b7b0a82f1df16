"""Run all tests again and again, and see whether one of them flakes or a number leaves its band: make steady [RUNS=10]

Each run begins without a built book, so that every chapter runs anew under nbmake; the book is made of what they said.
The outcome of each run goes into .steady.json. The runs of one state of the files count together, whenever they were
made: interrupted, this goes on where it was. After any change in the files it starts again. Ends with an error if a run
failed. The digits have to be MNIST's.
"""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from mnist_tutorial.reference.records import write_json
from site_checks.built_pages import parsed
from site_checks.numbers import BANDS, number_of

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / ".steady.json"


def state_of_files():
    """Return a string that differs when any file that git knows differs."""
    git = ["git", "-C", str(ROOT)]
    changed = subprocess.run([*git, "status", "--porcelain", "."], capture_output=True, text=True, check=True)
    if changed.stdout:
        raise SystemExit(f"Commit first what you have changed, so that it is known what was run:\n{changed.stdout}")
    listed = subprocess.run([*git, "ls-files", "--stage", "."], capture_output=True, check=True)
    return hashlib.sha256(listed.stdout).hexdigest()[:16]


def read_record(state):
    """Return the runs of this state of the files."""
    record = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    return record["runs"] if record.get("files") == state else []


def write_record(state, runs):
    """Save the runs of this state of the files, whole or not at all."""
    write_json(RECORD, {"about": "Made by `make steady`.", "files": state, "runs": runs})


def run_all():
    """Run all tests once, without any stored results; return the outcome."""
    shutil.rmtree(ROOT / "_build", ignore_errors=True)
    begun, started = datetime.datetime.now(datetime.UTC), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = f"{os.environ.get('PYTEST_ADDOPTS', '')} --junitxml={report}"
        # Here a missing browser is a failure and no skipped test.
        result = subprocess.run(["make", "test"], cwd=ROOT, env=os.environ | {"CI": "1", "PYTEST_ADDOPTS": options})
        seconds = time.monotonic() - started
        if not report.exists():
            raise SystemExit(f"make test ended with {result.returncode} and without a report: this run does not count.")
        outcome = outcome_of(report)
    if result.returncode and not outcome["failed"]:
        outcome["failed"] = [f"make test ended with {result.returncode}"]
    outcome["numbers"] = {} if outcome["failed"] else numbers()
    return {"begun": begun.isoformat(timespec="seconds"), "seconds": round(seconds), **outcome}


def outcome_of(report):
    """Return from a report of pytest how many tests passed and were skipped, and which of them failed."""
    cases = ElementTree.parse(report).getroot().findall(".//testcase")
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = sum(case.find("skipped") is not None for case in cases)
    failed = sorted({f"{case.get('classname')}::{case.get('name')}" for case in bad})
    return {"passed": len(cases) - len(bad) - skipped, "skipped": skipped, "failed": failed}


def numbers():
    """Return the numbers that have a band, as the book that the tests built has them."""
    parsed.cache_clear()
    return {name: number_of(ROOT / "_build" / "html", name) for name in BANDS}


def table_of(runs):
    """Return two tables: the runs, and the numbers' range in all of them."""
    lines = ["| run | begun | minutes | passed | skipped | failed |", "| ---: | --- | ---: | ---: | ---: | --- |"]
    for count, run in enumerate(runs, 1):
        failed = ", ".join(run["failed"]) or "none"
        minutes = run["seconds"] / 60
        lines.append(f"| {count} | {run['begun']} | {minutes:.0f} | {run['passed']} | {run['skipped']} | {failed} |")
    lines += ["", "| number | lowest | highest | band |", "| --- | ---: | ---: | --- |"]
    for name, (_, _, low, high) in BANDS.items():
        found = [run["numbers"][name] for run in runs if run["numbers"]] or [float("nan")]
        lines.append(f"| {name} | {min(found):g} | {max(found):g} | {low:g} to {high:g} |")
    return "\n".join(lines)


def main():
    """Run the tests until this state of the files has the given number of runs; print the tables."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    state = state_of_files()
    runs = read_record(state)
    while len(runs) < wanted:
        print(f"Run {len(runs) + 1} of {wanted} ...", flush=True)
        runs.append(run_all())
        write_record(state, runs)
    print(table_of(runs))
    if any(run["failed"] for run in runs):
        raise SystemExit("Not every run passed.")


if __name__ == "__main__":
    main()
