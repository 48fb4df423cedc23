"""A network of our own for speech: what it hears, and how `course train voice` trains and scores it (lesson 12)."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from course_lib import audio, augmentation, evaluation, features, model_card, models, networks, training
from course_lib.backend import keras
from course_lib.datasets import fer2013, ravdess
from course_lib.files import CourseError, commit, home, whole_file

SR = 16000                  # samples a second
SECONDS = 2.54              # that are heard at a time: 128 frames
PICTURE = {"sr": SR, "n_mels": 64, "hop_length": 320, "n_fft": 800}     # windows of 50 ms, a new one every 20 ms
SEVEN = {"calm": "neutral", "fearful": "fear", "surprised": "surprise"}  # RAVDESS's words that FER2013 has others for


def load():
    """The network for speech that comes with the course, or that `course train voice` made on this machine."""
    return models.load("voice_net")


def pictures(signals, seconds=SECONDS) -> np.ndarray:
    """Sound float32 (n, samples) of `SR`, cut or with zeros behind to `seconds`, as the network takes it: decibels in
    64 mel bands, float32 (n, 64, 1 + 50 * seconds, 1). Raises `CourseError` as `features.log_mel` does."""
    return features.log_mel(signals, seconds=seconds, **PICTURE)


def predict(network, signals) -> np.ndarray:
    """Shares float32 (n, 8) in the order of `ravdess.EMOTIONS` for sound float32 (n, samples) of `SR`.

    Of a longer one the `SECONDS` around the middle of what is loud are heard (`around_speech`).
    """
    return training.predict(network, pictures(around_speech(signals)), compiled=True)


def around_speech(signals, seconds=SECONDS, decibels=30) -> np.ndarray:
    """Sound (n, samples) cut to `seconds`, zeros around what is shorter, about the middle of its speech: of the time
    between the first and the last tenth of a second that is no more than `decibels` below the loudest."""
    signals, samples = np.asarray(signals, np.float32), round(seconds * SR)
    if signals.ndim != 2 or not signals.size:
        raise CourseError(f"signals of shape {signals.shape}", "(n, samples) are wanted, at least one of each",
                          "For one signal write predict(network, signal[None])")
    tenth = SR // 10
    cut = np.zeros((len(signals), samples), np.float32)
    for row, signal in enumerate(signals):
        energy = np.add.reduceat(signal ** 2, np.arange(0, len(signal), tenth))
        loud = np.flatnonzero(energy >= energy.max() * 10 ** (-decibels / 10))
        start = max(0, min((loud[0] + loud[-1] + 1) * tenth // 2 - samples // 2, len(signal) - samples))
        part = signal[start:start + samples]
        before = (samples - len(part)) // 2
        cut[row, before:before + len(part)] = part
    return cut


def as_seven(shares) -> np.ndarray:
    """Shares (n, 8) of RAVDESS's emotions as shares (n, 7) of FER2013's, in its order; calm counts as neutral."""
    places = [fer2013.EMOTIONS.index(SEVEN.get(name, name)) for name in ravdess.EMOTIONS]
    seven = np.zeros((len(shares), len(fer2013.EMOTIONS)), np.asarray(shares).dtype)
    np.add.at(seven, (slice(None), places), shares)
    return seven


# --- train ------------------------------------------------------------------------------------------------------------

BATCH, EPOCHS = 32, 60
LONG = 3.82                 # seconds around the speech that training cuts its pieces out of: 192 frames
PROTOCOL = "whole actors, five published folds"


def takes(folder):
    """RAVDESS's speech takes in `folder`: their table, pictures of `LONG` seconds around the speech, float32
    (n, 64, 192, 1), and labels (n,), places in `ravdess.EMOTIONS`. Raises `CourseError` where some actor is missing."""
    table = ravdess.table(folder)
    table = table[(table["vocal_channel"] == "speech") & (table["modality"] != "video-only")]
    table = table.drop_duplicates("take").reset_index(drop=True)
    if table["actor"].nunique() < 24:
        raise CourseError(folder, f"it holds speech of {table['actor'].nunique()} of the 24 actors",
                          "Get all of it: course fetch ravdess-speech")
    sounds = [audio.read_audio(path, SR, seconds=None) for path in tqdm(table["path"], desc="reading", leave=False)]
    X = np.concatenate([pictures(around_speech(sound[np.newaxis], LONG), LONG) for sound in sounds])
    return table, X, table["emotion"].map(ravdess.EMOTIONS.index).to_numpy()


def out_of_fold(X, y, folds, epochs=EPOCHS, seed=0, folder=None) -> np.ndarray:
    """Shares (n, 8) for `takes`, each by a network trained on the other folds; `folds` as `ravdess.actor_folds` gives
    them, of which all rows need not be tested (NaN). `folder` as in `train`."""
    shares = np.full((len(y), len(ravdess.EMOTIONS)), np.nan, np.float32)
    for number, (train, test) in enumerate(folds):
        network = trained(X[train], y[train], epochs, seed, folder and Path(folder) / f"fold{number + 1}")
        shares[test] = training.predict(network, _middle(X[test]), compiled=True)
    return shares


def trained(X, y, epochs=EPOCHS, seed=0, folder=None):
    """A `networks.voice_net` trained on pictures X and labels y as `takes` gives them; `folder` keeps what it reached
    after each epoch, and the same call goes on from there."""
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(seed)
    network = networks.voice_net(epochs * -(-len(X) // BATCH))
    one_hot = keras.utils.to_categorical(y, len(ravdess.EMOTIONS))
    training.fit(network, X, one_hot, BATCH, epochs, seed=seed, change=partial(augmentation.changed_sound),
                 folder=folder)
    return network


def _middle(X, frames=128):
    first = (X.shape[2] - frames) // 2
    return X[:, :, first:first + frames]


def train(data, epochs=EPOCHS, seed=0, folder=None) -> dict:
    """Train `voice_net` on RAVDESS's speech and write weights.npz, training.json and card.md into `folder`.

    Five times on the published folds of actors, which gives every take an answer by a network that never heard its
    actor, and with it the score; then once on all actors, which gives the weights. Nothing is chosen by any of these
    scores: the recipe is fixed. `folder` is by default `models/voice_net` in the course's cache; the same call goes on
    where it was stopped. Returns what training.json says. Raises `CourseError` as `takes` does.
    """
    folder = Path(folder or home() / "models" / "voice_net")
    table, X, y = takes(data)
    shares = out_of_fold(X, y, ravdess.actor_folds(table), epochs, seed, folder)
    network = trained(X, y, epochs, seed, folder / "all")
    models.save(network, folder / "weights.npz")
    about = {"speech_network": network.name, "parameters": network.count_params(), "trained_on": len(y),
             "epochs": epochs, "batch_size": BATCH, "seed": seed, "commit": commit(),
             "backend": f"keras {keras.__version__}, {keras.backend.backend()}", "folds": ravdess.ACTOR_FOLDS,
             "scores": scores(table, y, shares), "labels": "".join(map(str, y)), "shares": shares.round(3).tolist()}
    for file, text in (("training.json", json.dumps(about) + "\n"), ("card.md", model_card.write_speech(about))):
        with whole_file(folder / file) as part:
            part.write_text(text, encoding="utf-8")
    return about


def scores(table, y, shares) -> dict:
    """Scores of answers to all `takes`, as plain values: "top_1" (with interval and baseline), "uar" and its interval
    by actors, by gender and actor, "confusion" (rows true) and "classes"."""
    names = np.array(ravdess.EMOTIONS)
    true, said = names[y], names[shares.argmax(axis=1)]
    right = pd.Series(true == said)
    return {"top_1": evaluation.Score.of(true, said, PROTOCOL).plain(),
            "uar": evaluation.unweighted_average_recall(true, said),
            "uar_interval": evaluation.uar_interval(true, said, table["actor"]),
            "by_gender": right.groupby(table["gender"]).mean().to_dict(),
            "by_actor": {str(actor): share for actor, share in right.groupby(table["actor"]).mean().items()},
            "confusion": evaluation.confusion(true, said, names.tolist()).to_numpy().tolist(),
            "classes": evaluation.f_scores(true, said, names.tolist()).round(4).to_dict("index")}
