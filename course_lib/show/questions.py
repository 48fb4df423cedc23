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


def reveal(right: int, answer: str, explanation: str, guess: int = 0) -> HTML:
    """Show the answer to a `predict` question in a fold, and whether the student's guess was right.

    Parameters
    ----------
    right : int
        The number of the right choice, from 1.
    answer, explanation : str
        Plain text.
    guess : int
        The number that the student chose; 0 for no guess.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> "Your guess: 2. The answer is 1." in reveal(1, "higher", "Anger raises F0.", guess=2).data
    True
    """
    from IPython.display import HTML

    verdict = "That is right!" if guess == right else f"The answer is {right}."
    yours = f"<p>Your guess: {escape(str(guess))}. {verdict}</p>" if guess else ""
    return HTML(
        f"{yours}<details><summary>Show the answer</summary>"
        f"<p><strong>{right}. {escape(answer)}</strong> {escape(explanation)}</p></details>"
    )
