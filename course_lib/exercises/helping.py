"""Help for self-learners: hints in levels, and the solution of an exercise after an attempt."""

import json
from pathlib import Path

from course_lib import exercises
from course_lib.exercises import checking

SOLUTIONS = Path(__file__).parent / "solutions.json"  # {"02.1": the source of the solved answer cell}

_shown: dict[str, int] = {}  # how many hints of an exercise were shown in this session


def hint(id: str) -> None:
    """See `course_lib.exercises.hint`."""
    exercise = exercises.find(id)
    if not exercise.levels:
        print(f"{id}: this exercise has no hints. Run its check, which shows what is wrong first.")
        return
    total = len(exercise.levels)
    level = min(_shown.get(exercise.id, 0) + 1, total)
    _shown[exercise.id] = level
    print(f"{id} hint {level} of {total}: {exercise.levels[level - 1]}")


def solution(id: str) -> None:
    """See `course_lib.exercises.solution`."""
    exercise = exercises.find(id)
    if not SOLUTIONS.exists():
        print("This version of the course comes without solutions.")
    elif exercise.id not in checking.attempted:
        print(
            f"{id}: try it first. Write {exercise.name}, run its check, and call solution again. Your "
            "attempt need not be right."
        )
    else:
        solutions = json.loads(SOLUTIONS.read_text(encoding="utf-8"))
        print(solutions.get(exercise.id, f"{id}: there is no solution of this exercise."))
