"""Test the checks of the exercises: right answers must get full marks, and wrong answers no points.

    python -m course_lib.authoring.exercise_checks 02     prints what was tried, and the result

Everything runs in this process, because references, solutions and near-misses are the course's own. `execute`
runs each function of a lesson's bank once on each input. The table, and the values that `course build` keeps,
come from these results. `course build` stops if a row of the table is wrong."""

import copy
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.exercises.checking import tolerance
from course_lib.exercises.compare import Tolerance, compare
from course_lib.exercises.values import to_json
from course_lib.grading import bank
from course_lib.lessons import masters

SEEDS = (20260101, 20260102, 20260103)  # each gives hidden cases of its own; none is an example's
EXACT = Tolerance(0, 0)
LARGEST = (
    20_000,
    1_000,
)  # numbers in a public example's arguments, and in its right result: both are shown and kept


class Trial(NamedTuple):
    """One thing tried on an exercise.

    Parameters
    ----------
    exercise : str
        The exercise, such as "02.1".
    what : str
        What was tried, such as "the empty copy".
    fraction : float or None
        The fraction of hidden cases that it got right; None if it was not run on cases.
    wrong : str
        What is wrong with this result; "" if it is as it should be.
    """

    exercise: str
    what: str
    fraction: float | None
    wrong: str = ""

    def __str__(self) -> str:
        fraction = "" if self.fraction is None else f"{self.fraction:.2f}"
        return (
            f"{self.exercise}  {self.what:44} {fraction:5} {'WRONG: ' + self.wrong if self.wrong else 'ok'}"
        )


class Case(NamedTuple):
    """One input of an exercise, and the results of the bank's functions: values or exceptions."""

    arguments: tuple
    right: object
    reference: object
    changed: bool  # whether the reference writes into its arguments
    near: dict  # {near-miss: its answer}


class Material(NamedTuple):
    """An exercise, with the results of its reference and near-misses on each input."""

    exercise: exercises.Exercise
    private: bank.Private
    shown: list[Case]  # the public examples
    hidden: list[Case]  # those of a student for each of SEEDS, one after the other


def execute(lesson: str) -> dict[str, Material | Exception]:
    """Run the functions in a lesson's bank once on each input.

    Parameters
    ----------
    lesson : str
        The lesson, such as "02".

    Returns
    -------
    dict
        {exercise id: `Material`}. If a function raises an exception where it must not, the exception.
    """
    private = bank.load(ROOT / "bank", [lesson])
    return {one.id: _executed(one, private[one.id]) for one in exercises.lesson(lesson) if one.id in private}


def _executed(exercise, private):
    try:
        return material(exercise, private)
    except Exception as error:  # whatever an author's functions raise is a row of the table
        return error


def table(
    lessons: Iterable[str] = (), executed: dict[str, dict[str, Material | Exception]] | None = None
) -> list[Trial]:
    """Try right, empty and wrong answers on the exercises.

    Parameters
    ----------
    lessons : iterable of str
        The lessons, such as ["02"]; all of them if it is empty.
    executed : dict, optional
        {lesson: the result of `execute`}, if you have it already.

    Returns
    -------
    list of Trial
        One row for each trial.
    """
    rows = []
    for number in lessons or sorted({one.id[:2] for one in exercises.every()}):
        benches, sources = (executed or {}).get(number) or execute(number), {}
        others = bank.alternatives(ROOT / "bank", number)
        try:
            sources = masters.solutions(number)
        except CourseError as error:
            rows.append(Trial(number, "the master's answer cells", None, str(error)))
        for one in exercises.lesson(number):
            rows += (
                _trial(one, benches[one.id], sources.get(one.id, ""), others.get(one.id, {}))
                if one.id in benches
                else [Trial(one.id, "its private part", None, f"it is missing from bank/lesson_{number}.py")]
            )
    return rows


def trial(exercise: exercises.Exercise, private: bank.Private, solution: str) -> list[Trial]:
    """Try right, empty and wrong answers on one exercise.

    Parameters
    ----------
    exercise : Exercise
        The public part.
    private : Private
        The private part, with the reference and the near-misses.
    solution : str
        The source of the master's answer cell; "" if there is none.

    Returns
    -------
    list of Trial
        One row for each trial.
    """
    return _trial(exercise, _executed(exercise, private), solution)


def _trial(exercise, material, solution, alternatives=()):
    try:
        if isinstance(material, Exception):
            raise material
        rows = _rows(material, solution)
        rows += [_alternative(material, name, alternatives[name]) for name in alternatives]
    except Exception as error:
        rows = [("its own functions", None, f"{type(error).__name__}: {error}")]
    return [Trial(exercise.id, *row) for row in rows]


