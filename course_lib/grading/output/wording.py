"""What is said to a student about an exercise, in words that carry no hidden value out.

A student's code sees the hidden inputs while it runs, and could try to hand them out through the text of an
exception (`raise ValueError(str(x))`). So of an exception only this is repeated: its type, where it is one of
Python's own; its line in the student's cell; and its message, where it reads as one of the sentences below,
with only those names in it that stand in the student's own cell. Numbers are never repeated. What is left to
choose, which sentence, which names, which line, holds a few bits, no array."""

import builtins
import re
import unicodedata
from collections import Counter
from typing import NamedTuple

# different things said about one exercise: the first ones help most, and each says a little about the inputs
MOST = 3

# Messages of Python and NumPy that help. {} is a name, and … anything at all, which is not repeated.
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
unexpected indent…
expected an indented block…
unindent does not match any outer indentation level…
'…' was never closed…
unterminated string literal…
expected ':'…
""".strip().splitlines()  # noqa: E501

# Names that Python and NumPy put into these sentences themselves.
NAMES = frozenset(dir(builtins)) | frozenset(
    "NoneType ndarray numpy.ndarray numpy function method module generator builtin_function_or_method "
    "array map zip "
    "add subtract multiply divide maximum minimum argmax argmin".split()
)


class Remarks(NamedTuple):
    """What is said about one exercise: what is right, what is not (each kind once), what to do next ("":
    nothing).
    """

    right: str
    wrong: tuple
    next: str


def remarks(result, exercise, source="") -> Remarks:
    """What to tell a student about a `Result`; `source` is its answer cell ("": no name of a message is
    shown).
    """
    if result.state in STATES:
        late = result.state == "not handed in" and result.file  # there is one, which does not count
        return Remarks(*STATES["late" if late else result.state])
    right = sum(case.state == "ok" for case in result.cases)
    kinds = Counter(_wrong(case, source) for case in result.cases if case.state != "ok")
    wrong = [
        f"{said} (in {times} cases)" if times > 1 and len(result.cases) > times else said
        for said, times in kinds.most_common(MOST)
    ]
    if len(kinds) > MOST:
        wrong.append("The other cases fail in other ways. Fix these first.")
    return Remarks(_right(right, len(result.cases)), tuple(wrong), _next(result, exercise))


STATES = {
    "not attempted": (
        "No answer yet.",
        (),
        "The cell still holds its first line, `raise NotImplementedError()`. Put "
        "your code in its place: a part of the cases gives a part of the points.",
    ),
    "not handed in": (
        "No file of yours with this exercise has arrived.",
        (),
        "If you did hand it in, tell your teacher the file's name and when you sent it.",
    ),
    "late": ("Your file came after the deadline, and late work does not count.", (), "Ask your teacher."),
    "error": (
        "Grading this answer failed. This is not your fault.",
        (),
        "You do not need to do anything. Your teacher sees this and grades it again.",
    ),
}


def _right(right, cases):
    if not cases:
        return "Your teacher gave these points."
    if cases == 1:
        return "Your answer is right." if right else "Your answer is not right yet."
    if right == cases:
        return f"All {cases} cases are right."
    return f"{right} of {cases} cases are right." if right else f"None of the {cases} cases is right yet."


def _wrong(case, source):
    said = sentence(case.said or "this case is not right")
    return (
        f"{said[:-1]}: {exception(case.words, source)}" if case.state == "exception" and case.words else said
    )


def _next(result, exercise):
    states = {case.state for case in result.cases} - {"ok"}
    if not states:
        return ""
    if result.hint:
        return result.hint
    if any(case.words.startswith(("ModuleNotFoundError", "ImportError")) for case in result.cases):
        return (
            "Your cell imports something that is not available during grading. Solve the exercise without it."
        )
    if "wrong" in states and not exercise.examples:
        return "Read the exercise's text once more, and the part of the lesson that it is about."
    for state, todo in NEXT.items():
        if state in states:
            return todo.format(name=exercise.name)
    return "Read the exercise's text once more: which kind of value does it ask for?"


NEXT = {
    "missing": "Keep the line that begins with `def {name}(` as the lesson has it, and hand the notebook "
    "in again.",
    "exception": "Call `{name}` in a new cell with inputs of your own, small and odd ones, until it stops "
    "there, too.",
    "timeout": "Does a loop never end? If not, let NumPy work on whole arrays instead of looping over "
    "their elements.",
    "killed": "Look for an array that grows at each step, and for `exit()`: a function should only return "
    "its result.",
    "wrong": "Work out one small example by hand and compare it with what your function returns, step by "
    "step.",
}


def exception(words: str, source: str = "") -> str:
    """An exception in words that carry nothing out: "ValueError in line 3 of the cell: math domain error".

    `words` is what the student's process said: "TYPE: MESSAGE (line N)", or anything else.
    """
    kind, message, line = _PARTS.fullmatch(words[:1000]).groups()
    own = getattr(builtins, kind, None)
    said = kind if isinstance(own, type) and issubclass(own, BaseException) else "an exception of its own"
    if line and 1 <= int(line) <= len(source.splitlines()):
        said += f" in line {int(line)} of the cell"
    known = message_of(message, source)
    return f"{said}: {known}" if known else f"{said}."


_PARTS = re.compile(r"(\w*)(?:: )?(.*?)(?: \(line (\d{1,6})\))?", re.DOTALL | re.ASCII)


def message_of(message: str, source: str = "") -> str:
    """The sentence a message reads as, with the names of it that stand in `source`; "" for any other
    message."""
    known = {*re.findall(r"\w+", source), *re.findall(r"\w[\w.]*\w", source), *NAMES}
    for sentence, pattern in _PATTERNS:
        if found := pattern.fullmatch(message[:300]):
            return sentence.format(*(_name(name, known) for name in found.groups()))
    return ""


def _name(name, known):
    # A dotted name counts as one: put together anew, names of the cell could spell a hidden value.
    return name if name in known and not re.search(r"\d", name) else "…"


def _pattern(sentence):
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


def of_points(result) -> str:
    """ "1.5 of 2 points", or that there is no mark yet."""
    if result.points is None:
        return "no mark yet"
    return f"{number(result.points)} of {result.out_of} point{'s' if result.out_of != 1 else ''}"


def total(results) -> float | None:
    """The points of several results together; None where one of them, or its points, is missing (None)."""
    points = [result.points if result else None for result in results]
    return None if None in points else sum(points)


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
    """A text from anywhere as one harmless line: at most `most` characters, no line ends, no control
    characters, and none that turn the direction of writing, which can make a name read as another."""
    text = str(text)
    line = "".join(_sign(sign) for sign in text[:most])
    return re.sub(r"\s+", " ", line) + ("…" if len(text) > most else "")


def _sign(sign):
    if sign in "\t\n\r":
        return " "
    joiner = sign in "\u200c\u200d"  # Persian and Indian names need them, and they turn nothing
    return "\ufffd" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not joiner else sign
