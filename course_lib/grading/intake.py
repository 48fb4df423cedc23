"""Intake: the submitted files, the student of each, and the cell that answers each exercise.

Nothing inside a file is trusted. The file's path names its student (`collect`). Its time comes from the
teacher's table, from the path, from the file system, or from the entry of a zip that the teacher gives. Of a
notebook, only the source of the code cells is read. A file that cannot be read is refused with a reason, and
the others are graded.
"""

import io
import json
import os
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course_lib import exercises as course
from course_lib.core.errors import CourseError
from course_lib.core.progress import progress
from course_lib.exercises import Exercise, cells
from course_lib.exercises.by_hand import Task
from course_lib.grading import collect as layouts
from course_lib.grading import fingerprints, pieces, trees
from course_lib.grading.apart import apart
from course_lib.grading.collect import AUTO, SYSTEM, Said, Whose
from course_lib.grading.collect import Refusal as _Refusal
from course_lib.grading.fingerprints import Print, Prints
from course_lib.grading.pieces import Piece
from course_lib.grading.roster import Student
from course_lib.grading.trees import NONE, Normal

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

_Wanted = tuple[Exercise, cells.Definition | None]  # an exercise, and the function of its empty copy
T = TypeVar("T")

Faults = tuple[tuple[str, str], ...]  # ("syntax", "names" or "modules"; which)


class Answer(NamedTuple):
    """The cell that answers one exercise, with everything that is read from its tree: it is parsed once."""

    source: str
    attempted: bool = True  # more than the empty copy
    normal: Normal = NONE  # to compare it with other answers
    faults: Faults = ()  # what is wrong with its text
    prints: Prints = ()  # its fingerprints
    piece: Piece | None = None  # of a task that the teacher marks


class Submission(NamedTuple):
    """One submitted notebook."""

    student: str
    file: str  # its path below SUBMISSIONS, for people to read
    when: datetime  # aware, UTC
    answers: dict[str, Answer]  # {exercise id: answer}
    other: Mapping[str, str] = MappingProxyType(
        {}
    )  # {exercise id: what is wrong with its cell}, for a cell that is not code
    clock: str = "file"  # what `when` is taken from: "file", "path", "platform", "times", or "download"
    late: bool | None = None  # the platform's own judgement if its path says it; ours, once it was judged
    order: int = 0  # of two files of a student, the one with the higher number came later
    number: str = ""  # the platform's number of the student, if its path says it
    attempt: int = 0  # once it was judged: which attempt it is, from 1
    decision: str = ""  # once it was judged: why it counts or not

    @property
    def sources(self) -> dict[str, str]:
        """{exercise id: the source of its answer cell}."""
        return {id: answer.source for id, answer in self.answers.items()}


class Refused(NamedTuple):
    """One file that is not graded."""

    file: str
    why: str
    student: str = ""  # whose file it is; "" if its path names nobody


# --- files ---


class _Entry(NamedTuple):
    """A file in a folder or zip, before it is read."""

    path: str
    when: datetime = datetime.fromtimestamp(0, UTC)
    read: Callable[[], bytes] = lambda: b""  # raises _Refusal
    wrong: str = ""  # why it is refused without reading it


