"""The files of results that readers save below a Quiz, read for their teacher and put into one table.

A file is JSON that anyone can read, and so anyone can change: it holds what somebody says they have answered. An
answer is judged again by the questions of this copy of the book, and where the file says otherwise, the table notes it.
"""

import csv
import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mnist_tutorial.exercises import bank

FORMAT = "mnist-tutorial quiz results 1"
MAX_BYTES = 1_000_000  # the answers to all of the book's questions take 50 kB
MAX_TEXT = 500  # characters of a name, a question or an answer
COLUMNS = (
    "file",
    "name",
    "saved",
    "chapter",
    "question",
    "asked",
    "answer",
    "right",
    "wrong tries",
    "answer shown",
    "note",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet takes for a formula


class ResultsError(ValueError):
    """A file or a folder that holds no quiz results; the message says what is wrong with it."""


class Answered(NamedTuple):
    """One answer, a row of the table. `file` is the path within the folder; `chapter` and `note` may be empty."""

    file: str
    name: str
    saved: str
    chapter: str
    question: str
    asked: str
    answer: str
    right: bool
    wrong_tries: int
    shown: bool
    note: str


class Collected(NamedTuple):
    """What a folder holds: `answers`, a list of Answered; `files`, the read ones; `problems`, {file: what is wrong}."""

    answers: list
    files: list
    problems: dict

    def hardest(self, most=5):
        """Return what to talk about: [(how many did not get it right at once, how many answered it, one Answered)].

        At once means at the first try, and the answer is not open. The questions that most people missed come first,
        at most `most` of them.
        """
        missed, total, sample = Counter(), Counter(), {}
        for one in self.answers:
            total[one.question] += 1
            missed[one.question] += not one.right or one.wrong_tries > 0 or one.shown
            sample.setdefault(one.question, one)
        order = sorted(missed, key=lambda question: (-missed[question], question))
        return [(missed[question], total[question], sample[question]) for question in order[:most] if missed[question]]

    def in_words(self):
        """Return a few lines: how much there is, who has handed in several files, and what was hard."""
        lines = [f"{_count(len(self.files), 'file')} with {_count(len(self.answers), 'answer')}."]
        names = Counter(name for name, _ in {(one.name, one.file) for one in self.answers} if name)
        lines += [f"{name}: {count} files." for name, count in sorted(names.items()) if count > 1]
        if noted := sum(bool(one.note) for one in self.answers):
            lines.append(f"{_count(noted, 'answer')} with a note, in the last column of the table.")
        if missed := self.hardest():
            lines.append("To talk about, with how many did not get it right at once:")
            lines += [f"  {count} of {total}  {one.asked} ({one.chapter})" for count, total, one in missed]
        return "\n".join(lines)


def _count(number, word):
    return f"{number:,} {word}{'s' * (number != 1)}"


def _as_path(path):
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"A path was given as {str(path)[:100]!r}; expected text or a Path.")
    return Path(path)


def collect(folder):
    """Read every .json file in a folder and the folders in it; return it as Collected, with the bad files named.

    Raises ResultsError if there is no such folder, or no .json file in it.
    """
    folder = _as_path(folder)
    if not folder.is_dir():
        raise ResultsError(f"{folder} is not a folder; expected the one with the files that your students have saved.")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".json" and path.is_file())
    if not paths:
        raise ResultsError(
            f"{folder} holds no file that ends in .json; expected the files that your students have saved."
        )
    answers, files, problems = [], [], {}
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            answers += read(path, name)
            files.append(name)
        except ResultsError as error:
            problems[name] = str(error)
    return Collected(answers, files, problems)


