"""Intake: what was handed in, whose it is, and which cell answers which exercise.

Nothing that a student wrote is believed. Whose file it is, its path says, by a pattern that the teacher
declares; when it came, the file system says (or the entry of a zip that the teacher gives); of a notebook
only the code cells' sources are read. What cannot be read is refused with words, and the others go on."""

import csv
import io
import json
import os
import re
import stat
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from course_lib import exercises as course
from course_lib.core.errors import CourseError
from course_lib.exercises import cells

FILE = 20 * 2**20  # bytes of one file handed in, packed or not
STUDENT = 10 * FILE  # bytes read of one student, in all their files; each counts as
LEAST = 2**20  # at least, so that many small ones end, too
ENTRIES = 1_000  # of a student's zip
ALL_ENTRIES = 100_000  # of a zip that is SUBMISSIONS itself
DEPTH = 10  # folders below each other
CELL = 50_000  # characters of a cell; a longer one is data, no answer, and is left aside
# characters of all other code cells: to parse what was made to be slow takes seconds for each megabyte
CODE = 500_000

# Where no pattern is declared: a folder a student, or a file whose name begins with the student.
PATTERNS = (
    "{student}/**.ipynb",
    "{student}.ipynb",
    "{student}_*.ipynb",
    "{student}-*.ipynb",
    "{student}.*.ipynb",
    "{student} *.ipynb",
)


class Student(NamedTuple):
    """One line of the roster."""

    id: str
    name: str = ""
    email: str = ""


class Submission(NamedTuple):
    """One notebook handed in."""

    student: str
    file: str  # its path below SUBMISSIONS, for people to read
    when: datetime  # aware, UTC
    answers: dict[str, str]  # exercise id -> source of the answer cell


class Refused(NamedTuple):
    """One file that is not graded."""

    file: str
    why: str


class _Refusal(Exception):
    """Why a file is refused, in words."""


# --- roster ---


def read_roster(path) -> list[Student]:
    """The students of a csv file with the columns student, name and email (the last two may be missing),
    UTF-8.

    An id is plain text without slashes, and names the student's files. Raises `CourseError`, with the line's
    number."""
    path = Path(path)

    def wrong(line, what, todo="Mend this line of the roster"):
        return CourseError(path, f"line {line}: {what}", todo)

    students, lines = [], {}
    for line, row in _rows(path, wrong):
        one = Student(*(_nfc(row.get(column, "")).strip() for column in ("student", "name", "email")))
        if problem := _id_problem(one.id):
            raise wrong(line, problem)
        if one.id in lines:
            raise wrong(
                line, f"student {one.id!r} stands in line {lines[one.id]} already", "Give every student an id"
            )
        students.append(one)
        lines[one.id] = line
    if not students:
        raise wrong(2, "there is no student", "Write one student a line")
    return students


