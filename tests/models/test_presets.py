"""The presets: what comes with the course, and what is known of it."""

import pytest

from course_lib.core.errors import CourseError
from course_lib.models import face_networks, presets


@pytest.mark.parametrize("use", [presets.known, face_networks.load], ids=["known", "load"])
def test_an_unknown_name_lists_those_that_there_are(use):
    with pytest.raises(CourseError, match=r"no network for faces of that name\. Choose from face, emotion, "):
        use("resnet")


@pytest.mark.parametrize("name", ["face", "emotion"])
def test_what_comes_with_the_course_loads_and_says_its_licence(name, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    path = face_networks.weights_of(name)
    assert path.parent == presets.SHIPPED and face_networks.load(name).name == presets.NAMES[name]
    assert "no open licence" in (presets.SHIPPED / "LICENSE.md").read_text()
    assert "must not be used" in path.with_suffix(".md").read_text()


def test_what_comes_with_the_course_is_at_most_six_megabytes():
    assert sum(path.stat().st_size for path in presets.SHIPPED.iterdir()) <= 6_000_000
