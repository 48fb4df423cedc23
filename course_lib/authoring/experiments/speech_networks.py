"""Compare five models of eight emotions by voice, speaker-independent and on a random split (lesson 12)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Memory
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_lib import evaluation, features
from course_lib.authoring.experiments.speech import CLASSIFIERS
from course_lib.core.audio import SPEECH_SR
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import ravdess
from course_lib.features import functionals
from course_lib.media import audio
from course_lib.models import networks, training, voice_training, voices
from course_lib.models.backend import keras

# In place of IIITA's 96 x 431, a tenth of the work. With 125 frames the LSTM would get one step, not two.
BANDS, FRAMES = 32, 126
EPOCHS = {"speech_cnn, reduced": 12, "speech_cnn_lstm, reduced": 12}
BUILDS = {"speech_cnn, reduced": networks.speech_cnn, "speech_cnn_lstm, reduced": networks.speech_cnn_lstm}
CLASSICAL = {
    "MFCC model": (
        "mean and spread over time of 40 MFCC, logistic regression",
        make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000)),
    ),
    "classical pipeline": (
        "the features of `ours` at the speed of the recording, SVC with radial kernel",
        make_pipeline(StandardScaler(), CLASSIFIERS["SVC rbf"]),
    ),
}
OURS = (
    "statistics of MFCC, F0 and voice quality, each recording also slower and faster, linear discriminant "
    "analysis"
)
RANDOM = 5  # folds of the random split


def ravdess_speech_networks(data: Path) -> dict:
    """Score IIITA's three speech models (with smaller networks), a classical pipeline and ours.

    On the 1,440 speech recordings: speaker-independent on the published folds; on a random split with a fifth
    of the recordings tested, whose actors are known from training; and trained on one sentence, tested on the
    other.

    "chosen": the model that is best on the next fold when trained on the other three. It predicts the fold,
    and "chosen_by_actor" scores these predictions. "mcnemar": tests of each two models on the folds of
    actors, not corrected for multiple tests, with recordings treated as independent. Networks train for a
    fixed number of epochs; "validation_loss" is their mean loss on the held-out actors after each epoch.
    Their predictions are cached, so that a stopped call can be continued.
    """
    table, X = recordings(data / "ravdess" / "speech_16k")
    emotions = table["emotion"].to_numpy()
    folds = ravdess.actor_folds(table)
    y_pred = {name: _gathered(name, X, emotions, folds) for name in X}
    order = np.random.default_rng(0).permutation(len(table))
    at_random = {
        name: _answers(name, X[name], emotions, order[len(order) // RANDOM :], order[: len(order) // RANDOM])
        for name in X
    }
    chosen = [_chosen(X, emotions, folds, number) for number in range(len(folds))]
    answers = np.empty(len(table), object)
    for name, (_, test) in zip(chosen, folds, strict=True):
        answers[test] = y_pred[name][test]
    return {
        "files": list(table["path"]),
        "n": len(table),
        "actors": int(table["actor"].nunique()),
        "folds": ravdess.ACTOR_FOLDS,
        "models": {
            name: {
                "what": _what(name),
                "parameters": _parameters(name),
                "by_actor": by_actor(table, y_pred[name]),
                **(
                    {"validation_loss": _validation_loss(name, X[name], emotions, folds)}
                    if name in BUILDS
                    else {}
                ),
                "at_random": _plain(
                    emotions[order[: len(order) // RANDOM]],
                    at_random[name],
                    "random split",
                    emotions[order[len(order) // RANDOM :]],
                ),
            }
            for name in X
        },
        "one_sentence_against_the_other": {name: _other_sentence(name, X[name], table) for name in X},
        "chosen": chosen,
        "chosen_by_actor": by_actor(table, answers),
        "mcnemar": _pairs(emotions, y_pred),
    }


def recordings(folder: str | Path) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return the table of recordings, and each model's features by name: arrays with a row per recording."""
    table, described = voice_training.recordings(folder)
    sounds = [
        audio.read_audio(path, SPEECH_SR, seconds=None) for path in progress(table["path"], leave=False)
    ]
    coefficients = [features.mfcc(sound[np.newaxis], SPEECH_SR)[0] for sound in sounds]
    means = np.stack([np.r_[one.mean(axis=1), one.std(axis=1)] for one in coefficients])
    cut = np.stack([spoken(sound) for sound in sounds])
    spectrograms = features.log_mel_spectrogram(cut, SPEECH_SR, n_mels=BANDS, hop_length=318, fmax=7600)[
        :, :, :FRAMES
    ]
    spectrograms = (spectrograms + 50) / 20  # fixed numbers, so nothing is fitted on the test set
    return table, {
        "MFCC model": means,
        "classical pipeline": described[:, functionals.SPEEDS.index(1.0)],
        **dict.fromkeys(BUILDS, spectrograms),
        "ours": described,
    }


def spoken(sound: np.ndarray, seconds: float = 2.5, decibels: float = 30) -> np.ndarray:
    """Cut 2.5 s from the start of the speech; shorter recordings are padded with zeros."""
    hundredths = np.add.reduceat(sound**2, np.arange(0, len(sound), 160))
    first = 160 * np.flatnonzero(hundredths >= hundredths.max() * 10 ** (-decibels / 10))[0]
    cut = sound[first : first + round(seconds * SPEECH_SR)]
    return np.pad(cut, (0, round(seconds * SPEECH_SR) - len(cut)))


