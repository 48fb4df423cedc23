"""The embeddings that come with the course, computed again where data and weights are present."""

import numpy as np
import pytest

from course_lib import results
from course_lib.authoring.embedding import speech_embeddings
from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.io import hash_files
from course_lib.datasets import embeddings
from course_lib.media import audio
from course_lib.models import speech_encoder

N = {"ravdess": 1440, "emodb": 339}


@pytest.mark.parametrize("corpus", N)
def test_the_measured_files_are_these_and_the_embeddings_are_of_them(corpus, real_data):
    saved = results.read(f"{corpus}_speech_encoder")
    paths = speech_embeddings.recordings(corpus, real_data)
    assert (saved["n"], saved["data_files"], saved["data_sha256"]) == (
        N[corpus],
        len(paths),
        hash_files(paths),
    )
    assert [path.stem for path in paths] == embeddings.read(corpus).table["name"].tolist()


def test_both_corpora_are_the_files_of_the_cross_corpus_figures(real_data):
    saved = results.read("cross_corpus_speech")
    paths = [path for corpus in N for path in speech_embeddings.recordings(corpus, real_data)]
    assert (saved["data_files"], saved["data_sha256"]) == (len(paths), hash_files(paths))
    assert saved["n"] == {"ravdess": 672, "emodb": 339}


@pytest.mark.parametrize("corpus", embeddings.names())
def test_an_embedding_is_found_again_with_the_weights(corpus, real_data):
    try:
        path, weights = speech_embeddings.weights_of(real_data)
    except CourseError:
        pytest.skip("no weights: put base.pt or model.bin into whisper/, or run course fetch whisper-base")
    table, X, about = embeddings.read(corpus)
    if path.name == about["weights"]["file"]:
        assert weights == about["weights"]
    rows = np.linspace(0, len(table) - 1, 4).astype(int)
    paths = speech_embeddings.recordings(corpus, real_data)
    network = speech_encoder.load(path)
    sounds = [audio.read_audio(paths[row], SPEECH_SR, seconds=None) for row in rows]
    again = speech_encoder.features(network, sounds)
    assert np.abs(again - X[rows]).max() < 2e-3 * np.abs(again).max()  # they are stored as float16
