"""The teacher's comments: shown to the student, kept, and without any effect on a mark."""

import json

import pytest

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.grading import comments
from course_lib.grading.intake import Student
from course_lib.grading.output import pages, report
from course_lib.grading.results import Case, Graded, Marked, Result

MEAN = Exercise("97.1", "own_mean", "Mean", 2, "", "float", examples=((1,),))
STUDENTS, EXERCISES = {"ann": "ann", "bob": "bob", "7f": "bob", "Dan": "Dan", "DAN": "DAN"}, {"97.1": MEAN}
HEAD = "student,exercise,comment\n"


def read(tmp_path, text):
    (tmp_path / "comments.csv").write_text(text, encoding="utf-8")
    return comments.read(tmp_path / "comments.csv", STUDENTS, EXERCISES)


def test_comments_are_read_with_commas_lines_and_pseudonyms(tmp_path):
    text = '\ufeffstudent,exercise,comment\nANN,97.1,Good, but slow.\n7F,97.1,"Two\nlines"\n,,\n'
    assert read(tmp_path, text) == {
        ("ann", "97.1"): "Good, but slow.",
        ("bob", "97.1"): "Two\nlines",
    }
    assert comments.read(tmp_path / "none.csv", STUDENTS, EXERCISES) == {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("eve,97.1,x", "line 3: student 'eve' is not in the roster"),
        ("dan,97.1,x", "line 3: student 'dan' may be DAN or Dan"),
        ("ann,2.1,x", r"line 3: there is no exercise '2.1'\. There are: 97.1"),
        ("ann,97.1, ", "line 3: the comment is empty"),
        ("bob,97.1,twice", "line 3: an earlier line has a comment for bob on 97.1"),
        ('ann,97.1,"open', "line 3: it cannot be read"),
        ("ann,97.1," + "x" * 2_001, "line 3: the comment has 2001 characters"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, expected):
    with pytest.raises(CourseError, match=expected):
        read(tmp_path, f"{HEAD}bob,97.1,first\n{line}\n")


def test_the_header_is_needed(tmp_path):
    with pytest.raises(CourseError, match=r"line 1: no column comment, exercise.*student,exercise,comment"):
        read(tmp_path, "student;exercise;comment\n")


def test_a_comment_changes_no_mark_and_an_old_one_goes():
    own = Result("ann", "97.1", "graded", 1.0, 2, (Case(1, "ok"),), comment="of last week")
    other = own._replace(student="bob")
    merged = comments.merge([own, other], {("bob", "97.1"): "Look at n = 0."})
    assert merged == [own._replace(comment=""), other._replace(comment="Look at n = 0.")]


def test_gradescope_shows_the_comment_and_the_criteria(tmp_path):
    own = Result("ann", "97.1", "graded", 1.0, 2, comment="=Look <b>\n at n = 0")
    own = own._replace(criteria=(Marked("a", "Question", 1.0, 2, "Vague.", "Say when."),))
    report.write(tmp_path, Graded([own], [Student("ann")], [MEAN]))
    (test,) = json.loads((tmp_path / "gradescope" / "ann.json").read_text())["tests"]
    lines = test["output"].splitlines()
    assert lines[-2:] == ["Question: 1 of 2. Say when.", "Your teacher: =Look <b> at n = 0"]


def test_the_student_reads_the_whole_comment_line_by_line():
    long = "word " * 300
    own = Result(
        "ann", "97.1", "graded", 1.0, 2, (Case(1, "ok"),), reason="a slip", comment=f"<b>One\n{long}end"
    )
    page = pages.feedback(Student("ann", "Ann"), {"97.1": own}, [MEAN])
    assert "Your teacher: </strong>a slip" in page and "&lt;b&gt;One<br>word" in page and "end</p>" in page
