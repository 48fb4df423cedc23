"""Commands for a student's own copies of the lessons: `course update`, `reset`."""

import argparse
from collections import Counter
from pathlib import Path


def update(options: argparse.Namespace) -> int:
    """copy a release's lessons into your folder, and keep your answers

    The files as they were are kept in the folder old/ there.

    Examples:
      course update affective-computing-course-0.2.0.zip
      course update RELEASE.zip --to my_lessons
    """
    from course_lib.exercises import update

    states = Counter()
    for lesson in update.update(options.release, options.to):
        print(lesson)
        states[lesson.state] += 1
    print(f"{options.to}: {', '.join(f'{count} {state}' for state, count in states.items())}")
    return 1 if states["skipped"] else 0


def _update_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "release", metavar="FROM", type=Path, help="the zip of the release, or its folder with notebooks/"
    )
    command.add_argument(
        "--to",
        type=Path,
        default=Path("notebooks"),
        metavar="DIR",
        help="the folder of your lessons (default: notebooks)",
    )


def reset(options: argparse.Namespace) -> int:
    """empty the answer to an exercise in your notebook

    The notebook as it was is kept in the folder old/ there.

    Examples:
      course reset 02.1
      course reset 02.1 my_lessons/02_hog_features.ipynb
    """
    from course_lib.exercises import update

    path, old = update.reset(options.exercise, options.notebook)
    print(f"{path}: {options.exercise} is empty again. The notebook as it was: {old}")
    return 0


def _reset_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("exercise", help="the number of the exercise, for example 02.1")
    command.add_argument(
        "notebook",
        nargs="?",
        type=Path,
        default=Path("notebooks"),
        help="the notebook or its folder (default: notebooks)",
    )


COMMANDS = {update: _update_options, reset: _reset_options}
