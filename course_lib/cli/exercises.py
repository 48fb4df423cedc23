"""A student's own copies: `course update`, `reset`."""

from collections import Counter
from pathlib import Path


def update(options) -> int:
    """bring a release's lessons into your folder; your answers stay"""
    from course_lib.exercises import update

    states = Counter()
    for lesson in update.update(options.release, options.to):
        print(lesson)
        states[lesson.state] += 1
    print(f"{options.to}: {', '.join(f'{count} {state}' for state, count in states.items())}")
    return 1 if states["skipped"] else 0


def _update_options(command):
    command.add_argument(
        "release", metavar="FROM", type=Path, help="its zip, or its folder, which holds notebooks/"
    )
    command.add_argument(
        "--to", type=Path, default=Path("notebooks"), metavar="DIR", help="your lessons (notebooks)"
    )


def reset(options) -> int:
    """put an exercise's empty copy back into your notebook"""
    from course_lib.exercises import update

    path, old = update.reset(options.exercise, options.notebook)
    print(f"{path}: {options.exercise} is empty again. The notebook as it was: {old}")
    return 0


def _reset_options(command):
    command.add_argument("exercise", help="its number, for example 02.1")
    command.add_argument(
        "notebook", nargs="?", type=Path, default=Path("notebooks"), help="or its folder (notebooks)"
    )


COMMANDS = {update: _update_options, reset: _reset_options}
