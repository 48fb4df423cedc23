"""The teacher's points for tasks without a right answer, OUT/by_hand.csv.

    student,exercise,criterion,points,comment

A task (`exercises.by_hand`) has several criteria, and each row marks one of them. The grader only reads this
file. What is not marked yet is in by_hand_todo.csv.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.exercises.by_hand import Criterion, Task
from course_lib.grading import own_tables
from course_lib.grading.own_tables import Line, Pair
from course_lib.grading.results import Marked, Result

NAME, TODO = "by_hand.csv", "by_hand_todo.csv"
COLUMNS = ("student", "exercise", "criterion", "points", "comment")

Marks = dict[Pair, dict[str, tuple[float | None, str]]]  # {pair: {criterion: (points, comment)}}


def read(path: str | Path, students: Mapping[str, str], tasks: Sequence[Task]) -> Marks:
    """Read the teacher's points.

    Parameters
    ----------
    path : path
        The csv file by_hand.csv. Without it there are no points.
    students : mapping of str to str
        {what the column may hold: student id}: ids and pseudonyms.
    tasks : sequence of Task
        All tasks that are marked by hand.

    Returns
    -------
    dict
        {(student id, task id): {criterion: (points or None, comment)}}. None: not marked yet.

    Raises
    ------
    CourseError
        If a line is wrong; the message names it.
    """
    known = {one.id: one for one in tasks}
    found: Marks = {}
    for where, line in own_tables.lines(path, COLUMNS, "comment"):
        pair = own_tables.pair(where, line, students, {id: one.exercise for id, one in known.items()})
        criteria = {one.id: one for one in known[pair[1]].criteria}
        name = line["criterion"]
        if name not in criteria:
            raise CourseError(
                where, f"{pair[1]} has no criterion {name!r}", f"There are: {', '.join(criteria)}"
            )
        own = found.setdefault(pair, {})
        if name in own:
            raise CourseError(where, f"an earlier line marks {name} of {pair[0]}", "Keep one of them")
        own[name] = _points(where, line, criteria[name]), line["comment"]
    return found


def _points(where: str, line: Line, criterion: Criterion) -> float | None:
    if not line["points"]:
        return None
    try:
        points = float(line["points"])
    except ValueError:
        points = math.nan
    if not 0 <= points <= criterion.points:
        raise CourseError(
            where,
            f"points {line['points']!r}",
            f"Write a number from 0 to {criterion.points}, or nothing if it is not marked yet",
        )
    return points


def marked(result: Result, task: Task, marks: Mapping[str, tuple[float | None, str]]) -> Result:
    """Return the result of a task with the teacher's points.

    Parameters
    ----------
    result : Result
        The result without points: "to mark", "not attempted" or "not handed in".
    task : Task
        The task.
    marks : mapping of criterion to (points or None, comment)
        The teacher's points for this student, or {}.

    Returns
    -------
    Result
        "graded" if all criteria have points. Who handed nothing in has 0 points without any line.
    """
    if result.state != "to mark" and not any(points is not None for points, _ in marks.values()):
        return result
    criteria = tuple(_marked(one, *marks.get(one.id, (None, ""))) for one in task.criteria)
    given = [one.points for one in criteria if one.points is not None]
    if len(given) < len(criteria):
        return result._replace(state="to mark", points=None, criteria=criteria)
    return result._replace(state="graded", points=round(sum(given), 2), criteria=criteria)


def _marked(one: Criterion, points: float | None, comment: str) -> Marked:
    level = next((text for level, text in one.levels if level == points), "")
    return Marked(one.id, one.title, points, one.points, level, comment)
