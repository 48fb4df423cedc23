"""The protocols of the preset `voice`, on features that contain the emotion or only the speaker's level."""

import numpy as np
import pytest

from course_lib.authoring.experiments import voice_protocols
from course_lib.datasets import ravdess
from course_lib.models import voice_training


@pytest.fixture
def found(few, monkeypatch, tmp_path):
    table, X = few
    table = table.assign(path=__file__)
    monkeypatch.setattr(voice_training, "recordings", lambda folder: (table, X))
    monkeypatch.setattr(voice_protocols, "_best_layer", lambda data: (3, {"correct": 1}))
    monkeypatch.setattr(voice_protocols, "SHUFFLED", 3)
    return voice_protocols.ravdess_voice_protocols(tmp_path)


def test_every_protocol_is_scored_and_shuffled_labels_are_at_chance(found):
    assert found["fair"] == list(found["protocols"])[:2] and len(found["protocols"]) == 5
    for protocol in list(found["protocols"])[:4]:
        one = found["protocols"][protocol]
        assert one["protocol"] == protocol and one["n"] == 96 and one["uar"] > 0.9
    assert len(found["shuffled"]["uar"]) == 3 and max(found["shuffled"]["uar"]) < 0.4
    assert found["shuffled"]["p"] == 1 / 4


def test_standardising_takes_each_speakers_own_level_away():
    rng = np.random.default_rng(0)
    X, speakers = rng.normal(size=(40, 3, 5)), np.repeat(["a", "b"], 20)
    moved = (
        np.where(speakers == "b", 100, 0)[:, None, None] + X * np.where(speakers == "b", 9, 1)[:, None, None]
    )
    ours = voice_protocols._standardised(moved, speakers)
    assert np.allclose(ours, voice_protocols._standardised(X, speakers))
    assert np.allclose(ours[speakers == "b"].mean(axis=(0, 1)), 0)


def test_the_best_layer_is_the_one_that_holds_the_emotion(few, monkeypatch, tmp_path):
    table, X = few
    noise = np.random.default_rng(0).normal(size=(96, 3, X.shape[2]))
    noise[:, 1] = X[:, 0]
    read = type("Embeddings", (), {"table": table})
    monkeypatch.setattr(voice_protocols.embeddings, "read", lambda name: read)
    monkeypatch.setattr(
        voice_protocols.speech_embeddings, "layers_of", lambda name, data: (None, noise, None)
    )
    layer, scores = voice_protocols._best_layer(tmp_path)
    assert layer == 1 and scores["uar"] > 0.9 and scores["n"] == 96
    assert scores["protocol"] == voice_protocols.BEST_LAYER and len(ravdess.EMOTIONS) == 8
