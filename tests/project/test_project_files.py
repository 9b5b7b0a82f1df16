"""The files around the book: requirements, constraints, workflows, Binder, licences, and what no text may hold."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BINDER = ROOT / ".binder"

# Every computer that the pins must fit: (python_version, sys_platform, os_name, platform_system).
COMPUTERS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": platform,
        "os_name": os_name,
        "platform_system": system,
    }
    for python in ("3.11", "3.12", "3.13")
    for platform, os_name, system in (
        ("linux", "posix", "Linux"),
        ("darwin", "posix", "Darwin"),
        ("win32", "nt", "Windows"),
    )
]


def lines_of(path):
    """Return the lines of a requirements file without comments and empty lines."""
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SUPPORTED = SpecifierSet(PYPROJECT["project"]["requires-python"])
DIRECT = [Requirement(line) for line in lines_of(ROOT / "requirements.txt")]
OF_THE_PACKAGE = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
EXTRAS = {
    name: [Requirement(line) for line in lines] for name, lines in PYPROJECT["project"]["optional-dependencies"].items()
}
FOR_TESTS = EXTRAS["test"] + EXTRAS["bench"]
PINS = [Requirement(line) for line in lines_of(ROOT / "constraints.txt")]


# Sphinx and its kin are whatever Jupyter Book is made of, and IPython comes with every kernel.
BROUGHT_ALONG = {"sphinx", "docutils", "ipython", "keras", "traitlets", "nbformat"}


def names_imported(node):
    """Return the full names of the modules that a node of a syntax tree imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) else []


def pins_of(name, computer):
    """Return the pins of a package that count on one computer."""
    return [
        pin
        for pin in PINS
        if canonicalize_name(pin.name) == canonicalize_name(name)
        and (pin.marker is None or pin.marker.evaluate(computer))
    ]


def version_of(pin):
    (specifier,) = pin.specifier
    return specifier.version


class TestRequirements:
    def test_fixed_packages_are_direct_requirements(self):
        names = {canonicalize_name(requirement.name) for requirement in DIRECT}
        assert {"jupyter-book", "tensorflow", "matplotlib", "ipywidgets", "nbmake"} <= names

    def test_they_are_those_of_the_package_and_of_the_extra_that_builds_the_book(self):
        assert sorted(map(str, DIRECT)) == sorted(map(str, OF_THE_PACKAGE + EXTRAS["book"]))

    @pytest.mark.parametrize(
        ("room", "extras"),
        [
            ("mnist_tutorial", ["heic"]),
            ("book_sphinx", ["book"]),
            ("site_checks", ["book", "test"]),
            ("scripts", ["book", "test"]),
        ],
    )
    def test_what_a_room_imports_is_declared(self, room, extras):
        """What comes only because another package needs it can be gone with that package's next version."""
        own = {"mnist_tutorial", "book_sphinx", "site_checks", *(path.stem for path in (ROOT / "scripts").glob("*.py"))}
        imported = {
            name.split(".")[0]
            for path in (ROOT / room).rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for name in names_imported(node)
        }
        provides = metadata.packages_distributions()
        declared = OF_THE_PACKAGE + [one for extra in extras for one in EXTRAS[extra]]
        names = {canonicalize_name(requirement.name) for requirement in declared} | BROUGHT_ALONG
        missing = {
            name
            for name in imported - own - sys.stdlib_module_names
            if not names & {canonicalize_name(one) for one in provides.get(name, [name])}
        }
        assert not missing

    def test_every_constraint_is_one_exact_version(self):
        for pin in PINS:
            assert [specifier.operator for specifier in pin.specifier] == ["=="], pin
            assert "*" not in version_of(pin), pin

    @pytest.mark.parametrize("requirement", DIRECT + FOR_TESTS, ids=lambda requirement: requirement.name)
    def test_every_requirement_is_pinned_within_its_range(self, requirement):
        for computer in COMPUTERS:
            pins = pins_of(requirement.name, computer)
            assert len(pins) == 1, f"{requirement.name}: {len(pins)} pins on {computer}"
            assert requirement.specifier.contains(version_of(pins[0]), prereleases=True), pins[0]

    def test_no_package_is_pinned_twice_on_one_computer(self):
        for computer in COMPUTERS:
            twice = [pin.name for pin in PINS if len(pins_of(pin.name, computer)) > 1]
            assert not twice, f"{twice} on {computer}"

    def test_everything_that_the_requirements_need_here_is_pinned(self):
        pinned = {canonicalize_name(pin.name) for pin in PINS}
        open_, seen = [(r, "the project") for r in DIRECT + FOR_TESTS], set()
        missing = {}
        while open_:
            requirement, wanted_by = open_.pop()
            name = canonicalize_name(requirement.name)
            if (name, frozenset(requirement.extras)) in seen:
                continue
            seen.add((name, frozenset(requirement.extras)))
            if name not in pinned:
                missing[name] = wanted_by
            try:
                needs = metadata.requires(requirement.name) or []
            except metadata.PackageNotFoundError:
                continue
            for need in map(Requirement, needs):
                extras = ["", *requirement.extras]
                if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
                    open_.append((need, name))
        assert not missing, f"not in constraints.txt: {missing}"

    def test_no_pin_is_a_cuda_package(self):
        cuda = re.compile(r"nvidia|cuda|cudnn|cublas|nccl|triton|-cu\d+$")
        assert [pin.name for pin in PINS if cuda.search(canonicalize_name(pin.name))] == []


