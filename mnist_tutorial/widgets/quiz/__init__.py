"""Quiz: questions with choices or with a number to type, answered in the page and in Jupyter alike."""

import html
import re

import traitlets

from mnist_tutorial.exercises import bank
from mnist_tutorial.widgets.validation import is_whole_number, whole_number
from mnist_tutorial.widgets.widget import BookWidget


class Quiz(BookWidget):
    """Ask questions, explain each wrong answer, and show the solution only after two wrong tries.

    questions: a chapter's name, such as "05_build_model", for the questions that the book has for it; or a list of
    dicts with `id`, `ask` and `where` (the heading of the section that gives the answer), and either `choices`, each
    a dict with `text`, `says` and, for one of them, `right=True`, or `right` (a number), `hint` and `because`. A
    number may have `tolerance`, `percent=True` (50% counts as 0.5) and `wrong`, a list of dicts with `number` and
    `says`. Texts may hold `code` in backticks. The choices are shown in an order of the reader's own, and in a fixed
    one where no script runs. Raises ValueError that names the question for anything else.

    Traits to read, set and observe, each a dict from a question's id: `answers` (the position of a choice, from 0, or
    what was typed) and `tries` (how many were wrong); and `shown`, a list of the ids whose solution is open. Set a
    new dict: a change inside the old one goes unseen. A built page keeps all three in the reader's browser.
    """

    questions = traitlets.List(traitlets.Dict()).tag(sync=True)
    answers = traitlets.Dict().tag(sync=True, keep=True)
    tries = traitlets.Dict().tag(sync=True, keep=True)
    shown = traitlets.List().tag(sync=True, keep=True)
    kept = traitlets.Bool(False, read_only=True).tag(sync=True)  # the page says here that it keeps the answers

    def __init__(self, questions, **traits):
        asked = bank.of_chapter(questions) if isinstance(questions, str) else bank.checked(questions)
        for one in asked:
            if isinstance(one.get("right"), list):
                raise ValueError(f"Question {one['id']!r} asks for a shape; a Quiz asks for a number or a choice.")
        if not asked:
            raise ValueError("Quiz was given no questions; it expects at least one.")
        super().__init__(questions=asked, **traits)

    def results(self):
        """Return, for each question that is answered, whether the answer is right: {id: bool}."""
        replies = {one["id"]: bank.reply_to(one, self.answers[one["id"]]) for one in self._answered()}
        return {name: reply.right for name, reply in replies.items() if reply.right is not None}

    def _answered(self):
        return [one for one in self.questions if one["id"] in self.answers]

    def _question(self, trait, name):
        for one in self.questions:
            if one["id"] == name:
                return one
        names = ", ".join(one["id"] for one in self.questions)
        raise traitlets.TraitError(f"{trait} was given the question {name!r}; it expects one of {names}.")

    @traitlets.validate("answers")
    def _check_answers(self, proposal):
        answers = {}
        for name, given in proposal.value.items():
            choices = self._question("answers", name).get("choices")
            if choices is None:
                if isinstance(given, bool) or not isinstance(given, str | int | float):
                    raise traitlets.TraitError(f"answers was given {given!r} for {name}; it expects a number.")
                answers[name] = str(given)
            elif not is_whole_number(given) or not 0 <= given < len(choices):
                raise traitlets.TraitError(
                    f"answers was given {given!r} for {name}; it expects a choice from 0 to {len(choices) - 1}."
                )
            else:
                answers[name] = int(given)
        return answers

    @traitlets.validate("tries")
    def _check_tries(self, proposal):
        for name in proposal.value:
            self._question("tries", name)
        return {name: whole_number(f"tries of {name}", count, 0) for name, count in proposal.value.items()}

    @traitlets.validate("shown")
    def _check_shown(self, proposal):
        for name in proposal.value:
            self._question("shown", name)
        return proposal.value

    def fallback(self):
        """Return the questions with their choices as a list, and the answers below it."""
        asked = "".join(f"<li>{_rich(one['ask'])}{_listed(one)}</li>" for one in self.questions)
        answers = "".join(
            f"<li>{_rich(bank.solution(one))} See ‘{html.escape(one['where'])}’.</li>" for one in self.questions
        )
        return f"<p>Questions</p><ol>{asked}</ol><p>Answers</p><ol>{answers}</ol>"


def _listed(question):
    choices = question.get("choices", [])
    shown = [choices[position] for position in bank.order_of(question["id"], len(choices))]
    choices = "".join(f"<li>{_rich(choice['text'])}</li>" for choice in shown)
    return f"<ul>{choices}</ul>" if choices else ""


def _rich(text):
    """Return a text as HTML, with text in backticks as code."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(text))
