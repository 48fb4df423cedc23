"""Intake: the submitted files, the student of each, and the cell that answers each exercise.

Nothing inside a file is trusted. The file's path names its student, by a pattern that the teacher declares.
Its time comes from the file system, or from the entry of a zip that the teacher gives. Of a notebook, only
the source of the code cells is read. A file that cannot be read is refused with a reason, and the others are
graded.
"""

import csv
import io
import json
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, NamedTuple, TypeVar

from course_lib import exercises as course
from course_lib.core.errors import CourseError
from course_lib.core.io import check_table, what_it_is
from course_lib.core.progress import progress
from course_lib.exercises import Exercise, cells
from course_lib.grading.apart import apart
from course_lib.grading.trees import NONE, Normal, normal_form

FILE = 20 * 2**20  # the most bytes of one submitted file, packed or unpacked
STUDENT = 5 * FILE  # the most bytes that are read of all files of one student
SECONDS = 20.0  # of processor time for all files of one student; a notebook takes 0.1 s
BOOKS = 60  # the most notebooks of one student
CELLS = 1_000  # the most code cells of a notebook
ENTRIES = 1_000  # the most notebooks in a student's zip
ALL_ENTRIES = 100_000  # the most entries in a zip that is SUBMISSIONS itself
DEPTH = 10  # the deepest level of folders
NAMES = 10  # the most missing names of a cell that are listed
ROWS = 20  # the most refused files of one student that are listed
CELL = 50_000  # the most characters of a cell; a longer one is data instead of an answer, and is ignored
CODE = 500_000  # the most characters of all other code cells: hostile code takes seconds a megabyte to parse

# Without a declared pattern: a folder for each student, or a file whose name begins with the student.
PATTERNS = (
    "{student}/**.ipynb",
    "{student}.ipynb",
    "{student}_*.ipynb",
    "{student}-*.ipynb",
    "{student}.*.ipynb",
    "{student} *.ipynb",
)


_Wanted = tuple[Exercise, cells.Definition | None]  # an exercise, and the function of its empty copy
T = TypeVar("T")


class Student(NamedTuple):
    """One line of the roster."""

    id: str
    name: str = ""
    email: str = ""


Faults = tuple[tuple[str, str], ...]  # ("syntax", "names" or "modules"; which)


class Answer(NamedTuple):
    """The cell that answers one exercise, with everything that is read from its tree: it is parsed once."""

    source: str
    attempted: bool = True  # more than the empty copy
    normal: Normal = NONE  # to compare it with other answers
    faults: Faults = ()  # what is wrong with its text


class Submission(NamedTuple):
    """One submitted notebook."""

    student: str
    file: str  # its path below SUBMISSIONS, for people to read
    when: datetime  # aware, UTC
    answers: dict[str, Answer]  # {exercise id: answer}
    other: Mapping[str, str] = MappingProxyType(
        {}
    )  # {exercise id: what is wrong with its cell}, for a cell that is not code

    @property
    def sources(self) -> dict[str, str]:
        """{exercise id: the source of its answer cell}."""
        return {id: answer.source for id, answer in self.answers.items()}


class Refused(NamedTuple):
    """One file that is not graded."""

    file: str
    why: str
    student: str = ""  # whose file it is; "" if its path names nobody


class _Refusal(Exception):
    """The reason why a file is refused."""


# --- roster ---


