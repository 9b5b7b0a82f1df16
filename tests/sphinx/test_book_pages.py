"""What every page gets: the stand-in's banner, buttons that lead to the right repository, formulas."""

import os
import re
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest
from bs4 import BeautifulSoup
from docutils import nodes

from book_sphinx import pages as book_pages
from mnist_tutorial import data


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/someone/digits.git",
        "https://github.com/someone/digits",
        "https://github.com/someone/digits/",
        "https://a-token@github.com/someone/digits.git",
        "https://someone:a-token@github.com/someone/digits.git",
        "git@github.com:someone/digits.git",
        "git@github.com:someone/digits",
        "ssh://git@github.com/someone/digits.git",
    ],
)
def test_every_form_of_a_github_remote_is_understood(remote):
    assert book_pages.github_address(remote) == "https://github.com/someone/digits"


def test_dots_and_dashes_belong_to_a_name():
    remote = "git@github.com:some-one/my.digits_2.git"
    assert book_pages.github_address(remote) == "https://github.com/some-one/my.digits_2"


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/home/someone/digits",
        "file:///home/someone/digits.git",
        "https://gitlab.com/someone/digits.git",
        "https://notgithub.com/someone/digits.git",
        "https://github.com.example.org/someone/digits.git",
        "https://example.org/github.com/someone/digits",
        "https://github.com/someone",
        "git@github.com:someone/digits/more.git",
        "https://github.com/someone/digits\nhttps://example.org",
    ],
)
def test_nothing_else_is_taken_for_github(remote):
    assert book_pages.github_address(remote) is None


# --- a checkout with and without a remote


def git(folder, *arguments):
    identity = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a folder with a git repository of one commit on a branch of its own name."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:  # as in a hook
        monkeypatch.delenv(name)
    git(tmp_path, "init", "-q", "-b", "trunk")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "First")
    return tmp_path


def options_for(folder):
    """Return the theme's options for a book in this folder; what was set before does not count."""
    given = {"repository_url": "https://example.org", "launch_buttons": {"notebook_interface": "classic"}}
    config = SimpleNamespace(html_theme_options=given)
    book_pages.point_at_repository(SimpleNamespace(srcdir=str(folder)), config)
    return config.html_theme_options


def test_github_remote_gives_buttons_that_point_at_it(checkout):
    git(checkout, "remote", "add", "origin", "git@github.com:someone/digits.git")
    options = options_for(checkout)
    assert options["repository_url"] == "https://github.com/someone/digits"
    assert options["repository_branch"] == "trunk"
    assert options["use_repository_button"] is True
    assert options["launch_buttons"]["binderhub_url"] == "https://mybinder.org"
    assert options["launch_buttons"]["colab_url"] == "https://colab.research.google.com"


def test_a_checkout_of_a_commit_points_at_main(checkout):
    git(checkout, "remote", "add", "origin", "https://github.com/someone/digits")
    git(checkout, "checkout", "-q", "--detach")
    assert options_for(checkout)["repository_branch"] == "main"


@pytest.mark.parametrize("remote", [None, "https://gitlab.com/someone/digits.git"])
def test_no_github_remote_gives_no_buttons(checkout, remote):
    if remote:
        git(checkout, "remote", "add", "origin", remote)
    options = options_for(checkout)
    assert not options["repository_url"]
    assert "launch_buttons" not in options


def test_no_git_gives_no_buttons(checkout, monkeypatch):
    git(checkout, "remote", "add", "origin", "https://github.com/someone/digits")
    monkeypatch.setenv("PATH", str(checkout))
    assert "launch_buttons" not in options_for(checkout)


# --- whole pages


NAMES = ("index", "digits", "sums")


def parsed(book):
    return {name: BeautifulSoup(book.page(name), "html.parser") for name in NAMES}


@pytest.fixture(scope="module")
def plain(tiny_book):
    """Return the pages of a tiny book of stand-in digits in no checkout."""
    return parsed(tiny_book[0])


