"""Change each solution in one place, and look whether the hidden cases catch the change.

    python -m course_lib.authoring.mutants 02 03         the table of these lessons; without numbers of all
    python -m course_lib.authoring.mutants 02 --list     also every mutant that is not caught

A mutant is the solution with one operator, constant, comparison or statement changed. It is caught if one
student's hidden cases give it less than full marks. A mutant that computes the same is *equivalent*: it
cannot be caught. `EQUIVALENT` in bank/equivalents.py lists these by name, with the reason. A question has no
input, so a mutant of its answer is equivalent if the answer stays the same. Each mutant runs in a process of
its own, with limits of time and memory.
"""

import argparse
import ast
import copy
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from joblib import Parallel, delayed

from course_lib import exercises
from course_lib.authoring import exercise_checks
from course_lib.authoring.exercise_checks import Material
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.exercises.compare import compare
from course_lib.grading import bank
from course_lib.grading.apart import apart
from course_lib.lessons import masters

SECONDS = 10.0  # of processor time for one mutant
LARGE = 1000  # a whole number from here on is changed by a tenth; 1 more is less than any tolerance
TOO_LONG = "of processor time"  # in the reason that `apart` gives
SWAPS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


class Mutant(NamedTuple):
    """A solution with one change.

    Attributes
    ----------
    exercise : str
        The exercise, such as "02.1".
    name : str
        The changed statement, before and after.
    source : str
        The whole changed cell.
    """

    exercise: str
    name: str
    source: str


class Verdict(NamedTuple):
    """What came of a mutant: "caught", "equivalent", "survived" or "not tried"; `why` tells more."""

    mutant: Mutant
    state: str
    why: str = ""


def mutants(exercise: str, solution: str) -> list[Mutant]:
    """Make all mutants of a solution.

    Parameters
    ----------
    exercise : str
        The exercise, such as "02.1".
    solution : str
        The source of the solution's cell.

    Returns
    -------
    list of Mutant
        Each differs from the solution and from the others.

    Examples
    --------
    >>> [one.name for one in mutants("91.1", "def half(x):\\n    return x / 2")]
    ['return x / 2 -> return x * 2', 'return x / 2 -> return x / 3', 'return x / 2 -> return x / 1']
    """
    tree = ast.parse(solution)
    found, met = [], {ast.unparse(tree)}
    for change in _changes(tree):
        changed = copy.deepcopy(tree)
        before, after = change(changed)
        source = ast.unparse(ast.fix_missing_locations(changed))
        if source not in met:
            met.add(source)
            found.append(Mutant(exercise, f"{before} -> {after}", source))
    return found


def _changes(tree: ast.Module) -> Iterator[Callable[[ast.Module], tuple[str, str]]]:
    """Every change as a function of a copy of the tree.

    It changes the copy, and returns what is written where it changed, before and after."""
    nodes = list(ast.walk(tree))
    statements = {
        id(part): place
        for place, node in enumerate(nodes)
        if isinstance(node, ast.stmt)
        for part in ast.walk(node)
    }  # the innermost statement wins, because ast.walk goes from the outside in
    docstrings = [node.value for node in nodes if isinstance(node, ast.Expr) and _is_docstring(node)]
    for place, node in enumerate(nodes):
        for replaced in () if node in docstrings else _replacements(node):
            yield _replacement(place, statements.get(id(node), 0), replaced)
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            for row in range(len(block)) if isinstance(block, list) else ():
                if isinstance(block[row], ast.Assign | ast.AugAssign | ast.Expr) and not _is_docstring(
                    block[row]
                ):
                    yield _dropped(place, name, row)


def _replacement(place, statement, replaced):
    def change(tree):
        nodes = list(ast.walk(tree))
        before = _line(nodes[statement])
        replaced(nodes[place])
        return before, _line(nodes[statement])

    return change


def _dropped(place, name, row):
    def change(tree):
        block = getattr(list(ast.walk(tree))[place], name)
        before, block[row] = _line(block[row]), ast.Pass()
        return before, "pass"

    return change


