"""The feedback: it explains an exception by the text of the cell, and reveals nothing more."""

import pytest

from course_lib.exercises import Exercise
from course_lib.grading.output import wording
from course_lib.grading.results import Case, Result

LENGTH = Exercise("02.1", "hog_length", "How long is a HoG description?", 2, "", "int", examples=((1,),))


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
    "fault, seen, todo",
    [
        (("syntax", "expected ':' (line 2)"), "cannot read the cell: expected ':' (line 2).", "this line"),
        (("names", "clips, y"), "does not define or import: clips, y.", "runs this cell alone"),
        (("modules", "google.colab"), "does not have: google.colab.", "without this import"),
        (None, "", "small and unusual ones"),
    ],
)
def test_an_exception_is_explained_by_the_cell_s_text_alone(fault, seen, todo):
    case = Case(1, "exception", "your function raises an exception", "KeyError: hidden")
    result = Result("ann", "02.1", "graded", 0.0, 2, (case,), faults=(fault,) if fault else ())
    found = wording.remarks(result, LENGTH)
    assert todo in found.next and found.wrong[0] == "Your function raises an exception."
    assert seen in found.wrong[-1] and len(found.wrong) == (2 if fault else 1)
    right = wording.remarks(result._replace(cases=(Case(1, "ok"),)), LENGTH)
    assert right.wrong == () and right.next == ""  # a name that is never used does no harm
