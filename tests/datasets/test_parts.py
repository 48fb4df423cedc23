"""The parts of the course that have a licence of their own: files, texts, and the error if one is missing."""

import re
import tomllib

import pytest

from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.datasets import credits, embedded, parts
from course_lib.models import from_preset, voices

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOT_FREE = ["ravdess", "pexels", "emotion_net", "face_or_not", "voice", "voice_encoder"]


def data_files():
    """Every file in the folders of corpora and weights, but for Python's own."""
    for root in parts.ROOTS:
        for path in (parts.PACKAGE / root).rglob("*"):
            if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts:
                yield path.relative_to(parts.PACKAGE).as_posix()


def test_every_file_of_corpora_and_weights_belongs_to_a_part():
    assert [path for path in data_files() if not parts.of_file(path)] == []


def test_every_part_is_here_with_its_texts():
    for name, part in parts.load().items():
        assert parts.is_here(name) and (parts.PACKAGE / part.folder).exists()
        assert all((parts.PACKAGE / text).is_file() for text in part.texts)
        assert all(list(parts.PACKAGE.glob(pattern)) for pattern in part.files), part.files
        assert part.texts or part.spdx == "MIT"
        assert part.get or part.free


def test_what_is_free():
    assert [name for name, part in parts.load().items() if not part.free] == NOT_FREE


def test_no_large_file_of_the_course_is_outside_the_parts():
    """What is MIT is text: code, tables of figures, exercises."""
    packed = (".npz", ".gz", ".jpg", ".jpeg", ".png", ".mp4", ".wav", ".flac", ".opus", ".webp", ".h5")
    found = [path.relative_to(parts.PACKAGE) for path in parts.PACKAGE.rglob("*") if path.suffix in packed]
    assert len(found) > 200 and [path for path in found if not parts.of_file(path)] == []


def test_a_file_that_no_part_names_is_left_out_of_a_free_release():
    assert not parts.stays("models/weights/new.npz") and not parts.stays("datasets/embedded/new/1.wav")
    assert not parts.stays("models/weights/LICENSE.md") and not parts.stays(
        "datasets/embedded/ravdess/README.md"
    )
    assert parts.stays("datasets/embedded/__init__.py") and parts.stays("results/voice.json")
    assert parts.stays("datasets/embedded/crema_d/votes.csv.gz") and parts.stays(
        "models/weights/face_identity.npz"
    )


def test_the_projects_metadata_are_those_of_all_parts():
    assert PROJECT["license"] == parts.licence()
    listed = {
        path.relative_to(ROOT).as_posix() for each in PROJECT["license-files"] for path in ROOT.glob(each)
    }
    assert listed == set(parts.texts())


def test_license_begins_with_the_parts():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith(parts.notice() + "\nMIT License\n")
    for name in parts.load():
        assert name == "cards" or f"/{name}" in text


def test_corpora_are_free_in_both_tables_or_in_none():
    for corpus in embedded.names():
        one, credit = parts.load()[corpus], credits.load()[corpus]
        assert (one.free, one.spdx) == (credit.free, credit.spdx)


@pytest.fixture
def without(monkeypatch, tmp_path, own_home):
    """A copy of the course that has no corpora and no weights."""
    monkeypatch.setattr(parts, "PACKAGE", tmp_path)
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    monkeypatch.setattr(voices, "SHIPPED", tmp_path / "voice.npz")
    monkeypatch.setattr("course_lib.models.face_files.SHIPPED", tmp_path)
    monkeypatch.setattr("course_lib.models.zoo.SHIPPED", tmp_path)


WHY = "this copy of the course leaves out course_lib/{}, because its licence is not free"


@pytest.mark.parametrize("name", ["emotion_net", "face_or_not", "voice"])
def test_missing_weights_are_one_clear_error(without, name):
    with pytest.raises(CourseError) as error:
        from_preset(name)
    part = parts.load()[name]
    assert str(error.value) == (
        f"{name}: {WHY.format(part.folder)} ({part.licence}). Use the full release of the course, {part.get}"
    )
    assert re.search(r"course train (emotion|face|voice)", part.get)


def test_a_missing_corpus_is_one_clear_error(without):
    assert embedded.names() == []
    with pytest.raises(CourseError, match=re.escape(WHY.format("datasets/embedded/ravdess"))):
        embedded.folder("ravdess")
    with pytest.raises(CourseError, match="there is no such corpus of the course"):
        embedded.folder("fer2013")


def test_a_network_that_was_trained_here_takes_the_place_of_a_missing_one(without, own_home):
    assert not parts.is_here("voice")
    path = own_home / "models" / "voice" / "weights.npz"
    path.parent.mkdir(parents=True)
    path.touch()
    assert parts.is_here("voice") and voices.find_weights() == path
