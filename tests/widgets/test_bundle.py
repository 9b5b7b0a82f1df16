"""Scripts of a page: each module once, and an import that the bundle cannot follow is refused."""

import re

import pytest

from book_sphinx import widgets as widget_pages
from mnist_tutorial.widgets import bundle

NAMES = sorted(path.parent.name for path in bundle.FOLDER.glob("*/__init__.py"))
SHARED = re.compile(r'mnistTutorial\.modules\["([^"]+)"\]')


def test_widgets_take_from_the_host_what_it_has_and_nothing_else():
    shared = re.search(r"mnistTutorial\.modules = \{ (.*) \};", bundle.host_script())[1]
    paths = re.findall(r'"([^"]+)": module\d+', shared)
    assert "frontend/quick_forward.js" in paths
    marks = {
        path: max(re.findall(r"^export .*$", (bundle.FOLDER / path).read_text("utf-8"), re.MULTILINE), key=len)
        for path in paths
    }
    for name in NAMES:
        script = bundle.page_script(name)
        assert set(SHARED.findall(script)) <= set(paths), name
        for path, mark in marks.items():
            assert mark.removeprefix("export ") not in script, f"{name} holds {path} once more"
    assert "frontend/quick_forward.js" in SHARED.findall(bundle.page_script("digit_pad"))


def test_in_jupyter_a_front_end_needs_no_host():
    for name in NAMES:
        assert not SHARED.findall(bundle.front_end(bundle.FOLDER / name / f"{name}.js")), name


def test_another_form_of_import_is_refused(tmp_path):
    path = tmp_path / "widget.js"
    path.write_text('import * as all from "./other.js";\n', "utf-8")
    with pytest.raises(ValueError, match=r"widget\.js has the line .*; expected imports of the form"):
        bundle.front_end(path)


def test_a_page_loads_the_scripts_without_the_lines_that_are_comments(tmp_path):
    assert widget_pages.write_files(tmp_path) == NAMES
    scripts = {name: bundle.page_script(name) for name in NAMES} | {"host": bundle.host_script()}
    for name, script in scripts.items():
        lines = script.splitlines()
        kept = [line for line in lines if not line.lstrip().startswith("//")]
        assert (tmp_path / f"{name}.js").read_text("utf-8").splitlines() == kept, name
        assert len(kept) < len(lines), name


def test_what_a_module_imports_the_other_exports():
    for path in bundle.FOLDER.rglob("*.js"):
        for names, other in re.findall(r'^import \{([^}]*)\} from "([^"]+)";$', path.read_text("utf-8"), re.MULTILINE):
            source = (path.parent / other).read_text("utf-8")
            exported = re.findall(r"^export (?:async )?(?:function\*?|const|let|class) (\w+)", source, re.MULTILINE)
            assert set(re.findall(r"\w+", names)) <= set(exported), (path.name, other)
