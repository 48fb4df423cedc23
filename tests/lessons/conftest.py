import nbformat
import pytest

from course_lib import lessons
from course_lib.core.paths import ROOT

NAMES = lessons.names()


def _fresh(name):
    # Executed after everything it comes from was last changed: then the main job's copy serves, and nothing
    # runs twice.
    copy = ROOT / "build" / "lessons" / f"{name}.ipynb"
    sources = [ROOT / "notebooks" / f"{name}.ipynb", *(ROOT / "course_lib").rglob("*.py")]
    return copy.exists() and copy.stat().st_mtime > max(source.stat().st_mtime for source in sources)


@pytest.fixture(scope="session")
def executed():
    """The executed copy of each lesson by name: those of `course run`, or, where it has not run, made now."""
    stale = [name for name in NAMES if not _fresh(name)]
    if stale:
        lessons.run(stale)
    return {name: nbformat.read(ROOT / "build" / "lessons" / f"{name}.ipynb", 4) for name in NAMES}


@pytest.fixture(scope="session")
def published():
    """The lessons as they stand in notebooks/, by name."""
    return {name: nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4) for name in NAMES}
