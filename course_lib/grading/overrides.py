"""The teacher's own marks, OUT/overrides.csv: student,exercise,points,reason. Merged last, and never written
by us.
"""

import csv
import math
from pathlib import Path

from course_lib.core.errors import CourseError

COLUMNS = ("student", "exercise", "points", "reason")


def read(path, students, exercises) -> dict:
    """{(student id, exercise id): (points, reason)} of a file, {} without one.

    students: {what may stand in the column: student id}; exercises: {id: Exercise} of the whole course.
    Raises `CourseError`, which names the line, for a line that cannot be meant as it stands."""
    path, found = Path(path), {}
    if not path.exists():
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
                            where, f"{pair[0]} has points for {pair[1]} already, further up", "Leave one"
                        )
                    found[pair] = mark
        except (csv.Error, UnicodeDecodeError) as error:
            raise CourseError(
                f"{path}, line {rows.line_num + 1}",
                f"it cannot be read ({error})",
                "Save it as csv, UTF-8, with commas",
            ) from error
    return found


def _line(row):
    beyond = row.pop(None, [])  # a reason with a comma in it and no quotes around it falls into several cells
    line = {name.strip(): (cell or "").strip() for name, cell in row.items()}
    return line | {"reason": ",".join([line["reason"], *beyond]).strip()} if beyond else line


def _mark(where, line, students, exercises):
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
        raise CourseError(where, "it has no reason", "Say why: the student may ask, and so may you next year")
    return (students[line["student"]], line["exercise"]), (points, line["reason"])


def merge(results, marks) -> list:
    """The results with the teacher's marks in place of ours."""
    return [
        result._replace(state="graded", points=marks[pair][0], reason=marks[pair][1])
        if (pair := (result.student, result.exercise)) in marks
        else result
        for result in results
    ]
