"""The file that a student hands in, and the empty copy of an exercise put back.

A notebook cannot be asked for its own file, and each front end saves when it likes. What was run in this
session the kernel itself knows, in JupyterLab, Colab, VS Code and a terminal alike: the answers are taken
from there."""

import sys
from pathlib import Path

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import cells

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def hand_in(lesson, folder="."):
    """See `course_lib.exercises.hand_in`."""
    number = str(lesson).zfill(2)
    path, ran, asked = Path(folder) / f"hand_in_{number}.ipynb", _ran(), exercises.lesson(number)
    if ran is None or not asked:
        print(
            f"Lesson {number} has no exercises."
            if not asked
            else "hand_in collects what was run in a notebook. Open the lesson (course lab), run it, and "
            "hand in there."
        )
        return
    try:
        before = _before(path)
        found = [
            _found(one, exercises.kept(one.id)["stub"], ran, before.get(one.grade_id), path) for one in asked
        ]
        cells.write(path, _notebook([_cell(one, text) for one, (text, _) in zip(asked, found, strict=True)]))
    except (CourseError, OSError) as error:
        print(_not_written(path, number, error))
        return
    for one, (_, said) in zip(asked, found, strict=True):
        print(f"{one.id} {one.name}: {said}")
    print(f"\nHand in this file: {path.name}\n{_where(path)}")


def reset(id):
    """See `course_lib.exercises.reset`."""
    exercise, stub, shell = exercises.find(id), exercises.kept(id)["stub"], _shell()
    print(
        f"{id}: the empty copy{' is in a new cell below' if shell else ''}. Run it, and {exercise.name} "
        f"is empty "
        f"again; your own cell stays as it is.\n\n{stub}"
    )
    if shell:
        shell.set_next_input(stub, replace=False)


def _shell():
    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()


def _ran():
    # The text of each cell that was run in this session, as it was typed, in order; None outside IPython.
    shell = _shell()
    return shell and list(shell.history_manager.input_hist_raw)


def _found(exercise, stub, ran, before, path):
    """What is handed in for an exercise, and what is said about it."""
    name = exercise.name
    own = [place for place, text in enumerate(ran) if cells.definition(text, name)]
    broken = [place for place, text in enumerate(ran) if cells.half_written(text, name)]
    if own and cells.attempted(ran[own[-1]], name, stub):
        return ran[own[-1]], "answered" + _but(ran[own[-1]], broken and broken[-1] > own[-1])
    if before and cells.attempted(before, name, stub):
        now = "its cell has a syntax error now" if broken else "this session has no answer"
        return before, f"answered: kept from the {path.name} that was here, since {now}"
    if broken:
        return ran[broken[-1]], "its cell has a syntax error: mend it and run it, then run this cell again"
    if own:
        return ran[own[-1]], "not attempted: the empty copy"
    return (
        stub,
        f"no cell that was run in this session defines {name}: run its cell, then run this cell again",
    )


def _but(text, broken):
    lacks = ", ".join(cells.missing(text))
    return ("; a later cell of it has a syntax error and does not count" if broken else "") + (
        f"; but the grader runs this cell alone: define or import {lacks} in it" if lacks else ""
    )


def _before(path):
    # {grade_id: text} of the file that lies there already. A damaged one is set aside, not written over.
    if not path.exists():
        return {}
    try:
        return {cells.grade_id(cell): cells.source(cell) for cell in cells.read(path)["cells"]}
    except CourseError:
        print(f"The {path.name} that was here is damaged; it is kept as old/{cells.set_aside(path).name}.")
        return {}


def _cell(exercise, text):
    marks = {
        "cell_type": "code",
        "grade": True,
        "grade_id": exercise.grade_id,
        "locked": False,
        "points": exercise.points,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": exercise.grade_id,
        "metadata": {"nbgrader": marks},
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }


def _notebook(found):
    return {
        "cells": found,
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _not_written(path, number, error):
    cause = error.__cause__ if isinstance(error, CourseError) else error
    if cause is None:  # the lesson was not built
        return str(error)
    reason = cause.strerror or cause
    return f'{path.name} was not written: {reason}. Write it elsewhere: hand_in("{number}", folder="...")'


def _where(path):
    if "google.colab" in sys.modules:
        return (
            "To get it, click the folder icon on the left, right click on the file, Download. Or run:\n"
            f'from google.colab import files; files.download("{path.as_posix()}")'
        )
    return "It is beside this notebook." if path.parent == Path() else f"It is in {path.parent.as_posix()}"
