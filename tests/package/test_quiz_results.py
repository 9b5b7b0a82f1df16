"""Files of quiz results: read, judged again, put into a table; the bad ones named."""

import csv
import json

import pytest

from mnist_tutorial.__main__ import main
from mnist_tutorial.exercises import bank, results

CHOICE = next(one for one in bank.of_chapter("07_compile_fit_evaluate") if one["id"] == "meaning-of-a-loss")
NUMBER = next(one for one in bank.of_chapter("07_compile_fit_evaluate") if one["id"] == "average-loss")


def entry(question=CHOICE, answer=None, right=True, tries=0, shown=False, chapter="07_compile_fit_evaluate"):
    if answer is None:
        answer = next(one["text"] for one in question["choices"] if one["right"])
    return {
        "chapter": chapter,
        "question": question["id"],
        "asked": question["ask"],
        "answer": answer,
        "right": right,
        "wrong tries": tries,
        "answer shown": shown,
    }


def content(*answers, name="Zoë", **others):
    return {"format": results.FORMAT, "name": name, "saved": "2026-11-28", "answers": list(answers)} | others


@pytest.fixture
def put(tmp_path):
    def save(name, thing):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(thing if isinstance(thing, bytes) else json.dumps(thing).encode())
        return path

    return save


def rows_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class TestTable:
    def test_each_answer_is_a_row(self, put, tmp_path, capsys):
        wrong = next(one["text"] for one in CHOICE["choices"] if not one["right"])
        put("one.json", content(entry(), entry(NUMBER, "1,498", right=False, tries=1)))
        put("sub folder/two.JSON", content(entry(answer=wrong, right=False, tries=2, shown=True), name=""))
        put("not of it.txt", b"")
        assert main(["results", str(tmp_path)]) == 0
        rows = rows_of(tmp_path / "quiz-results.csv")
        assert list(rows[0]) == list(results.COLUMNS)
        assert [(row["file"], row["name"], row["right"], row["wrong tries"], row["answer shown"]) for row in rows] == [
            ("one.json", "Zoë", "yes", "0", "no"),
            ("one.json", "Zoë", "no", "1", "no"),
            ("sub folder/two.JSON", "", "no", "2", "yes"),
        ]
        assert rows[0]["asked"] == CHOICE["ask"]
        printed = capsys.readouterr().out
        assert "2 files with 3 answers.\n" in printed
        assert f"  1 of 2  {CHOICE['ask']} (07_compile_fit_evaluate)\n" in printed
        assert "quiz-results.csv" in printed

    def test_a_table_that_is_there_stays(self, put, tmp_path):
        put("one.json", content(entry()))
        (tmp_path / "quiz-results.csv").write_text("my notes", "utf-8")
        assert main(["results", str(tmp_path)]) == 0
        assert (tmp_path / "quiz-results.csv").read_text("utf-8") == "my notes"
        assert len(rows_of(tmp_path / "quiz-results-2.csv")) == 1

    def test_it_can_be_written_elsewhere_or_not_at_all(self, put, tmp_path, capsys):
        put("in/one.json", content(entry()))
        assert main(["results", str(tmp_path / "in"), "--csv", str(tmp_path / "out.csv")]) == 0
        assert len(rows_of(tmp_path / "out.csv")) == 1
        assert main(["results", str(tmp_path / "in"), "--csv", str(tmp_path / "none" / "out.csv")]) == 2
        assert "cannot be written" in capsys.readouterr().err
        assert main(["results", str(tmp_path / "in"), "--csv", str(tmp_path)]) == 2
        assert "is a folder; expected" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("text", "cell"),
        [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("+x", "'+x"),
            ("-2", "-2"),
            ("+0.5", "+0.5"),
            ("-50%", "-50%"),
            ("a=b", "a=b"),
        ],
    )
    def test_no_text_is_a_formula(self, put, tmp_path, text, cell):
        put("one.json", content(entry(NUMBER, text, right=False), name=text))
        main(["results", str(tmp_path)])
        (row,) = rows_of(tmp_path / "quiz-results.csv")
        assert (row["name"], row["answer"]) == (cell, cell)

    def test_several_files_of_one_name_are_pointed_out_and_kept(self, put, tmp_path, capsys):
        put("one.json", content(entry()))
        put("two.json", content(entry()))
        main(["results", str(tmp_path)])
        assert "\nZoë: 2 files.\n" in capsys.readouterr().out
        assert len(rows_of(tmp_path / "quiz-results.csv")) == 2


