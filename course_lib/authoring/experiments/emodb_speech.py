"""Recognise four emotions in EmoDB, speaker-independent, and measure what the Opus encoding changes."""

from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_lib import evaluation, features
from course_lib.authoring.experiments.speech import CLASSIFIERS
from course_lib.core.audio import LECTURE_SR, SPEECH_SR
from course_lib.core.progress import progress
from course_lib.datasets import embedded, emodb
from course_lib.features import functionals
from course_lib.media import audio

LINEAR = ("logistic regression", "linear SVC", "LDA, shrinkage")  # their parameters were set on RAVDESS
PROTOCOL = "speaker-independent"
GENDERS = ("female", "male")
# Settings of `features.mfcc`: the lecture's (8 kHz, frames of 2048 samples) and the voice classifier's.
MFCC = {"lecture 27, 8 kHz": {"sr": LECTURE_SR}, "voice classifier, 16 kHz": functionals.MFCC}


def emodb_four_classes(data: Path) -> dict:
    """Score four emotions by sound on 339 utterances: each speaker is the test set once.

    The features are statistics of MFCC and F0 (`functionals.describe`). The same is
    computed from the lossless originals (FLAC) and from the Opus files that come with the course. Nothing is
    selected on EmoDB: the classifiers' parameters are those of `ravdess_eight_classes`.
    """
    tables = {
        "flac": emodb.table(data / "emodb" / "wav16k_flac"),
        "opus": emodb.table(embedded.folder("emodb")),
    }
    table = tables["opus"]
    sounds = {kind: _sounds(one) for kind, one in tables.items()}
    X = {kind: np.stack([functionals.describe(one) for one in sounds[kind]]) for kind in tables}
    found = {kind: _compare(X[kind], table) for kind in tables}
    return {
        "files": [path for one in tables.values() for path in one["path"]],
        "n": len(table),
        "actors": int(table["actor"].nunique()),
        "labels": sorted(table["emotion"].unique()),
        "recognised_by_listeners": float(table["recognised"].mean()),
        "mfcc": {name: mfcc_difference(sounds["flac"], sounds["opus"], **MFCC[name]) for name in MFCC},
        "features": features_difference(X["flac"], X["opus"]),
        "scores": {
            name: {kind: _scored(found[kind], name, table) for kind in found}
            | {"both": _both(found["flac"], found["opus"], name)}
            for name in LINEAR
        },
    }


def mfcc_difference(
    originals: list[np.ndarray], copies: list[np.ndarray], sr: int, **settings: int
) -> dict[str, float]:
    """Compare the MFCC of originals with those of their copies, frame by frame.

    Parameters
    ----------
    originals, copies : list of np.ndarray
        Sounds at `SPEECH_SR`, of equal lengths.
    sr : int
        The sampling rate of the MFCC in Hz.
    **settings : int
        Of `features.mfcc`.

    Returns
    -------
    dict
        `frames`; `rms`, the root mean square of all differences; `rms_relative`, the same in standard
        deviations of each coefficient over the originals' frames; `largest_relative`, of the coefficient
        where this is largest; `correlation` of all standardised values.
    """
    one, other = (_mfcc(sounds, sr, settings) for sounds in (originals, copies))
    mean, deviation = one.mean(axis=1, keepdims=True), one.std(axis=1, keepdims=True)
    relative = np.sqrt(np.mean(((one - other) / deviation) ** 2, axis=1))
    return {
        "frames": one.shape[1],
        "rms": float(np.sqrt(np.mean((one - other) ** 2))),
        "rms_relative": float(np.sqrt(np.mean(relative**2))),
        "largest_relative": float(relative.max()),
        "correlation": float(
            np.corrcoef(((one - mean) / deviation).ravel(), ((other - mean) / deviation).ravel())[0, 1]
        ),
    }


def _mfcc(sounds, sr, settings):
    """The MFCC of all sounds, one after the other: (coefficients, frames)."""
    import soxr

    return np.concatenate(
        [
            features.mfcc(soxr.resample(sound, SPEECH_SR, sr)[np.newaxis], sr=sr, **settings)[0]
            for sound in sounds
        ],
        axis=1,
    )


def features_difference(originals: np.ndarray, copies: np.ndarray) -> dict[str, float]:
    """Compare features (n, d): each difference in standard deviations of its feature over the originals."""
    deviation = originals.std(axis=0)
    differences = np.abs(originals - copies)[:, deviation > 0] / deviation[deviation > 0]
    return {"mean": float(differences.mean()), "quantile_95": float(np.percentile(differences, 95))}


def _sounds(table):
    return [audio.read_audio(path, SPEECH_SR, seconds=None) for path in progress(table["path"], leave=False)]


def _compare(X, table):
    classifiers = {name: make_pipeline(StandardScaler(), CLASSIFIERS[name]) for name in LINEAR}
    return evaluation.compare(X, table, PROTOCOL, classifiers, cv=table["actor"].nunique())


def _scored(found, name, table):
    """A classifier's score, its UAR, both with intervals over speakers, and the same for each gender."""
    row = found.table.set_index("classifier").loc[name]
    y_true, y_pred = found.y_true, found.predictions[name]
    return {
        **row["score"].to_dict(),
        "actor_interval": row["actor_interval"],
        **_uar(y_true, y_pred, table["actor"]),
        "by_gender": {gender: _of_gender(y_true, y_pred, table, gender) for gender in GENDERS},
        "confusion": evaluation.confusion(y_true, y_pred, sorted(set(y_true))).to_numpy().tolist(),
    }


def _uar(y_true, y_pred, actors):
    return {
        "uar": evaluation.unweighted_average_recall(y_true, y_pred),
        "uar_interval": evaluation.uar_interval(y_true, y_pred, actors),
    }


def _of_gender(y_true, y_pred, table, gender):
    of = (table["gender"] == gender).to_numpy()
    score = evaluation.Score.of(y_true[of], y_pred[of], PROTOCOL)
    return {**score.to_dict(), **_uar(y_true[of], y_pred[of], table["actor"][of])}


def _both(flac, opus, name):
    one, other = flac.predictions[name], opus.predictions[name]
    return {
        "same_prediction": float((one == other).mean()),
        "mcnemar": evaluation.mcnemar(flac.y_true, one, other)._asdict(),
    }
