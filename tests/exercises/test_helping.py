"""Hints in levels, and the solution after an attempt."""

import json

import pytest

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise, check, checking, helping, hint, solution

ONE = Exercise("97.1", "double", "Twice", 1, "", "int", examples=((2,),), levels=("Why?", "There.", "2 * x"))
NONE = Exercise("97.2", "halve", "Half", 1, "", "int", examples=((2,),))
SOLVED = "def double(x):\n    return 2 * x"


@pytest.fixture(autouse=True)
def there(publish, tmp_path, monkeypatch):
    publish([ONE, NONE], lambda id: {"stub": "def double(x): ...", "examples": [4], "near_misses": {}})
    monkeypatch.setattr(helping, "SOLUTIONS", tmp_path / "solutions.json")
    monkeypatch.setattr(helping, "_shown", {})
    monkeypatch.setattr(checking, "attempted", set())
    helping.SOLUTIONS.write_text(json.dumps({"97.1": SOLVED}), encoding="utf-8")


def unwritten(x):
    raise NotImplementedError()


def broken(x):
    raise SystemExit


@pytest.mark.parametrize("attempt", [lambda x: 2 * x, lambda x: x, broken, lambda x: None])
def test_a_solution_is_shown_after_an_attempt_right_or_wrong(attempt, capsys):
    check("97.1", attempt)
    capsys.readouterr()
    solution("97.1")
    assert capsys.readouterr().out == f"{SOLVED}\n"


@pytest.mark.parametrize("attempt", [None, unwritten, 4])
def test_without_an_attempt_a_sentence_says_to_try_first(attempt, capsys):
    if attempt is not None:
        check("97.1", attempt)
    capsys.readouterr()
    solution("97.1")
    said = capsys.readouterr().out
    assert said.startswith("97.1: try it first. Write double, run its check") and "return" not in said


def test_an_attempt_at_another_exercise_does_not_count(capsys):
    check("97.2", lambda x: 4)
    capsys.readouterr()
    solution("97.1")
    assert "try it first" in capsys.readouterr().out
    solution("97.2")
    assert capsys.readouterr().out == "97.2: there is no solution of this exercise.\n"


def test_a_version_without_solutions_says_so(capsys):
    helping.SOLUTIONS.unlink()
    solution("97.1")
    assert capsys.readouterr().out == "This version of the course comes without solutions.\n"


def test_each_call_shows_the_next_hint_and_the_last_one_stays(capsys):
    for _ in range(4):
        hint("97.1")
    assert capsys.readouterr().out.splitlines() == [
        "97.1 hint 1 of 3: Why?",
        "97.1 hint 2 of 3: There.",
        "97.1 hint 3 of 3: 2 * x",
        "97.1 hint 3 of 3: 2 * x",
    ]


def test_an_exercise_without_hints_says_what_helps(capsys):
    hint("97.2")
    assert "has no hints. Run its check" in capsys.readouterr().out


@pytest.mark.parametrize("help", [hint, solution])
def test_an_exercise_that_is_not_there_is_an_error(help):
    with pytest.raises(CourseError, match="no such exercise"):
        help("97.9")


def test_levels_are_none_or_three():
    assert {len(one.levels) for one in exercises.every()} <= {0, 3}