def _line(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0]


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _replacements(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    """The changes of one node, each as a function of the same node in a copy."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in SWAPS:
        yield lambda copy: setattr(copy, "op", SWAPS[type(copy.op)]())
    if isinstance(node, ast.Compare):
        for row, operator in enumerate(node.ops):
            if type(operator) in SWAPS:
                yield _comparison(row)
    if isinstance(node, ast.Constant):
        yield from (_value(value) for value in _values(node.value))
    if isinstance(node, ast.UnaryOp):
        yield _unsigned
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        yield _one_less


def _comparison(row):
    def change(node):
        node.ops[row] = SWAPS[type(node.ops[row])]()

    return change


def _value(value):
    return lambda node: setattr(node, "value", value)


def _values(value: object) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):  # a large one is a quantity, such as a sampling rate, as a float is
        step = 1 if abs(value) < LARGE else abs(value) // 10
        return [value + step, value - step]
    if isinstance(value, float):
        return [value * 1.1 if value else 0.1]
    return [value + "x"] if isinstance(value, str) else []


def _unsigned(node):
    node.op = ast.UAdd() if isinstance(node.op, ast.USub | ast.UAdd | ast.Invert) else node.op
    if isinstance(node.op, ast.Not):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)


def _one_less(node):
    last = min(1, len(node.args) - 1)
    node.args[last] = ast.BinOp(node.args[last], ast.Sub(), ast.Constant(1))


# --- trying them ---


def judged(material: Material, mutant: Mutant, equivalent: Iterable[str] = ()) -> Verdict:
    """Run a mutant on the hidden cases of one student, in a process of its own.

    Parameters
    ----------
    material : Material
        The exercise with its hidden cases.
    mutant : Mutant
        The mutant.
    equivalent : iterable of str
        The names of mutants that are known to compute the same.

    Returns
    -------
    Verdict
    """
    cases = material.hidden[: material.private.cases if material.exercise.examples else 1]

    def work() -> list[bool]:
        warnings.simplefilter("ignore")
        with open(os.devnull, "w") as nowhere:
            sys.stdout = sys.stderr = nowhere
            function = exercise_checks.function(material, mutant.source)
            return [_right(material, function, case) for case in cases]

    done = apart(work, SECONDS)
    if done.wrong:
        return Verdict(mutant, "caught", done.wrong)
    if not all(done.value):
        return Verdict(mutant, "caught", f"{done.value.count(False)} of {len(cases)} cases")
    same = not material.exercise.examples or mutant.name in equivalent
    return Verdict(mutant, "equivalent" if same else "survived")


def _right(material, function, case):
    try:
        answer = function(*copy.deepcopy(case.arguments))
    except Exception:
        return False
    return compare(answer, case.right, material.private.tolerance, material.exercise.at_least) is None


def of_lesson(lesson: str, only: Sequence[str] = ()) -> list[Verdict]:
    """Try all mutants of a lesson's solutions.

    Parameters
    ----------
    lesson : str
        The lesson, such as "02".
    only : sequence of str
        Only these exercises. By default all but questions with choices, whose solution is one text. If a
        solution takes more than `SECONDS`, its mutants are not tried.

    Returns
    -------
    list of Verdict

    Raises
    ------
    CourseError
        If a solution itself does not get full marks.
    """
    private, solutions = bank.load(ROOT / "bank", [lesson]), masters.solutions(lesson)
    known, verdicts = bank.equivalents(ROOT / "bank"), []
    for exercise in exercises.lesson(lesson):
        if exercise.choices or (only and exercise.id not in only):
            continue
        material = exercise_checks.material(exercise, private[exercise.id])
        whole = judged(material, Mutant(exercise.id, "the solution itself", solutions[exercise.id]))
        if TOO_LONG in whole.why:
            verdicts.append(whole._replace(state="not tried"))
            continue
        if whole.state == "caught":  # then every mutant would be caught, for the same reason
            raise CourseError(
                exercise.id, f"its solution fails here: {whole.why}", f"Run: course build {lesson}"
            )
        verdicts += [
            judged(material, one, known.get(exercise.id, {}))
            for one in mutants(exercise.id, solutions[exercise.id])
        ]
    return verdicts


def row(name: str, verdicts: Sequence[Verdict]) -> str:
    """Write one row of the table: how many mutants, caught, equivalent and survived, and the fraction caught.

    Parameters
    ----------
    name : str
        The lesson or the exercise.
    verdicts : sequence of Verdict

    Returns
    -------
    str
        The equivalent ones do not count in the fraction.
    """
    count = Counter(one.state for one in verdicts)
    tried = count["caught"] + count["survived"]
    fraction = f"{100 * count['caught'] / tried:.1f} %" if tried else "-"
    return (
        f"{name:8} {len(verdicts):8} {count['caught']:8} {count['equivalent']:11} {count['survived']:9} "
        f"{fraction:>8}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table by lesson, and return 1 if less than 95 % of the mutants of a lesson are caught."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("lessons", nargs="*", help="such as 02 03 (default: all)")
    parser.add_argument("--list", action="store_true", help="also list each mutant that survived")
    parser.add_argument("--jobs", type=int, default=1, help="lessons at a time (default: 1)")
    given = parser.parse_args(arguments)
    lessons = given.lessons or sorted({one.id[:2] for one in exercises.every()})
    print(f"{'lesson':8} {'mutants':>8} {'caught':>8} {'equivalent':>11} {'survived':>9} {'':>8}", flush=True)
    every: list[Verdict] = []
    enough = True
    tried = Parallel(n_jobs=given.jobs, return_as="generator")(delayed(of_lesson)(one) for one in lessons)
    for lesson, verdicts in zip(lessons, tried, strict=True):
        print(row(lesson, verdicts), flush=True)
        for one in verdicts:
            if one.state == "not tried" or (given.list and one.state == "survived"):
                print(f"    {one.mutant.exercise}  {one.mutant.name} {one.why}".rstrip(), flush=True)
        every += verdicts
        enough = enough and sum(one.state == "survived" for one in verdicts) <= 0.05 * len(verdicts)
    print(row("all", every))
    return int(not enough)


if __name__ == "__main__":
    sys.exit(main())