def _answers(name, X, emotions, train, test):
    """Train a model on recordings `train`, and predict the emotions of recordings `test`."""
    if name in BUILDS:
        return _trained(name, X, emotions, train, test)[0]
    if name == "ours":
        voice = voices.fit(X[train], emotions[train])
        return np.array(ravdess.EMOTIONS)[[voices.probabilities(voice, one).argmax() for one in X[test]]]
    return clone(CLASSICAL[name][1]).fit(X[train], emotions[train]).predict(X[test])


def _trained(name, X, emotions, train, test):
    """The predictions of a trained network and its loss on the test set after each epoch."""
    cached = Memory(home() / "measured", verbose=0).cache(_train_network)
    return cached(name, X[train], emotions[train], X[test], emotions[test], EPOCHS[name])


def _train_network(name, X, emotions, X_test, emotions_test, epochs):
    network = built(name, X.shape[1:])
    y, y_test = (one_hot(one) for one in (emotions, emotions_test))
    curves = training.fit(network, X, y, 32, epochs, validation=(X_test, y_test))
    found = training.predict(network, X_test).argmax(axis=1)
    return np.array(ravdess.EMOTIONS)[found], curves["val_loss"]


def built(name: str, shape: tuple[int, ...]) -> keras.Model:
    """Build a network of `BUILDS` for spectrograms of this shape, with the first weights of seed 0."""
    keras.utils.set_random_seed(0)
    network = BUILDS[name](len(ravdess.EMOTIONS), shape)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9  # a few hundred steps are too few for Keras's 0.99
    return network


def one_hot(emotions: Sequence[str]) -> np.ndarray:
    """Return the labels of recordings as rows of zeros and a one, (n, 8)."""
    places = [ravdess.EMOTIONS.index(emotion) for emotion in emotions]
    return keras.utils.to_categorical(places, len(ravdess.EMOTIONS))


def _validation_loss(name, X, emotions, folds):
    """The mean over the folds of the loss on the held-out actors after each epoch. It chooses nothing."""
    return np.mean([_trained(name, X, emotions, train, test)[1] for train, test in folds], axis=0).tolist()


def _gathered(name, X, emotions, folds):
    y_pred = np.empty(len(emotions), object)
    for train, test in progress(folds, desc=name, leave=False):
        y_pred[test] = _answers(name, X[name], emotions, train, test)
    return y_pred


def _chosen(X, emotions, folds, number):
    """Return the model that is best on the next fold when trained on neither; the first of equals."""
    tested, held_out = folds[number][1], folds[(number + 1) % len(folds)][1]
    train = np.setdiff1d(np.arange(len(emotions)), np.r_[tested, held_out])
    right = {
        name: (_answers(name, X[name], emotions, train, held_out) == emotions[held_out]).sum() for name in X
    }
    return max(right, key=right.get)


def _other_sentence(name, X, table):
    """Train on each sentence, and test on the other."""
    emotions, spoken = table["emotion"].to_numpy(), table["statement"].to_numpy()
    y_pred = np.empty(len(table), object)
    for sentence in np.unique(spoken):
        train, test = np.flatnonzero(spoken != sentence), np.flatnonzero(spoken == sentence)
        y_pred[test] = _answers(name, X, emotions, train, test)
    return _plain(emotions, y_pred, "trained on one sentence, tested on the other")


def _plain(true, y_pred, protocol, learnt=None):
    return {
        **evaluation.Score.of(true, y_pred, protocol, learnt).to_dict(),
        "uar": evaluation.unweighted_average_recall(true, y_pred),
    }


def by_actor(table: pd.DataFrame, y_pred: np.ndarray) -> dict:
    """Score predictions for the recordings of `table`, with intervals over actors, by gender and by actor."""
    true, right = table["emotion"].to_numpy(), y_pred == table["emotion"].to_numpy()
    by = table.assign(right=right)
    return {
        **_plain(true, y_pred, voice_training.PROTOCOL),
        "uar_interval": evaluation.uar_interval(true, y_pred.astype(str), table["actor"]),
        "actor_interval": evaluation.cluster_bootstrap(right, table["actor"]),
        "by_gender": by.groupby("gender")["right"].mean().to_dict(),
        "by_actor": {str(actor): accuracy for actor, accuracy in by.groupby("actor")["right"].mean().items()},
        "labels": ravdess.EMOTIONS,
        "answers": list(y_pred),
        "confusion": evaluation.confusion(true, y_pred, ravdess.EMOTIONS).to_numpy().tolist(),
    }


def _pairs(emotions, y_pred):
    names, found = list(y_pred), {}
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            test = evaluation.mcnemar(emotions, y_pred[one].astype(str), y_pred[other].astype(str))
            found[f"{one} against {other}"] = {"p": test.p, "only_first": test.b, "only_second": test.c}
    return found


def _what(name):
    if name in BUILDS:
        return f"IIITA's network on {BANDS} x {FRAMES} log-mel pictures of 2.5 s, {EPOCHS[name]} epochs"
    return OURS if name == "ours" else CLASSICAL[name][0]


def _parameters(name):
    return BUILDS[name](len(ravdess.EMOTIONS), (BANDS, FRAMES, 1)).count_params() if name in BUILDS else None