@pytest.fixture(scope="module")
def second_build(tiny_book, tmp_path_factory):
    """Build the same book again, in a checkout from GitHub and with other prose; return it and what was printed."""
    book = tiny_book[0].copy(tmp_path_factory.mktemp("pages") / "book")
    book.edit("index.md", "Welcome", "Good morning")
    book.edit("sums.ipynb", "Adding up", "Counting")
    book.edit(
        "sums.ipynb", "# Counting", r"# Counting\n\n:::{card} A card\n:class-card: sd-shadow-lg\nOf Sphinx Design.\n:::"
    )
    git(book.folder, "init", "-q", "-b", "trunk")
    git(book.folder, "remote", "add", "origin", "https://github.com/someone/digits.git")
    git(book.folder, "commit", "-q", "--allow-empty", "-m", "First")
    code, printed = book.build()
    assert code == 0, printed
    return book, printed


@pytest.fixture(scope="module")
def with_remote(second_build):
    return parsed(second_build[0])


def test_second_build_runs_nothing_even_when_prose_has_changed(second_build):
    book, printed = second_build
    assert not re.search(r"Chapters to run|Changed since", printed)
    assert "Good morning" in book.page("index")
    assert "Counting" in book.page("sums")
    assert ">42\n" in book.page("sums")


def stylesheet(book, name):
    """Return the address by which a page asks for Sphinx Design's styles, and what they are."""
    (address,) = re.findall(r'href="(_static/sphinx-design[^"]+)"', book.page(name))
    return address, (book.folder / "_build" / "html" / address.partition("?")[0]).read_text("utf-8")


def test_styles_come_back_when_a_page_needs_them_and_all_pages_ask_for_the_new_ones(tiny_book, second_build):
    address_before, before = stylesheet(tiny_book[0], "digits")
    address_after, after = stylesheet(second_build[0], "digits")
    assert ".sd-shadow-lg" not in before
    assert ".sd-shadow-lg" in after
    assert address_before != address_after  # also on a page that was not written again, or browsers keep the old ones


def test_a_build_that_finds_nothing_to_do_leaves_every_file_as_it_is(second_build):
    """The styles and the icon fonts that the book cut down among them; `make zip` builds before it packs."""
    book, _ = second_build
    html = book.folder / "_build" / "html"
    before = {path.relative_to(html): path.read_bytes() for path in html.rglob("*") if path.is_file()}
    fonts = [name for name in before if name.suffix == ".woff2" and "fontawesome" in name.parts]
    assert len(fonts) > 1
    code, printed = book.build()
    assert code == 0, printed
    after = {path.relative_to(html): path.read_bytes() for path in html.rglob("*") if path.is_file()}
    assert [str(name) for name in before if after.get(name) != before[name]] == []
    assert after.keys() == before.keys()


def addresses(page):
    return [link["href"] for link in page.find_all("a", href=True)]


def test_every_page_says_that_the_digits_are_a_stand_in(plain):
    for page in plain.values():
        (banner,) = page.select(".bd-header-announcement")
        assert "Built from stand-in digits, not from MNIST." in banner.get_text()


def test_pages_without_a_remote_lead_to_no_repository(plain):
    for page in plain.values():
        assert [link for link in addresses(page) if "github.com" in link or "binder" in link] == []
        assert page.select(".dropdown-launch-buttons .btn-sm") == []


def test_without_a_remote_the_launch_menu_of_a_chapter_says_why_it_has_nothing(plain):
    for name, page in plain.items():
        notes = [note.get_text(" ", strip=True) for note in page.select(".dropdown-launch-buttons .menu-note")]
        assert len(notes) == (name != "index")  # nothing to run there
        assert all("not built from a GitHub repository" in note for note in notes)


def test_notebooks_are_downloaded(plain, with_remote):
    """Without the attribute, a browser shows their raw text."""
    for page in (plain["sums"], with_remote["sums"]):
        (link,) = page.select(".dropdown-download-buttons a")
        assert link["href"].endswith("sums.ipynb")
        assert link.has_attr("download")


