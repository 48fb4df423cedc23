"""The roster: a table of one's own, or what a learning platform (LMS) exports.

An export says more than a table: the number by which the platform knows a student, and sometimes the time of
the submission. The marks go back under the same number (`output.publish`).
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from course_lib.core.errors import CourseError
from course_lib.core.io import check_table

Line = tuple[int, list[str]]  # its number in the file, its cells


class Student(NamedTuple):
    """One line of the roster."""

    id: str
    name: str = ""
    email: str = ""
    number: str = ""  # the platform's: Moodle's participant, or Canvas' user
    login: str = ""  # the student's name in the platform, or on GitHub


class Export(NamedTuple):
    """How a platform exports its list of students. A column has the platform's own name."""

    platform: str
    title: str
    columns: tuple[str, ...]  # a header with all of these is this export's
    ids: tuple[str, ...]  # the first of these that all students have, each another, is the id
    name: tuple[str, ...]  # these together
    email: str = ""
    number: str = ""
    login: str = ""


# The platforms' own headers, in English, as their source or their help shows them (2026-11).
# Moodle: mod/assign/gradingtable.php and lang/en/assign.php. Canvas: lib/gradebook_exporter.rb.
# GitHub Classroom: "Download roster". Google Classroom: "Download all grades as CSV". Brightspace: "Export".
EXPORTS = (
    Export(
        "moodle",
        "Moodle's grading worksheet",
        ("Identifier", "Grade", "Last modified (grade)"),
        ("Username", "ID number", "Email address", "Identifier"),
        ("Full name",),
        "Email address",
        "Identifier",
        "Username",
    ),
    Export(
        "canvas",
        "Canvas' gradebook",
        ("Student", "ID", "Section"),
        ("SIS Login ID", "SIS User ID", "ID"),
        ("Student",),
        "",
        "ID",
        "SIS Login ID",
    ),
    Export(  # with the setting "Split student names"
        "canvas",
        "Canvas' gradebook",
        ("LastName", "FirstName", "ID", "Section"),
        ("SIS Login ID", "SIS User ID", "ID"),
        ("FirstName", "LastName"),
        "",
        "ID",
        "SIS Login ID",
    ),
    Export(
        "github",
        "GitHub Classroom's roster",
        ("identifier", "github_username"),
        ("identifier", "github_username"),
        ("name",),
        "",
        "",
        "github_username",
    ),
    Export(
        "classroom",
        "Google Classroom's grades",
        ("Last Name", "First Name", "Email Address"),
        ("Email Address",),
        ("First Name", "Last Name"),
        "Email Address",
    ),
    Export(
        "brightspace",
        "Brightspace's grades",
        ("OrgDefinedId", "Username"),
        ("Username", "OrgDefinedId"),
        ("First Name", "Last Name"),
        "Email",
        "",
        "Username",
    ),
)
# Lines of an export that are no students: Canvas' second and third lines and its test student, and the lines
# above the students in Google Classroom's.
_NO_STUDENT = re.compile(r"\s*(points possible.*|student, test|date|points|class average)?\s*", re.IGNORECASE)
_SUBMITTED = "Last modified (submission)"  # in Moodle's worksheet


def read_roster(path: str | Path) -> list[Student]:
    """Read the roster.

    Parameters
    ----------
    path : path
        A csv file in UTF-8 with a column student, and perhaps name, email, number and login. Or one of the
        exports in `EXPORTS`, as the platform wrote it. A student's id is plain text without slashes, because
        it names files.

    Returns
    -------
    list of Student
        The students, in the order of the file.

    Raises
    ------
    CourseError
        If the file cannot be read, or a line is wrong; the message has the line's number.
    """
    path = Path(path)
    header, rows = table(path)
    export = of_export(header)
    found = _exported(export, header, rows) if export else _own(path, header, rows)
    students: list[Student] = []
    lines: dict[str, int] = {}
    for line, one in found:
        if problem := _id_problem(one.id):
            raise _wrong(path, line, problem)
        if one.id in lines:
            raise _wrong(
                path,
                line,
                f"student {one.id!r} is in line {lines[one.id]} already",
                "Give each student a different id",
            )
        students.append(one)
        lines[one.id] = line
    if not students:
        raise _wrong(path, 2, "there is no student", "Write one student in each line")
    return students


def of_export(header: Sequence[str]) -> Export | None:
    """Return the export that has this header, or None."""
    return next((one for one in EXPORTS if set(one.columns) <= set(header)), None)


def students_rows(path: str | Path) -> list[tuple[Student, list[str]]]:
    """Return each student of an export with the line's cells; [] for a roster of one's own."""
    header, rows = table(Path(path))
    if not of_export(header):
        return []
    lines = [cells for _, cells in rows if not _no_student([*map(_text, cells)])]
    return list(zip(read_roster(path), lines, strict=True))


