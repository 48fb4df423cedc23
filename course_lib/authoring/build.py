"""Build the lessons: masters/*.py -> notebooks/*.ipynb, with the outputs that ran."""

from course_lib import exercises
from course_lib.authoring import exercise_checks, student_copy
from course_lib.authoring.publish import address, stamp
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.exercises.handing import KERNEL
from course_lib.lessons import masters
from course_lib.lessons.execute import Run, execute_all
from course_lib.lessons.find import names


def build(wanted=()) -> list[Run]:
    """Execute the masters' student copies and put them into `notebooks/` with their outputs: what GitHub and Colab show
    is what ran.

    Before that the values of the exercises' public examples are computed and written. Raises `CourseError` where an
    exercise's checks do not tell right from wrong.
    """
    import nbformat

    for number in sorted({name[:2] for name in names(wanted)}):
        _build_exercises(number)
    draft = ROOT / "build" / "drafts"
    draft.mkdir(parents=True, exist_ok=True)
    for name in names(wanted):
        nbformat.write(from_master(name), draft / f"{name}.ipynb")
    done = execute_all([(draft / f"{name}.ipynb", ROOT / "build" / "built" / f"{name}.ipynb", {}, None)
                         for name in names(wanted)], jobs=1)
    for result in done:
        if not result.error:
            with whole_file(ROOT / "notebooks" / f"{result.name}.ipynb") as part:
                nbformat.write(_without_traces(nbformat.read(result.path, 4)), part)
    return done


def _build_exercises(number):
    if not exercises.lesson(number):
        return
    executed = exercise_checks.execute(number)
    if wrong := [str(row) for row in exercise_checks.table([number], {number: executed}) if row.wrong]:
        raise CourseError(f"the exercises of lesson {number}", "\n".join(["they are not sound:", *wrong, ""]),
                          f"The whole table: python -m course_lib.authoring.exercise_checks {number}")
    exercise_checks.write_values(number, executed)


def from_master(name, solved=False):
    """A lesson's notebook, without outputs, as its master, its exercises and the course's address make it; with the
    solutions where it is to be `solved`."""
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
