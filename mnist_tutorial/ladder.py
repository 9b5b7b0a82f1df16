"""The record of `make ladder` as tables."""

from typing import NamedTuple


def networks_of(record):
    """Return the networks that were tested, smallest first, as a data frame with one row each.

    record: what load_ladder() returns. Columns: `title`; `parameters`; `kB`, of the saved file; `multiplications`, for
    one image; `epochs`; `work`, the multiplications of a whole training, in trainings of mnist_convnet as in Keras's
    example (NaN without it); `seeds`, how many runs; `fewest` and `most`, wrong answers of a run on the test set;
    `accuracy`, the mean of the runs, 0 to 1; `low` and `high`, the 95% interval of the accuracy for this many test
    images. Networks without a run are left out. No shifted copies and no average of weights: each network answers as
    it was trained.
    """
    import pandas as pd

    from mnist_tutorial.uncertainty import accuracy_interval

    images, rows = record["images"]["test"], {}
    for name, entry in record["trainings"].items():
        errors = [run["test_errors"]["plain"] for run in entry["runs"] if "test_errors" in run]
        if not errors:
            continue
        mean = sum(errors) / len(errors)
        low, high = accuracy_interval(images - round(mean), images)
        rows[name] = {
            "title": entry["title"],
            "parameters": entry["parameters"],
            "kB": entry["bytes"] / 1000,
            "multiplications": entry["multiplications"],
            "epochs": entry["recipe"]["epochs"],
            "work": _work(entry) / _work(record["trainings"]["convnet_own"])
            if "convnet_own" in record["trainings"]
            else float("nan"),
            "seeds": len(errors),
            "fewest": min(errors),
            "most": max(errors),
            "accuracy": 1 - mean / images,
            "low": low,
            "high": high,
        }
    columns = ["title", "parameters", "kB", "multiplications", "epochs", "work", "seeds", "fewest", "most"]
    columns += ["accuracy", "low", "high"]
    return pd.DataFrame(rows.values(), index=rows.keys(), columns=columns).sort_values("parameters")


def errors_by_seed(record, names, part="validation", inference="plain"):
    """Return the wrong answers of some trainings as a data frame: a row per seed, a column per training.

    record: what load_ladder() returns. names: keys of its `trainings`, at least one. part: "validation", or "test" for
    the networks that were tested. inference: "plain", "weight_average" or "test_time_augmentation". Only the seeds that
    all of them have are in it; none, if one of them has no run.
    """
    import pandas as pd

    columns = {}
    for name in names:
        runs = record["trainings"].get(name, {"runs": []})["runs"]
        found = {run["seed"]: run[f"{part}_errors"][inference] for run in runs if f"{part}_errors" in run}
        columns[name] = pd.Series(found, dtype="int64")
    return pd.concat(columns, axis=1, join="inner").sort_index()


def steps_of(record):
    """Return the changes from the tutorial's network to the best, in their order, as a data frame.

    record: what load_ladder() returns. Columns: `change`; `errors`, the mean number of wrong answers on the validation
    images, over the seeds that all changes have in common; `fewest` and `most`; `seeds`, these seeds as a tuple;
    `gain`, how many fewer wrong answers than in the line before, and its 95% interval, `low` to `high`, from the
    differences seed by seed (NaN in the first line, and with a single seed). Changes without a run are left out.
    """
    import pandas as pd

    from mnist_tutorial.uncertainty import spread

    kept = [step for step in record["steps"] if record["trainings"].get(step["training"], {}).get("runs")]
    errors = [errors_by_seed(record, [step["training"]], inference=step["inference"]) for step in kept]
    seeds = sorted(set.intersection(*(set(each.index) for each in errors))) if kept else []
    rows, before = [], None
    for step, each in zip(kept, errors, strict=True) if seeds else ():
        wrong = each.loc[seeds, step["training"]].to_numpy()
        row = {"change": step["change"], "errors": wrong.mean(), "fewest": wrong.min(), "most": wrong.max()}
        row["seeds"] = tuple(seeds)
        if before is not None:
            row["gain"] = (before - wrong).mean()
            if len(seeds) > 1:
                row["low"], row["high"] = spread(before - wrong)[2:]
        rows.append(row)
        before = wrong
    return pd.DataFrame(rows, columns=["change", "errors", "fewest", "most", "seeds", "gain", "low", "high"])


def compare_networks(record, first, second):
    """Compare two tested networks, image by image and seed by seed; return a NetworkComparison.

    record: what load_ladder() returns. first, second: keys of its `trainings`. Only the seeds that both have count, and
    there must be two at least. An image counts for a network if fewer of its runs misread it than of the other's. Were
    both equally good, each such image would be like the toss of a coin; with a run each, this is McNemar's exact test.
    """
    from collections import Counter

    from scipy.stats import binomtest

    from mnist_tutorial.uncertainty import spread

    errors = errors_by_seed(record, [first, second], part="test")
    missed = Counter()
    for name, sign in ((first, 1), (second, -1)):
        for run in record["trainings"][name]["runs"]:
            if run["seed"] in errors.index:
                for image in run["test_wrong"]:
                    missed[image] += sign
    for_first, for_second = (sum(count * sign > 0 for count in missed.values()) for sign in (-1, 1))
    p_value = float(binomtest(for_first, for_first + for_second).pvalue) if for_first + for_second else 1.0
    fewer = spread((errors[second] - errors[first]).to_numpy())
    return NetworkComparison(fewer.mean, fewer.low, fewer.high, for_first, for_second, p_value)


class NetworkComparison(NamedTuple):
    """How the first of two networks did against the second; what compare_networks() returns."""

    fewer: float  # wrong answers of a run, the mean over the seeds; below 0 if the first makes more
    low: float  # the 95% interval of that, from the differences seed by seed
    high: float
    for_first: int  # images that fewer runs of the first misread
    for_second: int
    p_value: float  # how often fair coins would divide these images at least as unevenly

    @property
    def is_ranked(self):
        """Whether seeds and images both show that the first is better; of several comparisons, so 1 in 100."""
        return self.low > 0 and self.for_first > self.for_second and self.p_value < 0.01


def with_names(frame, column):
    """Return a data frame for display: a column becomes the names of the rows, below its own heading."""
    return frame.set_index(column).rename_axis(index=None, columns=column)


def _work(entry):
    return entry["multiplications"] * entry["recipe"]["epochs"]