def values(lesson: str, executed: dict[str, Material | Exception] | None = None) -> dict[str, dict]:
    """Make the content of lesson_NN.json.

    Parameters
    ----------
    lesson : str
        The lesson, such as "02".
    executed : dict, optional
        The result of `execute`, if you have it already.

    Returns
    -------
    dict
        {exercise id: {"stub", "examples", "near_misses"}}, with values as `to_json` writes them.
    """
    benches, sources = executed or execute(lesson), masters.solutions(lesson)
    return {
        one.id: {"stub": masters.cleared(sources[one.id]), **_values(benches[one.id])}
        for one in exercises.lesson(lesson)
    }


def _values(material):
    if isinstance(material, Exception):
        raise material
    near = {
        name: [_kept(case.near[name]) for case in material.shown] for name in material.private.near_misses
    }
    return {"examples": to_json([case.right for case in material.shown]), "near_misses": near}


def _kept(answer):
    if isinstance(answer, Exception):
        raise answer
    return to_json(answer)


def write_values(lesson: str, executed: dict[str, Material | Exception] | None = None) -> Path:
    """Write the result of `values` into lesson_NN.json.

    Parameters
    ----------
    lesson : str
        The lesson, such as "02".
    executed : dict, optional
        The result of `execute`, if you have it already.

    Returns
    -------
    Path
        The file, with one example on each line. The same values give the same bytes.
    """
    path = Path(exercises.__file__).parent / f"lesson_{lesson}.json"
    with whole_file(path) as part:
        part.write_text(_text(values(lesson, executed)) + "\n", encoding="utf-8", newline="\n")
    return path


def _text(value, indent="\n"):
    # JSON with one line for each item of a list, however many numbers the item has.
    if isinstance(value, dict) and value:
        lines = [
            f"{indent} {json.dumps(key, ensure_ascii=False)}: {_text(one, indent + ' ')}"
            for key, one in value.items()
        ]
        return f"{{{','.join(lines)}{indent}}}"
    if isinstance(value, list) and value:
        return f"[{','.join(f'{indent} {json.dumps(one, ensure_ascii=False)}' for one in value)}{indent}]"
    return json.dumps(value, ensure_ascii=False)


def material(exercise: exercises.Exercise, private: bank.Private) -> Material:
    """Run each function of an exercise's private part once on each public example and each hidden input.

    Parameters
    ----------
    exercise : Exercise
        The public part.
    private : Private
        The private part.

    Returns
    -------
    Material
        The inputs with the results.
    """
    draws = [(seed, k) for seed in SEEDS for k in range(private.cases)] if exercise.examples else [(0, 0)]
    hidden = [_case(private, _inputs(private, *draw), *_truth(private, *draw)) for draw in draws]
    truths = [[truth] for truth in exercise.truths] or [[]] * len(exercise.examples)
    shown = [
        _case(private, example, *truth) for example, truth in zip(exercise.examples, truths, strict=True)
    ]
    return Material(exercise, private, shown, hidden)


def _inputs(private, seed, k):
    return private.inputs(np.random.default_rng([seed, k]), k)


def _truth(private, seed, k):
    return [private.truth(np.random.default_rng([seed, k]), k)] if private.truth else []


def _case(private, arguments, *truth):
    """truth: the right result, if it is not the result of the reference."""
    own = copy.deepcopy(arguments)
    answer = private.reference(*own)
    near = {name: _answer(function, arguments) for name, (function, _) in _near(private).items()}
    return Case(arguments, *(truth or [answer]), answer, compare(own, arguments, EXACT) is not None, near)


def _near(private):
    return {
        name: near if isinstance(near, tuple) else (near, 0.0) for name, near in private.near_misses.items()
    }


def _call(function, arguments):
    return function(*copy.deepcopy(arguments))


def _rows(material, solution):
    return [
        ("inputs and examples", None, "; ".join(dict.fromkeys(_complaints(material)))),
        _full(
            material,
            "the bank's reference",
            *([case.reference for case in cases] for cases in (material.hidden, material.shown)),
        ),
        *_cell(material, solution),
        *(_none(material, name, answers) for name, answers in _constants(material).items()),
        _zero(material),
        *(row for name, change in CHANGES.items() for row in _changed(material, name, change)),
        *(_near_miss(material, name, declared) for name, (_, declared) in _near(material.private).items()),
    ]


# The inputs and the words around them


