"""PredictionInspector: every mistake of a network, cell by cell of its confusion matrix."""

import numpy as np
import traitlets

from mnist_tutorial.evaluation import mistakes
from mnist_tutorial.label_votes import SOURCE, Votes, votes_on
from mnist_tutorial.widgets.packing import pack
from mnist_tutorial.widgets.prediction_inspector import fallback
from mnist_tutorial.widgets.validation import Choice, WholeNumber, digits_as_loaded, is_whole_number, whole_number
from mnist_tutorial.widgets.widget import BookWidget

ORDERS = ("most confident", "least confident", "test set")
CANNOT_TELL = -1  # the judgement "nobody can tell"


class PredictionInspector(BookWidget):
    """Show what a network answered to a test set: the confusion matrix, and the digits of each of its cells.

    images: (n, 28, 28) uint8. labels: (n,) whole numbers, 0 to 9. probabilities: (n, 10), as `model.predict` returns
    them. neighbours: {position in the test set: positions in the training set}, for example
    `dict(zip(wrong, nearest(...)))`; training: (X_train, Y_train), where these stand. votes: {position: the five
    numbers of label_votes.Votes}; None for the published votes if the digits are MNIST's, and else for none.
    per_digit: how many of the right answers to hold for each digit, half of them the least confident and half the
    most. max_errors: hold all errors if there are no more than these, else the most confident ones. index: position of
    the digit shown first, which must be held; None for the most confident error. Raises ValueError for anything else.

    Traits to read, set and observe: `cell`, [label, answer], [] for all cells together; `index`, a position in the
    test set; `order`, one of ORDERS; `only_errors`; `judgements`, {position: the digit that the reader sees there, or
    -1 for "nobody can tell"}. `positions` are those of the digits held, the most confident answer first; `counts` is
    the confusion matrix of all n digits, row by row.
    """

    images = traitlets.Bytes().tag(sync=True)  # (m, 28, 14): two pixels a byte, 16 greys
    probabilities = traitlets.Bytes().tag(sync=True)  # (m, 10) little-endian float32
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    positions = traitlets.List(traitlets.Int()).tag(sync=True)
    counts = traitlets.List(traitlets.Int()).tag(sync=True)  # of label 4 and answer 9: at 49
    per_digit = traitlets.Int().tag(sync=True)
    neighbours = traitlets.List().tag(sync=True)  # for each digit held, places in the three lists below
    training_images = traitlets.Bytes().tag(sync=True)
    training_labels = traitlets.List(traitlets.Int()).tag(sync=True)
    training_positions = traitlets.List(traitlets.Int()).tag(sync=True)
    votes = traitlets.Dict().tag(sync=True)  # {position, as text: the five numbers of Votes}
    source = traitlets.Unicode().tag(sync=True)  # of the votes
    cell = traitlets.List().tag(sync=True)
    index = WholeNumber(0).tag(sync=True)
    order = Choice(ORDERS, ORDERS[0]).tag(sync=True)
    only_errors = traitlets.Bool(True).tag(sync=True)
    judgements = traitlets.Dict().tag(  # JSON knows only text as keys
        sync=True, to_json=lambda value, widget: {str(key): answer for key, answer in value.items()}
    )

    def __init__(
        self, images, labels, probabilities, neighbours=None, training=None, votes=None,
        per_digit=12, max_errors=1000, index=None, **traits,
    ):  # fmt: skip
        images, labels = digits_as_loaded("PredictionInspector", images, labels)
        probabilities = _as_predicted(probabilities, len(images))
        for name, value in (("per_digit", per_digit), ("max_errors", max_errors)):
            whole_number(name, value, 1, error=ValueError)
        answers = probabilities.argmax(axis=1)
        held = _held(probabilities, labels, answers, per_digit, max_errors)
        of_digit, used, packed, names = _neighbours(neighbours, training, held)
        checked_votes = votes_on(images, labels) if votes is None else _checked_votes(votes, len(images))
        cell = traits.get("cell")
        cell = list(cell) if isinstance(cell, list | tuple) else []
        if index is None:
            in_cell = [place for place in held if not cell or [labels[place], answers[place]] == cell]
            wrong = [place for place in in_cell if labels[place] != answers[place]]
            index = [*wrong, *in_cell, *held][0]
        shown = cell or ([labels[index], answers[index]] if index in held else [])
        super().__init__(
            images=pack(images[held]),
            probabilities=probabilities[held].astype("<f4").tobytes(),
            labels=labels[held].tolist(),
            positions=held.tolist(),
            counts=np.bincount(10 * labels.astype(int) + answers, minlength=100).tolist(),
            per_digit=per_digit,
            neighbours=of_digit,
            training_images=packed,
            training_labels=names,
            training_positions=used,
            votes={str(place): list(checked_votes[place]) for place in held.tolist() if place in checked_votes},
            source=SOURCE if votes is None and checked_votes else "",
            index=index,
            **{"only_errors": len(set(shown)) != 1} | traits,
        )

    @property
    def confusion(self):
        """Return how often each label (row) got each answer (column), over all digits: (10, 10) whole numbers."""
        return np.array(self.counts).reshape(10, 10)

    @property
    def answers(self):
        """Return what the network answered to each digit held: (m,) whole numbers, 0 to 9."""
        return np.frombuffer(self.probabilities, dtype="<f4").reshape(-1, 10).argmax(axis=1)

    @traitlets.validate("cell")
    def _check_cell(self, proposal):
        value = proposal.value
        if len(value) not in (0, 2) or not all(is_whole_number(digit) and 0 <= digit <= 9 for digit in value):
            raise traitlets.TraitError(
                f"cell was given {value}; it expects [label, answer], two digits from 0 to 9, or [] for all cells."
            )
        return [int(digit) for digit in value]

    @traitlets.validate("index")
    def _check_index(self, proposal):
        return self._held_position("index", proposal.value)

    @traitlets.validate("judgements")
    def _check_judgements(self, proposal):
        checked = {}
        for place, answer in proposal.value.items():
            place = int(place) if isinstance(place, str) and place.isdecimal() else place
            if not is_whole_number(answer) or not CANNOT_TELL <= answer <= 9:
                raise traitlets.TraitError(
                    f"judgements was given {answer!r} for {place}; it expects the digit that you see there, 0 to 9, "
                    "or -1 for nobody can tell."
                )
            checked[self._held_position("judgements", place)] = int(answer)
        return checked

    def _held_position(self, name, place):
        if not is_whole_number(place) or place not in self.positions:
            raise traitlets.TraitError(
                f"{name} was given {place!r}; it expects the position of a digit that the widget holds, "
                "one of those in `positions`: the errors, and a few of the right answers."
            )
        return int(place)

    def fallback(self):
        """Return the confusion matrix as a table, the most frequent confusions, and an image of the errors."""
        return fallback.matrix(self.confusion) + fallback.errors(self.images, self.labels, self.answers, self.confusion)


