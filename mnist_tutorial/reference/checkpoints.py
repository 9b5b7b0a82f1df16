"""The reference network's training at forty steps, as scripts/train_checkpoints.py recorded it."""

import json
from pathlib import Path

from mnist_tutorial.data_files import COPY_AGAIN, DataError
from mnist_tutorial.reference import FOLDER

CHECKPOINTS = FOLDER / "checkpoints.json"


def load_checkpoints(path=CHECKPOINTS):
    """Return what a run with the reference network's recipe was like at each of n steps.

    A dict: `seed`, `batch_size`, `epochs`; `epoch_steps`, the steps of an epoch; `same_weights`, whether the run ended
    with the reference network's weights; `test_errors`, how many test digits it misread, and `other_answers`, to how
    many it gave another answer than the reference network. `steps`, n whole numbers from 0 on; `val_loss` and
    `val_accuracy`, n numbers each; `filters` (n, m, rows, columns), the first m of the filters, and `probabilities`
    (n, k, 10), 0 to 1, of the test digits at `positions` with `labels`, both float32 and rounded to 8 bits; `answers`
    (n, k), whole numbers 0 to 9. Raises DataError when the record is missing or damaged.
    """
    import numpy as np

    try:
        record = json.loads(Path(path).read_text("utf-8"))
        count, digits = len(record["steps"]), len(record["labels"])
        filters = np.array(record["filters"], dtype="float32") / 127 * np.float32(record["largest_weight"])
        arrays = {
            "filters": filters,
            "probabilities": np.array(record["probabilities"], dtype="float32") / 255,
            "answers": np.array(record["answers"], dtype=int),
        }
        curves = (record["val_loss"], record["val_accuracy"], arrays["filters"])
        shapes = arrays["probabilities"].shape, arrays["answers"].shape, filters.ndim
        if {len(one) for one in curves} != {count} or shapes != ((count, digits, 10), (count, digits), 4):
            raise ValueError("its parts do not fit one another")
        details = {name: record[name] for name in ("seed", "epoch_steps", "same_weights", "other_answers")}
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise DataError(f"{path}: expected the record of a training, found {error!r}. {COPY_AGAIN}") from error
    return record | arrays | details