def read_roster(path: str | Path) -> list[Student]:
    """Read the roster.

    Parameters
    ----------
    path : path
        A csv file in UTF-8 with a column student, and perhaps name and email. A student's id is plain text
        without slashes, because it names files.

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

    def wrong(line: int, what: str, todo: str = "Correct this line of the roster") -> CourseError:
        return CourseError(path, f"line {line}: {what}", todo)

    students: list[Student] = []
    lines: dict[str, int] = {}
    for line, row in _rows(path, wrong):
        one = Student(*(_nfc(row.get(column, "")).strip() for column in ("student", "name", "email")))
        if problem := _id_problem(one.id):
            raise wrong(line, problem)
        if one.id in lines:
            raise wrong(
                line,
                f"student {one.id!r} is in line {lines[one.id]} already",
                "Give each student a different id",
            )
        students.append(one)
        lines[one.id] = line
    if not students:
        raise wrong(2, "there is no student", "Write one student in each line")
    return students


def _rows(path: Path, wrong: Callable[..., CourseError]) -> Iterator[tuple[int, dict[str, str]]]:
    # (line number, {column: text}) of each line. csv.DictReader would fill missing cells without an error.
    todo = "Give a csv file with the columns student,name,email"
    try:
        data = path.read_bytes()
        check_table(path, todo)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise wrong(line, "this is not UTF-8", "Save the roster as UTF-8 (Excel: CSV UTF-8)") from error
    except OSError as error:
        raise CourseError(
            path,
            f"the roster cannot be read ({error.strerror})",
            f"{todo}: --roster roster.csv",
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        canvas = "this is the export of Canvas' gradebook", "Make a roster of it: student,name,email"
        if {"sis user id", "sis login id"} & set(header):
            raise wrong(1, *canvas)
        named = [name for name in header if name]  # spreadsheets add columns without a name
        if named.count("student") != 1 or len(set(named)) < len(named):
            raise wrong(
                1,
                "the header should have the column student, and each column once",
                "Begin the file with the line: student,name,email",
            )
        for row in reader:
            if row and row[0].strip().casefold() == "points possible":  # Canvas' second line
                raise wrong(reader.line_num, *canvas)
            if any(cell.strip() for cell in row):
                if len(row) != len(header):
                    raise wrong(reader.line_num, f"it should have {len(header)} cells and has {len(row)}")
                yield reader.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise wrong(reader.line_num, f"this is not csv ({error}); is the file cut off?") from error


def _id_problem(id: str) -> str:
    if not id:
        return "the student's id is empty"
    if id.startswith(".") or re.search(r"[/\\]", id):
        return f"the student's id {id!r} has a slash or begins with a dot, so it cannot name a file"
    if not id.isprintable() or len(id.encode("utf-8", "replace")) > 200:
        return "the student's id is too long for a file's name, or has characters that cannot be printed"
    return ""


# --- the student of a file ---

_FIELDS = {"student": "id", "name": "name", "email": "email"}  # in a pattern -> of a Student


def _finder(roster: Sequence[Student], pattern: str | None) -> Callable[[str], str]:
    """Return a function from a path below SUBMISSIONS to the id of its student.

    The function raises `_Refusal` if no student, or more than one, fits the path. In a pattern `*` means
    anything in one name, and `**` includes folders; an id beside them must be complete ("ann" is not found in
    "anna"). A zip may be in the place of a notebook or of a folder: `ann/hw.zip`, `ann.zip`.
    """
    patterns = [_nfc(one) for one in ([pattern] if pattern else PATTERNS)]
    for one in patterns:
        asked = set(re.findall(r"\{(.*?)\}", one))
        if not asked or asked - set(_FIELDS) or not one.endswith(".ipynb"):
            raise CourseError(
                f"pattern {one!r}",
                "it should name the student and end with .ipynb",
                "Write for example {student}/*.ipynb, with {student}, {name} or {email}",
            )
    stems = [one.removesuffix(".ipynb") for one in patterns] + [one.rpartition("/")[0] for one in patterns]
    patterns += [f"{stem}.zip" for stem in stems if "{" in stem]
    known = [(student.id, expression) for student in roster if (expression := _expression(student, patterns))]

    def whose(path: str) -> str:
        path = _as_notebook(_nfc(path))
        found = [id for id, expression in known if expression.fullmatch(path)]
        if not found:
            raise _Refusal(
                "its path names no student of the roster; it should be "
                f"{pattern or ' or '.join(PATTERNS[:3])}"
            )
        if len(found) > 1:
            raise _Refusal(f"its path fits {' and '.join(found[:3])}: rename it, or declare a pattern")
        return found[0]

    return whose


def _as_notebook(path: str) -> str:
    """Return the path under the ending that patterns have, whatever the file's own ending is: even a file
    that cannot be graded belongs to somebody, who wants to know."""
    stem, ending = os.path.splitext(path)
    if ending.lower() == ".zip":
        return f"{stem}.zip"
    inner, second = os.path.splitext(stem)
    return f"{inner if second.lower() == '.ipynb' else stem}.ipynb"


def _expression(student: Student, patterns: Sequence[str]) -> re.Pattern[str] | None:
    # None for a student without the name or e-mail address that a pattern needs.
    alternatives = []
    for pattern in patterns:
        parts = [part for part in re.split(r"(\{\w+\}|\*+)", pattern) if part]
        pieces = [piece for at in range(len(parts)) if (piece := _piece(student, parts, at)) is not None]
        if len(pieces) == len(parts):
            alternatives.append("".join(pieces))
    return re.compile("|".join(alternatives), re.DOTALL) if alternatives else None


def _piece(student: Student, parts: Sequence[str], at: int) -> str | None:
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
    """A file in a folder or zip, before it is read."""

    path: str
    when: datetime = datetime.fromtimestamp(0, UTC)
    read: Callable[[], bytes] = lambda: b""  # raises _Refusal
    wrong: str = ""  # why it is refused without reading it


def collect(
    folder: str | Path, roster: Sequence[Student], exercises: Sequence[Exercise], pattern: str | None = None
) -> tuple[list[Submission], list[Refused]]:
    """Collect all notebooks of SUBMISSIONS, and what is refused there.

    Parameters
    ----------
    folder : path
        SUBMISSIONS: a folder or a zip.
    roster : sequence of Student
        The students.
    exercises : sequence of Exercise
        The exercises to find answers for.
    pattern : str, optional
        Where a path names the student, such as "{student}/*.ipynb", "{student}_*.ipynb",
        "{name}_*_assignsubmission_file_/*.ipynb" (Moodle) or "{email}*.ipynb".

    Returns
    -------
    submissions : list of Submission
        The notebooks, in the order of their paths. `when` is the time of the file's last change. If
        SUBMISSIONS is a zip, it is the entry's time, as this machine's local time (a zip has no time zone).
    refused : list of Refused
        The other files, with the reason. No file makes this function raise.

    Raises
    ------
    CourseError
        If SUBMISSIONS or the pattern cannot be used.

    Notes
    -----
    A student's zip is opened in memory, one level deep. Everything in it belongs to the student of the zip's
    own path: the names and times inside were chosen by the student.
    """
    whose, wanted = _finder(roster, pattern), _wanted(exercises)
    submissions: list[Submission] = []
    refused: list[Refused] = []
    budgets: dict[str, _Budget] = defaultdict(_Budget)
    files = _opened(_entries(Path(folder)), whose, budgets)
    for student, entry in progress(files, desc="reading", unit="file", delay=1):
        try:
            budget = budgets[student]
            answers, other = _read_book(_content(student, entry, budget), wanted, budget)
            submissions.append(Submission(student, _shown(entry.path), entry.when, answers, other))
        except Exception as error:  # whatever this file holds, the others are graded
            refused.append(Refused(_shown(entry.path), _words(error), student))
    return submissions, _shortened(refused)


@dataclass
class _Budget:
    """What may still be read of one student."""

    bytes: int = field(default_factory=lambda: STUDENT)
    seconds: float = field(default_factory=lambda: SECONDS)
    books: int = field(default_factory=lambda: BOOKS)


def _read_book(
    data: bytes, wanted: Sequence[_Wanted], budget: _Budget
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Return the answers of a notebook, and what is wrong with cells that should hold one."""

    def work() -> dict[str, Any]:
        try:
            code, other = _cells(data)
        except _Refusal as error:
            return {"refused": str(error)}
        answers = _answers(code, wanted)
        return {
            "answers": answers,
            "other": _elsewhere(other, [one for one, _ in wanted if one.id not in answers]),
        }

    done = apart(work, budget.seconds)
    budget.seconds -= done.seconds
    if done.wrong or "refused" in done.value:
        raise _Refusal(done.value["refused"] if done.value else f"it cannot be read: {done.wrong}")
    answers = {
        id: Answer(source, attempted, Normal(*normal), tuple(map(tuple, faults)))
        for id, (source, attempted, normal, faults) in done.value["answers"].items()
    }
    return answers, done.value["other"]


