"""The feedback on an exercise, in words that reveal no hidden value.

A student's code sees the hidden inputs while it runs, and could try to send them out as an exception: in its
text, its type, its line, or the choice among them. For that reason, feedback repeats nothing of an exception
that a hidden input raised. It shows the exception that the same answer raises when it has no input yet, or on
the public examples (`Case.shown`). Of that, it repeats the type, if it is one of Python's own; the line in
the student's cell; and the message, if it is one of the sentences below, with only those names that are also
in the student's own cell.

What is left are the points, the kind of each difference ("along axis 1 your array is longer") and the hint: a
few bits, which every mark has.
"""

import builtins
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from course_lib.exercises import Exercise
from course_lib.grading.results import Case, Result

# The most problems in one feedback: the first help most, and each reveals a little about the inputs.
MOST = 3

# Messages of Python and NumPy that help. {} is a name, and … is any text, which is not repeated.
SENTENCES = """
name '{}' is not defined
cannot access local variable '{}' where it is not associated with a value
cannot access free variable '{}' where it is not associated with a value in enclosing scope
'{}' object has no attribute '{}'
module '{}' has no attribute '{}'
type object '{}' has no attribute '{}'
No module named '{}'
{} is not available in this exercise
cannot import name '{}' from …
{}() missing … required positional argument: '{}'
{}() missing … required positional arguments: '{}' and '{}'
{}() missing … required keyword-only argument: '{}'
{}() takes … positional argument but … given
{}() takes … positional arguments but … given
{}() got an unexpected keyword argument '{}'
{}() got multiple values for argument '{}'
'{}' object is not callable
'{}' object is not iterable
'{}' object is not subscriptable
'{}' object cannot be interpreted as an integer
'{}' object does not support item assignment
cannot unpack non-iterable {} object
object of type '{}' has no len()
unsupported operand type(s) for …: '{}' and '{}'
bad operand type for unary …: '{}'
'…' not supported between instances of '{}' and '{}'
can only concatenate … (not "{}") to …
can't multiply sequence by non-int of type '{}'
unhashable type: '{}'
list indices must be integers or slices, not {}
tuple indices must be integers or slices, not {}
string indices must be integers, not '{}'
slice indices must be integers or None or have an __index__ method
only … can be converted to a scalar index
only … can be converted to Python scalars
only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices
arrays used as indices must be of integer (or boolean) type
list index out of range
tuple index out of range
string index out of range
pop from empty list
index … is out of bounds for axis … with size …
too many indices for array: …
axis … is out of bounds for array of dimension …
boolean index did not match indexed array along …
operands could not be broadcast together with …
could not broadcast input array from shape … into shape …
cannot reshape array of size … into shape …
matmul: Input operand … has a mismatch in its core dimension …
shapes … not aligned: …
all the input arrays must have same number of dimensions, but …
all the input array dimensions except for the concatenation axis must match exactly, but …
need at least one array to concatenate
setting an array element with a sequence.…
The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()
zero-size array to reduction operation {} which has no identity
assignment destination is read-only
Unable to allocate …
Cannot cast ufunc '{}' output from …
ufunc '{}' not supported for the input types, …
too many values to unpack (expected …)
not enough values to unpack (expected …, got …)
could not convert string to float: …
invalid literal for int() with base …: …
math domain error
cannot convert float NaN to integer
cannot convert float infinity to integer
division by zero
float division by zero
integer division or modulo by zero
integer modulo by zero
min() arg is an empty sequence
max() arg is an empty sequence
maximum recursion depth exceeded…
invalid syntax…
invalid non-printable character …
invalid character …
unexpected indent…
expected an indented block…
unindent does not match any outer indentation level…
'…' was never closed…
unterminated string literal…
expected ':'…
""".strip().splitlines()  # noqa: E501

# Names that Python and NumPy themselves put into these sentences.
NAMES = frozenset(dir(builtins)) | frozenset(
    "NoneType ndarray numpy.ndarray numpy function method module generator builtin_function_or_method "
    "array map zip "
    "add subtract multiply divide maximum minimum argmax argmin".split()
)


class Remarks(NamedTuple):
    """The feedback on one exercise: what is right, each kind of problem once, and the next step, or ""."""

    right: str
    wrong: tuple[str, ...]
    next: str


