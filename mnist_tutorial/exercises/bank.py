"""The book's questions: read from their files, checked for slips, and answered as the Quiz in the page answers them.

Each chapter has a file of its name in `questions/`, beside this module. Its `questions` are asked in its Quiz, and
each says of which kind it is and, in `where`, under which heading of the chapter the answer is given. Its `exercises`
are answered by `checks.check` in Jupyter, as are those of the questions that ask for a number.
"""

import difflib
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "questions"
ALWAYS = {"id": str, "ask": str, "where": str}
WITH_CHOICES = ALWAYS | {"choices": list}
WITH_NUMBER = ALWAYS | {"right": (int, float, list), "hint": str, "because": str}
KINDS = ("recall", "compute", "judgement")  # of questions: to know again, to work out, to judge a case
OPTIONAL = {"kind": str}
OPTIONAL_WITH_NUMBER = OPTIONAL | {"tolerance": (int, float), "percent": bool, "wrong": list}
_NUMBER = re.compile(r"[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(\.[0-9]*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?([1-9][0-9]{0,2}(\.[0-9]{3})+|[0-9]*),[0-9]+")  # tried after the form above
_32_BITS = 0xFFFFFFFF
_THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")


class Reply(NamedTuple):
    """What is said to an answer: `right` is True, False, or None for what is no answer at all."""

    right: bool | None
    text: str


def of_chapter(chapter):
    """Return a chapter's questions as a list of dicts; chapter: the name of its file, such as "05_build_model"."""
    return _read(chapter)["questions"]


def find(question_id):
    """Return the question or the exercise of this id that asks for a number or a shape, wherever in the book."""
    chapters = [_read(path.stem) for path in sorted(FOLDER.glob("*.toml"))]
    known = {one["id"]: one for kinds in chapters for kind in kinds.values() for one in kind}
    if question_id not in known:
        near = ", ".join(difflib.get_close_matches(str(question_id), known, cutoff=0))
        raise ValueError(f"There is no question {question_id!r}; the nearest names are {near}.")
    if "choices" in known[question_id]:
        raise ValueError(f"{question_id!r} is a question with choices; expected one that asks for a number or a shape.")
    return known[question_id]


def _read(chapter):
    path = FOLDER / f"{chapter}.toml"
    if not path.is_file():
        names = ", ".join(sorted(path.stem for path in FOLDER.glob("*.toml")))
        raise ValueError(f"There are no questions for {chapter!r}; expected one of {names}.")
    return read(path)


def read(path):
    """Return the `questions` and the `exercises` of a file, checked; raises ValueError if one or the other is bad."""
    try:
        kinds = tomllib.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read: {error}.") from error
    return {name: checked(kinds.get(name, [])) for name in ("questions", "exercises")}


def checked(questions):
    """Return questions as given, with what may be left out filled in; raise ValueError that names a bad one."""
    if not isinstance(questions, list | tuple) or not all(isinstance(one, dict) for one in questions):
        raise ValueError(f"The questions were given as {questions!r}; expected a list of dicts.")
    seen, done = set(), []
    for number, one in enumerate(questions, start=1):
        name = f"Question {one.get('id') or number!r}"
        needed = WITH_CHOICES if "choices" in one else WITH_NUMBER
        optional = OPTIONAL if "choices" in one else OPTIONAL_WITH_NUMBER
        _fields(one, needed, optional, name)
        if one.get("kind", KINDS[0]) not in KINDS:
            raise ValueError(f"{name}: kind was given {one['kind']!r}; expected one of {', '.join(KINDS)}.")
        if one["id"] in seen:
            raise ValueError(f"{name}: the id is given to two questions; expected one of its own for each.")
        seen.add(one["id"])
        done.append(_with_choices(one, name) if "choices" in one else _with_number(one, name))
    return done


def _fields(one, needed, optional, name):
    if not isinstance(one, dict):
        raise ValueError(f"{name} was given as {one!r}; expected a dict.")
    if missing := needed.keys() - one.keys():
        raise ValueError(f"{name} has no {' and no '.join(sorted(missing))}.")
    if unknown := one.keys() - needed.keys() - optional.keys():
        raise ValueError(f"{name} has the unknown field {', '.join(sorted(map(str, unknown)))}.")
    for field, value in one.items():
        kind = (needed | optional)[field]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{name}: {field} was given {value!r}, which is of the wrong type.")
        if isinstance(value, str) and (not value.strip() or value.count("`") % 2):
            raise ValueError(f"{name}: {field} was given {value!r}; expected text, with `code` in pairs of backticks.")


def _with_choices(one, name):
    choices = one["choices"]
    for number, choice in enumerate(choices, start=1):
        _fields(choice, {"text": str, "says": str}, {"right": bool}, f"{name}, choice {number}")
    if (count := sum(choice.get("right", False) for choice in choices)) != 1:
        raise ValueError(f"{name} has {count} right choices; expected exactly one.")
    if len({choice["text"] for choice in choices}) != len(choices) or len(choices) < 2:
        raise ValueError(f"{name} has {len(choices)} choices; expected two or more, and no two alike.")
    return one | {"choices": [{"right": False} | choice for choice in choices]}