def _complaints(material):
    exercise, private = material.exercise, material.private
    for case in [*material.shown, *material.hidden]:
        if not isinstance(case.arguments, tuple):
            yield "the arguments of a case should be a tuple"
        (
            to_json(case.arguments),
            to_json(case.right),
        )  # TypeError: a value of a kind that cannot be handed over
        if case.changed:
            yield "the reference changes its own input"
    if any(compare(_inputs(private, 1, k), _inputs(private, 1, k), EXACT) for k in range(private.cases)):
        yield "inputs(rng, k) gives other inputs for the same seed"
    if any(_size(own) > most for case in material.shown for own, most in zip(case[:2], LARGEST, strict=True)):
        yield f"a public example has more than {LARGEST[0]} numbers, or its answer more than {LARGEST[1]}"
    if exercise.choices and material.hidden[0].right not in exercise.choices:
        yield "the right answer is not among the choices"
    if alone := sorted(set(exercise.hints) ^ set(private.near_misses)):
        yield f"hint without near-miss, or near-miss without hint: {', '.join(alone)}"


def _size(value):
    return sum(map(_size, value)) if isinstance(value, list | tuple) else np.size(value)


# What is tried: a function on all hidden cases, or answers made from the right results


def _fraction_right(material, answers, only=None):
    """The fraction of the hidden cases that `answers` get right; of the cases in `only`, where it is
    given."""
    wrong = [
        compare(answers[k], material.hidden[k].right, material.private.tolerance, material.exercise.at_least)
        is not None
        for k in (range(len(material.hidden)) if only is None else only)
    ]
    return 1 - sum(wrong) / len(wrong)


def _answers(function, cases):
    return [_answer(function, case.arguments) for case in cases]


def _answer(function, arguments):
    try:
        return _call(function, arguments)
    except Exception as error:
        return error  # an exception is an answer that equals nothing


def _full(material, what, hidden, shown):
    fraction = _fraction_right(material, hidden)
    public = [
        _wrong(material, answer, case.right) for answer, case in zip(shown, material.shown, strict=True)
    ]
    wrong = [f"public example {number}: {found.shown}" for number, found in enumerate(public, 1) if found]
    return what, fraction, "; ".join(wrong + ["it should get all hidden cases right"] * (fraction < 1))


def _alternative(material, name, function):
    """On the hidden cases of one student alone, which is a third of the time."""
    one = material._replace(hidden=material.hidden[: material.private.cases])
    answers = (_answers(function, cases) for cases in (one.hidden, one.shown))
    return _full(one, f"alternative: {name}", *answers)


def _wrong(material, answer, right):
    return compare(answer, right, tolerance(material.exercise), material.exercise.at_least)


def _cell(material, solution):
    if not solution:
        return [("the master's solution", None, "it has no answer cell")]
    own, empty = function(material, solution), function(material, masters.cleared(solution))
    return [
        _full(
            material, "the master's solution", _answers(own, material.hidden), _answers(own, material.shown)
        ),
        _none(material, "the empty copy", _answers(empty, material.hidden)),
    ]


def _none(material, what, answers):
    fraction = _fraction_right(material, answers)
    return what, fraction, "it should get no hidden case right" if fraction else ""


def function(material: Material, source: str) -> Callable[..., Any]:
    """Return the function of an answer cell. It cannot import the course or a forbidden module."""
    hidden = ("course_lib", *material.exercise.forbidden)
    names: dict[str, Any] = {}
    exec(exercises.SETUP, names)

    def called(*arguments: Any) -> Any:
        with _without(hidden):
            if material.exercise.name not in names:
                exec(compile(source, material.exercise.grade_id, "exec"), names)
            return names[material.exercise.name](*arguments)

    return called


@contextmanager
def _without(names):
    # Only these are put back: a module that the answer imports stays, since compiled ones load once a
    # process.
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    sys.modules.update(dict.fromkeys(names))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(before)


def _constants(material):
    """Answers that do not look at the input: {what: an answer for each hidden case}."""
    rights = [case.right for case in material.hidden]
    same = {"None": None, "0": 0, "an empty text": "", "an empty array": np.array([])}
    if material.shown:
        same["the first example's value"] = material.shown[0].right
        if texts := [right for right in rights if isinstance(right, str)]:
            same["the most common text"] = Counter(texts).most_common(1)[0][0]
    return {what: [answer] * len(rights) for what, answer in same.items()}


def _zero(material):
    answers = [_each(_zeros, case.right) for case in material.hidden]
    return _declared(material, "zeros of the right shape", answers, material.private.zeros)


