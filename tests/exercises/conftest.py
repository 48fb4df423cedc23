import pytest

from course_lib import exercises
from course_lib.core.errors import CourseError


@pytest.fixture
def publish(monkeypatch):
    """Make a lesson 97 of some exercises; `kept(id)` is what `course build` keeps of one, or its empty copy
    alone.
    """

    def publish(there, kept):
        def found(id):
            own = kept(id)
            return {"stub": own, "examples": [], "near_misses": {}} if isinstance(own, str) else own

        monkeypatch.setattr(exercises, "lesson", lambda number: there if number == "97" else [])
        monkeypatch.setattr(exercises, "kept", found)

    return publish


@pytest.fixture
def unbuilt(monkeypatch):
    """The values of no exercise were built."""

    def unbuilt(id):
        raise CourseError("lesson_97.json", "the values were not built", "Run: course build 97")

    monkeypatch.setattr(exercises, "kept", unbuilt)
