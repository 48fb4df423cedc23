"""The grading of one exercise of one student: hidden cases, answers out of the sandbox, points.

Inputs, references and comparisons are in this process. The student's code, in the sandbox, gets the inputs
and nothing else.
"""

import copy
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.exercises.compare import Difference, compare
from course_lib.grading import bank, channel, sandbox
from course_lib.grading.bank import Private
from course_lib.grading.results import Case, Result
from course_lib.grading.sandbox import Job, Outcome

NOT_THE_SAME = "your function gave a different answer when it ran again in a fresh process"
MESSAGES = {
    "exception": "your function raises an exception",
    "not attempted": "your function raises NotImplementedError here",
    "stopped": "your function was stopped: it takes longer than {0.seconds:g} s, needs more than {0.memory} "
    "MiB of memory, or ends its own process",
    "forged": "your cell writes where only the grader may write, so none of its cases counts",
    "malformed": "your function should return numbers, texts, arrays of these, or a list of all that, and "
    "not far more of it than is right",
    "missing": "there is no function {0.name} after your cell has run",
}
# Of an answer whose loop takes memory until it is stopped, load decides which limit it meets first.
STOPPED = ("timeout", "killed")
ADDRESS = re.compile(r"0x[0-9a-fA-F]{8,}")  # of an object in memory: another one in each process
LONGEST = 300  # characters kept of what came out of a student's process


class Task(NamedTuple):
    """All that a worker needs, as plain data, so that it can go to another machine.

    `bank` must have the same path there. A task holds seeds instead of the key.
    """

    student: str
    exercise: str  # "02.1"
    out_of: int
    answer: str  # the source of the student's answer cell
    bank: str  # its folder
    seeds: tuple[int, ...]  # one for each hidden case
    sandbox: str = "bwrap"
    image: str | None = None
    alone: bool = False  # the second try of an answer that `ran_out`, while no other answer runs


def mark(task: Task) -> Result:
    """Grade one answer.

    Parameters
    ----------
    task : Task
        The answer, with its seeds and sandbox.

    Returns
    -------
    Result
        If the sandbox or the reference fails, the result has the state "error" and no points. Nothing is
        raised, because an exception of a worker on another machine would say less.
    """
    try:
        return _marked(task, exercises.find(task.exercise), private(task.bank, task.exercise))
    except Exception as error:
        return failed(task, error)


def failed(task: Task, error: Exception) -> Result:
    """Return the result of a task that could not be graded: the state "error", with the reason."""
    reason = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
    slow = (Case(1, "slow", error.words),) if isinstance(error, sandbox.TooSlow) else ()
    return Result(task.student, task.exercise, "error", None, task.out_of, slow, reason=reason)


def ran_out(result: Result) -> bool:
    """Return whether time or memory ran out. A busy machine can cause that, too, so it is tried once more,
    alone, before it counts."""
    return any(case.state in ("stopped", "slow") for case in result.cases)


def private(folder: str | Path, exercise: str) -> Private:
    """Load the private part of an exercise. It stays in memory until its file changes.

    Parameters
    ----------
    folder : path
        The bank's folder.
    exercise : str
        The exercise's id, such as "02.1".

    Returns
    -------
    Private
        The private part.

    Raises
    ------
    CourseError
        If the bank does not hold the exercise.
    """
    path = Path(folder) / f"lesson_{exercise[:2]}.py"
    parts = _loaded(str(folder), exercise[:2], path.stat().st_mtime_ns if path.exists() else 0)
    if exercise not in parts:
        raise CourseError(
            path, f"exercise {exercise} is not in its BANK", "Add it there, or leave its lesson out"
        )
    return parts[exercise]


@lru_cache(maxsize=64)
def _loaded(folder: str, lesson: str, changed: int) -> dict[str, Private]:
    return bank.load(folder, [lesson])


def count(exercise: Exercise, private: Private) -> int:
    """Return the number of hidden cases. A question has no arguments, so it has one case."""
    return private.cases if exercise.examples else 1


def _marked(task: Task, exercise: Exercise, private: Private) -> Result:
    cases = [_case(exercise, private, seed, k) for k, seed in enumerate(task.seeds)]
    job = sandbox.Job(
        task.answer,
        exercise.name,
        [own for own, _ in cases],
        exercise.seconds,
        exercise.imports,
        exercise.memory,
        exercise.forbidden,
        most=_most([right for _, right in cases]),
        alone=task.alone,
    )
    outcomes = _answers(job, task)
    if all(outcome.state == "not attempted" for outcome in outcomes):
        return Result(task.student, task.exercise, "not attempted", 0.0, task.out_of)
    judged = [
        _judged(exercise, private, k, outcome, right)
        for k, (outcome, (_, right)) in enumerate(zip(outcomes, cases, strict=True))
    ]
    near_miss = _near_miss(private, cases, outcomes, judged)
    judged = _again(exercise, private, job, task, cases, judged)
    points = round(task.out_of * sum(case.state == "ok" for case in judged) / len(judged), 2)
    return Result(
        task.student,
        task.exercise,
        "graded",
        points,
        task.out_of,
        tuple(judged),
        near_miss,
        exercise.hints.get(near_miss, ""),
    )


