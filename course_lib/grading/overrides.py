"""The teacher's own marks, OUT/overrides.csv: student,exercise,points,reason.

They replace the grader's marks. The grader only reads this file.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.grading.results import Result

COLUMNS = ("student", "exercise", "points", "reason")

Pair = tuple[str, str]  # student id, exercise id
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
    if not Path(path).exists():
        return found
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        try:
            if missing := set(COLUMNS) - {name.strip() for name in rows.fieldnames or ()}:
                raise CourseError(
                    f"{path}, line 1",
                    f"no column {', '.join(sorted(missing))}",
                    f"The first line should be: {','.join(COLUMNS)}",
                )
            for row in rows:
                where, line = f"{path}, line {rows.line_num}", _line(row)
                if any(line.values()):
                    pair, mark = _mark(where, line, students, exercises)
                    if pair in found:
                        raise CourseError(
                            where, f"an earlier line gives {pair[0]} points for {pair[1]}", "Keep one of them"
                        )
                    found[pair] = mark
        except (csv.Error, UnicodeDecodeError) as error:
            raise CourseError(
                f"{path}, line {rows.line_num + 1}",
                f"it cannot be read ({error})",
                "Save it as csv, UTF-8, with commas",
            ) from error
    return found


def _line(row: dict) -> dict[str, str]:
    beyond = row.pop(None, [])  # a reason that has a comma and no quotes around it fills several cells
    line = {name.strip(): (cell or "").strip() for name, cell in row.items()}
    return line | {"reason": ",".join([line["reason"], *beyond]).strip()} if beyond else line


def _mark(
    where: str, line: Mapping[str, str], students: Mapping[str, str], exercises: Mapping[str, Exercise]
) -> tuple[Pair, Mark]:
    if line["student"] not in students:
        raise CourseError(
            where, f"student {line['student']!r} is not in the roster", "Write the id as the roster has it"
        )
    if line["exercise"] not in exercises:
        raise CourseError(
            where,
            f"there is no exercise {line['exercise']!r}",
            f"There are: {', '.join(exercises)}. A spreadsheet takes 02.1 for a number: make the column text",
        )
    out_of = exercises[line["exercise"]].points
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
    return (students[line["student"]], line["exercise"]), (points, line["reason"])


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
