"""Looks into the networks of the chapter "Break it on purpose"."""

import numpy as np


def probe(chapter):
    def answers(model, images):
        return model.predict(images, verbose=0)

    def different(model, images):
        return len(np.unique(answers(model, images).argmax(axis=1)))

    check, living = chapter.X_check, chapter.living
    return {
        "runs": chapter.runs,
        "times": chapter.times,
        "marks": chapter.marks,
        "labels_apart_are_the_same": sorted(map(tuple, chapter.Y_apart)) == sorted(map(tuple, chapter.Y)),
        "different_answers": {
            "exploded": different(chapter.exploded, check * 255),
            "leaping": different(chapter.leaping, check),
        },
        "living": {
            "healthy": living(chapter.healthy, check),
            "unscaled": living(chapter.unscaled, check * 255),
            "exploded": living(chapter.exploded, check * 255),
            "leaping": living(chapter.leaping, check),
            "creeping": living(chapter.creeping, check),
        },
        "without_7": answers(chapter.without_7, check).argmax(axis=1),
        "digits_check": chapter.digits_check,
        "refused": {"is_value_error": isinstance(chapter.refused, ValueError), "message": str(chapter.refused)},
        "scores": chapter.scores,
        "largest_of_twice": answers(chapter.twice, check).max(),
        "way": {name: [bool(np.isinf(one).any()), bool(np.isnan(one).any())] for name, one in chapter.way.items()},
        "lost": chapter.lost,
        "stopped_at": chapter.stopped_at,
        "answers_of_broken": np.unique(answers(chapter.broken, check * 255).argmax(axis=1)),
        "runs_are_outside_the_record": chapter.seed not in [run["seed"] for run in chapter.record["runs"]["healthy"]],
        "standardised": int(np.isnan(chapter.standardised).sum()),
        "inverted_right": chapter.inverted_right,
        "inverted_confidence": chapter.answers.max(axis=1).mean(),
        "split_late": chapter.split_late,
        "copies": chapter.copies(chapter.X_exam, chapter.X_leak),
    }
