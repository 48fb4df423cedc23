"""The public part of the exercises, one module a lesson, and `check`, which tries an answer on the public
examples.

    check("02.1", hog_length)   says whether the answer is right, and what is wrong first; it never raises
    given("02.1")               returns the right result of a public example, so that the lesson can go on
    hint("02.1")                shows a hint; each call shows the next one
    solution("02.1")            shows the course's solution, after an attempt
    reset("02.1")               puts the empty copy into a new cell
    hand_in("02")               writes the file to hand in, from the answers that were run in this session

The right results are not written here. `course build` computes them with the references in `bank/`, which is
never given to students, and writes the examples' values to `lesson_NN.json` beside these modules. It writes
the masters' solutions to `solutions.json`, which `course release` leaves out."""

import importlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.exercises.values import from_json

# The cell in front of a lesson's exercises. The grader runs the same one in its sandbox, where `check` does
# nothing.
SETUP = """import numpy as np

from course_lib.exercises import check, given, hand_in"""


@dataclass(frozen=True)
class Exercise:
    """One exercise as a student sees it: a function to write, or a question, which is a function without
    arguments.
    """

    id: str  # "02.1": lesson and number
    name: str  # of the function; the same word nowhere else in the course
    title: str
    points: int
    text: str  # markdown: what to do, with the arguments' shapes, dtypes and units
    returns: str  # for example "float array (frames, 13)"
    examples: tuple = ()  # the arguments of each public example; none for a question
    truths: tuple = ()  # what is right in each example, where it is not what a reference returns (labels)
    at_least: float | None = None  # the share of labels that must be right, for a classifier
    choices: tuple = ()  # of a question with given answers
    atol: float = 1e-8  # what `check` lets a value be off by, beside a relative 1e-5
    absent: tuple = ()  # modules that are not there when it is graded, such as "librosa"
    seconds: float = 2.0  # for one case, in the grader
    hints: dict = field(default_factory=dict)  # near-miss -> what helps
    levels: tuple[str, ...] = ()  # what `hint` shows, call by call: a question, a direction, the line

    @property
    def grade_id(self) -> str:
        """Its cell's name in nbgrader's metadata, which knows no dots: "exercise-02-1"."""
        return f"exercise-{self.id.replace('.', '-')}"


def lesson(number) -> list[Exercise]:
    """The exercises of a lesson, "02", in their order; [] for a lesson without."""
    if not (Path(__file__).parent / f"lesson_{number}.py").exists():
        return []
    return importlib.import_module(f"course_lib.exercises.lesson_{number}").EXERCISES


def every() -> list[Exercise]:
    """All exercises of the course, in their order."""
    return [
        one for path in sorted(Path(__file__).parent.glob("lesson_*.py")) for one in lesson(path.stem[-2:])
    ]


def find(id) -> Exercise:
    """The exercise "02.1". Raises `CourseError` for one that is not there."""
    found = [one for one in lesson(str(id)[:2]) if one.id == str(id)]
    if not found:
        raise CourseError(
            f"exercise {id!r}",
            "there is no such exercise",
            f"There are: {', '.join(one.id for one in every())}",
        )
    return found[0]


def kept(id) -> dict:
    """What `course build` computed for an exercise: "stub" (the empty answer cell), "examples" (the right
    value of each public example) and "near_misses" ({name: its values on the examples})."""
    path = Path(__file__).parent / f"lesson_{id[:2]}.json"
    if not path.exists():
        raise CourseError(
            path, "the values of the public examples were not built", f"Run: course build {id[:2]}"
        )
    built = json.loads(path.read_text(encoding="utf-8"))
    if id not in built:
        raise CourseError(path, f"exercise {id} is missing in it", f"Run: course build {id[:2]}")
    entry = built[id]
    near_misses = {
        name: [from_json(value) for value in found] for name, found in entry["near_misses"].items()
    }
    return {
        "stub": entry["stub"],
        "examples": [from_json(value) for value in entry["examples"]],
        "near_misses": near_misses,
    }


def given(id, example=1):
    """The right result of a public example (the first), for the cells that go on with it. Raises
    `CourseError` where there is none."""
    if not 1 <= example <= len(find(id).examples):
        raise CourseError(
            f"exercise {id}",
            f"it has no public example {example}",
            "A question has none; the others are counted from 1",
        )
    return kept(id)["examples"][example - 1]


def check(id, function) -> None:
    """Try `function` on the public examples of exercise `id` and print what is right, or what is wrong first:
    not attempted, an exception, type, shape, finiteness, value, with the hint that helps. Never raises."""
    from course_lib.exercises.checking import verdict

    print(
        verdict(id, function).encode("utf-8", "replace").decode()
    )  # an exception may say half a surrogate pair


def hand_in(lesson, folder=".") -> None:
    """Write `hand_in_02.ipynb`, the file to hand in, from the answers of lesson "02" that were run in this
    session, and print what it holds and where it is. Never raises for what a student can mend: it is said in
    a line."""
    from course_lib.exercises import handing

    handing.hand_in(lesson, folder)


def reset(id) -> None:
    """Print the empty copy of exercise "02.1" and put it into a new cell below. Raises `CourseError` for an
    exercise that is not there."""
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
    A teacher's release can leave the solutions out; one sentence then says so.
    """
    from course_lib.exercises import helping

    helping.solution(id)