def collect(
    folder: str | Path,
    roster: Sequence[Student],
    exercises: Sequence[Exercise],
    pattern: str | None = None,
    tasks: Sequence[Task] = (),
    source: str = AUTO,
    times: Mapping[str, datetime] = MappingProxyType({}),
    say: Callable[[str], object] = lambda line: None,
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
        Where a path names the student, such as "{student}/*.ipynb" or "{email}*.ipynb".
    tasks : sequence of Task
        The tasks that the teacher marks, to find answers for.
    source : str
        Without a pattern: whose export it is, one of `collect.SOURCES`. "auto" finds it from the paths.
    times : mapping of str to datetime
        True times, {path of a file, or id of a student: when it came}. They replace all other times.
    say : callable
        Is called with lines of text: the layout that was found, before it is used, and warnings.

    Returns
    -------
    submissions : list of Submission
        The notebooks, in the order of their paths. `when` is the time that the path says, or of the file's
        last change. If SUBMISSIONS is a zip, it is the entry's time, as this machine's local time (a zip has
        no time zone).
    refused : list of Refused
        The other files, with the reason. No file makes this function raise.

    Raises
    ------
    CourseError
        If SUBMISSIONS, the pattern or the source cannot be used.

    Notes
    -----
    A student's zip is opened in memory, one level deep. Everything in it belongs to the student of the zip's
    own path: the names and times inside were chosen by the student.
    """
    paths, stamps = _listed(Path(folder))
    found, wanted = layouts.find(paths, roster, pattern, source), _wanted(exercises)
    for line in found.lines:
        say(_shown(line))
    submissions: list[Submission] = []
    refused: list[Refused] = []
    budgets: dict[str, _Budget] = defaultdict(_Budget)
    seen: set[str] = set()
    files = _opened(_noted(_entries(Path(folder)), seen), found.whose, budgets)
    for said, entry in progress(files, desc="reading", unit="file", delay=1):
        student = said.student
        try:
            budget = budgets[student]
            answers, other = _read_book(_content(student, entry, budget), wanted, budget, tasks)
            when, clock = _when(said, entry, times, stamps if found.layout == "nbgrader" else {})
            more = clock, said.late, said.order, said.number
            submissions.append(Submission(student, _shown(entry.path), when, answers, other, *more))
        except Exception as error:  # whatever this file holds, the others are graded
            refused.append(Refused(_shown(entry.path), _words(error), student))
    refused += [Refused(_shown(path), GONE) for path in paths if path not in seen]
    submissions, warning = without_download(submissions)
    if warning:
        say(warning)
    return submissions, _shortened(refused)


GONE = "it disappeared while the folder was read: run the command again"


def _noted(entries: Iterable[_Entry], seen: set[str]) -> Iterator[_Entry]:
    for entry in entries:
        seen.add(entry.path)
        yield entry


def _may_hold(path: str) -> bool:
    return _is_book(path) or path.lower().endswith(".zip")


def _listed(folder: Path) -> tuple[list[str], dict[str, datetime]]:
    """Return the paths of notebooks and zips, and {folder: the time that nbgrader noted there}."""
    paths, stamps = [], {}
    for one in _entries(folder):
        if one.path.endswith("/timestamp.txt") and (when := _stamp(one)):
            stamps[one.path.rpartition("/")[0]] = when
        elif one.wrong not in QUIET and _may_hold(one.path):
            paths.append(one.path)
    return paths, stamps


def _stamp(entry: _Entry) -> datetime | None:
    """Read nbgrader's timestamp.txt, such as "2026-11-30 14:05:33.948203 UTC"; None if it holds no time."""
    try:
        text, _, zone = entry.read()[:100].decode().strip().rpartition(" ")
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (_Refusal, OSError, ValueError, ZoneInfoNotFoundError):
        return None


def _when(
    said: Said, entry: _Entry, times: Mapping[str, datetime], stamps: Mapping[str, datetime]
) -> tuple[datetime, str]:
    """Return when a file came, and what this is taken from."""
    for key in (entry.path, said.student):
        if key in times:
            return times[key], "times"
    if stamp := stamps.get(entry.path.rpartition("/")[0]):
        return stamp, "path"
    return (said.when, "path") if said.when else (entry.when, "file")


MANY = 3  # so many students do not hand in within
MINUTES = timedelta(minutes=10)


def without_download(submissions: Sequence[Submission]) -> tuple[list[Submission], str]:
    """Find files whose time is that of the download, and call their time unknown.

    Moodle and Canvas write no time into their zips, so all files get the time of the download.

    Parameters
    ----------
    submissions : sequence of Submission
        All submissions.

    Returns
    -------
    submissions : list of Submission
        The same. If the files' times of three students or more all lie within 10 minutes, their `clock` is
        "download".
    warning : str
        What this means and what to do, or "".
    """
    timed = [one for one in submissions if one.clock == "file"]
    whens = [one.when for one in timed]
    if len({one.student for one in timed}) < MANY or max(whens) - min(whens) > MINUTES:
        return list(submissions), ""
    unknown = [one._replace(clock="download") if one.clock == "file" else one for one in submissions]
    if all(one.late is not None for one in timed):  # Canvas says who is late
        return unknown, ""
    minutes = (max(whens) - min(whens)).total_seconds() / 60
    warning = (
        f"Warning: all {len(timed)} files have times within {minutes:.0f} minutes. This is probably the time "
        "of the download, so nobody is called late by it. Give the true times: --times times.csv"
    )
    return unknown, warning


@dataclass
class _Budget:
    """What may still be read of one student."""

    bytes: int = field(default_factory=lambda: STUDENT)
    seconds: float = field(default_factory=lambda: SECONDS)
    books: int = field(default_factory=lambda: BOOKS)


def _read_book(
    data: bytes, wanted: Sequence[_Wanted], budget: _Budget, tasks: Sequence[Task] = ()
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Return the answers of a notebook, and what is wrong with cells that should hold one."""

    def work() -> dict[str, Any]:
        try:
            found = _cells_of(data)
            code, other = _cells(found)
        except _Refusal as error:
            return {"refused": str(error)}
        answers = _answers(code, wanted)
        return {
            "answers": answers,
            "by hand": {one.id: pieces.piece(found, one) for one in tasks},
            "other": _elsewhere(other, [one for one, _ in wanted if one.id not in answers]),
        }

    done = apart(work, budget.seconds)
    budget.seconds -= done.seconds
    if done.wrong or "refused" in done.value:
        raise _Refusal(done.value["refused"] if done.value else f"it cannot be read: {done.wrong}")
    answers = {
        id: Answer(
            source, attempted, Normal(*normal), tuple(map(tuple, faults)), tuple(map(Print._make, prints))
        )
        for id, (source, attempted, normal, faults, prints, _) in done.value["answers"].items()
    }
    own = {id: _by_hand(found) for id, found in done.value["by hand"].items() if found}
    return answers | own, done.value["other"]


def _by_hand(found: Sequence[Any]) -> Answer:
    # A named tuple came through JSON as a list.
    source, parts, images, notes, attempted = found
    piece = Piece(source, parts, tuple(images), tuple(notes), attempted)
    return Answer(piece.source, piece.attempted, piece=piece)


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
    entries: Iterable[_Entry], whose: Whose, budgets: dict[str, _Budget]
) -> Iterator[tuple[Said, _Entry]]:
    # (what the path says, notebook). The content of a student's zip replaces the zip.
    for entry in entries:
        said = Said("")
        try:
            said = whose(entry.path)
            if entry.wrong or not entry.path.lower().endswith(".zip"):
                yield said, entry
                continue
            data = _content(said.student, entry, budgets[said.student])
            for one in _in_zip(io.BytesIO(data), entry.when, ENTRIES):
                wrong = "a zip in a zip is not opened" if one.path.lower().endswith(".zip") else one.wrong
                wrong = OLD if "old" in one.path.split("/")[:-1] else wrong
                yield said, one._replace(path=f"{entry.path}/{one.path}", when=entry.when, wrong=wrong)
        except Exception as error:  # a broken zip raises many things
            if str(error) != SYSTEM:
                yield said, entry._replace(wrong=entry.wrong or _words(error))


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
                yield _Entry(path, read=partial(_read, folder, name, found), wrong=wrong)
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


def _cells_of(data: bytes) -> list[dict[str, Any]]:
    """Return the cells of a notebook. Raises `_Refusal` if it is none."""
    if known := cells.no_notebook(data):
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
    found = [_as(dict, cell) for sheet in sheets for cell in _as(list, _as(dict, sheet).get("cells"))]
    if not found:
        raise _Refusal("there are no cells in it")
    return found


def _cells(found: Sequence[dict[str, Any]]) -> tuple[list[_Cell], dict[str, str]]:
    """Return the code cells, and {grade_id: kind} of the cells of another kind. Raises `_Refusal`."""
    kinds = [_as(str, cell.get("cell_type")) for cell in found]
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
    forms = {own: _forms(own) for own in dict.fromkeys(own for _, own in found.values())}
    found_forms = {id: forms[own] if attempted else (NONE, ()) for id, (attempted, own) in found.items()}
    return {
        id: Answer(own.python, attempted, found_forms[id][0], faults[id], found_forms[id][1])
        for id, (attempted, own) in found.items()
    }


def _forms(own: cells.Code) -> tuple[Normal, Prints]:
    tree = trees.plain(own.tree)
    return trees.digested(tree), fingerprints.of(tree)


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
