"""From a master to the student's copy: what is cleared, what is put around it, and what is refused."""

import ast
import re

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib import exercises, lessons
from course_lib.authoring import build, student_copy
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.lessons import masters

ONE = Exercise(
    "09.1",
    "double",
    "Twice as much",
    2,
    "\nWrite `double(x)`.\n",
    "float array (n,)",
    examples=((np.array([1.0, 2.0]),), (np.arange(40.0),)),
    hints={},
)
TWO = Exercise("09.2", "who", "Who?", 1, "Say who.", "text", choices=("Ekman", "Scherer"))
THREE = Exercise(
    "09.3",
    "labels",
    "New people",
    3,
    "Train.",
    "int array (n,)",
    examples=((np.zeros(20, np.uint8),),),
    at_least=0.85,
    seconds=5.0,
)
SOLVED = """import math

def double(x):
    y = x
    ### BEGIN SOLUTION
    return 2 * y
    ### END SOLUTION
"""
CLEARED = """import math

def double(x):
    y = x
    # YOUR CODE HERE
    raise NotImplementedError()
"""
MARKED = "def {}(*data):\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"


def data(one, **changes):
    return {
        "nbgrader": {
            "cell_type": "code",
            "grade": True,
            "grade_id": one.grade_id,
            "locked": False,
            "points": one.points,
            "schema_version": 3,
            "solution": True,
            "task": False,
        }
        | changes
    }


def answer(one, source=None, **changes):
    return new_code_cell(source or MARKED.format(one.name), metadata=data(one, **changes))


def master(*cells):
    return new_notebook(
        cells=[
            new_markdown_cell("# 09 · Title"),
            new_code_cell("1"),
            new_markdown_cell("## Exercises"),
            *cells,
            new_markdown_cell("### To explore\n\nNext: more."),
        ]
    )


@pytest.fixture
def public(monkeypatch):
    """A lesson 09 with the exercises in this list."""
    there = [ONE]
    monkeypatch.setattr(exercises, "lesson", lambda number: there if number == "09" else [])
    rights = {"09.1": [np.array([2.0, 4.0]), np.arange(40.0) / 3], "09.3": [np.zeros(20, int)]}
    monkeypatch.setattr(exercises, "kept", lambda id: {"examples": rights[id]})
    return there


def copied(*cells, solved=False):
    return student_copy.with_exercises(master(*cells), "09_name", solved).cells


def by_id(cells):
    assert len({cell.id for cell in cells}) == len(cells)
    return {cell.id: cell for cell in cells}


# Clearing


def test_the_region_becomes_nbgraders_stub_and_all_else_stays():
    assert masters.cleared(SOLVED) == CLEARED


def test_the_stub_stands_where_the_first_marker_stood():
    deep = "def f():\n  if True:\n      # BEGIN SOLUTION\n      a = 1\n    # END SOLUTION\n  return 0"
    assert (
        masters.cleared(deep)
        == "def f():\n  if True:\n      # YOUR CODE HERE\n      raise NotImplementedError()\n  return 0"
    )


# The cells around an answer


def test_a_copy_has_text_answer_check_and_the_hand_in_cell_last(public):
    cells = copied(answer(ONE, SOLVED))
    assert [cell.id for cell in cells] == [
        "09-000",
        "09-001",
        "09-002",
        "09-exercises-text",
        "09-exercises-setup",
        "exercise-09-1-text",
        "exercise-09-1",
        "exercise-09-1-check",
        "09-003",
        "09-hand-in-text",
        "09-hand-in",
    ]
    found = by_id(cells)
    assert found["exercise-09-1"].source == CLEARED and found["exercise-09-1"].metadata == data(ONE)
    assert found["09-exercises-setup"].source == exercises.SETUP
    assert found["exercise-09-1-check"].source == 'check("09.1", double)'
    assert found["09-hand-in"].source == 'hand_in("09")' and found["09-hand-in-text"].source.startswith(
        "## Hand in"
    )
    how = found["09-exercises-text"].source
    named = re.findall(r'`([\w.]+)\("09.1"\)', how)
    assert named == ["hint", "solution", "given", "exercises.find", "exercises.reset"]
    imported = re.search("from course_lib.exercises import (.*)", exercises.SETUP)[1].split(", ")
    for call in named:  # `exercises` is imported by the line in the text, the others by the cell
        assert call in imported or hasattr(exercises, call.removeprefix("exercises."))
    assert set(imported) >= {"hint", "solution", "given"} and "from course_lib import exercises" in how


def test_the_solved_copy_differs_in_the_answer_alone(public):
    student, solved = copied(answer(ONE, SOLVED)), copied(answer(ONE, SOLVED), solved=True)
    assert [own.id for own, other in zip(student, solved, strict=True) if own != other] == ["exercise-09-1"]
    assert by_id(solved)["exercise-09-1"].source == SOLVED


