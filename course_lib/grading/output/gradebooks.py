"""The tables of marks that a platform's importer takes.

If the roster is the platform's own export, its lines come back with the marks in them: then every student and
every column is as the platform wrote it. Otherwise the lines are made from the platform's numbers, which the
names of the submitted files hold.
"""

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib.exercises import Exercise
from course_lib.grading import roster
from course_lib.grading.output.tables import write_csv
from course_lib.grading.output.wording import number, of_points, total
from course_lib.grading.results import Result
from course_lib.grading.roster import Student

Marks = Mapping[tuple[str, str], Result]  # {(student id, exercise id): result}


class Book(NamedTuple):
    """The marks of one assignment of a platform."""

    title: str  # "Lesson 02"
    lessons: tuple[str, ...]
    exercises: Sequence[Exercise]
    students: Sequence[Student]
    numbers: Mapping[str, str]  # {student id: the platform's number}
    marks: Marks

    @property
    def out_of(self) -> int:
        """The most points that can be reached."""
        return sum(one.points for one in self.exercises)

    def points(self, student: str) -> float | int | str:
        """Return a student's points; "" if a mark is missing, which importers leave as it is."""
        return number(total(self.marks.get((student, one.id)) for one in self.exercises))

    def comment(self, student: str) -> str:
        """Return the points of each exercise and the hints, in our own words and numbers alone."""
        own = [
            (one, self.marks[student, one.id]) for one in self.exercises if (student, one.id) in self.marks
        ]
        return " ".join(
            f"{one.id}: {of_points(result)}." + (f" {result.hint}" if result.hint else "")
            for one, result in own
        )


# --- Moodle ---

MOODLE = (
    "Identifier",
    "Full name",
    "Email address",
    "Grade",
    "Last modified (grade)",
    "Feedback comments",
)


def moodle(path: Path, book: Book, worksheet: str | Path) -> list[str]:
    """Write Moodle's offline grading worksheet, and return what the teacher should know.

    Parameters
    ----------
    path : path
        The file to write.
    book : Book
        The marks.
    worksheet : path
        The roster. If it is Moodle's worksheet, its lines come back, with the column
        "Last modified (grade)", by which Moodle sees whether a mark was changed in the meantime.

    Returns
    -------
    list of str
        Sentences, such as that Moodle's maximum is another.
    """
    header, rows, notes = list(MOODLE), [], []
    kept = roster.students_rows(worksheet) if _is_from(worksheet, "moodle") else []
    if kept:
        header = roster.table(worksheet)[0]
        header += [] if MOODLE[-1] in header else [MOODLE[-1]]
        places = {name: header.index(name) for name in ("Grade", MOODLE[-1])}
        for student, cells in kept:
            row = [*cells, *[""] * (len(header) - len(cells))]
            row[places["Grade"]] = str(book.points(student.id))
            row[places[MOODLE[-1]]] = _moodle_comment(book, student.id)
            rows.append(row)
        notes += _maximum(header, kept, book)
    else:
        rows = [
            [
                f"Participant {book.numbers[one.id]}",
                one.name,
                one.email,
                str(book.points(one.id)),
                "",
                _moodle_comment(book, one.id),
            ]
            for one in book.students
            if one.id in book.numbers
        ]
        notes.append(
            f"The assignment's maximum grade in Moodle should be {book.out_of}: Moodle skips a higher grade "
            "without a word."
        )
        notes.append('For a second upload, tick "Update records that have been modified".')
    write_csv(path, header, rows)
    return notes + _without_number(book, "Moodle", bool(kept))


def _moodle_comment(book: Book, student: str) -> str:
    return html.escape(book.comment(student), quote=False)  # Moodle shows it as HTML


def _maximum(header: Sequence[str], kept: Sequence[tuple[Student, list[str]]], book: Book) -> list[str]:
    if "Maximum Grade" not in header:
        return []
    found = {_as_number(cells[header.index("Maximum Grade")]) for _, cells in kept} - {book.out_of, None}
    return [
        f"Moodle's maximum grade is {most:g}, and the exercises have {book.out_of} points. Set the maximum "
        f"to {book.out_of} in the assignment's settings before you upload: "
        + (
            "Moodle skips a higher grade without a word."
            if most < book.out_of
            else f"otherwise a full mark counts as {book.out_of} of {most:g}."
        )
        for most in sorted(one for one in found if one is not None)
    ]


