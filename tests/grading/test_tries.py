"""What a further answer to a question costs: the option, and what is the same answer."""

import itertools

import pytest

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.grading import tries
from course_lib.grading.penalty import fractions
from course_lib.grading.results import Result
from course_lib.grading.run import Run

KNOWN = {"ann": "ann", "7f": "bob", "'-1": "-1"}


@pytest.mark.parametrize("text", ["", "100", "50%,100%", "100%,", "101%", "-5%", "half", "100%;50%"])
def test_what_is_not_a_list_of_falling_percentages(text):
    with pytest.raises(CourseError, match=r"--tries .*: this is not a list of falling percentages"):
        fractions(text)


def test_a_wrong_list_is_said_before_anything_is_graded():
    with pytest.raises(CourseError, match="falling percentages"):
        Run("in", "bank", "key", "roster", "out", tries="50")
    assert fractions("100%, 12.5%,0%") == (1, 0.125, 0)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("def f():\n\n  # why\n  return 'a'  # because\n", True),
        ("def f():\n    return 'b'\n", False),
        ("def f():\n    return 'a '\n", False),
        ("def f():\n    return '# a'\n", False),
        ("def f():\n    return 'a'\nexec('def f(): return 1')\n", False),
        ("def f():\n    return 'a'\n'", False),
    ],
)
def test_comments_and_layout_make_no_other_answer(other, same):
    assert (tries.digest(other) == tries.digest("def f():\n    return 'a'\n")) == same


def test_a_table_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "tries.csv"
    assert tries.read(path, KNOWN) == {}
    made = {("ann", "02.4"): [f"{n:x}" for n in range(12)], ("-1", "02.4"): ["a"], ("bob", "03.4"): ["b"]}
    tries.write(path, made, {"bob": "7f"})
    assert tries.read(path, KNOWN) == made
    assert tries.read(path, {"ann": "ann"}).keys() == {("ann", "02.4")}  # the others left the course
    path.write_text("student,exercise,try,answer\nann,02.4,x,a\n")
    with pytest.raises(CourseError, match="line 2: try 'x' is not a number"):
        tries.read(path, KNOWN)


@pytest.mark.parametrize(
    ("rates", "mean"), [("100%,50%", 0.375), ("100%", 0.25), ("100%,75%,50%,25%", 0.625)]
)
def test_what_guessing_gives_on_average(rates, mean):
    """A student tries the four choices of 02.4 in any order until one is right."""
    right, *others = exercises.find("02.4").choices
    orders = list(itertools.permutations([right, *others]))
    points = [
        tries._charged(Result("ann", "02.4", "graded", 1, 1), order.index(right) + 1, fractions(rates)).points
        for order in orders
    ]
    assert sum(points) / len(orders) == pytest.approx(mean)
