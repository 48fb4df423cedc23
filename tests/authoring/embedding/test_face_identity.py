"""The weights of face_identity as they are made from the published files."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from course_lib import results
from course_lib.authoring.embedding import face_identity as making
from course_lib.core.errors import CourseError
from course_lib.models import face_identity


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Small files in the published layout: one array of 8-bit numbers, one of 32-bit numbers."""
    folder = tmp_path / "dlib_face_net"
    folder.mkdir()
    content = bytes(range(6)) + np.float32([[0.5, -2]]).tobytes()
    (folder / "face_recognition_model.bin").write_bytes(content)
    weights = [
        {
            "name": "a",
            "shape": [2, 3],
            "dtype": "float32",
            "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1},
        },
        {"name": "b", "shape": [1, 2], "dtype": "float32"},
    ]
    manifest = folder / "face_recognition_model-weights_manifest.json"
    manifest.write_text(json.dumps([{"weights": weights}]))
    for name in making.LICENCES:
        (folder / name).write_text(f"text of {name}")
    monkeypatch.setattr(making, "SHA256", hashlib.sha256(content).hexdigest())
    return tmp_path


def test_numbers_scales_and_licences_are_kept(published, tmp_path):
    written = making.make(published, tmp_path / "made")
    assert [path.name for path in written] == [
        "face_identity.npz",
        "face_identity.CC0-1.0.txt",
        "face_identity.MIT.txt",
        "face_identity.md",
    ]
    with np.load(written[0]) as file:
        assert file["a"].dtype == np.uint8 and file["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
        assert file["b"].dtype == np.float16 and file["b"].tolist() == [[0.5, -2]]
        assert file["scale_and_offset"].tolist() == [[0.5, -1], [1, 0]]
    assert written[1].read_text() == "text of LICENSE-models-CC0"


def test_another_file_is_refused(published, tmp_path):
    (published / "dlib_face_net" / "face_recognition_model.bin").write_bytes(b"another")
    with pytest.raises(CourseError, match="not the published file"):
        making.make(published, tmp_path / "made")


def test_the_weights_of_the_course_are_made_from_the_published_files(tmp_path):
    """Only where the published files are present."""
    data = Path(os.environ.get("COURSE_REAL_DATA", "missing"))
    if not (data / "dlib_face_net").is_dir():
        pytest.skip("COURSE_REAL_DATA has no folder dlib_face_net/")
    again, *texts = making.make(data, tmp_path)
    with np.load(again) as one, np.load(face_identity.WEIGHTS) as other:
        assert one.files == other.files
        assert all(np.array_equal(one[name], other[name]) for name in one.files)
    for path in texts:
        assert path.read_bytes() == face_identity.WEIGHTS.with_name(path.name).read_bytes()


def test_dlibs_vectors_are_few_and_say_how_they_were_made():
    about = json.loads(making.VECTORS.read_text(encoding="utf-8"))
    assert list(about["photographs"]) == making.RECORDINGS and len(making.RECORDINGS) == 8
    assert "face_recognition_models 0.3.0" in about["made_with"] and "CC BY 4.0" in about["licence"]
    assert results.read("face_identity_alignment")["dlib"]["made_with"] == about["made_with"]
