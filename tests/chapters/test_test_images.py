"""The test images are used for a last look and for nothing else: no chapter's code chooses anything on them."""

import pytest
from choices_on_test_data import choices_in

from chapters import CHAPTERS, cells_of, each_chapter

# Cells that look like a choice and are none. Each has its reason; a new one has to be argued for here.
NO_CHOICE = {
    "01-21": "the best and the worst read digit, to name them",
    "01-48": "the digit that loses most by a limit chosen on training images, to name it",
    "07-0f37e4": "the edges of a histogram",
    "08-e05f8f": "two groups of writers, not settings",
    "08-e372f7": "the group that is read worse, to name it",
    "09-24": "how far images may be spoiled; the network stays as it is",
    "09-25": "the figure of 09-24",
    "09-27": "the sentence about 09-24",
    "09-37": "how far images may be turned; the network stays as it is",
    "10-37": "the filter that would be missed most, to name it; it stays",
    "13-54": "two ways side by side, by kind of image",
    "13-55": "the kind of image that is refused worst, to name it",
}
LOAD = "(X_train, Y_train), (X_test, Y_test) = load_mnist()\n"
SCORE = "def right(model):\n    return (model.predict(X_test).argmax(axis=1) == Y_test).mean()\n"


def kinds(code, load=LOAD):
    return {choice.kind for choice in choices_in([("cell", load + code)])}


@each_chapter
def test_nothing_is_chosen_on_test_images(path):
    found = choices_in([(cell.id, cell.source) for cell in cells_of(path, "code")])
    assert [choice for choice in found if choice.cell not in NO_CHOICE] == []


def test_what_is_listed_as_no_choice_still_looks_like_one():
    cells = [[(cell.id, cell.source) for cell in cells_of(path, "code")] for path in CHAPTERS]
    assert {choice.cell for chapter in cells for choice in choices_in(chapter)} >= set(NO_CHOICE)


# --- the search itself


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("scores = [model.evaluate(X_test, Y_test)[1] for model in models]\nbest = np.argmax(scores)", "best-of"),
        (f"{SCORE}best = max(models, key=right)", "best-of"),
        (f"{SCORE}best = max(models, key=lambda model: right(model))", "best-of"),
        (f"{SCORE}best = sorted(models, key=lambda model: -right(model))[0]", "best-of"),
        ("rights = np.array([(p == Y_test).mean() for p in answers])\nbest = rights.argmax()", "best-of"),
        ("rights = {}\nfor b in (2, 4):\n    rights[b] = (read(X_test, b) == Y_test).mean()\nmin(rights)", "best-of"),
        ("for b in (2, 4, 8):\n    print((rounded(X_test, b) == Y_test).mean())", "sweep"),
        ("{b: (rounded(X_test, b) == Y_test).mean() for b in bits}", "sweep"),
        ("def f(b):\n    return (read(rows, b) == Y_test).mean()\nrows = X_test\n[f(b) for b in bits]", "sweep"),
        ("for limit in (0.3, 0.4):\n    slim = widths(X_test) < limit\n    print(slim[Y_test == 1].mean())", "sweep"),
        ("images = process(X_test)\nfor rate in rates:\n    fit(rate).evaluate(images, Y_test)", "sweep"),
        (f"{SCORE}for epoch in range(9):\n    model = step(epoch)\n    if right(model) > 0.9:\n        break", "stop"),
        (f"{SCORE}while right(model) < 0.9:\n    model = step(model)", "stop"),
        (f"{SCORE}while True:\n    if right(model) > 0.9:\n        break", "stop"),
        ("model.fit(X_train, Y_train, validation_data=(X_test, Y_test))", "training"),
        ("X = np.concatenate([X_train, X_test])\nmodel.fit(X, Y)", "training"),
    ],
)
def test_it_finds_a_choice(code, kind):
    assert kind in kinds(code)
    load = "(X_train, Y_train), (X_test, Y_test) = load_mnist()\nX_check, Y_check = X_train[-9:], Y_train[-9:]\n"
    assert kinds(code.replace("X_test", "X_check").replace("Y_test", "Y_check"), load) == set()


@pytest.mark.parametrize(
    "code",
    [
        "probabilities = model.predict(X_test)\nanswers = probabilities.argmax(axis=1)",
        "test_loss, test_accuracy = model.evaluate(X_test, Y_test)\nprint(test_accuracy)",
        "shares = [(answers(X_test)[Y_test == digit] == digit).mean() for digit in range(10)]",
        "order = np.argsort(model.predict(X_test).max(axis=1))",
        "for i in range(0, len(X_test), 200):\n    right += (read(X_test[i : i + 200]) == Y_test[i : i + 200]).sum()",
        "for image, label in zip(X_test, Y_test):\n    right.append((read(image) == label).sum())",
        "scores = [model.evaluate(X_train, Y_train)[1] for model in models]\nbest = models[np.argmax(scores)]\n"
        "best.evaluate(X_test, Y_test)",
        "X_test = X_train[:9]\nY_test = Y_train[:9]\nmax([(read(X_test, b) == Y_test).mean() for b in bits])",
        "model.fit(X_train, Y_train, validation_split=0.1)",
    ],
)
def test_it_lets_a_last_look_pass(code):
    assert kinds(code) == set()


def test_it_finds_how_bits_and_a_rule_were_once_tried_on_test_images():
    bits = (
        "images = process_images(X_test)\n"
        "rows = np.empty((len(images), 4320))\n"
        "for i in range(0, len(images), 200):\n    rows[i : i + 200] = to_row(images[i : i + 200])\n"
        "def try_out(weights):\n"
        "    read = (np.maximum(rows @ weights, 0) @ output[0]).argmax(axis=1)\n"
        "    return {'accuracy': (read == Y_test).mean()}\n"
        "plain = {}\n"
        "for b in [8, 6, 4, 3, 2]:\n    plain[b] = try_out(rounded(hidden[0], b))\n"
    )
    rule = (
        "measured = [measure(image) for image in X_test]\n"
        "for limit in (0.35, 0.45, 0.55):\n"
        "    slim = np.array([digit.holes == 0 and digit.width < limit for digit in measured])\n"
        "    print(f'{slim[Y_test == 1].mean():.0%}')\n"
    )
    assert kinds(bits) == {"sweep"}
    assert kinds(rule) == {"sweep"}