def remarks(result: Result, exercise: Exercise, source: str = "") -> Remarks:
    """Write the feedback on a result.

    Parameters
    ----------
    result : Result
        The result.
    exercise : Exercise
        Its exercise.
    source : str
        The answer cell. Without it, no name of an exception's message is shown.

    Returns
    -------
    Remarks
        The feedback, as text.
    """
    if result.state in STATES:
        state = result.state
        if state == "not handed in":  # perhaps a file came too late to count, or does not hold the exercise
            state = "late" if result.file else "not found" if result.arrived else state
        came = [f"{plain(file, 120)} {plain(why, 300)}." for file, why in result.arrived if not result.file]
        slow = [sentence(case.message) for case in result.cases if case.state == "slow"]
        said = Remarks(*STATES[state])
        return said._replace(wrong=(*said.wrong, *came, *slow))
    right = sum(case.state == "ok" for case in result.cases)
    kinds = Counter(_wrong(case, source) for case in result.cases if case.state != "ok")
    wrong = [
        f"{text} (in {times} cases)" if times > 1 and len(result.cases) > times else text
        for text, times in kinds.most_common(MOST)
    ]
    if len(kinds) > MOST:
        wrong.append("The other cases fail in other ways. Fix these first.")
    return Remarks(_right(right, len(result.cases)), tuple(wrong), _next(result, exercise))


STATES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "not attempted": (
        "No answer yet.",
        (),
        "The cell still has the line `raise NotImplementedError()`. Write your code in its place. You get "
        "some points even if only some cases are right.",
    ),
    "not handed in": (
        "No file of yours with this exercise has arrived.",
        (),
        "If you handed it in, tell your teacher the file's name and when you sent it.",
    ),
    "not found": (
        "Your file arrived, but no answer to this exercise was found in it.",
        (),
        "Correct this, run the lesson's last cell (`hand_in`) again, and hand in the file that it names. Ask "
        "your teacher whether it still counts.",
    ),
    "late": ("Your file came after the deadline, and late work does not count.", (), "Ask your teacher."),
    "error": (
        "Grading this answer failed. This is not your fault.",
        (),
        "You do not need to do anything. Your teacher sees this error and will grade the answer again.",
    ),
}


def _right(right: int, cases: int) -> str:
    if not cases:
        return "Your teacher gave these points."
    if cases == 1:
        return "Your answer is right." if right else "Your answer is not right yet."
    if right == cases:
        return f"All {cases} cases are right."
    return f"{right} of {cases} cases are right." if right else f"None of the {cases} cases is right yet."


def _wrong(case: Case, source: str) -> str:
    text = sentence(case.message or "this case is not right")
    if case.state == "exception":
        words = exception(case.shown, source) if case.shown else "on an input unlike the public examples."
        return f"{text[:-1]}{':' if case.shown else ''} {words}"
    return text


def _next(result: Result, exercise: Exercise) -> str:
    states = {case.state for case in result.cases} - {"ok"}
    if not states:
        return ""
    if result.hint:
        return result.hint
    if any(case.shown.startswith(("SyntaxError", "IndentationError", "TabError")) for case in result.cases):
        return (
            "Python cannot read the cell. Correct this line, run the cell until it shows no error, run the "
            "lesson's last cell (`hand_in`) again, and hand in the file that it names."
        )
    if any(case.shown.startswith("NameError") for case in result.cases):
        return (
            "The grader runs this cell alone, without the rest of your notebook. Define or import everything "
            "that it uses in this cell."
        )
    if any(case.shown.startswith(("ModuleNotFoundError", "ImportError")) for case in result.cases):
        return (
            "Your cell imports something that is not available during grading. Solve the exercise without it."
        )
    if "wrong" in states and not exercise.examples:
        return "Read the exercise's text again, and the part of the lesson that it belongs to."
    for state, todo in NEXT.items():
        if state in states:
            return todo.format(name=exercise.name)
    return "Read the exercise's text again: which kind of value should the function return?"


NEXT = {
    "missing": "Keep the line that begins with `def {name}(` as it is in the lesson, and hand in the "
    "notebook again.",
    "exception": "Call `{name}` in a new cell with your own inputs, small and unusual ones, until you see "
    "the same error.",
    "timeout": "Is there a loop that never ends? If not, use NumPy on whole arrays instead of a loop over "
    "their elements.",
    "killed": "Look for an array that grows in each step, and for `exit()`: a function should only return "
    "its result.",
    "wrong": "Work out one small example by hand. Compare it, step by step, with what your function returns.",
}


