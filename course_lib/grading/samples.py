"""Sample submissions, to try the grader and to agree on marks: `course samples`.

Three made students hand in each lesson. "good" has the course's own solutions. "half" has every second one,
and a typical mistake in the others. "wrong" has a typical mistake everywhere. The mistakes are the bank's
near-misses, so the feedback shows their hints.
"""

import ast
import builtins
import copy
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise, cells, handing
from course_lib.grading import rehearsal
from course_lib.grading.output.tables import write_csv
from course_lib.grading.rehearsal import from_course

STUDENTS = ("good", "half", "wrong")
HEADER = ("student", "exercise", "answer", "points", "out_of")


class Sample(NamedTuple):
    """One answer of a made student."""

    student: str
    exercise: Exercise
    source: str  # of the answer cell
    what: str  # "solution", "typical mistake: NAME" or "empty copy"

    @property
    def points(self) -> int:
        """The points that the grader should give."""
        return self.exercise.points if self.what == "solution" else 0


def write(out: str | Path, bank: str | Path, lessons: Sequence[str] = ()) -> list[Sample]:
    """Write the sample submissions.

    Parameters
    ----------
    out : path
        The folder, which must be empty or new. It gets submissions/STUDENT/hand_in_NN.ipynb, roster.csv, and
        expected.csv with the mark of each answer.
    bank : path
        The bank's folder.
    lessons : sequence of str
        The lessons, such as "02". Empty: all lessons with exercises.

    Returns
    -------
    list of Sample
        The answers.

    Raises
    ------
    CourseError
        If a lesson has no exercises, or if the folder holds files.
    """
    out = Path(out)
    if out.exists() and any(out.iterdir()):
        raise CourseError(out, "this folder is not empty", "Give another folder: --out")
    made = [sample for lesson in lessons or _lessons() for sample in of_lesson(lesson, bank)]
    for student in STUDENTS:
        for lesson in dict.fromkeys(one.exercise.id[:2] for one in made):
            own = [one for one in made if one.student == student and one.exercise.id[:2] == lesson]
            path = out / "submissions" / student / f"hand_in_{lesson}.ipynb"
            cells.write(path, handing.notebook([(one.exercise, one.source) for one in own]))
    write_csv(out / "roster.csv", ["student", "name"], [(one, f"Sample {one}") for one in STUDENTS])
    rows = [(one.student, one.exercise.id, one.what, one.points, one.exercise.points) for one in made]
    write_csv(out / "expected.csv", HEADER, rows)
    return made


def _lessons() -> list[str]:
    return list(dict.fromkeys(one.id[:2] for one in exercises.every()))


def of_lesson(lesson: str, bank: str | Path) -> list[Sample]:
    """Return the answers of the three students to a lesson's exercises.

    Parameters
    ----------
    lesson : str
        The lesson, such as "02".
    bank : path
        The bank's folder.

    Returns
    -------
    list of Sample
        Student by student.

    Raises
    ------
    CourseError
        If the lesson has no exercises.
    """
    if not (wanted := exercises.lesson(lesson)):
        raise CourseError(f"lesson {lesson!r}", "it has no exercises", f"There are: {', '.join(_lessons())}")
    solutions = rehearsal.solutions(wanted, bank)
    mistakes = {one.id: list(islice(near_misses(one, bank), 2)) for one in wanted}
    made = []
    for student in STUDENTS:
        for place, one in enumerate(wanted):
            if student == "good" or (student == "half" and place % 2 == 0):
                made.append(Sample(student, one, solutions[one.id], "solution"))
            elif own := mistakes[one.id]:
                # The two students make different mistakes, if the bank has two.
                name, source = own[(student == "half") % len(own)]
                made.append(Sample(student, one, source, f"typical mistake: {name}"))
            else:
                made.append(Sample(student, one, exercises.kept(one.id)["stub"], "empty copy"))
    return made


def near_misses(exercise: Exercise, bank: str | Path) -> Iterator[tuple[str, str]]:
    """Return the typical mistakes of an exercise as answer cells.

    Parameters
    ----------
    exercise : Exercise
        The exercise.
    bank : path
        The bank's folder.

    Yields
    ------
    (str, str)
        A mistake's name and the source of a cell with it. Mistakes that get some cases right are left out, as
        are those that need the course itself, which the grader hides.
    """
    module = rehearsal.module(exercise, bank)
    private = rehearsal.entry(module, exercise, "near_misses")
    if not isinstance(private, ast.Dict):
        return
    for key, value in zip(private.keys, private.values, strict=True):
        plain = isinstance(key, ast.Constant) and not isinstance(value, ast.Tuple)
        if plain and (source := _cell(exercise, module, value)):
            yield str(key.value), source  # type: ignore[union-attr]


def _cell(exercise: Exercise, module: ast.Module, value: ast.expr) -> str:
    """Return a cell with a function that does what `value` does, or "" if it needs more than the module."""
    needed = _needed(module, value)
    if needed is None:
        return ""
    if any(exercise.name in _names(node) for node in needed):  # the bank's own function has the answer's name
        needed, value = _renamed(needed, value, exercise.name)
    if isinstance(value, ast.Lambda):
        body, arguments = value.body, value.args
    else:
        body = ast.Call(value, [ast.Starred(ast.Name("arguments", ast.Load()), ast.Load())], [])
        arguments = ast.arguments([], [], ast.arg("arguments"), [], [], None, [])
    function = ast.FunctionDef(exercise.name, arguments, [ast.Return(body)], [], lineno=1)
    text = ast.unparse(ast.fix_missing_locations(ast.Module([*needed, function], [])))
    return f"{text}\n"


def _renamed(needed: list[ast.stmt], value: ast.expr, name: str) -> tuple[list[ast.stmt], ast.expr]:
    copied: tuple[list[ast.stmt], ast.expr] = copy.deepcopy((needed, value))
    for top in [*copied[0], copied[1]]:
        for node in ast.walk(top):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                node.name = f"right_{name}"
            elif isinstance(node, ast.Name) and node.id == name:
                node.id = f"right_{name}"
    return copied


def _needed(module: ast.Module, value: ast.expr) -> list[ast.stmt] | None:
    # The statements of the module that a value uses, in their order; None if one is the course's.
    made = {name: node for node in module.body for name in _names(node)}
    found: set[ast.stmt] = set()
    left: list[ast.AST] = [value]
    while left:
        for name in _used(left.pop()):
            if name not in made or from_course(made[name]):
                return None
            if made[name] not in found:
                found.add(made[name])
                left.append(made[name])
    return [node for node in module.body if node in found]


def _used(node: ast.AST) -> set[str]:
    # The names that it uses and does not make itself.
    inside = list(ast.walk(node))
    names = [one for one in inside if isinstance(one, ast.Name)]
    own = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    own |= {one.arg for one in inside if isinstance(one, ast.arg)}
    own |= {one.name for one in inside if isinstance(one, ast.FunctionDef)}
    return {one.id for one in names} - own - set(dir(builtins))


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(one.asname or one.name).partition(".")[0] for one in node.names]
    if isinstance(node, ast.Assign):
        return [one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    return []
