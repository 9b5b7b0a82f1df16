"""What a training in the page can be set to: the settings of widgets/engine/settings.js, which a test compares."""

import numbers

# From a setting's name to the book's value and what there may be: a range of whole numbers, (lowest, highest) of any
# numbers, or a list of choices.
SETTINGS = {
    "filters": (30, range(1, 65)),
    "kernelSize": (5, range(1, 10)),
    "hiddenUnits": (128, range(513)),
    "dropout": (0.2, (0, 0.95)),
    "softmax": ("once", ["once", "none", "twice"]),
    "loss": ("cross-entropy", ["cross-entropy", "squared error"]),
    "scaling": (True, [True, False]),
    "optimizer": ("adam", ["adam", "sgd"]),
    "learningRate": (0.001, (1e-6, 100)),
    "schedule": ("cosine", ["cosine", "constant"]),
    "batchSize": (200, range(1, 1025)),
    "epochs": (10, range(1, 1001)),
    "shift": (0, range(9)),
    "seed": (1, range(2**53)),
}


def fits(value, allowed):
    """Return whether a value is among those that are allowed, as SETTINGS says them; NumPy's numbers count as well."""
    if isinstance(allowed, list):
        return any(type(value) is type(choice) and value == choice for choice in allowed)
    kind = numbers.Integral if isinstance(allowed, range) else numbers.Real
    if isinstance(value, bool) or not isinstance(value, kind):
        return False
    return int(value) in allowed if isinstance(allowed, range) else allowed[0] <= value <= allowed[1]


def in_words(allowed):
    """Return in words what is allowed, for an error: "a whole number from 1 to 64"."""
    if isinstance(allowed, list):
        return " or ".join(map(repr, allowed))
    return f"a {'whole ' if isinstance(allowed, range) else ''}number from {allowed[0]} to {allowed[-1]}"
