"""The pages beside the chapters: the glossary, the cheat sheet, the bibliography, the course."""

import ast
import re
from collections import Counter

import nbformat
import pytest
import write_minutes
from pybtex.database import parse_file

from chapters import CHAPTERS, INDEX, LIST_ITEM, NOT_PROSE, cells_of, text_of

ROOT = INDEX.parent
GLOSSARY, CHEAT_SHEET, BIBLIOGRAPHY, COURSE = (
    ROOT / f"{name}.md" for name in ("glossary", "cheat_sheet", "bibliography", "course")
)
TERMS = re.findall(r"^### (.+)$", GLOSSARY.read_text("utf-8"), re.MULTILINE)
ENTRIES = parse_file(ROOT / "references.bib").entries
NEEDED = {
    "article": {"author", "title", "journal", "volume", "pages", "year"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "misc": {"author", "title", "howpublished"},
}


def slug(title):
    """Return the place that a heading has on GitHub and in the built book."""
    return re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")


def places_of(path):
    return {slug(title) for title in re.findall(r"^#+ (.+)$", NOT_PROSE.sub("", text_of(path)), re.MULTILINE)}


@pytest.mark.parametrize("path", [GLOSSARY, CHEAT_SHEET, BIBLIOGRAPHY, COURSE], ids=lambda path: path.stem)
class TestEachPage:
    def test_its_links_lead_somewhere(self, path):
        for address in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
            name, _, place = address.partition("#")
            target = ROOT / name if name else path
            assert target.is_file(), address
            is_state = re.match(r"\w+=", place)  # of a widget; tests/site opens these
            assert not place or is_state or place in places_of(target), address

    def test_one_sentence_a_line(self, path):
        lines = NOT_PROSE.sub("", text_of(path)).splitlines()
        prose = [line for line in lines if not line.startswith(("#", "|")) and not LIST_ITEM.match(line)]
        assert [line for line in prose if re.search(r"[.!?]\W* [A-Z`*]", line)] == []

    def test_the_book_leads_to_it(self, path):
        assert f"file: {path.stem}\n" in (ROOT / "_toc.yml").read_text("utf-8")
        assert f"({path.name})" in text_of(INDEX)


class TestGlossary:
    def test_terms_are_in_order_below_their_letters(self):
        headings = re.findall(r"^(##+) (.+)$", text_of(GLOSSARY), re.MULTILINE)
        assert sorted(TERMS, key=str.lower) == TERMS
        assert len({slug(term) for term in TERMS}) == len(TERMS)
        letter = ""
        for level, title in headings:
            if level == "##":
                assert title > letter
                letter = title
            else:
                assert title[0].upper() == letter, title

    def test_each_entry_is_short_and_says_where_it_is_explained(self):
        for entry in re.split(r"^##+ ", text_of(GLOSSARY), flags=re.MULTILINE)[1:]:
            term, *lines = [line for line in entry.splitlines() if line]
            if len(term) == 1 and not lines:
                continue
            assert 1 <= len(lines[:-1]) <= 3, term
            assert all(line.endswith(".") for line in lines), term
            assert re.fullmatch(r"Explained in \[.+\]\(chapters/\w+\.ipynb#[\w-]+\)\.", lines[-1]), term

    def test_a_chapter_speaks_of_each_term_where_it_is_explained(self):
        for entry in re.split(r"^### ", text_of(GLOSSARY), flags=re.MULTILINE)[1:]:
            term = entry.partition("\n")[0]
            chapter = ROOT / re.search(r"\((chapters/\w+\.ipynb)", entry)[1]
            text = "\n".join(cell.source for cell in cells_of(chapter)).lower()
            for word in re.findall(r"[\w-]+", term.lower()):
                stem = word[: max(4, len(word) - 4)]  # it may say "predict" for "prediction"
                assert stem in text, term

    def test_chapters_link_to_terms_and_to_none_twice(self):
        places = Counter()
        for path in CHAPTERS:
            places.update(re.findall(r"\]\(\.\./glossary\.md#([\w-]+)\)", text_of(path)))
            assert "glossary.md)" not in text_of(path), f"{path.stem}: name the entry"
        assert set(places) <= {slug(term) for term in TERMS}
        assert [place for place, count in places.items() if count > 1] == []
        assert {slug(term) for term in TERMS} - set(places) <= {"activation", "axis"}  # which stand in code alone


class TestBibliography:
    def test_keys_are_unique(self):
        keys = re.findall(r"^@\w+\{([^,]+),$", (ROOT / "references.bib").read_text("utf-8"), re.MULTILINE)
        assert keys == list(ENTRIES)

    @pytest.mark.parametrize("key", ENTRIES)
    def test_entry_is_complete(self, key):
        entry = ENTRIES[key]
        given = {*entry.fields, *entry.persons}
        assert not NEEDED[entry.type] - given
        assert given & {"doi", "eprint", "url"}, "no way to find it"
        assert not ("doi" in given and "url" in given), "a DOI is enough"
        assert re.fullmatch(r"[A-Z].*[^.]\.", entry.fields["note"]), "one sentence says what the book takes from it"
        assert re.fullmatch(r"10\.\d{4,}/\S+", entry.fields.get("doi", "10.1000/x"))
        assert re.fullmatch(r"\d{4}\.\d{4,5}", entry.fields.get("eprint", "0000.00000"))
        assert entry.fields["url" if "url" in given else "title"].isprintable()
        if "year" in given:
            first_author = entry.persons["author"][0].last_names[0].strip("{}").split()[0].lower()
            assert key.startswith(first_author)
            assert entry.fields["year"] in key

    def test_page_shows_each_entry_once(self):
        sections = re.findall(r':filter: keywords % "(\w+)"', text_of(BIBLIOGRAPHY))
        assert sorted(sections) == sorted({entry.fields["keywords"] for entry in ENTRIES.values()})


def statements_of(source):
    """Return statements as dumps of their syntax; an import of several names counts as one import each."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in node.names:
                yield f"{getattr(node, 'module', None)}: {name.name} as {name.asname}"
        else:
            yield ast.dump(node)


def code_of_the_sheet():
    return re.findall(r"^```python\n(.*?)^```$", text_of(CHEAT_SHEET), re.MULTILINE | re.DOTALL)


class TestCheatSheet:
    def test_its_code_is_the_chapters_own(self):
        taught = set()
        for path in CHAPTERS:
            for cell in nbformat.read(path, as_version=4).cells:
                if cell.cell_type == "code" and "hide-cell" not in cell.metadata.get("tags", []):  # no solutions
                    taught.update(statements_of(cell.source))
        blocks = code_of_the_sheet()
        assert len(blocks) == 6
        for block in blocks:
            assert [one for one in statements_of(block) if one not in taught] == []

    def test_it_runs_from_top_to_bottom(self, monkeypatch, tmp_path):
        monkeypatch.setenv("MNIST_TUTORIAL_DATA", "stand-in")
        monkeypatch.chdir(tmp_path)
        ten, one = "batch_size, epochs = 200, 10\n", "batch_size, epochs = 200, 1\n"
        code = "\n".join(code_of_the_sheet())
        assert code.count(ten) == 1
        names = {"__name__": "__main__"}
        exec(compile(code.replace(ten, one), CHEAT_SHEET.name, "exec"), names)
        assert names["model"].count_params() == 555_158
        assert len(names["history"].history["val_accuracy"]) == 1
        assert names["test_accuracy"] == pytest.approx((names["answers"] == names["labels_test"]).mean())
        assert (names["answers"][names["most_confident"]] != names["labels_test"][names["most_confident"]]).all()
        again = names["loaded"].predict(names["X_test"], verbose=0)
        assert (again == names["probabilities"]).all()


class TestCourse:
    LESSONS = re.split(r"^## Lesson ", text_of(COURSE), flags=re.MULTILINE)[1:]

    def test_each_of_four_lessons_is_planned_from_its_first_minute_to_its_last(self):
        assert len(self.LESSONS) == 4
        for lesson in self.LESSONS:
            times = [(int(start), int(end)) for start, end, _ in write_minutes.OF_PLAN.findall(lesson)]
            assert times[0][0] == 0
            assert times[-1][1] == 90
            assert [end for _, end in times[:-1]] == [start for start, _ in times[1:]]

    def test_the_minutes_in_class_are_those_of_the_plans(self):
        rows = write_minutes.OF_COURSE.findall(text_of(COURSE))
        assert len(rows) == len({name for _, name in rows}) >= 12
        spent = write_minutes.in_class(text_of(COURSE))
        assert sum(spent.values()) == 4 * 90
        # A few minutes on the first page and on the last chapter are nobody's.
        assert spent.keys() - {name for _, name in rows} <= {"", "16_where_mnist_stops"}

    def test_every_lesson_begins_with_a_start_and_lets_predict_do_and_discuss(self):
        for lesson in self.LESSONS:
            beats = re.findall(r"^\| \d+ to \d+ \| (\w+) \|", lesson, re.MULTILINE)
            assert beats[0] == "Start"
            assert set(beats) == {"Start", "Predict", "Do", "Discuss"}

    def test_every_misconception_has_a_place_that_clears_it_up(self):
        rows = re.findall(r'^\| "(.+)" \| (.+) \|$', text_of(COURSE), re.MULTILINE)
        assert len(rows) >= 20
        assert [said for said, answer in rows if not re.search(r"\]\([^)]+#", answer) and "above" not in answer] == []

    def test_every_project_of_the_book_is_graded(self):
        projects = {
            path.stem
            for path in CHAPTERS
            for cell in cells_of(path)
            if re.search(r"^## A (small )?project", cell.source, re.M)
        }
        assert set(re.findall(r"\(chapters/(\w+)\.ipynb#a-(?:small-)?project", text_of(COURSE))) == projects
