"""Whole chapters in JupyterLab and in Notebook 7: opened, run from the menu, and their widgets used."""

from dataclasses import replace

import pytest
from hosts import TIMEOUT
from playwright.sync_api import expect
from test_jupyterlab import SCENARIOS

CHAPTERS = {  # each in one host, and the widgets that it has: test_jupyterlab tries each widget in both
    "01_the_problem": ("notebook", ["rule_builder"]),
    "03_import_data": ("notebook", ["sample_inspector"]),
    "04_process_data": ("jupyterlab", ["processing_steps"]),
    "05_build_model": ("notebook", ["layer_explorer", "network_view", "quiz"]),
    "06_how_it_learns": ("jupyterlab", ["backward_view"]),
    "07_compile_fit_evaluate": ("jupyterlab", ["training_monitor"]),
    "08_look_at_its_predictions": ("notebook", ["prediction_inspector"]),
    "10_look_inside": ("jupyterlab", ["network_view", "training_scrubber"]),
}
TIMES = {
    ("05_build_model", "layer_explorer"): 8,
    ("06_how_it_learns", "backward_view"): 2,
}  # a widget that is in several cells; the others are in one
# What the chapters' widgets show is more than what those of test_jupyterlab do.
SCENARIOS = SCENARIOS | {
    "sample_inspector": replace(
        SCENARIOS["sample_inspector"],
        shows=lambda view: expect(view.locator(".si-caption")).to_contain_text("Sample 8 of 200"),
    ),
    "training_scrubber": replace(
        SCENARIOS["training_scrubber"],
        changed=("widget.step", 2700),
        assign="widget.step = 1; widget.index = 1",
        shows=lambda view: expect(view.locator(".ts-chosen")).to_contain_text("This 1 is "),
    ),
}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_runs_as_a_whole_and_its_widgets_work(open_chapter, chapter):
    host, widgets = CHAPTERS[chapter]
    lab = open_chapter(host, chapter)
    lab.page.get_by_role("menuitem", name="Run", exact=True).click()
    lab.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    lab.page.wait_for_function(
        "notebook.status() === 'idle' && notebook.code().every(({ count }) => count !== null)"
        " || notebook.code().some(({ outputs }) => outputs.some((output) => output.output_type === 'error'))",
        timeout=4 * TIMEOUT,  # a chapter that trains several networks, on a machine that may be busy
    )
    cells = lab.call("code")
    for cell in cells:
        for output in cell["outputs"]:
            assert output["output_type"] != "error", "\n".join(output["traceback"])
    assert cells[0]["outputs"] == []  # the cell for Google Colab

    for name in widgets:
        scenario = SCENARIOS[name]
        holders = [cell["id"] for cell in cells if f'data-book-widget="{name}"' in str(cell["outputs"])]
        assert len(holders) == TIMES.get((chapter, name), 1)
        lab.run(
            "import json\n"
            "at_hand = {id(value): value for value in [*Out.values(), *globals().values()]}.values()\n"
            f"found = [value for value in at_hand if getattr(type(value), 'name', '') == {name!r}]\n"
            f"assert len(found) == {len(holders)}"
        )
        for at, holder in enumerate(holders):
            view = lab.shown(holder)
            expect(view.locator(".bw")).to_have_count(1)
            lab.run(f"widget = found[{at}]")
            scenario.operate(view)
            lab.wait_for(*scenario.changed)
            lab.run(scenario.assign)
            scenario.shows(view)
