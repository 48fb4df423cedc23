"""The exercises as students see them, one module for each lesson, and `check`, which tries an answer.

    check("02.1", hog_length)   says whether the answer is right, and if not, what is wrong first
    given("02.1")               returns the right result of a public example, so that the lesson can continue
    hint("02.1")                shows a hint; each call shows the next one
    solution("02.1")            shows the course's solution, after an attempt
    reset("02.1")               puts the empty copy into a new cell
    hand_in("02")               writes the file to hand in, from the answers that were run in this session

The right results are not written in these modules. `course build` computes them with the references in
`bank/`, which students never get, and writes the values of the examples to `lesson_NN.json` beside these
modules. It writes the masters' solutions to `solutions.json`, which `course release` leaves out.
"""

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib.core.errors import CourseError
from course_lib.exercises.values import from_json

# The cell before a lesson's exercises. The grader runs it, too, in its sandbox, where `check` does nothing.
SETUP = """import numpy as np

from course_lib.exercises import check, given, hand_in, hint, solution"""


@dataclass(frozen=True)
class Exercise:
    """One exercise as a student sees it: a function to write, or a question.

    A question is a function without arguments. Points, forbidden modules, limits and hints are stored here
    and nowhere else; `bank.Private` holds what students must not see.

    Parameters
    ----------
    id : str
        Lesson and number, such as "02.1".
    name : str
        The name of the function. No other function of the course has it.
    title : str
        A short title.
    points : int
        The points for a right answer.
    text : str
        The task, in Markdown, with shapes, dtypes and units of the arguments.
    returns : str
        What the function returns, such as "float array (frames, 13)".
    examples : tuple
        The arguments of each public example; empty for a question.
    truths : tuple
        The right value of each example, if it is not what a reference returns (labels, for example).
    at_least : float, optional
        For a classifier: the fraction of the labels that must be right, from 0 to 1.
    choices : tuple of str
        For a question: the answers to choose from.
    atol : float
        The absolute tolerance of `check`, beside a relative one of 1e-5.
    forbidden : tuple of str
        Modules that the grader hides, such as "librosa".
    seconds : float
        The grader's time limit for one case, in seconds.
    imports : float
        The grader's time limit for all imports of the answer, in seconds.
    memory : int
        The grader's limit of memory, in MiB. An answer with Keras needs 1536.
    hints : dict
        {near-miss: the hint for this mistake}. The bank has a near-miss of each name.
    levels : tuple of str
        What `hint` shows, call by call: a question, a direction, the line.
    """

    id: str
    name: str
    title: str
    points: int
    text: str
    returns: str
    examples: tuple[tuple[Any, ...], ...] = ()
    truths: tuple[Any, ...] = ()
    at_least: float | None = None
    choices: tuple[str, ...] = ()
    atol: float = 1e-8
    forbidden: tuple[str, ...] = ()
    seconds: float = 2.0
    imports: float = 30.0
    memory: int = 1024
    hints: dict[str, str] = field(default_factory=dict)
    levels: tuple[str, ...] = ()

    @property
    def grade_id(self) -> str:
        """The name of its answer cell in nbgrader's metadata, which allows no dots: "exercise-02-1"."""
        return f"exercise-{self.id.replace('.', '-')}"

    @property
    def nbgrader(self) -> dict[str, bool | int | str]:
        """nbgrader's metadata of its answer cell."""
        return {
            "cell_type": "code",
            "grade": True,
            "grade_id": self.grade_id,
            "locked": False,
            "points": self.points,
            "schema_version": 3,
            "solution": True,
            "task": False,
        }


def lesson(number: str) -> list[Exercise]:
    """Return the exercises of a lesson.

    Parameters
    ----------
    number : str
        The lesson, such as "02".

    Returns
    -------
    list of Exercise
        In their order; empty if the lesson has no exercises.

    Examples
    --------
    >>> lesson("02")[0].name
    'hog_length'
    """
    if not (Path(__file__).parent / f"lesson_{number}.py").exists():
        return []
    return importlib.import_module(f"course_lib.exercises.lesson_{number}").EXERCISES


def every() -> list[Exercise]:
    """Return all exercises of the course, in their order."""
    return [
        one for path in sorted(Path(__file__).parent.glob("lesson_*.py")) for one in lesson(path.stem[-2:])
    ]


