"""The private part of the exercises: bank/lesson_NN.py. Students and sandboxes never see it.

BANK = {"02.1": Private(reference=hog_length, inputs=inputs, near_misses={"one block too many": too_many})}
"""

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.exercises.compare import USUAL, Tolerance

Inputs = Callable[[np.random.Generator, int], Any]
NearMiss = Callable[..., Any] | tuple[Callable[..., Any], float]


@dataclass(frozen=True)
class Private:
    """What the grader knows about an exercise and the student does not.

    Parameters
    ----------
    reference : callable
        The right function, with the arguments of the student's function.
    inputs : callable
        inputs(rng, k) returns the arguments of hidden case k, as a tuple. A question has none.
    truth : callable, optional
        truth(rng, k) returns the right value of hidden case k, if this is not what the reference returns.
    cases : int
        The number of hidden cases. A question has one.
    tolerance : Tolerance
        How far a right value may be off.
    near_misses : dict
        {name: function} of typical mistakes, or {name: (function, fraction of the cases it gets right)}. The
        hint of each has the same name in `Exercise.hints`.
    zeros : float
        The fraction of the cases whose right value is zero, so that a function that always returns zeros gets
        them.
    """

    reference: Callable[..., Any]
    inputs: Inputs = lambda rng, k: ()
    truth: Inputs | None = None
    cases: int = 5
    tolerance: Tolerance = USUAL
    near_misses: dict[str, NearMiss] = field(default_factory=dict)
    zeros: float = 0.0


def load(folder: str | Path, lessons: Sequence[str] = ()) -> dict[str, Private]:
    """Load the private parts from a bank.

    Parameters
    ----------
    folder : path
        The bank's folder.
    lessons : sequence of str
        The lessons, such as "02". Empty: all lessons.

    Returns
    -------
    dict
        {exercise id: Private}.

    Raises
    ------
    CourseError
        If the folder holds none of these lessons.
    """
    paths = [
        path for path in sorted(Path(folder).glob("lesson_*.py")) if not lessons or path.stem[-2:] in lessons
    ]
    if not paths:
        files = ", ".join(f"lesson_{lesson}.py" for lesson in lessons) or "lesson_NN.py"
        raise CourseError(
            folder, f"the bank has no {files}", "Give the course's bank (--bank bank/), or write the file"
        )
    return {id: private for path in paths for id, private in _module(path).BANK.items()}


def alternatives(folder: str | Path, lesson: str) -> dict[str, dict[str, Callable[..., Any]]]:
    """Load the other right answers of a lesson's exercises.

    Parameters
    ----------
    folder : path
        The bank's folder.
    lesson : str
        The lesson, such as "02".

    Returns
    -------
    dict
        {exercise id: {how it is written: function}}; empty if alternatives/lesson_NN.py is not there.
    """
    path = Path(folder) / "alternatives" / f"lesson_{lesson}.py"
    return _module(path).ALTERNATIVES if path.is_file() else {}


def equivalents(folder: str | Path) -> dict[str, dict[str, str]]:
    """Load the mutants that compute the same as the solution.

    Parameters
    ----------
    folder : path
        The bank's folder.

    Returns
    -------
    dict
        {exercise id: {name of the mutant: why it computes the same}}.
    """
    path = Path(folder) / "equivalents.py"
    return _module(path).EQUIVALENT if path.is_file() else {}


def _module(path: Path) -> ModuleType:
    # By its path and under its own name: a bank is no package, and two banks must not be mixed up.
    name = f"bank_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
