"""The feedback on an exercise, in words that reveal no hidden value.

A student's code sees the hidden inputs while it runs, and could try to send them out as an exception: in its
text, its type, its line, or the choice among them. A second run on public inputs does not help, because two
sandboxes can give each other hidden signs (`sandbox`). For that reason, feedback repeats nothing of what came
out of a sandbox. It says that there is an exception, and what can be seen in the cell without running it
(`Result.faults`).

What is left are the points, the kind of each difference ("along axis 1 your array is longer") and the hint: a
few bits, which every mark has.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from course_lib.exercises import Exercise
from course_lib.grading.intake import Faults
from course_lib.grading.results import Result

# The most problems in one feedback: the first help most, and each reveals a little about the inputs.
MOST = 3

# What is wrong with the text of a cell, and the next step.
FAULTS = {
    "syntax": (
        "Python cannot read the cell: {}",
        "Correct this line, run the cell until it shows no error, run the lesson's last cell (`hand_in`) "
        "again, and hand in the file that it names.",
    ),
    "names": (
        "The cell uses names that it does not define or import: {}",
        "The grader runs this cell alone, without the rest of your notebook. Define or import everything "
        "that it uses in this cell.",
    ),
    "modules": (
        "The cell imports what the grader does not have: {}",
        "Solve the exercise without this import.",
    ),
}


class Remarks(NamedTuple):
    """The feedback on one exercise: what is right, each kind of problem once, and the next step, or ""."""

    right: str
    wrong: tuple[str, ...]
    next: str


def remarks(result: Result, exercise: Exercise) -> Remarks:
    """Write the feedback on a result.

    Parameters
    ----------
    result : Result
        The result.
    exercise : Exercise
        Its exercise.

    Returns
    -------
    Remarks
        The feedback, as text.
    """
    said = _remarks(result, exercise)
    return said._replace(wrong=(*said.wrong, sentence(result.note))) if result.note else said


def _remarks(result: Result, exercise: Exercise) -> Remarks:
    if result.state in STATES:
        state = result.state
        if state == "not handed in":  # perhaps a file came too late to count, or does not hold the exercise
            state = "late" if result.file else "not found" if result.arrived else state
        came = [f"{plain(file, 120)} {plain(why, 300)}." for file, why in result.arrived if not result.file]
        slow = [sentence(case.message) for case in result.cases if case.state == "slow"]
        said = Remarks(*STATES[state])
        return said._replace(wrong=(*said.wrong, *came, *slow))
    right = sum(case.state == "ok" for case in result.cases)
    kinds = Counter(sentence(case.message or NO_MESSAGE) for case in result.cases if case.state != "ok")
    wrong = [
        f"{text} (in {times} cases)" if times > 1 and len(result.cases) > times else text
        for text, times in kinds.most_common(MOST)
    ]
    if len(kinds) > MOST:
        wrong.append("The other cases fail in other ways. Fix these first.")
    seen = [sentence(FAULTS[kind][0].format(plain(which, 200))) for kind, which in _faults(result)]
    return Remarks(_right(right, len(result.cases)), (*wrong, *seen), _next(result, exercise))


NO_MESSAGE = "this case is not right"


def _faults(result: Result) -> Faults:
    """Return what is wrong with the text of the cell, if there was an exception: a name that is never used
    does no harm."""
    return result.faults if any(case.state == "exception" for case in result.cases) else ()


STATES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "not attempted": (
        "No answer yet.",
        (),
        "The cell still has the line `raise NotImplementedError()`. Write your code in its place. You get "
        "some points even if only some cases are right.",
    ),
    "not handed in": (
        "No file of yours with this exercise has arrived.",
        (),
        "If you handed it in, tell your teacher the file's name and when you sent it.",
    ),
    "not found": (
        "Your file arrived, but no answer to this exercise was found in it.",
        (),
        "Correct this, run the lesson's last cell (`hand_in`) again, and hand in the file that it names. Ask "
        "your teacher whether it still counts.",
    ),
    "late": ("Your file came after the deadline, and late work does not count.", (), "Ask your teacher."),
    "to mark": ("Your teacher marks this and has not finished yet.", (), ""),
    "error": (
        "Grading this answer failed. This is not your fault.",
        (),
        "You do not need to do anything. Your teacher sees this error and will grade the answer again.",
    ),
}


def _right(right: int, cases: int) -> str:
    if not cases:
        return "Your teacher gave these points."
    if cases == 1:
        return "Your answer is right." if right else "Your answer is not right yet."
    if right == cases:
        return f"All {cases} cases are right."
    return f"{right} of {cases} cases are right." if right else f"None of the {cases} cases is right yet."


def _next(result: Result, exercise: Exercise) -> str:
    states = {case.state for case in result.cases} - {"ok"}
    if not states:
        return ""
    if result.hint:
        return result.hint
    for kind, _ in _faults(result):
        return FAULTS[kind][1]
    if "wrong" in states and not exercise.examples:
        return "Read the exercise's text again, and the part of the lesson that it belongs to."
    for state, todo in NEXT.items():
        if state in states:
            return todo.format(exercise)
    return "Read the exercise's text again: which kind of value should the function return?"


NEXT = {
    "missing": "Keep the line that begins with `def {0.name}(` as it is in the lesson, and hand in the "
    "notebook again.",
    "exception": 'Restart the kernel, run the setup cell and this cell, and then `check("{0.id}")`. If you '
    "see no exception, call `{0.name}` in a new cell with your own inputs, small and unusual ones.",
    "stopped": "Is there a loop that never ends, an array that grows in each step, or an `exit()`? If not, "
    "use NumPy on whole arrays instead of a loop over their elements.",
    "forged": "Remove everything that starts threads or processes, or writes into files that it did not "
    "open.",
    "wrong": "Work out one small example by hand. Compare it, step by step, with what your function returns.",
}


def number(points: float | None) -> int | float | str:
    """Round points to at most two decimals; whole numbers become int, and None becomes "".

    Examples
    --------
    >>> number(2.0), number(1 / 3), number(None)
    (2, 0.33, '')
    """
    if points is None:
        return ""
    rounded = round(float(points), 2)
    return int(rounded) if rounded == int(rounded) else rounded


def of_points(result: Result) -> str:
    """Return the points as text, such as "1.5 of 2 points", or "no mark yet"."""
    if result.points is None:
        return "no mark yet"
    return f"{number(result.points)} of {result.out_of} point{'s' if result.out_of != 1 else ''}"


def total(results: Iterable[Result | None]) -> float | None:
    """Add up the points of several results. The total is None if a result or its points are missing."""
    points = [result.points if result else None for result in results]
    known = [one for one in points if one is not None]
    return sum(known) if len(known) == len(points) else None


def sentence(text: str) -> str:
    """Return a text with a capital first letter and a full stop.

    Examples
    --------
    >>> sentence("no mark yet")
    'No mark yet.'
    """
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def plain(text: object, most: int = 600) -> str:
    """Turn any text into one harmless line.

    Parameters
    ----------
    text : object
        The text, from any source.
    most : int
        The most characters.

    Returns
    -------
    str
        The text without line ends, control characters, and characters that change the direction of writing,
        which can make a name look like another.

    Examples
    --------
    >>> plain("two\\nlines"), plain("long" * 9, most=8)
    ('two lines', 'longlong…')
    """
    text = str(text)
    line = "".join(_sign(sign) for sign in text[:most])
    return re.sub(r"\s+", " ", line) + ("…" if len(text) > most else "")


def plain_lines(text: str) -> str:
    """Return a text of several lines without control characters, and without characters that change the
    direction of writing: with them, code can look like other code.

    Examples
    --------
    >>> plain_lines("x = 1\\n\\ty = 2\\0")
    'x = 1\\n\\ty = 2\ufffd'
    """
    return "".join(sign if sign in "\n\t" else _sign(sign) for sign in text)


def _sign(sign: str) -> str:
    if sign in "\t\n\r":
        return " "
    joiner = sign in "\u200c\u200d"  # Persian and Indian names need them, and they are harmless
    return "\ufffd" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not joiner else sign