def _held(probabilities, labels, answers, per_digit, max_errors):
    """Return the positions to hold, the most confident answer first."""
    confidence = probabilities.max(axis=1)
    held = [mistakes(probabilities, labels)[:max_errors]]
    for digit in range(10):
        right = np.flatnonzero((labels == digit) & (answers == digit))
        right = right[np.argsort(confidence[right], kind="stable")]
        least = min(per_digit // 2, len(right))
        most = min(per_digit - least, len(right) - least)
        held += [right[:least], right[len(right) - most :]]
    held = np.sort(np.concatenate(held))
    return held[np.argsort(-confidence[held], kind="stable")]


def _as_predicted(probabilities, count):
    """Return the probabilities as an array if a network can have predicted them."""
    probabilities = np.asarray(probabilities)
    form = f"shape {probabilities.shape} and type {probabilities.dtype}"
    if probabilities.shape == (count, 10) and np.issubdtype(probabilities.dtype, np.floating):
        # Written so that a NaN fails as well.
        if (probabilities >= 0).all() and (np.abs(probabilities.sum(axis=1) - 1) < 1e-3).all():
            return probabilities
        form = "numbers that are not probabilities"
    raise ValueError(
        f"PredictionInspector was given probabilities of {form}; it expects what model.predict() returns for the "
        f"{count:,} images: ({count}, 10), each row ten numbers from 0 to 1 that add up to 1."
    )


def _neighbours(neighbours, training, held):
    """Return the places of each held digit's neighbours, and those neighbours: positions, packed images, labels."""
    if neighbours is None:
        return [[] for _ in held], [], b"", []
    if not isinstance(neighbours, dict) or training is None or len(training) != 2:
        raise ValueError(
            f"neighbours was given as {type(neighbours).__name__}, training as {type(training).__name__}; they expect "
            "{position in the test set: positions in the training set} and (X_train, Y_train), where these stand."
        )
    images, labels = digits_as_loaded("PredictionInspector (training)", *training)
    of_digit = [np.asarray(neighbours.get(place, []), dtype=int).tolist() for place in held.tolist()]
    used = sorted(set().union(*of_digit))
    if used and not 0 <= used[0] <= used[-1] < len(images):
        raise ValueError(
            f"neighbours was given positions from {used[0]} to {used[-1]}; "
            f"it expects positions in the training set, 0 to {len(images) - 1}."
        )
    place_of = {position: place for place, position in enumerate(used)}
    return (
        [[place_of[position] for position in one] for one in of_digit],
        used,
        pack(images[used]),
        labels[used].tolist(),
    )


def _checked_votes(votes, count):
    """Return the reader's own votes, checked."""
    for place, five in votes.items():
        whole = len(five) == 5 and all(is_whole_number(number) and number >= 0 for number in five)
        if not whole or max(five[:2]) > 9 or not is_whole_number(place) or not 0 <= place < count:
            raise ValueError(
                f"votes was given {place!r}: {five!r}; it expects {{position from 0 to {count - 1}: "
                f"({', '.join(Votes._fields)})}}, two digits and three counts."
            )
    return votes
