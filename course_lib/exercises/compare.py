"""Compare an answer with the right value: type, length, shape, dtype and finiteness first, then the values.

The order matters: every comparison with NaN is false, and NumPy broadcasts one number to any shape. `check`
uses this in the lesson, and the grader uses it, too. It gets values, never code, and runs none: a value's
kind is its real type, whatever its class pretends to be.
"""

import math
import sys
from typing import Any, NamedTuple

import numpy as np

from course_lib.exercises.values import DTYPES


class Tolerance(NamedTuple):
    """An element is right if `abs(answer - expected) <= atol + rtol * abs(expected)`.

    For whole numbers, only `atol` counts.
    """

    rtol: float = 1e-6
    atol: float = 1e-9


class Difference(NamedTuple):
    """The first thing that is wrong with an answer."""

    what: str  # "type", "length", "shape", "dtype", "finite", "value" or "accuracy"
    message: str  # without any value: for the grader's feedback
    shown: str  # with the values: for the public examples


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
# How to make an array of it.
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


def compare(
    answer: Any, expected: Any, tolerance: Tolerance = USUAL, at_least: float | None = None
) -> Difference | None:
    """Compare an answer with the right value.

    Parameters
    ----------
    answer : object
        What a student's function returned, of any kind.
    expected : object
        The right value: numbers, texts, booleans, NumPy arrays, or tuples and lists of these.
    tolerance : Tolerance
        How far a number may be off.
    at_least : float, optional
        If given, both are label arrays (n,), and the answer is right if this fraction of its labels is.

    Returns
    -------
    Difference or None
        What is wrong first; None if the answer is right. This function never raises for an answer.

    Notes
    -----
    A float of any width is a float, and an integer of any width an integer. A whole number passes for a
    float, but a float does not pass for a whole number. Subclasses (np.matrix, masked arrays) do not pass.

    Examples
    --------
    >>> compare(np.array([1.0, 2.0]), np.array([1.0, 2.5])).message
    'some values are wrong'
    >>> compare(3, 3.0) is None
    True
    """
    answer = _plain(answer)
    if isinstance(expected, list | tuple):
        return _sequence(answer, expected, tolerance)
    if isinstance(expected, np.ndarray) and expected.ndim:
        return _array(answer, expected, tolerance, at_least)
    return _single(_number(answer), _number(expected), tolerance)


def _plain(value: Any) -> Any:
    # NumPy's numbers, booleans and texts as Python's. NumPy counts a duration among its integers; it is not a
    # number here.
    own = type(value)
    numpys = issubclass(own, np.number | np.bool_ | np.str_) and not issubclass(own, np.timedelta64)
    return np.generic.item(value) if numpys else value


def _sequence(answer: Any, expected: list | tuple, tolerance: Tolerance) -> Difference | None:
    if not (type(answer) is list or type(answer) is tuple):  # not `in`: a class's class may have its own ==
        cure = "; write `return a, b`" if issubclass(type(answer), tuple | np.ndarray) else ""
        return _type(f"{len(expected)} values are expected, you return {{}}{cure}", answer)
    if len(answer) != len(expected):
        text = f"{len(expected)} values are expected, you return"
        return Difference(
            "length",
            f"{text} {'more' if len(answer) > len(expected) else 'fewer'}",
            f"{text} {len(answer)}",
        )
    for number, (own, right) in enumerate(zip(answer, expected, strict=True), 1):
        if found := compare(own, right, tolerance):
            return Difference(
                found.what, f"value {number}: {found.message}", f"value {number}: {found.shown}"
            )
    return None


def _array(
    answer: Any, expected: np.ndarray, tolerance: Tolerance, at_least: float | None
) -> Difference | None:
    if type(answer) is not np.ndarray:
        cure = f"; {CURES[_name(answer)]}" if _name(answer) in CURES else ""
        return _type(f"{{}} is expected, you return {{}}{cure}", expected, answer)
    if answer.shape != expected.shape:
        return Difference(
            "shape",
            _axes(answer.shape, expected.shape),
            f"shape {expected.shape} is expected, you return {answer.shape}",
        )
    asked, own = _values(expected), _values(answer)
    if asked != own and (asked, own) != ("float", "int"):
        return _same("dtype", f"{asked} values are expected, you return {own} values")
    if own == "float" and not np.isfinite(answer).all() and np.isfinite(expected).all():
        return _same("finite", "your array contains NaN or infinite values")
    if at_least is not None:
        return _accuracy(answer, expected, at_least)
    wrong = ~_close(answer, expected, tolerance)
    if not wrong.any():
        return None
    place = tuple(np.argwhere(wrong)[0].tolist())
    right, found = _different(_plain(expected[place]), _plain(answer[place]))
    return Difference(
        "value",
        "all values are wrong" if wrong.all() else "some values are wrong",
        f"{wrong.sum()} of {wrong.size} values are wrong, the first at {list(place)}: {right} is right, "
        f"you have {found}",
    )