def _case(exercise: Exercise, private: Private, seed: int, k: int) -> tuple[tuple, Any]:
    """Return (arguments, right value) of hidden case k, from 0."""
    own = tuple(private.inputs(np.random.default_rng(seed), k))
    if private.truth:
        right = private.truth(np.random.default_rng(seed), k)
    else:
        right = private.reference(*copy.deepcopy(own))  # a reference may write into its arguments
    if found := _difference(exercise, private, right, right):
        raise CourseError(
            f"exercise {exercise.id}, case {k + 1}",
            f"the bank's own value is not right ({found.message})",
            "Correct its reference, truth or inputs",
        )
    return own, right


def _most(right: Sequence[Any]) -> int:
    """Return how many bytes of numbers and texts are plausible for an answer: the right values as lists of
    numbers with all their digits, and as much again for a wrong shape.

    >>> _most([3])
    65636
    """
    try:
        largest = max(len(channel.pack(value)) for value in right)
    except (TypeError, ValueError):  # a value that no sandbox can return
        return channel.HEADER
    return min(channel.HEADER, (64 << 10) + 20 * largest)


def _answers(job: Job, task: Task) -> list[Outcome]:
    outcomes = sandbox.answers(job, task.sandbox, task.image)
    if len(outcomes) != len(job.cases):
        raise sandbox.SandboxError(
            f"sandbox {task.sandbox}",
            f"{len(outcomes)} answers to {len(job.cases)} cases",
            "Grade this exercise again",
        )
    return outcomes


def _judged(exercise: Exercise, private: Private, k: int, outcome: Outcome, right: Any) -> Case:
    if outcome.state in STOPPED:
        return Case(k + 1, "stopped", MESSAGES["stopped"].format(exercise))
    if outcome.state != "answered":
        output = ADDRESS.sub("0x…", outcome.message)[:LONGEST].encode("utf-8", "replace").decode()
        state = "exception" if outcome.state == "not attempted" else outcome.state
        return Case(k + 1, state, MESSAGES[outcome.state].format(exercise), output)
    try:
        found = _difference(exercise, private, outcome.value, right)
    except Exception:  # right compares well with itself, so the answer is the cause: an int of 400 digits
        return Case(k + 1, "wrong", "what your function returns cannot be compared with the right value")
    return Case(k + 1, "wrong", found.message) if found else Case(k + 1, "ok")


def _difference(exercise: Exercise, private: Private, answer: Any, right: Any) -> Difference | None:
    return compare(answer, right, private.tolerance, exercise.at_least)


def _near_miss(
    private: Private,
    cases: Sequence[tuple[tuple, Any]],
    outcomes: Sequence[Outcome],
    judged: Sequence[Case],
) -> str:
    """Return the name of the near-miss whose values all wrong answers have, or ""."""
    wrong = [
        (own, outcome.value)
        for (own, _), outcome, case in zip(cases, outcomes, judged, strict=True)
        if case.state == "wrong"
    ]
    for name, near in private.near_misses.items() if wrong else ():
        function = near[0] if isinstance(near, tuple) else near
        try:
            if all(
                compare(value, function(*copy.deepcopy(own)), private.tolerance) is None
                for own, value in wrong
            ):
                return name
        except Exception:  # it may fail on an input, or on such an answer; only a hint is lost
            continue
    return ""


def _again(
    exercise: Exercise,
    private: Private,
    job: Job,
    task: Task,
    cases: Sequence[tuple[tuple, Any]],
    judged: list[Case],
) -> list[Case]:
    """Run every second right case again in a fresh process, the last first.

    A function that remembers its earlier calls gets no points for that.
    """
    again = [k for k in reversed(range(len(cases))) if judged[k].state == "ok" and cases[k][0]][::2]
    if not again:
        return judged
    outcomes = _answers(job._replace(cases=[cases[k][0] for k in again]), task)
    judged = list(judged)
    for k, outcome in zip(again, outcomes, strict=True):
        second = _judged(exercise, private, k, outcome, cases[k][1])
        if second.state != "ok":
            judged[k] = second._replace(message=NOT_THE_SAME) if second.state == "wrong" else second
    return judged
