"""The verdict of `check`: clear, one problem at a time, and never an exception."""

import linecache
import re
import subprocess
import sys
import time
from functools import lru_cache, partial

import numpy as np
import pandas as pd
import pytest

from course_lib import exercises
from course_lib.exercises import Exercise, cells, check

STUB = "def scaled(x, factor):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
SCALED = Exercise(
    "97.1",
    "scaled",
    "Scale",
    1,
    "",
    "float array (n,)",
    seconds=0.2,
    examples=((np.array([1.0, 2.0, 4.0]), 2), (np.array([0.5]), 4), (np.array([[1.0, 3.0]]), 1)),
    hints={"added": "Multiply, do not add.", "never met": "no"},
)
KEPT = {
    "stub": STUB,
    "examples": [np.array([2.0, 4.0, 8.0]), np.array([2.0]), np.array([[1.0, 3.0]])],
    "near_misses": {
        "added": [np.array([3.0, 4.0, 6.0]), np.array([4.5]), np.array([[2.0, 4.0]])],
        "without words": [np.zeros(3), np.zeros(1), np.zeros((1, 2))],
    },
}
ACTORS = Exercise("97.2", "actors", "How many?", 1, "", "int")
LABELS = Exercise(
    "97.3", "guess", "Guess", 1, "", "int array (4,)", examples=((np.arange(4),),), at_least=0.75
)
WORD = Exercise("97.4", "word", "Which?", 1, "", "text", choices=("the  gradient", "Other"))
SHARE = Exercise("97.5", "share", "Which share?", 1, "", "float, from 0 to 1")


@pytest.fixture(autouse=True)
def lesson_97(monkeypatch, publish):
    kept = {"97.1": KEPT, "97.3": {"stub": "", "examples": [np.arange(4)], "near_misses": {}}}
    # To Python the functions below come from this file, which imports the course.
    here = "".join(linecache.getlines(scaled.__code__.co_filename))
    monkeypatch.setattr(
        cells.Code,
        "unavailable",
        lambda code, modules, own=cells.Code.unavailable: [] if code.text == here else own(code, modules),
    )
    publish([SCALED, ACTORS, LABELS, WORD, SHARE], lambda id: kept.get(id, ""))


@pytest.fixture
def message(capsys):
    def message(id, function):
        assert check(id, function) is None
        out, err = capsys.readouterr()
        assert err == "" and "\x1b" not in out and out.endswith("\n")
        return out.rstrip("\n")

    return message


def cell(text, name="scaled", **also):
    """The function that a cell defines; to Python each cell is a file."""
    cell.count += 1
    file = f"<cell {cell.count}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space = {"np": np, **also}
    exec(compile(text, file, "exec"), space)
    return space[name]


cell.count = 0


def scaled(x, factor):
    return x * factor


# --- right, and what is wrong first ---


def test_right(message):
    assert (
        message("97.1", scaled)
        == "97.1 scaled: right on all 3 public examples. The grader uses other examples."
    )


def test_the_empty_copy_is_not_attempted(message):
    words = message("97.1", cell(STUB))
    assert words == (
        "97.1 scaled: not attempted yet. Replace the line `raise NotImplementedError()` with your code."
    )
    assert message("97.2", cell(STUB.replace("scaled(x, factor)", "actors()"), "actors")).startswith(
        "97.2 actors: not att"
    )


