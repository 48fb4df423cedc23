"""Mutants of solutions: what is changed, and whether the hidden cases catch it."""

import ast
import doctest

import pytest

from course_lib import exercises
from course_lib.authoring import mutants
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.exercises import Exercise
from course_lib.grading import bank
from course_lib.grading.bank import Private
from course_lib.lessons import masters

SOURCE = '''def f(x, n):
    """A docstring stays."""
    total = 0
    for i in range(n):
        if x > i and not n == 3:
            total += x * 2
    return -total
'''
F = Exercise("91.1", "f", "", 1, "", "int", examples=((3, 2),))


def private(largest=9):
    return Private(
        reference=lambda x, n: -sum(2 * x for i in range(n) if x > i and n != 3),
        inputs=lambda rng, k: (int(rng.integers(1, largest)), int(rng.integers(1, 7))),
        cases=8,
    )


def names(source):
    return {one.name for one in mutants.mutants("91.1", source)}


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(mutants).failed == 0


def test_each_kind_of_change_is_made_once():
    found = names(SOURCE)
    assert {
        "total = 0 -> total = 1",
        "total = 0 -> pass",
        "for i in range(n): -> for i in range(n - 1):",
        "if x > i and (not n == 3): -> if x >= i and (not n == 3):",
        "if x > i and (not n == 3): -> if x > i or not n == 3:",
        "if x > i and (not n == 3): -> if x > i and (not n != 3):",
        "if x > i and (not n == 3): -> if x > i and (not n == 4):",
        "total += x * 2 -> total -= x * 2",
        "total += x * 2 -> total += x / 2",
        "total += x * 2 -> pass",
        "return -total -> return +total",
    } <= found
    every = mutants.mutants("91.1", SOURCE)
    assert len({one.source for one in every}) == len(every) and all(ast.parse(one.source) for one in every)
    assert all("A docstring stays." in one.source for one in every)
    assert ast.unparse(ast.parse(SOURCE)) not in {one.source for one in every}


def test_hidden_cases_catch_a_mutant_or_it_survives():
    material = mutants.exercise_checks.material(F, private())
    states = {
        one.name: mutants.judged(material, one, ["return -total -> return +total"]).state
        for one in mutants.mutants("91.1", SOURCE)
    }
    assert states["total = 0 -> total = 1"] == states["return -total -> return +total"] == "caught"
    narrow = mutants.exercise_checks.material(F, private(largest=2))  # x is always 1
    [power] = mutants.mutants("91.1", "def f(x, n):\n    return x ** n")[:1]
    ones = Private(reference=lambda x, n: 1, inputs=lambda rng, k: (1, k), cases=2)
    same = mutants.exercise_checks.material(F, ones)
    assert mutants.judged(same, power).state == "caught"
    weak = mutants.Mutant("91.1", "x", SOURCE.replace("x * 2", "x ** 2 * 2"))
    assert mutants.judged(narrow, weak).state == "survived"
    assert mutants.judged(narrow, weak, ["x"]).state == "equivalent"
    assert mutants.judged(material, weak).state == "caught"


@pytest.mark.parametrize(
    "body", ["while True: pass", "raise SystemExit", "return [0] * 10**10", "import os; os._exit(0)"]
)
def test_what_does_not_end_or_ends_all_is_caught(body, monkeypatch):
    monkeypatch.setattr(mutants, "SECONDS", 1.0)
    material = mutants.exercise_checks.material(F, private())
    assert (
        mutants.judged(material, mutants.Mutant("91.1", "x", f"def f(x, n):\n    {body}")).state == "caught"
    )


def test_95_percent_of_one_exercise_are_caught():
    found = mutants.of_lesson("02", ["02.1", "02.3"])
    assert len(found) > 25 and sum(one.state == "caught" for one in found) >= 0.95 * sum(
        one.state != "equivalent" for one in found
    )
    assert sum(one.state == "equivalent" for one in found) == 3
    assert mutants.row("02", found).split()[-2] == "100.0"


def test_a_solution_that_fails_here_is_an_error(monkeypatch):
    solutions = masters.solutions("02") | {"02.1": "def hog_length(*a):\n    return 0"}
    monkeypatch.setattr(mutants.masters, "solutions", lambda lesson: solutions)
    with pytest.raises(CourseError, match="its solution fails here"):
        mutants.of_lesson("02", ["02.1"])


def test_every_equivalent_mutant_is_one_that_is_made_and_has_its_reason():
    for id, known in bank.equivalents(ROOT / "bank").items():
        assert exercises.find(id) and all(known.values())
        made = {one.name for one in mutants.mutants(id, masters.solutions(id[:2])[id])}
        assert set(known) <= made, id