def _axes(answer: tuple[int, ...], expected: tuple[int, ...]) -> str:
    # How a shape differs, without its lengths: these are hidden, or could carry hidden values out.
    if len(answer) != len(expected):
        more = "more" if len(answer) > len(expected) else "fewer"
        return f"an array with {_counted(len(expected))} is expected, yours has {more}"
    if sorted(answer) == sorted(expected):
        return "the axes of your array are in a different order than expected"
    axis = next(axis for axis, (own, right) in enumerate(zip(answer, expected, strict=True)) if own != right)
    longer = answer[axis] > expected[axis]
    return f"along axis {axis} your array is {'longer' if longer else 'shorter'} than expected"


def _counted(axes: int) -> str:
    return f"{axes} {'axis' if axes == 1 else 'axes'}"


def _accuracy(answer: np.ndarray, expected: np.ndarray, at_least: float) -> Difference | None:
    right = int((answer == expected).sum())
    if right / expected.size >= at_least:  # divided, not multiplied: 0.07 * 100 is a little more than 7
        return None
    needed = f"at least {at_least:.0%} should be"
    return Difference(
        "accuracy",
        f"too few labels are right: {needed}",
        f"{right} of {expected.size} labels are right, but {needed}",
    )


def _close(answer: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> Any:
    same = answer == expected
    if expected.dtype.kind in "Ub":
        return same
    with np.errstate(all="ignore"):
        answer, right = answer.astype(float), expected.astype(float)
        near = np.abs(answer - right) <= tolerance.atol + tolerance.rtol * np.abs(right) * (
            expected.dtype.kind == "f"
        )
    if expected.dtype.kind != "f":  # as floats, different large whole numbers look equal
        return same | near if tolerance.atol >= 1 else same
    return same | near & np.isfinite(right) | np.isnan(answer) & np.isnan(right)


def _number(value: Any) -> Any:
    # An array without axes holds one number.
    return _plain(value[()]) if type(value) is np.ndarray and not value.ndim else _plain(value)


def _single(answer: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    asked, own = type(expected), type(answer)
    if asked is str:
        if own is not str:
            return _type("a text is expected, you return {}", answer)
        right = " ".join(answer.split()).casefold() == " ".join(expected.split()).casefold()
    elif asked is bool:
        if own is not bool:
            return _type("True or False is expected, you return {}", answer)
        right = answer is expected
    else:
        if not (own is int or own is float):
            return _type("a number is expected, you return {}", answer)
        if asked is int and own is float:
            return _same("type", "a whole number (int) is expected, you return a float")
        if asked is float and math.isfinite(expected) and not abs(answer) <= sys.float_info.max:
            return _same("finite", "you return NaN, infinity or a number too large for a float")
        right = _near(answer, expected, tolerance)
    if right:
        return None
    shown, found = _different(expected, answer)
    return Difference("value", "the value is wrong", f"{shown} is right, you return {found}")


def _near(answer: Any, expected: Any, tolerance: Tolerance) -> bool:
    if type(expected) is int:
        return abs(answer - expected) <= tolerance.atol
    if not math.isfinite(expected):
        return answer == expected or (answer != answer and expected != expected)
    return abs(answer - expected) <= tolerance.atol + tolerance.rtol * abs(expected)


def _different(right: Any, found: Any) -> list[str]:
    # Both as text; floats have as few digits as show that they differ.
    short = [f"{value:.6g}" if type(value) is float else _words(value) for value in (right, found)]
    return short if short[0] != short[1] else [_words(right), _words(found)]


def _words(value: Any) -> str:
    if type(value) is int and abs(value) >= 10**30:  # Python refuses to write out 5,000 digits
        return f"a {'negative ' if value < 0 else ''}number of more than 30 digits"
    words = repr(value)
    return words if len(words) <= 80 else f"{words[:77]}..."


def kind(value: Any, shape: bool = True) -> str:
    """Describe the kind of a value.

    Parameters
    ----------
    value : object
        Any value.
    shape : bool
        Include the shape of an array.

    Returns
    -------
    str
        Such as "a text", "None", or "a float array of shape (3,)".

    Examples
    --------
    >>> kind(np.zeros((2, 3))), kind([1])
    ('a float array of shape (2, 3)', 'a list')
    """
    value = _plain(value)
    if value is None or type(value) is bool:
        return str(value)
    if type(value) is np.ndarray:
        return f"{_with_article(_values(value))} array{f' of shape {value.shape}' if shape else ''}"
    name = _name(value)
    return NAMES.get(name) or _with_article(name)


def _values(array: np.ndarray) -> str:
    # Other dtypes (float16, complex, object, dates) cannot pass from a student's process to the grader.
    dtype = array.dtype
    return KINDS[dtype.kind] if dtype.kind == "U" or dtype.name in DTYPES else dtype.name


def _name(value: Any) -> str:
    # The real name of the class, whatever its metaclass returns.
    return str.__str__(type.__dict__["__name__"].__get__(type(value)))


def _with_article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _type(text: str, *values: Any) -> Difference:
    message, shown = (text.format(*(kind(value, shape) for value in values)) for shape in (False, True))
    return Difference("type", message, shown)


def _same(what: str, text: str) -> Difference:
    return Difference(what, text, text)
