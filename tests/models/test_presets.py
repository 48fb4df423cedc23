"""The presets: what comes with the course, and what is known of it."""

import pytest

from course_lib import results
from course_lib.core.errors import CourseError
from course_lib.datasets import vggface
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


def test_what_comes_with_the_course_is_at_most_ten_megabytes():
    assert sum(path.stat().st_size for path in presets.SHIPPED.rglob("*") if path.is_file()) <= 10_000_000


HERE = ("emotion_net", "emotion_net_raters", "face_identity", "face_or_not", "voice", "voice_encoder")


def test_the_table_tells_the_size_of_the_files_that_are_here(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    found = presets.table()["MiB"]
    assert sorted(found.dropna().index) == list(HERE)
    assert found["face_identity"] == pytest.approx(3_641_285 / 2**20) and found["voice"] < 0.1
    for name, path in (("vgg_face", vggface.path()), ("gudi_cnn", tmp_path / "models/gudi_cnn/weights.npz")):
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(2**20))
        assert presets.table().loc[name, "MiB"] == 1


def test_the_table_tells_how_fast_each_preset_is():
    speed = presets.table()["items a second"]
    assert (speed > 0).all() and speed["face_identity"] >= 8
    about = results.read("preset_speed")
    assert about["command"] == "python benchmarks/presets.py --write" and about["cores"] == 1
    assert set(about["items"]) == set(presets.PRESETS)


def test_a_table_without_measured_speeds_leaves_them_out(monkeypatch, tmp_path):
    monkeypatch.setattr(presets, "SPEED", tmp_path / "none.json")
    assert presets.table()["items a second"].isna().all()