def validate(workflow):
    """Check a file against the schema of GitHub workflows that check-jsonschema ships."""
    schema = ["--builtin-schema", "vendor.github-workflows"]
    return CliRunner().invoke(check_jsonschema, [*schema, str(workflow)])


MORE_RIGHTS = {  # of single jobs, beyond reading the repository
    "publish.yml": {
        "build": {"contents": "read", "pages": "read"},
        "deploy": {"pages": "write", "id-token": "write"},
    },
    "release.yml": {"release": {"contents": "write"}},
}


class TestWorkflows:
    def test_all_workflows_are_there(self):
        assert {path.name for path in WORKFLOWS} == {"test.yml", "publish.yml", "release.yml", "audit.yml"}

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
    def test_every_action_is_pinned_by_its_commit_and_names_its_version(self, workflow):
        """A tag can be moved to other code; a commit cannot."""
        used = re.findall(r"\buses:\s*(.*)", workflow.read_text("utf-8"))
        assert used
        for one in used:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} +# v\d+\.\d+\.\d+", one), one

    def test_an_action_has_one_commit_for_each_version(self):
        used = {one for path in WORKFLOWS for one in re.findall(r"\buses:\s*(\S+) +# (\S+)", path.read_text("utf-8"))}
        assert len({(action.partition("@")[0], version) for action, version in used}) == len(used)

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
    def test_a_workflow_may_read_and_a_job_only_what_it_needs(self, workflow):
        content = yaml.safe_load(workflow.read_text("utf-8"))
        assert content["permissions"] == {"contents": "read"}
        asked = {name: job["permissions"] for name, job in content["jobs"].items() if "permissions" in job}
        assert asked == MORE_RIGHTS.get(workflow.name, {})

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
    def test_no_checkout_leaves_its_token_behind(self, workflow):
        jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()
        for step in (step for job in jobs for step in job["steps"]):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            # What others may write, such as the name of a branch, is never put into a command.
            assert "${{ github." not in step.get("run", "")

    def test_dependabot_fits_the_published_schema(self):
        schema = ["--builtin-schema", "vendor.dependabot"]
        result = CliRunner().invoke(check_jsonschema, [*schema, str(ROOT / ".github" / "dependabot.yml")])
        assert result.exit_code == 0, result.output

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
    def test_workflow_fits_the_published_schema(self, workflow):
        result = validate(workflow)
        assert result.exit_code == 0, result.output

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [
            ("runs-on:", "run-on:"),
            ("contents: read", "contents: reads"),
            ("- run: make test", "- runs: make test"),
        ],
    )
    def test_a_broken_workflow_is_refused(self, tmp_path, right, wrong):
        text = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
        assert right in text
        broken = tmp_path / "broken.yml"
        broken.write_text(text.replace(right, wrong), encoding="utf-8")
        result = validate(broken)
        assert result.exit_code == 1, result.output
        assert "Schema validation errors" in result.output

    def test_every_supported_python_is_tested(self):
        workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
        versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python-version"]
        assert versions == list(SUPPORTED.filter(f"3.{minor}" for minor in range(30)))

    def test_only_the_deployment_and_the_release_may_write(self):
        may_write = {"deploy": {"pages", "id-token"}, "release": {"contents"}}
        for path in WORKFLOWS:
            workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
            assert workflow["permissions"] == {"contents": "read"}, path.name
            for name, job in workflow["jobs"].items():
                writes = {key for key, value in job.get("permissions", {}).items() if value == "write"}
                assert writes == may_write.get(name, set()), (path.name, name)

    def test_a_release_hands_its_right_to_write_to_the_last_step_alone(self):
        (job,) = self.jobs_of("release.yml").values()
        *others, last = job["steps"]
        assert "gh release create" in last["run"]
        assert "github.token" in last["env"]["GH_TOKEN"]
        assert not re.search("token|secrets", str(others))
        checkout = next(step for step in others if step.get("uses", "").startswith("actions/checkout@"))
        assert checkout["with"]["persist-credentials"] is False

    @pytest.mark.parametrize(("workflow", "job"), [("publish.yml", "build"), ("release.yml", "release")])
    def test_nothing_is_published_that_is_not_of_mnist_and_ready(self, workflow, job):
        steps = self.jobs_of(workflow)[job]["steps"]
        runs = [step.get("run", "") for step in steps]
        (fetched,) = [position for position, run in enumerate(runs) if "load_mnist(stand_in=False)" in run]
        (checked,) = [position for position, run in enumerate(runs) if run == "make publish-check"]
        (handed_on,) = [
            position
            for position, step in enumerate(steps)
            if "upload-pages" in step.get("uses", "") or "gh release create" in step.get("run", "")
        ]
        assert fetched < checked < handed_on

    def test_the_published_book_is_told_its_address(self):
        steps = self.jobs_of("publish.yml")["build"]["steps"]
        (asked,) = [step for step in steps if "configure-pages" in step.get("uses", "")]
        (built,) = [step for step in steps if step.get("run") == "make publish-check"]
        assert built["env"]["BOOK_ADDRESS"] == f"${{{{ steps.{asked['id']}.outputs.base_url }}}}"

    def jobs_of(self, name):
        return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))["jobs"]


