"""The README's first screen: an image of the first page as it is, and ways to start that exist."""

import re

import pytest
import take_readme_image
from bs4 import BeautifulSoup
from PIL import Image
from test_project_files import ROOT

TEXT = (ROOT / "README.md").read_text("utf-8")
FIRST_SCREEN = TEXT.partition("\n## ")[0]
DARK, LIGHT = BeautifulSoup(FIRST_SCREEN, "html.parser").select("source, img")


def words_of(path):
    with Image.open(path) as image:
        return " ".join(image.text[take_readme_image.WORDS].split())


def test_it_shows_the_first_page_light_and_dark():
    assert ROOT / LIGHT["src"] == take_readme_image.FILES["light"]
    assert DARK["media"] == "(prefers-color-scheme: dark)"
    assert ROOT / DARK["srcset"] == take_readme_image.FILES["dark"]


@pytest.mark.parametrize("scheme", take_readme_image.FILES)
def test_an_image_has_its_size_and_is_light(scheme):
    path = take_readme_image.FILES[scheme]
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.size == tuple(round(side * take_readme_image.SCALE) for side in take_readme_image.SIZE)
    assert path.stat().st_size < 150_000


@pytest.mark.parametrize("scheme", take_readme_image.FILES)
def test_an_image_shows_what_the_first_page_says_now(scheme):
    """Another opening, and the image is taken again: python scripts/take_readme_image.py, after make book."""
    opening = (ROOT / "index.md").read_text("utf-8").partition("\n:::")[0]
    assert "{book-widget} digit_pad" in (ROOT / "index.md").read_text("utf-8")
    words = words_of(take_readme_image.FILES[scheme])
    for line in re.sub(r"(?m)^# |\*\*", "", opening).splitlines():
        assert line in words


def test_the_image_is_described_with_the_answer_that_it_shows():
    answers = {  # the page gives each of them twice: beside the pad, and in the scene that follows it
        scheme: set(re.findall(r"\b(\d) (\d+\.\d)%", words_of(path)))
        for scheme, path in take_readme_image.FILES.items()
    }
    assert answers["light"] == answers["dark"]
    for digit, share in answers["light"]:
        assert f"{digit} with {share} percent" in LIGHT["alt"]
    assert len(answers["light"]) == 2


def test_what_it_offers_to_start_with_exists():
    headings = {
        re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in re.findall("^## (.+)$", TEXT, re.M)
    }
    links = re.findall(r"\]\(([^)]+)\)", FIRST_SCREEN)
    assert len(links) > 3
    for link in links:
        assert link[1:] in headings if link.startswith("#") else (ROOT / link).is_file(), link
    targets = re.findall(r"`make ([\w-]+)`", FIRST_SCREEN)
    assert {"book", "serve"} <= set(targets)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