def _shortened(refused: Sequence[Refused]) -> list[Refused]:
    """Return the first files of each student and the number of the others: a zip can hold thousands."""
    found: list[Refused] = []
    of: Counter[str] = Counter()
    for one in refused:
        of[one.student] += 1
        if not one.student or of[one.student] <= ROWS:
            found.append(one)
    return found + [
        Refused(f"{times - ROWS} more of {student}", "as the files above, which come first", student)
        for student, times in of.items()
        if student and times > ROWS
    ]


def _opened(
    entries: Iterable[_Entry], whose: Callable[[str], str], budgets: dict[str, _Budget]
) -> Iterator[tuple[str, _Entry]]:
    # (student, notebook). The content of a student's zip replaces the zip.
    for entry in entries:
        student = ""
        try:
            student = whose(entry.path)
            if entry.wrong or not entry.path.lower().endswith(".zip"):
                yield student, entry
                continue
            inside = _in_zip(io.BytesIO(_content(student, entry, budgets[student])), entry.when, ENTRIES)
            for one in inside:
                wrong = "a zip in a zip is not opened" if one.path.lower().endswith(".zip") else one.wrong
                wrong = OLD if "old" in one.path.split("/")[:-1] else wrong
                yield student, one._replace(path=f"{entry.path}/{one.path}", when=entry.when, wrong=wrong)
        except Exception as error:  # a broken zip raises many things
            yield student, entry._replace(wrong=entry.wrong or _words(error))


