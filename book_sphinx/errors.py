"""Errors of a computer that has reached its limits, in words that tell a beginner what happened and what to do."""

import re

OUT_OF_MEMORY = (
    "Most likely the computer ran out of memory, and the system ended the chapter's Python to save the rest. "
    "Close other programs and notebooks, then do the same again; 2 GB of free memory are enough for every chapter."
)
DISK_FULL = (
    "The disk is full. Make room on it, then do the same again: what was finished is kept, and nothing half-written "
    "is used."
)
NOT_WRITABLE = (
    "The file or folder named above cannot be written to. Copy the book's folder to a place of your own, such as "
    "your home folder, and do the same there; or ask its owner for permission to write."
)
# The numbers are the operating systems' own; some libraries pass on only the words.
PATTERNS = {
    DISK_FULL: r"\[Errno (27|28|122)\]|errno = 28|No space left|\[WinError 112\]|[Dd]isk (is full|quota exceeded)",
    NOT_WRITABLE: r"\[Errno (13|30)\]|errno = (13|30)|[Pp]ermission denied|[Rr]ead-?only (file ?system|database)",
    OUT_OF_MEMORY: r"Kernel died|MemoryError|\[Errno 12\]|Unable to allocate|ResourceExhaustedError",
}


def explain(text):
    """Return what an error's text means and what to do, or None where it is not about the computer's limits."""
    return next((meaning for meaning, pattern in PATTERNS.items() if re.search(pattern, text)), None)


def error_chain(error):
    """Return an error, what caused it, what caused that, and so on."""
    errors = []
    while error is not None and error not in errors:
        errors.append(error)
        error = error.__cause__ or error.__context__ or getattr(error, "orig_exc", None)
    return errors
