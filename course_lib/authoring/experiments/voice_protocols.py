"""What the preset `voice` scores under other protocols: fair ones, and those that make a score too high.

The features and the classifier are those of the preset (`voices.describe`, `voices.fit`); only the split, or
one step before it, changes. Frozen encoder: `encoder`.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from course_lib import evaluation
from course_lib.authoring.embedding import speech_embeddings
from course_lib.authoring.experiments import encoder
from course_lib.core.progress import progress
from course_lib.datasets import embeddings, ravdess
from course_lib.models import voice_training
from course_lib.models.voice_training import AT_RANDOM, PROTOCOL

ONE_OUT = "speaker-independent, leave-one-speaker-out"
OWN_SPEAKER = f"{PROTOCOL}; features standardised for each speaker, tested speakers included"
BEST_LAYER = f"{PROTOCOL}; the encoder's layer chosen on the test sets"
SHUFFLED = 20  # how often the labels are shuffled


def ravdess_voice_protocols(data: Path) -> dict:
    """Score eight emotions by sound on RAVDESS's 1,440 recordings under five protocols, and shuffled labels.

    Two protocols are fair: the published folds of actors, and leave-one-speaker-out. Three are not: a random
    split has other recordings of each tested actor in the training set; standardising the features for each
    speaker needs many recordings of a new speaker before the first prediction; and the best of the encoder's
    layers on the test sets was chosen on what is scored. "shuffled": `permutation_test` of the whole
    classifier on the published folds, with the labels shuffled within each speaker.
    """
    table, X = voice_training.recordings(data / "ravdess" / "speech_16k")
    fair = ravdess.actor_folds(table)
    splits = {
        PROTOCOL: (X, fair),
        ONE_OUT: (X, evaluation.folds(table, "speaker-independent", "leave-one-out")),
        AT_RANDOM: (X, voice_training.random_folds(X)),
        OWN_SPEAKER: (_standardised(X, table["actor"].to_numpy()), fair),
    }
    with threadpool_limits(1):
        found = {
            protocol: _scored(table, X_used, table["emotion"], folds, protocol)
            for protocol, (X_used, folds) in progress(splits.items(), desc="protocols", leave=False)
        }
        layer, found[BEST_LAYER] = _best_layer(data)
        shuffled = evaluation.permutation_test(
            lambda y: _uar(table, X, y, fair), table["emotion"], table["actor"], SHUFFLED
        )
    return {
        "files": [str(path) for path in table["path"]],
        "n": len(table),
        "actors": int(table["actor"].nunique()),
        "labels": ravdess.EMOTIONS,
        "fair": [PROTOCOL, ONE_OUT],
        "protocols": found,
        "best_layer": layer,
        "shuffled": {"draws": SHUFFLED, "uar": shuffled.shuffled.tolist(), "p": shuffled.p},
    }


def _scored(table, X, emotions, folds, protocol):
    return _flat(voice_training.scores(table, voice_training.out_of_fold(X, emotions, folds), protocol))


def _flat(scores):
    kept = {key: scores[key] for key in ("actor_interval", "uar", "uar_interval", "by_gender")}
    return {**scores["top_1"], **kept}


def _uar(table, X, y, folds):
    places = voice_training.out_of_fold(X, pd.Series(y, table.index), folds).argmax(axis=1)
    return evaluation.unweighted_average_recall(y, np.array(ravdess.EMOTIONS)[places])


def _standardised(X, speakers):
    """The features with mean 0 and standard deviation 1 for each speaker, over all speeds."""
    found = np.empty_like(X)
    for speaker in np.unique(speakers):
        own = X[speakers == speaker]
        spread = own.std(axis=(0, 1))
        found[speakers == speaker] = (own - own.mean(axis=(0, 1))) / np.where(spread > 0, spread, 1)
    return found


def _best_layer(data):
    """The layer that is best on the test sets of the published folds, and its scores."""
    table = embeddings.read("ravdess").table
    _, layers, _ = speech_embeddings.layers_of("ravdess", data)
    y, folds = table["emotion"].to_numpy(), ravdess.actor_folds(table)
    labels = np.unique(y)
    places = [labels.tolist().index(name) for name in ravdess.EMOTIONS]
    all_probabilities = [_probed(layers[:, layer], y, folds)[:, places] for layer in range(layers.shape[1])]
    names = np.array(ravdess.EMOTIONS)
    uar = [evaluation.unweighted_average_recall(y, names[one.argmax(axis=1)]) for one in all_probabilities]
    best = int(np.argmax(uar))
    return best, _flat(voice_training.scores(table, all_probabilities[best], BEST_LAYER))


def _probed(X, y, folds):
    found = np.empty((len(y), len(np.unique(y))))
    for train, test in folds:
        found[test] = encoder.probe(X[train], y[train], X[test])
    return found