def read(path, name=None):
    """Return the answers of one file as a list of Answered; name: what the table calls the file, by default its path.

    Raises ResultsError that says what is wrong with the file.
    """
    path = _as_path(path)
    name = str(path) if name is None else name
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ResultsError(f"It has {size:,} bytes; expected at most {MAX_BYTES:,}.")
        content = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        reason = error.strerror or error
        raise ResultsError(f"It cannot be opened: {reason}; expected a file as the book saves it.") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, ResultsError):
            raise
        raise ResultsError("It is not JSON; expected a file as the book saves it, unchanged.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ResultsError(f'It is not a file of quiz results; expected JSON with "format": "{FORMAT}".')
    student, saved = (_text(content, key, "the file") for key in ("name", "saved"))
    entries = content.get("answers")
    if not isinstance(entries, list):
        raise ResultsError('It has no list of "answers"; expected a file as the book saves it, unchanged.')
    answers = [_answered(entry, number, name, student, saved) for number, entry in enumerate(entries, start=1)]
    repeated = [question for question, count in Counter(one.question for one in answers).items() if count > 1]
    if repeated:
        raise ResultsError(f"It answers {', '.join(repeated[:3])} more than once.")
    return answers


def _answered(entry, number, name, student, saved):
    place = f"answer {number}"
    if not isinstance(entry, dict):
        raise ResultsError(f"{place.capitalize()} is {str(entry)[:40]!r}; expected an object with question and answer.")
    chapter, question, asked, answer = (_text(entry, key, place) for key in ("chapter", "question", "asked", "answer"))
    right, shown, tries = (entry.get(key) for key in ("right", "answer shown", "wrong tries"))
    if not isinstance(right, bool) or not isinstance(shown, bool):
        raise ResultsError(f'In {place}, "right" and "answer shown" are not both true or false.')
    if isinstance(tries, bool) or not isinstance(tries, int) or not 0 <= tries < 10**6:
        raise ResultsError(f'In {place}, "wrong tries" is {str(tries)[:40]!r}; expected a whole number of at least 0.')
    known, one = _questions().get(question, (chapter, None))
    return Answered(
        name, student, saved, known, question, asked, answer, right, tries, shown, _note(one, answer, right)
    )


def _text(content, key, place):
    text = content.get(key)
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise ResultsError(f'In {place}, "{key}" is not text of at most {MAX_TEXT} characters.')
    text = text.encode("utf-8", "replace").decode("utf-8")  # half a character, as JSON can have it, fits no table
    return " ".join(text.split())


@cache
def _questions():
    """Return {id: (chapter, question)} of the whole book."""
    chapters = {path.stem: bank.of_chapter(path.stem) for path in sorted(bank.FOLDER.glob("*.toml"))}
    return {one["id"]: (chapter, one) for chapter, questions in chapters.items() for one in questions}


def _note(question, answer, right):
    """Return what a teacher should know of an answer; "" where the book judges it as the file does."""
    if question is None:
        return "not a question of this copy of the book"
    if "choices" in question:
        judged = {" ".join(choice["text"].split()): choice["right"] for choice in question["choices"]}.get(answer)
    else:
        judged = bank.reply_to(question, answer).right
    if judged is None:
        return "not an answer that this copy of the book knows"
    if judged != right:
        return f"the file says {'right' if right else 'wrong'}, the book says {'right' if judged else 'wrong'}"
    return ""


def write_table(answers, path):
    """Write answers as CSV, one row each below a row of headings; return the path.

    It opens in spreadsheets as it is, and no text in it is taken for a formula. A file that is there already stays:
    the table then gets a number in its name.
    """
    path = _as_path(path)
    if not isinstance(answers, list | tuple) or not all(isinstance(one, Answered) for one in answers):
        raise TypeError(f"The answers were given as {str(answers)[:100]!r}; expected a list of Answered.")
    if not path.name or path.is_dir():
        raise ResultsError(f"{path} is a folder; expected the name of a file for the table.")
    rows = [[_cell(value) for value in one] for one in answers]
    for number in range(1, 10_000):
        free = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            with open(free, "x", encoding="utf-8-sig", newline="") as file:  # the mark at its start is for Excel
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                writer.writerows(rows)
            return free
        except FileExistsError:
            continue
        except (OSError, ValueError) as error:
            raise ResultsError(
                f"{free} cannot be written: {error}. It is expected to be in a folder where you may write."
            ) from error
    raise ResultsError(f"{path} and 9,998 more of its kind are there already; expected a name that is free.")


def _cell(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(FORMULA) and bank.number_in(value, percent=True) is None:
        return f"'{value}"
    return value