class TestBinder:
    def test_requirements_refer_to_files_that_exist(self):
        options = dict(line.split() for line in lines_of(BINDER / "requirements.txt") if line.startswith("-"))
        assert set(options) == {"-c", "-r", "-e"}
        # pip takes -c and -r relative to the file, a package's path relative to where it runs: the root.
        assert (BINDER / options["-c"]).resolve() == ROOT / "constraints.txt"
        assert (BINDER / options["-r"]).resolve() == ROOT / "requirements.txt"
        assert (ROOT / options["-e"] / "pyproject.toml").is_file()

    def test_runtime_names_a_supported_python(self):
        runtime = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip()
        assert runtime.startswith("python-")
        assert runtime.removeprefix("python-") in SUPPORTED

    def test_post_build_is_an_executable_script(self):
        script = BINDER / "postBuild"
        assert script.read_text(encoding="utf-8").splitlines()[0] == "#!/usr/bin/env bash"
        index = git("ls-files", "--stage", "--", ".binder/postBuild").stdout
        assert index.startswith("100755") or (not index and os.access(script, os.X_OK))


def git(*arguments, folder=ROOT):
    """Run git in a folder; the caller looks at the return code."""
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)


# Put together from parts, so that this file holds none of them.
REGISTRIES = [
    ".".join(parts).replace(".", r"\.")
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("registry", "yarnpkg"),
        ("conda", "anaconda", "org"),
        ("deb", "debian", "org"),
    )
]
REGISTRIES += ["--" + option for option in ("index" + "-url", "extra-index" + "-url", "find" + "-links")]
FORBIDDEN = {
    "the address of a package registry": "|".join(REGISTRIES),
    "a path of the computer it was written on": r"(^|[^[:alnum:]_.~-])" + "/" + "work/",
}


