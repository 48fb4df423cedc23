"""What grading one exercise of one student gives, and what is written of it into results.jsonl."""

from typing import NamedTuple


class Case(NamedTuple):
    """One hidden case. `said` tells what is wrong without any hidden value; `words` came out of the student's
    process and is not to be trusted (it is shortened, and escaped wherever it is shown)."""

    number: int  # from 1
    state: str  # "ok", "wrong", "exception", "timeout", "killed", "malformed", "missing"
    said: str = ""
    words: str = ""


class Result(NamedTuple):
    """One exercise of one student."""

    student: str
    exercise: str  # "02.1"
    # "graded", "not attempted", "not handed in", or "error": the grader's own failure, no points at all
    state: str
    points: float | None
    out_of: int
    cases: tuple = ()
    near_miss: str = ""  # the bank's name of what the wrong answers equal; for the teacher
    hint: str = ""  # the public words that belong to it; for the student
    file: str = ""  # the file handed in, as the teacher knows it
    handed_in: str = ""  # its time, ISO 8601
    late: bool = False
    reason: str = ""  # of an error, or of a teacher's override

    def to_json(self) -> dict:
        """As a JSON object; `from_json` reads it back."""
        return {**self._asdict(), "cases": [case._asdict() for case in self.cases]}

    @classmethod
    def from_json(cls, kept) -> "Result":
        """The result that `to_json` wrote."""
        return cls(**{**kept, "cases": tuple(Case(**case) for case in kept["cases"])})
