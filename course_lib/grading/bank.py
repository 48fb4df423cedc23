"""The private part of the exercises: bank/lesson_NN.py, never in a student's hands nor in a sandbox.

BANK = {"02.1": Private(reference=hog_length, inputs=inputs, near_misses={"one block too many": too_many})}
"""

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.exercises.compare import USUAL, Tolerance


@dataclass(frozen=True)
class Private:
    """What the grader knows of an exercise and the student does not."""

    reference: Callable  # has the arguments of the student's function
    inputs: Callable = (
        lambda rng, k: ()
    )  # inputs(rng, k) -> the arguments of hidden case k; a question has none
    truth: Callable | None = (
        None  # truth(rng, k) -> what is right, where it is not what the reference returns
    )
    cases: int = 5
    tolerance: Tolerance = USUAL
    forbidden: tuple = ()  # modules that must not be importable while it is graded, such as "librosa"
    near_misses: dict = field(
        default_factory=dict
    )  # name -> function, or (function, share of cases it gets right)


def load(folder, lessons=()) -> dict[str, Private]:
    """{exercise id: Private} of a bank folder, of all lessons or some ("02"). Raises `CourseError` for
    none."""
    paths = [
        path for path in sorted(Path(folder).glob("lesson_*.py")) if not lessons or path.stem[-2:] in lessons
    ]
    if not paths:
        raise CourseError(
            folder, "no lesson_NN.py of a bank stands there", "Give the course's bank/: --bank bank/"
        )
    return {id: private for path in paths for id, private in _module(path).BANK.items()}


def _module(path):
    # By its path and under a name of its own: a bank is no package, and two banks must not be mixed up.
    name = f"bank_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
