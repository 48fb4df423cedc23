"""Whose a submitted file is, and when it came: what its path says.

Each learning platform names the files of its export in its own way (`LAYOUTS`). The layout that gives most
files to students of the roster is taken, unless the teacher names one or declares a pattern.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from course_lib.core.errors import CourseError
from course_lib.grading.roster import Student, table

AUTO = "auto"

# The layout "plain": a folder for each student, or a file whose name begins or ends with the student.
PATTERNS = (
    "{student}/**.ipynb",
    "{student}.ipynb",
    "{student}_*.ipynb",
    "{student}-*.ipynb",
    "{student}.*.ipynb",
    "{student} *.ipynb",
    "*_{student}.ipynb",
)


class Refusal(Exception):
    """The reason why a file is refused."""


class Said(NamedTuple):
    """What a path says about its file."""

    student: str  # the id in the roster
    number: str = ""  # the platform's number of the student
    late: bool | None = None  # the platform's own judgement; None if the path holds none
    when: datetime | None = None  # when it came; None if the path does not say it
    order: int = 0  # a file with a higher number came later


class Layout(NamedTuple):
    """How a platform names the files of its export."""

    id: str
    title: str
    example: str
    path: re.Pattern[str]  # of a whole path, with some of the groups name, login, number, late, when, order
    own: re.Pattern[str] = re.compile(r"(?!)")  # files that the platform itself adds


Whose = Callable[[str], Said]  # raises Refusal

# The folder in which somebody unpacked the export. Each part takes as little as it can, so that the first
# name of the platform's kind decides: below it, a student can give a folder the name of another student's.
_ANY = r"(?:.*?/)??"

# Each was written from the platform's source or, where that is closed, from its help pages (2026-11).
LAYOUTS = (
    Layout(  # Moodle, mod/assign/locallib.php, download_submissions: in folders, and without
        "moodle",
        "Moodle",
        "Ann Lee_17_assignsubmission_file_/hand_in_02.ipynb",
        re.compile(_ANY + r"(?P<name>[^/_]*)_(?P<number>\d+)_assignsubmission_\w+?(?:/.*|_[^/]*)", re.DOTALL),
        re.compile(r".*_assignsubmission_onlinetext.*"),
    ),
    Layout(  # Blackboard Learn: "Download Assignment Files"
        "blackboard",
        "Blackboard",
        "Lesson 02_mm01_attempt_2026-11-30-14-05-33_hand_in_02.ipynb",
        re.compile(
            _ANY + r"(?P<login>[^/]+?)_attempt_(?P<when>\d{4}(?:-\d{2}){5})(?:_[^/]*|\.[^/.]*)", re.DOTALL
        ),
        re.compile(r".*_attempt_\d{4}(?:-\d{2}){5}\.txt"),
    ),
    Layout(  # Brightspace: "Download" of an assignment's submissions
        "brightspace",
        "Brightspace",
        "1234-5678 - Ann Lee - Nov 30, 2026 205 PM/hand_in_02.ipynb",
        re.compile(
            _ANY + r"(?P<number>\d+-\d+) - (?P<name>[^/]+?) - (?P<when>[^/]*?\d{4} \d{3,4}(?: [AP]M)?)"
            r"(?:/.*| - [^/]*)",
            re.DOTALL | re.IGNORECASE,
        ),
        re.compile(r"(?:.*/)?index\.html"),
    ),
    Layout(  # Canvas, lib/content_zipper.rb, get_filename and add_upload_submission
        "canvas",
        "Canvas",
        "leeann_LATE_17_501_hand_in_02.ipynb",
        re.compile(
            _ANY + r"(?P<name>\w+?)_(?P<late>LATE_)?(?P<number>\d+)_(?P<order>\d+)_(?P<file>[^/]*)", re.DOTALL
        ),
        re.compile(r"(?:.*/)?\w+?_(?:LATE_)?\d+_(?:text|link)\.html"),
    ),
    Layout(  # nbgrader 0.9, docs, "Submitted directory structure"
        "nbgrader",
        "nbgrader",
        "submitted/ann/lesson_02/hand_in_02.ipynb",
        re.compile(_ANY + r"submitted/(?P<login>[^/]+)/[^/]+/.*", re.DOTALL),
        re.compile(r"(?:.*/)?timestamp\.txt"),
    ),
    Layout(  # GitHub Classroom: `gh classroom clone student-repos`
        "github",
        "GitHub Classroom",
        "lesson-02-annlee/hand_in_02.ipynb",
        re.compile(r"(?:[^/]*-submissions/)?(?P<login>[^/]+-[^/]+)/.*", re.DOTALL),
        re.compile(r".*/(?:README\.md|\.git.*|LICENSE)", re.DOTALL),
    ),
    Layout(  # Google Classroom: the assignment's folder in Drive
        "classroom",
        "Google Classroom",
        "Ann Lee - hand_in_02.ipynb",
        re.compile(_ANY + r"(?P<name>[^/]+?) - [^/]*", re.DOTALL),
    ),
)
PLAIN = Layout("plain", "a folder or a name for each student", "ann/hand_in_02.ipynb", re.compile("(?!)"))
SYSTEM = "the platform added it: it is not from a student"
SOURCES = (AUTO, PLAIN.id, *(one.id for one in LAYOUTS))


class Found(NamedTuple):
    """The layout of a folder of submissions."""

    layout: str  # its id; "" for the teacher's own pattern
    whose: Whose
    lines: tuple[str, ...] = ()  # how many files it gives to whom, to be shown before it is used
    students: int = 0


def find(
    paths: Sequence[str], roster: Sequence[Student], pattern: str | None = None, source: str = AUTO
) -> Found:
    """Find out how the paths name the students.

    Parameters
    ----------
    paths : sequence of str
        The paths of the notebooks and zips below SUBMISSIONS, with "/".
    roster : sequence of Student
        The students.
    pattern : str, optional
        The teacher's own pattern, such as "{student}/*.ipynb".
    source : str
        One of `SOURCES`. "auto" takes the layout that gives most files to students of the roster.

    Returns
    -------
    Found
        Its `whose` returns what a path says, and raises `Refusal` if no student, or more than one, fits.

    Raises
    ------
    CourseError
        If the pattern cannot be used.
    """
    if pattern:
        return _counted("", f"the pattern {pattern}", _by_pattern(roster, [pattern], pattern), paths)
    # Plain comes first: where a folder names the student, the names in it are the student's own choice.
    asked = [one for one in (PLAIN, *LAYOUTS) if source in (AUTO, one.id)]
    if not asked:
        raise CourseError(f"--from {source}", "there is no such platform", f"There are: {', '.join(SOURCES)}")
    found = [(one, _whose(roster, one, paths)) for one in asked]
    fits = [sum(_fits(whose, path) for path in paths) for _, whose in found]
    if not any(fits):  # the names are not those of the roster: say what the paths look like
        fits = [sum(bool(one.path.fullmatch(_nfc(path))) for path in paths) for one in asked]
    best, whose = found[fits.index(max(fits, default=0))]
    return _counted(best.id, f"{best.title}, such as {best.example}", whose, paths)


def _whose(roster: Sequence[Student], layout: Layout, paths: Sequence[str]) -> Whose:
    if layout is PLAIN:
        return _by_pattern(roster, PATTERNS, PLAIN.example)
    return _by_layout(roster, layout, paths)


def match(layout: str, path: str) -> dict[str, str | None] | None:
    """Return the parts of a path in a platform's layout, or None if it has another. Of a file in a student's
    zip, the zip's path counts.

    Examples
    --------
    >>> match("canvas", "leeann_17_501_hand_in_02.ipynb")["order"]
    '501'
    """
    expression = next(one for one in LAYOUTS if one.id == layout).path
    outer = path[: found.end() - 1] if (found := re.search(r"\.zip/", path, re.IGNORECASE)) else path
    found = expression.fullmatch(_nfc(outer))
    return found.groupdict() if found else None


def _counted(layout: str, title: str, whose: Whose, paths: Sequence[str]) -> Found:
    students: Counter[str] = Counter()
    unmatched: list[tuple[str, str]] = []
    for path in paths:
        try:
            students[whose(path).student] += 1
        except Refusal as why:
            if str(why) != SYSTEM:
                unmatched.append((path, str(why)))
    lines = [
        f"Layout: {title}. {len(paths)} files, {len(students)} students, "
        f"{len(unmatched)} files without a student."
    ]
    lines += [f"  {path}: {why}" for path, why in unmatched[:3]]
    lines += [f"  ... and {len(unmatched) - 3} more"] if len(unmatched) > 3 else []
    if 2 * len(unmatched) > len(paths):
        lines.append("Warning: more than half of the files have no student. Is it --from another platform?")
    return Found(layout, whose, tuple(lines), len(students))


def _fits(whose: Whose, path: str) -> bool:
    try:
        return bool(whose(path))
    except Refusal:
        return False


# --- a platform's layout ---


class _People(NamedTuple):
    """The roster by everything that a path can hold."""

    words: Mapping[str, set[str]]  # id, login, e-mail address, number -> ids
    folded: Mapping[str, set[str]]  # the same without case
    names: Mapping[str, set[str]]  # words of a name, in any order
    joined: Mapping[str, set[str]]  # a name without anything between its words, surname first or last

    @classmethod
    def of(cls, roster: Sequence[Student]) -> "_People":
        words: dict[str, set[str]] = {}
        names: dict[str, set[str]] = {}
        joined: dict[str, set[str]] = {}
        for one in roster:
            for word in filter(None, (one.id, one.login, one.email, one.number)):
                words.setdefault(_nfc(word), set()).add(one.id)
            if parts := _parts(one.name):
                names.setdefault(" ".join(sorted(parts)), set()).add(one.id)
                for at in range(len(parts)):
                    joined.setdefault("".join(parts[at:] + parts[:at]), set()).add(one.id)
        folded: dict[str, set[str]] = {}
        for word, ids in words.items():
            folded.setdefault(word.casefold(), set()).update(ids)
        return cls(words, folded, names, joined)

    def by_word(self, word: str) -> set[str]:
        return self.words.get(word) or self.folded.get(word.casefold(), set())

    def by_login(self, text: str, assignments: Collection[str]) -> set[str]:
        # "Lesson 02_mm01", "lesson-02-mm01": what comes before the student has the same signs as an id may.
        starts = [0, *sorted(len(one) for one in assignments if text.startswith(one))]
        return next((found for start in starts if (found := self.by_word(text[start:]))), set())

    def by_name(self, text: str, groups: Collection[str]) -> set[str]:
        # Moodle writes a group before the name: "Group A-Ann Lee". It is a group if others are in it, too.
        ends = [text, *(text[len(group) :] for group in groups if text.startswith(group))]
        keys = [parts for end in ends if (parts := _parts(end))]
        return next(
            (
                found
                for parts in keys
                if (found := self.names.get(" ".join(sorted(parts))) or self.joined.get("".join(parts)))
            ),
            set(),
        )


class _Around(NamedTuple):
    """What several paths of an export have before the student: no student's own name is cut off with it."""

    assignments: frozenset[str] = frozenset()  # "lesson-02-"
    groups: frozenset[str] = frozenset()  # "Group A-"

    @classmethod
    def of(cls, layout: Layout, paths: Sequence[str]) -> "_Around":
        found = [one.groupdict() for path in paths if (one := layout.path.fullmatch(_nfc(path)))]
        logins = {text for groups in found if (text := groups.get("login"))}
        names = {text for groups in found if (text := groups.get("name"))}
        most = 1 if len(logins) == 1 else max(2, len(logins) // 10)
        return cls(_shared(logins, "[_-]", most), _shared(names, "-", 2))


def _shared(texts: Collection[str], sign: str, most: int) -> frozenset[str]:
    """Return the beginnings, each up to a sign, that at least this number of texts has."""
    times = Counter(text[: found.end()] for text in texts for found in re.finditer(sign, text))
    return frozenset(start for start, number in times.items() if number >= most)


def _parts(name: str) -> list[str]:
    # Platforms leave out apostrophes, dots and hyphens, or keep them.
    kept = "".join(sign for sign in _nfc(name).casefold() if sign.isalnum() or sign.isspace() or sign == ",")
    return kept.replace(",", " ").split()


def _by_layout(roster: Sequence[Student], layout: Layout, paths: Sequence[str]) -> Whose:
    people, around = _People.of(roster), _Around.of(layout, paths)

    def whose(path: str) -> Said:
        if layout.own.fullmatch(path):
            raise Refusal(SYSTEM)
        for text in _readings(path):
            found = layout.path.fullmatch(text)
            if found and (ids := _students(people, around, found.groupdict())):
                if len(ids) > 1:
                    both = " and ".join(sorted(ids)[:3])
                    raise Refusal(
                        f"its path fits {both}: give the roster the platform's numbers, or rename it"
                    )
                return _said(ids.copy().pop(), found.groupdict())
        raise Refusal(f"its path names no student of the roster; it should be like {layout.example}")

    return whose


def _students(people: _People, around: _Around, groups: Mapping[str, str | None]) -> set[str]:
    number, name = groups.get("number") or "", groups.get("name") or ""
    by_number = people.by_word(number) if number else set()
    by_name = people.by_name(name, around.groups) if name else set()
    if by_number and by_name and not by_number & by_name:
        raise Refusal(
            f"the roster gives its number {number} to {' and '.join(sorted(by_number))}, and its name to "
            f"{' and '.join(sorted(by_name))}: is the roster that of another assignment?"
        )
    return by_number or by_name or people.by_login(groups.get("login") or "", around.assignments)


def _said(student: str, groups: Mapping[str, str | None]) -> Said:
    order, when = groups.get("order"), groups.get("when")
    return Said(
        student,
        groups.get("number") or "",
        bool(groups["late"]) if "late" in groups else None,
        _time(when) if when else None,
        int(order) if order else 0,
    )


_TIMES = (
    "%Y-%m-%d-%H-%M-%S",  # Blackboard
    "%b %d, %Y %I%M %p",  # Brightspace, by the language of its user
    "%B %d, %Y %I%M %p",
    "%d %B, %Y %I%M %p",
    "%d %B, %Y %H%M",
    "%d %b, %Y %H%M",
)


def _time(text: str) -> datetime | None:
    # In this machine's time zone. "205 PM" has an hour of one digit, and strptime would read 20:5.
    text = re.sub(r" (\d{3})(?= [AP]M|$)", r" 0\1", text, flags=re.IGNORECASE)
    for form in _TIMES:
        try:
            return datetime.strptime(text, form).astimezone(UTC)
        except ValueError:
            continue
    return None


def _readings(path: str) -> Iterator[str]:
    """Yield the path, and then as it reads if a zip's names were not cp437, which Python takes them for."""
    yield _nfc(path)
    for coding in ("utf-8", "cp1252", "cp850"):
        try:
            yield _nfc(path.encode("cp437").decode(coding))
        except UnicodeError:
            continue


# --- a declared pattern ---

_FIELDS = {one: one for one in ("name", "email", "number", "login")} | {"student": "id"}  # -> of a Student


def _by_pattern(roster: Sequence[Student], patterns: Sequence[str], example: str) -> Whose:
    """Return a function from a path to what it says, by patterns.

    In a pattern `*` means anything in one name, and `**` includes folders; an id beside them must be complete
    ("ann" is not found in "anna"). A zip may be in the place of a notebook or of a folder: `ann/hw.zip`,
    `ann.zip`. If no student fits, upper and lower case no longer count.
    """
    patterns = [_nfc(one) for one in patterns]
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
    sources = [(one.id, text) for one in roster if (text := _expression(one, patterns))]
    exact = [(id, re.compile(text, re.DOTALL)) for id, text in sources]
    folded = [(id, re.compile(text, re.DOTALL | re.IGNORECASE)) for id, text in sources]

    def whose(path: str) -> Said:
        path = _as_notebook(_nfc(path))
        found = [id for id, expression in exact if expression.fullmatch(path)]
        found = found or [id for id, expression in folded if expression.fullmatch(path)]
        if not found:
            raise Refusal(f"its path names no student of the roster; it should be like {example}")
        if len(found) > 1:
            raise Refusal(f"its path fits {' and '.join(found[:3])}: rename it, or declare a pattern")
        return Said(found[0])

    return whose


def _as_notebook(path: str) -> str:
    """Return the path under the ending that patterns have, whatever the file's own ending is: even a file
    that cannot be graded belongs to somebody, who wants to know."""
    stem, ending = os.path.splitext(path)
    if ending.lower() == ".zip":
        return f"{stem}.zip"
    inner, second = os.path.splitext(stem)
    return f"{inner if second.lower() == '.ipynb' else stem}.ipynb"


def _expression(student: Student, patterns: Sequence[str]) -> str:
    # "" for a student without the name or e-mail address that a pattern needs.
    alternatives = []
    for pattern in patterns:
        parts = [part for part in re.split(r"(\{\w+\}|\*+)", pattern) if part]
        pieces = [piece for at in range(len(parts)) if (piece := _piece(student, parts, at)) is not None]
        if len(pieces) == len(parts):
            alternatives.append("".join(pieces))
    return "|".join(alternatives)


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


# --- when a file came ---

Times = Mapping[str, datetime]  # {path of a file, or id of a student: when it came}


def read_times(path: str | Path, roster: Iterable[Student]) -> dict[str, datetime]:
    """Read the times of the submissions.

    Parameters
    ----------
    path : path
        A csv file in UTF-8 with the columns file,when or student,when. A file is its path below SUBMISSIONS.
        A time without a time zone is this machine's.
    roster : iterable of Student
        The students.

    Returns
    -------
    dict
        {path or student id: aware datetime}. A student's time is that of all files of this student.

    Raises
    ------
    CourseError
        If a line is wrong; the message names it.
    """
    header, lines = table(path, "student,when or file,when")
    columns = [name.casefold() for name in header]
    key = next((name for name in ("file", "student") if name in columns), "")
    if not key or "when" not in columns:
        raise CourseError(
            f"{path}, line 1",
            "the columns student,when or file,when are missing",
            f"Begin with: {key or 'student'},when",
        )
    people = {word.casefold(): one.id for one in roster for word in (one.id, one.login, one.email) if word}
    found: dict[str, datetime] = {}
    for line, cells in lines:
        name, when = cells[columns.index(key)].strip(), cells[columns.index("when")].strip()
        if key == "student" and name.casefold() not in people:
            raise CourseError(
                f"{path}, line {line}", f"student {name!r} is not in the roster", "Correct this line"
            )
        try:
            found[people[name.casefold()] if key == "student" else name] = datetime.fromisoformat(
                when
            ).astimezone(UTC)
        except ValueError as error:
            raise CourseError(
                f"{path}, line {line}",
                f"{when!r} is not a time",
                "Write it as 2026-11-30T14:05, and save the column as text",
            ) from error
    return found


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
