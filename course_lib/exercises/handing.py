"""The file that a student hands in, and the empty copy of an exercise.

A notebook does not know its own file, and each front end saves at its own times. But the kernel knows what
was run in this session, in JupyterLab, Colab, VS Code and a terminal. The answers come from there.
"""

import ast
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise, by_hand, cells
from course_lib.exercises.by_hand import Task

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def hand_in(lesson: str | int, folder: str | Path = ".") -> None:
    """See `course_lib.exercises.hand_in`."""
    number = str(lesson).zfill(2)
    path, ran, wanted = Path(folder) / f"hand_in_{number}.ipynb", _ran(), exercises.lesson(number)
    if ran is None or not wanted:
        print(
            f"Lesson {number} has no exercises."
            if not wanted
            else "hand_in collects what you ran in a notebook. Open the lesson (course lab), run it, and "
            "call hand_in there."
        )
        return
    try:
        before = _before(path)
        found = [
            _found(one, exercises.kept(one.id)["stub"], ran, before.get(one.grade_id), path) for one in wanted
        ]
        sheets = [(one, _worksheet(one, ran, before.get(one.grade_id))) for one in by_hand.lesson(number)]
        answers = [(one, text) for one, (text, _) in zip(wanted, found, strict=True)]
        cells.write(path, notebook([*answers, *((one, text) for one, text in sheets if text)]))
    except (CourseError, OSError) as error:
        print(_not_written(path, number, error))
        return
    for one, (_, state) in zip(wanted, found, strict=True):
        print(f"{one.id} {one.name}: {state}")
    for sheet, text in sheets:
        state = "in the file" if text else "not in the file: run its cell, then run this cell again"
        print(f"{sheet.id} {sheet.title}: {state}")
    print(f"\nHand in this file: {path.name}\n{_where(path)}")


def reset(id: str) -> None:
    """See `course_lib.exercises.reset`."""
    exercise, stub, shell = exercises.find(id), exercises.kept(id)["stub"], _shell()
    print(
        f"{id}: the empty copy{' is in a new cell below' if shell else ''}. Run it, and {exercise.name} "
        f"is empty again. Your own cell does not change.\n\n{stub}"
    )
    if shell:
        shell.set_next_input(stub, replace=False)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()


def _ran() -> list[cells.Code] | None:
    # Each cell that was run in this session, as it was typed, in order; None outside IPython.
    shell = _shell()
    return shell and [cells.Code(text) for text in shell.history_manager.input_hist_raw]


def _found(
    exercise: Exercise, stub: str, ran: list[cells.Code], before: str | None, path: Path
) -> tuple[str, str]:
    """Return the cell that is handed in for an exercise, and its state for the student."""
    name = exercise.name
    own = [place for place, code in enumerate(ran) if code.definition(name)]
    broken = [place for place, code in enumerate(ran) if code.begins(name)]
    if own and ran[own[-1]].attempted(name, stub):
        later = broken and broken[-1] > own[-1]
        return ran[own[-1]].text, "answered" + _but(ran[own[-1]], exercise, later)
    if before and cells.Code(before).attempted(name, stub):
        now = "its cell has a syntax error now" if broken else "this session has no answer"
        return before, f"answered: kept from the {path.name} that was here, since {now}"
    if broken:
        text = ran[broken[-1]].text
        return text, "its cell has a syntax error: correct it and run it, then run this cell again"
    if own:
        return ran[own[-1]].text, "not attempted: the empty copy"
    return (
        stub,
        f"no cell that was run in this session defines {name}: run its cell, then run this cell again",
    )


def _worksheet(task: Task, ran: list[cells.Code], before: str | None) -> str:
    """Return the cell that makes the dictionary of a task that the teacher marks, or ""."""
    made = [code.text for code in ran if task.variable and _makes(task.variable, code)]
    return made[-1] if made else before or ""


def _makes(variable: str, code: cells.Code) -> bool:
    return code.tree is not None and any(
        isinstance(target, ast.Name) and target.id == variable
        for node in code.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
    )


def _but(code: cells.Code, exercise: Exercise, broken: object) -> str:
    lacks, modules = ", ".join(code.missing()), ", ".join(code.unavailable(exercise.forbidden))
    return (
        ("; a later cell with it has a syntax error and does not count" if broken else "")
        + (f"; but the grader runs this cell alone, so define or import {lacks} in it" if lacks else "")
        + (f"; but the grader does not have {modules}, so solve it without" if modules else "")
    )


def _before(path: Path) -> dict[str, str]:
    # {grade_id: text} of an earlier file. A damaged one is copied before it is overwritten.
    if not path.exists():
        return {}
    try:
        return {cells.grade_id(cell): cells.source(cell) for cell in cells.read(path)["cells"]}
    except CourseError:
        print(f"The {path.name} that was here is damaged; it is kept as old/{cells.set_aside(path).name}.")
        return {}


def _cell(exercise: Exercise | Task, text: str) -> cells.Notebook:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": exercise.grade_id,
        "metadata": {"nbgrader": exercise.nbgrader},
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }


def notebook(answers: Sequence[tuple[Exercise | Task, str]]) -> cells.Notebook:
    """Return the notebook to hand in, with the text of the answer to each exercise."""
    return {
        "cells": [_cell(one, text) for one, text in answers],
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _not_written(path: Path, number: str, error: CourseError | OSError) -> str:
    cause: Any = error.__cause__ if isinstance(error, CourseError) else error
    if cause is None:  # the lesson was not built
        return str(error)
    reason = cause.strerror or cause
    todo = f'Write it to another folder: hand_in("{number}", folder="...")'
    return f"{path.name} was not written: {reason}. {todo}"


def _where(path: Path) -> str:
    if "google.colab" in sys.modules:
        return (
            "To get it, click the folder icon on the left, right-click the file, choose Download. Or run:\n"
            f'from google.colab import files; files.download("{path.as_posix()}")'
        )
    if path.parent == Path():
        return "It is in the same folder as this notebook."
    return f"It is in {path.parent.as_posix()}"
