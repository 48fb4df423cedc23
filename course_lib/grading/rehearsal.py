"""The rehearsal: before any student's work is graded, the course's own answers must get full marks, and the
empty copies no points.
"""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.grading.results import Result
from course_lib.lessons import masters

if TYPE_CHECKING:
    from course_lib.grading.grade import Grader

OWN, EMPTY = "teacher's own", "empty copy"


def solutions(wanted: Sequence[Exercise], bank: str | Path) -> dict[str, str]:
    """Collect the course's own answer cells.

    Parameters
    ----------
    wanted : sequence of Exercise
        The exercises.
    bank : path
        The bank's folder. Its references are used for lessons whose master is not in masters/.

    Returns
    -------
    dict
        {exercise id: source of the answer cell}.
    """
    own: dict[str, str] = {}
    for lesson in sorted({one.id[:2] for one in wanted}):
        own |= masters.sources(lesson)
    return {one.id: own.get(one.id) or reference(one, bank) for one in wanted}


def reference(one: Exercise, bank: str | Path) -> str:
    """Return the bank's reference as an answer cell.

    The cell has the functions, constants and imports of the bank's module. Everything that belongs to the
    course is left out, because a sandbox does not hold it.

    Parameters
    ----------
    one : Exercise
        The exercise.
    bank : path
        The bank's folder.

    Returns
    -------
    str
        Python source.

    Raises
    ------
    CourseError
        If the module has no line "ID": Private(reference=...).
    """
    own = module(one, bank)
    if not (named := entry(own, one, "reference")):
        raise CourseError(
            f"{bank}, lesson_{one.id[:2]}.py",
            f'there is no line "{one.id}": Private(reference=...)',
            "Write BANK as one dictionary",
        )
    course = {
        alias.asname or alias.name
        for node in own.body
        if isinstance(node, ast.ImportFrom) and from_course(node)
        for alias in node.names
    }
    keep: list[ast.stmt] = [
        node
        for node in own.body
        if isinstance(node, ast.FunctionDef | ast.Import)
        or (isinstance(node, ast.ImportFrom) and not from_course(node))
        or (
            isinstance(node, ast.Assign)
            and not course & {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        )
    ]
    return f"{ast.unparse(ast.Module(keep, []))}\n\n{one.name} = {ast.unparse(named)}\n"


def function(one: Exercise, bank: str | Path) -> str:
    """Return the source of the bank's reference alone, or "" if it is no `def` of its module."""
    own = module(one, bank)
    name = getattr(entry(own, one, "reference"), "id", None)
    return next(
        (ast.unparse(node) for node in own.body if isinstance(node, ast.FunctionDef) and node.name == name),
        "",
    )


def module(one: Exercise, bank: str | Path) -> ast.Module:
    """Return the tree of the bank's module that holds an exercise."""
    return ast.parse(Path(bank, f"lesson_{one.id[:2]}.py").read_text(encoding="utf-8"))


def from_course(node: ast.stmt) -> bool:
    """Return whether a statement imports from the course, which a sandbox does not hold."""
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_lib")


def entry(module: ast.Module, one: Exercise, name: str) -> ast.expr | None:
    """Return what `"02.1": Private(...)` in BANK says, as a tree.

    Parameters
    ----------
    module : ast.Module
        The tree of the bank's module.
    one : Exercise
        The exercise.
    name : str
        "reference" or "near_misses".

    Returns
    -------
    ast.expr or None
        None if the module does not write it there.
    """
    for table in (node for node in ast.walk(module) if isinstance(node, ast.Dict)):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == one.id and isinstance(value, ast.Call):
                first = (*value.args, None)[0] if name == "reference" else None
                return next((word.value for word in value.keywords if word.arg == name), first)
    return None


def run(wanted: Sequence[Exercise], solutions: Mapping[str, str], grader: "Grader") -> None:
    """Grade the course's own answers and the empty copies in the real sandbox, and print their points.

    Parameters
    ----------
    wanted : sequence of Exercise
        The exercises.
    solutions : mapping of exercise id to str
        The course's own answer cells.
    grader : Grader
        It makes the tasks and runs them.

    Raises
    ------
    CourseError
        If an answer of the course does not get full marks, or an empty copy gets points.
    """
    tasks = [
        grader.task(who, one, answer)
        for one in wanted
        for who, answer in ((OWN, solutions[one.id]), (EMPTY, exercises.kept(one.id)["stub"]))
    ]
    judge({(task.student, task.exercise): result for task, result in grader.results(tasks).items()}, wanted)


def judge(results: Mapping[tuple[str, str], Result], wanted: Sequence[Exercise]) -> None:
    """Print the points of the rehearsal as a table.

    Parameters
    ----------
    results : mapping of (`OWN` or `EMPTY`, exercise id) to Result
        What the rehearsal gave.
    wanted : sequence of Exercise
        The exercises.

    Raises
    ------
    CourseError
        If one of the results is not as it should be.
    """
    failed: list[str] = []
    print(f"{'exercise':10} {'out of':>6} {OWN:>14} {EMPTY:>11}")
    for one in wanted:
        own, empty = results[OWN, one.id], results[EMPTY, one.id]
        wrong = [
            f"{who}: {_why(result)}"
            for who, result, points in ((OWN, own, one.points), (EMPTY, empty, 0))
            if result.points != points
        ]
        failed += [one.id] * bool(wrong)
        print(
            f"{one.id:10} {one.points:6} {_points(own):>14} {_points(empty):>11}  {'; '.join(wrong)}".rstrip()
        )
    if failed:
        raise CourseError(
            f"exercise {', '.join(failed)}",
            "the teacher's own solution should get full marks, and the empty copy no points",
            "Correct the bank or the master. No student's work was run",
        )


def _points(result: Result) -> str:
    return "error" if result.points is None else f"{result.points:g}"


def _why(result: Result) -> str:
    case = next((case for case in result.cases if case.state != "ok"), None)
    return (
        f"case {case.number}: {case.message} {case.output}".strip() if case else result.reason or result.state
    )