class TestText:
    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_no_text_file_contains(self, what):
        if git("rev-parse", "--is-inside-work-tree").returncode != 0:
            pytest.skip("not a git checkout")
        # Also files that are not yet tracked, unless they are ignored.
        result = git("grep", "--untracked", "-I", "-n", "-i", "-E", "-e", FORBIDDEN[what])
        assert result.returncode in (0, 1), result.stderr
        assert result.stdout == ""

    @pytest.mark.parametrize(
        ("what", "text", "found"),
        [
            ("the address of a package registry", "https://" + "pypi" + ".org/simple", True),
            ("the address of a package registry", "pip install --index" + "-url x", True),
            ("the address of a package registry", "https://example.org", False),
            ("a path of the computer it was written on", "open('/" + "work/data')", True),
            ("a path of the computer it was written on", "/" + "work/data", True),
            ("a path of the computer it was written on", "file:///" + "work/data", True),
            ("a path of the computer it was written on", "/home/runner/" + "work/data", False),
        ],
    )
    def test_the_search_finds_what_it_should(self, tmp_path, what, text, found):
        (tmp_path / "page.md").write_text(text, encoding="utf-8")
        result = git("grep", "--no-index", "-n", "-i", "-E", "-e", FORBIDDEN[what], folder=tmp_path)
        assert result.returncode in (0, 1), result.stderr
        assert (result.returncode == 0) is found, result.stdout


def test_the_licences_are_those_that_the_readme_and_the_pages_name():
    """The text's is the whole of CC BY 4.0, from its title to its last line."""
    code, text = ((ROOT / name).read_text(encoding="utf-8") for name in ("LICENSE", "LICENSE-TEXT"))
    assert code.startswith("MIT License\n\nCopyright (c) ")
    assert text.startswith("Attribution 4.0 International\n")
    assert text.endswith("Creative Commons may be contacted at creativecommons.org.\n")
    assert all(f"\nSection {number} -- " in text for number in range(1, 9))
    footer = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["extra_footer"]
    for where in (footer, (ROOT / "README.md").read_text(encoding="utf-8")):
        assert "CC BY 4.0" in where
        assert "MIT licence" in where
        assert "CC BY-SA 3.0" in where


def test_a_relative_path_to_the_data_holds_in_the_folder_where_a_notebook_runs(tmp_path):
    """A notebook runs in a folder of its own; the root's conftest.py makes the path absolute before."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import os\nassert os.path.isfile(os.environ['MNIST_TUTORIAL_DATA'])")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (tmp_path / "inner").mkdir()
    nbformat.write(notebook, tmp_path / "inner" / "one.ipynb")
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "digits.npz").touch()
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--nbmake", "inner"],
        cwd=tmp_path,
        env=os.environ | {"MNIST_TUTORIAL_DATA": "digits.npz"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


class TestContributing:
    TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    def test_every_file_it_names_is_there(self):
        """Paths count from the repository's root or, as the text says of some, from a room of the package."""
        rooms = [ROOT, *(ROOT / "mnist_tutorial" / room for room in ("", "handwriting", "widgets", "widgets/frontend"))]
        named = set(re.findall(r"`([\w./]+(?:\.(?:py|js|json|md|toml|yml|txt|css|png|bib|wat)|/))`", self.TEXT))
        assert len(named) > 50
        assert [name for name in sorted(named) if not any((room / name).exists() for room in rooms)] == []

    def test_every_room_is_in_its_table(self):
        tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
        rooms = {name.split("/")[0] for name in tracked.splitlines() if "/" in name and not name.startswith((".", "_"))}
        assert [room for room in sorted(rooms) if f"| `{room}/` |" not in self.TEXT] == []
