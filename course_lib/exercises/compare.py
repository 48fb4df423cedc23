"""Is an answer right? Type, length, shape, dtype and finiteness first, then the values: in that order,
because a NaN compares false with everything, and NumPy stretches one number to any shape. Used by `check` in
the lesson and by the grader; it is never given code, only values, and runs none: a value's kind is its real
type, whatever it says itself."""

import math
import sys
from typing import NamedTuple

import numpy as np

from course_lib.exercises.values import DTYPES


class Tolerance(NamedTuple):
    """An answer is right where |answer - expected| <= atol + rtol * |expected|, in each element; whole
    numbers may differ by `atol` only."""

    rtol: float = 1e-6
    atol: float = 1e-9


class Difference(NamedTuple):
    """What is wrong first: `what` is "type", "length", "shape", "dtype", "finite", "value" or "accuracy";
    `said` tells it without any value (the grader's feedback), `shown` with the values (the public
    examples)."""

    what: str
    said: str
    shown: str


KINDS = {"b": "bool", "i": "int", "u": "int", "f": "float", "U": "text"}
NAMES = {
    "int": "a whole number",
    "float": "a float",
    "complex": "a complex number",
    "str": "a text",
    "bytes": "bytes",
    "tuple": "a tuple",
    "list": "a list",
    "dict": "a dictionary",
    "Series": "a pandas Series",
}
# What makes an array of it.
CURES = {
    "Series": "return .to_numpy() of it",
    "DataFrame": "return .to_numpy() of it",
    "Index": "return .to_numpy() of it",
    "list": "return np.array(...) of it",
    "tuple": "return np.array(...) of it",
    "matrix": "return np.asarray(...) of it",
    "MaskedArray": "return .filled(...) of it",
    "Tensor": "return .numpy() of it",
    "EagerTensor": "return .numpy() of it",
    "generator": "`return` one array instead of `yield`",
}


USUAL = Tolerance()


def compare(answer, expected, tolerance=USUAL, at_least=None) -> Difference | None:
    """What makes `answer` differ from `expected`, or None where it is right. Never raises, whatever `answer`
    is.

    Values are numbers, texts, truth values, NumPy arrays, or tuples and lists of these, and no subclasses. A
    float of any width is a float and an integer of any width an integer; a whole number passes for a float,
    but not the other way round. With `at_least` both are label arrays (n,), and the answer is right when this
    share of its labels is."""
    answer = _plain(answer)
    if isinstance(expected, list | tuple):
        return _sequence(answer, expected, tolerance)
    if isinstance(expected, np.ndarray) and expected.ndim:
        return _array(answer, expected, tolerance, at_least)
    return _single(_number(answer), _number(expected), tolerance)


def _plain(value):
    # NumPy's numbers, truth values and texts as Python's; a duration, which it counts among its integers, is
    # no number.
    own = type(value)
    numpys = issubclass(own, np.number | np.bool_ | np.str_) and not issubclass(own, np.timedelta64)
    return np.generic.item(value) if numpys else value


def _sequence(answer, expected, tolerance):
    if not (type(answer) is list or type(answer) is tuple):  # not `in`: a class's class may have its own ==
        cure = "; write `return a, b`" if issubclass(type(answer), tuple | np.ndarray) else ""
        return _type(f"{len(expected)} values are asked for, you return {{}}{cure}", answer)
    if len(answer) != len(expected):
        asked = f"{len(expected)} values are asked for, you return"
        return Difference(
            "length",
            f"{asked} {'more' if len(answer) > len(expected) else 'fewer'}",
            f"{asked} {len(answer)}",
        )
    for number, (own, right) in enumerate(zip(answer, expected, strict=True), 1):
        if found := compare(own, right, tolerance):
            return Difference(found.what, f"value {number}: {found.said}", f"value {number}: {found.shown}")
    return None


def _array(answer, expected, tolerance, at_least):
    if type(answer) is not np.ndarray:
        cure = f"; {CURES[_name(answer)]}" if _name(answer) in CURES else ""
        return _type(f"{{}} is asked for, you return {{}}{cure}", expected, answer)
    if answer.shape != expected.shape:
        return Difference(
            "shape",
            _axes(answer.shape, expected.shape),
            f"shape {expected.shape} is asked for, you return {answer.shape}",
        )
    asked, own = _values(expected), _values(answer)
    if asked != own and (asked, own) != ("float", "int"):
        return _same("dtype", f"{asked} values are asked for, you return {own} values")
    if own == "float" and not np.isfinite(answer).all() and np.isfinite(expected).all():
        return _same("finite", "there are NaN or infinite values in your array")
    if at_least is not None:
        return _accuracy(answer, expected, at_least)
    wrong = ~_close(answer, expected, tolerance)
    if not wrong.any():
        return None
    place = tuple(np.argwhere(wrong)[0].tolist())
    right, found = _told_apart(_plain(expected[place]), _plain(answer[place]))
    return Difference(
        "value",
        "all values are wrong" if wrong.all() else "some values are wrong",
        f"{wrong.sum()} of {wrong.size} values are wrong, the first at {list(place)}: {right} is right, "
        f"you have {found}",
    )


