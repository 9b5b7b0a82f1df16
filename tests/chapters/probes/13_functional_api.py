"""Looks into the networks of the chapter "The Functional API"."""

import numpy as np


def probe(chapter):
    shares = {kind: list(map(float, some)) for kind, some in chapter.shares.items()}
    return {
        "same_weights": same(chapter.sequential.get_weights(), chapter.functional.get_weights()),
        "same_before": np.array_equal(*chapter.before),
        "same_after": np.array_equal(*chapter.after),
        "learned": not np.array_equal(chapter.before[0], chapter.after[0]),
        "differences_from_keras": differences_from_keras(chapter),
        "labels_without_a_weight": labels_without_a_weight(chapter),
        "confidence": chapter.confidence(chapter.X_held_out),
        "sure": chapter.heads_of(chapter.X_held_out)[1],
        "limit_old": chapter.limit_old,
        "limit_new": chapter.limit_new,
        "kinds": {kind: described(images) for kind, images in chapter.kinds.items()},
        "known": {kind: described(images) for kind, images in chapter.known.items()},
        "new": {kind: described(images) for kind, images in chapter.new.items()},
        "shares": shares,
    }


def same(some, others):
    return all(np.array_equal(one, other) for one, other in zip(some, others, strict=True))


def described(images):
    images = np.array(images)
    return {"dtype": str(images.dtype), "shape": images.shape}


def differences_from_keras(chapter):
    """Return, for each network and output, both shapes, and by how much the numbers differ more than rounding does."""
    found = []
    for model in (chapter.functional, chapter.two_heads):
        ours, keras_own = chapter.answers_of(model, chapter.X_test), model.predict(chapter.X_test, verbose=0)
        if not isinstance(ours, dict):
            ours, keras_own = {"": ours}, {"": keras_own}
        for output, numbers in keras_own.items():
            excess = np.abs(ours[output] - numbers) - (1e-5 + 1e-5 * np.abs(numbers))  # as np.allclose has it
            found.append({"shape": ours[output].shape, "expected_shape": numbers.shape, "largest_excess": excess.max()})
    return found


def labels_without_a_weight(chapter):
    """Train twice, with other labels where the weight is 0; say whether all weights are the same."""
    import keras

    some = np.r_[:200, -200:0]
    images, truth, digits = chapter.X_both[some], chapter.Y_both["is_digit"][some], chapter.Y_both["digit"][some]
    other = digits.copy()
    other[200:, 7] = 1
    trained = []
    for labels in (digits, other):
        keras.utils.set_random_seed(5)
        model = chapter.build_two_heads()
        model.compile(loss={"digit": "categorical_crossentropy", "is_digit": "binary_crossentropy"}, optimizer="adam")
        model.fit(
            images,
            {"digit": labels, "is_digit": truth},
            sample_weight={"digit": truth, "is_digit": np.ones_like(truth)},
            batch_size=100,
            verbose=0,
        )
        trained.append(model.get_weights())
    return {"truth": truth, "any_digit_label_before": digits[200:].any(), "same": same(*trained)}