def submitted(path: str | Path) -> dict[str, datetime]:
    """Return {student id: when the newest submission came} of Moodle's worksheet; {} of another roster."""
    header, _ = table(Path(path))
    if _SUBMITTED not in header:
        return {}
    column = header.index(_SUBMITTED)
    return {
        student.id: when for student, cells in students_rows(path) if (when := moodle_time(cells[column]))
    }


def moodle_time(text: str) -> datetime | None:
    """Read a time as Moodle writes it, in this machine's time zone; None if it is none, such as "-".

    Examples
    --------
    >>> moodle_time("Monday, 30 November 2026, 2:05 PM").replace(tzinfo=None)
    datetime.datetime(2026, 11, 30, 14, 5)
    """
    for form in ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p"):
        try:
            return datetime.strptime(text.replace("\u202f", " ").strip(), form).astimezone()
        except ValueError:
            continue
    return None


_COLUMNS = ("student", "name", "email", "number", "login")  # of a roster of one's own -> of a Student


def _own(path: Path, header: Sequence[str], rows: Sequence[Line]) -> Iterator[tuple[int, Student]]:
    named = [name.casefold() for name in header if name]  # spreadsheets add columns without a name
    if named.count("student") != 1 or len(set(named)) < len(named):
        raise _wrong(
            path,
            1,
            "the header should have the column student, and each column once",
            "Begin the file with the line: student,name,email. A platform's export should be in English",
        )
    for line, cells in rows:
        row = dict(zip((name.casefold() for name in header), cells, strict=True))
        yield line, Student(*(_text(row.get(column, "")) for column in _COLUMNS))


def _exported(export: Export, header: Sequence[str], rows: Sequence[Line]) -> Iterator[tuple[int, Student]]:
    named = [(line, dict(zip(header, map(_text, cells), strict=True))) for line, cells in rows]
    named = [(line, row) for line, row in named if not _no_student(list(row.values()))]
    ids = next((column for column in export.ids if _tells_apart(column, named)), export.ids[-1])
    for line, row in named:
        names = [row.get(column, "") for column in export.name]
        yield (
            line,
            Student(
                _id(row.get(ids, "")),
                " ".join(name for name in names if name),
                row.get(export.email, ""),
                re.sub(r"\D", "", row.get(export.number, "")),
                row.get(export.login, ""),
            ),
        )


def _tells_apart(column: str, rows: Sequence[tuple[int, Mapping[str, str]]]) -> bool:
    ids = [_id(row.get(column, "")) for _, row in rows]
    return len(set(ids)) == len(ids) and not any(map(_id_problem, ids))


def _id(text: str) -> str:
    return text.lstrip("#")  # Brightspace writes "#mm01", so that a spreadsheet keeps it as text


def _no_student(cells: Sequence[str]) -> bool:
    return not cells[0] or bool(_NO_STUDENT.fullmatch(cells[0]))


# --- the table ---


def table(path: str | Path, columns: str = "student,name,email") -> tuple[list[str], list[Line]]:
    """Read the header of a csv file and its lines, each with its number.

    Parameters
    ----------
    path : path
        A csv file in UTF-8. csv.DictReader would fill missing cells without an error; here they are one.
    columns : str
        The columns that it should have, for the message of an error.

    Returns
    -------
    header : list of str
        The names of the columns; a spreadsheet may add columns with an empty name.
    lines : list of (int, list of str)
        The number and the cells of each line that is not empty.

    Raises
    ------
    CourseError
        If the file cannot be read, or is cut off.
    """
    path = Path(path)
    reader = csv.reader(io.StringIO(_read(path, columns), newline=""), strict=True)
    lines: list[Line] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        for row in reader:
            if any(cell.strip() for cell in row):
                if len(row) != len(header):
                    problem = f"it should have {len(header)} cells and has {len(row)}"
                    raise _wrong(path, reader.line_num, problem)
                lines.append((reader.line_num, row))
    except csv.Error as error:
        raise _wrong(path, reader.line_num, f"this is not csv ({error}); is the file cut off?") from error
    return header, lines


def _read(path: Path, columns: str) -> str:
    todo = f"Give a csv file with the columns {columns}"
    try:
        data = path.read_bytes()
        check_table(path, todo)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _wrong(path, line, "this is not UTF-8", "Save it as UTF-8 (Excel: CSV UTF-8)") from error
    except OSError as error:
        raise CourseError(path, f"this table cannot be read ({error.strerror})", todo) from error


def _wrong(path: Path, line: int, what: str, todo: str = "Correct this line") -> CourseError:
    return CourseError(path, f"line {line}: {what}", todo)


def _id_problem(id: str) -> str:
    if not id:
        return "the student's id is empty"
    if id.startswith(".") or re.search(r"[/\\]", id):
        return f"the student's id {id!r} has a slash or begins with a dot, so it cannot name a file"
    if not id.isprintable() or len(id.encode("utf-8", "replace")) > 200:
        return "the student's id is too long for a file's name, or has characters that cannot be printed"
    return ""


def _text(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