def find(id: str) -> Exercise:
    """Return the exercise with this id, such as "02.1"; "2.1" is the same.

    Raises
    ------
    CourseError
        If the exercise does not exist. The message lists the exercises of the lesson.
    """
    id = str(id) if str(id)[1:2] != "." else f"0{id}"
    of_lesson = lesson(id[:2])
    found = [one for one in of_lesson if one.id == id]
    if not found:
        raise CourseError(
            f"exercise {id!r}",
            "there is no such exercise",
            f"There are: {', '.join(one.id for one in of_lesson or every())}",
        )
    return found[0]


def kept(id: str) -> dict[str, Any]:
    """Return what `course build` computed for an exercise.

    Parameters
    ----------
    id : str
        The exercise, such as "02.1".

    Returns
    -------
    dict
        "stub": the empty answer cell; "examples": the right value of each public example; "near_misses":
        {name: its values on the examples}.

    Raises
    ------
    CourseError
        If its lesson was not built.
    """
    path = Path(__file__).parent / f"lesson_{id[:2]}.json"
    if not path.exists():
        raise CourseError(
            path, "the values of the public examples are missing", f"Run: course build {id[:2]}"
        )
    built = json.loads(path.read_text(encoding="utf-8"))
    if id not in built:
        raise CourseError(path, f"it does not hold exercise {id}", f"Run: course build {id[:2]}")
    entry = built[id]
    near_misses = {
        name: [from_json(value) for value in found] for name, found in entry["near_misses"].items()
    }
    return {
        "stub": entry["stub"],
        "examples": [from_json(value) for value in entry["examples"]],
        "near_misses": near_misses,
    }


def given(id: str, example: int = 1) -> Any:
    """Return the right result of a public example, for the cells that continue with it.

    Parameters
    ----------
    id : str
        The exercise, such as "02.1".
    example : int
        The number of the example, from 1.

    Returns
    -------
    object
        The right result.

    Raises
    ------
    CourseError
        If there is no such exercise or example.
    """
    if not 1 <= example <= len(find(id).examples):
        raise CourseError(
            f"exercise {id}",
            f"it has no public example {example}",
            "Count the examples from 1. A question has no examples",
        )
    return kept(id)["examples"][example - 1]


def check(id: str, function: Callable[..., Any]) -> None:
    """Try your function on the public examples, and print whether it is right.

    If it is not, `check` prints what is wrong first (not attempted, an exception, type, shape, NaN, value),
    and perhaps a hint. It never raises.

    Parameters
    ----------
    id : str
        The exercise, such as "02.1".
    function : callable
        Your function.
    """
    from course_lib.exercises.checking import verdict

    # The message of an exception may hold half a surrogate pair, which cannot be printed.
    print(verdict(id, function).encode("utf-8", "replace").decode())


def hand_in(lesson: str | int, folder: str | Path = ".") -> None:
    """Write the file to hand in, from the answers that were run in this session.

    It prints what the file holds and where it is. If something is wrong that you can correct, it prints that,
    and raises nothing.

    Parameters
    ----------
    lesson : str or int
        The lesson, such as "02". The file is `hand_in_02.ipynb`.
    folder : path
        Where to write the file.
    """
    from course_lib.exercises import handing

    handing.hand_in(lesson, folder)


def reset(id: str) -> None:
    """Print the empty copy of an exercise, and put it into a new cell below.

    Parameters
    ----------
    id : str
        The exercise, such as "02.1".

    Raises
    ------
    CourseError
        If there is no such exercise.
    """
    from course_lib.exercises import handing

    handing.reset(id)


def hint(id: str) -> None:
    """Print the next hint for an exercise: first a question, then a direction, then the line that matters.

    Parameters
    ----------
    id : str
        The exercise, such as "02.1".

    Raises
    ------
    CourseError
        If there is no such exercise.
    """
    from course_lib.exercises import helping

    helping.hint(id)


def solution(id: str) -> None:
    """Print the course's solution of an exercise, once `check` has tried an attempt in this session.

    Parameters
    ----------
    id : str
        The exercise, such as "02.1".

    Raises
    ------
    CourseError
        If there is no such exercise.

    Notes
    -----
    A teacher's release can leave the solutions out. Then this prints one sentence that says so.
    """
    from course_lib.exercises import helping

    helping.solution(id)
