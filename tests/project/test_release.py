"""What a release needs beside the book: the archive, its notes, the licences, the citation and the social image."""

import hashlib
import re
import tomllib
import zipfile
from pathlib import Path

import draw_social_image
import numpy as np
import pack_zip
import pytest
import release_notes
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = """# Changelog

## [1.2.3] - 2027-01-31

### Added

- Digits.

## [1.2.2] - 2027-01-01

- Nothing of note.

## [1.2.1] - 2026-12-31
"""


@pytest.fixture
def project(tmp_path):
    """Return a project whose book is three files."""
    root = tmp_path / "project"
    html = root / "_build" / "html"
    (html / "_static").mkdir(parents=True)
    (html / "index.html").write_text("<h1>A book</h1>" * 99)
    (html / "page.html").write_text("A page")
    (html / "_static" / "style.css").write_text("body {}")
    (root / "pyproject.toml").write_text('[project]\nname = "digits"\nversion = "1.2.3"\n')
    (root / "CHANGELOG.md").write_text(CHANGELOG)
    for name in pack_zip.LICENCES:
        (root / name).write_text(name)
    return root


class TestArchive:
    def test_it_is_one_folder_with_the_book_a_start_and_the_licences(self, project):
        archive = pack_zip.pack(project)
        assert archive == project / "_build" / "digits-1.2.3.zip"
        with zipfile.ZipFile(archive) as pages:
            assert pages.namelist() == [
                f"digits-1.2.3/{name}"
                for name in (
                    *("LICENSE", "LICENSE-TEXT", "START-HERE.html"),
                    *("book/_static/style.css", "book/index.html", "book/page.html"),
                )
            ]
            assert pages.testzip() is None
            assert pages.read("digits-1.2.3/book/index.html") == (project / "_build/html/index.html").read_bytes()
        assert sorted(path.name for path in archive.parent.iterdir()) == ["digits-1.2.3.zip", "html"]

    def test_the_same_book_gives_the_same_bytes(self, project):
        first = pack_zip.pack(project).read_bytes()
        for path in project.rglob("*.html"):
            text = path.read_bytes()
            path.unlink()  # another place in the folder, another date and other rights
            path.write_bytes(text)
            path.chmod(0o600)
        assert pack_zip.pack(project).read_bytes() == first
        (project / "_build" / "html" / "page.html").write_text("Another")
        assert pack_zip.pack(project).read_bytes() != first

    def test_an_interruption_leaves_the_archive_of_before(self, project, monkeypatch):
        before = pack_zip.pack(project).read_bytes()
        monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            pack_zip.pack(project)
        assert (project / "_build" / "digits-1.2.3.zip").read_bytes() == before

    def test_without_a_book_it_says_what_to_do(self, project):
        (project / "_build" / "html" / "index.html").unlink()
        with pytest.raises(SystemExit, match="There is no book yet: make book"):
            pack_zip.pack(project)