def test_pages_with_a_remote_lead_to_it(with_remote):
    assert not any(page.select(".menu-note") for page in with_remote.values())
    for name, page in with_remote.items():
        assert "https://github.com/someone/digits" in addresses(page)
        others = [link for link in addresses(page) if "github.com" in link and "someone/digits" not in link]
        assert others == []
        if name == "index":  # nothing to run there
            continue
        (binder,) = [link for link in addresses(page) if link.startswith("https://mybinder.org/")]
        assert binder.startswith("https://mybinder.org/v2/gh/someone/digits/trunk?")
        assert binder.endswith(f"{name}.ipynb")
        (colab,) = [link for link in addresses(page) if link.startswith("https://colab.")]
        assert colab == f"https://colab.research.google.com/github/someone/digits/blob/trunk/{name}.ipynb"


def test_formulas_are_mathml(plain):
    inline, display = plain["index"].find_all("math")
    assert inline.find("mfrac")
    assert inline.get("display") != "block"
    assert display.get("display") == "block"
    assert "\\" not in display.get_text()


@pytest.mark.parametrize("formula", ["(-1)", "a = -1", "a \\cdot \\Bigl[-1 + b", "a,\\qquad -\\ln b", "\\{-1\\}"])
def test_a_sign_belongs_to_its_number(formula):
    minus = BeautifulSoup(book_pages.as_mathml(formula, "inline"), "html.parser").find("mo", string="\u2212")
    assert minus["form"] == "prefix"


@pytest.mark.parametrize("formula", ["a - 1", "(a) - 1", "f[a] - 1", "\\{a\\} - 1", "|a| - 1", "n! - 1", "(a)^2 - 1"])
def test_a_difference_keeps_its_gaps(formula):
    minus = BeautifulSoup(book_pages.as_mathml(formula, "inline"), "html.parser").find("mo", string="\u2212")
    assert not minus.has_attr("form")


def test_unused_scripts_are_gone(plain):
    for page in plain.values():
        scripts = " ".join(f"{script.get('src')} {script.get_text()}" for script in page.find_all("script"))
        assert "thebe" not in scripts.lower()


# --- the decision on the digits


def decide(monkeypatch, **environment):
    monkeypatch.delenv(data.VARIABLE, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    config = SimpleNamespace(html_theme_options={}, mnist_data_source="")
    book_pages.choose_data(None, config)
    return config


def test_data_is_decided_once(monkeypatch, capsys):
    config = decide(monkeypatch, MNIST_TUTORIAL_DATA="stand-in")
    assert config.mnist_data_source == "stand-in"
    assert "stand-in" in config.html_theme_options["announcement"]


def test_without_network_the_chapters_are_told_to_take_the_stand_in(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(data, "_from_keras", lambda: (_ for _ in ()).throw(data._NoMNISTError("no network")))
    monkeypatch.setattr(data, "_keras_caches", lambda: [tmp_path / "none.npz"])
    monkeypatch.setenv(data.VARIABLE, "")  # so that what is set below is taken back
    decide(monkeypatch)
    assert os.environ[data.VARIABLE] == "stand-in"


@pytest.mark.parametrize("home", [False, True], ids=["relative", "in the home folder"])
def test_a_path_holds_in_the_chapters_folder_too(home, monkeypatch, tmp_path, capsys):
    (images, labels), test = data.stand_in_digits()
    names = dict(zip(data.ARRAYS, (images[:9], labels[:9], *test), strict=True))
    np.savez(tmp_path / "few.npz", **names)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    config = decide(monkeypatch, MNIST_TUTORIAL_DATA="~/few.npz" if home else "few.npz")
    assert os.environ[data.VARIABLE] == str(tmp_path / "few.npz")
    assert config.mnist_data_source.startswith("sha256:")
    assert "other images" in config.html_theme_options["announcement"]


def test_a_missing_file_stops_the_build_with_its_name(monkeypatch, tmp_path):
    from sphinx.errors import ExtensionError

    with pytest.raises(ExtensionError, match=r"no\.npz: expected an mnist\.npz"):
        decide(monkeypatch, MNIST_TUTORIAL_DATA=str(tmp_path / "no.npz"))


def test_the_engine_and_the_digits_lie_beside_the_widgets_and_no_page_loads_them_at_first(tiny_book, plain):
    folder = tiny_book[0].folder / "_build" / "html" / "_static" / "widgets"
    names = sorted(path.name for path in folder.glob("digits/*.js"))
    assert names == ["test-0.js", "training-0.js", "validation-0.js"]
    assert '"source":"stand-in"' in (folder / "digits" / "test-0.js").read_text("utf-8")
    assert (folder / "training_engine.js").stat().st_size > 0
    loaded = [tag.get("src") for page in plain.values() for tag in page.select("script[src]")]
    assert not [one for one in loaded if "digits" in one or "training_engine" in one]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('total = 1\nprint(total)\n\nsay(\n    "Words "\n    f"and {total}."\n)', "total = 1\nprint(total)"),
        ('x = 1\nsay("one")\nsay("two")', "x = 1"),
        ('say("first")\nx = 1', 'say("first")\nx = 1'),
        ('say("alone")', 'say("alone")'),
        ("essay(1)\nsay_nothing()", "essay(1)\nsay_nothing()"),
    ],
)
def test_the_words_at_the_end_of_a_solution_are_no_part_of_its_code(code, shown):
    assert book_pages.without_words(code) == shown


