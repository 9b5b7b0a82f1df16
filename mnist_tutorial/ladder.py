"""The record of `make ladder` as tables."""


def networks_of(record):
    """Return the networks that were tested, smallest first, as a data frame with one row each.

    record: what load_ladder() returns. Columns: `title`; `parameters`; `kB`, of the saved file; `seeds`, how many runs;
    `accuracy`, `lowest` and `highest`, of the runs on the test set, 0 to 1; `seconds`, of a whole training, from the
    timed epochs; `time`, of a whole training, in trainings of mnist_convnet. Networks without a run or a timing are
    left out.
    """
    import numpy as np
    import pandas as pd

    rows = {}
    for name, entry in record["trainings"].items():
        errors = [run["test_errors"][entry["inference"]] for run in entry["runs"] if "test_errors" in run]
        if not errors or "timing" not in entry:
            continue
        accuracies = [1 - wrong / record["images"]["test"] for wrong in errors]
        rows[name] = {
            "title": entry["title"],
            "parameters": entry["parameters"],
            "kB": entry["bytes"] / 1000,
            "seeds": len(errors),
            "accuracy": sum(accuracies) / len(accuracies),
            "lowest": min(accuracies),
            "highest": max(accuracies),
            "seconds": float(np.median(entry["timing"]["seconds"])) * entry["recipe"]["epochs"],
            "time": entry["timing"]["relative_time"],
        }
    columns = ["title", "parameters", "kB", "seeds", "accuracy", "lowest", "highest", "seconds", "time"]
    return pd.DataFrame(rows.values(), index=rows.keys(), columns=columns).sort_values("parameters")


def steps_of(record):
    """Return the changes from the tutorial's network to the best, in their order, as a data frame.

    record: what load_ladder() returns. Columns: `change`; `errors`, the mean number of wrong answers on the validation
    images, over the seeds that all changes have in common; `fewest` and `most`; `seeds`, these seeds as a tuple;
    `time`, as in networks_of(). Changes without a run or a timing are left out.
    """
    import pandas as pd

    complete = [step for step in record["steps"] if _is_complete(record["trainings"].get(step["training"]))]
    entries = [record["trainings"][step["training"]] for step in complete]
    seeds = set.intersection(*({run["seed"] for run in entry["runs"]} for entry in entries)) if complete else set()
    rows = []
    for step, entry in zip(complete, entries, strict=True) if seeds else ():
        errors = [run["validation_errors"][step["inference"]] for run in entry["runs"] if run["seed"] in seeds]
        rows.append(
            {
                "change": step["change"],
                "errors": sum(errors) / len(errors),
                "fewest": min(errors),
                "most": max(errors),
                "seeds": tuple(sorted(seeds)),
                "time": entry["timing"]["relative_time"],
            }
        )
    columns = ["change", "errors", "fewest", "most", "seeds", "time"]
    return pd.DataFrame(rows, columns=columns)


def with_names(frame, column):
    """Return a data frame for display: a column becomes the names of the rows, below its own heading."""
    return frame.set_index(column).rename_axis(index=None, columns=column)


def _is_complete(entry):
    return bool(entry and entry["runs"] and "timing" in entry)
