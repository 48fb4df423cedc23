"""IIITA's networks for voices at full size: the input, and a training that is stopped and continued."""

import numpy as np
import pytest

from course_lib.authoring.experiments import speech_full_size
from course_lib.datasets import ravdess
from course_lib.models import training


def test_the_input_has_the_published_size(make_wav, tmp_path):
    path = make_wav(tmp_path / "a.wav", np.sin(np.arange(48_000) / 9), 16_000)
    X = speech_full_size._spectrograms([path, path])
    assert X.shape == (2, 96, 431, 1) and np.isfinite(X).all()


@pytest.fixture
def small(few, monkeypatch, tmp_path):
    """Two epochs of the smaller input on 96 recordings, whose reduced networks always answer "calm"."""
    table, X = few
    pictures = np.repeat(X[:, 0, :32, None, None], 126, axis=2)
    calm = {"by_actor": {"answers": ["calm"] * len(table)}}
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.setattr(speech_full_size, "FULL", {"speech_cnn_lstm": "speech_cnn_lstm, reduced"})
    monkeypatch.setattr(speech_full_size, "EPOCHS", 2)
    monkeypatch.setattr(speech_full_size, "_spectrograms", lambda paths: pictures)
    monkeypatch.setattr(speech_full_size.voice_training, "speech", lambda table: table)
    monkeypatch.setattr(ravdess, "table", lambda folder: table)
    models = {"models": {"speech_cnn_lstm, reduced": calm}}
    monkeypatch.setattr(speech_full_size.results, "read", lambda name: models)
    return table


def test_only_the_first_fold_is_tested_and_a_second_call_trains_nothing(small, monkeypatch, tmp_path):
    found = speech_full_size.ravdess_speech_full_size(tmp_path)
    one = found["networks"]["speech_cnn_lstm"]
    assert found["tested_actors"] == [1, 2, 3] and set(one["by_actor"]) == {"1", "2", "3"}
    assert one["n"] == 48 and len(one["history"]["val_loss"]) == 2
    assert one["reduced"]["correct"] == 6  # an eighth
    monkeypatch.setattr(training, "_epoch", None)
    assert speech_full_size.ravdess_speech_full_size(tmp_path)["networks"] == found["networks"]
