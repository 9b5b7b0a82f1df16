"""What the record of `make ladder` says, as tables."""


def networks_of(record):
    """Return the networks that were tested, smallest first, as a data frame with one row each.

    record: what load_ladder() returns. Columns: `title`; `parameters`; `kB`, of the saved file; `seeds`, how many runs;
    `accuracy`, `lowest` and `highest`, of the runs on the test set, 0 to 1; `seconds`, the median of a training by the
    clock; `time`, by the clock as the race has it, and `work`, the median of the processor's seconds, both in
    trainings of mnist_convnet. Networks without a run are left out.
    """
    import pandas as pd

    rows = {}
    for name, entry in record["trainings"].items():
        errors = [run["test_errors"][entry["way"]] for run in entry["runs"] if "test_errors" in run]
        if not errors:
            continue
        accuracies = [1 - wrong / record["pictures"]["test"] for wrong in errors]
        rows[name] = {
            "title": entry["title"],
            "parameters": entry["parameters"],
            "kB": entry["bytes"] / 1000,
            "seeds": len(errors),
            "accuracy": sum(accuracies) / len(accuracies),
            "lowest": min(accuracies),
            "highest": max(accuracies),
            "seconds": float(pd.Series([run["seconds"] for run in entry["runs"]]).median()),
            "time": entry["race"]["relative_time"],
            "work": work_of(record, name),
        }
    columns = ["title", "parameters", "kB", "seeds", "accuracy", "lowest", "highest", "seconds", "time", "work"]
    return pd.DataFrame(rows.values(), index=rows.keys(), columns=columns).sort_values("parameters")


def work_of(record, name):
    """Return how long the processor works for a training, in trainings of mnist_convnet: medians over the seeds.

    Not a number (nan) as long as mnist_convnet itself has no run in the record.
    """
    import numpy as np

    ours, theirs = (
        [run["processor_seconds"] for run in record["trainings"].get(each, {}).get("runs", [])]
        for each in (name, "convnet")
    )
    return float(np.median(ours) / np.median(theirs)) if ours and theirs else float("nan")


def steps_of(record):
    """Return the changes from the tutorial's network to the best, in their order, as a data frame.

    record: what load_ladder() returns. Columns: `change`; `errors`, the mean number of wrong answers on the validation
    pictures, over the seeds that all changes have in common; `fewest` and `most`; `seeds`, these seeds as a tuple;
    `work`, as networks_of() has it. Changes without a run are left out.
    """
    import pandas as pd

    made = [step for step in record["steps"] if record["trainings"].get(step["training"], {}).get("runs")]
    runs = {step["training"]: record["trainings"][step["training"]]["runs"] for step in made}
    seeds = set.intersection(*({run["seed"] for run in each} for each in runs.values())) if runs else set()
    rows = []
    for step in made if seeds else ():
        each = runs[step["training"]]
        errors = [run["validation_errors"][step["way"]] for run in each if run["seed"] in seeds]
        rows.append(
            {
                "change": step["change"],
                "errors": sum(errors) / len(errors),
                "fewest": min(errors),
                "most": max(errors),
                "seeds": tuple(sorted(seeds)),
                "work": work_of(record, step["training"]),
            }
        )
    columns = ["change", "errors", "fewest", "most", "seeds", "work"]
    return pd.DataFrame(rows, columns=columns)
