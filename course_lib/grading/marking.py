"""One exercise of one student: its hidden cases, its answers out of the sandbox, its points.

Inputs, references and comparisons live in this process. The student's code, in the sandbox, gets inputs and
nothing else."""

import copy
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises.compare import compare
from course_lib.grading import bank, sandbox
from course_lib.grading.results import Case, Result

AGAIN = "gave another answer when it was run again in a fresh process"
SAID = {
    "exception": "your function raises an exception",
    "not attempted": "your function raises NotImplementedError here",
    "timeout": "your function takes longer than {0.seconds:g} s",
    "killed": "your function was stopped: it needs too much memory, or ends its own process",
    "malformed": "what your function returns is no number, text, array of these, or list of all that",
    "missing": "there is no function {0.name} after your cell has run",
}
LONGEST = 300  # characters kept of what came out of a student's process


class Task(NamedTuple):
    """All that a worker needs, as plain data: it goes to other machines, where only `bank` must stand at the
    same path. It holds seeds and not the key."""

    student: str
    exercise: str  # "02.1"
    out_of: int
    answer: str  # the source of the student's answer cell
    bank: str  # its folder
    seeds: tuple  # one an input case
    sandbox: str = "bwrap"
    image: str | None = None


def mark(task: Task) -> Result:
    """The result of one task. A failure of our own, the sandbox's or the reference's, is a `Result` of state
    "error" without points, and raises nothing: workers on other machines could not tell it as well."""
    try:
        return _marked(task, exercises.find(task.exercise), private(task.bank, task.exercise))
    except Exception as error:
        return failed(task, error)


def failed(task: Task, error: Exception) -> Result:
    """The result of a task that could not be graded."""
    reason = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
    return Result(task.student, task.exercise, "error", None, task.out_of, reason=reason)


def private(folder: str | Path, exercise: str) -> bank.Private:
    """The private part of an exercise, kept in memory until its file changes.

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
def _loaded(folder, lesson, changed):
    return bank.load(folder, [lesson])


def count(exercise: exercises.Exercise, private: bank.Private) -> int:
    """The number of hidden cases. A question has no arguments, so it has one case."""
    return private.cases if exercise.examples else 1


def _marked(task, exercise, private):
    cases = [_case(exercise, private, seed, k) for k, seed in enumerate(task.seeds)]
    job = sandbox.Job(
        task.answer, exercise.name, [own for own, _ in cases], exercise.seconds, forbidden=private.forbidden
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


def _case(exercise, private, seed, k):
    """(arguments, what is right) of hidden case k, from 0."""
    own = tuple(private.inputs(np.random.default_rng(seed), k))
    if private.truth:
        right = private.truth(np.random.default_rng(seed), k)
    else:
        right = private.reference(*copy.deepcopy(own))  # a reference may write into its arguments
    if found := _difference(exercise, private, right, right):
        raise CourseError(
            f"exercise {exercise.id}, case {k + 1}",
            f"the bank's own value is not right ({found.said})",
            "Mend its reference, truth or inputs",
        )
    return own, right


def _answers(job, task):
    outcomes = sandbox.answers(job, task.sandbox, task.image)
    if len(outcomes) != len(job.cases):
        raise sandbox.SandboxError(
            f"sandbox {task.sandbox}",
            f"{len(outcomes)} answers to {len(job.cases)} cases",
            "Grade this exercise again",
        )
    return outcomes


def _judged(exercise, private, k, outcome, right):
    words = outcome.message[:LONGEST].encode("utf-8", "replace").decode()
    if outcome.state != "answered":
        state = "exception" if outcome.state == "not attempted" else outcome.state
        return Case(k + 1, state, SAID[outcome.state].format(exercise), words)
    try:
        found = _difference(exercise, private, outcome.value, right)
    except (
        Exception
    ):  # the right value compares well with itself, so it is the answer: an int of 400 digits, for one
        return Case(k + 1, "wrong", "what your function returns cannot be compared with a right value")
    return Case(k + 1, "wrong", found.said) if found else Case(k + 1, "ok")


def _difference(exercise, private, answer, right):
    return compare(answer, right, private.tolerance, exercise.at_least)


def _near_miss(private, cases, outcomes, judged):
    """The name of the near-miss whose values all wrong answers have, or ""."""
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
        except Exception:  # it may fail on an input, or on such an answer; it only brings a hint
            continue
    return ""


def _again(exercise, private, job, task, cases, judged):
    """`judged`, after every second case that was right is run again, the last first: what a function
    remembers of its earlier calls does not help it."""
    again = [k for k in reversed(range(len(cases))) if judged[k].state == "ok" and cases[k][0]][::2]
    if not again:
        return judged
    outcomes = _answers(job._replace(cases=[cases[k][0] for k in again]), task)
    judged = list(judged)
    for k, outcome in zip(again, outcomes, strict=True):
        second = _judged(exercise, private, k, outcome, cases[k][1])
        if second.state != "ok":
            judged[k] = second._replace(said=AGAIN) if second.state == "wrong" else second
    return judged
