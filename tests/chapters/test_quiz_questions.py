"""The questions of the Quiz: each answer that can be computed is computed here, and each is given in the book."""

import ast
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml

from mnist_tutorial import processing
from mnist_tutorial.evaluation import cross_entropy
from mnist_tutorial.exercises import bank
from mnist_tutorial.measurements import Measurements

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
NAMES = sorted(path.stem for path in bank.FOLDER.glob("*.toml"))
TABLE = np.array([[1, 2, 3], [4, 5, 6]])


def everything(*kinds):
    """Return the questions and the exercises of all chapters, or those of one kind."""
    kinds = kinds or ("questions", "exercises")
    return [one for name in NAMES for kind in kinds for one in bank._read(name)[kind]]


def function_of(chapter, name):
    """Return a function that a chapter's cell defines."""
    trees = [ast.parse(source) for source in sources(chapter, "code")]
    (found,) = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    names = {"np": np}
    exec(ast.unparse(found), names)
    return names[name]


def choices_of(question_id):
    """Return the texts of a question's choices, the right one first."""
    (question,) = [one for one in everything("questions") if one["id"] == question_id]
    return [choice["text"] for choice in sorted(question["choices"], key=lambda choice: not choice["right"])]


def keras_layer(name, *arguments, shape, **options):
    """Return a layer of Keras that is built for inputs of this shape."""
    import keras

    model = keras.Sequential([keras.Input(shape=shape), getattr(keras.layers, name)(*arguments, **options)])
    return model.layers[0]


def parameters(*arguments, **options):
    return keras_layer(*arguments, **options).count_params()


def output(*arguments, **options):
    return list(keras_layer(*arguments, **options).output.shape[1:])


def without_pooling():
    from mnist_tutorial.model import build_model

    rest = sum(layer.count_params() for layer in build_model().layers if layer.name.startswith(("conv", "dense")))
    hidden = parameters("Dense", 128, shape=(12 * 12 * 30,))
    return rest - hidden + parameters("Dense", 128, shape=(24 * 24 * 30,))


def convolve():
    layer = keras_layer("Conv2D", 1, 3, shape=(3, 3, 1))
    layer.set_weights([np.array([[-1, 0, 1]] * 3).reshape(3, 3, 1, 1), np.zeros(1)])
    pixels = np.array([[2, 0, 1], [0, 0, 3], [1, 5, 1]], dtype="float32")
    return float(layer(pixels.reshape(1, 3, 3, 1))[0, 0, 0, 0])


def unit_with_relu():
    layer = keras_layer("Dense", 1, activation="relu", shape=(3,))
    layer.set_weights([np.array([[0.5], [-1], [0.5]]), np.array([0.25])])
    return float(layer(np.array([[1, 2, 3]], dtype="float32"))[0, 0])


def softmax_of_equal():
    import keras

    return float(keras.activations.softmax(np.full((1, 10), 3.0))[0, 0])


def softmax_of_softmax(classes):
    import keras

    certain = keras.ops.one_hot([0], classes)
    return float(keras.activations.softmax(certain)[0, 0])


