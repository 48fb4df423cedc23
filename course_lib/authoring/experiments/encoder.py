"""Recognise emotions by sound with a frozen speech encoder: a linear probe on Whisper-base's embeddings.

The probe is the same everywhere: features standardised on the training set, then a linear discriminant
analysis with shrinkage (`speech.CLASSIFIERS`). Nothing is normalised by speaker. The encoder's layer is the
last one, or chosen within each training set by cross-validation over its actors. Handcrafted features and
the encoder at the chosen layer are fused in two ways: the mean of both probes' probabilities ("late fusion"),
and one probe on both sets of features side by side ("early fusion").

DIR also holds `whisper/` (see `embedding.speech_embeddings`); the layers are computed once a machine."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from course_lib import evaluation
from course_lib.authoring.embedding import speech_embeddings
from course_lib.authoring.experiments.speech import CLASSIFIERS
from course_lib.core.audio import SPEECH_SR
from course_lib.core.progress import progress
from course_lib.datasets import embeddings, ravdess
from course_lib.features.functionals import SPEEDS
from course_lib.media import audio
from course_lib.models import voices

PROBE = make_pipeline(StandardScaler(), CLASSIFIERS["LDA, shrinkage"])
SHARED = ("angry", "happy", "sad", "neutral")
GENDERS = ("female", "male")
HANDCRAFTED, LAST, CHOSEN = "handcrafted", "encoder, last layer", "encoder, layer chosen"
LATE, EARLY = "both, late fusion", "both, early fusion"
FOLDS = "speaker-independent, five published folds"
ONE_OUT = "speaker-independent, leave-one-speaker-out"
INNER = 4  # folds of actors within a training set


def ravdess_speech_encoder(data: Path) -> dict:
    """Score eight emotions by sound on RAVDESS's 1,440 recordings: the encoder, handcrafted features, both.

    Two protocols: the five published folds of actors, and leave-one-speaker-out (24 actors).
    """
    table, last, layers, described, files = _corpus("ravdess", data)
    splits = {
        FOLDS: ravdess.actor_folds(table),
        ONE_OUT: evaluation.folds(table, "speaker-independent", "leave-one-out"),
    }
    return {
        "files": files,
        "n": len(table),
        "actors": int(table["actor"].nunique()),
        "labels": list(ravdess.EMOTIONS),
        "weights": embeddings.read("ravdess").about["weights"],
        "protocols": {
            protocol: crossvalidated(table, last, layers, described, folds, protocol)
            for protocol, folds in splits.items()
        },
    }


def emodb_speech_encoder(data: Path) -> dict:
    """Score four emotions by sound on EmoDB's 339 utterances, leave-one-speaker-out (10 speakers)."""
    table, last, layers, described, files = _corpus("emodb", data)
    folds = evaluation.folds(table, "speaker-independent", "leave-one-out")
    return {
        "files": files,
        "n": len(table),
        "actors": int(table["actor"].nunique()),
        "labels": sorted(table["emotion"].unique()),
        "weights": embeddings.read("emodb").about["weights"],
        "protocols": {ONE_OUT: crossvalidated(table, last, layers, described, folds, ONE_OUT)},
    }


def cross_corpus_speech(data: Path) -> dict:
    """Train on RAVDESS and test on EmoDB, and the other way round: angry, happy, sad and neutral.

    RAVDESS's calm recordings are left out. "standardised on the training corpus" is the fair score: the test
    corpus is not looked at. "each corpus standardised by itself" needs many recordings of the new corpus, of
    all emotions, before the first prediction; it shows how much of the loss is a shift of the features. In
    either direction, the layer is chosen in the training corpus, by cross-validation over its actors.
    """
    corpora, files = {}, []
    for name in ("ravdess", "emodb"):
        table, *features, paths = _corpus(name, data)
        rows = np.flatnonzero(table["emotion"].isin(SHARED))
        corpora[name] = (table.iloc[rows].reset_index(drop=True), *(part[rows] for part in features))
        files += paths
    return {
        "files": files,
        "n": {name: len(corpus[0]) for name, corpus in corpora.items()},
        "actors": {name: int(corpus[0]["actor"].nunique()) for name, corpus in corpora.items()},
        "labels": sorted(SHARED),
        "weights": embeddings.read("ravdess").about["weights"],
        "directions": {
            f"{one} to {other}": _across(corpora[one], corpora[other], f"trained on {one}, tested on {other}")
            for one, other in (("ravdess", "emodb"), ("emodb", "ravdess"))
        },
    }


def crossvalidated(
    table: pd.DataFrame,
    last: np.ndarray,
    layers: np.ndarray,
    described: np.ndarray,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    protocol: str,
) -> dict:
    """Score all systems on the same folds: probabilities of each fold's test set, then scores over all rows.

    `last` is (n, 512) as it comes with the course, `layers` (n, 7, 512), and `described` (n, d) are the
    handcrafted features.
    """
    y, actors = table["emotion"].to_numpy(), table["actor"].to_numpy()
    labels = np.unique(y)
    probabilities = {name: np.empty((len(y), len(labels))) for name in (HANDCRAFTED, LAST, CHOSEN, EARLY)}
    chosen, inner = [], []
    with threadpool_limits(1):
        for train, test in progress(folds, desc=protocol, unit="fold", delay=1, leave=False):
            scores = inner_uar(layers[train], y[train], actors[train])
            chosen.append(int(np.argmax(scores)))
            inner.append(scores)
            for name, X in _inputs(last, layers[:, chosen[-1]], described).items():
                probabilities[name][test] = probe(X[train], y[train], X[test])
    return {
        "chosen_layers": chosen,
        "inner_uar": np.mean(inner, axis=0).tolist(),
        **_systems(probabilities, table, labels, protocol, np.concatenate([y[train] for train, _ in folds])),
    }


