"""Tasks that a person marks: a free text, a plot or a report, with a rubric.

Each is a file `worksheet_NN.toml` beside this module. The student sees the rubric in the lesson, and the
teacher marks each of its criteria (`course_lib.grading.by_hand`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Criterion:
    """One line of a rubric.

    Parameters
    ----------
    id : str
        A short name, such as "question". In a worksheet it is the key of the student's dictionary.
    title : str
        What the student and the teacher read.
    task : str
        What to write, in one sentence.
    points : int
        The points for a full answer.
    levels : tuple of (float, str)
        The points of each level, the full ones first and 0 last, and a sentence that describes it.
    """

    id: str
    title: str
    task: str
    points: int
    levels: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Task:
    """A task that a person marks.

    Parameters
    ----------
    id : str
        Lesson and name, such as "17.worksheet": a column of grades.csv.
    grade_id : str
        The name of its answer cell in nbgrader's metadata, such as "worksheet-17".
    title : str
        A short title.
    points : int
        The points of all criteria together.
    criteria : tuple of Criterion
        The rubric.
    tag : str
        A tag that the answer cell has in the lesson; "" if only its grade_id names it.
    variable : str
        The dictionary that the cell makes, {criterion: text}; "" for a free text or a plot.
    anonymous : bool
        Show the teacher pseudonyms while marking.
    """

    id: str
    grade_id: str
    title: str
    points: int
    criteria: tuple[Criterion, ...]
    tag: str = ""
    variable: str = ""
    anonymous: bool = False

    @property
    def nbgrader(self) -> dict[str, bool | int | str]:
        """nbgrader's metadata of its answer cell."""
        return {**self.exercise.nbgrader, "grade_id": self.grade_id}

    @property
    def exercise(self) -> Exercise:
        """The task as tables and pages show it, beside the exercises of its lesson."""
        return Exercise(self.id, self.grade_id.replace("-", "_"), self.title, self.points, "", "text")


def lesson(number: str) -> list[Task]:
    """Return the tasks of a lesson that a person marks.

    Parameters
    ----------
    number : str
        The lesson, such as "17".

    Returns
    -------
    list of Task
        Most lessons have none.

    Raises
    ------
    CourseError
        If the file of the task is wrong.

    Examples
    --------
    >>> [one.id for one in lesson("17")]
    ['17.worksheet']
    """
    path = FOLDER / f"worksheet_{number}.toml"
    return [read(path)] if path.exists() else []


def every() -> list[Task]:
    """Return all tasks of the course that a person marks."""
    return [read(path) for path in sorted(FOLDER.glob("worksheet_*.toml"))]


def read(path: Path) -> Task:
    """Read a task with its rubric.

    Parameters
    ----------
    path : Path
        A TOML file with id ("worksheet-17"), lesson, title, points and criteria; perhaps tag, variable and
        anonymous. The criteria have id, title, task, points, and levels with points and text.

    Returns
    -------
    Task
        The task.

    Raises
    ------
    CourseError
        If something is missing, or if the points do not add up.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        criteria = tuple(_criterion(one) for one in data["criteria"])
        name = str(data["id"]).removesuffix(f"-{data['lesson']}")
        task = Task(
            f"{data['lesson']}.{name}",
            str(data["id"]),
            str(data["title"]),
            int(data["points"]),
            criteria,
            str(data.get("tag", "")),
            str(data.get("variable", "")),
            bool(data.get("anonymous", False)),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            path, f"this is not a task with a rubric ({error!r})", "Take worksheet_17.toml as the model"
        ) from error
    if wrong := _wrong(task):
        raise CourseError(path, wrong, "Correct the points or the ids of the criteria")
    return task


def _criterion(one: Mapping[str, Any]) -> Criterion:
    levels = tuple((float(level["points"]), str(level["text"])) for level in one["levels"])
    return Criterion(str(one["id"]), str(one["title"]), str(one["task"]), int(one["points"]), levels)


def _wrong(task: Task) -> str:
    total = sum(one.points for one in task.criteria)
    if total != task.points:
        return f"the criteria have {total} points together, and the task {task.points}"
    if len({one.id for one in task.criteria}) < len(task.criteria):
        return "two criteria have the same id"
    for one in task.criteria:
        points = [level for level, _ in one.levels]
        if points != sorted(points, reverse=True) or not points or (points[0], points[-1]) != (one.points, 0):
            return f"the levels of {one.id} should go from {one.points} points down to 0"
    return ""
