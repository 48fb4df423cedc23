import nbformat
import pytest

from course_lib import lessons
from course_lib.core.paths import ROOT
from course_lib.lessons.execute import executed as up_to_date

NAMES = lessons.names()


@pytest.fixture(scope="session")
def executed():
    """The executed copy of each lesson by name: those of `course run`, or, where it has not run, made now.

    A copy of the same lesson and the same version of the course serves, also one that ended with an error:
    the tests name the error, and nothing runs twice.
    """
    there = {run.name for run in up_to_date()}
    if missing := [name for name in NAMES if name not in there]:
        lessons.run(missing)
    return {name: nbformat.read(ROOT / "build" / "lessons" / f"{name}.ipynb", 4) for name in NAMES}


@pytest.fixture(scope="session")
def published():
    """The lessons as they stand in notebooks/, by name."""
    return {name: nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4) for name in NAMES}
