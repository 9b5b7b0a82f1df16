"""How the book says things that many tests read."""


def a_digit(digit):
    """Return a digit with its article, as the widgets say it: "a 3", "an 8"."""
    return f"{'an' if digit == 8 else 'a'} {digit}"