@pytest.mark.parametrize(
    "returned, words",
    [
        (
            lambda x, factor: x + factor,
            "example 1 of 3: 2 of 3 values are wrong, the first at [0]: 2 is right, you have 3. "
            "Hint: Multiply, do not add.",
        ),
        (
            lambda x, factor: 0 * x,
            "example 1 of 3: 3 of 3 values are wrong, the first at [0]: 2 is right, you have 0.",
        ),
        (lambda x, factor: (x * factor)[:1], "example 1 of 3: shape (3,) is expected, you return (1,)."),
        (
            lambda x, factor: 2.0,
            "example 1 of 3: a float array of shape (3,) is expected, you return a float.",
        ),
        (
            lambda x, factor: list(x * factor),
            "example 1 of 3: a float array of shape (3,) is expected, you return a list; "
            "return np.array(...) of it.",
        ),
        (
            lambda x, factor: pd.Series(x * factor),
            "example 1 of 3: a float array of shape (3,) is expected, you return a "
            "pandas Series; return .to_numpy() of it.",
        ),
        (lambda x, factor: x / 0, "example 1 of 3: your array contains NaN or infinite values."),
        (
            lambda x, factor: x.astype(str),
            "example 1 of 3: float values are expected, you return text values.",
        ),
        (lambda x, factor: None, "example 1: your function returns None. Does it end with `return`?"),
        (
            lambda x, factor: x * 2,
            "example 2 of 3: 1 of 1 values are wrong, the first at [0]: 2 is right, you have 1.",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_the_first_thing_that_is_wrong(message, returned, words):
    assert message("97.1", returned) == f"97.1 scaled: {words}"


def test_of_labels_it_says_how_many_are_right(message):
    assert (
        message("97.3", lambda X: X % 2)
        == "97.3 guess: example 1 of 1: 2 of 4 labels are right, but at least 75% should be."
    )
    assert message("97.3", lambda X: X % 3).startswith("97.3 guess: right on the public example")


def test_an_answer_that_changes_its_input(message):
    def in_place(x, factor):
        x *= factor
        return x

    assert message("97.1", in_place) == (
        "97.1 scaled: example 1: right, but your function changes its input. Work on a copy."
    )
    assert list(SCALED.examples[0][0]) == [1, 2, 4]  # and the next try begins with it as it was


def test_right_but_slow(message):
    def slow(x, factor):
        time.sleep(0.25 * (factor == 4))
        return x * factor

    assert re.fullmatch(
        r"97.1 scaled: right on all 3 public examples. The grader uses other examples. It takes 0.[2-9] s; "
        r"the grader allows 0.2 s.",
        message("97.1", slow),
    )


def test_what_a_function_prints_comes_before_the_verdict(message):
    def chatty(x, factor):
        print("x is", x)
        return x * factor

    assert message("97.1", chatty).splitlines()[0] == "x is [1. 2. 4.]"
    assert message("97.1", chatty).splitlines()[-1].startswith("97.1 scaled: right")


def test_callables_of_all_kinds(message):
    class Scaler:
        def __call__(self, x, factor):
            return x * factor

    for answer in (Scaler(), partial(scaled), np.multiply, Scaler().__call__):
        assert message("97.1", answer).startswith("97.1 scaled: right on all 3")
    assert "unhashable" in message("97.1", lru_cache(scaled))


# --- what stops a function ---


@pytest.mark.parametrize(
    "line, words",
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise SystemExit", "SystemExit"),
        ("exit()", None),
        ("raise GeneratorExit", "GeneratorExit"),
        ("assert x is None", "AssertionError"),
        ("return y", "NameError: name 'y' is not"),
        ("return x['a']", "IndexError: only integers"),
        ("return scaled(x, factor)", "RecursionError: maximum recursion"),
        ("raise ValueError('one\\n  two' * 1000)", "ValueError: one two"),
        ("raise ValueError('No end.')", "ValueError: No end (l"),
        ("raise NotImplementedError('not for 2-D')", "NotImplementedError: not for 2-D"),
    ],
)
def test_an_exception_is_shown_with_its_line(message, line, words):
    text = message("97.1", cell(f"import numpy\n\ndef scaled(x, factor):\n    x = x\n    {line}\n"))
    assert text.startswith(f"97.1 scaled: example 1: {words or ''}") and text.endswith(
        " (line 5 of its cell)."
    )
    assert len(text) < 420 and "\n" not in text


def test_the_line_is_the_students_where_a_library_raises(message):
    function = cell(
        "def helper(x):\n    return np.linalg.inv(x)\n\ndef scaled(x, factor):\n\n    return helper(x)"
    )
    assert "LinAlgError: 1-dimensional array given" in message("97.1", function)
    assert "(line 2 of its cell)" in message("97.1", function)
    elsewhere = cell("def scaled(x, factor):\n    return helper(x)", helper=function)  # of another cell
    assert "(line 2 of its cell)" in message("97.1", elsewhere)


def test_an_interrupt_asks_for_the_endless_loop(message):
    def endless(x, factor):
        raise KeyboardInterrupt

    assert message("97.1", endless) == "97.1 scaled: interrupted. Is there a loop that never ends?"


def test_an_exception_without_a_readable_message(message):
    class Mute(BaseException):
        def __str__(self):
            raise SystemExit

    def function(x, factor):
        raise Mute

    assert message("97.1", function) == "97.1 scaled: your function could not be tried (SystemExit)."


@pytest.mark.parametrize(
    "text",
    [
        "def scaled(x): return x",
        "def scaled(x, factor, more): return x",
        "def scaled(): 1",
        "def scaled(x, *, factor): return x",
    ],
)
def test_another_signature(message, text):
    own = text[len("def scaled") : text.index(":")]
    assert message("97.1", cell(text)) == (
        f"97.1 scaled: your function takes {own}, but it should take (x, factor). "
        "Keep the arguments of the empty copy."
    )


def test_more_arguments_with_defaults_are_fine(message):
    assert "right on all" in message("97.1", lambda x, factor=3, more=None: x * factor)


def test_a_type_error_inside_is_no_matter_of_the_signature(message):
    assert "TypeError: " in message("97.1", lambda x, factor: x + None)


# --- what is no function, or no exercise ---


@pytest.mark.parametrize(
    "value, words", [(3, "a whole number"), (None, "None"), (np.zeros(3), "a float array of shape (3,)")]
)
def test_what_is_no_function(message, value, words):
    assert message("97.1", value) == (
        f"97.1 scaled: {words} is not a function. Run the cell that defines scaled, then this one."
    )


@pytest.mark.parametrize("id", ["97.9", "9", "", None, 97.9, "../97.1", scaled])
def test_an_exercise_that_is_not_there(message, id):
    assert "cannot be checked" in message(id, scaled) and "there is no such exercise" in message(id, scaled)


def test_an_exercise_that_was_not_built(message, unbuilt):
    assert message("97.1", scaled) == (
        "97.1: this cannot be checked. lesson_97.json: the values were not built. Run: course build 97"
    )


class Hostile:
    def __getattribute__(self, name):
        raise SystemExit

    def __call__(self, *arguments):
        return self


def test_strange_answers_are_wrong_and_nothing_more(message):
    class Equal:
        __eq__ = lambda self, other: True
        __array__ = lambda self, *_, **__: np.array([2.0, 4.0, 8.0])
        __class__ = property(lambda self: np.ndarray)
        __hash__ = None

    assert "you return an Equal" in message("97.1", lambda x, factor: Equal())
    assert "you return a Hostile" in message("97.1", lambda x, factor: Hostile())
    assert "could not be tried" in message("97.1", Hostile())


# --- questions ---


@pytest.mark.parametrize(
    "id, answer, words",
    [
        ("97.2", 24, "your answer is 24. A question has no public example: only the grader checks it."),
        ("97.2", 24.0, "a whole number (int) is expected, you return a float."),
        ("97.2", "24", "a number is expected, you return a text."),
        ("97.2", True, "a number is expected, you return True."),
        ("97.2", None, "your function returns None. Does it end with `return`?"),
        ("97.2", np.zeros(3), "a number is expected, you return a float array of shape (3,)."),
        ("97.5", 1, "your answer is 1."),
        ("97.5", 0.25, "your answer is 0.25."),
        ("97.5", float("nan"), "you return NaN, infinity or"),
        ("97.4", "the gradient", "your answer is 'the gradient'."),
        ("97.4", " OTHER\n", "your answer is ' OTHER\\n'."),
        ("97.4", "gradient", "one of 'the  gradient', 'Other' is expected, you return 'gradient'."),
        ("97.4", 1, "one of 'the  gradient', 'Other' is expected, you return 1."),
    ],
)
def test_an_answer_of_the_right_kind_to_a_question_is_shown(message, id, answer, words):
    assert message(id, lambda: answer).startswith(f"{id} {exercises.find(id).name}: {words}")


def test_a_questions_own_mistakes(message):
    assert "your function takes (x), " in message("97.2", lambda x: 3)
    assert len(message("97.4", lambda: "x " * 10_000)) < 300
    assert "ZeroDivisionError" in message("97.2", lambda: 1 / 0)


# --- an answer that leans on other cells ---


def test_a_hint_is_given_only_for_the_same_slip_in_every_example(message):
    once = cell("def scaled(x, factor):\n    return x + factor if len(x) == 3 else x * factor")
    assert "Hint" not in message("97.1", once) and "Hint: Multiply" in message(
        "97.1", lambda x, factor: x + factor
    )


def test_names_and_modules_that_the_grader_does_not_have_are_listed(message):
    leaning = cell("def scaled(x, factor):\n    return np.array(helper(x, factor))", helper=scaled)
    assert message("97.1", leaning).endswith(
        " But the grader runs your cell alone: define or import helper in it."
    )
    alone = cell(
        "from math import prod\n\ndef helper(x):\n    return x\n\n"
        "def scaled(x, factor):\n    return prod([helper(x), factor])"
    )
    assert message("97.1", alone).endswith("The grader uses other examples.")


# --- the course's own ---


def test_check_loads_nothing_heavy():
    heavy = ["pandas", "skimage", "sklearn", "librosa", "keras", "nbformat", "IPython"]
    code = (
        f"import sys, course_lib.exercises.checking; print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