def _content(student: str, entry: _Entry, budget: _Budget) -> bytes:
    if entry.wrong:
        raise _Refusal(entry.wrong)
    if min(budget.bytes, budget.seconds, budget.books) <= 0:
        raise _Refusal(
            f"earlier files of {student} have reached the limit ({BOOKS} notebooks, {STUDENT // 2**20} MiB, "
            f"{SECONDS:g} s of processor time)"
        )
    data = entry.read()
    budget.bytes -= len(data)
    budget.books -= 1
    return data


def _entries(folder: Path) -> Iterator[_Entry]:
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
            folder, _words(error), "Give the folder or the zip with the submitted notebooks"
        ) from error


def _in_folder(folder: int, prefix: str = "") -> Iterator[_Entry]:
    # By descriptors instead of paths, and without following links: the checked file is the file that is read.
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


def _read(folder: int, name: str, found: os.stat_result) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with open(descriptor, "rb") as file:
        if not os.path.samestat(os.fstat(descriptor), found):
            raise _Refusal("it was replaced while it was read")
        return _capped(file)


def _in_zip(file: IO[bytes], when: datetime, most: int) -> Iterator[_Entry]:
    with zipfile.ZipFile(file) as archive:
        infos = ((_name(info).replace("\\", "/"), info) for info in archive.infolist())
        named = sorted(infos, key=lambda pair: pair[0])
        books = sum(_is_book(path) for path, _ in named)
        if books > most or len(named) > ALL_ENTRIES:
            raise _Refusal(f"this zip has {books} notebooks; at most {most} are allowed")
        met: set[str] = set()
        for path, info in named:
            mode = info.external_attr >> 16
            wrong = _wrong(path, mode if stat.S_IFMT(mode) else stat.S_IFREG, info.file_size)
            if path.endswith("/") and not stat.S_ISLNK(mode):
                continue
            if path.startswith("/") or ":" in path[:2] or ".." in path.split("/") or len(path) > 1000:
                wrong = "its name in the zip is too long, or leads to another folder"
            elif info.flag_bits & 1:
                wrong = "it is encrypted"
            elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                wrong = "its compression is not supported; use deflate"  # others unpack without a limit
            elif _shown(path) in met:  # a result names its file
                wrong = "another file in the same zip has this name"
            met.add(_shown(path))
            yield _Entry(path, _entry_time(info, when), partial(_unpacked, archive, info), wrong)