def _zeros(leaf):
    return np.zeros_like(leaf) if isinstance(leaf, np.ndarray) else type(leaf)()


def _changed(material, what, change):
    """No row where the change can be made nowhere; of the cases only those in which it makes a difference."""
    answers = [_each(change, case.right) for case in material.hidden]
    if all(
        _same(answer, case.right, by=_identical)
        for answer, case in zip(answers, material.hidden, strict=True)
    ):
        return []
    differs = [
        k for k, answer in enumerate(answers) if not _same(answer, material.hidden[k].right, by=_equal)
    ]
    if not differs:
        return [(f"{what} (equivalent)", None, "")]
    fraction = _fraction_right(material, answers, differs)
    return [(what, fraction, "it should get no hidden case right" if fraction else "")]


def _each(change, right):
    return [_each(change, one) for one in right] if isinstance(right, list | tuple) else change(right)


def _same(answer, right, by):
    if isinstance(right, list | tuple):
        return all(_same(own, one, by) for own, one in zip(answer, right, strict=True))
    return by(answer, right)


def _identical(answer, right):
    return answer is right


def _equal(answer, right):
    if np.shape(answer) != np.shape(right):
        return False
    kinds = {np.asarray(value).dtype.kind for value in (answer, right)}
    return np.array_equal(answer, right) or (
        kinds <= set("iuf") and np.allclose(answer, right, rtol=1e-9, atol=1e-12, equal_nan=True)
    )


def _array(change, dimensions=1, kinds="iufb"):
    # A change of arrays only: of these kinds, with so many dimensions at least, and not empty.
    return lambda leaf: (
        change(leaf)
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind in kinds and leaf.size and leaf.ndim >= dimensions
        else leaf
    )


def _number(change):
    # A change of numbers and of arrays of numbers.
    return lambda leaf: (
        change(leaf) if np.asarray(leaf).dtype.kind in "iuf" and np.isfinite(leaf).all() else leaf
    )


def _commonest(labels):
    return np.full_like(labels, Counter(labels.ravel().tolist()).most_common(1)[0][0])


# Made from the right result: an answer is wrong wherever it differs from that.
CHANGES = {
    "NaN": _number(lambda value: np.full(np.shape(value), np.nan)[()]),
    "the mean as a number": _array(lambda array: float(array.mean())),
    "the mean as an array without dimensions": _array(lambda array: np.array(array.mean())),
    "the mean as an array of one": _array(lambda array: np.array([array.mean()])),
    "transposed": _array(lambda array: array.T, dimensions=2, kinds="iufbU"),
    "reversed": _array(lambda array: array[::-1], kinds="iufbU"),
    "cut to whole numbers": _number(lambda value: np.asarray(value).astype(int)[()]),
    "off by one": _number(lambda value: value + 1),
    "the most common label everywhere": _array(_commonest, kinds="iuUb"),
}


# Near-misses


def _near_miss(material, name, declared):
    answers = [case.near[name] for case in material.hidden]
    what, fraction, wrong = _declared(material, f"near-miss: {name}", answers, declared)
    return what, fraction, "; ".join([wrong] * bool(wrong) + _unseen(material, name))


def _declared(material, what, answers, declared):
    """A row of answers that should get a declared fraction of the cases right, mostly 0."""
    fraction = _fraction_right(material, answers)
    right = abs(fraction - declared) <= 0.1 * (declared > 0)
    return what, fraction, "" if right else f"it should get {declared:.2f} of the hidden cases right"


def _unseen(material, name):
    """What keeps a near-miss's own hint from being shown: by `check`, since it has this near-miss's values in
    every public example; for a question by the grader."""
    cases = material.shown or material.hidden
    answers = [case.near[name] for case in cases]
    if not any(_wrong(material, answer, case.right) for case, answer in zip(cases, answers, strict=True)):
        return ["on every public example it gives the right result"]
    if failed := [answer for answer in answers if isinstance(answer, Exception)]:
        return [f"it raises {type(failed[0]).__name__}: {failed[0]}"]
    first = next(
        (
            other
            for other in material.private.near_misses
            if not any(
                compare(answer, case.near[other], tolerance(material.exercise))
                for answer, case in zip(answers, cases, strict=True)
            )
        ),
        None,
    )
    return [f"the hint of {first!r} would be shown for it"] * (first != name)


if __name__ == "__main__":
    rows = table(sys.argv[1:])
    wrong = sum(bool(row.wrong) for row in rows)
    print(*rows, f"{len(rows)} rows, {wrong} of them wrong", sep="\n")
    sys.exit(wrong > 0)