def test_cells_of_the_master_that_go_on_with_an_answer_follow_its_check(public):
    cells = copied(answer(ONE), new_code_cell('given("09.1")'), new_code_cell("2"), new_markdown_cell("so"))
    ids = [cell.id for cell in cells]
    at = ids.index("exercise-09-1-check")
    assert ids[at : at + 5] == [
        "exercise-09-1-check",
        "exercise-09-1-then-1",
        "exercise-09-1-then-2",
        "09-003",
        "09-004",
    ]


def test_another_exercise_changes_no_other_cell(public):
    before = by_id(copied(answer(ONE), new_code_cell('given("09.1")')))
    public.insert(0, TWO)
    after = by_id(copied(answer(TWO), answer(ONE), new_code_cell('given("09.1")')))
    assert {id: cell for id, cell in after.items() if id in before} == before
    assert after.keys() - before.keys() == {"exercise-09-2", "exercise-09-2-text", "exercise-09-2-check"}


def test_a_master_without_answer_cells_only_gets_its_ids(public):
    public.clear()
    assert [cell.id for cell in copied()] == ["09-000", "09-001", "09-002", "09-003"]


def test_the_cell_for_colab_has_an_id_of_its_own_and_changes_no_other(public):
    public.clear()
    colab = new_code_cell("1", metadata={"tags": ["colab"]})
    assert [cell.id for cell in copied(colab)] == ["09-000", "09-001", "09-002", "09-colab", "09-003"]


def test_a_text_before_the_parameters_tells_how_to_open_a_folded_cell(public):
    public.clear()
    parameters = new_code_cell("SEED = 0", metadata={"tags": ["parameters"], "cellView": "form"})
    cells = copied(parameters, new_code_cell("setup"))
    assert [cell.id for cell in cells[2:6]] == ["09-002", "09-parameters-text", "09-003", "09-004"]
    assert "click *Show code*\nin Colab" in cells[3].source
    assert cells[4].metadata == {"tags": ["parameters"], "cellView": "form"}


# The words


def test_the_text_says_title_points_returns_limit_and_short_examples(public):
    assert (
        by_id(copied(answer(ONE)))["exercise-09-1-text"].source
        == """### 09.1 · Twice as much (2 points)

Write `double(x)`.

**Returns:** float array (n,). Time limit: 2 s a call.

```python
>>> double(np.array([1.0, 2.0]))
np.array([2.0, 4.0])
>>> double(<float64 array (40,)>)
<float64 array (40,)>
```"""
    )


def test_a_question_says_its_choices_and_has_no_limit(public):
    public[:] = [TWO]
    assert (
        by_id(copied(answer(TWO)))["exercise-09-2-text"].source
        == """### 09.2 · Who? (1 point)

Say who.

**Returns:** text. One of: `'Ekman'`, `'Scherer'`."""
    )


def test_a_classifier_says_how_many_labels_must_be_right(public):
    public[:] = [THREE]
    text = by_id(copied(answer(THREE)))["exercise-09-3-text"].source
    assert "At least 85 % of the labels must be right. Time limit: 5 s a call." in text
    assert ">>> labels(<uint8 array (20,)>)\n<int64 array (20,)>" in text


def test_long_examples_are_written_an_argument_and_a_value_a_line(public, monkeypatch):
    long = np.linspace(0, 15, 16).reshape(2, 8)
    public[:] = [
        Exercise("09.4", "both", "Both", 2, "Do.", "two arrays", examples=((long, long.astype(int)),))
    ]
    monkeypatch.setattr(exercises, "kept", lambda id: {"examples": [[long / 3, 7]]})
    text = by_id(copied(answer(public[0])))["exercise-09-4-text"].source
    assert re.search(
        r"""(?s)```python
>>> both\(
\.\.\.     np.array\(\[\[0.0, [^\n]*\]\]\),
\.\.\.     np.array\(\[\[0, [^\n]*\]\]\)\)
\[np.array\(\[\[0.0, 0.333333, [^\n]*\]\]\),
 7\]
```$""",
        text,
    )


def test_a_long_list_is_written_an_item_a_line(public, monkeypatch):
    boxes = [
        np.arange(12).reshape(3, 4),
        np.zeros((0, 4), int),
        np.arange(100, 112).reshape(3, 4),
        np.arange(8),
    ]
    public[:] = [Exercise("09.4", "most", "Most", 2, "Do.", "int", examples=((boxes, 0.5),))]
    monkeypatch.setattr(exercises, "kept", lambda id: {"examples": [2]})
    text = by_id(copied(answer(public[0])))["exercise-09-4-text"].source
    assert (
        """>>> most(
...     [np.array([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]),
...      np.zeros((0, 4), "int64"),
"""
        in text
        and "\n...      np.array([0, 1, 2, 3, 4, 5, 6, 7])],\n...     0.5)\n2\n" in text
    )