class TestNotes:
    def test_answers_are_judged_again(self, put):
        wrong = next(one["text"] for one in CHOICE["choices"] if not one["right"])
        said = {
            "": entry(),
            "the file says right, the book says wrong": entry(answer=wrong),
            "the file says wrong, the book says right": entry(NUMBER, "1.498", right=False),
            "not an answer that this copy of the book knows": entry(answer="another"),
            "not a question of this copy of the book": entry(CHOICE | {"id": "another"}),
        }
        for note, one in said.items():
            (answer,) = results.read(put("one.json", content(one)))
            assert answer.note == note

    def test_a_file_saved_in_jupyter_gets_its_chapter(self, put):
        (answer,) = results.read(put("one.json", content(entry(chapter=""))))
        assert answer.chapter == "07_compile_fit_evaluate"


BAD = {
    "empty": (b"", "not JSON"),
    "of other bytes": (b"\xff\xfe{", "not JSON"),
    "deep": (b"[" * 100_000, "not JSON"),
    "a list": ([1], 'expected JSON with "format"'),
    "of another kind": (content(format="another"), 'expected JSON with "format"'),
    "without a name": (content(name=None), 'In the file, "name" is not text'),
    "with a long name": (content(name="x" * 501), 'In the file, "name" is not text'),
    "without answers": (content(answers=None), 'no list of "answers"'),
    "with an answer that is none": (content(7), "Answer 1 is '7'; expected an object"),
    "with right as a word": (content(entry(right="yes")), 'In answer 1, "right"'),
    "with tries below zero": (content(entry(tries=-1)), "In answer 1, \"wrong tries\" is '-1'"),
    "with tries as true": (content(entry(tries=True)), '"wrong tries" is'),
    "without what was asked": (content(entry(), entry() | {"asked": 3}), 'In answer 2, "asked" is not text'),
    "with a question twice": (content(entry(), entry()), "It answers meaning-of-a-loss more than once."),
    "too large": (b" " * 1_000_001, "It has 1,000,001 bytes; expected at most 1,000,000."),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_named_and_the_others_are_read(put, tmp_path, capsys, kind):
    bad, message = BAD[kind]
    put("bad.json", bad)
    put("good.json", content(entry()))
    assert main(["results", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("bad.json is left out. ")
    assert message in printed.err
    assert "1 file with 1 answer.\n" in printed.out
    assert [row["file"] for row in rows_of(tmp_path / "quiz-results.csv")] == ["good.json"]


def test_half_a_character_does_not_keep_the_table_from_being_written(put, tmp_path):
    put("one.json", content(entry(), name="a\ud83d"))
    assert main(["results", str(tmp_path)]) == 0
    assert rows_of(tmp_path / "quiz-results.csv")[0]["name"] == "a?"


def test_only_bad_files_make_no_table(put, tmp_path, capsys):
    put("bad.json", b"{")
    assert main(["results", str(tmp_path)]) == 2
    assert "bad.json is left out." in capsys.readouterr().err
    assert not (tmp_path / "quiz-results.csv").exists()


def test_a_folder_without_files_and_no_folder(tmp_path, capsys):
    assert main(["results", str(tmp_path)]) == 2
    assert "holds no file that ends in .json; expected" in capsys.readouterr().err
    assert main(["results", str(tmp_path / "none")]) == 2
    assert "is not a folder; expected" in capsys.readouterr().err


def test_a_name_cannot_command_the_terminal(put, tmp_path, capsys):
    put("one.json", content(entry(), name="a\x1b[2Jb"))
    put("two.json", content(entry(), name="a\x1b[2Jb"))
    main(["results", str(tmp_path)])
    assert "\x1b" not in capsys.readouterr().out
