"""How many minutes a chapter takes: computed by one rule, and written where readers look."""

import re

import pytest
import write_minutes

from chapters import CHAPTERS, INDEX, cells_of, text_of

ROOT = INDEX.parent


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": [text]}


def code(text, *tags):
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": text.splitlines(keepends=True)}


LINES = "\n\n".join(["x = 1"] * 150)
CASES = [
    ([], 5),
    ([markdown("word " * 2000)], 10),
    ([markdown("word - " * 2000)], 10),  # a dash is no word
    ([markdown("```\n" + "word " * 2000 + "\n```")], 5),
    ([code(LINES)], 10),
    ([code("from mnist_tutorial.widgets.quiz import Quiz\n\nQuiz([])")] * 5, 15),
    ([code(LINES, tag) for tag in sorted(write_minutes.UNSEEN)], 5),
    ([markdown(f"**Exercise {number} ({grade}).**") for number, grade in enumerate(["work"] * 5 + ["open"] * 3)], 60),
    ([markdown("**Exercise 1 (warm-up).**"), markdown("**Exercise 2.**"), code(LINES), markdown("word " * 600)], 15),
]


@pytest.mark.parametrize(("cells", "minutes"), CASES)
def test_minutes_come_from_words_code_and_exercises(cells, minutes):
    assert write_minutes.minutes_of(cells) == minutes


def test_minutes_in_words():
    assert [write_minutes.in_hours(minutes) for minutes in (0, 5, 60, 61, 125)] == [
        "0 minutes", "5 minutes", "1 hour", "1 hour and 1 minute", "2 hours and 5 minutes",
    ]  # fmt: skip


def test_all_files_are_as_the_command_writes_them():
    other = [path.name for path, text in write_minutes.written().items() if text != path.read_text("utf-8")]
    assert other == [], "run `python scripts/write_minutes.py`"


def test_chapters_and_index_say_the_same_and_the_index_adds_up():
    rows = {name: minutes for _, name, minutes, _ in write_minutes.OF_CHAPTER.findall(text_of(INDEX))}
    assert list(rows) == [path.stem for path in CHAPTERS]
    for path in CHAPTERS:
        assert re.search(rf"\| Minutes \|\n.+\n.+\| {rows[path.stem]} \|", cells_of(path)[0].source), path.stem
    total = sum(map(int, rows.values()))
    assert f"Altogether that makes {total} minutes, which is {write_minutes.in_hours(total)}.\n" in text_of(INDEX)


def test_typed_minutes_are_found_and_replaced(tmp_path):
    (tmp_path / "chapters").mkdir()
    chapter = tmp_path / "chapters" / CHAPTERS[3].name
    text = CHAPTERS[3].read_text("utf-8")
    chapter.write_text(re.sub(r"\| \d+ \|\"", r'| 999 |"', text), "utf-8")
    assert chapter.read_text("utf-8") != text
    card = f":::{{grid-item-card}} [Import the data](chapters/{chapter.name})\n:footer: "
    total = "Altogether that makes"
    (tmp_path / "index.md").write_text(f"{card}7 minutes\n\nYou meet digits.\n:::\n{total} 1.\n", "utf-8")
    found = write_minutes.written(tmp_path)
    assert found[chapter] == text
    minutes = re.search(r"\| (\d+) \|\"", text)[1]
    expected = f"{card}{minutes} minutes\n\nYou meet digits.\n:::\n"
    assert found[tmp_path / "index.md"] == f"{expected}{total} {minutes} minutes, which is {minutes} minutes.\n"