class TestNotes:
    def test_they_are_the_versions_section_and_nothing_else(self, project):
        assert release_notes.notes("v1.2.3", root=project) == "### Added\n\n- Digits.\n"

    def test_they_name_the_archive_its_size_and_its_digest(self, project, tmp_path):
        archive = tmp_path / "digits-1.2.3.zip"
        archive.write_bytes(bytes(5_240_000))
        text = release_notes.notes("v1.2.3", [archive], project)
        assert text.startswith("### Added\n\n- Digits.\n\n### Offline edition\n\n`digits-1.2.3.zip` (5.2 MB) ")
        assert text.endswith(f"\nSHA-256: `{hashlib.sha256(archive.read_bytes()).hexdigest()}`\n")

    def test_they_name_each_edition_and_refuse_other_files(self, project, tmp_path):
        editions = [tmp_path / f"digits-1.2.3{suffix}" for suffix in (".zip", ".epub", ".pdf", ".exe")]
        for path in editions:
            path.write_bytes(path.suffix.encode())
        text = release_notes.notes("v1.2.3", editions[:3], project)
        assert re.findall("^### (.*)$", text, re.MULTILINE)[1:] == ["Offline edition", "For an e-reader", "For paper"]
        for path in editions[:3]:
            assert f"`{path.name}` (0.0 MB)" in text
            assert hashlib.sha256(path.suffix.encode()).hexdigest() in text
        with pytest.raises(ValueError, match=r"digits-1\.2\.3\.exe is no edition .* \.zip, \.epub, \.pdf"):
            release_notes.notes("v1.2.3", editions, project)

    @pytest.mark.parametrize(
        ("tag", "before", "after", "message"),
        [
            ("v1.2.4", "", "", r"The tag is v1\.2\.4, .* Expected the tag v1\.2\.3"),
            ("1.2.3", "", "", r"The tag is 1\.2\.3"),
            ("v1.2.3", "[1.2.3]", "[1.3.0]", r"no section \[1\.2\.3\], only 1\.3\.0, 1\.2\.2, 1\.2\.1"),
            ("v1.2.3", "2027-01-31", "Unreleased", r"dates 1\.2\.3 'Unreleased'\. Expected the day of the release"),
            ("v1.2.3", "### Added\n\n- Digits.\n", "", r"says nothing about 1\.2\.3"),
        ],
    )
    def test_what_does_not_agree_is_refused(self, project, tag, before, after, message):
        path = project / "CHANGELOG.md"
        assert before in CHANGELOG
        path.write_text(CHANGELOG.replace(before, after))
        with pytest.raises(ValueError, match=message):
            release_notes.notes(tag, root=project)

    def test_the_command_refuses_with_one_line(self):
        with pytest.raises(SystemExit, match=r"^The tag is v0, the version in pyproject\.toml"):
            release_notes.main(["v0"])

    def test_the_projects_own_changelog_can_be_read(self):
        version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
        dated = re.sub(r"(?<=\] - )Unreleased", "2027-01-31", (ROOT / "CHANGELOG.md").read_text("utf-8"))
        assert "### Added" in release_notes.section(dated, version)


class TestCitation:
    def validate(self, path):
        arguments = ["--builtin-schema", "vendor.citation-file-format", str(path)]
        return CliRunner().invoke(check_jsonschema, arguments)

    def test_it_fits_the_published_schema(self):
        result = self.validate(ROOT / "CITATION.cff")
        assert result.exit_code == 0, result.output

    @pytest.mark.parametrize(("right", "wrong"), [("authors:", "writers:"), ("type: software", "type: book")])
    def test_a_broken_one_is_refused(self, tmp_path, right, wrong):
        text = (ROOT / "CITATION.cff").read_text("utf-8")
        assert right in text
        path = tmp_path / "CITATION.cff"
        path.write_text(text.replace(right, wrong), "utf-8")
        assert self.validate(path).exit_code == 1

    def test_title_and_licence_are_those_of_the_project(self):
        cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        assert cited["license"] == project["license"] == "MIT"
        assert cited["version"] == project["version"]

    def test_version_and_date_are_those_of_the_newest_release(self):
        changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
        version, date = re.search(r"^## \[(.+?)\] - (.+)$", changelog, re.MULTILINE).groups()
        cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
        assert cited["version"] == version
        assert str(cited.get("date-released", "Unreleased")) == date

    def test_the_title_is_the_same_everywhere(self):
        title = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["title"]
        assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["title"] == title
        assert " ".join(draw_social_image.TITLE) == title
        assert f"<title>{title}</title>" in pack_zip.START
        assert f"<h1>{title}</h1>" in pack_zip.START


class TestSocialImage:
    def test_it_is_as_large_as_previews_want_and_light(self):
        with Image.open(draw_social_image.DEFAULT_PATH) as image:
            assert image.size == (1200, 630)
            assert image.format == "PNG"
        assert draw_social_image.DEFAULT_PATH.stat().st_size < 100_000

    def test_it_is_what_the_script_makes(self, tmp_path, capsys):
        draw_social_image.main(tmp_path / "made.png")
        made, kept = (
            np.asarray(Image.open(path).convert("L"), dtype=float)
            for path in (tmp_path / "made.png", draw_social_image.DEFAULT_PATH)
        )
        assert made.std() > 40  # there is something on it
        # The digits are the same to the pixel; letters may differ a little where fonts are drawn by another version.
        np.testing.assert_array_equal(made[:312], kept[:312])
        assert np.abs(made - kept).mean() < 2
        assert [path.name for path in tmp_path.iterdir()] == ["made.png"]
