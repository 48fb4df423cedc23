"""Repeat lectures 14 and 27 on the real recordings: files, frames, and calm against angry by sound."""

import re
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from course_lib import evaluation, features
from course_lib.authoring.experiments.speech import mfcc_rows
from course_lib.datasets import ravdess
from course_lib.media import video
from course_lib.models import classical


def ravdess_speech_counts(data: Path) -> dict:
    """Count the real speech recordings of each emotion, and give the baseline of neutral against angry."""
    table = ravdess.table(data / "ravdess" / "speech_16k")
    counts = table["emotion"].value_counts(sort=False).to_dict()
    two = table[table["emotion"].isin(["neutral", "angry"])]
    return {
        "files": list(table["path"]),
        "n": len(table),
        "actors": int(table["actor"].nunique()),
        "counts": counts,
        "neutral_or_angry": len(two),
        "majority_baseline": evaluation.majority(two["emotion"]),
    }


def lecture14_real_frames(data: Path) -> dict:
    """Count the declared and the decoded frames of the original clips (lecture 14 at 02:12)."""
    table = ravdess.table(data / "ravdess" / "video" / "Actor_01")
    decoded = [sum(1 for _ in video.stream(path)) for path in table["path"]]
    declared = [video.declared_frames(path) for path in table["path"]]
    shape = " x ".join(map(str, next(video.stream(table["path"].iloc[0])).shape))
    return {
        "files": list(table["path"]),
        "n": len(table),
        "declared": sum(declared),
        "decoded": sum(decoded),
        "shape": shape,
        "declared_each": declared,
        "decoded_each": decoded,
    }


def lecture14_two_recordings(data: Path) -> dict:
    """Score the lecture's four classifiers on frames of one neutral and one surprised recording.

    Random split, five folds. This is deliberate data leakage: with one recording for each emotion, a
    classifier only learns which recording a frame comes from.
    """
    table = ravdess.table(data / "ravdess" / "video" / "Actor_01")
    two = table[
        table["recording"].isin(["01-01-01-01-01-01", "01-08-02-02-02-01"])
        & (table["modality"] == "audio-video")
    ]
    images, frames = video.read_frames(two, (224, 224))
    result = evaluation.compare(features.hog(images), frames, "random split", classical.panel()).table
    scores = {row.classifier: row.score.to_dict() for row in result.itertuples()}
    return {"files": list(two["path"]), "n": len(frames), "recordings": len(two), "scores": scores}


def ravdess_audit(data: Path) -> dict:
    """Find duplicates in the whole folder: 16 kHz speech, original wavs and videos of the same recordings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # re-encoded clips have no RAVDESS name
        table = ravdess.table(data / "ravdess")
    found = evaluation.audit(table).table
    same = found[found["leak"] == "same file content"]["detail"]
    return {
        "files": list(table["path"]),
        "n": len(table),
        "leaks": found["leak"].value_counts().to_dict(),
        "same_content": [sorted(re.findall(r"\d\d(?:-\d\d){6}", detail)) for detail in same],
    }


# --- lecture 27: calm against angry, by sound ---


def lecture27_two_readings(data: Path) -> dict:
    """Score lecture 27's classifiers (25:17) on three possible readings of its 32 files, calm against angry.

    Mean, lowest and highest training and test accuracy of 30 random splits with 20 % test items. The baseline
    always predicts the majority class of the training set. MFCC as in the lecture, not standardised.
    """
    table = _calm_and_angry(data)
    one, two = table[table["actor"] == 1], table[table["actor"] <= 2]
    X, silence = mfcc_rows(one["path"]), features.mfcc(np.zeros((1, 32000))).reshape(1, -1)
    twice = pd.concat([one, one], ignore_index=True)
    readings = {
        "16 recordings twice, the second time silent": (
            np.concatenate([X, silence.repeat(16, axis=0)]),
            twice,
        ),
        "16 recordings twice, both times with their sound": (np.concatenate([X, X]), twice),
        "32 recordings of two actors": (mfcc_rows(two["path"]), two),
    }
    return {
        "files": list(two["path"]),
        "n": 32,
        "protocol": "random split, 30 splits of 20 %",
        "readings": {name: _random_splits(*reading) for name, reading in readings.items()},
    }


def lecture27_calm_angry(data: Path) -> dict:
    """Score calm against angry (24 actors) with lecture 27's MFCC, classifiers and 1D-CNN, three protocols.

    As in the lecture, features are not standardised. The other classifiers are also scored with standardised
    features; for GaussianNB and LDA that makes no difference.
    """
    table = _calm_and_angry(data)
    X, four, scaled = mfcc_rows(table["path"]), classical.panel(), classical.panel(scale=True)
    four |= {f"{name}, standardised": scaled[name] for name in ("linear SVC", "SVC rbf")}
    four |= {
        "1D-CNN": _cnn(X.shape[1]),
        "1D-CNN, standardised": make_pipeline(StandardScaler(), _cnn(X.shape[1])),
    }
    return {
        "files": list(table["path"]),
        "n": len(table),
        "actors": int(table["actor"].nunique()),
        "features": "MFCC 40 x 63, first 4 s at 8 kHz",
        "scores": {
            protocol: calm_angry_scores(X, table, protocol, four)
            for protocol in ("random split", "speaker-independent", "grouped by statement")
        },
    }


def calm_angry_scores(
    X: np.ndarray, table: pd.DataFrame, protocol: str, several: dict[str, BaseEstimator]
) -> dict:
    """Score `several` estimators on features (n, d) with `evaluation.compare`, as plain values by name.

    Five folds. "grouped by statement" trains on one sentence and tests on the other; the actors are the same.
    """
    cv = "leave-one-out" if protocol == "grouped by statement" else 5
    result = evaluation.compare(X, table, protocol, several, cv=cv).table
    return {
        row.classifier: {
            "train": row.train,
            **row.score.to_dict(),
            "uar": row.uar,
            "actor_interval": row.actor_interval,
        }
        for row in result.itertuples()
    }


def _calm_and_angry(data):
    table = ravdess.table(data / "ravdess" / "speech_16k")
    return table[table["emotion"].isin(["calm", "angry"])].reset_index(drop=True)


def _random_splits(X, table, splits=30):
    y, found = table["emotion"].to_numpy(), {name: [] for name in ("baseline", *classical.panel())}
    for seed in range(splits):
        train, test = evaluation.split(table, "random split", test_size=0.2, seed=seed)
        found["baseline"].append([evaluation.majority(y[rows], y[train]) for rows in (train, test)])
        with threadpool_limits(1):  # the fits are small: threads would wait for each other
            for name, classifier in classical.panel().items():
                classifier.fit(X[train], y[train])
                found[name].append([classifier.score(X[rows], y[rows]) for rows in (train, test)])
    return {
        "trained_on": len(train),
        "tested_on": len(test),
        **{name: _spread(pairs) for name, pairs in found.items()},
    }


def _spread(pairs):
    of = {"mean": np.mean, "lowest": np.min, "highest": np.max}
    return {
        split: {name: function(values).round(6) for name, function in of.items()}
        for split, values in zip(("train", "test"), np.transpose(pairs), strict=True)
    }


def _cnn(length):
    from course_lib.models import networks  # not at the top: a lesson that reads results needs no Keras
    from course_lib.models.network_classifier import NetworkClassifier

    recipe = networks.RECIPES["cnn_1d"]
    return NetworkClassifier(
        partial(networks.cnn_1d, length), recipe.batch_size, recipe.epochs, shape=(length, 1)
    )