def _name(info: zipfile.ZipInfo) -> str:
    """Return an entry's name. Python reads a name without the flag "UTF-8" as cp437, and macOS writes UTF-8
    without that flag."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _is_book(path: str) -> bool:
    """Return whether a file's name is that of a notebook, also as browsers and Windows change it."""
    name = path.rpartition("/")[2].lower()
    return name.endswith((".ipynb", ".ipynb.txt", ".ipynb.json")) or ("." not in name and name != "")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        return _capped(file)


def _capped(file: IO[bytes]) -> bytes:
    data = file.read(FILE + 1)  # the size in a header may be wrong
    if len(data) > FILE:
        raise _Refusal(_TOO_LARGE)
    return data


def _wrong(path: str, mode: int, size: int) -> str:
    """Return why a file is refused without reading it, or ""."""
    name = path.rstrip("/").rpartition("/")[2]
    if stat.S_ISLNK(mode):
        return "it is a symbolic link"
    if any(part.startswith(".") or part == "__MACOSX" for part in path.split("/")):
        return HIDDEN
    if "old" in path.split("/")[1 : None if stat.S_ISDIR(mode) else -1]:
        return OLD
    if stat.S_ISDIR(mode):
        return "its folders are nested too deeply" if path.count("/") >= DEPTH else ""
    if not stat.S_ISREG(mode):
        return "it is no regular file"
    if not (_is_book(path) or name.lower().endswith(".zip")):
        return "it is neither a notebook (.ipynb) nor a zip: hand in the .ipynb file"
    return _TOO_LARGE if size > FILE else ""


HIDDEN = "it is a hidden file or a checkpoint, so it does not count as a submission"
OLD = "it is a copy that `course update` or `course reset` kept in old/"
QUIET = (HIDDEN, OLD)  # what comes along when a student zips a whole folder
_TOO_LARGE = f"it is larger than {FILE // 2**20} MiB"


def _time(seconds: float) -> datetime:
    # The time of a wrong clock may not fit into a datetime: such a file counts as of 1970, or of 2100.
    return datetime.fromtimestamp(min(max(seconds, 0), 4_102_444_800), UTC)


def _entry_time(info: zipfile.ZipInfo, otherwise: datetime) -> datetime:
    try:
        return datetime(*info.date_time).astimezone(UTC)
    except ValueError:  # month 0
        return otherwise


# --- cells ---


_Cell = tuple[object, cells.Code]  # grade_id or any other value found there, the cell's Python


def _cells(data: bytes) -> tuple[list[_Cell], dict[str, str]]:
    """Return the code cells, and {grade_id: kind} of the cells of another kind. Raises `_Refusal`."""
    if known := what_it_is(data) or (None if data.strip() else ("it is empty", "Save it again")):
        raise _Refusal(f"{known[0]}, not a notebook. {known[1]}")
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
        raise _Refusal("it is not a notebook of format 4 or 3")
    sheets = [book] if version == 4 else _as(list, book.get("worksheets"))
    found = [cell for sheet in sheets for cell in _as(list, _as(dict, sheet).get("cells"))]
    if not found:
        raise _Refusal("there are no cells in it")
    kinds = [_as(str, _as(dict, cell).get("cell_type")) for cell in found]
    if kinds.count("code") > CELLS:
        raise _Refusal(f"it has {kinds.count('code'):,} code cells; at most {CELLS:,} are allowed")
    code = [
        _code(number, cell)
        for number, (kind, cell) in enumerate(zip(kinds, found, strict=True), 1)
        if kind == "code"
    ]
    other = {
        id: kind
        for kind, cell in zip(kinds, found, strict=True)
        if kind in ("markdown", "raw") and (id := _as(str, _grade_id(cell)))
    }
    code = [(grade_id, source) for grade_id, source in code if len(source) <= CELL]
    if sum(len(source) for _, source in code) > CODE:
        raise _Refusal(f"there are more than {CODE:,} characters of code in it")
    return [(grade_id, cells.Code(source)) for grade_id, source in code], other


def _grade_id(cell: object) -> object:
    metadata = _as(dict, _as(dict, cell).get("metadata"))
    return _as(dict, metadata.get("nbgrader")).get("grade_id")


