"""The feedback: it describes an exception of the student's own code, and reveals nothing more."""

import re

import numpy as np
import pytest

from course_lib.exercises import Exercise
from course_lib.grading.output import wording
from course_lib.grading.results import Case, Result

LENGTH = Exercise("02.1", "hog_length", "How long is a HoG description?", 2, "", "int", examples=((1,),))


def test_an_exception_in_words():
    source = "def f(x):\n    return n_frames + x"
    described = lambda words: wording.exception(words, source)
    assert (
        described("NameError: name 'n_frames' is not defined (line 2)")
        == "NameError in line 2 of the cell: name 'n_frames' is not defined"
    )
    assert (
        described("NameError: name 'secret' is not defined (line 3)") == "NameError: name '…' is not defined"
    )
    assert (
        described("AttributeError: 'int' object has no attribute 'n_frames'")
        == "AttributeError: 'int' object has no attribute 'n_frames'"
    )
    assert (
        described("OwnError: text")
        == described("")
        == described("¡!")
        == described("print: text")
        == "an exception of its own."
    )
    assert described("ValueError") == described("ValueError: my own words") == "ValueError."
    assert (
        wording.exception("NameError: name 'x' is not defined (line 1)")
        == "NameError: name '…' is not defined"
    )


FAIL = """
undefined; np.undefined; none.shape; none[0]; three(); len(three); ones["a"]; ones[4]; "a"[4]; ones + 1
1 + "a"; "a" + 1; -"a"; 1 < "a"; {ones: 1}; 1 / 0; 1.0 / 0; 1 % 0; 1 // 0; int("x"); float("x")
int(float("nan")); range(2.5); max([]); [].pop(); __import__("undefined"); (lambda x: x)()
(lambda x: x)(1, 2); (lambda x: x)(y=1); (lambda x, y: x)(); [a for a, b in [(1, 2, 3)]]
[a for a, b in [(1,)]]; compile("x = (", "", "exec"); compile(" x = 1", "", "exec")
compile("x y", "", "exec"); compile("if x", "", "exec"); z + np.zeros(2); z[5]; z[0, 0]; z["a"]
z[np.zeros(4, bool)]; z.reshape(2, 2); z @ np.zeros(2); z.mean(axis=2); z[:0].max(); bool(z); float(z)
np.array([[1], [1, 2]]); np.concatenate([np.zeros((1, 2)), z]); np.concatenate([])
z.__setitem__(slice(None), np.zeros(2)); np.dot(z, np.zeros(2))
"""


@pytest.mark.parametrize("code", [code for line in FAIL.strip().splitlines() for code in line.split("; ")])
def test_messages_that_help_are_known(code):
    with pytest.raises(Exception) as caught:
        eval(code, {"np": np, "z": np.zeros(3), "none": None, "three": 3, "ones": [1]})
    described = wording.message_of(str(caught.value), "undefined x y")
    assert described and not re.search(r"\d", described)


def test_sentences_hold_no_digit():
    assert not re.search(r"\d", "".join(wording.SENTENCES))


def test_only_the_first_kinds_of_mistakes_are_listed():
    cases = tuple(Case(k, "wrong", described) for k, described in enumerate(["b", "a", "c", "d", "a"], 1))
    feedback = wording.remarks(Result("ann", "02.1", "graded", 0.0, 2, cases), LENGTH)
    assert feedback.wrong == (
        "A. (in 2 cases)",
        "B.",
        "C.",
        "The other cases fail in other ways. Fix these first.",
    )


def test_plain_is_one_short_harmless_line():
    assert wording.plain("a\n b\t c\0\u202ed") == "a b c\ufffd\ufffdd"
    assert wording.plain("xyz", 2) == "xy…" and wording.plain(None) == "None"
    assert wording.plain("می\u200cخواهم") == "می\u200cخواهم"  # a Persian word keeps its joiner


@pytest.mark.parametrize(
    "shown, todo",
    [
        ("SyntaxError: invalid non-printable character U+00A0 (line 2)", "Python cannot read the cell"),
        ("NameError: name 'clips' is not defined", "runs this cell alone"),
        ("ModuleNotFoundError: No module named 'google.colab'", "Solve the exercise without it"),
        ("", "small and unusual ones"),
    ],
)
def test_the_next_step_fits_the_exception(shown, todo):
    case = Case(1, "exception", "your function raises an exception", "KeyError: hidden", shown)
    found = wording.remarks(Result("ann", "02.1", "graded", 0.0, 2, (case,)), LENGTH)
    assert todo in found.next and "hidden" not in found.wrong[0] and "KeyError" not in found.wrong[0]
    assert ("unlike the public examples" in found.wrong[0]) == (not shown)
