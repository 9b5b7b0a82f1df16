"""What TeachYourHand shows where no script runs: the same lesson with the writers of MNIST's test set, as recorded."""

import numpy as np

from mnist_tutorial.uncertainty import spread
from mnist_tutorial.writers import load_taught_writers


def figure():
    """Return how many digits were wrong before and after the lessons, over the writers, with a sentence, as HTML."""
    from mnist_tutorial.plots import plt
    from mnist_tutorial.svg import as_html

    writers = load_taught_writers()["writers"]

    def mean(count, of):
        return spread([100 * value / one[of] for one, value in zip(writers, count, strict=True)]).mean

    names = ["before", "taught, with\nold digits", "taught,\nalone"]
    own = [[one["before"] for one in writers]]
    own += [[one[how]["wrong"] for one in writers] for how in ("practised", "alone")]
    others = [[one["others_before"] for one in writers]]
    others += [[one[how]["others"] for one in writers] for how in ("practised", "alone")]
    shares = [[mean(count, "tested") for count in own], [mean(count, "others_tested") for count in others]]
    drawn, axes = plt.subplots(figsize=(5.6, 2.4), layout="constrained")
    for offset, values, label in ((-0.2, shares[0], "the writer's other digits"), (0.2, shares[1], "others' digits")):
        axes.bar(np.arange(3) + offset, values, 0.36, label=label, hatch="//" if offset > 0 else None)
    axes.set_xticks(range(3), names)
    axes.set_ylabel("read wrong, percent")
    axes.legend(fontsize=8)
    words = (
        f"The network was taught five of each digit of one writer, for each of {len(writers)} writers. On average it "
        f"read {shares[0][0]:.2f}% of the writer's other digits wrong before, {shares[0][1]:.2f}% after a lesson with "
        f"old digits in it, and {shares[0][2]:.2f}% after one with the writer's alone; of other people's digits "
        f"{shares[1][0]:.2f}%, {shares[1][1]:.2f}% and {shares[1][2]:.2f}%."
    )
    html = as_html(drawn, words)
    plt.close(drawn)
    return f"{html}<p>{words} With JavaScript, you can write digits here and teach it your own hand.</p>"
