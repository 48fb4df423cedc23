"""Build the lessons: masters/*.py -> notebooks/*.ipynb, with the outputs that ran."""

from course_lib import exercises
from course_lib.authoring import exercise_checks, solutions, student_copy
from course_lib.authoring.publish import address, stamp
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.exercises.handing import KERNEL
from course_lib.lessons import masters
from course_lib.lessons.execute import Run, execute_all
from course_lib.lessons.find import names


def build(wanted=()) -> list[Run]:
    """Execute the masters' student copies and put them into `notebooks/` with their outputs: what GitHub and
    Colab show is what ran.

    Before that, it writes the values of the exercises' public examples and the solutions. Raises
    `CourseError` if an exercise's checks do not tell right from wrong."""
    import nbformat

    for number in sorted({name[:2] for name in names(wanted)}):
        _build_exercises(number)
    draft = ROOT / "build" / "drafts"
    draft.mkdir(parents=True, exist_ok=True)
    for name in names(wanted):
        nbformat.write(from_master(name), draft / f"{name}.ipynb")
    tasks = [
        (draft / f"{name}.ipynb", ROOT / "build" / "built" / f"{name}.ipynb", {}, None)
        for name in names(wanted)
    ]
    return execute_all(tasks, 1, lambda done: _put_into_notebooks(done[-1]) if done else None)


def _put_into_notebooks(run):
    import nbformat

    with whole_file(ROOT / "notebooks" / f"{run.name}.ipynb") as part:
        nbformat.write(_without_traces(nbformat.read(run.path, 4)), part)


def build_texts(wanted=()) -> list[str]:
    """Put the masters' texts into `notebooks/` and keep the outputs that are there: nothing is executed.

    Returns the lessons' names. Raises `CourseError`, before anything is written, for a lesson whose code has
    changed."""
    import nbformat

    found = [_with_outputs(name) for name in names(wanted)]
    for name, lesson in zip(names(wanted), found, strict=True):
        with whole_file(ROOT / "notebooks" / f"{name}.ipynb") as part:
            nbformat.write(lesson, part)
    return names(wanted)


def _with_outputs(name):
    """The lesson as its master makes it, with the outputs of the notebook whose code cells are the same."""
    import nbformat

    path, lesson = ROOT / "notebooks" / f"{name}.ipynb", from_master(name)
    ran = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"] if path.exists() else []
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    if [(cell.source, dict(cell.metadata)) for cell in ran] != [
        (cell.source, dict(cell.metadata)) for cell in code
    ]:
        raise CourseError(path, "its code is not what its master makes", f"Run: course build {name[:2]}")
    for new, old in zip(code, ran, strict=True):
        new.outputs, new.execution_count = old.outputs, old.execution_count
    return lesson


def _build_exercises(number):
    if not exercises.lesson(number):
        return
    executed = exercise_checks.execute(number)
    if wrong := [str(row) for row in exercise_checks.table([number], {number: executed}) if row.wrong]:
        raise CourseError(
            f"the exercises of lesson {number}",
            "\n".join(["they are not sound:", *wrong, ""]),
            f"The whole table: python -m course_lib.authoring.exercise_checks {number}",
        )
    exercise_checks.write_values(number, executed)
    solutions.write([number])


def from_master(name, solved=False):
    """A lesson's notebook, without outputs, as its master, its exercises and the course's address make it;
    with the solutions where it is to be `solved`."""
    lesson = student_copy.with_exercises(masters.read_master(name), name, solved)
    lesson.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return stamp(lesson, name, address())


def stale(name) -> bool:
    """Whether the lesson in notebooks/ has other cells than its master makes; outputs do not count."""
    import nbformat

    path = ROOT / "notebooks" / f"{name}.ipynb"
    return not path.exists() or _cells(nbformat.read(path, 4)) != _cells(from_master(name))


def _cells(lesson):
    return [(cell.id, cell.cell_type, cell.source, dict(cell.metadata)) for cell in lesson.cells]


def _without_traces(lesson):
    # Times and paths of the machine that built it would change at every build and tell nothing.
    lesson.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in lesson.cells:
        for trace in ("papermill", "execution", *([] if cell.metadata.get("tags") else ["tags"])):
            cell.metadata.pop(trace, None)
    return lesson
