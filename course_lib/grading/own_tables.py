"""The csv files that a teacher writes into OUT: marks, comments, points by hand.

The grader only reads them. A wrong line stops the grading, with its number and what to do: a mark that is
left out silently would be worse.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise

Line = Mapping[str, str]
Pair = tuple[str, str]  # student id, exercise id


def lines(path: str | Path, columns: Sequence[str], words: str) -> Iterator[tuple[str, Line]]:
    """Read a table.

    Parameters
    ----------
    path : path
        The csv file. Without it there are no lines.
    columns : sequence of str
        The columns that it needs.
    words : str
        The last column, which holds words. If they have a comma and no quotes around them, they fill several
        cells, which are put together again.

    Yields
    ------
    (str, mapping)
        The place of a line for an error ("comments.csv, line 3"), and {column: text}. Empty lines are left
        out.

    Raises
    ------
    CourseError
        If the file cannot be read as such a table.
    """
    if not Path(path).exists():
        return
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        try:
            if missing := set(columns) - {name.strip() for name in rows.fieldnames or ()}:
                raise CourseError(
                    f"{path}, line 1",
                    f"no column {', '.join(sorted(missing))}",
                    f"The first line should be: {','.join(columns)}",
                )
            for row in rows:
                if any((line := _line(row, words)).values()):
                    yield f"{path}, line {rows.line_num}", line
        except (csv.Error, UnicodeDecodeError) as error:
            raise CourseError(
                f"{path}, line {rows.line_num + 1}",
                f"it cannot be read ({error})",
                "Save it as csv, UTF-8, with commas",
            ) from error


def _line(row: dict, words: str) -> Line:
    beyond = row.pop(None, [])
    line = {name.strip(): (cell or "").strip() for name, cell in row.items()}
    return line | {words: ",".join([line[words], *beyond]).strip()} if beyond else line


def student(where: str, text: str, students: Mapping[str, str]) -> str:
    """Return the id of the student whom a line names. Upper and lower case do not matter if one student fits.

    Parameters
    ----------
    where : str
        The place of the line.
    text : str
        What the line's column "student" holds.
    students : mapping of str to str
        {what the column may hold: student id}: ids, and pseudonyms if there are any.

    Raises
    ------
    CourseError
        If no student fits, or several do.

    Examples
    --------
    >>> student("line 2", "ANN", {"Ann": "Ann", "bob": "bob"})
    'Ann'
    """
    if text in students:
        return students[text]
    found = sorted({id for known, id in students.items() if known.casefold() == text.casefold()})
    if len(found) > 1:
        raise CourseError(
            where, f"student {text!r} may be {' or '.join(found)}", "Write the id as the roster has it"
        )
    if not found:
        raise CourseError(
            where, f"student {text!r} is not in the roster", "Write the id as the roster has it"
        )
    return found[0]


def pair(where: str, line: Line, students: Mapping[str, str], exercises: Mapping[str, Exercise]) -> Pair:
    """Return (student id, exercise id) of a line.

    Parameters
    ----------
    where : str
        The place of the line.
    line : mapping
        The line, with the columns student and exercise.
    students : mapping of str to str
        {what the column may hold: student id}: ids, and pseudonyms if there are any.
    exercises : mapping of exercise id to Exercise
        The exercises that the column may hold.

    Raises
    ------
    CourseError
        If there is no such student or exercise.
    """
    own = student(where, line["student"], students)
    if line["exercise"] not in exercises:
        raise CourseError(
            where,
            f"there is no exercise {line['exercise']!r}",
            f"There are: {', '.join(exercises)}. A spreadsheet takes 02.1 for a number: make the column text",
        )
    return own, line["exercise"]