# --- what cells print


@pytest.mark.parametrize(
    ("text", "aligned"),
    [
        ("104 of 10,000 answers are wrong\n", False),
        ("[5923 6742 5958]\n", False),  # a single line is aligned with nothing
        ("uint8 from 0 to 255\nuint8 from 0 to 9\n", False),
        ("recall    990 of 1009\nprecision 990 of 1000\n", True),
        ("[[1 0 1]\n [0 3 0]\n [0 0 1]]\n", True),
        (" 1 workers\n16 workers\n", True),
    ],
)
def test_only_lines_that_stand_in_no_columns_may_break(text, aligned):
    printed = nodes.literal_block(text, text)
    output = nodes.container("", printed, nb_element="cell_code_output")
    code = nodes.literal_block("x = 1", "x = 1")
    book_pages.let_sentences_break(None, nodes.container("", code, output, nb_element="cell_code"))
    assert ("sentences" in printed["classes"]) != aligned
    assert "sentences" not in code["classes"]


# --- notes


def box_of(*words):
    """Return what a note with these words turns into, and a second paragraph, as (title or None, paragraphs)."""
    page = nodes.section("", nodes.note("", nodes.paragraph("", "", *words), nodes.paragraph("", "And more.")))
    book_pages.name_notes(None, page)
    (box,) = page.children
    assert isinstance(box, nodes.note) or box["classes"] == ["note"]
    title = box.next_node(nodes.title)
    return title and title.astext(), [one.astext() for one in box.findall(nodes.paragraph)]


def test_first_words_in_bold_are_a_notes_title():
    bold, code = nodes.strong("", "Before you run it:"), nodes.literal("", "while")
    # MyST puts empty words before what is bold.
    named = box_of(nodes.Text(""), bold, nodes.Text(" will it be 3?"))
    assert named == ("Before you run it", ["Will it be 3?", "And more."])
    assert box_of(nodes.strong("", "Python: while."), nodes.Text("\n"), code) == (
        "Python: while",
        ["while", "And more."],
    )
    assert box_of(nodes.strong("", "Python: while.")) == ("Python: while", ["And more."])


def test_other_notes_stay_as_they_are():
    bold = nodes.strong("", "Never")
    assert box_of(bold, nodes.Text(" type it.")) == (None, ["Never type it.", "And more."])
    assert box_of(nodes.Text("Write it in full.")) == (None, ["Write it in full.", "And more."])