def _as_number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


# --- Canvas ---

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"


def canvas(path: Path, book: Book, gradebook: str | Path) -> list[str]:
    """Write a table for Canvas' "Import grades", and return what the teacher should know.

    Parameters
    ----------
    path : path
        The file to write.
    book : Book
        The marks.
    gradebook : path
        The roster. If it is Canvas' gradebook, the columns up to "Section" come back, with the column of the
        assignment whose title holds the lesson's number; other assignments are left out, so that the import
        cannot change them.

    Returns
    -------
    list of str
        Sentences, such as that Canvas will ask whether to make the assignment.
    """
    kept = roster.students_rows(gradebook) if _is_from(gradebook, "canvas") else []
    if not kept:
        rows = [
            [one.name, book.numbers[one.id], "", one.login, "", str(book.points(one.id))]
            for one in book.students
            if one.id in book.numbers
        ]
        return _canvas(path, CANVAS, rows, book.title, str(book.out_of)) + _without_number(
            book, "Canvas", False
        )
    header, lines = roster.table(gradebook)
    people = header.index("Section") + 1
    own = [name for name in header[people:] if _holds(name, book.lessons)]
    title, most = (own[0], "") if len(own) == 1 else (book.title, str(book.out_of))
    if len(own) == 1:
        column = header.index(title)
        most = next((row[column] for _, row in lines if "Points Possible" in row[0]), "")
    rows = [[*cells[:people], str(book.points(student.id))] for student, cells in kept]
    return _canvas(path, header[:people], rows, title, most) + _possible(most, title, book)


def _canvas(
    path: Path, people: Sequence[str], rows: Sequence[Sequence[str]], title: str, most: str
) -> list[str]:
    first = [POINTS_POSSIBLE, *[""] * (len(people) - 1), most]
    write_csv(path, [*people, title], [first, *rows])
    return [f'The marks are in the column "{title}". If Canvas does not know it, it asks what it is.']


def _possible(most: str, title: str, book: Book) -> list[str]:
    found = _as_number(most)
    if found in (None, book.out_of):
        return []
    return [
        f"{title} has {found:g} points in Canvas, and the exercises have {book.out_of}. Set the assignment "
        f"to {book.out_of} points before you import."
    ]


def _holds(title: str, lessons: Sequence[str]) -> bool:
    # "Lesson 02 (1234)": the number in brackets is Canvas' own.
    words = re.findall(r"\d+", re.sub(r"\(\d+\)\s*$", "", title))
    return {word.zfill(2) for word in words} == set(lessons)


# --- for all ---

MAIL = (
    "student",
    "name",
    "email",
    "lessons",
    "points",
    "out of",
    "late",
    "comment",
    "feedback",
)


def mail_merge(path: Path, book: Book, pages: Mapping[str, str]) -> None:
    """Write a table from which a mail program sends each student the marks and the page.

    Parameters
    ----------
    path : path
        The file to write.
    book : Book
        The marks.
    pages : mapping of str to str
        {student id: the path of the feedback page below OUT}.
    """
    rows = []
    for one in book.students:
        own = [book.marks[one.id, task.id] for task in book.exercises if (one.id, task.id) in book.marks]
        late = "yes" if any(result.late for result in own) else "no"
        lessons = " ".join(book.lessons)
        told = book.comment(one.id), pages.get(one.id, "")
        rows.append([one.id, one.name, one.email, lessons, book.points(one.id), book.out_of, late, *told])
    write_csv(path, MAIL, rows)


def _is_from(path: str | Path, platform: str) -> bool:
    export = roster.of_export(roster.table(path)[0])
    return export is not None and export.platform == platform


def _without_number(book: Book, platform: str, complete: bool) -> list[str]:
    missing = [] if complete else [one.id for one in book.students if one.id not in book.numbers]
    if not missing:
        return []
    return [
        f"{len(missing)} students are not in the table, because their {platform} number is known neither "
        f"from a file nor from the roster: {', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}. "
        f"With {platform}'s own export as the roster, all students are in it."
    ]
