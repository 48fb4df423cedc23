"""Recognise eight emotions by sound, speaker-independent: features, classifiers and the published folds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from course_lib import evaluation, features
from course_lib.core.audio import LECTURE_SR, SPEECH_SR
from course_lib.core.progress import progress
from course_lib.datasets import ravdess
from course_lib.features import functionals
from course_lib.media import audio
from course_lib.models import classical

# A candidate is a set of features, standardised on the training set, and a classifier. The values were set by
# hand, after trials on twelve of the actors (left out by pairs). Each training set selects its own candidate.
CLASSIFIERS = {
    "linear SVC": SVC(kernel=classical.linear_kernel, C=0.003),
    "SVC rbf": SVC(kernel=classical.rbf_kernel, C=10),
    "LDA, shrinkage": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "logistic regression": LogisticRegression(C=0.003, max_iter=500),
}
FEATURES = (
    "statistics, 8 kHz",
    "statistics and course, 8 kHz",
    "statistics, 16 kHz",
    "statistics and course, 16 kHz",
)
CANDIDATES = [
    ("MFCC as in lecture 27", "linear SVC"),
    ("MFCC as in lecture 27", "SVC rbf"),
    *((name, classifier) for name in FEATURES for classifier in CLASSIFIERS),
]


def ravdess_eight_classes(data: Path) -> dict:
    """Score eight emotions by sound on 1,440 recordings, speaker-independent (`ravdess.ACTOR_FOLDS`).

    Features and classifier are selected within each training set, by cross-validation over its actors
    (nested cross-validation). The candidate that is best on average over those selections is scored in three
    ways; only their differences count. These are: on the same folds; on a random split, where the actors are
    known, which is data leakage; and on the same folds with features standardised within each speaker, which
    needs many recordings of a new speaker, of all emotions.
    """
    table = ravdess.table(data / "ravdess" / "speech_16k")
    X, folds = eight_class_features(table["path"]), ravdess.actor_folds(table)
    inner = [inner_scores(X, table, train) for train, _ in folds]
    chosen = [max(scores, key=scores.get) for scores in inner]
    predicted = np.empty(len(table), object)
    for (train, test), candidate in zip(folds, chosen, strict=True):
        predicted[test] = predict(X, table, candidate, train, test)
    usual = max(CANDIDATES, key=lambda candidate: sum(scores[candidate] for scores in inner))
    return {
        "files": list(table["path"]),
        "n": len(table),
        "actors": int(table["actor"].nunique()),
        "folds": ravdess.ACTOR_FOLDS,
        "chosen": [", ".join(candidate) for candidate in chosen],
        "inner": [{", ".join(candidate): score for candidate, score in scores.items()} for scores in inner],
        **_eight_class_result(table, predicted),
        "usual": ", ".join(usual),
        **_usual_pipeline(X, table, usual, folds),
    }


def eight_class_features(paths: Sequence[str | Path]) -> dict[str, np.ndarray]:
    """Compute the candidate features of sound files, by name: each (n, d)."""
    found = {"MFCC as in lecture 27": mfcc_rows(paths)}
    for sr in (LECTURE_SR, SPEECH_SR):  # the longest recording lasts 5.27 s; windows of 64 ms, hop of 10 ms
        sounds = np.stack([audio.read_audio(path, sr=sr, seconds=5.3) for path in paths])
        coefficients = features.mfcc(sounds, sr=sr, n_fft=64 * sr // 1000, hop_length=sr // 100)
        statistics = np.stack([functionals.mfcc_statistics(one) for one in coefficients])
        found[f"statistics, {sr // 1000} kHz"] = statistics
        found[f"statistics and course, {sr // 1000} kHz"] = np.concatenate(
            [statistics, np.stack([functionals.mfcc_course(one) for one in coefficients])], axis=1
        )
    return found


def mfcc_rows(paths: Sequence[str | Path]) -> np.ndarray:
    """Compute lecture 27's audio features (09:15 to 25:17): float32 (n, 2520), 40 MFCC x 63 frames."""
    return features.mfcc(np.stack([audio.read_audio(path) for path in paths])).reshape(len(paths), -1)


def inner_scores(
    X: dict[str, np.ndarray], table: pd.DataFrame, train: np.ndarray
) -> dict[tuple[str, str], float]:
    """Compute the accuracy of each of `CANDIDATES` within the rows `train`, in four folds of actors."""
    folds = [
        (train[a], train[b]) for a, b in GroupKFold(4).split(train, groups=table["actor"].to_numpy()[train])
    ]
    emotions = table["emotion"].to_numpy()

    def right(candidate):
        return sum((predict(X, table, candidate, *fold) == emotions[fold[1]]).sum() for fold in folds)

    with threadpool_limits(1):  # one core for each candidate
        counts = Parallel(n_jobs=-1, prefer="threads", return_as="generator")(map(delayed(right), CANDIDATES))
        bar = progress(
            zip(CANDIDATES, counts, strict=True), total=len(CANDIDATES), desc="choose", leave=False
        )
        return {candidate: count / len(train) for candidate, count in bar}


def predict(
    X: dict[str, np.ndarray],
    table: pd.DataFrame,
    candidate: tuple[str, str],
    train: np.ndarray,
    test: np.ndarray,
) -> np.ndarray:
    """Train a candidate (features, classifier) on rows `train`, and predict the emotions of rows `test`."""
    rows, classifier = X[candidate[0]], make_pipeline(StandardScaler(), CLASSIFIERS[candidate[1]])
    return clone(classifier).fit(rows[train], table["emotion"].iloc[train]).predict(rows[test])


def _eight_class_result(table, predicted):
    true, right = table["emotion"].to_numpy(), predicted == table["emotion"].to_numpy()
    matrix = evaluation.confusion(true, predicted, ravdess.EMOTIONS)
    score = evaluation.Score.of(true, predicted, "speaker-independent, five published folds")
    return {
        **score.to_dict(),
        "uar": evaluation.unweighted_average_recall(true, predicted),
        "actor_interval": evaluation.cluster_bootstrap(right, table["actor"]),
        "by_actor": table.assign(right=right).groupby("actor")["right"].mean().to_dict(),
        "by_gender": table.assign(right=right).groupby("gender")["right"].mean().to_dict(),
        "labels": ravdess.EMOTIONS,
        "confusion": matrix.to_numpy().tolist(),
    }


def _usual_pipeline(X, table, usual, folds):
    """Score one pipeline speaker-independently, on a random split, and with each speaker standardised."""
    name, own = usual[0], table["actor"].to_numpy()
    by_speaker = np.empty_like(X[name])
    for actor in np.unique(own):
        by_speaker[own == actor] = StandardScaler().fit_transform(X[name][own == actor])
    classifier = {"usual": make_pipeline(StandardScaler(), CLASSIFIERS[usual[1]])}
    ways = {
        "usual_by_actor": (X[name], "speaker-independent, five published folds", folds),
        "usual_at_random": (X[name], "random split", 5),
        "usual_speaker_standardised": (by_speaker, "speaker-independent, five published folds", folds),
    }
    results = {
        way: evaluation.compare(rows, table, protocol, classifier, cv=cv).table.iloc[0]
        for way, (rows, protocol, cv) in ways.items()
    }
    return {
        way: {**row.score.to_dict(), "uar": row.uar, "actor_interval": row.actor_interval}
        for way, row in results.items()
    }
