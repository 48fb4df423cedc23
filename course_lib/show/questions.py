"""Questions made of `<details>` elements: no script and no style, so they also work without a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from course_lib.core.errors import CourseError

if TYPE_CHECKING:
    from IPython.display import HTML


def quiz(question: str, choices: Sequence[tuple[str, bool, str]]) -> HTML:
    """Show a multiple-choice question; each choice opens to its explanation.

    Parameters
    ----------
    question : str
        Plain text.
    choices : sequence of (str, bool, str)
        The answer, whether it is right, and the explanation.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If an explanation is empty, or no choice is right.

    Examples
    --------
    >>> shown = quiz("2 + 2 = ?", [("4", True, "Two pairs."), ("5", False, "That is 2 + 3.")])
    >>> shown.data.count("<details>")
    2
    """
    from IPython.display import HTML

    if not any(right for _, right, _ in choices):
        raise CourseError(f"quiz {question!r}", "no choice is marked as right", "Mark at least one with True")
    for choice, _, why in choices:
        if not why.strip():
            raise CourseError(
                f"choice {choice!r}", "it has no explanation", "Add one sentence of explanation"
            )
    folds = "".join(
        f"<details><summary>{escape(choice)}</summary>"
        f"<p><strong>{'Right.' if right else 'Not quite.'}</strong> {escape(why)}</p></details>"
        for choice, right, why in choices
    )
    return HTML(f"<p><strong>{escape(question)}</strong></p>{folds}")


def predict(question: str, choices: Sequence[str]) -> HTML:
    """Ask for a guess before the result is computed; `reveal` compares it later.

    Parameters
    ----------
    question : str
        Plain text.
    choices : sequence of str
        The possible answers, numbered from 1.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> "<li>higher</li>" in predict("Is the second F0 higher?", ["higher", "lower"]).data
    True
    """
    from IPython.display import HTML

    items = "".join(f"<li>{escape(choice)}</li>" for choice in choices)
    return HTML(f"<p><strong>Predict: {escape(question)}</strong></p><ol>{items}</ol>")


def reveal(answer: str, explanation: str, guess: str | None = None) -> HTML:
    """Show the answer to a `predict` question in a fold, next to the student's guess if there is one.

    Parameters
    ----------
    answer, explanation : str
        Plain text.
    guess : str, optional
        What the student chose.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> "Your guess: lower." in reveal("higher", "Anger raises F0.", guess="lower").data
    True
    """
    from IPython.display import HTML

    yours = f"<p>Your guess: {escape(guess)}.</p>" if guess is not None else ""
    return HTML(
        f"{yours}<details><summary>Show the answer</summary>"
        f"<p><strong>{escape(answer)}</strong> {escape(explanation)}</p></details>"
    )
