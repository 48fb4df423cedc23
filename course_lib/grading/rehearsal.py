"""The course's own answers: they must score full, and the empty copy nothing, before any student's work is
graded.
"""

import ast
from pathlib import Path

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.lessons import masters

OWN, EMPTY = "teacher's own", "empty copy"


def solutions(wanted, bank) -> dict[str, str]:
    """{exercise id: the teacher's answer cell}: the master's, or the bank's reference where masters/ is not
    at hand.
    """
    own = {}
    for lesson in sorted({one.id[:2] for one in wanted}):
        if any((ROOT / "masters").glob(f"{lesson}_*.py")):
            own |= masters.solutions(lesson)
    return {one.id: own.get(one.id) or reference(one, bank) for one in wanted}


def reference(one, bank) -> str:
    """The bank's reference as an answer cell: the functions, constants and imports of its module, without
    what belongs to the course, for no sandbox holds that."""
    module = _module(one, bank)
    if not (named := _named(module, one)):
        raise CourseError(
            f"{bank}, lesson_{one.id[:2]}.py",
            f'there is no line "{one.id}": Private(reference=...)',
            "Write BANK as one dictionary",
        )
    course = {
        alias.asname or alias.name for node in module.body if _from_course(node) for alias in node.names
    }
    keep = [
        node
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.Import)
        or (isinstance(node, ast.ImportFrom) and not _from_course(node))
        or (
            isinstance(node, ast.Assign)
            and not course & {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        )
    ]
    return f"{ast.unparse(ast.Module(keep, []))}\n\n{one.name} = {ast.unparse(named)}\n"


def function(one, bank) -> str:
    """The source of the bank's reference alone, to compare answers with; "" where it is no `def` of its
    module.
    """
    module = _module(one, bank)
    name = getattr(_named(module, one), "id", None)
    return next(
        (
            ast.unparse(node)
            for node in module.body
            if isinstance(node, ast.FunctionDef) and node.name == name
        ),
        "",
    )


def _module(one, bank):
    return ast.parse(Path(bank, f"lesson_{one.id[:2]}.py").read_text(encoding="utf-8"))


def _from_course(node):
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_lib")


def _named(module, one):
    # What stands behind "02.1": Private(reference=...) in BANK.
    for table in (node for node in ast.walk(module) if isinstance(node, ast.Dict)):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == one.id and isinstance(value, ast.Call):
                return next(
                    (word.value for word in value.keywords if word.arg == "reference"), (*value.args, None)[0]
                )
    return None


def run(wanted, solutions, way) -> None:
    """Grade the teacher's own solutions and the empty copy in the real sandbox and print what they score.
    Raises `CourseError` unless that is full marks and nothing."""
    tasks = [
        way.task(who, one, answer)
        for one in wanted
        for who, answer in ((OWN, solutions[one.id]), (EMPTY, exercises.kept(one.id)["stub"]))
    ]
    judge({(task.student, task.exercise): result for task, result in way.run(tasks).items()}, wanted)


def judge(results, wanted) -> None:
    """Print a table of {(who, exercise id): Result}. Raises `CourseError` unless every row of it is as it
    should be.
    """
    failed = []
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
            "the teacher's own solution should score full and the empty copy nothing",
            "Mend the bank or the master; no student's work was run",
        )


def _points(result):
    return "error" if result.points is None else f"{result.points:g}"


def _why(result):
    case = next((case for case in result.cases if case.state != "ok"), None)
    return f"case {case.number}: {case.said} {case.words}".strip() if case else result.reason or result.state