def probe(X_train: np.ndarray, y_train: np.ndarray, X_test: np.ndarray) -> np.ndarray:
    """Train the probe and return its probabilities, (n, classes), in the sorted order of the labels."""
    fitted = clone(PROBE).fit(X_train.astype(np.float64), y_train)
    return fitted.predict_proba(X_test.astype(np.float64))


def inner_uar(layers: np.ndarray, y: np.ndarray, actors: np.ndarray) -> list[float]:
    """Compute the UAR of each layer in `INNER` folds of actors: `layers` is (n, 7, 512)."""
    scores, labels = [], np.unique(y)
    for layer in range(layers.shape[1]):
        X, predicted = layers[:, layer], np.empty(len(y), object)
        for train, test in GroupKFold(INNER).split(X, groups=actors):
            predicted[test] = labels[probe(X[train], y[train], X[test]).argmax(axis=1)]
        scores.append(evaluation.unweighted_average_recall(y, predicted))
    return scores


def _across(one, other, protocol):
    """Train on one corpus and test on the other, each (table, last layer, all layers, handcrafted)."""
    (known, *train), (table, *test) = one, other
    y = known["emotion"].to_numpy()
    with threadpool_limits(1):
        scores = inner_uar(train[1], y, known["actor"].to_numpy())
        layer = int(np.argmax(scores))
        X, X_test = (_inputs(part[0], part[1][:, layer], part[2]) for part in (train, test))
        plain = {name: probe(X[name], y, X_test[name]) for name in X}
        by_itself = {name: probe(_standardised(X[name]), y, _standardised(X_test[name])) for name in X}
    ways = {
        "standardised on the training corpus": (plain, protocol),
        "each corpus standardised by itself": (by_itself, f"{protocol}, each corpus standardised by itself"),
    }
    return {
        "chosen_layer": layer,
        "inner_uar": scores,
        **{way: _systems(found, table, np.unique(y), words, y) for way, (found, words) in ways.items()},
    }


def _inputs(last, chosen, described):
    """The input of each probe, (n, d)."""
    both = np.concatenate([described, chosen], axis=1)
    return {HANDCRAFTED: described, LAST: last, CHOSEN: chosen, EARLY: both}


def _standardised(X):
    return StandardScaler().fit_transform(X.astype(np.float64))


# --- features and scores ---


def _corpus(name, data):
    """Table, last layer, all layers, handcrafted features and files of a corpus, in one order."""
    table, last, _ = embeddings.read(name)
    names, layers, _ = speech_embeddings.layers_of(name, data)
    paths = speech_embeddings.recordings(name, data)
    if names.tolist() != table["name"].tolist():
        raise ValueError(f"the embeddings of {name} are not in the order of its files")
    described = np.stack(
        [
            voices.describe(audio.read_audio(path, SPEECH_SR, seconds=None))[SPEEDS.index(1)]
            for path in progress(paths, desc=name, leave=False)
        ]
    )
    return table, last, layers, described, [*map(str, paths)]


def _systems(probabilities, table, labels, protocol, y_train):
    """The scores of all systems, and exact McNemar tests against the handcrafted features."""
    probabilities = probabilities | {LATE: (probabilities[HANDCRAFTED] + probabilities[CHOSEN]) / 2}
    y_true = table["emotion"].to_numpy()
    y_pred = {name: labels[found.argmax(axis=1)] for name, found in probabilities.items()}
    return {
        "systems": {
            name: {
                **scored(y_true, found, table, protocol, y_train),
                "by_gender": {
                    gender: scored(y_true[of], found[of], table[of], f"{protocol}, {gender}", y_train)
                    for gender in GENDERS
                    for of in [(table["gender"] == gender).to_numpy()]
                },
                "confusion": evaluation.confusion(y_true, found, labels).to_numpy().tolist(),
            }
            for name, found in y_pred.items()
        },
        "mcnemar": {
            f"{HANDCRAFTED} and {name}": evaluation.mcnemar(
                y_true, y_pred[HANDCRAFTED], y_pred[name]
            )._asdict()
            for name in (LAST, CHOSEN, LATE, EARLY)
        }
        | {
            f"{CHOSEN} and {name}": evaluation.mcnemar(y_true, y_pred[CHOSEN], y_pred[name])._asdict()
            for name in (LATE, EARLY)
        },
    }


def scored(
    y_true: np.ndarray, y_pred: np.ndarray, table: pd.DataFrame, protocol: str, y_train: np.ndarray
) -> dict:
    """Score predictions: accuracy and UAR, each with its interval over actors."""
    actors = table["actor"]
    return {
        **evaluation.Score.of(y_true, y_pred, protocol, y_train).to_dict(),
        "actor_interval": evaluation.cluster_bootstrap(y_true == y_pred, actors),
        "uar": evaluation.unweighted_average_recall(y_true, y_pred),
        "uar_interval": evaluation.uar_interval(y_true, y_pred, actors),
    }