def _with_number(one, name):
    one = {"tolerance": 0, "percent": False, "wrong": []} | one
    if not _is_value(one["right"]) or not 0 <= one["tolerance"] < 1e300:
        raise ValueError(f"{name}: right was given {one['right']!r}, tolerance {one['tolerance']!r}.")
    for wrong in one["wrong"]:
        _fields(wrong, {"number": (int, float, list), "says": str}, {}, f"{name}, wrong number")
        if not _is_value(wrong["number"]) or _near(wrong["number"], one["right"], one["tolerance"]):
            raise ValueError(f"{name}: {wrong['number']!r} is told to be wrong, but is no number or counts as right.")
    return one


def _is_value(value):
    """Say whether this is a number that a float can hold or, for a shape, a list of whole numbers."""
    if isinstance(value, list):
        return all(isinstance(size, int) for size in value)
    return isinstance(value, int | float) and abs(value) < 1e300  # NaN is not, nor what no float can hold


def _near(given, right, tolerance):
    if isinstance(given, list) or isinstance(right, list):
        return given == right
    return abs(given - right) <= tolerance + 1e-9 * max(1, abs(right))  # floating-point numbers are seldom exact


def order_of(name, count, seed=0):
    """Return in which order `count` choices of the question `name` are shown: their positions, from 0, as a list.

    seed: a whole number of 32 bits, of the reader's own in a browser; 0 is the order where no script runs. The page
    computes the same.
    """
    state = 2166136261
    for character in f"{seed} {name}":  # FNV-1a
        state = (state ^ ord(character)) * 16777619 & _32_BITS
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        for shift in (13, -17, 5):  # xorshift
            state ^= (state << shift if shift > 0 else state >> -shift) & _32_BITS
        other = state % (last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def number_in(text, percent=False):
    """Return the number that a reader typed, such as 1,234 or .5, and with percent=True 50%; None for other text.

    A comma counts as a decimal comma where it cannot separate thousands: 0,693 and 12,5 and 1.234,5.
    """
    written, share = _without_percent(text, percent)
    if _NUMBER.fullmatch(written):
        number = float(written.replace(",", ""))
    elif _DECIMAL_COMMA.fullmatch(written):
        number = float(written.replace(".", "").replace(",", "."))
    else:
        return None
    return number / (100 if share else 1)


def _without_percent(text, percent):
    """Return a text with a plain minus sign and without its percent sign, and whether it had one that counts."""
    written = text.strip().replace("−", "-")
    share = percent and written.endswith("%")
    return (written[:-1].rstrip() if share else written), share


def reply_to(question, given):
    """Return the Reply to an answer; it never holds the solution of a wrong one.

    given: for a question with choices the position of one, from 0; otherwise a number, what a reader typed, or a
    shape as a list or a tuple.
    """
    if "choices" in question:
        choice = question["choices"][given]
        return Reply(choice["right"], ("Right. " if choice["right"] else "No. ") + choice["says"])
    number = number_in(given, question["percent"]) if isinstance(given, str) else given
    number = list(number) if isinstance(number, tuple) else number
    if number is None:
        example = ", 0.5 or 50%" if question["percent"] else " or 0.5"
        return Reply(None, f"“{given.strip()}” is no number that can be read here. Write it like 1234, 1,234{example}.")
    right = question["right"]
    if isinstance(given, str) and not isinstance(right, list) and right % 1:
        written, _ = _without_percent(given, question["percent"])
        if _THOUSANDS_OR_DECIMALS.fullmatch(written):  # the right number has decimals, so this may be a decimal comma
            forms = f"{written.replace(',', '.')} or {written.replace(',', '')}"
            return Reply(None, f"“{given.strip()}” can mean two numbers. Write it with a point or no comma: {forms}.")
    if _near(number, right, question["tolerance"]):
        praise = "The shape is right." if isinstance(number, list) else "Right."
        return Reply(True, f"{praise} {question['because']}")
    for wrong in question["wrong"]:
        if _near(number, wrong["number"], question["tolerance"]):
            return Reply(False, f"{str(given).strip()} is not it. {wrong['says']}")
    return Reply(False, f"{str(given).strip()} is not it. {question['hint']}")


def solution(question):
    """Return the answer of a question and the reason for it, in words."""
    if "choices" in question:
        right = next(choice for choice in question["choices"] if choice["right"])
        return f"{right['text']} {right['says']}" if right["text"][-1] in ".?!" else f"{right['text']}. {right['says']}"
    return f"{in_words(question)}. {question['because']}"


def in_words(question):
    """Return the right number or shape as the book writes it: 1,234 or 67% or (24, 24, 30)."""
    right = question["right"]
    if isinstance(right, list):
        return str(tuple(right))
    return f"{100 * right:.10g}%" if question["percent"] else f"{right:,.10g}"
