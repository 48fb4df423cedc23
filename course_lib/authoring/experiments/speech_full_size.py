"""Train IIITA's two networks for voices at their published input size, on one fold of actors (lesson 12)."""

from pathlib import Path

import numpy as np

from course_lib import features, results
from course_lib.authoring.experiments import speech_networks
from course_lib.core.audio import SPEECH_SR
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import ravdess
from course_lib.media import audio
from course_lib.models import training, voice_training

# The project's pictures have 96 mel bands and 431 frames. At 44.1 kHz, 2.5 s give 431 frames with a hop of
# 256 samples; at RAVDESS's 16 kHz, they do so with 93.
BANDS, HOP, FRAMES = 96, 93, 431
EPOCHS, BATCH, FOLD = 20, 32, 0
FULL = {name: f"{name}, reduced" for name in ("speech_cnn", "speech_cnn_lstm")}


def ravdess_speech_full_size(data: Path) -> dict:
    """Score IIITA's two networks on one published fold of actors, with inputs of the published size.

    "reduced" is the score of the smaller networks of `ravdess_speech_networks` on the same actors. Both kinds
    train for a fixed number of epochs, so the loss on the tested actors chooses nothing. Each epoch is kept
    in the cache folder: the same call continues a stopped one.
    """
    table = voice_training.speech(ravdess.table(data / "ravdess" / "speech_16k"))
    train, test = ravdess.actor_folds(table)[FOLD]
    X = _spectrograms(table["path"])
    reduced = results.read("ravdess_speech_networks")["models"]
    return {
        "files": list(table["path"]),
        "input": [BANDS, FRAMES],
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "tested_actors": sorted(table["actor"].iloc[test].unique().tolist()),
        "networks": {
            name: _scored(name, X, table, train, test)
            | {"reduced": _score(table.iloc[test], np.array(reduced[other]["by_actor"]["answers"])[test])}
            for name, other in FULL.items()
        },
    }


def _spectrograms(paths):
    sounds = [audio.read_audio(path, SPEECH_SR, seconds=None) for path in progress(paths, leave=False)]
    spoken = np.stack([speech_networks.spoken(sound) for sound in sounds])
    found = features.log_mel_spectrogram(spoken, SPEECH_SR, n_mels=BANDS, hop_length=HOP, fmax=7600)
    return (found[:, :, :FRAMES] + 50) / 20  # fixed numbers, so nothing is fitted on the test set


def _scored(name, X, table, train, test):
    """Train a network on the rows `train`, and score it on the rows `test`."""
    network = speech_networks.built(FULL[name], X.shape[1:])
    y = speech_networks.one_hot(table["emotion"])
    folder = home() / "measured" / "full_size" / name
    folder.mkdir(parents=True, exist_ok=True)
    curves = training.fit(network, X[train], y[train], BATCH, EPOCHS, (X[test], y[test]), folder=folder)
    y_pred = np.array(ravdess.EMOTIONS)[training.predict(network, X[test]).argmax(axis=1)]
    return {"parameters": network.count_params(), "history": curves} | _score(table.iloc[test], y_pred)


def _score(table, y_pred):
    return speech_networks.by_actor(table.reset_index(drop=True), y_pred)