def exception(output: str, source: str = "") -> str:
    """Describe an exception without revealing a hidden value.

    Parameters
    ----------
    output : str
        The text from the student's process: "TYPE: MESSAGE (line N)", or anything else.
    source : str
        The answer cell.

    Returns
    -------
    str
        Such as "ValueError in line 3 of the cell: math domain error".

    Examples
    --------
    >>> exception("ZeroDivisionError: division by zero (line 1)", "def f(x): return x / 0")
    'ZeroDivisionError in line 1 of the cell: division by zero'
    >>> exception("ValueError: 0.4821 0.1733")
    'ValueError.'
    """
    found = _PARTS.fullmatch(output[:1000])
    assert found  # its parts fit any text
    kind, message, line = found.groups()
    own = getattr(builtins, kind, None)
    text = kind if isinstance(own, type) and issubclass(own, BaseException) else "an exception of its own"
    if line and 1 <= int(line) <= len(source.splitlines()):
        text += f" in line {int(line)} of the cell"
    known = message_of(message, source)
    return f"{text}: {known}" if known else f"{text}."


_PARTS = re.compile(r"(\w*)(?:: )?(.*?)(?: \(line (\d{1,6})\))?", re.DOTALL | re.ASCII)


def message_of(message: str, source: str = "") -> str:
    """Return the known sentence that a message is, with only the names that are in `source`, or "".

    Examples
    --------
    >>> message_of("name 'y' is not defined", "def f(x): return y")
    "name 'y' is not defined"
    >>> message_of("0.4821 0.1733")
    ''
    """
    known = {*re.findall(r"\w+", source), *re.findall(r"\w[\w.]*\w", source), *NAMES}
    for sentence, pattern in _PATTERNS:
        if found := pattern.fullmatch(message[:300]):
            return sentence.format(*(_name(name, known) for name in found.groups()))
    return ""


def _name(name: str, known: Collection[str]) -> str:
    # A dotted name counts as one name: combinations of the cell's names could spell a hidden value.
    return name if name in known and not re.search(r"\d", name) else "…"


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = {"{}": r"([\w.<>]{1,80})", "…": r".{0,200}"}
    found = re.split(r"(\{\}|…)", sentence)
    return re.compile("".join(parts.get(part) or re.escape(part) for part in found), re.DOTALL)


_PATTERNS = [(sentence, _pattern(sentence)) for sentence in SENTENCES]


def number(points: float | None) -> int | float | str:
    """Round points to at most two decimals; whole numbers become int, and None becomes "".

    Examples
    --------
    >>> number(2.0), number(1 / 3), number(None)
    (2, 0.33, '')
    """
    if points is None:
        return ""
    rounded = round(float(points), 2)
    return int(rounded) if rounded == int(rounded) else rounded


def of_points(result: Result) -> str:
    """Return the points as text, such as "1.5 of 2 points", or "no mark yet"."""
    if result.points is None:
        return "no mark yet"
    return f"{number(result.points)} of {result.out_of} point{'s' if result.out_of != 1 else ''}"


def total(results: Iterable[Result | None]) -> float | None:
    """Add up the points of several results. The total is None if a result or its points are missing."""
    points = [result.points if result else None for result in results]
    known = [one for one in points if one is not None]
    return sum(known) if len(known) == len(points) else None


def sentence(text: str) -> str:
    """Return a text with a capital first letter and a full stop.

    Examples
    --------
    >>> sentence("no mark yet")
    'No mark yet.'
    """
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def plain(text: object, most: int = 600) -> str:
    """Turn any text into one harmless line.

    Parameters
    ----------
    text : object
        The text, from any source.
    most : int
        The most characters.

    Returns
    -------
    str
        The text without line ends, control characters, and characters that change the direction of writing,
        which can make a name look like another.

    Examples
    --------
    >>> plain("two\\nlines"), plain("long" * 9, most=8)
    ('two lines', 'longlong…')
    """
    text = str(text)
    line = "".join(_sign(sign) for sign in text[:most])
    return re.sub(r"\s+", " ", line) + ("…" if len(text) > most else "")


def _sign(sign: str) -> str:
    if sign in "\t\n\r":
        return " "
    joiner = sign in "\u200c\u200d"  # Persian and Indian names need them, and they are harmless
    return "\ufffd" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not joiner else sign
