"""Write how many minutes each chapter takes into its first cell, and onto its card in index.md, with their sum.

All are computed by one rule, from a chapter's words, lines of code, widgets and exercises. The course in course.md
gets them as well, with the minutes that its plans spend on each chapter in class, and what is left for home: never
less than the exercises and the quiz.
`--check` writes nothing, and names the files whose minutes are others.
"""

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORDS_A_MINUTE = 200
LINES_A_MINUTE = 15  # of code that a reader sees, read and run
MINUTES_OF_EXERCISE = {"warm-up": 2, "work": 6, "open": 10}
MINUTES_OF_WIDGET = 3
ROUNDED_TO = 5
UNSEEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}  # a solution belongs to its exercise
NEEDS = re.compile(r"(\| You need \|.*\| Minutes \|\n\|[- |]+\|\n\|.+\| )(\d+)( \|)")
OF_CHAPTER = re.compile(r"^(:::.* \[.*\]\(chapters/(\w+)\.ipynb\)\n(?::.*\n)*?:footer: )(\d+)( minutes)$", re.MULTILINE)
OF_COURSE = re.compile(r"^(\| \[.*\]\(chapters/(\w+)\.ipynb\)) \| \d+ \| \d+ \| \d+ \|$", re.MULTILINE)
# A row of a plan: from, to, and where it first leads, which is the chapter that the time is spent on.
OF_PLAN = re.compile(r"^\| (\d+) to (\d+) \|(?:.*?\(chapters/(\w+)\.ipynb)?.*\|$", re.MULTILINE)
TOTAL = re.compile(r"^(Altogether that makes ).*(\.)$", re.MULTILINE)


def minutes_of(cells):
    """Return the minutes of a chapter, a multiple of 5; cells: its cells, as dicts of a notebook file."""
    words = lines = others = 0
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            prose = re.sub(r"```.*?```", "", source, flags=re.DOTALL)
            words += len(re.findall(r"\S*\w\S*", prose))
            others += sum(MINUTES_OF_EXERCISE[grade] for grade in grades_in(source))
        elif not UNSEEN & set(cell["metadata"].get("tags", [])):
            lines += sum(bool(line.strip()) for line in source.splitlines())
            others += MINUTES_OF_WIDGET * source.count("from mnist_tutorial.widgets.")
    minutes = words / WORDS_A_MINUTE + lines / LINES_A_MINUTE + others
    return max(1, round(minutes / ROUNDED_TO)) * ROUNDED_TO


def minutes_of_exercises(cells):
    """Return the minutes of a chapter's exercises and of its quiz, a multiple of 5."""
    grades = [grade for cell in cells for grade in grades_in("".join(cell["source"]))]
    minutes = sum(MINUTES_OF_EXERCISE[grade] for grade in grades) + MINUTES_OF_WIDGET
    return max(1, round(minutes / ROUNDED_TO)) * ROUNDED_TO


def grades_in(text):
    """Return the grades of the exercises that a Markdown text asks, such as "**Exercise 2 (work).**"."""
    return re.findall(rf"\*\*Exercise \d+ \(({'|'.join(MINUTES_OF_EXERCISE)})\)\.\*\*", text)


def in_hours(minutes):
    """Return minutes in words: "1 hour", "2 hours and 5 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour"), (rest, "minute")]
    return " and ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in parts if count) or "0 minutes"


def written(root=ROOT):
    """Return {path: text} of the chapters and the index as they should be: with the minutes that the rule gives."""
    texts, minutes, exercises = {}, {}, {}
    for path in sorted((root / "chapters").glob("*.ipynb")):
        notebook = json.loads(path.read_text("utf-8"))
        minutes[path.stem] = minutes_of(notebook["cells"])
        exercises[path.stem] = minutes_of_exercises(notebook["cells"])
        title = notebook["cells"][0]
        source = NEEDS.sub(rf"\g<1>{minutes[path.stem]}\g<3>", "".join(title["source"]))
        title["source"] = source.splitlines(keepends=True)
        texts[path] = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    index = root / "index.md"
    text = OF_CHAPTER.sub(lambda card: f"{card[1]}{minutes[card[2]]}{card[4]}", index.read_text("utf-8"))
    total = sum(minutes[name] for _, name, _, _ in OF_CHAPTER.findall(text))
    texts[index] = TOTAL.sub(rf"\g<1>{total} minutes, which is {in_hours(total)}\g<2>", text)
    course = root / "course.md"
    if course.is_file():
        text = course.read_text("utf-8")
        spent = in_class(text)
        texts[course] = OF_COURSE.sub(lambda row: _row(row, minutes, exercises, spent), text)
    return texts


def in_class(text):
    """Return {chapter: minutes} that the plans of a course spend on each chapter."""
    spent = {}
    for start, end, chapter in OF_PLAN.findall(text):
        spent[chapter] = spent.get(chapter, 0) + int(end) - int(start)
    return spent


def _row(row, minutes, exercises, spent):
    """Return a row of the course's chapters: altogether, in class, at home."""
    name = row[2]
    in_lessons = spent.get(name, 0)
    at_home = max(minutes[name] - in_lessons, exercises[name])
    return f"{row[1]} | {minutes[name]} | {in_lessons} | {at_home} |"


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only look; exit with 1 if a file has other minutes")
    options = parser.parse_args()
    changed = {path: text for path, text in written().items() if text != path.read_text("utf-8")}
    for path, text in changed.items():
        if not options.check:
            path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.relative_to(ROOT)}: {'has other minutes' if options.check else 'written'}")
    if options.check and changed:
        sys.exit("Run `python scripts/write_minutes.py` without --check.")


if __name__ == "__main__":
    main()
