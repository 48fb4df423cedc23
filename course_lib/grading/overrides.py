"""The teacher's own marks, OUT/overrides.csv: student,exercise,points,reason.

They replace the grader's marks. The grader only reads this file.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.grading import own_tables
from course_lib.grading.own_tables import Pair
from course_lib.grading.results import Result

COLUMNS = ("student", "exercise", "points", "reason")

Mark = tuple[float, str]  # points, reason


def read(
    path: str | Path, students: Mapping[str, str], exercises: Mapping[str, Exercise]
) -> dict[Pair, Mark]:
    """Read the teacher's own marks.

    Parameters
    ----------
    path : path
        The csv file. Without it there are no such marks.
    students : mapping of str to str
        {what the column may hold: student id}: ids, and pseudonyms if there are any.
    exercises : mapping of exercise id to Exercise
        All exercises of the course.

    Returns
    -------
    dict
        {(student id, exercise id): (points, reason)}.

    Raises
    ------
    CourseError
        If a line is wrong; the message names it.
    """
    found: dict[Pair, Mark] = {}
    for where, line in own_tables.lines(path, COLUMNS, "reason"):
        pair = own_tables.pair(where, line, students, exercises)
        if pair in found:
            raise CourseError(
                where, f"an earlier line gives {pair[0]} points for {pair[1]}", "Keep one of them"
            )
        found[pair] = _mark(where, line, exercises[pair[1]].points)
    return found


def _mark(where: str, line: Mapping[str, str], out_of: int) -> Mark:
    try:
        points = float(line["points"])
    except ValueError:
        points = math.nan
    if not 0 <= points <= out_of:
        raise CourseError(
            where, f"points {line['points']!r}", f"Write a number from 0 to {out_of}, such as 1.5"
        )
    if not line["reason"]:
        raise CourseError(
            where, "the reason is missing", "Write a reason: the student may ask, and you may ask next year"
        )
    return points, line["reason"]


def merge(results: Sequence[Result], marks: Mapping[Pair, Mark]) -> list[Result]:
    """Return the results with the teacher's marks in place of the grader's.

    Parameters
    ----------
    results : sequence of Result
        The grader's results.
    marks : mapping of (student id, exercise id) to (points, reason)
        The teacher's marks.

    Returns
    -------
    list of Result
        A result with the teacher's mark has the state "graded".
    """
    return [
        result._replace(state="graded", points=marks[pair][0], reason=marks[pair][1], taken=0.0, note="")
        if (pair := (result.student, result.exercise)) in marks
        else result
        for result in results
    ]
