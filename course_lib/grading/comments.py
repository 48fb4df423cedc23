"""The teacher's comments, OUT/comments.csv: student,exercise,comment.

A comment is shown on the student's feedback page. It changes no mark, and it stays when an exercise is graded
again. The grader only reads this file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.grading import own_tables
from course_lib.grading.own_tables import Pair
from course_lib.grading.results import Result

NAME = "comments.csv"
COLUMNS = ("student", "exercise", "comment")
LONGEST = 2_000  # characters of a comment


def read(path: str | Path, students: Mapping[str, str], exercises: Mapping[str, Exercise]) -> dict[Pair, str]:
    """Read the comments.

    Parameters
    ----------
    path : path
        The csv file. Without it there are no comments.
    students : mapping of str to str
        {what the column may hold: student id}: ids, and pseudonyms if there are any.
    exercises : mapping of exercise id to Exercise
        All exercises of the course.

    Returns
    -------
    dict
        {(student id, exercise id): comment}.

    Raises
    ------
    CourseError
        If a line is wrong; the message names it.
    """
    found: dict[Pair, str] = {}
    for where, line in own_tables.lines(path, COLUMNS, "comment"):
        pair = own_tables.pair(where, line, students, exercises)
        if not line["comment"]:
            raise CourseError(where, "the comment is empty", "Write a comment, or remove the line")
        if len(line["comment"]) > LONGEST:
            raise CourseError(
                where,
                f"the comment has {len(line['comment'])} characters",
                f'Write at most {LONGEST}. Is a quote (") missing at the end of a comment?',
            )
        if pair in found:
            raise CourseError(
                where, f"an earlier line has a comment for {pair[0]} on {pair[1]}", "Write both into one line"
            )
        found[pair] = line["comment"]
    return found


def merge(results: Sequence[Result], comments: Mapping[Pair, str]) -> list[Result]:
    """Return the results with these comments, and without earlier ones. No mark changes."""
    return [one._replace(comment=comments.get((one.student, one.exercise), "")) for one in results]
