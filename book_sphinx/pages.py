"""Sphinx extension: what every page of the book needs and Jupyter Book does not provide.

It decides once which digits the book is built from (and says so on every page when they are not MNIST's), points
the launch buttons at the repository that the checkout came from, shows the code of solutions without the words that
follow as their output, gives notes a title, lets printed sentences break into lines, and writes formulas as MathML.
"""

import ast
import os
import re
import subprocess
from pathlib import Path

from docutils.nodes import (
    SkipNode,
    Text,
    admonition,
    container,
    literal_block,
    note,
    paragraph,
    strong,
    title,
)
from latex2mathml.converter import convert
from sphinx.errors import ExtensionError

from mnist_tutorial import data

STAND_IN_BANNER = (
    "<strong>Built from stand-in digits, not from MNIST.</strong> "
    "No MNIST was at hand when this book was built, so its images and numbers come from a smaller set "
    "of handwritten digits and differ from the ones the text speaks of."
)
OTHER_BANNER = (
    "<strong>Built from other images than MNIST's.</strong> "
    "The images and numbers in this book come from an archive that is not the original MNIST."
)

# A minus in MathML that follows another sign, which is no closing bracket, no bar and no exclamation mark.
SIGN = re.compile(r"(<mo[^>]*>(?!&#x000(?:29|5D|7D|7C|21);|[)\]}|!])[^<]*</mo>(?:<mspace[^>]*/>)?<mo)(?=>&#x02212;)")
START = "chapters/00_before_you_start"
NOTHING_TO_LAUNCH = (
    "This copy of the book was not built from a GitHub repository, so Binder and Colab have nothing to open. "
    "Download the notebook, or run the book on your own computer"
)


def choose_data(app, config):
    """Load the digits once, so that every chapter gets the same ones and a banner can name a stand-in."""
    chosen = os.environ.get(data.VARIABLE)
    if chosen and chosen != data.STAND_IN:
        # The chapters run in their own folder, where a relative path would lead elsewhere.
        os.environ[data.VARIABLE] = str(Path(chosen).expanduser().absolute())
    try:
        train, test = data.load_mnist()
    except (data.DataError, OSError) as error:
        raise ExtensionError(str(error)) from error
    kind = data.identify(train, test)
    if kind == data.STAND_IN:
        os.environ[data.VARIABLE] = data.STAND_IN  # the chapters need not look for a network again
    config.mnist_data_source = data.data_source()
    if kind != "MNIST":
        config.html_theme_options["announcement"] = STAND_IN_BANNER if kind == data.STAND_IN else OTHER_BANNER


def point_at_repository(app, config):
    """Show launch and repository buttons when the checkout has a GitHub remote, and only then."""
    options = config.html_theme_options
    address = github_address(_git(app.srcdir, "remote", "get-url", "origin"))
    if address is None:
        options["repository_url"] = ""
        options.pop("launch_buttons", None)
        return
    branch = _git(app.srcdir, "rev-parse", "--abbrev-ref", "HEAD")
    options.update(
        repository_url=address,
        repository_branch=branch if branch not in ("", "HEAD") else "main",
        use_repository_button=True,
        use_issues_button=True,
        launch_buttons={
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
        },
    )


def explain_launching(app, pagename, templatename, context, doctree):
    """Say in a chapter's launch menu why nothing can be launched, where the checkout has no GitHub remote."""
    is_chapter = doctree is not None and app.env.doc2path(pagename).endswith(".ipynb")
    if not is_chapter or app.config.html_theme_options.get("launch_buttons") or "header_buttons" not in context:
        return
    note = {"type": "note", "text": NOTHING_TO_LAUNCH}
    if START in app.env.found_docs:
        note |= {"url": context["pathto"](START), "link": app.env.titles[START].astext()}
    menu = {"type": "group", "tooltip": "Launch this chapter", "icon": "fas fa-rocket", "label": "launch-buttons"}
    context["header_buttons"].append(menu | {"buttons": [note]})