def _axes(answer, expected):
    # How a shape differs, without its lengths: they are hidden ones, or a place to write them down.
    if len(answer) != len(expected):
        more = "more" if len(answer) > len(expected) else "fewer"
        return f"an array with {_counted(len(expected))} is asked for, yours has {more}"
    if sorted(answer) == sorted(expected):
        return "the axes of your array stand in another order than asked for"
    axis = next(axis for axis, (own, right) in enumerate(zip(answer, expected, strict=True)) if own != right)
    longer = answer[axis] > expected[axis]
    return f"along axis {axis} your array is {'longer' if longer else 'shorter'} than asked for"


def _counted(axes):
    return f"{axes} {'axis' if axes == 1 else 'axes'}"


def _accuracy(answer, expected, at_least):
    right = int((answer == expected).sum())
    if right / expected.size >= at_least:  # divided, not multiplied: 0.07 * 100 is a little more than 7
        return None
    asked = f"{at_least:.0%} are asked for"
    return Difference(
        "accuracy",
        f"too few labels are right; {asked}",
        f"{right} of {expected.size} labels are right; {asked}",
    )


def _close(answer, expected, tolerance):
    same = answer == expected
    if expected.dtype.kind in "Ub":
        return same
    with np.errstate(all="ignore"):
        answer, right = answer.astype(float), expected.astype(float)
        near = np.abs(answer - right) <= tolerance.atol + tolerance.rtol * np.abs(right) * (
            expected.dtype.kind == "f"
        )
    if expected.dtype.kind != "f":  # as floats, large whole numbers are near each other that are not the same
        return same | near if tolerance.atol >= 1 else same
    return same | near & np.isfinite(right) | np.isnan(answer) & np.isnan(right)


def _number(value):
    # An array without axes holds one number.
    return _plain(value[()]) if type(value) is np.ndarray and not value.ndim else _plain(value)


def _single(answer, expected, tolerance):
    asked, own = type(expected), type(answer)
    if asked is str:
        if own is not str:
            return _type("a text is asked for, you return {}", answer)
        right = " ".join(answer.split()).casefold() == " ".join(expected.split()).casefold()
    elif asked is bool:
        if own is not bool:
            return _type("True or False is asked for, you return {}", answer)
        right = answer is expected
    else:
        if not (own is int or own is float):
            return _type("a number is asked for, you return {}", answer)
        if asked is int and own is float:
            return _same("type", "a whole number (int) is asked for, you return a float")
        if asked is float and math.isfinite(expected) and not abs(answer) <= sys.float_info.max:
            return _same("finite", "you return NaN, infinity or a number too large for a float")
        right = _near(answer, expected, tolerance)
    if right:
        return None
    right, found = _told_apart(expected, answer)
    return Difference("value", "another value is right", f"{right} is right, you return {found}")


def _near(answer, expected, tolerance):
    if type(expected) is int:
        return abs(answer - expected) <= tolerance.atol
    if not math.isfinite(expected):
        return answer == expected or (answer != answer and expected != expected)
    return abs(answer - expected) <= tolerance.atol + tolerance.rtol * abs(expected)


def _told_apart(right, found):
    # Both in words, floats with as few digits as show that they differ.
    short = [f"{value:.6g}" if type(value) is float else _words(value) for value in (right, found)]
    return short if short[0] != short[1] else [_words(right), _words(found)]


def _words(value):
    if type(value) is int and abs(value) >= 10**30:  # Python refuses to write out 5,000 digits
        return f"a {'negative ' if value < 0 else ''}number of more than 30 digits"
    words = repr(value)
    return words if len(words) <= 80 else f"{words[:77]}..."


def kind(value, shape=True) -> str:
    """A value's kind in words: "a text", "None", "a float array of shape (3,)" or, without `shape`, "a float
    array".
    """
    value = _plain(value)
    if value is None or type(value) is bool:
        return str(value)
    if type(value) is np.ndarray:
        return f"{_with_article(_values(value))} array{f' of shape {value.shape}' if shape else ''}"
    name = _name(value)
    return NAMES.get(name) or _with_article(name)


def _values(array):
    # Other dtypes (float16, complex, object, dates) have no way from a student's process to the grader.
    dtype = array.dtype
    return KINDS[dtype.kind] if dtype.kind == "U" or dtype.name in DTYPES else dtype.name


def _name(value):
    # The class's own name, past what its metaclass may answer.
    return str.__str__(type.__dict__["__name__"].__get__(type(value)))


def _with_article(name):
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _type(text, *values):
    said, shown = (text.format(*(kind(value, shape) for value in values)) for shape in (False, True))
    return Difference("type", said, shown)


def _same(what, text):
    return Difference(what, text, text)
