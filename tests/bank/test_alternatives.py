"""The other right answers: no cell of a student has the course, so none of them imports it."""

import ast

import pytest

from course_lib import exercises
from course_lib.core.paths import ROOT
from course_lib.grading import bank

FILES = sorted((ROOT / "bank" / "alternatives").glob("lesson_*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_alternative_needs_the_course_or_what_the_exercise_forbids(path):
    tree, lesson = ast.parse(path.read_text(encoding="utf-8")), path.stem[-2:]
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    forbidden = {"course_lib", *(name for one in exercises.lesson(lesson) for name in one.forbidden)}
    assert not {name for name in imported if name.split(".")[0] in forbidden or name in forbidden}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_alternative_is_a_function_of_its_own_for_an_exercise_of_the_lesson(path):
    lesson = path.stem[-2:]
    known = {one.id for one in exercises.lesson(lesson)}
    functions = [one for each in bank.alternatives(ROOT / "bank", lesson).values() for one in each.values()]
    assert set(bank.alternatives(ROOT / "bank", lesson)) <= known
    assert len(set(functions)) == len(functions) >= 2
