"""What `check` says: an answer tried on the public examples, in the student's own process, which holds no secret."""

import ast
import copy
import inspect
import linecache
import textwrap
import time
import traceback

from course_lib import exercises
from course_lib.exercises.cells import definition, missing
from course_lib.exercises.compare import Tolerance, compare, kind

PUBLIC = Tolerance(rtol=1e-5, atol=1e-8)  # the examples' own; the grader's may be tighter or wider
NOT_ATTEMPTED = "not attempted yet. Put your code in the place of the line `raise NotImplementedError()`."
KINDS = {"int": 0, "float": 0.0, "text": ""}  # a value of the kind that a question asks for


def verdict(id, function) -> str:
    """One line about an answer; whatever happens, an answer's exception is told and not raised."""
    try:
        exercise, kept = exercises.find(id), exercises.kept(id)
    except Exception as error:
        return f"{id}: cannot be checked. {error}"
    try:
        return f"{id} {exercise.name}: {_tried(exercise, kept, function)}"
    except KeyboardInterrupt:
        return f"{id} {exercise.name}: interrupted. Does a loop never end?"
    except BaseException as error:  # an answer may raise anything, SystemExit too
        return f"{id} {exercise.name}: could not be tried ({type(error).__name__})."


def _tried(exercise, kept, function):
    if not callable(function):
        return f"{kind(function)} is no function. Run the cell that defines {exercise.name}, then this one."
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
        if found := compare(answer, right, PUBLIC, exercise.at_least):
            hint = _hint(exercise, kept, answer, number - 1)
            return f"example {number} of {len(exercise.examples)}: {found.shown}.{hint}"
        if any(compare(after, before) for after, before in zip(own, arguments, strict=True)):
            return f"example {number}: right, but your function changes its own input. Work on a copy."
    slow = f" It takes {slowest:.1f} s; the grader gives {exercise.seconds:g} s." if slowest > exercise.seconds else ""
    return f"right on all {len(exercise.examples)} public examples. The grader uses others.{slow}{_alone(function)}"


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
    shown = textwrap.shorten(repr(answer), 100, placeholder=" ...")
    if exercise.choices:
        known = {" ".join(choice.split()).casefold() for choice in exercise.choices}
        if not isinstance(answer, str) or " ".join(answer.split()).casefold() not in known:
            return f"one of {', '.join(map(repr, exercise.choices))} is asked for, you return {shown}."
    sample = KINDS.get(exercise.returns.partition(",")[0])
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
    # The last place in the student's cell that the exception came through; a cell is a file of its own to Python.
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__)
             if frame.f_code.co_filename == _cell(function)]
    return f" (line {lines[-1]} of its cell)" if lines else ""


def _cell(function):
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code and code.co_filename


def _alone(function):
    # The grader runs the answer's cell by itself. What it takes from the rest of the lesson is not there.
    names = missing("".join(linecache.getlines(_cell(function) or "")))
    return f" But it runs your cell alone: define or import {', '.join(names)} in it." if names else ""


def _hint(exercise, kept, answer, example):
    for name, values in kept["near_misses"].items():
        if name in exercise.hints and compare(answer, values[example], PUBLIC) is None:
            return f" Hint: {exercise.hints[name]}"
    return ""
