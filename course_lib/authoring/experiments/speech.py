"""Eight emotions of people never heard, by sound: features, classifiers and the published folds of actors."""

import numpy as np
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
from course_lib.core.progress import progress
from course_lib.datasets import ravdess
from course_lib.features import functionals
from course_lib.media import audio
from course_lib.models import classical

# What may be chosen, features and classifier; each with its features standardised on the training part. Set
# down by hand (after looking at twelve of the actors, left out by pairs); which one is used, each training
# part says itself.
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


def ravdess_eight_classes(data) -> dict:
    """All eight emotions of the 1,440 speech recordings by sound, on `ravdess.ACTOR_FOLDS`: nobody tested was
    heard before.

    Features and classifier are chosen in each training part by leaving out its own actors. Beside it one
    pipeline in three ways (the one that is best on average over those choices, so the differences count and
    not its own score): on the same folds; with a random split, where the actors are known, which is data
    leakage; and on the same folds with features standardised within each speaker, which needs many recordings
    of a new one, of all emotions."""
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


def eight_class_features(paths) -> dict[str, np.ndarray]:
    """What a classifier of all eight emotions may take, by name: each (n, d)."""
    found = {"MFCC as in lecture 27": mfcc_rows(paths)}
    for sr in (8000, 16000):  # the longest recording lasts 5.27 s; windows of 64 ms, a new one every 10 ms
        sounds = np.stack([audio.read_audio(path, sr=sr, seconds=5.3) for path in paths])
        coefficients = features.mfcc(sounds, sr=sr, n_fft=64 * sr // 1000, hop_length=sr // 100)
        statistics = np.stack([functionals.mfcc_statistics(one) for one in coefficients])
        found[f"statistics, {sr // 1000} kHz"] = statistics
        found[f"statistics and course, {sr // 1000} kHz"] = np.concatenate(
            [statistics, np.stack([functionals.mfcc_course(one) for one in coefficients])], axis=1
        )
    return found


def mfcc_rows(paths) -> np.ndarray:
    """Lecture 27's audio features (09:15 to 25:17) of sound files: float32 (n, 2520), 40 coefficients of 63
    frames.
    """
    return features.mfcc(np.stack([audio.read_audio(path) for path in paths])).reshape(len(paths), -1)


def inner_scores(X, table, train) -> dict:
    """The accuracy of each of `CANDIDATES` inside a training part, in four speaker-independent folds."""
    parts = [
        (train[a], train[b]) for a, b in GroupKFold(4).split(train, groups=table["actor"].to_numpy()[train])
    ]
    emotions = table["emotion"].to_numpy()

    def right(candidate):
        return sum((predict(X, table, candidate, *part) == emotions[part[1]]).sum() for part in parts)

    with threadpool_limits(1):  # a core a candidate
        counts = Parallel(n_jobs=-1, prefer="threads", return_as="generator")(map(delayed(right), CANDIDATES))
        bar = progress(
            zip(CANDIDATES, counts, strict=True), total=len(CANDIDATES), desc="choose", leave=False
        )
        return {candidate: count / len(train) for candidate, count in bar}


def predict(X, table, candidate, train, test) -> np.ndarray:
    """What a candidate (features, classifier), trained on rows `train`, says of rows `test`."""
    rows, classifier = X[candidate[0]], make_pipeline(StandardScaler(), CLASSIFIERS[candidate[1]])
    return clone(classifier).fit(rows[train], table["emotion"].iloc[train]).predict(rows[test])


def _eight_class_result(table, predicted):
    true, right = table["emotion"].to_numpy(), predicted == table["emotion"].to_numpy()
    matrix = evaluation.confusion(true, predicted, ravdess.EMOTIONS)
    score = evaluation.Score.of(true, predicted, "speaker-independent, five published folds")
    return {
        **score.plain(),
        "uar": evaluation.unweighted_average_recall(true, predicted),
        "actor_interval": evaluation.cluster_bootstrap(right, table["actor"]),
        "by_actor": table.assign(right=right).groupby("actor")["right"].mean().to_dict(),
        "by_gender": table.assign(right=right).groupby("gender")["right"].mean().to_dict(),
        "labels": ravdess.EMOTIONS,
        "confusion": matrix.to_numpy().tolist(),
    }


def _usual_pipeline(X, table, usual, folds):
    """One pipeline by actors, with a random split, and by actors with each speaker standardised."""
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
        way: {**row.score.plain(), "uar": row.uar, "actor_interval": row.actor_interval}
        for way, row in results.items()
    }
