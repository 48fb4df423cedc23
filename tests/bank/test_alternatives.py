"""The other right answers: no cell of a student has the course, so none of them imports it."""

import ast

import pytest

from course_lib import exercises
from course_lib.core.paths import ROOT
from course_lib.grading import bank

FILES = sorted((ROOT / "bank" / "alternatives").glob("lesson_*.py"))


def imported(tree):
    """The modules that a piece of code imports."""
    nodes = list(ast.walk(tree))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_alternative_needs_the_course_or_what_the_exercise_forbids(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    shared = {name for node in body if node not in functions.values() for name in imported(node)}
    for id, written in bank.alternatives(ROOT / "bank", path.stem[-2:]).items():
        hidden = {"course_lib", *exercises.find(id).forbidden}
        for function in written.values():
            used = shared | imported(functions[function.__name__])
            assert not {name for name in used if name.split(".")[0] in hidden or name in hidden}, id


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_alternative_is_a_function_of_its_own_for_an_exercise_of_the_lesson(path):
    lesson = path.stem[-2:]
    known = {one.id for one in exercises.lesson(lesson)}
    functions = [one for each in bank.alternatives(ROOT / "bank", lesson).values() for one in each.values()]
    assert set(bank.alternatives(ROOT / "bank", lesson)) <= known
    assert len(set(functions)) == len(functions) >= 2
