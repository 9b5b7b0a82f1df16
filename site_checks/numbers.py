"""The numbers of the built book that differ a little from run to run, and the allowed range of each."""

import re
from pathlib import Path

from mnist_tutorial import reference
from site_checks.built_pages import pages_of, parsed

ROOT = Path(__file__).resolve().parents[1]
SEEDS = reference.load_record()["runs"]
ACCURACIES = [100 * run["history"]["test_accuracy"][-1] for run in SEEDS]
LOSSES = [run["history"]["test_loss"][-1] for run in SEEDS]
# Where a number stands, and its band. Threads, processors and versions change some of 10,000 answers (Step 5 counts
# them), and more where a network has seen few images; a mistake changes more than that.
BANDS = {
    "right by the rules, %": ("01", r"([\d.]+)% right", 59, 61),
    "right by the average digit, %": ("01", r"([\d.]+)% with 60,000", 81, 83),
    "test accuracy, %": ("07", r"test accuracy: +([\d.]+)%", min(ACCURACIES) - 0.1, max(ACCURACIES) + 0.1),
    "test loss": ("07", r"test loss: +([\d.]+)", min(LOSSES) * 0.95, max(LOSSES) * 1.05),
    "the reference network right, %": ("08", r"first guess right: ([\d.]+)%", 98.9, 99),
    "its calibration error": ("08", r"expected calibration error: ([\d.]+)", 0, 0.003),
    "photos right unprepared, %": ("09", r"accuracy is ([\d.]+)% without", 10, 20),
    "photos right prepared, %": ("09", r"and ([\d.]+)% with all steps", 95, 97),
    "right after ten epochs, %": ("10", r"after ten epochs ([\d.]+)%", 98.8, 99.2),
    "healthy, right in the check, %": ("11", r"healthy: .*?([\d.]+)% in the check", 90, 97),
    "flattered by the leak, points": ("11", r"flatters it by ([\d.]+)", 8, 20),
    "the better network right, %": ("12", r"([\d.]+)% of 6,000 validation", 99.2, 99.8),
    "right with few images, %": ("13", r"Both read ([\d.]+)% of", 95, 97),
    "refused by the second head, %": ("13", r"the new way refuses ([\d.]+)% on average", 90, 100),
    "difference of ONNX": ("14", r"none differs by more than ([\d.e-]+),", 0, 1e-5),
    "other answers with 8 bits": ("14", r"and (\d+) of the [\d,]+ answers differ", 0, 10),
    "difference of two workers": ("15", r"two workers and one: +([\d.e-]+)", 0, 5e-6),
    "difference after a break": ("15", r"without a break: ([\d.e+-]+)", 0, 5e-6),
}


def outputs(book, chapter):
    """Return all that the cells of a chapter printed."""
    (name,) = [name for name in pages_of(ROOT) if name.startswith(f"chapters/{chapter}")]
    return "\n".join(cell.get_text() for cell in parsed(book / name).select(".cell_output"))


def number_of(book, name):
    """Return one of the numbers that have a band, as the built book has it."""
    chapter, pattern, _, _ = BANDS[name]
    return float(re.search(pattern, outputs(book, chapter), re.DOTALL)[1])
