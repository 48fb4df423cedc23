"""The training on the frozen encoder: where the layer is chosen, what is kept, and what is continued."""

import json

import numpy as np
import pytest
import soundfile

from course_lib.datasets import ravdess
from course_lib.models import voice_encoder, voice_encoder_training, whisper_file

BEST = 2


@pytest.fixture
def embedded(few, monkeypatch):
    """The recordings of `few`, whole and their middle; only layer `BEST` of three tells emotions apart."""
    monkeypatch.setattr(voice_encoder_training, "INNER", 3)
    table, X = few
    rng = np.random.default_rng(1)
    layers = rng.normal(size=(96, 2, 3, 40))
    layers[:, :, BEST] = X[:, :2]
    return table, layers


def test_the_layer_is_chosen_within_the_training_set(embedded):
    table, X = embedded
    folds = ravdess.actor_folds(table)
    found, layers = voice_encoder_training.out_of_fold(X, table, folds[:1])
    train, test = folds[0]
    assert layers == [BEST] and np.isnan(found[:, train]).all()
    assert np.allclose(found[:, test].sum(axis=2), 1)
    changed = X.copy()
    changed[test, :, 0], changed[test, :, BEST] = X[test, :, BEST], X[test, :, 0]  # now layer 0 is best there
    assert voice_encoder_training.out_of_fold(changed, table, folds[:1])[1] == [BEST]
    lied = table.assign(emotion=np.where(np.isin(np.arange(96), test), "calm", table["emotion"]))
    assert np.array_equal(voice_encoder_training.out_of_fold(X, lied, folds[:1])[0], found, equal_nan=True)


def test_what_is_trained_is_kept_scored_and_described(embedded, tmp_path, monkeypatch):
    table, X = embedded
    monkeypatch.setattr(voice_encoder_training, "speech_table", lambda data: table)
    monkeypatch.setattr(voice_encoder_training, "embed", lambda paths: X)
    monkeypatch.setattr(whisper_file, "read", lambda path: {"bias": np.zeros(2)})
    about = voice_encoder_training.train("anywhere", tmp_path)
    assert json.loads((tmp_path / "training.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(about)
    )
    assert about["layers"]["all actors"] == BEST and about["scores"]["uar"] > 0.9
    assert (np.array(about["answers"]) == table["emotion"]).sum() == about["scores"]["top_1"]["correct"]
    kept = np.load(tmp_path / "predictions.npz")
    assert kept["whole"].shape == kept["middle"].shape == (96, 8)
    places = kept["middle"].argmax(axis=1)
    right = np.array(ravdess.EMOTIONS)[places] == table["emotion"]
    assert right.sum() == about["windows"]["top_1"]["correct"]
    weights = np.load(tmp_path / "weights.npz")
    assert weights["weights"].shape == (40, 8) and weights["layer"] == BEST
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert f"{about['scores']['top_1']['correct']} of 96" in card and "predictions.npz" in card


def test_an_interrupted_run_computes_only_what_is_missing(own_home, tmp_path, monkeypatch):
    paths = [tmp_path / f"{n}.wav" for n in range(3)]
    for n, path in enumerate(paths):
        soundfile.write(path, np.full(16000 * 4, n / 10), 16000)
    seen = []

    def embedded(some, weights):
        seen.extend(some)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return np.ones((len(some), 2, 7, 512), np.float16)

    monkeypatch.setattr(voice_encoder_training, "CHUNK", 1)
    monkeypatch.setattr(voice_encoder_training, "_embedded", embedded)
    monkeypatch.setattr(whisper_file, "read", lambda path: {"bias": np.zeros(2)})
    with pytest.raises(KeyboardInterrupt):
        voice_encoder_training.embed(paths)
    assert voice_encoder_training.embed(paths).shape == (3, 2, 7, 512)
    assert seen == [*paths, paths[2]]  # the third was begun twice, the others computed once


def test_a_recording_is_embedded_whole_and_by_its_middle(tmp_path, monkeypatch):
    sound = np.r_[np.zeros(16000), np.full(40000, 0.5), np.zeros(16000)].astype(np.float32)
    soundfile.write(tmp_path / "a.wav", sound, 16000, subtype="FLOAT")
    monkeypatch.setattr(voice_encoder, "encoder", lambda weights: None)
    monkeypatch.setattr(
        "course_lib.models.speech_encoder.all_layers",
        lambda network, sounds: np.array([[[one.mean()]] for one in sounds]),
    )
    found = voice_encoder_training._embedded([tmp_path / "a.wav"], None)
    assert found.reshape(-1).tolist() == pytest.approx([0.5 * 40 / 72, 0.5], abs=1e-3)
