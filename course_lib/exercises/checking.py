"""The work of `check`: it tries an answer on the public examples, in the student's own process.

This process holds no secret.
"""

import ast
import copy
import inspect
import linecache
import textwrap
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from course_lib import exercises
from course_lib.exercises import Exercise
from course_lib.exercises.cells import Code
from course_lib.exercises.compare import Tolerance, compare, kind

Kept = dict[str, Any]  # see `exercises.kept`

RTOL = 1e-5  # for the public examples; the grader's tolerance may be smaller or larger
NOT_ATTEMPTED = "not attempted yet. Replace the line `raise NotImplementedError()` with your code."
attempted: set[str] = set()  # ids of the exercises that were tried in this session, right or wrong
SAMPLES = {"int": 0, "float": 0.0, "text": ""}  # a value of the kind that a question needs


def verdict(id: str, function: Any) -> str:
    """Try an answer, and describe the result in one line.

    Parameters
    ----------
    id : str
        The exercise, such as "02.1".
    function : object
        The student's function, or anything else.

    Returns
    -------
    str
        Such as "02.1 hog_length: right on all 3 public examples. ...". An exception of the answer is
        described and not raised.
    """
    try:
        exercise, kept = exercises.find(id), exercises.kept(id)
    except Exception as error:
        return f"{id}: this cannot be checked. {error}"
    try:
        result = _tried(exercise, kept, function)
    except KeyboardInterrupt:
        result = "interrupted. Is there a loop that never ends?"
    except BaseException as error:  # an answer may raise anything, SystemExit too
        result = f"your function could not be tried ({type(error).__name__})."
    if callable(function) and result != NOT_ATTEMPTED:
        attempted.add(exercise.id)
    return f"{id} {exercise.name}: {result}"


def _tried(exercise: Exercise, kept: Kept, function: Any) -> str:
    if not callable(function):
        return (
            f"{kind(function)} is not a function. Run the cell that defines {exercise.name}, then this one."
        )
    if wrong := _other_arguments(exercise, kept, function):
        return wrong
    if not exercise.examples:
        return _question(exercise, function)
    slowest = 0.0
    for number, (arguments, right) in enumerate(zip(exercise.examples, kept["examples"], strict=True), 1):
        own, started = copy.deepcopy(arguments), time.perf_counter()
        answer, failure = _call(function, own)
        slowest = max(slowest, time.perf_counter() - started)
        if failure:
            return failure if failure == NOT_ATTEMPTED else f"example {number}: {failure}"
        if found := compare(answer, right, tolerance(exercise), exercise.at_least):
            return f"example {number} of {len(exercise.examples)}: {found.shown}." + _hint(
                exercise, kept, function
            )
        if any(compare(after, before) for after, before in zip(own, arguments, strict=True)):
            return f"example {number}: right, but your function changes its input. Work on a copy."
    slow = (
        f" It takes {slowest:.1f} s; the grader allows {exercise.seconds:g} s."
        if slowest > exercise.seconds
        else ""
    )
    shown = (
        f"all {len(exercise.examples)} public examples"
        if len(exercise.examples) > 1
        else "the public example"
    )
    return f"right on {shown}. The grader uses other examples.{slow}{_alone(exercise, function)}"


def tolerance(exercise: Exercise) -> Tolerance:
    """Return how far the values of a public example may be off."""
    return Tolerance(RTOL, exercise.atol)


def _other_arguments(exercise: Exercise, kept: Kept, function: Callable[..., Any]) -> str:
    try:
        own = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C have no signature
        return ""
    try:
        own.bind(*(exercise.examples[0] if exercise.examples else ()))
    except TypeError:
        empty = Code(kept["stub"]).definition(exercise.name)
        expected = f"({ast.unparse(empty.args)})" if isinstance(empty, ast.FunctionDef) else "other arguments"
        return (
            f"your function takes {own}, but it should take {expected}. Keep the arguments of the empty copy."
        )
    return ""


def _question(exercise: Exercise, function: Callable[..., Any]) -> str:
    answer, failure = _call(function, ())
    if failure:
        return failure
    plain = answer.item() if isinstance(answer, np.generic) else answer
    shown = textwrap.shorten(repr(plain), 100, placeholder=" ...")
    if exercise.choices:
        known = {" ".join(choice.split()).casefold() for choice in exercise.choices}
        if not isinstance(answer, str) or " ".join(answer.split()).casefold() not in known:
            return f"one of {', '.join(map(repr, exercise.choices))} is expected, you return {shown}."
    sample = SAMPLES.get(exercise.returns.partition(",")[0])
    found = compare(answer, sample) if sample is not None else None
    if found and found.what != "value":
        return f"{found.shown}."
    if "from 0 to 1" in exercise.returns and not 0 <= plain <= 1:
        return f"a number from 0 to 1 is expected, you return {shown}."
    return f"your answer is {shown}. A question has no public example: only the grader checks it."


def _call(function: Callable[..., Any], arguments: Iterable[Any]) -> tuple[Any, str]:
    """Return (answer, ""), or (None, what happened instead)."""
    try:
        answer = function(*arguments)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if type(error) is NotImplementedError and not error.args:
            return None, NOT_ATTEMPTED
        words = textwrap.shorten(str(error), 300, placeholder=" ...").rstrip(".")
        return None, f"{type(error).__name__}{words and f': {words}'}{_line(function, error)}."
    if answer is None:
        return None, "your function returns None. Does it end with `return`?"
    return answer, ""


def _line(function: Any, error: BaseException) -> str:
    # The last line of the student's cell in the traceback. For Python, each cell is a file.
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == _cell(function)
    ]
    return f" (line {lines[-1]} of its cell)" if lines else ""


def _cell(function: Any) -> str | None:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code and code.co_filename


def _alone(exercise: Exercise, function: Any) -> str:
    # The grader runs the answer's cell alone, without the rest of the lesson.
    cell = Code("".join(linecache.getlines(_cell(function) or "")))
    names, modules = cell.missing(), cell.unavailable(exercise.forbidden)
    return (
        f" But the grader runs your cell alone: define or import {', '.join(names)} in it." if names else ""
    ) + (f" But the grader does not have {', '.join(modules)}: solve it without." if modules else "")


def _hint(exercise: Exercise, kept: Kept, function: Callable[..., Any]) -> str:
    # Only if the answer equals the near-miss in every example: one equal value can be chance, and a wrong
    # hint misleads.
    answers = [_call(function, copy.deepcopy(arguments))[0] for arguments in exercise.examples]
    for name, values in kept["near_misses"].items():
        differs = any(
            compare(answer, value, tolerance(exercise)) for answer, value in zip(answers, values, strict=True)
        )
        if name in exercise.hints and not differs:
            return f" Hint: {exercise.hints[name]}"
    return ""
