"""Which submission counts, whether it is late, and what that costs.

The rules of a lesson are its deadline, the extensions of single students, the penalty for late work, the
number of attempts, and which attempt counts. All of them work on submissions that were collected, so a
teacher can change them and grade again: the answers do not run again.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.grading import own_tables
from course_lib.grading.intake import Submission
from course_lib.grading.penalty import UNITS, Penalty, penalty
from course_lib.grading.results import Result, Undecided
from course_lib.grading.roster import table
from course_lib.grading.run import Run

TOGETHER = timedelta(seconds=10)  # a zip has one time for all its files, and unpacking takes a moment

Extensions = Mapping[tuple[str, str], datetime]  # {(student id, lesson, or "" for all): until when}


class Rules(NamedTuple):
    """The rules of one lesson for one student."""

    deadline: datetime | None = None  # with the student's extension
    extended: bool = False
    choose: str = "latest"  # as `Run.count`
    attempts: int | None = None
    penalty: Penalty | None = None


class Lateness(NamedTuple):
    """Whether a submission is late, and by how much; None if only the platform says that it is late."""

    late: bool
    by: timedelta | None = None


def deadline(run: Run, lesson: str) -> datetime | None:
    """Return the deadline of a lesson, or None."""
    if isinstance(run.deadline, Mapping):
        return run.deadline.get(lesson, run.deadline.get(""))
    return run.deadline


def read_extensions(
    path: str | Path, students: Mapping[str, str], lessons: Iterable[str]
) -> dict[tuple[str, str], datetime]:
    """Read the extensions of single students, OUT/extensions.csv: student,lesson,until.

    Parameters
    ----------
    path : path
        The csv file. Without it nobody has an extension. A line without a lesson is for all lessons. A day
        without a time means its end. The time zone is this machine's.
    students : mapping of str to str
        {what the column may hold: student id}: ids, and pseudonyms if there are any.
    lessons : iterable of str
        The lessons of the course, such as "02".

    Returns
    -------
    dict
        {(student id, lesson or ""): aware datetime}.

    Raises
    ------
    CourseError
        If a line is wrong; the message names it.
    """
    if not Path(path).exists():
        return {}
    header, lines = table(path, "student,lesson,until")
    if missing := {"student", "lesson", "until"} - set(header):
        raise CourseError(
            f"{path}, line 1",
            f"no column {', '.join(sorted(missing))}",
            "The first line should be: student,lesson,until",
        )
    known, found = set(lessons), {}
    for number, cells in lines:
        where, row = f"{path}, line {number}", dict(zip(header, map(str.strip, cells), strict=True))
        lesson = row["lesson"].zfill(2) if row["lesson"] else ""  # a spreadsheet makes 2 of 02
        student = own_tables.student(where, row["student"], students)
        if lesson and lesson not in known:
            raise CourseError(
                where, f"there is no lesson {lesson!r}", f"There are: {', '.join(sorted(known))}"
            )
        found[student, lesson] = _until(where, row["until"])
    return found


def _until(where: str, text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise CourseError(
            where,
            f"{text!r} is not a time",
            "Write 2026-12-03, or 2026-12-03T12:00, and save the column as text",
        ) from error
    return (when if len(text) > len("2026-12-03") else datetime.combine(when, time(23, 59, 59))).astimezone()


def of(run: Run, extensions: Extensions, student: str, lesson: str) -> Rules:
    """Return the rules of a lesson for a student. An extension never shortens the time: without a deadline
    there is none to extend."""
    usual = deadline(run, lesson)
    until = [one for key in (lesson, "") if (one := extensions.get((student, key)))]
    own = max([usual, *until]) if usual else None
    cost = penalty(run.late) if run.late else None
    return Rules(own, bool(until), run.count, run.attempts, cost)


def lateness(one: Submission, rules: Rules) -> Lateness:
    """Say whether a submission is late.

    Parameters
    ----------
    one : Submission
        The submission. If its time is that of the download, only the platform's own mark says it, and that
        does not know of an extension in our table.
    rules : Rules
        The rules for its student.

    Returns
    -------
    Lateness
        With the time after the deadline, without the days of grace taken off.
    """
    marked = one.late is not None and one.clock != "times"
    if marked or one.clock == "download":
        return Lateness(bool(one.late) and not rules.extended)
    grace = rules.penalty.grace if rules.penalty else timedelta()
    by = one.when - rules.deadline if rules.deadline else timedelta()
    return Lateness(True, by) if by > grace else Lateness(False, timedelta())


def charged(result: Result, late: Lateness, rules: Rules) -> Result:
    """Return a result without the points that late work costs.

    A late answer loses a fraction of the points that it got, for each day (or hour, week) that has begun. If
    only the platform says that it is late, one has begun.

    Examples
    --------
    >>> late, rules = Lateness(True, timedelta(hours=30)), Rules(penalty=penalty("10%/day"))
    >>> charged(Result("ann", "02.1", "graded", 2.0, 2), late, rules).points
    1.6
    """
    if not (late.late and rules.penalty and result.points):
        return result
    cost = rules.penalty
    units = max(1, math.ceil(late.by / cost.unit)) if late.by else 1
    lost = min(cost.most, units * cost.rate)
    name = next(name for name, unit in UNITS.items() if unit == cost.unit)
    said = f"it came {units} {name}{'s' if units > 1 else ''} late" if late.by else "it came late"
    return result._replace(
        points=round(result.points * (1 - lost), 6),
        taken=round(result.points * lost, 6),
        note=f"{said}, so it loses {lost:.0%} of its points",
    )


# --- which submission counts ---


def counted(own: Sequence[Submission], id: str, rules: Rules) -> Submission | None:
    """Choose the submission that counts for an exercise.

    Parameters
    ----------
    own : sequence of Submission
        All submissions of one student.
    id : str
        The exercise, such as "02.1". A submission with its empty copy counts only if there is no other.
    rules : Rules
        The rules of its lesson. With "in-time", the latest up to the deadline counts. With `attempts` N, only
        the first N different answers count.

    Returns
    -------
    Submission or None
        None if no submission holds the exercise. Of files that came within `TOGETHER`, the one whose name
        has the highest number counts ("02 (1).ipynb", "02-1.ipynb": a browser or an LMS numbers the second
        file of a name), or, with "first", the lowest.
    """
    together = _together(own, id, rules)
    return (min if rules.choose == "first" else max)(together, key=_order, default=None)


def _together(own: Sequence[Submission], id: str, rules: Rules) -> list[Submission]:
    # The newest (or oldest) submissions with the exercise.
    own = _allowed([one for one in own if id in one.answers], id, rules)
    own = [one for one in own if one.answers[id].attempted] or own
    edge = (min if rules.choose == "first" else max)((one.when for one in own), default=None)
    return [one for one in own if edge is not None and abs(one.when - edge) <= TOGETHER]


def _allowed(own: Sequence[Submission], id: str, rules: Rules) -> list[Submission]:
    in_time = [one for one in own if rules.choose != "in-time" or not lateness(one, rules).late]
    if rules.attempts is None:
        return in_time
    tried = attempts(own, id)
    return [one for one in in_time if tried[one.answers[id].source] <= rules.attempts]


def attempts(own: Sequence[Submission], id: str) -> dict[str, int]:
    """Return {an answer's source: which attempt at the exercise it is, from 1, or 0 for the empty copy}.

    Each different answer is an attempt: the same answer, handed in again with another exercise, is not.
    """
    held = sorted((one for one in own if id in one.answers), key=_age)
    tried = dict.fromkeys(one.answers[id].source for one in held if one.answers[id].attempted)
    empty = dict.fromkeys((one.answers[id].source for one in held if not one.answers[id].attempted), 0)
    return empty | {source: number for number, source in enumerate(tried, 1)}


def _age(one: Submission) -> tuple[datetime, int, int, str]:
    when = datetime.fromtimestamp(0, UTC) if one.clock == "download" else one.when
    return when, one.order, _copy(one.file)[1], one.file


def _order(one: Submission) -> tuple[int, int, datetime, str]:
    return one.order, _copy(one.file)[1], one.when, one.file


def _copy(file: str) -> tuple[str, int]:
    """Return (name without a copy's number, this number), such as ("02.ipynb", 1) for "02 (1).ipynb".

    Examples
    --------
    >>> _copy("ann/02 (1).ipynb"), _copy("ann/02-2.ipynb"), _copy("ann/02.ipynb")
    (('ann/02', 1), ('ann/02', 2), ('ann/02', 0))
    """
    stem = file.rpartition(".ipynb")[0] or file
    found = re.fullmatch(r"(.*?)(?: ?\((\d{1,3})\)|-(\d{1,3}))", stem, re.DOTALL)
    return (found[1], int(found[2] or found[3])) if found else (stem, 0)


def undecided(own: Sequence[Submission], exercise: Exercise, rules: Rules) -> Undecided | None:
    """Return the exercise if one student handed in different answers to it at the same time, in files whose
    names do not say which is newer; else None."""
    together = _together(own, exercise.id, rules)
    if len(together) < 2:
        return None
    best = (min if rules.choose == "first" else max)(together, key=_order)
    (name, number), text = _copy(best.file), best.sources[exercise.id]
    others = [
        one.file
        for one in together
        if one.sources[exercise.id] != text
        and one.order == best.order
        and not (_copy(one.file)[0] == name and _copy(one.file)[1] != number)
    ]
    return Undecided(best.student, exercise.id, best.file, tuple(sorted(others))) if others else None


def beyond(own: Sequence[Submission], id: str, rules: Rules) -> str:
    """Say to the student that later attempts do not count; "" if none was too much."""
    most = max(attempts(own, id).values(), default=0)
    if rules.attempts is None or most <= rules.attempts:
        return ""
    return f"you handed in {most} different answers, and the first {rules.attempts} can count"


# --- how it was decided, for submissions.csv ---


def decisions(own: Sequence[Submission], id: str, rules: Rules) -> dict[str, str]:
    """Say, in words without names, why each submission counts for an exercise or does not.

    Parameters
    ----------
    own : sequence of Submission
        All submissions of one student.
    id : str
        The exercise.
    rules : Rules
        The rules for its student.

    Returns
    -------
    dict
        {file: words}, such as "counts: the newest" or "does not count: an older file".
    """
    rivals = [one for one in own if id in one.answers]
    best, tried = counted(rivals, id, rules), attempts(rivals, id)
    return {
        one.file: f"counts: {_why_best(one, rivals, id, rules)}"
        if one is best
        else _why_not(one, best, tried, id, rules)
        for one in rivals
    }


def _why_not(
    one: Submission, best: Submission | None, tried: Mapping[str, int], id: str, rules: Rules
) -> str:
    number = tried[one.answers[id].source]
    if rules.choose == "in-time" and lateness(one, rules).late:
        return "does not count: it came after the deadline"
    if rules.attempts is not None and number > rules.attempts:
        return f"does not count: attempt {number} of {rules.attempts}"
    if not one.answers[id].attempted:
        return "does not count: the empty copy"
    if best is not None and one.answers[id].source == best.answers[id].source:
        return "the same answer as in the file that counts"
    if best is not None and abs(one.when - best.when) <= TOGETHER:
        known = one.order != best.order or _copy(one.file)[0] == _copy(best.file)[0]
        return f"does not count: {'an older number in its name' if known else 'undecided, the same time'}"
    return f"does not count: {'a newer' if rules.choose == 'first' else 'an older'} file"


def _why_best(one: Submission, rivals: Sequence[Submission], id: str, rules: Rules) -> str:
    if len(rivals) == 1:
        return "the only file"
    together = [other for other in _together(rivals, id, rules) if other.sources[id] != one.sources[id]]
    if together:
        known = all(
            other.order != one.order or _copy(other.file)[0] == _copy(one.file)[0] for other in together
        )
        return "the number in its name" if known else "undecided, the last by name"
    return {"first": "the first", "in-time": "the newest in time"}.get(rules.choose, "the newest")
