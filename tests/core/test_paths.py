"""Where the course keeps what it makes."""

from pathlib import Path

import pytest

from course_lib.core.paths import home


def test_home_is_the_folder_that_course_home_names(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "my data"))
    assert home() == tmp_path / "my data"


def test_home_knows_the_tilde(monkeypatch):
    monkeypatch.setenv("COURSE_HOME", "~/course")
    assert home() == Path.home() / "course"


@pytest.mark.parametrize("value", [None, ""])
def test_home_is_in_the_cache_by_default(monkeypatch, value):
    monkeypatch.delenv("COURSE_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("COURSE_HOME", value)
    assert home().name == "affective-computing-course-companion" and home().is_absolute()
