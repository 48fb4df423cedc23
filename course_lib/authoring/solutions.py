"""Write the masters' solutions to `course_lib/exercises/solutions.json`, for `solution("02.1")`."""

import json
from collections.abc import Iterable
from pathlib import Path

from course_lib import exercises
from course_lib.core.io import whole_file
from course_lib.exercises import helping
from course_lib.lessons import masters


def from_masters(number: str) -> dict[str, str]:
    """Read the solutions of a lesson from its master.

    Parameters
    ----------
    number : str
        The lesson, such as "02".

    Returns
    -------
    dict
        {exercise id: source of the solved answer cell, without the solution's markers}; empty for a lesson
        without exercises.

    Raises
    ------
    CourseError
        If the lesson has no master, or an answer cell of the master is not sound.
    """
    if not exercises.lesson(number):
        return {}
    return {id: _unmarked(source) for id, source in masters.solutions(number).items()}


def write(numbers: Iterable[str] = ()) -> Path:
    """Write the solutions of some lessons, or of all, and keep those of the other lessons.

    Parameters
    ----------
    numbers : iterable of str
        The lessons, such as ["02"]; all of them if it is empty.

    Returns
    -------
    Path
        The file. The same masters give the same bytes.

    Raises
    ------
    CourseError
        As `from_masters` does; nothing is written then.
    """
    path = helping.SOLUTIONS
    known = [one.id for one in exercises.every()]
    chosen = set(numbers) or {id[:2] for id in known}
    solutions = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for number in sorted(chosen):
        solutions |= from_masters(number)
    text = json.dumps({id: solutions[id] for id in known if id in solutions}, ensure_ascii=False, indent=1)
    with whole_file(path) as part:
        part.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path


def _unmarked(source):
    lines = source.splitlines()
    return "\n".join(line for line in lines if masters.BEGIN not in line and masters.END not in line)