def _rows(path, wrong):
    # (line number, {column: text}) of each line; csv.DictReader would fill up what is missing and say
    # nothing.
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise wrong(line, "this is not UTF-8", "Save the roster as UTF-8 (Excel: CSV UTF-8)") from error
    except OSError as error:
        raise CourseError(
            path,
            f"the roster cannot be read ({error.strerror})",
            "Give a csv file with the columns student,name,email: --roster roster.csv",
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if header.count("student") != 1 or len(set(header)) < len(header):
            raise wrong(
                1,
                "the header does not name a column student, and each column once",
                "Begin the file with the line: student,name,email",
            )
        for row in reader:
            if any(cell.strip() for cell in row):
                if len(row) != len(header):
                    raise wrong(reader.line_num, f"{len(header)} cells are asked for, there are {len(row)}")
                yield reader.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise wrong(reader.line_num, f"this is no csv ({error}); is the file cut off?") from error


def _id_problem(id):
    if not id:
        return "the student's id is empty"
    if id.startswith(".") or re.search(r"[/\\]", id):
        return f"the student's id {id!r} has a slash, or begins with a dot, and would name a file elsewhere"
    if not id.isprintable() or len(id.encode("utf-8", "replace")) > 200:
        return "the student's id has characters that cannot be printed, or is too long for a file's name"
    return ""


# --- whose file it is ---

_FIELDS = {"student": "id", "name": "name", "email": "email"}  # in a pattern -> of a Student


def _finder(roster, pattern) -> Callable[[str], str]:
    """A function: path below SUBMISSIONS -> id of the one student it is of. It raises `_Refusal` for none or
    several.

    In a pattern `*` stands for anything in one name and `**` for folders, too; an id beside them must be
    whole ("ann" is not found in "anna"). A zip stands where a notebook could, or where a folder could:
    `ann/hw.zip`, `ann.zip`."""
    patterns = [_nfc(one) for one in ([pattern] if pattern else PATTERNS)]
    for one in patterns:
        asked = set(re.findall(r"\{(.*?)\}", one))
        if not asked or asked - set(_FIELDS) or not one.endswith(".ipynb"):
            raise CourseError(
                f"pattern {one!r}",
                "it must name the student and end with .ipynb",
                "Write for example {student}/*.ipynb, with {student}, {name} or {email}",
            )
    stems = [one.removesuffix(".ipynb") for one in patterns] + [one.rpartition("/")[0] for one in patterns]
    patterns += [f"{stem}.zip" for stem in stems if "{" in stem]
    known = [(student.id, expression) for student in roster if (expression := _expression(student, patterns))]

    def whose(path):
        stem, ending = os.path.splitext(_nfc(path))
        found = [id for id, expression in known if expression.fullmatch(stem + ending.lower())]
        if not found:
            raise _Refusal(
                f"its path names no student of the roster; asked for: {pattern or ', '.join(PATTERNS[:3])}"
            )
        if len(found) > 1:
            raise _Refusal(f"it could be of {' and of '.join(found[:3])}: rename it, or declare a pattern")
        return found[0]

    return whose


def _expression(student, patterns):
    # None for a student without the name or e-mail address that a pattern asks for.
    alternatives = []
    for pattern in patterns:
        parts = [part for part in re.split(r"(\{\w+\}|\*+)", pattern) if part]
        pieces = [_piece(student, parts, at) for at in range(len(parts))]
        if None not in pieces:
            alternatives.append("".join(pieces))
    return re.compile("|".join(alternatives), re.DOTALL) if alternatives else None


def _piece(student, parts, at):
    part = parts[at]
    if part.startswith("*"):
        return "[^/]*" if part == "*" else ".*"
    if part[1:-1] not in _FIELDS or part[0] != "{":
        return re.escape(part)
    if not (value := getattr(student, _FIELDS[part[1:-1]])):
        return None
    before = r"(?<![^\W_])" if at and parts[at - 1].startswith("*") else ""
    after = r"(?![^\W_])" if at + 1 < len(parts) and parts[at + 1].startswith("*") else ""
    return before + re.escape(_nfc(value)) + after


# --- files ---


class _Entry(NamedTuple):
    """A file in a folder or zip, not yet read."""

    path: str
    when: datetime | None = None
    read: Callable[[], bytes] | None = None  # raises _Refusal
    wrong: str = ""  # what is known to be wrong before reading


def collect(folder, roster, exercises, pattern=None) -> tuple[list[Submission], list[Refused]]:
    """All notebooks in SUBMISSIONS (a folder or a zip), and what is refused there, both in the order of their
    paths.

    exercises: list of Exercise; roster: list of Student; pattern: where a path names the student, such as
    "{student}/*.ipynb", "{student}_*.ipynb", "{name}_*_assignsubmission_file_/*.ipynb" (Moodle) or
    "{email}*.ipynb". A student's zip is opened in memory, one level deep, and all in it is of the student
    whom the zip's own path names (the names inside, and their times, were chosen by who made it). `when` is
    the file's time of change; in a zip that is SUBMISSIONS itself the entry's time, taken as this machine's
    local time (a zip knows no time zone). Raises `CourseError` where SUBMISSIONS or the pattern cannot be
    used; no file in it makes it raise."""
    whose, wanted = _finder(roster, pattern), _wanted(exercises)
    submissions, refused, left = [], [], defaultdict(lambda: STUDENT)
    for student, entry in _opened(_entries(Path(folder)), whose, left):
        try:
            answers = _answers(_cells(_content(student, entry, left)), wanted)
            submissions.append(Submission(student, _shown(entry.path), entry.when, answers))
        except Exception as error:  # whatever stands in this file, the others are graded
            refused.append(Refused(_shown(entry.path), _words(error)))
    return submissions, refused


def _opened(entries, whose, left) -> Iterator[tuple[str, _Entry]]:
    # (student, notebook): what stands in a student's zip instead of the zip.
    for entry in entries:
        student = ""
        try:
            student = "" if entry.wrong else whose(entry.path)
            if entry.wrong or not entry.path.lower().endswith(".zip"):
                yield student, entry
                continue
            inside = _in_zip(io.BytesIO(_content(student, entry, left)), entry.when, ENTRIES)
            for one in inside:
                nested = "a zip in a zip is not opened" if one.path.lower().endswith(".zip") else one.wrong
                yield student, one._replace(path=f"{entry.path}/{one.path}", when=entry.when, wrong=nested)
        except Exception as error:  # a broken zip raises many things
            yield student, entry._replace(wrong=_words(error))


def _content(student, entry, left):
    if entry.wrong:
        raise _Refusal(entry.wrong)
    if left[student] <= 0:
        raise _Refusal(f"{student} handed in too much before it ({STUDENT // 2**20} MiB, or as many files)")
    data = entry.read()
    left[student] -= max(len(data), LEAST)
    return data


def _entries(folder):
    try:
        if not folder.is_dir():
            when = _time(folder.stat().st_mtime)
            with open(folder, "rb") as file:
                yield from _in_zip(file, when, ALL_ENTRIES)
            return
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield from _in_folder(top)
        finally:
            os.close(top)
    except Exception as error:  # a broken zip raises many things
        raise CourseError(
            folder, _words(error), "Give the folder or the zip that holds what was handed in"
        ) from error


def _in_folder(folder, prefix="") -> Iterator[_Entry]:
    # By descriptors, never by a path, and following no link: what was looked at is what is read.
    for name in sorted(os.listdir(folder)):
        path = prefix + name
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if wrong := _wrong(path, found.st_mode, found.st_size):
                yield _Entry(path, wrong=wrong)
            elif stat.S_ISDIR(found.st_mode):
                below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                try:
                    yield from _in_folder(below, f"{path}/")
                finally:
                    os.close(below)
            else:
                yield _Entry(path, _time(found.st_mtime), partial(_read, folder, name, found))
        except OSError as error:
            yield _Entry(path, wrong=_words(error))


def _read(folder, name, found):
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with open(descriptor, "rb") as file:
        if not os.path.samestat(os.fstat(descriptor), found):
            raise _Refusal("it was exchanged while it was read")
        return _capped(file)


def _in_zip(file, when, most) -> Iterator[_Entry]:
    with zipfile.ZipFile(file) as archive:
        if len(archive.infolist()) > most:
            raise _Refusal(f"there are {len(archive.infolist())} entries in this zip; {most} are allowed")
        met = set()
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            path, mode = info.filename.replace("\\", "/"), info.external_attr >> 16
            wrong = _wrong(path, mode if stat.S_IFMT(mode) else stat.S_IFREG, info.file_size)
            if path.endswith("/") and not stat.S_ISLNK(mode):
                continue
            if path.startswith("/") or ":" in path[:2] or ".." in path.split("/") or len(path) > 1000:
                wrong = "its name in the zip leads elsewhere, or is too long"
            elif info.flag_bits & 1:
                wrong = "it is encrypted"
            elif info.compress_type not in (
                zipfile.ZIP_STORED,
                zipfile.ZIP_DEFLATED,
            ):  # others unpack without measure
                wrong = "it is packed in a way that is not opened; deflate is"
            elif _shown(path) in met:  # a result names its file
                wrong = "another file of this name stands in the same zip"
            met.add(_shown(path))
            yield _Entry(path, _entry_time(info, when), partial(_unpacked, archive, info), wrong)


def _unpacked(archive, info):
    with archive.open(info) as file:
        return _capped(file)


def _capped(file):
    data = file.read(FILE + 1)  # the size that a header tells may be wrong
    if len(data) > FILE:
        raise _Refusal(_TOO_LARGE)
    return data


def _wrong(path, mode, size):
    """What is wrong with a file before it is read, "" for nothing."""
    name = path.rstrip("/").rpartition("/")[2]
    if stat.S_ISLNK(mode):
        return "it is a symbolic link"
    if any(part.startswith(".") or part == "__MACOSX" for part in path.split("/")):
        return "it is hidden, or a checkpoint, and not what was handed in"
    if stat.S_ISDIR(mode):
        return "its folders lie too deep" if path.count("/") >= DEPTH else ""
    if not stat.S_ISREG(mode):
        return "it is no regular file"
    if not name.lower().endswith((".ipynb", ".zip")):
        return "it is neither a notebook (.ipynb) nor a zip"
    return _TOO_LARGE if size > FILE else ""


_TOO_LARGE = f"it is larger than {FILE // 2**20} MiB"


def _time(seconds):
    # A clock gone wrong can be beyond what a datetime holds: such a file counts as of 1970, or of 2100.
    return datetime.fromtimestamp(min(max(seconds, 0), 4_102_444_800), UTC)


def _entry_time(info, otherwise):
    try:
        return datetime(*info.date_time).astimezone(UTC)
    except ValueError:  # month 0
        return otherwise


# --- cells ---


def _cells(data) -> list[tuple[object, str]]:
    """(grade_id or whatever stands there, source) of each code cell, in their order. Raises `_Refusal`."""
    try:
        book = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise _Refusal(f"it is not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise _Refusal("it is nested too deeply for a notebook") from error
    except ValueError as error:
        raise _Refusal(f"it cannot be read as JSON: {error}") from error
    version = _as(dict, book).get("nbformat")
    if version not in (3, 4):
        raise _Refusal("it is no notebook of format 4 (or 3)")
    sheets = [book] if version == 4 else _as(list, book.get("worksheets"))
    cells = [cell for sheet in sheets for cell in _as(list, _as(dict, sheet).get("cells"))]
    if not cells:
        raise _Refusal("there are no cells in it")
    code = [
        _code(number, cell)
        for number, cell in enumerate(cells, 1)
        if _as(dict, cell).get("cell_type") == "code"
    ]
    code = [(grade_id, source) for grade_id, source in code if len(source) <= CELL]
    if sum(len(source) for _, source in code) > CODE:
        raise _Refusal(f"there are more than {CODE:,} characters of code in it")
    return code


def _code(number, cell):
    source = cell.get("source", cell.get("input"))  # nbformat 3 calls it input
    source = (
        "".join(line for line in source if isinstance(line, str))
        if isinstance(source, list)
        else _as(str, source)
    )
    if re.search("[\0\ud800-\udfff]", source):
        raise _Refusal(
            f"cell {number} has characters that no Python source can have (NUL, half a surrogate pair)"
        )
    grade_id = _as(dict, _as(dict, cell.get("metadata")).get("nbgrader")).get("grade_id")
    return grade_id, source.replace("\r\n", "\n").replace("\r", "\n")


def _as(kind, value):
    # A notebook that others wrote has anything anywhere.
    return value if isinstance(value, kind) else kind()


def _once(pairs):
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return made


def _wanted(exercises):
    return [(exercise, _stub(exercise)) for exercise in exercises]


def _stub(exercise):
    # The empty copy's function; None where the lesson was not built.
    try:
        return cells.definition(course.kept(exercise.id)["stub"], exercise.name)
    except (CourseError, OSError, ValueError, KeyError):
        return None


def _answers(code, wanted):
    once = cache(cells.parsed)
    found = {exercise.id: _answer(code, exercise, stub, once) for exercise, stub in wanted}
    return {id: source for id, source in found.items() if source is not None}


def _answer(code, exercise, stub, parsed):
    """The source of the cell that answers an exercise, or None. What is written goes before what does not
    parse, that before the empty stub; the exercise's own cell before others that define the function; later
    cells before earlier."""
    candidates = []
    for position, (grade_id, source) in enumerate(code):
        own = grade_id == exercise.grade_id
        if cells.NOT_RUN_HERE.match(source) or not (own or exercise.name in source):
            continue
        source, tree = parsed(source)
        if tree is None:
            if own or re.search(rf"^def {exercise.name}\s*\(", source, re.MULTILINE):
                candidates.append((1, own, position, source))
        elif function := cells.defined(tree, exercise.name):
            candidates.append((2 if cells.written(function, stub) else 0, own, position, source))
    return max(candidates)[-1] if candidates else None


# --- words ---


def _words(error):
    if isinstance(error, _Refusal):
        return _shown(str(error))
    return _shown(f"it cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}")


def _shown(text):
    # Names and messages come from outside: no line breaks, terminal codes, turned text or halves of surrogate
    # pairs.
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def _nfc(text):
    return unicodedata.normalize("NFC", text)