def steps_of_training():
    import keras

    model = keras.Sequential([keras.Input(shape=(1,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    model.fit(np.zeros((1050, 1)), np.zeros(1050), batch_size=200, epochs=4, verbose=0)
    return int(model.optimizer.iterations)


def losses(*probabilities):
    """Return the average loss of answers that gave these probabilities to the right one of two digits."""
    rows = np.array([[p, 1 - p] for p in probabilities])
    return cross_entropy(rows, np.array([[1.0, 0.0]] * len(rows))).mean()


def recall_from_a_table():
    from sklearn.metrics import recall_score

    return recall_score(np.repeat([0, 1], 10), np.repeat([0, 1, 0, 1], [8, 2, 4, 6]))


def width_after_scaling():
    from mnist_tutorial.handwriting import prepare

    image = np.full((200, 200), 255, dtype="uint8")
    image[50:150, 70:130] = 0
    return np.ptp(np.flatnonzero(prepare(image).steps["scale"].max(axis=0))) + 1


def products_of_the_first_layer():
    layer = keras_layer("Conv2D", 30, 5, shape=(28, 28, 1))
    return np.prod(layer.output.shape[1:]) * np.prod(layer.kernel.shape[:3])


def accuracy_by_hand():
    rows = np.array([[0.5, 0.3, 0.2], [0.4, 0.35, 0.25], [0.1, 0.2, 0.7], [0.3, 0.4, 0.3]])
    return (rows.argmax(axis=1) == [0, 1, 2, 1]).mean()


def sum_of_two_losses():
    import keras

    digits, sure = np.full((1, 10), 0.5 / 9), np.array([[0.8]])
    digits[0, 7] = 0.5
    first = keras.losses.categorical_crossentropy(np.eye(10)[[7]], digits)
    return float(first[0] + keras.losses.binary_crossentropy(np.ones((1, 1)), sure)[0])


def two_branches():
    import keras
    from keras import layers

    image = keras.Input((28, 28, 1))
    small, large = (layers.Conv2D(8, size, padding="same")(image) for size in (3, 7))
    x = layers.Flatten()(layers.MaxPooling2D(2)(layers.Concatenate()([small, large])))
    return keras.Model(image, layers.Dense(10)(x)).count_params()


def axes_of_a_batch():
    import onnx

    chapter = "\n".join(sources("14_take_it_with_you", "code"))
    call = next(line for line in chapter.splitlines() if '["images"], ["channel_first"]' in line).strip().rstrip(",")
    (order,) = eval(call, {"node": onnx.helper.make_node}).attribute
    return f"`{tuple((5, 32, 20, 3)[axis] for axis in order.ints)}`"


def error_passed_on(first=0.34, second=0.34, step=0.1):
    left = first - round(first / step) * step
    return round((second + left) / step) * step


def pixels_behind_three_convolutions():
    import keras

    stack = [keras.layers.Conv2D(1, 3, kernel_initializer="ones") for _ in range(3)]
    model = keras.Sequential([keras.Input(shape=(15, 15, 1)), *stack])
    lit = np.eye(225, dtype="float32").reshape(225, 15, 15, 1)  # one pixel at a time
    return np.count_nonzero(model(lit).numpy()[:, 4, 4, 0].reshape(15, 15)[7])


def normalised():
    layer = keras_layer("BatchNormalization", epsilon=1e-12, shape=(1,))
    return float(layer(np.array([[1], [1], [3], [3]], dtype="float32"), training=True)[-1, 0])


def slope_of_the_right_score(probability):
    import tensorflow as tf

    scores = tf.constant(np.log([probability, 1 - probability]))
    with tf.GradientTape() as tape:
        tape.watch(scores)
        loss = tf.nn.softmax_cross_entropy_with_logits(np.array([1.0, 0.0]), scores)
    return tape.gradient(loss, scores).numpy()[0]


def two_weights(rate=0.0):
    """Return the loss of the exercise's network after a step with this rate, and the slopes before it."""
    import tensorflow as tf

    def loss_of(weights):
        return (2 * weights[0] * weights[1] - 1) ** 2

    weights = tf.constant([0.5, -1], dtype="float64")
    with tf.GradientTape() as tape:
        tape.watch(weights)
        loss = loss_of(weights)
    slopes = tape.gradient(loss, weights)
    return float(loss_of(weights - rate * slopes)), slopes.numpy()


def right_after_a_lesson():
    right = np.arange(2000) < 1978
    right[-4:], right[:40] = True, False
    return right.sum()


NUMBERS = {
    "third-in-second-row": lambda: TABLE[1, 2],
    "sum-of-a-column": lambda: TABLE[:, 1].sum(),
    "zeros": lambda: list(np.zeros((4, 2)).shape),
    "shape-of-a-row": lambda: list(TABLE[1].shape),
    "shape-of-two-columns": lambda: list(TABLE[:, :2].shape),
    "shape-of-sums": lambda: list(TABLE.sum(axis=0).shape),
    "squared-distance": lambda: ((np.array([20, 5, 3]) - [14, 5, 11]) ** 2).sum(),
    "accuracy-of-rules": lambda: np.repeat([1, 0], [200, 50]).mean(),
    "weights-between-neurons": lambda: keras_layer("Dense", 5, shape=(8,)).kernel.numpy().size,
    "values-of-a-byte": lambda: len(np.unique(np.arange(1000).astype("uint8"))),
    "uint8-overflow": lambda: (np.array([250], dtype="uint8") + np.array([10], dtype="uint8"))[0],
    "pixel-after-scaling": lambda: processing.process_images(np.full((1, 28, 28), 51, dtype="uint8"))[0, 0, 0, 0],
    "numbers-in-one-hot": lambda: processing.process_labels(np.zeros(200, dtype=int)).size,
    "batch-of-one": lambda: list(processing.process_images(np.zeros((1, 28, 28), dtype="uint8")).shape),
    "convolution-by-hand": convolve,
    "convolution-parameters": lambda: parameters("Conv2D", 20, 3, shape=(28, 28, 1)),
    "numbers-after-pooling": lambda: np.prod(output("MaxPooling2D", 2, shape=(10, 10, 8))),
    "dense-parameters": lambda: parameters("Dense", 64, shape=(100,)),
    "softmax-of-equal-scores": softmax_of_equal,
    "conv-16-shape": lambda: output("Conv2D", 16, 3, shape=(28, 28, 1)),
    "conv-16-parameters": lambda: parameters("Conv2D", 16, 3, shape=(28, 28, 1)),
    "without-pooling": without_pooling,
    "unit-with-relu": unit_with_relu,
    "forecast-of-a-slope": lambda: 1.2 + (1.194 - 1.2) / (0.31 - 0.3) * (0.35 - 0.3),
    "blame-of-the-right-score": lambda: slope_of_the_right_score(0.85),
    "gradient-of-the-second-weight": lambda: two_weights()[1][1],
    "gradient-of-the-first-weight": lambda: two_weights()[1][0],
    "loss-after-a-step": lambda: two_weights(rate=0.02)[0],
    "average-loss": lambda: losses(0.5, 0.1),
    "accuracy-by-hand": accuracy_by_hand,
    "steps-of-training": steps_of_training,
    "loss-of-a-quarter": lambda: losses(0.25),
    "loss-of-two": lambda: losses(0.25, 1),
    "recall-from-a-table": recall_from_a_table,
    "temperature-by-hand": lambda: function_of("08_look_at_its_predictions", "at_temperature")([[0.8, 0.2]], 2)[0, 0],
    "products-of-the-first-layer": products_of_the_first_layer,
    "occlusion-by-hand": lambda: 9.5 - 7.25,
    "width-after-scaling": width_after_scaling,
    "stacked-kernels": pixels_behind_three_convolutions,
    "normalised-by-hand": normalised,
    "two-softmaxes-of-four": lambda: softmax_of_softmax(4),
    "second-head-parameters": lambda: parameters("Dense", 1, activation="sigmoid", shape=(64,)),
    "sum-of-two-losses": sum_of_two_losses,
    "two-branches": two_branches,
    "bytes-of-a-million": lambda: np.zeros(1_500_000, dtype="float32").nbytes,
    "a-negative-pixel": lambda: function_of("09_your_own_handwriting", "inverted")(40, 100),
    "right-of-two-thousand": right_after_a_lesson,
    "rounding-to-steps": lambda: (
        function_of("14_take_it_with_you", "rounded")(np.array([[0.62], [0.127]]), 6)[1, 0] / (0.62 / 31)
    ),
    "bytes-of-four-bits": lambda: len(np.packbits(np.zeros((1000, 4), dtype=bool))),
    "error-passed-on": error_passed_on,
    "weights-for-a-photo": lambda: np.divide(
        *(parameters("Dense", 128, shape=(side * side * 30,)) - 128 for side in (20, 10))
    ),
}


def rules_of_the_chapter():
    """Return what the chapter's own function answers to the digit of the question."""
    digit = Measurements(**dict.fromkeys(Measurements._fields, 0.5) | {"holes": 1, "hole_position": 0.3, "width": 0.4})
    return str(function_of("01_the_problem", "answer_by_rules")(digit))


def draws():
    import keras

    keras.utils.set_random_seed(42)
    first, second = np.random.rand(3), np.random.rand(3)
    keras.utils.set_random_seed(42)
    last = np.random.rand(3)
    equal = {"first": np.array_equal(last, first), "second": np.array_equal(last, second)}
    (name,) = [name for name, same in equal.items() if same]
    return f"The same numbers as the {name} draw"


def dropped():
    values = keras_layer("Dropout", 0.2, shape=(10,))(np.ones((1, 10)), training=False).numpy()
    return "Ten ones" if (values == 1).all() else str(values)


def red_above_blue():
    image = np.zeros((1, 20, 20, 1), dtype="float32")
    image[:, 5:12] = 1  # a stroke from left to right
    layer = keras_layer("Conv2D", 1, 4, shape=(20, 20, 1))
    layer.set_weights([np.repeat([1, 1, -1, -1], 4).reshape(4, 4, 1, 1), np.zeros(1)])
    top = int(layer(image).numpy()[0, :, 8, 0].argmax())
    return {3: "The upper edge of a stroke", 10: "The lower edge of a stroke"}[top]


def always_nine():
    from sklearn.metrics import precision_score, recall_score

    labels, answers = np.arange(10), np.full(10, 9)
    scores = [score(labels, answers, labels=[9], average="macro") for score in (recall_score, precision_score)]
    return "The recall is perfect, the precision is poor." if scores == [1, 0.1] else str(scores)


CHOICES = {
    "red-above-blue": red_above_blue,
    "always-nine": always_nine,
    "shape-of-rows-and-columns": lambda: f"`{np.zeros((4, 5)).shape}`",
    "first-rule-that-fits": rules_of_the_chapter,
    "which-draws-are-equal": draws,
    "shape-of-labels": lambda: f"`{np.zeros((500, 28, 28))[:, 0, 0].shape}`",
    "shape-with-channel": lambda: f"`{processing.process_images(np.zeros((500, 28, 28), dtype='uint8')).shape}`",
    "one-hot-three": lambda: f"`{processing.process_labels(np.array([3]))[0].astype(int).tolist()}`",
    "convolution-shape": lambda: " × ".join(map(str, output("Conv2D", 20, 3, shape=(28, 28, 1)))),
    "dropout-when-predicting": dropped,
    "axes-of-a-batch": axes_of_a_batch,
}


def sources(name, kind):
    notebook = json.loads((CHAPTERS / f"{name}.ipynb").read_text("utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def chapters_of_the_book():
    contents = yaml.safe_load((CHAPTERS.parent / "_toc.yml").read_text("utf-8"))
    return [Path(chapter["file"]).stem for part in contents["parts"] for chapter in part["chapters"]]


@pytest.mark.parametrize("question_id", NUMBERS)
def test_a_number_is_what_computing_gives(question_id):
    question = bank.find(question_id)
    computed = NUMBERS[question_id]()
    if isinstance(computed, list):
        assert question["right"] == computed
    else:
        # What is right must be known as well as what is asked for, not merely within what is let pass.
        assert question["right"] == pytest.approx(float(computed), abs=max(1e-6, 0.05 * question["tolerance"]))
        assert bank.reply_to(question, float(computed)).right


@pytest.mark.parametrize("question_id", CHOICES)
def test_a_choice_is_what_computing_gives(question_id):
    assert choices_of(question_id)[0] == CHOICES[question_id]()


def test_every_number_is_computed():
    assert {one["id"] for one in everything() if "choices" not in one} == set(NUMBERS)


def test_ids_are_unique_in_the_book():
    ids = [one["id"] for one in everything()]
    assert len(ids) == len(set(ids))


def headings_before_the_quiz(name):
    """Return the headings of sections that a reader has passed when the Quiz comes; "Exercises" is not one."""
    cells = json.loads((CHAPTERS / f"{name}.ipynb").read_text("utf-8"))["cells"]
    (quiz,) = [number for number, cell in enumerate(cells) if "\nQuiz(" in "".join(cell["source"])]
    text = ["".join(cell["source"]) for cell in cells[:quiz] if cell["cell_type"] == "markdown"]
    text = re.sub("```.*?```", "", "\n".join(text), flags=re.DOTALL)
    return set(re.findall(r"^#{2,4} (.+)$", text, re.MULTILINE)) - {"Exercises", "Check yourself"}


@pytest.mark.parametrize("name", NAMES)
def test_a_chapter_gives_the_answer_before_it_asks(name):
    assert name in chapters_of_the_book()
    asked = bank._read(name)
    for one in asked["questions"] + asked["exercises"]:
        assert one["where"] in headings_before_the_quiz(name), one["id"]
    assert len(asked["questions"]) >= 4
    assert any("choices" not in one for one in asked["questions"])


def test_a_third_of_the_questions_ask_for_judgement():
    """Every question says of which kind it is: `kind` is one of bank.KINDS, "judgement" where a case is judged."""
    kinds = [one.get("kind", f"none in {one['id']}") for one in everything("questions")]
    assert set(kinds) == set(bank.KINDS)
    assert kinds.count("judgement") >= len(kinds) / 3
    assert all(one["kind"] == "compute" for one in everything("questions") if "choices" not in one)


WITH_CHOICES = [one for one in everything("questions") if "choices" in one]


def test_the_right_choice_stands_in_each_place_about_as_often():
    """Where no script runs, and for readers with any seed."""
    three = [one for one in WITH_CHOICES if len(one["choices"]) == 3]
    right = {one["id"]: [choice["right"] for choice in one["choices"]].index(True) for one in three}
    places = Counter(bank.order_of(name, 3).index(place) for name, place in right.items())
    assert set(places) == {0, 1, 2}
    assert max(places.values()) <= 0.42 * len(three)
    seeds = range(1, 401)
    places = Counter(bank.order_of(name, 3, seed).index(place) for name, place in right.items() for seed in seeds)
    assert all(abs(count / (len(three) * len(seeds)) - 1 / 3) < 0.02 for count in places.values())
    orders = Counter(tuple(bank.order_of("any-question", 4, seed)) for seed in range(4800))
    assert len(orders) == 24
    assert max(orders.values()) < 300  # 200 each, but for chance


def test_the_right_choice_is_no_more_often_the_longest_than_chance_would_make_it():
    lengths = [
        (len(right), max(map(len, others))) for right, *others in map(choices_of, (one["id"] for one in WITH_CHOICES))
    ]
    assert sum(right > longest for right, longest in lengths) <= len(lengths) / 3


def test_no_choice_speaks_of_the_other_choices():
    """In a shuffled list, "the first" and "all of the above" have no meaning; "none of these" gives itself away."""
    texts = [choice["text"] for one in WITH_CHOICES for choice in one["choices"]]
    assert not [text for text in texts if re.search(r"\b(above|below)\b|^(all|none|both|neither) of ", text, re.I)]


@pytest.mark.parametrize("name", NAMES)
def test_a_chapter_asks_its_own_questions(name):
    """A chapter that holds a Quiz calls it by its own name, below the last section that it points to."""
    for cell in sources(name, "code"):
        for call in (node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "") == "Quiz":
                assert ast.literal_eval(call.args[0]) == name


@pytest.mark.parametrize("one", everything(), ids=lambda one: one["id"])
def test_no_reply_to_a_wrong_answer_holds_the_solution(one):
    if "choices" in one:
        right = next(choice["text"] for choice in one["choices"] if choice["right"])
        replies = [choice["says"] for choice in one["choices"] if not choice["right"]]
        assert not [says for says in replies if right in says]
    else:
        right = re.escape(bank.in_words(one))
        replies = [one["hint"], *(wrong["says"] for wrong in one["wrong"])]
        assert not [says for says in replies if re.search(rf"(?<![\d.,]){right}(?![\d%]|[.,]\d)", says)]


@pytest.mark.parametrize("one", everything(), ids=lambda one: one["id"])
def test_texts_are_whole_sentences(one):
    replies = [choice["says"] for choice in one.get("choices", []) + one.get("wrong", [])]
    replies += [one[name] for name in ("hint", "because") if name in one]
    assert not [says for says in replies if says[-1] not in ".?" or len(says) > 130]
    assert one["ask"][-1] in ".?)"