def github_address(remote):
    """Return https://github.com/owner/name for any form of a GitHub remote, None for anything else."""
    match = re.fullmatch(
        r"(?:https://(?:[^@/]+@)?|ssh://git@|git@)github\.com[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?/?", remote
    )
    return f"https://github.com/{match[1]}/{match[2]}" if match else None


def _git(folder, *arguments):
    """Return what git prints, or nothing where there is no git, no checkout or no remote."""
    try:
        result = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def inline_math(self, node):
    self.body.append(as_mathml(node.astext(), "inline"))
    raise SkipNode


def display_math(self, node):
    self.body.append(f'<div class="math-block">{as_mathml(node.astext(), "block")}</div>')
    raise SkipNode


def as_mathml(formula, display):
    """Return a formula in LaTeX as MathML, where a minus after another sign, as in (-1), makes a number negative.

    A browser would take it for a subtraction and leave gaps around it, unless it is the first in its group.
    """
    return SIGN.sub(r'\1 form="prefix"', convert(formula, display=display))


def show_code_of_solutions_alone(app, doctree):
    """Leave the words at the end of a solution out of the code that its page shows: they follow as its output.

    In the notebook the cell stays whole, or its words could not be said.
    """
    for cell in doctree.findall(container):
        if cell.get("nb_element") == "cell_code" and "tag_hide-cell" in cell["classes"]:
            for code in cell.findall(
                lambda node: isinstance(node, literal_block) and node.get("language") == "ipython3"
            ):
                shown = without_words(code.astext())
                code.rawsource, code.children = shown, []
                code += Text(shown)


def without_words(code):
    """Return Python code without the calls of say() at its end."""
    lines, statements = code.splitlines(), ast.parse(code).body
    while len(statements) > 1 and ast.unparse(statements[-1]).startswith("say("):
        lines = lines[: statements.pop().lineno - 1]
    return "\n".join(lines).rstrip()


def let_sentences_break(app, doctree):
    """Mark what a cell prints as sentences where no line of it is aligned with another: a phone breaks its lines."""
    for output in doctree.findall(container):
        if output.get("nb_element") == "cell_code_output":
            for printed in output.findall(literal_block):
                if not is_aligned(printed.astext()):
                    printed["classes"].append("sentences")


def is_aligned(text):
    """Return whether lines of a text stand below one another in columns, which a break would destroy."""
    lines = text.strip("\n").splitlines()
    return len(lines) > 1 and any("  " in line or not line[:1].isalnum() for line in lines if line.strip())


def name_notes(app, doctree):
    """Make the bold words that a note begins with its title, which would only say that it is a note.

    In the notebook they stay in the text, where Jupyter shows no title at all.
    """
    for box in list(doctree.findall(note)):
        parts = [part for part in box[0].children if part.astext()] if isinstance(box[0], paragraph) else []
        if not parts or not isinstance(parts[0], strong) or not parts[0].astext().endswith((".", ":")):
            continue
        bold, *rest = parts
        if rest and isinstance(rest[0], Text):
            words = rest[0].astext().lstrip()
            rest[0] = Text(words[:1].upper() + words[1:])
        named = admonition("", title("", bold.astext()[:-1]), classes=["note"])
        named += ([paragraph("", "", *rest)] if rest else []) + box.children[1:]
        box.replace_self(named)


def setup(app):
    """Register the hooks, and the form of formulas."""
    app.connect("config-inited", choose_data, priority=400)
    app.connect("config-inited", point_at_repository, priority=410)
    app.connect("html-page-context", explain_launching, priority=550)  # after the theme's own buttons, at 501
    app.connect("doctree-read", show_code_of_solutions_alone)
    app.connect("doctree-read", name_notes)
    app.connect("doctree-read", let_sentences_break)
    app.add_html_math_renderer("mathml", (inline_math, None), (display_math, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
