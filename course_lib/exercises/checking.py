"""What `check` says: an answer tried on the public examples, in the student's own process, which holds no
secret.
"""

import ast
import copy
import inspect
import linecache
import textwrap
import time
import traceback

import numpy as np

from course_lib import exercises
from course_lib.exercises.cells import absent, definition, missing
from course_lib.exercises.compare import Tolerance, compare, kind

RTOL = 1e-5  # of the public examples; the grader's tolerance may be tighter or wider
NOT_ATTEMPTED = "not attempted yet. Put your code in the place of the line `raise NotImplementedError()`."
attempted: set[str] = set()  # ids of the exercises whose answer was tried in this session, right or wrong
SAMPLES = {"int": 0, "float": 0.0, "text": ""}  # a value of the kind that a question asks for


def verdict(id, function) -> str:
    """One line about an answer; whatever happens, an answer's exception is told and not raised."""
    try:
        exercise, kept = exercises.find(id), exercises.kept(id)
    except Exception as error:
        return f"{id}: cannot be checked. {error}"
    try:
        result = _tried(exercise, kept, function)
    except KeyboardInterrupt:
        result = "interrupted. Does a loop never end?"
    except BaseException as error:  # an answer may raise anything, SystemExit too
        result = f"could not be tried ({type(error).__name__})."
    if callable(function) and result != NOT_ATTEMPTED:
        attempted.add(exercise.id)
    return f"{id} {exercise.name}: {result}"


def _tried(exercise, kept, function):
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
            return f"example {number}: right, but your function changes its own input. Work on a copy."
    slow = (
        f" It takes {slowest:.1f} s; the grader gives {exercise.seconds:g} s."
        if slowest > exercise.seconds
        else ""
    )
    shown = (
        f"all {len(exercise.examples)} public examples"
        if len(exercise.examples) > 1
        else "the public example"
    )
    return f"right on {shown}. The grader uses others.{slow}{_alone(exercise, function)}"


def tolerance(exercise) -> Tolerance:
    """What a public example's values may be off by."""
    return Tolerance(RTOL, exercise.atol)


def _other_arguments(exercise, kept, function):
    try:
        own = inspect.signature(function)
    except (TypeError, ValueError):  # some of those written in C tell nothing
        return ""
    try:
        own.bind(*(exercise.examples[0] if exercise.examples else ()))
    except TypeError:
        empty = definition(kept["stub"], exercise.name)
        asked = f"({ast.unparse(empty.args)})" if empty else "others"
        return f"your function takes {own}, {asked} is asked for. Keep the arguments of the empty copy."
    return ""


def _question(exercise, function):
    answer, failure = _call(function, ())
    if failure:
        return failure
    plain = answer.item() if isinstance(answer, np.generic) else answer
    shown = textwrap.shorten(repr(plain), 100, placeholder=" ...")
    if exercise.choices:
        known = {" ".join(choice.split()).casefold() for choice in exercise.choices}
        if not isinstance(answer, str) or " ".join(answer.split()).casefold() not in known:
            return f"one of {', '.join(map(repr, exercise.choices))} is asked for, you return {shown}."
    sample = SAMPLES.get(exercise.returns.partition(",")[0])
    found = compare(answer, sample) if sample is not None else None
    if found and found.what != "value":
        return f"{found.shown}."
    return f"{shown} is noted. A question has no public example: the grader says whether it is right."


def _call(function, arguments):
    """(answer, "") or (None, what happened instead)."""
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


def _line(function, error):
    # The last place in the student's cell that the exception came through; a cell is a file of its own to
    # Python.
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == _cell(function)
    ]
    return f" (line {lines[-1]} of its cell)" if lines else ""


def _cell(function):
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code and code.co_filename


def _alone(exercise, function):
    # The grader runs the answer's cell by itself. What it takes from the rest of the lesson is not there.
    cell = "".join(linecache.getlines(_cell(function) or ""))
    names, modules = missing(cell), absent(cell, exercise.absent)
    return (f" But it runs your cell alone: define or import {', '.join(names)} in it." if names else "") + (
        f" But {', '.join(modules)} is not there when this is graded: do without." if modules else ""
    )


def _hint(exercise, kept, function):
    # Only what is the near-miss in every example: one value may come about in many ways, and a false hint
    # misleads.
    answers = [_call(function, copy.deepcopy(arguments))[0] for arguments in exercise.examples]
    for name, values in kept["near_misses"].items():
        differs = any(
            compare(answer, value, tolerance(exercise)) for answer, value in zip(answers, values, strict=True)
        )
        if name in exercise.hints and not differs:
            return f" Hint: {exercise.hints[name]}"
    return ""
