"""Build the lessons: masters/*.py become notebooks/*.ipynb, with the outputs of a run."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from course_lib import exercises
from course_lib.authoring import exercise_checks, solutions, student_copy
from course_lib.authoring.publish import address, stamp
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.exercises.handing import KERNEL
from course_lib.lessons import glossary, lectures, masters
from course_lib.lessons.execute import Run, execute_all
from course_lib.lessons.find import names

if TYPE_CHECKING:
    from nbformat import NotebookNode


def build(wanted: Iterable[str] = ()) -> list[Run]:
    """Execute lessons and put them into `notebooks/` with their outputs.

    First it tries the exercises' checks, and writes the values of their public examples and their solutions.

    Parameters
    ----------
    wanted : iterable of str
        The lessons, such as ["02"]; all of them if it is empty.

    Returns
    -------
    list of Run
        One for each lesson. A lesson that failed keeps its old notebook in `notebooks/`.

    Raises
    ------
    CourseError
        If a lesson does not exist, or the checks of an exercise accept a wrong answer.
    """
    for number in sorted({name[:2] for name in names(wanted)}):
        _build_exercises(number)
    tasks = _drafts(names(wanted), "built")
    return execute_all(tasks, 1, lambda run: None if run.error else _put_into_notebooks(run))


def build_solved(wanted: Iterable[str] = ()) -> list[Run]:
    """Execute lessons with the solutions in their answer cells, into `build/solved/`, for authors to look at.

    A cell that uses an answer draws its figures only here: in `notebooks/` the answers are empty.

    Parameters
    ----------
    wanted : iterable of str
        The lessons, such as ["02"]; all of them if it is empty.

    Returns
    -------
    list of Run
        One for each lesson.

    Raises
    ------
    CourseError
        If a lesson does not exist.
    """
    return execute_all(_drafts(names(wanted), "solved", solved=True), 1)


def _drafts(lessons, folder, solved=False):
    """Write each lesson as its master makes it, and list what `execute_all` does with it."""
    import nbformat

    drafts = ROOT / "build" / "drafts" / folder
    drafts.mkdir(parents=True, exist_ok=True)
    for name in lessons:
        nbformat.write(from_master(name, solved), drafts / f"{name}.ipynb")
    return [
        (drafts / f"{name}.ipynb", ROOT / "build" / folder / f"{name}.ipynb", {}, None) for name in lessons
    ]


def _put_into_notebooks(run):
    import nbformat

    with whole_file(ROOT / "notebooks" / f"{run.name}.ipynb") as part:
        nbformat.write(_without_traces(nbformat.read(run.path, 4)), part)


def build_texts(wanted: Iterable[str] = ()) -> list[str]:
    """Put the masters' texts into `notebooks/` and keep the outputs there. Nothing is executed.

    The cells that start a lesson (for Colab, and the setup cell) are the same in all lessons and compute
    nothing, so they count as texts.

    Parameters
    ----------
    wanted : iterable of str
        The lessons, such as ["02"]; all of them if it is empty.

    Returns
    -------
    list of str
        The names of the lessons.

    Raises
    ------
    CourseError
        If the code of a lesson has changed. Nothing is written then.
    """
    import nbformat

    found = [_with_outputs(name) for name in names(wanted)]
    for name, lesson in zip(names(wanted), found, strict=True):
        with whole_file(ROOT / "notebooks" / f"{name}.ipynb") as part:
            nbformat.write(lesson, part)
    return names(wanted)


def _with_outputs(name):
    """The lesson as its master makes it, with the outputs of the notebook in `notebooks/`."""
    import nbformat

    path, lesson = ROOT / "notebooks" / f"{name}.ipynb", from_master(name)
    ran = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"] if path.exists() else []
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    if list(map(_that_computes, ran)) != list(map(_that_computes, code)):
        raise CourseError(path, "its code differs from its master's", f"Run: course build {name[:2]}")
    for new, old in zip(code, ran, strict=True):
        new.outputs, new.execution_count = old.outputs, old.execution_count
    return lesson


def _that_computes(cell):
    """The code and the metadata of a cell; of a cell that starts the lesson only the metadata."""
    starts = {"colab", "setup"} & {*cell.metadata.get("tags", [])}
    return "" if starts else cell.source, dict(cell.metadata)


def _build_exercises(number):
    if not exercises.lesson(number):
        return
    executed = exercise_checks.execute(number)
    if wrong := [str(row) for row in exercise_checks.table([number], {number: executed}) if row.wrong]:
        raise CourseError(
            f"the exercises of lesson {number}",
            "\n".join(["some of their checks are wrong:", *wrong, ""]),
            f"See the whole table: python -m course_lib.authoring.exercise_checks {number}",
        )
    exercise_checks.write_values(number, executed)
    solutions.write([number])


def from_master(name: str, solved: bool = False) -> "NotebookNode":
    """Make a lesson's notebook, without outputs, from its master, its exercises and the course's address.

    Parameters
    ----------
    name : str
        The lesson, such as "02_hog_features".
    solved : bool
        Keep the solutions in the answer cells.

    Returns
    -------
    NotebookNode
        The notebook.
    """
    lesson = student_copy.with_exercises(masters.read_master(name), name, solved)
    _link(lesson)
    lesson.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return stamp(lesson, name, address())


def _link(lesson):
    """Add links: from the time marks to the lecture, from the terms to the glossary."""
    cells = [cell for cell in lesson.cells if cell.cell_type == "markdown"]
    lecture = lectures.of_lesson(cells[0].source)
    for cell, source in zip(cells, glossary.with_links([cell.source for cell in cells]), strict=True):
        cell.source = lectures.with_links(source, lecture) if lecture else source


def stale(name: str) -> bool:
    """Tell whether a lesson in `notebooks/` has other cells than its master makes.

    Parameters
    ----------
    name : str
        The lesson, such as "02_hog_features".

    Returns
    -------
    bool
        True if a cell differs or the notebook is missing. Outputs are not compared.
    """
    import nbformat

    path = ROOT / "notebooks" / f"{name}.ipynb"
    return not path.exists() or _cells(nbformat.read(path, 4)) != _cells(from_master(name))


def _cells(lesson):
    return [(cell.id, cell.cell_type, cell.source, dict(cell.metadata)) for cell in lesson.cells]


def _without_traces(lesson):
    # Times and paths of the machine would change with every build, and no reader needs them.
    lesson.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in lesson.cells:
        for trace in ("papermill", "execution", *([] if cell.metadata.get("tags") else ["tags"])):
            cell.metadata.pop(trace, None)
    return lesson
