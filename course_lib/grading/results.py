"""The result of one exercise of one student, and everything that a run hands to `output`."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from course_lib.exercises import Exercise
from course_lib.grading.intake import QUIET, Faults, Refused, Student, Submission


class Case(NamedTuple):
    """One hidden case.

    `message` says what is wrong without any hidden value. `output` came out of the student's process and
    cannot be trusted: it is cut to a fixed length and escaped wherever it is shown. Only the teacher sees it,
    because it can hold hidden values.
    """

    number: int  # from 1
    # "ok", "wrong", "exception", "stopped", "malformed", "forged", "missing"; "slow" only in an "error"
    state: str
    message: str = ""
    output: str = ""


class Marked(NamedTuple):
    """One criterion of a task that the teacher marks."""

    id: str
    title: str
    points: float | None  # None: not marked yet
    out_of: int
    level: str = ""  # the rubric's sentence for these points
    comment: str = ""


class Result(NamedTuple):
    """One exercise of one student."""

    student: str
    exercise: str  # "02.1"
    # "graded", "not attempted", "not handed in", "to mark" by the teacher, or "error": the grader itself
    # failed and gives no points
    state: str
    points: float | None
    out_of: int
    cases: tuple[Case, ...] = ()
    near_miss: str = ""  # the name of the near-miss that the wrong answers equal; for the teacher
    hint: str = ""  # the near-miss's public hint; for the student
    file: str = ""  # the file handed in, as the teacher knows it
    handed_in: str = ""  # its time, ISO 8601
    late: bool = False
    reason: str = ""  # of an error, or of the teacher's own mark
    arrived: tuple[tuple[str, str], ...] = ()  # (file, what became of it), if it holds no such exercise
    faults: Faults = ()  # what is wrong with the text of the cell
    taken: float = 0.0  # the points that late work cost; `points` is what is left
    note: str = ""  # for the student: what a rule did to this result
    comment: str = ""  # the teacher's, for the student; it changes no mark
    criteria: tuple[Marked, ...] = ()  # of a task that the teacher marks

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object; `from_json` reads it back."""
        lists = {name: [one._asdict() for one in getattr(self, name)] for name in ("cases", "criteria")}
        return {**self._asdict(), **lists}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Result":
        """Return the result that `to_json` wrote."""
        pairs = {name: tuple(map(tuple, kept.get(name, ()))) for name in ("arrived", "faults")}
        criteria = tuple(Marked(**one) for one in kept.get("criteria", ()))
        cases = tuple(Case(**case) for case in kept["cases"])
        return cls(**{**kept, "cases": cases, "criteria": criteria, **pairs})


class Undecided(NamedTuple):
    """Several files of one student with different answers to an exercise, handed in at the same time."""

    student: str
    exercise: str
    file: str  # the one that counts
    others: tuple[str, ...]


class Graded(NamedTuple):
    """Everything that a run found out, for `output` to write.

    Parameters
    ----------
    results : sequence of Result
        One for each student and exercise.
    students : sequence of Student
        The roster, in its order.
    exercises : sequence of Exercise
        The graded exercises, in the course's order.
    submissions : sequence of Submission
        The submitted notebooks.
    refused : sequence of Refused
        The files that were not graded, with the reason.
    undecided : sequence of Undecided
        Answers of one student that came at the same time, so that it is not clear which one counts.
    """

    results: Sequence[Result]
    students: Sequence[Student]
    exercises: Sequence[Exercise]
    submissions: Sequence[Submission] = ()
    refused: Sequence[Refused] = ()
    undecided: Sequence[Undecided] = ()


class Arrivals(NamedTuple):
    """What came of all students."""

    submissions: Sequence[Submission]
    refused: Sequence[Refused]

    def instead(self, student: str, exercise: str) -> list[tuple[str, str]]:
        """Say what came of a student instead of an exercise that was found in no file.

        Parameters
        ----------
        student, exercise : str
            Their ids.

        Returns
        -------
        list of (str, str)
            A file and what became of it, at most five; [] if nothing came.
        """
        read = [
            (one.file, f"was read: {one.other.get(exercise) or NOT_FOUND}")
            for one in self.submissions
            if one.student == student and exercise not in one.answers
        ]
        refused = [(one.file, f"came and was not graded: {one.why}") for one in self.loud(student)]
        return [*read, *refused][:5]

    def loud(self, student: str) -> list[Refused]:
        """Return a student's refused files, without hidden files and old copies unless nothing else came."""
        own = [one for one in self.refused if one.student == student]
        loud = [one for one in own if one.why not in QUIET]
        return loud if loud or any(one.student == student for one in self.submissions) else own


NOT_FOUND = "no cell of it defines the function of this exercise"