@pytest.mark.parametrize(
    "value, said",
    [
        (3, "3"),
        (True, "True"),
        (1 / 3, "0.333333"),
        (2.0, "2.0"),
        ('say "ä"', '"say \\"ä\\""'),
        ((1, 2.5), "(1, 2.5)"),
        ((1,), "(1,)"),
        ([["a"], []], '[["a"], []]'),
        (np.array([[1, 2]], np.int16), "np.array([[1, 2]], dtype=np.int16)"),
        (np.array(["a", "b"]), 'np.array(["a", "b"])'),
        (np.array([True]), "np.array([True])"),
        (np.zeros((17, 1)), "<float64 array (17, 1)>"),
        (np.float32(0.5), "0.5"),
        (np.int64(7), "7"),
        (np.array(["happy"] * 17), "<text array (17,)>"),
        (123456789.0, "123457000.0"),
        (np.array([np.nan]), "np.array([np.nan])"),
        (np.zeros((0, 4), int), 'np.zeros((0, 4), "int64")'),
    ],
    ids=str,
)
def test_a_value_is_written_as_it_would_be_typed(value, said):
    assert student_copy.written(value, digits=6) == said


def test_an_examples_input_is_written_to_its_last_digit():
    assert student_copy.written(np.array([1 / 3])) == f"np.array([{1 / 3!r}])"


# What is refused, with master and cell


@pytest.mark.parametrize(
    "source, metadata, said",
    [
        ("def double(x):\n    return 2 * x", {}, "BEGIN SOLUTION and, after it"),
        (
            "def double(x):\n    ### END SOLUTION\n    return x\n    ### BEGIN SOLUTION",
            {},
            "BEGIN SOLUTION and, after it",
        ),
        ("def double(x):\n    ### BEGIN SOLUTION\n    return x", {}, "BEGIN SOLUTION and, after it"),
        (SOLVED + SOLVED, {}, "once each"),
        (
            SOLVED,
            {"grade_id": "exercise-09-7"},
            "belongs to no exercise of the lesson. The ids are: exercise-09-1",
        ),
        (SOLVED, {"points": 3}, "points and the rest come from the Exercise"),
        (SOLVED, {"grade": False}, "should be its grade_id alone"),
        (SOLVED, {"schema_version": 2}, "should be its grade_id alone"),
        (SOLVED.replace("double", "twice"), {}, "it defines twice outside.*asks for a function double"),
        ("### BEGIN SOLUTION\ndef double(x):\n    return x\n### END SOLUTION", {}, "it defines no function"),
        ("def double(x):\n### BEGIN SOLUTION\n    return x\n### END SOLUTION", {}, "it is not valid Python"),
    ],
    ids=[
        "no marker",
        "end before begin",
        "no end",
        "two regions",
        "unknown",
        "points",
        "no grade",
        "schema",
        "name",
        "def inside",
        "no Python",
    ],
)
def test_a_cell_that_does_not_fit_is_refused(public, source, metadata, said):
    with pytest.raises(CourseError, match=f"masters/09_name.py, cell 'exercise-09.*{said}"):
        copied(answer(ONE, source, **metadata))


def test_markers_outside_an_answer_cell_are_refused(public):
    with pytest.raises(CourseError, match=r"masters/09_name.py, cell 'x = 1'.*belongs to no exercise"):
        copied(answer(ONE), new_code_cell("x = 1\n### BEGIN SOLUTION\n### END SOLUTION"))


def test_an_exercise_without_a_cell_and_one_with_two_are_refused(public):
    with pytest.raises(CourseError, match=r"masters/09_name.py: no answer cell for 09.1"):
        copied()
    with pytest.raises(CourseError, match="this exercise has two answer cells"):
        copied(answer(ONE), answer(ONE))


def test_a_lesson_without_a_master_is_said():
    with pytest.raises(CourseError, match=r"masters/77_\*.py: this lesson has no master"):
        masters.solutions("77")


# The course's own


@pytest.mark.parametrize("name", [name for name in lessons.names() if exercises.lesson(name[:2])])
def test_a_lessons_copy_holds_its_exercises_and_no_solution(name):
    copy, again = build.from_master(name), build.from_master(name)
    assert copy == again
    found = by_id(copy.cells)
    assert not [id for id, cell in found.items() if re.search("(BEGIN|END) SOLUTION", cell.source)]
    assert list(found)[-1] == f"{name[:2]}-hand-in"
    for one in exercises.lesson(name[:2]):
        assert "raise NotImplementedError()" in found[one.grade_id].source
        assert one.name in [
            node.name
            for node in ast.walk(ast.parse(found[one.grade_id].source))
            if isinstance(node, ast.FunctionDef)
        ]
