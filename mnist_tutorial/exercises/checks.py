"""Checks that a reader can run.

It imports inside its functions what may be missing, because it is here to say so.
"""

import platform
import reprlib
import sys
from collections.abc import Mapping, Set
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from operator import index

from mnist_tutorial import reader_settings

NEEDED = ("tensorflow", "keras", "numpy", "matplotlib", "scikit-learn", "ipywidgets")
SUPPORTED = ((3, 11), (3, 13))
WRONG_TRIES = 2  # before the answer is offered
_wrong = {}  # question's id -> the wrong answers given since Python started


def check_installation():
    """Print what is installed, and in the last line whether that is enough; return True if it is."""
    problems = []
    print(f"Python {platform.python_version()} on {platform.system()}")
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        problems.append("the book needs Python 3.11, 3.12 or 3.13: install one of them and start again")
    problems += reader_settings.hiding_files()
    for note in reader_settings.notes:
        print(f"Note: {note}")
    if (backend := reader_settings.backend_in_use()) != "tensorflow":
        problems.append(
            f"Keras computes with {backend}, and the book is written for TensorFlow: "
            "set KERAS_BACKEND=tensorflow before Python starts"
        )
    for name in NEEDED:
        try:
            print(f"{name} {version(name)}")
        except PackageNotFoundError:
            print(f"{name} is missing")
            problems.append(f"{name} is missing: type  {sys.executable} -m pip install {name}")
    if not problems:
        try:
            keras = import_module("keras")
            total = float(keras.ops.sum(keras.ops.ones((2, 3))))
        except Exception as error:  # whatever stops TensorFlow, the reader needs to see it
            problems.append(f"TensorFlow does not start: {error}")
        else:
            if total != 6:
                problems.append(f"TensorFlow computed 2 x 3 ones and got {total} as their sum, not 6")
    print("Everything is ready." if not problems else "Not ready: " + "; ".join(problems) + ".")
    return not problems


def check(question_id, given, *more):
    """Print what is right and what is wrong about an answer, with a hint; return True if it is right.

    question_id: of an exercise, or of a question of a Quiz that asks for a number. given: a number of any kind, a
    number as text (with a decimal point, or a decimal comma), or, where a shape is asked for, a shape or the array
    that has it. more: nothing; it is there to answer those who typed a decimal comma or a shape without its
    parentheses. The answer itself is offered after two wrong tries. Raises ValueError for an unknown id or for a
    question with choices.
    """
    from mnist_tutorial.exercises import bank

    question = bank.find(question_id)
    asks_for_shape = isinstance(question["right"], list)
    if more:
        example = "a shape in parentheses, such as (2, 3)" if asks_for_shape else "a decimal with a point, such as 0.5"
        print(f"✗ These are {1 + len(more)} answers, and one is expected. Write {example}.")
        return False
    given, trouble = _readable(given, question["right"] if asks_for_shape else None)
    if trouble:
        print(f"✗ {trouble}")
        return False
    reply = bank.reply_to(question, given)
    print(f"{'✓' if reply.right else '✗'} {reply.text}")
    if reply.right:
        return True
    if isinstance(given, tuple):
        print(_partly(given, tuple(question["right"])))
    if reply.right is False:
        print(f"Look again at ‘{question['where']}’.")
        tries = _wrong.setdefault(question_id, set())
        tries.add(given)
        if len(tries) >= WRONG_TRIES:
            print(f'To see the answer and why it is so, type  show_answer("{question_id}")')
    return False


def show_answer(question_id):
    """Print the answer of a question, and the reason for it; before two wrong tries with check(), a hint."""
    from mnist_tutorial.exercises import bank

    question = bank.find(question_id)
    if len(_wrong.get(question_id, ())) >= WRONG_TRIES:
        print(f"{question['ask']}\n{bank.solution(question)}")
    else:
        print(f"First try it twice with check({question_id!r}, ...). A hint: {question['hint']}")


def check_function(function, like, cases, hint):
    """Print for which cases a reader's function gives what the book's does, and a hint if not; return True if for all.

    function: the reader's. like: the book's. cases: a list of what each is called with, one value a case. hint: a
    sentence for when a case is wrong. What the book's function gives is not shown.
    """
    import numpy as np

    right = True
    for case in cases:
        try:
            found = np.asarray(function(case))
        except Exception as error:  # whatever the reader's code does, it is answered
            trouble = f"it stops with {type(error).__name__}: {error}"
        else:
            trouble = _difference(found, np.asarray(like(case)))
        right = right and not trouble
        written = np.array2string(np.asarray(case), threshold=20, separator=", ").replace("\n", "")
        print(f"✗ for {written}: {trouble}" if trouble else f"✓ for {written}")
    print("Right in all cases." if right else f"Hint: {hint}")
    return right


def _readable(given, right_shape):
    """Return an answer as a number, a text or a tuple, and None; or None and what is wrong with it.

    right_shape: a list where a shape is asked for, else None.
    """
    import numpy as np

    if right_shape is not None:
        if shapes := _shapes_in(given):
            return next((shape for shape in shapes if list(shape) == right_shape), shapes[0]), None
        return None, f"A shape is asked for, such as (2, 3), or an array that has it. This is {reprlib.repr(given)}."
    if isinstance(given, str):
        return given, None
    trouble = f"A single number is asked for. This is {reprlib.repr(given)}."
    if isinstance(given, Decimal | Fraction):
        try:
            given = float(given)
        except (OverflowError, ValueError):
            return None, trouble
    array = np.asarray(given)
    if array.size != 1 or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return None, trouble
    return array.item(), None


def _shapes_in(given):
    """Return what may be meant by an answer as a shape, as tuples: the shape that it has, and the one that it is."""
    shapes = []
    for sizes in (getattr(given, "shape", None), given):
        if isinstance(sizes, str | Set | Mapping):
            continue
        try:
            sizes = tuple(sizes)
        except Exception:  # not a sequence; Keras's variables raise an error of TensorFlow's
            continue
        sizes = sizes[1:] if sizes and sizes[0] is None else sizes  # Keras's None: any number
        try:
            shapes.append(tuple(index(size) for size in sizes))
        except TypeError:  # rows, decimals or texts
            continue
    return shapes


def _partly(given, right):
    """Say what is right about a shape that is not."""
    if len(given) != len(right):
        return f"The number of directions is {len(given)}, which is too {'few' if len(given) < len(right) else 'many'}."
    count = sum(a == b for a, b in zip(given, right, strict=True))
    return f"It has as many directions as it should, and the size is right in {count} of {len(right)} of them."


def _difference(found, expected):
    """Say what is wrong with a result; an empty text for nothing."""
    import numpy as np

    if found.shape != expected.shape:
        return f"the result has the shape {found.shape}, which is not the right one."
    if found.dtype.kind not in "biuf":
        return f"the result is of type {found.dtype}, which is no number."
    wrong = ~np.isclose(found, expected, rtol=1e-4, atol=1e-6)
    return f"not right in {wrong.sum()} of {wrong.size} places." if wrong.any() else ""