def _elsewhere(other: Mapping[str, str], missing: Sequence[Exercise]) -> dict[str, str]:
    return {
        one.id: f"its cell is a {other[one.grade_id]} cell instead of a code cell"
        for one in missing
        if one.grade_id in other
    }


def _code(number: int, cell: dict[str, Any]) -> tuple[object, str]:
    source = cell.get("source", cell.get("input"))  # nbformat 3 calls it input
    source = (
        "".join(line for line in source if isinstance(line, str))
        if isinstance(source, list)
        else _as(str, source)
    )
    if re.search("[\0\ud800-\udfff]", source):
        raise _Refusal(
            f"cell {number} has characters that Python source cannot have (NUL, half a surrogate pair)"
        )
    return _grade_id(cell), source.replace("\r\n", "\n").replace("\r", "\n")


def _as(kind: type[T], value: object) -> T:
    # A notebook from outside may hold any value in any place.
    return value if isinstance(value, kind) else kind()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("an object has the same key twice")
    return made


def _wanted(exercises: Sequence[Exercise]) -> list[_Wanted]:
    return [(exercise, _stub(exercise)) for exercise in exercises]


def _stub(exercise: Exercise) -> cells.Definition | None:
    # The empty copy's function; None if the lesson was not built.
    try:
        return cells.Code(course.kept(exercise.id)["stub"]).definition(exercise.name)
    except (CourseError, OSError, ValueError, KeyError):
        return None


def _answers(code: Sequence[_Cell], wanted: Sequence[_Wanted]) -> dict[str, Answer]:
    found = {
        exercise.id: one for exercise, stub in wanted if (one := _answer(code, exercise, stub)) is not None
    }
    public = {exercise.id: exercise for exercise, _ in wanted}
    faults = {id: _faults(own, public[id]) for id, (_, own) in found.items()}
    # Last, because it changes the tree: one cell may answer two exercises.
    forms = {own: normal_form(own.tree) for own in dict.fromkeys(own for _, own in found.values())}
    return {
        id: Answer(own.python, attempted, forms[own] if attempted else NONE, faults[id])
        for id, (attempted, own) in found.items()
    }


def _answer(
    code: Sequence[_Cell], exercise: Exercise, stub: cells.Definition | None
) -> tuple[bool, cells.Code] | None:
    """Return (whether it was attempted, the cell's `Code`) of the cell that answers an exercise, or None.

    The last cell that defines the function with more than the empty copy answers it, as in the kernel, in
    `check` and in `hand_in`. If no cell does: the exercise's own cell, whatever it holds, and then a cell
    that cannot be parsed. The empty copy comes last.
    """
    candidates = []
    for position, (grade_id, cell) in enumerate(code):
        own = grade_id == exercise.grade_id
        if cell.runs_elsewhere or not (own or exercise.name in cell.text):
            continue
        if cell.tree is None:
            if own or cell.begins(exercise.name):
                candidates.append((1, own, position, cell))
        elif function := cell.definition(exercise.name):
            candidates.append((3 if cells.written(function, stub) else 0, False, position, cell))
        elif own:  # `if True: def ...`, `name = other`, another name: the sandbox finds out
            candidates.append((2 if cell.tree.body else 0, own, position, cell))
    if not candidates:
        return None
    rank, _, _, cell = max(candidates)
    return rank > 0, cell


def _faults(cell: cells.Code, exercise: Exercise) -> Faults:
    """Return what can be seen to be wrong without running the cell."""
    found = (
        ("syntax", _shown(cell.syntax_error())),
        ("names", ", ".join(cell.missing()[:NAMES])),
        ("modules", ", ".join(cell.unavailable(exercise.forbidden))),
    )
    return tuple((kind, which) for kind, which in found if which)


# --- words ---

# What Python's reader of zips raises for damaged ones.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError)


def _words(error: BaseException) -> str:
    if isinstance(error, _Refusal):
        return _shown(str(error))
    if isinstance(error, _DAMAGED):
        return "it is a damaged zip, or its upload was cut off: zip the notebooks again"
    return _shown(f"it cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}")


def _shown(text: str) -> str:
    # Names and messages come from outside. Line breaks, terminal codes, reversed text and halves of surrogate
    # pairs are removed.
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
