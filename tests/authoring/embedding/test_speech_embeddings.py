"""The maker of the embeddings: the weights it finds, and one file for each corpus."""

import numpy as np
import pytest
from whisper_ct2 import as_ctranslate2, write_ctranslate2
from whisper_pt import numbers

from course_lib.authoring.embedding import speech_embeddings
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded, embeddings
from course_lib.models import whisper_file


@pytest.fixture
def small(monkeypatch):
    for name, value in {"BLOCKS": 2, "WIDTH": 8, "MELS": 4, "POSITIONS": 10}.items():
        monkeypatch.setattr(whisper_file, name, value)
    return numbers(whisper_file.shapes())


def test_missing_weights_are_named_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    with pytest.raises(CourseError, match="Run: course fetch whisper-base"):
        speech_embeddings.weights_of(tmp_path)


def test_each_corpus_gets_a_file_that_can_be_read(tmp_path, monkeypatch, small):
    weights = write_ctranslate2(tmp_path / "whisper" / "model.bin", as_ctranslate2(small))
    names = {"emodb": ["03a01Fa", "03a01Wa"], "ravdess": ["03-01-01-01-01-01-01"], "crema_d": []}
    layers = {name: np.arange(len(rows) * 7.0).reshape(-1, 7, 1) for name, rows in names.items()}
    about = speech_embeddings.weights_of(tmp_path)[1]
    assert about["file"] == weights.name and about["precision"] == "float16" and len(about["sha256"]) == 64
    monkeypatch.setattr(
        speech_embeddings,
        "layers_of",
        lambda corpus, data: (np.array(names[corpus]), layers[corpus].astype(np.float16), about),
    )
    written = speech_embeddings.make(tmp_path, tmp_path / "made")
    assert sorted(path.parent.name for path in written) == ["crema_d", "emodb", "ravdess"]
    (tmp_path / "made" / "emodb" / "LICENSE").touch()
    monkeypatch.setattr(embedded, "FOLDER", tmp_path / "made")
    table, X, found = embeddings.read("emodb")
    assert table["emotion"].tolist() == ["happy", "angry"] and X.tolist() == [[6], [13]]  # the last layer
    assert found["weights"] == about and found["layer"] == 6
